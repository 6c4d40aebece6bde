"""The examples meet what they promise."""

import runpy
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_lora() -> None:
    """`main` prints a table and says whether each row is met."""
    assert runpy.run_path(str(EXAMPLES / "lora.py"))["main"]()
