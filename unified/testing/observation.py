"""What there is to compare of one run of a model: all as NumPy arrays, by name."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from unified.core.structure import VariableInfo

__all__ = ["LayerCall", "Observation", "arrays", "map_leaves", "projections"]


@dataclass
class LayerCall:
    """One call of a layer: its path, and the arrays that went in and came out."""

    path: str
    inputs: list[np.ndarray]
    outputs: list[np.ndarray]


@dataclass
class Observation:
    """One run of a model on one backend.

    Attributes:
        infos: what each variable is, in order.
        initial: the variables' values before the run.
        layers: the calls of layers, in the order in which they finished; not those of layers within layers.
        outputs, input_gradients, parameter_gradients, state: values by name. Gradients are those of the sum of all
            floating-point outputs, each weighted by `projections`.
    """

    infos: dict[str, VariableInfo]
    initial: dict[str, np.ndarray]
    layers: list[LayerCall] = field(default_factory=list)
    outputs: dict[str, np.ndarray] = field(default_factory=dict)
    input_gradients: dict[str, np.ndarray] = field(default_factory=dict)
    parameter_gradients: dict[str, np.ndarray] = field(default_factory=dict)
    state: dict[str, np.ndarray] = field(default_factory=dict)


def map_leaves(change: Callable[[str, Any], Any], value: Any, name: str) -> Any:
    """Nested tuples, lists and dicts, with `change(name, leaf)` in place of each leaf, named `input[0]['mask']`."""
    if isinstance(value, dict):
        return {key: map_leaves(change, item, f"{name}[{key!r}]") for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(map_leaves(change, item, f"{name}[{i}]") for i, item in enumerate(value)))
    if isinstance(value, (tuple, list)):
        return type(value)(map_leaves(change, item, f"{name}[{i}]") for i, item in enumerate(value))
    return change(name, value)


def arrays(value: Any, name: str) -> dict[str, Any]:
    """The arrays and numbers in nested tuples, lists and dicts, by name; in the order of the names.

    The order is that of no framework: JAX sorts the keys of dicts that pass through a transform.

    Raises `TypeError` for anything else but `None`: what is not compared must not seem to agree.
    """
    found: dict[str, Any] = {}

    def note(leaf_name: str, leaf: Any) -> None:
        if isinstance(leaf, (bool, int, float, complex)):
            found[leaf_name] = np.asarray(leaf)
        elif hasattr(leaf, "shape") and hasattr(leaf, "dtype"):
            found[leaf_name] = leaf
        elif leaf is not None:
            raise TypeError(
                f"{leaf_name} is a {type(leaf).__name__}, which cannot be compared: return arrays, numbers, or tuples, "
                "lists and dicts of them"
            )

    map_leaves(note, value, name)
    return dict(sorted(found.items()))


def projections(shapes: list[tuple[int, ...]]) -> list[np.ndarray]:
    """Fixed weights of the size of one, by which outputs are summed before gradients are taken."""
    generator = np.random.default_rng(20)
    return [generator.uniform(-1, 1, shape) for shape in shapes]
