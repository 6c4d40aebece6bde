"""Errors of arguments that torch refuses, of the kinds that JAX raises: torch raises a `RuntimeError` for most."""

from collections.abc import Callable
from typing import Any

__all__ = ["ArgumentError", "AxisError", "refuse_arguments"]


class ArgumentError(TypeError, ValueError, RuntimeError):
    """Arguments that torch refused; where JAX refuses them too, it raises one of the first two."""


class AxisError(ValueError, IndexError):
    """An axis that an array does not have; JAX raises one or the other, and so does NumPy."""


def refuse_arguments(function: Callable[..., Any], error: RuntimeError, operands: Any) -> None:
    """Raise the error for one that torch raised in a function, if that says that it refused the arguments."""
    if type(error) not in (RuntimeError, NotImplementedError):  # such as that of memory, or our own
        return
    arrays = [value for value in operands if hasattr(value, "shape") and hasattr(value, "dtype")]
    shapes = ", ".join([f"{str(value.dtype).removeprefix('torch.')}{list(value.shape)}" for value in arrays])
    name = getattr(function, "__name__", str(function))
    raise ArgumentError(f"{name}({shapes}{', ...' if len(arrays) < len(operands) else ''}): {error}") from error
