"""A rule of a mapping: which part of the first side's values is which part of the second's."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from unified.compare.axes import Axes

__all__ = ["Piece", "Rule"]

INDEX = re.compile(r"^(?P<path>.+?)\[(?P<index>[-\d:, ]+)\]$", re.DOTALL)


@dataclass(frozen=True)
class Piece:
    """A value, or the part of it that an index selects.

    Attributes:
        path: the value's path.
        index: for each of the first axes a number, which removes the axis, or a pair `(start, stop)`, or `None` for the
            whole axis.

    >>> Piece.parse("attn.in_proj_weight[0:64]")
    Piece(path='attn.in_proj_weight', index=((0, 64),))
    """

    path: str
    index: tuple[int | tuple[int, int] | None, ...] = ()

    @staticmethod
    def parse(text: str) -> "Piece":
        """Return the piece of a text such as `path`, `path[3]` or `path[:, 0:4]`.

        Raises:
            ValueError: the index is none.
        """
        match = INDEX.match(text)
        if match is None:
            return Piece(text)
        parts: list[int | tuple[int, int] | None] = []
        for part in match["index"].split(","):
            start, colon, stop = (each.strip() for each in part.partition(":"))
            if not colon and start.isdigit():
                parts.append(int(start))
            elif colon and not start and not stop:
                parts.append(None)
            elif colon and start.isdigit() and stop.isdigit() and int(start) < int(stop):
                parts.append((int(start), int(stop)))
            else:
                raise ValueError(f"{text!r}: an index is a number, start:stop or :, got {part.strip()!r}")
        return Piece(match["path"], tuple(parts))

    def __str__(self) -> str:
        if not self.index:
            return self.path
        parts = (
            ":" if part is None else str(part) if isinstance(part, int) else f"{part[0]}:{part[1]}"
            for part in self.index
        )
        return f"{self.path}[{', '.join(parts)}]"

    @property
    def key(self) -> tuple[int | slice, ...]:
        """The index as NumPy takes it."""
        return tuple(
            slice(None) if part is None else part if isinstance(part, int) else slice(*part) for part in self.index
        )

    def of(self, array: np.ndarray) -> np.ndarray:
        """Return the part of the array at the path.

        Raises:
            ValueError: the index is outside of its shape.
        """
        self.check(array.shape)
        return array[self.key]

    def check(self, shape: tuple[int, ...]) -> None:
        """Raise if the index is outside of a shape."""
        ends = [part if part is None else part + 1 if isinstance(part, int) else part[1] for part in self.index]
        if len(ends) > len(shape) or any(e is not None and e > s for e, s in zip(ends, shape, strict=False)):
            raise ValueError(f"{str(self)!r} is outside of the value, which has shape {shape}")


@dataclass(frozen=True)
class Rule:
    """Pieces of the first side that are a piece of the second.

    Attributes:
        first: the piece of the first side; several are summed.
        second: the piece of the second side; several are summed to the first's.
        axes: how the second's axes follow from the first's.
        add: what is added to the first's values.
        again: whether the first's piece stands in another rule too, as a tied weight.
        evidence: what settled it: `shape` (nothing else fits), `running`, `names` or `order`.
        alternatives: other pieces of the second side, or other axes, that could not be told apart.
    """

    first: tuple[Piece, ...]
    second: tuple[Piece, ...]
    axes: Axes = field(default_factory=Axes)
    add: float = 0.0
    again: bool = False
    evidence: str = field(default="", compare=False)
    alternatives: tuple[str, ...] = field(default=(), compare=False)

    def forward(self, values: Mapping[str, np.ndarray]) -> list[tuple[Piece, np.ndarray]]:
        """Return the second side's pieces; of several, the first gets all and the others zeros."""
        return _spread(self.second, self.axes.forward(_sum(self.first, values)) + _number(self.add, values, self.first))

    def backward(self, values: Mapping[str, np.ndarray]) -> list[tuple[Piece, np.ndarray]]:
        """Return the first side's pieces; of several, the first gets all and the others zeros."""
        return _spread(
            self.first, self.axes.backward(_sum(self.second, values) - _number(self.add, values, self.second))
        )

    def __str__(self) -> str:
        sides = (" + ".join(map(str, pieces)) for pieces in (self.first, self.second))
        extra = [self.axes.text, *(f"{n}={s}" for n, s in self.axes.sizes)]
        extra += [f"flip {' '.join(self.axes.flip)}"] if self.axes.flip else []
        extra += [f"+ {self.add:g}"] if self.add else []
        return " = ".join(sides) + (f"  ({', '.join(filter(None, extra))})" if any(extra) else "")


def _sum(pieces: tuple[Piece, ...], values: Mapping[str, np.ndarray]) -> np.ndarray:
    total, *others = (piece.of(values[piece.path]) for piece in pieces)
    for other in others:
        total = total + other
    return total


def _number(add: float, values: Mapping[str, np.ndarray], pieces: tuple[Piece, ...]) -> np.ndarray:
    return np.asarray(add, values[pieces[0].path].dtype)


def _spread(pieces: tuple[Piece, ...], array: np.ndarray) -> list[tuple[Piece, np.ndarray]]:
    return [(piece, array if not number else np.zeros_like(array)) for number, piece in enumerate(pieces)]
