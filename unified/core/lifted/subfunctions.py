"""`Subfunctions`: parts of a body, some of which a call may not run."""

from collections.abc import Callable, Sequence
from typing import Any

from unified.core.lifted.subfunction import Subfunction
from unified.core.scope import Scope

__all__ = ["Subfunctions"]


class Subfunctions:
    """Parts of a body in order, each with the names that it has when all run one after the other.

    Init records the position in the scope's recording where each part starts. In later calls each starts there,
    whichever parts ran before it.
    """

    def __init__(self, scope: Scope, functions: Sequence[Callable[..., Any]]) -> None:
        self.scope = scope
        self.subfunctions = [Subfunction(scope, fn) for fn in functions]
        self.ordinal = scope.choices
        scope.choices += 1
        record = scope.frame.record_of(scope.node)
        self.starts = None if record is None else record.branches.get(self.ordinal)
        self.mark = scope.mark()
        if self.starts is not None and not scope.frame.initializing:
            for subfunction, (position, choices) in zip(self.subfunctions, self.starts, strict=False):
                scope.skip(self.starts[0][0], position, choices)
                subfunction.start_here()
                scope.reset(self.mark)

    def run_all(self, arguments: tuple[Any, ...]) -> list[Any]:
        """Run all parts, during init, and return their outputs."""
        record = self.scope.frame.record_of(self.scope.node)
        assert record is not None
        starts, outputs = [], []
        for subfunction in self.subfunctions:
            starts.append((len(record.recording) - 1, self.scope.choices))
            outputs.append(subfunction(*arguments))
        record.branches.setdefault(self.ordinal, (*starts, (len(record.recording) - 1, self.scope.choices)))
        return outputs

    def finish(self) -> None:
        """Assign the names of all parts, those that did not run included."""
        if self.starts is not None:
            self.scope.reset(self.mark)
            self.scope.skip(self.starts[0][0], *self.starts[-1])
