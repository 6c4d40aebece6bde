"""Variables of linen as `unified.Params` and back: `params/Dense_0/kernel` is `Dense_0/kernel` in `params`."""

from collections.abc import Iterator, Mapping
from typing import Any

from unified.core.params import Params

__all__ = ["flatten", "from_params", "to_params", "unflatten"]

Path = tuple[str, ...]


def flatten(tree: Mapping[str, Any]) -> dict[Path, Any]:
    """Return the leaves of nested dicts by their paths."""

    def visit(level: Any, path: Path) -> Iterator[tuple[Path, Any]]:
        if hasattr(level, "items"):
            for name, value in level.items():
                yield from visit(value, (*path, str(name)))
        else:
            yield path, level

    return dict(visit(tree, ()))


def unflatten(flat: Mapping[Path, Any]) -> dict[str, Any]:
    """Return the nested dicts of leaves by their paths."""
    tree: dict[str, Any] = {}
    for path, value in flat.items():
        level = tree
        for name in path[:-1]:
            level = level.setdefault(name, {})
        level[path[-1]] = value
    return tree


def _unboxed(value: Any) -> Any:
    """Return the array of a leaf, which linen boxes where a module names its axes."""
    value = value.unbox() if hasattr(value, "unbox") else value
    return getattr(value, "tensor", value)


def to_params(variables: Mapping[str, Any]) -> Params:
    """Return the variables that `init` of a linen module returns as `unified.Params`, a collection for each of theirs.

    >>> import numpy as np
    >>> to_params({"params": {"Dense_0": {"bias": np.zeros(3, "float32")}}})["Dense_0/bias"].shape
    (3,)

    Raises:
        ValueError: two collections have a variable of the same path.
    """
    found: Params | None = None
    for collection, tree in variables.items():
        flat = {"/".join(path): _unboxed(value) for path, value in flatten(tree).items()}
        part = Params.in_collection(flat, collection)
        if found is not None:
            twice = sorted(set(found) & set(part))
            if twice:
                raise ValueError(f"{twice[0]!r} is in the collection {collection!r} and in another: rename one of them")
        found = part if found is None else found.merge(part)
    return Params({}) if found is None else found


def from_params(params: Params) -> dict[str, Any]:
    """Return the variables of a linen module that `to_params` made these params of."""
    return unflatten({(params.info[path].collection, *path.split("/")): value for path, value in params.items()})
