"""Keys from the values that users pass as `rng=`."""

import operator
from typing import Any

import numpy as np

from unified.core import backends, threefry

__all__ = ["as_key"]


def as_key(rng: Any) -> tuple[int, int]:
    """Return the two words of an integer seed, a JAX key, or an array of two 32-bit words."""
    try:
        return threefry.seed_key(operator.index(rng))
    except TypeError:
        pass
    owner = backends.of_array(rng)
    words = np.asarray(rng if owner is None else owner.to_numpy(rng))
    if words.shape == (2,) and words.dtype.kind in "ui":
        return int(words[0]) & threefry.MASK, int(words[1]) & threefry.MASK
    raise TypeError(f"rng must be an integer or a key of two 32-bit words (jax.random.key), got {rng!r}")
