"""The pages of the tutorial run as a newcomer would paste them, and print what the pages say that they print."""

import contextlib
import io
import pathlib
import re

import pytest

DOCS = pathlib.Path(__file__).parents[2] / "docs"


@pytest.fixture(autouse=True)
def folder(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages write their files where they run."""
    monkeypatch.chdir(tmp_path)


def run(page: str) -> dict:
    """The names that the snippets of a page leave.

    A `text` block is what the Python block above it prints, with any line breaks; `...` stands for any text.
    """
    names: dict = {}
    printed, compared = "", 0
    for kind, block in re.findall(r"```(python|text)\n(.*?)```", (DOCS / page).read_text(), re.DOTALL):
        if kind == "python":
            with contextlib.redirect_stdout(io.StringIO()) as stream:
                exec(compile(block, page, "exec"), names)
            printed = stream.getvalue()
        else:
            expected = ".*".join(re.escape(part) for part in " ".join(block.split()).split("..."))
            assert re.fullmatch(expected, " ".join(printed.split())), printed
            compared += 1
    return {**names, "compared": compared}


def test_index() -> None:
    names = run("index.md")
    assert names["y"].shape == names["z"].shape == (8, 10)


def test_first_model() -> None:
    names = run("first_model.md")
    assert names["compared"] == 2
    assert names["params"]["linear_1/bias"].shape == (10,)


def test_train_pytorch() -> None:
    names = run("train_pytorch.md")
    assert len(names["optimizer"].param_groups[0]["params"]) == 2


def test_train_jax() -> None:
    names = run("train_jax.md")
    assert names["compared"] == 1 and int(names["resumed"]["rng/counter"]) == 36


@pytest.mark.slow
def test_one_step() -> None:
    names = run("one_step.md")
    assert len(names["torch_losses"]) == 30


def test_names() -> None:
    names = run("names.md")
    assert names["compared"] == 1 and "rng/counter" in names["changes"]


@pytest.mark.slow
def test_port_torch() -> None:
    names = run("port_torch.md")
    assert names["compared"] == 1 and names["net"].params.keys() >= {"mean", "position", "encoder/layers/1/norm2/bias"}


@pytest.mark.slow
def test_testing(unified_backend: str) -> None:
    names = run("testing.md")
    assert names["compared"] == 1
    names["test_shapes"](unified_backend)
    if unified_backend == "torch":  # these compare the two, whichever is the default
        for name in ("test_forward", "test_mended", "test_recurrent"):
            names[name]()
