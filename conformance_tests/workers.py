"""A plugin of pytest: what each process does that collects tests, which run side by side."""

import gc
import os
from collections.abc import Generator

import pytest

__all__ = ["pytest_collection"]

# On tiny arrays a second thread waits more than it works.
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect no garbage meanwhile, and leave what lives until the end out of all later collections."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()
