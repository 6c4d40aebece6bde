"""A side whose weights and inputs are in another floating dtype."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from unified.compare.side import Gradients, Inputs, Intermediate, Run, Side, Value
from unified.compare.trees import mapped

__all__ = ["in_dtype"]

DTYPES = ("float32", "float64")


def in_dtype(side: Side, dtype: str | None) -> Side:
    """Return the side with all floating weights and inputs in a dtype; the side itself without one.

    Raises:
        ValueError: the dtype is not one of those that both frameworks run a comparison in.
    """
    if dtype is None:
        return side
    if dtype not in DTYPES:
        raise ValueError(
            f"dtype must be one of {', '.join(DTYPES)}, or None to leave the sides as they are; got {dtype!r}"
        )
    return _Cast(side.cast(dtype), dtype)


class _Cast(Side):
    """A side that was cast, whose inputs are cast too."""

    def __init__(self, side: Side, dtype: str) -> None:
        self.side, self.dtype = side, dtype
        self.framework, self.library, self.separator = side.framework, side.library, side.separator

    def values(self) -> dict[str, Value]:
        return self.side.values()

    def tied(self) -> dict[str, str]:
        return self.side.tied()

    def layers(self) -> dict[str, str]:
        return self.side.layers()

    def replaced(self, values: Mapping[str, np.ndarray]) -> Side:
        return _Cast(self.side.replaced(values), self.dtype)

    def cast(self, dtype: str) -> Side:
        return _Cast(self.side.cast(dtype), dtype)

    def run(self, inputs: Inputs, training: bool = False) -> Run:
        return self._within(lambda: self.side.run(self._inputs(inputs), training))

    def first_uses(self, inputs: Inputs) -> list[str]:
        return self._within(lambda: self.side.first_uses(self._inputs(inputs)))

    def gradients(self, inputs: Inputs, cotangents: Mapping[str, np.ndarray], training: bool = False) -> Gradients:
        return self._within(lambda: self.side.gradients(self._inputs(inputs), cotangents, training))

    def intermediates(self, inputs: Inputs, training: bool = False) -> list[Intermediate]:
        return self._within(lambda: self.side.intermediates(self._inputs(inputs), training))

    def _within(self, call: Callable[[], Any]) -> Any:
        with self.side.precise(self.dtype):
            return call()

    def _inputs(self, inputs: Inputs) -> Inputs:
        def cast(_: str, leaf: Any) -> Any:
            floating = isinstance(leaf, np.ndarray | np.generic) and leaf.dtype.kind == "f"
            return leaf.astype(self.dtype) if floating else copy.copy(leaf)

        return Inputs(*mapped(cast, (tuple(inputs.args), dict(inputs.kwargs))))
