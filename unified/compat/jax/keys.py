"""The keys of paths in trees, as `jax.tree_util` has them; used where JAX does not run."""

from dataclasses import dataclass
from typing import Any

__all__ = ["DictKey", "FlattenedIndexKey", "GetAttrKey", "SequenceKey", "keystr"]


@dataclass(frozen=True)
class DictKey:
    """The key of a dict."""

    key: Any

    def __str__(self) -> str:
        return f"[{self.key!r}]"


@dataclass(frozen=True)
class SequenceKey:
    """The index in a list or tuple."""

    idx: int

    def __str__(self) -> str:
        return f"[{self.idx}]"


@dataclass(frozen=True)
class GetAttrKey:
    """The attribute of an object."""

    name: str

    def __str__(self) -> str:
        return f".{self.name}"


@dataclass(frozen=True)
class FlattenedIndexKey:
    """The index of a child of a class that is registered without keys."""

    key: int

    def __str__(self) -> str:
        return f"[<flat index {self.key}>]"


def keystr(keys: Any, *, simple: bool = False, separator: str = "") -> str:
    """Return a key path as text."""
    if not simple:
        return separator.join(str(key) for key in keys)
    parts = [getattr(key, "name", getattr(key, "key", getattr(key, "idx", key))) for key in keys]
    return separator.join(str(part) for part in parts)
