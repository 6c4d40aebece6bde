"""Which framework runs: that of the transformed function around a call, else that of the arrays it is given.

`use_backend(backend)` is where `hk.transform`, `jax.grad` and the others run what they are given. A model of
`unified.transform` counts as well. Outside of all of these the arguments decide, and without arrays among them the
default backend does, as for `unified.functional`.
"""

import threading
from collections.abc import Iterator
from types import TracebackType
from typing import Any

from unified.compat.jax.array import is_on_torch
from unified.core import backends
from unified.core.protocol import Backend
from unified.core.scope import current

__all__ = ["active_backend", "backend_for", "use_backend"]


class _Active(threading.local):
    def __init__(self) -> None:  # on each thread; `torch.compile` guards that the attribute is the object's own
        self.backend: Backend | None = None


_active = _Active()


class use_backend:  # noqa: N801
    """Make `backend` the active one within the block."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def __enter__(self) -> None:
        self.before = _active.backend
        _active.backend = self.backend

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _active.backend = self.before


def active_backend() -> Backend | None:
    """Return the backend of the transformed function that is running, or `None`."""
    backend = _active.backend
    if backend is not None:
        return backend
    scope = current.scope
    return None if scope is None else scope.frame.backend


def backend_for(*values: Any) -> Backend:
    """Return the active backend, else that of the first array in these trees, else the default one."""
    backend = active_backend()
    if backend is not None:
        return backend
    for leaf in _leaves(values):
        owner = _owner(leaf)
        if owner is not None:
            return owner
    return backends.load(backends.default_name())


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _leaves(item)
    else:
        yield value


PLAIN = frozenset({int, float, bool, str, complex, type(None), slice, type(...)})


def _owner(leaf: Any) -> Backend | None:
    if type(leaf) in PLAIN or isinstance(leaf, type):
        return None
    if is_on_torch(type(leaf)):
        return backends.load("torch")
    return backends.of_array(leaf)
