"""Writes what type checkers see of the layers of `unified.nn`: `unified/nn/layers.pyi`.

The classes are those that `tools/layers.py` writes for bodies, with another base and without a name of their own, for
there an attribute names a layer.
"""

import re
from pathlib import Path

from tools import layers

__all__ = ["files"]

FILE = Path(__file__).parents[1] / "unified" / "nn" / "layers.pyi"

HEAD = """# What type checkers see of the layers of unified.nn. Written by `make generate`, from the types of the
# layers of bodies (`unified/core/layers/__init__.pyi`).

# fmt: off
"""

BASE = """
class _ObjectOptions(TypedDict, total=False):
    init_fn: Initializer | Mapping[str, InitFn] | None
    metadata: Metadata | None

class Layer(Module):
    _declaration: ClassVar[Any]
    native_name: ClassVar[str]
"""

IMPORTS = {
    "from typing import Any, Generic,": "from typing import Any, ClassVar, Generic,",
    "Protocol, TypeVar, Unpack, overload": "Protocol, TypedDict, TypeVar, Unpack, overload",
    "import Array, ArrayLike, ArrayT, Device, DType, LayerOptions": "import Array, ArrayLike, ArrayT, Device, DType, "
    "InitFn, Metadata",
    "from unified.core.layer import Layer\n": "from unified.core.initializers import Initializer\n"
    "from unified.nn.module import Module\n" + BASE,
    "LayerOptions": "_ObjectOptions",
}


def files() -> dict[Path, str]:
    """The text of the file."""
    text = layers.stub(in_bodies=False)
    _, _, text = text.partition("# fmt: off\n")
    for old, new in IMPORTS.items():
        assert old in text, old
        text = text.replace(old, new)
    text = re.sub(r"class Sequential\(Layer\):\n(    .*\n)+\n", "", text)
    text = re.sub(r"# Containers?.*\n\n(?=#)", "", text)
    text = text.replace('"Sequential", ', "").replace("__all__ = [", '__all__ = [\n    "Layer",', 1)
    return {FILE: HEAD + text}
