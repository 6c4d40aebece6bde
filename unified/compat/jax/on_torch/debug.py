"""`jax.debug` on torch, where values are concrete and functions are called immediately."""

from typing import Any

from unified.compat.jax.on_torch.array import wrap
from unified.compat.jax.on_torch.behaviour import Behaviour

__all__ = ["breakpoint", "callback", "print"]

BEHAVIOUR = Behaviour(on_arrays=True)


def print(fmt: str, *args: Any, ordered: bool = False, **kwargs: Any) -> None:
    import builtins

    builtins.print(fmt.format(*(wrap(arg) for arg in args), **{name: wrap(arg) for name, arg in kwargs.items()}))


def callback(callback: Any, *args: Any, ordered: bool = False, **kwargs: Any) -> None:
    callback(*(wrap(arg) for arg in args), **kwargs)


def breakpoint(**options: Any) -> None:
    import builtins

    builtins.breakpoint()
