"""Containers: layers that hold other layers."""

import inspect
from collections.abc import Iterable
from typing import Any, ClassVar

from unified.core.layer import Layer, LayerVariable, Spec

__all__ = ["Sequential"]


class Sequential(Layer):
    """A chain of layers: each is called with the output of the one before it.

    Args:
        *args: layers, or one dict of layers by name. The container names them, `0`, `1`, ... or by their keys, and
            they have no other name: `sequential/0/weight`. A layer that is passed twice has one set of variables, under
            the first of its names.

    A `unified.Module` or a function is not a layer: call it in the body.

    Source: `torch.nn.Sequential`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.Sequential(u.Linear(None, 4), u.ReLU(), u.Linear(4, 2))(x), backend="torch")
    >>> list(net.init(torch.ones(1, 3), rng=0).state_dict())[:2]
    ['sequential.0.weight', 'sequential.0.bias']
    """

    takes_layers = True
    repeats = True
    compound = True
    __signature__: ClassVar[inspect.Signature] = inspect.Signature(
        [inspect.Parameter("args", inspect.Parameter.VAR_POSITIONAL)]
    )

    @staticmethod
    def variables(args: tuple[Any, ...] = ()) -> Iterable[LayerVariable]:
        for layer in layers_by_name(args).values():
            if not isinstance(layer, Spec):
                raise TypeError(
                    f"Sequential takes layers (unified.Linear(...), unified.ReLU(), ...), got {type(layer).__name__}: "
                    "call a module or a function in the body instead"
                )
        return ()

    @classmethod
    def inner(cls, **arguments: Any) -> dict[str, Spec]:
        return layers_by_name(arguments.get("args", ()))


def layers_by_name(args: tuple[Any, ...]) -> dict[str, Any]:
    """Return the layers of `Sequential(*args)` by their names in it."""
    if len(args) == 1 and isinstance(args[0], dict):
        return dict(args[0])
    return {str(position): layer for position, layer in enumerate(args)}
