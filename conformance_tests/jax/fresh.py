"""Runs a function of a test module in a Python process of its own, for what JAX fixes when it starts."""

import os
import subprocess
import sys

__all__ = ["run_fresh"]


def run_fresh(module: str, function: str, *args: str, **environment: str) -> str:
    """What `module.function(*args)` prints in a new process; fails with its traceback if it fails."""
    call = f"import importlib; importlib.import_module({module!r}).{function}(*{args!r})"
    done = subprocess.run(
        [sys.executable, "-c", call],
        env={**os.environ, "JAX_PLATFORMS": "cpu", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
