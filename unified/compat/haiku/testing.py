"""`transform_and_run`: transform a function that uses modules, and call it.

Source: https://dm-haiku.readthedocs.io/en/latest/api.html#module-haiku.testing
"""

import functools
from typing import Any

from unified.compat.haiku.transform import transform_with_state
from unified.compat.jax import random

__all__ = ["transform_and_run"]


def transform_and_run(
    f: Any = None, seed: int | None = 42, run_apply: bool = True, jax_transform: Any = None, *, map_rng: Any = None
) -> Any:
    """Return a function that runs `init` of `f`, then `apply` with the resulting parameters and state.

    >>> import unified as u, unified.compat.haiku as hk, unified.compat.jax.numpy as jnp
    >>> u.set_backend("torch")
    >>> hk.testing.transform_and_run(lambda x: hk.Bias()(x))(jnp.ones([1, 1]))
    Array([[1.]], dtype=float32)
    >>> u.set_backend(None)

    Args:
        f: the function.
        seed: the seed of the key of `init`; that of `apply` is one more. `None` for no keys.
        run_apply: whether to run `apply` too.
        jax_transform: a transform of `init` and `apply`, such as `jax.jit`.
        map_rng: a function of each key, such as one that splits it for `jax.pmap`.
    """
    if f is None:
        return functools.partial(
            transform_and_run, seed=seed, run_apply=run_apply, jax_transform=jax_transform, map_rng=map_rng
        )

    @functools.wraps(f)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        keys: list[Any] = [None, None]
        if seed is not None:
            keys = [random.PRNGKey(seed), random.PRNGKey(seed + 1)]
            keys = keys if map_rng is None else [map_rng(key) for key in keys]
        init, apply = transform_with_state(lambda: f(*args, **kwargs))
        if jax_transform:
            init, apply = jax_transform(init), jax_transform(apply)
        params, state = init(keys[0])
        return apply(params, state, keys[1])[0] if run_apply else None

    return wrapper
