"""`Recorder`: what collects the calls of layers, and the values that a body sows, while a model runs."""

from contextlib import AbstractContextManager
from typing import Any, Protocol

__all__ = ["Recorder"]


class Recorder(Protocol):
    """Collects what happens in one run of a model: `unified.core.capture` has one for values and one for calls.

    Values within a transform of the body are the transform's own, tracers on JAX. They are recorded into a buffer
    (`buffered`), and the transform writes the arrays that come out of it back (`flush`).
    """

    def record_call(self, path: str, inputs: Any, output: Any) -> None:
        """Record a call of the layer or module at `path`."""

    def record_value(self, path: str, value: Any) -> None:
        """Record an array, or a tree of arrays, that the body sows at `path`."""

    def buffered(self) -> AbstractContextManager[list[Any]]:
        """Return a context manager that yields a list, to which values are recorded until it exits."""

    def flush(self, buffer: list[Any], arrays: list[list[Any]]) -> None:
        """Record the values of a buffer, with the arrays that came out of the transform in place of its own."""

    def counted(self, times: int) -> AbstractContextManager[None]:
        """Return a context manager in which each call counts `times` times; not at all if that is 0."""

    def mark(self) -> int:
        """Return how many calls are recorded so far."""

    def rewind(self, mark: int) -> None:
        """Forget the calls that were recorded after `mark`: the transform is traced again."""
