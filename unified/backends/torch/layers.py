"""Making a `torch.nn` layer from its declaration, without torch's own random initialisation."""

import functools
from typing import Any

from torch import nn

from unified.backends.torch import portable as portable_layers
from unified.backends.torch.words import to_torch_dtype
from unified.core.layer import Layer
from unified.core.subclass import mixed_class

__all__ = ["construct", "native_class"]


def native_class(cls: type[Layer], portable: bool) -> type[nn.Module]:
    """The `torch.nn` class that computes `cls`; for a user's subclass, one that derives from both."""
    name = cls.declaration.__name__
    base = (portable_layers.LAYERS.get(name) if portable else None) or getattr(nn, name)
    return base if cls is cls.declaration else _mixed_class(cls, base)  # type: ignore[arg-type]


@functools.cache
def _mixed_class(cls: type[Layer], base: type[nn.Module]) -> type[nn.Module]:
    """A class with the methods of the user's `cls`, whose `super()` reaches the `torch.nn` class `base`."""

    class Recorded(base):  # type: ignore[misc,valid-type]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            self.__dict__["_spec"] = cls.spec(args, kwargs)
            super().__init__(*args, **kwargs)

    def __reduce_ex__(self: Any, protocol: Any) -> Any:
        return _empty, (cls, base), self.__getstate__() if hasattr(self, "__getstate__") else self.__dict__

    return mixed_class(cls, Recorded, lambda layer: layer, __reduce_ex__=__reduce_ex__)


def _empty(cls: type[Layer], base: type[nn.Module]) -> nn.Module:
    """An instance of a mixed class before its state is set, for copies and pickles."""
    return object.__new__(_mixed_class(cls, base))  # type: ignore[arg-type]


def _keep_uninitialized() -> None:
    """Stands in for `reset_parameters` while a layer is constructed."""


def construct(cls: type[Layer], native: type[nn.Module], args: tuple[Any, ...], kwargs: dict[str, Any]) -> nn.Module:
    """`native(*args, **kwargs)` with parameters that hold no values yet."""
    if isinstance(kwargs.get("dtype"), str):
        kwargs = {**kwargs, "dtype": to_torch_dtype(kwargs["dtype"])}
    module = object.__new__(native)
    module.__dict__["reset_parameters"] = _keep_uninitialized
    if cls is cls.declaration:
        native.__init__(module, *args, **kwargs)
    else:
        super(native, module).__init__(*args, **kwargs)  # past the mixed class, whose own does nothing
    del module.__dict__["reset_parameters"]
    return module
