"""What the docstrings of the layers of `unified.trees` say of modules that are trees."""

import re

from unified.core.layer_docs import INIT_FN, METADATA, Style
from unified.core.layer_examples import Example, ExampleStyle

__all__ = ["STYLE"]


def _make(example: Example) -> list[str]:
    layer = re.sub(r"\bu\.", "ut.", f"ut.{example.name}({example.arguments})")
    inputs = f", {example.inputs}" if example.is_lazy else ""
    return [f"layer = ut.fill({layer}{inputs}, rng=0)"]


STYLE = Style(
    about="A module, which is a tree and never changes: its variables and its arguments are attributes. "
    "`unified.trees.fill` gives the variables first values, and a size that is `None` its value; "
    "`unified.trees.apply` trains.",
    first={},
    last={"init_fn": f"{INIT_FN}.", "metadata": METADATA},
    example=ExampleStyle(
        "import torch, unified.trees as ut",
        _make,
        call=lambda example, inputs: f"ut.apply(layer, {inputs}, rng=0)[0]" if example.draws else f"layer({inputs})",
        read=lambda example, name: f"layer.{name}",
    ),
)
