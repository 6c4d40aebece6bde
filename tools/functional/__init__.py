"""The generator of `unified/functional.py`: a function for each supported name of `torch.nn.functional`.

The stubs beside this file are the source: a file for each family, with the parameters, whose positions and defaults are
torch's on every framework, and the docstrings that users see. What is written adds to these their source and the
imports of their examples. The types of parameters are those of torch's own stubs.

Functions are written out, rather than made when they are imported, so that importing them is fast, editors know them,
and a call costs a few nanoseconds, where `getattr(functional, name)(*args, **kwargs)` takes a hundred, which a small
layer shows.
"""

import ast
import inspect
import re
from pathlib import Path

import torch

from tools.text import WIDTH, closed, completed, definition, docstring, filled

__all__ = ["FAMILIES", "declarations", "files"]

ROOT = Path(__file__).parents[2]
FAMILY_STUBS = Path(__file__).parent
FILE = ROOT / "unified" / "functional.py"

# The families of functions: a stub for each.
FAMILIES = (
    "activations",
    "attention",
    "convolutions",
    "dropout",
    "images",
    "linear",
    "losses",
    "normalization",
    "pooling",
)

HEAD = '''"""Functions of `torch.nn.functional`, on either framework's arrays.

`unified.functional.relu(x)` is `torch.nn.functional.relu` in a torch model. In a JAX model it is a function on JAX
arrays with the same name, arguments and values. Outside a model the type of the arguments selects the framework. No
function overwrites its input: `inplace` has no effect. `size_average` and `reduce` are torch's older arguments for
`reduction`, which they replace where they are passed.

Written by `make generate` from the stubs in tools/functional/.

>>> import numpy, torch, unified.functional as F
>>> F.relu(torch.tensor([-1.0, 2.0])).tolist()
[0.0, 2.0]
"""

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from unified.core import backends
from unified.core.annotations import ArrayLike, ArrayT, DType, ShapeLike
from unified.core.backends import FUNCTIONAL
from unified.core.errors import BackendError
from unified.core.missing import unknown_name
from unified.core.pairs import refuse_pair
from unified.core.scope import current

# fmt: off
__all__ = [
{names},
]


def _of(*arguments: Any) -> Any:
    """Return the functions of the framework that one of `arguments` belongs to."""
    for argument in arguments:
        functional = FUNCTIONAL.get(type(argument))  # which torch.compile follows, and the search below it does not
        if functional is not None:
            return functional
        if type(argument) is tuple:
            refuse_pair(argument)
    return _found(arguments)


def _found(arguments: tuple[Any, ...]) -> Any:
    """Return the functions of the framework that takes one of `arguments`, and keep them for arrays of its class."""
    functional = backends.find_functions(arguments, "functional", FUNCTIONAL)
    if functional is not None:
        return functional
    name = sys._getframe(2).f_code.co_name  # written into each call, it would lengthen this file by half
    raise BackendError(
        f"unified.functional.{{name}} was called outside a model, on "
        f"{{', '.join(type(a).__name__ for a in arguments)}}: pass an array of an installed framework"
    )


def _native(dtype: Any, array: Any) -> Any:
    """Return the dtype of the framework that runs, or that `array` belongs to, for any framework's dtype."""
    scope = current.scope
    backend = backends.of_array(array) if scope is None else scope.frame.backend
    return dtype if backend is None else backend.dtype(dtype)


if not TYPE_CHECKING:  # checkers would take any name for an attribute

    def __getattr__(name: str) -> Any:
        raise unknown_name(__name__, name, __all__)

'''

# What the examples of docstrings use, unless they import it themselves.
IMPORTS = ">>> import torch, unified.functional as F"

# torch's stubs, in the order in which a function is looked for.
STUBS = ("nn/functional.pyi", "_C/_nn.pyi", "_C/_VariableFunctions.pyi")
STUB_NAMES = {"logsigmoid": "log_sigmoid"}

# Types that torch does not say, or says for its own arrays alone.
TYPES = {
    "align_corners": "bool | None",
    "distance_function": "Callable[[Any, Any], Any] | None",
    "dtype": "DType",
    "input_lengths": "ArrayLike | Sequence[int]",
    "lambd": "float",
    "options": "Any",
    "output_ratio": "float | Sequence[float] | None",
    "reduction": "str",
    "target_lengths": "ArrayLike | Sequence[int]",
    "weight": "ArrayLike | None",
}


def declarations() -> dict[str, ast.FunctionDef]:
    """The declarations of all families, by name."""
    trees = [ast.parse((FAMILY_STUBS / f"{family}.pyi").read_text()) for family in FAMILIES]
    return {node.name: node for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)}


def _stubs() -> dict[str, ast.FunctionDef]:
    """torch's own declarations, of overloads the first."""
    found: dict[str, ast.FunctionDef] = {}
    for stub in STUBS:
        for node in ast.parse((Path(torch.__file__).parent / stub).read_text()).body:
            if isinstance(node, ast.FunctionDef):
                found.setdefault(node.name, node)
    return found


def _type(function: str, name: str, annotation: str, is_first: bool) -> str:
    """The type of a parameter, from torch's annotation of it."""
    if is_first:
        return "ArrayT"
    if name == "return_indices":
        return "bool"
    if name == "output_size" and function.startswith("adaptive"):
        return "int | Sequence[int | None] | None"
    if name == "padding" and re.fullmatch(r"conv\dd", function):
        return "str | ShapeLike"
    if re.search(r"\b_size|Sequence\[_int", annotation):
        return "ShapeLike | None" if "None" in annotation or "opt" in annotation else "ShapeLike"
    if name in TYPES and (name != "weight" or not annotation):
        return TYPES[name]
    replaced = annotation.replace(" | SymInt", "").replace("list[", "Sequence[").replace("Tensor", "ArrayLike")
    return re.sub(r"\b_(int|float|bool)\b", r"\1", replaced)


class _Function:
    """A function: its parameters with their types, and how they are passed on."""

    def __init__(self, declaration: ast.FunctionDef, stub: ast.FunctionDef) -> None:
        name = self.name = declaration.name
        self.doc = ast.get_docstring(declaration) or ""
        signature = ast.unparse(declaration.args)
        arguments = [*stub.args.posonlyargs, *stub.args.args, *stub.args.kwonlyargs]
        annotations = {each.arg: ast.unparse(each.annotation) for each in arguments if each.annotation is not None}
        by_name = {each.arg for each in stub.args.kwonlyargs}
        in_python = inspect.isfunction(getattr(torch.nn.functional, name))  # functions of C++ may want names
        self.parameters: list[str] = []
        self.passed: list[str] = []
        self.arrays: list[str] = []
        for text in signature.split(", "):
            parameter, equals, default = text.partition("=")
            if parameter == "*":
                self.parameters.append("*")
                by_name |= {each.partition("=")[0] for each in signature.partition("*, ")[2].split(", ")}
                continue
            kind = _type(name, parameter, annotations.get(parameter, ""), not self.passed)
            if default == "None" and kind not in ("Any", "DType") and not kind.endswith("None"):
                kind += " | None"
            if "ArrayT" in kind or kind.startswith("ArrayLike"):
                self.arrays.append(parameter)
            default = default.replace("'", '"')
            self.parameters.append(f"{parameter}: {kind}{f' = {default}' if equals else ''}")
            named = parameter in by_name or (equals and not in_python)
            if kind == "DType":
                self.passed.append(f"dtype if dtype is None else _native(dtype, {self.arrays[0]})")
            elif parameter != "inplace":  # to overwrite an input would give other results than on JAX
                self.passed.append(f"{parameter}={parameter}" if named else parameter)

    def __str__(self) -> str:
        returned = "ArrayT"
        if "return_indices: bool = False" in self.parameters:
            returned = "ArrayT | Any"  # with indices a tuple
        elif self.name == "multi_head_attention_forward":
            returned = "tuple[ArrayT, ArrayT | None]"
        arrays = ", ".join(self.arrays)
        found = f"    return (s.functional if (s := current.scope) else _of({arrays})).{self.name}("
        call = f"{found}{', '.join(self.passed)})"
        if len(call) > WIDTH:
            call = "\n".join([found, *(f"    {line}" for line in closed(filled(self.passed, ", ", 8), ")", 4))])
        if len(found) > WIDTH:
            start = "    functional = s.functional if (s := current.scope) else _of("
            head = "\n".join([start, *(f"    {line}" for line in closed(filled(self.arrays, ", ", 8), ")", 4))])
            call = f"{head}\n" + call.replace(found, f"    return functional.{self.name}(")
        doc = docstring(completed(self.doc, f"`torch.nn.functional.{self.name}`.", IMPORTS))
        return "\n".join([definition(self.name, self.parameters, returned, end=""), doc, call]) + "\n"


def files() -> dict[Path, str]:
    """The text of the module."""
    stubs, declared = _stubs(), declarations()
    names = "\n".join(f"    {line}" for line in filled([f'"{name}"' for name in sorted(declared)], ", ", 5))
    functions = [str(_Function(declared[name], stubs[STUB_NAMES.get(name, name)])) for name in sorted(declared)]
    return {FILE: "\n".join([HEAD.format(names=names), *functions])}
