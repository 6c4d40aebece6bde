"""The pages of the reference: every public name of every public module, found in its `__all__` when the site is built.

A page is Markdown; mkdocstrings fills a line `::: unified.Linear` with the signature, the types and the docstring.
"""

import contextlib
import importlib
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from tools.layers import families, title
from tools.site.docstring_text import with_fenced_doctests, with_links
from unified import cli
from unified.compat.jax.names import NAMES as JAX_NAMES

__all__ = [
    "FOLDER",
    "MODULES",
    "Entry",
    "anchors_of",
    "entries",
    "layer_paths",
    "layers",
    "linked_paths",
    "nav",
    "pages",
    "public_paths",
]

FOLDER = "reference"


@dataclass(frozen=True)
class Documented:
    """A public module, by the path with which users write it, and how its page is called."""

    path: str
    title: str
    source: str = ""  # where the module is imported from, if it is an attribute of another

    @property
    def file(self) -> str:
        return f"{self.path.replace('.', '_')}/index.md"

    @property
    def module(self) -> ModuleType:
        return importlib.import_module(self.source or self.path)

    @property
    def names(self) -> list[str]:
        return sorted(dict.fromkeys(self.module.__all__), key=str.lower)


@dataclass(frozen=True)
class Entry:
    """A public name: where users find it, what it is, and the path of another entry that describes it, if one does."""

    path: str
    value: Any
    described_at: str = ""


UNIFIED = Documented("unified", "Models, variables, transforms")
JAX = Documented("unified.compat.jax", "JAX's names")

# In the order of the site. What an object's first entry says, later ones link to.
MODULES = (
    UNIFIED,
    Documented("unified.functional", "Functions of torch.nn"),
    Documented("unified.numpy", "Arrays"),
    Documented("unified.numpy.linalg", "Linear algebra"),
    Documented("unified.numpy.fft", "Fourier transforms"),
    Documented("unified.random", "Random arrays", "unified.core.random"),
    Documented("unified.initializers", "Initial values", "unified.core.initializers"),
    Documented("unified.filters", "Filters of variables", "unified.core.filters"),
    Documented("unified.nn", "Objects"),
    Documented("unified.nn.init", "Initial values of objects"),
    Documented("unified.explicit", "Explicit params"),
    Documented("unified.explicit.layers", "Layers with explicit params"),
    Documented("unified.trees", "Trees"),
    Documented("unified.testing", "Parity and comparison"),
    Documented("unified.testing.sides", "Sides of a comparison", "unified.compare.sides"),
    Documented("unified.compare", "Two implementations"),
    Documented("unified.typing", "Types for annotations"),
    Documented("unified.compat", "JAX's libraries"),
    JAX,
    Documented("unified.compat.haiku", "Haiku"),
    Documented("unified.compat.haiku.initializers", "Haiku's initializers"),
    Documented("unified.compat.haiku.nets", "Haiku's networks"),
    Documented("unified.compat.haiku.data_structures", "Haiku's trees"),
    Documented("unified.compat.haiku.mixed_precision", "Haiku's mixed precision"),
    Documented("unified.compat.haiku.pad", "Haiku's padding"),
    Documented("unified.compat.haiku.config", "Haiku's settings"),
    Documented("unified.compat.haiku.testing", "Haiku's tests"),
    Documented("unified.compat.haiku.experimental", "Haiku's experiments"),
    Documented("unified.compat.flax", "Flax"),
    Documented("unified.compat.blaze", "blaze's API"),
)

# What belongs together on the page of `unified`; a name that is in no group is in the last.
GROUPS = {
    "Models": ("transform", "Model", "build", "Module", "Layer", "from_torch", "wrap", "Policy", "distribute"),
    "Variables": (
        *("Params", "VariableInfo", "get_parameter", "get_state", "set_state", "sow", "ema", "spectral_norm"),
        *("weight_norm", "filters", "initializers"),
    ),
    "During a call": (
        *("is_training", "is_initializing", "next_rng_key", "random", "current_path", "backend", "array_namespace"),
        *("scope", "named_ranges", "set_named_scopes"),
    ),
    "Transforms of a part of a body": (
        *("scan", "map", "vmap", "cond", "switch", "while_loop", "fori_loop", "remat", "grad", "value_and_grad", "jit"),
        *("eval_shape", "layer_stack", "unroll"),
    ),
    "Recurrent cells": (
        *("RecurrentCell", "DeepRNN", "ResidualCell", "ConvLSTM1dCell", "ConvLSTM2dCell", "ConvLSTM3dCell"),
    ),
    "Functions of arrays": (
        *("functional", "avg_pool", "max_pool", "min_pool", "RotaryEmbedding", "KVCache", "causal_mask"),
    ),
    "Files and display": ("save", "load", "load_model", "describe", "summary", "display"),
    "Frameworks": ("set_backend", "available_backends"),
    "Errors": (
        *("BackendError", "CheckpointError", "NoActiveTransformError", "NotInitializedError", "StructureChangedError"),
        *("TransformBoundaryError",),
    ),
}
OTHERS = "More"

# Of a name that is in several modules, the search shows first what bodies use.
FIRST = "---\nsearch:\n  boost: 4\n---\n\n"
# A page on which every name refers to another would double what the search finds.
SECOND = "---\nsearch:\n  exclude: true\n---\n\n"

PAGE = re.compile(r"`?\b(docs/(\w+\.md))\b`?")


def layers() -> dict[str, list[str]]:
    """Return the names of `unified`'s layers by the titles of their families, in the order of `docs/layers.md`."""
    found = {title(family): [layer.__name__ for layer in classes] for family, classes in families().items()}
    return {name: sorted(names) for name, names in sorted(found.items())}


def entries(module: Documented) -> Iterator[Entry]:
    """Yield what `__all__` of a module has; a name whose object has an entry on an earlier page refers to that."""
    described = _described(MODULES[: MODULES.index(module)])
    for name in module.names:
        value = getattr(module.module, name)
        path = f"{module.path}.{name}"
        yield Entry(path, value, described.get(_identity(value), ""))


def public_paths() -> dict[str, Any]:
    """Return what users can name, by its path: `unified.Linear`, `unified.nn.Linear`, `unified.compat.jax.jit`."""
    return {entry.path: entry.value for module in MODULES for entry in entries(module)}


def layer_paths() -> list[str]:
    """Return the layers of every style, whose types are in stubs."""
    names = {name for family in layers().values() for name in family}
    styles = ("unified", "unified.nn", "unified.explicit", "unified.trees")
    found = [entry for module in MODULES if module.path in styles for entry in entries(module)]
    return [entry.path for entry in found if not entry.described_at and entry.path.rpartition(".")[2] in names]


def linked_paths() -> set[str]:
    """Return the names with a heading, to which a docstring can link; JAX's stand in lists, and modules have pages."""
    listed = {f"{JAX.path}.{name}" for name in JAX.names}
    return public_paths().keys() - listed | {module.path for module in MODULES}


def pages() -> dict[str, str]:
    """Return the Markdown of the pages, by their paths in `docs/`."""
    texts = {"index.md": _index(), "layers.md": _layers_page(), "command.md": _command_page()}
    linked = linked_paths()
    texts |= {module.file: (_jax_page if module is JAX else _page)(module, linked) for module in MODULES}
    return {f"{FOLDER}/{file}": text for file, text in texts.items()}


def nav() -> list[Any]:
    """Return the navigation of the pages, as mkdocs reads it: modules, with their parts below them."""
    listed = [f"{FOLDER}/index.md", *_nav("unified"), {"The command unified": f"{FOLDER}/command.md"}]
    listed.insert(2, {"Layers of unified": f"{FOLDER}/layers.md"})
    return listed


def _nav(parent: str) -> list[Any]:
    """Return the entries of the modules that are directly below another; those of `unified` have their whole paths."""
    listed: list[Any] = [{"unified": f"{FOLDER}/{UNIFIED.file}"}] if parent == UNIFIED.path else []
    for module in MODULES[1:]:
        above, _, name = module.path.rpartition(".")
        if above == parent:
            page, parts = f"{FOLDER}/{module.file}", _nav(module.path)
            listed.append({module.path if parent == UNIFIED.path else name: [page, *parts] if parts else page})
    return listed


def anchors_of(text: str) -> set[str]:
    """Return the anchors of public names in the Markdown of a page."""
    return set(re.findall(r"^::: (\S+)$", text, re.MULTILINE)) | set(re.findall(r"\{ ?#(unified[\w.]*)", text))


def _described(modules: Iterable[Documented]) -> dict[int | None, str]:
    found: dict[int | None, str] = {}
    for module in modules:
        for name in module.names:
            if (identity := _identity(getattr(module.module, name))) is not None:
                found.setdefault(identity, f"{module.path}.{name}")
    return found


def _identity(value: Any) -> int | None:
    """What tells an object of ours from others; two names of a value, or of `Any`, may mean different things."""
    ours = callable(value) and str(getattr(value, "__module__", "")).startswith("unified")
    return id(value) if ours or isinstance(value, ModuleType) else None


def _first_sentence(value: Any) -> str:
    lines = (value.__doc__ or "").strip().split("\n\n")[0]
    sentence = " ".join(lines.split())
    return sentence if len(sentence) < 160 else sentence.split(": ")[0]


def _entry(entry: Entry, level: int = 3) -> str:
    """Return the text of a name: a line for mkdocstrings, or a heading and a link to where it is described."""
    name = entry.path.rpartition(".")[2]
    heading = f"{'#' * level} {entry.path} {{ #{entry.path} data-toc-label='{name}' }}"
    module = next((module for module in MODULES if module.path == entry.path), None)
    if module is not None:  # its page has the anchor
        heading = f"{'#' * level} {entry.path} {{ data-toc-label='{name}' }}"
        return f"{heading}\n\nThe module [`{entry.path}`](../{module.file}): {_first_sentence(module.module)}\n"
    if isinstance(entry.value, ModuleType) and not entry.described_at:
        return f"{heading}\n\nThe module `{entry.value.__name__}`: {_first_sentence(entry.value)}\n"
    if entry.described_at:
        return f"{heading}\n\nThe same as [`{entry.described_at}`][{entry.described_at}].\n"
    return f"::: {entry.path}\n    options:\n      heading_level: {level}\n"


def _page(module: Documented, linked: set[str]) -> str:
    known = {entry.path.removeprefix(f"{module.path}."): entry for entry in entries(module)}
    of_layers = {name for names in layers().values() for name in names}
    elsewhere = all(entry.described_at for entry in known.values())
    parts = [f"{SECOND if elsewhere else ''}{_head(module)}", _introduction(module, linked)]
    if module is UNIFIED:
        parts.append("The layers have [a page of their own](../layers.md).\n")
        groups = _grouped([name for name in known if name not in of_layers])
    elif of_layers & known.keys() and len(of_layers & known.keys()) > len(known) // 2:
        groups = {"": [name for name in known if name not in of_layers], "Layers": sorted(of_layers & known.keys())}
    else:
        groups = {"": list(known)}
    for group, names in groups.items():
        parts += [f"## {group}\n"] if group else []
        parts += [_entry(known[name], level=3 if group else 2) for name in names]
    return "\n".join(parts)


def _head(module: Documented) -> str:
    first = FIRST if module is UNIFIED else ""
    return f"{first}# {module.path}: {_lowered(module.title)} {{ #{module.path} data-toc-label='{module.path}' }}\n"


def _introduction(module: Documented, linked: set[str]) -> str:
    """Return the docstring of the module as the head of its page."""
    paragraphs = (module.module.__doc__ or "").strip().split("\n\n")
    text = "\n\n".join(text for text in paragraphs if not text.startswith("Written by"))
    return PAGE.sub(r"[\1](../../\2)", with_fenced_doctests(with_links(text, linked - {module.path}))) + "\n"


def _grouped(names: list[str]) -> dict[str, list[str]]:
    groups = {group: [name for name in members if name in names] for group, members in GROUPS.items()}
    rest = [name for name in names if not any(name in members for members in groups.values())]
    return groups | ({OTHERS: rest} if rest else {})


def _layers_page() -> str:
    known = {entry.path.removeprefix("unified."): entry for entry in entries(UNIFIED)}
    parts = [f"{FIRST}# Layers of unified\n"]
    parts.append(
        "The classes that a body uses as `u.Linear(10, 64)(x)`, by family. [Layers](../layers.md) lists their\n"
        "arguments and the cases with which each is tested on both frameworks.\n"
    )
    for family, names in layers().items():
        parts += [f"## {family}\n", *(_entry(known[name]) for name in names)]
    return "\n".join(parts)


def _jax_page(module: Documented, linked: set[str]) -> str:
    """Return the page of JAX's names: lists, since JAX's own documentation describes them."""
    covered = "[the names that torch has](../../haiku_names.md)"
    parts = [
        _head(module),
        _introduction(module, linked),
        f"What a name means is in [JAX's documentation](https://docs.jax.dev/en/latest/jax.html); see {covered}, and\n"
        "[Haiku on PyTorch](../../haiku.md) for what differs.\n",
    ]
    for part, names in (JAX_NAMES | {"": JAX.names}).items():
        path = f"{JAX.path}.{part}".rstrip(".")
        parts.append(f"## `{path}` {{ data-toc-label='{path.removeprefix('unified.compat.')}' }}\n")
        paths = [f"{path}.{name}" for name in sorted(names, key=str.lower)]
        parts.append(",\n".join(f"`{path.rpartition('.')[2]}`{{ #{path} }}" for path in paths) + "\n")
    return "\n".join(parts)


def _command_page() -> str:
    """Return the page of the command: what `--help` prints of it and of each of its commands."""
    whole = _help()
    commands = re.findall(r"^ {4}([a-z-]+) +\S", whole, re.MULTILINE)
    parts = ["# The command unified { data-toc-label='The command' }\n", f"```text\n{whole}\n```\n"]
    parts += [f"## unified {command}\n\n```text\n{_help(command)}\n```\n" for command in commands]
    return "\n".join(parts)


def _help(*command: str) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as printed, contextlib.suppress(SystemExit):
        cli.main([*command, "--help"])
    return printed.getvalue().rstrip()


def _index() -> str:
    parts = [
        "# Reference by module\n",
        "Every public name, from the sources: what `__all__` of a module has. The search above finds names by their\n"
        "parts (`nn.Linear`, `get_parameter`).\n",
        "| module | |\n|---|---|",
    ]
    for module in MODULES:
        parts.append(f"| [`{module.path}`]({module.file}) | {_first_sentence(module.module)} |")
        if module is UNIFIED:
            parts.append("| [layers of `unified`](layers.md) | The classes of `torch.nn`'s layers that bodies use. |")
    parts.append("| [`unified`, the command](command.md) | Runs, ports and compares programs. |\n")
    return "\n".join(parts)


def _lowered(text: str) -> str:
    """The title within a heading; names keep their capitals."""
    return text if text.startswith(("JAX", "Haiku", "Flax", "blaze")) else text[0].lower() + text[1:]
