"""Functions of `jax.lax` that stand alone: on one device, approximate searches, special functions."""

from typing import Any

import numpy as np
import torch

from unified.compat.jax.on_torch.array import as_array, tensor
from unified.compat.jax.on_torch.behaviour import FIRST, Behaviour, jax_function
from unified.compat.jax.on_torch.dtypes import numpy_dtype, torch_dtype
from unified.compat.jax.on_torch.lax.elementwise import alike
from unified.compat.jax.on_torch.lax.shapes import top_k
from unified.compat.jax.on_torch.numpy.creation import result_type
from unified.compat.jax.on_torch.numpy.shapes import sizes
from unified.compat.jax.on_torch.placement import place_tree

__all__ = [
    "approx_min_k",
    "bessel_i0e",
    "bessel_i1e",
    "dtype",
    "empty",
    "igamma",
    "igammac",
    "pcast",
    "shape_as_value",
    "stack",
    "tile",
    "unstack",
    "with_sharding_constraint",
]

BEHAVIOUR = Behaviour(operands=FIRST, promotes=False)


@jax_function(on_arrays=True)
def with_sharding_constraint(x: Any, shardings: Any) -> Any:
    return place_tree(x, shardings)


@jax_function(on_arrays=True)
def pcast(x: Any, axis_name: Any = None, *, to: Any = None) -> Any:
    return x


@jax_function(on_arrays=True)
def dtype(x: Any) -> Any:
    if x is None:
        raise ValueError("dtype takes an array, a number or a dtype, got None")
    if isinstance(x, list | tuple):
        raise TypeError(f"{x!r} has no dtype: jnp.asarray makes an array of it")
    return result_type(x)


@jax_function(on_arrays=True)
def shape_as_value(shape: Any) -> Any:
    return np.array(sizes(shape), np.int32) if len(shape) else as_array(torch.zeros(0, dtype=torch.int32))


@jax_function(operands="")
def empty(shape: Any, dtype: Any, *, out_sharding: Any = None) -> torch.Tensor:
    return torch.zeros(sizes(shape), dtype=torch_dtype(dtype))


def approx_min_k(
    operand: Any, k: int, reduction_dimension: int = -1, **hints: Any
) -> tuple[torch.Tensor, torch.Tensor]:
    x = tensor(operand)
    if not x.is_floating_point():
        raise ValueError(f"approx_min_k takes real numbers, got {x.dtype}")
    values, places = top_k(-x, k, axis=reduction_dimension)
    return -values, places


def _real(name: str, x: Any) -> torch.Tensor:
    value = tensor(x)
    if not value.is_floating_point():
        raise TypeError(f"{name} takes real numbers, got {numpy_dtype(value.dtype)}")
    return value


def bessel_i0e(x: Any) -> torch.Tensor:
    return torch.special.i0e(_real("bessel_i0e", x))


def bessel_i1e(x: Any) -> torch.Tensor:
    return torch.special.i1e(_real("bessel_i1e", x))


@jax_function(operands="a x")
def igamma(a: Any, x: Any) -> torch.Tensor:
    return torch.special.gammainc(*alike("igamma", _real("igamma", a), _real("igamma", x)))


@jax_function(operands="a x")
def igammac(a: Any, x: Any) -> torch.Tensor:
    return torch.special.gammaincc(*alike("igammac", _real("igammac", a), _real("igammac", x)))


@jax_function(operands="operands")
def stack(operands: Any, axis: int = 0) -> torch.Tensor:
    arrays = [tensor(x) for x in operands]
    if any(x.dtype is not arrays[0].dtype for x in arrays):
        raise TypeError(f"lax.stack takes arrays of one dtype, got {[str(x.dtype) for x in arrays]}")
    return torch.stack(arrays, axis)


def unstack(x: Any, axis: int = 0) -> tuple[torch.Tensor, ...]:
    return tensor(x).unbind(axis)


def tile(operand: Any, reps: Any) -> torch.Tensor:
    x = tensor(operand)
    if len(reps) != x.dim():
        raise ValueError(f"tile takes a number for each of {x.dim()} axes, got {tuple(reps)}")
    return x.repeat(*reps) if x.dim() else x.clone()
