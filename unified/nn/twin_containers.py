"""Containers of modules and of parameters for twins, with the names and the order of torch's."""

import operator
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from unified.nn.declare import Parameter
from unified.nn.overlay import read
from unified.nn.variable import Variable

__all__ = ["CONTAINERS"]


class _Items:
    """Things named `0`, `1`, ... in one of the dicts of a module."""

    _modules: dict[str, Any]

    @property
    def _things(self) -> dict[str, Any]:
        return self._modules

    def _put(self, name: str, value: Any) -> None:
        self.add_module(name, value)  # type: ignore[attr-defined]

    def _take(self, value: Any) -> Any:
        return value

    def _index(self, index: Any) -> int:
        count, position = len(self._things), operator.index(index)
        if not -count <= position < count:
            raise IndexError(f"index {position} is out of range")
        return position % count

    def __len__(self) -> int:
        return len(self._things)

    def __iter__(self) -> Iterator[Any]:
        return map(self._take, list(self._things.values()))

    def __contains__(self, value: object) -> bool:
        return any(item is value for item in self)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return self._like(list(self)[index])
        return self._take(list(self._things.values())[self._index(index)])

    def _like(self, items: list[Any]) -> Any:
        """Return a container of this kind with some of the items."""
        twin: Any = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        twin._prepare()
        twin.__dict__["_training"] = self.__dict__["_training"]
        twin.__dict__.update({name: self.__dict__[name] for name in ("_random", "_place") if name in self.__dict__})
        for number, item in enumerate(items):
            twin._put(str(number), item)
        return twin

    def __setitem__(self, index: Any, value: Any) -> None:
        if isinstance(index, slice):
            raise TypeError("set one item at a time")
        self._put(list(self._things)[self._index(index)], value)

    def __delitem__(self, index: Any) -> None:
        items = list(self._things.values())
        del items[index if isinstance(index, slice) else self._index(index)]
        self._refill(items)

    def _refill(self, items: Iterable[Any]) -> None:
        items = list(items)
        for name in list(self._things):
            delattr(self, name)
        for number, item in enumerate(items):
            self._put(str(number), item)

    def append(self, value: Any) -> Any:
        """Add one at the end; return the container."""
        self._put(str(len(self)), value)
        return self

    def extend(self, values: Iterable[Any]) -> Any:
        """Add some at the end; return the container."""
        for value in list(values):
            self.append(value)
        return self

    def insert(self, index: int, value: Any) -> None:
        """Add one before a position."""
        items = list(self._things.values())
        items.insert(index, value)
        self._refill(items)

    def pop(self, index: int = -1) -> Any:
        """Remove one, and return it."""
        value = self[index]
        del self[index]
        return value

    def __iadd__(self, values: Iterable[Any]) -> Any:
        return self.extend(values)


class ModuleList(_Items):
    """See `unified.nn.ModuleList`."""

    def __init__(self, modules: Iterable[Any] | None = None) -> None:
        self.extend(() if modules is None else modules)

    def __add__(self, other: Iterable[Any]) -> Any:
        return self._like([*self, *other])


class Sequential(_Items):
    """See `unified.nn.Sequential`."""

    def __init__(self, *modules: Any) -> None:
        if len(modules) == 1 and isinstance(modules[0], Mapping):
            for name, module in modules[0].items():
                self._put(name, module)
        else:
            self.extend(modules)

    def __getitem__(self, index: Any) -> Any:
        if not isinstance(index, slice):
            return super().__getitem__(index)
        chain = self._like([])
        for name, module in list(self._things.items())[index]:
            chain._put(name, module)
        return chain

    def forward(self, input: Any) -> Any:
        """Call each module with what the one before returned."""
        for module in self:
            input = module(input)
        return input


class ParameterList(_Items):
    """See `unified.nn.ParameterList`."""

    _parameters: dict[str, Any]

    def __init__(self, values: Iterable[Any] | None = None) -> None:
        self.extend(() if values is None else values)

    @property
    def _things(self) -> dict[str, Any]:
        return self._parameters

    def _put(self, name: str, value: Any) -> None:
        setattr(self, name, value if type(value) is Variable else Parameter(value))

    def _take(self, value: Any) -> Any:
        return read(value)


class _Named:
    """Things by name in one of the dicts of a module."""

    _modules: dict[str, Any]

    @property
    def _things(self) -> dict[str, Any]:
        return self._modules

    def _put(self, name: str, value: Any) -> None:
        self.add_module(name, value)  # type: ignore[attr-defined]

    def _take(self, value: Any) -> Any:
        return value

    def __init__(self, items: Any = None) -> None:
        self.update({} if items is None else items)

    def __len__(self) -> int:
        return len(self._things)

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._things))

    def __contains__(self, key: object) -> bool:
        return key in self._things

    def __getitem__(self, key: str) -> Any:
        return self._take(self._things[key])

    def __setitem__(self, key: str, value: Any) -> None:
        self._put(key, value)

    def __delitem__(self, key: str) -> None:
        if key not in self._things:
            raise KeyError(key)
        delattr(self, key)

    def keys(self) -> Any:
        """Return the names."""
        return self._things.keys()

    def values(self) -> Any:
        """Return the things."""
        return [self._take(value) for value in self._things.values()]

    def items(self) -> Any:
        """Return the names and the things."""
        return [(name, self._take(value)) for name, value in self._things.items()]

    def update(self, items: Any) -> None:
        """Add or replace some, from a mapping or pairs."""
        for name, value in items.items() if hasattr(items, "items") else items:
            self[name] = value

    def pop(self, key: str) -> Any:
        """Remove one, and return it."""
        value = self[key]
        del self[key]
        return value

    def clear(self) -> None:
        """Remove all."""
        for name in list(self._things):
            del self[name]


class ModuleDict(_Named):
    """See `unified.nn.ModuleDict`."""


class ParameterDict(_Named):
    """See `unified.nn.ParameterDict`."""

    _parameters: dict[str, Any]

    @property
    def _things(self) -> dict[str, Any]:
        return self._parameters

    def _put(self, name: str, value: Any) -> None:
        setattr(self, name, value if type(value) is Variable else Parameter(value))

    def _take(self, value: Any) -> Any:
        return read(value)


CONTAINERS = {kind.__name__: kind for kind in (ModuleDict, ModuleList, ParameterDict, ParameterList, Sequential)}
