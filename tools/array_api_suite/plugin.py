"""The pytest plugin of the suite: it records the outcome of each test, with the reason where it is known."""

import os

import pytest

from tools.array_api_suite.reasons import reason_for
from tools.suite_outcomes import Outcomes


def pytest_configure(config: pytest.Config) -> None:
    """Record the outcomes."""
    config.pluginmanager.register(Outcomes(reason_for(os.environ["UNIFIED_BACKEND"]), os.environ["SUITE_OUT"]))
