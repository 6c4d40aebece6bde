"""The pytest plugin of the suites: it puts the loader in place and records the outcome of each test."""

import functools
import importlib.machinery
import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

import pytest

import unified
from tools.library_suites.not_applicable import reason_for
from tools.suite_outcomes import Outcomes
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


def pytest_configure(config: pytest.Config) -> None:
    """Record the outcomes."""
    config.pluginmanager.register(Outcomes(functools.partial(reason_for, SUITE), os.environ["SUITE_OUT"]))
