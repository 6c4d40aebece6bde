"""Rules from matches: parts that follow each other in the same order on both sides are put together again."""

from __future__ import annotations

from collections.abc import Sequence

from unified.compare.rule import Piece, Rule
from unified.compare.search.atoms import Atom
from unified.compare.search.candidates import Candidates
from unified.compare.search.pairing import Match
from unified.compare.search.shapes import Shape

__all__ = ["rules_of"]


def rules_of(
    candidates: Candidates, matches: Sequence[Match], shapes: tuple[dict[str, Shape], dict[str, Shape]]
) -> list[Rule]:
    """Return the rules of matches, in the order of the first side's values."""
    groups: dict[object, list[Match]] = {}
    for match in matches:
        one = tuple(candidates.first[i].piece.path for i in match.first)
        two = tuple(candidates.second[j].piece.path for j in match.second)
        groups.setdefault((one, two, match.axes, match.again), []).append(match)
    rules = []
    for group in groups.values():
        rules += _whole(candidates, group, shapes) or [_rule(candidates, match) for match in group]
    order = {path: position for position, path in enumerate(shapes[0])}
    return sorted(rules, key=lambda rule: (order[rule.first[0].path], _start(rule.first[0]), _start(rule.second[0])))


def _start(piece: Piece) -> tuple[int, ...]:
    return tuple(0 if part is None else part if isinstance(part, int) else part[0] for part in piece.index)


def _rule(candidates: Candidates, match: Match) -> Rule:
    first = tuple(sorted((candidates.first[i].piece for i in match.first), key=str))
    second = tuple(sorted((candidates.second[j].piece for j in match.second), key=str))
    return Rule(first, second, match.axes, again=match.again, evidence=match.evidence, alternatives=match.alternatives)


def _whole(candidates: Candidates, group: list[Match], shapes: tuple[dict[str, Shape], dict[str, Shape]]) -> list[Rule]:
    """Return one rule for parts that are all of both values, in the same order; none if they are not."""
    first = [candidates.first[match.first[0]] for match in group]
    second = [candidates.second[match.second[0]] for match in group]
    if len(group) < 2 or group[0].axes.sizes or group[0].axes.flip:
        return []
    axes = (_axis(first, shapes[0]), _axis(second, shapes[1]))
    if axes[0] is None or axes[1] is None:
        return []
    pairs = sorted(zip((_start(a.piece) for a in first), (_start(b.piece) for b in second), strict=True))
    if [two for _, two in pairs] != sorted(two for _, two in pairs):
        return []
    if group[0].axes.text:
        before, after = (side.split() for side in group[0].axes.text.split("->"))
        if before[axes[0]] != after[axes[1]]:
            return []
    elif axes[0] != axes[1]:
        return []
    whole = [tuple(sorted((Piece(candidates.first[i].piece.path) for i in group[0].first), key=str))]
    whole.append(tuple(sorted((Piece(candidates.second[j].piece.path) for j in group[0].second), key=str)))
    evidence = "running" if all(match.evidence == "running" for match in group) else "names"
    return [Rule(whole[0], whole[1], group[0].axes, again=group[0].again, evidence=evidence)]


def _axis(atoms: list[Atom], shapes: dict[str, Shape]) -> int | None:
    """Return the axis along which parts are all of a value; `None` if they are not, or are steps of a stack."""
    axes = {len(atom.piece.index) - 1 for atom in atoms}
    if len(axes) != 1 or any(isinstance(part, int) for atom in atoms for part in atom.piece.index):
        return None
    axis = axes.pop()
    if axis < 0 or any(part is not None for atom in atoms for part in atom.piece.index[:axis]):
        return None
    return axis if sum(atom.shape[axis] for atom in atoms) == shapes[atoms[0].piece.path][axis] else None
