"""What mypy `--strict` and pyright say of users' code: nothing of what is right, and of every mistake something.

Users' code are the files of this folder, the examples, and the README. Each checker runs once, over all of them.
"""

import functools
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MISTAKES = HERE / "mistakes.py"
RIGHT = [
    HERE / "layers.py",
    HERE / "models.py",
    ROOT / "examples" / "digits.py",
    ROOT / "examples" / "lora.py",
    ROOT / "examples" / "char_lm.py",
    ROOT / "examples" / "port_haiku" / "compare.py",
]
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "docs" / "transforms.md",
    ROOT / "docs" / "state.md",
    ROOT / "docs" / "haiku.md",
]
# The documents' snippets and ported code have functions without annotations, which `--strict` does not allow.
WITHOUT_ANNOTATIONS = [ROOT / "examples" / "port_haiku" / "ported.py", *(page.stem for page in DOCUMENTS[1:])]

Report = set[tuple[str, int, str]]  # file, line, message


def snippets(document: Path) -> dict[str, str]:
    """The Python of a document, by the name of a file. Code for Haiku's users imports other modules by known names."""
    parts: dict[str, list[str]] = {}
    for section in document.read_text().split("\n## "):
        blocks = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
        own = document.name == "README.md" and any("unified.compat" in block for block in blocks)
        parts.setdefault(document.stem + ("_haiku" if own else ""), []).extend(blocks)
    return {name: "\n\n".join(blocks) for name, blocks in parts.items()}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The snippets as files."""
    folder = tmp_path_factory.mktemp("snippets")
    files = []
    for document in DOCUMENTS:
        for name, text in snippets(document).items():
            file = folder / f"{name}_snippets.py"
            file.write_text(text)
            files.append(file)
    return files


@functools.cache
def mypy(files: tuple[Path, ...]) -> Report:
    """What mypy reports, of these files alone: for a user, `unified` is an installed package."""
    command = [sys.executable, "-m", "mypy", "--config-file=", "--strict", "--follow-imports=silent"]
    command += ["--allow-untyped-calls"]  # of torch: `loss.backward()` has no annotations
    command += ["--ignore-missing-imports", "--no-error-summary", f"--cache-dir={ROOT / '.mypy_cache' / 'typing'}"]
    done = subprocess.run([*command, *map(str, files)], capture_output=True, text=True, cwd=ROOT, check=False)
    assert not done.stderr, done.stderr
    found = re.findall(r"^(.+?):(\d+): error: (.*)$", done.stdout, re.MULTILINE)
    return {(str((ROOT / file).resolve()), int(line), message) for file, line, message in found}


@functools.cache
def pyright(files: tuple[Path, ...]) -> Report:
    """What pyright reports."""
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable]
    done = subprocess.run([*command, *map(str, files)], capture_output=True, text=True, cwd=ROOT, check=False)
    report = json.loads(done.stdout)["generalDiagnostics"]
    return {
        (str(Path(each["file"]).resolve()), each["range"]["start"]["line"] + 1, each["message"])
        for each in report
        if each["severity"] == "error"
    }


each_checker = pytest.mark.parametrize("checker", [mypy, pyright], ids=["mypy", "pyright"])
Checker = Callable[[tuple[Path, ...]], Report]


@each_checker
def test_accepts_what_is_right(checker: Checker, written: list[Path]) -> None:
    files = (*RIGHT, WITHOUT_ANNOTATIONS[0], *written, MISTAKES)
    found = sorted(each for each in checker(files) if each[0] != str(MISTAKES))
    for name in WITHOUT_ANNOTATIONS:
        stem = name.stem if isinstance(name, Path) else f"{name}_snippets"
        found = [each for each in found if Path(each[0]).stem != stem or "annotation" not in each[2]]
    assert not found, "\n".join(f"{file}:{line}: {message}" for file, line, message in found)


@each_checker
def test_rejects_mistakes(checker: Checker, written: list[Path]) -> None:
    files = (*RIGHT, WITHOUT_ANNOTATIONS[0], *written, MISTAKES)
    lines = MISTAKES.read_text().splitlines()
    marked = {number for number, line in enumerate(lines, 1) if line.endswith("# error")}
    reported = {line for file, line, _ in checker(files) if file == str(MISTAKES)}
    assert len(marked) > 50
    assert not marked - reported, "not found: " + "; ".join(lines[n - 1] for n in sorted(marked - reported))
    assert not reported - marked, "no mistake: " + "; ".join(lines[n - 1] for n in sorted(reported - marked))
