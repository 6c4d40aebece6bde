"""Recording more than a single call of torch: opaque functions, and transforms of traced ones."""

import functools
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import torch

from unified.backends.torch import lanes
from unified.compat.jax.on_torch.array import Array
from unified.compat.jax.on_torch.errors import NonConcreteBooleanIndexError
from unified.compat.jax.on_torch.tracing import state
from unified.compat.jax.on_torch.tracing.abstract import Abstract, abstract_of, is_tracer
from unified.compat.jax.on_torch.tracing.graph import Graph, has_effect
from unified.compat.jax.on_torch.tracing.trace import traced

__all__ = ["Transformed", "higher_order", "known", "opaque", "primitive", "selected"]

F = TypeVar("F", bound=Callable[..., Any])


def primitive(result: Callable[..., Any]) -> Callable[[F], F]:
    """Return a decorator of functions of tensors that a trace records as one call, which decides anew in each replay.

    It is for functions that look at autograd, at the transforms around them or at values. `result` returns an
    `Abstract` for each of its results, of the same arguments.
    """

    def declare(function: F) -> F:
        @functools.wraps(function)
        def run(*args: Any) -> Any:
            trace = state.current()
            return function(*args) if trace is None else trace.apply(function, args, result(*args))

        return run  # type: ignore[return-value]

    return declare


def known(value: torch.Tensor) -> torch.Tensor:
    """Return an array with values if one in a trace stands for it, such as a constant."""
    trace = state.current()
    return value if trace is None else trace.constant(value)


def selected(mask: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Return the positions where a mask is true; raise if it is traced, so that their number is not known."""
    if state.current() is None:
        return torch.nonzero(mask, as_tuple=True)
    mask = known(mask)
    if is_tracer(mask) or lanes.has_values_by_lane(mask):
        raise NonConcreteBooleanIndexError(
            f"an index of booleans of the shape {list(mask.shape)} selects an unknown number of elements while a "
            "function is traced: jnp.where(mask, x, other) keeps the shape, and jnp.nonzero(mask, size=n) fixes it"
        )
    with state.outside():
        return torch.nonzero(mask, as_tuple=True)


def opaque(function: Callable[..., Any], args: Sequence[Any]) -> Any:
    """Record a call in the running trace, with a result of the shapes and dtypes that it has on arrays of ones.

    It is for functions whose results arrays without values do not tell, where torch lacks a kernel.
    """
    trace = state.current()
    assert trace is not None
    with state.outside():
        result = function(*_ones(args))
    return trace.apply(function, args, _abstract(result))


def _ones(value: Any) -> Any:
    if isinstance(value, Array):
        value = value.tensor
    if isinstance(value, torch.Tensor):
        return torch.ones(value.shape, dtype=value.dtype, device=value.device)
    if isinstance(value, (tuple, list)):
        return type(value)([_ones(item) for item in value])
    if isinstance(value, dict):
        return {key: _ones(item) for key, item in value.items()}
    return value


def _abstract(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return abstract_of(value)
    if isinstance(value, (tuple, list)):
        return tuple(_abstract(item) for item in value)
    return value


class Transformed:
    """A transform of a graph as a call to replay: of the values it captured, and of its arguments."""

    def __init__(self, transform: Callable[[Any], Callable[..., Any]], graph: Graph) -> None:
        self.transform, self.function = transform, graph.function
        self.__name__ = graph.name
        self.has_effect = has_effect(graph.function)

    def __call__(self, captures: Sequence[Any], args: Sequence[Any]) -> Any:
        return self.transform(functools.partial(self.function, *captures))(*args)


def higher_order(
    transform: Callable[[Callable[..., Any]], Callable[..., Any]],
    function: Callable[..., Any],
    args: Sequence[Any],
    result: Callable[[Any], Any],
    name: str,
    inputs: Sequence[torch.Tensor | Abstract] | None = None,
) -> Any:
    """Return `transform(function)(*args)`; within a trace, record it with the graph of `function`.

    `inputs` are what the function is traced on, `args` by default; `result` returns the abstract result, from that of
    the graph.
    """
    trace = state.current()
    if trace is None:
        return transform(function)(*args)
    graph = traced(function, [abstract_of(value) for value in (args if inputs is None else inputs)], name)
    return trace.apply(Transformed(transform, graph), [graph.captures, list(args)], result(graph.result))
