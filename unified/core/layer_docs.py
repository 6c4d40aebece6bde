"""The docstrings of layers: that of the declaration, completed for `help` and for the style that a class belongs to.

A declaration says what is its own. `as in `X`` stands for what the layer `X` says of that argument, an argument
`others` for all that `X` says of the rest, and the options that many layers share are said here once. All of it is put
together when a docstring is read: nothing is computed by an import.
"""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:  # what puts docstrings together is imported where one is read
    from unified.core.layer_examples import ExampleStyle

__all__ = ["BODY", "LayerDoc", "Style", "argument_docs"]


class Style(NamedTuple):
    """A way to use the layers: what the docstrings of its classes add to those of the declarations."""

    about: str  # a paragraph, in which {name} is the layer's; "" for the layers of bodies
    first: Mapping[str, str]  # arguments before the layer's
    last: Mapping[str, str]  # and after them
    example: "ExampleStyle | None"  # `None` for that of the declaration


INIT_FN = (
    "an initialiser for `weight`, or a dict of initialisers by variable name, in place of those that this page names"
)
METADATA = "what `VariableInfo.metadata` is to say of `weight`, a dict; or a dict of dicts by variable name."

BODY = Style(
    about="",
    first={},
    last={
        "name": "its name in the scope, a Python identifier or a number; the class name in snake case if `None`.",
        "init_fn": f"{INIT_FN}; or a function that takes the new layer and may change it.",
        "metadata": METADATA,
    },
    example=None,
)

SHARED = {
    "device": "where the variables are made, on torch; `None` is torch's default. JAX places arrays itself.",
    "dtype": "dtype of the variables, a name or a framework's; `None` is the framework's default, float32.",
    "inplace": "no effect: no input is overwritten.",
    "size_average": "torch's old names for `reduction`, which they replace unless both are `None`.",
    "reduce": "torch's old names for `reduction`, which they replace unless both are `None`.",
}


class LayerDoc(str):
    """The docstring of a class: as a string what the declaration says, and completed where the class is asked for it.

    >>> import unified as u
    >>> "stride: steps of the input" in u.Conv2d.__doc__, "stride: steps" in vars(u.Conv2d)["__doc__"]
    (True, False)
    """

    declaration: type[Any]
    style: Style

    @classmethod
    def of(cls, declaration: type[Any], style: Style) -> "LayerDoc":
        """Return the docstring of the class of a declared layer in a style."""
        doc = cls(vars(declaration)["__doc__"] or "")
        doc.declaration, doc.style = declaration, style
        return doc

    def __get__(self, instance: Any, owner: Any) -> str:
        return _complete(self.declaration, self.style) if self else ""  # Python's option -OO leaves none


DECLARED: dict[str, type[Any]] = {}  # by the names that docstrings refer to


def _complete(declaration: type[Any], style: Style) -> str:
    """Return the docstring of a layer in a style."""
    from unified.core.docstring import Docstring, parse, render
    from unified.core.layer_examples import rewritten

    sections = parse(vars(declaration)["__doc__"])
    before, after, example = list(sections.before), list(sections.after), sections.example
    if style.about:
        before = [before[0], style.about.format(name=declaration.__name__), *_elsewhere(before[1:])]
        after = _elsewhere(after)
    if example and style.example is not None:
        example = rewritten(example, declaration, style.example)
    arguments = {**style.first, **argument_docs(declaration), **style.last}
    return render(Docstring(tuple(before), arguments, tuple(after), example))


def _elsewhere(paragraphs: Sequence[str]) -> list[str]:
    """Return the paragraphs that hold for other styles too."""
    return [paragraph for paragraph in paragraphs if not paragraph.startswith("In a body")]


def argument_docs(declaration: type[Any]) -> dict[str, str]:
    """Return what is said of each argument of a layer, in the order of its signature."""
    from unified.core.docstring import parse

    said = parse(vars(declaration)["__doc__"]).arguments
    docs = {}
    for name in declaration.own_signature.parameters:
        text = said.get(name) or (said.get(f"*{name}") if name == "args" else said.get(f"**{name}"))
        if text is None and "others" in said:
            text = argument_docs(DECLARED[_layer(said["others"])]).get(name)
        elif text is not None and text.startswith("as in `"):
            there = argument_docs(DECLARED[_layer(text)])[name]
            text = there.rstrip(".") + text.partition("`")[2].partition("`")[2]
        text = SHARED.get(name) if text is None else text
        if text is not None:
            docs[{"args": "*args", "kwargs": "**kwargs"}.get(name, name)] = text
    return docs


def _layer(text: str) -> str:
    """Return the layer that a text refers to."""
    found = re.match(r"(?:as in|those of) `(\w+)`", text)
    assert found is not None, text
    return found[1]
