"""`Rng`: a stream of random numbers, whose key and counter lie in the params."""

from typing import Any

import numpy as np

from unified.core import backends
from unified.core.annotations import Array, DType, ShapeLike
from unified.core.distributions import Bernoulli, Distribution, Normal, Randint, Uniform
from unified.core.dtypes import dtype_name
from unified.core.keys import as_key
from unified.core.params import Params
from unified.core.structure import VariableInfo
from unified.explicit.frameworks import backend_of
from unified.explicit.graph import Graph
from unified.explicit.module import Module

__all__ = ["Rng"]


class Rng(Module):
    """A stream of random numbers: a key and a counter in the params, and each use counts.

    Modules that draw take one by their constructor. A network may have several, each with a seed of its own; the same
    seed and the same counter give the same numbers on every framework.

    Args:
        graph: where it stands: its variables are `<path>/key`, two 32-bit words, and `<path>/counter`.

    Source: `blox.Rng`, whose key is named `seed`.

    >>> import unified.explicit as bx
    >>> rng = bx.Rng(bx.Graph("net").child("rng"))
    >>> params = rng.seed(bx.params(backend="torch"), seed=42)
    >>> mask, params = rng.bernoulli(params, 0.5, (4,))
    >>> mask.tolist(), int(rng.get_counter(params))
    ([True, False, True, True], 1)
    """

    def __init__(self, graph: Graph) -> None:
        super().__init__(graph)
        self._key_path = self.param_path("key")
        self._counter_path = self.param_path("counter")

    def seed(self, params: Params, seed: Any = None, counter: Any = None) -> Params:
        """Return the params with another seed or counter; the first time, with both, and then counting from 0.

        Args:
            params: the params, locked or not.
            seed: an integer, or a key of the framework, which may be traced.
            counter: the number of the next use.

        Raises:
            ValueError: there is no seed yet, or nothing to change.
        """
        is_new = self._key_path not in params
        if seed is None and (is_new or counter is None):
            raise ValueError(
                f"{self.graph.path!r} has no seed: pass seed="
                if is_new
                else f"nothing of {self.graph.path!r} changes: pass seed= or counter="
            )
        backend = backend_of(params, (seed,))
        values: dict[str, Array] = {}
        if seed is not None:
            if backends.of_array(seed) is None:
                seed = backend.from_numpy(np.array(as_key(seed), np.uint32), None)
            values[self._key_path] = backend.astype(backend.key_words(seed), "uint32")
        if counter is not None or is_new:
            counter = 0 if counter is None else counter
            if backends.of_array(counter) is None:
                counter = backend.from_numpy(np.array(counter, np.uint32), None)
            values[self._counter_path] = backend.astype(counter, "uint32")
        if not is_new:
            return params.replaced(values)
        infos = [VariableInfo(path, tuple(v.shape), "uint32", "rng", False) for path, v in values.items()]
        return params.added(zip(infos, values.values(), strict=True))

    def get_seed(self, params: Params) -> Array:
        """Return the two words of the key; raise `KeyError` if it has no seed yet.

        Args:
            params: the params.
        """
        self._check(params)
        return params[self._key_path]

    def get_counter(self, params: Params) -> Array:
        """Return the number of the next use; raise `KeyError` if it has no seed yet.

        Args:
            params: the params.
        """
        self._check(params)
        return params[self._counter_path]

    def is_seeded(self, params: Params) -> bool:
        """Return whether the params have its key and counter.

        Args:
            params: the params.
        """
        return self._key_path in params

    def _check(self, params: Params) -> None:
        if self._key_path not in params:
            raise KeyError(
                f"{self.graph.path!r} has no seed in these params: params = rng.seed(params, seed=...) gives it one"
            )

    def counted(self, params: Params) -> Params:
        """Return the params after one use.

        Args:
            params: the params.
        """
        counter = self.get_counter(params)
        backend = backend_of(params)
        # By way of a signed integer: torch has no arithmetic of unsigned ones.
        count = backend.astype(backend.astype(counter, "int64") + 1, "uint32")
        return params.replaced({self._counter_path: count})

    def __call__(self, params: Params) -> tuple[Array, Params]:
        """Return a new key of two words, which follows from the key and the counter, and the params after this use.

        On JAX it is a key for `jax.random`. No other use has it, and no variable its first values from it.
        """
        key = backend_of(params).fold_in(self.get_seed(params), self.get_counter(params))
        return key, self.counted(params)

    def uniform(
        self, params: Params, shape: ShapeLike, low: float = 0.0, high: float = 1.0, dtype: DType = None
    ) -> tuple[Array, Params]:
        """Return values from `low` to `high`, and the params after this use.

        Args:
            params: the params, with a seed of this stream.
            shape: sizes, or one size.
            low, high: the bounds.
            dtype: that of the values; the framework's default if `None`.

        Raises `KeyError` if it has no seed yet.
        """
        return self._sample(params, Uniform(low, high), shape, dtype)

    def normal(
        self, params: Params, shape: ShapeLike, mean: float = 0.0, std: float = 1.0, dtype: DType = None
    ) -> tuple[Array, Params]:
        """Return normal values, and the params after this use.

        Args:
            params: the params, with a seed of this stream.
            shape: sizes, or one size.
            mean, std: the mean and the standard deviation.
            dtype: that of the values; the framework's default if `None`.

        Raises `KeyError` if it has no seed yet.
        """
        return self._sample(params, Normal(mean, std), shape, dtype)

    def bernoulli(self, params: Params, p: float, shape: ShapeLike) -> tuple[Array, Params]:
        """Return booleans that are true with the probability `p`, and the params after this use.

        Args:
            params: the params, with a seed of this stream.
            p: the probability of true.
            shape: sizes, or one size.

        Raises `KeyError` if it has no seed yet.
        """
        return self._sample(params, Bernoulli(p), shape, "bool")

    def randint(
        self, params: Params, shape: ShapeLike, low: int, high: int, dtype: DType = "int32"
    ) -> tuple[Array, Params]:
        """Return integers from `low` to `high`, without `high`, and the params after this use.

        Args:
            params: the params, with a seed of this stream.
            shape: sizes, or one size.
            low, high: the bounds.
            dtype: that of the values.

        Raises `KeyError` if it has no seed yet.
        """
        return self._sample(params, Randint(low, high), shape, dtype)

    def _sample(
        self, params: Params, distribution: Distribution, shape: ShapeLike, dtype: DType
    ) -> tuple[Array, Params]:
        key, params = self(params)
        sizes = (shape,) if isinstance(shape, int) else tuple(shape)
        name = None if dtype is None else dtype_name(dtype)
        return backend_of(params).sample(key, distribution, sizes, name), params
