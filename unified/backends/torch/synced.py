"""Norms with statistics over the lanes of `u.vmap`, or over all processes of `torch.distributed`.

`axis_name` is the name of an axis of `u.vmap`; where no such axis is mapped over, it means all processes.
`torch.nn.SyncBatchNorm` only takes tensors on a GPU. These norms take tensors on any device, with gloo; on a GPU
`SyncBatchNorm` is torch's own.
"""

import math
from typing import Any

import torch
import torch.distributed as dist
from torch import nn

from unified.backends.torch import lanes

__all__ = ["BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "LayerNorm", "RMSNorm", "SyncBatchNorm"]


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


_GROUPS: dict[Any, Any] = {}


def _group_of(groups: tuple[tuple[int, ...], ...]) -> Any:
    """Return the group of processes that this one is in; all processes make all groups together."""
    key = groups, dist.group.WORLD
    if key not in _GROUPS:
        if sum(map(len, groups)) != dist.get_world_size():
            raise ValueError(f"axis_index_groups {groups} must have each of {dist.get_world_size()} processes once")
        _GROUPS[key] = dist.new_subgroups_by_enumeration([list(group) for group in groups])[0]
    return _GROUPS[key]


def _world_size(group: Any) -> int:
    return dist.get_world_size(group) if dist.is_available() and dist.is_initialized() else 1


class _Synced(nn.Module):
    """The base of these norms."""

    axis_name: Any
    process_group: Any = None

    def __init__(self, *args: Any, axis_name: Any = None, axis_index_groups: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.axis_name = axis_name
        self.axis_index_groups = axis_index_groups

    def _lane_axes(self) -> list[Any]:
        """Return the names of the mapped axes whose lanes exchange statistics."""
        return [name for name in lanes.names_of(self.axis_name) if lanes.is_mapped(name)]

    def _world_size(self) -> int:
        """Return the number of processes that exchange statistics: one if lanes do so under every name."""
        names = lanes.names_of(self.axis_name)
        return 1 if names and len(self._lane_axes()) == len(names) else _world_size(self._processes())

    def _processes(self) -> Any:
        """Return the processes that exchange statistics with this one; `None` for all."""
        groups = self.axis_index_groups
        if groups is None or not (dist.is_available() and dist.is_initialized()):
            return self.process_group
        return _group_of(tuple(map(tuple, groups)))

    def _is_alone(self) -> bool:
        """Return whether there is nothing to exchange statistics with."""
        return not self._lane_axes() and self._world_size() == 1

    def _total(self, value: torch.Tensor) -> torch.Tensor:
        """Return the sum over all lanes and processes."""
        for name in self._lane_axes():
            value = self._of_group(lanes.gather(value, name), name).sum(0)
        return value if self._world_size() == 1 else _Sum.apply(value, self._processes())

    def _of_group(self, values: torch.Tensor, name: Any) -> torch.Tensor:
        """Return those of the values of all lanes that are of this lane's group."""
        groups, place = self.axis_index_groups, lanes.find(name)[0].place
        if groups is None:
            return values
        count = sum(map(len, groups))
        if count != len(values):
            raise ValueError(f"axis_index_groups have {count} elements, and the axis {name!r} has {len(values)}")
        if place is None:
            return values
        members = {lane: list(group) for group in groups for lane in group}
        table = torch.tensor([members[lane] for lane in range(count)], device=values.device)
        return values.index_select(0, lanes.select(table, 0, place))

    def _mean(self, value: torch.Tensor, dimensions: tuple[int, ...]) -> torch.Tensor:
        """Return the mean over all lanes and processes, whose parts have the same size."""
        groups = self.axis_index_groups
        sizes = [lanes.find(name)[0].size if groups is None else len(groups[0]) for name in self._lane_axes()]
        count = self._world_size() * math.prod(sizes)
        return self._total(value.mean(dimensions, keepdim=True)) / count


class _BatchNorm(_Synced):
    def forward(self, input: torch.Tensor) -> torch.Tensor:
        norm: Any = self
        uses_batch = self.training or norm.running_mean is None
        is_native = isinstance(self, nn.SyncBatchNorm) and input.is_cuda and not self._lane_axes()
        is_native = is_native and self.axis_index_groups is None
        if is_native or not uses_batch or self._is_alone():
            return super().forward(input)
        norm._check_input_dim(input)
        wide = input.to(torch.promote_types(input.dtype, torch.float32))
        dimensions = [0, *range(2, input.dim())]
        shape = [1, -1] + [1] * (input.dim() - 2)
        count = torch.tensor([input.numel() / input.shape[1]], dtype=wide.dtype, device=wide.device)
        sums = self._total(torch.cat([wide.sum(dimensions), count]))
        total = sums[-1].detach()
        mean = sums[:-1] / total
        centred = wide - mean.view(shape)
        variance = self._total((centred * centred).sum(dimensions)) / total
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


class LayerNorm(_Synced, nn.LayerNorm):
    def forward(self, input: torch.Tensor) -> torch.Tensor:
        if self._is_alone():
            return super().forward(input)
        dimensions = tuple(range(-len(self.normalized_shape), 0))
        wide = input.to(torch.promote_types(input.dtype, torch.float32))
        centred = wide - self._mean(wide, dimensions)
        output = centred * torch.rsqrt(self._mean(centred * centred, dimensions) + self.eps)
        output = output if self.weight is None else output * self.weight
        return (output if self.bias is None else output + self.bias).to(input.dtype)


class RMSNorm(_Synced, nn.RMSNorm):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self._is_alone():
            return super().forward(x)
        dimensions = tuple(range(-len(self.normalized_shape), 0))
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        eps = torch.finfo(wide.dtype).eps if self.eps is None else self.eps
        output = wide * torch.rsqrt(self._mean(wide * wide, dimensions) + eps)
        return (output if self.weight is None else output * self.weight).to(x.dtype)
