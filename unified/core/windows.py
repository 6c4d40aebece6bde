"""Pooling over windows of any number of dimensions, as functions: `max_pool`, `min_pool` and `avg_pool`.

They compute by the pooling layers, which have one to three dimensions. Pooling over more is pooling over some of them
after the others.
"""

import math
from collections.abc import Sequence
from typing import Any

from unified.core import backends
from unified.core.annotations import ArrayT
from unified.core.errors import BackendError
from unified.core.layer import Spec
from unified.core.layer_call import LayerCall
from unified.core.layers import pooling
from unified.core.layouts import batch_rank, check_padding, is_channels_last, per_dimension
from unified.core.scope import current

__all__ = ["avg_pool", "max_pool", "min_pool"]

Padding = str | int | Sequence[int] | Sequence[tuple[int, int]]


def max_pool(
    x: ArrayT,
    window_shape: int | Sequence[int],
    strides: int | Sequence[int] | None = None,
    padding: Padding = "VALID",
    *,
    data_format: str = "channels_last",
) -> ArrayT:
    """Return the largest value of each window.

    Args:
        x: `(..., *sizes, C)`, with as many sizes as `window_shape` and any number of batch dimensions; with
            `data_format="channels_first"` `(..., C, *sizes)`.
        window_shape: sizes of a window; a number is one dimension.
        strides: steps from window to window, or one for all dimensions; the window's sizes if `None`.
        padding: `"VALID"` (none), `"SAME"` (`ceil(size / stride)` windows), or a pair `(before, after)` for each
            dimension, less than the window.
        data_format: where the channels are.

    Returns:
        `(..., *windows, C)`, or with channels first `(..., C, *windows)`.

    Raises:
        ValueError: an argument does not fit the others, or the shape of `x`.

    >>> import torch, unified as u
    >>> u.max_pool(torch.arange(6.0).reshape(6, 1), 3, 2, "SAME").flatten().tolist()
    [2.0, 4.0, 5.0]
    """
    return _pool("MaxPool", x, window_shape, strides, padding, data_format)


def min_pool(
    x: ArrayT,
    window_shape: int | Sequence[int],
    strides: int | Sequence[int] | None = None,
    padding: Padding = "VALID",
    *,
    data_format: str = "channels_last",
) -> ArrayT:
    """Return the smallest value of each window. Arguments are those of `max_pool`.

    >>> import torch, unified as u
    >>> u.min_pool(torch.arange(6.0).reshape(6, 1), 3, 2, "SAME").flatten().tolist()
    [0.0, 2.0, 4.0]
    """
    value: Any = x
    is_integer = "int" in str(value.dtype)
    # The complement of integers: the smallest one has no negative.
    largest: Any = max_pool(~value if is_integer else -value, window_shape, strides, padding, data_format=data_format)
    smallest: ArrayT = ~largest if is_integer else -largest
    return smallest


def avg_pool(
    x: ArrayT,
    window_shape: int | Sequence[int],
    strides: int | Sequence[int] | None = None,
    padding: Padding = "VALID",
    *,
    count_include_pad: bool = False,
    data_format: str = "channels_last",
) -> ArrayT:
    """Return the mean of each window. Arguments are those of `max_pool`.

    `count_include_pad` says whether the zeros of the padding count, which they do not in Haiku's and blox's `"SAME"`.

    >>> import torch, unified as u
    >>> u.avg_pool(torch.arange(6.0).reshape(6, 1), 3, 2, "SAME").flatten().tolist()
    [1.0, 3.0, 4.5]
    """
    return _pool("AvgPool", x, window_shape, strides, padding, data_format, count_include_pad=count_include_pad)


def _pool(name: str, x: Any, window_shape: Any, strides: Any, padding: Any, data_format: str, **options: Any) -> Any:
    """Pool by the layers of that name."""
    if data_format is None:
        raise ValueError("data_format must be 'channels_last' or 'channels_first', got None")
    window = (window_shape,) if hasattr(window_shape, "__index__") else tuple(window_shape)
    dimensions = len(window)
    steps = window if strides is None else per_dimension("strides", strides, dimensions)
    check_padding(padding, dimensions)
    if not isinstance(padding, str):
        pairs = (padding,) * dimensions if hasattr(padding, "__index__") else tuple(padding)
        padding = tuple((pair, pair) if hasattr(pair, "__index__") else tuple(pair) for pair in pairs)
    first = batch_rank(name, x.shape, dimensions, data_format)
    first = first if is_channels_last(data_format) else first + 1
    for start in range(0, dimensions, 3):
        part = slice(start, start + 3)
        widths = padding if isinstance(padding, str) else padding[part]
        x = _pool_along(name, x, first + start, window[part], steps[part], widths, options)
    return x


def _pool_along(name: str, x: Any, first: int, window: Any, strides: Any, padding: Any, options: Any) -> Any:
    """Pool over at most three dimensions from `first` on, with all that follow as channels."""
    rest = x.shape[first + len(window) :]
    merged = x.reshape(*x.shape[: first + len(window)], math.prod(rest)) if len(rest) != 1 else x
    key = f"{name}{len(window)}d", window, strides, padding, tuple(options.items())
    if key not in _SPECS:
        _keep_spec(*key)
    output = _backend_of(x).run_layer(LayerCall(_SPECS[key], name, {}, (merged,))).output
    return output.reshape(*output.shape[:-1], *rest) if len(rest) != 1 else output


# The specs of the calls so far, by layer and arguments: where torch's compiler finds what backends keep of a spec.
_SPECS: dict[Any, Spec] = {}


def _keep_spec(layer: str, window: Any, strides: Any, padding: Any, options: tuple[tuple[str, Any], ...]) -> None:
    arguments = {"stride": strides, "padding": padding, "data_format": "channels_last", **dict(options)}
    _SPECS[layer, window, strides, padding, options] = getattr(pooling, layer).spec((window,), arguments)


_keep_spec._dynamo_marked_constant = True  # type: ignore[attr-defined]


def _backend_of(x: Any) -> Any:
    """Return the backend that computes with an array."""
    if current.scope is not None:
        return current.scope.frame.backend
    backend = backends.of_array(x) or backends.of_operand(x)
    if backend is None:
        raise BackendError(f"pooling was called on a {type(x).__name__}: pass an array of an installed framework")
    return backend
