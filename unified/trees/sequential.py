"""`Sequential`: a chain of modules and functions."""

from collections.abc import Callable, Sequence
from typing import Any

from unified.trees.module import Module, array_text

__all__ = ["Sequential"]


class Sequential(Module):
    """A chain of modules and functions: each is called with the output of the one before it.

    Its parts stand at `layers/0`, `layers/1`, ...

    >>> import torch, unified.trees as ut
    >>> model = ut.fill(ut.Sequential((ut.Linear(2, 3), torch.tanh)), rng=0, backend="torch")
    >>> model(torch.ones(4, 2)).shape
    torch.Size([4, 3])
    """

    layers: Sequence[Callable[..., Any]]

    def __check_init__(self) -> None:
        if not isinstance(self.layers, (tuple, list)):
            raise TypeError(
                f"Sequential takes a tuple or a list of modules and functions, Sequential((a, b)), got "
                f"{array_text(self.layers)}"
            )
        for position, layer in enumerate(self.layers):
            if not callable(layer):
                raise TypeError(f"Sequential.layers[{position}] is called, and {array_text(layer)} cannot be")

    def __call__(self, x: Any) -> Any:
        for layer in self.layers:
            x = layer(x)
        return x
