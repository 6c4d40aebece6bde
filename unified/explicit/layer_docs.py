"""What the docstrings of the layers of `unified.explicit` say of modules with explicit params."""

import itertools
import re

from unified.core.layer_docs import INIT_FN, METADATA, Style
from unified.core.layer_examples import Example, ExampleStyle

__all__ = ["OTHERS", "STYLE"]

# In `unified.explicit.layers` they are torch.nn's; `unified.explicit` has recurrences and a sequence by these names.
OTHERS = ("GRU", "LSTM", "Sequential")


def _make(example: Example) -> list[str]:
    package = "bx.layers" if example.name in OTHERS else "bx"
    arguments = [f'graph.child("{example.base_name}")']
    if example.arguments:
        parts = (f'bx.\\1(graph.child("part{n}"), ' for n in itertools.count())
        arguments.append(re.sub(r"\bu\.(\w+)\(", lambda inner: inner.expand(next(parts)), example.arguments))
    params = "bx.params(seed=0)"
    lines = ['graph = bx.Graph("net")']
    if example.draws:
        arguments.append("rng=rng")
        lines.append('rng = bx.Rng(graph.child("rng"))')
        params = f"rng.seed({params}, seed=0)"
    return [
        *lines,
        f"layer = {package}.{example.name}({', '.join(arguments)})".replace(", )", ")"),
        f"_, params = layer({params}, {example.inputs})",
    ]


STYLE = Style(
    about="A module with explicit params: `output, params = layer(params, *inputs, is_training=False)`. Its variables "
    "lie in `params` below the path of its graph, and are added by the first call.",
    first={"graph": '`graph.child("name")`: where it stands in the network, and the name that it has there.'},
    last={
        "rng": "the `Rng` from which a layer draws in training, and its first values if the params have no seed.",
        "init_fn": f"{INIT_FN}.",
        "metadata": METADATA,
    },
    example=ExampleStyle(
        "import torch, unified.explicit as bx",
        _make,
        call=lambda example, inputs: f"layer(params, {inputs})[0]",
        read=lambda example, name: f'params["net/{example.base_name}/{name}"]',
    ),
)
