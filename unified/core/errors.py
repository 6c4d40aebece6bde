"""The exceptions that unified raises, one for each kind of mistake."""

from typing import Any

__all__ = [
    "BackendError",
    "CheckpointError",
    "NoActiveTransformError",
    "NotInitializedError",
    "StructureChangedError",
    "TransformBoundaryError",
    "at_path",
]


class at_path:  # noqa: N801
    """Prefix the message of a `ValueError` raised within this context with `path`.

    >>> with at_path("block/dropout"):
    ...     raise ValueError("p lies between 0 and 1")
    Traceback (most recent call last):
    ValueError: 'block/dropout': p lies between 0 and 1
    """

    __slots__ = ("path",)

    def __init__(self, path: str) -> None:
        self.path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, traceback: Any) -> None:
        if isinstance(error, ValueError) and not str(error).startswith(repr(self.path)):
            raise ValueError(f"{self.path!r}: {error}") from error


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


class CheckpointError(ValueError):
    """A file is damaged, of another format, or does not fit the model."""
