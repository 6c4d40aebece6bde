"""Axes: a reshape, a permutation of axes and another reshape, written as `(h d) e -> e h d`."""

import math
import re
from dataclasses import dataclass
from functools import cache

import numpy as np

__all__ = ["Axes"]

WORD = re.compile(r"\(|\)|1(?![\w])|[a-z]\w*|\S")


@dataclass(frozen=True)
class Axes:
    """Two arrangements of the same named axes.

    Args:
        text: `before -> after`: names of axes with spaces between them, parentheses around those that are one axis of
            the array, and `1` for an axis of size one; empty if nothing changes.
        sizes: the sizes of axes in parentheses; one of each pair of parentheses may be left out.
        flip: the names of axes that are reversed.

    Raises:
        ValueError: the text is no such arrangement.

    >>> import numpy as np
    >>> Axes("(h d) e -> e h d", (("h", 2),)).forward(np.ones((6, 5))).shape
    (5, 2, 3)
    """

    text: str = ""
    sizes: tuple[tuple[str, int], ...] = ()
    flip: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.text:
            before, after = _parsed(self.text)
            one, two = (sorted(name for axis in side for name in axis) for side in (before, after))
            if one != two or len(set(one)) != len(one):
                raise ValueError(f"axes {self.text!r} must have the same names, once each, before and after ->")
            if unknown := [name for name in (*dict(self.sizes), *self.flip) if name not in one]:
                raise ValueError(f"axes {self.text!r} do not have {', '.join(unknown)}")
        elif self.sizes or self.flip:
            raise ValueError('sizes and flip name axes: give axes too, such as axes = "a b -> a b"')

    def forward(self, array: np.ndarray) -> np.ndarray:
        """Return the array of the second side.

        Raises:
            ValueError: its shape does not fit.
        """
        return self._applied(array, *_parsed(self.text)) if self.text else array

    def backward(self, array: np.ndarray) -> np.ndarray:
        """Return the array of the first side.

        Raises:
            ValueError: its shape does not fit.
        """
        if not self.text:
            return array
        before, after = _parsed(self.text)
        return self._applied(array, after, before)

    def _applied(self, array: np.ndarray, before: "Arrangement", after: "Arrangement") -> np.ndarray:
        known = dict(self.sizes)
        if array.ndim != len(before):
            raise ValueError(f"axes {self.text!r} are for {len(before)} axes, and the array has shape {array.shape}")
        for axis, size in zip(before, array.shape, strict=True):
            missing = [name for name in axis if name not in known]
            product = math.prod(known[name] for name in axis if name in known)
            if len(missing) > 1 or (not missing and product != size) or (missing and (not product or size % product)):
                raise ValueError(f"axes {self.text!r} with {dict(self.sizes)} do not fit the shape {array.shape}")
            if missing:
                known[missing[0]] = size // product
        names = [name for axis in before for name in axis]
        split = array.reshape([known[name] for name in names])
        if self.flip:
            split = np.flip(split, tuple(names.index(name) for name in self.flip))
        order = [names.index(name) for axis in after for name in axis]
        return split.transpose(order).reshape([math.prod(known[name] for name in axis) for axis in after])


Arrangement = tuple[tuple[str, ...], ...]


@cache
def _parsed(text: str) -> tuple[Arrangement, Arrangement]:
    before, arrow, after = text.partition("->")
    if not arrow:
        raise ValueError(f"axes {text!r} have no ->")
    return _arrangement(before, text), _arrangement(after, text)


def _arrangement(text: str, whole: str) -> Arrangement:
    axes: list[tuple[str, ...]] = []
    group: list[str] | None = None
    for word in WORD.findall(text):
        if word == "(" and group is None:
            group = []
        elif word == ")" and group is not None:
            axes.append(tuple(group))
            group = None
        elif word == "1" and group is None:
            axes.append(())
        elif word[0].isalpha() and group is not None:
            group.append(word)
        elif word[0].isalpha():
            axes.append((word,))
        else:
            raise ValueError(f"axes {whole!r}: {word!r} is not expected there")
    if group is not None:
        raise ValueError(f"axes {whole!r}: a parenthesis is not closed")
    return tuple(axes)
