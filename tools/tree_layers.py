"""Writes `unified/trees/layers.pyi`: what type checkers see of the layers that are modules of `unified.trees`.

Their constructors, arguments and calls are those of the layers of a body (`tools/layers.py`), without a name.
"""

from pathlib import Path

from tools.layers import BASES, class_text, doc, families, members, names_list, title
from tools.text import with_section
from unified.core.layer import Layer

__all__ = ["files"]

STUB = Path(__file__).parents[1] / "unified" / "trees" / "layers.pyi"
PUBLIC = STUB.with_name("__init__.py")

HEAD = """# What type checkers see of the layers of `unified.trees`. Written by `make generate`.

# fmt: off
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, Literal, NamedTuple, Protocol, TypedDict, TypeVar, Unpack, overload

from typing_extensions import TypeVar as DefaultTypeVar

from unified.core.annotations import Array, ArrayLike, ArrayT, Device, DType, InitFn, Metadata
from unified.core.initializers import Initializer
from unified.trees.layer import Layer

_T = TypeVar("_T", bound=Any)
_Indices = DefaultTypeVar("_Indices", bound=bool, default=Literal[False])  # whether pooling returns indices too
_Packed = TypeVar("_Packed", bound=_PackedSequence)

class _Options(TypedDict, total=False):
    init_fn: Initializer | Mapping[str, InitFn] | None
    metadata: Metadata | None

class _PackedSequence(Protocol):  # torch's
    @property
    def batch_sizes(self) -> Any: ...

class _Output(NamedTuple, Generic[_T]):
    output: _T
    loss: _T

class _OfOne(Layer):
    def __call__(self, input: ArrayT) -> ArrayT: ...

class _Loss(Layer):
    def __call__(self, input: ArrayT, target: ArrayLike) -> ArrayT: ...

class _Pool(Layer, Generic[_Indices]):
    return_indices: bool
    @overload
    def __call__(self: _Pool[Literal[False]], input: ArrayT) -> ArrayT: ...
    @overload
    def __call__(self, input: ArrayT) -> tuple[ArrayT, ArrayT] | Any: ...
"""


def _text(layer: type[Layer]) -> str:
    kept = [m.replace("LayerOptions", "_Options") for m in members(layer, False) if _is_there(m)]
    if layer.__module__.endswith(".lazy"):
        init = [m for m in kept if "def __init__" in m]
        return class_text(layer.__name__, layer.__name__[4:], [doc(layer), *init])
    base = next((name for name, calls in BASES.items() if calls[0] in kept), "Layer")
    kept = [m for m in kept if base == "Layer" or m != BASES[base][0]]
    if "return_indices" in layer.own_signature.parameters:
        base = "_Pool[_Indices]"
    return class_text(layer.__name__, base, [doc(layer), *kept])


def _is_there(member: str) -> bool:
    """Whether a module has a member of a layer: it has no `forward`, and of further methods `attend`."""
    methods = ("def __init__", "def __call__", "def __getattr__", "def attend", "@overload")
    return member.startswith(methods) or not member.startswith(("def ", "@"))


def files() -> dict[Path, str]:
    """The text of each file that is written."""
    parts, names = [HEAD], []
    for family, layers in families().items():
        shown = [layer for layer in layers if layer.__name__ != "Sequential"]
        if shown:
            parts += [f"# {title(family)}\n", *map(_text, shown)]
            names += [layer.__name__ for layer in shown]
    return {
        STUB: "\n".join([*parts, names_list("=", sorted(names))]),
        PUBLIC: with_section(PUBLIC.read_text(), "layers", names_list("+=", sorted(names))),
    }
