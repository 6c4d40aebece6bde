"""`jax.config`: its options, of which torch heeds `jax_enable_x64`; on JAX they are JAX's own.

>>> import unified.compat.jax as jax
>>> jax.config.jax_enable_x64
False
"""

import sys
from typing import Any

__all__ = ["config", "parse_flags_with_absl", "update", "x64"]

jax_enable_x64 = False


def x64() -> bool:
    """Whether arrays have 64 bits: JAX's own setting if it is there, which a block can change."""
    jax = sys.modules.get("jax")
    return jax_enable_x64 if jax is None else bool(jax.config.jax_enable_x64)


def update(name: str, value: Any) -> None:
    """Sets an option, here and in JAX if it is there."""
    if name == "jax_enable_x64":
        globals()[name] = bool(value)
    if "jax" in sys.modules:
        sys.modules["jax"].config.update(name, value)
    elif name.startswith("jax_"):
        globals()[name] = value


def parse_flags_with_absl() -> None:
    """Nothing: options of the command line are read by JAX alone."""


config = sys.modules[__name__]  # `jax.config.config`, as older code has it


def __getattr__(name: str) -> Any:
    if "jax" in sys.modules:
        return getattr(sys.modules["jax"].config, name)
    raise AttributeError(f"jax.config has no option {name!r} that torch knows of")


def rank_promotion() -> str:
    """What JAX does where arrays of different rank meet."""
    jax = sys.modules.get("jax")
    return "allow" if jax is None else jax.config.jax_numpy_rank_promotion
