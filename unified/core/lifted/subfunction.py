"""`Subfunction`: a part of a body that a transform runs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from unified.core.scope import Scope, current, current_scope

__all__ = ["Subfunction", "next_number", "scope_of"]


def scope_of(what: str) -> Scope:
    """Return the current scope; `what` is the name of the transform in errors."""
    return current_scope(what).resolve()


def next_number(scope: Scope) -> int:
    """Return the number of the next transform in a scope, which is folded into the random keys within it."""
    return scope.frame.draw_index(f"{scope.path} transforms")


class Subfunction:
    """A part of a body that a transform may run any number of times, now or later.

    Each run starts from the same names, in the scope that declared the part. `part` is the part itself if `fn` wraps
    it, and `fn` otherwise.
    """

    __slots__ = ("fn", "mark", "part", "scope")

    def __init__(self, scope: Scope, fn: Callable[..., Any], part: Callable[..., Any] | None = None) -> None:
        self.scope = scope
        self.fn = fn
        self.part = fn if part is None else part
        self.mark: Any = None  # if it is still None, the first run sets it

    def start_here(self) -> "Subfunction":
        """Start all runs from the names assigned so far, and return the subfunction."""
        self.mark = self.scope.mark()
        return self

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.mark is None:
            self.start_here()
        else:
            self.scope.reset(self.mark)
        outer, places = current.scope, self.scope.places
        # Each run enters its named scopes anew; those of the code around it go on where it left them, and not in here.
        current.scope, self.scope.places = self.scope, None
        try:
            return self.fn(*args, **kwargs)
        finally:
            current.scope, self.scope.places = outer, places

    @contextmanager
    def repeated(self) -> Iterator[Callable[..., Any]]:
        """Yield what runs the function again and again within the block, for loops that run nothing else there."""
        if self.mark is None:
            self.start_here()
        scope, mark = self.scope, self.mark
        outer, places = current.scope, scope.places
        current.scope = scope

        def run(*args: Any) -> Any:
            scope.reset(mark)
            scope.places = None
            return self.fn(*args)

        try:
            yield run
        finally:
            current.scope, scope.places = outer, places
