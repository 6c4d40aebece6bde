"""One draw of random numbers: with a key, or in a body with the key that the draw has there."""

from typing import Any

import numpy as np

from unified.core import backends
from unified.core.annotations import Array, DType, ShapeLike
from unified.core.distributions import Bernoulli, Distribution, Randint
from unified.core.dtypes import dtype_name
from unified.core.errors import NoActiveTransformError
from unified.core.gamma import Poisson
from unified.core.scope import Scope, current, current_scope
from unified.core.shapes import as_shape

__all__ = ["as_integer", "as_number", "check_dtype", "draw", "owned", "refuse_both", "running_scope", "shown"]

ORDER = "help(unified.random.{}) has the order of its arguments, and a key is key="


def owned(what: str, key: Any) -> tuple[Any, Any]:
    """Return the backend of a key, and the key as that backend has it; raise `TypeError` for anything else."""
    if hasattr(key, "key_words"):  # a typed key of `unified.compat.jax` on torch
        key = key.key_words()
    backend = backends.of_array(key)
    if backend is None:
        raise TypeError(
            f"random.{what}: a key is an array of two 32-bit words of a framework, got {key!r}: make one of a seed by "
            "unified.random.key(seed)"
        )
    words = backend.key_words(key)
    if tuple(words.shape) != (2,) or not dtype_name(words.dtype).startswith(("uint", "int")):
        raise TypeError(
            f"random.{what}: a key has two 32-bit words, got {dtype_name(words.dtype)}{list(words.shape)}: take one of "
            "several keys, or map over them by unified.vmap"
        )
    return backend, key


def shown(value: Any) -> str:
    """Return a value for an error, an array by its shape."""
    return f"an array of the shape {tuple(value.shape)}" if hasattr(value, "shape") else repr(value)


def as_number(what: str, name: str, value: Any) -> float:
    """Return a parameter as a float; raise `TypeError` for what is no number of Python or NumPy."""
    if isinstance(value, (int, float, np.integer, np.floating)):
        return float(value)
    raise TypeError(
        f"random.{what}: {name} is a number, from which a table follows, got {shown(value)}: an array of parameters "
        f"takes a framework's own function and a key, as in jax.random.{what}(unified.next_rng_key(), ...)"
    )


def check_dtype(what: str, dtype: DType, distribution: Distribution) -> None:
    """Raise `TypeError` unless the values of the distribution can have the dtype."""
    is_array = isinstance(getattr(dtype, "shape", None), tuple) and not isinstance(dtype, (type, np.dtype))
    if is_array or isinstance(dtype, (tuple, list, int, float)):
        raise TypeError(f"random.{what}: dtype is a dtype or its name, got {shown(dtype)}: {ORDER.format(what)}")
    name = dtype_name(dtype)
    if isinstance(distribution, (Bernoulli, Poisson)):
        return
    kinds = ("int", "uint") if isinstance(distribution, Randint) else ("float", "bfloat")
    if not name.startswith(kinds):
        kind = "one of integers" if isinstance(distribution, Randint) else "a floating-point one"
        raise TypeError(f"random.{what}: dtype is {kind}, got {name}: convert the values, as by x.astype")


def running_scope(what: str) -> Scope:
    """Return the current scope; raise `NoActiveTransformError` outside of a body, where a draw needs a key."""
    if current.scope is None:
        try:
            current_scope(f"random.{what}")
        except NoActiveTransformError as error:
            raise NoActiveTransformError(f"{error}; or pass key=unified.random.key(seed)") from None
    return current_scope(f"random.{what}")


def refuse_both(what: str, stream: str) -> None:
    """Raise `TypeError` if a draw with a key names a stream too."""
    if stream:
        raise TypeError(f"random.{what}: a draw with key= follows from the key alone: leave out stream={stream!r}")


def as_integer(what: str, name: str, value: Any) -> int:
    """Return a parameter if it is an integer of Python or NumPy; raise `TypeError` for anything else."""
    if hasattr(value, "__index__") and (not hasattr(value, "shape") or isinstance(value, np.integer)):
        integer: int = value
        return integer
    raise TypeError(f"random.{what}: {name} is an integer, got {shown(value)}: {ORDER.format(what)}")


def draw(what: str, distribution: Distribution, shape: ShapeLike, dtype: DType, key: Any, stream: str) -> Array:
    """Return an array of a distribution, drawn with a key, or in a body with that of the draw."""
    if dtype is not None:
        check_dtype(what, dtype, distribution)
    if key is not None:
        refuse_both(what, stream)
        backend, key = owned(what, key)
        name = None if dtype is None else dtype_name(dtype)
        return backend.sample(backend.key_words(key), distribution, as_shape(f"random.{what}", shape), name)
    scope = running_scope(what)
    sizes = as_shape(f"random.{what}", shape)
    return scope.frame.sample(distribution, sizes, dtype, scope.frame.next_draw(scope.path, stream))
