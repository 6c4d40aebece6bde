"""Layouts: how the second side's inputs and outputs follow from the first's, such as `NCHW->NHWC`."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from unified.compare.side import Inputs
from unified.compare.trees import mapped

__all__ = ["LayoutRules", "Layouts", "permutation"]

# By numbers and names: `Mapping[int | str, str]` would not take a dict in a variable, whose keys have one type.
LayoutRules = Mapping[Any, str]


def permutation(layout: str) -> tuple[int, ...]:
    """Return the axes for `numpy.transpose`.

    Raises:
        ValueError: the text is not two words of the same distinct letters with `->` between them.

    >>> permutation("NCHW->NHWC")
    (0, 2, 3, 1)
    """
    before, arrow, after = (part.strip() for part in layout.partition("->"))
    if not arrow or sorted(before) != sorted(after) or len(set(before)) != len(before):
        raise ValueError(f'a layout is two orders of the same axes, as "NCHW->NHWC"; got {layout!r}')
    return tuple(before.index(axis) for axis in after)


class Layouts:
    """The layouts of a comparison.

    Args:
        rules: by the number of a positional input, the name of one by keyword, the name of a leaf in a tree
            (`"0/image"`), or `"output"` (`"output/0"`, `"output/logits"` for one of several).

    Raises:
        ValueError: a rule is no layout.
    """

    def __init__(self, rules: LayoutRules | None = None) -> None:
        self.rules = {str(key): layout for key, layout in (rules or {}).items()}
        self.axes = {key: permutation(layout) for key, layout in self.rules.items()}

    def second_inputs(self, inputs: Inputs) -> Inputs:
        """Return the second side's inputs.

        Raises:
            ValueError: a rule names no input, or an array has another number of axes.
        """
        used: set[str] = {key for key in self.axes if key.partition("/")[0] == "output"}
        args = mapped(lambda name, leaf: self._turned(name, leaf, used), tuple(inputs.args))
        kwargs = mapped(lambda name, leaf: self._turned(name, leaf, used), dict(inputs.kwargs))
        if unused := [key for key in self.axes if key not in used]:
            raise ValueError(f"layouts name no input: {', '.join(unused)}; count positional inputs from 0")
        return Inputs(args, kwargs)

    def second_outputs(self, outputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return the first side's outputs in the second's layout."""
        return {
            name: self._turned("output" if name == "output" else f"output/{name}", array, set())
            for name, array in outputs.items()
        }

    def _turned(self, name: str, leaf: Any, used: set[str]) -> Any:
        key = next((key for key in (name, name.partition("/")[0]) if key in self.axes), None)
        if key is None or not isinstance(leaf, np.ndarray):
            return leaf
        used.add(key)
        axes = self.axes[key]
        if leaf.ndim != len(axes):
            raise ValueError(
                f"the layout {self.rules[key]!r} of {name!r} has {len(axes)} axes, and the array shape {leaf.shape}"
            )
        return np.transpose(leaf, axes)
