"""The rule by which arrays of several frameworks become arrays of one, wherever values enter `Params`."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from unified.core import backends
from unified.core.errors import BackendError
from unified.core.protocol import Backend

__all__ = ["convert", "framework_of", "unify"]


def _owners(values: Iterable[Any]) -> dict[type, Backend | None]:
    """Return the backend of each type of array among the values; `None` for NumPy's."""
    owners: dict[type, Backend | None] = {}
    for kind, value in {type(value): value for value in values}.items():
        owner = backends.of_array(value)
        if owner is not None or isinstance(value, np.ndarray):
            owners[kind] = owner
    return owners


def framework_of(values: Iterable[Any]) -> Backend | None:
    """Return the backend of the first array among the values that is not NumPy's; `None` if there is none."""
    values = list(values)
    owners = _owners(values)
    return next((owners[type(value)] for value in values if owners.get(type(value)) is not None), None)


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


def unify(paths: Iterable[str], values: tuple[Any, ...], target: Backend | None = None) -> tuple[Any, ...]:
    """Return the values with all arrays in one framework: `target`, by default that of the first array.

    NumPy's arrays are converted too, unless there are no others. Values that are no arrays stay as they are.
    """
    owners = _owners(values)
    if len(owners) < 2 and (target is None or set(owners.values()) <= {target}):
        return values
    target = target or framework_of(values)
    if target is None or set(owners.values()) == {target}:
        return values
    like = next((value for value in values if owners.get(type(value)) is target), None)
    return tuple(
        convert(path, value, target, like) if owners.get(type(value), target) is not target else value
        for path, value in zip(paths, values, strict=True)
    )
