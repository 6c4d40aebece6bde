"""The kind of an object: all that a call of it depends on besides the values of its variables."""

from typing import Any

from unified.nn.twin import Twin
from unified.nn.twin_state import variables

__all__ = ["ById", "kind_of"]

# Attributes that are no part of the kind; the arguments of a layer's spec are attributes too.
HELD = frozenset(
    {"_parameters", "_buffers", "_modules", "_random", "_place", "_origin", "_known_slots", "_paths", "_draws", "_spec"}
)


class ById:
    """A value that has no hash, which is equal to itself alone."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ById) and self.value is other.value

    def __hash__(self) -> int:
        return id(self.value)


def _static(value: Any, numbers: dict[int, int]) -> Any:
    """Return a value of an attribute as one with a hash; modules by their numbers."""
    kind = type(value)
    if isinstance(value, Twin):
        return "module", numbers.get(id(value), id(value))
    if kind in (int, float, bool, str, bytes, type(None), complex):
        return kind, value  # 4 and 4.0 are equal
    if kind in (tuple, list):
        return kind, tuple(_static(item, numbers) for item in value)
    if isinstance(value, dict):
        return kind, tuple((_static(key, numbers), _static(item, numbers)) for key, item in value.items())
    if kind in (set, frozenset):
        return kind, frozenset(_static(item, numbers) for item in value)
    if hasattr(value, "shape"):
        return ById(value)
    try:
        hash(value)
    except TypeError:
        return ById(value)
    return kind, value


def kind_of(module: Any) -> tuple[Any, ...]:
    """Return what a call of a module depends on besides values, as something with a hash."""
    modules = list(module.modules())
    numbers = {id(inner): number for number, inner in enumerate(modules)}
    order = {variable: number for number, (_, variable) in enumerate(variables(module))}
    parts = []
    for inner in modules:
        members = inner.__dict__
        own = tuple(
            (name, None if variable is None else order[variable])
            for group in (members["_parameters"], members["_buffers"])
            for name, variable in group.items()
        )
        inside = tuple((name, None if m is None else numbers[id(m)]) for name, m in members["_modules"].items())
        rest = tuple((name, _static(value, numbers)) for name, value in members.items() if name not in HELD)
        place = members.get("_place")
        parts.append((type(inner)._user_class, own, inside, rest, None if place is None else place.path))
    infos = tuple((v.collection, v.requires_grad) for v in order)
    return tuple(parts), infos
