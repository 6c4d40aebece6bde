"""`Reshape` and `Flatten`.

Source: https://dm-haiku.readthedocs.io/en/latest/api.html#reshape
"""

import math
from collections.abc import Sequence
from typing import Any

from unified.compat.haiku.module import Module
from unified.compat.jax import numpy as jnp

__all__ = ["Flatten", "Reshape"]


class Reshape(Module):
    """A change of the shape of all axes but the first.

    Args:
        output_shape: the new shape; one size can be -1, and is then inferred.
        preserve_dims: the number of leading axes to keep.
        name: the module's name.

    Shapes: `[N, ...]` to `[N, *output_shape]`.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(lambda x: hk.Reshape([2, -1])(x), backend="torch")
    >>> x = torch.ones(1, 6)
    >>> params = net.init(0, x)
    >>> list(net.apply(params, None, x).shape)
    [1, 2, 3]
    """

    def __init__(self, output_shape: Sequence[int], preserve_dims: int = 1, name: str | None = None) -> None:
        super().__init__(name=name)
        if preserve_dims == 0:
            raise ValueError(
                "Argument preserve_dims should be non-zero. It is the number of first axes that stay, counted from the "
                "end if negative; to keep none, use jnp.reshape"
            )
        if output_shape.count(-1) > 1:
            raise ValueError(
                f"output_shape={tuple(output_shape)} leaves more than one size open: write -1 for one at most"
            )
        self.output_shape, self.preserve_dims = tuple(output_shape), preserve_dims

    def __call__(self, inputs: Any) -> Any:
        if inputs.ndim <= self.preserve_dims:
            return inputs
        total = math.prod(inputs.shape[self.preserve_dims :])
        fixed = math.prod([size for size in self.output_shape if size != -1])
        shape = tuple(total // fixed if size == -1 else size for size in self.output_shape)
        return jnp.reshape(inputs, tuple(inputs.shape[: self.preserve_dims]) + shape)


class Flatten(Reshape):
    """A merge of all axes but the first.

    Args:
        preserve_dims: the number of leading axes to keep.
        name: the module's name.

    Shapes: `[N, ...]` to `[N, product]`; an array with at most `preserve_dims` axes is returned unchanged.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(lambda x: hk.Flatten()(x), backend="torch")
    >>> x = torch.ones(1, 2, 3)
    >>> params = net.init(0, x)
    >>> list(net.apply(params, None, x).shape)
    [1, 6]
    """

    def __init__(self, preserve_dims: int = 1, name: str | None = None) -> None:
        super().__init__((-1,), preserve_dims, name)
