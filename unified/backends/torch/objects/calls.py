"""What objects of `unified.nn` offer on torch besides the methods of `torch.nn.Module`: params and pure calls."""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import nn

from unified.backends.torch.first_values import first_values
from unified.backends.torch.objects.lazy import LazyLayer
from unified.backends.torch.objects.pending import declare, settle
from unified.backends.torch.replica import replicate
from unified.backends.torch.replicas import Replica, take
from unified.backends.torch.stateless import check_paths, check_plain, tensors_for, watching_statistics
from unified.core.capture import Capture, check_captured
from unified.core.dtypes import dtype_name
from unified.core.filters import Filter, not_
from unified.core.keys import check_random_state
from unified.core.naming import join
from unified.core.params import Params
from unified.core.structure import Structure, VariableInfo

__all__ = ["apply", "as_tensor", "copy_with", "load_params", "params_of", "settled_at", "sow", "variables", "walk"]


def walk(module: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """Yield each module once, with the path of the first attributes that lead to it, in torch's order."""
    for name, inner in module.named_modules():
        yield name.replace(".", "/"), inner


def variables(module: nn.Module) -> list[tuple[VariableInfo, torch.Tensor]]:
    """Return the variables of a module with their infos, in the order of `state_dict`; a shared tensor once."""
    found: dict[int, tuple[VariableInfo, torch.Tensor]] = {}
    for path, inner in walk(module):
        collections: Any = inner.__dict__.get("_collections", {})
        notes: Any = inner.__dict__.get("_variable_metadata", {})
        for tensors, default in ((inner._parameters, "params"), (inner._buffers, "state")):
            for name, tensor in tensors.items():
                if tensor is None or id(tensor) in found:
                    continue
                collection = collections.get(name, "rng" if path == "rng" and default == "state" else default)
                trainable = default == "params" and tensor.requires_grad
                metadata = notes.get(name, {})
                if default == "state" and name in inner._non_persistent_buffers_set:
                    metadata = {**metadata, "persistent": False}
                info = VariableInfo(
                    join(path, name), tuple(tensor.shape), dtype_name(tensor.dtype), collection, trainable, metadata
                )
                found[id(tensor)] = info.fixed(), tensor
    return list(found.values())


def params_of(module: nn.Module) -> Params:
    """The variables of the module as `Params`, which share its memory."""
    return Params._of(variables(module))


def load_params(module: Any, params: Mapping[str, Any]) -> Any:
    """Copy the values of `params`, all of the module's variables, into it; return the module.

    The state of random numbers stays as it is if `params` have none.

    Raises `KeyError` for missing or unexpected paths, and `ValueError` for another shape.
    """
    own = params_of(module)
    params = Params(params)
    check_paths(own.filter(not_("rng/*")), params)
    fitted = own.update({path: params[path] for path in own if path in params})
    with torch.no_grad():
        for path, tensor in own.items():
            value = fitted[path]
            if value is not tensor:
                tensor.copy_(value)
    frozen = {path: info.trainable for path, info in params.info.items()}
    for path, info in own.info.items():
        if path in frozen and info.collection == "params" and own[path].is_leaf and own[path].is_floating_point():
            own[path].requires_grad_(frozen[path])
    return module


def as_tensor(value: Any) -> torch.Tensor:
    """Return an array of any framework as a tensor; NumPy's float64 in torch's default dtype."""
    if isinstance(value, torch.Tensor):
        return value
    host = np.asarray(value)
    tensor = torch.from_numpy(host.copy())
    return tensor.to(torch.get_default_dtype()) if host.dtype == np.float64 else tensor


def settled_at(module: nn.Module, name: str, variable: Any) -> torch.Tensor:
    """Return a variable that was declared outside of a constructor as a tensor with its first value in `module`."""
    place = module.__dict__.get("_place")
    tensor = declare(variable.pending)
    if place is not None:
        (value,) = first_values(place.key, [variable.pending.first_value(join(place.path, name))])
        settle(tensor, value)
    return tensor


def sow(module: Any, name: str, value: Any) -> None:
    """Keep an intermediate value as `<path>/<name>` in the collection `intermediates`, until `nn.pop` takes it."""
    collections = module.__dict__.setdefault("_collections", {})
    if name not in collections:
        nn.Module.register_buffer(module, name, value, persistent=False)
        collections[name] = "intermediates"
    module._buffers[name] = value


def apply(
    module: Any, params: Any, *args: Any, training: bool = False, capture: Filter | None = None, **kwargs: Any
) -> Any:
    """Call the module purely over `params`: `(output, changes)`.

    `capture`, a filter of paths, adds the outputs of modules to the changes, in the collection `intermediates`.
    """
    given, params = params, Params(params)
    check_random_state(params)
    replica = take(module, lambda: _replica(module)) if capture is None else _replica(module)
    tensors = tensors_for(replica.variables, params)
    check_plain(given, replica.variables, module)
    for place in replica.states:
        tensors[place] = tensors[place].clone()
    versions = {place: tensors[place]._version for place in replica.states}
    captured = None if capture is None else _capturing(replica.root, Capture(capture, lambda path, what: None))
    states = [tensors[place] for place in replica.states]
    with replica.filled(tensors, training), watching_statistics(states) as written:
        output = replica.root(*args, **kwargs)
    written_places = [p for p in replica.states if tensors[p]._version != versions[p] or id(tensors[p]) in written]
    if replica.holds(tensors):
        values = tuple(tensors[place].detach() for place in written_places)
        changes = Params._make(replica.variables.select(tuple(written_places)), values)
    else:
        changes = _changes(replica, tensors, written_places)
    replica.release()
    if captured is None or capture is None:
        return output, changes
    check_captured(capture, [captured])
    return output, changes | captured.params()


def _replica(module: nn.Module) -> Replica[nn.Module]:
    """Return a replica of a module for one call over other tensors."""
    for inner in module.modules():
        if isinstance(inner, LazyLayer):
            inner._refuse()
    root = replicate(module)
    return Replica(root, params_of(root))


def _capturing(replica: nn.Module, captured: Capture) -> Capture:
    """Let the modules of a replica, which is called once, report their outputs."""

    def hook(path: str) -> Any:
        return lambda module, args, kwargs, output: captured.record_call(path, (*args, *kwargs.values()), output)

    for path, inner in walk(replica):
        inner.register_forward_hook(hook(path), with_kwargs=True)
    return captured


def _changes(replica: Replica[nn.Module], tensors: list[torch.Tensor], written: list[int]) -> Params:
    """Return the state that a call wrote in place or by assignment, or added."""
    infos = replica.variables.infos
    now = {info.path: (info, tensor) for info, tensor in variables(replica.root)}
    changes = []
    for place in replica.states:
        tensor = now[infos[place].path][1]
        if tensor is not tensors[place] or place in written:
            changes.append((infos[place], tensor.detach()))
    paths = tuple(info.path for info in infos)
    added = [(info, tensor) for path, (info, tensor) in now.items() if path not in replica.variables.index]
    result = Params._make(
        Structure.of(tuple(info for info, _ in changes), paths), tuple(tensor for _, tensor in changes)
    )
    return result.added(added) if added else result


def copy_with(module: nn.Module, values: Mapping[str, Any]) -> nn.Module:
    """Return a copy of a module with other tensors for some variables, which may belong to a transform of "
    "torch.func."""
    twin = copy.deepcopy(module)
    for path, value in values.items():
        scope, _, name = path.rpartition("/")
        owner = twin.get_submodule(scope.replace("/", "."))
        given = as_tensor(value)
        old = {**owner._parameters, **owner._buffers}[name]
        assert old is not None
        if given.is_leaf and not torch._C._functorch.is_functorch_wrapped_tensor(given):
            with torch.no_grad():
                old.copy_(given)
        else:  # gradients flow to it
            new = given.clone()
            for inner in twin.modules():  # all names of a variable that is tied
                for group in (inner._parameters, inner._buffers):
                    for key, tensor in group.items():
                        if tensor is old:
                            group[key] = new  # type: ignore[assignment]
    return twin
