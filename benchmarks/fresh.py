"""Calling a function in a Python process of its own, for what happens only once a process: imports, compilation.

`python -m benchmarks.fresh module:function '[arguments]'` is what runs there.
"""

import dataclasses
import importlib
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.measure import Samples, turns

__all__ = ["ROOT", "call", "column", "importable", "interleave", "pooled"]

ROOT = Path(__file__).resolve().parent.parent
TIMEOUT = 240


def call(target: str, *arguments: Any) -> Any:
    """`module:function(*arguments)` in a fresh process; arguments and result pass through JSON."""
    command = [sys.executable, "-m", "benchmarks.fresh", target, json.dumps(arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    if done.returncode:
        last_lines = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        raise RuntimeError(f"{target} failed: {last_lines[0]}")
    return json.loads(done.stdout.splitlines()[-1])


def interleave(targets: dict[str, tuple[Any, ...]], rounds: int) -> dict[str, list[dict[str, float]]]:
    """What each target (a function and its arguments) gave in each of `rounds` rounds, each in a fresh process."""
    results: dict[str, list[dict[str, float]]] = {name: [] for name in targets}
    for order in turns(list(targets), rounds):
        for name in order:
            results[name].append(call(*targets[name]))
    return results


def pooled(target: str, rounds: int, processes: int, *more: Any) -> dict[str, Any]:
    """The samples that `target(rounds, number, *more)` takes in each of several fresh processes, one after the other.

    Where the arrays of a net come to lie in memory is settled when a process makes them, and can favour one contestant
    by five per cent: more rounds do not help against that, more processes do.
    """
    merged: dict[str, Any] = {}
    for number in range(processes):
        for name, values in call(target, max(1, rounds // processes), number, *more).items():
            merged.setdefault(name, []).extend(values)
    return merged


def column(results: dict[str, list[dict[str, float]]], key: str) -> Samples:
    """The values under `key` of results that were measured together."""
    return {name: [result[key] for result in found] for name, found in results.items()}


def importable(package: str) -> bool:
    """Whether `package` is installed, found without importing it."""
    return importlib.util.find_spec(package.partition(".")[0]) is not None


def _plain(value: Any) -> Any:
    """Dataclasses as dicts, for JSON."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    raise TypeError(f"{type(value).__name__} cannot be sent to another process")


if __name__ == "__main__":
    module, _, function = sys.argv[1].partition(":")
    result = getattr(importlib.import_module(module), function)(*json.loads(sys.argv[2]))
    print(json.dumps(result, default=_plain))
