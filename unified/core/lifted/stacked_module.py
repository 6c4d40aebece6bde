"""The scope of a transform whose variables are stacked."""

from collections.abc import Callable
from typing import Any

from unified.core.lifted.subfunction import scope_of
from unified.core.module import Module
from unified.core.scope import Scope
from unified.core.stacks import StackedScope, StackForm

__all__ = ["Stacking", "register_stack"]


def register_stack(scope: Scope, size: int, variable_axes: dict[Any, int], is_layers: bool = False) -> StackedScope:
    """Return a scope as a stack of `size` slices; during init, which creates all of its variables, register it."""
    if not isinstance(variable_axes, dict) or not all(isinstance(axis, int) for axis in variable_axes.values()):
        raise TypeError(
            f"variable_axes maps collections (or ...) to axes, such as {{'params': 0}}, got {variable_axes!r}"
        )
    stack = StackedScope(scope.path, size, tuple(variable_axes.items()))
    if scope.frame.initializing:
        first = scope.frame.stacks.setdefault(scope.path, stack)
        if first != stack:
            raise ValueError(f"{scope.path!r} is a stack of {first.size} slices, and is called again with {size}")
        record = scope.frame.record_of(scope.node)
        assert record is not None  # init records every scope
        record.stack = StackForm(size, stack.axes, is_layers)
    return stack


class Stacking(Module):
    """The scope of one transform, whose variables have an axis for its steps or mapped elements."""

    def __call__(self, run: Callable[[Scope, StackedScope], Any], size: int, variable_axes: dict[Any, int]) -> Any:
        scope = scope_of(type(self).__name__)
        return run(scope, register_stack(scope, size, variable_axes))
