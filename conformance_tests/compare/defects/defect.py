"""A defect: two implementations of one model with the same weights, of which one does one thing in another way."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from conformance_tests.compare.pairs.pair import trained
from unified.testing import Mapping, sides

__all__ = ["DEFECTS", "Defect", "defect", "equal_names", "mapping"]

DEFECTS: dict[str, Callable[[], "Defect"]] = {}


@dataclass
class Defect:
    """Two sides, the mapping of their weights, and what must be said of them.

    Attributes:
        layer: the first side's name of the layer, or value, that differs first.
        cause: the likeliest cause.
    """

    first: Any
    second: Any
    inputs: tuple[Any, ...]
    layer: str
    cause: str
    mapping: Mapping
    options: dict[str, Any] = field(default_factory=dict)


def defect(make):
    """Register a function that makes a defect under its name."""
    DEFECTS[make.__name__] = make
    return make


def mapping(library, rules, left=()):
    """The mapping of lines such as `first.weight = Dense_0/kernel`, with axes after a comma."""
    lines = []
    for rule in rules:
        names, comma, axes = rule.partition(",")
        one, two = names.split(" = ")
        keys = ("first", "second") if library == "torch" else ("torch", library)
        lines.append(f'  {{{keys[0]} = "{one}", {keys[1]} = "{two}"{comma}{axes}}},')
    listed = ", ".join(f'"{name}"' for name in left)
    left_over = ["[left_over]", f"{keys[0]} = [{listed}]"] if left else []
    header = ["format = 1", f'sides = ["torch", "{library}"]', "rules = ["]
    return Mapping.loads("\n".join([*header, *lines, "]", *left_over]))


def equal_names(first, second, layer, cause, *inputs, **options):
    """The defect of two torch modules with the same names."""
    names = list(second.state_dict())
    left = [name for name in first.state_dict() if name not in names]
    rules = mapping("torch", [f"{name} = {name}" for name in names], left)
    one, two = sides.torch(trained(first)), sides.torch(trained(second, 1))
    return Defect(one, two, inputs, layer, cause, rules, options)
