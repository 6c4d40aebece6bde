"""The static half of `Params`: what variables there are, and what was declared where.

A `Structure` is interned: two that say the same are one object, so that comparing and hashing them (which a
compiler cache does at every call) takes no time.
"""

import threading
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from unified.core.registry import Declared

__all__ = ["Graph", "Structure", "VariableInfo"]


@dataclass(frozen=True)
class VariableInfo:
    """What is known of a variable besides its value.

    Attributes:
        path: the names of its modules and its own, joined by `/`.
        shape: its shape when it was made.
        dtype: its dtype by name, such as `"float32"`.
        collection: `"params"`, `"state"`, `"rng"`, or a name that the user gave.
        trainable: whether an optimizer should change it.
        metadata: anything else that was said of it.
    """

    path: str
    shape: tuple[int, ...]
    dtype: str
    collection: str = "params"
    trainable: bool = True
    metadata: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), hash=False)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild_info, (
            self.path,
            self.shape,
            self.dtype,
            self.collection,
            self.trainable,
            dict(self.metadata),
        )


def _rebuild_info(path: str, shape: Any, dtype: str, collection: str, trainable: bool, metadata: Any) -> VariableInfo:
    return VariableInfo(path, shape, dtype, collection, trainable, MappingProxyType(metadata))


class Graph:
    """What was declared in each scope of a model: `scopes` maps its path (`""` for the function itself)."""

    __slots__ = ("_hash", "_scopes")

    def __init__(self, scopes: Mapping[str, Declared]) -> None:
        self._scopes = dict(scopes)
        self._hash = hash(tuple((path, tuple(declared.by_name)) for path, declared in self._scopes.items()))

    @property
    def scopes(self) -> Mapping[str, Declared]:
        """What was declared, by the path of the scope."""
        return MappingProxyType(self._scopes)

    def __reduce__(self) -> tuple[Any, ...]:
        return Graph, (self._scopes,)  # the hash of a text differs from process to process

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Graph):
            return NotImplemented
        return self is other or (self._hash == other._hash and self._scopes == other._scopes)

    def __bool__(self) -> bool:
        return bool(self._scopes)


EMPTY_GRAPH = Graph({})

_interning = threading.RLock()  # two threads must not make one structure each
_interned: "weakref.WeakValueDictionary[Any, Structure]" = weakref.WeakValueDictionary()


class Structure:
    """Infos in order, the graph, and whether calls may create variables. Made by `Structure.of`."""

    __slots__ = ("__weakref__", "_merged", "_selected", "graph", "growth", "index", "infos", "order")

    infos: tuple[VariableInfo, ...]
    order: tuple[str, ...]
    graph: Graph
    growth: int | None
    index: dict[str, int]
    _merged: "weakref.WeakKeyDictionary[Structure, tuple[Structure, tuple[int, ...]]]"
    _selected: "dict[tuple[int, ...], Structure]"

    @staticmethod
    def of(
        infos: tuple[VariableInfo, ...],
        order: tuple[str, ...],
        graph: Graph = EMPTY_GRAPH,
        growth: int | None = None,
    ) -> "Structure":
        """The structure with these parts.

        `order` lists the paths of the model that the variables come from, so that a selection and the rest can be
        put together again as they were. `growth` is the seed of variables that a call may create, `None` if locked.
        """
        key = (infos, order, graph, growth)
        with _interning:
            return Structure._of(key)

    @staticmethod
    def _of(key: Any) -> "Structure":
        found = _interned.get(key)
        if found is None:
            found = object.__new__(Structure)
            found.infos, found.order, found.graph, found.growth = key
            found.index = {info.path: position for position, info in enumerate(found.infos)}
            found._merged = weakref.WeakKeyDictionary()
            found._selected = {}
            _interned[key] = found
        return found

    def __reduce__(self) -> tuple[Any, ...]:
        return Structure.of, (self.infos, self.order, self.graph, self.growth)

    def select(self, positions: tuple[int, ...]) -> "Structure":
        """The structure of the variables at `positions`."""
        found = self._selected.get(positions)
        if found is None:
            infos = tuple(self.infos[position] for position in positions)
            found = self._selected[positions] = Structure.of(infos, self.order, self.graph, self.growth)
        return found

    def merge(self, other: "Structure") -> tuple["Structure", tuple[int, ...]]:
        """The structure of both, and for each of its variables where in `values + other_values` it is found."""
        found = self._merged.get(other)
        if found is None:
            found = self._merged[other] = self._merge(other)
        return found

    def _merge(self, other: "Structure") -> tuple["Structure", tuple[int, ...]]:
        where = dict(self.index)
        infos = {info.path: info for info in self.infos}
        for position, info in enumerate(other.infos):
            where[info.path] = len(self.infos) + position
            known = infos.get(info.path, info)
            infos[info.path] = replace(known, shape=info.shape, dtype=info.dtype)
        order = tuple(dict.fromkeys((*self.order, *other.order)))
        rank = {path: position for position, path in enumerate(order)}
        paths = sorted(where, key=rank.__getitem__)
        graph = other.graph or self.graph
        structure = Structure.of(tuple(infos[path] for path in paths), order, graph, self.growth)
        return structure, tuple(where[path] for path in paths)
