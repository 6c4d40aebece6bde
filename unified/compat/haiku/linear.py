"""`Linear`, `Bias`, `Sequential`.

Source: https://dm-haiku.readthedocs.io/en/latest/api.html#common-modules
"""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from unified.compat.haiku import initializers
from unified.compat.haiku.module import Module
from unified.compat.haiku.utils import assert_minimum_rank
from unified.compat.haiku.variables import get_parameter
from unified.compat.jax import fused
from unified.compat.jax import numpy as jnp

__all__ = ["Bias", "Linear", "Sequential"]


class Sequential(Module):
    """A chain of functions; the first takes all arguments.

    Args:
        layers: the functions.
        name: the module's name.

    Shapes: those of the first function's arguments to those of the last one's output. The variables are those of its
    modules, which keep the names of the scope in which they were made.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(
    ...     lambda x: hk.Sequential([hk.Linear(4), lambda h: h.relu(), hk.Linear(2)])(x), backend="torch"
    ... )
    >>> x = torch.ones(1, 3)
    >>> params = net.init(0, x)
    >>> list(params)
    ['linear', 'linear_1']
    >>> list(net.apply(params, None, x).shape)
    [1, 2]
    """

    def __init__(self, layers: Iterable[Callable[..., Any]], name: str | None = None) -> None:
        super().__init__(name=name)
        self.layers = tuple(layers)

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        out = inputs
        for number, layer in enumerate(self.layers):
            out = layer(out) if number else layer(out, *args, **kwargs)
        return out


class Linear(Module):
    """`x @ w + b`, with `w` of shape `[inputs, outputs]`.

    Args:
        output_size: the size of the last axis of the output.
        with_bias: whether to add a bias `b`.
        w_init: the initializer of `w`; by default a truncated normal of standard deviation `1 / sqrt(inputs)`.
        b_init: the initializer of `b`, zeros by default.
        name: the module's name.

    Shapes: `[..., inputs]` to `[..., output_size]`. Parameters are `w` `[inputs, output_size]` and `b` `[output_size]`.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(lambda x: hk.Linear(3)(x), backend="torch")
    >>> x = torch.ones(1, 2)
    >>> params = net.init(0, x)
    >>> {name: list(value.shape) for name, value in params["linear"].items()}
    {'w': [2, 3], 'b': [3]}
    >>> list(net.apply(params, None, x).shape)
    [1, 3]
    """

    def __init__(
        self, output_size: int, with_bias: bool = True, w_init: Any = None, b_init: Any = None, name: str | None = None
    ) -> None:
        super().__init__(name=name)
        self.input_size: int | None = None
        self.output_size, self.with_bias = output_size, with_bias
        self.w_init, self.b_init = w_init, b_init or jnp.zeros

    def __call__(self, inputs: Any, *, precision: Any = None) -> Any:
        """Return `[..., outputs]` for `[..., inputs]`."""
        if not inputs.shape:
            raise ValueError(f"{self.module_name} takes arrays [..., features], got one without axes")
        inputs = jnp.asarray(inputs)
        size = self.input_size = inputs.shape[-1]
        w_init = self.w_init or initializers.TruncatedNormal(stddev=1.0 / math.sqrt(size))
        w = get_parameter("w", [size, self.output_size], inputs.dtype, init=w_init)
        b = get_parameter("b", [self.output_size], inputs.dtype, init=self.b_init) if self.with_bias else None
        return fused.linear(inputs, w, b, precision)


class Bias(Module):
    """`x + b`.

    Args:
        output_size: the shape of the input without its first axis; if not `None`, inputs are checked against it.
        bias_dims: the axes along which `b` varies; all but the first by default, none for an empty sequence.
        b_init: the initializer of `b`, zeros by default.
        name: the module's name.

    Shapes: any to the same. The parameter `b` has the sizes of `bias_dims`, and 1 at the axes between them.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(lambda x: hk.Bias()(x), backend="torch")
    >>> x = torch.ones(2, 3)
    >>> params = net.init(0, x)
    >>> list(params["bias"]["b"].shape)
    [3]
    """

    def __init__(
        self, output_size: Sequence[int] | None = None, bias_dims: Sequence[int] | None = None, b_init: Any = None,
        name: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(name=name)
        self.output_size, self.bias_dims, self.b_init = output_size, bias_dims, b_init or jnp.zeros
        self.bias_shape: tuple[int, ...] | None = None

    def __call__(self, inputs: Any, multiplier: Any = None) -> Any:
        """Return `inputs + b`, or `inputs + b * multiplier`."""
        assert_minimum_rank(inputs, 2)
        if self.output_size is not None and self.output_size != inputs.shape[1:]:
            raise ValueError(
                f"Input shape must be {(-1, *self.output_size)} by the output_size of {self.module_name}, got "
                f"{inputs.shape}"
            )
        self.bias_shape = _bias_shape(inputs.shape, self.bias_dims)
        self.input_size = inputs.shape[1:]
        b = get_parameter("b", self.bias_shape, inputs.dtype, init=self.b_init)
        b = jnp.broadcast_to(b, inputs.shape)
        return inputs + (b if multiplier is None else b * multiplier)


def _bias_shape(shape: tuple[int, ...], dims: Sequence[int] | None) -> tuple[int, ...]:
    if dims is None:
        return tuple(shape[1:])
    rank, bias_shape = len(shape), [1] * len(shape)
    for axis in dims:
        dim = axis % rank if axis < 0 else axis
        if dim == 0:
            raise ValueError(f"bias_dims={tuple(dims)} has axis 0, that of the batch: all examples share one bias")
        if dim >= rank:
            raise ValueError(f"axis {dim} in bias_dims={tuple(dims)} is out of range for input of rank {rank}: {shape}")
        bias_shape[dim] = shape[dim]
    start = next((dim for dim in range(1, rank) if bias_shape[dim] != 1), rank)
    return tuple(bias_shape[start:])
