"""The kinds of arguments with which a function was traced, and its calls.

The first call runs the function as it is, so that what is called once costs no trace. A kind is the structure of the
arguments, the shape, dtype and device of each tensor, and the values of all else. A function that cannot be traced, or
is called with many kinds, runs as it is.
"""

import logging
from collections.abc import Callable
from typing import Any

import torch

from unified.backends.torch import staging
from unified.backends.torch.fingerprint import Fingerprint
from unified.compat.jax import config
from unified.compat.jax.on_torch.array import Array, WeakArray
from unified.compat.jax.on_torch.calls import builder, flatten_in_order, guard
from unified.compat.jax.on_torch.steps.reasons import reason_of
from unified.compat.jax.on_torch.steps.surroundings import Surroundings
from unified.compat.jax.on_torch.steps.trace import traced_step
from unified.compat.jax.on_torch.tracing import current, staged
from unified.compat.jax.on_torch.transforms import type_of_leaf

__all__ = ["Replayed"]

MOST_KINDS = 8
MOST_TRACES = 16  # of a function whose modules change
PLAIN = (int, float, bool, complex, str)
TENSORS = (torch.Tensor, torch.nn.Parameter, Array, WeakArray)


class _Kind:
    """The arguments of one call, for `calls.guard`: tensors are inputs, all else is static."""

    static = static_names = ()

    def __init__(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.count, self.dynamic, self.named = len(args), list(args), kwargs
        self.leaves, self.structure = flatten_in_order((self.dynamic, self.named))
        self.types = [type_of_leaf(leaf) if type(leaf) in TENSORS and _is_dense(leaf) else None for leaf in self.leaves]

    @property
    def refusal(self) -> str:
        """Why a trace cannot have such arguments, if so."""
        unknown = [type(leaf).__name__ for leaf in self.leaves if type(leaf) not in (*TENSORS, *PLAIN)]
        if unknown:
            return f"an argument is or contains a {unknown[0]}: pass tensors, numbers and trees of them"
        if any(type(leaf) in TENSORS and not _is_dense(leaf) for leaf in self.leaves):
            return "an argument is or contains a sparse or nested tensor: pass dense ones"
        return "" if any(each is not None for each in self.types) else "no argument is a tensor"


def _is_dense(leaf: Any) -> bool:
    value = leaf.tensor if isinstance(leaf, Array) else leaf
    return value.layout is torch.strided and not value.is_nested


class _Entry:
    """A trace for one kind of arguments; without a function, of what cannot be traced, for some reason."""

    function: Callable[..., Any] | None = None
    reason = ""

    def __init__(self, fun: Callable[..., Any], kind: _Kind, compiles: bool) -> None:
        environment = staged.environment()
        self.guard: Any = guard(kind, environment, keeps_order=True)
        self.dtype = torch.get_default_dtype()
        self.modules: list[tuple[torch.nn.Module, Fingerprint]] = []  # those that the trace called, as they were
        structures: list[Any] = []

        def flat(*tensors: torch.Tensor) -> list[Any]:
            inputs = iter(tensors)
            pairs = zip(kind.leaves, kind.types, strict=True)
            leaves = [leaf if each is None else _like(leaf, next(inputs)) for leaf, each in pairs]
            args, kwargs = kind.structure.unflatten(leaves)
            results, structure = flatten_in_order(fun(*args, **kwargs))
            kinds = [type(result) if type(result) in (Array, WeakArray) else None for result in results]
            structures[:] = [structure, kinds]
            for result, of_array in zip(results, kinds, strict=True):
                if of_array is None and not isinstance(result, (torch.Tensor, *PLAIN)):
                    staging.refuse(f"it returns {type(result).__name__}", "return tensors and numbers")
            return [
                result if of_array is None else result.tensor for result, of_array in zip(results, kinds, strict=True)
            ]

        inputs = [each.abstract for each in kind.types if each is not None]
        called: list[staging.Called] = []
        surroundings = Surroundings(fun)
        try:
            graph = traced_step(flat, inputs, f"{staged.name_of(fun)} (u.jit)", called, compiles=compiles)
        except Exception as error:  # what is wrong with the function itself is raised when it runs as it is
            self.reason, graph = reason_of(error), None
        changed = [f"{type(each.module).__name__}.{name}" for each in called if (name := each.restore())]
        changed += [name for name in [surroundings.restore()] if name]
        if changed and graph is not None:
            self.reason, graph = f"it changes {changed[0]}, which a replay would not: return the new value", None
        self.modules = [(each.module, Fingerprint(each.module)) for each in called]
        if graph is None:
            return
        if any(fingerprint.has_hooks for _, fingerprint in self.modules):
            self.reason = "modules that it calls have hooks, which a replay would not run: remove them"
            return
        if not staged.is_reusable(graph):
            self.reason = "it uses values of a transform around it: pass them as arguments"
            return
        self.source, self.captures = graph.source, tuple(graph.captures)
        self.build = builder(*structures)
        self.has_effect = bool(getattr(graph.function, "has_effect", False))
        self.function = graph.function


class Replayed:
    """A function and its traces; `as_it_is` runs it on the arguments and the keywords of a call."""

    def __init__(self, fun: Callable[..., Any], as_it_is: Callable[..., Any], compiles: bool) -> None:
        self.fun, self.as_it_is, self.compiles = fun, as_it_is, compiles
        self.name = staged.name_of(fun)
        self.entries: list[_Entry] = []
        self.is_first = not compiles
        self.traces = 0
        self.told: set[str] = set()

    def __call__(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        entry, tensors = self._find(args, kwargs)
        if entry is None or entry.function is None:
            return self.as_it_is(args, kwargs)
        if _has_history(tensors):
            self._tell("autograd records what is computed from its arguments: pass tensors that are detached")
            return self.as_it_is(args, kwargs)
        try:
            with torch.no_grad():
                return entry.build(entry.function(*entry.captures, *tensors))
        except Exception as error:
            if entry.has_effect:
                raise
            self._tell(f"a replay raised {type(error).__name__}: {str(error).partition(chr(10))[0]}")
            return self.as_it_is(args, kwargs)  # raises it again, where the layer is known

    def _tell(self, reason: str) -> None:
        """Log why a call runs as it is, once."""
        if reason not in self.told and staging.LOG.isEnabledFor(logging.INFO):
            self.told.add(reason)
            staging.LOG.info("%s runs as it is: %s", self.name, reason)

    def _find(self, args: Any, kwargs: Any) -> tuple[_Entry | None, Any]:
        watcher = staging.watcher()
        if watcher is not None or current() is not None:
            self._tell(f"{watcher or 'the trace of another function'} looks at what it does: call it outside of that")
            return None, ()
        dtype = torch.get_default_dtype()
        for place, entry in enumerate(self.entries):
            try:
                tensors = entry.guard(args, kwargs) if entry.dtype is dtype else None
            except RuntimeError:  # a nested tensor has no shape
                tensors = None
            if tensors is None:
                continue
            others = [other for other in self.entries if other is not entry]
            if not all(fingerprint.holds(module) for module, fingerprint in entry.modules):
                self.entries = others
                staging.LOG.debug("%s: a module that it calls has changed, its trace is dropped", self.name)
                return None, ()
            if place:
                self.entries = [entry, *others]
            return entry, tensors
        if self.is_first:
            self.is_first = False
            return None, ()
        return self._traced(args, kwargs)

    def _traced(self, args: Any, kwargs: Any) -> tuple[_Entry | None, Any]:
        reason = self._refusal()
        kind = None if reason else _Kind(args, kwargs)
        if kind is not None:
            reason = kind.refusal
        if kind is None or reason:
            self._tell(reason)
            return None, ()
        self.traces += 1
        entry = _Entry(self.fun, kind, self.compiles)
        self.entries = [entry, *self.entries]
        if entry.reason:
            self._tell(entry.reason)
        else:
            staging.LOG.debug("%s: traced, %d lines", self.name, entry.source.count("\n"))
        return entry, entry.guard(args, kwargs)

    def _refusal(self) -> str:
        """Return why nothing more is traced, if so."""
        if config.is_jit_disabled():
            return "jit is disabled (jax_disable_jit)"
        if len(self.entries) >= MOST_KINDS:
            return (
                f"it has been called with {MOST_KINDS} kinds of arguments, and more are not traced: pass numbers that "
                "change as tensors, and arrays in few shapes"
            )
        if self.traces >= MOST_TRACES:
            return f"modules that it calls have changed {MOST_TRACES} times: change them outside of the loop"
        return ""


def _like(leaf: Any, value: torch.Tensor) -> Any:
    return type(leaf)(value) if isinstance(leaf, Array) else value


def _has_history(tensors: Any) -> bool:
    """Return whether autograd records what is computed from these."""
    return torch.is_grad_enabled() and any(t.requires_grad and not t.is_leaf for t in tensors)
