"""What `get_parameter`, `get_state` and `set_state` declare: one variable, or a tree of them below one name.

The variables of a tree stand in a named scope, at the keys of its dicts and the numbers of its lists: `name/key/0`.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from unified.core.annotations import DType, Metadata
from unified.core.dtypes import dtype_name, isdtype
from unified.core.errors import StructureChangedError
from unified.core.initializers import Constant, Initializer
from unified.core.named_scope import NamedScope
from unified.core.naming import check_name, join, name_or_number
from unified.core.scope import Scope

__all__ = ["VariableOptions", "assign", "declared"]


# Kinds of dtypes, each able to hold the values of those before it.
KINDS = ("bool", "integral", "real floating", "complex floating")


class VariableOptions(NamedTuple):
    """What the variables of one declaration share."""

    collection: str
    trainable: bool
    dtype: DType
    metadata: Metadata | None


def declared(scope: Scope, name: str, shape: Any, init_fn: Any, options: VariableOptions) -> Any:
    """Return the variable or the tree of variables at `name`; during init, create what is missing."""
    check_name(name)
    if shape is not None:
        return _declare(scope, name, shape, init_fn, options)
    if init_fn is not None and hasattr(init_fn, "shape") and not callable(init_fn):
        return _declare(scope, name, tuple(init_fn.shape), init_fn, options)
    return _existing(scope.resolve(), name, options)


def _declare(scope: Scope, name: str, shape: Any, init_fn: Any, options: VariableOptions) -> Any:
    children = None if _is_shape(shape) else _children(shape)
    if children is None:
        start = init_fn if init_fn is None or callable(init_fn) or isinstance(init_fn, Initializer) else _fixed(init_fn)
        collection, trainable, dtype, metadata = options
        return scope.variable(name, shape, dtype, start, collection, trainable, metadata)
    inner = scope.resolve().place(NamedScope, name)
    starts = _children(init_fn)
    if starts is not None and starts.keys() != children.keys():
        raise ValueError(
            f"{inner.path!r} is a tree of variables with the keys {sorted(children)}, and its init_fn is one with the "
            f"keys {sorted(starts)}: give one init_fn for all, or a tree like that of the shapes"
        )
    values = [
        _declare(inner, key, child, init_fn if starts is None else starts[key], options)
        for key, child in children.items()
    ]
    return _like(shape, values)


def _fixed(value: Any) -> Constant:
    """Return the initializer of a number or an array."""
    if isinstance(value, (int, float)) or hasattr(value, "shape"):
        return Constant(value)
    raise TypeError(
        f"init_fn is an initializer of unified.initializers, a function of (shape, dtype=), an array or a number, got "
        f"{value!r}"
    )


def _is_shape(value: Any) -> bool:
    """Return whether a value is one shape: a size, or a tuple or list of sizes, rather than a tree of shapes."""
    nested = isinstance(value, (list, tuple)) and any(isinstance(item, (list, tuple, Mapping)) for item in value)
    return not (nested or isinstance(value, Mapping))


def _children(value: Any) -> dict[str, Any] | None:
    """Return what a node of a tree holds, by name; `None` for a leaf."""
    if isinstance(value, Mapping):
        return {name_or_number(key): child for key, child in value.items()}
    if isinstance(value, (list, tuple)):
        names = getattr(value, "_fields", range(len(value)))
        return {name_or_number(name): child for name, child in zip(names, value, strict=True)}
    return None


def _like(node: Any, children: list[Any]) -> Any:
    """Return a node of a tree with other children."""
    if isinstance(node, Mapping):
        return dict(zip(node, children, strict=True))
    return type(node)(*children) if hasattr(node, "_fields") else type(node)(children)


def _existing(scope: Scope, name: str, options: VariableOptions) -> Any:
    """Return a variable, or a tree of them as nested dicts and lists, that a declaration with a shape has created."""
    path = join(scope.path, name)
    record = scope.frame.record_of(scope.node)
    if record is None:  # params without a record, whose variables have the shapes that they have
        value = scope.frame.value(scope.node, name, path)
        if value is not None:
            return value
    elif name in record.variables:
        variable = record.variables[name]
        return scope.variable(name, variable.shape, None, None, options.collection, variable.trainable)
    elif name in record.by_name and record.by_name[name].cls is NamedScope:
        inner = scope.place(NamedScope, name)
        below = scope.frame.record_of(inner.node)
        assert below is not None
        names = [*below.variables, *(key for key, layer in below.by_name.items() if layer.cls is NamedScope)]
        values = {key: _existing(inner, key, options) for key in names}
        if all(key.isdigit() for key in values):
            return [values[key] for key in sorted(values, key=int)]
        return values
    error = ValueError if scope.frame.initializing else StructureChangedError
    raise error(f"there is no variable {path!r} yet: pass a shape, so that init creates it")


def _check_kept(path: str, dtype: str, new: str) -> None:
    """Raise if values of the dtype `new` lose their fractions, imaginary parts or numbers in a variable of `dtype`."""
    kinds = [next((n for n, kind in enumerate(KINDS) if isdtype(name, kind)), None) for name in (dtype, new)]
    if None not in kinds and kinds[1] > kinds[0]:  # type: ignore[operator]
        raise StructureChangedError(
            f"{path!r} is {dtype}, and set_state got values of {new}, which it cannot keep: convert them, as by "
            f"unified.numpy.astype(value, unified.numpy.{dtype}), or give get_state another dtype="
        )


def assign(scope: Scope, name: str, value: Any) -> None:
    """Set a state variable or a tree of them; during init, create what is missing with these values."""
    children = _children(value)
    if children is not None:
        inner = scope.resolve().place(NamedScope, name)
        for key, child in children.items():
            assign(inner, key, child)
        return
    frame, path = scope.frame, join(scope.path, name)
    if not hasattr(value, "shape"):
        raise TypeError(f"{path!r}: state is an array or a tree of arrays, got {value!r}")
    record = frame.record_of(scope.node)
    known = None if record is None else record.variables.get(name)
    if known is not None and known.collection == "params":
        raise ValueError(f"{path!r} is a parameter, and only state can be set: make it with get_state")
    if known is not None:
        _check_kept(path, known.dtype, dtype_name(value.dtype))
    if frame.initializing and record is not None:
        if known is None:
            scope.variable(name, tuple(value.shape), value.dtype, lambda shape, dtype: value, "state", False)
        record.written.add(name)
        frame.assign(scope.node, name, path, value)
        return
    dtype = value.dtype if known is None else None  # the frame stores in the dtype that the variable has now
    scope.variable(name, tuple(value.shape), dtype, None, known.collection if known else "state", False)
    frame.assign(scope.node, name, path, value)
