"""Docstrings of public functions: a sentence of what it does, each argument, where it comes from, and an example.

The examples themselves are run by `make test` (`pytest --doctest-modules unified`).
"""

import ast
import doctest
import importlib
import inspect
import itertools
import re
import sys
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

import unified.typing

MODULES = (
    "unified.functional",
    "unified.numpy",
    "unified.numpy.fft",
    "unified.numpy.linalg",
    "unified.core.filters",
    "unified.core.initializers",
    "unified.core.random",
    "unified.nn.init",
    "unified.testing",
    "unified.compare.sides",
)
VERBS = {"Assert", "Compare", "Draw", "Raise", "Return", "Start"}
# Functions that no other library has.
OURS = {"unified.testing.parity.assert_parity", "unified.compare.comparison.compare"}
OUR_MODULES = ("unified.compare.sides",)
# Arguments of which their type says all; what a module's docstring explains needs not stand in each function's.
SELF_EVIDENT = {"_stacklevel", "axis", "device", "dim", "dtype", "input", "keepdims", "tensor", "x", "x1", "x2"}
# Where `unified.typing` has its names from.
ALIASES = ("unified.core.annotations", "unified.core.filters")


def public(kind: type) -> Iterator[tuple[str, Any]]:
    """Yield each function, or each class, of `MODULES` with the name of its place."""
    for name in MODULES:
        module = importlib.import_module(name)
        for attribute in module.__all__:
            value = getattr(module, attribute)
            if isinstance(value, kind):
                yield f"{value.__module__}.{value.__qualname__}", value


FUNCTIONS = dict(public(FunctionType))
CLASSES = dict(public(type))


def text_of(value: Any) -> str:
    """Return the docstring of an object's own; an empty one without it."""
    return inspect.cleandoc(vars(value).get("__doc__") or "" if isinstance(value, type) else value.__doc__ or "")


def is_sentence(function: Any) -> bool:
    """Whether the first line is a sentence with a verb first, and is all of its paragraph."""
    first, *rest = text_of(function).split("\n") or [""]
    return first.split(" ")[0] in VERBS and first.endswith(".") and (not rest or not rest[0])


def has_example(value: Any) -> bool:
    """Whether doctest finds an example, where `make test` looks."""
    is_collected = value.__module__.startswith("unified.") and not value.__module__.startswith("unified.backends.")
    return is_collected and bool(doctest.DocTestParser().get_examples(text_of(value)))


def has_source(function: Any) -> bool:
    """Whether the docstring names the function, the standard or the paper that says what is computed."""
    return re.search(r"\n\nSource: .*\S\.?\n", text_of(function)) is not None


def unexplained(function: Any) -> list[str]:
    """Return the arguments that neither the docstring nor its module's mentions, in code or in a list."""
    before_examples = text_of(function).partition("\n>>>")[0]
    text = f"{before_examples}\n{sys.modules[function.__module__].__doc__}"
    parameters = [p.name for p in inspect.signature(function).parameters.values() if p.kind is not p.VAR_KEYWORD]
    return [
        name
        for name in parameters
        if name not in SELF_EVIDENT
        and not re.search(rf"`[^`\n]*\b{name}\b[^`\n]*`|\n +[\w*, ]*\b{name}\b[\w*, ]*:", text)
    ]


def failing(rule: Callable[[Any], bool], values: dict[str, Any]) -> list[str]:
    return [name for name, value in values.items() if not rule(value)]


def test_functions_are_found() -> None:
    assert len(FUNCTIONS) > 320
    assert {"unified.functional.relu", "unified.numpy.fft.rfft", "unified.nn.init.eye_"} <= set(FUNCTIONS)
    assert {"unified.core.initializers.Dirac", "unified.numpy.indexing.At"} <= set(CLASSES)


def test_the_first_line_is_a_sentence() -> None:
    assert failing(is_sentence, FUNCTIONS) == []
    assert failing(lambda cls: text_of(cls).partition("\n")[0].endswith("."), CLASSES) == []


def test_each_has_an_example() -> None:
    assert failing(has_example, FUNCTIONS | CLASSES) == []


def test_each_has_a_source() -> None:
    theirs = {
        name: value
        for name, value in FUNCTIONS.items()
        if name not in OURS and not value.__module__.startswith(OUR_MODULES)
    }
    assert failing(has_source, theirs) == []
    assert set(OURS) <= set(FUNCTIONS) and not any(has_source(FUNCTIONS[name]) for name in OURS)


def test_each_argument_is_explained() -> None:
    assert {name: unexplained(value) for name, value in FUNCTIONS.items() if unexplained(value)} == {}


def test_public_methods_have_docstrings() -> None:
    methods = {
        f"{name}.{attribute}": method
        for name, cls in CLASSES.items()
        for attribute, method in inspect.getmembers(cls, inspect.isfunction)
        if not attribute.startswith("_") and method.__module__.startswith("unified.")
    }
    assert methods
    assert [name for name, method in methods.items() if not inspect.getdoc(method)] == []


def test_each_type_is_described() -> None:
    """By a string after it, as editors show it, where it is no class."""
    described = set()
    for name in ALIASES:
        body = ast.parse(inspect.getsource(importlib.import_module(name))).body
        for node, after in itertools.pairwise(body):
            target = node.target if isinstance(node, ast.AnnAssign) else getattr(node, "targets", [None])[0]
            if isinstance(target, ast.Name) and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
                described.add(target.id)
    for name in set(unified.typing.__all__) - described:
        assert text_of(getattr(unified.typing, name)), name


def bare(x: Any, colour: int) -> None:
    """Returns something"""


def test_what_is_missing_is_seen() -> None:
    assert not (is_sentence(bare) or has_example(bare) or has_source(bare))
    assert unexplained(bare) == ["colour"]
