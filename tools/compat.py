"""Writes `unified/compat/jax/offered.py`: the names of JAX's modules that torch offers.

The front end reads the list instead of the
modules themselves, so that importing it loads no framework.
"""

import importlib
import subprocess
import sys
from pathlib import Path

__all__ = ["MODULES", "files"]

FILE = Path(__file__).parents[1] / "unified" / "compat" / "jax" / "offered.py"
MODULES = (
    "", "api_util", "debug", "lax", "nn", "nn.initializers", "numpy", "numpy.fft", "numpy.linalg", "ops", "profiler",
    "random", "scipy.linalg", "scipy.signal", "scipy.special", "scipy.stats.norm", "tree", "tree_util",
)  # fmt: skip


def files() -> dict[Path, str]:
    """The text of the file."""
    lines = [
        '"""The names of JAX\'s modules that torch offers, by module. Written by `make generate`."""',
        "",
        '__all__ = ["NAMES"]',
        "",
        "NAMES = {",
    ]
    for module in MODULES:
        own = importlib.import_module(f"unified.compat.jax.on_torch.{module or 'toplevel'}")
        lines += [f"    {module!r}: (", *(f"        {name!r}," for name in sorted(own.__all__)), "    ),"]
    text = "\n".join([*lines, "}"]) + "\n"
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(FILE), "-"]
    return {FILE: subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout}
