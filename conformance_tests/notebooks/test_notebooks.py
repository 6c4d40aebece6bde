"""The notebooks of docs/notebooks run from top to bottom in a kernel of their own, and are stored without outputs.

What a notebook claims its own cells assert. CI runs them once, for the site (`tools/site/notebooks.py`).
"""

import ast
import json
import os
import re
import sys
from pathlib import Path

import nbformat
import pytest

from tools.notebooks import clean
from tools.site.notebooks import run

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))
DISTRIBUTIONS = {"sklearn": "scikit-learn", "haiku": "dm-haiku"}  # where it has another name than what is imported
ALL = {"numpy", "torch", "jax", "unified"}  # what `unified-nn[all]` brings
each = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def imported(code: str) -> set[str]:
    """The top packages of other distributions that code imports."""
    nodes = list(ast.walk(ast.parse(re.sub(r"^[%!].*", "", code, flags=re.MULTILINE))))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    return {name.partition(".")[0] for name in names} - sys.stdlib_module_names


def test_there_are_notebooks() -> None:
    assert {path.stem for path in NOTEBOOKS} >= {"first_model", "port_a_model", "compare_two"}


@each
def test_it_is_stored_without_outputs(path: Path) -> None:
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch("[a-z][a-z0-9-]*", name) for name in ids), "an id that says what the cell does"
    assert [cell.id for cell in notebook.cells if cell.get("outputs") or cell.get("execution_count")] == []
    assert [cell.id for cell in notebook.cells if cell.metadata] == []


@each
def test_what_jupyter_saves_is_cleaned(path: Path) -> None:
    """As nbformat writes it after a run, with outputs, counts, an editor's metadata and an empty cell at the end."""
    notebook = nbformat.read(path, as_version=4)
    for number, cell in enumerate(cell for cell in notebook.cells if cell.cell_type == "code"):
        cell.execution_count = number
        cell.outputs = [nbformat.v4.new_output("stream", text="1")]
        cell.metadata = {"execution": {"iopub.status.busy": "2026"}, "collapsed": True}
    notebook.cells.append(nbformat.v4.new_code_cell())
    notebook.metadata["widgets"] = {}
    notebook.metadata["language_info"]["version"] = "3.13.0"
    saved = nbformat.writes(notebook)
    assert saved != path.read_text()
    assert clean(saved) == path.read_text()


def test_older_formats_are_refused() -> None:
    """Their cells have no ids."""
    with pytest.raises(ValueError, match=r"old.ipynb has format 4.4, expected 4.5"):
        clean(json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}), "old.ipynb")


@each
def test_its_first_cell_says_what_to_install(path: Path) -> None:
    first, *others = nbformat.read(path, as_version=4).cells
    assert first.cell_type == "markdown" and first.source.startswith("# ")
    (command,) = re.findall(r"^pip install (.*)$", first.source, re.MULTILINE)
    installed = {re.sub(r'"?unified-nn\[all\]"?', "unified", word) for word in command.split()} | ALL
    written = {cell.source.split()[1].removesuffix(".py") for cell in others if cell.source.startswith("%%writefile")}
    for cell in others:
        if cell.cell_type == "code":
            needed = imported(cell.source) - written - {"ported"}  # which `unified port` writes
            assert {DISTRIBUTIONS.get(name, name) for name in needed} <= installed


@each
def test_its_links_lead_somewhere(path: Path) -> None:
    """Whole addresses, because a page of the site, a file on GitHub and a copy elsewhere are at other places."""
    links = re.findall(r"\]\(([^)]+)\)", "".join(cell.source for cell in nbformat.read(path, as_version=4).cells))
    ours = [link.partition("/main/")[2] for link in links if link.startswith("https://github.com/unified-nn/unified/")]
    assert len(ours) >= 2 and all(link.startswith("https://") for link in links)
    assert [name for name in ours if not (ROOT / name).exists()] == []


@pytest.mark.full  # CI runs them when it builds the site
@each
def test_it_runs(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As for the site: every cell, in a new kernel."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT), prepend=os.pathsep)
    run(path)
