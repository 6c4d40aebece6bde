"""The outcomes of the tests of a library's suite, for the plugins of `tools.haiku_suite` and `tools.library_suites`."""

import json
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

__all__ = ["Outcomes", "first_reason"]


def first_reason(nodeid: str, text: str, by_name: Mapping[str, str], by_text: Mapping[str, str]) -> str | None:
    """Return the reason of the first pattern that the name of a test has, else the text of its failure."""
    for patterns, searched in ((by_name, nodeid), (by_text, text)):
        for pattern, reason in patterns.items():
            match = re.search(pattern, searched)
            if match:
                return match.expand(reason)
    return None


class Outcomes:
    """Records the outcome of each test, and writes those of this process to a file of `folder`.

    `reason_for(nodeid, text)` returns why a test that did not pass does not apply, or `None`.
    """

    def __init__(self, reason_for: Callable[[str, str], str | None], folder: str) -> None:
        self.reason_for, self.folder = reason_for, Path(folder)
        self.found: dict[str, list[str]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Record the outcome of a test."""
        if report.when == "call" or report.outcome != "passed":
            self._record(report.nodeid, report.outcome, str(report.longrepr or ""))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Record a file that cannot be imported."""
        if report.outcome == "failed":
            self._record(report.nodeid, "failed", str(report.longrepr or ""))

    def _record(self, nodeid: str, outcome: str, text: str) -> None:
        reason = self.reason_for(nodeid, text) if outcome != "passed" else None
        last = next((line for line in reversed(text.splitlines()) if line.startswith("E ")), text[-200:])
        self.found[nodeid] = ["not applicable", reason] if reason else [outcome, last[:300]]

    def pytest_sessionfinish(self) -> None:
        """Write the outcomes."""
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        (self.folder / f"{worker}.json").write_text(json.dumps(self.found))
