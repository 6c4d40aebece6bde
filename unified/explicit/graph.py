"""`Graph`: the names of a network's modules, and nothing that a call changes."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from unified.core.naming import closest, join, name_or_number

__all__ = ["Graph"]


class Graph:
    """A name in a network, at which a module stands, and the names below it.

    The path of a variable is the names from the root to its module, and its own: `net/mlp/hidden/weight`. A graph holds
    no arrays and no call changes it; every network has its own, so that two of them know nothing of each other.

    Args:
        name: the name of the root, a Python identifier. Without one, paths begin below the root, as those of a function
            of layers do: `mlp/hidden/weight`.

    Attributes:
        name: the last name of the path; `""` for a root without a name.
        path: all names from the root, joined by `/`.
        parent: the graph around it; `None` for the root.
        module: the module that stands here; `None` if there is none yet.

    Raises:
        ValueError: a name is no identifier.

    Source: `blox.Graph`, whose paths are tuples, and whose root takes no module.

    >>> import unified.explicit as bx
    >>> graph = bx.Graph("net")
    >>> bx.Linear(graph.child("hidden"), 3, 4), (graph / "out").path
    (Linear(in_features=3, out_features=4), 'net/out')
    """

    __slots__ = ("_children", "module", "name", "parent", "path")

    def __init__(self, name: str | int | None = None) -> None:
        self.name = "" if name is None else name_or_number(name)
        self.path = self.name
        self.parent: Graph | None = None
        self.module: Any = None
        self._children: dict[str, Graph] = {}

    def child(self, name: str | int) -> "Graph":
        """Return a new graph below this one; raise `ValueError` if there is one of that name.

        `name` is a Python identifier, or a number, for the modules of a list.

        >>> import unified.explicit as bx
        >>> bx.Graph("net").child("layers").child(0).path
        'net/layers/0'
        """
        child = Graph(name)
        if child.name in self._children:
            raise ValueError(
                f"there is a child {join(self.path, child.name)!r} already: give the second another name, or pass the "
                "module of the first where both are meant"
            )
        child.parent, child.path = self, join(self.path, child.name)
        self._children[child.name] = child
        return child

    def __truediv__(self, name: str | int) -> "Graph":
        """Return `child(name)`."""
        return self.child(name)

    def __getitem__(self, path: str) -> "Graph":
        """Return the graph at a path from here, which exists; raise `KeyError` if there is none."""
        graph = self
        for name in path.split("/"):
            if name not in graph._children:
                raise KeyError(f"there is no {join(graph.path, name)!r}{closest(name, graph._children)}")
            graph = graph._children[name]
        return graph

    @property
    def children(self) -> Mapping[str, "Graph"]:
        """The graphs directly below, by their names, in the order in which they were made."""
        return MappingProxyType(self._children)

    @property
    def root(self) -> "Graph":
        """The graph without a parent that this one is below."""
        graph = self
        while graph.parent is not None:
            graph = graph.parent
        return graph

    def walk(self) -> Iterator[tuple[str, Any]]:
        """Yield `(path, module)` of all modules below this graph, depth first; its own module is not among them."""
        for child in self._children.values():
            if child.module is not None:
                yield child.path, child.module
            yield from child.walk()

    def __getstate__(self) -> tuple[Any, ...]:
        return self.name, self.path, self.parent, self.module, self._children

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.name, self.path, self.parent, self.module, self._children = state

    def __repr__(self) -> str:
        children = f", {len(self._children)} children" if self._children else ""
        return f"Graph({self.path!r}{children})"
