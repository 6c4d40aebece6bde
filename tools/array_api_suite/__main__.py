"""Run array-api-tests on `unified.numpy`; print how many passed with each framework, and why the others did not.

The suite is no package: clone https://github.com/data-apis/array-api-tests with its submodule
(`git clone --recurse-submodules`), pass its folder, and install what it needs with the extra `array-api`.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
VERSION = "2024.12"


def main() -> int:
    """Run the suite with each framework; return 1 if a test failed for no known reason."""
    parser = argparse.ArgumentParser(prog="python -m tools.array_api_suite", description=__doc__)
    parser.add_argument("suite", type=Path, help="the folder of array-api-tests")
    parser.add_argument("--backends", nargs="+", default=["torch", "jax"])
    parser.add_argument("--examples", default="10", help="how many examples of each test Hypothesis tries")
    parser.add_argument("--only", default="", help="run only tests that pytest's -k matches, and print its output")
    parser.add_argument("--show", action="store_true", help="list the tests that failed for a known reason too")
    options = parser.parse_args()
    status = 0
    for backend in options.backends:
        outcomes, output = _outcomes(backend, options)
        if options.only or not outcomes:
            print(output)
        status |= _report(backend, outcomes, options.show)
    return status


def _outcomes(backend: str, options: argparse.Namespace) -> tuple[dict[str, list[str]], str]:
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ, "ARRAY_API_TESTS_MODULE": "unified.numpy", "ARRAY_API_TESTS_VERSION": VERSION,
            "UNIFIED_BACKEND": backend, "SUITE_OUT": folder, "PYTHONPATH": str(ROOT),
            "JAX_ENABLE_X64": "1", "JAX_PLATFORMS": "cpu",  # the suite expects the dtypes of 64 bits
        }  # fmt: skip
        run = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "tools.array_api_suite.plugin",
             "-W", "ignore", "--max-examples", options.examples, "--disable-deadline", "--derandomize",
             "-k", options.only, "array_api_tests"],
            env=environment, cwd=options.suite, capture_output=True, text=True, check=False,
        )  # fmt: skip
        outcomes: dict[str, list[str]] = {}
        for file in Path(folder).glob("*.json"):
            outcomes.update(json.loads(file.read_text()))
    return outcomes, run.stdout + run.stderr


def _report(backend: str, outcomes: dict[str, list[str]], show: bool) -> int:
    counts = Counter(outcome for outcome, _ in outcomes.values())
    for nodeid, (outcome, text) in sorted(outcomes.items()):
        if outcome == "failed" or (show and outcome == "not applicable"):
            print(f"  {outcome}: {nodeid}\n      {text}")
    for reason, count in Counter(
        text for outcome, text in outcomes.values() if outcome == "not applicable"
    ).most_common():
        print(f"  {count:4}  {reason}")
    known = counts["not applicable"]
    print(
        f"{backend}: passed {counts['passed']}, failed for the reasons above {known}, failed {counts['failed']}, "
        f"skipped by the suite itself {counts['skipped']}",
        flush=True,
    )
    return int(bool(counts["failed"]) or not outcomes)


if __name__ == "__main__":
    sys.exit(main())
