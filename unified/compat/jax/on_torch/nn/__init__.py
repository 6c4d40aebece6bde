"""`jax.nn` on tensors."""

import math
from typing import Any

import torch
import torch.nn.functional as F

from unified.compat.jax.on_torch.array import Array, as_array, tensor, unwrap
from unified.compat.jax.on_torch.behaviour import FIRST, Behaviour, jax_function
from unified.compat.jax.on_torch.dtypes import default_float, default_int, torch_dtype
from unified.compat.jax.on_torch.nn import initializers
from unified.compat.jax.on_torch.numpy import reductions
from unified.compat.jax.on_torch.numpy.elementwise import subtract
from unified.compat.jax.on_torch.numpy.operands import as_float, as_number, axes_of, in_float, same
from unified.compat.jax.on_torch.numpy.products import einsum
from unified.compat.jax.on_torch.weak import beside

__all__ = [
    "celu",
    "dot_product_attention",
    "elu",
    "gelu",
    "glu",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "identity",
    "initializers",
    "leaky_relu",
    "log1mexp",
    "log_sigmoid",
    "log_softmax",
    "logmeanexp",
    "logsumexp",
    "mish",
    "normalize",
    "one_hot",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "soft_sign",
    "softmax",
    "softplus",
    "sparse_plus",
    "sparse_sigmoid",
    "squareplus",
    "standardize",
    "swish",
    "tanh",
]

BEHAVIOUR = Behaviour(operands=FIRST)  # unless a decorator declares otherwise


def _gated(x: Any) -> torch.Tensor:
    """Return the operand of a logistic function, which takes no integers."""
    x = tensor(x)
    if not x.is_floating_point() and not x.is_complex():
        raise TypeError(f"the logistic function takes real or complex numbers, got {x.dtype}: astype first")
    return x


@jax_function(meets=int)
def relu(x: Any) -> torch.Tensor:
    x = tensor(x)
    return torch.relu(x.to(default_int()) if x.dtype is torch.bool else x)


@jax_function(meets=float)
def relu6(x: Any) -> torch.Tensor:
    return F.relu6(as_float(x))


def sigmoid(x: Any) -> torch.Tensor:
    return torch.sigmoid(_gated(x))


def tanh(x: Any) -> torch.Tensor:
    return torch.tanh(as_float(x))


def silu(x: Any) -> torch.Tensor:
    return F.silu(_gated(x))


swish = silu


@jax_function(meets=int)
def softplus(x: Any) -> torch.Tensor:
    x = as_float(x)
    return torch.logaddexp(x, torch.zeros((), dtype=x.dtype, device=x.device))


@jax_function(meets=int)
def soft_sign(x: Any) -> torch.Tensor:
    return F.softsign(as_float(x))


def _number(x: Any) -> torch.Tensor:
    x = tensor(x)
    if x.dtype is torch.bool:
        raise TypeError("booleans have no negative: astype makes numbers of them")
    return x


def log_sigmoid(x: Any) -> torch.Tensor:
    return F.logsigmoid(as_float(_number(x)))


@jax_function(weak=False)
def gelu(x: Any, approximate: bool = True) -> torch.Tensor:
    x = as_float(x)
    if x.is_complex() and approximate:  # where torch has no kernel; nor has JAX for the other
        return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    return F.gelu(x, approximate="tanh" if approximate else "none")


@jax_function(operands="x alpha", meets=float)
def elu(x: Any, alpha: Any = 1.0) -> torch.Tensor:
    x, alpha = in_float(x, alpha)
    return torch.where(x > 0, x, alpha * torch.expm1(torch.where(x > 0, 0, x)))


@jax_function(operands="x alpha", meets=float)
def celu(x: Any, alpha: Any = 1.0) -> torch.Tensor:
    x, alpha = in_float(x, alpha)
    return torch.maximum(x, torch.zeros_like(x)) + alpha * torch.expm1(torch.minimum(x, torch.zeros_like(x)) / alpha)


@jax_function(meets=float)
def selu(x: Any) -> torch.Tensor:
    return F.selu(as_float(x))


@jax_function(operands="x negative_slope", meets="negative_slope")
def leaky_relu(x: Any, negative_slope: Any = 1e-2) -> torch.Tensor:
    x, slope = same(x, negative_slope)
    return torch.where(x >= 0, x, slope * x)


@jax_function(meets=int)
def mish(x: Any) -> torch.Tensor:
    x = as_float(x)
    return x * torch.tanh(softplus(x))


def glu(x: Any, axis: int = -1) -> torch.Tensor:
    x = tensor(x)
    axis = axes_of(axis, x.dim())[0]
    if x.shape[axis] % 2:
        raise AssertionError(f"glu halves axis {axis}, whose size is {x.shape[axis]}: it must be even")
    return F.glu(_gated(x), axis)


@jax_function(meets=int)
def hard_tanh(x: Any) -> torch.Tensor:
    x = as_number(x)
    return torch.where(x > 1, 1, torch.where(x < -1, -1, x)).to(x.dtype)


@jax_function(meets=float)
def hard_sigmoid(x: Any) -> torch.Tensor:
    return relu6(as_float(x) + 3.0) / 6.0


@jax_function(meets=float)
def hard_silu(x: Any) -> torch.Tensor:
    x = as_float(x)
    return x * hard_sigmoid(x)


hard_swish = hard_silu


def identity(x: Any) -> torch.Tensor:
    return tensor(x)


def _squares_are_weak(x: Any, b: Any = 4) -> bool:
    """Return whether variances are weak: those of booleans, which are squares of integers, are not."""
    return tensor(unwrap(x)).dtype is not torch.bool or tensor(unwrap(b)).is_floating_point()


@jax_function(operands="x b", weak=_squares_are_weak)
def squareplus(x: Any, b: Any = 4) -> torch.Tensor:
    x, b = in_float(x, b)
    return (x + torch.sqrt(torch.square(x) + b)) / 2


@jax_function(meets=float)
def sparse_plus(x: Any) -> torch.Tensor:
    x = as_float(x)
    return torch.where(x <= -1.0, 0.0, torch.where(x >= 1.0, x, (x + 1.0) ** 2 / 4))


@jax_function(meets=float)
def sparse_sigmoid(x: Any) -> torch.Tensor:
    return 0.5 * torch.clamp(as_float(x) + 1.0, 0.0, 2.0)


def log1mexp(x: Any) -> torch.Tensor:
    x = as_float(_number(x))
    return torch.where(x < math.log(2), torch.log(-torch.expm1(-x)), torch.log1p(-torch.exp(-x)))


def _logits(x: Any, where: Any) -> torch.Tensor:
    x = tensor(x)
    return x if x.is_floating_point() else as_float(_number(x) if where is None else x)


def _kept_out(x: torch.Tensor, where: Any, fill: float) -> torch.Tensor:
    return x if where is None else torch.where(tensor(where), x, fill)


@jax_function(weak=False)
def softmax(x: Any, axis: Any = -1, where: Any = None, initial: Any = None) -> torch.Tensor:
    x = _logits(x, where)
    axes = axes_of(axis, x.dim())
    x = _kept_out(x, where, -math.inf)
    if x.is_complex():
        shifted = torch.exp(x - x.real.amax(axes, keepdim=True))
        result = shifted / shifted.sum(axes, keepdim=True)
    elif len(axes) == 1:
        result = torch.softmax(x, axes[0])
    else:
        result = torch.exp(x - _log_sum(x, axes))
    return result if where is None else torch.where(tensor(where), result, 0.0)


@jax_function(weak=False)
def log_softmax(x: Any, axis: Any = -1, where: Any = None, initial: Any = None) -> torch.Tensor:
    x = _logits(x, where)
    axes = axes_of(axis, x.dim())
    x = _kept_out(x, where, -math.inf)
    return torch.log_softmax(x, axes[0]) if len(axes) == 1 else x - _log_sum(x, axes)


def _log_sum(x: torch.Tensor, axes: tuple[int, ...]) -> torch.Tensor:
    return torch.logsumexp(x, axes, keepdim=True) if axes else x  # no axes are all of them in torch


@jax_function(operands="a b", weak=False)
def logsumexp(
    a: Any, axis: Any = None, b: Any = None, keepdims: bool = False, return_sign: bool = False, where: Any = None
) -> Any:
    x, b = (as_float(a), None) if b is None else in_float(a, b)
    x = _kept_out(x, where, -math.inf)
    axes = axes_of(axis, x.dim())
    if b is None:
        result = torch.logsumexp(x, axes, keepdim=keepdims) if axes else x
        return (result, torch.ones_like(result)) if return_sign else result
    x, b = torch.broadcast_tensors(x, b)
    axes = axes_of(axis, x.dim())
    high = torch.amax(torch.where(b != 0, x, -math.inf), axes, keepdim=True).detach()
    high = torch.where(torch.isfinite(high), high, 0.0)
    total = torch.sum(b * torch.exp(x - high), axes, keepdim=True)
    sign = torch.sgn(total)
    result = torch.log(torch.abs(total) if return_sign else total) + high
    if not keepdims:
        result, sign = result.squeeze(axes), sign.squeeze(axes)
    return (result, sign) if return_sign else result


@jax_function(weak=False)
def logmeanexp(x: Any, axis: Any = None, where: Any = None, keepdims: bool = False) -> torch.Tensor:
    x = as_float(x)
    count: Any = math.prod(x.shape[i] for i in axes_of(axis, x.dim()))
    if where is not None:
        count = torch.sum(tensor(where).expand(x.shape).to(x.dtype), axes_of(axis, x.dim()), keepdim=keepdims)
    return logsumexp(x, axis, keepdims=keepdims, where=where) - torch.log(tensor(count).to(x.dtype))


@jax_function(weak=False)
def one_hot(x: Any, num_classes: int, *, dtype: Any = None, axis: Any = -1) -> torch.Tensor:
    x = _number(x)
    place = axis % (x.dim() + 1)
    classes = torch.arange(num_classes, device=x.device).to(x.dtype)
    classes = classes.reshape([num_classes if i == place else 1 for i in range(x.dim() + 1)])
    return (x.unsqueeze(place) == classes).to(default_float() if dtype is None else torch_dtype(dtype))


@jax_function(on_arrays=True)
def standardize(
    x: Any, axis: Any = -1, mean: Any = None, variance: Any = None, epsilon: Any = 1e-5, where: Any = None
) -> Array:
    """Return strong arrays, whether the input is weak or not: moments that are weak take its dtype."""
    array, where = as_array(x).tensor, unwrap(where)
    x = array if mean is not None and array.dtype is torch.bool else as_float(array)
    mean = reductions.mean(x, axis, keepdims=True, where=where) if mean is None else beside(mean, x.dtype)
    centred = as_float(subtract(x, mean))
    if variance is None:
        variance = reductions.mean(torch.square(as_float(x)), axis, keepdims=True, where=where)
        variance = variance - torch.square(as_number(mean))
    centred, variance, epsilon = in_float(centred, beside(variance, centred.dtype), beside(epsilon, centred.dtype))
    return Array(centred * torch.rsqrt(torch.clamp(variance, min=0) + epsilon))


normalize = standardize


@jax_function(weak=False)
def dot_product_attention(
    query: Any, key: Any, value: Any, bias: Any = None, mask: Any = None, *, scale: float | None = None,
    is_causal: bool = False, query_seq_lengths: Any = None, key_value_seq_lengths: Any = None,
    local_window_size: Any = None, implementation: Any = None, return_residual: bool = False,
) -> torch.Tensor:  # fmt: skip
    """Queries, keys and values are `[batch, time, heads, size]`, or without the batch."""
    if local_window_size is not None or return_residual:
        raise NotImplementedError("dot_product_attention on torch has no local_window_size and no return_residual")
    q, k, v = (tensor(x) for x in (query, key, value))
    if not q.dtype is k.dtype is v.dtype:
        raise ValueError(f"queries, keys and values have one dtype, got {q.dtype}, {k.dtype} and {v.dtype}")
    single = q.dim() == 3
    q, k, v = (x[None] if single else x for x in (q, k, v))
    if k.shape[2] == 0 or q.shape[2] % k.shape[2]:
        raise ValueError(
            f"the number of query heads must be a multiple of key/value heads, got {q.shape[2]} and {k.shape[2]}"
        )
    groups = q.shape[2] // k.shape[2]
    k, v = (torch.repeat_interleave(x, groups, 2) if groups > 1 else x for x in (k, v))
    scores = torch.einsum("btnh,bsnh->bnts", as_float(q), as_float(k)) * (
        q.shape[-1] ** -0.5 if scale is None else scale
    )
    if bias is not None:
        scores = scores + tensor(bias)
    rows, columns = torch.arange(q.shape[1], device=q.device)[:, None], torch.arange(k.shape[1], device=q.device)
    allowed = torch.ones((), dtype=torch.bool, device=q.device) if mask is None else tensor(mask)
    if is_causal:
        allowed = allowed & (columns <= rows)
    if query_seq_lengths is not None:
        allowed = allowed & (rows < tensor(query_seq_lengths).reshape(-1, 1, 1, 1))
    if key_value_seq_lengths is not None:
        allowed = allowed & (columns < tensor(key_value_seq_lengths).reshape(-1, 1, 1, 1))
    scores = torch.where(allowed, scores, -0.7 * torch.finfo(scores.dtype).max)
    result = einsum("bnts,bsnh->btnh", torch.softmax(scores.float(), -1).to(v.dtype), v)
    if query_seq_lengths is not None:
        result = torch.where(rows[:, :, None] < tensor(query_seq_lengths).reshape(-1, 1, 1, 1), result, 0.0)
    return result[0] if single else result
