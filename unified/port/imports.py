"""Rewriting of the imports of a file; the rest of the file stays the same.

Needs libcst: `pip install "unified-nn[port]"`.
"""

import ast
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import libcst as cst
from libcst import metadata

from unified.compat.loader.rewriting import IMPORTERS
from unified.port.coverage import absent_names, new_package, why_not
from unified.port.splitting import lines_of, with_names

__all__ = ["Missing", "Ported", "port", "rewrite"]

STAYS = ", so its import stays JAX's"


@dataclass(frozen=True)
class Missing:
    """A name that is not covered.

    Attributes:
        name: the full path.
        line: the line of its first use.
        reason: why it is not covered.
    """

    name: str
    line: int
    reason: str


@dataclass(frozen=True)
class Ported:
    """A file with changed imports.

    Attributes:
        text: the new text.
        missing: the names that are not covered, by line.
        changed: how many imports changed.
    """

    text: str
    missing: list[Missing]
    changed: int


def _dotted_name(node: Any) -> str:
    return node.value if isinstance(node, cst.Name) else f"{_dotted_name(node.value)}.{node.attr.value}"


def _path(name: str) -> Any:
    head, *rest = name.split(".")
    node: Any = cst.Name(head)
    for part in rest:
        node = cst.Attribute(node, cst.Name(part))
    return node


class _Rewriter(cst.CSTTransformer):
    METADATA_DEPENDENCIES = (metadata.QualifiedNameProvider, metadata.PositionProvider)

    def __init__(self, own: Collection[str]) -> None:
        super().__init__()
        self.own = own
        self.missing: dict[str, Missing] = {}
        self.changed = 0
        self.starred: dict[str, str] = {}  # names that a star import brings on JAX and not on torch, by their paths
        self.staying: set[str] = set()  # what is imported from JAX as before
        self.splits: set[Any] = set()

    def _new_name(self, name: str) -> str | None:
        """Return the name of a module in `unified.compat`; `None` if the import must not change."""
        root, *rest = name.split(".")
        package = new_package(root, self.own)
        return None if package is None or why_not(name) is not None else ".".join([package, *rest])

    def _record_missing(self, name: str, node: Any, note: str = "") -> None:
        if name.partition(".")[0] in self.own:
            return
        reason = why_not(name)
        if reason is None:
            return
        if note:
            self.staying.add(name)
        if name not in self.missing or (note and not self.missing[name].reason.endswith(note)):
            line = self.get_metadata(metadata.PositionProvider, node).start.line
            self.missing[name] = Missing(name, line, reason + note)

    def _note_imported(self, node: Any) -> bool:
        """Record the imported names that an expression refers to; return whether to visit its parts."""
        names = self.get_metadata(metadata.QualifiedNameProvider, node, set())
        imported = [q.name for q in names if q.source is metadata.QualifiedNameSource.IMPORT]
        for name in imported:
            self._record_missing(name, node)
        if not names and isinstance(node, cst.Name) and node.value in self.starred:
            self._record_missing(self.starred[node.value], node)
        return not imported

    def visit_Attribute(self, node: cst.Attribute) -> bool:  # noqa: N802
        return self._note_imported(node)

    def visit_Name(self, node: cst.Name) -> None:  # noqa: N802
        self._note_imported(node)

    def visit_Import(self, node: cst.Import) -> bool:  # noqa: N802
        for alias in node.names:
            name = _dotted_name(alias.name)
            root = name.partition(".")[0]
            rebinds = alias.asname is None and "." in name and root not in self.own and new_package(root)
            note = (
                f", so the import stays, and {root!r} is JAX's own after it: import it with `as`" if rebinds else STAYS
            )
            self._record_missing(name, alias, note)
        return False

    def visit_ImportFrom(self, node: cst.ImportFrom) -> bool:  # noqa: N802
        if node.module is None or node.relative:
            return False
        module = _dotted_name(node.module)
        if isinstance(node.names, cst.ImportStar):
            self._record_missing(module, node, STAYS)
            if self._new_name(module) is not None:
                self.starred |= {name.rpartition(".")[2]: name for name in absent_names(module)}
            return False
        for alias in node.names:
            self._record_missing(f"{module}.{_dotted_name(alias.name)}", alias, STAYS)
        return False

    def leave_Import(self, original_node: cst.Import, updated_node: cst.Import) -> cst.Import:  # noqa: N802
        names = [new for alias in updated_node.names for new in self._aliases(alias)]
        if names == list(updated_node.names):
            return updated_node
        self.changed += 1
        return updated_node.with_changes(names=names)

    def _aliases(self, alias: cst.ImportAlias) -> list[cst.ImportAlias]:
        name = _dotted_name(alias.name)
        new = self._new_name(name)
        if new is None:
            return [alias]
        if alias.asname is not None:
            return [alias.with_changes(name=_path(new))]
        # `import jax.numpy` binds `jax`.
        root, dot, _ = name.partition(".")
        bound = cst.AsName(
            name=cst.Name(root),
            whitespace_before_as=cst.SimpleWhitespace(" "),
            whitespace_after_as=cst.SimpleWhitespace(" "),
        )
        package = new_package(root, self.own)
        assert package is not None
        aliases = [alias.with_changes(name=_path(package), asname=bound)]
        if dot and package.startswith("unified.compat.libraries."):  # a library need not import its modules by itself
            comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
            aliases.insert(0, cst.ImportAlias(_path(new), comma=comma))
        return aliases

    def leave_ImportFrom(self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom) -> Any:  # noqa: N802
        node = updated_node
        if node.module is None or node.relative:
            return node
        name = _dotted_name(node.module)
        new = self._new_name(name)
        if new is None:
            return node
        star = isinstance(node.names, cst.ImportStar)
        aliases: list[cst.ImportAlias] = [] if star else list(node.names)  # type: ignore[arg-type]
        staying = [why_not(f"{name}.{_dotted_name(alias.name)}") is not None for alias in aliases]
        if aliases and all(staying):
            return node
        self.changed += 1
        if not any(staying):
            return node.with_changes(module=_path(new))
        going = [index for index, stays in enumerate(staying) if not stays]
        moved = with_names(node, going).with_changes(module=_path(new), semicolon=cst.MaybeSentinel.DEFAULT)
        self.splits.add(original_node)
        return cst.FlattenSentinel([moved, with_names(node, [index for index, stays in enumerate(staying) if stays])])

    def leave_SimpleStatementLine(  # noqa: N802
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> Any:
        split = len(original_node.body) == 1 and original_node.body[0] in self.splits
        return lines_of(updated_node) if split else updated_node

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:  # noqa: N802
        """Change the name in `importlib.import_module("jax.numpy")`."""
        called = updated_node.func.attr if isinstance(updated_node.func, cst.Attribute) else updated_node.func
        function = called.value if isinstance(called, cst.Name) else None
        if function not in IMPORTERS or not updated_node.args:
            return updated_node
        argument = updated_node.args[0]
        if isinstance(argument.value, cst.FormattedString):
            self._note_formatted(argument.value, original_node)
        name = getattr(argument.value, "evaluated_value", None)
        if not isinstance(name, str) or not all(part.isidentifier() for part in name.split(".")):
            return updated_node
        self._record_missing(name, original_node, STAYS)
        new = self._new_name(name)
        if new is None:
            return updated_node
        if function == "__import__" and len(updated_node.args) == 1:  # it returns the first package of the path
            line = self.get_metadata(metadata.PositionProvider, original_node).start.line
            reason = f"{name}: __import__ returns the first package of a path; write importlib.import_module({new!r})"
            self.missing.setdefault(name, Missing(name, line, reason))
            return updated_node
        self.changed += 1
        quote = argument.value.quote if isinstance(argument.value, cst.SimpleString) else '"'
        literal = argument.with_changes(value=cst.SimpleString(f"{quote}{new}{quote}"))
        return updated_node.with_changes(args=[literal, *updated_node.args[1:]])

    def _note_formatted(self, name: cst.FormattedString, call: cst.Call) -> None:
        """Record a module whose name is made when the program runs."""
        first = name.parts[0].value if name.parts and isinstance(name.parts[0], cst.FormattedStringText) else ""
        root, dot, _ = first.partition(".")
        if dot and new_package(root, self.own) is not None:
            reason = f"{first}{{...}}: the name of this module is made when the program runs, so it stays JAX's"
            line = self.get_metadata(metadata.PositionProvider, call).start.line
            self.missing.setdefault(f"{first}{{...}}", Missing(f"{first}{{...}}", line, reason))


def rewrite(source: str, own: Collection[str] = ()) -> Ported:
    """Return a file with changed imports.

    Args:
        source: the text of a Python file.
        own: the packages and modules that are ported with it, whose imports keep their names.

    Raises:
        SyntaxError: the text is not Python; its `lineno` is the line.
    """
    try:
        module = cst.parse_module(source)
    except cst.ParserSyntaxError as error:
        raise _syntax_error(source, error) from error
    rewriter = _Rewriter(own)
    changed = metadata.MetadataWrapper(module, unsafe_skip_copy=True).visit(rewriter)
    missing = [
        name
        for name in rewriter.missing.values()
        if name.name in rewriter.staying or not _is_below(name.name, rewriter.staying)
    ]
    missing.sort(key=lambda missing: missing.line)
    return Ported(changed.code, missing, rewriter.changed)


def _is_below(name: str, modules: Collection[str]) -> bool:
    return any(name.startswith(f"{module}.") for module in modules)


def _syntax_error(source: str, error: cst.ParserSyntaxError) -> SyntaxError:
    """Return the error as Python words it, or as libcst does where Python finds none."""
    try:
        compile(source, "", "exec", dont_inherit=True, flags=ast.PyCF_ONLY_AST)
    except SyntaxError as pythons:
        return pythons
    return SyntaxError(error.message, ("", error.raw_line, error.raw_column, None))


def port(source: str, own: Collection[str] = ()) -> tuple[str, list[Missing]]:
    """Return the text of a file with changed imports, and the names in it that are not covered.

    >>> text, missing = port("import haiku as hk  # layers\\nimport jax\\n\\nnet = hk.Linear(jax.device_count())\\n")
    >>> print(text, missing)
    import unified.compat.haiku as hk  # layers
    import unified.compat.jax as jax
    <BLANKLINE>
    net = hk.Linear(jax.device_count())
     []

    Args:
        source: the text of a Python file.
        own: the packages and modules that are ported with it, whose imports keep their names.
    """
    ported = rewrite(source, own)
    return ported.text, ported.missing
