"""Rewriting of the imports of a file; the rest of the file stays the same.

Needs libcst: `pip install "unified-nn[port]"`.
"""

from dataclasses import dataclass
from typing import Any

import libcst as cst
from libcst import metadata

from unified.port.coverage import PACKAGES, why_not

__all__ = ["Missing", "port"]


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


def _dotted_name(node: Any) -> str:
    return node.value if isinstance(node, cst.Name) else f"{_dotted_name(node.value)}.{node.attr.value}"


def _path(name: str) -> Any:
    head, *rest = name.split(".")
    node: Any = cst.Name(head)
    for part in rest:
        node = cst.Attribute(node, cst.Name(part))
    return node


def _new_name(name: str) -> str | None:
    """Return the name of a module in `unified.compat`; `None` if the import must not change."""
    root, *rest = name.split(".")
    if root not in PACKAGES or why_not(name) is not None:
        return None
    return ".".join([PACKAGES[root], *rest])


class _Rewriter(cst.CSTTransformer):
    METADATA_DEPENDENCIES = (metadata.QualifiedNameProvider, metadata.PositionProvider)

    def __init__(self) -> None:
        super().__init__()
        self.missing: dict[str, Missing] = {}

    def _record_missing(self, name: str, node: Any) -> None:
        reason = why_not(name)
        if reason is not None and name not in self.missing:
            line = self.get_metadata(metadata.PositionProvider, node).start.line
            self.missing[name] = Missing(name, line, reason)

    def _note_imported(self, node: Any) -> bool:
        """Record the imported names that an expression refers to; return whether to visit its parts."""
        names = self.get_metadata(metadata.QualifiedNameProvider, node, set())
        imported = [q.name for q in names if q.source is metadata.QualifiedNameSource.IMPORT]
        for name in imported:
            self._record_missing(name, node)
        return not imported

    def visit_Attribute(self, node: cst.Attribute) -> bool:  # noqa: N802
        return self._note_imported(node)

    def visit_Name(self, node: cst.Name) -> None:  # noqa: N802
        self._note_imported(node)

    def visit_Import(self, node: cst.Import) -> bool:  # noqa: N802
        for alias in node.names:
            self._record_missing(_dotted_name(alias.name), alias)
        return False

    def visit_ImportFrom(self, node: cst.ImportFrom) -> bool:  # noqa: N802
        if node.module is not None and not node.relative and not isinstance(node.names, cst.ImportStar):
            for alias in node.names:
                self._record_missing(f"{_dotted_name(node.module)}.{_dotted_name(alias.name)}", alias)
        return False

    def leave_Import(self, original_node: cst.Import, updated_node: cst.Import) -> cst.Import:  # noqa: N802
        return updated_node.with_changes(names=[self._alias(alias) for alias in updated_node.names])

    def _alias(self, alias: cst.ImportAlias) -> cst.ImportAlias:
        name = _dotted_name(alias.name)
        new = _new_name(name)
        if new is None:
            return alias
        if alias.asname is not None:
            return alias.with_changes(name=_path(new))
        # `import jax.numpy` binds `jax`.
        root = name.partition(".")[0]
        bound = cst.AsName(
            name=cst.Name(root),
            whitespace_before_as=cst.SimpleWhitespace(" "),
            whitespace_after_as=cst.SimpleWhitespace(" "),
        )
        return alias.with_changes(name=_path(PACKAGES[root]), asname=bound)

    def leave_ImportFrom(  # noqa: N802
        self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom
    ) -> cst.ImportFrom:
        node = updated_node
        if node.module is None or node.relative:
            return node
        name = _dotted_name(node.module)
        new = _new_name(name)
        star = isinstance(node.names, cst.ImportStar)
        if new is None or (not star and any(why_not(f"{name}.{_dotted_name(a.name)}") for a in node.names)):  # type: ignore
            return node  # all names of an import must come from the same JAX
        return node.with_changes(module=_path(new))


def port(source: str) -> tuple[str, list[Missing]]:
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
    """
    rewriter = _Rewriter()
    changed = metadata.MetadataWrapper(cst.parse_module(source)).visit(rewriter)
    return changed.code, sorted(rewriter.missing.values(), key=lambda missing: missing.line)
