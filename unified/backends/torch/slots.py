"""`Slot`: a place where a module holds a variable, and where it can hold another tensor for a while."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch import nn

from unified.backends.torch.container import modules_below
from unified.backends.torch.moded import may_write
from unified.core.naming import join

__all__ = ["Slot", "buffer_slots", "hold", "unbind", "variables_below", "written_by_layer"]


class Slot(NamedTuple):
    """A place where a module holds a variable.

    Attributes:
        module: the module.
        tensors: its parameters or its buffers, by name.
        name: the key of the variable in `tensors`.
        tensor: the variable, also while the slot holds another tensor.
        axis: the axis along which a transform stacks the variable.
    """

    module: nn.Module
    tensors: dict[str, Any]
    name: str
    tensor: torch.Tensor
    axis: int = 0


def variables_below(module: nn.Module, path: str = "") -> Iterator[tuple[str, str, Slot]]:
    """Yield the path, the collection and the slot of each variable at and below a module, in `state_dict`'s order.

    A shared tensor is yielded once for each slot that holds it.
    """
    for scope, owner in modules_below(module, path):
        record = owner.__dict__.get("_record")
        groups: Any = (
            ("params", owner._parameters),
            ("rng" if scope == "rng" or scope.startswith("rng/") else "state", owner._buffers),
        )
        for collection, tensors in groups:
            for name, tensor in tensors.items():
                if tensor is not None:
                    variable = None if record is None else record.variables.get(name)
                    slot = Slot(owner, tensors, name, tensor)
                    yield join(scope, name), collection if variable is None else variable.collection, slot


def buffer_slots(names: Iterable[tuple[nn.Module, str]]) -> list[Slot]:
    """Return the slots of buffers, from the module and the name of each; a name without a tensor has no slot."""
    tensors = [(module, name, module._buffers[name]) for module, name in names]
    return [Slot(module, module._buffers, name, tensor) for module, name, tensor in tensors if tensor is not None]


@contextmanager
def hold(slots: list[Slot], tensors: list[torch.Tensor]) -> Iterator[None]:
    """Hold these tensors in the slots."""
    before = [slot.tensors[slot.name] for slot in slots]
    try:
        for slot, tensor in zip(slots, tensors, strict=True):
            slot.tensors[slot.name] = tensor
        yield
    finally:
        for slot, tensor in zip(slots, before, strict=True):
            slot.tensors[slot.name] = tensor


def written_by_layer(slot: Slot) -> bool:
    """Return whether a layer may write to the tensor in its slot."""
    return "_record" not in slot.module.__dict__ and slot.tensors is slot.module._buffers and may_write(slot.module)


def unbind(slot: Slot) -> Any:
    """Return the slices of a stacked variable; those of state are views, so that writes reach the stack."""
    if slot.tensors is slot.module._parameters:
        return slot.tensor.unbind(slot.axis)
    if slot.axis and "_record" not in slot.module.__dict__ and not slot.module.training:
        # torch 2.13's gradient of batch_norm in evaluation reads past statistics that are not contiguous.
        return slot.tensor.movedim(slot.axis, 0).contiguous().unbind(0)
    return [slot.tensor.select(slot.axis, index) for index in range(slot.tensor.shape[slot.axis])]
