"""Norms by torch's kernels, where these compute what Haiku's do."""

from typing import Any

import torch
import torch.nn.functional as F

from unified.backends.torch.compat.array import Array

__all__ = ["attention", "batch_norm", "layer_norm", "linear", "normalised"]


def _raw(value: Any) -> Any:
    return value.tensor if isinstance(value, Array) else value


def layer_norm(x: Any, axes: tuple[int, ...], scale: Any, offset: Any, eps: Any) -> Any:
    """By `torch.nn.functional.layer_norm`, over last axes, with a scale and offset along them."""
    tensor, scale, offset = _raw(x), _raw(scale), _raw(offset)
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
    """By `torch.nn.functional.linear`."""
    x, w, b = _raw(x), _raw(w), _raw(b)
    if not isinstance(w, torch.Tensor) or x.dtype is not w.dtype or w.dim() != 2 or not x.is_floating_point():
        return NotImplemented
    if b is not None and (not isinstance(b, torch.Tensor) or b.dtype is not x.dtype):
        return NotImplemented
    return Array(F.linear(x, w.mT, b))


def attention(queries: Any, keys: Any, values: Any, mask: Any, root: float) -> Any:
    """By torch's kernel for attention, which has no second derivative, so not where torch.func runs.

    With a mask the kernel gives NaN where all is masked, and Haiku the mean.
    """
    q, k, v = (_raw(x) for x in (queries, keys, values))
    transformed = not torch.compiler.is_compiling() and torch._C._functorch.peek_interpreter_stack() is not None
    if mask is not None or transformed or not q.dtype is k.dtype is v.dtype:
        return NotImplemented
    q, k, v = (x.transpose(-2, -3) for x in (q, k, v))
    return Array(F.scaled_dot_product_attention(q, k, v, scale=1 / root).transpose(-2, -3))


def _along_channels(value: Any, channels: int) -> Any:
    """A scale or offset as a vector; `NotImplemented` if it is none."""
    value = _raw(value)
    if value is None:
        return None
    if not isinstance(value, torch.Tensor) or value.numel() != channels:
        return NotImplemented
    return value.reshape(channels)


class _BatchNorm(torch.autograd.Function):
    """Batch norm whose mean and variance have gradients too, as Haiku's moving averages have within a call."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, weight: Any, bias: Any, eps: float) -> Any:
        out, mean, inverse = torch.native_batch_norm(x, weight, bias, None, None, True, 0.0, eps)
        ctx.save_for_backward(x, weight, mean, inverse)
        ctx.eps, ctx.has_bias = eps, bias is not None
        ctx.set_materialize_grads(False)
        return out, mean, torch.clamp(torch.reciprocal(torch.square(inverse)) - eps, min=0)

    @staticmethod
    def backward(ctx: Any, by_out: Any, by_mean: Any, by_var: Any) -> Any:
        x, weight, mean, inverse = ctx.saved_tensors
        by_x = by_weight = by_bias = None
        if by_out is not None:
            wanted = [True, weight is not None, ctx.has_bias]
            by_x, by_weight, by_bias = torch.ops.aten.native_batch_norm_backward(
                by_out, x, weight, None, None, mean, inverse, True, ctx.eps, wanted
            )
        shape, count = (1, -1, *[1] * (x.dim() - 2)), x.numel() // x.shape[1]
        for change in (
            None if by_mean is None else by_mean.reshape(shape).expand(x.shape) / count,
            None if by_var is None else by_var.reshape(shape) * (x - mean.reshape(shape)) * (2 / count),
        ):
            by_x = change if by_x is None else by_x if change is None else by_x + change
        return by_x, by_weight if weight is not None else None, by_bias if ctx.has_bias else None, None


def batch_norm(x: Any, channel: int, scale: Any, offset: Any, eps: Any) -> Any:
    """By torch's kernel, where autograd alone runs: a compiler fuses the steps itself, torch.func needs them apart."""
    tensor = _raw(x)
    if torch.compiler.is_compiling() or torch._C._functorch.peek_interpreter_stack() is not None:
        return NotImplemented
    if tensor.dtype is not torch.float32 or tensor.dim() < 2 or not isinstance(eps, float) or tensor.is_meta:
        return NotImplemented
    channels = tensor.shape[channel]
    weight, bias = _along_channels(scale, channels), _along_channels(offset, channels)
    if weight is NotImplemented or bias is NotImplemented:
        return NotImplemented
    out, mean, var = _BatchNorm.apply(tensor.movedim(channel, 1), weight, bias, eps)
    shape = [channels if axis == channel else 1 for axis in range(tensor.dim())]
    return Array(out.movedim(1, channel)), Array(mean.reshape(shape)), Array(var.reshape(shape))


def normalised(x: Any, mean: Any, var: Any, scale: Any, offset: Any, eps: Any) -> Any:
    """By torch's kernel in evaluation, if the statistics belong to the channels and take no gradient."""
    tensor, mean, var = _raw(x), _raw(mean), _raw(var)
    if tensor.dtype is not torch.float32 or not isinstance(eps, float) or mean.requires_grad or var.requires_grad:
        return NotImplemented
    wide = [axis for axis, size in enumerate(mean.shape) if size > 1]
    if len(wide) != 1 or tensor.dim() < 2 or mean.dim() != tensor.dim() or mean.shape != var.shape:
        return NotImplemented
    channels = mean.numel()
    weight, bias = _along_channels(scale, channels), _along_channels(offset, channels)
    if tensor.shape[wide[0]] != channels or weight is NotImplemented or bias is NotImplemented:
        return NotImplemented
    out = F.batch_norm(tensor.movedim(wide[0], 1), mean.reshape(-1), var.reshape(-1), weight, bias, False, 0.0, eps)
    return Array(out.movedim(1, wide[0]))
