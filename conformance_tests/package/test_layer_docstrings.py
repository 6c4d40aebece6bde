"""Docstrings of public classes: a purpose, every argument, the source and an example, in the style of the module."""

import ast
import enum
import importlib
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

import unified
import unified.explicit
import unified.nn
import unified.trees
from unified.backends.jax.model import JaxModel
from unified.backends.torch.model import TorchModel
from unified.core import layers
from unified.core.bound import BoundModel, TransformedModel
from unified.explicit import layers as explicit_layers

STYLES = {
    "unified": (unified, "u.transform("),
    "unified.nn": (unified.nn, "u.build("),
    "unified.explicit": (explicit_layers, "bx.Graph("),
    "unified.trees": (unified.trees, "ut.fill("),
}
OPTIONS = {  # that all layers of a style take
    "unified": {"name", "init_fn", "metadata"},
    "unified.nn": {"init_fn", "metadata"},
    "unified.explicit": {"graph", "rng", "init_fn", "metadata"},
    "unified.trees": {"init_fn", "metadata"},
}


def classes(name: str) -> list[tuple[str, type]]:
    """Return the styles that have a layer as such, with its class there; two have a `Sequential` of their own."""
    styles = ("unified", "unified.explicit") if name == "Sequential" else STYLES
    return [(style, getattr(STYLES[style][0], name)) for style in styles]


def mentions(doc: str, name: str) -> bool:
    """Return whether the prose of a docstring has a name, as a word."""
    prose = re.sub(r"^(>>>|\.\.\.) .*", "", doc, flags=re.M)
    return re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", prose) is not None


def arguments(doc: str) -> list[str]:
    """Return the names that the section `Args:` explains."""
    section = re.search(r"^Args:\n((?: {4}.*\n?)+)", doc, re.M)
    entries = re.findall(r"^ {4}([*\w]+(?:, [*\w]+)*): \S", section[1] if section else "", re.M)
    return [name.lstrip("*") for entry in entries for name in entry.split(", ")]


@pytest.mark.parametrize("name", layers.__all__)
def test_layer_has_sections(name):
    for style, cls in classes(name):
        check_sections(style, name, cls)


def check_sections(style, name, cls):
    made_by = STYLES[style][1]
    doc = inspect.getdoc(cls)
    prose, mark, example = doc.partition(">>> ")
    summary, _, _ = doc.partition("\n\n")
    assert len(summary) <= 120 and summary.endswith("."), summary
    explained = arguments(doc)
    assert len(explained) == len(set(explained)), explained
    parameters = inspect.signature(cls).parameters.values()
    named = {p.name for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)}
    assert set(explained) - {"args", "kwargs"} == named
    assert named >= OPTIONS[style]
    assert "Shapes: " in prose and f"`torch.nn.{name}`" in prose.partition("Source: ")[2]
    assert mark and made_by in example and re.search(rf"\b{name}\b", example)
    if style != "unified":  # no example, and no sentence, of another style
        assert "u.transform(" not in example and "In a body" not in prose


@pytest.mark.parametrize("name", layers.__all__)
def test_variables_are_described(name):
    """Every variable of a layer is named, with its first value where the layer itself has it."""
    declaration = getattr(layers, name)
    doc = inspect.getdoc(declaration)
    base = name.removeprefix("Lazy")
    families = {"LSTM": "RNN", "GRU": "RNN"}  # of whose variables they say how theirs differ
    described = doc + (inspect.getdoc(getattr(layers, families[base])) if base in families else "")
    missing = [variable for variable in declaration.variable_names if not mentions(described, variable.split("/")[-1])]
    assert not missing
    if declaration.variable_names and not declaration.takes_layers and "buffer" not in doc:
        assert re.search(r"\bstarts?\b", doc), "no first values"


def test_references_are_resolved():
    """No page sends its reader to another for what an argument means."""
    for name in layers.__all__:
        for style, cls in classes(name):
            arguments = inspect.getdoc(cls).partition("Shapes:")[0]
            assert not re.search(r"\bas in `\w+`|those of `\w+`\.\n|\bothers: ", arguments), (style, name)


def test_docstrings_cost_nothing_until_they_are_read():
    """A class keeps what its declaration says; the rest is computed by the reader."""
    written = vars(unified.trees.Conv2d)["__doc__"]
    assert str(written) == str(vars(unified.Conv2d)["__doc__"]) and "as in `Conv1d`" in written
    assert "as in `Conv1d`" not in unified.trees.Conv2d.__doc__
    assert unified.nn.Conv2d.__doc__ != unified.trees.Conv2d.__doc__


def test_subclass_has_no_docstring_of_the_layer():
    class Doubled(unified.Linear):
        def forward(self, x):
            return 2 * super().forward(x)

    assert Doubled.__doc__ is None
    assert inspect.getdoc(Doubled) == inspect.getdoc(unified.Linear)


def test_layer_of_another_package_keeps_its_docstring():
    """The sections of `unified`'s own are no form that others are held to."""

    class Double(unified.Layer):
        """Twice the input.

        Args:
            none (None): of this form.
        """

    assert "none (None): of this form." in Double.__doc__


def test_python_without_docstrings():
    code = """
import unified, unified.explicit, unified.nn, unified.trees
for package in (unified, unified.explicit, unified.nn, unified.trees):
    print(repr(package.LazyConv2d.__doc__), repr(package.Linear.__doc__))
"""
    done = subprocess.run([sys.executable, "-OO", "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["''"] * 8


def test_examples_parse():
    """The rewritten examples are Python; `test_layer_examples.py` runs them."""
    for name in layers.__all__:
        for _, cls in classes(name):
            code = [line[4:] for line in inspect.getdoc(cls).splitlines() if line.startswith((">>> ", "... "))]
            ast.parse("\n".join(code))


PACKAGES = (
    "unified",
    "unified.nn",
    "unified.explicit",
    "unified.trees",
    "unified.compat.haiku",
    "unified.compat.flax",
    "unified.compat.blaze",
)
ALIASES = {"Array", "MutableParams", "MutableState", "Params", "State"}  # of Haiku's module: types of other packages
WITHOUT_EXAMPLE = {("unified", "Array"), ("unified.compat.haiku", "to_dot")}


def public(package: str) -> Iterator[tuple[str, Any]]:
    """The classes and functions of a package, by name."""
    module = importlib.import_module(package)
    for name in module.__all__:
        value = getattr(module, name)
        if not inspect.ismodule(value) and (package != "unified.compat.haiku" or name not in ALIASES):
            yield name, value


@pytest.mark.parametrize("package", PACKAGES)
def test_every_name_has_a_purpose_and_an_example(package):
    lacking = []
    for name, value in public(package):
        doc = inspect.cleandoc(value.__doc__ or "")
        summary = doc.partition("\n\n")[0]
        has_example = ">>> " in doc or "```python" in doc
        if re.search(r"^ +>>>", doc, re.M):
            lacking.append(f"{name}: sections of several indentations")
        if not summary.rstrip("`").endswith((".", ":")) or not (has_example or (package, name) in WITHOUT_EXAMPLE):
            lacking.append(name)
    assert not lacking


def test_every_argument_of_haiku_is_explained():
    """Those of `unified`'s layers are compared above."""
    lacking = {}
    for name, value in public("unified.compat.haiku"):
        if isinstance(value, type) and (
            issubclass(value, (tuple, enum.Enum, BaseException)) or getattr(value, "_is_protocol", 0)
        ):
            continue  # they explain their attributes
        if isinstance(value, type) or inspect.isfunction(value):
            doc = inspect.cleandoc(value.__doc__ or "")
            parameters = inspect.signature(value).parameters
            if missing := [argument for argument in parameters if not mentions(doc, argument)]:
                lacking[name] = missing
    assert lacking == {"to_dot": ["args", "kwargs"]}  # not offered, whatever it is given


def own_methods() -> Iterator[tuple[str, Any]]:
    """The public methods and properties that public classes and models have of `unified`, with a name for each."""
    classes = {value for package in PACKAGES for _, value in public(package) if isinstance(value, type)}
    models = (TorchModel, JaxModel, BoundModel, TransformedModel)
    for cls in {base for each in (*classes, *models) for base in each.__mro__}:
        if cls.__module__.partition(".")[0] != "unified":
            continue
        for name, member in vars(cls).items():
            function = inspect.unwrap(getattr(member, "fget", None) or getattr(member, "__func__", member))
            if not name.startswith("_") and inspect.isfunction(function) and function.__name__ != "<lambda>":
                yield f"{cls.__module__}.{cls.__qualname__}.{name}", getattr(cls, name)


def test_every_method_has_a_docstring():
    methods = dict(own_methods())
    assert len(methods) > 300
    # Declarations of layers have functions that backends call, and say what they are in `Layer`.
    protocol = {"variables", "sizes"}
    lacking = [name for name, method in methods.items() if not inspect.getdoc(method)]
    assert [name for name in lacking if name.rpartition(".")[2] not in protocol] == []
