"""Function calls in a fresh Python process, for work that happens once per process: imports, compilation.

The process runs `python -m benchmarks.fresh module:function '[arguments]'`.
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


def call(target: str, *arguments: Any, timeout: float = TIMEOUT) -> Any:
    """Return `module:function(*arguments)` from a fresh process; arguments and result are encoded as JSON."""
    command = [sys.executable, "-m", "benchmarks.fresh", target, json.dumps(arguments)]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=timeout, check=False)
    if process.returncode:
        last_lines = process.stderr.strip().splitlines()[-1:] or [f"exit code {process.returncode}"]
        raise RuntimeError(f"{target} failed: {last_lines[0]}")
    return json.loads(process.stdout.splitlines()[-1])


def interleave(targets: dict[str, tuple[Any, ...]], rounds: int) -> dict[str, list[dict[str, float]]]:
    """Return the results of each target (a function and its arguments) in `rounds` rounds of fresh processes."""
    results: dict[str, list[dict[str, float]]] = {name: [] for name in targets}
    for order in turns(list(targets), rounds):
        for name in order:
            results[name].append(call(*targets[name]))
    return results


def pooled(target: str, rounds: int, processes: int, *more: Any) -> dict[str, Any]:
    """Return the samples of `target(rounds, number, *more)` from several fresh processes, one after the other.

    A process allocates the arrays of a net once, and their addresses can favour one contestant by five per cent. More
    processes average this out; more rounds do not.
    """
    merged: dict[str, Any] = {}
    for number in range(processes):
        for name, values in call(target, max(1, rounds // processes), number, *more).items():
            merged.setdefault(name, []).extend(values)
    return merged


def column(results: dict[str, list[dict[str, float]]], key: str) -> Samples:
    """Return the values under `key` in the results of each contestant."""
    return {name: [result[key] for result in rounds] for name, rounds in results.items()}


def importable(package: str) -> bool:
    """Return whether `package` is installed, without importing it."""
    return importlib.util.find_spec(package.partition(".")[0]) is not None


def _plain(value: Any) -> Any:
    """Return a dataclass as a dict, for JSON."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    raise TypeError(f"{type(value).__name__} cannot be sent to another process")


if __name__ == "__main__":
    module, _, function = sys.argv[1].partition(":")
    result = getattr(importlib.import_module(module), function)(*json.loads(sys.argv[2]))
    print(json.dumps(result, default=_plain))
