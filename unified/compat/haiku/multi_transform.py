"""`multi_transform`: several functions over the same modules as pure functions over the same parameters.

Source: https://dm-haiku.readthedocs.io/en/latest/api.html#multi-transform
"""

import functools
import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

from unified.compat import jax
from unified.compat.haiku.transform import (
    Transformed,
    TransformedWithState,
    record_original,
    refuse_state,
    replace_leading,
    transform_with_state,
)
from unified.compat.jax import tree_util

__all__ = [
    "MultiTransformed",
    "MultiTransformedWithState",
    "multi_transform",
    "multi_transform_with_state",
    "without_apply_rng",
]


class MultiTransformed(NamedTuple):
    """What `multi_transform` returns: an `init`, and a tree of `apply` functions.

    Attributes:
        init: `params = init(rng, *args, **kwargs)`, of the function that makes all variables.
        apply: a tree of functions `apply(params, rng, *args, **kwargs)` that share them.

    >>> import torch, unified.compat.haiku as hk
    >>> def pair():
    ...     double = hk.Linear(2, name="double")
    ...     return double, (double,)
    >>> isinstance(hk.multi_transform(pair), hk.MultiTransformed)
    True
    """

    init: Callable[..., Any]
    apply: Any


class MultiTransformedWithState(NamedTuple):
    """What `multi_transform_with_state` returns: an `init`, and a tree of `apply` functions.

    Attributes:
        init: `params, state = init(rng, *args, **kwargs)`, of the function that makes all variables.
        apply: a tree of functions `out, state = apply(params, state, rng, *args, **kwargs)` that share them.

    >>> import torch, unified.compat.haiku as hk
    >>> def pair():
    ...     double = hk.Linear(2, name="double")
    ...     return double, (double,)
    >>> isinstance(hk.multi_transform_with_state(pair), hk.MultiTransformedWithState)
    True
    """

    init: Callable[..., Any]
    apply: Any


class _Static:
    """A value that is part of a tree's structure, not a leaf."""

    def __init__(self, value: Any) -> None:
        self.value = value


tree_util.register_pytree_node(_Static, lambda static: ((), static.value), lambda value, _: _Static(value))


def multi_transform_with_state(f: Callable[[], tuple[Callable[..., Any], Any]]) -> MultiTransformedWithState:
    """Return an `init`, and a tree of `apply` functions that share its variables.

    `f` returns a function that creates all variables, and a tree of functions over the same modules.

    >>> import unified as u, unified.compat.haiku as hk, torch
    >>> u.set_backend("torch")
    >>> def autoencoder():
    ...     encoder, decoder = hk.Linear(2, name="encoder"), hk.Linear(4, name="decoder")
    ...     return lambda x: decoder(encoder(x)), (encoder, decoder)
    >>> init, (encode, decode) = hk.multi_transform(autoencoder)
    >>> params = init(0, torch.ones(1, 4))
    >>> decode(params, None, encode(params, None, torch.ones(1, 4))).shape
    torch.Size([1, 4])
    >>> u.set_backend(None)

    Args:
        f: a function that returns those two.

    Returns:
        A `MultiTransformedWithState`; for `multi_transform`, which this example shows, a `MultiTransformed`.
    """

    def init(*args: Any, **kwargs: Any) -> Any:
        return f()[0](*args, **kwargs)

    def make_apply(number: int) -> Any:
        def run(*args: Any, **kwargs: Any) -> Any:
            return tree_util.tree_leaves(f()[1])[number](*args, **kwargs)

        return transform_with_state(run).apply

    def structure() -> Any:
        structures: list[Any] = []

        def record_structure() -> None:
            structures.append(tree_util.tree_structure(f()[1]))

        rng = jax.random.PRNGKey(42)
        recording = transform_with_state(record_structure)
        recording.apply(*recording.init(rng), rng)
        return _Static(structures[-1])

    tree = jax.eval_shape(structure).value
    applies = tree_util.tree_unflatten(tree, [make_apply(number) for number in range(tree.num_leaves)])
    return MultiTransformedWithState(transform_with_state(init).init, applies)


def multi_transform(f: Callable[[], tuple[Callable[..., Any], Any]]) -> MultiTransformed:
    """Return an `init`, and a tree of `apply` functions that share its parameters, for functions without state.

    Args:
        f: a function that returns a function that makes all variables, and a tree of functions over the same modules.

    Returns:
        A `MultiTransformed`.

    >>> import unified as u, unified.compat.haiku as hk, torch
    >>> u.set_backend("torch")
    >>> def autoencoder():
    ...     encoder, decoder = hk.Linear(2, name="encoder"), hk.Linear(4, name="decoder")
    ...     return lambda x: decoder(encoder(x)), {"encode": encoder, "decode": decoder}
    >>> init, apply = hk.multi_transform(autoencoder)
    >>> params = init(0, torch.ones(1, 4))
    >>> apply["encode"](params, None, torch.ones(1, 4)).shape
    torch.Size([1, 2])
    >>> u.set_backend(None)
    """
    transformed = multi_transform_with_state(f)

    def init(rng: Any, *args: Any, **kwargs: Any) -> Any:
        params, state = transformed.init(rng, *args, **kwargs)
        refuse_state(state, "multi_transform")
        return params

    def drop_state(apply: Any) -> Any:
        def run(params: Any, rng: Any, *args: Any, **kwargs: Any) -> Any:
            out, state = apply(params, None, rng, *args, **kwargs)
            refuse_state(state, "multi_transform")
            return out

        return run

    return MultiTransformed(init, tree_util.tree_map(drop_state, transformed.apply))


def _refuse_rng(kwargs: Any) -> None:
    if "rng" in kwargs:
        raise TypeError(
            "rng= is an argument of the transform, which without_apply_rng leaves out of apply. Where your function "
            "has arguments called params, state or rng, pass them positionally: `apply(params, x, rng)`"
        )


def without_apply_rng(f: Any) -> Any:
    """Return the result of `transform` or `multi_transform` with an `apply` that takes no key.

    >>> import unified as u, unified.compat.haiku as hk, torch
    >>> u.set_backend("torch")
    >>> net = hk.without_apply_rng(hk.transform(lambda x: hk.Linear(3)(x)))
    >>> net.apply(net.init(0, torch.ones(1, 2)), torch.ones(1, 2)).shape
    torch.Size([1, 3])
    >>> u.set_backend(None)

    Args:
        f: a `Transformed`, `TransformedWithState` or one of several functions.

    Returns:
        The same, with `apply(params, *args)` or `apply(params, state, *args)`; a draw in it raises `MissingRNGError`.
    """
    if not isinstance(f, Transformed | TransformedWithState | MultiTransformed | MultiTransformedWithState):
        raise ValueError(
            "without_apply_rng takes what hk.transform or hk.multi_transform returns, or their forms with state, got "
            f"{type(f).__name__}: transform the function first"
        )
    count = 2 if isinstance(f, TransformedWithState | MultiTransformedWithState) else 1

    def run(apply: Any, *args: Any, **kwargs: Any) -> Any:
        _refuse_rng(kwargs)
        return apply(*args[:count], None, *args[count:], **kwargs)

    if isinstance(f, MultiTransformed | MultiTransformedWithState):
        return type(f)(f.init, tree_util.tree_map(lambda apply: functools.partial(run, apply), f.apply))

    def apply(*args: Any, **kwargs: Any) -> Any:
        return run(f.apply, *args, **kwargs)

    signature = inspect.signature(f.apply)
    names = ["params", "state"][:count]
    apply.__signature__ = replace_leading(signature, count + 1, names, signature.return_annotation)  # type: ignore[attr-defined]

    @functools.wraps(f.init)
    def init(*args: Any, **kwargs: Any) -> Any:
        return f.init(*args, **kwargs)

    return record_original(f, type(f)(init, apply))
