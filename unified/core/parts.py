"""Initial values of a part of a variable: what one process of several holds of it.

A value follows from the key, the path and the position in the flat array, so that a part is drawn without the rest.
"""

import functools
import math
from collections.abc import Iterator

import numpy as np

from unified.core import threefry
from unified.core.derived import Derived
from unified.core.distributions import Distribution, computed_in
from unified.core.filling import PART, Scratch, fill, run_jobs
from unified.core.initializer_functions import Called
from unified.core.initializers import Draw, Fixed, Orthogonal, ZeroRow

__all__ = ["fill_part"]


def fill_part(
    root: threefry.Key,
    out: np.ndarray,
    path: str,
    draw: Draw,
    shape: tuple[int, ...],
    start: tuple[int, ...],
    threads: int | None = None,
) -> None:
    """Fill a contiguous array with the part of the values of `path`, an array of `shape`, that begins at `start`.

    The values are those that `filling.fill` gives to the whole array. That array is made, for a moment, where values
    follow from one another: of `Orthogonal`, `Derived`, and of a function of a framework.
    """
    if not out.size:
        return
    part = tuple(slice(first, first + size) for first, size in zip(start, out.shape, strict=True))
    if out.shape == shape:
        fill(root, [(out, path, draw)], threads)
    elif isinstance(draw, Fixed):
        out[...] = np.broadcast_to(np.asarray(draw.value), shape)[part]
    elif isinstance(draw, (Orthogonal, Called, Derived)):
        whole = np.empty(shape, out.dtype)
        fill(root, [(whole, path, draw)], threads)
        out[...] = whole[part]
    elif isinstance(draw, ZeroRow):
        fill_part(root, out, path, draw.source, shape, start, threads)
        row = draw.row % shape[0] - start[0]
        if 0 <= row < out.shape[0]:
            out[row] = 0
    else:
        key = threefry.fold_path(root, path)
        run_jobs((functools.partial(job, key=key, draw=draw) for job in _jobs(out, shape, start)), out.size, threads)


def _jobs(out: np.ndarray, shape: tuple[int, ...], start: tuple[int, ...]) -> Iterator[functools.partial[None]]:
    """Yield jobs that fill runs of elements whose positions in the whole array follow one another."""
    axis = len(shape)  # of the first dimension from which on all are whole
    while axis and out.shape[axis - 1] == shape[axis - 1]:
        axis -= 1
    axis = max(axis - 1, 0)  # whose elements follow one another too
    strides = [math.prod(shape[i + 1 :]) for i in range(len(shape))]
    first = sum(index * stride for index, stride in zip(start, strides, strict=True))
    run = math.prod(out.shape[axis:])
    starts: np.ndarray = np.full(1, first, np.uint64)
    for size, stride in zip(out.shape[:axis], strides, strict=False):
        starts = np.add.outer(starts, np.arange(size, dtype=np.uint64) * np.uint64(stride)).reshape(-1)
    flat = out.reshape(-1)
    if run >= PART:
        for number, begin in enumerate(starts.tolist()):
            for offset in range(0, run, PART):
                size = min(PART, run - offset)
                place = flat[number * run + offset :][:size]
                yield functools.partial(_fill_run, place, begin + offset)
    else:
        rows = PART // run
        for number in range(0, len(starts), rows):
            some = starts[number : number + rows]
            yield functools.partial(_fill_runs, flat[number * run :][: len(some) * run], some, run)


def _fill_run(out: np.ndarray, start: int, scratch: Scratch, *, key: threefry.Key, draw: Distribution) -> None:
    bits = threefry.bits_chunk(key, start, out.size, scratch.bits)
    out[...] = draw(scratch.words, bits, computed_in(out.dtype.name))


def _fill_runs(
    out: np.ndarray, starts: np.ndarray, run: int, scratch: Scratch, *, key: threefry.Key, draw: Distribution
) -> None:
    positions = (starts[:, None] + np.arange(run, dtype=np.uint64)).reshape(-1)
    out[...] = draw(scratch.words, threefry.bits_at(key, positions), computed_in(out.dtype.name))
