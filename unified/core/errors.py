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
    """A layer, module or variable was asked for outside a function run by `unified.transform`.

    Call it in the body, or make a network of objects by `unified.nn`.

    >>> import unified as u
    >>> try:
    ...     u.Linear(2, 3)
    ... except u.NoActiveTransformError as error:
    ...     print("outside of a body")
    outside of a body
    """

    page = "body"


class NotInitializedError(ExplainedError, RuntimeError):
    """A model was called before its `init`, which finds its layers and gives them values.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.Linear(2, 3)(x), backend="torch")
    >>> try:
    ...     net(torch.ones(1, 2))
    ... except u.NotInitializedError:
    ...     print("call net.init(x) first")
    call net.init(x) first
    """

    page = "pytorch#before-init"


class StructureChangedError(ExplainedError, RuntimeError):
    """A call asked for something else at a path than `init` registered there.

    The body must declare the same layers in every call: the message says what was expected and found. A layer that only
    some calls need is made in each of them, and used in some.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.Linear(2, x.shape[0])(x), backend="torch").init(torch.ones(3, 2), rng=0)
    >>> try:
    ...     net(torch.ones(4, 2))
    ... except u.StructureChangedError:
    ...     print("another layer than in init")
    another layer than in init
    """

    page = "names#structure-is-fixed-by-init"


class BackendError(ExplainedError, RuntimeError):
    """A framework is missing, unknown, or was handed another framework's arrays.

    >>> import unified as u
    >>> try:
    ...     u.transform(abs, backend="tensorfloat")
    ... except u.BackendError as error:
    ...     print(str(error)[:37])
    there is no backend 'tensorfloat': ch
    """

    page = "numpy#which-framework"


class TransformBoundaryError(ExplainedError, RuntimeError):
    """A variable was made, or state set, inside a raw transform of the framework within a body.

    `jax.jit`, `torch.func.vmap` and the like cannot carry variables out of what they trace: `u.jit`, `u.vmap`, `u.scan`
    and the others can.

    >>> import jax, jax.numpy as jnp, unified as u
    >>> net = u.transform(lambda x: jax.vmap(lambda row: u.Linear(2, 3)(row))(x), backend="jax")
    >>> try:
    ...     net.init(jnp.ones((4, 2)), rng=0)
    ... except u.TransformBoundaryError:
    ...     print("use u.vmap")
    use u.vmap
    """

    page = "transforms"


class CheckpointError(ExplainedError, ValueError):
    """A file is damaged, of another format, or does not fit the model; also a `ValueError`.

    >>> import unified as u
    >>> try:
    ...     u.load("there_is_no_such_file.safetensors")
    ... except u.CheckpointError:
    ...     print("not there")
    not there
    """

    page = "state#saving-and-loading"
