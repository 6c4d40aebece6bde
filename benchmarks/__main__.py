"""`python -m benchmarks [NAME...] [--json FILE] [--rounds N]`."""

import argparse
import dataclasses
import importlib.metadata
import json
import os
import platform
import sys
import time
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks import fresh, table
from benchmarks.measure import Spread
from benchmarks.row import Row, guarded

NAMES = (
    "torch_eager",
    "torch_blocks",
    "torch_graph",
    "steps",
    "steps_compiled",
    "generation",
    "jax_trace",
    "jax_call",
    "jax_hlo",
    "jax_layers",
    "recurrent",
    "from_torch",
    "explicit",
    "trees",
    "lifted",
    "objects",
    "haiku",
    "haiku_jit",
    "unroll_torch",
    "gpt_torch",
    "torch_layers",
    "init",
    "init_large",
    "import_time",
    "scale",
)

# The seconds that a benchmark may take, if these are more than most.
LIMITS = {"scale": 7200}

# The import names of the peers' packages, with their names on the package index.
PEERS = {"blaze": "blaze-torch", "haiku": "dm-haiku", "flax": "flax", "equinox": "equinox", "blox": "jax-blox"}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m benchmarks", description="Measure unified against the raw frameworks.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(NAMES)}; all by default")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the numbers to FILE")
    parser.add_argument(
        "--rounds", type=int, metavar="N", help="rounds of each comparison; defaults differ by benchmark"
    )
    return parser


def _spread(fields: Any) -> Spread | None:
    return None if fields is None else Spread(**fields)


def _row(fields: dict[str, Any]) -> Row:
    """Return the `Row` that was encoded as JSON."""
    peers = {name: Spread(**spread) for name, spread in fields["peers"].items()}
    return Row(**{**fields, "ratio": _spread(fields["ratio"]), "peers": peers})


def _measure(name: str, rounds: int | None) -> list[Row]:
    arguments = () if rounds is None else (rounds,)
    return [
        _row(fields)
        for fields in fresh.call(f"benchmarks.{name}:run", *arguments, timeout=LIMITS.get(name, fresh.TIMEOUT))
    ]


def _versions() -> dict[str, str]:
    packages = ("numpy", "torch", "jax", *PEERS.values())
    versions = {"python": platform.python_version()}
    for package in packages:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions


def main() -> int:
    """Run the benchmarks that the command line names; return 1 if one of them failed, whatever its numbers."""
    parser = _parser()
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in NAMES]
    if unknown:
        parser.error(f"there is no benchmark {', '.join(map(repr, unknown))}: choose from {', '.join(NAMES)}")
    if options.rounds is not None and options.rounds < 1:
        parser.error("--rounds must be at least 1")
    start, rows = time.perf_counter(), []
    progress = Console(stderr=True)
    for name in options.names or NAMES:
        with progress.status(f"measuring {name} ..."):
            rows += guarded(name, lambda name=name: _measure(name, options.rounds))
    missing = [pip_name for package, pip_name in PEERS.items() if not fresh.importable(package)]
    table.show(rows, missing)
    seconds = time.perf_counter() - start
    progress.print(f"{seconds:.0f} s on {os.cpu_count()} cores")
    if options.json:
        numbers = {"versions": _versions(), "cores": os.cpu_count(), "rows": [dataclasses.asdict(row) for row in rows]}
        options.json.write_text(json.dumps(numbers, indent=2) + "\n")
    return int(any(row.failed for row in rows))


if __name__ == "__main__":
    sys.exit(main())
