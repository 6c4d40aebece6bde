"""The rule by which arrays of several frameworks become arrays of one, wherever values enter `Params`."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from unified.core import backends
from unified.core.errors import BackendError
from unified.core.protocol import Backend

__all__ = ["convert", "on_host", "unify"]


def on_host(value: Any) -> Any:
    """Return an array of a framework as one of NumPy, and any other value as it is."""
    backend = backends.of_array(value)
    return value if backend is None else backend.to_numpy(value)


def _owners(values: Iterable[Any]) -> dict[type, Backend | None]:
    """Return the backend of each type of array among the values; `None` for NumPy's."""
    owners: dict[type, Backend | None] = {}
    for kind, value in {type(value): value for value in values}.items():
        owner = backends.of_array(value)
        if owner is not None or isinstance(value, np.ndarray):
            owners[kind] = owner
    return owners


def convert(path: str, value: Any, target: Backend, like: Any = None) -> Any:
    """Return an array of any framework as one of `target`, placed as the array `like`.

    Raises:
        BackendError: the array has no values, because it is traced; the message names `path`.
    """
    owner = backends.of_array(value)
    if owner is target:
        return value
    try:
        host = value if owner is None else owner.to_numpy(value)
    except Exception as error:
        raise BackendError(
            f"{path!r}: an array of {owner.name if owner else 'NumPy'} cannot become one of {target.name} here "
            f"({type(error).__name__}: {str(error).splitlines()[0]}): convert it where it has values"
        ) from error
    return target.from_numpy(host, None if like is None else target.placement(like))


def unify(paths: Iterable[str], values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the values with all arrays in the framework of the first one that is not NumPy's.

    NumPy's arrays are converted too, unless there are no others. Values that are no arrays stay as they are.
    """
    owners = _owners(values)
    if len(set(owners.values())) < 2:
        return values
    like = next(value for value in values if owners.get(type(value)) is not None)
    target = owners[type(like)]
    assert target is not None
    return tuple(
        convert(path, value, target, like) if owners.get(type(value), target) is not target else value
        for path, value in zip(paths, values, strict=True)
    )
