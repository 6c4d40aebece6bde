"""Helpers that several layers share."""

import collections.abc
import decimal
import inspect
import pprint
import re
import textwrap
from typing import Any

from unified.compat.jax import numpy as jnp
from unified.compat.jax import tree_util

__all__ = [
    "assert_minimum_rank",
    "auto_repr",
    "camel_to_snake",
    "format_array",
    "format_bytes",
    "get_channel_index",
    "indent",
    "replicate",
    "simple_dtype",
    "tree_bytes",
    "tree_size",
]

WORD_START = re.compile(r"(?<=[\da-z])(?=[A-Z])|(?<=.)(?=[A-Z][a-z])", re.ASCII | re.DOTALL)


def camel_to_snake(name: str) -> str:
    """Return a name in snake case: `res_net50` for `ResNet50`, `http_net` for `HTTPNet`."""
    return WORD_START.sub("_", name).lower()


def _differs(value: Any, default: Any) -> bool:
    try:
        return not bool(value == default)
    except Exception:  # some comparisons raise, as those of arrays
        return True


def indent(amount: int, text: str) -> str:
    return textwrap.indent(text, amount * " ", lambda line: True)


def auto_repr(cls: type, *args: Any, **kwargs: Any) -> str:
    """Return the constructor's call as text, without arguments that equal their defaults."""
    init = inspect.unwrap(cls.__init__)  # type: ignore[misc]
    spec = inspect.getfullargspec(init)
    bound = inspect.getcallargs(init, None, *args, **kwargs)
    names = spec.args[1 : len(args) + 1] + [name for name in spec.args if name in kwargs]
    defaults = dict(zip(spec.args[::-1], (spec.defaults or ())[::-1], strict=False))
    arguments = [(name, bound[name]) for name in names if name not in defaults or _differs(bound[name], defaults[name])]
    arguments += [("", value) for value in args[len(spec.args) - 1 :]]
    arguments += [(name, value) for name, value in kwargs.items() if name not in spec.args]
    line = ", ".join(f"{name}={value!r}" if name else repr(value) for name, value in arguments)
    if len(cls.__name__) + len(line) + 2 <= 80:
        return f"{cls.__name__}({line})"
    parts = []
    for name, value in arguments:
        start = f"{name}=" if name else ""
        parts.append(start + indent(len(start), pprint.pformat(value)).lstrip())
    return f"{cls.__name__}(\n" + indent(4, ",\n".join(parts)) + ",\n)"


def replicate(element: Any, num_times: int, name: str) -> tuple[Any, ...]:
    """Return `num_times` elements from one element, or from a sequence of length 1 or `num_times`."""
    if isinstance(element, str | bytes) or not isinstance(element, collections.abc.Sequence):
        return (element,) * num_times
    if len(element) in (1, num_times):
        return tuple(element) * (num_times // len(element))
    raise TypeError(
        f"{name} must be a scalar or sequence of length 1 or sequence of length {num_times}, one for each axis, got "
        f"{element}"
    )


CHANNELS_FIRST = re.compile(r"NC[^C]*")
CHANNELS_LAST = re.compile(r"N[^C]*C|(BT|TB)[^D]*D")


def get_channel_index(data_format: str) -> int:
    """Return the index of the channel axis, 1 or -1.

    Args:
        data_format: `"channels_first"`, `"channels_last"`, or a letter for each axis.

    Raises `ValueError` for another text.

    >>> import unified.compat.haiku as hk
    >>> hk.get_channel_index("NCHW"), hk.get_channel_index("N...C"), hk.get_channel_index("channels_last")
    (1, -1, -1)
    """
    if data_format == "channels_first" or CHANNELS_FIRST.fullmatch(data_format):
        return 1
    if data_format == "channels_last" or CHANNELS_LAST.fullmatch(data_format):
        return -1
    raise ValueError(
        f"Unable to extract channel information from {data_format!r}: write 'channels_first', 'channels_last', or a "
        "letter for each axis, such as 'NCHW' for images or 'BTD' for sequences"
    )


def assert_minimum_rank(inputs: Any, rank: int) -> None:
    if inputs.ndim < rank:
        raise ValueError(f"the input needs {rank} axes or more, got shape {inputs.shape}")


def tree_size(tree: Any) -> int:
    """Return the number of elements of all arrays."""
    return sum(leaf.size for leaf in _arrays(tree))


def tree_bytes(tree: Any) -> int:
    """Return the size of all arrays in bytes."""
    return sum(leaf.size * leaf.dtype.itemsize for leaf in _arrays(tree))


def _arrays(tree: Any) -> list[Any]:
    """Return the leaves, with tensors as arrays; an `ArraySpec`, which has a `size`, is unchanged."""
    leaves = tree_util.tree_leaves(tree)
    return [leaf if hasattr(leaf, "size") and isinstance(leaf.size, int) else jnp.asarray(leaf) for leaf in leaves]


SHORT = (("complex", "c"), ("double", "d"), ("float", "f"), ("uint", "u"), ("int", "s"))


def simple_dtype(dtype: Any) -> str:
    """Return a dtype's short name: `f32` for `float32`, `s32` for `int32`."""
    name = jnp.dtype(dtype).name
    for long, short in SHORT:
        name = name.replace(long, short)
    return name


def format_array(x: Any) -> str:
    return f"{simple_dtype(x.dtype)}[{','.join(map(str, x.shape))}]"


def format_bytes(num_bytes: int) -> str:
    number, units = decimal.Decimal(num_bytes), ["B", "KB", "MB", "GB", "TB"]
    while number >= 1000 and len(units) > 1:
        number, units = number / 1000, units[1:]
    return f"{number:.2f} {units[0]}"
