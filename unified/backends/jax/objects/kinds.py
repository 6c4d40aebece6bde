"""The kind of an object: all that a call of it depends on besides the values of its variables."""

import weakref
from typing import Any

from unified.nn.twin import Twin
from unified.nn.twin_state import variables
from unified.nn.versions import attributes_version

__all__ = ["ById", "Kind", "kind_of"]

# Attributes that are no part of the kind: variables and modules have places of their own in it, others are derived, and
# the arguments of a layer's spec are attributes too.
HELD = frozenset({"_parameters", "_buffers", "_modules", "_random", "_place", "_origin", "_known_slots", "_paths"})
HELD |= {"_draws", "_spec", "_kind", "_known_variables", "_non_persistent_buffers_set"}


class ById:
    """A value that has no hash, which is equal to itself alone."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ById) and self.value is other.value

    def __hash__(self) -> int:
        return id(self.value)


class Kind:
    """A kind, of which there is one object each, so that comparing two takes no time.

    Attributes:
        parts: for each module its class, variables, modules, other attributes, and path.
        is_fixed: whether no attribute can change without being set.
    """

    __slots__ = ("__weakref__", "is_fixed", "parts")

    def __init__(self, parts: tuple[Any, ...], is_fixed: bool) -> None:
        self.parts = parts
        self.is_fixed = is_fixed


_kinds: "weakref.WeakValueDictionary[Any, Kind]" = weakref.WeakValueDictionary()


class _Reader:
    """Reads attributes as values with a hash."""

    def __init__(self, numbers: dict[int, int]) -> None:
        self.numbers = numbers
        self.is_fixed = True

    def read(self, value: Any) -> Any:
        kind = type(value)
        if isinstance(value, Twin):
            return "module", self.numbers.get(id(value), id(value))
        if kind in (int, float, bool, str, bytes, type(None), complex):
            return kind, value  # 4 and 4.0 are equal
        if kind is tuple:
            return kind, tuple(map(self.read, value))
        if isinstance(value, (list, dict, set)):
            self.is_fixed = self.is_fixed and not value and kind not in (list, dict, set)  # an OrderedDict of hooks
            if isinstance(value, dict):
                return kind, tuple((self.read(key), self.read(item)) for key, item in value.items())
            items = tuple(map(self.read, value))
            return kind, frozenset(items) if isinstance(value, set) else items
        if hasattr(value, "shape"):
            return ById(value)
        try:
            hash(value)
        except TypeError:
            return ById(value)
        return kind, value


def kind_of(module: Any) -> Kind:
    """Return what a call of a module depends on besides values."""
    version, known = attributes_version(), module.__dict__.get("_kind")
    if known is not None and known[0] == version and known[1].is_fixed:
        return known[1]
    modules = list(module.modules())
    reader = _Reader({id(inner): number for number, inner in enumerate(modules)})
    order = {variable: number for number, (_, variable) in enumerate(variables(module))}
    parts = []
    for inner in modules:
        members = inner.__dict__
        own = tuple(
            (name, None if variable is None else order[variable])
            for group in (members["_parameters"], members["_buffers"])
            for name, variable in group.items()
        )
        inside = tuple((name, None if m is None else reader.numbers[id(m)]) for name, m in members["_modules"].items())
        rest = tuple((name, reader.read(value)) for name, value in members.items() if name not in HELD)
        place = members.get("_place")
        parts.append((type(inner)._user_class, own, inside, rest, None if place is None else place.path))
    infos = tuple((v.collection, v.requires_grad) for v in order)
    kind = Kind(tuple(parts), reader.is_fixed)
    kind = _kinds.setdefault((kind.parts, infos, kind.is_fixed), kind)
    module.__dict__["_kind"] = version, kind
    return kind
