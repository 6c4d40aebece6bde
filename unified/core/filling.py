"""Initial values in NumPy arrays: short arrays together, long ones in chunks, many of them in several threads."""

import functools
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

import numpy as np

from unified.core import threefry
from unified.core.derived import Derived
from unified.core.distributions import Distribution, NumpyWords, computed_in
from unified.core.initializer_functions import Called
from unified.core.initializers import Draw, Fixed, Shaped, values_from_bits

__all__ = ["PART", "Scratch", "fill", "run_jobs"]

# Values that a distribution computes at a time: the arrays in which it does stay in the cache.
PART = 1 << 15

# Words from which on threads are worth their start: ten milliseconds of one core.
MANY = 1 << 20

# Each thread holds the interpreter's lock between two operations: more of them would wait for it.
MOST_THREADS = 8

Target = tuple[np.ndarray, str, Draw]
Random = tuple[np.ndarray, threefry.Key, Any]  # an array, its key, and a draw that is not fixed
Job = Callable[["Scratch"], None]


class Scratch:
    """The arrays in which one thread computes words and values."""

    def __init__(self) -> None:
        self.words = NumpyWords(PART)

    @functools.cached_property
    def bits(self) -> threefry.Scratch:
        return threefry.Scratch(threefry.CHUNK)


def fill(root: threefry.Key, targets: Iterable[Target], threads: int | None = None) -> None:
    """Fill each NumPy array with the values of its path and draw under the key `root`.

    Arrays are float32, float64, or of a narrower type that the values are rounded to. Short ones that follow the
    same distribution are drawn together. Many values are drawn in as many `threads`, of which NumPy needs no lock
    while it computes; `None` is one for each core that the process may use.
    """
    random = []
    for out, path, draw in targets:
        if isinstance(draw, Fixed):
            out[...] = draw.value
        elif isinstance(draw, Called):
            out[...] = draw.values(threefry.fold_paths(root, [path])[0], out.shape, out.dtype.name)
        elif isinstance(draw, Derived):
            out[...] = draw.values(fill, root, path, out.dtype)
        elif out.size:
            random.append((out, path, draw))
    keys = threefry.fold_paths(root, [path for _, path, _ in random])
    draws: list[Random] = [(out, key, draw) for (out, _, draw), key in zip(random, keys, strict=True)]
    run_jobs(_jobs(draws), sum(out.size for out, _, _ in draws), threads)


def run_jobs(jobs: Iterator[Job], total: int, threads: int | None) -> None:
    """Run jobs that draw `total` values, in several threads if these are many."""
    if threads is None:
        threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if total < MANY or threads == 1:
        scratch = Scratch()
        for job in jobs:
            job(scratch)
    else:
        _run_in_threads(jobs, min(threads, MOST_THREADS))


def _run_in_threads(jobs: Iterator[Job], threads: int) -> None:
    """Run all jobs, in this thread and in others."""
    from concurrent.futures import ThreadPoolExecutor

    shared = iter(list(jobs))  # each thread takes the next

    def work() -> None:
        scratch = Scratch()
        try:
            for job in shared:
                job(scratch)
        except BaseException:
            for _ in shared:  # the others stop too
                pass
            raise

    with ThreadPoolExecutor(threads - 1, thread_name_prefix="unified-init") as pool:
        helpers = []
        with suppress(RuntimeError):  # no thread can start, as when the interpreter ends: this one does all
            for _ in range(threads - 1):
                helpers.append(pool.submit(work))
        work()
        for helper in helpers:
            helper.result()


def _jobs(draws: list[Random]) -> Iterator[Job]:
    """Yield the parts of the work, which write to different places."""
    together: dict[tuple[int, np.dtype[Any]], tuple[Draw, list[tuple[np.ndarray, threefry.Key]]]] = {}
    for out, key, draw in draws:
        if isinstance(draw, Shaped) or out.size <= threefry.CHUNK or not out.flags.c_contiguous:
            # By its identity: equal draws of a model's variables are one object, whose hash takes a microsecond.
            together.setdefault((id(draw), out.dtype), (draw, []))[1].append((out, key))
        else:
            flat = out.reshape(-1)
            for start in range(0, out.size, threefry.CHUNK):
                yield functools.partial(_fill_chunk, flat[start : start + threefry.CHUNK], key, draw, start)
    for (_, dtype), (draw, group) in together.items():
        for batch in _batches(group):
            yield functools.partial(_fill_batch, batch, draw, computed_in(dtype.name))


def _batches(group: list[tuple[np.ndarray, threefry.Key]]) -> Iterator[list[tuple[np.ndarray, threefry.Key]]]:
    """Yield the arrays in lists of about a chunk, so that many need no more memory than one list."""
    batch, size = [], 0
    for out, key in group:
        batch.append((out, key))
        size += out.size
        if size >= threefry.CHUNK:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _fill_chunk(out: np.ndarray, key: threefry.Key, draw: Distribution, start: int, scratch: Scratch) -> None:
    """Fill an array, which is part of a longer one, with the values from the word `start` on."""
    bits = threefry.bits_chunk(key, start, out.size, scratch.bits)
    for begin in range(0, out.size, PART):
        part = slice(begin, begin + PART)
        out[part] = draw(scratch.words, bits[part], computed_in(out.dtype.name))


def _fill_batch(batch: list[tuple[np.ndarray, threefry.Key]], draw: Draw, dtype: str, scratch: Scratch) -> None:
    """Fill whole arrays with values of one draw."""
    bits = threefry.random_bits([key for _, key in batch], [out.size for out, _ in batch])
    words = scratch.words
    values = bits if isinstance(draw, Shaped) else values_from_bits(words, bits, draw, bits.shape, dtype, np)
    start = 0
    for out, _ in batch:
        part = values[start : start + out.size]
        if isinstance(draw, Shaped):
            part = values_from_bits(words, part, draw, out.shape, dtype, np)
        out[...] = part.reshape(out.shape)
        start += out.size
