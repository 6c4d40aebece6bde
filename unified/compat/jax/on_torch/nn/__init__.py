"""`jax.nn` on tensors."""

import math
from typing import Any

import torch
import torch.nn.functional as F

from unified.compat.jax.on_torch.array import tensor
from unified.compat.jax.on_torch.behaviour import FIRST, Behaviour, jax_function
from unified.compat.jax.on_torch.dtypes import default_float, torch_dtype
from unified.compat.jax.on_torch.nn import initializers
from unified.compat.jax.on_torch.numpy.operands import as_float, axes_of, in_float

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

BEHAVIOUR = Behaviour(operands=FIRST)


def relu(x: Any) -> torch.Tensor:
    return torch.relu(tensor(x))


def relu6(x: Any) -> torch.Tensor:
    return F.relu6(tensor(x))


def sigmoid(x: Any) -> torch.Tensor:
    return torch.sigmoid(as_float(x))


def tanh(x: Any) -> torch.Tensor:
    return torch.tanh(as_float(x))


def silu(x: Any) -> torch.Tensor:
    return F.silu(as_float(x))


swish = silu


def softplus(x: Any) -> torch.Tensor:
    x = as_float(x)
    return torch.logaddexp(x, torch.zeros((), dtype=x.dtype, device=x.device))


def soft_sign(x: Any) -> torch.Tensor:
    return F.softsign(as_float(x))


def log_sigmoid(x: Any) -> torch.Tensor:
    return F.logsigmoid(as_float(x))


def gelu(x: Any, approximate: bool = True) -> torch.Tensor:
    return F.gelu(as_float(x), approximate="tanh" if approximate else "none")


def elu(x: Any, alpha: Any = 1.0) -> torch.Tensor:
    x = as_float(x)
    return torch.where(x > 0, x, alpha * torch.expm1(torch.where(x > 0, 0, x)))


def celu(x: Any, alpha: Any = 1.0) -> torch.Tensor:
    x = as_float(x)
    return torch.maximum(x, torch.zeros_like(x)) + alpha * torch.expm1(torch.minimum(x, torch.zeros_like(x)) / alpha)


def selu(x: Any) -> torch.Tensor:
    return F.selu(as_float(x))


def leaky_relu(x: Any, negative_slope: Any = 1e-2) -> torch.Tensor:
    x = as_float(x)
    return torch.where(x >= 0, x, negative_slope * x)


def mish(x: Any) -> torch.Tensor:
    x = as_float(x)
    return x * torch.tanh(softplus(x))


def glu(x: Any, axis: int = -1) -> torch.Tensor:
    x = as_float(x)
    if x.shape[axis] % 2:
        raise AssertionError(f"glu halves axis {axis}, whose size is {x.shape[axis]}: it must be even")
    return F.glu(x, axis)


def hard_tanh(x: Any) -> torch.Tensor:
    x = tensor(x)
    return torch.where(x > 1, 1, torch.where(x < -1, -1, x)).to(x.dtype)


def hard_sigmoid(x: Any) -> torch.Tensor:
    return relu6(as_float(x) + 3.0) / 6.0


def hard_silu(x: Any) -> torch.Tensor:
    x = as_float(x)
    return x * hard_sigmoid(x)


hard_swish = hard_silu


def identity(x: Any) -> torch.Tensor:
    return tensor(x)


def squareplus(x: Any, b: Any = 4) -> torch.Tensor:
    x = as_float(x)
    return (x + torch.sqrt(torch.square(x) + b)) / 2


def sparse_plus(x: Any) -> torch.Tensor:
    x = as_float(x)
    return torch.where(x <= -1.0, 0.0, torch.where(x >= 1.0, x, (x + 1.0) ** 2 / 4))


def sparse_sigmoid(x: Any) -> torch.Tensor:
    return 0.5 * torch.clamp(as_float(x) + 1.0, 0.0, 2.0)


def log1mexp(x: Any) -> torch.Tensor:
    x = as_float(x)
    return torch.where(x < math.log(2), torch.log(-torch.expm1(-x)), torch.log1p(-torch.exp(-x)))


def _kept_out(x: torch.Tensor, where: Any, fill: float) -> torch.Tensor:
    return x if where is None else torch.where(tensor(where), x, fill)


def softmax(x: Any, axis: Any = -1, where: Any = None, initial: Any = None) -> torch.Tensor:
    x = as_float(x)
    axes = axes_of(axis, x.dim())
    x = _kept_out(x, where, -math.inf)
    if len(axes) == 1:
        found = torch.softmax(x, axes[0])
    else:
        found = torch.exp(x - torch.logsumexp(x, axes, keepdim=True))
    return found if where is None else torch.where(tensor(where), found, 0.0)


def log_softmax(x: Any, axis: Any = -1, where: Any = None, initial: Any = None) -> torch.Tensor:
    x = as_float(x)
    axes = axes_of(axis, x.dim())
    x = _kept_out(x, where, -math.inf)
    return torch.log_softmax(x, axes[0]) if len(axes) == 1 else x - torch.logsumexp(x, axes, keepdim=True)


def logsumexp(
    a: Any, axis: Any = None, b: Any = None, keepdims: bool = False, return_sign: bool = False, where: Any = None
) -> Any:
    x = _kept_out(as_float(a), where, -math.inf)
    axes = axes_of(axis, x.dim())
    if b is None:
        found = torch.logsumexp(x, axes, keepdim=keepdims) if axes else x
        return (found, torch.ones_like(found)) if return_sign else found
    x, b = in_float(x, b)
    x, b = torch.broadcast_tensors(x, b)
    high = torch.amax(torch.where(b != 0, x, -math.inf), axes, keepdim=True).detach()
    high = torch.where(torch.isfinite(high), high, 0.0)
    total = torch.sum(b * torch.exp(x - high), axes, keepdim=True)
    sign = torch.sgn(total)
    found = torch.log(torch.abs(total) if return_sign else total) + high
    if not keepdims:
        found, sign = found.squeeze(axes), sign.squeeze(axes)
    return (found, sign) if return_sign else found


def logmeanexp(x: Any, axis: Any = None, where: Any = None, keepdims: bool = False) -> torch.Tensor:
    x = as_float(x)
    count: Any = math.prod(x.shape[i] for i in axes_of(axis, x.dim()))
    if where is not None:
        count = torch.sum(tensor(where).expand(x.shape).to(x.dtype), axes_of(axis, x.dim()), keepdim=keepdims)
    return logsumexp(x, axis, keepdims=keepdims, where=where) - torch.log(tensor(count).to(x.dtype))


def one_hot(x: Any, num_classes: int, *, dtype: Any = None, axis: Any = -1) -> torch.Tensor:
    x = tensor(x)
    place = axis % (x.dim() + 1)
    classes = torch.arange(num_classes, device=x.device).to(x.dtype)
    classes = classes.reshape([num_classes if i == place else 1 for i in range(x.dim() + 1)])
    return (x.unsqueeze(place) == classes).to(default_float() if dtype is None else torch_dtype(dtype))


def standardize(
    x: Any, axis: Any = -1, mean: Any = None, variance: Any = None, epsilon: Any = 1e-5, where: Any = None
) -> torch.Tensor:
    from unified.compat.jax.on_torch.numpy import reductions

    x = as_float(x)
    mean = reductions.mean(x, axis, keepdims=True, where=where) if mean is None else tensor(mean)
    if variance is None:
        variance = reductions.mean(torch.square(x), axis, keepdims=True, where=where) - torch.square(mean)
    return (x - mean) * torch.rsqrt(torch.clamp(tensor(variance), min=0) + epsilon)


normalize = standardize


def dot_product_attention(
    query: Any, key: Any, value: Any, bias: Any = None, mask: Any = None, *, scale: float | None = None,
    is_causal: bool = False, query_seq_lengths: Any = None, key_value_seq_lengths: Any = None,
    local_window_size: Any = None, implementation: Any = None, return_residual: bool = False,
) -> torch.Tensor:  # fmt: skip
    """Queries, keys and values are `[batch, time, heads, size]`, or without the batch."""
    if local_window_size is not None or return_residual:
        raise NotImplementedError("dot_product_attention on torch has no local_window_size and no return_residual")
    q, k, v = (tensor(x) for x in (query, key, value))
    single = q.dim() == 3
    q, k, v = (x[None] if single else x for x in (q, k, v))
    groups = q.shape[2] // k.shape[2]
    k, v = (torch.repeat_interleave(x, groups, 2) if groups > 1 else x for x in (k, v))
    scores = torch.einsum("btnh,bsnh->bnts", q, k) * (q.shape[-1] ** -0.5 if scale is None else scale)
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
    found = torch.einsum("bnts,bsnh->btnh", torch.softmax(scores.float(), -1).to(v.dtype), v)
    if query_seq_lengths is not None:
        found = torch.where(rows[:, :, None] < tensor(query_seq_lengths).reshape(-1, 1, 1, 1), found, 0.0)
    return found[0] if single else found
