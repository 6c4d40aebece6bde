"""Names: snake case for classes, a free name in a scope, and what a user may call a thing.

>>> snake_case("HTTPNet"), snake_case("BatchNorm2d"), snake_case("MLP")
('http_net', 'batch_norm2d', 'mlp')
>>> Names().take("linear"), numbered("linear", 2)
('linear', 'linear_2')
"""

import functools
import re
from typing import Any

__all__ = ["Names", "check_name", "closest", "function_name", "join", "numbered", "snake_case"]


def function_name(fn: Any) -> str:
    """What to call a function in messages: that of a partial application is the function's own."""
    while isinstance(fn, functools.partial):
        fn = fn.func
    return getattr(fn, "__name__", type(fn).__name__)


def join(path: str, name: str) -> str:
    """Return the path of `name` below `path`, which is empty for the root."""
    return f"{path}/{name}" if path else name


def snake_case(name: str) -> str:
    """`name` of a class in snake case: `BatchNorm2d` becomes `batch_norm2d`."""
    name = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    return re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name).lower()


def numbered(base: str, count: int) -> str:
    """The candidate name of the `count`-th thing called `base` in a scope: `base`, `base_1`, ..."""
    return base if count == 0 else f"{base}_{count}"


def check_name(name: object) -> str:
    """Returns `name` if it is a Python identifier, else raises `ValueError`."""
    if not isinstance(name, str) or not name.isidentifier():
        raise ValueError(
            f"{name!r} cannot be a name: names are Python identifiers, such as 'encoder' or 'layer_1', "
            "so that a path joined by '/' or by '.' can always be taken apart again"
        )
    return name


class Names:
    """The names given out in one run of a scope."""

    __slots__ = ("counts", "taken")

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.taken: dict[str, str] = {}  # name and base

    def take(self, base: str, reserved: frozenset[str] | set[str] = frozenset()) -> str:
        """The first free name among `base`, `base_1`, `base_2`, ..., which is then taken."""
        count = self.counts.get(base, 0)
        while (name := numbered(base, count)) in self.taken or name in reserved:
            count += 1
        self.counts[base] = count + 1
        self.taken[name] = base
        return name

    def release(self, name: str) -> None:
        """Takes `name` back, to be given out again unless a later one of its base is taken."""
        base = self.taken.pop(name, None)
        while base is not None and self.counts[base] and numbered(base, self.counts[base] - 1) not in self.taken:
            self.counts[base] -= 1

    def copy(self) -> "Names":
        """The same names, to go on from independently."""
        twin = Names()
        twin.counts, twin.taken = dict(self.counts), dict(self.taken)
        return twin


def closest(path: str, known: Any) -> str:
    """A hint at the known paths that look most like `path`, for the end of an error message."""
    import difflib

    near = difflib.get_close_matches(path, list(known), n=3, cutoff=0.4)
    return f"; the closest known paths are {', '.join(map(repr, near))}" if near else ""
