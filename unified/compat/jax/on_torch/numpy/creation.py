"""Functions that make arrays."""

import math
from typing import Any

import numpy as np
import torch

from unified.backends.torch.prng import to_torch_dtype
from unified.compat.jax.dtypes import KEY_DTYPE, KeyDtype
from unified.compat.jax.on_torch.array import Array, WeakArray, of_numpy, tensor
from unified.compat.jax.on_torch.behaviour import NONE, Behaviour, jax_function
from unified.compat.jax.on_torch.dtypes import (
    KINDS,
    canonical,
    category,
    default_float,
    default_int,
    named_dtype,
    numpy_dtype,
    result_dtype,
    torch_dtype,
    with_scalar,
)
from unified.compat.jax.on_torch.numpy.operands import in_float
from unified.compat.jax.on_torch.numpy.shapes import astype, sizes
from unified.compat.jax.on_torch.typed_keys import KeyArray
from unified.compat.jax.on_torch.unsigned import UNSIGNED

__all__ = [
    "arange",
    "array",
    "asarray",
    "bartlett",
    "blackman",
    "can_cast",
    "diag",
    "diag_indices",
    "diag_indices_from",
    "diagflat",
    "diagonal",
    "empty",
    "empty_like",
    "eye",
    "frombuffer",
    "fromfunction",
    "full",
    "full_like",
    "geomspace",
    "hamming",
    "hanning",
    "identity",
    "indices",
    "isscalar",
    "issubdtype",
    "iterable",
    "ix_",
    "linspace",
    "logspace",
    "mask_indices",
    "meshgrid",
    "ones",
    "ones_like",
    "promote_types",
    "result_type",
    "tri",
    "tril",
    "tril_indices",
    "tril_indices_from",
    "triu",
    "triu_indices",
    "triu_indices_from",
    "vander",
    "zeros",
    "zeros_like",
]

BEHAVIOUR = Behaviour(operands=NONE)


def _dtype(dtype: Any) -> torch.dtype:
    return default_float() if dtype is None else torch_dtype(dtype)


def _of_a_number(value: Any, *args: Any, **kwargs: Any) -> bool:
    """Return whether the value is one number or array: lists are as strong as arrays."""
    return not isinstance(value, list | tuple)


@jax_function(operands="object", weak=_of_a_number)
def array(
    object: Any, dtype: Any = None, copy: bool = True, order: Any = "K", ndmin: int = 0, **placing: Any
) -> torch.Tensor:
    try:
        result = tensor(object)
    except RuntimeError as error:
        if "without overflow" not in str(error):
            raise
        # A number that the default integers do not hold; NumPy raises if the dtype does not either.
        result = of_numpy(np.asarray(object, dtype=numpy_dtype(default_int() if dtype is None else torch_dtype(dtype))))
    result = result.clone() if dtype is None and result is object and copy else result
    result = result if dtype is None else astype(result, dtype)
    return result.reshape((1,) * (ndmin - result.dim()) + tuple(result.shape))


@jax_function(operands="a", weak=_of_a_number)
def asarray(a: Any, dtype: Any = None, order: Any = None, *, copy: Any = None, **placing: Any) -> torch.Tensor:
    return array(a, dtype, copy=bool(copy))


def zeros(shape: Any, dtype: Any = None, **placing: Any) -> Any:
    if isinstance(dtype, KeyDtype):
        return KeyArray(torch.zeros(sizes(shape), dtype=torch.int64))
    return torch.zeros(sizes(shape), dtype=_dtype(dtype))


def ones(shape: Any, dtype: Any = None, **placing: Any) -> torch.Tensor:
    return torch.ones(sizes(shape), dtype=_dtype(dtype))


def empty(shape: Any, dtype: Any = None, **placing: Any) -> Any:
    return zeros(shape, dtype)


@jax_function(operands="fill_value")
def full(shape: Any, fill_value: Any, dtype: Any = None, **placing: Any) -> torch.Tensor:
    value = tensor(fill_value)
    return value.to(value.dtype if dtype is None else torch_dtype(dtype)).expand(sizes(shape)).clone()


def _like(a: Any, dtype: Any, shape: Any) -> tuple[torch.Tensor, torch.dtype, tuple[int, ...]]:
    if hasattr(a, "shape") and hasattr(a, "dtype") and not hasattr(a, "__array__"):  # a ShapeDtypeStruct
        a = torch.empty(sizes(a.shape), dtype=torch_dtype(a.dtype))
    x = tensor(a)
    return x, x.dtype if dtype is None else torch_dtype(dtype), tuple(x.shape) if shape is None else sizes(shape)


@jax_function(operands="a")
def zeros_like(a: Any, dtype: Any = None, shape: Any = None, **placing: Any) -> torch.Tensor:
    x, dtype, shape = _like(a, dtype, shape)
    return torch.zeros(shape, dtype=dtype, device=x.device)


@jax_function(operands="a")
def ones_like(a: Any, dtype: Any = None, shape: Any = None, **placing: Any) -> torch.Tensor:
    x, dtype, shape = _like(a, dtype, shape)
    return torch.ones(shape, dtype=dtype, device=x.device)


empty_like = zeros_like


def _filled_with_a_number(a: Any, fill_value: Any, *args: Any, **kwargs: Any) -> bool:
    return not getattr(fill_value, "ndim", 0)


@jax_function(operands="a", weak=_filled_with_a_number)
def full_like(a: Any, fill_value: Any, dtype: Any = None, shape: Any = None, **placing: Any) -> torch.Tensor:
    x, dtype, shape = _like(a, dtype, shape)
    return tensor(fill_value).to(dtype).to(x.device).expand(shape).clone()


@jax_function(operands="start stop step", weak=False)
def arange(start: Any, stop: Any = None, step: Any = None, dtype: Any = None, **placing: Any) -> torch.Tensor:
    low, high = (0, start) if stop is None else (start, stop)
    arrays = (torch.Tensor, np.generic, np.ndarray)
    arguments = [value for value in (start, stop, step) if value is not None]
    bounds = [
        value.item() if isinstance(value, arrays) else value for value in (low, high, 1 if step is None else step)
    ]
    is_real = any(isinstance(bound, float) for bound in bounds)
    if dtype is not None:
        dtype = torch_dtype(dtype)
    elif any(isinstance(value, arrays) for value in arguments):
        dtype = result_dtype(*[tensor(value) if isinstance(value, arrays) else value for value in arguments])
    else:  # without the type of a size, which torch.compile does not tell
        dtype = default_float() if is_real else default_int()
    if dtype is torch.bool or all(isinstance(value, bool) for value in arguments):
        raise TypeError("arange counts in numbers, not in booleans")
    if is_real:
        return of_numpy(np.arange(*bounds)).to(dtype)
    if all(isinstance(bound, int) for bound in bounds) and (bounds[1] - bounds[0]) * bounds[2] <= 0:
        return torch.zeros(0, dtype=dtype)
    return torch.arange(*bounds, dtype=dtype)


@jax_function(operands="start stop", weak=False)
def linspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
    **placing: Any,
) -> Any:
    narrow = in_float(start, stop)[0].dtype
    wide = torch.promote_types(narrow, torch.float32)
    low, high = torch.broadcast_tensors(tensor(start).to(wide), tensor(stop).to(wide))
    parts = num - 1 if endpoint else num
    place = torch.arange(num, dtype=wide, device=low.device).reshape(-1, *[1] * low.dim()) / max(parts, 1)
    result = low * (1 - place) + place * high
    if endpoint and num > 1:
        result = torch.cat([result[:-1], high[None]])
    result = torch.movedim(result, 0, axis)
    target = narrow if dtype is None else torch_dtype(dtype)
    is_integral = not target.is_floating_point and not target.is_complex
    result = (torch.floor(result) if is_integral else result).to(target)
    if not retstep:
        return result
    return result, ((high - low) / parts if parts else torch.full_like(low, math.nan)).to(narrow)


@jax_function(operands="start stop", weak=False)
def logspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: float = 10.0, dtype: Any = None, axis: int = 0
) -> torch.Tensor:
    narrow = in_float(start, stop)[0].dtype
    exponents = linspace(start, stop, num, endpoint, dtype=torch.promote_types(narrow, torch.float32), axis=axis)
    return torch.pow(base, exponents).to(narrow if dtype is None else torch_dtype(dtype))


@jax_function(operands="start stop", weak=False)
def geomspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0
) -> torch.Tensor:
    narrow = in_float(start, stop)[0].dtype
    low, high = (torch.log(tensor(value).to(torch.promote_types(narrow, torch.float32))) for value in (start, stop))
    low = torch.where(low.isinf() | high.isinf(), math.nan, low)
    result = torch.exp(linspace(low, high + 0 * low, num, endpoint, axis=axis))
    return result.to(narrow if dtype is None else torch_dtype(dtype))


def eye(N: int, M: int | None = None, k: int = 0, dtype: Any = None, **placing: Any) -> torch.Tensor:  # noqa: N803
    columns = N if M is None else M
    rows, cols = torch.arange(N)[:, None], torch.arange(columns)
    return (cols - rows == k).to(_dtype(dtype))


def identity(n: int, dtype: Any = None) -> torch.Tensor:
    return eye(n, dtype=dtype)


def tri(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> torch.Tensor:  # noqa: N803
    columns = N if M is None else M
    return (torch.arange(columns) - torch.arange(N)[:, None] <= k).to(_dtype(dtype))


@jax_function(operands="m")
def tril(m: Any, k: int = 0) -> torch.Tensor:
    return torch.tril(tensor(m), k)


@jax_function(operands="m")
def triu(m: Any, k: int = 0) -> torch.Tensor:
    return torch.triu(tensor(m), k)


def tril_indices(n: int, k: int = 0, m: int | None = None) -> tuple[torch.Tensor, ...]:
    return tuple(torch.tril_indices(n, n if m is None else m, k).to(default_int()))


def triu_indices(n: int, k: int = 0, m: int | None = None) -> tuple[torch.Tensor, ...]:
    return tuple(torch.triu_indices(n, n if m is None else m, k).to(default_int()))


def diag_indices(n: int, ndim: int = 2) -> tuple[torch.Tensor, ...]:
    return (arange(n),) * ndim


def tril_indices_from(arr: Any, k: int = 0) -> tuple[torch.Tensor, ...]:
    return tril_indices(arr.shape[-2], k, arr.shape[-1])


def triu_indices_from(arr: Any, k: int = 0) -> tuple[torch.Tensor, ...]:
    return triu_indices(arr.shape[-2], k, arr.shape[-1])


def diag_indices_from(arr: Any) -> tuple[torch.Tensor, ...]:
    if arr.dim() < 2 or len(set(arr.shape)) > 1:
        raise ValueError(f"diag_indices_from takes an array of 2 or more axes of one size, got {tuple(arr.shape)}")
    return diag_indices(arr.shape[0], arr.dim())


def mask_indices(n: int, mask_func: Any, k: int = 0) -> tuple[torch.Tensor, ...]:
    from unified.compat.jax.on_torch.array import unwrap, wrap

    found = unwrap(mask_func(wrap(ones((n, n))), k))
    return tuple(where.to(default_int()) for where in torch.nonzero(found, as_tuple=True))


@jax_function(operands="v", weak=lambda v, k=0: _off_the_main_diagonal(v, k))
def diag(v: Any, k: int = 0) -> torch.Tensor:
    return torch.diag(tensor(v), k)


@jax_function(operands="v", weak=False)
def diagflat(v: Any, k: int = 0) -> torch.Tensor:
    return torch.diagflat(tensor(v), k)


def _off_the_main_diagonal(a: Any, offset: int = 0, *axes: Any, **kwargs: Any) -> bool:
    return offset != 0 or getattr(a, "ndim", 0) != 2


@jax_function(operands="a", weak=_off_the_main_diagonal, method="diagonal")
def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> torch.Tensor:
    return torch.diagonal(tensor(a), offset, axis1, axis2)


def _vectors(name: str, values: Any) -> list[torch.Tensor]:
    tensors = [tensor(value) for value in values]
    if any(x.dim() != 1 for x in tensors):
        raise ValueError(f"{name} takes arrays of one axis, got shapes {[tuple(x.shape) for x in tensors]}")
    return tensors


@jax_function(operands="xi", promotes=False, weak="each")
def meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> list[torch.Tensor]:
    arrays = _vectors("meshgrid", xi)
    grids = [x.reshape([-1 if i == place else 1 for i in range(len(arrays))]) for place, x in enumerate(arrays)]
    if not sparse:
        grids = list(torch.broadcast_tensors(*grids))
    return [grid.transpose(0, 1) for grid in grids] if indexing == "xy" and len(grids) > 1 else grids


def indices(dimensions: Any, dtype: Any = None, sparse: bool = False) -> Any:
    grids = meshgrid(*[arange(n, dtype=dtype) for n in dimensions], sparse=sparse, indexing="ij")
    return tuple(grids) if sparse else torch.stack(grids)


@jax_function(operands="args", promotes=False, weak="each")
def ix_(*args: Any) -> tuple[torch.Tensor, ...]:
    return tuple(meshgrid(*_vectors("ix_", args), sparse=True, indexing="ij"))


@jax_function(on_arrays=True)
def fromfunction(function: Any, shape: Any, *, dtype: Any = float, **kwargs: Any) -> Any:
    """Map `function` over the positions of all elements."""
    from unified.compat.jax.on_torch.transforms import vmap

    places = range(len(shape))
    for place in reversed(places):
        function = vmap(function, in_axes=tuple(0 if axis == place else None for axis in places))
    return function(*[Array(arange(size, dtype=dtype)) for size in shape], **kwargs)


def frombuffer(buffer: Any, dtype: Any = float, count: int = -1, offset: int = 0) -> torch.Tensor:
    return of_numpy(np.frombuffer(buffer, dtype, count, offset))


@jax_function(operands="x", weak=False)
def vander(x: Any, N: int | None = None, increasing: bool = False) -> torch.Tensor:  # noqa: N803
    (x,) = _vectors("vander", [x])
    if x.dtype is torch.bool:
        raise TypeError("booleans have no powers: astype makes numbers of them")
    return torch.vander(x, N, increasing).to(x.dtype)


def hanning(M: int) -> torch.Tensor:  # noqa: N803
    return of_numpy(np.hanning(M))


def hamming(M: int) -> torch.Tensor:  # noqa: N803
    return of_numpy(np.hamming(M))


def blackman(M: int) -> torch.Tensor:  # noqa: N803
    return of_numpy(np.blackman(M))


def bartlett(M: int) -> torch.Tensor:  # noqa: N803
    return of_numpy(np.bartlett(M))


def isscalar(element: Any) -> bool:
    return np.isscalar(element) or (isinstance(element, torch.Tensor) and not element.dim())


def iterable(y: Any) -> bool:
    return np.iterable(y)


def issubdtype(arg1: Any, arg2: Any) -> bool:
    from unified.compat.jax.dtypes import issubdtype

    return issubdtype(*(numpy_dtype(one) if isinstance(one, torch.dtype) else one for one in (arg1, arg2)))


def promote_types(a: Any, b: Any) -> Any:
    kinds = [value for value in (a, b) if any(value is kind for kind in KINDS)]  # np.dtype("float64") equals float
    if len(kinds) == 2:
        return np.dtype(max(kinds, key=KINDS.index))
    if kinds:
        return numpy_dtype(with_scalar(torch_dtype(b if a is kinds[0] else a), kinds[0]))
    wide = [value if isinstance(value, torch.dtype) else named_dtype(value) for value in (a, b)]  # 64 bits stay
    if any(dtype in UNSIGNED for dtype in wide):
        floats = [dtype for dtype in wide if dtype.is_floating_point or dtype.is_complex]
        if floats:
            return numpy_dtype(floats[0])
        common = to_torch_dtype(np.promote_types(*map(numpy_dtype, wide)).name)
        return numpy_dtype(common if any(canonical(dtype) is not dtype for dtype in wide) else canonical(common))
    return numpy_dtype(torch.promote_types(*wide))


@jax_function(on_arrays=True)
def result_type(*args: Any) -> Any:
    if any(isinstance(getattr(arg, "dtype", arg), KeyDtype) for arg in args):
        if all(isinstance(getattr(arg, "dtype", arg), KeyDtype) for arg in args):
            return KEY_DTYPE
        raise TypeError("keys and numbers have no dtype in common")
    values: list[Any] = []
    for arg in args:
        if type(arg) is WeakArray:
            values.append(KINDS[category(arg.tensor.dtype)]())
        elif isinstance(arg, str | np.dtype | torch.dtype) or (
            isinstance(arg, type) and arg not in (bool, int, float, complex)
        ):
            values.append(torch.empty(0, dtype=torch_dtype(arg)))
        elif isinstance(arg, type):
            values.append(arg())
        elif hasattr(arg, "dtype") and not isinstance(arg, Array | torch.Tensor):  # such as a ShapeDtypeStruct
            values.append(torch.empty(0, dtype=torch_dtype(arg.dtype)))
        else:
            values.append(
                arg
                if isinstance(arg, bool | int | float | complex) and not isinstance(arg, np.generic)
                else tensor(arg)
            )
    return numpy_dtype(canonical(result_dtype(*values)))


def can_cast(from_: Any, to: Any, casting: Any = "safe") -> bool:
    return np.can_cast(numpy_dtype(torch_dtype(from_)), numpy_dtype(torch_dtype(to)), casting)
