"""`backend.calls` can be the first thing that is read of a backend, before `unified.trees` is imported."""

import subprocess
import sys

import pytest

READ = """
import sys, {framework}
from unified.core import backends
assert "unified.trees" not in sys.modules
calls = backends.load({framework!r}).calls
assert calls.zero().item() == 0
"""


@pytest.mark.parametrize("framework", ["torch", "jax"])
def test_read_first(framework):
    command = [sys.executable, "-c", READ.format(framework=framework)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
