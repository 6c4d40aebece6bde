"""What `u.display` draws in a notebook, looked at in a browser without a screen (Debian's chromium-headless-shell)."""

import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import matplotlib.image
import numpy as np
import pytest
import torch
import treescope

import unified as u

BROWSER = shutil.which("chromium-headless-shell") or shutil.which("chromium")
FLAGS = ("--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--virtual-time-budget=5000", "--window-size=1000,600")


class Tower(u.Module):
    def __init__(self, embedding: Any) -> None:
        self.embedding = embedding

    def __call__(self, ids: Any) -> Any:
        return u.Linear(4, 3)(self.embedding(ids))


def forward(ids: Any) -> Any:
    return Tower(u.Embedding(7, 4))(ids)


class ZMQInteractiveShell:
    """What IPython says of itself in a notebook."""


@pytest.fixture(params=["torch", "jax"])
def tree(request: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What treescope is given to show of a model in a notebook."""
    ids = np.array([[0, 3]])
    if request.param == "torch":
        shown: Any = u.transform(forward, backend="torch").init(torch.tensor(ids), rng=0)
    else:
        shown = u.transform(forward, backend="jax").init(ids, rng=0)
    notebook: Any = ModuleType("IPython")
    notebook.get_ipython = ZMQInteractiveShell
    monkeypatch.setitem(sys.modules, "IPython", notebook)
    trees: list[Any] = []
    monkeypatch.setattr(treescope, "display", trees.append)
    u.display(shown)
    return trees[0]


def pixels(page: Path, content: str) -> np.ndarray:
    """The colours of a page in the browser, rows by columns."""
    assert BROWSER is not None
    page.write_text(f"<meta charset=utf-8>{content}")
    picture = page.with_suffix(".png")
    command = [BROWSER, *FLAGS, f"--screenshot={picture}", page.as_uri()]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return matplotlib.image.imread(picture)[..., :3]


@pytest.mark.skipif(BROWSER is None, reason="no browser is installed: apt install chromium-headless-shell")
def test_a_notebook_shows_the_tree(tree: Any, tmp_path: Path) -> None:
    blank = pixels(tmp_path / "blank.html", "")
    for _ in range(3):  # on a busy machine the browser may take its picture before the page's scripts have run
        seen = pixels(tmp_path / "tree.html", treescope.render_to_html(tree, compressed=False))
        assert seen.shape == (600, 1000, 3)
        ink = np.abs(seen - blank).max(-1) > 0.3
        if ink.any():
            break
    assert ink.sum() > 1000  # pixels that a blank page does not have
    assert ink.any(1).sum() > 60  # several lines of text


def test_its_text_names_modules_shapes_and_shared_references(tree: Any) -> None:
    text = treescope.render_to_text(tree)
    for expected in ("embedding: Embedding(num_embeddings=7", "tower: Tower(embedding=<embedding>)", "(7, 4)"):
        assert expected in text, expected
