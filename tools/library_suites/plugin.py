"""The pytest plugin of the suites: it puts the loader in place and records the outcome of each test."""

import importlib.machinery
import json
import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

import pytest

import unified
from tools.library_suites.not_applicable import reason_for
from unified.compat.loader.finder import SourceLoader, install
from unified.compat.loader.packages import new_name

SUITE, PACKAGE = os.environ["SUITE_NAME"], os.environ["SUITE_PACKAGE"]
OURS = bool(os.environ.get("SUITE_OURS"))
TESTS = Path(os.environ["SUITE_TESTS"])
BACKEND = os.environ.get("SUITE_BACKEND", "torch")
unified.set_backend(BACKEND)
install()


def _rename(name: str) -> str:
    if OURS and name.partition(".")[0] == "haiku":
        return name  # which `tools.haiku_suite` serves
    return new_name(name, PACKAGE)


class _Tests(PathFinder):
    """Finds the files of the tests, whose imports are those of a copy."""

    @classmethod
    def find_spec(
        cls, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path)
        if spec is None or spec.origin is None or not Path(spec.origin).is_relative_to(TESTS):
            return None
        if isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader = SourceLoader(fullname, spec.origin, _rename)
        return spec


if BACKEND == "torch":
    sys.meta_path.insert(0, _Tests)
if OURS:
    from tools.haiku_suite import served

    served.install(BACKEND, (lambda name, path: SourceLoader(name, path, _rename)) if BACKEND == "torch" else None)
outcomes: dict[str, list[str]] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Record the outcome of a test."""
    if report.when == "call" or report.outcome != "passed":
        _record(report.nodeid, report.outcome, str(report.longrepr or ""))


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Record a file that cannot be imported."""
    if report.outcome == "failed":
        _record(report.nodeid, "failed", str(report.longrepr or ""))


def _record(nodeid: str, outcome: str, text: str) -> None:
    reason = reason_for(SUITE, nodeid, text) if outcome != "passed" else None
    last = next((line for line in reversed(text.splitlines()) if line.startswith("E ")), text[-200:])
    outcomes[nodeid] = ["not applicable", reason] if reason else [outcome, last[:300]]


def pytest_sessionfinish() -> None:
    """Write the outcomes of this process to a file."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    (Path(os.environ["SUITE_OUT"]) / f"{worker}.json").write_text(json.dumps(outcomes))
