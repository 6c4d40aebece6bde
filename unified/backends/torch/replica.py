"""Replicas of a module tree: modules of their own over other tensors, for calls that must not disturb each other.

A replica shares everything with its original but the dicts of parameters, buffers, submodules and hooks, as those of
`torch.nn.DataParallel` do. What a call puts there, in its own thread, no other call sees.
"""

import copy
import functools
import threading
import types
import weakref
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import torch
from torch import nn

from unified.backends.torch.container import Container
from unified.backends.torch.fingerprint import ATTRIBUTES, HOOK_FLAGS, HOOKS, KEPT
from unified.backends.torch.shadow import Shadowed, shadow

__all__ = ["collect_weights", "free_tree", "held_by", "idle", "replicate", "set_mode", "settled"]

ModuleT = TypeVar("ModuleT", bound=nn.Module)

OWN = frozenset({"_fn", "_record", "_example", "_metadata", "_mode", "_policies", "_capturing"})  # of our own modules

PLAIN = frozenset({bool, int, float, complex, str, bytes, type(None), torch.dtype, torch.device, torch.Size})

# The tensors that modules hold between calls, by the id of the dict that holds them.
Held = Mapping[int, dict[str, torch.Tensor | None]]


def replicate(model: ModuleT, held: Held | None = None) -> ModuleT:
    """Return a replica of `model` that holds the same tensors.

    References to its modules in plain attributes, such as lists of layers and bound methods, refer to their replicas.
    `held` says what the modules hold while a call has other tensors there.
    """
    replicas: dict[int, Any] = {}
    modules = list(model.modules())
    for module in modules:
        replicas[id(module)] = _begin(module)
    for module in modules:
        replica = replicas[id(module)]
        if not isinstance(module, torch.jit.ScriptModule):
            _complete(module, replica, replicas)
        for group in ("_parameters", "_buffers"):
            original, tensors = getattr(module, group), getattr(replica, group)
            for name, tensor in (original if held is None else held[id(original)]).items():
                if tensor is not None:
                    tensors[name] = tensor
        if isinstance(replica, nn.RNNBase):
            collect_weights(replica)
    root = replicas[id(model)]
    root.__dict__["_is_replica"] = True
    return root


def collect_weights(module: nn.RNNBase) -> None:
    """Let a recurrent layer of torch compute with the parameters that it holds now."""
    tensors = {**module._parameters, **module.__dict__}
    module._flat_weights = [tensors.get(name) for name in module._flat_weights_names]


_guard = threading.Lock()  # held only to note what modules hold
_in_use: dict[int, Held] = {}  # the trees that a call is changing, by the id of the dict of the root's submodules


def _held(model: nn.Module) -> Held:
    """Return what the modules of a tree hold, which no call is changing."""
    groups = [group for module in model.modules() for group in (module._parameters, module._buffers)]
    return {id(group): dict(group) for group in groups}


@contextmanager
def free_tree(model: ModuleT) -> Iterator[ModuleT]:
    """Yield `model` to a call that puts other tensors into its modules; a replica if another call is doing so.

    The first call uses the modules themselves, because hooks and wrappers of the user may depend on which they are.
    """
    key = id(model._modules)
    with _guard:
        held = _in_use.get(key)
        if held is None:
            _in_use[key] = _held(model)
    if held is not None:
        yield replicate(model, held=held)
        return
    try:
        yield model
    finally:
        with _guard:
            del _in_use[key]


@contextmanager
def idle(model: nn.Module) -> Iterator[bool]:
    """Yield whether no call has put other tensors into the modules of a tree; none does so meanwhile."""
    with _guard:
        yield not any(id(model._parameters) in held for held in _in_use.values())


def held_by(model: nn.Module) -> Held:
    """Return the variables of a model, whose modules may hold other tensors during calls."""
    with _guard:
        trees = (held for held in _in_use.values() if id(model._parameters) in held)  # `model` may be a part of one
        return next(trees, None) or _held(model)


def settled(model: ModuleT) -> ModuleT:
    """Return a replica that holds the variables of a model, whose modules may hold other tensors during calls."""
    return replicate(model, held=held_by(model))


def set_mode(replica: nn.Module, training: bool) -> None:
    """Set the mode of all modules of a replica, without the `train` methods."""
    for module in replica.modules():
        module.__dict__["training"] = training


def _begin(module: nn.Module) -> nn.Module:
    """Return a replica without members yet."""
    if isinstance(module, torch.jit.ScriptModule):
        return copy.deepcopy(module)  # its state is in C++
    return object.__new__(type(module))


def _complete(module: nn.Module, replica: nn.Module, replicas: dict[int, Any]) -> None:
    """Give a replica the attributes of its module, and the replicas of the modules below it."""
    attributes = module.__dict__.copy()
    attributes["_parameters"], attributes["_buffers"] = module._parameters.copy(), module._buffers.copy()
    attributes.pop("_replaced", None)  # by a running call with a policy
    attributes.pop("_compiled_call_impl", None)  # which calls the module itself
    attributes.pop(KEPT, None)  # replicas of the module
    if "_owner" in attributes:
        attributes["_owner"] = _redirect(attributes["_owner"], replicas, set())
    submodules = module._modules
    attributes["_modules"] = {
        name: None if child is None else replicas[id(child)] for name, child in submodules.items()
    }
    is_known = isinstance(module, Container) or type(module).__module__.startswith("torch.nn.modules")
    if not is_known or "forward" in attributes:  # which a library has put there
        for name, value in attributes.items():
            if name not in ATTRIBUTES and name not in OWN and type(value) not in PLAIN:
                attributes[name] = _redirect(value, replicas, set())
    for name in HOOKS:
        hooks = attributes[name]
        attributes[name] = type(hooks)((key, _redirect(hook, replicas, set())) for key, hook in hooks.items())
    for name in HOOK_FLAGS:
        attributes[name] = attributes[name].copy()
    replica.__dict__.update(attributes)
    if any(type(value) is Shadowed for value in attributes.values()):
        shadow(replica)  # which refers to the replica's own layers


def _redirect(value: Any, replicas: dict[int, Any], seen: set[int]) -> Any:
    """Return `value` with replicas in place of the modules in it; `value` itself if there are none."""
    if type(value) in PLAIN or isinstance(value, (torch.Tensor, type, types.ModuleType, types.BuiltinFunctionType)):
        return value
    if isinstance(value, nn.Module):
        return replicas.get(id(value), value)
    if id(value) in seen:
        return value
    seen.add(id(value))

    def each(values: Iterable[Any]) -> list[Any] | None:
        """Return the redirected values; `None` if no value changes."""
        before = list(values)
        after = [_redirect(item, replicas, seen) for item in before]
        return None if all(new is old for new, old in zip(after, before, strict=True)) else after

    if isinstance(value, dict):
        items = each(value.values())
        return value if items is None else _refilled(value, zip(value, items, strict=True))
    if isinstance(value, (list, tuple, set, frozenset)):
        items = each(value)
        if items is None:
            return value
        return value._make(items) if hasattr(value, "_make") else type(value)(items)
    if isinstance(value, types.MethodType):
        owner = _redirect(value.__self__, replicas, seen)
        return value if owner is value.__self__ else types.MethodType(value.__func__, owner)
    if isinstance(value, weakref.ref):
        referent = value()
        replica = _redirect(referent, replicas, seen)
        return value if replica is referent else weakref.ref(replica)
    if isinstance(value, functools.partial):
        parts = each((value.func, value.args, value.keywords))
        return value if parts is None else functools.partial(parts[0], *parts[1], **parts[2])
    if isinstance(value, types.FunctionType):
        cells = each(_contents(value))
        return value if cells is None else _with_closure(value, cells)
    state = getattr(value, "__dict__", None)
    if not isinstance(state, dict):
        return value
    items = each(state.values())
    if items is None:
        return value
    result = copy.copy(value)
    result.__dict__.update(zip(state, items, strict=True))
    return result


def _refilled(mapping: dict[Any, Any], items: Iterable[tuple[Any, Any]]) -> dict[Any, Any]:
    """Return a copy of a dict, of the same class, with other values."""
    result = copy.copy(mapping)
    result.update(items)
    return result


EMPTY = object()  # the content of a closure's cell that was never set


def _contents(function: types.FunctionType) -> list[Any]:
    contents = []
    for cell in function.__closure__ or ():
        try:
            contents.append(cell.cell_contents)
        except ValueError:
            contents.append(EMPTY)
    return contents


def _with_closure(function: types.FunctionType, contents: list[Any]) -> types.FunctionType:
    """Return a copy of a function with other values in its closure."""
    cells = tuple(types.CellType() if value is EMPTY else types.CellType(value) for value in contents)
    result = types.FunctionType(
        function.__code__, function.__globals__, function.__name__, function.__defaults__, cells
    )
    result.__dict__.update(function.__dict__)
    result.__kwdefaults__ = function.__kwdefaults__
    return result
