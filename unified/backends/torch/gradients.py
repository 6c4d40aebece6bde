"""Gradients of scalars by autograd, as JAX has them: zeros where there are none, conjugated for complex arrays."""

from collections.abc import Iterable
from typing import Any

import torch

__all__ = ["check_scalar", "conjugated", "gradients_of", "needs_functorch"]


def check_scalar(value: Any) -> None:
    """Raise unless a value is one real number of floating point, of which there are gradients."""
    if isinstance(value, torch.Tensor) and not value.dim() and value.is_floating_point():
        return
    what = type(value).__name__
    if isinstance(value, torch.Tensor):
        what = f"shape {tuple(value.shape)}" if value.dim() else f"{value.dtype}, which is no floating-point number"
    raise TypeError(f"gradients are those of a function that returns a scalar, and it returned {what}")


def gradients_of(value: torch.Tensor, inputs: list[torch.Tensor], records: bool = False) -> list[torch.Tensor]:
    """Return the gradients of a scalar; with `records` they have a graph of their own."""
    if not value.requires_grad or not inputs:
        return [torch.zeros_like(tensor) for tensor in inputs]
    found = torch.autograd.grad(value, inputs, create_graph=records, allow_unused=True)
    return conjugated(torch.zeros_like(t) if g is None else g for t, g in zip(inputs, found, strict=True))


def conjugated(values: Iterable[Any]) -> list[Any]:
    """Return the gradients of complex arrays as JAX has them, which torch conjugates, or the other way round."""
    return [
        torch.resolve_conj(value.conj()) if isinstance(value, torch.Tensor) and value.is_complex() else value
        for value in values
    ]


def needs_functorch() -> bool:
    """Return whether autograd alone would lose gradients: in `torch.inference_mode`, and tangents of forward mode."""
    return torch.is_inference_mode_enabled() or torch.autograd.forward_ad._current_level >= 0
