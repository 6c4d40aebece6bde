"""Trees of inputs and outputs: dicts, lists, tuples and dataclasses of arrays, with a name for each leaf."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["leaves", "mapped"]


def mapped(function: Callable[[str, Any], Any], tree: Any, name: str = "") -> Any:
    """Return the tree with each leaf replaced by `function(name, leaf)`; `None` is no leaf.

    >>> mapped(lambda name, leaf: name, {"a": [1, 2]})
    {'a': ['a/0', 'a/1']}
    """
    if tree is None:
        return None
    if isinstance(tree, Mapping):
        items = {key: mapped(function, value, _join(name, key)) for key, value in tree.items()}
        return items if type(tree) is dict else _rebuilt(tree, items)
    if isinstance(tree, list | tuple):
        values = [mapped(function, value, _join(name, number)) for number, value in enumerate(tree)]
        if isinstance(tree, list):
            return values
        return type(tree)(*values) if hasattr(tree, "_fields") else tuple(values)
    if dataclasses.is_dataclass(tree) and not isinstance(tree, type):
        names = [field.name for field in dataclasses.fields(tree)]
        return dataclasses.replace(
            tree, **{key: mapped(function, getattr(tree, key), _join(name, key)) for key in names}
        )
    return function(name, tree)


def leaves(tree: Any, name: str = "") -> dict[str, Any]:
    """Return the leaves by name.

    >>> leaves((1, {"a": 2}))
    {'0': 1, '1/a': 2}
    """
    result: dict[str, Any] = {}

    def collect(path: str, leaf: Any) -> Any:
        result[path] = leaf
        return leaf

    mapped(collect, tree, name)
    return result


def _join(name: str, part: object) -> str:
    return f"{name}/{part}" if name else str(part)


def _rebuilt(tree: Mapping[Any, Any], items: dict[Any, Any]) -> Any:
    try:
        return type(tree)(items)  # type: ignore[call-arg]
    except TypeError:
        return items
