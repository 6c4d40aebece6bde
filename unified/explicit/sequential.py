"""`Sequential`: modules and functions, each over the output of the one before."""

from collections.abc import Callable, Mapping
from typing import Any

from unified.core.params import Params
from unified.explicit.graph import Graph
from unified.explicit.module import Module
from unified.explicit.pure import takes_mode

__all__ = ["Sequential"]


class Sequential(Module):
    """Modules and functions, each over the output of the one before.

    Args:
        graph: where it stands; the modules stand where they were made.
        *layers: modules, which are called with the params, and functions of an array alone; or one list, tuple or dict
            of them.

    `is_training=` of a call is passed to the modules that take it.

    Raises:
        TypeError: a layer is neither a module nor a function.

    Source: `blox.Sequential`.

    >>> import torch, unified.explicit as bx
    >>> graph = bx.Graph("net")
    >>> up, down = bx.Linear(graph / "up", None, 8), bx.Linear(graph / "down", 8, 2)
    >>> net = bx.Sequential(graph / "mlp", [up, torch.relu, down])
    >>> output, params = net(bx.params(seed=0), torch.ones(1, 4))
    >>> list(params), list(output.shape)
    (['net/up/weight', 'net/up/bias', 'net/down/weight', 'net/down/bias'], [1, 2])
    """

    def __init__(self, graph: Graph, *layers: Any) -> None:
        super().__init__(graph)
        if len(layers) == 1 and isinstance(layers[0], (list, tuple, Mapping)):
            only = layers[0]
            layers = tuple(only.values() if isinstance(only, Mapping) else only)
        for position, layer in enumerate(layers):
            if not callable(layer):
                raise TypeError(
                    f"{graph.path!r}: layer {position} is a module or a function, got {type(layer).__name__}: pass the "
                    "layers one by one, or as one list or dict"
                )
        self.layers: tuple[Module | Callable[[Any], Any], ...] = layers
        self._takes_mode = tuple(isinstance(layer, Module) and takes_mode(layer) for layer in layers)

    def __call__(self, params: Params, input: Any, *, is_training: bool = False) -> tuple[Any, Params]:
        """Return the output of the last layer, and the params."""
        for layer, has_mode in zip(self.layers, self._takes_mode, strict=True):
            if not isinstance(layer, Module):
                input = layer(input)
            elif has_mode:
                input, params = layer(params, input, is_training=is_training)
            else:
                input, params = layer(params, input)
        return input, params
