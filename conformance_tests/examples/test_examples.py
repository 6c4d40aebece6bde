"""The examples meet what they promise."""

import runpy
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.slow
def test_char_lm() -> None:
    """With fewer steps, and so a larger loss."""
    assert runpy.run_path(str(EXAMPLES / "char_lm.py"))["main"](steps=40, largest_loss=3.0)


@pytest.mark.slow
def test_lora() -> None:
    """`main` prints a table and says whether each row is met."""
    assert runpy.run_path(str(EXAMPLES / "lora.py"))["main"]()
