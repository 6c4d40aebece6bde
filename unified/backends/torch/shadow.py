"""Layers with the name of a method of `nn.Module`.

`getattr(model, "train")` would return the method, but much of torch (`functional_call`, `torch.export`) looks layers up
by `getattr`. A `Shadowed` in its place acts as the method when it is called, and as the layer in all else.
"""

from typing import Any

from torch import nn

__all__ = ["Shadowed", "shadow"]


class Shadowed:
    """The layer `name` of `owner`, whose class has a method of that name."""

    def __init__(self, owner: nn.Module, name: str) -> None:
        self.__dict__.update(_owner=owner, _name=name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return getattr(type(self._owner), self._name)(self._owner, *args, **kwargs)

    def __getattr__(self, attribute: str) -> Any:
        layer = self._owner._modules[self._name]
        return getattr(layer if hasattr(layer, attribute) else getattr(type(self._owner), self._name), attribute)

    def __setattr__(self, attribute: str, value: Any) -> None:
        setattr(self._owner._modules[self._name], attribute, value)

    def __reduce__(self) -> tuple[Any, ...]:
        return Shadowed, (self._owner, self._name)

    def __repr__(self) -> str:
        return repr(self._owner._modules[self._name])

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        return type(self._owner._modules[self._name])


def shadow(container: nn.Module) -> None:
    """Make the layers of `container` that have the name of one of its methods attributes nevertheless."""
    for name in [name for name, value in container.__dict__.items() if type(value) is Shadowed]:
        del container.__dict__[name]
    for name in container._modules:
        if callable(getattr(type(container), name, None)):
            container.__dict__[name] = Shadowed(container, name)
