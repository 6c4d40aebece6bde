"""How an array of one shape can be one of another: permutations of axes, with axes merged or split."""

import itertools
import math
from collections.abc import Iterator
from functools import cache

from unified.compare.axes import Axes

__all__ = ["factored", "fits"]

MOST = 24  # permutations of four equal axes
LETTERS = "abcdefghjklmnpqrstuvwxyz"

Shape = tuple[int, ...]


@cache
def fits(one: Shape, two: Shape) -> tuple[Axes, ...]:
    """Return the ways in which an array of shape `one` can be one of shape `two`, the usual ones first.

    >>> [axes.text for axes in fits((4, 6), (6, 4))]
    ['a b -> b a']
    >>> [axes.text for axes in fits((6, 6), (6, 2, 3))]
    ['(a b) c -> c a b', 'a (b c) -> a b c']
    """
    if math.prod(one) != math.prod(two):
        return ()
    if not math.prod(one):
        return (Axes(),) if one == two else ()
    small, large = tuple(n for n in one if n != 1), tuple(n for n in two if n != 1)
    found: dict[Axes, None] = {}
    if len(small) <= len(large):
        ways = _coarse_to_fine(small, large)
    else:
        ways = (_turned(way) for way in _coarse_to_fine(large, small))
    for groups_one, groups_two, sizes in itertools.islice(ways, MOST):
        found.setdefault(_axes(one, two, groups_one, groups_two, sizes))
    return tuple(sorted(found, key=_unusual))


Groups = list[list[int]]
Way = tuple[Groups, Groups, dict[int, int]]


def _coarse_to_fine(coarse: Shape, fine: Shape) -> Iterator[Way]:
    """Yield the axes, by number, of each axis of both shapes."""
    for runs in _runs(fine, len(coarse)):
        products = [math.prod(fine[start:stop]) for start, stop in runs]
        for order in itertools.permutations(range(len(coarse))):
            # Axis order[n] of the coarse shape is run n of the fine one.
            if all(coarse[axis] == product for axis, product in zip(order, products, strict=True)):
                of = {axis: list(range(*run)) for axis, run in zip(order, runs, strict=True)}
                groups = [of[axis] for axis in range(len(coarse))]
                yield groups, [[n] for n in range(len(fine))], dict(enumerate(fine))


def _turned(way: Way) -> Way:
    return way[1], way[0], way[2]


def _runs(shape: Shape, count: int) -> Iterator[list[tuple[int, int]]]:
    """Yield the ways to cut the axes of a shape into `count` runs."""
    if not count:
        if not shape:
            yield []
        return
    for cuts in itertools.combinations(range(1, len(shape)), count - 1):
        ends = [0, *cuts, len(shape)]
        yield list(itertools.pairwise(ends))


def _axes(one: Shape, two: Shape, groups_one: Groups, groups_two: Groups, sizes: dict[int, int]) -> Axes:
    names: dict[int, str] = {}
    for number in itertools.chain(*groups_one):
        names[number] = LETTERS[len(names)]
    before, after = _side(one, groups_one, names), _side(two, groups_two, names)
    if before == after:
        return Axes()
    inner = [number for group in (*groups_one, *groups_two) if len(group) > 1 for number in group[:-1]]
    return Axes(f"{before} -> {after}", tuple((names[n], sizes[n]) for n in sorted(set(inner))))


def _side(shape: Shape, groups: Groups, names: dict[int, str]) -> str:
    rest = iter(groups)
    parts = []
    for size in shape:
        if size == 1:
            parts.append("1")
            continue
        group = next(rest)
        text = " ".join(names[number] for number in group)
        parts.append(text if len(group) == 1 else f"({text})")
    return " ".join(parts)


def _unusual(axes: Axes) -> tuple[int, str]:
    """Return how unusual axes are: kernels turn their first two axes and keep the order of the others."""
    if not axes.text:
        return (1, "")
    before, after = (side.split() for side in axes.text.replace("(", "").replace(")", "").split("->"))
    letters = [letter for letter in before if letter != "1"]
    others = [letter for letter in after if letter != "1"]
    if len(letters) <= 2:
        return (0 if others == letters[::-1] else 1, axes.text)
    spatial = [letter for letter in others if letter in letters[2:]]
    return ((0 if others == [*letters[2:], letters[1], letters[0]] else 2) + (spatial != letters[2:]), axes.text)


def factored(one: Shape, two: Shape, channels: int, spatial: tuple[int, ...], layout: tuple[int, ...]) -> Axes | None:
    """Return axes between matrices whose flattened inputs are of another layout; `None` if the sizes do not fit.

    Args:
        one, two: the shapes of the matrices.
        channels: the number of channels, which come first in the flattened axis of `one`.
        spatial: the sizes of the other axes.
        layout: for each axis after the batch of the second side's layout, the number of the first side's.
    """
    size = channels * math.prod(spatial)
    if one.count(size) != 1 or len(one) != 2 or len(two) != 2 or size not in two:
        return None
    names = "c" + "hwd"[: len(spatial)]
    turned = " ".join(names[number] for number in layout)
    straight = " ".join(names)
    before = ["o", f"({straight})"] if one.index(size) == 1 else [f"({straight})", "o"]
    after = ["o", f"({turned})"] if two.index(size) == 1 else [f"({turned})", "o"]
    sizes = tuple(zip(names, (channels, *spatial), strict=True))
    return Axes(f"{' '.join(before)} -> {' '.join(after)}", sizes)
