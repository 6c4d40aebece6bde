"""Arrays without values, torch's fake tensors, which stand for real ones during a trace."""

import contextlib
import threading
from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode

from unified.compat.jax.on_torch.errors import UnexpectedTracerError
from unified.compat.jax.on_torch.tracing import state

__all__ = ["Abstract", "Effects", "abstract_of", "effects_of", "fresh", "is_tracer", "memory_of", "mode"]


class Abstract(NamedTuple):
    """What a trace knows of an array."""

    shape: tuple[int, ...]
    dtype: torch.dtype
    device: torch.device


class Effects:
    """What the operators of a call do besides returning results.

    Attributes:
        draws: whether they draw random numbers.
        written: the memory that they write to, as `memory_of` names it.
        reshaped: the memory of arrays whose shape they change in place.
    """

    def __init__(self) -> None:
        self.draws = False
        self.written: set[int] = set()
        self.reshaped: set[int] = set()

    def note(self, func: Any, args: Any, kwargs: Any) -> None:
        """Note what an operator does, as its schema and its tags say."""
        tags = getattr(func, "tags", ())
        self.draws |= torch.Tag.nondeterministic_seeded in tags
        schema = getattr(func, "_schema", None)
        if schema is None or not schema.is_mutable:
            return
        for place, argument in enumerate(schema.arguments):
            if argument.alias_info is not None and argument.alias_info.is_write:
                value = args[place] if place < len(args) else kwargs.get(argument.name)
                tensors = value if isinstance(value, (tuple, list)) else (value,)
                memories = [memory_of(each) for each in tensors if isinstance(each, torch.Tensor)]
                self.written.update(memories)
                if torch.Tag.inplace_view in tags:
                    self.reshaped.update(memories)


def memory_of(value: torch.Tensor) -> int:
    """Return a name of the memory in which an array is, which its views share."""
    with torch._C.DisableTorchFunction():
        return int(value.untyped_storage()._cdata) if value.layout is torch.strided else -id(value)


class _Mode(FakeTensorMode):
    """Arrays without values that raise where they are used outside of a trace."""

    effects: Effects | None = None

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if not state.is_evaluating():
            raise UnexpectedTracerError(
                f"a traced array was used by {func} outside of the trace that made it. A function under jax.jit, or "
                "the body of a loop, returns what is needed later: it must not be kept in a variable of Python"
            )
        if self.effects is not None:
            self.effects.note(func, args, kwargs or {})
        return super().__torch_dispatch__(func, types, args, kwargs)


@contextlib.contextmanager
def effects_of() -> Iterator[Effects]:
    """Compute with arrays without values in the block, and note what that does."""
    fake = mode()
    before, fake.effects = fake.effects, Effects()
    try:
        with state.evaluating(), torch._C.DisableTorchFunction(), fake:
            yield fake.effects
    finally:
        fake.effects = before


class _Modes(threading.local):
    def __init__(self) -> None:
        self.mode: _Mode | None = None


_modes = _Modes()


def mode() -> _Mode:
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
