"""Docstrings as Markdown: doctests are blocks of code, and public names are links."""

import re
from collections.abc import Container

__all__ = ["with_fenced_doctests", "with_links"]

FENCE = re.compile(r"^\s*(```+|~~~+)")
PROMPT = re.compile(r"^(\s*)>>> ")
NAME = re.compile(r"(?<![`\[])`(unified(?:\.\w+)+)`(?!`|\])")


def with_fenced_doctests(text: str) -> str:
    """Return the text of a docstring with each doctest as a block of code; in Markdown `>>>` is a quotation.

    >>> print(with_fenced_doctests("Return one.\\n\\n>>> one()\\n1"))
    Return one.
    <BLANKLINE>
    ```pycon
    >>> one()
    1
    ```
    """
    lines: list[str] = []
    indent: str | None = None  # of the doctest that goes on
    fenced = False
    for line in text.splitlines():
        prompt = PROMPT.match(line)
        if indent is None and not fenced and prompt:
            indent = prompt[1]
            lines += [""] if lines and lines[-1].strip() else []
            lines.append(f"{indent}```pycon")
        elif indent is not None and not line.strip():
            lines.append(f"{indent}```")
            indent = None
        if indent is None and FENCE.match(line):
            fenced = not fenced
        lines.append(line)
    return "\n".join(lines if indent is None else [*lines, f"{indent}```"])


def with_links(text: str, names: Container[str]) -> str:
    """Return the text with a link, as mkdocstrings resolves it, in place of each of the public names in it.

    >>> with_links("See `unified.Linear` and `unified.core`.", {"unified.Linear"})
    'See [`unified.Linear`][unified.Linear] and `unified.core`.'
    """
    return NAME.sub(lambda match: f"[{match[0]}][{match[1]}]" if match[1] in names else match[0], text)
