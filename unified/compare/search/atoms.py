"""Atoms: the parts of both sides' values that stand one for one; values are cut until their shapes meet."""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from unified.compare.rule import Piece
from unified.compare.search.names import is_recurrent, role, template
from unified.compare.search.shapes import Shape, fits
from unified.compare.side import Side

__all__ = ["Atom", "atoms_of", "cut", "may_be"]

GATES = (4, 3)
Index = list[int | tuple[int, int] | None]
CHUNKS = (2, 3, 4, 6, 8)
MOST_JOINED = 6
WITH_COLLECTIONS = ("flax", "haiku")  # whose paths begin with params, batch_stats, state
MOVING_AVERAGE = re.compile(r"/~/(mean|var)_ema$")  # Haiku keeps statistics in modules of their own
MOST_CUTS = 40  # of all atoms of one shape and name


@dataclass(frozen=True)
class Atom:
    """A value of one side, or a part of it.

    Attributes:
        side: 0 or 1.
        piece: where it stands.
        shape: its shape.
        role: what its name says it is; `state` if that is unknown of a value that is not trained.
        layer: the class of its layer, where that is known.
        rank: its place in the order of first uses, from 0 to 1.
        part: which part of the value it is.
        trained: whether it is a parameter.
        used: whether a call uses it.
        separator: what joins the names of its path.
        in_collection: whether its path begins with the name of a collection.
    """

    side: int
    piece: Piece
    shape: Shape
    role: str
    layer: str
    rank: float
    trained: bool
    used: bool
    separator: str
    in_collection: bool
    part: int = 0

    @property
    def parent(self) -> str:
        """The path of the module that it belongs to."""
        return self.piece.path.rpartition(self.separator)[0]

    @property
    def module(self) -> str:
        """The path of the module without the collection, so that a norm's scale and its statistics have the same."""
        path = self.parent.partition(self.separator)[2] if self.in_collection else self.parent
        return MOVING_AVERAGE.sub("", path)

    @property
    def recurrent(self) -> bool:
        """Whether it is a recurrent layer's."""
        return is_recurrent(self.piece.path, self.layer)


def atoms_of(side: Side, number: int, uses: Sequence[str]) -> list[Atom]:
    """Return the floating values of a side, each whole."""
    values, layers = side.values(), side.layers()
    place = {path: position for position, path in enumerate(uses)}
    last = max(len(place), 1)
    found = []
    for position, (path, value) in enumerate(values.items()):
        if value.array.dtype.kind not in "fcV" or not value.array.size:
            continue
        axes = sum(size != 1 for size in value.array.shape)
        rank = place[path] / last if path in place else position / len(values)
        layer = layers.get(path, "")
        said = role(path, axes, side.separator)
        if value.kind == "state" and said not in ("mean", "var"):
            said = "state"
        found.append(
            Atom(
                number, Piece(path), value.array.shape, said, layer, rank,
                value.kind == "parameter", path in place, side.separator, side.library in WITH_COLLECTIONS,
            )
        )  # fmt: skip
    return found


def cut(first: list[Atom], second: list[Atom]) -> tuple[list[Atom], list[Atom]]:
    """Return both sides' atoms, cut so that their shapes meet as far as they can."""
    first, second = _unstacked(first, second), _unstacked(second, first)
    said = _said_gates([*first, *second])
    first, second = _gates(first, said), _gates(second, said)
    for _ in range(MOST_CUTS):
        before = (first, second)
        first, second = _chunked(before, exact=True)
        if (first, second) == before:
            first = _joined(first, second)
            second = _joined(second, first)
        if (first, second) == before:
            first, second = _chunked(before, exact=False)
        if (first, second) == before:
            break
    return first, second


def _unstacked(atoms: list[Atom], others: list[Atom]) -> list[Atom]:
    """Cut what is stacked where the other side has separate layers: as many as a number in its paths counts."""
    counts = {count for count in Counter(template(atom.piece.path) for atom in others).values() if count > 1}
    shapes = {atom.shape for atom in others}
    lengths: dict[str, set[int]] = {}  # of the first axes of all values below a module
    sizes: Counter[str] = Counter()
    for atom in atoms:
        for module in _modules_above(atom):
            lengths.setdefault(module, set()).add(atom.shape[0] if atom.shape else 0)
            sizes[module] += 1
    strange = {m for a in atoms if not any(fits(a.shape, shape) for shape in shapes) for m in _modules_above(a)}
    stacks = {m for m, found in lengths.items() if len(found) == 1 and found <= counts and sizes[m] > 1} & strange
    result = []
    for atom in atoms:
        length = atom.shape[0] if atom.shape else 0
        fitting = length in counts and any(fits(atom.shape[1:], shape) for shape in shapes)
        alone = not any(fits(atom.shape, shape) for shape in shapes)
        stacked = any(module in stacks for module in _modules_above(atom))
        if (fitting and alone) or (stacked and (fitting or alone)):
            result += [_part(atom, (number,), atom.shape[1:], number) for number in range(length)]
        else:
            result.append(atom)
    return result


def _modules_above(atom: Atom) -> list[str]:
    parts = atom.piece.path.split(atom.separator)
    return [atom.separator.join(parts[:end]) for end in range(len(parts))]


def _said_gates(atoms: Iterable[Atom]) -> int:
    """Return the number of gates that all names of recurrent layers agree on; 0 if none says it."""
    found = {_gates_by_name(atom) for atom in atoms if atom.recurrent} - {0}
    return found.pop() if len(found) == 1 else 0


def _gates_by_name(atom: Atom) -> int:
    name = f"{atom.piece.path} {atom.layer}".lower()
    return 4 if "lstm" in name else 3 if "gru" in name else 0


def _gates(atoms: list[Atom], said: int) -> list[Atom]:
    """Cut the values of recurrent layers into those of their gates, whose number the hidden size tells."""
    modules: dict[str, list[Atom]] = {}
    for atom in atoms:
        modules.setdefault(atom.parent, []).append(atom)
    result = []
    for atom in atoms:
        if not atom.recurrent or not atom.shape:
            result.append(atom)
            continue
        alike = _separate_gates(atom, atoms)
        gates, axis = (0, 0) if alike else _gates_of(atom, modules[atom.parent], _gates_by_name(atom) or said)
        result += _chunks(atom, axis, gates) if gates else [atom]
    return result


def _separate_gates(atom: Atom, atoms: Iterable[Atom]) -> bool:
    """Return whether the gates are values of their own already: modules side by side with values of one shape."""
    above = atom.parent.rpartition(atom.separator)[0]
    modules = {
        each.parent
        for each in atoms
        if each.shape == atom.shape and each.parent != above and each.parent.rpartition(atom.separator)[0] == above
    }
    return bool(above) and len(modules) >= min(GATES)


def _gates_of(atom: Atom, siblings: Iterable[Atom], said: int) -> tuple[int, int]:
    """Return the number of gates and the axis that they are along; zeros if there are none."""
    sizes = [each.shape for each in siblings]
    biases = {shape[0] for shape in sizes if len(shape) == 1}
    for gates in (said,) if said else GATES:
        for wide in (size for size in atom.shape if size in biases and size % gates == 0):
            hidden = wide // gates
            others = [sum(shape) - wide for shape in sizes if len(shape) == 2 and wide in shape]
            if hidden in others or (said and any(other > hidden for other in others)):
                return gates, atom.shape.index(wide)
    return 0, 0


def _joined(atoms: list[Atom], others: list[Atom]) -> list[Atom]:
    """Cut an atom of which there are too many where siblings of the other side, joined on an axis, have its shape."""
    groups: dict[tuple[str, str, int], list[Atom]] = {}
    for other in sorted(others, key=lambda each: each.rank):
        grand = other.parent.rpartition(other.separator)[0]
        last = other.piece.path.rpartition(other.separator)[2]
        groups.setdefault((grand, last, other.part), []).append(other)
        groups.setdefault((other.parent, other.role, other.part), []).append(other)
    windows = [
        group[start : start + length]
        for group in groups.values()
        for length in range(2, MOST_JOINED + 1)
        for start in range(len(group) - length + 1)
    ]
    result = []
    for atom in atoms:
        cuts = None
        if atom.shape and _lacking(atom, atom.shape, atoms, others) < 0:
            found = filter(None, (_sizes(atom, window) for window in windows))
            cuts = next((each for each in found if _are_lacking(atom, each, atoms, others)), None)
        result += [atom] if cuts is None else _cut_at(atom, *cuts)
    return result


def _are_lacking(atom: Atom, cuts: tuple[int, list[int]], atoms: list[Atom], others: list[Atom]) -> bool:
    """Return whether this side has too few of all the parts of an atom that is cut so."""
    axis, sizes = cuts
    return all(_lacking(atom, (*atom.shape[:axis], n, *atom.shape[axis + 1 :]), atoms, others) > 0 for n in sizes)


def _lacking(like: Atom, shape: Shape, atoms: Iterable[Atom], others: Iterable[Atom]) -> int:
    """Return how many more atoms the other side has that a part of this shape, of an atom like this, may be."""
    theirs, own = (
        sum(may_be(like, each) and bool(fits(shape, each.shape)) for each in side) for side in (others, atoms)
    )
    return theirs - own


def may_be(one: Atom, two: Atom) -> bool:
    """Return whether two atoms can be the same by what they are: parameters or state, weights, biases or scales."""
    unknown = {one.role, two.role} & {"", "state"}
    return one.trained == two.trained and (one.role == two.role or bool(unknown))


def _sizes(atom: Atom, group: list[Atom]) -> tuple[int, list[int]] | None:
    """Return an axis and the sizes along it by which an atom is cut into the shapes of a group."""
    if sum(math.prod(each.shape) for each in group) != math.prod(atom.shape):
        return None
    if len({each.shape for each in group}) == 1:
        return None  # equal parts are found by counting
    for axis, size in enumerate(atom.shape):
        rest = math.prod(atom.shape) // size
        parts = [math.prod(each.shape) // rest for each in group if math.prod(each.shape) % rest == 0]
        if len(parts) == len(group) and sum(parts) == size:
            pieces = [(*atom.shape[:axis], part, *atom.shape[axis + 1 :]) for part in parts]
            if all(fits(piece, each.shape) for piece, each in zip(pieces, group, strict=True)):
                return axis, parts
    return None


def _chunked(both: tuple[list[Atom], list[Atom]], exact: bool) -> tuple[list[Atom], list[Atom]]:
    """Cut the largest atoms that are too many into equal parts, of which the other side has too many.

    Of vectors there may be more parts than the other side has: they can be summed.

    Args:
        exact: whether there must be as many parts as the other side has too many.
    """
    best: tuple[int, int, int, int, set[Piece]] | None = None
    side = 0
    for number, (atoms, others) in enumerate((both, both[::-1])):
        groups: dict[tuple[Shape, str], list[Atom]] = {}
        kinds = {(atom.shape, atom.role, atom.trained): atom for atom in atoms}
        surplus = {kind: -_lacking(atom, atom.shape, atoms, others) for kind, atom in kinds.items()}
        for atom in atoms:
            if surplus[atom.shape, atom.role, atom.trained] > 0:
                groups.setdefault((atom.shape, template(atom.piece.path)), []).append(atom)
        for (shape, _), members in groups.items():
            for axis, count in itertools.product(range(len(shape)), CHUNKS):
                if shape[axis] % count or shape[axis] == count:
                    continue
                part = (*shape[:axis], shape[axis] // count, *shape[axis + 1 :])
                lacking = _lacking(members[0], part, atoms, others)
                excess = len(members) * count - lacking
                vector = sum(size != 1 for size in part) < 2
                if lacking <= 0 or (excess and exact) or (excess > 0 and not vector):
                    continue
                option = (abs(excess), -math.prod(shape), axis, count, {member.piece for member in members})
                if best is None or option[:4] < best[:4]:
                    best, side = option, number
    if best is None:
        return both
    _, _, axis, count, pieces = best
    parts = [p for atom in both[side] for p in (_chunks(atom, axis, count) if atom.piece in pieces else [atom])]
    return (parts, both[1]) if side == 0 else (both[0], parts)


def _chunks(atom: Atom, axis: int, count: int) -> list[Atom]:
    return _cut_at(atom, axis, [atom.shape[axis] // count] * count)


def _cut_at(atom: Atom, axis: int, sizes: Sequence[int]) -> list[Atom]:
    parts, start = [], 0
    for number, size in enumerate(sizes):
        shape = (*atom.shape[:axis], size, *atom.shape[axis + 1 :])
        index: Index = [*[None] * axis, (start, start + size)]
        parts.append(_part(atom, tuple(index), shape, number))
        start += size
    return parts


def _part(atom: Atom, index: tuple[int | tuple[int, int] | None, ...], shape: Shape, number: int) -> Atom:
    """Return a part of an atom that may be a part itself."""
    rest = list(index)
    combined: Index = []
    for before in atom.piece.index:
        if isinstance(before, int):
            combined.append(before)
            continue
        after = rest.pop(0) if rest else None
        start = 0 if before is None else before[0]
        if after is None:
            combined.append(before)
        elif isinstance(after, int):
            combined.append(start + after)
        else:
            combined.append((start + after[0], start + after[1]))
    piece = Piece(atom.piece.path, (*combined, *rest))
    return replace(atom, piece=piece, shape=shape, part=atom.part * 100 + number)
