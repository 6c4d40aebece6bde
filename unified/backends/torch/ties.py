"""Ties: variables that a body has assigned over others, as in `head.weight = embedding.weight`.

Torch ties them itself when the body runs in init. Later calls run the assignment again, also while the modules hold
other tensors, which torch refuses: layers whose variables are tied get a class that accepts it.
"""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from unified.backends.torch.slots import Slot, variables_below
from unified.core.errors import StructureChangedError
from unified.core.scope import current
from unified.core.stacks import StackedScope, stacks_over
from unified.core.ties import check_tie, record_aliases, refuse_order, refuse_value

__all__ = ["Made", "shared", "tie", "tied_class"]

# The variables that init has made, by their tensors' ids: path, tensor, and the dict and the name that hold it.
Made = dict[int, tuple[str, torch.Tensor, dict[str, Any], str]]


def tie(root: nn.Module, made: Made, stacks: dict[str, StackedScope]) -> None:
    """Record which variables the body has tied; raise if it has assigned or deleted anything else."""
    if all(holder.get(name) is tensor for _, tensor, holder, name in made.values()):
        return
    kinds: dict[str, tuple[object, ...]] = {}
    replaced: list[tuple[str, Slot]] = []
    first_paths: dict[int, str] = {}
    tensors = {path: tensor for path, tensor, *_ in made.values()}
    for path, collection, slot in variables_below(root):
        first_paths.setdefault(id(slot.tensor), path)
        over = stacks_over(stacks, path, collection) if stacks else []
        tensor = tensors.pop(path, slot.tensor)
        kinds[path] = tuple(tensor.shape), tensor.dtype, collection, over
        if tensor is not slot.tensor:
            replaced.append((path, slot))
    if tensors:
        raise refuse_value(next(iter(tensors)))
    sources = {}
    for path, slot in replaced:
        source = made.get(id(slot.tensor))
        if source is None:
            raise refuse_value(path)
        if any(source[0] == other for other, _ in replaced):
            raise refuse_order(source[0])
        check_tie(path, source[0], kinds[path], kinds[source[0]])
        sources[path] = source[0]
        slot.module.__dict__.setdefault("_ties", {})[slot.name] = source[0]
        slot.module.__class__ = tied_class(type(slot.module))  # type: ignore[arg-type]
    paths = {path: first_paths[id(made_tensor)] for path, made_tensor in _tensors_of(sources, made).items()}
    record_aliases({alias: path for alias, path in paths.items() if alias != path}, _record_of(root))


@contextmanager
def shared(root: nn.Module) -> Iterator[None]:
    """Keep variables shared that torch gives to each module anew, as when they move from the meta device."""
    groups: dict[int, list[Slot]] = {}
    for _, _, slot in variables_below(root):
        groups.setdefault(id(slot.tensor), []).append(slot)
    yield
    for first, *others in groups.values():
        for slot in others:
            slot.tensors[slot.name] = first.tensors[first.name]


def _tensors_of(sources: dict[str, str], made: Made) -> dict[str, torch.Tensor]:
    """Return the tensor of each path in a tie."""
    by_path = {path: tensor for path, tensor, *_ in made.values()}
    return {name: by_path[source] for path, source in sources.items() for name in (path, source)}


def _record_of(root: nn.Module) -> Any:
    """Return a function from a scope's path to its record, `None` for the path of a layer."""

    def record_of(path: str) -> Any:
        module: Any = root
        for name in path.split("/") if path else ():
            module = module._modules[name]
        return module.__dict__.get("_record")

    return record_of


@functools.cache
def tied_class(cls: type[nn.Module]) -> type[nn.Module]:
    """Return a class like `cls` for layers with tied variables."""
    if hasattr(cls, "_untied"):
        return cls

    class Tied(cls):  # type: ignore[misc,valid-type]
        _untied = cls

        def __setattr__(self, name: str, value: Any) -> None:
            scope: Any = current.scope
            if scope is None or name not in self.__dict__["_ties"]:
                super().__setattr__(name, value)
                return
            tensors = self._parameters if name in self._parameters else self._buffers
            if value is tensors[name]:
                return
            path = self.__dict__["_ties"][name]
            *names, last = path.split("/")
            module = scope.frame.root
            for inner in names:
                module = module._modules[inner]
            if value is not module._parameters.get(last, module._buffers.get(last)):
                raise StructureChangedError(
                    f"{name!r} of the layer {self._path!r} was assigned a value to which init did not tie it: assign "
                    f"{path!r} in every call, or init again"
                )
            tensors[name] = value

        def __reduce_ex__(self, protocol: Any) -> Any:
            make, args, *rest = super().__reduce_ex__(2)
            if hasattr(cls, "_native_base"):
                return (_tied, (make, *args), *rest)
            return (_tied, (object.__new__, cls), *rest)

    for name in ("__module__", "__name__", "__qualname__", "__doc__"):
        setattr(Tied, name, getattr(cls, name))
    return Tied


def _tied(make: Any, *args: Any) -> nn.Module:
    """Return an instance without state, for copies and pickles."""
    module = make(*args)
    module.__class__ = tied_class(type(module))  # type: ignore[arg-type]
    return module
