"""What JAX code is given as an array on torch: an `Array`, a tensor with the attributes of `jax.Array`.

`x.astype`, `x.at[i].set(v)`, `x.size`, `x.max(axis=0)` mean on it what they mean on JAX, where a tensor has other
meanings or none. It is a wrapper with the tensor in a slot, and no subclass of `torch.Tensor`: such a subclass costs
6 to 10 us an operation and `torch.compile` refuses it, and the wrapper costs 0.5 us and is traced away (`docs/notes.md`
has the figures). It exists inside of what `unified.compat` runs; `torch`'s own functions take it for its tensor, and
give tensors.

What the functions of `unified.compat.jax` are given goes through `boundary`, which takes wrappers off the arguments
and puts them on the results, so that the functions themselves, in the other modules of this package, are written on
tensors alone.
"""

import functools
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch._subclasses.fake_tensor import FakeTensor
from torch.utils import _pytree as pytree

from unified.backends.torch.leaving import WRAPPERS
from unified.backends.torch.prng import to_torch_dtype
from unified.compat.jax.dtypes import EXTENDED
from unified.compat.jax.on_torch.arguments import refuse_arguments
from unified.compat.jax.on_torch.dtypes import KINDS, canonical, numpy_dtype, result_dtype, torch_dtype
from unified.core.errors import BackendError
from unified.core.tree_nodes import LEAVES

__all__ = [
    "Array",
    "WeakArray",
    "as_array",
    "boundary",
    "is_weak",
    "of_numpy",
    "register",
    "tensor",
    "unwrap",
    "unwrap_tree",
    "wrap",
]


class Array:
    """A tensor as JAX code sees it. `x.tensor` is the tensor, over the same memory."""

    __slots__ = ("__weakref__", "tensor")
    __array_priority__ = 100
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, tensor: torch.Tensor) -> None:
        self.tensor = tensor

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.tensor.shape)

    @property
    def dtype(self) -> np.dtype:
        return numpy_dtype(self.tensor.dtype)

    @property
    def ndim(self) -> int:
        return self.tensor.dim()

    @property
    def size(self) -> int:
        return self.tensor.numel()

    @property
    def itemsize(self) -> int:
        return self.tensor.element_size()

    @property
    def nbytes(self) -> int:
        return self.tensor.numel() * self.tensor.element_size()

    @property
    def weak_type(self) -> bool:
        return False

    def devices(self) -> set[Any]:
        from unified.compat.jax.on_torch.devices import Device

        return {Device(self.tensor.device)}

    @property
    def sharding(self) -> Any:
        from unified.compat.jax.on_torch.devices import Device
        from unified.compat.jax.on_torch.meshes import SingleDeviceSharding

        given = getattr(self.tensor, "_unified_sharding", None)  # by `placement.py`
        return SingleDeviceSharding(Device(self.tensor.device)) if given is None else given

    @property
    def committed(self) -> bool:
        return hasattr(self.tensor, "_unified_sharding")

    @property
    def is_fully_addressable(self) -> bool:
        return True

    @property
    def is_fully_replicated(self) -> bool:
        return True

    def block_until_ready(self) -> "Array":
        if self.tensor.is_cuda:
            torch.cuda.synchronize(self.tensor.device)
        return self

    def copy(self) -> "Array":
        return type(self)(self.tensor.clone())

    def item(self, *index: int) -> Any:
        if not index and self.tensor.numel() != 1:
            raise ValueError(f"only an array of one element has an item(), got {self.dtype}{list(self.shape)}")
        return (self.tensor[index] if index else self.tensor).item()

    def tolist(self) -> Any:
        return self.tensor.tolist()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"an array has no attribute {name!r}")
        try:
            return getattr(self.tensor, name)
        except AttributeError:
            raise AttributeError(
                f"{type(self).__name__!r} object has no attribute {name!r}, nor have jax.Array and torch.Tensor"
            ) from None

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        value = self.tensor.detach().cpu().resolve_conj().resolve_neg()
        if value.dtype is torch.bfloat16:
            result = value.contiguous().view(torch.uint16).numpy().view(self.dtype)
        else:
            result = value.numpy()
        return np.array(result, dtype=dtype) if copy or dtype is not None else result

    def __dlpack__(self, **options: Any) -> Any:
        return self.tensor.detach().__dlpack__(**options)

    def __dlpack_device__(self) -> Any:
        return self.tensor.__dlpack_device__()

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return func(*unwrap_tree(args), **unwrap_tree(kwargs or {}))

    def __repr__(self) -> str:
        if self.tensor.is_meta or type(self.tensor) is not torch.Tensor or _is_traced(self.tensor):
            return f"Array(shape={self.shape}, dtype={self.dtype})"
        kind = f"dtype={self.dtype}{', weak_type=True' if self.weak_type else ''}"
        return f"Array({np.array2string(self.__array__(), separator=', ', prefix='Array(')}, {kind})"

    def __str__(self) -> str:
        return str(self.__array__()) if not _is_traced(self.tensor) else repr(self)

    def __format__(self, spec: str) -> str:
        return format(self.item() if spec and self.tensor.numel() == 1 else str(self), spec)

    def __bool__(self) -> bool:
        if self.tensor.numel() != 1:
            raise ValueError(
                f"only an array of one element is true or false, got {self.dtype}{list(self.shape)}: use any() or all()"
            )
        return bool(self.tensor)

    def __int__(self) -> int:
        return int(self.tensor)

    def __float__(self) -> float:
        return float(self.tensor)

    def __complex__(self) -> complex:
        return complex(self.tensor)

    def __index__(self) -> int:
        if self.tensor.dim() or self.tensor.is_floating_point() or self.tensor.is_complex():
            raise TypeError(f"only an integer without axes can be an index, got {self.dtype}{list(self.shape)}")
        return operator.index(self.tensor)

    def __len__(self) -> int:
        if not self.tensor.dim():
            raise TypeError("len() of an array without axes")
        return self.tensor.shape[0]

    def __iter__(self) -> Any:
        if not self.tensor.dim():
            raise TypeError("an array without axes cannot be iterated over")
        return iter([type(self)(row) for row in self.tensor.unbind(0)])

    def __reversed__(self) -> Any:
        return iter([type(self)(row) for row in reversed(self.tensor.unbind(0))])

    def __setitem__(self, index: Any, value: Any) -> None:
        raise TypeError("JAX arrays are immutable: instead of x[i] = v, use x = x.at[i].set(v)")

    def __reduce__(self) -> Any:
        return type(self), (self.tensor.detach(),)

    def __copy__(self) -> "Array":
        return type(self)(self.tensor)

    def __deepcopy__(self, memo: Any) -> "Array":
        return type(self)(self.tensor.detach().clone() if not self.tensor.is_leaf else self.tensor.clone())


class WeakArray(Array):
    """An array made of Python numbers alone (`weak.py`)."""

    __slots__ = ()

    @property
    def weak_type(self) -> bool:
        return True


def register(kind: type[Array]) -> None:
    """Make a class of arrays a tree of torch's own pytrees, with the tensor as its leaf."""
    pytree.register_pytree_node(kind, lambda array: ([array.tensor], None), lambda children, _: kind(*children))
    LEAVES.add(kind)  # in `unified.tree`, as in `jax.tree`


for _kind in (Array, WeakArray):
    register(_kind)
    WRAPPERS[_kind] = lambda array: array.tensor  # a model that is called with tensors returns tensors


def _is_traced(value: torch.Tensor) -> bool:
    return torch._C._functorch.is_functorch_wrapped_tensor(value) or value.is_meta or isinstance(value, FakeTensor)


def of_numpy(value: Any) -> torch.Tensor:
    """Return a NumPy array as a tensor, in the dtype that JAX would choose."""
    value = np.asarray(value)
    name = value.dtype.name
    if name in EXTENDED:
        words = {2: np.uint16, 1: np.uint8}[value.dtype.itemsize]
        result = torch.tensor(np.ascontiguousarray(value).view(words)).view(to_torch_dtype(name))
    elif value.dtype.kind not in "biufc":
        raise TypeError(f"an array of {value.dtype} is no array of numbers")
    else:
        result = torch.tensor(value if value.flags.writeable or not value.ndim else value.copy())
    return result.to(canonical(result.dtype))


def tensor(value: Any) -> torch.Tensor:
    """Return a value that JAX's functions accept as an array, as a tensor."""
    if isinstance(value, torch.Tensor):
        return value
    if isinstance(value, Array):
        return value.tensor
    if isinstance(value, KINDS) and not isinstance(value, np.generic):
        return torch.tensor(value, dtype=torch_dtype(type(value)))
    if isinstance(value, (np.ndarray, np.generic)):
        return of_numpy(value)
    if isinstance(value, list | tuple | range):
        return _stacked(value)
    if hasattr(value, "__jax_array__"):
        return tensor(value.__jax_array__())
    if type(value).__module__.partition(".")[0].startswith("jax"):
        raise BackendError(
            "an array of JAX was given to a function that runs on torch: numpy.asarray(array) first"
        ).with_page("haiku#pitfalls")
    if hasattr(value, "__array__"):
        return of_numpy(value.__array__())
    raise TypeError(f"{type(value).__name__} is no array, and no number")


def is_weak(value: Any) -> bool:
    """Return whether a value is a weak array, or a number of Python that makes one."""
    return type(value) in (WeakArray, int, float, complex)


def as_array(value: Any) -> "Array":
    """Return the value as an `Array`, weak if it is a Python number."""
    if isinstance(value, Array):
        return value
    return WeakArray(tensor(value)) if is_weak(value) else Array(tensor(value))


def _stacked(values: Any) -> torch.Tensor:
    leaves = _flat(values)
    kinds = [type(leaf) for leaf in leaves]
    if kinds and all(kind in KINDS for kind in kinds):  # without NumPy, which torch.compile would trace
        widest = complex if complex in kinds else float if float in kinds else int if int in kinds else bool
        return torch.tensor(list(values), dtype=torch_dtype(widest))
    if not any(isinstance(leaf, torch.Tensor | Array) for leaf in leaves):
        return of_numpy(np.asarray(values)) if len(values) else torch.zeros(np.shape(values), dtype=torch.float32)
    rows = [tensor(value) for value in values]
    dtype = result_dtype(
        *[
            row if isinstance(value, torch.Tensor | Array | list | tuple | np.ndarray) else value
            for row, value in zip(rows, values, strict=True)
        ]
    )
    if any(row.shape != rows[0].shape for row in rows):
        raise ValueError(f"an array is made of rows of one shape, got {[tuple(row.shape) for row in rows]}")
    return torch.stack([row.to(dtype) for row in rows])


def _flat(values: Any) -> list[Any]:
    leaves: list[Any] = []
    for value in values:
        if isinstance(value, list | tuple):
            leaves.extend(_flat(value))
        else:
            leaves.append(value)
    return leaves


def wrap(value: Any) -> Any:
    """Return an `Array` for a tensor, also within tuples and lists; any other value as it is."""
    if isinstance(value, torch.Tensor):
        return Array(value)
    if type(value) is list:
        return [wrap(item) for item in value]
    if isinstance(value, tuple):
        items = [wrap(item) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
    return value


def unwrap(value: Any) -> Any:
    """Return the tensor of an `Array`, also within lists and tuples; any other value as it is."""
    if isinstance(value, Array):
        return value.tensor
    kind = type(value)
    if kind is list or kind is tuple or kind is slice:
        if kind is slice:
            return slice(unwrap(value.start), unwrap(value.stop), unwrap(value.step))
        return kind([unwrap(item) for item in value])
    return value


def boundary(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return `function`, which is written on tensors, as JAX code calls it."""

    @functools.wraps(function)
    def on_arrays(*args: Any, **kwargs: Any) -> Any:
        args = tuple([unwrap(value) for value in args])
        if kwargs:
            kwargs = {name: unwrap(value) for name, value in kwargs.items()}
        try:
            return wrap(function(*args, **kwargs))
        except RuntimeError as error:
            refuse_arguments(function, error, args)
            raise

    return on_arrays


def _is_array(leaf: Any) -> bool:
    return isinstance(leaf, Array)


def unwrap_tree(tree: Any) -> Any:
    """Return the tree with tensors for arrays."""
    return pytree.tree_map(lambda leaf: leaf.tensor if isinstance(leaf, Array) else leaf, tree, is_leaf=_is_array)
