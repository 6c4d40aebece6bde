"""The generator of `unified/compat/loader/jax_names.py`: the public names of the JAX that is followed.

A copy of a library may import any of them, though torch has not all: what JAX itself lacks is an error there too.
"""

import importlib
import pkgutil
import subprocess
import sys
import warnings
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

__all__ = ["files"]

FILE = Path(__file__).parents[1] / "unified" / "compat" / "loader" / "jax_names.py"
LEFT_OUT = (
    "jax._", "jax.cloud_tpu_init", "jax.experimental", "jax.extend", "jax.interpreters", "jax.jax2tf", "jax.lib",
    "jax.tools",
)  # fmt: skip


def _modules() -> dict[str, ModuleType]:
    """Return JAX's public modules by name."""
    import jax

    found = {"jax": jax}
    for info in pkgutil.walk_packages(jax.__path__, "jax."):
        if not info.name.startswith(LEFT_OUT):
            try:
                found[info.name] = importlib.import_module(info.name)
            except ImportError:  # needs a package that is not installed
                continue
    return dict(sorted(found.items()))


def files() -> dict[Path, str]:
    """The text of the file, from a fresh process: what else was imported is among the names of a module."""
    command = [sys.executable, "-W", "ignore", "-c", "from tools import jax_names; print(jax_names.text(), end='')"]
    return {FILE: subprocess.run(command, capture_output=True, text=True, check=True, cwd=FILE.parents[3]).stdout}


def text() -> str:
    """The text of the file, as this process sees JAX."""
    names, exceptions = {}, []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")

    for path, module in _modules().items():
        public = sorted(name for name in dir(module) if not name.startswith("_") or name.startswith("__version"))
        names[path] = " ".join(public)
        for name in public:
            value = getattr(module, name, None)
            if isinstance(value, type) and issubclass(value, BaseException):
                exceptions.append(f"{path}.{name}")
    lines = [
        '"""JAX\'s public names, by module, and which are exceptions, of one version. Written by `make generate`."""',
        "",
    ]
    lines += [
        '__all__ = ["EXCEPTIONS", "MODULES", "VERSION"]',
        "",
        f'VERSION = "{version("jax")}"',
        "",
        "# fmt: off",
        "MODULES = {",
    ]
    lines += [f'    "{path}": (\n{_wrapped(text)}\n    ),' for path, text in names.items()]
    lines += ["}", "EXCEPTIONS = frozenset((", *(f'    "{name}",' for name in exceptions), "))"]
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(FILE), "-"]
    joined = "\n".join(lines) + "\n"
    return subprocess.run(command, input=joined, capture_output=True, text=True, check=True).stdout


def _wrapped(text: str) -> str:
    import textwrap

    return "\n".join(f'        "{line} "' for line in textwrap.wrap(text, 100, break_long_words=False) or [""])
