"""Gradients of `torch.func` within `torch.utils.checkpoint`, whose hooks on saved tensors they refuse."""

import functools
from collections.abc import Callable
from typing import Any

import torch

__all__ = ["unhooked"]


def unhooked(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a gradient of `torch.func` that runs without the hooks around it: what it saves, it keeps itself."""

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        hooks: list[Any] = []
        if not torch.compiler.is_compiling():  # which traces checkpoints as calls of their own
            while (pair := torch._C._autograd._top_saved_tensors_default_hooks(True)) is not None:
                hooks.append(pair)
                torch._C._autograd._pop_saved_tensors_default_hooks()
        try:
            return function(*args, **kwargs)
        finally:
            for pair in reversed(hooks):
                torch._C._autograd._push_saved_tensors_default_hooks(*pair)

    return run
