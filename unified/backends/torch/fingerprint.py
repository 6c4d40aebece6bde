"""What a tree of modules is like, for what rests on that to be made anew once the tree has changed."""

import operator
from collections.abc import Callable, Mapping
from itertools import chain
from typing import Any

from torch import nn

from unified.backends.torch.container import Container

__all__ = ["ATTRIBUTES", "HOOKS", "HOOK_FLAGS", "KEPT", "Fingerprint", "own_attributes"]

ATTRIBUTES = frozenset(nn.Module().__dict__)  # of every module
HOOKS = ("_forward_pre_hooks", "_forward_hooks", "_backward_pre_hooks", "_backward_hooks")
HOOK_FLAGS = ("_forward_hooks_with_kwargs", "_forward_hooks_always_called", "_forward_pre_hooks_with_kwargs")
GROUPS = ("_parameters", "_buffers")
KEPT = "_replicas"  # the attribute of a root in which `replicas` keeps what rests on its fingerprint
PLAIN = (int, float, str, bool, tuple)
UNSET = object()

Table = Mapping[Any, Any]

CHILDREN, HOOKED, TENSORS = operator.itemgetter("_modules"), operator.itemgetter(*HOOKS), operator.itemgetter(*GROUPS)
KEYS, VALUES = operator.methodcaller("keys"), operator.methodcaller("values")  # of dicts, and of what TorchScript has


def own_attributes(module: nn.Module) -> list[str]:
    """Return the names of the attributes that a module has besides those of every module.

    Those of our containers are left out: they change with the modules below.
    """
    return [] if isinstance(module, Container) else [name for name in module.__dict__ if name not in ATTRIBUTES]


class Fingerprint:
    """The modules of a tree: their classes, attributes, hooks and tensors, but for the values of tensors.

    It keeps neither the root nor a tensor alive. `has_mode` says whether the modules' mode is a part of it.
    """

    # All modules are looked at together: a loop over them takes several times as long.

    def __init__(self, root: nn.Module, *, has_mode: bool = True) -> None:
        self.unseen = frozenset({KEPT} if has_mode else {KEPT, "training"})
        self.below = [module for module in root.modules() if module is not root]
        self.states = [module.__dict__ for module in self.below]
        common = ("training", "_is_full_backward_hook") if has_mode else ("_is_full_backward_hook",) * 2
        names = [(*common, *own_attributes(module)) for module in self.below]
        self.getters: list[Callable[[Table], Any]] = [operator.itemgetter(*each) for each in names]
        self.values = self._values()
        self.root = {name: value for name, value in root.__dict__.items() if name != KEPT}
        self.classes, self.sizes = self._classes(root), [*map(len, self.states)]
        self.hooks = self._hooks(root)
        self.children = self._children(root)
        tensor_names, tensors = self._tensors(root)
        self.tensor_names, self.ids = tensor_names, [*map(id, tensors)]
        self.filled = [place for place, tensor in enumerate(tensors) if tensor is not None]
        buffers = {id(tensor) for module in root.modules() for tensor in module._buffers.values()}
        self.buffers = [place for place in self.filled if id(tensors[place]) in buffers]
        self.kinds = self._kinds(tensors)

    @property
    def has_hooks(self) -> bool:
        """Whether calls of modules run functions of a user besides."""
        return bool(self.hooks)

    def holds(self, root: nn.Module) -> bool:
        """Return whether all is as it was."""
        try:
            return self._holds(root)
        except (KeyError, RuntimeError):  # an attribute is gone, or another thread changes a dict meanwhile
            return False

    def _holds(self, root: nn.Module) -> bool:
        names, tensors = self._tensors(root)
        return (
            [*map(id, tensors)] == self.ids
            and names == self.tensor_names
            and self._kinds(tensors) == self.kinds
            and self._children(root) == self.children
            and self._hooks(root) == self.hooks
            and [*map(len, self.states)] == self.sizes
            and self._classes(root) == self.classes
            and self._has_root(root.__dict__)
            and self._has_attributes()
        )

    def _classes(self, root: nn.Module) -> list[type]:
        return [type(root), *map(type, self.below)]

    def _hooks(self, root: nn.Module) -> list[Any]:
        hooks = [*filter(None, chain.from_iterable(map(HOOKED, (root.__dict__, *self.states))))]
        return [*chain.from_iterable(map(VALUES, hooks))] if hooks else hooks

    def _children(self, root: nn.Module) -> tuple[list[str], list[Any]]:
        return _contents([*filter(None, map(CHILDREN, (root.__dict__, *self.states)))])

    def _tensors(self, root: nn.Module) -> tuple[list[str], list[Any]]:
        return _contents([*filter(None, chain.from_iterable(map(TENSORS, (root.__dict__, *self.states))))])

    def _kinds(self, tensors: list[Any]) -> tuple[list[Any], list[Any]]:
        return [tensors[place].shape for place in self.filled], [tensors[place].dtype for place in self.buffers]

    def _values(self) -> list[Any]:
        return [*chain.from_iterable([get(state) for get, state in zip(self.getters, self.states, strict=True)])]

    def _has_root(self, state: dict[str, Any]) -> bool:
        if len(state) - (KEPT in state) != len(self.root):
            return False
        for name, value in state.items():
            old = self.root.get(name, UNSET)
            if value is not old and name not in self.unseen and not _is_equal(value, old):
                return False
        return True

    def _has_attributes(self) -> bool:
        values = self._values()
        if not all(map(operator.is_, values, self.values)):
            if not all(new is old or _is_equal(new, old) for new, old in zip(values, self.values, strict=True)):
                return False
            self.values = values
        return True


def _contents(tables: list[Table]) -> tuple[list[str], list[Any]]:
    return [*chain.from_iterable(map(KEYS, tables))], [*chain.from_iterable(map(VALUES, tables))]


def _is_equal(value: Any, old: Any) -> bool:
    return type(value) is type(old) and type(old) in PLAIN and bool(value == old)
