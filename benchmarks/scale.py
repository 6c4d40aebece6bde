"""What many devices cost, compiled for meshes of host devices without memory, and how times grow with a model.

The collectives and the memory of a step of a stack of Llama's blocks are those of the same blocks written by hand in
`jax.numpy`, and in Flax. Times are seconds of the processor in fresh processes, the shortest of some rounds; they are
plotted to `out/scale.png`.
"""

import os
from pathlib import Path
from typing import Any

from benchmarks import fresh
from benchmarks.row import Row
from benchmarks.scale_nets import MESHES, SIZES

DEPTHS = (12, 48, 192, 1000)
MILLIONS = (1, 10, 100, 1000)
FORMS = {"loop": "layers in a loop on JAX", "stack": "layers in a stack on JAX", "torch": "layers in a loop on torch"}
LARGEST_MEMORY = 1.2
SLACK = 1.3  # how much more than linearly a time may seem to grow on a machine that does other things too
PICTURE = Path("out/scale.png")

HAND = "by hand: "  # before the name of what a time is compared with

Times = dict[str, dict[int, dict[str, float]]]  # by what grows, its size, and the stage


def _gigabytes(found: dict[str, Any]) -> float:
    return float(found["bytes"]) / 1e9


def _compiled(name: str, devices: int) -> list[Row]:
    """Return the rows of one model on one mesh."""
    found = {
        (style, step): fresh.call("benchmarks.scale_nets:compiled", name, devices, style, step)
        for style in ("unified", "jnp", "flax")
        for step in (False, True)
    }
    rows = []
    for step, what in ((False, "forward"), (True, "step")):
        ours, hand, flax = (found[style, step] for style in ("unified", "jnp", "flax"))
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(ours["runs"].items()))
        rows.append(
            Row(
                f"{name}, {devices} devices, {what}: collectives",
                ours["count"],
                hand["count"],
                "",
                met=ours["count"] <= hand["count"] and ours["bytes"] <= hand["bytes"],
                note=f"{kinds}; {_gigabytes(ours):.2f} GB a device, by hand {_gigabytes(hand):.2f}, "
                f"Flax {flax['count']} and {_gigabytes(flax):.2f}",
            )
        )
    ours, hand, flax = (found[style, True]["memory"] / 1e9 for style in ("unified", "jnp", "flax"))
    parameters = found["unified", True]["parameters"] / 1e9
    note = f"{parameters:.2f} B parameters in float32; Flax {flax:.2f}"
    met = ours <= 1.01 * hand
    rows.append(
        Row(f"{name}, {devices} devices, step: memory", round(ours, 2), round(hand, 2), "GB", met=met, note=note)
    )
    return rows


def _shortest(target: str, rounds: int, *arguments: Any) -> dict[str, float]:
    runs = [fresh.call(f"benchmarks.scale_growth:{target}", *arguments) for _ in range(rounds)]
    return {key: min(run[key] for run in runs) for key in runs[0]}


def _growth(times: Times) -> list[Row]:
    """Return a row for each time and what it grows with: how much more than linearly it does."""
    rows = []
    for what, by_size in times.items():
        if what.startswith(HAND):
            continue
        by_hand = times.get(HAND + what, {})
        sizes = sorted(by_size)
        low, high = sizes[-2 if what.startswith("millions") else 1], sizes[-1]  # small ones fit into caches
        for stage in by_size[high]:
            if stage in ("memory", "parameters"):
                continue
            listed = ", ".join(f"{by_size[size][stage]:.3g}" for size in sizes)
            seconds, before = by_size[high][stage], by_size[low][stage]
            unit, expected = "÷ linear", high / low
            if what == FORMS["stack"] and stage == "compile":
                unit, expected = "at all", 1
            elif stage in by_hand.get(high, {}):  # what the system and XLA take more than linearly, others pay too
                listed += f"; by hand {', '.join(f'{by_hand[size][stage]:.3g}' for size in sizes)}"
                unit, expected = (
                    "÷ that by hand, or linear",
                    max(by_hand[high][stage] / by_hand[low][stage], high / low),
                )
            more = seconds / before / expected
            rows.append(
                Row(
                    f"{what}, {stage}: growth {unit}",
                    round(more, 2),
                    bar=SLACK,
                    met=more <= SLACK,
                    note=f"{listed} s for {', '.join(map(str, sizes))}",
                )
            )
        if "memory" in by_size[high]:
            memory = by_size[high]["memory"]
            note = "of init and save, by the bytes of the parameters"
            rows.append(
                Row(f"{what}: memory", round(memory, 2), bar=LARGEST_MEMORY, met=memory <= LARGEST_MEMORY, note=note)
            )
    return rows


def _plot(times: Times) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, len(times), figsize=(4 * len(times), 3.5), layout="constrained")
    for axis, (what, by_size) in zip(axes, times.items(), strict=True):
        sizes = sorted(by_size)
        for stage in by_size[sizes[0]]:
            if stage not in ("memory", "parameters"):
                axis.loglog(sizes, [by_size[size][stage] for size in sizes], marker="o", label=stage)
        axis.set(title=what, ylabel="seconds")
        axis.legend()
    PICTURE.parent.mkdir(exist_ok=True)
    figure.savefig(PICTURE)


def _times(rounds: int) -> Times:
    """Return the times of models of all depths and sizes."""
    times: Times = {
        what: {depth: _shortest("by_depth", rounds, depth, form) for depth in DEPTHS} for form, what in FORMS.items()
    }
    times[HAND + FORMS["loop"]] = {depth: _shortest("by_hand", rounds, depth) for depth in DEPTHS}
    largest = int(os.environ.get("UNIFIED_BENCH_MILLIONS", MILLIONS[-1]))
    for framework in ("torch", "jax"):
        for before, target in (("", "by_parameters"), (HAND, "by_parameters_by_hand")):
            times[f"{before}millions of parameters on {framework}"] = {
                millions: _shortest(target, rounds, millions, framework) for millions in MILLIONS if millions <= largest
            }
    return times


def run(rounds: int = 1) -> list[Row]:
    """Return the rows of this benchmark."""
    rows = [row for name in SIZES for devices in MESHES for row in _compiled(name, devices)]
    times = _times(rounds)
    _plot(times)
    return rows + _growth(times)
