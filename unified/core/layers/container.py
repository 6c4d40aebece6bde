"""Containers: layers that hold other layers."""

import inspect
from collections.abc import Iterable
from typing import Any, ClassVar

from unified.core.layer import Layer, LayerVariable, Spec
from unified.core.scope import current

__all__ = ["Sequential"]


class Sequential(Layer):
    """A chain of layers: each is called with the output of the one before it.

    Args:
        *args: layers, functions and modules (`unified.Module`); or one list, tuple or dict of them. The container names
            layers, `0`, `1`, ... or by their keys, and they have no other name: `sequential/0/weight`. A layer that is
            passed twice has one set of variables, under the first of its names. A module has the name that it has
            anyway.

    Shapes: those of the input of the first layer to those of the output of the last.

    In a body there may be functions or modules among them, which are those of the call; the chain is then an object of
    the body. On torch the model has a `torch.nn.Sequential` of the layers, with a `BodyFunction` in the place of each
    of the others, which raises if it is called outside of the body.

    Source: `torch.nn.Sequential`.

    >>> import torch, unified as u
    >>> x = torch.ones(1, 3)
    >>> net = u.transform(
    ...     lambda x: u.Sequential(u.Linear(3, 4), u.ReLU(), u.Linear(4, 2))(x), backend="torch"
    ... ).init(x, rng=0)
    >>> list(net(x).shape)
    [1, 2]
    """

    takes_layers = True
    repeats = True
    compound = True
    own_signature: ClassVar[inspect.Signature] = inspect.Signature(
        [inspect.Parameter("args", inspect.Parameter.VAR_POSITIONAL)]
    )

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        scope = current.scope
        if cls is not Sequential or scope is None:
            return super().__new__(cls, *args, **kwargs)
        if len(args) == 1 and isinstance(args[0], (list, tuple)):
            args = tuple(args[0])
        is_layer = scope.frame.is_module
        values = args[0].values() if len(args) == 1 and isinstance(args[0], dict) else args
        for value in values:
            if not is_layer(value):
                return _chain(layers_by_name(args), is_layer, kwargs)
        return super().__new__(cls, *args, **kwargs)

    @staticmethod
    def variables(args: tuple[Any, ...] = ()) -> Iterable[LayerVariable]:
        for layer in layers_by_name(args).values():
            if not isinstance(layer, Spec):
                raise TypeError(
                    f"Sequential takes layers (unified.Linear(...), unified.ReLU(), ...), functions and modules, got "
                    f"{type(layer).__name__}"
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


class BodyFunction(Layer):
    """The place of a function or a module in a `Sequential`: what stands there is the body's, and differs by call."""

    @staticmethod
    def variables() -> Iterable[LayerVariable]:
        return ()


def body_function_called(path: str) -> TypeError:
    """Return the error for a chain that runs without its functions."""
    return TypeError(
        f"{path!r} is the place of a function or a module of the body in a Sequential, which only the body has: call "
        "the model, or the layers one by one"
    )


class Chain:
    """A `Sequential` with functions or modules in it, for one call of the body."""

    def __init__(self, layers: Any, steps: dict[str, Any]) -> None:
        self.layers = layers  # the container of those that are layers
        self.steps = steps  # the others, and `None` for a layer

    def __call__(self, input: Any) -> Any:
        """Return the output of the last of them."""
        for name, step in self.steps.items():
            input = (getattr(self.layers, name) if step is None else step)(input)
        return input


def _chain(values: dict[str, Any], is_layer: Any, kwargs: dict[str, Any]) -> Chain:
    """Return the chain of these layers, functions and modules."""
    steps = {name: None if is_layer(value) else value for name, value in values.items()}
    for name, step in steps.items():
        if step is not None and not callable(step):
            raise TypeError(
                f"Sequential takes layers, functions and modules, and {name!r} is a {type(step).__name__}: pass them "
                "one by one, or as one list or dict"
            )
    # Always in the order of positions: names of layers are counted.
    places = {name: values[name] if step is None else BodyFunction() for name, step in steps.items()}
    return Chain(Sequential(places, **kwargs), steps)
