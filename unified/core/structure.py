"""The static half of `Params`: the infos of variables, and what the body declared in each scope.

A `Structure` is interned: equal structures are one object, so that comparing and hashing them, which a compiler cache
does at every call, takes no time.
"""

import math
import threading
import weakref
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from unified.core.dtypes import dtype_name, is_same_dtype
from unified.core.errors import StructureChangedError
from unified.core.merging import merge_scopes
from unified.core.naming import check_known
from unified.core.record import ScopeRecord, describe_call
from unified.core.ties import aliases

__all__ = ["Growth", "Scopes", "Structure", "StructureOfPaths", "VariableInfo", "describe_value"]

LONGEST_VALUE = 160  # characters of a value that is no array, in a line about its variable


class Growth(NamedTuple):
    """How the variables that a call adds to unlocked params are made.

    Attributes:
        seed: the seed of their values; `None` if each is drawn from a key that the call has.
        framework: the framework of params without arrays, which else say it themselves; `None` if the inputs do.
    """

    seed: int | None = None
    framework: str | None = None


@dataclass(frozen=True, eq=False)
class VariableInfo:
    """A variable's metadata: everything but its value.

    Attributes:
        path: the names of its modules and of the variable, joined by `/`.
        shape: its shape at creation.
        dtype: the name of its dtype, such as `"float32"`.
        collection: `"params"`, `"state"`, `"rng"`, or a user's collection.
        trainable: whether an optimizer should update it.
        metadata: further annotations, such as `sharding`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.Linear(2, 3)(x), backend="torch").init(torch.ones(1, 2), rng=0)
    >>> info = net.params.info["linear/bias"]
    >>> info.shape, info.dtype, info.trainable
    ((3,), 'float32', True)
    """

    path: str
    shape: tuple[int, ...]
    dtype: str
    collection: str = "params"
    trainable: bool = True
    metadata: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, VariableInfo):
            return NotImplemented
        return self is other or (
            self.path == other.path
            and self.shape == other.shape
            and self.dtype == other.dtype
            and self.collection == other.collection
            and self.trainable == other.trainable
            and (not (self.metadata or other.metadata) or _equal(self.metadata, other.metadata))
        )

    def __hash__(self) -> int:
        known: int | None = self.__dict__.get("_hash")  # computed once: a structure hashes all its infos
        if known is None:
            known = hash((self.path, self.shape, self.dtype, self.collection, self.trainable))  # no metadata: arrays
            object.__setattr__(self, "_hash", known)
        return known

    def fixed(self) -> "VariableInfo":
        """Return a copy whose metadata cannot be changed."""
        return replace(self, metadata=MappingProxyType(dict(self.metadata)))

    @property
    def size(self) -> int:
        """The number of elements."""
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


def describe_value(info: VariableInfo, value: Any) -> str:
    """Return the dtype and the shape of a variable's array, or what else functions of trees have put in its place."""
    if hasattr(value, "shape") and hasattr(value, "dtype"):  # JAX keeps the integers of torch in 32 bits
        return f"{dtype_name(value.dtype)}{list(info.shape)}"
    text = " ".join(repr(value).split())
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."


def _equal(one: Any, other: Any) -> bool:
    """Return whether two values of metadata are equal: also arrays, whose `==` is an array."""
    if one is other:
        return True
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_equal(value, other[key]) for key, value in one.items())
    if isinstance(one, (tuple, list)) and type(one) is type(other):
        return len(one) == len(other) and all(map(_equal, one, other))
    if hasattr(one, "shape") or hasattr(other, "shape"):
        return type(one) is type(other) and one.dtype == other.dtype and np.array_equal(one, other)
    return bool(one == other)


def _rebuild_info(path: str, shape: Any, dtype: str, collection: str, trainable: bool, metadata: Any) -> VariableInfo:
    return VariableInfo(path, shape, dtype, collection, trainable, MappingProxyType(metadata))


class Scopes:
    """The records of all scopes of a model, by path (`""` for the function itself)."""

    __slots__ = ("_by_path", "_hash")

    def __init__(self, by_path: Mapping[str, ScopeRecord]) -> None:
        self._by_path = dict(by_path)
        self._hash = hash(tuple((path, tuple(record.by_name)) for path, record in self._by_path.items()))

    @property
    def by_path(self) -> Mapping[str, ScopeRecord]:
        """The record of each scope, by its path."""
        return MappingProxyType(self._by_path)

    def __reduce__(self) -> tuple[Any, ...]:
        return Scopes, (self._by_path,)  # not the hash: hashes of strings differ between processes

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Scopes):
            return NotImplemented
        return self is other or (self._hash == other._hash and self._by_path == other._by_path)

    def __bool__(self) -> bool:
        return bool(self._by_path)


NO_SCOPES = Scopes({})


class _Key:
    """The parts of a structure, with their hash, which the interning asks for three times."""

    __slots__ = ("hash", "parts")

    def __init__(self, parts: tuple[Any, ...]) -> None:
        self.parts = parts
        self.hash = hash(parts)

    def __hash__(self) -> int:
        return self.hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self.parts == other.parts


_interning = threading.RLock()  # two threads must not each create the same structure
_interned: "weakref.WeakValueDictionary[Any, Structure]" = weakref.WeakValueDictionary()


class Structure:
    """Infos in order, the scopes, and whether calls may create variables. `Structure.of` returns one."""

    __slots__ = (
        "__weakref__",
        "_merged",
        "_selected",
        "by_path",
        "extends",
        "growth",
        "index",
        "infos",
        "order",
        "scopes",
        "shapes",
    )

    infos: tuple[VariableInfo, ...]
    shapes: list[tuple[int, ...]]
    order: tuple[str, ...]
    scopes: Scopes
    growth: Growth | None
    extends: Scopes
    index: dict[str, int]
    by_path: Mapping[str, VariableInfo]
    _merged: "weakref.WeakKeyDictionary[Structure, tuple[Structure, tuple[int, ...]]]"
    _selected: "dict[tuple[int, ...], Structure]"

    @classmethod
    def of(
        cls,
        infos: tuple[VariableInfo, ...],
        order: tuple[str, ...],
        scopes: Scopes = NO_SCOPES,
        growth: Growth | None = None,
        extends: Scopes = NO_SCOPES,
    ) -> "Structure":
        """Return the structure with these parts.

        `order` is the order of all paths in the model of the variables, in which `merge` combines a selection and the
        rest again. `growth` says how a call creates variables, `None` that it may not. `extends` are the
        scopes of the params to which a call added these variables: merged with those, `scopes` replace them.
        """
        key = _Key((cls, infos, order, scopes, growth, extends))
        with _interning:
            return cls._of(key)

    @classmethod
    def _of(cls, key: _Key) -> "Structure":
        structure = _interned.get(key)
        if structure is None:
            structure = object.__new__(cls)
            _, structure.infos, structure.order, structure.scopes, structure.growth, structure.extends = key.parts
            structure.index = {info.path: position for position, info in enumerate(structure.infos)}
            structure.shapes = [info.shape for info in structure.infos]
            structure.by_path = MappingProxyType({info.path: info for info in structure.infos})
            structure._merged = weakref.WeakKeyDictionary()
            structure._selected = {}
            _interned[key] = structure
        return structure

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.infos, self.order, self.scopes, self.growth, self.extends)

    def __repr__(self) -> str:
        """Return what tells this structure from others, which JAX's errors of mismatched trees print."""
        variables = [f"{info.path}: {info.dtype}{list(info.shape)}" for info in self.infos]
        calls = [
            f"{path} = {describe_call(cls, args, kwargs)}"
            for scope, record in self.scopes.by_path.items()
            for path, cls, args, kwargs in record.calls(scope)
        ]
        growth = "" if self.growth is None else ", unlocked"
        return f"Structure(variables: {', '.join(variables)}; declared: {', '.join(calls) or 'nothing'}{growth})"

    def select(self, positions: tuple[int, ...]) -> "Structure":
        """Return the structure of the variables at `positions`."""
        structure = self._selected.get(positions)
        if structure is None:
            infos = tuple(self.infos[position] for position in positions)
            structure = self._selected[positions] = self.with_infos(infos)
        return structure

    def with_infos(self, infos: tuple[VariableInfo, ...]) -> "Structure":
        """Return the structure with other infos."""
        return type(self).of(infos, self.order, self.scopes, self.growth, self.extends)

    def below(self, path: str, positions: tuple[int, ...]) -> "Structure":
        """Return the structure of the variables at `positions`, all below `path`, with `path` as the root."""
        prefix = f"{path}/"
        infos = tuple(replace(self.infos[p], path=self.infos[p].path.removeprefix(prefix)) for p in positions)
        scopes = {
            scope.removeprefix(path).removeprefix("/"): record
            for scope, record in self.scopes.by_path.items()
            if scope == path or scope.startswith(prefix)
        }
        order = tuple(name.removeprefix(prefix) for name in self.order if name.startswith(prefix))
        return type(self).of(infos, order, Scopes(scopes), self.growth)

    def prefixed(self, path: str) -> "Structure":
        """Return the structure with all variables and scopes below `path`: the inverse of `below`."""
        infos = tuple(replace(info, path=f"{path}/{info.path}") for info in self.infos)
        scopes = {f"{path}/{scope}" if scope else path: record for scope, record in self.scopes.by_path.items()}
        return type(self).of(infos, tuple(f"{path}/{name}" for name in self.order), Scopes(scopes), self.growth)

    def added(self, infos: tuple[VariableInfo, ...]) -> "Structure":
        """Return the structure with further variables, at the end."""
        order = self.order + tuple(info.path for info in infos)
        return type(self).of(self.infos + infos, order, self.scopes, self.growth, self.extends)

    def merge(self, other: "Structure") -> tuple["Structure", tuple[int, ...]]:
        """Return the merged structure, and the position of each of its variables in `values + other_values`."""
        merged = self._merged.get(other)
        if merged is None:
            merged = self._merged[other] = self._merge(other)
        return merged

    def _merge(self, other: "Structure") -> tuple["Structure", tuple[int, ...]]:
        scopes = self.scopes or other.scopes
        if other.scopes and other.extends == self.scopes:
            scopes = other.scopes
        elif other.scopes and scopes not in (other.scopes, NO_SCOPES) and self.extends != other.scopes:
            self._check_merge(other)
            scopes = Scopes(merge_scopes(self.scopes.by_path, other.scopes.by_path))
        positions = dict(self.index)
        infos = {info.path: info for info in self.infos}
        for position, info in enumerate(other.infos):
            positions[info.path] = len(self.infos) + position
            old = infos.get(info.path, info)
            dtype = old.dtype if is_same_dtype(old.dtype, info.dtype) else info.dtype
            infos[info.path] = replace(old, shape=info.shape, dtype=dtype)
        order = tuple(dict.fromkeys((*self.order, *other.order)))
        rank = {path: position for position, path in enumerate(order)}
        paths = sorted(positions, key=rank.__getitem__)
        structure = type(self).of(tuple(infos[path] for path in paths), order, scopes, self.growth, self.extends)
        return structure, tuple(positions[path] for path in paths)

    def check_known(self, paths: Iterable[str]) -> None:
        """Raise `KeyError` for a path that no call of the model asks for, and that it would ignore in silence.

        Structures that grow, or that have no record of a model, take any.
        """
        if self.growth is not None or not self.scopes:
            return
        known = {*self.index, *self.order, *aliases(self.scopes.by_path)}
        check_known(paths, known, "the model of these params", self.order)

    def _check_merge(self, other: "Structure") -> None:
        """Raise unless the variables of two models can be those of one."""
        if self.growth != other.growth:
            one, two = ("locked" if growth is None else "unlocked" for growth in (self.growth, other.growth))
            raise ValueError(
                f"the params of two models, the first {one} and the second {two}, cannot be merged: call locked() or "
                "unlocked() on one of them"
            )
        for path in self.index.keys() & other.index.keys():
            shape, other_shape = self.by_path[path].shape, other.by_path[path].shape
            if shape != other_shape:
                raise StructureChangedError(
                    f"the params to merge are of two models that differ at {path!r}: its shape is {shape} in the first "
                    f"and {other_shape} in the second. Give the models different names, or keep their params apart"
                ).with_page("state#selecting")


class StructureOfPaths(Structure):
    """The structure of what is said of variables, as their shardings are: it fits all params with the same paths.

    JAX compares the tree of `out_shardings` with that of the outputs, which know nothing of the metadata that the
    shardings were made of. Arrays never have such a structure: caches of compiled functions compare structures by `==`.
    """

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Structure) and tuple(self.index) == tuple(other.index)

    def __hash__(self) -> int:
        return hash(tuple(self.index))

    @staticmethod
    def like(structure: Structure) -> "StructureOfPaths":
        """Return the one with the variables of a structure."""
        parts = structure.infos, structure.order, structure.scopes, structure.growth, structure.extends
        found: Any = StructureOfPaths.of(*parts)
        return found

    def of_arrays(self) -> Structure:
        """Return the structure of arrays of these variables."""
        return Structure.of(self.infos, self.order, self.scopes, self.growth, self.extends)


def _rebuild(cls: type[Structure], *parts: Any) -> Structure:
    return cls.of(*parts)  # a method of a class would be pickled by value by cloudpickle
