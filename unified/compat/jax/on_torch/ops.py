"""`jax.ops`: reductions of segments."""

from collections.abc import Callable
from typing import Any

import torch

from unified.compat.jax.on_torch.array import tensor
from unified.compat.jax.on_torch.behaviour import FIRST, Behaviour

__all__ = ["segment_max", "segment_min", "segment_prod", "segment_sum"]

BEHAVIOUR = Behaviour(operands=FIRST, weak=False)


def _segments(kind: str, start: Callable[[torch.dtype], Any]) -> Any:
    def reduce(
        data: Any, segment_ids: Any, num_segments: int | None = None, indices_are_sorted: bool = False,
        unique_indices: bool = False, bucket_size: Any = None, mode: Any = None,
    ) -> torch.Tensor:  # fmt: skip
        x, ids = tensor(data), tensor(segment_ids)
        if ids.is_floating_point() or ids.dtype is torch.bool:
            raise TypeError(f"segments are numbered by integers, got {ids.dtype}")
        if x.dtype is torch.bool and kind in ("sum", "prod"):
            raise TypeError("booleans are neither added nor multiplied: astype makes numbers of them")
        shape = (*ids.shape, *x.shape[1:])
        if torch.broadcast_shapes(x.shape, shape) != torch.Size(shape):
            raise ValueError(f"segment ids of shape {tuple(ids.shape)} do not fit an array of shape {tuple(x.shape)}")
        x, ids = x.expand(shape).reshape((-1, *x.shape[1:])), ids.reshape(-1).to(torch.int64)
        count = int(ids.max()) + 1 if num_segments is None else int(num_segments)
        ids = torch.where((ids >= 0) & (ids < count), ids, count)  # what is outside goes to a row that is cut off
        where = ids.reshape(-1, *[1] * (x.dim() - 1)).expand(x.shape)
        rows = torch.full((count + 1, *x.shape[1:]), start(x.dtype), dtype=x.dtype, device=x.device)
        if kind == "sum":
            return rows.index_add(0, ids, x)[:count]
        if x.dtype is torch.bool:
            return rows.to(torch.uint8).scatter_reduce(0, where, x.to(torch.uint8), kind)[:count] > 0
        return rows.scatter_reduce(0, where, x, kind)[:count]

    return reduce


def _lowest(dtype: torch.dtype) -> Any:
    return -torch.inf if dtype.is_floating_point else False if dtype is torch.bool else torch.iinfo(dtype).min


def _highest(dtype: torch.dtype) -> Any:
    return torch.inf if dtype.is_floating_point else True if dtype is torch.bool else torch.iinfo(dtype).max


segment_sum, segment_prod = _segments("sum", lambda _: 0), _segments("prod", lambda _: 1)
segment_max, segment_min = _segments("amax", _lowest), _segments("amin", _highest)
