"""Layers that one call may run in another mode than the model's: `norm(x, is_training=False)` in a body.

A layer of `torch.nn` takes no such argument. The layers that a body calls with it in init become instances of a class
that derives from theirs and has it; all others stay as they are.
"""

from typing import Any

import torch
from torch import nn

from unified.core.scope import current
from unified.core.subclass import once_per_class

__all__ = ["Moded", "give_mode", "may_write"]


class Moded(nn.Module):
    """The base of the classes of such layers."""


def may_write(module: nn.Module) -> bool:
    """Return whether a call of a layer may write to its buffers."""
    return module.training or isinstance(module, Moded)


def give_mode(module: nn.Module) -> nn.Module:
    """Let calls of a layer have an argument `is_training`."""
    if not isinstance(module, Moded):
        module.__class__ = _moded_class(type(module))
    return module


@once_per_class
def _moded_class(base: type[nn.Module]) -> type[nn.Module]:
    """Return a class that derives from `base`, whose calls take `is_training`."""

    class WithMode(base, Moded):  # type: ignore[misc,valid-type]
        def forward(self, *inputs: Any, is_training: bool | None = None, **kwargs: Any) -> Any:
            scope: Any = current.scope
            if is_training is None or (scope is not None and scope.frame.initializing):
                return super().forward(*inputs, **kwargs)
            if not isinstance(is_training, bool):
                raise TypeError(
                    f"{self.__dict__.get('_path')!r}: is_training must be True, False or None, got {is_training!r}"
                )
            if is_training == self.training:
                return super().forward(*inputs, **kwargs)
            if torch.compiler.is_compiling():  # which follows no object without a constructor
                self.training = is_training
                try:
                    return super().forward(*inputs, **kwargs)
                finally:
                    self.training = not is_training
            # Another object with the same variables: other threads may call this one.
            layer = object.__new__(type(self))
            layer.__dict__.update(self.__dict__, training=is_training)
            return super(WithMode, layer).forward(*inputs, **kwargs)

        def _get_name(self) -> str:
            return base._get_name(self)

        def __reduce_ex__(self, protocol: Any) -> Any:
            if not hasattr(base, "_native_base"):
                return _empty, (base,), self.__getstate__() if hasattr(self, "__getstate__") else self.__dict__
            function, arguments, state = super().__reduce_ex__(protocol)  # of a user's subclass
            return _remade, (function, arguments), state

    for name in ("__module__", "__name__", "__qualname__", "__doc__"):
        setattr(WithMode, name, getattr(base, name))
    return WithMode


def _empty(base: type[nn.Module]) -> nn.Module:
    """Return an instance without state, for copies and pickles."""
    return object.__new__(_moded_class(base))


def _remade(function: Any, arguments: tuple[Any, ...]) -> nn.Module:
    return give_mode(function(*arguments))
