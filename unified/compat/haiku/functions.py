"""Functions without variables: dropout, one-hot vectors, sampling, merged axes, functions as modules.

Source: https://dm-haiku.readthedocs.io/en/latest/api.html#utilities
"""

import contextlib
import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

from unified.compat.haiku.module import Module
from unified.compat.jax import nn, random, tree_util
from unified.compat.jax import numpy as jnp

__all__ = ["BatchApply", "dropout", "expand_apply", "multinomial", "one_hot", "to_module"]


def one_hot(x: Any, num_classes: int, dtype: Any = jnp.float32) -> Any:
    """Return vectors with a one at each index and zeros elsewhere.

    Args:
        x: integers `[...]`.
        num_classes: the size of a vector; an index outside of it yields zeros.
        dtype: that of the result.

    Returns:
        An array `[..., num_classes]`.

    >>> import unified.compat.haiku as hk, unified.compat.jax.numpy as jnp, torch
    >>> hk.one_hot(torch.tensor([1]), 3).tolist()
    [[0.0, 1.0, 0.0]]
    """
    return nn.one_hot(x, num_classes).astype(dtype)


def multinomial(rng: Any, logits: Any, num_samples: int) -> Any:
    """Return classes that are drawn with the probabilities `softmax(logits)`.

    Args:
        rng: a key.
        logits: logarithms of relative probabilities, `[..., classes]`.
        num_samples: the number of draws for each row.

    Returns:
        Integers `[..., num_samples]`.

    >>> import unified.compat.haiku as hk, unified.compat.jax as jax, torch
    >>> key = next(hk.PRNGSequence(jax.random.PRNGKey(0)))
    >>> hk.multinomial(key, torch.tensor([[0.0, -1000.0]]), 3).tolist()
    [[0, 0, 0]]
    """
    if num_samples == 1:
        return random.categorical(rng, logits)[..., None]
    samples = random.categorical(rng, logits, shape=(num_samples, *logits.shape[:-1]))
    return jnp.moveaxis(samples, 0, -1)


def dropout(rng: Any, rate: Any, x: Any, broadcast_dims: Sequence[int] = ()) -> Any:
    """Return `x` with random elements set to zero and the others divided by `1 - rate`.

    Args:
        rng: a key.
        rate: the probability of zero, at least 0 and less than 1.
        x: the array.
        broadcast_dims: axes along which all elements share one draw.

    Returns:
        An array of the shape of `x`.

    Raises `ValueError` for a rate outside of these bounds.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(lambda x: hk.dropout(hk.next_rng_key(), 0.5, x), backend="torch")
    >>> sorted(set(net.apply({}, 0, torch.ones(100)).tolist()))
    [0.0, 2.0]
    """
    with contextlib.suppress(TypeError):  # a traced rate cannot be compared
        if rate < 0 or rate >= 1:
            raise ValueError(f"the rate of dropout is at least 0 and less than 1, got {rate}")
        if rate == 0.0:
            return x
    shape = list(x.shape)
    for dim in broadcast_dims:
        if dim > len(shape):
            raise ValueError(
                f"broadcast_dims={tuple(broadcast_dims)} has {dim}, but x has only {x.ndim} axes: {x.shape}"
            )
        shape[dim] = 1
    keep_rate = 1.0 - rate
    keep = jnp.broadcast_to(random.bernoulli(rng, keep_rate, shape=shape), x.shape)
    return keep * x / keep_rate


def _has_rank(x: Any, rank: int) -> bool:
    return (x if hasattr(x, "ndim") else jnp.asarray(x)).ndim >= rank


class BatchApply:
    """A function that merges the first axes of its arguments, calls `f`, and splits them again in the outputs.

    Args:
        f: the function.
        num_dims: the number of axes to merge.

    Shapes: `[T, N, ...]` to those of `f` for `[T * N, ...]`, with `T` and `N` in place of the first axis.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(lambda x: hk.BatchApply(hk.Linear(2))(x), backend="torch")
    >>> x = torch.ones(5, 1, 3)
    >>> params = net.init(0, x)
    >>> list(net.apply(params, None, x).shape)
    [5, 1, 2]
    """

    def __init__(self, f: Callable[..., Any], num_dims: int = 2) -> None:
        self._f, self.num_dims = f, num_dims

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        count = self.num_dims
        examples = [leaf for leaf in tree_util.tree_leaves((args, kwargs)) if _has_rank(leaf, count)]
        if not examples:
            shapes = [tuple(jnp.shape(leaf)) for leaf in tree_util.tree_leaves((args, kwargs))]
            raise ValueError(
                f"hk.BatchApply merges the first {count} axes, and requires at least one input that has them; got "
                f"arrays of shapes {shapes}"
            )
        sizes = tuple(examples[0].shape[:count])

        def merge(leaf: Any) -> Any:
            if not _has_rank(leaf, count):
                return leaf
            return leaf.reshape((math.prod(leaf.shape[:count]), *leaf.shape[count:]))

        args, kwargs = tree_util.tree_map(merge, (args, kwargs))
        return tree_util.tree_map(lambda leaf: leaf.reshape(sizes + tuple(leaf.shape[1:])), self._f(*args, **kwargs))


def expand_apply(f: Callable[..., Any], axis: int = 0) -> Callable[..., Any]:
    """Return `f` with an axis of size 1 added to its arguments and removed from its outputs.

    Args:
        f: the function.
        axis: 0 or -1.

    Returns:
        A function of arrays.

    Raises `ValueError` for another axis.

    >>> import torch, unified.compat.haiku as hk
    >>> list(hk.expand_apply(lambda x: x.reshape(1, -1))(torch.ones(3)).shape)
    [3]
    """
    if axis not in (0, -1):
        raise ValueError(
            f"the new axis of expand_apply is the first or the last: it only supports axis=0 or axis=-1, got {axis}"
        )

    @functools.wraps(f)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        args, kwargs = tree_util.tree_map(lambda leaf: jnp.expand_dims(leaf, axis=axis), (args, kwargs))
        return tree_util.tree_map(lambda leaf: jnp.squeeze(leaf, axis=axis), f(*args, **kwargs))

    return wrapper


class CallableModule(Module):
    """A module that can be called."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError


def to_module(f: Callable[..., Any]) -> type[CallableModule]:
    """Return a class of modules that call a function; modules that the function makes are submodules of each.

    Args:
        f: a function that makes and calls modules.

    Returns:
        A class whose constructor takes `name=`, by default the function's, in snake case.

    >>> import torch, unified.compat.haiku as hk
    >>> def encoder(x):
    ...     return hk.Linear(2)(x)
    >>> net = hk.transform(lambda x: hk.to_module(encoder)(name="left")(x), backend="torch")
    >>> list(net.init(0, torch.ones(1, 3)))
    ['left/linear']
    """

    class ToModuleWrapper(CallableModule):
        def __init__(self, name: Any = None) -> None:
            if name is not None and not isinstance(name, str):
                raise TypeError(
                    f"Expected a string name for a new module, got: {name}. hk.to_module(f) is a class: make a module "
                    "of it, and call that, as in `hk.to_module(f)()(x)`"
                )
            super().__init__(name=f.__name__ if name is None else name)

        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            return f(*args, **kwargs)

    ToModuleWrapper.__doc__ = getattr(f, "__doc__", None) or "Module produced by `hk.to_module`."
    functools.update_wrapper(ToModuleWrapper.__call__, f)
    return ToModuleWrapper
