"""Ranges of `torch.profiler` around the calls of modules, by hooks for the time of a context."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

__all__ = ["named_ranges"]


class _Open(threading.local):
    """The ranges that a thread has entered, each with its module, the innermost last."""

    def __init__(self) -> None:
        self.ranges: list[tuple[nn.Module, Any]] = []


def _enter(path: str, entered: _Open) -> Callable[..., None]:
    def enter(module: nn.Module, inputs: Any) -> None:
        if not torch.compiler.is_compiling():
            entered.ranges.append((module, torch.profiler.record_function(path).__enter__()))

    return enter


def _leave(entered: _Open) -> Callable[..., None]:
    def leave(module: nn.Module, inputs: Any, output: Any) -> None:
        if not torch.compiler.is_compiling() and entered.ranges and entered.ranges[-1][0] is module:
            entered.ranges.pop()[1].__exit__(None, None, None)

    return leave


@contextmanager
def named_ranges(model: nn.Module) -> Iterator[None]:
    """Name the calls of all modules below `model`, at no cost once the context ends."""
    entered, handles = _Open(), []
    for name, module in model.named_modules():
        if name:
            # First and always, so that a hook or a forward that raises leaves no range open.
            handles.append(module.register_forward_pre_hook(_enter(name.replace(".", "/"), entered), prepend=True))
            handles.append(module.register_forward_hook(_leave(entered), always_call=True))
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
