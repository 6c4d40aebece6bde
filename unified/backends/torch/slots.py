"""Tensors that stand in modules for a while: slices of what is stacked, copies, and what stood there before."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

import torch
from torch import nn

from unified.backends.torch.frame import TorchFrame, variables_below
from unified.core.stacks import StackedScope

__all__ = [
    "Slot",
    "again",
    "copied",
    "holding",
    "is_written",
    "layer_buffers",
    "set_by_body",
    "slices_of",
    "stacked_slots",
    "store",
]


class Slot(NamedTuple):
    """Where a module holds a tensor."""

    module: nn.Module
    held: dict[str, Any]
    name: str
    tensor: torch.Tensor
    axis: int  # along which it is stacked


def stacked_slots(frame: TorchFrame, stack: StackedScope | None) -> list[Slot]:
    """The tensors that are stacked; one in a layer that a container has twice is there once."""
    found: dict[tuple[int, str], Slot] = {}
    if stack is None:
        return []
    for path, collection, module, held, name, tensor in variables_below(frame.node_at(stack.path), stack.path):
        axis = stack.axis(path, collection)
        if axis is not None:
            stack.check(path, tuple(tensor.shape), axis)
            found[id(held), name] = Slot(module, held, name, tensor, axis)
    return list(found.values())


@contextmanager
def holding(frame: TorchFrame, slots: list[Slot], tensors: list[torch.Tensor]) -> Iterator[None]:
    """Within it `tensors` stand in the slots."""
    outer = frame.holding
    frame.holding = (*outer, (slots, tensors))
    before = [slot.held[slot.name] for slot in slots]
    try:
        for slot, tensor in zip(slots, tensors, strict=True):
            slot.held[slot.name] = tensor
        yield
    finally:
        frame.holding = outer
        for slot, tensor in zip(slots, before, strict=True):
            slot.held[slot.name] = tensor


@contextmanager
def again(frame: TorchFrame, before: tuple[Any, ...], held: Any) -> Iterator[None]:
    """Within it a part of the body runs again, among the tensors that stood in the modules then."""
    with ExitStack() as stack:
        for slots, tensors in held:
            stack.enter_context(holding(frame, slots, tensors))
        stack.enter_context(frame.again(before))
        stack.enter_context(copied(frame, layer_buffers(frame)))
        yield


def store(frame: TorchFrame, stack: StackedScope) -> None:
    """Stores the state of a lane that was set."""
    for path in [path for path in frame.written if path.startswith(f"{stack.path}/")]:
        state, value = frame.written.pop(path)
        state.copy_(value)


def is_written(slot: Slot) -> bool:
    """Whether a layer may change the tensor in its slot."""
    return "_record" not in slot.module.__dict__ and slot.held is slot.module._buffers and slot.module.training


def layer_buffers(frame: TorchFrame) -> list[Slot]:
    """The buffers that layers may change in a call that trains."""
    return _slots(frame.set_by_layers()) if frame.training else []


def set_by_body(frame: TorchFrame) -> list[Slot]:
    """The buffers that `set_state` may change."""
    return _slots(frame.set_by_body())


def _slots(owned: list[tuple[nn.Module, str]]) -> list[Slot]:
    found = [(module, name, module._buffers[name]) for module, name in owned]
    return [Slot(module, module._buffers, name, tensor, 0) for module, name, tensor in found if tensor is not None]


@contextmanager
def copied(frame: TorchFrame, slots: list[Slot]) -> Iterator[None]:
    """Within it copies stand in the slots, whose tensors stay as they are."""
    with holding(frame, slots, [slot.tensor.clone() for slot in slots]):
        yield


def slices_of(slot: Slot) -> Any:
    """The slices of a stacked tensor; of state they are views that may be written."""
    if slot.held is slot.module._parameters:
        return slot.tensor.unbind(slot.axis)
    if slot.axis and "_record" not in slot.module.__dict__ and not slot.module.training:
        # torch 2.13's gradient of batch_norm in evaluation reads past statistics that are not contiguous.
        return slot.tensor.movedim(slot.axis, 0).contiguous().unbind(0)
    return [slot.tensor.select(slot.axis, lane) for lane in range(slot.tensor.shape[slot.axis])]
