"""`Domain`: the shapes for which a program that was exported with sizes not known holds."""

from collections.abc import Sequence
from typing import Any

__all__ = ["Domain"]


class Domain:
    """The shapes of the arrays of a program, and what torch.export took for granted about them."""

    def __init__(self, shapes: Sequence[Sequence[Any]], environment: Any) -> None:
        """Take the shapes of the arrays, with symbols in them, and torch's environment of these symbols, if any."""
        self._shapes = [tuple(_expression(size) for size in shape) for shape in shapes]
        self._guards = [] if environment is None else [guard.expr for guard in environment.guards]
        if environment is not None:
            self._guards = [environment.simplify(guard) for guard in self._guards]
            self._ranges = {symbol: (r.lower, r.upper) for symbol, r in environment.var_to_range.items()}

    @property
    def is_dynamic(self) -> bool:
        """Whether a size is not known."""
        return any(not isinstance(size, int) for shape in self._shapes for size in shape)

    def holds(self, shapes: Sequence[tuple[int, ...]]) -> bool:
        """Return whether the program computes what the module does on arrays of these shapes."""
        pairs = [
            (expected, size)
            for shape, sizes in zip(self._shapes, shapes, strict=True)
            for expected, size in zip(shape, sizes, strict=True)
        ]
        if any(expected != size for expected, size in pairs if isinstance(expected, int)):
            return False
        import sympy  # torch's own requirement

        values: dict[Any, Any] = {}
        for expected, number in pairs:
            size = sympy.Integer(number)
            if getattr(expected, "is_Symbol", False) and values.setdefault(expected, size) != size:
                return False
        if any(not _is(expected.xreplace(values), size) for expected, size in pairs if not isinstance(expected, int)):
            return False
        for symbol, size in values.items():
            lower, upper = self._ranges.get(symbol, (2, size))
            if not bool(lower <= size) or not bool(size <= upper):
                return False
        return all(_is_true(guard.xreplace(values)) for guard in self._guards if guard.free_symbols)


def _expression(size: Any) -> Any:
    if isinstance(size, int):
        return size
    expression = size.node.expr
    return int(expression) if expression.is_number else expression


def _is(expression: Any, size: int) -> bool:
    return bool(expression.is_number) and int(expression) == size


def _is_true(expression: Any) -> bool:
    return not expression.free_symbols and bool(expression)
