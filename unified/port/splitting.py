"""A `from` import that becomes two: what goes to `unified`, and what stays, with comments and layout kept."""

from collections.abc import Sequence
from typing import Any

import libcst as cst

__all__ = ["lines_of", "with_names"]

# Comments that tools read: each of the lines keeps them.
DIRECTIVES = ("# noqa", "# type:", "# pylint:", "# pyright:", "# isort:", "# fmt:", "# pytype:", "# pragma:")


def with_names(node: cst.ImportFrom, kept: Sequence[int]) -> cst.ImportFrom:
    """Return the import with some of its names, by index, in the layout that it has.

    A comment after a name goes with it, and so does one on the lines before it.
    """
    names: Sequence[cst.ImportAlias] = node.names  # type: ignore[assignment]
    if len(kept) == len(names):
        return node
    chosen = [names[index] for index in kept]
    if node.lpar is None or node.rpar is None:
        return node.with_changes(names=[*chosen[:-1], chosen[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)])
    before = [node.lpar.whitespace_after, *(_after(name) for name in names[:-1])]
    opening = _joined(node.lpar.whitespace_after, before[kept[0]], is_opening=True)
    for position, following in enumerate(kept[1:]):
        comma = chosen[position].comma
        assert isinstance(comma, cst.Comma)
        space = _joined(_after(chosen[position]), before[following])
        chosen[position] = chosen[position].with_changes(comma=comma.with_changes(whitespace_after=space))
    end, closing = names[-1].comma, node.rpar
    if kept[-1] == len(names) - 1:
        pass
    elif isinstance(end, cst.Comma):
        space = _joined(_after(chosen[-1]), end.whitespace_after)
        chosen[-1] = chosen[-1].with_changes(comma=end.with_changes(whitespace_after=space))
    else:
        space = _joined(_after(chosen[-1]), closing.whitespace_before)
        chosen[-1] = chosen[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
        closing = closing.with_changes(whitespace_before=space)
    return node.with_changes(names=chosen, lpar=node.lpar.with_changes(whitespace_after=opening), rpar=closing)


def _after(name: cst.ImportAlias) -> Any:
    return name.comma.whitespace_after if isinstance(name.comma, cst.Comma) else cst.SimpleWhitespace("")


def _joined(end: Any, start: Any, is_opening: bool = False) -> Any:
    """Return the space between two parts: the end of a line as after the first, the rest as before the second."""
    has_line = isinstance(end, cst.ParenthesizedWhitespace)
    if isinstance(start, cst.ParenthesizedWhitespace):
        if is_opening and not has_line and not any(line.comment for line in start.empty_lines):
            return end  # the names begin after the parenthesis
        newline = start.first_line.newline
        return start.with_changes(first_line=end.first_line if has_line else cst.TrailingWhitespace(newline=newline))
    if has_line and (is_opening or end.first_line.comment is not None):
        return end.with_changes(empty_lines=[line for line in end.empty_lines if line.comment is None])
    return end if is_opening else start


def lines_of(line: cst.SimpleStatementLine) -> Any:
    """Return a line of one import that became two as two lines; others as they are."""
    imports = [part for part in line.body if isinstance(part, cst.ImportFrom)]
    if len(imports) != 2 or len(line.body) != 2:
        return line
    comment = line.trailing_whitespace.comment
    kept = comment is not None and comment.value.startswith(DIRECTIVES)
    end = line.trailing_whitespace if kept else cst.TrailingWhitespace(newline=line.trailing_whitespace.newline)
    first, second = (part.with_changes(semicolon=cst.MaybeSentinel.DEFAULT) for part in imports)
    return cst.FlattenSentinel(
        [
            line.with_changes(body=[first]),
            line.with_changes(body=[second], leading_lines=[], trailing_whitespace=end),
        ]
    )
