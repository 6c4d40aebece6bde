"""Norms by torch's kernels, where these compute what Haiku's do."""

from typing import Any

import torch
import torch.nn.functional as F

from unified.backends.torch.compat.array import Array

__all__ = ["layer_norm"]


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
