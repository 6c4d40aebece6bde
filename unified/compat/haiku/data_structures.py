"""Taking apart and joining dicts of dicts, as parameters and state are.

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


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copied(item) for key, item in value.items()}
    return tree_util.tree_map(lambda leaf: leaf, value)


def to_haiku_dict(structure: Any) -> dict[str, dict[str, Any]]:
    """A copy, of the mapping type that `init` gives: dicts."""
    return _copied(structure)


class KeysOnlyKeysView(KeysView[Any]):
    """Keys that show no values."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({list(self._mapping)!r})"  # type: ignore[attr-defined]


class FlatMap(Mapping[Any, Any]):
    """An immutable mapping that is a tree, as older versions of Haiku gave."""

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
    """The name under which old pickles know it."""

    def __new__(cls, data: Any) -> Any:
        return to_immutable_dict(data) if config.get("restore_flatmap") else to_haiku_dict(data)


def to_immutable_dict(mapping: Any) -> Any:
    """An immutable copy."""
    if type(mapping) is FlatMap:
        return mapping
    return FlatMap({key: to_immutable_dict(value) if type(value) is dict else value for key, value in mapping.items()})


def to_mutable_dict(mapping: Any) -> dict[Any, Any]:
    """A copy in dicts."""
    return {key: to_mutable_dict(value) if type(value) is FlatMap else value for key, value in mapping.items()}


def traverse(structure: Any) -> Iterator[tuple[str, str, Any]]:
    """Module names, names and values, in the order of the names."""
    for module_name in sorted(structure):
        for name in sorted(structure[module_name]):
            yield module_name, name, structure[module_name][name]


def partition(predicate: Callable[[str, str, Any], bool], structure: Any) -> tuple[Any, Any]:
    """What `predicate(module_name, name, value)` is true of, and the rest.

    >>> import unified.compat.haiku as hk
    >>> hk.data_structures.partition(lambda module, name, value: name == "w", {"linear": {"w": 1, "b": 2}})
    ({'linear': {'w': 1}}, {'linear': {'b': 2}})
    """
    first, second = partition_n(lambda *item: int(not predicate(*item)), structure, 2)
    return first, second


def partition_n(fn: Callable[[str, str, Any], int], structure: Any, n: int) -> tuple[Any, ...]:
    """`n` structures: `fn(module_name, name, value)` says into which each value goes."""
    found: list[Any] = [collections.defaultdict(dict) for _ in range(n)]
    for module_name, name, value in traverse(structure):
        place = fn(module_name, name, value)
        if not 0 <= place < n:
            raise AssertionError(
                f"fn({module_name!r}, {name!r}, value) returned {place}, which is no index of {n} structures: return "
                f"one from 0 to {n - 1}"
            )
        found[place][module_name][name] = value
    return tuple(to_haiku_dict(each) for each in found)


def filter(predicate: Callable[[str, str, Any], bool], structure: Any) -> Any:
    """What `predicate(module_name, name, value)` is true of."""
    return partition(predicate, structure)[0]


def map(fn: Callable[[str, str, Any], Any], structure: Any) -> Any:
    """`fn(module_name, name, value)` in place of each value."""
    found: Any = collections.defaultdict(dict)
    for module_name, name, value in traverse(structure):
        found[module_name][name] = fn(module_name, name, value)
    return to_haiku_dict(found)


def _shaped(value: Any) -> Any:
    return (tuple(value.shape), value.dtype) if hasattr(value, "shape") and hasattr(value, "dtype") else None


def _shown(value: Any) -> str:
    return repr(value) if _shaped(value) is None else format_array(value)


def merge(*structures: Any, check_duplicates: bool = False) -> Any:
    """All structures in one; later values win, or two of different shape or dtype raise `ValueError` if asked."""
    found: Any = collections.defaultdict(dict)
    for structure in structures:
        for module_name, name, value in traverse(structure):
            old = found[module_name].get(name, value)
            if check_duplicates and _shaped(old) != _shaped(value):
                raise ValueError(
                    f"Duplicate array found at {module_name}/{name}, and the two do not fit: {_shown(old)} vs "
                    f"{_shown(value)}; rename one, or let the later win by check_duplicates=False"
                )
            found[module_name][name] = value
    return to_haiku_dict(found)


def is_subset(*, subset: Any, superset: Any) -> bool:
    """Whether `superset` has a value of each name that `subset` has."""
    return {item[:2] for item in traverse(subset)} <= {item[:2] for item in traverse(superset)}
