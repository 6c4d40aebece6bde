"""`Module`: a class whose annotated fields make its constructor; immutable, callable, and a tree of both frameworks."""

import dataclasses
import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, Self, dataclass_transform

import numpy as np

from unified.core.conversion import on_host
from unified.core.dtypes import dtype_name, is_same_dtype
from unified.core.pages import end_with_link
from unified.core.pending import PendingVariable
from unified.trees import registry
from unified.trees.fields import field, is_static
from unified.trees.nodes import (
    PARAMETER,
    Kind,
    Node,
    Static,
    child_items,
    hidden_array,
    is_array,
    kind_of,
)

__all__ = ["BoundMethod", "Module", "array_text", "replace"]

NO_CONTEXT = Static(())
RESERVED = frozenset({"replace"})


@dataclass_transform(field_specifiers=(field, dataclasses.field), eq_default=False)
class Module(Node):
    """The base class of modules: annotated fields make `__init__`, and instances never change.

    ```python
    class Linear(ut.Module):
        weight: Array
        bias: Array | None = None

        def __call__(self, x):
            y = x @ self.weight.T
            return y if self.bias is None else y + self.bias
    ```

    A module is a pytree of torch and of JAX, whose leaves are the arrays in its fields, in modules in its fields, and
    in tuples, lists and dicts of these; whatever else a field holds is part of the structure. Its methods, bound, are
    modules too. A class may write `__init__` itself, which sets its fields (`self.weight = ...`), `__post_init__` after
    the generated one, and `__check_init__`, which runs after all constructors, and after `replace`.

    Raises:
        dataclasses.FrozenInstanceError: an attribute is set or deleted after `__init__`: `replace` makes a new module.
        TypeError: a static field holds an array, or `__init__` has left a field without a value.
    """

    _field_names: ClassVar[tuple[str, ...]] = ()
    _static: ClassVar[frozenset[str]] = frozenset()
    _declared: ClassVar[Mapping[str, Any]] = {}
    _checks: ClassVar[tuple[Callable[[Any], None], ...]] = ()
    _writes_init: ClassVar[bool] = False

    def __init_subclass__(cls, *, kw_only: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        own = cls.__dict__
        writes_init = "__init__" in own or (cls._writes_init and "__post_init__" not in own)
        dataclasses.dataclass(eq=False, repr=False, init=not writes_init, kw_only=kw_only)(cls)
        cls._writes_init = writes_init
        declared = {declaration.name: declaration for declaration in dataclasses.fields(cls)}  # type: ignore[arg-type]
        if bad := sorted(name for name in declared if name in RESERVED or name.startswith("__")):
            raise TypeError(f"{cls.__qualname__}: a field cannot be called {bad[0]!r}, which every module has")
        cls._declared = declared
        cls._field_names = tuple(declared)
        cls._static = frozenset(name for name, declaration in declared.items() if is_static(declaration))
        cls._checks = tuple(
            base.__dict__["__check_init__"] for base in reversed(cls.__mro__) if "__check_init__" in base.__dict__
        )
        if "__init__" in own:
            cls.__init__ = _constructor(own["__init__"])  # type: ignore[method-assign]
        for name, function in list(own.items()):
            if inspect.isfunction(function) and not name.startswith("_"):
                setattr(cls, name, _Method(function))
        registry.add(cls)

    def __setattr__(self, name: str, value: Any) -> None:
        if not self.__dict__.get("_building"):
            raise dataclasses.FrozenInstanceError(
                f"{type(self).__name__}.{name} cannot be set: modules never change. "
                f"`model.replace({name}=value)` returns a new one, and unified.trees.tree_at one that differs within"
            )
        if name not in type(self)._declared:
            raise AttributeError(
                end_with_link(
                    f"{type(self).__name__} has no field {name!r}, and __init__ sets fields alone: annotate it in the "
                    f"class, `{name}: Any`",
                    "trees",
                )
            )
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        raise dataclasses.FrozenInstanceError(f"{type(self).__name__}.{name} cannot be deleted: modules never change")

    def replace(self, **fields: Any) -> Self:
        """Return the same module with other values of these fields; see `unified.trees.replace`."""
        return replace(self, **fields)

    def __eq__(self, other: object) -> bool:
        """Return whether `other` is a module of the same class and structure with equal arrays, of any framework."""
        if self is other:
            return True
        return equal(self, other) if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        values = self.__dict__  # empty in what torch.compile makes for itself
        return hash((type(self), *(_hash_of(values[name]) for name in self._field_names if name in values)))

    def __repr__(self) -> str:
        shown = [name for name in self._field_names if self._declared[name].repr]
        return (
            f"{type(self).__name__}({', '.join(f'{name}={array_text(getattr(self, name, None))}' for name in shown)})"
        )

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in ("_building", "_path", "_run")}

    def _children(self) -> dict[str, Any]:
        values = self.__dict__
        return {name: Static(values[name]) if name in self._static else values[name] for name in self._field_names}

    def _context(self) -> Static:
        return self.__dict__.get("_kinds", NO_CONTEXT)

    @classmethod
    def _names(cls, context: Static) -> tuple[str, ...]:
        return cls._field_names

    def _restore(self, context: Static, values: dict[str, Any]) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)
        if context is not NO_CONTEXT and context.value:
            object.__setattr__(self, "_kinds", context)

    def _kind(self, name: str) -> Kind:
        for known, kind in self._context().value:
            if known == name:
                return Kind(*kind)
        declaration = self._declared.get(name.partition("/")[0])
        kind = None if declaration is None else declaration.metadata.get("kind")
        return PARAMETER if kind is None else Kind(*kind)

    def _finish(self) -> None:
        """Check the fields that a constructor has set, and convert those that ask for it."""
        values = self.__dict__
        missing = []
        for name, declaration in self._declared.items():
            if name not in values:
                if declaration.default is not dataclasses.MISSING:
                    object.__setattr__(self, name, declaration.default)
                elif declaration.default_factory is not dataclasses.MISSING:
                    object.__setattr__(self, name, declaration.default_factory())
                else:
                    missing.append(name)
                    continue
            converter = declaration.metadata.get("converter")
            if converter is not None:
                object.__setattr__(self, name, converter(values[name]))
        if missing:
            raise TypeError(f"{type(self).__name__}.__init__ has left {', '.join(missing)} without a value")
        self._check()

    def _check(self) -> None:
        """Raise if a field holds what it cannot; note what its variables are; run the class's own checks."""
        cls = type(self)
        kinds: list[tuple[str, tuple[Any, ...]]] = []
        known = dict(self._context().value)
        for name in self._field_names:
            for path, leaf in _leaves(self.__dict__[name], name):
                if type(leaf) is PendingVariable and kind_of(leaf) != PARAMETER:
                    kinds.append((path, tuple(kind_of(leaf))))
                elif path in known:
                    kinds.append((path, known[path]))
                is_leaf = is_array(leaf) or isinstance(leaf, Module)
                if (name in self._static and is_leaf) or (not is_leaf and hidden_array(leaf)):
                    where = f"{cls.__name__}.{path.replace('/', '.')}"
                    raise TypeError(
                        f"{where} is static and holds {array_text(leaf)}: arrays and modules are no static values, "
                        "because they would be constants that no optimizer, checkpoint or transform sees. "
                        + (
                            "Leave out static=True"
                            if name in self._static
                            else "Put the array into a field, a tuple, a list or a dict"
                        )
                    )
        if kinds or known:
            object.__setattr__(self, "_kinds", Static(tuple(kinds)))
        for check in cls._checks:
            check(self)


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield the path and the value of each leaf and each module in a field."""
    if isinstance(value, Module) or type(value) is PendingVariable:
        yield path, value
        return
    items = child_items(value)
    if items is None:
        yield path, value
        return
    for name, item in items[0]:
        yield from _leaves(item, f"{path}/{name}")


def _constructor(init: Callable[..., None]) -> Callable[..., None]:
    """Return an `__init__` during which fields can be set, and after which they are checked."""

    @functools.wraps(init)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        if self.__dict__.get("_building"):  # of a base class, called by that of a class derived from it
            init(self, *args, **kwargs)
            return
        if type(self)._field_names and type(self)._field_names[0] in self.__dict__:
            raise dataclasses.FrozenInstanceError(
                f"{type(self).__name__}.__init__ was called again: modules never change"
            )
        object.__setattr__(self, "_building", True)
        try:
            init(self, *args, **kwargs)
        finally:
            object.__setattr__(self, "_building", False)  # torch.compile does not delete attributes
        registry.ready()
        self._finish()

    return __init__


class _Method:
    """A method of a module: bound to an instance, it is a module itself."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.__doc__ = function.__doc__
        self.__isabstractmethod__ = getattr(function, "__isabstractmethod__", False)
        self.__wrapped__ = function

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is None:
            return self.function
        method = object.__new__(BoundMethod)
        object.__setattr__(method, "owner", instance)
        object.__setattr__(method, "function", self.function)
        return method


class BoundMethod(Module):
    """A method bound to its module, as `model.encode` returns it: a tree whose leaves are those of the module.

    Args:
        owner: the module.
        function: the method, a function whose first argument is a module.

    >>> import torch, unified.trees as ut
    >>> class Scale(ut.Module):
    ...     factor: float
    ...     def double(self, x):
    ...         return 2 * self.factor * x
    >>> method = Scale(3.0).double
    >>> isinstance(method, ut.BoundMethod), method(torch.ones(1)).tolist()
    (True, [6.0])
    """

    owner: Any
    function: Any = field(static=True)

    _inner = "owner"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(self.owner, *args, **kwargs)

    @property
    def __name__(self) -> str:
        return str(self.function.__name__)

    @property
    def __self__(self) -> Any:
        return self.owner

    @property
    def __func__(self) -> Any:
        return self.function


def replace(module: Any, **fields: Any) -> Any:
    """Return the same module with other values of these fields; no `__init__` runs, `__check_init__` does.

    Raises `TypeError` for a field that the module does not have.

    >>> import unified.trees as ut
    >>> class Scale(ut.Module):
    ...     factor: float = 1.0
    >>> ut.replace(Scale(), factor=3.0)
    Scale(factor=3.0)
    """
    if not isinstance(module, Module):
        raise TypeError(f"replace takes a module of unified.trees, got {type(module).__name__}")
    children = module._children()
    if unknown := sorted(fields.keys() - children.keys()):
        raise TypeError(
            f"{type(module).__name__} has no field {unknown[0]!r}: its fields are {', '.join(children) or 'none'}"
        )
    new = module._with({**children, **fields})
    new._check()
    return new


def equal(one: Any, other: Any) -> bool:
    """Return whether two trees have one structure, and equal arrays of any framework."""
    if one is other:
        return True
    if is_array(one) or is_array(other):
        if not (is_array(one) and is_array(other)) or tuple(one.shape) != tuple(other.shape):
            return False
        if isinstance(one, PendingVariable) or isinstance(other, PendingVariable):
            return False
        return is_same_dtype(dtype_name(one.dtype), dtype_name(other.dtype)) and _equal_values(one, other)
    if type(one) is not type(other):
        return False
    if isinstance(one, Module) and one._context() != other._context():
        return False
    ours, theirs = child_items(one), child_items(other)
    if ours is None or theirs is None:
        return Static(one) == Static(other)
    return [name for name, _ in ours[0]] == [name for name, _ in theirs[0]] and all(
        equal(left, right) for (_, left), (_, right) in zip(ours[0], theirs[0], strict=True)
    )


def _equal_values(one: Any, other: Any) -> bool:
    """Return whether two arrays are equal. One without values, as in a trace, is equal to itself alone.

    JAX looks for a function that it has traced before by `==`, and a module may be one.
    """
    try:
        return bool(np.array_equal(on_host(one), on_host(other)))
    except (TypeError, RuntimeError):
        return False


def _hash_of(value: Any) -> int:
    """Return a hash that is equal for equal trees: it does not read arrays."""
    if isinstance(value, Module):
        return hash(value)
    items = child_items(value)
    if items is not None:
        return hash((type(value), *(_hash_of(item) for _, item in items[0])))
    return hash(tuple(value.shape)) if is_array(value) else hash(Static(value))


def array_text(value: Any) -> str:
    """Return a value as text, with arrays as their dtype and shape: `float32[3, 2]`."""
    if isinstance(value, PendingVariable):
        return repr(value)
    if isinstance(value, Module):
        return repr(value)
    if is_array(value):
        return f"{dtype_name(value.dtype)}{list(value.shape)}"
    if type(value) is tuple:
        return f"({', '.join(map(array_text, value))}{',' if len(value) == 1 else ''})"
    if type(value) is list:
        return f"[{', '.join(map(array_text, value))}]"
    if type(value) is dict:
        return "{" + ", ".join(f"{name!r}: {array_text(item)}" for name, item in value.items()) + "}"
    return getattr(value, "__qualname__", None) or repr(value)
