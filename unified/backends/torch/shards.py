"""What a process holds of a variable: all of a plain tensor, a box of a `DTensor`; and tensors made of boxes."""

import sys
from typing import Any

import numpy as np
import torch

from unified.core.checkpoint.files import numpy_dtype

__all__ = ["from_parts", "is_sharded", "local_part", "own_parts"]


def is_sharded(tensor: Any) -> bool:
    """Return whether other processes hold parts of a tensor."""
    tensors: Any = sys.modules.get("torch.distributed.tensor")  # takes a second to import
    return tensors is not None and isinstance(tensor, tensors.DTensor)


def local_part(path: str, tensor: Any) -> tuple[torch.Tensor, tuple[int, ...]]:
    """Return the tensor that this process holds of a variable, and where it begins in the whole.

    Raises `ValueError` for a tensor that is no box of the variable.
    """
    if not is_sharded(tensor):
        return tensor.detach(), (0,) * tensor.dim()
    if any(placement.is_partial() for placement in tensor.placements):
        raise ValueError(
            f"{path!r} is a DTensor with the placements {tensor.placements}: each process holds a summand of it, "
            "and no part. Redistribute it first, tensor.redistribute(placements=...)"
        )
    local = tensor.to_local().detach()
    chunks: Any = tensor.__create_chunk_list__()
    if not local.numel():
        return local, (0,) * tensor.dim()
    if len(chunks) != 1 or tuple(chunks[0].sizes) != tuple(local.shape):
        raise ValueError(
            f"{path!r} is a DTensor with the placements {tensor.placements}, of which this process holds the shape "
            f"{tuple(local.shape)}: expected one box of {tuple(tensor.shape)}"
        )
    return local, tuple(chunks[0].offsets)


def own_parts(path: str, tensor: Any) -> list[tuple[tuple[int, ...], torch.Tensor]]:
    """Return the box that this process stores: of equal ones the process with the lowest number in each axis does."""
    local, start = local_part(path, tensor)  # raises for partial sums, also where nothing is stored
    coordinate = tensor.device_mesh.get_coordinate()
    if coordinate is None or any(
        place and placement.is_replicate() for place, placement in zip(coordinate, tensor.placements, strict=True)
    ):
        return []
    return [(start, local)]


def from_parts(backend: Any, shape: tuple[int, ...], dtype: str, like: Any, read: Any) -> torch.Tensor:
    """Return a tensor with the values of `read(start, shape)`, split and on the device as `like` is."""
    if not is_sharded(like):
        device = None if like.is_meta else like.device
        tensor: torch.Tensor = backend.from_numpy(read((0,) * len(shape), shape), device)
        return tensor
    local, start = local_part("like=", like)
    values = read(start, tuple(local.shape)) if local.numel() else np.empty(tuple(local.shape), numpy_dtype(dtype))
    mesh = like.device_mesh
    part = backend.from_numpy(values, torch.device(mesh.device_type) if local.is_meta else local.device)
    whole: torch.Tensor = type(like).from_local(
        part, mesh, like.placements, run_check=False, shape=like.shape, stride=like.stride()
    )
    return whole
