"""Tensor parallelism: the variables of a model as `DTensor`s."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn
from torch.distributed.tensor import DTensor, Replicate, distribute_tensor
from torch.utils import _pytree as pytree

__all__ = ["distribute"]


def distribute(model: Any, mesh: Any, rules: Mapping[str, Any] | None = None) -> Any:
    """See `unified.distribute`."""
    params = model.params
    placements = params.shardings(mesh, rules)
    places = {id(tensor): placements[path] for path, tensor in params.items()}
    whole = (Replicate(),) * mesh.ndim
    made: dict[int, torch.Tensor] = {}  # a tensor that is there twice stays one
    for module in model.modules():
        for held in (module._parameters, module._buffers):
            for name, tensor in held.items():
                if tensor is None or isinstance(tensor, DTensor):
                    continue
                if id(tensor) not in made:
                    split: torch.Tensor = distribute_tensor(tensor.detach(), mesh, places.get(id(tensor), whole))
                    if isinstance(tensor, nn.Parameter):
                        split = nn.Parameter(split, requires_grad=tensor.requires_grad)
                    made[id(tensor)] = split
                held[name] = made[id(tensor)]

    def enter(module: nn.Module, args: Any, kwargs: Any) -> Any:
        return pytree.tree_map(lambda x: _everywhere(x, mesh, whole), (args, kwargs))

    def leave(module: nn.Module, args: Any, kwargs: Any, output: Any) -> Any:
        return pytree.tree_map(lambda x: x.full_tensor() if isinstance(x, DTensor) else x, output)

    model.register_forward_pre_hook(enter, with_kwargs=True)
    model.register_forward_hook(leave, with_kwargs=True)
    return model


def _everywhere(value: Any, mesh: Any, whole: Any) -> Any:
    """A plain tensor as a `DTensor` that every process has whole."""
    if isinstance(value, torch.Tensor) and not isinstance(value, DTensor):
        return DTensor.from_local(value, mesh, whole, run_check=False)
    return value
