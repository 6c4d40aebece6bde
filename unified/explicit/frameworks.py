"""Whose arrays a call is on: those of its params, else of its inputs."""

from typing import Any

from unified.core import backends
from unified.core.errors import BackendError
from unified.core.params import Params
from unified.core.protocol import Backend

__all__ = ["backend_of", "check_inputs"]


def backend_of(params: Params, inputs: tuple[Any, ...] = ()) -> Backend:
    """Return the backend of the arrays among params, or else the one they name, that of the inputs, or the default."""
    for value in params.values():
        found = backends.of_array(value)
        if found is not None:
            return found
    if params.framework is not None:
        return backends.load(params.framework)
    for value in inputs:
        found = backends.of_array(value)
        if found is not None:
            return found
    return backends.load(backends.default_name())


def check_inputs(path: str, backend: Backend, inputs: tuple[Any, ...]) -> None:
    """Raise `BackendError` for an input of another framework than that of the params."""
    for value in inputs:
        found = backends.of_array(value)
        if found is not None and found is not backend:
            raise BackendError(
                f"{path!r} was called with an array of {found.name}, and the params are of {backend.name}: convert the "
                f"input, or the params by params.to({found.name!r})"
            ).with_page("explicit")
