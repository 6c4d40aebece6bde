"""Transforms of functions outside of a body, on JAX: JAX's own."""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from unified.backends.jax.trees import TREES
from unified.core.trees import StaticTree

__all__ = ["JaxFunctionTransforms"]


class JaxFunctionTransforms:
    """See `unified.core.protocol.FunctionTransforms`."""

    def value_and_grad(
        self, fun: Callable[[Any], tuple[Any, Any]], tree: Any, options: dict[str, Any]
    ) -> tuple[Any, Any, Any]:
        (value, aux), gradients = jax.value_and_grad(fun, has_aux=True, **options)(tree)
        return value, aux, gradients

    def jit(self, fun: Callable[..., Any], options: dict[str, Any]) -> Callable[..., Any]:
        options = {name: value for name, value in options.items() if name != "compile"}  # JAX always does
        if any(name.startswith(("static_", "donate_", "in_", "out_")) for name in options):
            return jax.jit(fun, **options)  # these name arguments

        def run(rest: StaticTree, arrays: list[Any]) -> Any:
            args, kwargs = TREES.combine(arrays, rest)
            return fun(*args, **kwargs)

        run.__name__ = getattr(fun, "__name__", "run")
        compiled = jax.jit(run, static_argnums=0, **options)

        def call(*args: Any, **kwargs: Any) -> Any:
            leaves, structure = TREES.flatten((args, kwargs))
            positions = tuple(position for position, leaf in enumerate(leaves) if _is_traced(leaf))
            arrays = [leaves[position] for position in positions]
            for position in positions:
                leaves[position] = None
            return compiled(StaticTree(structure, tuple(leaves), positions), arrays)

        return call

    def vmap(self, fun: Callable[..., Any], **options: Any) -> Callable[..., Any]:
        return jax.vmap(fun, **options)


def _is_traced(leaf: Any) -> bool:
    """Return whether `jit` traces an argument: an array, or a number that is no flag."""
    return isinstance(leaf, (jax.Array, np.ndarray, np.generic, int, float, complex)) and not isinstance(leaf, bool)
