"""Timing in turns: each contestant once per round, so that a slow spell of the machine affects all of them."""

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["Samples", "Spread", "interleave", "ratio", "typical"]

Samples = dict[str, list[float]]

WARM_UP_CALLS = 5


@dataclass(frozen=True)
class Spread:
    """The median and the quartiles of some values."""

    median: float
    low: float
    high: float


def typical(values: list[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def ratio(samples: Samples, name: str, baseline: str) -> Spread:
    """Return the median and the quartiles, over all rounds, of the time of `name` divided by that of `baseline`."""
    values = [ours / base for ours, base in zip(samples[name], samples[baseline], strict=True)]
    if len(values) == 1:
        return Spread(values[0], values[0], values[0])
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return Spread(median, low, high)


def turns(names: list[str], rounds: int) -> list[list[str]]:
    """Return the order of names in each round: forwards and backwards in turn, and rotated by one every two rounds."""
    orders = []
    for number in range(rounds):
        start = (number // 2) % len(names)
        order = names[start:] + names[:start]
        orders.append(order[::-1] if number % 2 else order)
    return orders


def interleave(
    contestants: dict[str, Callable[[], Any]],
    rounds: int,
    seconds: float = 0.005,
    clock: Callable[[], float] = time.perf_counter,
) -> Samples:
    """Return the seconds of one call of each contestant, for each of `rounds` rounds.

    In its turn a contestant repeats the call for about `seconds`. All contestants are warmed up first, and garbage is
    collected only between rounds. The clock `time.thread_time` stands still while other programs run: it is for what
    runs in one thread.
    """
    repeats = {}
    for name, call in contestants.items():
        for _ in range(WARM_UP_CALLS):
            call()
        repeats[name] = max(1, round(seconds / min(_timed(call, 1, clock) for _ in range(3))))
    samples: Samples = {name: [] for name in contestants}
    gc.collect()
    gc.freeze()  # objects that are alive now need no search between rounds
    gc.disable()
    try:
        for order in turns(list(contestants), rounds):
            for name in order:
                samples[name].append(_timed(contestants[name], repeats[name], clock))
            gc.collect()
    finally:
        gc.enable()
        gc.unfreeze()
    return samples


def _timed(call: Callable[[], Any], repeats: int, clock: Callable[[], float]) -> float:
    start = clock()
    for _ in range(repeats):
        call()
    return (clock() - start) / repeats
