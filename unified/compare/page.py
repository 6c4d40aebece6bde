"""The report of a comparison as an HTML page that needs nothing else: tables, and the difference along the depth."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape

from unified.compare.depth.alignment import Place
from unified.compare.report import Report

__all__ = ["page"]

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 62em; padding: 0 1em; color: #222; }
h1 { font-size: 1.4em; } h2 { font-size: 1.1em; margin-top: 2em; }
table { border-collapse: collapse; width: 100%; font-size: 13px; }
td, th { text-align: left; padding: 0.25em 0.8em 0.25em 0; border-bottom: 1px solid #ddd; overflow-wrap: anywhere; }
tr.differs td { background: #fdecea; } pre { background: #f6f6f6; padding: 0.8em; white-space: pre-wrap; }
.agrees { fill: #2a7f4f; color: #2a7f4f; } .differs { fill: #c0392b; color: #c0392b; }
svg { width: 100%; height: auto; } svg text { font: 11px system-ui, sans-serif; fill: #444; }
"""
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 960, 320, 56, 12, 34
FLOOR = 1e-12  # differences below it, zero too, stand on the lowest line


def page(report: Report) -> str:
    """Return the page; each point of its plot says the names of both layers when the pointer is over it."""
    one, two = report.libraries
    verdict = "agree" if report.agrees else "differ"
    rows = [
        (each.agrees, (each.name, *each.kinds, f"{each.largest:.3g}", str(list(each.place)), _word(each.agrees)))
        for each in report.differences
    ]
    depth = [
        (each.agrees, (each.first.name or "the model", each.second.name or "the model", f"{each.largest:.3g}"))
        for each in report.depth
    ]
    parts = [
        f"<h1>{escape(one)} and {escape(two)} <span class={_word(report.agrees)}>{verdict}</span></h1>",
        *(f"<p class=differs>{escape(problem)}</p>" for problem in report.problems),
        *(f"<p>{escape(note)}</p>" for note in report.notes),
    ]
    if report.first_difference is not None:
        parts += ["<h2>The first difference</h2>", f"<pre>{escape(str(report.first_difference))}</pre>"]
    if depth:
        parts += ["<h2>The difference along the depth</h2>", _plot(report.depth)]
    parts += ["<h2>What was compared</h2>", _table(("", one, two, "largest difference", "at", ""), rows)]
    if depth:
        parts += ["<h2>Layers</h2>", _table((one, two, "largest difference"), depth)]
    parts += ["<h2>The mapping</h2>", f"<pre>{escape(str(report.mapping))}</pre>"]
    title = escape(f"{one} and {two} {verdict}")
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{STYLE}</style></head><body>\n" + "\n".join(parts) + "\n</body></html>\n"
    )


def _table(header: Sequence[str], rows: Iterable[tuple[bool, Sequence[str]]]) -> str:
    lines = ["<table><tr>" + "".join(f"<th>{escape(cell)}</th>" for cell in header) + "</tr>"]
    for agrees, cells in rows:
        lines.append(f"<tr class={_word(agrees)}>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>")
    return "\n".join([*lines, "</table>"])


def _plot(places: Sequence[Place]) -> str:
    """Return an SVG of the largest difference at each place, on a logarithmic scale."""
    powers = [math.log10(min(max(place.largest, FLOOR), 1e12)) for place in places]
    low, high = math.floor(min(powers)), math.ceil(max(powers) + 1e-9)
    high = max(high, low + 1)
    step = (WIDTH - LEFT - 16) / max(len(places) - 1, 1)

    def x(number: int) -> float:
        return LEFT + 8 + number * step

    def y(power: float) -> float:
        return TOP + (high - power) / (high - low) * (HEIGHT - TOP - BOTTOM)

    lines = [f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="largest difference along the depth">']
    for line in range(low, high + 1, max((high - low) // 8, 1)):
        at = f"{y(line):.1f}"
        lines.append(f'<line x1="{LEFT}" x2="{WIDTH}" y1="{at}" y2="{at}" stroke="#ddd"/>')
        lines.append(f'<text x="{LEFT - 6}" y="{at}" text-anchor="end" dominant-baseline="middle">1e{line}</text>')
    path = " ".join(f"{x(number):.1f},{y(power):.1f}" for number, power in enumerate(powers))
    lines.append(f'<polyline points="{path}" fill="none" stroke="#999"/>')
    for number, (place, power) in enumerate(zip(places, powers, strict=True)):
        names = escape(f"{place.first.name or 'the model'} and {place.second.name or 'the model'}: {place.largest:.3g}")
        lines.append(
            f'<circle class="{_word(place.agrees)}" cx="{x(number):.1f}" cy="{y(power):.1f}" r="4">'
            f"<title>{names}</title></circle>"
        )
    middle = (LEFT + WIDTH) // 2
    lines.append(f'<text x="{middle}" y="{HEIGHT - 8}" text-anchor="middle">from the first layer to the last</text>')
    return "\n".join([*lines, "</svg>"])


def _word(agrees: bool) -> str:
    return "agrees" if agrees else "differs"
