"""Keys of `jax.random`: typed ones, and the raw words of `PRNGKey`."""

import operator
from typing import Any

import numpy as np
import torch

from unified.compat.jax import config
from unified.compat.jax.dtypes import KEY_DTYPE, KeyDtype
from unified.compat.jax.on_torch.array import Array, tensor
from unified.compat.jax.on_torch.behaviour import Behaviour
from unified.compat.jax.on_torch.dtypes import canonical
from unified.compat.jax.on_torch.typed_keys import MASK, KeyArray, as_words, pack
from unified.core.errors import BackendError

__all__ = ["PRNGKey", "clone", "key", "key_data", "key_dtype", "key_impl", "wrap_key_data"]

BEHAVIOUR = Behaviour(on_arrays=True)

_read = torch.compiler.assume_constant_result(config.read)  # torch.compile cannot trace the lookup in JAX
IMPLEMENTATION = "threefry2x32"
OTHERS = ("philox2x32", "philox4x32", "rbg", "unsafe_rbg")


def _check_implementation(impl: Any) -> None:
    """Raise if keys of another generator than Threefry are asked for."""
    name = _read("jax_default_prng_impl") if impl is None else impl
    if name == IMPLEMENTATION or isinstance(name, KeyDtype):
        return
    if name in OTHERS or impl is None:
        raise BackendError(
            f"torch has no keys of {name!r}, whose bits are XLA's: use impl={IMPLEMENTATION!r}"
        ).with_page("haiku#pitfalls")
    raise ValueError(f"JAX has no random number generator {name!r}: torch has {IMPLEMENTATION!r}")


def _words_of_seed(seed: Any, name: str) -> torch.Tensor:
    """Return the words of a seed, of 32 bits unless `jax_enable_x64` is set, as JAX has it."""
    if isinstance(seed, KeyArray):
        raise TypeError(f"{name} takes an integer as the seed, and got a key")
    if not isinstance(seed, (Array, torch.Tensor, np.ndarray)):
        try:
            number = operator.index(seed)
        except TypeError:
            raise TypeError(f"{name} takes an integer as the seed, got {seed!r}") from None
        if not -(1 << 63) <= number < 1 << 64:
            raise OverflowError(f"a seed has 64 bits at most, got {number}")
        number += int(_read("jax_random_seed_offset"))
        high = (number >> 32) & MASK if canonical(torch.int64) is torch.int64 else 0
        return torch.tensor([high, number & MASK], dtype=torch.int64).to(torch.uint32)
    value = tensor(seed)
    if value.dim():
        raise TypeError(f"{name} takes one seed, got an array of shape {tuple(value.shape)}: use jax.vmap for several")
    if value.is_floating_point() or value.is_complex() or value.dtype is torch.bool:
        raise TypeError(f"{name} takes an integer as the seed, got {value.dtype}")
    wide = value.to(torch.int64) + int(_read("jax_random_seed_offset"))
    has_two_words = canonical(value.dtype) in (torch.int64, torch.uint64)
    upper = (wide >> 32) & MASK if has_two_words else torch.zeros_like(wide)
    return torch.stack([upper, wide & MASK], -1).to(torch.uint32)


def key(seed: Any, *, impl: Any = None) -> KeyArray:
    _check_implementation(impl)
    return KeyArray(pack(_words_of_seed(seed, "key")))


def PRNGKey(seed: Any, *, impl: Any = None) -> Array:  # noqa: N802
    _check_implementation(impl)
    words = _words_of_seed(seed, "PRNGKey")
    return KeyArray(pack(words)) if _read("jax_enable_custom_prng") else Array(words)


def key_data(keys: Any) -> Array:
    return Array(as_words(keys))


def wrap_key_data(key_bits_array: Any, *, impl: Any = None) -> KeyArray:
    _check_implementation(impl)
    if isinstance(key_bits_array, KeyArray):
        raise TypeError("wrap_key_data takes the words of keys, and got typed keys")
    return KeyArray(pack(as_words(key_bits_array)))


def key_impl(keys: Any) -> str:
    as_words(keys)
    return IMPLEMENTATION


def key_dtype(impl: Any = None) -> KeyDtype:
    _check_implementation(impl)
    return KEY_DTYPE


def clone(key: Any) -> Array:
    return KeyArray(key.tensor.clone()) if isinstance(key, KeyArray) else Array(as_words(key).clone())
