"""Keys from the values that users pass as `rng=`, and the state of random numbers in `Params`."""

import operator
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from unified.core import backends, threefry
from unified.core.dtypes import dtype_name

__all__ = [
    "COUNTER",
    "KEY",
    "as_key",
    "as_seed",
    "check_random_state",
    "counter_path",
    "key_path",
    "named_streams",
    "with_key_words",
]

KEY = "rng/key"
COUNTER = "rng/counter"


def key_path(stream: str = "") -> str:
    """Return the path of the key of a stream; the default stream has no name."""
    return f"rng/{stream}/key" if stream else KEY


def counter_path(stream: str = "") -> str:
    """Return the path of the number of the next call of a stream."""
    return f"rng/{stream}/counter" if stream else COUNTER


def named_streams(paths: Iterable[str]) -> list[str]:
    """Return the names of the streams among the paths of variables, without the default one.

    >>> named_streams(["linear/weight", "rng/key", "rng/counter", "rng/dropout/key", "rng/dropout/counter"])
    ['dropout']
    """
    return [path[4:-4] for path in paths if path.startswith("rng/") and path.endswith("/key") and path.count("/") == 2]


def as_key(rng: Any) -> threefry.Key:
    """Return the two words of an integer seed, a JAX key, or an array of two 32-bit words.

    The four words of an `rbg` key are folded into two.
    """
    try:
        return threefry.seed_key(operator.index(rng))
    except TypeError:
        pass
    if isinstance(rng, Mapping):
        raise TypeError(
            f"rng must be one seed or key here, got a mapping of {', '.join(map(repr, rng)) or 'no streams'}: streams "
            "of random numbers by their names are for init of a model of unified.transform"
        )
    if hasattr(rng, "key_words"):  # a typed key of `unified.compat.jax` on torch
        rng = rng.key_words()
    owner = backends.of_array(rng)
    try:
        words = np.asarray(rng if owner is None else owner.to_numpy(rng))
    except Exception as error:
        raise TypeError(
            f"rng must be a key with a value here, got {rng!r} ({str(error).splitlines()[0]}): pass an integer, or a "
            "key from outside of the transform"
        ) from error
    if words.shape in ((2,), (4,)) and words.dtype.kind in "ui":
        first, second, *more = (int(word) & threefry.MASK for word in words)
        return threefry.threefry2x32((first, second), (more[0], more[1])) if more else (first, second)
    raise TypeError(f"rng must be an integer or a key of two 32-bit words (jax.random.key), got {rng!r}")


def as_seed(rng: Any) -> int:
    """Return the integer seed of a key: an integer as it is, any other value that `as_key` accepts as one."""
    try:
        return operator.index(rng)
    except TypeError:
        high, low = as_key(rng)
        return int(high << 32 | low)


def with_key_words(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the variables of a model with the keys of its streams as two words; they may be typed, or of `rbg`."""
    words = {}
    for path in (KEY, *map(key_path, named_streams(values))):
        backend = backends.of_array(values[path]) if path in values else None
        if backend is not None:
            words[path] = backend.key_words(values[path])
    is_same = all(word is values[path] for path, word in words.items())
    return values if is_same else {**values, **words}


def check_random_state(params: Mapping[str, Any]) -> None:
    """Raise `TypeError` if the state of random numbers was cast, as all arrays of params may be by mistake.

    Raises `ValueError` if it has another shape, as that of several models has.
    """
    for stream in ("", *named_streams(params)):
        _check_state(params, key_path(stream), ((2,), (4,)))
        _check_state(params, counter_path(stream), ((),))


def _check_state(params: Mapping[str, Any], path: str, shapes: tuple[tuple[int, ...], ...]) -> None:
    value = params.get(path)
    if value is None or not hasattr(value, "dtype"):
        return
    name, sizes = dtype_name(value.dtype), tuple(value.shape)
    is_typed = path.endswith("/key") and name.startswith("key<")
    if name != "uint32" and not is_typed:
        raise TypeError(
            f"{path!r} has the dtype {name}, and must stay uint32: it is the state of random numbers, no weight, "
            "and as a float would repeat them. Cast or average the trainable half alone, `weights, rest = "
            "params.split()`, and merge again, `weights | rest`; or cast by params.astype(dtype)"
        )
    if sizes not in ([()] if is_typed else shapes):
        raise ValueError(
            f"{path!r} has shape {sizes}, and a call takes one of {shapes[0]}: map apply over the params of "
            "several models, as in jax.vmap(net.apply)"
        )
