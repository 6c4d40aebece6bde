"""`apply` while torch.compile traces it: `torch.func.functional_call`, which dynamo follows, in place of replicas.

What dynamo does not follow (structures, which are hashed) is computed while it traces, and kept by the model, where the
traced code reads it. It sees no versions of tensors, so that state of which it is not known is among the changes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import _NormBase

from unified.backends.torch.slots import variables_below
from unified.backends.torch.stateless import check_tensor, known_paths
from unified.core.errors import StructureChangedError
from unified.core.naming import check_known, lacking
from unified.core.params import Params
from unified.core.structure import Structure, VariableInfo

__all__ = ["apply_in_trace"]

TRACED = "_traced"  # the attribute of a model that holds what its traces read


class Traced:
    """What traces of a model read.

    Attributes:
        structure: that of its variables.
        states: the places of those that a call may write.
        written: the places of those that are among the changes of a call, by its mode.
        changes: the structures of these changes.
        known: the paths that a dict of params may have.
    """

    def __init__(self, model: Any) -> None:
        self.structure: Structure = model.params._structure
        infos = self.structure.infos
        self.states = [
            place
            for place, info in enumerate(infos)
            if info.collection != "params" and not (info.collection == "rng" and info.path.endswith("/key"))
        ]
        norms = {
            path
            for path, _, slot in variables_below(model)
            if isinstance(slot.module, _NormBase) and type(slot.module).__module__.startswith(("torch.", "unified."))
        }
        kept = norms if not model.__dict__.get("_has_moded") else ()
        self.written = {
            training: tuple(place for place in self.states if training or infos[place].path not in kept)
            for training in (False, True)
        }
        self.known = known_paths(self.structure, model)
        self.changes = {training: self.structure.select(places) for training, places in self.written.items()}

    def __reduce__(self) -> Any:
        return type(None), ()


def apply_in_trace(
    model: Any, params: Any, args: tuple[Any, ...], kwargs: dict[str, Any], training: bool
) -> tuple[Any, Params]:
    """Run the function of a model over `params`, as `apply` does, and return its output and changes."""
    _look_at(model)
    traced: Traced = model.__dict__[TRACED]
    tensors = [_tensor_of(params, info) for info in traced.structure.infos]
    for place in traced.states:
        tensors[place] = tensors[place].clone()
    if not isinstance(params, Params):
        check_known(params, traced.known, "this model", traced.structure.index)
    named = {info.path.replace("/", "."): tensor for info, tensor in zip(traced.structure.infos, tensors, strict=True)}
    with _mode(model, training):
        output = torch.func.functional_call(model, named, args, kwargs)
    changes = tuple(tensors[place].detach() for place in traced.written[training])
    return output, Params._make(traced.changes[training], changes)


def _tensor_of(params: Any, info: VariableInfo) -> torch.Tensor:
    """Return the tensor of a variable; raise as `tensors_for` does, which dynamo does not follow."""
    tensor = params.get(info.path)
    if tensor is None:
        raise StructureChangedError(f"this model asks for the variable {lacking(info.path, params)}")
    return check_tensor(info.path, tensor, info.shape)


def _look_at(model: Any) -> None:
    """Let the model keep what its traces read, as it is now."""
    model.__dict__[TRACED] = Traced(model)


_look_at._dynamo_marked_constant = True  # type: ignore[attr-defined]  # torch's compiler calls it


@contextmanager
def _mode(model: nn.Module, training: bool) -> Iterator[None]:
    """Set the mode of a model's modules for a call: the compiled code leaves it as it was."""
    others = [module for module in model.modules() if module.training is not training]
    for module in others:
        module.training = training
    try:
        yield
    finally:
        for module in others:
            module.training = not training
