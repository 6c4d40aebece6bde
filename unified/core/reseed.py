"""`reseed`: params whose random draws start anew, from another seed."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from unified.core import backends
from unified.core.keys import KEY, as_key, counter_path, key_path, named_streams
from unified.core.params import Params
from unified.core.streams import DEFAULT

__all__ = ["reseed"]


def reseed(params: Params, seed: Any) -> Params:
    """Return the params with the key of `seed` and the number of the next call at zero, in all streams.

    `seed` is an integer, or a key, which may be traced; or a mapping from the names of streams to seeds, which leaves
    the others as they are. Params without a collection `rng` stay as they are if it is one seed.

    Raises `KeyError` for a stream that is not in the params.
    """
    streams = {DEFAULT: "", **{name: name for name in named_streams(params)}} if KEY in params else {}
    seeds = seed if isinstance(seed, Mapping) else dict.fromkeys(streams, seed)
    values: dict[str, Any] = {}
    for name, one in seeds.items():
        if name not in streams:
            raise KeyError(
                f"the params have no stream of random numbers {name!r} to reseed, but "
                f"{', '.join(map(repr, streams)) or 'none, since the model draws none'}"
            )
        values |= _restarted(params, streams[name], one)
    return params.replaced(values)


def _restarted(params: Params, stream: str, seed: Any) -> dict[str, Any]:
    """Return the key and the counter of a stream that starts from `seed`, by path."""
    key_at, counter_at = key_path(stream), counter_path(stream)
    old = params[key_at]
    backend = backends.of_array(old)
    if backend is None:
        values = {key_at: np.array(as_key(seed), np.uint32), counter_at: np.zeros((), np.uint32)}
        return {path: value for path, value in values.items() if path in params}
    if backends.of_array(seed) is backend:
        key = backend.astype(backend.key_words(seed), "uint32")
        if tuple(key.shape) != (2,):
            raise TypeError(f"a seed is an integer or one key, got an array of the shape {tuple(seed.shape)}")
    else:
        key = backend.from_numpy(np.array(as_key(seed), np.uint32), backend.placement(old))
    counter = backend.from_numpy(np.zeros((), np.uint32), backend.placement(params[counter_at]))
    return {key_at: key, counter_at: counter}
