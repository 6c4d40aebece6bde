"""Keys from the values that users pass as `rng=`."""

import operator
from collections.abc import Mapping
from typing import Any

import numpy as np

from unified.core import backends, threefry
from unified.core.dtypes import dtype_name

__all__ = ["as_key", "check_random_state"]


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


def check_random_state(params: Mapping[str, Any]) -> None:
    """Raise `TypeError` if the state of random numbers was cast, as all arrays of params may be by mistake."""
    for path in ("rng/key", "rng/counter"):
        value = params.get(path)
        name = "uint32" if value is None or not hasattr(value, "dtype") else dtype_name(value.dtype)
        if name != "uint32" and not name.startswith("key<"):
            raise TypeError(
                f"{path!r} has the dtype {name}, and must stay uint32: it is the state of random numbers, no weight, "
                "and as a float would repeat them. Cast or average the trainable half alone, `weights, rest = "
                "params.split()`, and merge again, `weights | rest`; or cast by params.astype(dtype)"
            )
