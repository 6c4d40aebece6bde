"""`Mapping`: which values of one implementation are which values of another, applied both ways."""

from __future__ import annotations

import math
from collections.abc import Iterable
from collections.abc import Mapping as MappingABC
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from unified.compare import mapping_file
from unified.compare.errors import MappingError
from unified.compare.nesting import filled, flattened, nested
from unified.compare.rule import Piece, Rule

__all__ = ["Mapping"]


@dataclass(frozen=True, eq=False)
class Mapping:
    """Rules between the values of two implementations; every value is in one of them, or is named as left over.

    Attributes:
        rules: in the order of the first side's values.
        left_over: the paths of each side that are in no rule.
        libraries: what the sides are written in, which says how paths become trees: `("torch", "flax")`.
        tied: paths of each side whose value stands at another path too, with that path.

    >>> import numpy as np
    >>> from unified.testing import Mapping
    >>> mapping = Mapping.loads('''
    ... format = 1
    ... sides = ["torch", "flax"]
    ... rules = [{torch = "weight", flax = "params/kernel", axes = "o i -> i o"}]
    ... ''')
    >>> mapping.to_jax({"weight": np.ones((3, 2))})["params"]["kernel"].shape
    (2, 3)
    """

    rules: tuple[Rule, ...]
    left_over: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    libraries: tuple[str, str] = ("torch", "function")
    tied: tuple[MappingABC[str, str], MappingABC[str, str]] = field(default_factory=lambda: ({}, {}))

    def __eq__(self, other: object) -> bool:
        """Whether both say the same; the order of rules, which folding in a file changes, says nothing."""
        return isinstance(other, Mapping) and self._content() == other._content()

    def __hash__(self) -> int:
        return hash(frozenset(self.rules))

    def _content(self) -> tuple[Any, ...]:
        left_over = tuple(frozenset(paths) for paths in self.left_over)
        return frozenset(self.rules), left_over, self.libraries, tuple(dict(tied) for tied in self.tied)

    def forward(self, values: MappingABC[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return the second side's values by path for the first's.

        Raises:
            MappingError: a value is missing, unknown or of a shape that does not fit.
        """
        return self._applied(values, 0)

    def backward(self, values: MappingABC[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return the first side's values by path for the second's.

        Raises:
            MappingError: a value is missing, unknown or of a shape that does not fit.
        """
        return self._applied(values, 1)

    def to_jax(self, state_dict: MappingABC[str, Any], like: Any = None) -> Any:
        """Return the JAX side's tree for a `state_dict` of the torch side.

        Args:
            state_dict: tensors or NumPy arrays by name.
            like: a tree whose structure the result has, and whose values stand where the mapping names none; by
                default the result is made of dicts.

        Raises:
            MappingError: neither side is JAX's, or the values do not fit.
        """
        one, two = self._of("torch"), self._of("jax")
        found = self._applied({path: _to_numpy(value) for path, value in state_dict.items()}, one)
        library = self.libraries[two]
        return nested(found, library) if like is None else filled(like, found, library, self.left_over[two])

    def to_torch(self, tree: Any) -> dict[str, np.ndarray]:
        """Return the `state_dict` of the torch side, of NumPy arrays, for the JAX side's tree.

        Raises:
            MappingError: neither side is torch's, or the values do not fit.
        """
        self._of("torch")
        two = self._of("jax")
        return self._applied(flattened(tree, self.libraries[two]), two)

    @property
    def ambiguous(self) -> tuple[Rule, ...]:
        """The rules that could not be told from others, which their `alternatives` name."""
        return tuple(rule for rule in self.rules if rule.alternatives)

    def dumps(self) -> str:
        """Return the text of the mapping's file; equal mappings have equal texts."""
        return mapping_file.dumps(self.rules, self.left_over, self.libraries, self.tied)

    @staticmethod
    def loads(text: str) -> Mapping:
        """Return the mapping of a text.

        Raises:
            MappingError: the text is no mapping.
        """
        return Mapping(*mapping_file.loads(text))

    def save(self, path: str | Path) -> None:
        """Write the mapping to a file, such as `mapping.toml`."""
        Path(path).write_text(self.dumps(), encoding="utf-8")

    @staticmethod
    def load(path: str | Path) -> Mapping:
        """Return the mapping of a file.

        Raises:
            MappingError: the file is no mapping.
        """
        try:
            return Mapping.loads(Path(path).read_text(encoding="utf-8"))
        except (MappingError, UnicodeDecodeError) as error:
            raise MappingError(f"{path}: {error}") from None

    def __str__(self) -> str:
        return "\n".join(map(str, self.rules))

    def _of(self, framework: str) -> int:
        for number, library in enumerate(self.libraries):
            if (library == "torch") == (framework == "torch"):
                return number
        raise MappingError(
            f"the mapping is between {self.libraries[0]} and {self.libraries[1]}: use forward and backward, which take "
            f"values by path"
        )

    def _applied(self, values: MappingABC[str, np.ndarray], source: int) -> dict[str, np.ndarray]:
        """Return the other side's values for those of side `source`."""
        self._check_values(values, source)
        pieces: dict[str, list[tuple[Piece, np.ndarray, bool]]] = {}
        for rule in self.rules:
            try:
                made = rule.backward(values) if source else rule.forward(values)
            except ValueError as error:
                raise MappingError(f"the rule {rule}: {error}") from None
            for piece, array in made:
                pieces.setdefault(piece.path, []).append((piece, array, rule.again))
        result = {path: _joined(path, parts) for path, parts in pieces.items()}
        for path, original in self.tied[1 - source].items():
            if original in result:
                result[path] = result[original]
        return result

    def _check_values(self, values: MappingABC[str, np.ndarray], source: int) -> None:
        """Raise if a value is missing, unknown, or used in part."""
        side = self.libraries[source]
        used: dict[str, list[Piece]] = {}
        for rule in self.rules:
            # A tied weight is used by two rules, of which one says `again`; going back, both have a value.
            for piece in rule.second if source else () if rule.again else rule.first:
                used.setdefault(piece.path, []).append(piece)
        if missing := [path for path in used if path not in values]:
            raise MappingError(f"the {side} values lack {_listed(missing)}, which the mapping expects")
        known = {*used, *self.left_over[source], *self.tied[source]}
        if unknown := [path for path in values if path not in known]:
            raise MappingError(
                f"the mapping has no rule for {_listed(unknown)} of the {side} values: find it again, or name it in "
                f"left_over"
            )
        for path, pieces in used.items():
            _check_coverage(path, pieces, values[path].shape)
        for path, original in self.tied[source].items():
            if path in values and original in values and not np.array_equal(values[path], values[original]):
                raise MappingError(
                    f"{path!r} and {original!r} of the {side} values are tied in the mapping, and differ: the other "
                    f"side has one value for both"
                )


def _check_coverage(path: str, pieces: Iterable[Piece], shape: tuple[int, ...]) -> None:
    pieces = list(pieces)
    if [piece.index for piece in pieces] == [()]:
        return
    counts = np.zeros(shape, np.int8)
    for piece in pieces:
        try:
            piece.check(shape)
        except ValueError as error:
            raise MappingError(str(error)) from None
        counts[piece.key] += 1
    if counts.size and (counts.min() != 1 or counts.max() != 1):
        what = "not in any rule" if counts.min() == 0 else "in two rules"
        raise MappingError(f"a part of {path!r}, of shape {shape}, is {what}")


def _joined(path: str, parts: list[tuple[Piece, np.ndarray, bool]]) -> np.ndarray:
    """Return the array whose pieces these are."""
    whole = [array for piece, array, _ in parts if not piece.index]
    if whole:
        for other in whole[1:]:
            if not np.array_equal(whole[0], other):
                raise MappingError(f"{path!r} stands at two paths of the other side, whose values differ")
        return np.asarray(whole[0], order="C")
    sizes: list[int] = []
    for piece, array, _ in parts:
        rest = iter(array.shape)
        index = piece.index + (None,) * (array.ndim + sum(isinstance(i, int) for i in piece.index) - len(piece.index))
        ends = [
            i + 1 if isinstance(i, int) else (next(rest), i)[0] if i is None else (next(rest), i[1])[1] for i in index
        ]
        sizes = [max(a, b) for a, b in zip(sizes, ends, strict=True)] if sizes else ends
    filled, result = 0, np.empty(sizes, np.result_type(*(array for _, array, _ in parts)))
    for piece, array, _ in parts:
        target = result[piece.key]
        if target.shape != array.shape:
            raise MappingError(f"{str(piece)!r} has shape {target.shape}, and its rule gives {array.shape}")
        result[piece.key] = array
        filled += array.size
    if filled != math.prod(sizes):
        raise MappingError(f"the rules give {filled} of the {math.prod(sizes)} numbers of {path!r}")
    return result


def _to_numpy(value: Any) -> np.ndarray:
    if hasattr(value, "detach"):
        value = value.detach().cpu()
        if str(value.dtype) == "torch.bfloat16":
            value = value.float()
        return np.asarray(value.numpy())
    return np.asarray(value)


def _listed(paths: list[str]) -> str:
    return ", ".join(map(repr, paths[:5])) + (f" and {len(paths) - 5} more" if len(paths) > 5 else "")
