"""Time of `import unified` against `import numpy`, each in a fresh process, and a check that it imports no framework.

Only the import statement is timed; the start of Python is excluded, because it would make the ratio look better.
"""

import json
import os
import subprocess
import sys

from benchmarks.fresh import ROOT
from benchmarks.measure import Samples, turns
from benchmarks.row import Row, compare

BAR = 1.5
ROUNDS = 25

CODE = """
import time, sys
start = time.perf_counter()
import {package}
seconds = time.perf_counter() - start
import json
print(json.dumps([seconds, [name for name in ("torch", "jax") if name in sys.modules]]))
"""


def _import(package: str) -> tuple[float, list[str]]:
    """Return the seconds that the import takes, and the frameworks that it loads."""
    command = [sys.executable, "-c", CODE.format(package=package)]
    # pip compiles a package to byte code at installation; a clone writes it at the first import, unless this is set.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True, env=environment)
    seconds, loaded = json.loads(process.stdout)
    return seconds, loaded


def run(rounds: int = ROUNDS) -> list[Row]:
    """Return the rows of this benchmark."""
    packages = ["unified", "numpy"]
    samples: Samples = {package: [] for package in packages}
    loaded: set[str] = set()
    for package in packages:
        loaded |= set(_import(package)[1])  # this call also writes the byte code
    for order in turns(packages, rounds):
        for package in order:
            samples[package].append(_import(package)[0])
    name = "frameworks that `import unified` loads"
    return [
        compare("import unified ÷ import numpy", samples, "unified", "numpy", bar=BAR),
        Row(name, len(loaded), 0, "loaded", bar=0, met=not loaded, note=", ".join(sorted(loaded))),
    ]
