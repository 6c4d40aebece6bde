"""One draw of random numbers: with a key, or in a body with the key that the draw has there."""

import operator
from typing import Any

import numpy as np

from unified.core import backends
from unified.core.annotations import Array, DType, ShapeLike
from unified.core.distributions import Bernoulli, Distribution, Randint
from unified.core.dtypes import dtype_name
from unified.core.errors import NoActiveTransformError
from unified.core.gamma import Poisson
from unified.core.scope import Scope, current, current_scope
from unified.core.shapes import NO_SIZES, as_shape, shown

__all__ = [
    "as_integer",
    "as_number",
    "check_dtype",
    "check_stream_name",
    "count_of",
    "draw",
    "owned",
    "refuse_both",
    "running_scope",
]

WORDS = ("uint32", "int32", "int64", "uint64")  # the dtypes that hold words of 32 bits
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
    if tuple(words.shape) != (2,) or dtype_name(words.dtype) not in WORDS:
        raise TypeError(
            f"random.{what}: a key has two 32-bit words, got {dtype_name(words.dtype)}{list(words.shape)}: take one of "
            "several keys, or map over them by unified.vmap"
        )
    return backend, key


def as_number(what: str, name: str, value: Any) -> float:
    """Return a parameter as a float; raise `TypeError` for what is no number of Python or NumPy."""
    if not isinstance(value, (int, float, np.integer, np.floating)):
        raise TypeError(
            f"random.{what}: {name} is a number, from which a table follows, got {shown(value)}: an array of "
            f"parameters takes a framework's own function and a key, as in jax.random.{what}(unified.next_rng_key(), "
            "...)"
        )
    try:
        return float(value)
    except OverflowError:
        raise ValueError(f"random.{what}: {name} is beyond all numbers of 64 bits, got {value!r}") from None


def as_integer(what: str, name: str, value: Any, least: int | None = None) -> int:
    """Return an argument as an integer, which is at least `least`.

    Raises `TypeError` for anything else, an array too whose value is not known, and `ValueError` for less.
    """
    try:
        is_known = isinstance(value, int) and not isinstance(value, bool)  # or symbolic
        number: int = value if is_known else int(operator.index(value))
    except Exception as error:  # frameworks have classes of their own for values that are traced
        known = "" if getattr(value, "shape", None) != () else ", whose value is known"
        raise TypeError(
            f"random.{what}: {name} is an integer{known}, got {shown(value)}: {ORDER.format(what)}"
        ) from error
    if least is not None and number < least:
        raise ValueError(f"random.{what}: {name} is at least {least}, got {number}")
    return number


def count_of(what: str, x: Any) -> int | None:
    """Return the number that `x` is, or `None` for an array with rows; raise for anything else."""
    if isinstance(x, int):
        return as_integer(what, "the number of rows", x, 0)
    if isinstance(x, NO_SIZES):
        raise TypeError(
            f"random.{what} takes a number of rows, which is an integer, or an array of rows, got {shown(x)}: "
            f"{ORDER.format(what)}"
        )
    if not hasattr(x, "shape"):
        return x  # symbolic
    return None if tuple(x.shape) else as_integer(what, "the number of rows", x, 0)


def check_dtype(what: str, dtype: DType, distribution: Distribution) -> None:
    """Raise `TypeError` unless the values of the distribution can have the dtype."""
    is_array = not isinstance(dtype, np.dtype) and isinstance(getattr(dtype, "shape", None), tuple)
    if is_array or isinstance(dtype, (tuple, list, int, float)):
        raise TypeError(f"random.{what}: dtype is a dtype or its name, got {shown(dtype)}: {ORDER.format(what)}")
    name = dtype_name(dtype)
    if isinstance(distribution, Bernoulli):
        return
    kinds: tuple[str, ...] = ("float", "bfloat")
    kind = "a floating-point one"
    if isinstance(distribution, Poisson):
        kinds, kind = ("int", "uint", *kinds), "one of integers or a floating-point one"
    elif isinstance(distribution, Randint):
        kinds, kind = ("int", "uint"), "one of integers"
    if not name.startswith(kinds):
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


def check_stream_name(what: str, stream: Any) -> None:
    """Raise unless a stream of random numbers can have a name, or it is empty, for the default one."""
    if not isinstance(stream, str):
        raise TypeError(f"random.{what}: stream= is the name of a stream of random numbers, got {stream!r}")
    if stream and not stream.isidentifier():
        raise ValueError(f"random.{what}: stream={stream!r} is no name of a stream, which is a Python identifier")


def draw(what: str, distribution: Distribution, shape: ShapeLike, dtype: DType, key: Any, stream: str) -> Array:
    """Return an array of a distribution, drawn with a key, or in a body with that of the draw."""
    if dtype is not None:
        check_dtype(what, dtype, distribution)
    sizes = as_shape(f"random.{what}", shape)
    check_stream_name(what, stream)
    if key is not None:
        refuse_both(what, stream)
        backend, key = owned(what, key)
        name = None if dtype is None else dtype_name(dtype)
        return backend.sample(backend.key_words(key), distribution, sizes, name)
    scope = running_scope(what)
    return scope.frame.sample(distribution, sizes, dtype, scope.frame.next_draw(scope.path, stream))
