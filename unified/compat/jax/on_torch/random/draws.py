"""`jax.random` on tensors: JAX's bits, from Threefry in counter mode with a counter of 64 bits.

Words are computed as `int64`, whose operations torch has. A list of many words for a key on the CPU is computed by
NumPy, in place and in chunks, which takes a tenth of the time.
"""

import math
import operator
from typing import Any

import numpy as np
import torch

from unified.backends.torch import lanes
from unified.compat.jax.on_torch import tracing
from unified.compat.jax.on_torch.arguments import ArgumentError
from unified.compat.jax.on_torch.array import tensor
from unified.compat.jax.on_torch.behaviour import NONE, RETURNED, TAKEN, Behaviour, jax_function
from unified.compat.jax.on_torch.dtypes import torch_dtype
from unified.compat.jax.on_torch.numpy.operands import as_float, in_float
from unified.compat.jax.on_torch.random import older
from unified.compat.jax.on_torch.random.wide import offsets
from unified.core import threefry

__all__ = [
    "bernoulli",
    "beta",
    "bits",
    "categorical",
    "cauchy",
    "choice",
    "dirichlet",
    "exponential",
    "fold_in",
    "gamma",
    "gumbel",
    "laplace",
    "loggamma",
    "logistic",
    "multivariate_normal",
    "normal",
    "permutation",
    "rademacher",
    "randint",
    "split",
    "truncated_normal",
    "uniform",
]

BEHAVIOUR = Behaviour(operands=NONE, key=TAKEN)

MANY = 1 << 12  # words from which on NumPy is faster than a tensor operation for each step of the rounds
UNSIGNED = {8: torch.uint8, 16: torch.uint16, 32: torch.uint32, 64: torch.uint64}


def _words(key: torch.Tensor) -> threefry.Key:
    if key.shape != (2,):
        raise ArgumentError(f"a key has shape (2,), got {tuple(key.shape)}: use vmap for several")
    if key.is_floating_point() or key.dtype is torch.bool:
        raise TypeError(f"a key is an array of two words of uint32, got {key.dtype}: PRNGKey(seed) makes one")
    wide = key.to(torch.int64)
    return wide[0], wide[1]


def _counted(key: torch.Tensor, count: int) -> Any:
    _words(key)
    word = tracing.Abstract((count,), torch.int64, key.device)
    return word, word


@tracing.primitive(_counted)
def _counter(key: torch.Tensor, count: int) -> threefry.Key:
    """Return the words of the stream of `key` before they are joined."""
    if not isinstance(key, torch.Tensor):
        raise TypeError(f"a key is an array of two words, got {type(key).__name__}: PRNGKey(seed) makes one")
    positions = torch.arange(count, dtype=torch.int64, device=key.device)
    return threefry.threefry2x32(_words(key), (positions >> 32, positions & threefry.MASK))


def shape_of(shape: Any) -> tuple[int, ...]:
    """Return a shape from its sizes, or from its only size."""
    return (int(shape),) if hasattr(shape, "__index__") else tuple([operator.index(size) for size in shape])


def holds_anywhere(condition: torch.Tensor) -> bool:
    """Return whether a condition is true for any element, also of mapped axes."""
    values = condition if torch.compiler.is_compiling() else lanes.values_of_all(condition)
    return bool(values.any())


def _is_plain(key: torch.Tensor) -> bool:
    """Return whether the values of a key can be read now."""
    return (
        not torch.compiler.is_compiling()
        and key.is_cpu
        and type(key) is torch.Tensor
        and torch._C._functorch.peek_interpreter_stack() is None
    )


def _drawn(key: torch.Tensor, width: int, shape: tuple[int, ...]) -> Any:
    _words(key)
    return tracing.Abstract(tuple(shape), torch.int64, key.device)


@tracing.primitive(_drawn)
def _bits(key: torch.Tensor, width: int, shape: tuple[int, ...]) -> torch.Tensor:
    """Return random words of `width` bits as `int64`; for 64 bits, their bit pattern."""
    count = math.prod(shape)
    if not older.is_partitionable():
        return older.bits(_words(key), width, count, key.device).reshape(shape)
    if width == 64:
        high, low = _counter(key, count)
        return ((high << 32) | low).reshape(shape)
    if count >= MANY and _is_plain(key):
        host = np.empty(count, np.int64)

        def consume(where: slice, words: np.ndarray) -> None:
            host[where] = words

        threefry.random_bits_into(tuple(key.tolist()), count, consume)
        words = torch.from_numpy(host)
    else:
        x0, x1 = _counter(key, count)
        words = x0 ^ x1
    return (words & ((1 << width) - 1)).reshape(shape)


@jax_function(key=RETURNED)
def split(key: torch.Tensor, num: Any = 2) -> torch.Tensor:
    shape = shape_of(num)
    if not older.is_partitionable():
        return older.words(_words(key), 2 * math.prod(shape), key.device).reshape((*shape, 2)).to(torch.uint32)
    return torch.stack(_counter(key, math.prod(shape)), -1).reshape((*shape, 2)).to(torch.uint32)


@jax_function(key=RETURNED)
def fold_in(key: torch.Tensor, data: Any) -> torch.Tensor:
    if isinstance(data, torch.Tensor) and data.dim():
        raise TypeError(f"fold_in takes a number, got shape {tuple(data.shape)}: use jax.vmap for several")
    return _folded(key, data.to(torch.int64) if isinstance(data, torch.Tensor) else int(data))


def _fold(key: torch.Tensor, data: Any) -> Any:
    _words(key)
    return tracing.Abstract((2,), torch.uint32, key.device)


@tracing.primitive(_fold)
def _folded(key: torch.Tensor, data: Any) -> torch.Tensor:
    return torch.stack([torch.as_tensor(word) for word in threefry.fold_in(_words(key), data)]).to(torch.uint32)


def bits(key: torch.Tensor, shape: Any = (), dtype: Any = None, *, out_sharding: Any = None) -> torch.Tensor:
    dtype = torch.uint32 if dtype is None else torch_dtype(dtype)
    width = next((width for width, known in UNSIGNED.items() if known is dtype), None)
    if width is None:
        raise TypeError(f"random words are of an unsigned type, got {dtype}")
    words = _bits(key, width, shape_of(shape))
    return words.view(torch.uint64) if width == 64 else words.to(dtype)


def uniform(
    key: torch.Tensor,
    shape: Any = (),
    dtype: Any = float,
    minval: Any = 0.0,
    maxval: Any = 1.0,
    *,
    out_sharding: Any = None,
) -> torch.Tensor:
    dtype = torch_dtype(dtype)
    if not dtype.is_floating_point:
        raise TypeError(f"uniform draws floating-point numbers, got {dtype}")
    info = torch.finfo(dtype)
    mantissa = -int(math.log2(info.eps))
    width = 8 if mantissa < 8 else info.bits
    # The fraction of a number in [1, 2), as JAX makes it, is a multiple of its last place: exact in a double.
    words = _bits(key, width, shape_of(shape))
    fraction = (words >> (width - mantissa)) & ((1 << mantissa) - 1)
    unit = fraction.to(torch.float64 if dtype is torch.float64 else torch.float32).to(dtype) * 2.0**-mantissa
    low, high = (torch.as_tensor(bound, dtype=dtype, device=key.device) for bound in (minval, maxval))
    return torch.maximum(low, unit * (high - low) + low)


# Polynomials of the inverse error function in single precision, of `w = -log(1 - x * x)`, for small `w` and for large.
CENTRAL = (
    2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087,
    -0.00125372503, -0.00417768164, 0.246640727, 1.50140941,
)  # fmt: skip
TAIL = (
    -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773,
    -0.0076224613, 0.00943887047, 1.00167406, 2.83297682,
)  # fmt: skip


def _erfinv(x: torch.Tensor) -> torch.Tensor:
    """Return the inverse error function as JAX's compiler computes it; torch's own differs in the last bits.

    Source: Giles, "Approximating the erfinv function" (2012).
    """
    if x.dtype is torch.float64:
        return torch.erfinv(x)
    wide = x.to(torch.float32)
    w = -torch.log1p(-wide * wide)
    small = w < 5
    w = torch.where(small, w - 2.5, torch.sqrt(w.clamp(min=5)) - 3)
    result = torch.where(small, CENTRAL[0], TAIL[0])
    for central, tail in zip(CENTRAL[1:], TAIL[1:], strict=True):
        result = torch.where(small, central, tail) + result * w
    return torch.where(wide.abs() == 1, wide * math.inf, result * wide).to(x.dtype)


def _inverse_error(key: torch.Tensor, shape: Any, dtype: Any, low: Any, high: Any) -> torch.Tensor:
    """Return the quantiles of the normal distribution at uniform values."""
    drawn = uniform(key, shape, dtype, low, high)
    return torch.tensor(math.sqrt(2), dtype=drawn.dtype, device=drawn.device) * _erfinv(drawn)


def normal(key: torch.Tensor, shape: Any = (), dtype: Any = float, *, out_sharding: Any = None) -> torch.Tensor:
    dtype = torch_dtype(dtype)
    if dtype.is_complex:  # real and imaginary parts of half the variance, from a key each
        parts = [normal(one, shape, dtype.to_real()) for one in split(key)]
        return torch.complex(*[part / math.sqrt(2) for part in parts])
    with tracing.outside():
        above = torch.nextafter(torch.tensor(-1.0, dtype=dtype), torch.tensor(0.0, dtype=dtype)).item()
    return _inverse_error(key, shape, dtype, above, 1.0)


def truncated_normal(
    key: torch.Tensor, lower: Any, upper: Any, shape: Any = None, dtype: Any = float, *, out_sharding: Any = None
) -> torch.Tensor:
    dtype = torch_dtype(dtype)
    low, high = (torch.as_tensor(bound, dtype=dtype, device=key.device) for bound in (lower, upper))
    shape = torch.broadcast_shapes(low.shape, high.shape) if shape is None else shape
    root = torch.tensor(math.sqrt(2), dtype=dtype, device=key.device)
    drawn = _inverse_error(key, shape, dtype, torch.erf(low / root), torch.erf(high / root))
    infinity = torch.tensor(math.inf, dtype=dtype, device=key.device)
    return torch.clamp(drawn, torch.nextafter(low, infinity), torch.nextafter(high, -infinity))


def bernoulli(key: torch.Tensor, p: Any = 0.5, shape: Any = None, *, out_sharding: Any = None) -> torch.Tensor:
    p = tensor(p).to(key.device)
    if not p.is_floating_point():
        raise TypeError(f"a probability is a floating-point number, got {p.dtype}")
    shape = tuple(p.shape) if shape is None else shape_of(shape)
    return uniform(key, shape, p.dtype, 0.0, 1.0) < p.expand(shape)


def randint(
    key: torch.Tensor, shape: Any, minval: Any, maxval: Any, dtype: Any = int, *, out_sharding: Any = None
) -> torch.Tensor:
    dtype = torch_dtype(dtype)
    info = torch.iinfo(dtype)
    shape = shape_of(shape)
    if info.bits == 64:  # with jax_enable_x64
        return wide_integers(key, shape, minval, maxval, dtype)
    low, high = (torch.as_tensor(bound, device=key.device).to(torch.int64) for bound in (minval, maxval))
    if torch.broadcast_shapes(low.shape, high.shape, shape) != torch.Size(shape):
        raise ValueError(f"bounds of shape {tuple(low.shape)} and {tuple(high.shape)} do not fit the shape {shape}")
    width = max(info.bits, 32)  # as JAX does, for less of a bias
    wrap = (1 << width) - 1
    beyond = (high > info.max) & (info.bits == width)
    low, high = low.clamp(info.min, info.max), high.clamp(info.min, info.max + (info.bits < width))
    span = torch.where(high <= low, torch.ones_like(high - low), (high - low) & wrap)
    span = torch.where(beyond & (high > low), (span + 1) & wrap, span)
    upper, lower = (_bits(one, width, shape) for one in split(key))
    multiplier = _remainder(torch.full_like(span, 1 << (width // 2)), span)
    multiplier = _remainder((multiplier * multiplier) & wrap, span)
    offset = (_remainder(upper, span) * multiplier + _remainder(lower, span)) & wrap
    return (low + _remainder(offset, span)).to(dtype)


def wide_integers(key: torch.Tensor, shape: Any, minval: Any, maxval: Any, dtype: torch.dtype) -> torch.Tensor:
    """Return integers of 64 bits."""
    if dtype is not torch.int64:
        raise TypeError(f"randint draws no {dtype} on torch, which has no arithmetic for it: use int64")
    low, high = (torch.as_tensor(bound, device=key.device).to(torch.int64) for bound in (minval, maxval))
    if torch.broadcast_shapes(low.shape, high.shape, shape) != torch.Size(shape):
        raise ValueError(f"bounds of shape {tuple(low.shape)} and {tuple(high.shape)} do not fit the shape {shape}")
    span = torch.where(high <= low, torch.ones_like(high - low), high - low)
    upper, lower = (_bits(one, 64, shape) for one in split(key))
    return low + offsets(upper, lower, span)


def _remainder(value: torch.Tensor, span: torch.Tensor) -> torch.Tensor:
    """Return the remainder; the value itself for a span of 0, which means one more than the largest word."""
    return torch.where(span == 0, value, value % torch.where(span == 0, torch.ones_like(span), span))


def _of_an_array(key: Any, x: Any, *args: Any, **named: Any) -> bool:
    return getattr(x, "ndim", 0) > 0


@jax_function(operands="x", weak=_of_an_array)
def permutation(
    key: torch.Tensor, x: Any, axis: int = 0, independent: bool = False, *, out_sharding: Any = None
) -> torch.Tensor:
    if not isinstance(x, torch.Tensor) or x.dim() == 0:
        return _shuffled(key, torch.arange(int(x), dtype=torch.int32, device=key.device), 0)
    if independent or x.dim() == 1:
        return _shuffled(key, x, axis)
    order = _shuffled(key, torch.arange(x.shape[axis], device=x.device), 0)
    return x.index_select(axis, order)


def _shuffled(key: torch.Tensor, x: torch.Tensor, axis: int) -> torch.Tensor:
    """Return `x` sorted by random words, often enough that equal words do not matter."""
    rounds = math.ceil(3 * math.log(max(1, x.numel())) / math.log(threefry.MASK))
    for _ in range(rounds):
        key, round_key = split(key)
        x = x.gather(axis, _bits(round_key, 32, tuple(x.shape)).argsort(stable=True, dim=axis))
    return x


@jax_function(operands="a", weak=_of_an_array)
def choice(
    key: torch.Tensor, a: Any, shape: Any = (), replace: bool = True, p: Any = None, axis: int = 0
) -> torch.Tensor:
    is_array = isinstance(a, torch.Tensor) and a.dim() > 0
    size, shape = (a.shape[axis] if is_array else int(a)), shape_of(shape)
    count = math.prod(shape)
    if size <= 0 and count:
        raise ValueError("there is nothing to choose from")
    if not replace and count > size:
        raise ValueError(f"{count} of {size} cannot be chosen without replacement")
    if p is None and replace:
        index = randint(key, shape, 0, size, "int32")
    elif p is None:
        whole = permutation(key, a if is_array else size, axis, False)
        return whole.narrow(axis, 0, count).reshape((*whole.shape[:axis], *shape, *whole.shape[axis + 1 :]))
    elif replace:
        p = as_float(p)
        total = torch.cumsum(p, 0)
        drawn = total[-1] * (1 - uniform(key, shape, p.dtype, 0.0, 1.0))
        index = torch.searchsorted(total, drawn).to(torch.int32)
    else:
        p = as_float(p)
        odds = gumbel(key, (size,), p.dtype) + torch.log(p)
        index = torch.topk(odds, count).indices.to(torch.int32).reshape(shape)
    if not is_array:
        return index
    chosen = a.index_select(axis, index.reshape(-1))
    axis = axis % a.dim()
    return chosen.reshape((*a.shape[:axis], *shape, *a.shape[axis + 1 :]))


def gumbel(key: torch.Tensor, shape: Any = (), dtype: Any = float, *, out_sharding: Any = None) -> torch.Tensor:
    dtype = torch_dtype(dtype)
    return -torch.log(-torch.log(uniform(key, shape, dtype, torch.finfo(dtype).tiny, 1.0)))


def exponential(key: torch.Tensor, shape: Any = (), dtype: Any = float, *, out_sharding: Any = None) -> torch.Tensor:
    return -torch.log1p(-uniform(key, shape, dtype, 0.0, 1.0))


def categorical(
    key: torch.Tensor,
    logits: Any,
    axis: int = -1,
    shape: Any = None,
    replace: bool = True,
    mode: Any = None,
    *,
    out_sharding: Any = None,
) -> torch.Tensor:
    logits = tensor(logits)
    axis = axis % logits.dim() - logits.dim()
    batch = [size for place, size in enumerate(logits.shape) if place != axis + logits.dim()]
    shape = tuple(batch) if shape is None else shape_of(shape)
    if torch.broadcast_shapes(shape, tuple(batch)) != shape:
        raise ValueError(f"the shape {shape} does not fit logits of shape {tuple(logits.shape)} without axis {axis}")
    drawn = list(shape)
    drawn.insert(len(drawn) + 1 + axis, logits.shape[axis])
    return (gumbel(key, drawn, logits.dtype) + logits).argmax(axis).to(torch.int32)


def laplace(key: torch.Tensor, shape: Any = (), dtype: Any = float, *, out_sharding: Any = None) -> torch.Tensor:
    dtype = torch_dtype(dtype)
    drawn = uniform(key, shape, dtype, -1.0 + torch.finfo(dtype).eps, 1.0)
    return torch.sign(drawn) * torch.log1p(-torch.abs(drawn))


def logistic(key: torch.Tensor, shape: Any = (), dtype: Any = float, *, out_sharding: Any = None) -> torch.Tensor:
    dtype = torch_dtype(dtype)
    drawn = uniform(key, shape, dtype, torch.finfo(dtype).tiny, 1.0)
    return torch.log(drawn / (1 - drawn))


def cauchy(key: torch.Tensor, shape: Any = (), dtype: Any = float, *, out_sharding: Any = None) -> torch.Tensor:
    dtype = torch_dtype(dtype)
    drawn = uniform(key, shape, dtype, torch.finfo(dtype).eps, 1.0)
    return torch.tan(math.pi * (drawn - 0.5))


def rademacher(key: torch.Tensor, shape: Any = (), dtype: Any = int, *, out_sharding: Any = None) -> torch.Tensor:
    drawn = bernoulli(key, 0.5, shape_of(shape))
    return (2 * drawn.to(torch.int32) - 1).to(torch_dtype(dtype))


def multivariate_normal(
    key: torch.Tensor,
    mean: Any,
    cov: Any,
    shape: Any = None,
    dtype: Any = None,
    method: str = "cholesky",
    *,
    out_sharding: Any = None,
) -> torch.Tensor:
    mean, cov = in_float(mean, cov)
    batch = torch.broadcast_shapes(mean.shape[:-1], cov.shape[:-2]) if shape is None else shape_of(shape)
    drawn = normal(key, (*batch, mean.shape[-1]), mean.dtype)
    return mean + torch.einsum("...ij,...j->...i", torch.linalg.cholesky(cov), drawn)


def _each(keys: torch.Tensor) -> threefry.Key:
    wide = keys.to(torch.int64)
    return wide[..., 0], wide[..., 1]


def _split_each(keys: torch.Tensor, count: int) -> torch.Tensor:
    """Return `split` of each key, along a new axis before the words."""
    first, second = (word[..., None] for word in _each(keys))
    if not older.is_partitionable():
        return older.words((first, second), 2 * count, keys.device).reshape((*keys.shape[:-1], count, 2))
    positions = torch.arange(count, dtype=torch.int64, device=keys.device).expand((*first.shape[:-1], count))
    return torch.stack(threefry.threefry2x32((first, second), (torch.zeros_like(positions), positions)), -1)


def _uniform_each(keys: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """Return one uniform value for each key."""
    zero = torch.zeros_like(keys[..., 0], dtype=torch.int64)
    x0, x1 = threefry.threefry2x32(_each(keys), (zero, zero))
    word = x0 ^ x1 if older.is_partitionable() else x0
    return (word >> 9).to(dtype) * 2.0**-23


def _normal_each(keys: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    above = torch.nextafter(torch.tensor(-1.0, dtype=dtype), torch.tensor(0.0, dtype=dtype))
    drawn = torch.maximum(above, _uniform_each(keys, dtype) * (1 - above) + above)
    return torch.tensor(math.sqrt(2), dtype=dtype) * _erfinv(drawn)


@tracing.primitive(lambda keys, a, log_space: tracing.abstract_of(a))
def _gamma_each(keys: torch.Tensor, a: torch.Tensor, log_space: bool) -> torch.Tensor:
    """Sample by rejection, with separate keys for each element, so that the draws are those of JAX.

    Source: Marsaglia and Tsang, "A simple method for generating gamma variables" (2000).
    """
    dtype = a.dtype
    boosted = torch.where(a >= 1, a, a + 1)
    d = boosted - 1 / 3
    c = 1 / 3 / torch.sqrt(d)
    pair = _split_each(keys, 2)
    key, draw_key = pair[..., 0, :], pair[..., 1, :]
    v, active = torch.ones_like(a), torch.ones_like(a, dtype=torch.bool)
    while holds_anywhere(active):
        three = _split_each(key, 3)
        key, x_key, u_key = (torch.where(active[..., None], three[..., i, :], key) for i in range(3))
        x, root = torch.zeros_like(a), -torch.ones_like(a)
        while holds_anywhere(root <= 0):
            two = _split_each(x_key, 2)
            again = root <= 0
            x = torch.where(again, _normal_each(two[..., 1, :], dtype), x)
            x_key = torch.where(again[..., None], two[..., 0, :], x_key)
            root = torch.where(again, 1 + x * c, root)
        square, cube, u = x * x, root * root * root, _uniform_each(u_key, dtype)
        v = torch.where(active, cube, v)
        rejected = (u >= 1 - 0.0331 * square * square) & (
            torch.log(u) >= square * 0.5 + d * (1 - cube + torch.log(cube))
        )
        active = active & rejected
    if log_space:
        logs = torch.log1p(-_uniform_each(draw_key, dtype))
        boost = torch.where((a >= 1) | (logs == 0), 0.0, logs / a)
        return torch.log(d) + torch.log(v) + boost
    return d * v * torch.where(a >= 1, 1.0, torch.pow(1 - _uniform_each(draw_key, dtype), 1 / a))


def _gamma(key: torch.Tensor, a: Any, shape: Any, dtype: Any, log_space: bool) -> torch.Tensor:
    a = tensor(a).to(torch_dtype(dtype))
    shape = tuple(a.shape) if shape is None else shape_of(shape)
    keys = split(key, math.prod(shape)).to(torch.int64)
    return _gamma_each(keys, a.expand(shape).reshape(-1), log_space).reshape(shape)


def gamma(
    key: torch.Tensor, a: Any, shape: Any = None, dtype: Any = float, *, out_sharding: Any = None
) -> torch.Tensor:
    return _gamma(key, a, shape, dtype, False)


def loggamma(
    key: torch.Tensor, a: Any, shape: Any = None, dtype: Any = float, *, out_sharding: Any = None
) -> torch.Tensor:
    return _gamma(key, a, shape, dtype, True)


def beta(
    key: torch.Tensor, a: Any, b: Any, shape: Any = None, dtype: Any = float, *, out_sharding: Any = None
) -> torch.Tensor:
    dtype = torch_dtype(dtype)
    a, b = tensor(a).to(dtype), tensor(b).to(dtype)
    shape = torch.broadcast_shapes(a.shape, b.shape) if shape is None else shape_of(shape)
    keys = split(key)
    logs = [loggamma(k, value, shape, dtype) for k, value in zip(keys, (a, b), strict=True)]
    high = torch.maximum(*logs)
    first, second = (torch.exp(value - high) for value in logs)
    return first / (first + second)


def dirichlet(
    key: torch.Tensor, alpha: Any, shape: Any = None, dtype: Any = float, *, out_sharding: Any = None
) -> torch.Tensor:
    dtype = torch_dtype(dtype)
    alpha = tensor(alpha).to(dtype)
    shape = tuple(alpha.shape[:-1]) if shape is None else shape_of(shape)
    return torch.softmax(loggamma(key, alpha, (*shape, alpha.shape[-1]), dtype), -1)
