"""Writes what `unified/core/layers/` says of all its files: the package's names, and what type checkers see of them.

`__init__.py` imports the families, which are the files that declare layers. `__init__.pyi` has each layer's constructor
(the signature of `variables`), its attributes (variables, and the arguments that the `torch.nn` class keeps), and its
`__call__` and `forward` (those of the class that computes it on JAX). Types that a declaration leaves open are those of
the `torch.nn` class.

`forward` is typed so that a subclass may say more: it takes anything, and returns what it should or anything else. Its
first parameter has no name, for a subclass may name it as it likes.
"""

import inspect
import re
import textwrap
import types
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import jax
import torch

from tools.text import definition, filled, with_section
from unified.backends.jax.layers import JaxLayer, native_class
from unified.backends.jax.layers.adaptive_softmax import Output
from unified.core.layer import Layer

__all__ = [
    "FOLDER",
    "class_text",
    "default_of",
    "families",
    "files",
    "members",
    "method_head",
    "names_list",
    "parameters_of",
    "rendered",
    "signature_of",
    "stub",
    "title",
    "type_of",
]

FOLDER = Path(__file__).parents[1] / "unified" / "core" / "layers"
PUBLIC = FOLDER.parents[1] / "__init__.py"
PACKAGE = "unified.core.layers"

INIT_HEAD = '''"""The declarations of the layers, a file for each family. Every class here is `unified.<name>`.

Written by `make generate`, from the names of the files and their `__all__`.
"""

# fmt: off
{imports}
'''

STUB_HEAD = """# What type checkers see of the layers. Written by `make generate`: from the declarations beside this
# file, from how JAX computes them (`unified/backends/jax/layers`), and from torch's annotations.

# fmt: off
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, Literal, NamedTuple, Protocol, TypeVar, Unpack, overload

from typing_extensions import TypeVar as DefaultTypeVar

from unified.core.annotations import Array, ArrayLike, ArrayT, Device, DType, LayerOptions
from unified.core.layer import Layer

_T = TypeVar("_T", bound=Any)  # of `forward`, which a subclass may write for the arrays of one framework
_Indices = DefaultTypeVar("_Indices", bound=bool, default=Literal[False])  # whether pooling returns indices too
_Packed = TypeVar("_Packed", bound=_PackedSequence)

class _PackedSequence(Protocol):  # torch's
    @property
    def batch_sizes(self) -> Any: ...

class _Output(NamedTuple, Generic[_T]):
    output: _T
    loss: _T
"""

# Types of arguments that neither a declaration nor torch says, or torch says for its own arrays and modules alone.
OPEN = {
    "_random_samples": "ArrayLike | None",
    "_weight": "ArrayLike | None",
    "activation": "str | Callable[[Any], Any]",
    "axis_name": "str | tuple[str, ...] | None",
    "custom_decoder": "Layer | None",
    "custom_encoder": "Layer | None",
    "decoder_layer": "TransformerDecoderLayer",
    "device": "Device",
    "dtype": "DType",
    "encoder_layer": "TransformerEncoderLayer",
    "norm": "Layer | None",
    "normalized_shape": "int | Sequence[int] | None",
    "options": "Any",
    "pos_weight": "ArrayLike | None",
    "process_group": "Any",
    "unflattened_size": "Sequence[int]",
    "weight": "ArrayLike | None",
}


def families() -> dict[str, list[type[Layer]]]:
    """The layers of each family, by the name of its file."""
    found = {}
    for file in sorted(FOLDER.glob("*.py")):
        module = import_module(f"{PACKAGE}.{file.stem}") if file.stem != "__init__" else None
        layers = [getattr(module, name) for name in getattr(module, "__all__", ())]
        if layers and all(isinstance(layer, type) and issubclass(layer, Layer) for layer in layers):
            found[file.stem] = layers
    return found


def title(family: str) -> str:
    """What a family is called: the first sentence of its file, up to a colon."""
    doc = inspect.getdoc(import_module(f"{PACKAGE}.{family}"))
    assert doc is not None
    return re.split(r"[.:]", doc, maxsplit=1)[0]


def rendered(annotation: Any, array: str = "ArrayLike") -> str:
    """A type as it is written, with `array` in place of arrays of JAX."""
    if annotation in (Any, inspect.Parameter.empty):
        return "Any"
    if annotation in (jax.Array, torch.Tensor):
        return array
    if annotation in (None, types.NoneType):
        return "None"
    if annotation is Output:
        return f"_Output[{array}]"
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        parts = [rendered(part, array) for part in inner]
        return " | ".join([*(part for part in parts if part != "None"), *(["None"] if "None" in parts else [])])
    if origin is Literal:
        return f"Literal[{', '.join(map(repr, inner))}]"
    if annotation is ...:
        return "..."
    if isinstance(annotation, list):
        return f"[{', '.join(rendered(part, array) for part in annotation)}]"
    if origin is not None:
        name = "Callable" if origin is get_origin(Callable[..., Any]) else origin.__name__
        return f"{name}[{', '.join(rendered(part, array) for part in inner)}]"
    return str(annotation.__name__)


def _torch_class(layer: type[Layer]) -> Any:
    return getattr(torch.nn, layer.native_name)


def _kept_by_torch(layer: type[Layer]) -> set[str]:
    """The attributes that the constructor of the `torch.nn` class sets."""
    bases = [base for base in _torch_class(layer).__mro__ if base not in (torch.nn.Module, object)]
    return {name for base in bases for name in re.findall(r"self\.(\w+)\b[^=\n]*=[^=]", inspect.getsource(base))}


def type_of(layer: type[Layer], parameter: inspect.Parameter) -> str:
    of_torch = inspect.signature(_torch_class(layer).__init__).parameters.get(parameter.name)
    if parameter.name == "return_indices":
        return "_Indices"
    if parameter.annotation is not Any:
        return rendered(parameter.annotation)
    if parameter.name in OPEN:
        return OPEN[parameter.name]
    assert of_torch is not None, (layer, parameter)
    kind = rendered(of_torch.annotation)
    return f"{kind} | None" if parameter.default is None and not kind.endswith("None") else kind


def parameters_of(layer: type[Layer]) -> list[inspect.Parameter]:
    parameters = list(layer.own_signature.parameters.values())
    takes_all = [parameter.kind for parameter in parameters[:1]] == [inspect.Parameter.VAR_POSITIONAL]
    return [] if takes_all and layer.__name__ not in ("Identity", "Sequential") else parameters


def default_of(parameter: inspect.Parameter) -> str:
    if parameter.default is inspect.Parameter.empty:
        return ""
    if parameter.name == "return_indices":
        return " = ..."
    return f' = "{parameter.default}"' if isinstance(parameter.default, str) else f" = {parameter.default!r}"


def _constructor(layer: type[Layer]) -> str:
    if layer.__name__ == "Sequential":
        return method_head(
            "__init__",
            [
                "self",
                "*args: Callable[..., Any] | Mapping[str, Callable[..., Any]] | Sequence[Callable[..., Any]]",
                EXTRA,
            ],
            "None",
        )
    parameters, texts = parameters_of(layer), ["self"]
    for parameter in parameters:
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY and "*" not in texts:
            texts.append("*")
        star = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
        texts.append(f"{star}{parameter.name}: {type_of(layer, parameter)}{default_of(parameter)}")
    if layer.__name__ != "Identity":
        texts.append(EXTRA)
    return method_head("__init__", texts, "None")


EXTRA = "**extra: Unpack[LayerOptions]"


def _attributes(layer: type[Layer]) -> list[str]:
    kept = _kept_by_torch(layer)
    texts = []
    for parameter in parameters_of(layer):
        if parameter.name in kept - {"device", "dtype"} and parameter.name not in (
            *layer.variable_names,
            "return_indices",
        ):
            kind = type_of(layer, parameter)
            if parameter.name in layer.optional_sizes:
                kind = kind.removesuffix(" | None")
            texts.append(f"{parameter.name}: {kind}")
    texts += [f"{name}: Array" for name in layer.variable_names if not name.startswith("_")]
    return texts


def _method(name: str, function: Callable[..., Any], has_mode: bool = False) -> str:
    """A method of a class that computes a layer, as it is called."""
    (_, first, *others), returned = signature_of(function)
    texts = ["self", f"{first.name}: ArrayT"]
    texts += [f"{other.name}: {rendered(other.annotation)}{default_of(other)}" for other in others]
    texts += ["*, is_training: bool | None = None"] if has_mode else []
    return method_head(name, texts, "ArrayT | Any" if returned is Any else rendered(returned, "ArrayT"))


def _forward(function: Callable[..., Any]) -> str:
    """The method that a subclass may write anew."""
    (_, first, *others), returned = signature_of(function)
    texts = ["self", f"{first.name}: _T", "/"]
    texts += [f"{other.name}: Any{default_of(other)}" for other in others]
    return method_head("forward", texts, "Any" if returned is Any else f"{rendered(returned, '_T')} | Any")


def signature_of(function: Callable[..., Any]) -> tuple[list[inspect.Parameter], Any]:
    signature = inspect.signature(function)
    return list(signature.parameters.values()), signature.return_annotation


def method_head(name: str, parameters: list[str], returned: str) -> str:
    return definition(name, parameters, returned, 4)


def members(layer: type[Layer], in_bodies: bool = True) -> list[str]:
    """Everything that the stub says of a layer, a text for each; in bodies a call may have a mode of its own."""
    computed = native_class(layer).__mro__[1]
    texts = [*_attributes(layer), _constructor(layer)]
    if "return_indices" in layer.own_signature.parameters:
        return texts  # and what `_Pool` has
    call = _method("__call__", computed.forward, in_bodies and layer.has_mode)
    is_sequence = layer.__name__ in ("RNN", "LSTM", "GRU")
    texts += [f"@overload\n{call}\n@overload\n{PACKED}" if is_sequence else call, _forward(computed.forward)]
    for name, function in vars(computed).items():
        if not name.startswith("_") and inspect.isfunction(function) and name not in dir(JaxLayer):
            texts.append(_method(name, function))
    for name, member in vars(layer).items():
        if inspect.isfunction(member) and not name.startswith("_") and name not in (*dir(Layer), *dir(computed)):
            (_, *parameters), returned = signature_of(member)
            named = [f"{each.name}: {_quoted(each.annotation)}{default_of(each)}" for each in parameters]
            texts.append(method_head(name, ["self", *named], _quoted(returned)))
    if layer.compound or layer.takes_layers or layer.__module__.endswith(".recurrent"):
        texts.append("def __getattr__(self, name: str) -> Any: ...")  # inner layers, and variables with numbers
    return texts


PACKED = "def __call__(self, input: _Packed, hx: Any = None) -> tuple[_Packed, Any]: ..."


def _quoted(annotation: Any) -> str:
    return annotation if isinstance(annotation, str) else str(getattr(annotation, "__name__", annotation))


def _base_of(layer: type[Layer]) -> type[Layer] | None:
    """The private class that a layer shares with others."""
    return next((base for base in layer.__mro__[1:] if base.__name__.startswith("_")), None)


def doc(layer: type[Layer]) -> str:
    """The first paragraph of a layer's docstring, for classes that are made at run time: editors find no source."""
    words = inspect.cleandoc(layer.__doc__ or "").partition("\n\n")[0].split()
    text = textwrap.fill(" ".join(words), 110, break_long_words=False, break_on_hyphens=False)
    return f'{"r" if chr(92) in text else ""}"""{text}"""'


def class_text(name: str, base: str, members: Iterable[str]) -> str:
    """The text of a class: its docstring, and attributes a few to a line."""
    docs = [member for member in members if member.startswith(('"', 'r"'))]
    attributes = [member for member in members if re.fullmatch(r"\w+: .*", member)]
    others = [member for member in members if member not in attributes and member not in docs]
    if base == "Layer":
        known = next((name for name, calls in BASES.items() if set(calls) <= set(others)), "Layer")
        base, others = known, [member for member in others if member not in BASES.get(known, ())]
    body = [*docs, *(line.rstrip(";") for line in filled(attributes, "; ", 4)), *others]
    if not body:
        return f"class {name}({base}): ...\n"
    return f"class {name}({base}):\n{textwrap.indent(chr(10).join(body), '    ')}\n"


def _stub_classes(in_bodies: bool) -> Iterator[str]:
    for family, layers in families().items():
        yield f"# {title(family)}\n"
        if family == "lazy":
            for layer in layers:
                yield class_text(layer.__name__, layer.__name__[4:], [doc(layer), _constructor(layer)])
            continue
        groups: dict[type[Layer] | None, list[type[Layer]]] = {}
        for layer in layers:
            groups.setdefault(_base_of(layer), []).append(layer)
        for base, group in groups.items():
            texts = {layer: members(layer, in_bodies) for layer in group}
            shared = [m for m in texts[group[0]] if len(group) > 1 and all(m in others for others in texts.values())]
            pools = "return_indices" in group[0].own_signature.parameters
            parent = "_Pool[_Indices]" if pools else "Layer"
            if base is not None and shared:
                yield class_text(base.__name__, parent, shared)
                parent = f"{base.__name__}[_Indices]" if pools else base.__name__
            for layer in group:
                own = [m for m in texts[layer] if base is None or not shared or m not in shared]
                yield class_text(layer.__name__, parent, own if in_bodies else [doc(layer), *own])


def stub(in_bodies: bool = True) -> str:
    """What type checkers see of the layers; in bodies a call may have a mode of its own."""
    bases = [class_text(name, "_Layer", calls).replace("(_Layer)", "(Layer)") for name, calls in BASES.items()]
    names = sorted(layer.__name__ for layers in families().values() for layer in layers)
    return "\n".join([STUB_HEAD, *bases, POOL, *_stub_classes(in_bodies), names_list("=", names)])


def files() -> dict[Path, str]:
    """The text of each file that is written."""
    known = families()
    names = sorted(layer.__name__ for layers in known.values() for layer in layers)
    imports = "\n".join(f"from {PACKAGE}.{family} import *" for family in known)
    return {
        FOLDER / "__init__.py": INIT_HEAD.format(imports=imports) + "\n" + names_list("=", names),
        PUBLIC: with_section(PUBLIC.read_text(), "layers", names_list("+=", names)),
        FOLDER / "__init__.pyi": stub(),
    }


# What most layers are called with.
BASES = {
    "_OfOne": [
        "def __call__(self, input: ArrayT) -> ArrayT: ...",
        "def forward(self, input: _T, /) -> _T | Any: ...",
    ],
    "_Loss": [
        "def __call__(self, input: ArrayT, target: ArrayLike) -> ArrayT: ...",
        "def forward(self, input: _T, /, target: Any) -> _T | Any: ...",
    ],
}
POOL = """class _Pool(Layer, Generic[_Indices]):
    return_indices: bool
    @overload
    def __call__(self: _Pool[Literal[False]], input: ArrayT) -> ArrayT: ...
    @overload
    def __call__(self, input: ArrayT) -> tuple[ArrayT, ArrayT] | Any: ...
    def forward(self, input: _T, /) -> Any: ...
"""


def names_list(sign: str, names: list[str]) -> str:
    """`__all__ = [...]`, or `+=`, with a few names to a line."""
    body = "\n".join(f"    {line}" for line in filled([f'"{name}"' for name in names], ", ", 5))
    return f"__all__ {sign} [\n{body},\n]\n"
