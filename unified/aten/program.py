"""`Program`: the operators of one kind of call, as functions of JAX, in order."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

from unified.core.scope import Scope, current, current_scope

__all__ = ["Place", "Program", "Step"]


@dataclass(frozen=True, slots=True)
class Place:
    """A place among the values of a run, which stands for its value in the arguments of a step."""

    index: int


@dataclass(frozen=True, slots=True)
class Step:
    """One operator: what computes it, on what, and where its result goes.

    Attributes:
        name: the operator's name in torch.
        function: the function of JAX, or of Python for sizes.
        args, kwargs: its arguments; a `Place` stands for a value, at any depth of lists.
        result: the index of the value that it computes.
        dtypes: the dtype of the result, or of each of its parts; `None` for what is no array.
        typed: whether the function takes `dtype`, that of its (first) result.
        scope: the path of the module that draws random numbers; `None` for operators that draw none.
        line: where the user's source calls it.
    """

    name: str
    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    result: int
    dtypes: Any = None
    typed: bool = False
    scope: str | None = None
    line: str = ""


@dataclass
class Program:
    """The operators of one kind of call.

    Attributes:
        variables: the paths of the variables that it reads; their values come first.
        constants: arrays that the module holds besides, in the next places.
        inputs: the number of arrays among the arguments, which follow.
        steps: the operators.
        size: the number of values.
        writes: the path and the value of each variable that the call writes.
        outputs: the values that the call returns, before they are a tree.
        tree: makes the output of those values.
        draws: whether a run draws random numbers; `None` before the first run on shapes.
    """

    variables: tuple[str, ...]
    constants: tuple[Any, ...]
    inputs: int
    steps: tuple[Step, ...]
    size: int
    writes: tuple[tuple[str, Any], ...]
    outputs: tuple[Any, ...]
    tree: Callable[[Sequence[Any]], Any]
    draws: bool | None = None

    def run(self, variables: Sequence[Any], inputs: Sequence[Any]) -> tuple[Any, dict[str, Any]]:
        """Return the output for these values, and the variables that the call writes."""
        values: list[Any] = [*variables, *map(jnp.asarray, self.constants), *inputs]
        values += [None] * (self.size - len(values))
        # Operands of other ranks and dtypes meet by torch's rules here, whatever the user lets jax.numpy do.
        with jax.numpy_rank_promotion("allow"), jax.numpy_dtype_promotion("standard"):
            for step in self.steps:
                values[step.result] = _run_step(step, values)
        return self.tree(_filled(self.outputs, values)), {path: _filled(value, values) for path, value in self.writes}

    def operators(self) -> dict[str, int]:
        """Return how many times each operator of ATen is called, by name."""
        return Counter(step.name for step in self.steps if "." in step.name)


def _run_step(step: Step, values: list[Any]) -> Any:
    args, kwargs = _filled(step.args, values), {name: _filled(value, values) for name, value in step.kwargs.items()}
    if step.typed:
        kwargs["dtype"] = _canonical(step.dtypes)
    try:
        if step.scope is None:
            return _typed(step.function(*args, **kwargs), step.dtypes)
        outer = current_scope(step.name)
        current.scope = Scope(outer.frame, step.scope, step.scope)
        try:
            return _typed(step.function(*args, **kwargs), step.dtypes)
        finally:
            current.scope = outer
    except Exception as error:
        error.add_note(f"in {step.name}, called {step.line}")
        raise


def _filled(value: Any, values: list[Any]) -> Any:
    """Return arguments with the values of their places."""
    kind = type(value)
    if kind is Place:
        return values[value.index]
    if kind is tuple or kind is list:
        return kind([_filled(part, values) for part in value])
    return value


def _typed(result: Any, dtypes: Any) -> Any:
    """Return a result in the dtypes that torch gives it."""
    if type(dtypes) is tuple:
        return tuple(map(_typed, result, dtypes))
    if dtypes is None:
        return result
    dtype = _canonical(dtypes)
    if isinstance(result, jax.Array):
        return result if result.dtype == dtype else result.astype(dtype)
    return jnp.asarray(result, dtype)


def _canonical(dtypes: Any) -> Any:
    """Return a dtype as JAX has it by its current setting of 64-bit arrays."""
    return jax.dtypes.canonicalize_dtype(dtypes[0] if type(dtypes) is tuple else dtypes)
