"""A `from` import that becomes two: what goes to `unified`, and what stays, with comments and layout kept."""

from collections.abc import Sequence
from typing import Any

import libcst as cst

__all__ = ["lines_of", "with_names"]

# Comments that tools read: each of the lines keeps them.
DIRECTIVES = ("# noqa", "# type:", "# pylint:", "# pyright:", "# isort:", "# fmt:", "# pytype:", "# pragma:")


def with_names(node: cst.ImportFrom, names: Sequence[cst.ImportAlias]) -> cst.ImportFrom:
    """Return the import with some of its names, in the layout that it has."""
    whole: Sequence[cst.ImportAlias] = node.names  # type: ignore[assignment]
    if len(names) == len(whole):
        return node
    last, end, closing = names[-1], whole[-1].comma, node.rpar
    if last is not whole[-1]:
        last, closing = _closed(last, end, closing)
    return node.with_changes(names=[*names[:-1], last], rpar=closing)


def _closed(last: cst.ImportAlias, end: Any, closing: Any) -> tuple[cst.ImportAlias, Any]:
    """Return a name as the last one, before the end that another had, and the parenthesis that closes the import."""
    after = last.comma.whitespace_after if isinstance(last.comma, cst.Comma) else None
    if closing is None:
        return last.with_changes(comma=cst.MaybeSentinel.DEFAULT), closing
    if isinstance(end, cst.Comma):
        return last.with_changes(comma=end.with_changes(whitespace_after=_joined(after, end.whitespace_after))), closing
    comma = cst.MaybeSentinel.DEFAULT
    return last.with_changes(comma=comma), closing.with_changes(
        whitespace_before=_joined(after, closing.whitespace_before)
    )


def _joined(comment: Any, layout: Any) -> Any:
    """Return the layout with the comment that another one begins with."""
    if not isinstance(comment, cst.ParenthesizedWhitespace) or comment.first_line.comment is None:
        if isinstance(layout, cst.ParenthesizedWhitespace):
            # the comment in it belongs to the name that was last
            return layout.with_changes(first_line=cst.TrailingWhitespace(newline=layout.first_line.newline))
        return layout
    if isinstance(layout, cst.ParenthesizedWhitespace):
        return layout.with_changes(first_line=comment.first_line)
    return comment.with_changes(empty_lines=[], indent=True, last_line=cst.SimpleWhitespace(""))


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
