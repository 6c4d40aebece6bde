"""`reseed`: params whose random draws start anew, from another seed."""

from typing import Any

import numpy as np

from unified.core import backends
from unified.core.keys import COUNTER, KEY, as_key
from unified.core.params import Params

__all__ = ["reseed"]


def reseed(params: Params, seed: Any) -> Params:
    """Return the params with the key of `seed` and the number of the next call at zero.

    `seed` is an integer, or a key, which may be traced. Params without a collection `rng` stay as they are.
    """
    if KEY not in params:
        return params
    old = params[KEY]
    backend = backends.of_array(old)
    if backend is None:
        values = {KEY: np.array(as_key(seed), np.uint32), COUNTER: np.zeros((), np.uint32)}
        return params.replaced({path: value for path, value in values.items() if path in params})
    if backends.of_array(seed) is backend:
        key = backend.astype(backend.key_words(seed), "uint32")
        if tuple(key.shape) != (2,):
            raise TypeError(f"a seed is an integer or one key, got an array of the shape {tuple(seed.shape)}")
    else:
        key = backend.from_numpy(np.array(as_key(seed), np.uint32), backend.placement(old))
    counter = backend.from_numpy(np.zeros((), np.uint32), backend.placement(params[COUNTER]))
    return params.replaced({KEY: key, COUNTER: counter})
