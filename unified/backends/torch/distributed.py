"""Tensor parallelism: a model with `DTensor`s as its variables."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn
from torch.distributed.tensor import DTensor, Replicate, distribute_tensor
from torch.utils import _pytree as pytree

__all__ = ["distribute"]


def distribute(model: Any, mesh: Any, rules: Mapping[str, Any] | None = None) -> Any:
    """Split the variables of a model over the devices of a mesh; see `unified.distribute`."""
    params = model.params
    placements = params.shardings(mesh, rules)
    placement_of = {id(tensor): placements[path] for path, tensor in params.items()}
    replicated = (Replicate(),) * mesh.ndim
    dtensors: dict[int, torch.Tensor] = {}  # by the id of the tensor: a shared tensor stays shared
    for module in model.modules():
        for tensors in (module._parameters, module._buffers):
            for name, tensor in tensors.items():
                if tensor is None or isinstance(tensor, DTensor):
                    continue
                if id(tensor) not in dtensors:
                    placement = placement_of.get(id(tensor), replicated)
                    dtensor: torch.Tensor = distribute_tensor(tensor.detach(), mesh, placement)
                    if isinstance(tensor, nn.Parameter):
                        dtensor = nn.Parameter(dtensor, requires_grad=tensor.requires_grad)
                    dtensors[id(tensor)] = dtensor
                tensors[name] = dtensors[id(tensor)]

    def enter(module: nn.Module, args: Any, kwargs: Any) -> Any:
        return pytree.tree_map(lambda x: _replicate(x, mesh, replicated), (args, kwargs))

    def leave(module: nn.Module, args: Any, kwargs: Any, output: Any) -> Any:
        return pytree.tree_map(lambda x: x.full_tensor() if isinstance(x, DTensor) else x, output)

    model.register_forward_pre_hook(enter, with_kwargs=True)
    model.register_forward_hook(leave, with_kwargs=True)
    return model


def _replicate(value: Any, mesh: Any, replicated: Any) -> Any:
    """Return a plain tensor as a `DTensor` that is replicated on every process; any other value as it is."""
    if isinstance(value, torch.Tensor) and not isinstance(value, DTensor):
        return DTensor.from_local(value, mesh, replicated, run_check=False)
    return value
