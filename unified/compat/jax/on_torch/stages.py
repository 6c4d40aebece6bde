"""`jax.stages` on torch: classes of which there is no instance, because `jax.jit` compiles nothing."""

from typing import Any

__all__ = ["Compiled", "CompilerOptions", "Lowered", "Traced", "Wrapped"]

CompilerOptions = dict[str, Any]


class Wrapped:
    """A function that `jax.jit` returned."""


class Traced:
    """A function that was traced."""


class Lowered:
    """A function that was lowered for a compiler."""


class Compiled:
    """A function that was compiled."""
