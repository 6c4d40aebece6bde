"""`run_fresh`: a function of a test module in a new Python process, for options that JAX reads when it starts."""

import os
import subprocess
import sys

__all__ = ["run_fresh"]


def run_fresh(module: str, function: str, *args: str, **environment: str) -> str:
    """Return what `module.function(*args)` prints in a new process; fail with its traceback if it raises."""
    call = f"import importlib; importlib.import_module({module!r}).{function}(*{args!r})"
    process = subprocess.run(
        [sys.executable, "-c", call],
        env={**os.environ, "JAX_PLATFORMS": "cpu", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    return process.stdout
