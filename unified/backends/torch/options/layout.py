"""Inputs in another layout, as torch's kernels take them: views, which have the memory format `channels_last`."""

import math
from typing import Any

import torch
from torch import nn

from unified.core.layouts import batch_rank, is_channels_last

__all__ = ["Arranged", "as_torch", "channels_second", "from_torch", "in_memory_format"]


def as_torch(name: str, x: torch.Tensor, dimensions: int, data_format: str | None) -> torch.Tensor:
    """Return the input as `(N, C, ...)`, with all its batch dimensions as one."""
    rank = batch_rank(name, x.shape, dimensions, data_format)
    if data_format is None and rank > 1:
        raise ValueError(
            f"{name} takes an input of {dimensions + 1} or {dimensions + 2} dimensions, got shape {tuple(x.shape)}: "
            "with data_format='channels_first' it takes any number of batch dimensions"
        )
    if rank != 1:
        x = x.reshape(math.prod(x.shape[:rank]), *x.shape[rank:])
    return x.movedim(-1, 1) if is_channels_last(data_format) else x


def from_torch(output: Any, x: torch.Tensor, data_format: str | None) -> Any:
    """Return an output `(N, C, ...)`, or a tuple of them, in the layout of the input `x`, with its batch dimensions."""
    if isinstance(output, tuple):
        return tuple(from_torch(part, x, data_format) for part in output)
    batch = x.shape[: x.dim() - output.dim() + 1]
    if is_channels_last(data_format):
        output = output.movedim(1, -1)
    return output if len(batch) == 1 else output.reshape(*batch, *output.shape[1:])


def channels_second(x: torch.Tensor, data_format: str | None) -> bool:
    """Return whether the channels of `(N, ..., C)` have to become the second dimension for torch."""
    return x.dim() > 2 and is_channels_last(data_format)


def in_memory_format(norm: Any, x: torch.Tensor) -> torch.Tensor:
    """Return the norm of `(N, C, ...)`; of a sequence as of an image of height one, which torch does not copy."""
    if x.dim() != 3:
        return norm(x)
    return norm(x.unsqueeze(2)).squeeze(2)


class Arranged(nn.Module):
    """The base of layers with a `data_format`."""

    def __init__(self, *args: Any, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.data_format = data_format

    def extra_repr(self) -> str:
        layout = [] if self.data_format is None else [f"data_format={self.data_format!r}"]
        return ", ".join(filter(None, [super().extra_repr(), *layout]))
