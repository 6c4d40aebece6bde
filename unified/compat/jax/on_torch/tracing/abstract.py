"""Arrays without values, torch's fake tensors, which stand for real ones during a trace."""

import threading
from typing import Any, NamedTuple

import torch
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode

from unified.compat.jax.on_torch.errors import UnexpectedTracerError
from unified.compat.jax.on_torch.tracing import state

__all__ = ["Abstract", "abstract_of", "fresh", "is_tracer", "mode"]


class Abstract(NamedTuple):
    """What a trace knows of an array."""

    shape: tuple[int, ...]
    dtype: torch.dtype
    device: torch.device


class _Mode(FakeTensorMode):
    """Arrays without values that raise where they are used outside of a trace."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if not state.is_evaluating():
            raise UnexpectedTracerError(
                f"a traced array was used by {func} outside of the trace that made it. A function under jax.jit, or "
                "the body of a loop, returns what is needed later: it must not be kept in a variable of Python"
            )
        return super().__torch_dispatch__(func, types, args, kwargs)


class _Modes(threading.local):
    def __init__(self) -> None:
        self.mode: _Mode | None = None


_modes = _Modes()


def mode() -> FakeTensorMode:
    """Return the mode of this thread."""
    if _modes.mode is None:
        _modes.mode = _Mode()
    return _modes.mode


def is_tracer(value: Any) -> bool:
    """Return whether a tensor stands for a value that is not known: what `isinstance(x, jax.core.Tracer)` asks."""
    return type(value) is FakeTensor and isinstance(value.fake_mode, _Mode)


def abstract_of(value: torch.Tensor | Abstract) -> Abstract:
    return Abstract(tuple(value.shape), value.dtype, value.device)


def fresh(what: Abstract) -> torch.Tensor:
    """Return a new array without values."""
    with state.evaluating(), torch._C.DisableTorchFunction():
        return FakeTensor(mode(), torch.empty(what.shape, dtype=what.dtype, device="meta"), what.device)
