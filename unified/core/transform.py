"""`transform`: a function becomes a model."""

import functools
from collections.abc import Callable, Mapping
from typing import Any

from unified.core import backends
from unified.core.policy import Policies, Policy

__all__ = ["transform"]


def transform(
    fn: Callable[..., Any],
    *args: Any,
    backend: str | None = None,
    rng: str | None = None,
    policy: Policy | Mapping[str, Policy] | None = None,
    **kwargs: Any,
) -> Any:
    """Makes a model of a function whose body uses layers.

    Args:
        fn: the function. It must declare the same layers in every call.
        *args, **kwargs: applied to `fn` before the arguments of each call.
        backend: `"torch"` gives an `nn.Module`, `"jax"` an object with pure `init` and `apply`. Defaults to
            `set_backend`'s choice, then the environment variable `UNIFIED_BACKEND`, then the only framework that is
            installed, then `"torch"`.
        rng: `"portable"` makes random numbers during a call on torch (dropout, `unified.random`) equal to JAX's;
            by default torch's own generator is used. JAX always draws the portable ones.
        policy: dtypes for mixed precision, a `unified.Policy` or a dict of them by patterns of layers' paths.

    Returns:
        A model with these methods, on either backend:

        * `init(*args, rng=None, **kwargs)` runs `fn` once to find its layers, and gives them values. On torch it
          returns the model, and without `rng` draws a seed from torch's generator; on JAX it returns `Params`, and
          `rng`, an integer or a JAX key, is required.
        * `apply(params, *args, training=False, **kwargs)` runs `fn` as a pure function: `(output, changes)`, where
          `changes` holds the variables that the call wrote (`params | changes` are the next ones).
        * `eval_shape(*args, **kwargs)` gives the `Params` that `init` would, as shapes and dtypes.

        On torch the model is called like any module, and has `params` and `load_params(params)`.

    Raises:
        BackendError: there is no such backend, or its framework is not installed.
    """
    if not callable(fn):
        raise TypeError(f"transform takes a function, got {fn!r}")
    if rng not in (None, "portable"):
        raise ValueError(f"rng must be None or 'portable', got {rng!r}")
    if args or kwargs:
        fn = functools.partial(fn, *args, **kwargs)
    return backends.load(backend or backends.default_name()).model(
        fn, rng=rng, policies=None if policy is None else Policies(policy)
    )
