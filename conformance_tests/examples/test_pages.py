"""Each example says at its top how to run it and what it needs, and `examples/README.md` and `make demo` have it."""

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
README = (EXAMPLES / "README.md").read_text()
FILES = sorted(EXAMPLES.rglob("*.py"))
PROGRAMS = [path for path in FILES if path == EXAMPLES / "first.py" or "__main__" in path.read_text()]
DISTRIBUTIONS = {"sklearn": "scikit-learn", "haiku": "dm-haiku"}  # where it has another name than what is imported
ALL = {"numpy", "torch", "jax", "unified"}  # what `unified-nn[all]` brings


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def docstring(path: Path) -> str:
    return ast.get_docstring(ast.parse(path.read_text())) or ""


def needs(path: Path) -> set[str]:
    """The distributions that a file imports, by a statement or by `load`, and those that its neighbours do."""
    beside = {file.stem: file for file in path.parent.glob("*.py") if file != path}
    found: set[str] = set()
    text = path.read_text()
    names = {alias.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)}
    names |= set(re.findall(r'\bload_library\("([\w.]+)"', text))
    for package in {name.partition(".")[0] for name in names} - sys.stdlib_module_names - ALL:
        found |= needs(beside[package]) if package in beside else {DISTRIBUTIONS.get(package, package)}
    return found


def stated(path: Path) -> set[str]:
    """The distributions that the docstring says to install."""
    (line,) = re.findall(r"\bNeeds: (.*)$", docstring(path), re.MULTILINE)
    return set() if line == "unified-nn[all]" else set(line.removeprefix("pip install ").split())


def test_there_are_examples() -> None:
    assert len(PROGRAMS) >= 10
    assert needs(EXAMPLES / "first.py") == set()
    assert needs(EXAMPLES / "digits.py") == {"matplotlib", "optax", "rich", "scikit-learn"}


@pytest.mark.parametrize("path", PROGRAMS, ids=name_of)
def test_a_program_says_how_to_run_it_how_long_and_what_it_needs(path: Path) -> None:
    text = docstring(path)
    assert re.search(rf"^(.*`)?(python|unified run|torchrun .*) {name_of(path)}", text, re.MULTILINE)
    assert re.search(r"seconds|minute", text)
    configured = {name for file in path.parent.glob("*.toml") for name in re.findall(r'= "(\w+):', file.read_text())}
    runs = {path, *(path.with_name(f"{name}.py") for name in configured)}
    runs |= {path.with_name("train.py")} if "train.py" in path.read_text() else set()
    assert stated(path) == set().union(*map(needs, runs))


@pytest.mark.parametrize("path", [path for path in FILES if path not in PROGRAMS], ids=name_of)
def test_a_part_says_what_runs_it(path: Path) -> None:
    beside = {file.name for file in PROGRAMS if file.parent == path.parent}
    assert any(name in docstring(path) for name in beside)


def test_the_first_is_short() -> None:
    assert len((EXAMPLES / "first.py").read_text().splitlines()) <= 40


def test_the_page_lists_all_in_the_order_of_its_sections_and_of_make_demo() -> None:
    rows = re.findall(r"^\| `(?:python|torchrun .*?) examples/(\S+)` \| .+ \| \d+ (?:s|min) \|$", README, re.MULTILINE)
    scripts = {str(path.relative_to(EXAMPLES)) for path in PROGRAMS} - {"flax_nnx/train.py"}  # which compare.py runs
    assert sorted(rows) == sorted(scripts)
    sections = re.findall(r"^## (\S+)$", README, re.MULTILINE)
    assert [row if "/" not in row else row.partition("/")[0] + "/" for row in rows] == sections
    demo = re.findall(r"\$\(BIN\)/python examples/(\S+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert demo == rows[:-1] and rows[0] == "first.py"


def test_the_page_says_what_all_need() -> None:
    (line,) = re.findall(r"^pip install (\w.*?) +#", README, re.MULTILINE)
    assert set(line.split()) == set().union(*map(needs, FILES))
