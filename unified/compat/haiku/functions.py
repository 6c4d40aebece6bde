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
    """Return vectors `[..., classes]` with a one at index `x` and zeros elsewhere."""
    return nn.one_hot(x, num_classes).astype(dtype)


def multinomial(rng: Any, logits: Any, num_samples: int) -> Any:
    """Return indices `[..., samples]`, drawn with probabilities `softmax(logits)`."""
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
    """Return a class of modules that call `f`; the modules of `f` are submodules of each."""

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
