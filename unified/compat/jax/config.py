"""`jax.config`: its options, of which torch heeds `jax_enable_x64` and `jax_disable_jit`; on JAX they are JAX's own.

>>> import unified.compat.jax as jax
>>> jax.config.jax_enable_x64
False
"""

import os
import sys
import threading
from typing import Any

__all__ = ["compiles_jit", "config", "is_jit_disabled", "parse_flags_with_absl", "update", "x64"]

jax_enable_x64 = False
jax_disable_jit = False
unified_jit_compile = os.environ.get("UNIFIED_JIT_COMPILE", "") not in ("", "0")


def x64() -> bool:
    """Return whether 64-bit arrays are enabled: JAX's own setting if JAX is installed, which a block can change."""
    jax = sys.modules.get("jax")
    return jax_enable_x64 if jax is None else bool(jax.config.jax_enable_x64)


class _Disabled(threading.local):
    depth = 0


disabled = _Disabled()  # by blocks of `jax.disable_jit`


def is_jit_disabled() -> bool:
    """Return whether functions run as they stand in this thread: `jax_disable_jit`, or a block of `disable_jit`."""
    if disabled.depth:
        return disabled.depth > 0
    jax = sys.modules.get("jax")
    return jax_disable_jit if jax is None else bool(jax.config.jax_disable_jit)


def compiles_jit() -> bool:
    """Return whether graphs of `jax.jit` on torch are compiled by `torch.compile`: the option `unified_jit_compile`."""
    return unified_jit_compile


def update(name: str, value: Any) -> None:
    """Set an option, here and in JAX if it is installed."""
    if name == "unified_jit_compile":
        globals()[name] = bool(value)
        return
    if name in ("jax_enable_x64", "jax_disable_jit"):
        globals()[name] = bool(value)
    if "jax" in sys.modules:
        sys.modules["jax"].config.update(name, value)
    elif name.startswith("jax_"):
        globals()[name] = value


def parse_flags_with_absl() -> None:
    """Do nothing: only JAX reads options of the command line."""


config = sys.modules[__name__]  # `jax.config.config`, as older code has it


def __getattr__(name: str) -> Any:
    if "jax" in sys.modules:
        return getattr(sys.modules["jax"].config, name)
    raise AttributeError(f"jax.config has no option {name!r} that torch knows of")


def rank_promotion() -> str:
    """Return JAX's setting for operands of different ranks."""
    jax = sys.modules.get("jax")
    return "allow" if jax is None else jax.config.jax_numpy_rank_promotion
