"""Writes what type checkers see of the layers with explicit params: `unified/explicit/layers.pyi`.

A class for each layer: its constructor, with the graph first, and its call, with the params first. Types are those of
`unified/core/layers/__init__.pyi`.
"""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.layers import default_of, doc, families, method_head, parameters_of, rendered, signature_of, title, type_of
from tools.text import filled
from unified.backends.jax.layers import native_class
from unified.core.layer import Layer
from unified.explicit.layers import OTHERS

__all__ = ["files"]

STUB = Path(__file__).parents[1] / "unified" / "explicit" / "layers.pyi"

HEAD = """# What type checkers see of the layers with explicit params. Written by `make generate`.

# fmt: off
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from unified.core.annotations import ArrayLike, ArrayT, Device, DType, LayerInitFn, Metadata
from unified.core.params import Params
from unified.explicit.graph import Graph
from unified.explicit.layer import LayerModule
from unified.explicit.rng import Rng

class _Output(NamedTuple):
    output: Any
    loss: Any
"""

OPTIONS = ["rng: Rng | None = None", "init_fn: LayerInitFn | None = None", "metadata: Metadata | None = None"]

# Methods besides calls.
FURTHER = {"Embedding": "def attend(self, params: Params, input: ArrayT) -> tuple[ArrayT, Params]: ..."}


def _constructor(layer: type[Layer]) -> str:
    texts = ["self", "graph: Graph"]
    if layer.__name__ == "Sequential":
        return method_head("__init__", [*texts, "*args: LayerModule | Mapping[str, LayerModule]", *OPTIONS], "None")
    rest = None
    for parameter in parameters_of(layer):
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            rest = "**kwargs: Any"
            continue
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY and "*" not in texts:
            texts.append("*")
        is_rest = parameter.kind is inspect.Parameter.VAR_POSITIONAL
        kind = "Any" if is_rest else type_of(layer, parameter)
        kind = re.sub(r"\bLayer\b", "LayerModule", "bool" if kind == "_Indices" else kind)
        default = default_of(parameter).replace("...", "False")
        texts.append(f"{'*' if is_rest else ''}{parameter.name}: {kind}{default}")
    if not any(text.startswith("*") for text in texts):
        texts.append("*")
    return method_head("__init__", [*texts, *OPTIONS, *filter(None, [rest])], "None")


def _call(layer: type[Layer]) -> str:
    (_, first, *others), returned = signature_of(native_class(layer).__mro__[1].forward)
    texts = ["self", "params: Params", f"{first.name}: ArrayT"]
    texts += [f"{other.name}: {rendered(other.annotation)}{default_of(other)}" for other in others]
    is_open = returned is Any or "return_indices" in layer.own_signature.parameters
    output = "Any" if is_open else rendered(returned, "ArrayT").replace("_Output[ArrayT]", "_Output")
    return method_head("__call__", [*texts, "*", "is_training: bool = False"], f"tuple[{output}, Params]")


def _classes() -> Iterator[str]:
    for family, layers in families().items():
        yield f"# {title(family)}\n"
        for layer in layers:
            members: list[Any] = [doc(layer), _constructor(layer), _call(layer), FURTHER.get(layer.__name__)]
            body = "\n".join(member for member in members if member is not None).replace("\n", "\n    ")
            yield f"class {layer.__name__}(LayerModule):\n    {body}\n"


def files() -> dict[Path, str]:
    """The text of each file that is written."""
    names = sorted(layer.__name__ for layers in families().values() for layer in layers if layer.__name__ not in OTHERS)
    listed = "\n".join(f"    {line}" for line in filled([f'"{name}"' for name in names], ", ", 5))
    others = "OTHERS: tuple[str, ...]\n"
    return {STUB: "\n".join([HEAD, others, *_classes(), f"__all__ = [\n{listed},\n]\n"])}
