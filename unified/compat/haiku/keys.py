"""Keys of random numbers, which are split from the one that `init` or `apply` got.

Source: https://dm-haiku.readthedocs.io/en/latest/api.html#random-numbers
"""

from typing import Any

from unified.compat.haiku.frame import assert_inside, current
from unified.compat.haiku.jax_usage import assert_jax_usage
from unified.compat.haiku.random import PRNGSequence
from unified.compat.jax import numpy as jnp

__all__ = [
    "MissingRNGError",
    "maybe_get_rng_sequence_state",
    "maybe_next_rng_key",
    "next_rng_key",
    "next_rng_keys",
    "replace_rng_sequence_state",
    "reserve_rng_keys",
    "with_rng",
]


class MissingRNGError(ValueError):
    """Raised if a function needs a key and the transformed function got none."""


def rng_sequence() -> PRNGSequence:
    """Return the sequence of keys of the running transform."""
    sequence = current().rng
    if sequence is None:
        raise MissingRNGError(
            "random numbers are drawn, for which the caller must pass a non-None PRNGKey: pass a non-None PRNGKey to "
            "init or apply, whichever was called"
        )
    return sequence


def reserve_rng_keys(num: int) -> None:
    """Split several keys in advance, in one operation, from which `next_rng_key` then takes.

    Args:
        num: the number of keys.

    Raises `MissingRNGError` if the transformed function got no key.

    >>> import torch, unified.compat.haiku as hk
    >>> def forward(x):
    ...     hk.reserve_rng_keys(2)
    ...     return hk.next_rng_key(), hk.next_rng_key()
    >>> net = hk.transform(forward, backend="torch")
    >>> len(net.apply({}, 0, torch.ones(1)))
    2
    """
    assert_inside("reserve_rng_keys")
    assert_jax_usage("reserve_rng_keys")
    rng_sequence().reserve(num)


def next_rng_key() -> Any:
    """Return a key that no other call in this run returns.

    Returns:
        A key of the framework that runs.

    Raises `MissingRNGError` if the transformed function got no key.

    >>> import torch, unified.compat.haiku as hk
    >>> def forward(x):
    ...     one, other = hk.next_rng_key(), hk.next_rng_key()
    ...     return bool((one == other).all())
    >>> net = hk.transform(forward, backend="torch")
    >>> net.apply({}, 0, torch.ones(1))
    False
    """
    assert_inside("next_rng_key")
    assert_jax_usage("next_rng_key")
    return next(rng_sequence())


def next_rng_keys(num: int) -> Any:
    """Return several keys that no other call in this run returns.

    Args:
        num: the number of keys.

    Returns:
        An array `[num, 2]`.

    Raises `MissingRNGError` if the transformed function got no key.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(lambda x: hk.next_rng_keys(3), backend="torch")
    >>> list(net.apply({}, 0, torch.ones(1)).shape)
    [3, 2]
    """
    assert_inside("next_rng_keys")
    assert_jax_usage("next_rng_keys")
    return jnp.stack(rng_sequence().take(num))


def maybe_next_rng_key() -> Any:
    """Return a key as `next_rng_key` does, or `None` if the transformed function got none.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(lambda x: hk.maybe_next_rng_key(), backend="torch")
    >>> net.apply({}, None, torch.ones(1)) is None
    True
    """
    assert_inside("maybe_next_rng_key")
    if current().rng is None:
        return None
    assert_jax_usage("maybe_next_rng_key")
    return next(rng_sequence())


def maybe_get_rng_sequence_state() -> Any:
    """Return the state of the sequence of keys, for `replace_rng_sequence_state`, or `None` without one.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(lambda x: hk.maybe_get_rng_sequence_state(), backend="torch")
    >>> net.apply({}, None, torch.ones(1)) is None
    True
    """
    assert_inside("maybe_get_rng_sequence_state")
    sequence = current().rng
    return None if sequence is None else sequence.internal_state


def replace_rng_sequence_state(state: Any) -> None:
    """Replace the state of the sequence of keys: the keys that follow are those that followed it then.

    Args:
        state: what `maybe_get_rng_sequence_state` returned.

    Raises `MissingRNGError` if the transformed function got no key.

    >>> import torch, unified.compat.haiku as hk
    >>> def forward(x):
    ...     state = hk.maybe_get_rng_sequence_state()
    ...     one = hk.next_rng_key()
    ...     hk.replace_rng_sequence_state(state)
    ...     return bool((one == hk.next_rng_key()).all())
    >>> net = hk.transform(forward, backend="torch")
    >>> net.apply({}, 0, torch.ones(1))
    True
    """
    assert_inside("replace_rng_sequence_state")
    sequence = current().rng
    if sequence is None:
        raise MissingRNGError(
            "there is no sequence of keys whose state could be replaced, which requires an RNG to be passed into the "
            "transformed function"
        )
    assert_jax_usage("replace_rng_sequence_state")
    sequence.replace_internal_state(state)


def with_rng(key: Any) -> Any:
    """Return a context manager in which keys are split from `key`.

    Args:
        key: a key.

    >>> import torch, unified.compat.haiku as hk
    >>> def forward(x):
    ...     key = hk.next_rng_key()
    ...     with hk.with_rng(key):
    ...         one = hk.next_rng_key()
    ...     with hk.with_rng(key):
    ...         return bool((one == hk.next_rng_key()).all())
    >>> net = hk.transform(forward, backend="torch")
    >>> net.apply({}, 0, torch.ones(1))
    True
    """
    assert_inside("with_rng")
    assert_jax_usage("with_rng")
    return current().draw_from(PRNGSequence(key))
