"""`JaxCalls`: JAX's transforms of pure functions, for modules that are trees."""

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from unified.backends.jax import prng
from unified.backends.jax.frame import trace_state
from unified.backends.jax.trees import TREES
from unified.core.keys import as_key

__all__ = ["JaxCalls"]


class JaxCalls:
    """See `unified.core.protocol.Calls`."""

    def vmap(self, fn: Callable[..., Any], in_axes: Any, out_axes: Any, axis_name: Any) -> Callable[..., Any]:
        return jax.vmap(fn, in_axes, out_axes, axis_name=axis_name)

    def jit(self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        from unified.trees.nodes import Static  # whose package asks for this class while it is imported

        arrays, static = TREES.partition((args, kwargs))
        output, rest = _jitted(fn, arrays, Static(static))
        return TREES.combine(output, rest.value)

    def value_and_grad(self, fn: Callable[..., Any], has_aux: bool) -> Callable[..., tuple[Any, Any]]:
        return jax.value_and_grad(fn, has_aux=has_aux)

    def remat(self, fn: Callable[..., Any]) -> Callable[..., Any]:
        return jax.checkpoint(fn)

    def trace_state(self) -> Any:
        return trace_state()

    def is_compiling(self) -> bool:
        return False  # jax.jit runs the code

    def key_words(self, rng: Any) -> jax.Array:
        if isinstance(rng, jax.Array):
            return prng.key_words(rng)
        return jnp.asarray(np.array(as_key(rng), np.uint32))

    def zero(self) -> jax.Array:
        return jnp.zeros((), jnp.uint32)


@functools.partial(jax.jit, static_argnums=(0, 2))
def _jitted(fn: Callable[..., Any], arrays: list[Any], static: Any) -> tuple[list[Any], Any]:
    """Return the arrays of the output and the rest; `static` is what is not among the arrays, with `==` and a hash."""
    args, kwargs = TREES.combine(arrays, static.value)
    output, rest = TREES.partition(fn(*args, **kwargs))
    return output, type(static)(rest)
