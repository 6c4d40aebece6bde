"""New paths for variables, by rules: how a checkpoint of other code gets the names of a model."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from unified.core import backends
from unified.core.naming import closest

__all__ = ["rename_paths", "transposed"]


def rename_paths(
    paths: Iterable[str], rules: Mapping[str, str | None], transpose: Iterable[str]
) -> list[tuple[str | None, bool]]:
    """Return the new path of each path (`None`: the variable is left out), and whether its array is transposed.

    Raises `ValueError` for a pattern that matches no path, and for two variables with one new path.
    """
    names = list(paths)
    patterns = {pattern: re.compile(pattern) for pattern in (*rules, *transpose)}
    for pattern, compiled in patterns.items():
        if not any(compiled.fullmatch(name) for name in names):
            raise ValueError(
                f"the pattern {pattern!r} matches none of the paths, each of which it must match as a whole"
                f"{closest(pattern, names)}"
            )
    results: list[tuple[str | None, bool]] = []
    taken: dict[str, str] = {}
    for name in names:
        path: str | None = name
        for pattern, replacement in rules.items():
            match = patterns[pattern].fullmatch(name)
            if match:
                path = None if replacement is None else match.expand(replacement)
                break
        if path is not None:
            if path in taken:
                raise ValueError(f"{taken[path]!r} and {name!r} would both become {path!r}: change one of the rules")
            if not all(path.split("/")):
                raise ValueError(f"{name!r} would become {path!r}, which is no path: it has an empty name")
            taken[path] = name
        results.append((path, any(patterns[pattern].fullmatch(name) for pattern in transpose)))
    return results


def transposed(path: str, array: Any) -> Any:
    """Return the transpose of a matrix, as an array of its own."""
    if len(array.shape) != 2:
        raise ValueError(
            f"{path!r} has shape {tuple(array.shape)}, and only a matrix can be transposed: make the pattern of "
            "transpose= match the weights of linear layers alone"
        )
    backend = backends.of_array(array)
    if backend is not None:
        array = backend.with_gradient(array, False).T
        return array.contiguous() if hasattr(array, "contiguous") else array
    if isinstance(array, np.ndarray):
        return np.ascontiguousarray(array.T)
    return array.update(shape=array.shape[::-1])  # a jax.ShapeDtypeStruct
