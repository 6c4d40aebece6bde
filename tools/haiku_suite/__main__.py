"""Run dm-haiku's tests and print the number that passed; with `--least N`, exit with 1 if fewer than N did."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tools.haiku_suite.served import haiku_folder

FLAGS = [
    "-q",
    "-p",
    "tools.haiku_suite.plugin",
    "--no-header",
    "-n",
    "2",
    "-o",
    "filterwarnings=default",
    "-o",
    "addopts=",
]


def main() -> int:
    """Run the suite; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.haiku_suite", description=__doc__)
    parser.add_argument("--least", type=int, default=0, help="the number of tests that must pass")
    parser.add_argument("--only", default="", help="run only files whose name contains this text")
    parser.add_argument(
        "--quick", action="store_true", help="leave out the sweeps over all layers, which take half of the time"
    )
    parser.add_argument("--show", action="store_true", help="list the tests that failed")
    options = parser.parse_args()
    source, root = haiku_folder(), Path(__file__).parents[2]
    with tempfile.TemporaryDirectory() as folder:
        tests, out = Path(folder) / "tests", Path(folder) / "out"
        tests.mkdir()
        out.mkdir()
        for file in sorted(source.rglob("*_test.py")):
            name = "__".join(file.relative_to(source).parts)
            if options.only in name and not (options.quick and "integration" in name):
                shutil.copy(file, tests / name)
        env = {
            "OMP_NUM_THREADS": "1", **os.environ,
            "HAIKU_SUITE_OUT": str(out), "PYTHONPATH": str(root), "JAX_PLATFORMS": "cpu",
        }  # fmt: skip
        run = subprocess.run(
            [sys.executable, "-m", "pytest", *FLAGS, "--rootdir", folder, "-c", "/dev/null", str(tests)],
            env=env, cwd=folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
        outcomes: dict[str, list[str]] = {}
        for file in out.glob("*.json"):
            outcomes.update(json.loads(file.read_text()))
    if not outcomes:
        print(run.stdout[-3000:], run.stderr[-3000:])
        return 2
    counts = Counter(outcome for outcome, _ in outcomes.values())
    if options.show:
        for nodeid, (outcome, text) in sorted(outcomes.items()):
            if outcome == "failed":
                print(f"failed  {nodeid.removeprefix('tests/')}\n        {text}")
    print("not applicable:")
    reasons = Counter(text for outcome, text in outcomes.values() if outcome == "not applicable")
    for reason, count in reasons.most_common():
        print(f"  {count:4}  {reason}")
    print(f"skipped by dm-haiku itself: {counts['skipped']}")
    print(f"passed {counts['passed']}, failed {counts['failed']}, not applicable {counts['not applicable']}")
    return int(counts["passed"] < options.least)


if __name__ == "__main__":
    sys.exit(main())
