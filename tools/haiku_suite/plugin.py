"""The pytest plugin of the suite: it serves `haiku` and records the outcome of each test."""

import json
import os
from pathlib import Path

import pytest

from tools.haiku_suite.not_applicable import reason_for
from tools.haiku_suite.served import install

install()
outcomes: dict[str, list[str]] = {}


def _text(report: pytest.TestReport) -> str:
    return str(report.longrepr or "")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Record the outcome of a test."""
    if report.when == "call" or report.outcome != "passed":
        _record(report.nodeid, report.outcome, _text(report))


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Record a file that cannot be imported."""
    if report.outcome == "failed":
        _record(report.nodeid, "failed", str(report.longrepr or ""))


def _record(nodeid: str, outcome: str, text: str) -> None:
    reason = reason_for(nodeid, text) if outcome != "passed" else None
    last = next((line for line in reversed(text.splitlines()) if line.startswith("E ")), text[-200:])
    outcomes[nodeid] = ["not applicable", reason] if reason else [outcome, last[:300]]


def pytest_sessionfinish() -> None:
    """Write the outcomes of this process to a file."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    folder = Path(os.environ["HAIKU_SUITE_OUT"])
    (folder / f"{worker}.json").write_text(json.dumps(outcomes))
