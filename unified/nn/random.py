"""Random numbers in objects: draws like an array, and streams with a key of their own.

A draw like an array has its key from the call: on JAX from the network's key, the number of the call and the path of
the module, on torch from torch's generator, unless the network was built with `portable=True`. A `Stream` is a part of
the network with its own key and counter, which draws the same numbers on every framework.
"""

from typing import Any, TypeVar

import numpy as np

from unified.core import backends, threefry
from unified.core.annotations import Array, DType, ShapeLike
from unified.core.distributions import Bernoulli, Distribution, Normal, Randint, Uniform
from unified.core.dtypes import dtype_name
from unified.core.errors import BackendError
from unified.core.keys import as_key
from unified.core.scope import current
from unified.nn.construction import current as constructing
from unified.nn.construction import objects_of
from unified.nn.declare import sizes_of, var
from unified.nn.module import Module

__all__ = ["Stream", "rand_like", "randn_like"]

A = TypeVar("A", bound=Any)


def _like(input: A, distribution: Distribution) -> A:
    scope: Any = current.scope
    if scope is not None:
        name = dtype_name(input.dtype)
        return scope.frame.sample(distribution, tuple(input.shape), name, scope.frame.next_draw(scope.path))
    backend = backends.of_array(input)
    if backend is None:
        raise BackendError(
            f"a draw like an array takes one of an installed framework, got {type(input).__name__}"
        ).with_page("objects")
    return backend.objects.draw_like(input, distribution)


def randn_like(input: A) -> A:
    """Draw standard normal values with the shape and the dtype of an array: `torch.randn_like`."""
    return _like(input, Normal())


def rand_like(input: A) -> A:
    """Draw uniform values between 0 and 1 with the shape and the dtype of an array: `torch.rand_like`."""
    return _like(input, Uniform(0.0, 1.0))


class Stream(Module):
    """A stream of random numbers: a key and the number of draws so far, as variables of the collection `rng`.

    Args:
        seed: an integer or a key; or a name, which gives the network's own seed another stream for each name.

    >>> import unified as u, unified.nn as nn
    >>> class Noise(nn.Module):
    ...     def __init__(self):
    ...         self.stream = nn.Stream(7)
    ...     def forward(self, shape):
    ...         return self.stream.normal(shape)
    >>> one, other = u.build(Noise, backend="jax", rng=0), u.build(Noise, backend="torch", rng=0)
    >>> one(2).tolist() == other(2).tolist() != one(2).tolist()
    True
    """

    def __init__(self, seed: Any) -> None:
        super().__init__()
        if isinstance(seed, str):
            construction = constructing.construction
            if construction is None or construction.key is None:
                raise TypeError(
                    "a stream that is named takes its key from the seed of the network: u.build(..., rng=0)"
                )
            key = threefry.fold_path(construction.key, seed)
        else:
            key = as_key(seed)
        self.key = var("rng", np.asarray(key, np.uint32))
        self.counter = var("rng", (), dtype="int32")

    def reseed(self, seed: Any, counter: int = 0) -> None:
        """Start from another key, and another number of draws.

        Args:
            seed: an integer or a key.
            counter: the number of draws that count as made.
        """
        self.key, self.counter = np.asarray(as_key(seed), np.uint32), np.int32(counter)

    def _draw(self, distribution: Distribution, shape: ShapeLike, dtype: DType) -> Array:
        key = next(objects_of(self)).draw_key_of(self.key, self.counter)
        self.counter = self.counter + 1
        name = "float32" if dtype is None else dtype_name(dtype)
        return next(objects_of(self)).sample(key, distribution, sizes_of(shape), name)

    def normal(self, shape: ShapeLike = (), dtype: DType = None) -> Array:
        """Draw standard normal values.

        Args:
            shape: sizes, or one size.
            dtype: a floating-point dtype; the framework's default if `None`.
        """
        return self._draw(Normal(), shape, dtype)

    def uniform(self, shape: ShapeLike = (), dtype: DType = None, minval: float = 0.0, maxval: float = 1.0) -> Array:
        """Draw uniform values with `minval <= x < maxval`.

        Args:
            shape: sizes, or one size.
            dtype: a floating-point dtype; the framework's default if `None`.
            minval, maxval: the bounds.
        """
        return self._draw(Uniform(minval, maxval), shape, dtype)

    def bernoulli(self, p: float = 0.5, shape: ShapeLike = ()) -> Array:
        """Draw booleans that are true with probability `p`.

        Args:
            p: the probability of true.
            shape: sizes, or one size.
        """
        return self._draw(Bernoulli(p), shape, "bool")

    def randint(self, shape: ShapeLike, minval: int, maxval: int) -> Array:
        """Draw uniform integers with `minval <= x < maxval`.

        Args:
            shape: sizes, or one size.
            minval, maxval: the bounds.
        """
        return self._draw(Randint(minval, maxval), shape, "int32")


Stream.__module__ = "unified.nn"
