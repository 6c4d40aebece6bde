"""The generator of `unified/compat/jax/names.py`: the names of JAX's modules that torch has, and those it has not.

`compat.jax` reads this list instead of the modules themselves, so that importing it loads no framework.
"""

import importlib
import inspect
import subprocess
import sys
import warnings
from pathlib import Path

__all__ = ["MODULES", "files"]

FILE = Path(__file__).parents[1] / "unified" / "compat" / "jax" / "names.py"
MODULES = (
    "", "ad_checkpoint", "api_util", "core", "custom_batching", "debug", "experimental",
    "experimental.checkify", "experimental.mesh_utils",
    "experimental.multihost_utils", "flatten_util", "image", "lax", "monitoring", "nn", "nn.initializers", "numpy",
    "numpy.fft", "numpy.linalg", "ops", "profiler", "random", "scipy.linalg", "scipy.ndimage", "scipy.signal",
    "scipy.special", "scipy.stats.norm", "sharding", "stages", "test_util", "tree", "tree_util",
)  # fmt: skip


def _absent(module: str) -> list[str]:
    """Return the public names of a module of JAX that are neither here nor modules."""
    theirs = importlib.import_module(f"jax.{module}".rstrip("."))
    ours = importlib.import_module(f"unified.compat.jax.{module}".rstrip("."))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that JAX will drop
        return [
            name
            for name in dir(theirs)
            if not name.startswith("_") and name not in vars(ours) and not inspect.ismodule(getattr(theirs, name, None))
        ]


def files() -> dict[Path, str]:
    """The text of the file."""
    lines = [
        '"""The names of JAX\'s modules that torch supports, by module, and others. Written by `make generate`."""',
        "",
        '__all__ = ["ABSENT", "NAMES"]',
        "",
        "NAMES = {",
    ]
    for module in MODULES:
        on_torch = importlib.import_module(f"unified.compat.jax.on_torch.{module or 'toplevel'}")
        lines += [f"    {module!r}: (", *(f"        {name!r}," for name in sorted(on_torch.__all__)), "    ),"]
    lines += [
        "}",
        "",
        "# Names that JAX has: they can be imported, and are refused when they are called.",
        "ABSENT = {",
    ]
    for module in MODULES:
        lines += [f"    {module!r}: (", *(f"        {name!r}," for name in _absent(module)), "    ),"]
    text = "\n".join([*lines, "}"]) + "\n"
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(FILE), "-"]
    return {FILE: subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout}
