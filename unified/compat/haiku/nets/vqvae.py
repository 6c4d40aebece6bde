"""`VectorQuantizer`: vector quantisation, as in VQ-VAE.

Source: van den Oord et al., "Neural discrete representation learning" (2017), https://arxiv.org/abs/1711.00937
"""

from typing import Any

from unified.compat import jax
from unified.compat.haiku import initializers
from unified.compat.haiku.module import Module, transparent
from unified.compat.haiku.moving_averages import ExponentialMovingAverage
from unified.compat.haiku.variables import get_parameter, get_state, set_state
from unified.compat.jax import lax, nn
from unified.compat.jax import numpy as jnp

__all__ = ["VectorQuantizer", "VectorQuantizerEMA"]


class _Quantizer(Module):
    """The base class of both quantizers: the distances to the vectors, and the dict of results."""

    embedding_dim: int
    num_embeddings: int
    cross_replica_axis: str | None

    @transparent
    def _nearest(self, inputs: Any, embeddings: Any) -> tuple[Any, Any, Any, Any]:
        """Return the flat inputs, their distances, and the one-hot encodings and indices of the nearest vectors."""
        flat = jnp.reshape(inputs, [-1, self.embedding_dim])
        distances = (
            jnp.sum(jnp.square(flat), 1, keepdims=True)
            - 2 * jnp.matmul(flat, embeddings)
            + jnp.sum(jnp.square(embeddings), 0, keepdims=True)
        )
        nearest = jnp.argmax(-distances, 1)
        encodings = nn.one_hot(nearest, self.num_embeddings, dtype=distances.dtype)
        return flat, distances, encodings, jnp.reshape(nearest, inputs.shape[:-1])

    @transparent
    def _report(self, inputs: Any, quantized: Any, loss: Any, encodings: Any, indices: Any, distances: Any) -> Any:
        quantized = inputs + lax.stop_gradient(quantized - inputs)
        used = jnp.mean(encodings, 0)
        if self.cross_replica_axis:
            used = lax.pmean(used, axis_name=self.cross_replica_axis)
        return {
            "quantize": quantized,
            "loss": loss,
            "perplexity": jnp.exp(-jnp.sum(used * jnp.log(used + 1e-10))),
            "encodings": encodings,
            "encoding_indices": indices,
            "distances": distances,
        }

    def quantize(self, encoding_indices: Any) -> Any:
        """Return the vectors of these indices."""
        return jax.device_put(self.embeddings.swapaxes(1, 0))[(encoding_indices,)]  # type: ignore[attr-defined]


class VectorQuantizer(_Quantizer):
    """A quantizer whose vectors are trained by gradients.

    Args:
        embedding_dim: the size of a vector.
        num_embeddings: the number of vectors.
        commitment_cost: the weight of the loss that pulls inputs towards their vectors.
        dtype: the dtype of the vectors.
        name: the module's name.
        cross_replica_axis: the axis of `jax.pmap` over which the usage of vectors is averaged.

    A call takes `(inputs, is_training)` and returns a dict: `quantize` has the shape of the inputs, `loss` and
    `perplexity` are numbers, `encodings` are one-hot vectors, and `encoding_indices` the numbers of the vectors.
    `embeddings` is the parameter `[embedding_dim, num_embeddings]`.

    Shapes: `[..., embedding_dim]` to the same.

    Source: van den Oord et al., "Neural discrete representation learning" (2017), https://arxiv.org/abs/1711.00937

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(lambda x: hk.nets.VectorQuantizer(2, 5, 0.25)(x, True), backend="torch")
    >>> x = torch.ones(3, 2)
    >>> params = net.init(0, x)
    >>> list(net.apply(params, None, x)["quantize"].shape)
    [3, 2]
    """

    def __init__(
        self, embedding_dim: int, num_embeddings: int, commitment_cost: float, dtype: Any = jnp.float32,
        name: str | None = None, cross_replica_axis: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(name=name)
        self.embedding_dim, self.num_embeddings, self.commitment_cost = embedding_dim, num_embeddings, commitment_cost
        self.cross_replica_axis, self._dtype = cross_replica_axis, dtype

    @property
    def embeddings(self) -> Any:
        init = initializers.VarianceScaling(distribution="uniform")
        return get_parameter("embeddings", [self.embedding_dim, self.num_embeddings], self._dtype, init=init)

    def __call__(self, inputs: Any, is_training: bool) -> dict[str, Any]:
        """Return a dict of `quantize`, `loss`, `perplexity`, `encodings`, `encoding_indices` and `distances`."""
        _, distances, encodings, indices = self._nearest(inputs, self.embeddings)
        quantized = self.quantize(indices)
        to_vectors = jnp.mean(jnp.square(lax.stop_gradient(quantized) - inputs))
        to_inputs = jnp.mean(jnp.square(quantized - lax.stop_gradient(inputs)))
        loss = to_inputs + self.commitment_cost * to_vectors
        return self._report(inputs, quantized, loss, encodings, indices, distances)


class VectorQuantizerEMA(_Quantizer):
    """A quantizer whose vectors are moving averages of the inputs nearest to them.

    Args:
        embedding_dim: the size of a vector.
        num_embeddings: the number of vectors.
        commitment_cost: the weight of the loss.
        decay: the decay of the moving averages.
        epsilon: a constant that keeps the count of a vector above zero.
        dtype: the dtype of the vectors.
        cross_replica_axis: the axis of `jax.pmap` over which sums are taken.
        name: the module's name.

    A call takes `(inputs, is_training)` and returns a dict: `quantize` has the shape of the inputs, `loss` and
    `perplexity` are numbers, `encodings` are one-hot vectors, and `encoding_indices` the numbers of the vectors. Its
    vectors are state.

    Shapes: `[..., embedding_dim]` to the same.

    Source: van den Oord et al., "Neural discrete representation learning" (2017), https://arxiv.org/abs/1711.00937

    >>> import torch, unified.compat.haiku as hk
    >>> def forward(x):
    ...     return hk.nets.VectorQuantizerEMA(2, 5, 0.25, 0.9)(x, True)
    >>> net = hk.transform_with_state(forward, backend="torch")
    >>> x = torch.ones(3, 2)
    >>> params, state = net.init(0, x)
    >>> output, state = net.apply(params, state, None, x)
    >>> list(output["quantize"].shape), len(params)
    ([3, 2], 0)
    """

    def __init__(
        self, embedding_dim: int, num_embeddings: int, commitment_cost: float, decay: float, epsilon: float = 1e-5,
        dtype: Any = jnp.float32, cross_replica_axis: str | None = None, name: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(name=name)
        if not 0 <= decay <= 1:
            raise ValueError(f"decay is how much of a moving average stays, from 0 to 1, got {decay}")
        self.embedding_dim, self.num_embeddings, self.commitment_cost = embedding_dim, num_embeddings, commitment_cost
        self.decay, self.epsilon, self.cross_replica_axis, self._dtype = decay, epsilon, cross_replica_axis, dtype
        self._ema_cluster_size = ExponentialMovingAverage(decay, name="ema_cluster_size")
        self._ema_dw = ExponentialMovingAverage(decay, name="ema_dw")

    @property
    def embeddings(self) -> Any:
        init = initializers.VarianceScaling(distribution="uniform")
        return get_state("embeddings", [self.embedding_dim, self.num_embeddings], self._dtype, init=init)

    @property
    def ema_cluster_size(self) -> ExponentialMovingAverage:
        self._ema_cluster_size.initialize([self.num_embeddings], self._dtype)
        return self._ema_cluster_size

    @property
    def ema_dw(self) -> ExponentialMovingAverage:
        self._ema_dw.initialize([self.embedding_dim, self.num_embeddings], self._dtype)
        return self._ema_dw

    def __call__(self, inputs: Any, is_training: bool) -> dict[str, Any]:
        """Return the dict of `VectorQuantizer`; with `is_training`, update the vectors."""
        flat, distances, encodings, indices = self._nearest(inputs, self.embeddings)
        quantized = self.quantize(indices)
        loss = self.commitment_cost * jnp.mean(jnp.square(lax.stop_gradient(quantized) - inputs))
        if is_training:
            size, total = jnp.sum(encodings, axis=0), jnp.matmul(flat.T, encodings)
            if self.cross_replica_axis:
                size = lax.psum(size, axis_name=self.cross_replica_axis)
            size = self.ema_cluster_size(size)
            if self.cross_replica_axis:
                total = lax.psum(total, axis_name=self.cross_replica_axis)
            total = self.ema_dw(total)
            count = jnp.sum(size)
            size = (size + self.epsilon) / (count + self.num_embeddings * self.epsilon) * count
            set_state("embeddings", total / jnp.reshape(size, [1, -1]))
        return self._report(inputs, quantized, loss, encodings, indices, distances)
