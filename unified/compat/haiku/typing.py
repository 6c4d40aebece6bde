"""Types for annotations, and protocols of modules."""

from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, Protocol, runtime_checkable

__all__ = ["Initializer", "ModuleProtocol", "MutableParams", "MutableState", "Params", "State", "SupportsCall"]

Initializer = Callable[[Any, Any], Any]
Params = Mapping[str, Mapping[str, Any]]
MutableParams = MutableMapping[str, MutableMapping[str, Any]]
State = Mapping[str, Mapping[str, Any]]
MutableState = MutableMapping[str, MutableMapping[str, Any]]


class StrictProtocol(Protocol):
    """A protocol whose subclasses must be protocols."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if Protocol not in cls.__bases__:
            raise TypeError(
                f"{cls.__name__} is a Protocol by its bases, which should not be subclassed by ordinary classes: a "
                "class follows one by its methods. A new protocol names Protocol among its bases too: `class "
                f"{cls.__name__}({', '.join(base.__name__ for base in cls.__bases__)}, Protocol)`"
            )


@runtime_checkable
class ModuleProtocol(StrictProtocol, Protocol):
    """What all modules have: a type for annotations.

    Attributes:
        name: the name that the module was given, with its number.
        module_name: the path of the module.

    >>> import unified.compat.haiku as hk
    >>> def describe(module: hk.ModuleProtocol) -> str:
    ...     return module.module_name
    """

    name: str
    module_name: str

    def params_dict(self) -> Mapping[str, Any]:
        """Return the parameters of the module and its submodules, by path."""

    def state_dict(self) -> Mapping[str, Any]:
        """Return the state of the module and its submodules, by path."""


@runtime_checkable
class SupportsCall(ModuleProtocol, Protocol):
    """A module that can be called: a type for annotations.

    >>> import unified.compat.haiku as hk
    >>> def run(module: hk.SupportsCall, x):
    ...     return module(x)
    """

    def __call__(self, *args: Any, **kwargs: Any) -> Any: ...
