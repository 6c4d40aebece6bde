"""Subfunctions of a body of which not all run in each call."""

from collections.abc import Callable, Sequence
from typing import Any

from unified.core.lifted.subfunction import Subfunction
from unified.core.scope import Scope

__all__ = ["Subfunctions"]


class Subfunctions:
    """Parts of a body, in order, each with the names that it has when all run one after the other.

    Init writes down where in the plan of the scope each begins; later calls start each there, whichever ran before.
    """

    def __init__(self, scope: Scope, functions: Sequence[Callable[..., Any]]) -> None:
        self.scope = scope
        self.subfunctions = [Subfunction(scope, fn) for fn in functions]
        self.ordinal = scope.choices
        scope.choices += 1
        record = scope.frame.record_of(scope.node)
        self.known = None if record is None else record.branches.get(self.ordinal)
        self.start = scope.mark()
        if self.known is not None and not scope.frame.initializing:
            for subfunction, (position, choices) in zip(self.subfunctions, self.known, strict=False):
                scope.skip(self.known[0][0], position, choices)
                subfunction.marked()
                scope.reset(self.start)

    def run_all(self, arguments: tuple[Any, ...]) -> list[Any]:
        """The outputs of all pieces, in init."""
        record = self.scope.frame.record_of(self.scope.node)
        assert record is not None
        starts, outputs = [], []
        for subfunction in self.subfunctions:
            starts.append((len(record.recording) - 1, self.scope.choices))
            outputs.append(subfunction(*arguments))
        record.branches.setdefault(self.ordinal, (*starts, (len(record.recording) - 1, self.scope.choices)))
        return outputs

    def finish(self) -> None:
        """Gives out the names of all pieces."""
        if self.known is not None:
            self.scope.reset(self.start)
            self.scope.skip(self.known[0][0], *self.known[-1])
