"""Tensors that a transform of the body puts in place of variables while its subfunction runs: slices and copies."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import torch
from torch import nn

from unified.backends.torch.frame import Snapshot, TorchFrame
from unified.backends.torch.slots import Slot, hold, variables_below
from unified.backends.torch.stacked import check_stacked
from unified.core.stacks import StackedScope

__all__ = ["recompute", "stacked_slots", "store_state", "substitute", "substitute_copies"]


def stacked_slots(frame: TorchFrame, stack: StackedScope | None) -> list[Slot]:
    """Return the slots of the variables that are stacked; a layer that a container holds twice counts once."""
    if stack is None:
        return []
    node = frame.node_at(stack.path)
    check_stacked(node, stack.path)
    # By modules, not by the ids of their dicts: torch.compile would guard on those, and compile each model anew.
    slots: dict[tuple[nn.Module, str], Slot] = {}
    for path, collection, slot in variables_below(node, stack.path):
        axis = stack.axis(path, collection)
        if axis is not None:
            stack.check(path, tuple(slot.tensor.shape), axis)
            slots[slot.module, slot.name] = slot._replace(axis=axis)
    return list(slots.values())


@contextmanager
def substitute(frame: TorchFrame, slots: list[Slot], tensors: list[torch.Tensor]) -> Iterator[None]:
    """Hold these tensors in the slots, and note it in the frame for parts of the body that are recomputed."""
    outer = frame.substitutions
    frame.substitutions = (*outer, (slots, tensors))
    try:
        with hold(slots, tensors):
            yield
    finally:
        frame.substitutions = outer


@contextmanager
def substitute_copies(frame: TorchFrame, slots: list[Slot]) -> Iterator[None]:
    """Hold copies of the variables in their slots: what is written there is dropped."""
    with substitute(frame, slots, [slot.tensor.clone() for slot in slots]):
        yield


@contextmanager
def recompute(frame: TorchFrame, snapshot: Snapshot) -> Iterator[None]:
    """Run a part of the body again as it ran at `snapshot`, with the tensors that were in the slots then."""
    with ExitStack() as stack:
        for slots, tensors in snapshot.substitutions:
            stack.enter_context(substitute(frame, slots, tensors))
        stack.enter_context(frame.rerun(snapshot))
        stack.enter_context(substitute_copies(frame, frame.layer_buffers()))
        yield


def store_state(frame: TorchFrame, stack: StackedScope) -> None:
    """Store the state that one step or element set in the stacked scope, while the slots hold its slices."""
    for path in [path for path in frame.written if path.startswith(f"{stack.path}/")]:
        state, value = frame.written.pop(path)
        state.copy_(value)
