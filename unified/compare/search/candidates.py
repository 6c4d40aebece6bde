"""Candidates: which atoms of the second side an atom of the first may be, and by which axes."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from unified.compare.axes import Axes
from unified.compare.layouts import Layouts
from unified.compare.rule import Piece
from unified.compare.search.atoms import Atom, may_be
from unified.compare.search.names import similarity
from unified.compare.search.shapes import Shape, factored, fits

__all__ = ["Candidates", "Options"]


@dataclass(frozen=True)
class Options:
    """What is tried beside permutations and reshapes: kernels that are flipped, and orders of flattened features."""

    flips: bool = False
    layouts: Layouts | None = None


class Candidates:
    """The pairs of atoms whose shapes, roles and kinds allow them to be the same."""

    def __init__(self, first: Sequence[Atom], second: Sequence[Atom], options: Options) -> None:
        self.first, self.second, self.options = first, second, options
        self._orders = _flattened_layouts(options.layouts)
        self._features = _flattened_features(first) if self._orders else {}
        self._axes: dict[tuple[Shape, Shape, bool, Piece | None], tuple[Axes, ...]] = {}
        self.pairs: dict[tuple[int, int], tuple[Axes, ...]] = {}
        for i, one in enumerate(first):
            for j, two in enumerate(second):
                if may_be(one, two) and (axes := self._between(one, two)):
                    self.pairs[i, j] = axes

    def _between(self, one: Atom, two: Atom) -> tuple[Axes, ...]:
        flips = self.options.flips or "transpose" in f"{one.layer}{two.layer}".lower()
        key = (one.shape, two.shape, flips, one.piece if one.piece in self._features else None)
        if key not in self._axes:
            found = list(fits(one.shape, two.shape))
            if found and one.piece in self._features and len(two.shape) == 2:
                found = [*self._flattened(one.shape, two.shape, self._features[one.piece]), *found]
            if flips and len(one.shape) > 2:
                found += [replace(axes, flip=_spatial(axes)) for axes in found if axes.text]
            self._axes[key] = tuple(dict.fromkeys(found))
        return self._axes[key]

    def _flattened(self, one: Shape, two: Shape, channels: int) -> list[Axes]:
        """Return the axes of a matrix whose inputs were flattened in another layout."""
        found = []
        for layout in self._orders:
            for size in set(one):
                if size > channels and size % channels == 0:
                    for spatial in _spatial_sizes(size // channels, len(layout) - 1):
                        axes = factored(one, two, channels, spatial, layout)
                        found += [axes] if axes is not None else []
        return found

    def prior(self, i: int, j: int, modules: set[tuple[str, str]]) -> float:
        """Return how unlikely a pair is by names, the order of uses and the modules that are paired already."""
        one, two = self.first[i], self.second[j]
        cost = 0.5 * (1 - similarity(str(one.piece.path), str(two.piece.path))) + abs(one.rank - two.rank)
        cost += 0.5 * (one.used != two.used) + 0.2 * (one.role != two.role)
        cost += 0.01 * abs(one.part % 100 - two.part % 100)
        if (f"{one.module}#{one.part}", f"{two.module}#{two.part}") in modules:
            return cost - 0.8
        return cost - 0.5 * ((one.module, two.module) in modules)


def _flattened_features(atoms: Sequence[Atom]) -> dict[Piece, int]:
    """Return the matrices that are the next weights after a kernel, with the number of channels of that.

    A matrix of torch has its inputs along its last axis.
    """
    weights = sorted((atom for atom in atoms if atom.role == "weight" and atom.used), key=lambda atom: atom.rank)
    found = {}
    for before, atom in itertools.pairwise(weights):
        torch = atom.separator == "."
        channels = before.shape[0 if torch else -1]
        inputs = atom.shape[-1:] if torch else atom.shape
        follows = len(before.shape) > 2 and len(atom.shape) == 2 and channels > 1
        if follows and any(size > channels and size % channels == 0 for size in inputs):
            found[atom.piece] = channels
    return found


def _spatial(axes: Axes) -> tuple[str, ...]:
    """Return the axes of a kernel after the first two."""
    before = axes.text.partition("->")[0].replace("(", "").replace(")", "").split()
    return tuple(name for name in before[2:] if name != "1")


def _flattened_layouts(layouts: Layouts | None) -> list[tuple[int, ...]]:
    """Return how the axes after the batch are ordered on the second side, for each layout that moves channels."""
    found: dict[tuple[int, ...], None] = {}
    for axes in layouts.axes.values() if layouts is not None else ():
        if len(axes) > 2 and axes[0] == 0 and list(axes) != sorted(axes):
            found.setdefault(tuple(axis - 1 for axis in axes[1:]))
    return list(found)


def _spatial_sizes(size: int, axes: int) -> list[tuple[int, ...]]:
    """Return the sizes of `axes` axes with a product, the most equal first."""
    if axes == 1:
        return [(size,)]
    found = []
    for first in range(1, size + 1):
        if size % first == 0:
            found += [(first, *rest) for rest in _spatial_sizes(size // first, axes - 1)]
    return sorted(found, key=lambda sizes: max(sizes) / min(sizes))[:3]
