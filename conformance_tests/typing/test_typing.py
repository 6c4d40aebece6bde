"""What mypy `--strict` and pyright report of users' code: nothing where it is right, and each mistake.

Users' code are the files of this folder, the examples, and the Python of the README and of the documents. Each checker
runs once, over all of them.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MISTAKES = HERE / "mistakes.py"
RIGHT = (
    HERE / "arrays.py",
    HERE / "layers.py",
    HERE / "models.py",
    HERE / "explicit.py",
    HERE / "trees.py",
    HERE / "objects.py",
    *(ROOT / "examples" / name for name in ("first.py", "digits.py", "lora.py", "char_lm.py")),
    ROOT / "examples" / "objects" / "run.py",
    *(ROOT / "examples" / "port_haiku" / name for name in ("compare.py", "ported.py")),
)
PAGES = (
    *("first_model", "train_pytorch", "train_jax", "one_step", "names", "testing"),
    *("transforms", "state", "haiku", "numpy", "body"),
)
DOCUMENTS = (ROOT / "README.md", ROOT / "docs" / "index.md", *(ROOT / "docs" / f"{name}.md" for name in PAGES))

# Files whose functions may lack annotations, which `--strict` wants of all: the pages', and code written for Haiku.
UNANNOTATED = (*(f"{name}_snippets" for name in PAGES), "ported")

Report = set[tuple[Path, int, str]]  # file, line, message


def snippets(document: Path) -> str:
    """The Python of a document."""
    return "\n\n".join(re.findall(r"```python\n(.*?)```", document.read_text(), re.DOTALL))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """All files of users' code, the snippets written to some too."""
    folder = tmp_path_factory.mktemp("snippets")
    written = []
    for document in DOCUMENTS:
        written.append(folder / f"{document.stem}_snippets.py")
        written[-1].write_text(snippets(document))
    return (*RIGHT, *written, MISTAKES)


def mypy(files: tuple[Path, ...]) -> Report:
    """What mypy reports of these files alone: for a user, `unified` is an installed package."""
    command = [sys.executable, "-m", "mypy", "--config-file=", "--strict", "--follow-imports=silent"]
    command += ["--allow-untyped-calls"]  # of torch: `loss.backward()` has no annotations
    command += ["--ignore-missing-imports", "--no-error-summary", f"--cache-dir={ROOT / '.mypy_cache' / 'typing'}"]
    done = subprocess.run([*command, *map(str, files)], capture_output=True, text=True, cwd=ROOT, check=False)
    assert not done.stderr, done.stderr
    reported = re.findall(r"^(.+?):(\d+): error: (.*)$", done.stdout, re.MULTILINE)
    return {((ROOT / file).resolve(), int(line), message) for file, line, message in reported}


def pyright(files: tuple[Path, ...]) -> Report:
    """What pyright reports as errors."""
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, *map(str, files)]
    environment = {**os.environ, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, check=False)
    reported = [each for each in json.loads(done.stdout)["generalDiagnostics"] if each["severity"] == "error"]
    return {(Path(each["file"]).resolve(), each["range"]["start"]["line"] + 1, each["message"]) for each in reported}


@pytest.mark.slow
@pytest.mark.parametrize("checker", [mypy, pyright], ids=["mypy", "pyright"])
def test_accepts_what_is_right_and_rejects_mistakes(
    checker: Callable[[tuple[Path, ...]], Report], files: tuple[Path, ...]
) -> None:
    """In one test, because two may be in two processes, each of which would run the checker."""
    report = checker(files)
    wrong = [
        f"{file}:{line}: {message}"
        for file, line, message in sorted(report)
        if file != MISTAKES and not (file.stem in UNANNOTATED and "missing a" in message and "annotation" in message)
    ]
    lines = MISTAKES.read_text().splitlines()
    marked = {number for number, line in enumerate(lines, 1) if line.endswith("# error")}
    reported = {line for file, line, _ in report if file == MISTAKES}
    assert len(marked) > 50
    wrong += [f"accepted: {lines[number - 1]}" for number in sorted(marked - reported)]
    wrong += [f"rejected: {lines[number - 1]}" for number in sorted(reported - marked)]
    assert not wrong, "\n".join(wrong)
