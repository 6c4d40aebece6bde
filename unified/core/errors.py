"""The exceptions that unified raises, one for each kind of mistake."""

from collections.abc import Iterator
from contextlib import contextmanager

__all__ = [
    "BackendError",
    "NoActiveTransformError",
    "NotInitializedError",
    "StructureChangedError",
    "TransformBoundaryError",
    "naming",
]


@contextmanager
def naming(path: str) -> Iterator[None]:
    """Puts `path` in front of the message of a `ValueError` raised within."""
    try:
        yield
    except ValueError as error:
        if str(error).startswith(repr(path)):
            raise
        raise ValueError(f"{path!r}: {error}") from error


class NoActiveTransformError(RuntimeError):
    """A layer, module or variable was asked for outside a function run by `unified.transform`."""


class NotInitializedError(RuntimeError):
    """A model was called before its `init`."""


class StructureChangedError(RuntimeError):
    """A call asked for something else at a path than `init` registered there."""


class BackendError(RuntimeError):
    """A framework is missing, unknown, or was handed another framework's arrays."""


class TransformBoundaryError(RuntimeError):
    """A variable was made, or state set, inside a raw transform of the framework within a body."""
