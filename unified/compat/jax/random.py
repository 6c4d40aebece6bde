"""`jax.random` on either framework, with JAX's own bits.

Keys are arrays of two words: `jax.random.PRNGKey`'s on JAX, `torch.uint32` tensors on torch. `split`, `fold_in`,
`bits`, `randint`, `permutation`, and `uniform` and `bernoulli` give what JAX gives, bit for bit (its default
`jax_threefry_partitionable`); what is computed from these through logarithms and inverse error functions (`normal`,
`truncated_normal`, `gumbel`, ...) is equal within some units in the last place.

The framework is that of the key; `PRNGKey` takes that of the running model, else the default backend's.

>>> import unified.compat.jax.random as random, unified as u
>>> u.set_backend("torch")
>>> key = random.PRNGKey(42)
>>> random.split(key).tolist()
[[1832780943, 270669613], [64467757, 2916123636]]
>>> random.uniform(key, (2,)).tolist()
[0.48870956897735596, 0.6797971725463867]
>>> u.set_backend(None)

Source: https://docs.jax.dev/en/latest/jax.random.html
"""

from typing import Any

from unified.core import backends
from unified.core.errors import BackendError
from unified.core.scope import current

__all__ = [
    "PRNGKey",
    "bernoulli",
    "bits",
    "categorical",
    "choice",
    "exponential",
    "fold_in",
    "gumbel",
    "key",
    "normal",
    "permutation",
    "randint",
    "split",
    "truncated_normal",
    "uniform",
]


def _of(key: Any) -> Any:
    """The functions of the framework that `key` belongs to."""
    backend = backends.of_array(key)
    if backend is None:
        raise BackendError(
            f"a key is an array of two words of a framework, got {type(key).__name__}: PRNGKey(seed) makes one"
        )
    return backend.compat("random")


def _here() -> Any:
    """The functions of the running model's framework, else of the default one."""
    scope = current.scope
    backend = backends.load(backends.default_name()) if scope is None else scope.frame.backend
    return backend.compat("random")


def PRNGKey(seed: Any) -> Any:  # noqa: N802
    """The key of an integer seed."""
    return _here().PRNGKey(seed)


def key(seed: Any) -> Any:
    """The key of an integer seed; on torch the same as `PRNGKey`'s, on JAX one with a dtype of its own."""
    return _here().key(seed)


def split(key: Any, num: Any = 2) -> Any:
    """`num` new keys, or as many as a shape holds."""
    return _of(key).split(key, num)


def fold_in(key: Any, data: Any) -> Any:
    """A new key from a key and an integer of 32 bits."""
    return _of(key).fold_in(key, data)


def bits(key: Any, shape: Any = (), dtype: Any = None) -> Any:
    """Random words, of 32 bits unless `dtype` is another unsigned type."""
    return _of(key).bits(key, shape, "uint32" if dtype is None else dtype)


def uniform(key: Any, shape: Any = (), dtype: Any = "float32", minval: Any = 0.0, maxval: Any = 1.0) -> Any:
    """Values spread evenly over `minval <= x < maxval`."""
    return _of(key).uniform(key, shape, dtype, minval, maxval)


def normal(key: Any, shape: Any = (), dtype: Any = "float32") -> Any:
    """Standard normal values."""
    return _of(key).normal(key, shape, dtype)


def truncated_normal(key: Any, lower: Any, upper: Any, shape: Any = None, dtype: Any = "float32") -> Any:
    """Standard normal values, given that they lie between `lower` and `upper`."""
    return _of(key).truncated_normal(key, lower, upper, shape, dtype)


def bernoulli(key: Any, p: Any = 0.5, shape: Any = None) -> Any:
    """Booleans, true with probability `p`."""
    return _of(key).bernoulli(key, p, shape)


def randint(key: Any, shape: Any, minval: Any, maxval: Any, dtype: Any = "int32") -> Any:
    """Integers spread evenly over `minval <= x < maxval`."""
    return _of(key).randint(key, shape, minval, maxval, dtype)


def permutation(key: Any, x: Any, axis: int = 0, independent: bool = False) -> Any:
    """The integers below `x`, or the slices of an array `x` along an axis, in random order."""
    return _of(key).permutation(key, x, axis, independent)


def choice(key: Any, a: Any, shape: Any = (), replace: bool = True, p: Any = None, axis: int = 0) -> Any:
    """Integers below `a`, or slices of an array `a`, drawn with probabilities `p`."""
    return _of(key).choice(key, a, shape, replace, p, axis)


def gumbel(key: Any, shape: Any = (), dtype: Any = "float32") -> Any:
    """Values of the standard Gumbel distribution."""
    return _of(key).gumbel(key, shape, dtype)


def exponential(key: Any, shape: Any = (), dtype: Any = "float32") -> Any:
    """Values of the exponential distribution with mean 1."""
    return _of(key).exponential(key, shape, dtype)


def categorical(key: Any, logits: Any, axis: int = -1, shape: Any = None) -> Any:
    """Indices along an axis, with probabilities that are the softmax of `logits`."""
    return _of(key).categorical(key, logits, axis, shape)
