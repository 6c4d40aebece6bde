"""The examples meet what they promise."""

import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

from unified.cli import main

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_first(capsys: pytest.CaptureFixture[str]) -> None:
    """The first losses are equal, the curves stay together, and fall."""
    names = runpy.run_path(str(EXAMPLES / "first.py"))
    on_torch, on_jax = names["on_torch"], names["on_jax"]
    np.testing.assert_allclose(on_torch, on_jax, rtol=1e-3)
    assert on_torch[0] == pytest.approx(on_jax[0], rel=1e-6)
    assert on_jax[-1] < 0.05 * on_jax[0]
    assert capsys.readouterr().out.count("loss on PyTorch") == 6


@pytest.mark.slow
def test_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    """All six are equal on both frameworks."""
    folder = EXAMPLES / "objects"
    monkeypatch.syspath_prepend(str(folder))
    program = runpy.run_path(str(folder / "run.py"))
    for name in ("gpt", "resnet", "tagger", "unet", "vae", "vit"):
        del sys.modules[name]
    assert program["main"]()


@pytest.mark.slow
def test_char_lm() -> None:
    """With fewer steps, and so a larger loss."""
    assert runpy.run_path(str(EXAMPLES / "char_lm.py"))["main"](steps=40, largest_loss=3.0)


@pytest.mark.slow
def test_language_models(monkeypatch) -> None:
    """The tokens of both frameworks and of plain PyTorch are equal."""
    folder = EXAMPLES / "language_models"
    monkeypatch.syspath_prepend(str(folder))
    program = runpy.run_path(str(folder / "generate.py"))
    for name in ("models", "reference"):  # other examples have modules of these names
        del sys.modules[name]
    program["MODELS"].pop("llama")  # the one with a window does all that it does
    names = program["main"].__globals__
    monkeypatch.setitem(names, "timed", lambda tokens: (tokens(), 1.0))  # the same tokens again are for their speed
    assert program["main"]()


@pytest.mark.slow
def test_lora() -> None:
    """`main` prints a table and says whether each row is met."""
    assert runpy.run_path(str(EXAMPLES / "lora.py"))["main"]()


@pytest.mark.slow
def test_flax_nnx() -> None:
    """With fewer steps, and so a smaller accuracy."""
    assert runpy.run_path(str(EXAMPLES / "flax_nnx" / "compare.py"))["main"](steps=40, least_accuracy=0.7)


@pytest.mark.slow
def test_compare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The first pair agrees by the mapping in the folder, and the mistake of the second is named."""
    folder = EXAMPLES / "compare"
    monkeypatch.syspath_prepend(str(folder))
    assert runpy.run_path(str(folder / "run.py"))["main"](tmp_path)
    assert "<svg" in (tmp_path / "compare.html").read_text()


@pytest.mark.slow
def test_compare_finds_the_mapping(tmp_path: Path) -> None:
    """Without the file it is found and written: projections and gates that PyTorch fuses, and flattened columns."""
    folder = EXAMPLES / "compare"
    for file in (*folder.glob("*.py"), folder / "compare.toml"):
        (tmp_path / file.name).write_text(file.read_text())
    assert main(["compare", str(tmp_path / "compare.toml")]) == 0
    assert (tmp_path / "mapping.toml").read_text() == (folder / "mapping.toml").read_text()
