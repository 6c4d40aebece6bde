"""The exceptions that unified raises, one for each kind of mistake."""

from typing import Any, Self

from unified.core.pages import Page, end_with_link

__all__ = [
    "BackendError",
    "CheckpointError",
    "ExplainedError",
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


class ExplainedError(Exception):
    """An error whose message ends with a link to the page that explains it; the base of all others here.

    Attributes:
        page: the page, of `unified.core.pages`; that of the class unless `with_page` named another.
    """

    page: Page

    def with_page(self, page: Page) -> Self:
        """Set the page and return the error: `raise BackendError(...).with_page("install")`."""
        self.page = page
        return self

    def __str__(self) -> str:
        return end_with_link(super().__str__(), self.page)


class NoActiveTransformError(ExplainedError, RuntimeError):
    """A layer, module or variable was asked for outside a function run by `unified.transform`."""

    page = "body"


class NotInitializedError(ExplainedError, RuntimeError):
    """A model was called before its `init`."""

    page = "pytorch#before-init"


class StructureChangedError(ExplainedError, RuntimeError):
    """A call asked for something else at a path than `init` registered there."""

    page = "names"


class BackendError(ExplainedError, RuntimeError):
    """A framework is missing, unknown, or was handed another framework's arrays."""

    page = "numpy#which-framework"


class TransformBoundaryError(ExplainedError, RuntimeError):
    """A variable was made, or state set, inside a raw transform of the framework within a body."""

    page = "transforms"


class CheckpointError(ExplainedError, ValueError):
    """A file is damaged, of another format, or does not fit the model."""

    page = "state#saving-and-loading"
