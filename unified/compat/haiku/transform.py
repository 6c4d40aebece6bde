"""`transform`: a function that uses modules as a pair of pure functions, `init` and `apply`.

On torch both functions take and return tensors, or arrays of `unified.compat.jax` if their arguments are such; the
function itself sees arrays with JAX's methods.

Source: https://dm-haiku.readthedocs.io/en/latest/api.html#haiku-transforms
"""

import inspect
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from unified.compat.haiku import frame
from unified.compat.haiku.random import PRNGSequence
from unified.compat.jax.active_backend import active_backend, backend_for, use_backend
from unified.compat.jax.implementations import implementation
from unified.core import backends

__all__ = [
    "NonEmptyStateError",
    "Transformed",
    "TransformedWithState",
    "get_original_fn",
    "transform",
    "transform_with_state",
    "with_empty_state",
    "without_state",
]

POSITIONAL = inspect.Parameter.POSITIONAL_OR_KEYWORD


class NonEmptyStateError(ValueError):
    """Raised if a function that was transformed without state uses it."""


class Transformed(NamedTuple):
    """What `transform` returns: a pair of pure functions.

    Attributes:
        init: `params = init(rng, *args, **kwargs)`
        apply: `out = apply(params, rng, *args, **kwargs)`

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(lambda x: hk.Linear(3)(x), backend="torch")
    >>> isinstance(net, hk.Transformed)
    True
    """

    init: Callable[..., Any]
    apply: Callable[..., Any]


class TransformedWithState(NamedTuple):
    """What `transform_with_state` returns: a pair of pure functions.

    Attributes:
        init: `params, state = init(rng, *args, **kwargs)`
        apply: `out, state = apply(params, state, rng, *args, **kwargs)`

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform_with_state(lambda x: hk.Linear(3)(x), backend="torch")
    >>> isinstance(net, hk.TransformedWithState)
    True
    """

    init: Callable[..., Any]
    apply: Callable[..., Any]


def _key_sequence(rng: Any, message: str) -> PRNGSequence | None:
    if rng is None:
        return None
    try:
        return PRNGSequence(rng)
    except Exception as error:
        raise ValueError(f"{message}, got {rng!r} of type {type(rng).__name__}") from error


def _rng_message(which: str, position: str, signature: str) -> str:
    return f"{which} must be called with an RNG as the {position} argument (a key, a seed or None), as in `{signature}`"


def _check_mapping(name: str, value: Any) -> Any:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise TypeError(
            f"{name} argument does not appear valid: apply wants the dict of dicts that init returned, got {value!r} "
            f"of type {type(value).__name__}. Arguments go in this order: `apply(params, rng, *args)` of hk.transform, "
            "`apply(params, state, rng, *args)` of hk.transform_with_state"
        )
    return value


def _signature(parameters: list[inspect.Parameter], result: Any) -> inspect.Signature:
    return inspect.Signature(parameters, return_annotation=result, __validate_parameters__=False)


def _parameters(*names: str) -> list[inspect.Parameter]:
    return [inspect.Parameter(name, POSITIONAL) for name in names]


def _check_not_compiled(fn: Any) -> None:
    if hasattr(fn, "clear_cache") or hasattr(fn, "lower"):
        raise ValueError(
            "hk.transform got a function that jax.jit or jax.pmap has compiled, and JAX compiles pure functions only: "
            "one that calls modules is pure once it is transformed. Compile instead `init` or `apply`: "
            "`jax.jit(hk.transform(f).apply)`"
        )


def transform_with_state(f: Any, *, backend: str | None = None) -> TransformedWithState:
    """Return `f` as pure functions of parameters and state.

    >>> import unified as u, unified.compat.haiku as hk, unified.compat.jax.numpy as jnp
    >>> u.set_backend("torch")
    >>> def count(x):
    ...     n = hk.get_state("n", [], jnp.int32, init=jnp.zeros)
    ...     hk.set_state("n", n + 1)
    ...     return x + n
    >>> net = hk.transform_with_state(count)
    >>> params, state = net.init(None, jnp.ones(2))
    >>> out, state = net.apply(params, state, None, jnp.ones(2))
    >>> out, state
    (Array([1., 1.], dtype=float32), {'~': {'n': Array(1, dtype=int32)}})
    >>> u.set_backend(None)

    Args:
        f: a function that constructs and calls modules.
        backend: the framework that runs it; by default that of the arguments, else `unified.set_backend`'s.
    """
    _check_not_compiled(f)
    signature = inspect.signature(f)

    def select_backend(*trees: Any) -> Any:
        active = active_backend()
        if active is not None and backend in (None, active.name):
            return active
        return backends.load(backend) if backend is not None else backend_for(*trees)

    def init(rng: Any, *args: Any, **kwargs: Any) -> Any:
        target = select_backend(args, kwargs, rng)
        boundary = implementation(target.name, "boundary")
        with use_backend(target):
            keys = _key_sequence(rng, _rng_message("Init", "first", "init(rng, *args)"))
            inner_args, inner_kwargs = boundary.enter((args, kwargs))
            with boundary.explaining(), frame.new_context(rng=keys) as context:
                f(*inner_args, **inner_kwargs)
            return boundary.leave((context.collect_params(), context.collect_initial_state()), (args, kwargs))

    def apply(params: Any, state: Any, rng: Any, *args: Any, **kwargs: Any) -> Any:
        target = select_backend(args, kwargs, params, state, rng)
        boundary = implementation(target.name, "boundary")
        with use_backend(target):
            pattern = "apply(params, rng, *args)" if state is None else "apply(params, state, rng, *args)"
            keys = _key_sequence(rng, _rng_message("Apply", "second" if state is None else "third", pattern))
            inner_params = boundary.enter_bundles(_check_mapping("params", params))
            inner_state = boundary.enter_bundles(_check_mapping("state", state))
            inner_args, inner_kwargs = boundary.enter((args, kwargs))
            with boundary.explaining(), frame.new_context(params=inner_params, state=inner_state, rng=keys) as context:
                out = f(*inner_args, **inner_kwargs)
            return boundary.leave((out, context.collect_state()), (params, state, args, kwargs))

    parameters = list(signature.parameters.values())
    init.__signature__ = _signature([*_parameters("rng"), *parameters], tuple[Any, Any])  # type: ignore[attr-defined]
    result = Any if signature.return_annotation is inspect.Signature.empty else signature.return_annotation
    apply.__signature__ = _signature([*_parameters("params", "state", "rng"), *parameters], tuple[result, Any])  # type: ignore
    return record_original(f, TransformedWithState(init, apply))


def record_original(f: Any, transformed: Any) -> Any:
    """Return the pair, after recording the function that it was transformed from."""
    original = get_original_fn(f) if isinstance(f, Transformed | TransformedWithState) else f
    transformed.init._original_fn = transformed.apply._original_fn = original
    return transformed


def get_original_fn(f: Any) -> Any:
    """Return the function that was transformed."""
    function: Any = f.init if isinstance(f, Transformed | TransformedWithState) else f
    return function._original_fn


def transform(f: Any, *, apply_rng: bool = True, backend: str | None = None) -> Transformed:
    """Return `f` as pure functions of parameters.

    >>> import unified as u, unified.compat.haiku as hk, torch
    >>> u.set_backend("torch")
    >>> net = hk.transform(lambda x: hk.nets.MLP([8, 2])(x))
    >>> params = net.init(0, torch.ones(1, 4))
    >>> {name: tuple(bundle["w"].shape) for name, bundle in params.items()}
    {'mlp/~/linear_0': (4, 8), 'mlp/~/linear_1': (8, 2)}
    >>> net.apply(params, None, torch.ones(1, 4)).shape
    torch.Size([1, 2])
    >>> u.set_backend(None)

    Args:
        f: a function that constructs and calls modules.
        apply_rng: `True`; `without_apply_rng` returns an `apply` without keys.
        backend: the framework that runs it; by default that of the arguments, else `unified.set_backend`'s.
    """
    if not apply_rng:
        raise ValueError(
            "apply_rng=False is gone: the `apply` of hk.transform takes a key or None. For one that takes neither, "
            "write hk.without_apply_rng(hk.transform(f))"
        )
    return without_state(transform_with_state(f, backend=backend))


def replace_leading(signature: inspect.Signature, count: int, names: list[str], result: Any) -> inspect.Signature:
    parameters = list(signature.parameters.values())[count:]
    return _signature([*_parameters(*names), *parameters], result)


def refuse_state(state: Any, name: str = "transform") -> None:
    """Raise if a call made state; `name` is the transform that has no place for it."""
    if state:
        raise NonEmptyStateError(
            f"hk.{name} has no place for state, and the call made some in {', '.join(sorted(state))}: use "
            f"hk.{name}_with_state"
        )


def without_state(f: TransformedWithState) -> Transformed:
    """Return the pair without state, which the function must not use.

    Args:
        f: a `TransformedWithState`.

    Returns:
        A `Transformed`; its `init` raises `ValueError` if the function makes state.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.without_state(hk.transform_with_state(lambda x: hk.Linear(3)(x), backend="torch"))
    >>> list(net.init(0, torch.ones(1, 2)))
    ['linear']
    """

    def init(*args: Any, **kwargs: Any) -> Any:
        params, state = f.init(*args, **kwargs)
        refuse_state(state)
        return params

    def apply(params: Any, *args: Any, **kwargs: Any) -> Any:
        if "state" in kwargs:
            raise TypeError(
                "state= is an argument of transforms with state only. Where your function has arguments called params, "
                "state or rng, pass them positionally: `apply(params, rng, x, state)`"
            )
        out, state = f.apply(params, None, *args, **kwargs)
        refuse_state(state)
        return out

    signature = inspect.signature(f.apply)
    result = signature.return_annotation.__args__[0] if hasattr(signature.return_annotation, "__args__") else Any
    init.__signature__ = replace_leading(inspect.signature(f.init), 0, [], Any)  # type: ignore[attr-defined]
    apply.__signature__ = replace_leading(signature, 2, ["params"], result)  # type: ignore[attr-defined]
    return record_original(f, Transformed(init, apply))


def with_empty_state(f: Transformed) -> TransformedWithState:
    """Return the pair with a state that is always empty.

    Args:
        f: a `Transformed`.

    Returns:
        A `TransformedWithState`.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.with_empty_state(hk.transform(lambda x: hk.Linear(3)(x), backend="torch"))
    >>> params, state = net.init(0, torch.ones(1, 2))
    >>> dict(state)
    {}
    """

    def init(*args: Any, **kwargs: Any) -> Any:
        return f.init(*args, **kwargs), {}

    def apply(params: Any, state: Any, *args: Any, **kwargs: Any) -> Any:
        return f.apply(params, *args, **kwargs), {}

    signature = inspect.signature(f.apply)
    init.__signature__ = replace_leading(inspect.signature(f.init), 0, [], tuple[Any, Any])  # type: ignore[attr-defined]
    apply.__signature__ = replace_leading(signature, 1, ["params", "state"], tuple[Any, Any])  # type: ignore[attr-defined]
    return record_original(f, TransformedWithState(init, apply))
