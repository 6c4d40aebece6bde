"""The end of a construction on torch: variables get their first values, from the seed and their paths."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from unified.backends.torch.first_values import first_values
from unified.backends.torch.objects.calls import walk
from unified.backends.torch.objects.lazy import LazyLayer
from unified.backends.torch.objects.pending import Pending, settle, suspend
from unified.core import backends, threefry
from unified.core.naming import join
from unified.core.pending import PendingVariable
from unified.nn.construction import Construction, Place, current, path_below
from unified.nn.members import converted

__all__ = ["apply_function", "complete", "draw_key", "reinitialize"]


def draw_key() -> threefry.Key:
    """Return a key from torch's generator."""
    first, second = torch.randint(0, 1 << 32, (2,), device="cpu").tolist()
    return first, second


def complete(root: Any, key: threefry.Key) -> None:
    """Give the variables below `root` their first values."""
    if not isinstance(root, nn.Module):
        return
    for _, module in list(walk(root)):
        for name, value in list(module.__dict__.items()):  # lists that were filled after they were assigned
            if type(value) in (list, tuple, dict) and not name.startswith("_"):
                container = converted(type(module).__name__, name, value)
                if container is not value:
                    del module.__dict__[name]
                    setattr(module, name, container)
    for path, module in walk(root):
        if "_user_class" in type(module).__dict__ or isinstance(module, LazyLayer):
            module.__dict__["_place"] = Place(key, path)
    _fill(root, "", key)


def _fill(root: nn.Module, prefix: str, key: threefry.Key) -> None:
    """Make the first values of the pending variables below `root`."""
    found: dict[int, tuple[str, Any]] = {}
    modules = list(walk(root))
    for path, module in modules:
        for name, tensor in (*module._parameters.items(), *module._buffers.items()):
            if isinstance(tensor, Pending) and id(tensor) not in found:
                pending = tensor.pending
                found[id(tensor)] = join(path_below(prefix, path), name), tensor
                notes = {name: value for name, value in pending.metadata.items() if name != "persistent"}
                if notes:
                    module.__dict__.setdefault("_variable_metadata", {})[name] = pending.metadata
    tensors = [tensor for _, tensor in found.values()]
    wanted = [tensor.pending.first_value(path) for path, tensor in found.values()]
    is_meta = [torch.Tensor.is_meta.__get__(tensor) for tensor in tensors]  # type: ignore[attr-defined]
    values = iter(first_values(key, [w for w, meta in zip(wanted, is_meta, strict=True) if not meta]))
    for tensor, meta in zip(tensors, is_meta, strict=True):
        settle(tensor, None if meta else next(values))
    for _, module in modules:
        if isinstance(module, nn.RNNBase):
            module.flatten_parameters()


@contextmanager
def reinitialize(module: Any) -> Iterator[None]:
    """Let `nn.init` change the first values of a finished module, which are made anew by their paths at the end."""
    place = module.__dict__.get("_place")
    if current.construction is not None or place is None:
        yield
        return
    tensors = {id(t): t for t in (*module.parameters(), *module.buffers()) if type(t) in (nn.Parameter, torch.Tensor)}
    touched = {}
    for tensor in tensors.values():
        suspend(
            tensor,
            PendingVariable(
                tuple(tensor.shape), None, str(tensor.dtype).removeprefix("torch."), trainable=tensor.requires_grad
            ),
        )
    current.construction = Construction(backends.load("torch"), place.key)  # `apply` within this one is a part of it
    try:
        yield
    finally:
        current.construction = None
        touched = {key: tensor for key, tensor in tensors.items() if tensor.pending.initializer is not None}
        for key, tensor in tensors.items():
            if key not in touched:
                settle(tensor, None)
        _fill(module, place.path, place.key)


def apply_function(module: nn.Module, fn: Callable[[Any], Any]) -> nn.Module:
    """Call `fn` on every module, the inner ones first, as torch does; what `nn.init` does in it is done by path."""
    with reinitialize(module):
        for child in module.children():
            nn.Module.apply(child, fn)
        fn(module)
    return module
