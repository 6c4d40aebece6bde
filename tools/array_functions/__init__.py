"""The generator of `unified/numpy/`: a function for each name of the array API standard, and for those beyond it.

The stubs beside this file are the source: a file for each family, with the types and docstrings that users see. What is
written adds how a call finds its framework, and to a docstring its source and the imports of its example. Functions
are written out for the reasons in `tools/functional/`.
"""

import ast
from pathlib import Path

from tools.text import closed, completed, definition, docstring, filled
from unified.numpy.constants import __array_api_version__ as VERSION

__all__ = ["FAMILIES", "beyond", "files", "functions"]

ROOT = Path(__file__).parents[2]
STUBS = Path(__file__).parent
PACKAGE = ROOT / "unified" / "numpy"
PAGE = ROOT / "docs" / "numpy.md"

# The families whose functions are in `unified.numpy` itself; `EXTENSIONS` are modules of it.
FAMILIES = ("creation", "data_types", "elementwise", "reductions", "shapes", "positions", "products")
EXTENSIONS = ("linalg", "fft")

# Parameters that may be arrays, though their type does not say so.
MAYBE_ARRAYS = {"obj", "from_", "type", "arrays_and_dtypes"}
# Parameters with which a call may use another library's names for them; see `unified.numpy.idioms`.
NAMED = {"axis", "axes", "keepdims"}

# What the examples of docstrings use, unless they import it themselves.
IMPORTS = ">>> import torch, unified.numpy as unp"

# The line of the page below which its list is.
LISTED = "A star marks what is not in the standard. (This list is written by `make generate`.)\n"
AT = "| `at(x, index)` * | Return the elements of `x` at an index, for a new array with others there. |"

# Where the names in annotations come from.
SOURCES = {
    "Any": "typing",
    "Array": "unified.core.annotations",
    "ArrayLike": "unified.core.annotations",
    "ArrayT": "unified.core.annotations",
    "Axes": "unified.core.array_results",
    "DType": "unified.core.annotations",
    "Device": "unified.core.annotations",
    "Eigh": "unified.core.array_results",
    "FloatInfo": "unified.core.array_results",
    "IntegerInfo": "unified.core.array_results",
    "Literal": "typing",
    "Never": "typing",
    "Norm": "unified.core.array_results",
    "QR": "unified.core.array_results",
    "SVD": "unified.core.array_results",
    "Sequence": "collections.abc",
    "ShapeLike": "unified.core.annotations",
    "Slogdet": "unified.core.array_results",
    "TopK": "unified.core.array_results",
    "UniqueAll": "unified.core.array_results",
    "UniqueCounts": "unified.core.array_results",
    "UniqueInverse": "unified.core.array_results",
    "current": "unified.core.scope",
    "functions_of": "unified.core.array_functions",
    "refuse_keywords": "unified.numpy.idioms",
}


def functions(family: str) -> dict[str, ast.FunctionDef]:
    """The declarations of a family, by name."""
    tree = ast.parse((STUBS / f"{family}.pyi").read_text())
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def beyond(node: ast.FunctionDef) -> bool:
    """Whether a function is none of the standard."""
    return "\nSource: beyond the standard" in (ast.get_docstring(node) or "")


def _parameters(node: ast.FunctionDef) -> tuple[list[str], list[str], list[str]]:
    """The parameters as they are declared, as they are passed on, and those that may be arrays."""
    declared, passed, arrays = [], [], []
    args = node.args
    positional = [*args.posonlyargs, *args.args]
    defaults = [None] * (len(positional) - len(args.defaults)) + list(args.defaults)

    def declare(arg: ast.arg, default: ast.expr | None, by_name: bool, star: str = "") -> None:
        assert arg.annotation is not None
        annotation = ast.unparse(arg.annotation).replace("'", '"')
        declared.append(f"{star}{arg.arg}: {annotation}" + ("" if default is None else f" = {_text(default)}"))
        passed.append(f"{arg.arg}={arg.arg}" if by_name else f"{star}{arg.arg}")
        if "ArrayT" in annotation or "ArrayLike" in annotation or arg.arg in MAYBE_ARRAYS:
            arrays.append(f"*{arg.arg}" if star or annotation.startswith("Sequence[ArrayT") else arg.arg)

    for position, (arg, default) in enumerate(zip(positional, defaults, strict=True)):
        declare(arg, default, by_name=False)
        if position + 1 == len(args.posonlyargs):
            declared.append("/")
    if args.vararg is not None:
        declare(args.vararg, None, by_name=False, star="*")
    elif args.kwonlyargs:
        declared.append("*")
    for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        declare(arg, default, by_name=True)
    return declared, passed, arrays


def _text(default: ast.expr) -> str:
    return ast.unparse(default).replace("'", '"')


def _written(name: str, node: ast.FunctionDef, prefix: str) -> str:
    """The text of a function."""
    declared, passed, arrays = _parameters(node)
    lines = []
    names = {arg.arg for arg in [*node.args.args, *node.args.kwonlyargs]}
    if NAMED & names and name != "meshgrid":
        declared.append("**idioms: Never")
        lines += ["    if idioms:", f'        refuse_keywords("{prefix}{name}", idioms)']
    assert node.returns is not None
    head = definition(name, declared, ast.unparse(node.returns), end="")
    doc = completed(ast.get_docstring(node) or "", f"array API standard {VERSION}, `{prefix}{name}`.", IMPORTS)
    lines = [docstring(doc), *lines]
    functions = f"(scope.frame.backend.numpy if (scope := current.scope) else functions_of({', '.join(arrays)}))"
    call = f"    return {functions}.{prefix}{name}("
    whole = f"{call}{', '.join(passed)})"
    if len(whole) > 120:
        whole = "\n".join([call, *(f"    {line}" for line in closed(filled(passed, ", ", 8), ")", 4))])
    return "\n".join([head, *lines, whole]) + "\n"


def _imports(text: str) -> str:
    """The imports of the names that a text uses, outside of its docstrings."""
    names = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
    used: dict[str, list[str]] = {}
    for name, module in SOURCES.items():
        if name in names:
            used.setdefault(module, []).append(name)
    order = sorted(used, key=lambda module: (module.startswith("unified"), module))
    lines: list[str] = []
    for module in order:
        if module.startswith("unified") and lines and not lines[-1].startswith("from unified"):
            lines.append("")
        lines.append(f"from {module} import {', '.join(sorted(used[module], key=_by_case))}")
    return "\n".join(lines)


def _by_case(name: str) -> tuple[int, str]:
    """The place of a name in an import: constants, then classes, then functions, as ruff sorts them."""
    return (0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2), name.lower()


def _listed(names: list[str]) -> str:
    return "\n".join(f"    {line}" for line in filled([f'"{name}"' for name in sorted(names)], ", ", 5))


def _module(family: str) -> str:
    """The text of a family's file."""
    nodes = functions(family)
    tree = ast.parse((STUBS / f"{family}.pyi").read_text())
    doc = ast.get_docstring(tree) or ""
    end = "\n" if "\n" in doc else ""
    prefix = f"{family}." if family in EXTENSIONS else ""
    bodies = "\n".join(_written(name, node, prefix) for name, node in sorted(nodes.items()))
    mark = "Written by `make generate` from the stub in tools/array_functions/."
    return (
        f'"""{doc}\n\n{mark}\n"""\n\n{_imports(bodies)}\n\n# fmt: off\n'
        f"__all__ = [\n{_listed(list(nodes))},\n]\n\n\n{bodies}{end and ''}"
    )


PACKAGE_DOC = '''"""The array API standard on the arrays of whichever framework runs: `import unified.numpy as unp`.

In a torch model `unp.exp(x)` takes and returns a `torch.Tensor`, in a JAX model a `jax.Array`; outside a model the type
of the arguments selects the framework, and where none of them is an array of one, the default backend is taken
(`unified.set_backend`). Names and meanings are those of the standard, version 2024.12, and `docs/numpy.md` lists them
with what there is beyond it. A name of torch or NumPy that is not here raises an error with the name that is.

Written by `make generate`.

>>> import torch, unified.numpy as unp
>>> unp.maximum(torch.tensor([-1.0, 2.0]), 0)
tensor([0., 2.])
"""
'''


def _package() -> str:
    """The text of `unified/numpy/__init__.py`."""
    from unified.numpy import constants, indexing

    lines = ["from typing import TYPE_CHECKING, Any", "", "from unified.numpy import fft, idioms, linalg"]
    names = ["fft", "linalg", "isdtype", *constants.__all__, *indexing.__all__]
    for family in sorted([*FAMILIES, "constants", "indexing"]):
        lines.append(f"from unified.numpy.{family} import *")
        names += list(functions(family)) if family in FAMILIES else []
    lines.insert(2, "from unified.core.dtypes import isdtype")
    refuse = (
        "if not TYPE_CHECKING:  # a type checker reports a name that is not here by itself\n\n"
        "    def __getattr__(name: str) -> Any:\n"
        "        raise idioms.absent(name, __all__)\n"
    )
    listed = _listed(names)
    return f"{PACKAGE_DOC}\n" + "\n".join(lines) + f"\n\n# fmt: off\n__all__ = [\n{listed},\n]\n\n\n{refuse}"


def _page(page: str) -> str:
    """The page with the list of all functions at its end."""
    head, mark, _ = page.partition(LISTED)
    sections = []
    for family in (*FAMILIES, *EXTENSIONS):
        tree = ast.parse((STUBS / f"{family}.pyi").read_text())
        title = (ast.get_docstring(tree) or "").split("\n")[0].rstrip(".")
        prefix = f"{family}." if family in EXTENSIONS else ""
        rows = [f"### {title}\n", "| | |", "|---|---|"]
        if family == "data_types":
            rows.append("| `isdtype(dtype, kind)` | Return whether a dtype is of a kind, or is one of several. |")
        if family == "positions":
            rows.append(AT)
        for name, node in sorted(functions(family).items()):
            declared = ", ".join(part.partition(":")[0] for part in _parameters(node)[0] if part != "/")
            summary = " ".join((ast.get_docstring(node) or "").split("\n\n")[0].split()).replace("|", "\\|")
            rows.append(f"| `{prefix}{name}({declared})`{' *' if beyond(node) else ''} | {summary} |")
        sections.append("\n".join(rows) + "\n")
    return f"{head}{mark}\n" + "\n".join(sections)


def files() -> dict[Path, str]:
    """The text of all files."""
    texts = {PACKAGE / f"{family}.py": _module(family) for family in (*FAMILIES, *EXTENSIONS)}
    texts[PACKAGE / "__init__.py"] = _package()
    texts[PAGE] = _page(PAGE.read_text())
    return texts
