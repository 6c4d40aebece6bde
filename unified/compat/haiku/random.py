"""`PRNGSequence`: a sequence of keys that are split from one key.

Source: https://dm-haiku.readthedocs.io/en/latest/api.html#random-numbers
"""

import collections
from collections.abc import Iterator
from typing import Any

import numpy as np

from unified.compat.haiku import config
from unified.compat.jax import dtypes
from unified.compat.jax import random as jax_random
from unified.compat.jax.active_backend import backend_for
from unified.compat.jax.implementations import implementation

__all__ = ["PRNGSequence", "assert_is_prng_key"]


def assert_is_prng_key(key: Any) -> None:
    """Raise unless `key` is a key."""
    if not hasattr(key, "shape") or not hasattr(key, "dtype"):
        raise ValueError(
            f"{type(key).__name__} is not a JAX PRNGKey: pass jax.random.PRNGKey(seed), or an int as the seed"
        )
    if not isinstance(key.dtype, np.dtype) and dtypes.issubdtype(key.dtype, dtypes.prng_key):
        if tuple(key.shape):
            raise ValueError(
                "the key did not have expected shape and/or dtype, that of one key: it is an array of keys of shape "
                f"{tuple(key.shape)}; pass one of them"
            )
        return
    words = implementation(backend_for(key).name, "boundary").key_words()
    if str(key.dtype).removeprefix("torch.") != "uint32" or tuple(key.shape) != (words,):
        raise ValueError(
            f"the key did not have expected shape and/or dtype, ({words},) and uint32: it has {tuple(key.shape)} and "
            f"{key.dtype}; pass jax.random.PRNGKey(seed), or one row of jax.random.split"
        )


def _split(key: Any, count: int) -> tuple[Any, ...]:
    return tuple(jax_random.split(key, count))


class PRNGSequence(Iterator[Any]):
    """A sequence of keys that are split from one key.

    >>> import unified as u, unified.compat.haiku as hk
    >>> u.set_backend("torch")
    >>> keys = hk.PRNGSequence(42)
    >>> next(keys).tolist(), len(keys.take(2))
    ([64467757, 2916123636], 2)
    >>> u.set_backend(None)

    Args:
        key_or_seed: a key, or an integer as its seed.
    """

    __slots__ = ("_key", "_keys")

    def __init__(self, key_or_seed: Any) -> None:
        if isinstance(key_or_seed, tuple):
            key, keys = key_or_seed
            assert_is_prng_key(key)
            for reserved in keys:
                assert_is_prng_key(reserved)
            self.replace_internal_state((key, tuple(keys)))
            return
        if isinstance(key_or_seed, int) or _is_seed(key_or_seed):
            key_or_seed = jax_random.PRNGKey(key_or_seed)
        else:
            assert_is_prng_key(key_or_seed)
        self._key: Any = key_or_seed
        self._keys: collections.deque[Any] = collections.deque()

    def reserve(self, num: int) -> None:
        """Split `num` keys in advance."""
        if num > 0:
            self._key, *new = _split(self._key, num + 1)
            self._keys.extend(new)

    def reserve_up_to_full(self) -> None:
        """Reserve or drop keys until there are `config.rng_reserve_size`, so that all branches have equally many."""
        size = config.get("rng_reserve_size")
        if len(self._keys) < size:
            self.reserve(size - len(self._keys))
        else:
            self._keys = collections.deque(list(self._keys)[:size])

    @property
    def internal_state(self) -> tuple[Any, tuple[Any, ...]]:
        """The key and the keys in reserve, for `replace_internal_state`."""
        return self._key, tuple(self._keys)

    def replace_internal_state(self, state: tuple[Any, tuple[Any, ...]]) -> None:
        """Go on from a state that `internal_state` was.

        Args:
            state: that state.
        """
        key, keys = state
        assert_is_prng_key(key)
        for reserved in keys:
            assert_is_prng_key(reserved)
        self._key, self._keys = key, collections.deque(keys)

    def __next__(self) -> Any:
        if not self._keys:
            self.reserve(config.get("rng_reserve_size"))
        return self._keys.popleft()

    next = __next__

    def take(self, num: int) -> tuple[Any, ...]:
        """Return the next `num` keys."""
        self.reserve(max(num - len(self._keys), 0))
        return tuple(next(self) for _ in range(num))


def _is_seed(value: Any) -> bool:
    """Return whether `value` is an integer array without axes."""
    return (
        hasattr(value, "shape")
        and not tuple(value.shape)
        and hasattr(value, "dtype")
        and str(value.dtype).removeprefix("torch.") in ("int32", "int64")
    )
