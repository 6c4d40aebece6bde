"""What all tests share."""

import importlib.util
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples every time; `make test-full` looks for new ones.
settings.register_profile("same", derandomize=True, deadline=None)
settings.load_profile("same")

pytest_plugins = ["pytester", "conformance_tests.workers"]

# Cases of about two seconds and more on two cores, found by `--durations`: CI runs them in `make test-slow`.
SLOW = frozenset((Path(__file__).parent / "slow_tests.txt").read_text().splitlines())

# Cases that only a change of their own family can break, beside others of it that CI runs: `make test-full` has them.
FULL = frozenset((Path(__file__).parent / "full_tests.txt").read_text().splitlines())

# Whole files about libraries that `make test-full` installs, or that the file says how to install.
NEEDS = {
    "from_torch/test_torchvision.py": "torchvision",
    "from_torch/test_transformers.py": "transformers",
    "torch/test_trainer.py": "transformers",
}
collect_ignore = [file for file, package in NEEDS.items() if importlib.util.find_spec(package) is None]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the slow cases of tests whose other cases are quick; the longest tests come first.

    At the end a process would wait for another that runs a type checker.
    """
    items.sort(key=lambda item: "/typing/" not in item.nodeid)
    for item in items:
        case = item.nodeid.removeprefix("conformance_tests/")
        if case in SLOW:
            item.add_marker(pytest.mark.slow)
        if case in FULL:
            item.add_marker(pytest.mark.full)
