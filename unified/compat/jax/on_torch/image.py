"""`jax.image` on tensors: images are resized axis by axis, by a matrix of weights for each."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch

from unified.compat.jax.on_torch.array import tensor
from unified.compat.jax.on_torch.behaviour import FIRST, Behaviour, jax_function
from unified.compat.jax.on_torch.numpy.elementwise import absolute
from unified.compat.jax.on_torch.numpy.operands import as_float
from unified.compat.jax.on_torch.numpy.shapes import sizes

__all__ = ["resize", "scale_and_translate"]

BEHAVIOUR = Behaviour(operands=FIRST, weak=False)

METHODS = {
    "nearest": "nearest", "linear": "linear", "bilinear": "linear", "trilinear": "linear", "triangle": "linear",
    "cubic": "cubic", "bicubic": "cubic", "tricubic": "cubic", "lanczos3": "lanczos3", "lanczos5": "lanczos5",
}  # fmt: skip


def _triangle(x: torch.Tensor) -> torch.Tensor:
    return torch.maximum(1 - x, torch.zeros_like(x))  # whose gradient at the foot is half of the slope, as JAX's is


def _cubic(x: torch.Tensor) -> torch.Tensor:
    """Return Keys' cubic convolution with the parameter -1/2, for distances `x`.

    Source: Keys, "Cubic convolution interpolation for digital image processing" (1981).
    """
    near = (1.5 * x - 2.5) * x * x + 1
    far = ((2.5 - 0.5 * x) * x - 4) * x + 2
    return torch.where(x < 1, near, torch.where(x < 2, far, 0))


def _lanczos(radius: float) -> Callable[[torch.Tensor], torch.Tensor]:
    """Return a sinc within a window that is a wider sinc. Below a distance of 1e-3 it is 1, as JAX has it."""

    def kernel(x: torch.Tensor) -> torch.Tensor:
        inside = (x > 1e-3) & (x <= radius)
        angle = math.pi * torch.where(inside, x, 1)
        window = radius * torch.sin(angle) * torch.sin(angle / radius) / angle**2
        return torch.where(inside, window, torch.where(x <= 1e-3, 1.0, 0.0))

    return kernel


KERNELS = {"linear": _triangle, "cubic": _cubic, "lanczos3": _lanczos(3.0), "lanczos5": _lanczos(5.0)}


def _method(method: Any) -> str:
    name = METHODS.get(str(getattr(method, "value", method)).lower())
    if name is None:
        raise ValueError(f"jax.image has no method {method!r}: choose one of {', '.join(METHODS)}")
    return name


def _weights(size: int, new: int, scale: torch.Tensor, shift: torch.Tensor, method: str, antialias: bool) -> Any:
    """Return the weight of each old position (rows) in each new one (columns); they sum to one where there are any."""
    inverse = 1 / scale
    # A kernel that covers the distance between new positions, if that is larger, lets no frequency pass twice.
    width = inverse.clamp(min=1) if antialias else 1
    places = (torch.arange(new, dtype=scale.dtype, device=scale.device) + 0.5 - shift) * inverse - 0.5
    old = torch.arange(size, dtype=scale.dtype, device=scale.device)
    weights = KERNELS[method](absolute(places - old[:, None]) / width)
    total = weights.sum(0, keepdim=True)
    is_sum = total.abs() > 1000 * torch.finfo(torch.float32).eps
    weights = torch.where(is_sum, weights / torch.where(is_sum, total, 1), 0)
    return torch.where((places >= -0.5) & (places <= size - 0.5), weights, 0)


def _scaled(x: torch.Tensor, shape: Any, axes: Sequence[int], scales: Any, shifts: Any, method: str, anti: bool) -> Any:
    dtype = torch.float64 if x.dtype is torch.float64 else torch.float32
    result = x.to(dtype)
    for axis, scale, shift in zip(axes, scales, shifts, strict=True):
        weights = _weights(x.shape[axis], shape[axis], scale.to(dtype), shift.to(dtype), method, anti)
        result = torch.tensordot(result, weights, dims=([axis], [0])).movedim(-1, axis)
    return result.to(x.dtype)


def _of_the_same_shape(image: Any, shape: Any, *args: Any, **kwargs: Any) -> bool:
    return tuple(getattr(image, "shape", ())) == sizes(shape)


@jax_function(weak=_of_the_same_shape)
def resize(image: Any, shape: Any, method: Any, antialias: bool = True, precision: Any = None) -> torch.Tensor:
    x, shape, method = tensor(image), sizes(shape), _method(method)
    if len(shape) != x.dim():
        raise ValueError(f"resize takes a size for each of {x.dim()} axes, got the shape {shape}")
    axes = [axis for axis in range(x.dim()) if shape[axis] != x.shape[axis]]
    if method == "nearest":
        for axis in axes:
            places = (torch.arange(shape[axis], dtype=torch.float32, device=x.device) + 0.5) * x.shape[axis]
            x = x.index_select(axis, torch.floor(places / shape[axis]).to(torch.int64))
        return x
    x = as_float(x)
    scales = [torch.tensor(shape[axis] / x.shape[axis], dtype=torch.float64, device=x.device) for axis in axes]
    return _scaled(x, shape, axes, scales, [torch.zeros_like(scale) for scale in scales], method, antialias)


def scale_and_translate(
    image: Any, shape: Any, spatial_dims: Any, scale: Any, translation: Any, method: Any, antialias: bool = True,
    precision: Any = None,
) -> torch.Tensor:  # fmt: skip
    x, shape, method = as_float(tensor(image)), sizes(shape), _method(method)
    if len(shape) != x.dim():
        raise ValueError(f"scale_and_translate takes a size for each of {x.dim()} axes, got the shape {shape}")
    if method == "nearest":
        raise ValueError("scale_and_translate has no nearest method, which no matrix of weights is: use resize")
    axes = [axis % x.dim() for axis in sizes(spatial_dims)]
    if not axes:
        return x
    return _scaled(x, shape, axes, tensor(scale).unbind(0), tensor(translation).unbind(0), method, antialias)
