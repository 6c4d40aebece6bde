"""`Side`: what a comparison asks of an implementation, and what it answers; the same for every framework."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from unified.compare.errors import SideError

__all__ = ["Inputs", "Intermediate", "Kind", "Run", "Side", "Value", "paired_outputs"]

Kind = Literal["parameter", "state"]


@dataclass(frozen=True)
class Value:
    """The array at one path, and whether it is trained."""

    array: np.ndarray
    kind: Kind = "parameter"


@dataclass(frozen=True)
class Inputs:
    """The arguments of one call: trees of NumPy arrays and of Python values, which are passed as they are."""

    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """What one call returned: its output's arrays by name (`output` for a single one), and all state afterwards."""

    outputs: dict[str, np.ndarray]
    state: dict[str, np.ndarray]


def paired_outputs(
    one: Mapping[str, np.ndarray], two: Mapping[str, np.ndarray]
) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """Return the outputs of two runs that belong together: by name, or by order if their containers differ."""
    if set(one) == set(two):
        return [(name, one[name], two[name]) for name in one]
    return [(name, one[name], array) for name, array in zip(one, two.values(), strict=False)]


@dataclass(frozen=True)
class Intermediate:
    """The output of one layer's call.

    Attributes:
        name: the layer's path, with the number of the array if it returns several: `encoder.layers.0`, `cell.1`.
        layer: the name of its class, or of the primitive of a plain JAX function.
        settings: its constructor's settings that are numbers, texts, booleans or tuples of them.
        value: the array.
        inputs: the arrays that the call was given, where the side knows them.
    """

    name: str
    layer: str
    settings: Mapping[str, Any]
    value: np.ndarray
    inputs: tuple[np.ndarray, ...] = ()


class Side(ABC):
    """One implementation of a model with its weights; immutable.

    Attributes:
        framework: `torch` or `jax`.
        library: what it is written in: `torch`, `flax`, `nnx`, `haiku`, `equinox`, `function` or `unified`.
        separator: what joins the names of a path: `.` or `/`.
    """

    framework: str
    library: str
    separator: str = "/"

    @abstractmethod
    def values(self) -> dict[str, Value]:
        """Return all weights and state by path, in the order of the tree; a tied weight stands at its first path."""

    def tied(self) -> dict[str, str]:
        """Return the paths at which a weight of `values` stands again, with its path there."""
        return {}

    @abstractmethod
    def replaced(self, values: Mapping[str, np.ndarray]) -> Side:
        """Return the side with other values at these paths.

        Raises:
            SideError: a path is unknown, or a shape differs.
        """

    @abstractmethod
    def run(self, inputs: Inputs, training: bool = False) -> Run:
        """Call the model once; random draws are those of one fixed seed.

        Raises:
            SideError: the model raised; the cause is the framework's error.
        """

    @abstractmethod
    def first_uses(self, inputs: Inputs) -> list[str]:
        """Return the paths of the values that a call uses, in the order of their first uses."""

    @abstractmethod
    def gradients(self, inputs: Inputs, cotangents: Mapping[str, np.ndarray], training: bool = False) -> Gradients:
        """Return the gradients of the outputs' product with `cotangents` (by the names of `Run.outputs`, others are
        zero) with respect to all parameters and the inputs; zeros for what the outputs do not depend on."""

    @abstractmethod
    def intermediates(self, inputs: Inputs, training: bool = False) -> list[Intermediate]:
        """Return the outputs of all layers, and of functions where the side sees them, as their calls end."""

    @abstractmethod
    def cast(self, dtype: str) -> Side:
        """Return the side with all floating values in a dtype."""

    def precise(self, dtype: str) -> AbstractContextManager[None]:
        """Return the context in which a side that was cast to a dtype must run."""
        return nullcontext()

    def layers(self) -> dict[str, str]:
        """Return the class of the layer that owns each value, by the value's path, where the side knows it."""
        return {}

    def checked(self, values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return values for `replaced`, in the dtypes of those that they replace.

        Raises:
            SideError: a path is unknown, or a shape differs.
        """
        own, result = self.values(), {}
        for path, array in values.items():
            if path not in own:
                near = [each for each in own if each.rpartition(self.separator)[2] in path][:3]
                raise SideError(
                    f"the {self.library} side has no value {path!r}; it has {', '.join(near or list(own)[:3])}, ..."
                )
            expected = own[path].array
            if np.shape(array) != expected.shape:
                raise SideError(
                    f"{path!r} of the {self.library} side has shape {expected.shape}, got {np.shape(array)}: "
                    f"find the mapping again, or mend its rule"
                )
            result[path] = np.asarray(array).astype(expected.dtype)
        return result


@dataclass(frozen=True)
class Gradients:
    """Gradients with respect to parameters by path, and to the inputs that are floating, by the leaves' names."""

    parameters: dict[str, np.ndarray]
    inputs: dict[str, np.ndarray]
