"""`scope`: names for parts of a body that are no modules, as checkpoints of other code have them (`layer1.0.conv1`)."""

from typing import Any

from unified.core.module import Module
from unified.core.naming import path_names
from unified.core.scope import current, current_scope

__all__ = ["scope"]


class NamedScope(Module):
    """What init records of a named scope."""


class scope:  # noqa: N801
    """Names a part of a body: `with u.scope("layer1", 0):` puts what is declared within below `layer1/0`.

    A scope is a place: entering it again goes on with the names that it has so far. It works in loops, between layers
    and modules, and in functions, and gives the paths that `nn.ModuleList`, `nn.Sequential` and nested modules have.

    Args:
        *path: names and numbers. A name is a Python identifier; a string may join several by `.`, as in the names of a
            `state_dict`, or by `/`.

    A layer or module can have a number too: `Block(name=3)` within `u.scope("h")` is `h/3`.

    Raises:
        ValueError: for a name that is none, and where the path is taken by a layer, a module or a variable. Code that a
            transform runs (`u.remat`, `u.cond`, ...) has scopes of its own: it cannot enter one that is entered outside
            of it too.

    >>> import torch, unified as u
    >>> def forward(x):
    ...     for number in range(2):
    ...         with u.scope("layers", number):
    ...             x = u.Linear(4, 4, name="fc1")(x)
    ...     with u.scope("head.0"):
    ...         return u.Linear(4, 2)(x)
    >>> net = u.transform(forward, backend="torch").init(torch.ones(1, 4), rng=0)
    >>> [name for name, _ in net.named_parameters() if name.endswith("weight")]
    ['layers.0.fc1.weight', 'layers.1.fc1.weight', 'head.0.linear.weight']
    """

    __slots__ = ("names", "outer")

    def __init__(self, *path: str | int) -> None:
        self.names = [name for part in path for name in path_names(part)]
        if not self.names:
            raise ValueError("u.scope needs a name or a number: u.scope('layers', 0)")

    def __enter__(self) -> None:
        self.outer: Any = current_scope("scope")
        inner = self.outer.resolve()
        for name in self.names:
            inner = inner.place(NamedScope, name)
        current.scope = inner

    def __exit__(self, *exception: object) -> None:
        current.scope = self.outer
