"""Adaptive softmax, for large numbers of classes."""

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


def _pick(log_probs: jax.Array, index: jax.Array) -> jax.Array:
    """Return the log-probability at each index along the last axis; NaN for an index out of range."""
    index = jnp.where(index < 0, log_probs.shape[-1], index)
    return jnp.take_along_axis(log_probs, index[..., None], -1, mode="fill")[..., 0]


class AdaptiveLogSoftmaxWithLoss(JaxLayer):
    def forward(self, input_: jax.Array, target_: jax.Array) -> Output:
        if target_.ndim > 1 or input_.shape[:-1] != target_.shape:
            raise ValueError(
                f"AdaptiveLogSoftmaxWithLoss takes (N, features) and (N), or (features) and (), got {input_.shape} "
                f"and {target_.shape}"
            )
        first_cutoff = self.cutoffs[0]
        head = jax.nn.log_softmax(self._inner("head")(input_))
        output = _pick(head, target_)
        for position, low, high in self._clusters():
            log_probs = _pick(self._cluster_log_probs(input_, position), jnp.clip(target_ - low, 0, high - low - 1))
            in_cluster = (target_ >= low) & (target_ < high)
            output = jnp.where(in_cluster, head[..., first_cutoff + position] + log_probs, output)
        output = jnp.where((target_ >= 0) & (target_ < self.n_classes), output, jnp.nan)
        return Output(output, -jnp.mean(output))

    def log_prob(self, input: jax.Array) -> jax.Array:
        """Return the log-probability of every class: `(N, in_features)` to `(N, n_classes)`."""
        first_cutoff = self.cutoffs[0]
        head = jax.nn.log_softmax(self._inner("head")(input))
        parts = [head[..., :first_cutoff]]
        for position, _, _ in self._clusters():
            parts.append(self._cluster_log_probs(input, position) + head[..., first_cutoff + position, None])
        return jnp.concatenate(parts, -1)

    def predict(self, input: jax.Array) -> jax.Array:
        """Return the most likely class of the head, or of all classes where the head prefers a cluster: `(N)`."""
        best = jnp.argmax(self._inner("head")(input), -1)
        return jnp.where(best < self.cutoffs[0], best, jnp.argmax(self.log_prob(input), -1))

    def _clusters(self) -> Iterator[tuple[int, int, int]]:
        """Yield the position of each cluster, its first class and the one after its last."""
        bounds = itertools.pairwise((*self.cutoffs, self.n_classes))
        return ((position, low, high) for position, (low, high) in enumerate(bounds))

    def _cluster_log_probs(self, input: jax.Array, position: int) -> jax.Array:
        """Return the log-probabilities of a cluster's classes, conditional on the cluster."""
        hidden = self._inner(f"tail/{position}/0")(input)
        return jax.nn.log_softmax(self._inner(f"tail/{position}/1")(hidden))
