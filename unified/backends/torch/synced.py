"""Norms with statistics over all processes of `torch.distributed`.

`torch.nn.SyncBatchNorm` only takes tensors on a GPU. These norms take tensors on any device, with gloo; on a GPU
`SyncBatchNorm` is torch's own.
"""

from typing import Any

import torch
import torch.distributed as dist
from torch import nn

__all__ = ["LAYERS"]


class _Sum(torch.autograd.Function):
    """The sum over all processes of a group; its gradient is the sum of the gradients of all processes."""

    @staticmethod
    def forward(ctx: Any, value: torch.Tensor, group: Any) -> torch.Tensor:
        ctx.group = group
        total = value.clone(memory_format=torch.contiguous_format)
        dist.all_reduce(total, group=group)
        return total

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> Any:
        total = gradients[0].clone(memory_format=torch.contiguous_format)
        dist.all_reduce(total, group=ctx.group)
        return total, None


def _world_size(group: Any) -> int:
    return dist.get_world_size(group) if dist.is_available() and dist.is_initialized() else 1


class _Synced(nn.Module):
    """The base of these norms. `axis_name`, on JAX the name of a mapped axis, means all processes here."""

    process_group: Any = None

    def __init__(self, *args: Any, axis_name: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.axis_name = axis_name


class _BatchNorm(_Synced):
    def forward(self, input: torch.Tensor) -> torch.Tensor:
        norm: Any = self
        uses_batch = self.training or norm.running_mean is None
        is_native = isinstance(self, nn.SyncBatchNorm) and input.is_cuda
        if is_native or not uses_batch or _world_size(self.process_group) == 1:
            return super().forward(input)
        norm._check_input_dim(input)
        wide = input.to(torch.promote_types(input.dtype, torch.float32))
        dimensions = [0, *range(2, input.dim())]
        shape = [1, -1] + [1] * (input.dim() - 2)
        count = torch.tensor([input.numel() / input.shape[1]], dtype=wide.dtype, device=wide.device)
        sums = _Sum.apply(torch.cat([wide.sum(dimensions), count]), self.process_group)
        total = sums[-1].detach()
        mean = sums[:-1] / total
        centred = wide - mean.view(shape)
        variance = _Sum.apply((centred * centred).sum(dimensions), self.process_group) / total
        if self.training and norm.track_running_stats:
            self._update_statistics(mean.detach(), variance.detach() * (total / (total - 1)))
        output = centred * torch.rsqrt(variance + norm.eps).view(shape)
        if norm.weight is not None:
            output = output * norm.weight.view(shape)
        if norm.bias is not None:
            output = output + norm.bias.view(shape)
        return output.to(input.dtype)

    @torch.no_grad()
    def _update_statistics(self, mean: torch.Tensor, unbiased: torch.Tensor) -> None:
        """Move the running statistics towards this mean and unbiased variance."""
        norm: Any = self
        norm.num_batches_tracked.add_(1)
        momentum = 1.0 / float(norm.num_batches_tracked) if norm.momentum is None else norm.momentum
        norm.running_mean.copy_(norm.running_mean * (1 - momentum) + mean * momentum)
        norm.running_var.copy_(norm.running_var * (1 - momentum) + unbiased * momentum)


class BatchNorm1d(_BatchNorm, nn.BatchNorm1d):
    pass


class BatchNorm2d(_BatchNorm, nn.BatchNorm2d):
    pass


class BatchNorm3d(_BatchNorm, nn.BatchNorm3d):
    pass


class SyncBatchNorm(_BatchNorm, nn.SyncBatchNorm):
    pass


def _mean(value: torch.Tensor, dimensions: tuple[int, ...]) -> torch.Tensor:
    """Return the mean over all processes, whose parts have the same size."""
    return _Sum.apply(value.mean(dimensions, keepdim=True), None) / _world_size(None)


class LayerNorm(_Synced, nn.LayerNorm):
    def forward(self, input: torch.Tensor) -> torch.Tensor:
        if _world_size(None) == 1:
            return super().forward(input)
        dimensions = tuple(range(-len(self.normalized_shape), 0))
        wide = input.to(torch.promote_types(input.dtype, torch.float32))
        centred = wide - _mean(wide, dimensions)
        output = centred * torch.rsqrt(_mean(centred * centred, dimensions) + self.eps)
        output = output if self.weight is None else output * self.weight
        return (output if self.bias is None else output + self.bias).to(input.dtype)


class RMSNorm(_Synced, nn.RMSNorm):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if _world_size(None) == 1:
            return super().forward(x)
        dimensions = tuple(range(-len(self.normalized_shape), 0))
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        eps = torch.finfo(wide.dtype).eps if self.eps is None else self.eps
        output = wide * torch.rsqrt(_mean(wide * wide, dimensions) + eps)
        return (output if self.weight is None else output * self.weight).to(x.dtype)


LAYERS: dict[str, type[nn.Module]] = {
    cls.__name__: cls for cls in (BatchNorm1d, BatchNorm2d, BatchNorm3d, LayerNorm, RMSNorm, SyncBatchNorm)
}
