"""The example of a layer's docstring, which calls it in a body, rewritten for another style of calling it.

An example has one statement that makes the model, `net = u.transform(lambda x: u.Linear(3, 4)(x),
backend="torch").init(x, rng=0)`, with `.eval()` behind it if the layer would draw; what it shows calls `net(x)`, or
reads `net.linear.weight`.
"""

import ast
import re
from collections.abc import Callable
from typing import Any, NamedTuple

__all__ = ["Example", "ExampleStyle", "rewritten"]


class Example(NamedTuple):
    """What an example does: the layer `name(arguments)` is called with `inputs`."""

    name: str
    base_name: str
    arguments: str
    inputs: str
    variable: str  # what the example calls the model
    is_evaluated: bool
    is_lazy: bool  # the layer takes a size from its first input
    draws: bool  # and random numbers, in evaluation too


class ExampleStyle(NamedTuple):
    """How a style makes a layer, calls it and reads a variable."""

    imports: str
    make: Callable[[Example], list[str]]
    call: Callable[[Example, str], str]  # from the text of the inputs
    read: Callable[[Example, str], str]  # from the name of a variable


def rewritten(example: str, declaration: type[Any], style: ExampleStyle) -> str:
    """Return the example of a layer's declaration in another style."""
    import doctest  # only `help` needs it

    lines = [f">>> {style.imports}"]
    found: Example | None = None
    for statement in doctest.DocTestParser().get_examples(example):
        source = statement.source.rstrip("\n")
        if source.startswith("import torch"):
            continue
        if found is None and "u.transform(" in source:
            found = _example(source, declaration)
            lines += [f">>> {line}" for line in style.make(found)]
            continue
        if found is not None:
            source = _replaced(source, found, style)
        first, *more = source.split("\n")
        lines += [f">>> {first}", *(f"... {line}" for line in more), *statement.want.splitlines()]
    return "\n".join(lines)


def _example(source: str, declaration: type[Any]) -> Example:
    (assignment,) = ast.parse(source).body
    assert isinstance(assignment, ast.Assign) and isinstance(assignment.targets[0], ast.Name), source
    call = assignment.value
    is_evaluated = _method(call) == "eval"
    if is_evaluated:
        call = call.func.value  # type: ignore[attr-defined]
    assert isinstance(call, ast.Call) and _method(call) == "init", source
    transform = call.func.value  # type: ignore[attr-defined]
    layer = transform.args[0].body.func
    arguments = ", ".join(_text(source, part) for part in (*layer.args, *layer.keywords))
    inputs = ", ".join(_text(source, part) for part in call.args)
    parameters = declaration.own_signature.parameters
    return Example(
        layer.func.attr,
        declaration.base_name,
        arguments,
        inputs,
        variable=assignment.targets[0].id,
        is_evaluated=is_evaluated,
        is_lazy=any(size not in parameters or "None" in arguments for size in declaration.optional_sizes),
        draws=declaration.is_random and not is_evaluated,
    )


def _method(call: ast.AST) -> str | None:
    return call.func.attr if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) else None


def _text(source: str, node: ast.AST) -> str:
    text = ast.get_source_segment(source, node)
    assert text is not None
    return re.sub(r"\s+", " ", text)


def _replaced(source: str, example: Example, style: ExampleStyle) -> str:
    """Return a statement with the model's calls and variables replaced, from the last to the first."""
    replacements: list[tuple[ast.expr, str]] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _is_model(node.func, example):
            inputs = ", ".join(_text(source, part) for part in node.args)
            replacements.append((node, style.call(example, inputs)))
        elif (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Attribute)
            and _is_model(node.value.value, example)
        ):
            replacements.append((node, style.read(example, node.attr)))
    for node, text in sorted(replacements, key=lambda pair: -pair[0].col_offset):
        assert node.end_col_offset is not None and node.lineno == node.end_lineno
        source = source[: node.col_offset] + text + source[node.end_col_offset :]
    return source


def _is_model(node: ast.AST, example: Example) -> bool:
    return isinstance(node, ast.Name) and node.id == example.variable
