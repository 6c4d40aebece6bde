"""A softmax over very many classes."""

import itertools
from collections.abc import Iterator
from typing import NamedTuple

import jax
import jax.numpy as jnp

from unified.backends.jax.layers.base import JaxLayer


class Output(NamedTuple):
    """The log-probability of each target, and the loss."""

    output: jax.Array
    loss: jax.Array


def _at(log: jax.Array, index: jax.Array) -> jax.Array:
    """The log-probability at each index, which counts from 0; NaN where there is none."""
    index = jnp.where(index < 0, log.shape[-1], index)
    return jnp.take_along_axis(log, index[..., None], -1, mode="fill")[..., 0]


class AdaptiveLogSoftmaxWithLoss(JaxLayer):
    def forward(self, input_: jax.Array, target_: jax.Array) -> Output:
        if target_.ndim > 1 or input_.shape[:-1] != target_.shape:
            raise ValueError(
                f"AdaptiveLogSoftmaxWithLoss takes (N, features) and (N), or (features) and (), got {input_.shape} "
                f"and {target_.shape}"
            )
        frequent = self.cutoffs[0]
        head = jax.nn.log_softmax(self._inner("head")(input_))
        output = _at(head, target_)
        for position, low, high in self._clusters():
            inner = _at(self._in_cluster(input_, position), jnp.clip(target_ - low, 0, high - low - 1))
            output = jnp.where((target_ >= low) & (target_ < high), head[..., frequent + position] + inner, output)
        output = jnp.where((target_ >= 0) & (target_ < self.n_classes), output, jnp.nan)
        return Output(output, -jnp.mean(output))

    def log_prob(self, input: jax.Array) -> jax.Array:
        """The log-probability of every class, `(N, in_features)` to `(N, n_classes)`."""
        frequent = self.cutoffs[0]
        head = jax.nn.log_softmax(self._inner("head")(input))
        parts = [head[..., :frequent]]
        for position, _, _ in self._clusters():
            parts.append(self._in_cluster(input, position) + head[..., frequent + position, None])
        return jnp.concatenate(parts, -1)

    def predict(self, input: jax.Array) -> jax.Array:
        """The likeliest class, or the likeliest of its cluster's if the head prefers a cluster: `(N)`."""
        best = jnp.argmax(self._inner("head")(input), -1)
        return jnp.where(best < self.cutoffs[0], best, jnp.argmax(self.log_prob(input), -1))

    def _clusters(self) -> Iterator[tuple[int, int, int]]:
        bounds = itertools.pairwise((*self.cutoffs, self.n_classes))
        return ((position, low, high) for position, (low, high) in enumerate(bounds))

    def _in_cluster(self, input: jax.Array, position: int) -> jax.Array:
        """The log-probabilities of a cluster's classes, given the cluster."""
        hidden = self._inner(f"tail/{position}/0")(input)
        return jax.nn.log_softmax(self._inner(f"tail/{position}/1")(hidden))
