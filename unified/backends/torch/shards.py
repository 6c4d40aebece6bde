"""What a process holds of a variable: all of a plain tensor, a box of a `DTensor`."""

import sys
from typing import Any

import torch

__all__ = ["is_sharded", "local_part"]


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
    local = tensor.to_local().detach()
    chunks: Any = tensor.__create_chunk_list__()  # raises for partial sums
    if not local.numel():
        return local, (0,) * tensor.dim()
    if len(chunks) != 1 or tuple(chunks[0].sizes) != tuple(local.shape):
        raise ValueError(
            f"{path!r} is a DTensor with the placements {tensor.placements}, of which this process holds the shape "
            f"{tuple(local.shape)}: expected one box of {tuple(tensor.shape)}"
        )
    return local, tuple(chunks[0].offsets)
