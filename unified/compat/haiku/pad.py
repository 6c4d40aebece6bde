"""Padding functions: from the size of a kernel to the padding before and after.

Source: https://dm-haiku.readthedocs.io/en/latest/api.html#padding
"""

from collections.abc import Callable, Sequence
from typing import Any

from unified.compat.haiku.utils import replicate

__all__ = [
    "PadFn",
    "causal",
    "create",
    "create_from_padfn",
    "create_from_tuple",
    "full",
    "is_padfn",
    "reverse_causal",
    "same",
    "valid",
]

# From the size of a kernel to the padding before and after.
PadFn = Callable[[int], tuple[int, int]]


def valid(effective_kernel_size: int) -> tuple[int, int]:
    """Return no padding.

    Args:
        effective_kernel_size: the size of the kernel with its dilation.

    Returns:
        The widths before and after.

    >>> import unified.compat.haiku as hk
    >>> hk.pad.valid(3)
    (0, 0)
    """
    return 0, 0


def same(effective_kernel_size: int) -> tuple[int, int]:
    """Return the padding for an output of the size of the input.

    Args:
        effective_kernel_size: the size of the kernel with its dilation.

    Returns:
        The widths before and after.

    >>> import unified.compat.haiku as hk
    >>> hk.pad.same(3)
    (1, 1)
    """
    return (effective_kernel_size - 1) // 2, effective_kernel_size // 2


def full(effective_kernel_size: int) -> tuple[int, int]:
    """Return the padding for an output at each overlap of kernel and input.

    Args:
        effective_kernel_size: the size of the kernel with its dilation.

    Returns:
        The widths before and after.

    >>> import unified.compat.haiku as hk
    >>> hk.pad.full(3)
    (2, 2)
    """
    return effective_kernel_size - 1, effective_kernel_size - 1


def causal(effective_kernel_size: int) -> tuple[int, int]:
    """Return padding before only, so that an output depends on no later input.

    Args:
        effective_kernel_size: the size of the kernel with its dilation.

    Returns:
        The widths before and after.

    >>> import unified.compat.haiku as hk
    >>> hk.pad.causal(3)
    (2, 0)
    """
    return effective_kernel_size - 1, 0


def reverse_causal(effective_kernel_size: int) -> tuple[int, int]:
    """Return padding after only, so that an output depends on no earlier input.

    Args:
        effective_kernel_size: the size of the kernel with its dilation.

    Returns:
        The widths before and after.

    >>> import unified.compat.haiku as hk
    >>> hk.pad.reverse_causal(3)
    (0, 2)
    """
    return 0, effective_kernel_size - 1


def create_from_padfn(padding: Any, kernel: Any, rate: Any, n: int) -> tuple[tuple[int, int], ...]:
    """Return the padding of `n` axes from one padding function, or from one for each axis.

    Args:
        padding: a function of the effective size of a kernel, or one for each axis.
        kernel: the sizes of the kernel.
        rate: the dilations.
        n: the number of axes.

    >>> import unified.compat.haiku as hk
    >>> hk.pad.create_from_padfn(hk.pad.causal, kernel=(3, 3), rate=(1, 2), n=2)
    ((2, 0), (4, 0))
    """
    functions, sizes, rates = (
        replicate(padding, n, "padding"),
        replicate(kernel, n, "kernel"),
        replicate(rate, n, "rate"),
    )
    return tuple(f((size - 1) * step + 1) for f, size, step in zip(functions, sizes, rates, strict=True))


create = create_from_padfn  # the older name


def create_from_tuple(padding: Any, n: int) -> tuple[tuple[int, int], ...]:
    """Return the padding of `n` axes from one pair, or from one for each axis.

    Args:
        padding: a pair `(before, after)`, or one for each axis.
        n: the number of axes.

    >>> import unified.compat.haiku as hk
    >>> hk.pad.create_from_tuple((1, 0), 2)
    ((1, 0), (1, 0))
    """
    if not padding:
        raise AssertionError(f"padding is a pair of numbers, or a pair for each of {n} axes, got an empty sequence")
    if isinstance(padding[0], int):
        return (tuple(padding),) * n
    if len(padding) == 1:
        return tuple(padding) * n
    if len(padding) != n:
        raise TypeError(
            f"got {len(padding)} pairs of padding for {n} axes, {padding}: it must be a Tuple[int, int] or sequence of "
            "length 1, which is used for all, or have a pair for each axis"
        )
    return tuple(padding)


def is_padfn(padding: Any) -> bool:
    """Return whether `padding` is a function or a sequence of functions.

    Args:
        padding: what a convolution takes as `padding=`.

    >>> import unified.compat.haiku as hk
    >>> hk.pad.is_padfn(hk.pad.same), hk.pad.is_padfn((1, 1))
    (True, False)
    """
    return callable(padding[0] if isinstance(padding, Sequence) else padding)
