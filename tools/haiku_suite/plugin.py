"""The pytest plugin of the suite: it serves `haiku` and records the outcome of each test."""

import os

import pytest

from tools.haiku_suite.not_applicable import reason_for
from tools.haiku_suite.served import install
from tools.suite_outcomes import Outcomes

install()


def pytest_configure(config: pytest.Config) -> None:
    """Record the outcomes."""
    config.pluginmanager.register(Outcomes(reason_for, os.environ["HAIKU_SUITE_OUT"]))
