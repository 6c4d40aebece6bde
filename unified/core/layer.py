"""`Layer`: how a layer is declared, once for every backend.

A declaration is a class with the name and the constructor arguments of a `torch.nn` layer. Its `variables` says what
the layer owns, in `torch.nn`'s order, shapes and initial values; `sizes` says how arguments given as `None` follow
from the first input. How the layer computes is each backend's part: on torch it is the `torch.nn` class of that name.

```python
class Linear(Layer):
    @staticmethod
    def variables(in_features, out_features, bias=True, device=None, dtype=None):
        yield parameter("weight", (out_features, in_features), kaiming_uniform(a=5**0.5), dtype)
        ...
```
"""

import functools
import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from unified.core.initializers import Initializer
from unified.core.naming import snake_case
from unified.core.params import dtype_name
from unified.core.scope import current, here

__all__ = ["Layer", "LayerVariable", "Spec", "buffer", "parameter"]


class LayerVariable(NamedTuple):
    """A variable that a layer owns. `dtype` is a name, or `None` for the backend's default."""

    name: str
    shape: tuple[int, ...]
    initializer: Initializer
    dtype: str | None = None
    collection: str = "params"
    trainable: bool = True


def parameter(name: str, shape: tuple[int, ...], initializer: Initializer, dtype: Any = None) -> LayerVariable:
    """A trainable variable of a layer."""
    return LayerVariable(name, tuple(shape), initializer, None if dtype is None else dtype_name(dtype))


def buffer(name: str, shape: tuple[int, ...], initializer: Initializer, dtype: Any = None) -> LayerVariable:
    """A variable that a layer updates itself, and no optimizer."""
    return LayerVariable(name, tuple(shape), initializer, None if dtype is None else dtype_name(dtype), "state", False)


@dataclass(frozen=True)
class Spec:
    """One use of a layer: its class, all its arguments by name, and the variables that follow from them."""

    declaration: type["Layer"]
    arguments: dict[str, Any]
    variables: tuple[LayerVariable, ...]
    waiting: bool = False  # a size is None: the variables follow from the first input

    def with_sizes(self, inputs: tuple[Any, ...]) -> "Spec":
        """The spec with the sizes that were `None` taken from the first inputs."""
        arguments = dict(self.arguments)
        for name, size in self.declaration.sizes(*inputs).items():
            if arguments[name] is None:
                arguments[name] = size
        return Spec(self.declaration, arguments, tuple(self.declaration.variables(**arguments)))


class Layer:
    """The base of every layer's declaration.

    Calling a layer's class in a body returns the layer that stands at the next name of the current scope: the
    `torch.nn` module on torch, an object with the same arguments and variables as attributes on JAX. All take
    `name=` (a Python identifier; the default is the class name in snake case) and `init_fn=`: an initialiser for
    `weight`, a dict of initialisers by variable name, or a function that is given the new layer and may change it.

    A subclass adds to a layer: its `__init__` runs once a layer on torch, and its `forward` may call
    `super().forward` and own further variables by `unified.get_parameter`.
    """

    # The variables that the layer owns, from its constructor arguments; raises `ValueError` for bad ones.
    variables: ClassVar[Callable[..., Iterable[LayerVariable]]]
    # What each of `optional_sizes` is, from the first inputs.
    sizes: ClassVar[Callable[..., dict[str, Any]]]
    __signature__: ClassVar[inspect.Signature]

    base_name: ClassVar[str]
    declaration: ClassVar[type["Layer"]]  # the class that declares the layer: this one, or what a user derived it from
    leaves: ClassVar[tuple[str, ...]] = ()  # names of all variables that the layer may own
    draws: ClassVar[bool] = False  # whether a call in training draws random numbers
    optional_sizes: ClassVar[tuple[str, ...]] = ()  # arguments that may be None, to be taken from the first input

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        scope = current.scope
        if scope is None:
            return here(cls.__name__)
        next_cls, next_args, next_kwargs, name, _ = scope.plan[scope.cursor]
        if next_cls is cls and next_args == args and next_kwargs == kwargs:
            scope.cursor += 1
            return scope.live[name]  # type: ignore[index]
        return scope.layer(cls, args, kwargs)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "base_name" not in cls.__dict__:
            cls.base_name = snake_case(cls.__name__)
        if not hasattr(cls, "declaration") and not cls.__name__.startswith("_"):
            cls.declaration = cls
            cls.__signature__ = inspect.signature(cls.variables).replace(return_annotation=inspect.Signature.empty)

    @classmethod
    def spec(cls, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Spec:
        """The use of the layer that these arguments mean."""
        try:
            return _cached_spec(cls.declaration, tuple(kwargs), *args, *kwargs.values())  # type: ignore[arg-type]
        except TypeError:  # an argument that cannot be hashed, or one that does not fit
            return _spec(cls.declaration, args, kwargs)


def _spec(cls: type[Layer], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Spec:
    try:
        bound = cls.__signature__.bind(*args, **kwargs)
    except TypeError as error:
        raise TypeError(f"{cls.__name__}{cls.__signature__}: {error}") from None
    bound.apply_defaults()
    arguments = bound.arguments
    if any(arguments.get(size, "given") is None for size in cls.optional_sizes):
        return Spec(cls, arguments, (), waiting=True)
    return Spec(cls, arguments, tuple(cls.variables(**arguments)))


@functools.lru_cache(maxsize=4096, typed=True)  # 4 and 4.0 are equal, and only one of them is a size
def _cached_spec(cls: type[Layer], names: tuple[str, ...], *values: Any) -> Spec:
    positional = len(values) - len(names)
    return _spec(cls, values[:positional], dict(zip(names, values[positional:], strict=True)))
