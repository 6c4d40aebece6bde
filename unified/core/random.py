"""Random arrays drawn during a call: `unified.random`.

Each draw has a key of its own, from the model's root key, the number of the call, the path of the scope and the
number of the draw at that path. On JAX the root key and the number of the call are the variables `rng/key` and
`rng/counter`; on torch draws come from torch's generator, unless the model was made with `rng="portable"`, which
draws the same values as JAX. Arguments are in the order of `jax.random`'s, without the key; bounds and probabilities
are numbers.

On JAX a draw inside a raw `jax.lax.scan` or `jax.vmap` within a body is made once for all steps or rows:
`unified.scan` and `unified.vmap` draw anew.
"""

from unified.core import backends
from unified.core.annotations import Array, DType, ShapeLike
from unified.core.distributions import Bernoulli, Distribution, Normal, Randint, Uniform
from unified.core.params import Params
from unified.core.scope import current_scope

__all__ = ["bernoulli", "fold_in", "normal", "permutation", "randint", "uniform"]


def _draw(what: str, distribution: Distribution, shape: ShapeLike, dtype: DType) -> Array:
    scope = current_scope(f"random.{what}")
    sizes = (int(shape),) if hasattr(shape, "__index__") else tuple(shape)
    return scope.frame.sample(distribution, sizes, dtype, scope.path, scope.frame.draw_index(scope.path))


def normal(shape: ShapeLike = (), dtype: DType = None) -> Array:
    """Draw standard normal values."""
    return _draw("normal", Normal(), shape, dtype)


def uniform(shape: ShapeLike = (), dtype: DType = None, minval: float = 0.0, maxval: float = 1.0) -> Array:
    """Draw uniform values with `minval <= x < maxval`."""
    return _draw("uniform", Uniform(minval, maxval), shape, dtype)


def bernoulli(p: float = 0.5, shape: ShapeLike = ()) -> Array:
    """Draw booleans that are true with probability `p`."""
    return _draw("bernoulli", Bernoulli(p), shape, "bool")


def randint(shape: ShapeLike, minval: int, maxval: int, dtype: DType = None) -> Array:
    """Draw uniform integers with `minval <= x < maxval`."""
    return _draw("randint", Randint(minval, maxval), shape, "int32" if dtype is None else dtype)


def fold_in(params: Params, number: int | Array) -> Params:
    """Return the params with another random key for each `number`, such as the index of a device.

    On JAX `jax.lax.axis_index("data")` is such a number within `shard_map`, `pmap` or `vmap`. Params without a
    collection `rng` stay as they are.

    >>> import numpy as np, unified as u
    >>> net = u.transform(lambda x: u.Dropout(0.5)(x), backend="jax")
    >>> x = np.ones(8, np.float32)
    >>> params = net.init(x, rng=0)
    >>> a, b = (net.apply(u.random.fold_in(params, n), x, training=True)[0] for n in range(2))
    >>> bool((a == b).all())
    False
    """
    if "rng/key" not in params:
        return params
    key = params["rng/key"]
    backend = backends.of_array(key)
    if backend is None:
        raise TypeError(f"'rng/key' is no array of a framework but a {type(key).__name__}: params.to('jax')")
    return params.update({"rng/key": backend.fold_in(key, number)})


def permutation(x: Array) -> Array:
    """Return the integers below `x`, or the rows of an array `x`, in random order."""
    count = x if (hasattr(x, "__index__") and not hasattr(x, "shape")) or getattr(x, "shape", None) == () else None
    rows = x.shape[0] if count is None else int(count)
    scope = current_scope("random.permutation")
    order = scope.frame.permutation(rows, scope.path, scope.frame.draw_index(scope.path))
    return x[order] if count is None else order
