"""Functions over trees: `unified.tree`, on arrays of either framework.

A tree is a tuple, list, dict, named tuple, `Params`, bound model or registered class that holds arrays or other trees;
all else is a leaf. Names, arguments and order are those of `jax.tree`: dicts are read in the order of their sorted
keys, and `None` has no leaves. Two things differ. A path is a tuple of plain keys (integers, names, the variables'
paths), and dicts and `Params` in the second and later trees of `map` are matched by their keys, in any order.

>>> import torch, unified as u
>>> weights = {"w": torch.ones(2), "b": torch.zeros(1)}
>>> u.tree.map(lambda w, g: w - 0.1 * g, weights, {"b": torch.ones(1), "w": torch.ones(2)})
{'b': tensor([-0.1000]), 'w': tensor([0.9000, 0.9000])}
"""

import builtins
import functools
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from unified.core.annotations import PyTree
from unified.core.missing import unknown_name
from unified.core.tree_nodes import MAPPINGS, node_of

__all__ = [
    "TreeStructure",
    "all",
    "broadcast",
    "flatten",
    "flatten_with_path",
    "leaves",
    "leaves_with_path",
    "map",
    "map_with_path",
    "reduce",
    "structure",
    "transpose",
    "unflatten",
]

Path = tuple[Any, ...]
IsLeaf = Callable[[Any], bool]

_LEAF: Any = object()  # stands for the class of a leaf
_MISSING: Any = object()


class TreeStructure:
    """A tree without its leaves, which can be compared and hashed.

    >>> import unified as u
    >>> u.tree.structure({"a": (1, 2), "b": None})
    TreeStructure({'a': (*, *), 'b': None})
    >>> u.tree.structure([1, 2]).num_leaves
    2
    """

    __slots__ = ("_children", "_cls", "_keys", "_rest", "_unflatten", "num_leaves")

    num_leaves: int
    """How many leaves the tree has."""

    def __init__(
        self,
        cls: type,
        rest: Any = None,
        unflatten: Any = None,
        keys: tuple[Any, ...] = (),
        children: tuple["TreeStructure", ...] = (),
    ) -> None:
        self._cls, self._rest, self._unflatten, self._keys, self._children = cls, rest, unflatten, keys, children
        self.num_leaves = 1 if cls is _LEAF else sum([child.num_leaves for child in children])

    def unflatten(self, leaves: Iterable[Any]) -> PyTree:
        """Return the tree with these leaves.

        Raises:
            ValueError: there are more or fewer leaves than the tree has.

        >>> import unified as u
        >>> u.tree.structure((0, [0, 0])).unflatten("abc")
        ('a', ['b', 'c'])
        """
        leaves = list(leaves)
        if len(leaves) != self.num_leaves:
            raise ValueError(f"the tree {self._text()} has {self.num_leaves} leaves, and got {len(leaves)}")
        return self._build(iter(leaves))

    def _build(self, leaves: Iterator[Any]) -> Any:
        if self._cls is _LEAF:
            return next(leaves)
        return self._unflatten(self._rest, [child._build(leaves) for child in self._children])

    def _collect(self, tree: Any, path: Path, found: list[Any]) -> None:
        """Append the parts of `tree` where this structure has leaves; raise `ValueError` where the two differ."""
        if self._cls is _LEAF:
            found.append(tree)
            return
        node = node_of(tree)
        alike = type(tree) is self._cls or (type(tree) in MAPPINGS[:3] and self._cls in MAPPINGS[:3])
        if node is None or not alike:
            raise ValueError(f"the trees differ at {_place(path)}: expected {self._text()}, got {_describe(tree)}")
        children, rest = node.flatten(tree)
        if self._cls in MAPPINGS:
            children = self._by_key(dict(zip(node.keys(tree), children, strict=True)), path)
        elif len(children) != len(self._children) or not _equal(rest, self._rest):
            raise ValueError(
                f"the trees differ at {_place(path)}: expected {self._text()} of {len(self._children)} parts, got "
                f"{_describe(tree)} of {len(children)}, or other values beside its arrays"
            )
        for key, child, structure in zip(self._keys, children, self._children, strict=True):
            structure._collect(child, (*path, key), found)

    def _by_key(self, items: dict[Any, Any], path: Path) -> list[Any]:
        if len(items) != len(self._keys) or any(key not in items for key in self._keys):
            missing = [key for key in self._keys if key not in items]
            unknown = [key for key in items if key not in self._keys]
            raise ValueError(
                f"the trees differ at {_place(path)}: in the second one {_some(missing)} "
                f"{'is' if len(missing) == 1 else 'are'} missing and {_some(unknown)} "
                f"{'is' if len(unknown) == 1 else 'are'} not in the first"
            )
        return [items[key] for key in self._keys]

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, TreeStructure)
            and self._cls is other._cls
            and _equal(self._rest, other._rest)
            and self._children == other._children
        )

    def __hash__(self) -> int:
        return hash((self._cls, self._children))

    def __repr__(self) -> str:
        return f"TreeStructure({self._text()})"

    def _text(self) -> str:
        if self._cls is _LEAF:
            return "*"
        parts = [child._text() for child in self._children]
        if self._cls is type(None):
            return "None"
        if self._cls is tuple:
            return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"
        if self._cls is list:
            return f"[{', '.join(parts)}]"
        named = ", ".join(f"{key!r}: {part}" for key, part in zip(self._keys, parts, strict=True))
        return f"{{{named}}}" if self._cls is dict else f"{self._cls.__name__}({named})"


_STAR = TreeStructure(_LEAF)


def _equal(a: Any, b: Any) -> bool:
    return a is b or bool(a == b)


def _place(path: Path) -> str:
    return repr("/".join([str(key) for key in path])) if path else "their root"


def _describe(tree: Any) -> str:
    return structure(tree)._text() if node_of(tree) is not None else f"the leaf {type(tree).__name__}"


def _some(keys: list[Any]) -> str:
    shown = ", ".join([repr(key) for key in keys[:3]])
    return "nothing" if not keys else f"{shown} and {len(keys) - 3} more" if len(keys) > 3 else shown


def _flatten(tree: Any, found: list[Any], is_leaf: IsLeaf | None) -> TreeStructure:
    node = None if is_leaf is not None and is_leaf(tree) else node_of(tree)
    if node is None:
        found.append(tree)
        return _STAR
    children, rest = node.flatten(tree)
    structures = tuple([_flatten(child, found, is_leaf) for child in children])
    return TreeStructure(type(tree), rest, node.unflatten, tuple(node.keys(tree)), structures)


def flatten(tree: PyTree, is_leaf: IsLeaf | None = None) -> tuple[list[Any], TreeStructure]:
    """Return the leaves of a tree, and its structure.

    Args:
        tree: any tree.
        is_leaf: called with each part of the tree; where it returns true, the part is a leaf.

    Source: `jax.tree.flatten`.

    >>> import unified as u
    >>> u.tree.flatten({"b": 2, "a": (1, None)})
    ([1, 2], TreeStructure({'a': (*, None), 'b': *}))
    """
    found: list[Any] = []
    return found, _flatten(tree, found, is_leaf)


def unflatten(treedef: TreeStructure, leaves: Iterable[Any]) -> PyTree:
    """Return the tree of a structure with these leaves.

    Args:
        treedef: the structure, as `flatten` or `structure` returns it.
        leaves: as many as the structure has.

    Raises:
        ValueError: there are more or fewer leaves than the tree has.

    Source: `jax.tree.unflatten`.

    >>> import unified as u
    >>> u.tree.unflatten(u.tree.structure([0, (0,)]), [1, 2])
    [1, (2,)]
    """
    return treedef.unflatten(leaves)


def leaves(tree: PyTree, is_leaf: IsLeaf | None = None) -> list[Any]:
    """Return the leaves of a tree.

    Args:
        tree: any tree.
        is_leaf: called with each part of the tree; where it returns true, the part is a leaf.

    Source: `jax.tree.leaves`.

    >>> import unified as u
    >>> u.tree.leaves({"b": 2, "a": (1, None)})
    [1, 2]
    """
    return flatten(tree, is_leaf)[0]


def structure(tree: PyTree, is_leaf: IsLeaf | None = None) -> TreeStructure:
    """Return the structure of a tree: all but its leaves.

    Args:
        tree: any tree.
        is_leaf: called with each part of the tree; where it returns true, the part is a leaf.

    Source: `jax.tree.structure`.

    >>> import unified as u
    >>> u.tree.structure([1, 2]) == u.tree.structure(["a", "b"])
    True
    """
    return flatten(tree, is_leaf)[1]


def map(f: Callable[..., Any], tree: PyTree, *rest: PyTree, is_leaf: IsLeaf | None = None) -> PyTree:
    """Return the tree with each leaf replaced by `f(leaf, *leaves of the others)`.

    Args:
        f: called with a leaf of `tree`, and what stands there in each other tree.
        tree: any tree; the result has its structure.
        rest: trees with the structure of `tree`; where it has a leaf, they may have a tree.
        is_leaf: called with each part of `tree`; where it returns true, the part is a leaf.

    Raises:
        ValueError: two trees differ, and where.

    Source: `jax.tree.map`.

    >>> import unified as u
    >>> u.tree.map(lambda a, b: a + b, {"x": 1, "y": (2,)}, {"x": 10, "y": (20,)})
    {'x': 11, 'y': (22,)}
    """
    values, treedef = flatten(tree, is_leaf)
    columns = [values, *[_up_to(treedef, other) for other in rest]]
    return treedef._build(iter([f(*items) for items in zip(*columns, strict=True)]))


def _up_to(treedef: TreeStructure, tree: Any) -> list[Any]:
    found: list[Any] = []
    treedef._collect(tree, (), found)
    return found


def reduce(
    function: Callable[[Any, Any], Any], tree: PyTree, initializer: Any = _MISSING, is_leaf: IsLeaf | None = None
) -> Any:
    """Return the leaves combined from left to right: `function(function(a, b), c)`.

    Args:
        function: called with what was combined so far, and the next leaf.
        tree: any tree.
        initializer: stands before the first leaf; without it a tree needs a leaf.
        is_leaf: called with each part of the tree; where it returns true, the part is a leaf.

    Raises:
        TypeError: there is neither a leaf nor an initializer.

    Source: `jax.tree.reduce`.

    >>> import unified as u
    >>> u.tree.reduce(lambda total, leaf: total + leaf, {"a": 1, "b": (2, 3)}, 0)
    6
    """
    values = leaves(tree, is_leaf)
    return (
        functools.reduce(function, values)
        if initializer is _MISSING
        else functools.reduce(function, values, initializer)
    )


def all(tree: PyTree, *, is_leaf: IsLeaf | None = None) -> bool:
    """Return whether all leaves are true.

    Args:
        tree: any tree, of values that have a truth.
        is_leaf: called with each part of the tree; where it returns true, the part is a leaf.

    Source: `jax.tree.all`.

    >>> import unified as u
    >>> u.tree.all({"a": True, "b": (1, None)})
    True
    """
    return builtins.all(leaves(tree, is_leaf))


def broadcast(prefix_tree: PyTree, full_tree: PyTree, is_leaf: IsLeaf | None = None) -> PyTree:
    """Return `full_tree` with each leaf replaced by the leaf of `prefix_tree` that stands at or above it.

    Args:
        prefix_tree: a tree that has the structure of `full_tree` down to its leaves.
        full_tree: the tree whose structure the result has.
        is_leaf: called with each part of `prefix_tree`; where it returns true, the part is a leaf.

    Raises:
        ValueError: the first is no prefix of the second, and where.

    Source: `jax.tree.broadcast`.

    >>> import unified as u
    >>> u.tree.broadcast({"a": 0, "b": 1}, {"a": (5, 6), "b": 7})
    {'a': (0, 0), 'b': 1}
    """
    return map(lambda value, part: map(lambda _: value, part), prefix_tree, full_tree, is_leaf=is_leaf)


def transpose(outer_treedef: TreeStructure, inner_treedef: TreeStructure | None, pytree_to_transpose: PyTree) -> PyTree:
    """Return a tree of trees with the two levels exchanged: of a list of dicts, a dict of lists.

    Args:
        outer_treedef: the structure of the outer level.
        inner_treedef: the structure of each of its parts; `None` takes that of the first one.
        pytree_to_transpose: a tree of `outer_treedef` whose leaves are trees of `inner_treedef`.

    Raises:
        ValueError: the tree is none of these structures, and where it differs.

    Source: `jax.tree.transpose`.

    >>> import unified as u
    >>> u.tree.transpose(u.tree.structure([0, 0]), None, [{"a": 1, "b": 2}, {"a": 3, "b": 4}])
    {'a': [1, 3], 'b': [2, 4]}
    """
    parts = _up_to(outer_treedef, pytree_to_transpose)
    if inner_treedef is None:
        if not parts:
            raise ValueError("a tree without parts has no inner structure: pass inner_treedef")
        inner_treedef = structure(parts[0])
    rows = [_up_to(inner_treedef, part) for part in parts]
    columns = [[row[index] for row in rows] for index in range(inner_treedef.num_leaves)]
    return inner_treedef.unflatten([outer_treedef.unflatten(column) for column in columns])


def _paths(treedef: TreeStructure, path: Path, found: list[Path]) -> list[Path]:
    if treedef._cls is _LEAF:
        found.append(path)
    for key, child in zip(treedef._keys, treedef._children, strict=True):
        _paths(child, (*path, key), found)
    return found


def flatten_with_path(tree: PyTree, is_leaf: IsLeaf | None = None) -> tuple[list[tuple[Path, Any]], TreeStructure]:
    """Return `(path, leaf)` for each leaf of a tree, and the tree's structure.

    Args:
        tree: any tree.
        is_leaf: called with each part of the tree; where it returns true, the part is a leaf.

    Source: `jax.tree.flatten_with_path`, whose paths have objects for keys.

    >>> import unified as u
    >>> u.tree.flatten_with_path({"a": (1, 2)})[0]
    [(('a', 0), 1), (('a', 1), 2)]
    """
    values, treedef = flatten(tree, is_leaf)
    return list(zip(_paths(treedef, (), []), values, strict=True)), treedef


def leaves_with_path(tree: PyTree, is_leaf: IsLeaf | None = None) -> list[tuple[Path, Any]]:
    """Return `(path, leaf)` for each leaf of a tree.

    Args:
        tree: any tree.
        is_leaf: called with each part of the tree; where it returns true, the part is a leaf.

    Source: `jax.tree.leaves_with_path`, whose paths have objects for keys.

    >>> import unified as u
    >>> [("/".join(map(str, path)), leaf) for path, leaf in u.tree.leaves_with_path({"a": (1, 2)})]
    [('a/0', 1), ('a/1', 2)]
    """
    return flatten_with_path(tree, is_leaf)[0]


def map_with_path(f: Callable[..., Any], tree: PyTree, *rest: PyTree, is_leaf: IsLeaf | None = None) -> PyTree:
    """Return the tree with each leaf replaced by `f(path, leaf, *leaves of the others)`.

    Args:
        f: called with the path of a leaf, the leaf, and what stands there in each other tree.
        tree: any tree; the result has its structure.
        rest: trees with the structure of `tree`; where it has a leaf, they may have a tree.
        is_leaf: called with each part of `tree`; where it returns true, the part is a leaf.

    Raises:
        ValueError: two trees differ, and where.

    Source: `jax.tree.map_with_path`, whose paths have objects for keys.

    >>> import unified as u
    >>> u.tree.map_with_path(lambda path, leaf: (*path, leaf), {"a": [1]})
    {'a': [('a', 0, 1)]}
    """
    values, treedef = flatten(tree, is_leaf)
    columns = [_paths(treedef, (), []), values, *[_up_to(treedef, other) for other in rest]]
    return treedef._build(iter([f(*items) for items in zip(*columns, strict=True)]))


if not TYPE_CHECKING:  # checkers would take any name for an attribute

    def __getattr__(name: str) -> Any:
        raise unknown_name("unified.tree", name, __all__)
