"""What stands here while `unified.jit` traces a function, and what such a trace must know of modules.

The tracing itself is `unified.compat.jax.on_torch.steps`, which is registered here when a library of JAX is first
loaded on torch: it is the functions of JAX's libraries that cost more than torch's own unless they are traced.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn, Protocol

import torch
from torch import nn
from torch.autograd import forward_ad
from torch.nn.modules import module as modules

__all__ = ["JITS", "LOG", "Called", "Staged", "UntraceableError", "current", "noting", "refuse", "tracing", "watcher"]

# What `unified.jit` does, for those who ask: at INFO what it runs as it is, and why; at DEBUG what it traces.
LOG = logging.getLogger("unified.jit")


class UntraceableError(Exception):
    """A function does what a trace cannot keep: it runs as it is. Its arguments are the reason, and what to do."""


class Staged(Protocol):
    """A running trace."""

    def value_and_grad(self, fun: Callable[[Any], tuple[Any, Any]], tree: Any) -> tuple[Any, Any, Any]: ...


# Once it is registered: `make(fun, as_it_is, compiles)` returns a function of the arguments and keywords of a call. It
# traces `fun`, or runs it by `as_it_is(args, kwargs)`; if it `compiles`, what was traced is compiled.
Maker = Callable[[Callable[..., Any], Callable[..., Any], bool], Callable[[tuple[Any, ...], dict[str, Any]], Any]]
JITS: list[Maker] = []


PLAIN = (int, float, bool, str, tuple)


class _State(threading.local):
    def __init__(self) -> None:
        self.staged: Staged | None = None
        self.modules: list[Called] | None = None  # None: calls of modules are not noted
        self.replicas: frozenset[int] = frozenset()  # ids of modules that are none of the user's


_state = _State()


def current() -> Staged | None:
    """Return the innermost running trace of `unified.jit` in this thread."""
    return _state.staged


def refuse(what: str, advice: str) -> NoReturn:
    """End the running trace: the function runs as it is, because of `what`; by `advice` it could be traced."""
    raise UntraceableError(what, advice)


class Called:
    """A module that a trace calls, with its attributes and variables as they were before."""

    def __init__(self, module: nn.Module, runs: bool = True) -> None:
        self.module, self.attributes = module, dict(module.__dict__)
        self.runs = runs  # not a replica in its place
        self.groups = [(group, dict(group)) for group in self.attributes.values() if type(group) is dict]

    def restore(self) -> str | None:
        """Put back what the call has set, which is an array of the trace perhaps, and return the name of one."""
        if not self.runs:
            return None
        state = self.module.__dict__
        changed = [(state, self.attributes), *self.groups]
        changed = [(new, old) for new, old in changed if not _is_same(new, old)]
        names = [name for new, old in changed for name in {**old, **new} if new.get(name) is not old.get(name)]
        for new, old in changed:
            new.clear()
            new.update(old)
        return str(names[0]) if names else None


def _is_same(new: dict[Any, Any], old: dict[Any, Any]) -> bool:
    return new.keys() == old.keys() and all(
        value is old[name] or (type(value) is type(old[name]) and type(value) in PLAIN and value == old[name])
        for name, value in new.items()
    )


@contextmanager
def tracing(staged: Staged, called: list[Called] | None = None) -> Iterator[None]:
    """Run the block within a trace; the modules that are called in it are added to `called`, if it is given."""
    before = _state.staged, _state.modules
    _state.staged = staged
    hook = None
    if called is not None:
        _state.modules = called
        hook = modules.register_module_forward_pre_hook(_note)
    try:
        yield
    finally:
        _state.staged, _state.modules = before
        if hook is not None:
            hook.remove()


@contextmanager
def noting(module: nn.Module, replica: nn.Module) -> Iterator[None]:
    """Note a module for the running trace, in place of its replica, which is called in the block."""
    if _state.modules is None:
        yield
        return
    _note(module, (), runs=False)
    before, _state.replicas = _state.replicas, _state.replicas.union(map(id, replica.modules()))
    try:
        yield
    finally:
        _state.replicas = before


def _note(module: nn.Module, args: Any, runs: bool = True) -> None:
    called = _state.modules
    if called is None or id(module) in _state.replicas:
        return
    if not any(module is noted.module for noted in called):
        called.append(Called(module, runs))


def watcher() -> str | None:
    """Return what looks at the running code, if anything does, and would see nothing of a replay."""
    if torch.compiler.is_compiling():
        return "torch.compile"
    if torch._C._functorch.peek_interpreter_stack() is not None:
        return "a transform of torch.func"
    if torch._C._len_torch_function_stack() or torch._C._len_torch_dispatch_stack():
        return "a mode of torch"
    if torch._C._is_any_autocast_enabled():
        return "autocast"
    if forward_ad._current_level >= 0:
        return "forward-mode differentiation"
    return "a global hook of modules" if modules._has_any_global_hook() else None
