"""Pieces of a body of which not all run in each call."""

from collections.abc import Callable, Sequence
from typing import Any

from unified.core.lifted.piece import Piece
from unified.core.scope import Scope

__all__ = ["Pieces"]


class Pieces:
    """Parts of a body, in order, each with the names that it has when all run one after the other.

    Init writes down where in the plan of the scope each begins; later calls start each there, whichever ran before.
    """

    def __init__(self, scope: Scope, functions: Sequence[Callable[..., Any]]) -> None:
        self.scope = scope
        self.pieces = [Piece(scope, fn) for fn in functions]
        self.ordinal = scope.choices
        scope.choices += 1
        declared = scope.frame.declared(scope.place)
        self.known = None if declared is None else declared.branches.get(self.ordinal)
        self.start = scope.mark()
        if self.known is not None and not scope.frame.initializing:
            for piece, (position, choices) in zip(self.pieces, self.known, strict=False):
                scope.skip(self.known[0][0], position, choices)
                piece.marked()
                scope.reset(self.start)

    def run_all(self, arguments: tuple[Any, ...]) -> list[Any]:
        """The outputs of all pieces, in init."""
        declared = self.scope.frame.declared(self.scope.place)
        assert declared is not None
        starts, outputs = [], []
        for piece in self.pieces:
            starts.append((len(declared.plan) - 1, self.scope.choices))
            outputs.append(piece(*arguments))
        declared.branches.setdefault(self.ordinal, (*starts, (len(declared.plan) - 1, self.scope.choices)))
        return outputs

    def finish(self) -> None:
        """Gives out the names of all pieces."""
        if self.known is not None:
            self.scope.reset(self.start)
            self.scope.skip(self.known[0][0], *self.known[-1])
