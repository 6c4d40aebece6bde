"""Checks of operands and results that options of `jax.config` ask for; `weak.py` makes them where one is set."""

import warnings
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch

from unified.backends.torch import lanes
from unified.compat.jax import config
from unified.compat.jax.on_torch.array import Array
from unified.compat.jax.on_torch.dtypes import category

__all__ = ["promotion", "ranks", "values"]

ELEMENTWISE = "unified.compat.jax.on_torch.numpy.elementwise"


def promotion(name: str, strong: list[Any], weak: int) -> None:
    """Raise `TypeError` if operands differ in dtype and `jax_numpy_dtype_promotion` is strict.

    `weak` is the highest category of Python's numbers among them, -1 for none: they take a dtype of their kind alone,
    or of a higher one.
    """
    if config.plain("jax_numpy_dtype_promotion") != "strict" or not strong:
        return
    if any(dtype is not strong[0] for dtype in strong):
        raise TypeError(
            f"{name}: jax_numpy_dtype_promotion='strict' promotes nothing, and the operands are of "
            f"{sorted({str(dtype) for dtype in strong})}: make them of one dtype by astype"
        )
    kind = category(strong[0])
    if weak > kind or (weak >= 0 and kind == 0):
        raise TypeError(
            f"{name}: jax_numpy_dtype_promotion='strict' promotes nothing, and a number of another kind meets "
            f"{strong[0]}: write it as an array of that dtype"
        )


def ranks(function: Callable[..., Any], operands: Iterable[Any]) -> None:
    """Raise or warn if operands differ in rank, where `jax_numpy_rank_promotion` asks for it."""
    setting = config.rank_promotion()
    if setting == "allow" or function.__module__ != ELEMENTWISE or function.__name__ == "where":
        return
    shapes = [tuple(x.shape) for x in operands if isinstance(x, (Array, torch.Tensor, np.ndarray)) and x.ndim]
    if len({len(shape) for shape in shapes}) < 2:
        return
    text = f"{function.__name__}: operands of the shapes {shapes} differ in rank: add axes by jnp.expand_dims"
    if setting == "raise":
        raise ValueError(f"{text} (jax_numpy_rank_promotion='raise')")
    warnings.warn(text, stacklevel=4)


def values(name: str, result: Any) -> Any:
    """Return a result; raise `FloatingPointError` if it is not finite and `jax_debug_nans` or `_infs` is set."""
    for option, kind, is_bad in (
        ("jax_debug_nans", "not a number", torch.isnan),
        ("jax_debug_infs", "infinite", torch.isinf),
    ):
        if config.read(option):
            for array in result if isinstance(result, (tuple, list)) else (result,):
                if isinstance(array, Array) and _holds(array.tensor, is_bad):
                    raise FloatingPointError(f"{name}: a value of the result is {kind} ({option} is set)")
    return result


def _holds(value: torch.Tensor, condition: Callable[[torch.Tensor], torch.Tensor]) -> bool:
    """Return whether a condition holds for any value, also of mapped axes; not where values are unknown."""
    if not (value.is_floating_point() or value.is_complex()) or value.is_meta or torch.compiler.is_compiling():
        return False
    plain = lanes.values_of_all(value)
    return type(plain) in (torch.Tensor, torch.nn.Parameter) and bool(condition(plain).any())
