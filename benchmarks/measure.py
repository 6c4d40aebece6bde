"""Timing in turns: every contestant once a round, so that a slow spell of the machine hits all of them."""

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
    """The median of some values and their quartiles."""

    median: float
    low: float
    high: float


def typical(values: list[float]) -> float:
    """The median."""
    return statistics.median(values)


def ratio(samples: Samples, name: str, baseline: str) -> Spread:
    """How many times longer `name` takes than `baseline`: round by round, then the median and the quartiles."""
    values = [ours / base for ours, base in zip(samples[name], samples[baseline], strict=True)]
    if len(values) == 1:
        return Spread(values[0], values[0], values[0])
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return Spread(median, low, high)


def turns(names: list[str], rounds: int) -> list[list[str]]:
    """The order of each round: it starts one further each time, and goes forwards and backwards in turn."""
    orders = []
    for number in range(rounds):
        start = (number // 2) % len(names)
        order = names[start:] + names[:start]
        orders.append(order[::-1] if number % 2 else order)
    return orders


def interleave(contestants: dict[str, Callable[[], Any]], rounds: int, seconds: float = 0.005) -> Samples:
    """Seconds for one call of each contestant, in each of `rounds` rounds.

    A contestant's turn repeats the call for about `seconds`. All are warmed up first, and garbage is collected only
    between rounds.
    """
    repeats = {}
    for name, call in contestants.items():
        for _ in range(WARM_UP_CALLS):
            call()
        repeats[name] = max(1, round(seconds / min(_timed(call, 1) for _ in range(3))))
    samples: Samples = {name: [] for name in contestants}
    gc.collect()
    gc.freeze()  # what is alive now need not be searched between rounds
    gc.disable()
    try:
        for order in turns(list(contestants), rounds):
            for name in order:
                samples[name].append(_timed(contestants[name], repeats[name]))
            gc.collect()
    finally:
        gc.enable()
        gc.unfreeze()
    return samples


def _timed(call: Callable[[], Any], repeats: int) -> float:
    start = time.perf_counter()
    for _ in range(repeats):
        call()
    return (time.perf_counter() - start) / repeats
