"""Notebooks as pages: run when the site is built, and written as Markdown, which the theme lays out like any page."""

import re
import tempfile
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

__all__ = ["NotebookError", "check", "markdown", "run"]

COLOURS = re.compile(r"\x1b\[[0-9;]*m")
TIMEOUT = 300  # seconds for a cell


class NotebookError(ValueError):
    """A notebook ran, and is not what a page should show."""


def run(path: Path) -> Any:
    """Return a notebook with the outputs of its cells, which run in a folder of their own.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell raises.
        NotebookError: as `check`, or the notebook leaves files where it runs.
    """
    import nbformat
    from nbclient import NotebookClient
    from traitlets.config import Config

    notebook = nbformat.read(path, as_version=4)
    # A folder of sockets, since a kernel warns of TCP, where others could listen, and one in which the cells run.
    with tempfile.TemporaryDirectory() as sockets, tempfile.TemporaryDirectory() as folder:
        config = Config({"KernelManager": {"transport": "ipc", "ip": f"{sockets}/kernel"}})
        resources = {"metadata": {"path": folder}}
        NotebookClient(notebook, config=config, timeout=TIMEOUT, resources=resources).execute()
        check(notebook)
        if files := sorted(file.name for file in Path(folder).iterdir()):
            raise NotebookError(f"it leaves files where it runs: {', '.join(files)}; write them to a temporary folder")
    return notebook


def check(notebook: Any) -> None:
    """Raise `NotebookError` unless all cells of a notebook ran, none printed to stderr (warnings do), and one drew."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    outputs = [output for cell in code for output in cell.outputs]
    if missed := [cell.id for number, cell in enumerate(code, 1) if cell.execution_count != number]:
        raise NotebookError(f"cells that did not run in their order: {', '.join(missed)}")
    if errors := "".join(output.text for output in outputs if output.get("name") == "stderr"):
        raise NotebookError(f"expected nothing on stderr, found:\n{errors}")
    if not any("image/png" in output.get("data", {}) for output in outputs):
        raise NotebookError("no cell draws a picture")


def markdown(notebook: Any) -> tuple[str, dict[str, str]]:
    """Return a notebook that has run as Markdown, and the HTML that belongs in place of marks in it, by the marks.

    A cell is a block of code with its outputs below it. HTML stays out of the Markdown, which would read it.
    """
    parts: list[str] = []
    html: dict[str, str] = {}
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            parts.append(cell.source)
        elif cell.cell_type == "code" and cell.source.strip():
            parts.append(_fenced("python", cell.source))
            for text in _merged(cell.outputs):
                if isinstance(text, str):
                    parts.append(_fenced(" { .text .output }", text))
                else:
                    mark = f"output-{len(html)}"
                    html[f'<div data-output="{mark}"></div>'] = text[0]
                    parts.append(f'<div data-output="{mark}"></div>')
    return "\n\n".join(parts) + "\n", html


def _merged(outputs: list[Any]) -> Iterator[str | tuple[str]]:
    """Yield what a cell printed and returned: text, or the HTML in a tuple."""
    text = ""
    for output in outputs:
        data = output.get("data", {})
        shown = _html(data)
        if output.output_type == "stream":
            text += output.text
        elif output.output_type == "error":  # of a cell that is marked to raise
            text += "\n".join(output.traceback) + "\n"
        elif shown is None:
            text += data.get("text/plain", "") + "\n"
        else:
            if text:
                yield text
            text = ""
            yield (shown,)
    if text:
        yield text


def _html(data: dict[str, str]) -> str | None:
    if "text/html" in data:
        return f'<div class="cell-output">{data["text/html"]}</div>'
    if "image/svg+xml" in data:
        return f'<div class="cell-output">{data["image/svg+xml"]}</div>'
    for kind in ("image/png", "image/jpeg"):
        if kind in data:
            alternative = escape(data.get("text/plain", "picture"), quote=True)
            picture = "".join(data[kind].split())
            return f'<div class="cell-output"><img alt="{alternative}" src="data:{kind};base64,{picture}"></div>'
    return None


def _fenced(language: str, text: str) -> str:
    text = COLOURS.sub("", text).rstrip()
    ticks = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, ticks + 1)
    return f"{fence}{language}\n{text}\n{fence}"
