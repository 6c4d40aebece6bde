"""What is refused of a notebook that runs for the site, so that `make site` fails."""

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError

from tools.site.notebooks import NotebookError, check, run

CELL, OUTPUT, NOTEBOOK = nbformat.v4.new_code_cell, nbformat.v4.new_output, nbformat.v4.new_notebook
PICTURE = OUTPUT("display_data", data={"image/png": "AAAA"})


def ran(*outputs: Any) -> Any:
    """A notebook of two cells that ran, the second of which has outputs."""
    return NOTEBOOK(cells=[CELL("f()", execution_count=1), CELL("g()", execution_count=2, outputs=list(outputs))])


def test_a_notebook_that_draws_is_right() -> None:
    check(ran(OUTPUT("stream", name="stdout", text="1"), PICTURE))


def test_warnings_are_refused() -> None:
    warning = OUTPUT("stream", name="stderr", text="UserWarning: no\n")
    with pytest.raises(NotebookError, match=r"expected nothing on stderr, found:\nUserWarning: no"):
        check(ran(PICTURE, warning))


def test_a_notebook_without_a_picture_is_refused() -> None:
    with pytest.raises(NotebookError, match=r"no cell draws a picture"):
        check(ran())


def test_a_cell_that_did_not_run_is_refused() -> None:
    notebook = ran(PICTURE)
    notebook.cells.insert(1, CELL("left_out()", id="left-out"))
    with pytest.raises(NotebookError, match=r"did not run in their order: left-out"):
        check(notebook)


@pytest.mark.slow
def test_a_kernel_that_raises_or_leaves_files(tmp_path: Path) -> None:
    """The error of a cell goes on to mkdocs, and the folder of the notebook is none of its own."""
    draws = "from IPython.display import Image, display\ndisplay(Image(b'png', format='png'))"
    nbformat.write(NOTEBOOK(cells=[CELL("1 / 0")]), tmp_path / "raises.ipynb")
    nbformat.write(NOTEBOOK(cells=[CELL(draws), CELL("open('left.txt', 'w').close()")]), tmp_path / "leaves.ipynb")
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        run(tmp_path / "raises.ipynb")
    with pytest.raises(NotebookError, match=r"leaves files where it runs: left.txt"):
        run(tmp_path / "leaves.ipynb")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["leaves.ipynb", "raises.ipynb"]
