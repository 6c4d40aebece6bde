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
from torch.nn.modules import module as modules

__all__ = ["JITS", "LOG", "Staged", "UntraceableError", "current", "noting", "refuse", "tracing", "watcher"]

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


class _State(threading.local):
    def __init__(self) -> None:
        self.staged: Staged | None = None
        self.modules: list[nn.Module] | None = None  # None: calls of modules are not noted
        self.replicas: frozenset[int] = frozenset()  # ids of modules that are none of the user's


_state = _State()


def current() -> Staged | None:
    """Return the innermost running trace of `unified.jit` in this thread."""
    return _state.staged


def refuse(what: str, advice: str) -> NoReturn:
    """End the running trace: the function runs as it is, because of `what`; by `advice` it could be traced."""
    raise UntraceableError(what, advice)


@contextmanager
def tracing(staged: Staged, called: list[nn.Module] | None = None) -> Iterator[None]:
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
    _note(module, ())
    before, _state.replicas = _state.replicas, _state.replicas.union(map(id, replica.modules()))
    try:
        yield
    finally:
        _state.replicas = before


def _note(module: nn.Module, args: Any) -> None:
    called = _state.modules
    if called is None or id(module) in _state.replicas:
        return
    if not any(module is noted for noted in called):
        called.append(module)


def watcher() -> str | None:
    """Return what looks at the running code, if anything does, and would see nothing of a replay."""
    if torch.compiler.is_compiling():
        return "torch.compile"
    if torch._C._functorch.peek_interpreter_stack() is not None:
        return "a transform of torch.func"
    if torch._C._len_torch_function_stack() or torch._C._len_torch_dispatch_stack():
        return "a mode of torch"
    if torch.is_autocast_enabled() or torch.is_autocast_enabled("cpu"):
        return "autocast"
    return "a global hook of modules" if modules._has_any_global_hook() else None
