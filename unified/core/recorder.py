"""`Recorder`: the interface of objects that collect layer calls and sown values while a model runs."""

from contextlib import AbstractContextManager
from typing import Any, Protocol

__all__ = ["Recorder"]


class Recorder(Protocol):
    """A collector of the calls or values of one run of a model; `unified.core.capture` has one for each.

    Values within a transform of the body belong to the transform: on JAX they are tracers. They are recorded into a
    buffer (`buffered`), and after the transform the arrays that it returned are recorded in their place (`flush`).
    """

    def record_call(self, path: str, inputs: Any, output: Any) -> None:
        """Record a call of the layer or module at `path`."""

    def record_value(self, path: str, value: Any) -> None:
        """Record an array, or a tree of arrays, that the body sows at `path`."""

    def buffered(self) -> AbstractContextManager[list[Any]]:
        """Return a context manager that yields a list, into which values are recorded until it exits."""

    def flush(self, buffer: list[Any], arrays: list[list[Any]]) -> None:
        """Record the values of a buffer, with the arrays that the transform returned in place of its tracers."""

    def counted(self, times: int) -> AbstractContextManager[None]:
        """Return a context manager in which each call counts `times` times; 0 for not at all."""

    def mark(self) -> int:
        """Return the number of calls recorded so far."""

    def rewind(self, mark: int) -> None:
        """Discard the calls that were recorded after `mark`, because a transform is traced again."""
