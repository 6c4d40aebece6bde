"""The table of operators: the name of an ATen operator, and the function of JAX that computes it."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

__all__ = ["Operator", "find", "names", "operator"]

F = TypeVar("F", bound=Callable[..., Any])


class Operator(NamedTuple):
    """A function of JAX with the arguments of an ATen operator, without those of devices and layouts."""

    function: Callable[..., Any]
    typed: bool = False  # whether it takes `dtype`, that of its result
    draws: bool = False  # whether it draws random numbers, at the scope of its module
    discards: bool = False  # whether it has no result, and nothing runs


_operators: dict[str, Operator] = {}


def operator(*names: str, typed: bool = False, draws: bool = False, discards: bool = False) -> Callable[[F], F]:
    """Enter the decorated function under each of `names`: `add.Tensor`, or `add` for all overloads of `add`."""

    def enter(function: F) -> F:
        for name in names:
            assert name not in _operators, name
            _operators[name] = Operator(function, typed, draws, discards)
        return function

    return enter


def find(name: str) -> Operator | None:
    """Return the operator `name`, such as `add.Tensor`; `None` if there is none."""
    return _operators.get(name) or _operators.get(name.partition(".")[0])


def names() -> tuple[str, ...]:
    """Return the names of all operators."""
    return tuple(_operators)
