"""What is static in a module as JSON, for programs that a framework writes and another process loads.

A program is compiled and needs no static value, but those of the modules that it returns, and those by which it knows
the modules that it takes. Functions and classes are therefore no more than names in it: none is imported or looked up.
"""

import json
from typing import Any, NoReturn

from unified import functional
from unified.core import backends
from unified.core.errors import CheckpointError
from unified.core.params import Params
from unified.core.protocol import Backend
from unified.trees.decoding import Decoder
from unified.trees.encoding import encode, encode_spec, name_of
from unified.trees.layer import Layer, SpecContext
from unified.trees.named import Named, ProgramStatic
from unified.trees.nodes import Items, Static

__all__ = ["of_json", "to_json"]

WHERE = "a program"
PLACE = "static"  # of a value whose field JAX does not tell


def to_json(cls: type, static: Static) -> Any:
    """Return the static half of a node as JSON; raise `TypeError` for what has no form there."""
    if cls is not Static:
        name_of(cls, "a class")
    value = static.value
    if isinstance(value, tuple) and value and isinstance(value[0], SpecContext):
        spec = _spec_to_json(value[0])
        return {"spec": spec, "metadata": encode(value[0].options["metadata"], PLACE), "names": list(value[1])}
    return {"value": encode(value, PLACE)}


def _spec_to_json(context: SpecContext) -> Any:
    """Return the spec of a layer as JSON; raise `TypeError` for a function that is none of `unified.functional`."""
    spec = encode_spec("spec", context.spec, PLACE)
    for name in _functions(spec):
        if not _is_functional(name):
            raise TypeError(
                f"{context.spec.declaration.__name__} has the argument {name!r}, a function that a program cannot "
                "hold: pass one of unified.functional, or its name, or export over unified.trees.params(module)"
            )
    return spec


def _functions(value: Any) -> list[str]:
    """Return the names of all functions in JSON."""
    if isinstance(value, dict):
        return [value["function"]] if "function" in value else [n for item in value.values() for n in _functions(item)]
    return [name for item in value for name in _functions(item)] if isinstance(value, list) else []


def _is_functional(name: str) -> bool:
    module, _, qualname = name.partition(":")
    return module == functional.__name__ and qualname in functional.__all__


class _Statics(Decoder):
    """The decoder of static values, among which are no arrays and no modules."""

    def __init__(self, backend: Backend, count: int) -> None:
        super().__init__(Params({}), backend, (), WHERE)
        self.count = count

    def _function(self, value: dict[str, Any], path: str, level: int) -> Any:
        name = self.part(value, "function", str, path)
        return super()._function(value, path, level) if _is_functional(name) else Named(name)

    def _refuse(self, value: dict[str, Any], path: str, level: int) -> NoReturn:
        raise self.error(path, f"{next(iter(value), None)!r:.20} is no static value")

    _array = _module = _layer = _method = _refuse


def of_json(cls: type, content: Any, framework: str) -> Static:
    """Return the static half of a node from JSON; raise `CheckpointError` for what does not follow the format."""
    backend = backends.load(framework)
    is_layer = issubclass(cls, Layer)
    if type(content) is not dict or ("spec" if is_layer else "value") not in content:
        raise CheckpointError(f"{WHERE} holds a {cls.__name__} that does not follow the format").with_page("trees")
    if not is_layer:
        value = _Statics(backend, 0).decode(content["value"], PLACE)
        if cls is Static:
            return Static(ProgramStatic(value, text))  # a node, of which the value becomes the rest
        is_part = _is_key if cls is Items else _is_kind
        if type(value) is not tuple or not all(map(is_part, value)):
            raise CheckpointError(f"{WHERE} holds a {cls.__name__} with {value!r:.100}").with_page("trees")
        return Static(value)
    names = content.get("names")
    if type(names) is not list or not all(type(name) is str for name in names):
        raise CheckpointError(f"{WHERE} holds a layer without the names of its variables").with_page("trees")
    decoder = _Statics(backend, len(names))
    spec = decoder._spec(content["spec"], "spec", PLACE, 0)
    metadata = decoder.decode(content.get("metadata"), PLACE)
    if cls.__name__ != spec.declaration.__name__ or type(metadata) is not dict:
        raise CheckpointError(f"{WHERE} holds a {spec.declaration.__name__} where a {cls.__name__} is").with_page(
            "trees"
        )
    if names != [variable.name for variable in spec.variables]:
        raise CheckpointError(f"{WHERE} holds a {cls.__name__} with the variables {names!r:.100}").with_page("trees")
    return Static((SpecContext(spec, {"init_fn": None, "metadata": metadata}), tuple(names)))


def _is_key(value: Any) -> bool:
    return value is None or type(value) in (str, int, float, bool)


def _is_kind(value: Any) -> bool:
    """Return whether a value is the path of a variable of a module, and what `Params` know of it."""
    if type(value) is not tuple or list(map(type, value)) != [str, tuple]:
        return False
    kind = value[1]
    return list(map(type, kind[:3])) == [str, bool, dict] and kind[3:] in ((None,), ("int64",), ("uint64",))


def text(value: Any) -> str | None:
    """Return the JSON of a static value, by which a program knows it; `None` if there is none."""
    try:
        return json.dumps(encode(value, PLACE))
    except TypeError:
        return None
