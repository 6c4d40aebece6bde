"""Docstrings of classes that follow from those of a more general one."""

import inspect

from unified.core.docstring import parse, render

__all__ = ["derived"]


def derived(general: type, summary: str, rest: str, *, without: tuple[str, ...] = ()) -> str:
    """Return a docstring with the arguments of a more general class, but for some, between two texts."""
    arguments = {name: text for name, text in parse(general.__doc__ or "").arguments.items() if name not in without}
    return render(parse(f"{summary}\n\n{inspect.cleandoc(rest)}")._replace(arguments=arguments))
