"""What the docstrings of the layers of `unified.nn` say of objects."""

import re

from unified.core.layer_docs import BODY, Style
from unified.core.layer_examples import Example, ExampleStyle

__all__ = ["STYLE"]


def _make(example: Example) -> list[str]:
    made = f"nn.{example.name}" + (f", {example.arguments}" if example.arguments else "")
    if "u." in made:  # layers within it are made in the same build
        made = "lambda: " + re.sub(r"\bu\.", "nn.", f"nn.{example.name}({example.arguments})")
    evaluated = ".eval()" if example.is_evaluated else ""
    lines = [f'layer = u.build({made}, backend="torch", rng=0){evaluated}']
    return [*lines, f"_ = layer.eval()({example.inputs})  # gives the layer its sizes"] if example.is_lazy else lines


STYLE = Style(
    about="An object of a network of `unified.nn`: on torch it is a `torch.nn.{name}`, and on JAX it has the same "
    "attributes and methods. The attribute that it is assigned to names it.",
    first={},
    last={name: BODY.last[name] for name in ("init_fn", "metadata")},
    example=ExampleStyle(
        "import torch, unified as u, unified.nn as nn",
        _make,
        call=lambda example, inputs: f"layer({inputs})",
        read=lambda example, name: f"layer.{name}",
    ),
)
