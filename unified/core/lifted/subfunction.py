"""A piece of a body, as a transform of it sees it."""

from collections.abc import Callable
from typing import Any

from unified.core.scope import Scope, current, current_scope

__all__ = ["Subfunction", "next_number", "scope_of"]


def scope_of(what: str) -> Scope:
    """The current scope, for the transform `what`."""
    return current_scope(what).resolve()


def next_number(scope: Scope) -> int:
    """The number of the next transform in a scope, which keys of random numbers within it are folded with."""
    return scope.frame.draw_index(f"{scope.path} transforms")


class Subfunction:
    """A part of a body that a transform may run any number of times, now or later.

    Each run asks for the same names, and stands in the scope where the piece was made.
    """

    __slots__ = ("fn", "mark", "scope")

    def __init__(self, scope: Scope, fn: Callable[..., Any]) -> None:
        self.scope = scope
        self.fn = fn
        self.mark: Any = None  # set by the first run if there is none: pieces that run one after the other

    def marked(self) -> "Subfunction":
        """The piece, which starts from the names that are given out by now."""
        self.mark = self.scope.mark()
        return self

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.mark is None:
            self.marked()
        else:
            self.scope.reset(self.mark)
        outer = current.scope
        current.scope = self.scope
        try:
            return self.fn(*args, **kwargs)
        finally:
            current.scope = outer
