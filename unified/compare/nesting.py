"""Values by path as the trees that JAX's libraries use, and back."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from unified.compare.errors import MappingError

__all__ = ["filled", "flattened", "nested"]


def nested(values: Mapping[str, Any], library: str) -> Any:
    """Return nested dicts; Haiku's are a dict of names in a dict of modules, whose names have slashes.

    Raises:
        MappingError: a path is a part of another.
    """
    result: dict[str, Any] = {}
    for path, value in values.items():
        *parents, name = _parts(path, library)
        node = result
        for part in parents:
            node = node.setdefault(part, {})
            if not isinstance(node, dict):
                raise MappingError(f"{path!r} continues the path of another value")
        if name in node:
            raise MappingError(f"{path!r} is a part of the path of another value")
        node[name] = value
    return result


def flattened(tree: Any, library: str) -> dict[str, np.ndarray]:
    """Return the arrays of a tree by path."""
    if isinstance(tree, Mapping) and all(hasattr(value, "shape") for value in tree.values()):
        return {str(path): np.asarray(value) for path, value in tree.items()}
    if isinstance(tree, Mapping | list | tuple):
        items = tree.items() if isinstance(tree, Mapping) else enumerate(tree)
        result = {}
        for key, value in items:
            for path, array in flattened(value, library).items() if not hasattr(value, "shape") else [("", value)]:
                result["/".join(filter(None, (str(key), path)))] = np.asarray(array)
        return result
    return _flattened_by_jax(tree)


def filled(like: Any, values: Mapping[str, Any], library: str, left_over: tuple[str, ...]) -> Any:
    """Return a tree of the structure of `like` with these values.

    Raises:
        MappingError: the tree lacks a value's path, has another shape, or has values that the mapping does not name.
    """
    import jax

    from unified.compare.sides.jax_function import named_leaves

    named = named_leaves(like)
    if unknown := [path for path in values if path not in named]:
        raise MappingError(f"the tree has no {unknown[0]!r}; it has {', '.join(list(named)[:5])}, ...")
    if lacking := [path for path in named if path not in values and path not in left_over]:
        raise MappingError(f"the mapping gives no {lacking[0]!r} of the tree")
    for path, value in values.items():
        if np.shape(named[path]) != np.shape(value):
            raise MappingError(
                f"{path!r} has shape {np.shape(named[path])} in the tree, and {np.shape(value)} by the mapping"
            )
    return jax.tree.unflatten(jax.tree.structure(like), [values.get(path, leaf) for path, leaf in named.items()])


def _parts(path: str, library: str) -> list[str]:
    if library != "haiku":
        return path.split("/")
    head, _, rest = path.partition("/")
    module, _, name = rest.rpartition("/")
    return [head, module, name]


def _flattened_by_jax(tree: Any) -> dict[str, np.ndarray]:
    from unified.compare.sides.jax_function import named_leaves

    return {path: np.asarray(leaf) for path, leaf in named_leaves(tree).items()}
