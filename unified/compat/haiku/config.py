"""Haiku's options: `module_auto_repr`, `check_jax_usage`, `rng_reserve_size`, `restore_flatmap`, each set by thread.

Source: https://dm-haiku.readthedocs.io/en/latest/api.html#module-haiku.config
"""

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

__all__ = ["check_jax_usage", "context", "get", "module_auto_repr", "restore_flatmap", "rng_reserve_size", "set"]

DEFAULTS = {"check_jax_usage": False, "module_auto_repr": True, "restore_flatmap": False, "rng_reserve_size": 1}


class _Options(threading.local):
    def __init__(self) -> None:
        self.values: dict[str, Any] = dict(DEFAULTS)


_options = _Options()


def get(name: str) -> Any:
    """Return the value of an option in this thread.

    Args:
        name: the option's name.

    >>> import unified.compat.haiku as hk
    >>> hk.config.get("rng_reserve_size")
    1
    """
    return _options.values[name]


def _check(options: dict[str, Any]) -> dict[str, Any]:
    for name, value in options.items():
        if name not in DEFAULTS:
            raise TypeError(f"there is no option {name!r}: the options are {', '.join(DEFAULTS)}")
        if name == "rng_reserve_size" and value <= 0:
            raise ValueError(f"RNG reserve size is how many keys are split at a time, 1 or more, got {value}")
    return options


def set(**options: Any) -> None:
    """Set options for the rest of this thread.

    Args:
        **options: `check_jax_usage`, `module_auto_repr`, `restore_flatmap`, `rng_reserve_size`.
    """
    _options.values.update({name: value for name, value in _check(options).items() if value is not None})


@contextlib.contextmanager
def context(**options: Any) -> Iterator[None]:
    """Set options for a block.

    Args:
        **options: as of `set`.

    >>> import unified.compat.haiku as hk
    >>> with hk.config.context(rng_reserve_size=4):
    ...     hk.config.get("rng_reserve_size")
    4
    """
    before = dict(_options.values)
    set(**options)
    try:
        yield
    finally:
        _options.values = before


def _assign(name: str, value: Any) -> Any:
    before = _options.values[name]
    set(**{name: value})
    return before


def module_auto_repr(enabled: bool) -> bool:
    """Set whether a module's `repr` contains its arguments; return the previous setting.

    Args:
        enabled: whether it does.
    """
    return _assign("module_auto_repr", enabled)


def check_jax_usage(enabled: bool = True) -> bool:
    """Set whether Haiku's functions raise inside a raw transform of JAX; return the previous setting.

    Args:
        enabled: whether they do.
    """
    return _assign("check_jax_usage", enabled)


def restore_flatmap(enabled: bool) -> bool:
    """Set whether old pickles load as immutable mappings instead of dicts; return the previous setting.

    Args:
        enabled: whether they do.
    """
    return _assign("restore_flatmap", enabled)


def rng_reserve_size(size: int) -> int:
    """Set how many keys are split at a time; return the previous setting.

    Args:
        size: the number of keys.
    """
    return _assign("rng_reserve_size", size)
