"""The subject of a search for a cause: both outputs of one layer, and what it is given."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from unified.compare.depth.agreement import arrangements, nearest
from unified.compare.depth.alignment import Place
from unified.compare.depth.kinds import kind
from unified.compare.side import Intermediate, Side

__all__ = ["Subject", "own_paths"]

LARGEST = 1 << 22  # elements of an input on which causes are tried


@dataclass(frozen=True)
class Subject:
    """Both sides' outputs, in the layout of that whose layer it is, and the layer's input, weights and settings.

    Attributes:
        one, two: the outputs of the first and the second side, in float64.
        given: arrays that the output may be computed of, the likeliest first.
        values: the layer's weights by the last name of their paths.
        settings: of the layer, and of the other side's.
        kinds: what both layers are.
        channels_last: whether the side's layers have channels last.
        inputs: the first arrays that both sides' layers were given.
        second: whether the layer is the second side's.
        before: what the last layer that agrees is.
    """

    one: np.ndarray
    two: np.ndarray
    given: tuple[np.ndarray, ...]
    values: Mapping[str, np.ndarray]
    settings: tuple[Mapping[str, Any], Mapping[str, Any]]
    kinds: tuple[str, str]
    channels_last: bool
    inputs: tuple[np.ndarray | None, np.ndarray | None]
    second: bool
    before: str

    @staticmethod
    def of(place: Place, last: Place | None, sides: tuple[Side, Side]) -> Iterator[Subject]:
        """Yield the subjects of a place: one with the layer of each side, whose output may follow from its input."""
        layers = (place.first, place.second)
        kinds = (kind(place.first.layer), kind(place.second.layer))
        channels_last = (sides[0].framework == "jax", sides[1].framework == "jax")
        for number, layer in enumerate(layers):
            given = list(layer.inputs)
            if last is not None:
                given.append((last.first, last.second)[number].value)
            outputs = [place.first.value, place.second.value]
            outputs[1 - number] = _like(
                outputs[number], outputs[1 - number], channels_last[number], channels_last[1 - number]
            )
            yield Subject(
                outputs[0].astype(np.float64),
                outputs[1].astype(np.float64),
                tuple(array.astype(np.float64) for array in given if array.size <= LARGEST),
                _values(sides[number], layer.name),
                (layer.settings, layers[1 - number].settings),
                kinds,
                channels_last[number],
                (_first(place.first), _first(place.second)),
                bool(number),
                "" if last is None else kind(last.first.layer),
            )

    @staticmethod
    def of_inputs(place: Place, sides: tuple[Side, Side]) -> Subject | None:
        """Return what two layers are given as the subject; `None` if that is not known of both."""
        one, two = _first(place.first), _first(place.second)
        if one is None or two is None:
            return None
        channels_last = (sides[0].framework == "jax", sides[1].framework == "jax")
        two = _like(one, two, *channels_last)
        values = one.astype(np.float64), two.astype(np.float64)
        return Subject(*values, (), {}, ({}, {}), ("", ""), channels_last[0], (None, None), False, "")

    def turns(self) -> Iterator[Subject]:
        """Yield the subject with the other side's output in each layout that fits: sizes alone do not tell it."""
        yield self
        own, other = (self.two, self.one) if self.second else (self.one, self.two)
        for turned in itertools.islice(arrangements(other, own.shape), 24):
            yield replace(self, one=turned) if self.second else replace(self, two=turned)

    def weight(self, *names: str, number: int = 1) -> np.ndarray | None:
        """Return the layer's weight of one of these names, or the array of that number that a function was given."""
        for name in names:
            if name in self.values:
                return self.values[name].astype(np.float64)
        return self.given[number] if not self.values and len(self.given) > number else None

    def setting(self, *names: str, default: Any = None) -> Any:
        """Return the layer's setting of one of these names."""
        return next((self.settings[0][name] for name in names if self.settings[0].get(name) is not None), default)


def _like(one: np.ndarray, two: np.ndarray, one_last: bool, two_last: bool) -> np.ndarray:
    """Return the second array in the layout of the first."""
    turned = nearest(one, two)
    if turned is None and one.ndim == two.ndim > 2 and one_last != two_last:
        return np.moveaxis(two, 1, -1) if one_last else np.moveaxis(two, -1, 1)
    return two if turned is None else turned


def _first(layer: Intermediate) -> np.ndarray | None:
    return layer.inputs[0] if layer.inputs else None


def own_paths(side: Side, name: str) -> set[str]:
    """Return the paths of a layer's own weights and state."""
    collections = {name, *(f"{collection}{side.separator}{name}" for collection in ("params", "state", "batch_stats"))}
    return {path for path in side.values() if path.rpartition(side.separator)[0] in collections}


def _values(side: Side, name: str) -> dict[str, np.ndarray]:
    values = side.values()
    return {path.rpartition(side.separator)[2]: values[path].array for path in own_paths(side, name)}
