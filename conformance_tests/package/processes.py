"""Processes that find no other sources than those they are told of."""

import os
import subprocess
import sys
from pathlib import Path

__all__ = ["HIDE", "run_python"]

# Runs first in a process: modules whose top-level names are put into `hidden` are then not there.
HIDE = """
import sys

hidden = set()

class Hiding:
    def __init__(self, finder):
        self.finder = finder

    def find_spec(self, name, path=None, target=None):
        return None if name.partition(".")[0] in hidden else self.finder.find_spec(name, path, target)

    def __getattr__(self, name):  # `find_distributions`, which importlib.metadata asks
        return getattr(self.finder, name)

sys.meta_path[:] = map(Hiding, sys.meta_path)
"""


def run_python(
    code: str, *arguments: str, cwd: Path, path: Path | None = None, python: str = sys.executable
) -> list[str]:
    """The lines that a new process prints; it finds no other sources than those of `path`."""
    environment = {**os.environ, "PYTHONPATH": "" if path is None else str(path)}
    command = [python, "-P", "-c", code, *arguments]
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()
