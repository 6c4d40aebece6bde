"""Writes the notebooks as they are stored: without outputs, counts and settings of an editor, so that diffs are small.

`make generate` cleans the notebooks of docs/notebooks, also after Jupyter has saved them, and `make lint` fails if one
is not clean.
"""

import json
from pathlib import Path
from typing import Any

__all__ = ["clean", "files"]

FOLDER = Path(__file__).parents[1] / "docs" / "notebooks"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def files() -> dict[Path, str]:
    """The clean text of each notebook, by its path."""
    return {path: clean(path.read_text(encoding="utf-8"), path.name) for path in sorted(FOLDER.glob("*.ipynb"))}


def clean(text: str, name: str = "the notebook") -> str:
    """Return the text of a notebook with its cells alone, as Jupyter writes it: keys sorted, a space a level.

    Args:
        text: the JSON of a notebook of format 4.5 or later, whose cells have ids.
        name: what errors call it.
    """
    notebook = json.loads(text)
    if (notebook["nbformat"], notebook["nbformat_minor"]) < (4, 5):
        raise ValueError(
            f"{name} has format {notebook['nbformat']}.{notebook['nbformat_minor']}, expected 4.5: save it again"
        )
    cells = [_clean_cell(cell) for cell in notebook["cells"] if "".join(cell["source"]).strip()]
    notebook = {"cells": cells, "metadata": METADATA, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _clean_cell(cell: dict[str, Any]) -> dict[str, Any]:
    source = "".join(cell["source"]).strip("\n").splitlines(keepends=True)
    tags = {"tags": cell["metadata"]["tags"]} if cell["metadata"].get("tags") else {}
    kept = {"cell_type": cell["cell_type"], "id": cell["id"], "metadata": tags, "source": source}
    return kept | {"execution_count": None, "outputs": []} if cell["cell_type"] == "code" else kept
