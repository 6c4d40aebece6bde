"""The sections of a docstring: the paragraphs, the arguments of `Args:`, and the example at its end."""

import inspect
import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import NamedTuple

__all__ = ["Docstring", "parse", "render"]

WIDTH = 112  # `help` indents docstrings by as much as the source does
_ARGUMENT = re.compile(r"([*\w]+(?:, [*\w]+)*): ")


class Docstring(NamedTuple):
    """A docstring by its sections. The paragraphs before `Args:` begin with the summary."""

    before: tuple[str, ...]
    arguments: Mapping[str, str]  # what `Args:` says of each, in its order
    after: tuple[str, ...]
    example: str


def parse(text: str) -> Docstring:
    """Return the sections of a docstring.

    >>> parse("Sum of two.\\n\\n    Args:\\n        a, b: numbers.\\n\\n    >>> 1 + 1\\n    2").arguments
    {'a': 'numbers.', 'b': 'numbers.'}
    """
    prose, mark, example = inspect.cleandoc(text).partition(">>> ")
    paragraphs = [part for part in prose.rstrip().split("\n\n") if part]
    at = next((n for n, part in enumerate(paragraphs) if part.startswith("Args:\n")), None)
    if at is None:
        at = next((n for n, part in enumerate(paragraphs) if part.startswith(("Shapes:", "Source:"))), len(paragraphs))
        arguments: dict[str, str] = {}
        rest = paragraphs[at:]
    else:
        arguments = dict(_arguments(paragraphs[at].partition("\n")[2]))
        rest = paragraphs[at + 1 :]
    return Docstring(tuple(paragraphs[:at]), arguments, tuple(rest), (mark + example).rstrip())


def _arguments(text: str) -> Iterator[tuple[str, str]]:
    for entry in re.split(r"\n(?! )", textwrap.dedent(text)):
        named = _ARGUMENT.match(entry)
        assert named is not None, f"no argument of a docstring: {entry!r}"
        says = " ".join(entry[named.end() :].split())
        for name in named[1].split(", "):
            yield name, says


def render(docstring: Docstring) -> str:
    """Return the text of a docstring; arguments of which it says the same stand together."""
    before = [text if "\n" in text else _wrapped(text) for text in docstring.before]
    together: dict[str, list[str]] = {}
    for name, says in docstring.arguments.items():
        together.setdefault(says, []).append(name)
    lines = [
        _wrapped(f"{', '.join(names)}: {says}", initial_indent=" " * 4, subsequent_indent=" " * 8)
        for says, names in together.items()
    ]
    section = ["\n".join(["Args:", *lines])] if lines else []
    return "\n\n".join([*before, *section, *docstring.after, *filter(None, [docstring.example])])


def _wrapped(text: str, initial_indent: str = "", subsequent_indent: str = "") -> str:
    return textwrap.fill(
        text,
        WIDTH,
        break_long_words=False,
        break_on_hyphens=False,
        initial_indent=initial_indent,
        subsequent_indent=subsequent_indent,
    )
