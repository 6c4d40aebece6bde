"""Which traces the running thread is in, innermost last."""

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

import torch

__all__ = [
    "active",
    "current",
    "entered",
    "evaluating",
    "is_evaluating",
    "is_tracing",
    "level",
    "outside",
    "trace_state",
]


class _State(threading.local):
    def __init__(self) -> None:
        self.traces: tuple[Any, ...] = ()
        self.evaluating = False
        self.levels: tuple[object, ...] = ()


_state = _State()


def active() -> tuple[Any, ...]:
    """Return the running traces, innermost last."""
    return _state.traces


def current() -> Any:
    """Return the innermost trace; `None` outside of any, and under torch.compile, which traces by itself."""
    if torch.compiler.is_compiling():
        return None
    traces = _state.traces
    return traces[-1] if traces else None


def is_tracing() -> bool:
    """Return whether a trace is running in this thread."""
    return current() is not None


def trace_state() -> tuple[Any, ...]:
    """Return what tells one level of tracing and transforming from another: equal wherever they are the same.

    It is for `jax.core.get_opaque_trace_state`, by which libraries find that a module is used within a transform
    around which it was not made.
    """
    if torch.compiler.is_compiling():
        return (0,)
    return (torch._C._functorch.maybe_current_level(), *_state.traces, *_state.levels)


class level:  # noqa: N801
    """Run the block as within a transform that runs its function untraced here, as `checkpoint` and `pmap` do."""

    def __enter__(self) -> None:
        self.before = _state.levels
        if not torch.compiler.is_compiling():
            _state.levels = (*self.before, self)

    def __exit__(self, *error: Any) -> None:
        _state.levels = self.before


@contextlib.contextmanager
def entered(trace: Any) -> Iterator[None]:
    """Run the block within a trace."""
    before = _state.traces
    _state.traces = (*before, trace)
    try:
        yield
    finally:
        _state.traces = before


@contextlib.contextmanager
def outside() -> Iterator[None]:
    """Run the block as outside of all traces: nothing is recorded."""
    before = _state.traces
    _state.traces = ()
    try:
        with torch._C.DisableTorchFunction():
            yield
    finally:
        _state.traces = before


class evaluating:  # noqa: N801
    """Let arrays without values be computed with in the block, as outside of all traces."""

    def __enter__(self) -> None:
        self.before = _state.traces, _state.evaluating
        _state.traces, _state.evaluating = (), True

    def __exit__(self, *error: Any) -> None:
        _state.traces, _state.evaluating = self.before


def is_evaluating() -> bool:
    """Return whether arrays without values may be computed with."""
    return _state.evaluating
