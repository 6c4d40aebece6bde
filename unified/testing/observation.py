"""The values of one run of a model that `assert_parity` compares, as NumPy arrays by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

from unified.core.params import Params
from unified.core.stacks import StackForm
from unified.core.structure import VariableInfo
from unified.core.unstacking import convert_stacks

__all__ = ["LayerCall", "Observation", "PureModel", "arrays", "in_form_of", "map_leaves", "projections"]


class PureModel(Protocol):
    """A model whose calls take params and return them: what a network's `__pure_model__` returns."""

    def initial(self, backend: str, rng: int, args: Any, kwargs: Any) -> Params:
        """Return the params that a seed and these inputs give."""

    def call(self, params: Params, args: Any, kwargs: Any, training: bool) -> tuple[Any, Params]:
        """Return the output of a call, and the params after it."""


@dataclass
class LayerCall:
    """One call of a layer: its path, its input arrays and its output arrays."""

    path: str
    inputs: list[np.ndarray]
    outputs: list[np.ndarray]


@dataclass
class Observation:
    """One run of a model on one backend.

    Attributes:
        infos: the description of each variable, in order.
        initial: the variables' values before the run.
        stacks: how the variables of each stack are kept, by its path.
        layers: the calls of layers in the order in which they returned, without those of layers inside layers.
        outputs, input_gradients, parameter_gradients, state: values by name. Gradients are those of the sum of all
            floating-point outputs, each weighted by `projections`.
    """

    infos: dict[str, VariableInfo]
    initial: dict[str, np.ndarray]
    stacks: Mapping[str, StackForm]
    layers: list[LayerCall] = field(default_factory=list)
    outputs: dict[str, np.ndarray] = field(default_factory=dict)
    input_gradients: dict[str, np.ndarray] = field(default_factory=dict)
    parameter_gradients: dict[str, np.ndarray] = field(default_factory=dict)
    state: dict[str, np.ndarray] = field(default_factory=dict)


def in_form_of(expected: Observation, actual: Observation) -> Observation:
    """Return `actual` with its stacks of layers in the form that they have in `expected`: stacked or separate.

    If forms differ, the calls of layers of stacks are left out of both: only separate layers record them.
    """
    forms = {path: form for path, form in expected.stacks.items() if form.is_layers}
    if forms == {path: form for path, form in actual.stacks.items() if form.is_layers}:
        return actual

    def convert(values: dict[str, Any]) -> dict[str, Any]:
        variables = [(actual.infos[path], value) for path, value in values.items()]
        return {info.path: value for info, value in convert_stacks(variables, expected.stacks)}

    variables = convert_stacks([(info, actual.initial[path]) for path, info in actual.infos.items()], expected.stacks)
    for observation in (expected, actual):
        stacks = tuple(f"{path}/" for path in observation.stacks)
        observation.layers = [call for call in observation.layers if not call.path.startswith(stacks)]
    return replace(
        actual,
        infos={info.path: info for info, _ in variables},
        initial={info.path: value for info, value in variables},
        stacks=expected.stacks,
        parameter_gradients=convert(actual.parameter_gradients),
        state=convert(actual.state),
    )


def map_leaves(change: Callable[[str, Any], Any], value: Any, name: str) -> Any:
    """Replace each leaf of nested tuples, lists and dicts by `change(name, leaf)`, with a name like `input[0]`."""
    if isinstance(value, dict):
        return {key: map_leaves(change, item, f"{name}[{key!r}]") for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(map_leaves(change, item, f"{name}[{i}]") for i, item in enumerate(value)))
    if isinstance(value, (tuple, list)):
        return type(value)(map_leaves(change, item, f"{name}[{i}]") for i, item in enumerate(value))
    return change(name, value)


def arrays(value: Any, name: str) -> dict[str, Any]:
    """Return the arrays and numbers in nested tuples, lists and dicts, sorted by name.

    They are sorted since frameworks order dicts differently: JAX sorts the keys in its transforms.

    Raises:
        TypeError: for a leaf of another type, except `None`, since it could not be compared.
    """
    leaves: dict[str, Any] = {}

    def collect(leaf_name: str, leaf: Any) -> None:
        if isinstance(leaf, (bool, int, float, complex)):
            leaves[leaf_name] = np.asarray(leaf)
        elif hasattr(leaf, "shape") and hasattr(leaf, "dtype"):
            leaves[leaf_name] = leaf
        elif leaf is not None:
            raise TypeError(
                f"{leaf_name} is a {type(leaf).__name__}, which cannot be compared: return arrays, numbers, or tuples, "
                "lists and dicts of them"
            )

    map_leaves(collect, value, name)
    return dict(sorted(leaves.items()))


def projections(shapes: list[tuple[int, ...]]) -> list[np.ndarray]:
    """Return fixed weights between -1 and 1, which weight the sum of outputs that is differentiated."""
    generator = np.random.default_rng(20)
    return [generator.uniform(-1, 1, shape) for shape in shapes]
