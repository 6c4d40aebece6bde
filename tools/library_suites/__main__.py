"""Run libraries' own tests on torch; print how many passed, and exit with 1 if fewer did than before."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools.library_suites.suites import SUITES, Suite

ROOT = Path(__file__).parents[2]
# Python's assert, since pytest's would load the tests by a loader of its own.
FLAGS = ["-q", "-p", "tools.library_suites.plugin", "--no-header", "--assert=plain", "-o", "filterwarnings=default"]
FLAGS += ["-o", "addopts=", "--continue-on-collection-errors"]  # which pytest-xdist does anyway


def main() -> int:
    """Run the suites; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.library_suites", description=__doc__)
    parser.add_argument("suites", nargs="*", help=f"which: {', '.join(SUITES)}; all by default")
    parser.add_argument("--backend", default="torch", help='"jax" runs the libraries as they are, for comparison')
    parser.add_argument("--quick", action="store_true", help="run the quick files alone")
    parser.add_argument("--only", default="", help="run only files whose name contains this text")
    parser.add_argument("--test", default="", help="run only tests that pytest's -k matches, and print its output")
    parser.add_argument("--output", action="store_true", help="print pytest's output")
    parser.add_argument("--show", action="store_true", help="list the tests that failed")
    parser.add_argument("--processes", type=int, default=2, help="how many processes run tests")
    options = parser.parse_args()
    status = 0
    names = options.suites or list(SUITES)
    for name in names:
        SUITES[name].source()  # a download that two suites share
    # The imports take as long as a quick part: rather two suites side by side, each in a process, than one in two.
    with ThreadPoolExecutor(max(1, options.processes) if options.quick else 1) as executor:
        found = executor.map(lambda name: _outcomes(name, SUITES[name], options), names)
        for name, (outcomes, output) in zip(names, found, strict=True):
            if options.test or options.output:
                print(output)
            if not outcomes:
                print(f"{name}: no test was run\n{output[-3000:]}")
                status = 2
                continue
            passed = _report(name, outcomes, options.show)
            if not options.only and not options.test and options.backend == "torch":
                least = SUITES[name].least_quick if options.quick else SUITES[name].least
                if passed < least:
                    print(f"  fewer than the {least} that passed before")
                    status = 1
    return status


def _outcomes(name: str, suite: Suite, options: argparse.Namespace) -> tuple[dict[str, list[str]], str]:
    source = suite.source()
    with tempfile.TemporaryDirectory() as folder:
        tests, out = Path(folder) / "tests", Path(folder) / "out"
        tests.mkdir()
        out.mkdir()
        (Path(folder) / suite.package).symlink_to(source)  # some tests read `../mctx/_src/tests/test_data`
        for file in suite.files(options.quick):
            copy = "__".join(file.relative_to(source).parts)
            if options.only in copy:
                shutil.copy(file, tests / copy)
        env = {
            "OMP_NUM_THREADS": "1", **os.environ,
            "SUITE_NAME": name, "SUITE_PACKAGE": suite.package, "SUITE_OURS": "1" if suite.ours else "",
            "SUITE_BACKEND": options.backend,
            "SUITE_TESTS": str(tests), "SUITE_OUT": str(out), "PYTHONPATH": str(ROOT), "JAX_PLATFORMS": "cpu",
        }  # fmt: skip
        processes = 0 if options.quick else options.processes
        run = subprocess.run(
            [sys.executable, "-m", "pytest", *FLAGS, "-n", str(processes), "--rootdir", folder, "-c", "/dev/null",
             "-k", options.test or " and ".join(f"not {name}" for name, _ in suite.too_long), str(tests)],
            env=env, cwd=tests, capture_output=True, text=True, check=False,
        )  # fmt: skip
        outcomes: dict[str, list[str]] = {}
        for file in out.glob("*.json"):
            outcomes.update(json.loads(file.read_text()))
    return outcomes, run.stdout + run.stderr


def _report(name: str, outcomes: dict[str, list[str]], show: bool) -> int:
    """Print the counts, and return how many passed."""
    counts = Counter(outcome for outcome, _ in outcomes.values())
    if show:
        for nodeid, (outcome, text) in sorted(outcomes.items()):
            if outcome == "failed":
                print(f"failed  {nodeid.removeprefix('tests/')}\n        {text}")
    reasons = Counter(text for outcome, text in outcomes.values() if outcome == "not applicable")
    for reason, count in reasons.most_common():
        print(f"  {count:4}  not applicable: {reason}")
    for part, reason in SUITES[name].too_long:
        print(f"        not run: {part}, {reason}")
    applicable = counts["passed"] + counts["failed"]
    print(
        f"{name} {SUITES[name].version}: passed {counts['passed']}, failed {counts['failed']} "
        f"({100 * counts['passed'] / max(applicable, 1):.1f} %), not applicable {counts['not applicable']}, "
        f"skipped by the suite itself {counts['skipped']}",
        flush=True,
    )
    return counts["passed"]


if __name__ == "__main__":
    sys.exit(main())
