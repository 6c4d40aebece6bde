"""Loops and choices over graphs, as a replay runs them: on tensors alone."""

from collections.abc import Callable, Sequence
from typing import Any

import torch

from unified.backends.torch import lanes
from unified.compat.jax.on_torch.tracing.abstract import Abstract
from unified.compat.jax.on_torch.tracing.graph import has_effect

__all__ = ["ForI", "Scan", "Switch", "While", "is_known"]

Function = Callable[..., Any]
Tensors = list[torch.Tensor]


def is_known(value: Any) -> bool:
    """Return whether Python can read a value: not under torch.compile, nor where each lane of a vmap has its own."""
    if not isinstance(value, torch.Tensor):
        return True
    return not (torch.compiler.is_compiling() or value.is_meta or lanes.has_values_by_lane(value))


class Scan:
    """A loop over rows, whose outputs are stacked."""

    __name__ = "scan"

    def __init__(self, step: Function, carried: int, count: int, reverse: bool, results: list[Abstract]) -> None:
        self.step, self.count, self.results = step, count, results[carried:]
        self.has_effect = has_effect(step)
        self.order = range(count)[::-1] if reverse else range(count)

    def __call__(self, captures: Sequence[Any], carry: Tensors, xs: Tensors) -> tuple[Tensors, Tensors]:
        if not self.count:
            return carry, [torch.zeros((0, *r.shape), dtype=r.dtype, device=r.device) for r in self.results]
        step, width = self.step, len(carry)
        rows = list(zip(*[x.unbind(0) for x in xs], strict=True)) if xs else [()] * self.count
        outputs: list[Any] = [None] * self.count
        for place in self.order:
            results = step(*captures, *carry, *rows[place])
            carry, outputs[place] = results[:width], results[width:]
        return carry, [torch.stack(column) for column in zip(*outputs, strict=True)]


def _until(condition: torch.Tensor, test: Function, step: Function, carry: Tensors) -> Tensors:
    """Run until the condition is false in all lanes; those that are done do not change."""
    while lanes.values_of_all(condition).any():
        carry = [torch.where(condition, new, old) for new, old in zip(step(carry), carry, strict=True)]
        condition = torch.logical_and(condition, test(carry))
    return carry


class ForI:
    """A loop over integers."""

    __name__ = "fori_loop"

    def __init__(self, step: Function, dtype: torch.dtype) -> None:
        self.step, self.dtype, self.has_effect = step, dtype, has_effect(step)

    def __call__(self, captures: Sequence[Any], lower: Any, upper: Any, carry: Tensors) -> Tensors:
        step, dtype = self.step, self.dtype
        if lanes.has_no_one_value(lower) or lanes.has_no_one_value(upper):
            place = lower if isinstance(lower, torch.Tensor) else torch.tensor(lower, dtype=dtype)
            return _until(
                place < upper,
                lambda carry: carry[0] < upper,
                lambda carry: [carry[0] + 1, *step(*captures, *carry)],
                [place, *carry],
            )[1:]
        for number in range(int(lower), int(upper)):
            carry = step(*captures, torch.tensor(number, dtype=dtype), *carry)
        return carry


class While:
    """A loop until a condition is false."""

    __name__ = "while_loop"

    def __init__(self, test: Function, step: Function) -> None:
        self.test, self.step, self.has_effect = test, step, has_effect(test, step)

    def __call__(self, test_captures: Sequence[Any], captures: Sequence[Any], carry: Tensors) -> Tensors:
        test, step = self.test, self.step
        condition = test(*test_captures, *carry)[0]
        while not lanes.has_no_one_value(condition):
            if not bool(condition):
                return carry
            carry = step(*captures, *carry)
            condition = test(*test_captures, *carry)[0]
        return _until(
            condition,
            lambda carry: test(*test_captures, *carry)[0],
            lambda carry: step(*captures, *carry),
            carry,
        )


class Switch:
    """A choice between functions."""

    __name__ = "switch"

    def __init__(self, branches: Sequence[Function], dtypes: list[torch.dtype]) -> None:
        self.branches, self.dtypes, self.has_effect = branches, dtypes, has_effect(*branches)

    def _run(self, place: int, captures: Sequence[Any], operands: Tensors) -> Tensors:
        values = self.branches[place](*captures[place], *operands)
        return [value.to(dtype) for value, dtype in zip(values, self.dtypes, strict=True)]

    def __call__(self, captures: Sequence[Sequence[Any]], index: Any, operands: Tensors) -> Tensors:
        last = len(self.branches) - 1
        if is_known(index):
            return self._run(min(max(int(index), 0), last), captures, operands)
        index = index.clamp(0, last)
        chosen, *others = [self._run(place, captures, operands) for place in range(last + 1)]
        for place, values in enumerate(others, 1):
            pairs = zip(values, chosen, strict=True)
            chosen = [old if new is old else torch.where(index == place, new, old) for new, old in pairs]
        return chosen
