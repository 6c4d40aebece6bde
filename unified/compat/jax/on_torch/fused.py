"""Operations of layers by torch's kernels, where these compute the same as Haiku; otherwise `NotImplemented`."""

import functools
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from unified.compat.jax.on_torch import tracing
from unified.compat.jax.on_torch.array import Array
from unified.compat.jax.on_torch.behaviour import Behaviour

__all__ = ["attention", "batch_norm", "layer_norm", "linear", "moving_average", "normalised"]

BEHAVIOUR = Behaviour(on_arrays=True)


def _unwrap(value: Any) -> Any:
    return value.tensor if isinstance(value, Array) else value


def _is_transformed() -> bool:
    """Return whether a transform of torch.func is active, which a compiler does not show."""
    return not torch.compiler.is_compiling() and torch._C._functorch.peek_interpreter_stack() is not None


def layer_norm(x: Any, axes: tuple[int, ...], scale: Any, offset: Any, eps: Any) -> Any:
    """Normalise by `torch.nn.functional.layer_norm`, over last axes, with a scale and offset along them."""
    tensor, scale, offset = _unwrap(x), _unwrap(scale), _unwrap(offset)
    if not isinstance(tensor, torch.Tensor) or not tensor.is_floating_point() or not isinstance(eps, float):
        return NotImplemented
    first = tensor.dim() - len(axes)
    if axes != tuple(range(first, tensor.dim())):
        return NotImplemented
    shape = tuple(tensor.shape[first:])
    for value in (scale, offset):
        if value is not None and (not isinstance(value, torch.Tensor) or tuple(value.shape) != shape):
            return NotImplemented
    return Array(F.layer_norm(tensor, shape, scale, offset, eps))


def linear(x: Any, w: Any, b: Any) -> Any:
    """Compute `x @ w + b` by `torch.nn.functional.linear`."""
    x, w, b = _unwrap(x), _unwrap(w), _unwrap(b)
    if not isinstance(w, torch.Tensor) or x.dtype is not w.dtype or w.dim() != 2 or not x.is_floating_point():
        return NotImplemented
    if b is not None and (not isinstance(b, torch.Tensor) or b.dtype is not x.dtype):
        return NotImplemented
    if x.dim() == 2:  # as below, without a view of the weights
        return Array(torch.mm(x, w) if b is None else torch.addmm(b, x, w))
    return Array(F.linear(x, w.mT, b))


def attention(queries: Any, keys: Any, values: Any, mask: Any, root: float) -> Any:
    """Compute attention by torch's kernel, which has no second derivative: not where torch.func is active.

    It applies without a mask: for a row that is masked entirely, the kernel returns NaN, Haiku the mean of the values.
    """
    q, k, v = (_unwrap(x) for x in (queries, keys, values))
    if mask is not None or _is_transformed() or not q.dtype is k.dtype is v.dtype:
        return NotImplemented
    q, k, v = (x.transpose(-2, -3) for x in (q, k, v))
    return Array(_attend(q, k, v, root).transpose(-2, -3))


def _attended(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, root: float) -> Any:
    return tracing.Abstract((*q.shape[:-1], v.shape[-1]), q.dtype, q.device)


@tracing.primitive(_attended)
def _attend(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, root: float) -> torch.Tensor:
    if _is_transformed():  # in the replay of a trace
        return torch.softmax(q @ k.mT / root, -1) @ v
    return F.scaled_dot_product_attention(q, k, v, scale=1 / root)


def _along_channels(value: Any, channels: int) -> Any:
    """Return a scale or offset as a vector; `NotImplemented` if it has other axes."""
    value = _unwrap(value)
    if value is None:
        return None
    if not isinstance(value, torch.Tensor) or value.numel() != channels:
        return NotImplemented
    return value.reshape(channels)


class _Statistics(torch.autograd.Function):
    """The kernel's mean and variance, with gradients, which Haiku's moving averages have within a call."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, mean: torch.Tensor, inverse: torch.Tensor, eps: float) -> Any:
        ctx.save_for_backward(x, mean)
        return mean.view_as(mean), torch.clamp(inverse.square().reciprocal_().sub_(eps), min=0)

    @staticmethod
    def backward(ctx: Any, mean_grad: torch.Tensor, var_grad: torch.Tensor) -> Any:
        x, mean = ctx.saved_tensors
        shape, count = (1, -1, *[1] * (x.dim() - 2)), x.numel() // x.shape[1]
        mean_grad, var_grad, mean = mean_grad.reshape(shape), var_grad.reshape(shape), mean.reshape(shape)
        return (mean_grad + var_grad * (x - mean) * 2) / count, None, None, None


def batch_norm(x: Any, channel: int, scale: Any, offset: Any, eps: Any) -> Any:
    """Normalise by torch's kernel, in eager mode without torch.func; return the output, the mean and the variance.

    A compiler fuses the operations itself, and torch.func needs single ones.
    """
    tensor = _unwrap(x)
    if torch.compiler.is_compiling() or _is_transformed():
        return NotImplemented
    if tensor.dtype is not torch.float32 or tensor.dim() < 2 or not isinstance(eps, float) or tensor.is_meta:
        return NotImplemented
    channels = tensor.shape[channel]
    weight, bias = _along_channels(scale, channels), _along_channels(offset, channels)
    if weight is NotImplemented or bias is NotImplemented:
        return NotImplemented
    tensor = tensor.movedim(channel, 1)
    out, mean, var = _batch_norm(tensor, weight, bias, eps)
    shape = [channels if axis == channel else 1 for axis in range(out.dim())]
    return Array(out.movedim(1, channel)), Array(mean.reshape(shape)), Array(var.reshape(shape))


def _batch_normed(x: torch.Tensor, weight: Any, bias: Any, eps: float) -> Any:
    statistics = tracing.Abstract((x.shape[1],), x.dtype, x.device)
    return tracing.abstract_of(x), statistics, statistics


@tracing.primitive(_batch_normed)
def _batch_norm(x: torch.Tensor, weight: Any, bias: Any, eps: float) -> tuple[torch.Tensor, ...]:
    if _is_transformed():  # in the replay of a trace
        axes = [axis for axis in range(x.dim()) if axis != 1]
        mean = x.mean(axes)
        var = x.square().mean(axes) - mean.square()
        return _from_statistics(x, mean, var, weight, bias, eps), mean, var
    out, mean, inverse = torch.native_batch_norm(x, weight, bias, None, None, True, 0.0, eps)
    return out, *_Statistics.apply(x, mean, inverse, eps)


def _from_statistics(x: torch.Tensor, mean: torch.Tensor, var: torch.Tensor, weight: Any, bias: Any, eps: float) -> Any:
    """Normalise along the axis 1, by single operations."""
    scale = torch.rsqrt(var + eps) if weight is None else weight * torch.rsqrt(var + eps)
    shape = (-1, *[1] * (x.dim() - 2))
    out = (x - mean.reshape(shape)) * scale.reshape(shape)
    return out if bias is None else out + bias.reshape(shape)


@tracing.primitive(lambda x, *others: tracing.abstract_of(x))
def _normalised(x: torch.Tensor, mean: torch.Tensor, var: torch.Tensor, weight: Any, bias: Any, eps: float) -> Any:
    if mean.requires_grad or var.requires_grad:  # in the replay of a trace
        return _from_statistics(x, mean, var, weight, bias, eps)
    return F.batch_norm(x, mean, var, weight, bias, False, 0.0, eps)


@functools.cache
def _round_to_float32(value: float) -> float:
    """Return the nearest 32-bit floating-point number."""
    return float(np.float32(value))


def moving_average(hidden: Any, value: Any, decay: Any, counter: Any, debias: bool) -> Any:
    """Return the updated sum and average, for a `decay` rounded as in JAX; a compiler fuses the operations itself."""
    hidden, value, counter = _unwrap(hidden), _unwrap(value), _unwrap(counter)
    if not isinstance(decay, float) or value.dtype is not torch.float32 or torch.compiler.is_compiling():
        return NotImplemented
    decay = _round_to_float32(decay)
    hidden = torch.add(hidden * decay, value, alpha=1 - decay)
    return Array(hidden), Array(hidden / (1 - torch.pow(decay, counter.float())) if debias else hidden)


def normalised(x: Any, mean: Any, var: Any, scale: Any, offset: Any, eps: Any) -> Any:
    """Normalise by torch's kernel in evaluation, if the statistics are per channel and need no gradient."""
    tensor, mean, var = _unwrap(x), _unwrap(mean), _unwrap(var)
    if tensor.dtype is not torch.float32 or not isinstance(eps, float) or mean.requires_grad or var.requires_grad:
        return NotImplemented
    channel_axes = [axis for axis, size in enumerate(mean.shape) if size > 1]
    if len(channel_axes) != 1 or tensor.dim() < 2 or mean.dim() != tensor.dim() or mean.shape != var.shape:
        return NotImplemented
    channels = mean.numel()
    weight, bias = _along_channels(scale, channels), _along_channels(offset, channels)
    if tensor.shape[channel_axes[0]] != channels or weight is NotImplemented or bias is NotImplemented:
        return NotImplemented
    out = _normalised(tensor.movedim(channel_axes[0], 1), mean.reshape(-1), var.reshape(-1), weight, bias, eps)
    return Array(out.movedim(1, channel_axes[0]))
