"""How generated code is laid out: as much on a line as there is room for."""

import textwrap
from collections.abc import Iterable

__all__ = ["WIDTH", "closed", "completed", "definition", "docstring", "filled", "with_section"]

WIDTH = 120


def filled(texts: Iterable[str], separator: str, indent: int) -> list[str]:
    """The texts, as many to a line as there is room for, each on one line."""
    whole = [text.replace(" ", "\0").replace("-", "\1") for text in texts]
    lines = textwrap.wrap(separator.join(whole), WIDTH - indent, break_long_words=False)
    return [line.replace("\0", " ").replace("\1", "-") for line in lines]


def definition(name: str, parameters: list[str], returned: str, indent: int = 0, end: str = " ...") -> str:
    """The head of a function, on one line or with its parameters in between; `indent` is that of its place."""
    line = f"def {name}({', '.join(parameters)}) -> {returned}:{end}"
    if len(line) + indent <= WIDTH:
        return line
    return "\n".join([f"def {name}(", *closed(filled(parameters, ", ", indent + 4), f") -> {returned}:{end}", indent)])


def closed(lines: list[str], end: str, indent: int = 0) -> list[str]:
    """The lines within brackets, with their end: on the last line if there is room."""
    inner = [f"    {line}" for line in lines]
    if len(inner[-1]) + len(end) + indent <= WIDTH:
        return [*inner[:-1], inner[-1] + end]
    return [*inner, end]


def completed(doc: str, source: str, imports: str) -> str:
    """The docstring of a stub, with its source and with what its example imports, unless it has them itself."""
    text, mark, example = doc.partition("\n\n>>> ")
    assert mark, f"no example: {doc}"
    if "\n\nSource: " not in text:
        text += f"\n\nSource: {source}"
    if not example.startswith(("import ", "from ")):
        mark = f"\n\n{imports}\n>>> "
    return text + mark + example


def docstring(doc: str, indent: int = 4) -> str:
    """A docstring as it is written, on one line or on several."""
    if "\n" not in doc:
        return f'{" " * indent}"""{doc}"""'
    first, *rest = doc.split("\n")
    lines = [f'"""{first}', *rest, '"""']
    return "\n".join(f"{' ' * indent}{line}" if line else "" for line in lines)


def with_section(text: str, name: str, section: str) -> str:
    """The text with another section between the lines that begin with `# <name>: begin` and `# <name>: end`."""
    before, begin, rest = text.partition(f"# {name}: begin")
    mark, _, rest = rest.partition("\n")
    return f"{before}{begin}{mark}\n{section}{rest[rest.index(f'# {name}: end') :]}"
