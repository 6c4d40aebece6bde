"""A module from the JSON of `encoding`, which nobody may be trusted to have written: nothing is imported unasked."""

import importlib
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from unified import functional
from unified.core import layers as declared
from unified.core.errors import CheckpointError
from unified.core.layer import Spec
from unified.core.params import Params
from unified.core.protocol import Backend
from unified.trees.encoding import name_of
from unified.trees.layer import CLASSES, Layer
from unified.trees.module import BoundMethod, Module
from unified.trees.nodes import Static

__all__ = ["Decoder"]

MOST_LEVELS = 200
NARROWED = ([None], ["int64"], ["uint64"])
OWN = "unified.trees"


class Decoder:
    """What makes a module of a file: its variables, what the caller trusts, and which file it is.

    Attributes:
        count: the number of variables, of which each part of a layer that a number makes has one at least.
        used: the paths of the variables that have found their place.
    """

    def __init__(self, params: Params, backend: Backend, trust: Sequence[Any], where: str) -> None:
        self.params = params
        self.backend = backend
        self.packages = [name for name in trust if isinstance(name, str)]
        self.known = {name_of(value, "trust"): value for value in trust if not isinstance(value, str)}
        self.where = where
        self.count = len(params)
        self.used: set[str] = set()

    def error(self, path: str, text: str) -> CheckpointError:
        return CheckpointError(f"{self.where}: the field {path or 'of the root'!r}: {text}")

    def decode(self, value: Any, path: str = "", level: int = 0) -> Any:
        """Return the value that `encode` encoded; raise `CheckpointError`, which names the field, for anything else."""
        if value is None or type(value) in (bool, int, float, str):
            return value
        if level > MOST_LEVELS:
            raise self.error(path[:60], f"more than {MOST_LEVELS} levels")
        if type(value) is not dict:
            raise self.error(path, f"{value!r:.60} does not follow the format")
        for kind in ("array", "module", "layer", "method", "tuple", "list", "dict", "function", "dtype"):
            if kind in value:
                return getattr(self, f"_{kind}")(value, path, level + 1)
        raise self.error(path, f"an object with {', '.join(map(repr, list(value)[:5])) or 'nothing'} in it")

    def part(self, value: dict[str, Any], name: str, kind: type, path: str) -> Any:
        """Return an item of an object of the file, which is of that type."""
        item = value.get(name)
        if type(item) is not kind:
            raise self.error(path, f"{name!r} is {item!r:.60}, and no {kind.__name__}")
        return item

    def _array(self, value: dict[str, Any], path: str, level: int) -> Any:
        name = self.part(value, "array", str, path)
        if name != path:
            raise self.error(path, f"it is the variable {name!r:.60}, and a variable stands at its own path")
        if name not in self.params:
            raise self.error(path, "the file holds no such variable")
        self.used.add(name)
        return self.params[name]

    def _tuple(self, value: dict[str, Any], path: str, level: int) -> Any:
        return tuple(self._items(value, "tuple", path, level))

    def _list(self, value: dict[str, Any], path: str, level: int) -> Any:
        return self._items(value, "list", path, level)

    def _items(self, value: dict[str, Any], kind: str, path: str, level: int) -> list[Any]:
        items = self.part(value, kind, list, path)
        return [self.decode(item, _join(path, str(position)), level) for position, item in enumerate(items)]

    def _dict(self, value: dict[str, Any], path: str, level: int) -> Any:
        result: dict[Any, Any] = {}
        for pair in self.part(value, "dict", list, path):
            if type(pair) is not list or len(pair) != 2 or type(pair[0]) not in (str, int, bool) or pair[0] in result:
                raise self.error(path, f"{pair!r:.60} is no item of a dict, or is there twice")
            result[pair[0]] = self.decode(pair[1], _join(path, str(pair[0])), level)
        return result

    def _dtype(self, value: dict[str, Any], path: str, level: int) -> Any:
        name = self.part(value, "dtype", str, path)
        try:
            return self.backend.dtype(name)
        except Exception as error:
            raise self.error(path, f"there is no dtype {name!r:.60}") from error

    def _function(self, value: dict[str, Any], path: str, level: int) -> Any:
        name = self.part(value, "function", str, path)
        module, _, qualname = name.partition(":")
        if module == functional.__name__ and qualname in functional.__all__:
            return getattr(functional, qualname)
        return self.resolved(name, path, "the function")

    def _module(self, value: dict[str, Any], path: str, level: int) -> Any:
        cls = self.resolved(self.part(value, "module", str, path), path, "the class")
        if not isinstance(cls, type) or not issubclass(cls, Module) or issubclass(cls, (Layer, BoundMethod)):
            raise self.error(path, f"{cls!r:.60} is no class of unified.trees.Module")
        fields = self.part(value, "fields", dict, path)
        self._check_names(fields, cls._field_names, path, cls.__name__)
        values = {
            name: self.decode(fields[name], path if name == cls._inner else _join(path, name), level)
            for name in cls._field_names
        }
        return self._made(cls, Static(self._kinds(value, path)), values, path)

    def _kinds(self, value: dict[str, Any], path: str) -> tuple[Any, ...]:
        kinds = []
        for item in self.part(value, "kinds", list, path):
            if type(item) is not list or len(item) != 3 or type(item[0]) is not str:
                raise self.error(path, f"{item!r:.60} is no kind of a variable")
            kind, metadata = self.decode(item[1], path), self.decode(item[2], path)
            is_kind = type(kind) is list and [type(item) for item in kind[:2]] == [str, bool] and kind[2:] in NARROWED
            if not is_kind or type(metadata) is not dict:
                raise self.error(path, f"{item!r:.60} is no kind of a variable")
            kinds.append((item[0], (*kind[:2], metadata, kind[2])))
        return tuple(kinds)

    def _made(self, cls: type[Module], context: Static, values: dict[str, Any], path: str) -> Any:
        module = object.__new__(cls)
        module._restore(context, values)
        try:
            module._check()
        except Exception as error:  # of the class's own checks
            raise self.error(path, f"{cls.__name__} refuses it: {error}") from error
        return module

    def _check_names(self, names: Mapping[str, Any], expected: Sequence[str], path: str, what: str) -> None:
        missing, unknown = [n for n in expected if n not in names], [n for n in names if n not in expected]
        if missing or unknown:
            raise self.error(
                path,
                f"{what} has the fields {list(expected)}; in the file {missing} are missing, and {unknown} too many",
            )

    def _layer(self, value: dict[str, Any], path: str, level: int) -> Any:
        spec = self._spec(value, "layer", path, level)
        variables = self.part(value, "variables", dict, path)
        self._check_names(variables, [variable.name for variable in spec.variables], path, spec.declaration.__name__)
        metadata = self.decode(value.get("metadata"), path)
        if type(metadata) is not dict:
            raise self.error(path, f"'metadata' is {metadata!r:.60}, and no dict")
        values = {}
        for variable in spec.variables:
            below = _join(path, variable.name)
            array = values[variable.name] = self.decode(variables[variable.name], below, level)
            if not hasattr(array, "shape") or tuple(array.shape) != tuple(variable.shape):
                raise self.error(
                    below,
                    f"the layer has the shape {variable.shape} there, the file {getattr(array, 'shape', array)!r:.60}",
                )
        layer = object.__new__(CLASSES[spec.declaration])
        layer._become(spec, {"init_fn": None, "metadata": metadata}, values)
        return layer

    def _spec(self, value: dict[str, Any], kind: str, path: str, level: int) -> Spec:
        if level > MOST_LEVELS:
            raise self.error(path, f"more than {MOST_LEVELS} levels")
        name = self.part(value, kind, str, path)
        if name not in declared.__all__ or getattr(declared, name) not in CLASSES:
            raise self.error(path, f"there is no layer {name!r:.60}")
        arguments = {}
        for key, item in self.part(value, "arguments", dict, path).items():
            is_layer = type(item) is dict and "spec" in item
            arguments[key] = (
                self._spec(item, "spec", path, level + 1) if is_layer else self.decode(item, _join(path, key), level)
            )
            if key.endswith("layers") and type(item) is int and item > max(self.count, 1):
                raise self.error(path, f"{name} has {key}={item}, and the file only {self.count} variables")
        declaration = getattr(declared, name)
        try:
            spec = declaration.spec((), arguments)
        except (TypeError, ValueError, OverflowError, AttributeError) as error:
            raise self.error(path, f"{name} does not take these arguments: {error}") from error
        if spec.is_lazy:
            raise self.error(path, f"{name} lacks a size")
        return spec

    def _method(self, value: dict[str, Any], path: str, level: int) -> Any:
        name = self.part(value, "method", str, path)
        owner = self.decode(value.get("owner"), path, level)
        of = self.part(value, "of", str, path)
        for cls in type(owner).__mro__:
            function = getattr(cls.__dict__.get(name), "function", None)
            if isinstance(owner, Module) and function is not None and f"{cls.__module__}:{cls.__qualname__}" == of:
                return self._made(BoundMethod, Static(()), {"owner": owner, "function": function}, path)
        raise self.error(path, f"{type(owner).__name__} has no method {name!r:.60} of {of!r:.60}")

    def resolved(self, name: str, path: str, what: str) -> Any:
        """Return a class or a function by its import path, if the caller trusts its package."""
        module, _, qualname = name.partition(":")
        if name in self.known:
            return self.known[name]
        if module == OWN and qualname in OWN_NAMES:
            return getattr(sys.modules[OWN], qualname)
        if not any(module == package or module.startswith(f"{package}.") for package in self.packages):
            raise self.error(
                path,
                f"it needs {what} {name!r:.100}, and importing it runs code: pass "
                f"trust=[{module.partition('.')[0]!r:.60}] if you trust whoever wrote the file with that "
                "package, or the class or function itself",
            )
        try:
            value: Any = sys.modules.get(module) or importlib.import_module(module)
            for part in qualname.split("."):
                value = getattr(value, part)
        except (ImportError, AttributeError, ValueError) as error:
            raise self.error(path, f"{what} {name!r:.100} is not there: {error}") from error
        if not _is_named(value, name):
            raise self.error(path, f"{name!r:.100} is {value!r:.60}, which is defined elsewhere")
        return value


def _is_named(value: Any, name: str) -> bool:
    """Return whether a class or a function is saved by this name, and was not imported by the module from elsewhere."""
    try:
        return name_of(value, "") == name
    except TypeError:
        return False


OWN_NAMES = frozenset({"Sequential", "VMap", "Jit", "Checkpoint", "Grad", "ValueAndGrad"})


def _join(path: str, name: str) -> str:
    return f"{path}/{name}" if path else name
