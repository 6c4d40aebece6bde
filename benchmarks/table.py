"""The printed table."""

from rich.console import Console
from rich.table import Table

from benchmarks.measure import Spread
from benchmarks.row import Row

__all__ = ["show"]

PIPE_WIDTH = 180
UNITS = (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6))


def _amount(value: float | None, unit: str) -> str:
    """Return `value` as text, with seconds in the largest unit that leaves a digit before the point."""
    if value is None:
        return ""
    if unit != "s":
        return f"{value:g} {unit}"
    name, scale = next(((name, scale) for name, scale in UNITS if value >= scale), UNITS[-1])
    return f"{value / scale:.3g} {name}"


def _ratio(spread: Spread | None, quartiles: bool = True) -> str:
    if spread is None:
        return ""
    digits = 2 if spread.median >= 0.1 else 3
    text = f"{spread.median:.{digits}f}"
    return f"{text} [dim]({spread.low:.{digits}f}-{spread.high:.{digits}f})[/dim]" if quartiles else text


def _verdict(row: Row) -> str:
    if row.failed:
        return "[red]error[/red]"
    if row.met is None:
        return "[dim]info[/dim]"
    return "[green]yes[/green]" if row.met else "[red]no[/red]"


def _remarks(row: Row) -> str:
    peers = [f"{name} {_ratio(spread, quartiles=False)}" for name, spread in row.peers.items()]
    return ", ".join(peers) + ("\n" if peers and row.note else "") + row.note.replace("[", r"\[")


def show(rows: list[Row], missing: list[str]) -> None:
    """Print `rows`, the number of bars that are met, and the peers that are `missing`."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=PIPE_WIDTH)
    table = Table("row", title="unified against the raw framework")
    for column in ("ours", "baseline", "ratio (quartiles)", "bar", "met"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("peers ÷ the same baseline; notes")
    for row in rows:
        bar = "" if row.bar is None else f"{row.bar:g}"
        ours, baseline = _amount(row.ours, row.unit), _amount(row.baseline, row.unit)
        table.add_row(row.name, ours, baseline, _ratio(row.ratio), bar, _verdict(row), _remarks(row))
    console.print(table)
    met = [bool(row.met) for row in rows if row.met is not None]
    console.print(f"{sum(met)} of {len(met)} bars met; ratios are medians over rounds")
    if missing:
        console.print(f"not installed and left out: {', '.join(missing)}")
