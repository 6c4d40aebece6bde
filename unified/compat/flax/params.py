"""Variables of linen as `unified.Params` and back: `params/Dense_0/kernel` is `Dense_0/kernel` in `params`."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from unified.core.params import Params

__all__ = ["flatten", "from_params", "to_params", "unboxed", "unflatten"]

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


def unboxed(value: Any) -> Any:
    """Return the array of a leaf, which linen, of torch or of JAX, boxes where a module names its axes."""
    while hasattr(value, "unbox"):
        value = value.unbox()
    return value


def _array(path: Path, value: Any) -> Any:
    value = unboxed(value)
    if isinstance(value, tuple | list | type(None)):
        raise TypeError(
            f"the variable {'/'.join(path)!r} is no array but of type {type(value).__name__}, as sow makes them: "
            f"leave the collection {path[0]!r} out"
        )
    return getattr(value, "tensor", value)


def _text(path: Path) -> str:
    # Some names have a slash, such as Dense_0/kernel/u of SpectralNorm: from_params has to tell it from a path's.
    return "/".join(name.replace("%", "%25").replace("/", "%2F") for name in path)


def to_params(variables: Mapping[str, Any]) -> Params:
    """Return the variables that `init` of a linen module returns as `unified.Params`, a collection for each of theirs.

    >>> import numpy as np
    >>> to_params({"params": {"Dense_0": {"bias": np.zeros(3, "float32")}}})["Dense_0/bias"].shape
    (3,)

    A slash within a name becomes `%2F`.

    Raises:
        ValueError: two collections have a variable of the same path.
        TypeError: a variable is no array.
    """
    found: Params | None = None
    for collection, tree in variables.items():
        flat = {_text(path): _array((collection, *path), value) for path, value in flatten(tree).items()}
        part = Params.in_collection(flat, collection)
        if found is not None:
            twice = sorted(set(found) & set(part))
            if twice:
                raise ValueError(f"{twice[0]!r} is in the collection {collection!r} and in another: rename one of them")
        found = part if found is None else found.merge(part)
    return Params({}) if found is None else found


def from_params(params: Params) -> dict[str, Any]:
    """Return the variables of a linen module that `to_params` made these params of.

    Args:
        params: what `to_params` returned, or such params with other values.

    Returns:
        A dict of collections, as `module.apply` takes it.

    >>> import numpy as np
    >>> variables = {"params": {"Dense_0": {"bias": np.zeros(3, "float32")}}}
    >>> from_params(to_params(variables))["params"]["Dense_0"]["bias"].shape
    (3,)
    """
    return unflatten(
        {(params.info[path].collection, *map(unquote, path.split("/"))): value for path, value in params.items()}
    )
