"""What there is to compare of one run of a model: all as NumPy arrays, by name."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from unified.core.structure import VariableInfo

__all__ = ["Observation", "leaves", "projections"]


@dataclass
class Observation:
    """One run of a model on one backend.

    Attributes:
        infos: what each variable is, in order.
        initial: the variables' values before the run.
        layers: the path of each layer and its output, in the order in which the layers finished.
        outputs, input_gradients, parameter_gradients, state: values by name. Gradients are those of the sum of all
            outputs, each weighted by fixed random numbers.
    """

    infos: dict[str, VariableInfo]
    initial: dict[str, np.ndarray]
    layers: list[tuple[str, np.ndarray]] = field(default_factory=list)
    outputs: dict[str, np.ndarray] = field(default_factory=dict)
    input_gradients: dict[str, np.ndarray] = field(default_factory=dict)
    parameter_gradients: dict[str, np.ndarray] = field(default_factory=dict)
    state: dict[str, np.ndarray] = field(default_factory=dict)


def leaves(value: Any, name: str = "output") -> Iterator[tuple[str, Any]]:
    """The arrays in nested tuples, lists and dicts, each with a name such as `output[0]['mean']`."""
    if isinstance(value, dict):
        for key in sorted(value):
            yield from leaves(value[key], f"{name}[{key!r}]")
    elif isinstance(value, (tuple, list)):
        for index, item in enumerate(value):
            yield from leaves(item, f"{name}[{index}]")
    elif hasattr(value, "shape") and hasattr(value, "dtype"):
        yield name, value


def projections(shapes: list[tuple[int, ...]]) -> list[np.ndarray]:
    """Fixed weights of the size of one, by which outputs are summed before gradients are taken."""
    generator = np.random.default_rng(20)
    return [generator.uniform(-1, 1, shape) for shape in shapes]
