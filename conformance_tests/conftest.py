"""What all tests share."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# Tests run side by side: on tiny arrays a second thread waits more than it works.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# The same examples every time; `make test-full` looks for new ones.
settings.register_profile("same", derandomize=True, deadline=None)
settings.load_profile("same")

pytest_plugins = ["pytester"]

# Cases that take more than two seconds each on two cores, found by `--durations`: CI runs them in `make test-slow`.
SLOW = frozenset((Path(__file__).parent / "slow_tests.txt").read_text().splitlines())


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the slow cases of tests whose other cases are quick."""
    for item in items:
        if item.nodeid.removeprefix("conformance_tests/") in SLOW:
            item.add_marker(pytest.mark.slow)
