"""Layers that reshape."""

import math

import jax

from unified.backends.jax.layers.base import JaxLayer


class Flatten(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        rank = max(input.ndim, 1)
        for name, dim in (("start_dim", self.start_dim), ("end_dim", self.end_dim)):
            if not -rank <= dim < rank:
                raise IndexError(f"{self._path!r}: {name}={dim} is not a dimension of shape {input.shape}")
        start, end = self.start_dim % rank, self.end_dim % rank
        if start > end:
            raise ValueError(f"{self._path!r}: start_dim={self.start_dim} comes after end_dim={self.end_dim}")
        return input.reshape(*input.shape[:start], math.prod(input.shape[start : end + 1]), *input.shape[end + 1 :])


class Identity(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return input


class Unflatten(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        if not -input.ndim <= self.dim < input.ndim:
            raise IndexError(f"{self._path!r}: dim={self.dim} is not a dimension of shape {input.shape}")
        dim, sizes = self.dim % input.ndim, tuple(self.unflattened_size)
        product, count = math.prod(size for size in sizes if size != -1), input.shape[dim]
        fits = product and count % product == 0 if -1 in sizes else count == product
        if sizes.count(-1) > 1 or not fits:
            raise ValueError(f"{self._path!r}: a dimension of {count} cannot be split into {sizes}")
        sizes = tuple(count // product if size == -1 else size for size in sizes)
        return input.reshape(*input.shape[:dim], *sizes, *input.shape[dim + 1 :])
