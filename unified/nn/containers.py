"""The containers of `torch.nn`: lists, dicts and chains of modules, lists and dicts of parameters.

On torch they are torch's own; `unified.nn.twin_containers` has the others.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar, overload

from unified.core import backends
from unified.core.signatures import ConstructorSignature
from unified.nn.module import Module

__all__ = ["ModuleDict", "ModuleList", "ParameterDict", "ParameterList", "Sequential"]

M = TypeVar("M", bound=Any)


class _Container(Module):
    native_name: ClassVar[str] = ""
    native_instance = classmethod(
        lambda cls, value: "native_name" in cls.__dict__ and backends.native_name(value) == cls.native_name
    )


def _of_modules(*modules: Any) -> None: ...


def _of_list(modules: Iterable[Any] | None = None) -> None: ...


def _of_values(values: Iterable[Any] | None = None) -> None: ...


def _of_items(items: Mapping[str, Any] | Iterable[tuple[str, Any]] | None = None) -> None: ...


if TYPE_CHECKING:

    class _Items(_Container, Generic[M]):
        def __len__(self) -> int: ...

        def __iter__(self) -> Iterator[M]: ...

        @overload
        def __getitem__(self, index: int) -> M: ...
        @overload
        def __getitem__(self, index: slice) -> Self: ...
        def __getitem__(self, index: int | slice) -> Any: ...

        def __setitem__(self, index: int, value: M) -> None: ...

        def append(self, value: M) -> Self: ...

        def extend(self, values: Iterable[M]) -> Self: ...

        def insert(self, index: int, value: M) -> None: ...

        def pop(self, index: int) -> M: ...

    class _Named(_Container, Generic[M]):
        def __init__(self, items: Mapping[str, M] | Iterable[tuple[str, M]] | None = None) -> None: ...

        def __len__(self) -> int: ...

        def __iter__(self) -> Iterator[str]: ...

        def __contains__(self, key: str) -> bool: ...

        def __getitem__(self, key: str) -> M: ...

        def __setitem__(self, key: str, value: M) -> None: ...

        def __delitem__(self, key: str) -> None: ...

        def keys(self) -> Iterable[str]: ...

        def values(self) -> Iterable[M]: ...

        def items(self) -> Iterable[tuple[str, M]]: ...

        def update(self, items: Mapping[str, M]) -> None: ...

        def pop(self, key: str) -> M: ...

else:

    class _Items(_Container):
        def __class_getitem__(cls, item: Any) -> Any:
            return cls

    class _Named(_Items):
        pass


class Sequential(_Items[Any]):
    """A chain of modules, each called with what the one before returned: `torch.nn.Sequential`.

    It takes modules, or one dict of modules by name.

    Args:
        *modules: the modules, or one dict of them.

    Shapes: those of the first module's input to those of the last one's output.

    Source: `torch.nn.Sequential`.

    >>> import torch, unified as u, unified.nn as nn
    >>> net = u.build(lambda: nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2)), backend="torch", rng=0)
    >>> list(net(torch.ones(1, 3)).shape), list(net.state_dict())[:2]
    ([1, 2], ['0.weight', '0.bias'])
    """

    native_name = "Sequential"

    if TYPE_CHECKING:

        def __init__(self, *modules: Any) -> None: ...


class ModuleList(_Items[M]):
    """A list of modules, whose variables are named `0/...`, `1/...`; it has a list's methods, and is not called.

    Args:
        modules: the modules.

    Source: `torch.nn.ModuleList`.

    >>> import torch, unified as u, unified.nn as nn
    >>> net = u.build(lambda: nn.ModuleList([nn.Linear(3, 4), nn.Linear(4, 2)]), backend="torch", rng=0)
    >>> len(net), list(net.state_dict())[:2]
    (2, ['0.weight', '0.bias'])
    """

    native_name = "ModuleList"

    if TYPE_CHECKING:

        def __init__(self, modules: Iterable[M] | None = None) -> None: ...


class ModuleDict(_Named[M]):
    """A dict of modules by name; it has a dict's methods, and is not called.

    Args:
        modules: a dict of modules, or pairs of names and modules.

    Source: `torch.nn.ModuleDict`.

    >>> import torch, unified as u, unified.nn as nn
    >>> net = u.build(lambda: nn.ModuleDict({"head": nn.Linear(3, 4)}), backend="torch", rng=0)
    >>> list(net), list(net.state_dict())
    (['head'], ['head.weight', 'head.bias'])
    """

    native_name = "ModuleDict"


class ParameterList(_Items[Any]):
    """A list of parameters, named `0`, `1`, ...; it has a list's methods.

    Args:
        values: parameters, or arrays that become some.

    Source: `torch.nn.ParameterList`.

    >>> import torch, unified as u, unified.nn as nn
    >>> net = u.build(lambda: nn.ParameterList([nn.Parameter([1.0]), nn.Parameter([2.0])]), backend="torch", rng=0)
    >>> [value.item() for value in net]
    [1.0, 2.0]
    """

    native_name = "ParameterList"

    if TYPE_CHECKING:

        def __init__(self, values: Iterable[Any] | None = None) -> None: ...


class ParameterDict(_Named[Any]):
    """A dict of parameters by name; it has a dict's methods.

    Args:
        parameters: a dict of parameters, or of arrays that become some.

    Source: `torch.nn.ParameterDict`.

    >>> import torch, unified as u, unified.nn as nn
    >>> net = u.build(lambda: nn.ParameterDict({"scale": nn.Parameter([2.0])}), backend="torch", rng=0)
    >>> net["scale"].item()
    2.0
    """

    native_name = "ParameterDict"


for _class, _constructor in (
    (Sequential, _of_modules),
    (ModuleList, _of_list),
    (ModuleDict, _of_items),
    (ParameterList, _of_values),
    (ParameterDict, _of_items),
):
    _class.__module__ = "unified.nn"
    _class.__signature__ = ConstructorSignature(_constructor)
