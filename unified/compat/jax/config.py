"""`jax.config`: JAX's options. Those that change results are honoured on torch, or refused with an error.

>>> import unified.compat.jax as jax
>>> jax.config.jax_enable_x64
False

Where JAX is loaded as well, its own settings count, which a block can change, and `update` sets them; otherwise
settings are kept here, and start as the environment has them (`JAX_ENABLE_X64=1`).
"""

import contextlib
import os
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

from unified.compat.jax.config_options import CHECKED, CHOICES, DEFAULTS, OWN, REFUSED
from unified.core import backends
from unified.core.errors import BackendError

__all__ = [
    "CHECKS",
    "block",
    "compiles_jit",
    "config",
    "is_jit_disabled",
    "parse_flags_with_absl",
    "plain",
    "read",
    "traced_settings",
    "update",
    "x64",
]

CHECKS: list[str] = []  # of the options `CHECKED`, those that some thread has set: functions look at it in each call


class _Blocks(threading.local):
    """The settings of the blocks around the running code."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}


_blocks = _Blocks()
_values: dict[str, Any] = {}


def _from_environment(name: str) -> Any:
    default, text = DEFAULTS[name], os.environ.get(name.upper())
    if text is None:
        return default
    if isinstance(default, bool):
        return text.lower() in ("1", "true", "t", "yes", "y", "on")
    return type(default)(text) if default is not None else text


def _own(name: str) -> Any:
    """Return a setting that is kept here."""
    values = _blocks.values
    if name in values:
        return values[name]
    if name not in _values:
        _values[name] = _from_environment(name)
    return _values[name]


def x64() -> bool:
    """Return whether 64-bit arrays are enabled."""
    jax = sys.modules.get("jax")
    return bool(_own("jax_enable_x64") if jax is None else jax.config.jax_enable_x64)


def traced_settings() -> tuple[Any, ...]:
    """Return the settings that a traced function depends on: a change of them is another trace."""
    return x64(), read("jax_threefry_partitionable"), tuple(CHECKS)


def read(name: str) -> Any:
    """Return the value of an option.

    Raises:
        AttributeError: JAX has no such option.
    """
    jax = sys.modules.get("jax")
    if jax is not None and hasattr(jax, "config") and name not in OWN:
        return getattr(jax.config, name)
    if name not in DEFAULTS:
        raise AttributeError(f"jax.config has no option {name!r}")
    return _own(name)


def plain(name: str) -> Any:
    """Return the value of an option, as text if it is one of JAX's enumerations."""
    value = read(name)
    return getattr(value, "value", value)


def _check(name: str, value: Any) -> Any:
    """Return a new value of an option; raise if it has no such value, or torch cannot follow."""
    if name not in DEFAULTS and ("jax" not in sys.modules or not hasattr(sys.modules["jax"].config, name)):
        raise AttributeError(f"jax.config has no option {name!r}")
    value = getattr(value, "value", value)
    choices = CHOICES.get(name)
    if choices is not None and value not in choices:
        raise ValueError(f"{name} is one of {', '.join(choices)}, got {value!r}")
    values, reason = REFUSED.get(name, ((), ""))
    if reason and value not in values and backends.default_name() == "torch":
        raise BackendError(f"jax.config: {name}={value!r} is not offered on torch: {reason}").with_page(
            "haiku#pitfalls"
        )
    return bool(value) if isinstance(DEFAULTS.get(name), bool) else value


def is_jit_disabled() -> bool:
    """Return whether functions run as they stand in this thread: `jax_disable_jit`, or a block of `disable_jit`."""
    return bool(read("jax_disable_jit"))


def compiles_jit() -> bool:
    """Return whether graphs of `jax.jit` on torch are compiled by `torch.compile`: the option `unified_jit_compile`."""
    return bool(_own("unified_jit_compile"))


def update(name: str, value: Any) -> None:
    """Set an option, here and in JAX if it is loaded.

    Raises:
        AttributeError: JAX has no such option.
        BackendError: it changes results, and torch cannot follow.
    """
    value = _check(name, value)
    before = read(name)
    if "jax" in sys.modules and name not in OWN:
        sys.modules["jax"].config.update(name, value)
    _values[name] = value
    _mark(name, before, value)
    _apply(name, value)


def _mark(name: str, before: Any, value: Any) -> None:
    """Keep `CHECKS` to the options that are set."""
    if name in CHECKED:
        if getattr(before, "value", before) != DEFAULTS[name] and name in CHECKS:
            CHECKS.remove(name)
        if value != DEFAULTS[name]:
            CHECKS.append(name)


def _apply(name: str, value: Any) -> None:
    """Tell torch of an option that is a setting of the process there, if it runs."""
    is_setting = name in ("jax_default_matmul_precision", "jax_default_device", "jax_platforms", "jax_platform_name")
    if is_setting and backends.default_name() == "torch" and "torch" in backends.available():
        from unified.compat.jax.on_torch import settings

        settings.apply(name, value)


@contextlib.contextmanager
def _setting(name: str, value: Any) -> Iterator[None]:
    value = _check(name, value)
    jax = sys.modules.get("jax")
    theirs = getattr(jax, name.removeprefix("jax_"), None) if jax is not None else None
    with contextlib.nullcontext() if theirs is None else theirs(value):
        values = _blocks.values
        before = values.get(name, DEFAULTS)
        values[name] = value
        marked = name in CHECKED and value != DEFAULTS[name]
        if marked:
            CHECKS.append(name)
        try:
            yield
        finally:
            if marked:
                CHECKS.remove(name)
            if before is DEFAULTS:
                del values[name]
            else:
                values[name] = before


def block(name: str, default: Any = True) -> Callable[..., Any]:
    """Return `jax.enable_x64` or another: a function that sets an option of this thread for a block."""

    def setting(new_val: Any = default) -> Any:
        return _setting(name, new_val)

    setting.__name__ = setting.__qualname__ = name.removeprefix("jax_")
    setting.__doc__ = f"Set the option `{name}` for a block."
    return setting


def parse_flags_with_absl() -> None:
    """Do nothing: only JAX reads options of the command line."""


config = sys.modules[__name__]  # `jax.config.config`, as older code has it


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    return read(name)


def rank_promotion() -> str:
    """Return the setting for operands of different ranks."""
    return str(plain("jax_numpy_rank_promotion"))
