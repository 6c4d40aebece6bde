"""Fields of modules: `field` says how one is treated, `var` is a variable whose value `fill` draws."""

import dataclasses
from collections.abc import Callable
from typing import Any

from unified.core import initializers
from unified.core.annotations import Array, DType, InitFn, Metadata, ShapeLike
from unified.core.dtypes import dtype_name
from unified.core.naming import check_name
from unified.core.pending import PendingVariable

__all__ = ["field", "is_static", "own_kind", "var"]


def field(
    *,
    static: bool = False,
    converter: Callable[[Any], Any] | None = None,
    default: Any = dataclasses.MISSING,
    default_factory: Any = dataclasses.MISSING,
    init: bool = True,
    repr: bool = True,
    kw_only: Any = dataclasses.MISSING,
    collection: str | None = None,
    metadata: Metadata | None = None,
) -> Any:
    """Return the declaration of a field, as `dataclasses.field` does.

    Args:
        static: whether the field is part of the structure, and holds no array. A field without this is looked at: it is
            static where it holds no array.
        converter: a function that `__init__` applies to the value.
        default, default_factory, init, repr, kw_only: as of `dataclasses.field`.
        collection: the collection of the field's variables in `Params`; all but `"params"` are not trained.
        metadata: further information on its variables, such as `{"sharding": (None, "model")}`.

    >>> import unified.trees as ut
    >>> class Scale(ut.Module):
    ...     factor: float = ut.field(static=True, default=2.0)
    ...     def __call__(self, x):
    ...         return self.factor * x
    >>> Scale()(3.0)
    6.0
    """
    known = {"static": static, "converter": converter, "kind": own_kind(collection, True, metadata)}
    given = {"default": default, "default_factory": default_factory, "kw_only": kw_only}
    options: Any = {name: value for name, value in given.items() if value is not dataclasses.MISSING}
    return dataclasses.field(init=init, repr=repr, metadata=known, **options)


def is_static(declaration: "dataclasses.Field[Any]") -> bool:
    """Return whether a field is declared to be static."""
    return bool(declaration.metadata.get("static", False))


def own_kind(collection: str | None, trainable: bool, metadata: Metadata | None) -> tuple[str, bool, Metadata] | None:
    """Return what a declaration says of variables; `None` if nothing."""
    if collection is None and trainable and not metadata:
        return None
    name = "params" if collection is None else check_name(collection)
    return name, trainable and name == "params", dict(metadata or {})


def var(
    shape: ShapeLike,
    init: InitFn = initializers.zeros,
    dtype: DType = None,
    *,
    collection: str = "params",
    trainable: bool = True,
    metadata: Metadata | None = None,
) -> Array:
    """Return a variable without a value, to stand in a field until `fill` gives it one.

    Args:
        shape: a tuple of sizes, or one size.
        init: an initialiser of `unified.initializers`, or a function of `(shape, dtype=)` that returns an array.
        dtype: any framework's, or its name; the framework's default if `None`.
        collection: its collection in `Params`; all but `"params"` are not trained.
        trainable: whether an optimizer should update it.
        metadata: further information, such as `{"sharding": (None, "model")}`.

    >>> import unified as u, unified.trees as ut
    >>> ut.var((2, 3), u.initializers.ones)
    var(2, 3)
    """
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    if any(isinstance(size, bool) or not isinstance(size, int) or size < 0 for size in sizes):
        raise ValueError(f"the shape of a variable is a tuple of sizes, got {shape!r}")
    name, trained, information = own_kind(collection, trainable, metadata) or ("params", True, {})
    return PendingVariable(sizes, init, None if dtype is None else dtype_name(dtype), name, trained, information)
