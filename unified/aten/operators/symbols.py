"""Sizes, and what a program checks: sizes are Python's integers whenever a program runs."""

from typing import Any

import jax

from unified.aten.table import operator


@operator("sym_size.int")
def size(x: jax.Array, dim: int) -> int:
    """Return the size of an axis."""
    return x.shape[dim]


@operator("sym_numel.default")
def numel(x: jax.Array) -> int:
    """Return the number of values."""
    return x.size


@operator("sym_is_contiguous.default")
def is_contiguous(x: jax.Array, *ignored: Any) -> bool:
    """Return true: arrays have no strides."""
    return True


@operator(
    "_assert_async.default", "_assert_async.msg", "_assert_tensor_metadata.default", "_assert_scalar.default",
    "sym_constrain_range.default", "sym_constrain_range_for_size.default", "_functional_assert_async.msg",
    discards=True,
)  # fmt: skip
def check(*ignored: Any, **more: Any) -> None:
    """Check nothing: sizes are checked where a program is chosen, and values are not known."""
