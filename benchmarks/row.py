"""`Row`: one line of the table."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from benchmarks.measure import Samples, Spread, ratio, typical

__all__ = ["Row", "compare", "guarded"]


@dataclass(frozen=True)
class Row:
    """A measurement of ours and of the baseline.

    `bar` is the largest guaranteed `ratio` (or the largest `ours` where there is no ratio), and `None` for a row that
    is informative only. A ratio meets its bar if it does so when rounded to two decimals. `peers` are ratios to the
    same baseline.
    """

    name: str
    ours: float | None = None
    baseline: float | None = None
    unit: str = ""
    ratio: Spread | None = None
    bar: float | None = None
    met: bool | None = None
    peers: dict[str, Spread] = field(default_factory=dict)
    note: str = ""
    failed: bool = False


def compare(
    name: str,
    samples: Samples,
    ours: str = "unified",
    baseline: str = "raw",
    *,
    bar: float | None = None,
    peers: Iterable[str] = (),
    note: str = "",
) -> Row:
    """Return the row for the contestants `ours` and `baseline` of `samples`, which are in seconds."""
    spread = ratio(samples, ours, baseline)
    return Row(
        name,
        typical(samples[ours]),
        typical(samples[baseline]),
        "s",
        spread,
        bar,
        None if bar is None else round(spread.median, 2) <= bar,
        {peer: ratio(samples, peer, baseline) for peer in peers if peer in samples},
        note,
    )


def guarded(name: str, measure: Callable[[], list[Row]]) -> list[Row]:
    """Return `measure()`, or a row with its error, so that the other rows of the benchmark are still shown."""
    try:
        return measure()
    except Exception as error:
        first_line = (str(error).strip().splitlines() or [""])[0]
        return [Row(name, met=False, note=f"{type(error).__name__}: {first_line}"[:300], failed=True)]
