"""The static half of `Params`: what variables there are, and what was declared where.

A `Structure` is interned: two that say the same are one object, so that comparing and hashing them (which a
compiler cache does at every call) takes no time.
"""

import math
import threading
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from unified.core.record import ScopeRecord

__all__ = ["Scopes", "Structure", "VariableInfo"]


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

    def fixed(self) -> "VariableInfo":
        """The same, with metadata that cannot be changed."""
        return replace(self, metadata=MappingProxyType(dict(self.metadata)))

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)

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


class Scopes:
    """What was declared in each scope of a model: `by_path` maps its path (`""` for the function itself)."""

    __slots__ = ("_by_path", "_hash")

    def __init__(self, by_path: Mapping[str, ScopeRecord]) -> None:
        self._by_path = dict(by_path)
        self._hash = hash(tuple((path, tuple(record.by_name)) for path, record in self._by_path.items()))

    @property
    def by_path(self) -> Mapping[str, ScopeRecord]:
        """What was declared, by the path of the scope."""
        return MappingProxyType(self._by_path)

    def __reduce__(self) -> tuple[Any, ...]:
        return Scopes, (self._by_path,)  # the hash of a text differs from process to process

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Scopes):
            return NotImplemented
        return self is other or (self._hash == other._hash and self._by_path == other._by_path)

    def __bool__(self) -> bool:
        return bool(self._by_path)


NO_SCOPES = Scopes({})

_interning = threading.RLock()  # two threads must not make one structure each
_interned: "weakref.WeakValueDictionary[Any, Structure]" = weakref.WeakValueDictionary()


class Structure:
    """Infos in order, the scopes, and whether calls may create variables. Made by `Structure.of`."""

    __slots__ = ("__weakref__", "_merged", "_selected", "by_path", "growth", "index", "infos", "order", "scopes")

    infos: tuple[VariableInfo, ...]
    order: tuple[str, ...]
    scopes: Scopes
    growth: int | None
    index: dict[str, int]
    by_path: Mapping[str, VariableInfo]
    _merged: "weakref.WeakKeyDictionary[Structure, tuple[Structure, tuple[int, ...]]]"
    _selected: "dict[tuple[int, ...], Structure]"

    @staticmethod
    def of(
        infos: tuple[VariableInfo, ...],
        order: tuple[str, ...],
        scopes: Scopes = NO_SCOPES,
        growth: int | None = None,
    ) -> "Structure":
        """The structure with these parts.

        `order` lists the paths of the model that the variables come from, so that a selection and the rest can be
        put together again as they were. `growth` is the seed of variables that a call may create, `None` if locked.
        """
        key = (infos, order, scopes, growth)
        with _interning:
            return Structure._of(key)

    @staticmethod
    def _of(key: Any) -> "Structure":
        found = _interned.get(key)
        if found is None:
            found = object.__new__(Structure)
            found.infos, found.order, found.scopes, found.growth = key
            found.index = {info.path: position for position, info in enumerate(found.infos)}
            found.by_path = MappingProxyType({info.path: info for info in found.infos})
            found._merged = weakref.WeakKeyDictionary()
            found._selected = {}
            _interned[key] = found
        return found

    def __reduce__(self) -> tuple[Any, ...]:
        return Structure.of, (self.infos, self.order, self.scopes, self.growth)

    def select(self, positions: tuple[int, ...]) -> "Structure":
        """The structure of the variables at `positions`."""
        found = self._selected.get(positions)
        if found is None:
            infos = tuple(self.infos[position] for position in positions)
            found = self._selected[positions] = Structure.of(infos, self.order, self.scopes, self.growth)
        return found

    def with_infos(self, infos: tuple[VariableInfo, ...]) -> "Structure":
        """The structure of the same variables, of which something else is known."""
        return Structure.of(infos, self.order, self.scopes, self.growth)

    def below(self, path: str, positions: tuple[int, ...]) -> "Structure":
        """The structure of the variables at `positions`, all below `path`, as if that were the root."""
        prefix = f"{path}/"
        infos = tuple(replace(self.infos[p], path=self.infos[p].path.removeprefix(prefix)) for p in positions)
        scopes = {
            scope.removeprefix(path).removeprefix("/"): record
            for scope, record in self.scopes.by_path.items()
            if scope == path or scope.startswith(prefix)
        }
        order = tuple(name.removeprefix(prefix) for name in self.order if name.startswith(prefix))
        return Structure.of(infos, order, Scopes(scopes), self.growth)

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
        scopes = other.scopes or self.scopes
        structure = Structure.of(tuple(infos[path] for path in paths), order, scopes, self.growth)
        return structure, tuple(where[path] for path in paths)
