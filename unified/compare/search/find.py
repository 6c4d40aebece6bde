"""`find`: the mapping between two implementations of one model."""

from __future__ import annotations

from collections.abc import Mapping as MappingABC
from dataclasses import dataclass

import numpy as np

from unified.compare.errors import MappingError
from unified.compare.layouts import Layouts
from unified.compare.mapping import Mapping
from unified.compare.rule import Rule
from unified.compare.search.atoms import Atom, atoms_of, cut
from unified.compare.search.candidates import Candidates, Options
from unified.compare.search.coalescing import rules_of
from unified.compare.search.matching import matched, verified
from unified.compare.search.signals import AGREES, Probe
from unified.compare.side import Inputs, Side, Value
from unified.compare.trees import mapped

__all__ = ["Found", "find"]


@dataclass(frozen=True)
class Found:
    """A mapping, and what its search tells.

    Attributes:
        mapping: the mapping.
        distance: how far the outputs are apart at random weights that it says are the same.
        runs: how often both sides ran.
    """

    mapping: Mapping
    distance: float
    runs: int


def find(first: Side, second: Side, inputs: Inputs, layouts: Layouts) -> Found:
    """Return the mapping from the first side's values to the second's.

    Raises:
        MappingError: no value of the one side fits one of the other.
        SideError: a side raised.
    """
    inputs = Inputs(*mapped(_varied, (tuple(inputs.args), dict(inputs.kwargs))))
    both = (inputs, layouts.second_inputs(inputs))
    sides = (first, second)
    whole = [atoms_of(side, n, side.first_uses(both[n])) for n, side in enumerate(sides)]
    atoms = cut(whole[0], whole[1])
    values = (first.values(), second.values())
    scales = [_scale(atom, values[0]) for atom in atoms[0]]
    best: Found | None = None
    for options in (Options(layouts=layouts), Options(flips=True, layouts=layouts)):
        candidates = Candidates(atoms[0], atoms[1], options)
        if not candidates.pairs:
            break
        probe = Probe(sides, atoms, both, layouts)
        pairing = matched(candidates, probe, scales)
        matches, distance, _ = verified(candidates, pairing, probe, scales)
        shapes = tuple({path: value.array.shape for path, value in each.items()} for each in values)
        rules = _complete(rules_of(candidates, matches, (shapes[0], shapes[1])), values)
        used = [{piece.path for rule in rules for piece in (rule.first, rule.second)[n]} for n in (0, 1)]
        left = [tuple(path for path in values[n] if path not in used[n]) for n in (0, 1)]
        mapping = Mapping(
            tuple(rules), (left[0], left[1]), (first.library, second.library), (first.tied(), second.tied())
        )
        found = Found(mapping, distance, probe.runs)
        if best is None or found.distance < best.distance:
            best = found
        if distance <= AGREES:
            break
    if best is None or not best.mapping.rules:
        raise MappingError(_nothing_fits(values))
    return best


def _complete(rules: list[Rule], values: tuple[MappingABC[str, Value], MappingABC[str, Value]]) -> list[Rule]:
    """Return the rules without those of values of which only a part is matched: these are left over."""
    while True:
        lost: set[str] = set()
        for side in (0, 1):
            sizes: dict[str, int] = {}
            for rule in rules:
                for piece in rule.second if side else () if rule.again else rule.first:
                    size = piece.of(values[side][piece.path].array).size
                    sizes[piece.path] = sizes.get(piece.path, 0) + size
            lost |= {f"{side}{path}" for path, size in sizes.items() if size != values[side][path].array.size}
        kept = [
            rule
            for rule in rules
            if not any(f"{side}{piece.path}" in lost for side in (0, 1) for piece in (rule.first, rule.second)[side])
        ]
        if len(kept) == len(rules):
            return rules
        rules = kept


def _varied(_: str, leaf: object) -> object:
    """Return an input whose numbers differ: one that is constant tells little of the weights."""
    if isinstance(leaf, np.ndarray) and leaf.dtype.kind == "f" and leaf.size > 1 and np.ptp(leaf) == 0:
        return (leaf + np.random.default_rng(3).standard_normal(leaf.shape)).astype(leaf.dtype)
    return leaf


def _scale(atom: Atom, values: MappingABC[str, Value]) -> float:
    """Return the size of the numbers that an atom's base values have: that of its own, or as layers begin."""
    array = atom.piece.of(values[atom.piece.path].array).astype(float)
    size = float(np.sqrt(np.mean(np.square(array)))) if array.size else 0.0
    return size if np.isfinite(size) and size > 1e-3 else 1 / float(np.sqrt(max(atom.shape, default=1)))


def _nothing_fits(values: tuple[MappingABC[str, Value], MappingABC[str, Value]]) -> str:
    shown = [", ".join(f"{path} {value.array.shape}" for path, value in list(each.items())[:3]) for each in values]
    return (
        f"no weight of the first side fits one of the second by its shape: {shown[0] or 'none'}, ... and "
        f"{shown[1] or 'none'}, ...; check that both sides have the same sizes"
    )
