"""Unsigned arithmetic of 64 bits on `int64`, which torch lacks, for `jax.random.randint`."""

import torch

__all__ = ["offsets"]

LOWEST = -(1 << 63)


def _remainder(value: torch.Tensor, span: torch.Tensor) -> torch.Tensor:
    """Return the remainder of unsigned words; the sign bit of `int64` is their uppermost."""
    divisor = torch.where(span <= 0, torch.ones_like(span), span)
    half = ((value >> 1) & ~LOWEST) % divisor
    doubled = torch.where(half >= divisor - half, half - (divisor - half), half + half) + (value & 1)
    small = torch.where(doubled == divisor, torch.zeros_like(doubled), doubled)
    large = torch.where((value ^ LOWEST) < (span ^ LOWEST), value, value - span)  # a span of 2**63 and more
    return torch.where(span > 0, small, large)


def offsets(upper: torch.Tensor, lower: torch.Tensor, span: torch.Tensor) -> torch.Tensor:
    """Return numbers below `span`, of two random words each, as JAX combines them."""
    multiplier = _remainder(torch.full_like(span, 1 << 32), span)
    multiplier = _remainder(multiplier * multiplier, span)
    return _remainder(_remainder(upper, span) * multiplier + _remainder(lower, span), span)
