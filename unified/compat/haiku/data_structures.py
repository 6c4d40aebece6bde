"""Partitioning, filtering and merging of dicts of dicts, such as parameters and state.

Source: https://dm-haiku.readthedocs.io/en/latest/api.html#module-haiku.data_structures
"""

import collections
import pprint
from collections.abc import Callable, Iterator, KeysView, Mapping
from typing import Any

from unified.compat.haiku import config
from unified.compat.haiku.utils import format_array, indent, tree_bytes, tree_size
from unified.compat.jax import tree_util

__all__ = [
    "filter",
    "is_subset",
    "map",
    "merge",
    "partition",
    "partition_n",
    "to_haiku_dict",
    "to_immutable_dict",
    "to_mutable_dict",
    "traverse",
    "tree_bytes",
    "tree_size",
]


def _copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copy(item) for key, item in value.items()}
    return tree_util.tree_map(lambda leaf: leaf, value)


def to_haiku_dict(structure: Any) -> dict[str, dict[str, Any]]:
    """Return a copy of the type that `init` returns, a dict of dicts.

    Args:
        structure: a dict of dicts, as `init` returns it.

    >>> import unified.compat.haiku as hk
    >>> tree = {"linear": {"w": 1, "b": 2}}
    >>> hk.data_structures.to_haiku_dict(tree) == tree
    True
    """
    return _copy(structure)


class KeysOnlyKeysView(KeysView[Any]):
    """A view of the keys whose `repr` contains no values."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({list(self._mapping)!r})"  # type: ignore[attr-defined]


class FlatMap(Mapping[Any, Any]):
    """An immutable mapping that is a tree, as older versions of Haiku returned."""

    __slots__ = ("_mapping",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._mapping = dict(*args, **kwargs)

    def __getitem__(self, key: Any) -> Any:
        return self._mapping[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._mapping)

    def __len__(self) -> int:
        return len(self._mapping)

    def keys(self) -> KeysView[Any]:
        return KeysOnlyKeysView(self)

    def __eq__(self, other: object) -> bool:
        return self._mapping == (other._mapping if isinstance(other, FlatMap) else other)

    def __hash__(self) -> int:
        leaves, structure = tree_util.tree_flatten(self._mapping)
        return hash((tuple(leaves), structure))

    def __getattr__(self, key: str) -> Any:
        raise AttributeError(f"attribute access is not supported by FlatMap: read the item, mapping[{key!r}]")

    def __repr__(self) -> str:
        line = ", ".join(f"{key!r}: {value!r}" for key, value in self.items())
        if len(line) <= 70:
            return f"FlatMap({{{line}}})"
        parts = []
        for key, value in self.items():
            start = f"{key!r}: "
            parts.append(start + indent(len(start), pprint.pformat(value)).lstrip())
        return "FlatMap({\n" + indent(2, ",\n".join(parts)) + ",\n})"

    def __reduce__(self) -> Any:
        return FlatMapping, (self._mapping,)

    __copy__ = None


tree_util.register_pytree_node(
    FlatMap,
    lambda mapping: (tuple(mapping._mapping[key] for key in sorted(mapping._mapping)), tuple(sorted(mapping._mapping))),
    lambda keys, values: FlatMap(zip(keys, values, strict=True)),
)


class _FlatMappings(type(FlatMap)):  # type: ignore[misc]
    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, FlatMap)


class FlatMapping(FlatMap, metaclass=_FlatMappings):
    """`FlatMap` under its name in old pickles."""

    def __new__(cls, data: Any) -> Any:
        return to_immutable_dict(data) if config.get("restore_flatmap") else to_haiku_dict(data)


def to_immutable_dict(mapping: Any) -> Any:
    """Return an immutable copy.

    Args:
        mapping: a mapping, also of mappings.

    >>> import unified.compat.haiku as hk
    >>> tree = {"linear": {"w": 1, "b": 2}}
    >>> hash(hk.data_structures.to_immutable_dict({"a": 1})) is not None
    True
    """
    if type(mapping) is FlatMap:
        return mapping
    return FlatMap({key: to_immutable_dict(value) if type(value) is dict else value for key, value in mapping.items()})


def to_mutable_dict(mapping: Any) -> dict[Any, Any]:
    """Return a copy with dicts in place of immutable mappings.

    Args:
        mapping: a mapping, also of mappings.

    >>> import unified.compat.haiku as hk
    >>> tree = {"linear": {"w": 1, "b": 2}}
    >>> hk.data_structures.to_mutable_dict(hk.data_structures.to_immutable_dict(tree)) == tree
    True
    """
    return {key: to_mutable_dict(value) if type(value) is FlatMap else value for key, value in mapping.items()}


def traverse(structure: Any) -> Iterator[tuple[str, str, Any]]:
    """Yield each module name, name and value, in the order of the names.

    Args:
        structure: a dict of dicts, as `init` returns it.

    >>> import unified.compat.haiku as hk
    >>> tree = {"linear": {"w": 1, "b": 2}}
    >>> list(hk.data_structures.traverse(tree))
    [('linear', 'b', 2), ('linear', 'w', 1)]
    """
    for module_name in sorted(structure):
        for name in sorted(structure[module_name]):
            yield module_name, name, structure[module_name][name]


def partition(predicate: Callable[[str, str, Any], bool], structure: Any) -> tuple[Any, Any]:
    """Return the values for which `predicate(module_name, name, value)` is true, and the others.

    >>> import unified.compat.haiku as hk
    >>> hk.data_structures.partition(lambda module, name, value: name == "w", {"linear": {"w": 1, "b": 2}})
    ({'linear': {'w': 1}}, {'linear': {'b': 2}})

    Args:
        predicate: a function of a module's name, a variable's name and its value.
        structure: a dict of dicts.
    """
    first, second = partition_n(lambda *item: int(not predicate(*item)), structure, 2)
    return first, second


def partition_n(fn: Callable[[str, str, Any], int], structure: Any, n: int) -> tuple[Any, ...]:
    """Return `n` structures; `fn(module_name, name, value)` is the index of the one that contains the value.

    Args:
        fn: a function of a module's name, a variable's name and its value.
        structure: a dict of dicts.
        n: the number of parts.

    >>> import unified.compat.haiku as hk
    >>> tree = {"linear": {"w": 1, "b": 2}}
    >>> hk.data_structures.partition_n(lambda module, name, value: value - 1, tree, 2)
    ({'linear': {'w': 1}}, {'linear': {'b': 2}})
    """
    parts: list[Any] = [collections.defaultdict(dict) for _ in range(n)]
    for module_name, name, value in traverse(structure):
        index = fn(module_name, name, value)
        if not 0 <= index < n:
            raise AssertionError(
                f"fn({module_name!r}, {name!r}, value) returned {index}, which is no index of {n} structures: return "
                f"one from 0 to {n - 1}"
            )
        parts[index][module_name][name] = value
    return tuple(to_haiku_dict(part) for part in parts)


def filter(predicate: Callable[[str, str, Any], bool], structure: Any) -> Any:
    """Return the values for which `predicate(module_name, name, value)` is true.

    Args:
        predicate: a function of a module's name, a variable's name and its value.
        structure: a dict of dicts.

    >>> import unified.compat.haiku as hk
    >>> tree = {"linear": {"w": 1, "b": 2}}
    >>> hk.data_structures.filter(lambda module, name, value: name == "w", tree)
    {'linear': {'w': 1}}
    """
    return partition(predicate, structure)[0]


def map(fn: Callable[[str, str, Any], Any], structure: Any) -> Any:
    """Return the structure with `fn(module_name, name, value)` in place of each value.

    Args:
        fn: a function of a module's name, a variable's name and its value.
        structure: a dict of dicts.

    >>> import unified.compat.haiku as hk
    >>> tree = {"linear": {"w": 1, "b": 2}}
    >>> hk.data_structures.map(lambda module, name, value: 10 * value, tree)
    {'linear': {'b': 20, 'w': 10}}
    """
    mapped: Any = collections.defaultdict(dict)
    for module_name, name, value in traverse(structure):
        mapped[module_name][name] = fn(module_name, name, value)
    return to_haiku_dict(mapped)


def _shape_and_dtype(value: Any) -> Any:
    return (tuple(value.shape), value.dtype) if hasattr(value, "shape") and hasattr(value, "dtype") else None


def _format(value: Any) -> str:
    return repr(value) if _shape_and_dtype(value) is None else format_array(value)


def merge(*structures: Any, check_duplicates: bool = False) -> Any:
    """Return one structure with the values of all; of two values of one path it contains the later.

    Args:
        *structures: dicts of dicts.
        check_duplicates: whether two values of one path that differ in shape or dtype raise `ValueError`.

    >>> import unified.compat.haiku as hk
    >>> tree = {"linear": {"w": 1, "b": 2}}
    >>> hk.data_structures.merge(tree, {"linear": {"b": 3}})
    {'linear': {'b': 3, 'w': 1}}
    """
    merged: Any = collections.defaultdict(dict)
    for structure in structures:
        for module_name, name, value in traverse(structure):
            old = merged[module_name].get(name, value)
            if check_duplicates and _shape_and_dtype(old) != _shape_and_dtype(value):
                raise ValueError(
                    f"Duplicate array found at {module_name}/{name}, and the two do not fit: {_format(old)} vs "
                    f"{_format(value)}; rename one, or let the later win by check_duplicates=False"
                )
            merged[module_name][name] = value
    return to_haiku_dict(merged)


def is_subset(*, subset: Any, superset: Any) -> bool:
    """Return whether `superset` contains each path of `subset`.

    Args:
        subset: a dict of dicts.
        superset: another.

    >>> import unified.compat.haiku as hk
    >>> tree = {"linear": {"w": 1, "b": 2}}
    >>> hk.data_structures.is_subset(subset={"linear": {"w": 0}}, superset=tree)
    True
    """
    return {item[:2] for item in traverse(subset)} <= {item[:2] for item in traverse(superset)}
