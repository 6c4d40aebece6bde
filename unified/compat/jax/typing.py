"""`jax.typing`: for annotations."""

from typing import Any

__all__ = ["ArrayLike", "DTypeLike"]

ArrayLike = Any
DTypeLike = Any
