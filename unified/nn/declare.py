"""Variables that a user's class declares: parameters, and state in collections of any name.

Each is a value to assign to an attribute. Where it stands gives it its path, and so its first value.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from unified.core import backends, initializers
from unified.core.annotations import Array, DType, InitFn, Metadata, ShapeLike
from unified.core.dtypes import dtype_name
from unified.core.initializers import Constant
from unified.core.pending import PendingVariable
from unified.nn.construction import current, objects_here, objects_of

__all__ = ["Buffer", "Parameter", "is_declaration", "param", "var"]


def sizes_of(shape: ShapeLike) -> tuple[int, ...]:
    """Return a shape as a tuple."""
    return (int(shape),) if hasattr(shape, "__index__") else tuple(map(int, shape))


def _fixed(metadata: Metadata | None) -> Mapping[str, Any]:
    return MappingProxyType(dict(metadata or {}))


def pending_of(value: Any, collection: str, trainable: bool, metadata: Metadata | None = None) -> PendingVariable:
    """Return a declaration whose first value is an array of any framework, or nested lists of numbers.

    NumPy's float64, which `np.ones` makes, becomes the framework's default dtype.
    """
    if getattr(value, "pending", None) is not None:
        return value.pending
    if not hasattr(value, "shape"):
        value = np.asarray(value)
    owner = backends.of_array(value)
    is_plain = owner is None and value.dtype == np.float64
    host = np.array(value) if owner is None else owner.to_numpy(value)
    dtype = None if is_plain else dtype_name(host.dtype)
    return PendingVariable(tuple(host.shape), Constant(host), dtype, collection, trainable, _fixed(metadata))


def _declare(pending: PendingVariable, value: Any = None) -> Any:
    """Return the framework's own form of a declaration; that of an array's own framework outside of a constructor."""
    is_outside = value is not None and current.construction is None
    objects = next(objects_of(value), None) if is_outside else None
    return (objects_here() if objects is None else objects).declare(pending)


class _ParameterType(type):
    collection: str | None

    def __instancecheck__(cls, instance: Any) -> bool:
        return is_declaration(instance) and (instance.collection == "params") == (cls is Parameter)

    if not TYPE_CHECKING:

        def __call__(cls, data, requires_grad=True, persistent=True):
            if cls is Parameter:
                return _declare(pending_of(data, "params", requires_grad), data)
            return _declare(pending_of(data, "state", False, None if persistent else {"persistent": False}), data)


if TYPE_CHECKING:

    class Parameter(Any):
        def __init__(self, data: Any, requires_grad: bool = True) -> None: ...

    class Buffer(Any):
        def __init__(self, data: Any, *, persistent: bool = True) -> None: ...

else:

    class Parameter(metaclass=_ParameterType):
        """A trainable variable whose first value is an array (NumPy's, the framework's, or nested lists).

        `torch.nn.Parameter`. In a constructor its value cannot be computed with yet; `nn.init` gives it another.

        Args:
            data: that array.
            requires_grad: whether it is trained.

        >>> import torch, unified as u, unified.nn as nn
        >>> class Scale(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.factor = nn.Parameter([2.0])
        ...     def forward(self, x):
        ...         return self.factor * x
        >>> u.build(Scale, backend="torch", rng=0)(torch.ones(1)).tolist()
        [2.0]
        """

    class Buffer(metaclass=_ParameterType):
        """State whose first value is an array: `torch.nn.Buffer`.

        Args:
            data: an array (NumPy's, the framework's) or nested lists.
            persistent: whether it is in `state_dict`.

        >>> import torch, unified as u, unified.nn as nn
        >>> class Counter(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.n = nn.Buffer([0.0])
        >>> list(u.build(Counter, backend="torch", rng=0).state_dict())
        ['n']
        """


def is_declaration(value: Any) -> bool:
    """Return whether `value` is a variable of some framework, as attributes of modules hold them."""
    return any(objects.is_variable(value) for objects in objects_of(value)) or type(value).__name__ == "Variable"


def param(
    value: ShapeLike | Array, init: InitFn | None = None, dtype: DType = None, metadata: Metadata | None = None
) -> Array:
    """Return a trainable variable to assign to an attribute: of a shape, or with an array's values.

    Args:
        value: a size or a tuple of sizes; or an array, whose values it starts from.
        init: an initialiser of `unified.initializers`, or a function of `(shape, dtype=)` that returns an array. Zeros
            if `None`.
        dtype: any framework's, or its name; the framework's default if `None`.
        metadata: further information, such as `{"sharding": (None, "model")}`.

    >>> import unified as u, unified.nn as nn
    >>> class Linear(nn.Module):
    ...     def __init__(self, n, m):
    ...         self.w = nn.param((n, m), u.initializers.uniform())
    ...         self.b = nn.param(m)
    ...     def __call__(self, x):
    ...         return x @ self.w + self.b
    >>> net = u.build(Linear, 3, 2, backend="jax", rng=0)
    >>> net.w.shape, list(net.params)
    ((3, 2), ['w', 'b'])
    """
    return _variable("params", value, init, dtype, True, metadata)


def var(
    collection: str,
    value: ShapeLike | Array = (),
    init: InitFn | None = None,
    dtype: DType = None,
    metadata: Metadata | None = None,
) -> Array:
    """Return a variable of a collection to assign to an attribute, which no optimizer changes.

    Its attribute can be assigned in a call, `self.count += 1`, and keeps the value on both frameworks. Other arguments
    are `param`'s.

    >>> import unified as u, unified.nn as nn
    >>> class Counter(nn.Module):
    ...     def __init__(self):
    ...         self.count = nn.var("counts", (), dtype="int32")
    ...     def __call__(self):
    ...         self.count += 1
    >>> net = u.build(Counter, backend="jax", rng=0)
    >>> net(), net(), int(net.count)
    (None, None, 2)
    """
    if collection == "params":
        raise ValueError("the collection 'params' is that of trainable variables: nn.param(...)")
    return _variable(collection, value, init, dtype, False, metadata)


def _variable(collection: str, value: Any, init: Any, dtype: Any, trainable: bool, metadata: Metadata | None) -> Any:
    is_shape = hasattr(value, "__index__") and not hasattr(value, "shape")
    if is_shape or (isinstance(value, (tuple, list)) and all(hasattr(size, "__index__") for size in value)):
        name = None if dtype is None else dtype_name(dtype)
        start = initializers.zeros if init is None else init
        return _declare(PendingVariable(sizes_of(value), start, name, collection, trainable, _fixed(metadata)))
    if init is not None:
        raise TypeError("a variable starts from an array's values or from an initialiser, and got both")
    pending = pending_of(value, collection, trainable, metadata)
    if dtype is not None:
        from dataclasses import replace

        pending = replace(pending, dtype=dtype_name(dtype))
    return _declare(pending, value)
