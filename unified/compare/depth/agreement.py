"""Whether two arrays hold the same numbers, up to the order of axes and a reshape."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

__all__ = ["agree", "arrangements", "close", "like", "moments", "nearest", "same_numbers"]


def close(one: np.ndarray, two: np.ndarray, rtol: float, atol: float) -> bool:
    """Whether all numbers of two arrays of one shape agree; small ones beside large ones need only agree with these."""
    one, two = one.astype(np.float64), two.astype(np.float64)
    with np.errstate(invalid="ignore"):
        finite = two[np.isfinite(two)]
        size = float(np.sqrt(np.mean(np.square(finite)))) if finite.size else 0.0
        gaps = np.abs(one - two) <= atol + rtol * np.maximum(np.abs(two), size)
    return bool(np.all(gaps | (one == two) | (np.isnan(one) & np.isnan(two))))


def arrangements(array: np.ndarray, shape: tuple[int, ...]) -> Iterator[np.ndarray]:
    """Yield the array in a shape, by each order of its axes that leads there; the order that it has comes first."""
    if array.size != int(np.prod(shape)):
        return
    squeezed = array.reshape([size for size in array.shape if size != 1])
    wanted = [size for size in shape if size != 1]
    orders = itertools.permutations(range(squeezed.ndim)) if squeezed.ndim <= 5 else [tuple(range(squeezed.ndim))]
    if len(wanted) > squeezed.ndim:  # a flattened array: by the orders that the axes may have had
        yield from _merged(shape, array)
        return
    for order in orders:
        turned = squeezed.transpose(order)
        if len(wanted) != squeezed.ndim or list(turned.shape) == wanted:
            yield turned.reshape(shape)


def agree(one: np.ndarray, two: np.ndarray, rtol: float, atol: float) -> np.ndarray | None:
    """Return the second array in the first's shape, in the order in which all numbers agree; `None` if none does."""
    if one.size != two.size or not one.size:
        return None
    if not like(moments(one), moments(two), rtol, atol):
        return None
    return next((turned for turned in arrangements(two, one.shape) if close(one, turned, rtol, atol)), None)


def nearest(one: np.ndarray, two: np.ndarray) -> np.ndarray | None:
    """Return the second array in the first's shape, in the order that is closest; `None` if it has another size."""
    turns = list(arrangements(two, one.shape))
    return min(turns, key=lambda turned: _distance(one, turned)) if turns else None


def same_numbers(one: np.ndarray, two: np.ndarray, rtol: float, atol: float) -> bool:
    """Whether two arrays hold the same numbers in some order."""
    return one.size == two.size and close(np.sort(one, axis=None), np.sort(two, axis=None), rtol, atol)


def _merged(shape: tuple[int, ...], array: np.ndarray) -> Iterator[np.ndarray]:
    orders = itertools.permutations(range(len(shape))) if len(shape) <= 5 else [tuple(range(len(shape)))]
    for order in orders:
        yield array.reshape([shape[axis] for axis in order]).transpose(np.argsort(order))


def like(one: np.ndarray, two: np.ndarray, rtol: float, atol: float) -> bool:
    """Whether arrays of these moments may agree."""
    return close(one, two, max(rtol, 1e-3), max(atol, 1e-4))


def moments(array: np.ndarray) -> np.ndarray:
    """Return what no layout changes: the mean, the root mean square and the largest of the finite numbers."""
    finite = array[np.isfinite(array)].astype(np.float64)
    return np.array([finite.mean(), np.sqrt(np.mean(finite**2)), np.abs(finite).max()] if finite.size else [0, 0, 0])


def _distance(one: np.ndarray, two: np.ndarray) -> float:
    with np.errstate(invalid="ignore"):
        gaps = np.abs(one.astype(np.float64) - two)
    return float(np.sum(gaps[np.isfinite(gaps)]))
