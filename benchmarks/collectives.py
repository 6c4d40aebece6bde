"""The collectives of a compiled program: how often each runs and how many bytes it returns on a device."""

import math
import re
from collections import Counter
from typing import Any

__all__ = ["collectives"]

KINDS = ("all-gather", "all-reduce", "reduce-scatter", "all-to-all", "collective-permute")
BYTES = {"pred": 1, "s8": 1, "u8": 1, "bf16": 2, "f16": 2, "s32": 4, "u32": 4, "f32": 4, "s64": 8, "u64": 8, "f64": 8}

_COMPUTATION = re.compile(r"^(ENTRY )?%?([\w.\-]+) \(.*\{$")
_COLLECTIVE = re.compile(rf"= (.+?) ({'|'.join(KINDS)})(-start)?\(")
_CALLED = re.compile(r"(?:body|to_apply|calls|true_computation|false_computation)=%?([\w.\-]+)")
_TRIPS = re.compile(r'"known_trip_count":\{"n":"(\d+)"')
_ARRAY = re.compile(r"([a-z]+\d*)\[([\d,]*)\]")


def collectives(text: str) -> dict[str, Any]:
    """Return the runs and the bytes of the collectives in the text of a compiled program; loops count as they run."""
    within: dict[str, list[tuple[str, int]]] = {}
    calls: dict[str, list[tuple[str, int]]] = {}
    entry = current = ""
    for line in text.splitlines():
        head = _COMPUTATION.match(line)
        if head:
            current = head[2]
            entry = current if head[1] else entry
            within[current], calls[current] = [], []
            continue
        found = _COLLECTIVE.search(line)
        if found:
            within[current].append((found[2], _size(found[1])))
            continue
        trips = _TRIPS.search(line)
        for name in _CALLED.findall(line):
            calls[current].append((name, int(trips[1]) if trips and " while(" in line else 1))
    runs: Counter[str] = Counter()
    total = 0
    pending = [(entry, 1)]
    while pending:
        name, times = pending.pop()
        for kind, size in within.get(name, ()):
            runs[kind] += times
            total += times * size
        pending += [(called, times * trips) for called, trips in calls.get(name, ())]
    return {"runs": dict(runs), "count": sum(runs.values()), "bytes": total}


def _size(shape: str) -> int:
    return sum(
        BYTES.get(kind, 4) * math.prod(int(size) for size in sizes.split(",") if size)
        for kind, sizes in _ARRAY.findall(shape)
    )
