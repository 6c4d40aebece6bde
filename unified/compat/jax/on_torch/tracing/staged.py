"""Functions of trees of `Array`s as graphs: traced on arrays without values, with the types of what they return."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch

from unified.backends.torch import lanes
from unified.compat.jax import config
from unified.compat.jax.active_backend import use_backend
from unified.compat.jax.on_torch import tree_util as tree
from unified.compat.jax.on_torch.array import Array, WeakArray, as_array, tensor
from unified.compat.jax.on_torch.tracing import state
from unified.compat.jax.on_torch.tracing.abstract import Abstract, abstract_of, is_tracer
from unified.compat.jax.on_torch.tracing.graph import Graph
from unified.compat.jax.on_torch.tracing.trace import traced
from unified.core import backends

__all__ = ["Staged", "Type", "call", "environment", "is_reusable", "is_staging", "name_of", "stage", "type_of"]


class Type(NamedTuple):
    """What a traced function knows of an array: JAX's abstract value, with the device."""

    kind: type[Array]
    abstract: Abstract

    def __str__(self) -> str:
        text = f"{str(self.abstract.dtype).removeprefix('torch.')}{list(self.abstract.shape)}"
        return f"weak {text}" if self.kind is WeakArray else text


class Staged(NamedTuple):
    """A traced function.

    Attributes:
        graph: takes a tensor for each leaf of the arguments, and returns a list of those of the output.
        structure: that of the output.
        types: a `Type` for each leaf of the output.
    """

    graph: Graph
    structure: tree.PyTreeDef
    types: list[Type]

    def output(self, tensors: Sequence[Any]) -> Any:
        """Return the tree of arrays for these tensors."""
        pairs = zip(self.types, tensors, strict=True)
        return self.structure.unflatten([each.kind(value) for each, value in pairs])


def type_of(value: Any) -> Type:
    array = as_array(value)
    return Type(type(array), abstract_of(array.tensor))


def name_of(fun: Any) -> str:
    return str(getattr(fun, "__name__", None) or type(fun).__name__)


def is_staging() -> bool:
    """Return whether functions are traced: not where `torch.compile` does, and not under `jax.disable_jit`."""
    return not torch.compiler.is_compiling() and not config.is_jit_disabled()


def environment() -> tuple[Any, ...]:
    """Return what a traced function depends on besides its arguments."""
    has_autocast = torch._C._is_any_autocast_enabled()
    is_changed = torch._C._len_torch_function_stack() > len(state.active()) or has_autocast
    device = (torch.get_default_device(), has_autocast) if is_changed else None
    return config.traced_settings(), device, tuple([(axis.name, axis.size) for axis in lanes.axes()])


def stage(fun: Callable[..., Any], types: Sequence[Type], structure: tree.PyTreeDef, name: str) -> Staged:
    """Return the function `fun(*args)` traced once, where the tuple of arguments has this structure of arrays."""
    found: list[tuple[tree.PyTreeDef, list[type[Array]]]] = []

    def flat(*tensors: torch.Tensor) -> list[torch.Tensor]:
        args = structure.unflatten([each.kind(value) for each, value in zip(types, tensors, strict=True)])
        with use_backend(backends.load("torch")):
            leaves, output_structure = tree.tree_flatten(fun(*args))
        arrays = [_result(leaf, name) for leaf in leaves]
        found[:] = [(output_structure, [type(array) for array in arrays])]
        return [array.tensor for array in arrays]

    graph = traced(flat, [each.abstract for each in types], name)
    output_structure, kinds = found[0]
    return Staged(graph, output_structure, [Type(*pair) for pair in zip(kinds, graph.result, strict=True)])


def _result(leaf: Any, name: str) -> Array:
    try:
        return as_array(leaf)
    except TypeError:
        raise TypeError(
            f"{name} returned {leaf!r}, of type {type(leaf).__name__}: a traced function returns arrays and numbers"
        ) from None


def call(staged: Staged, tensors: Sequence[torch.Tensor]) -> list[Any]:
    """Return the outputs of a traced function; within a trace, they are recorded as one call."""
    trace, graph = state.current(), staged.graph
    if trace is None:
        return list(graph.function(*graph.captures, *tensors))
    return list(trace.apply(graph.function, [*graph.captures, *tensors], graph.result))


def is_reusable(graph: Graph) -> bool:
    """Return whether a graph holds for later calls: it captured nothing of a transform or trace around it."""
    return all(
        isinstance(value, torch.Tensor)
        and not is_tracer(value)
        and not torch._C._functorch.is_functorch_wrapped_tensor(value)
        for value in graph.captures
    )


def tensors_of(leaves: Sequence[Any]) -> list[torch.Tensor]:
    return [tensor(leaf) for leaf in leaves]
