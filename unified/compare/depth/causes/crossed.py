"""The cause that a layer's weights are mapped to those of another layer: what it computes says nothing then."""

from __future__ import annotations

from unified.compare.depth.causes.subject import own_paths
from unified.compare.depth.first_difference import Cause
from unified.compare.mapping import Mapping
from unified.compare.side import Side

__all__ = ["crossed_cause"]


def crossed_cause(names: tuple[str, str], mapping: Mapping, sides: tuple[Side, Side]) -> Cause | None:
    """Return the cause if a weight of one of two layers is mapped, and to none of the other's."""
    layers = tuple(own_paths(side, name) for side, name in zip(sides, names, strict=True))
    if not all(layers):
        return None
    for number in (0, 1):
        for path in layers[number]:
            rules = [(rule.first, rule.second) for rule in mapping.rules]
            others = [p.path for rule in rules if path in {p.path for p in rule[number]} for p in rule[1 - number]]
            if others and layers[1 - number].isdisjoint(others):
                text = (
                    f"{path} of the {('first', 'second')[number]} is mapped to {others[0]}, which is no weight of "
                    f"{names[1 - number]}: the mapping is wrong there, or these layers are not each other's"
                )
                return Cause("mapping", text)
    return None
