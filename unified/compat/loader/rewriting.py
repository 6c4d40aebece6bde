"""Imports of the source of a library, bound to the copies; every other statement stays, with its file and line."""

import ast
from collections.abc import Callable
from types import CodeType

__all__ = ["compile_for_torch", "rewrite"]

# Functions that import the module whose name they are given; `mock.patch` takes that of an attribute.
IMPORTERS = {"import_module", "importorskip", "__import__", "patch"}


class _Imports(ast.NodeTransformer):
    def __init__(self, rename: Callable[[str], str]) -> None:
        self.rename = rename

    def visit_Import(self, node: ast.Import) -> list[ast.stmt]:
        statements: list[ast.stmt] = []
        for alias in node.names:
            name = self.rename(alias.name)
            if name == alias.name:
                statements.append(ast.Import([alias]))
            elif alias.asname is not None:
                statements.append(ast.Import([ast.alias(name, alias.asname)]))
            else:  # `import jax.numpy` imports the module and binds `jax`
                top = alias.name.partition(".")[0]
                if "." in alias.name:
                    statements.append(ast.Import([ast.alias(name, top)]))
                statements.append(ast.Import([ast.alias(self.rename(top), top)]))
        return [ast.copy_location(statement, node) for statement in statements]

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.ImportFrom:
        if not node.level and node.module is not None:
            node.module = self.rename(node.module)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", None)
        if called in IMPORTERS and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str) and first.value[:1] != ".":
                node.args[0] = ast.copy_location(ast.Constant(self.rename(first.value)), first)
        return node


def rewrite(source: str, filename: str, rename: Callable[[str], str]) -> ast.Module:
    """Return the syntax tree of a file whose imports have the names that `rename` gives them.

    >>> print(ast.unparse(rewrite("import jax.numpy, math", "f.py", lambda name: name.replace("jax", "ours"))))
    import ours.numpy as jax
    import ours as jax
    import math
    """
    tree = ast.parse(source, filename)
    return ast.fix_missing_locations(_Imports(rename).visit(tree))


def compile_for_torch(source: str, filename: str, rename: Callable[[str], str]) -> CodeType:
    """Return the code of a file whose imports have the names that `rename` gives them."""
    code: CodeType = compile(rewrite(source, filename, rename), filename, "exec", dont_inherit=True)
    return code
