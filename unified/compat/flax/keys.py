"""The keys of a call: of what `rngs` may be, for a model and for one call."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from unified.compat.jax.active_backend import use_backend
from unified.compat.jax.on_torch import random
from unified.compat.jax.on_torch.array import Array, as_array, tensor
from unified.compat.jax.on_torch.transforms import TORCH
from unified.compat.jax.on_torch.typed_keys import KeyArray, pack, unpack
from unified.core import backends

__all__ = ["COUNT", "STREAM", "drawn", "key_of", "streams", "typed", "words_of"]

COUNT = "count of calls"
STREAM = "params"  # linen draws from this stream where a stream that a model asks for is not there


def drawn(generator: torch.Generator | None = None, device: Any = None) -> torch.Tensor:
    """Return the words of a new key, from a generator or torch's own."""
    words = torch.randint(
        0, 1 << 32, (2,), dtype=torch.int64, generator=generator, device=None if generator is None else generator.device
    )
    return words if device is None else words.to(device)


def streams(rngs: Any) -> dict[str, Any]:
    """Return what `rngs` has for each stream; what is for none serves all."""
    return dict(rngs) if isinstance(rngs, Mapping) else {STREAM: rngs}


def key_of(value: Any) -> Any:
    """Return a key, typed or its words: of a seed, a key of `jax.random` on torch, its words, or a generator.

    Raises:
        TypeError: the value is none of these.
    """
    if isinstance(value, torch.Generator):
        return drawn(value)
    if isinstance(value, KeyArray):
        return value
    if not isinstance(value, int | Array | torch.Tensor):
        value = _of_other(value)
    if isinstance(value, int) or not value.shape:
        with use_backend(TORCH):
            return random.PRNGKey(value)
    if tuple(value.shape) != (2,):
        raise TypeError(f"a key has two words, and rngs has an array of shape {tuple(value.shape)}")
    return value


def _of_other(value: Any) -> torch.Tensor | int:
    is_array = isinstance(value, np.ndarray | np.generic) or backends.of_array(value) is not None
    if is_array and str(getattr(value, "dtype", "")).startswith("key<"):
        raise TypeError("rngs has a typed key of JAX itself: pass its words, jax.random.key_data(key)")
    if not is_array:
        raise TypeError(
            f"rngs takes a seed, a key, a torch.Generator or a dict of them by stream, got {type(value).__name__}"
        )
    words = np.asarray(value)
    return torch.as_tensor(words.astype(np.int64)) if words.ndim else int(words)


def words_of(value: Any) -> torch.Tensor:
    """Return the two words of a key as int64, which a buffer of any model keeps."""
    key = key_of(value)
    return (unpack(key.tensor) if isinstance(key, KeyArray) else tensor(key)).to(torch.int64)


def typed(keys: dict[str, Any]) -> dict[str, Array]:
    """Return typed keys for those of a call, folded with the count of calls if there is one."""
    count = keys.pop(COUNT, None)
    result: dict[str, Array] = {}
    for name, key in keys.items():
        words = unpack(key.tensor) if isinstance(key, KeyArray) else as_array(key).tensor
        if count is not None:
            words = random.fold_in(words, as_array(count).tensor)
        result[name] = KeyArray(pack(words))
    return result
