"""Initializers: functions of shape and dtype that take their keys from `hk.next_rng_key`.

Source: https://dm-haiku.readthedocs.io/en/latest/api.html#initializers
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from unified.compat.haiku.keys import next_rng_key
from unified.compat.haiku.typing import Initializer
from unified.compat.jax import lax, random
from unified.compat.jax import numpy as jnp

__all__ = [
    "Constant",
    "Identity",
    "Initializer",
    "Orthogonal",
    "RandomNormal",
    "RandomUniform",
    "TruncatedNormal",
    "UniformScaling",
    "VarianceScaling",
]

TRUNCATED_STD = 0.87962566103423978  # of a standard normal variable within two standard deviations


class Constant:
    """A constant.

    Args:
        constant: a number, or an array that broadcasts to the shape.

    A call takes `(shape, dtype)` and returns an array; what is random uses the running transform's key.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(lambda x: hk.get_parameter("w", [2], init=hk.initializers.Constant(2.0)), backend="torch")
    >>> w = net.init(0, torch.ones(1))["~"]["w"]
    >>> w.tolist()
    [2.0, 2.0]
    """

    def __init__(self, constant: Any) -> None:
        self.constant = constant

    def __call__(self, shape: Any, dtype: Any) -> Any:
        return jnp.broadcast_to(jnp.asarray(self.constant), shape).astype(dtype)


class RandomNormal:
    """Values from a normal distribution.

    Args:
        stddev: the standard deviation.
        mean: the mean.

    A call takes `(shape, dtype)` and returns an array; what is random uses the running transform's key.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(
    ...     lambda x: hk.get_parameter("w", [100], init=hk.initializers.RandomNormal(0.01)), backend="torch"
    ... )
    >>> w = net.init(0, torch.ones(1))["~"]["w"]
    >>> bool(w.abs().max() < 0.1)
    True
    """

    def __init__(self, stddev: Any = 1.0, mean: Any = 0.0) -> None:
        self.stddev, self.mean = stddev, mean

    def __call__(self, shape: Any, dtype: Any) -> Any:
        mean, stddev = lax.convert_element_type(self.mean, dtype), lax.convert_element_type(self.stddev, dtype)
        return mean + stddev * random.normal(next_rng_key(), shape, dtype)


class TruncatedNormal:
    """Values from a normal distribution that is truncated at two bounds.

    Args:
        stddev: the standard deviation before truncation.
        mean: the mean before truncation.
        lower: the lower bound, in standard deviations.
        upper: the upper bound, in standard deviations.

    A call takes `(shape, dtype)` and returns an array; what is random uses the running transform's key.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(
    ...     lambda x: hk.get_parameter("w", [100], init=hk.initializers.TruncatedNormal()), backend="torch"
    ... )
    >>> w = net.init(0, torch.ones(1))["~"]["w"]
    >>> bool(w.abs().max() <= 2)
    True
    """

    def __init__(self, stddev: Any = 1.0, mean: Any = 0.0, lower: Any = -2.0, upper: Any = 2.0) -> None:
        self.stddev, self.mean, self.lower, self.upper = stddev, mean, lower, upper

    def __call__(self, shape: Any, dtype: Any) -> Any:
        real = jnp.finfo(dtype).dtype
        mean, stddev = lax.convert_element_type(self.mean, dtype), lax.convert_element_type(self.stddev, real)
        if jnp.issubdtype(dtype, jnp.complexfloating):
            parts = random.truncated_normal(next_rng_key(), self.lower, self.upper, [2, *shape], real)
            return stddev * (parts[0] + 1j * parts[1]) + mean
        return stddev * random.truncated_normal(next_rng_key(), self.lower, self.upper, shape, real) + mean


class RandomUniform:
    """Values from the uniform distribution over `minval <= x < maxval`.

    Args:
        minval: the lower bound.
        maxval: the upper bound.

    A call takes `(shape, dtype)` and returns an array; what is random uses the running transform's key.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(
    ...     lambda x: hk.get_parameter("w", [100], init=hk.initializers.RandomUniform(-1.0)), backend="torch"
    ... )
    >>> w = net.init(0, torch.ones(1))["~"]["w"]
    >>> bool((w >= -1).all() and (w < 1).all())
    True
    """

    def __init__(self, minval: Any = 0.0, maxval: Any = 1.0) -> None:
        self.minval, self.maxval = minval, maxval

    def __call__(self, shape: Any, dtype: Any) -> Any:
        return random.uniform(next_rng_key(), shape, dtype, self.minval, self.maxval)


def _fans(shape: Any, fan_in_axes: Sequence[int] | None) -> tuple[float, float]:
    """Return the number of inputs of an output, and of outputs of an input."""
    if len(shape) < 1:
        return 1, 1
    if len(shape) == 1:
        return shape[0], shape[0]
    if len(shape) == 2:
        return shape[0], shape[1]
    if fan_in_axes is not None:
        rest = [size for axis, size in enumerate(shape) if axis not in fan_in_axes]
        return math.prod(shape[axis] for axis in fan_in_axes), math.prod(rest)
    field = math.prod(shape[:-2])
    return shape[-2] * field, shape[-1] * field


class VarianceScaling:
    """Values of variance `scale` divided by the number of inputs, that of outputs, or the mean of both.

    Args:
        scale: the factor.
        mode: `"fan_in"`, `"fan_out"` or `"fan_avg"`.
        distribution: `"truncated_normal"`, `"normal"` or `"uniform"`.
        fan_in_axes: the axes that count as inputs; by default all but the last.

    A call takes `(shape, dtype)` and returns an array; what is random uses the running transform's key.

    Source: He et al. (2015), https://arxiv.org/abs/1502.01852, with `scale=2.0`; Glorot and Bengio (2010), with
    `mode="fan_avg"`

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(
    ...     lambda x: hk.get_parameter("w", [3, 5], init=hk.initializers.VarianceScaling(0.1)), backend="torch"
    ... )
    >>> w = net.init(0, torch.ones(1))["~"]["w"]
    >>> bool(w.abs().max() <= 1)
    True
    """

    def __init__(
        self, scale: float = 1.0, mode: str = "fan_in", distribution: str = "truncated_normal",
        fan_in_axes: Sequence[int] | None = None,
    ) -> None:  # fmt: skip
        if scale < 0.0:
            raise ValueError(
                f"scale={scale} of VarianceScaling multiplies a variance, and must be a positive float or 0"
            )
        if mode not in ("fan_in", "fan_out", "fan_avg"):
            raise ValueError(
                f"Invalid `mode` argument {mode!r}: VarianceScaling knows 'fan_in', 'fan_out' and 'fan_avg'"
            )
        distribution = distribution.lower()
        if distribution not in ("normal", "truncated_normal", "uniform"):
            raise ValueError(
                f"Invalid `distribution` argument {distribution!r}: VarianceScaling draws from 'truncated_normal', "
                "'normal' or 'uniform'"
            )
        self.scale, self.mode, self.distribution, self.fan_in_axes = scale, mode, distribution, fan_in_axes

    def __call__(self, shape: Any, dtype: Any) -> Any:
        fan_in, fan_out = _fans(shape, self.fan_in_axes)
        fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2.0}[self.mode]
        scale = self.scale / max(1.0, fan)
        if self.distribution == "truncated_normal":
            return TruncatedNormal(np.sqrt(scale) / np.asarray(TRUNCATED_STD, dtype=np.dtype(dtype)))(shape, dtype)
        if self.distribution == "normal":
            return RandomNormal(np.sqrt(scale))(shape, dtype)
        limit = np.sqrt(3.0 * scale)
        return RandomUniform(-limit, limit)(shape, dtype)


class UniformScaling:
    """Values from a uniform distribution whose width preserves the variance of the input.

    Args:
        scale: a factor of the width.

    A call takes `(shape, dtype)` and returns an array; what is random uses the running transform's key.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(
    ...     lambda x: hk.get_parameter("w", [3, 5], init=hk.initializers.UniformScaling()), backend="torch"
    ... )
    >>> w = net.init(0, torch.ones(1))["~"]["w"]
    >>> bool(w.abs().max() <= 1)
    True
    """

    def __init__(self, scale: float = 1.0) -> None:
        self.scale = scale

    def __call__(self, shape: Any, dtype: Any) -> Any:
        limit = np.sqrt(3 / np.prod(shape[:-1])) * self.scale
        return RandomUniform(-limit, limit)(shape, dtype)


class Orthogonal:
    """A matrix with orthogonal rows or columns, whichever are fewer.

    Args:
        scale: a factor.
        axis: the axis of the rows; the other axes together are the columns.

    A call takes `(shape, dtype)` and returns an array; what is random uses the running transform's key.

    Source: Saxe et al. (2013), https://arxiv.org/abs/1312.6120

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(lambda x: hk.get_parameter("w", [3, 3], init=hk.initializers.Orthogonal()), backend="torch")
    >>> w = net.init(0, torch.ones(1))["~"]["w"]
    >>> torch.allclose(w @ w.T, torch.eye(3), atol=1e-5)
    True
    """

    def __init__(self, scale: Any = 1.0, axis: int = -1) -> None:
        self.scale, self.axis = scale, axis

    def __call__(self, shape: Any, dtype: Any) -> Any:
        if len(shape) < 2:
            raise ValueError(
                f"Orthogonal initializer requires at least a 2D shape. Got {tuple(shape)}, which has no rows and "
                "columns"
            )
        rows = shape[self.axis]
        columns = math.prod(shape) // rows
        tall = (rows, columns) if rows > columns else (columns, rows)
        q, r = jnp.linalg.qr(random.normal(next_rng_key(), tall, dtype))
        q = q * jnp.sign(jnp.diag(r))
        q = q.T if rows < columns else q
        rest = [size for axis, size in enumerate(shape) if axis != self.axis % len(shape)]
        q = jnp.moveaxis(jnp.reshape(q, (rows, *rest)), 0, self.axis)
        return lax.convert_element_type(self.scale, dtype) * q


class Identity:
    """The identity matrix in the last two axes.

    Args:
        gain: a factor.

    A call takes `(shape, dtype)` and returns an array; what is random uses the running transform's key.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(lambda x: hk.get_parameter("w", [2, 2], init=hk.initializers.Identity()), backend="torch")
    >>> w = net.init(0, torch.ones(1))["~"]["w"]
    >>> w.tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """

    def __init__(self, gain: Any = 1.0) -> None:
        self.gain = gain

    def __call__(self, shape: Any, dtype: Any) -> Any:
        shape = tuple(shape)
        if len(shape) < 2:
            raise ValueError(f"an identity matrix requires at least a 2D shape. Got {shape}")
        eye = jnp.eye(shape[-2], shape[-1], dtype=dtype)
        if eye.shape != shape:
            eye = jnp.broadcast_to(eye, shape)
        return lax.convert_element_type(self.gain, dtype) * eye
