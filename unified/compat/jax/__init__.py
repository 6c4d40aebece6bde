"""The part of the JAX API that model code uses: JAX itself on the jax backend, PyTorch underneath on torch.

    import unified.compat.jax as jax               # was: import jax
    import unified.compat.jax.numpy as jnp         # was: import jax.numpy as jnp

The framework is looked for when a function is called; see `unified.compat.jax.active_backend`. `docs/haiku.md` lists
what is offered, and where torch cannot follow JAX.

>>> import unified.compat.jax as jax, unified as u
>>> import unified.compat.jax.numpy as jnp
>>> u.set_backend("torch")
>>> jax.grad(lambda x: jnp.sum(jnp.maximum(x, 0.0)))(jnp.array([-1.0, 0.0, 2.0]))
Array([0. , 0.5, 1. ], dtype=float32)
>>> u.set_backend(None)
"""

from typing import Any as _Any

from unified.compat.jax import (
    api_util,
    config,
    debug,
    dtypes,
    errors,
    example_libraries,
    lax,
    nn,
    numpy,
    ops,
    profiler,
    random,
    scipy,
    tree,
    tree_util,
    typing,
)
from unified.compat.jax import dispatch as _dispatch
from unified.compat.jax.array import Array as Array
from unified.compat.jax.shape_struct import ShapeDtypeStruct as ShapeDtypeStruct

_dispatch.define_functions(globals(), "")


def __getattr__(name: str) -> _Any:
    return _dispatch.jax_attribute("", name)
