"""Layers whose variables are those of all layers of a stack: what may change them, and how they are reset.

Such a layer is a real layer of `torch.nn`, but its tensors have an axis more than its code expects while no call runs.
Init marks it. A tool that adds tensors to it, or puts another layer in its place (parametrizations, pruning, adapters,
quantization), has taken the layers of the stack for one: the next call refuses that.
"""

import itertools
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch import nn

from unified.backends.torch.container import Container, modules_below, tensors_of
from unified.backends.torch.slots import Slot, hold, unbind, variables_below
from unified.core.errors import StructureChangedError
from unified.core.naming import join
from unified.core.stacks import StackedScope, stacks_over

__all__ = ["check_stacked", "cure", "mark_stacked", "slices_of"]

RESETS = ("reset_parameters", "_reset_parameters", "reset_running_stats")


class Stacked(NamedTuple):
    """The mark of a module whose variables are stacked.

    Attributes:
        sizes: the number of slices in each stack around it, the outermost first.
        axes: of each variable of its own, the positions of its stacks in `sizes` with its axis in each.
    """

    sizes: tuple[int, ...]
    axes: dict[str, tuple[tuple[int, int], ...]]


def mark_stacked(root: nn.Module, stacks: Mapping[str, StackedScope]) -> None:
    """Mark the modules below stacks, and let them reset their variables slice by slice."""
    if not stacks:
        return
    for path, module in modules_below(root):
        around = _stacks_around(path, stacks)
        if around:
            module.__dict__["_stacked"] = Stacked(tuple(stack.size for stack in around), {})
            for name in RESETS if not isinstance(module, Container) else ():
                if hasattr(type(module), name):
                    module.__dict__[name] = SliceBySlice(module, name)
            if isinstance(module, nn.RNNBase):
                module.__dict__["flatten_parameters"] = keep_parameters
    for path, collection, slot in variables_below(root):
        mark = slot.module.__dict__.get("_stacked")
        if mark is not None:
            positions = {stack.path: number for number, stack in enumerate(_stacks_around(path, stacks))}
            over = stacks_over(stacks, path, collection)
            mark.axes[slot.name] = tuple((positions[stack.path], axis) for stack, axis in over)


def keep_parameters() -> None:
    """Leave the weights of a stacked recurrent layer where they are: cuDNN lays out those of one layer alone."""


def _stacks_around(path: str, stacks: Mapping[str, StackedScope]) -> list[StackedScope]:
    """Return the stacks that a module or a variable is in, the outermost first."""
    around = [s for s in stacks.values() if not s.path or f"{path}/".startswith(f"{s.path}/")]
    return sorted(around, key=lambda stack: len(stack.path))


class SliceBySlice:
    """A method of a stacked layer that fills its variables, which runs once for each slice of them."""

    def __init__(self, layer: nn.Module, name: str) -> None:
        self.layer = weakref.ref(layer)  # no cycle, which would keep the tensors of a deleted model
        self.name = name

    def __reduce__(self) -> Any:
        return SliceBySlice, (self.layer(), self.name)

    def __call__(self) -> None:
        layer = self.layer()
        assert layer is not None  # the layer is what the method was asked of
        check_stacked(layer, layer.__dict__.get("_path", type(layer).__name__))
        slots = [slot for _, _, slot in variables_below(layer)]
        marks = [slot.module.__dict__["_stacked"] for slot in slots]
        with _as_one_layer(layer):
            for numbers in itertools.product(*map(range, marks[0].sizes if marks else ())):
                slices = [_slice_of(slot, mark, numbers) for slot, mark in zip(slots, marks, strict=True)]
                with hold(slots, slices):
                    getattr(layer, self.name)()


@contextmanager
def _as_one_layer(layer: nn.Module) -> Iterator[None]:
    """Let a layer and those within it have the methods of their classes."""
    removed = [
        (module, name, module.__dict__.pop(name))
        for module in layer.modules()
        for name in RESETS
        if type(module.__dict__.get(name)) is SliceBySlice
    ]
    try:
        yield
    finally:
        for module, name, method in removed:
            module.__dict__[name] = method


def _slice_of(slot: Slot, mark: Stacked, numbers: tuple[int, ...]) -> torch.Tensor:
    """Return a slice of a variable, which shares its memory."""
    tensor = slot.tensor.detach()
    for position, axis in mark.axes[slot.name]:
        tensor = tensor.select(axis, numbers[position])
    return nn.Parameter(tensor, requires_grad=False) if slot.tensors is slot.module._parameters else tensor


def check_stacked(node: nn.Module, path: str) -> None:
    """Raise `StructureChangedError` if a tool has changed a module below `node`, a stack or a layer of one."""
    for below, module in modules_below(node):
        mark = module.__dict__.get("_stacked")
        names = list(tensors_of(module))
        if mark is None:
            if names or _has_other_state(module):
                _refuse(join(path, below), type(module).__name__, sorted(names), "no such layer")
        elif len(names) != len(mark.axes) or not all(name in mark.axes for name in names):
            _refuse(join(path, below), type(module).__name__, sorted(names), f"the variables {sorted(mark.axes)}")


def _has_other_state(module: nn.Module) -> bool:
    """Return whether a module keeps state besides its tensors, as quantized layers do."""
    kind: Any = type(module)
    saves = kind._save_to_state_dict is not nn.Module._save_to_state_dict
    return not isinstance(module, Container) and (saves or kind.get_extra_state is not nn.Module.get_extra_state)


def _refuse(path: str, kind: str, names: list[str], expected: str) -> None:
    raise StructureChangedError(
        f"{path!r} ({kind}) is in a stack, and was changed: it has the tensors {names or 'none'}, and init registered "
        f"{expected}. The tensors of a stacked layer are those of all layers at once, so that parametrizations, "
        f"pruning, adapters and quantization would take them for one: {cure()}"
    ).with_page("pytorch#what-differs-and-why")


def slices_of(slot: Slot) -> Any:
    """Return the slices of a stacked variable; raise if a tool has put a tensor there that has none."""
    try:
        return unbind(slot)
    except NotImplementedError as error:
        raise StructureChangedError(
            f"{slot.name!r} of a stacked {type(slot.module).__name__} is now a {type(slot.tensor).__name__}, which "
            f"cannot be sliced: {cure()}"
        ).with_page("pytorch#what-differs-and-why") from error


def cure() -> str:
    """Return what to do where a stack cannot be one module."""
    return (
        "give each layer a module of its own, by unified.transform(..., stacks='separate') or layer_stack(..., "
        "stacked=False); for unified.scan and unified.vmap with variable_axes=, write the layers in a Python loop"
    )
