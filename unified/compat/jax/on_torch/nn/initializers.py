"""`jax.nn.initializers` on tensors: each gives a function of a key, a shape and a dtype."""

import math
from collections.abc import Callable
from typing import Any

import torch

from unified.compat.jax.on_torch import random
from unified.compat.jax.on_torch.array import boundary, tensor
from unified.compat.jax.on_torch.behaviour import NONE, Behaviour
from unified.compat.jax.on_torch.dtypes import torch_dtype
from unified.compat.jax.on_torch.numpy.shapes import sizes
from unified.compat.jax.on_torch.typed_keys import with_key

__all__ = [
    "constant",
    "delta_orthogonal",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "kaiming_normal",
    "kaiming_uniform",
    "lecun_normal",
    "lecun_uniform",
    "normal",
    "ones",
    "orthogonal",
    "truncated_normal",
    "uniform",
    "variance_scaling",
    "xavier_normal",
    "xavier_uniform",
    "zeros",
]

BEHAVIOUR = Behaviour(operands=NONE)

Initializer = Callable[..., torch.Tensor]


def _offered(init: Initializer) -> Initializer:
    """Return an initializer as JAX code calls it, with a key that may be typed."""
    return with_key(boundary(init), "an initializer", False)


TRUNCATED_STD = 0.87962566103423978  # of a standard normal variable within two standard deviations


def zeros(key: Any, shape: Any, dtype: Any = float, **placing: Any) -> torch.Tensor:
    return torch.zeros(sizes(shape), dtype=torch_dtype(dtype))


def ones(key: Any, shape: Any, dtype: Any = float, **placing: Any) -> torch.Tensor:
    return torch.ones(sizes(shape), dtype=torch_dtype(dtype))


def constant(value: Any, dtype: Any = float) -> Initializer:
    def init(key: Any, shape: Any, dtype: Any = dtype, **placing: Any) -> torch.Tensor:
        return tensor(value).to(torch_dtype(dtype)).expand(sizes(shape)).clone()

    return _offered(init)


def uniform(scale: Any = 1e-2, dtype: Any = float) -> Initializer:
    def init(key: Any, shape: Any, dtype: Any = dtype, **placing: Any) -> torch.Tensor:
        return random.uniform(key, shape, torch_dtype(dtype), 0.0, 1.0) * scale

    return _offered(init)


def normal(stddev: Any = 1e-2, dtype: Any = float) -> Initializer:
    def init(key: Any, shape: Any, dtype: Any = dtype, **placing: Any) -> torch.Tensor:
        return random.normal(key, shape, torch_dtype(dtype)) * stddev

    return _offered(init)


def truncated_normal(stddev: Any = 1e-2, dtype: Any = float, lower: float = -2.0, upper: float = 2.0) -> Initializer:
    def init(key: Any, shape: Any, dtype: Any = dtype, **placing: Any) -> torch.Tensor:
        return random.truncated_normal(key, lower, upper, shape, torch_dtype(dtype)) * stddev

    return _offered(init)


def _axes(axis: Any, ndim: int) -> tuple[int, ...]:
    chosen = (axis,) if isinstance(axis, int) else tuple(axis)
    return tuple(index % ndim for index in chosen)


def variance_scaling(
    scale: Any, mode: str, distribution: str, in_axis: Any = -2, out_axis: Any = -1, batch_axis: Any = (),
    dtype: Any = float,
) -> Initializer:  # fmt: skip
    def init(key: Any, shape: Any, dtype: Any = dtype, **placing: Any) -> torch.Tensor:
        shape, target = sizes(shape), torch_dtype(dtype)
        if len(shape) < 2 and in_axis == -2:
            raise ValueError(f"variance_scaling counts the inputs of at least 2 axes, or of in_axis, got {shape}")
        size_in = math.prod(shape[i] for i in _axes(in_axis, len(shape)))
        size_out = math.prod(shape[i] for i in _axes(out_axis, len(shape)))
        batch = math.prod(shape[i] for i in _axes(batch_axis, len(shape)))
        field = math.prod(shape) / size_in / size_out / batch
        fans = {"fan_in": size_in * field, "fan_out": size_out * field}
        fans["fan_avg"] = (fans["fan_in"] + fans["fan_out"]) / 2
        fans["fan_geo_avg"] = (fans["fan_in"] * fans["fan_out"]) ** 0.5
        if mode not in fans:
            raise ValueError(f"the mode of variance_scaling is one of {', '.join(fans)}, got {mode!r}")
        variance = torch.tensor(scale / fans[mode], dtype=target)
        if distribution == "normal":
            return random.normal(key, shape, target) * torch.sqrt(variance)
        if distribution == "uniform":
            return random.uniform(key, shape, target, -1.0, 1.0) * torch.sqrt(3 * variance)
        if distribution == "truncated_normal":
            stddev = torch.sqrt(variance) / torch.tensor(TRUNCATED_STD, dtype=target)
            return random.truncated_normal(key, -2.0, 2.0, shape, target) * stddev
        raise ValueError(f"the distribution is normal, truncated_normal or uniform, got {distribution!r}")

    return _offered(init)


def _scaled(scale: float, mode: str, distribution: str) -> Callable[..., Initializer]:
    def make(in_axis: Any = -2, out_axis: Any = -1, batch_axis: Any = (), dtype: Any = float) -> Initializer:
        return variance_scaling(scale, mode, distribution, in_axis, out_axis, batch_axis, dtype)

    return make


xavier_uniform = glorot_uniform = _scaled(1.0, "fan_avg", "uniform")
xavier_normal = glorot_normal = _scaled(1.0, "fan_avg", "truncated_normal")
lecun_uniform, lecun_normal = _scaled(1.0, "fan_in", "uniform"), _scaled(1.0, "fan_in", "truncated_normal")
kaiming_uniform = he_uniform = _scaled(2.0, "fan_in", "uniform")
kaiming_normal = he_normal = _scaled(2.0, "fan_in", "truncated_normal")


def orthogonal(scale: Any = 1.0, column_axis: int = -1, dtype: Any = float) -> Initializer:
    def init(key: Any, shape: Any, dtype: Any = dtype, **placing: Any) -> torch.Tensor:
        shape = tuple(shape)
        columns = shape[column_axis]
        rows = math.prod(shape) // columns
        tall = (rows, columns) if rows > columns else (columns, rows)
        q, r = torch.linalg.qr(random.normal(key, tall, torch_dtype(dtype)))
        q = q * torch.sgn(torch.diagonal(r))
        q = q.mT if rows < columns else q
        rest = tuple(size for place, size in enumerate(shape) if place != column_axis % len(shape))
        return scale * torch.movedim(q.reshape((*rest, columns)), -1, column_axis)

    return _offered(init)


def delta_orthogonal(scale: Any = 1.0, column_axis: int = -1, dtype: Any = float) -> Initializer:
    matrix = orthogonal(scale, column_axis, dtype)

    def init(key: Any, shape: Any, dtype: Any = dtype, **placing: Any) -> torch.Tensor:
        shape = tuple(shape)
        if len(shape) not in (3, 4, 5) or shape[-1] < shape[-2]:
            raise ValueError("delta_orthogonal makes kernels of 1 to 3 dimensions with no fewer channels out than in")
        found = torch.zeros(shape, dtype=torch_dtype(dtype))
        own = tensor(matrix(key, (shape[-1], shape[-1]), dtype))[: shape[-2]]
        found[tuple((size - 1) // 2 for size in shape[:-2])] = own
        return found

    return _offered(init)
