"""Processes of the tests: several that run one module together, each of which prints JSON."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

__all__ = ["found", "run", "together"]


def run(*arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )


def found(process: subprocess.Popen[str]) -> Any:
    output, errors = process.communicate(timeout=600)
    assert process.returncode == 0, errors[-3000:]
    return json.loads(output.splitlines()[-1]) if output else None


def together(module: str, world: int, folder: Path, *arguments: str) -> list[Any]:
    """Return what each of `world` processes printed, which were given its number, theirs, a file and the arguments."""
    file = str(folder / f"rendezvous-{os.urandom(4).hex()}")
    processes = [run(module, str(rank), str(world), file, *arguments) for rank in range(world)]
    return [found(process) for process in processes]
