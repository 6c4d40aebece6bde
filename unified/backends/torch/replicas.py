"""Replicas that calls over other tensors take and return, so that not each call has to copy the tree of modules.

A replica serves one call at a time. Between calls it is empty. It is given up if something else refers to its modules
when the call ends (a graph of autograd, what the body returns, an exception), or has changed them; and all of a tree's
are given up when the tree itself has changed.
"""

import sys
import types
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, Generic, TypeVar

import torch
from torch import nn
from torch.fx._symbolic_trace import is_fx_symbolic_tracing
from torch.nn.utils import parametrize

from unified.backends.torch.fingerprint import ATTRIBUTES, HOOK_FLAGS, HOOKS, KEPT, Fingerprint
from unified.backends.torch.replica import collect_weights, held_by, idle
from unified.backends.torch.shadow import Shadowed
from unified.core.params import Params

__all__ = ["Replica", "take"]

ModuleT = TypeVar("ModuleT", bound=nn.Module)

MOST = 8  # replicas of a tree that wait: one for each thread that calls it
FIXED = (types.MethodType, weakref.ref, Shadowed, nn.Module)  # references that are what they are
UNSET = object()
ALWAYS = nullcontext(True)
OWN = ("_modules", "_parameters", "_buffers", *HOOKS, *HOOK_FLAGS)  # the dicts of which a replica has its own
# Attributes of every module that calls have no use for, or that each call sets.
UNUSED = {"training", "_non_persistent_buffers_set", *[name for name in ATTRIBUTES if "state_dict" in name]}
COPIED = frozenset({*OWN, "_flat_weights", "_is_replica", "training"})


class Replica(Generic[ModuleT]):
    """A tree of modules of its own, into which a call puts tensors.

    Attributes:
        root: the module to call.
        variables: what the variables are, in the order of their tensors in a call.
        states: the positions of those that a call may write.
    """

    kept: "Kept | None" = None  # to which it returns, during a call
    # Of what is kept: the classes, reference counts and dicts of its modules, as they are between calls.
    classes: list[type]
    counts: list[int]
    dicts: list[dict[Any, Any]]
    sizes: list[int]
    tables: list[tuple[dict[Any, Any], dict[Any, Any]]]

    def __init__(self, root: ModuleT, variables: Params) -> None:
        self.root, self.variables = root, variables._structure
        self.states = [place for place, info in enumerate(self.variables.infos) if info.collection != "params"]
        self.modules = list(root.modules())
        places = {id(tensor): place for place, tensor in enumerate(variables.values())}
        groups = [tensors for module in self.modules for tensors in (module._parameters, module._buffers)]
        self.slots = [
            (tensors, name, places[id(tensor)])
            for tensors in groups
            for name, tensor in tensors.items()
            if tensor is not None
        ]
        numbers = {id(tensors): number for number, tensors in enumerate(groups)}
        self.sources = [(numbers[id(tensors)], name, place) for tensors, name, place in self.slots]
        self.count = self._count()
        self.recurrent = [module for module in self.modules if isinstance(module, nn.RNNBase)]

    def tensors_of(self, model: ModuleT) -> list[Any]:
        """Return the tensors of the model itself, in the order of the variables."""
        held = held_by(model)
        groups = [held[id(tensors)] for module in model.modules() for tensors in (module._parameters, module._buffers)]
        tensors: list[Any] = [None] * len(self.variables.infos)
        for number, name, place in self.sources:
            tensors[place] = groups[number][name]
        return tensors

    @contextmanager
    def filled(self, tensors: list[Any], training: bool) -> Iterator[ModuleT]:
        """Put the tensors of the variables into the modules, set their mode, and yield the module to call."""
        for group, name, place in self.slots:
            group[name] = tensors[place]
        for layer in self.recurrent:
            collect_weights(layer)
        for module in self.modules:
            module.__dict__["training"] = training
        with _without_cache() if parametrize._cache_enabled and not torch.compiler.is_compiling() else ALWAYS:
            yield self.root

    def holds(self, tensors: list[Any]) -> bool:
        """Return whether the modules still hold these tensors, and no others."""
        return self._count() == self.count and all(
            group.get(name) is tensors[place] for group, name, place in self.slots
        )

    def _count(self) -> int:
        return sum([len(m._parameters) + len(m._buffers) + len(m._modules) for m in self.modules])

    def release(self) -> None:
        """Return the replica for the next call, if it is kept and nobody can reach it any more."""
        kept, self.kept = self.kept, None
        if kept is None or len(kept.free) >= MOST or self._counts() != self.counts:
            return
        self._clear()
        for table, before in self.tables:
            table.update(before)
        if [*map(len, self.dicts)] == self.sizes and [*map(type, self.modules)] == self.classes:
            kept.free.append(self)

    def prepare(self) -> None:
        """Note what is to be as it is now after each call."""
        self._clear()
        states = [module.__dict__ for module in self.modules]
        dicts = [state[name] for state in states for name in OWN]
        self.tables = [(state, {name: state[name] for name in state.keys() - UNUSED}) for state in states]
        self.tables += [(table, table.copy()) for table in dicts if table]
        self.dicts = [*states, *dicts]
        self.sizes, self.classes = [*map(len, self.dicts)], [*map(type, self.modules)]
        self.counts = self._counts()

    def _clear(self) -> None:
        for group, name, _ in self.slots:
            group[name] = None
        for module in self.recurrent:
            module._flat_weights = []

    def _counts(self) -> list[int]:
        return [*map(sys.getrefcount, self.modules)]


class Kept:
    """The replicas of a tree that wait for a call; copies and pickles of the tree have none."""

    def __init__(self, tree: Fingerprint) -> None:
        self.tree = tree
        self.free: list[Replica[Any]] = []
        self.is_possible: bool | None = None  # whether one replica can serve many calls

    def take(self) -> Replica[Any] | None:
        """Take a replica that waits, if there is one."""
        try:
            replica = self.free.pop()
        except IndexError:
            return None
        replica.kept = self
        return replica

    def adopted(self, model: nn.Module, replica: Replica[Any]) -> Replica[Any]:
        """Let a new replica come here after its call, unless a later call would miss changes of the model."""
        if self.is_possible is None:
            self.is_possible = all(map(_is_shared, model.modules(), replica.modules))
        if self.is_possible:
            replica.prepare()
            replica.kept = self
        return replica

    def __deepcopy__(self, memo: Any) -> None:
        return None

    def __reduce__(self) -> Any:
        return type(None), ()


@contextmanager
def _without_cache() -> Iterator[None]:
    """Let parametrized tensors, which torch caches by the class of their module, be computed anew in a call."""
    outer, parametrize._cache = parametrize._cache, {}
    try:
        yield
    finally:
        parametrize._cache = outer


def take(model: ModuleT, make: Callable[[], Replica[ModuleT]], holds_tensors: bool = False) -> Replica[ModuleT]:
    """Return a replica of a model for one call: one that an earlier call has released, or what `make` returns.

    `holds_tensors` says whether calls of the model put other tensors into its modules for a while.
    """
    if torch.compiler.is_compiling() or is_fx_symbolic_tracing():  # which follow how a replica is made
        return make()
    with idle(model) if holds_tensors else ALWAYS as is_idle:
        kept = _kept_by(model) if is_idle else None
    if kept is None:
        return make()
    return kept.take() or kept.adopted(model, make())


def _kept_by(model: nn.Module) -> Kept:
    """Return what keeps the replicas of a model as it is now."""
    kept: Kept | None = model.__dict__.get(KEPT)
    if kept is None or not kept.tree.holds(model):
        kept = model.__dict__[KEPT] = Kept(Fingerprint(model, has_mode=False))
    return kept


def _is_shared(module: nn.Module, replica: nn.Module) -> bool:
    """Return whether what a replica has in place of a module's attributes can serve many calls.

    A list of layers cannot: the replica has a list of its own, which would miss what is done to the module's.
    """
    if isinstance(module, torch.jit.ScriptModule):
        return False
    before, after = module.__dict__, replica.__dict__
    pairs = [(before.get(name, UNSET), value) for name, value in after.items() if name not in COPIED]
    for name in HOOKS:
        pairs += zip(before[name].values(), after[name].values(), strict=True)
    return all(new is old or isinstance(new, FIXED) for old, new in pairs)
