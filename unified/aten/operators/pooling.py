"""Pooling."""

from typing import Any

import jax

from unified.aten.table import operator
from unified.backends.jax import functional as F


def _average(function: Any) -> Any:
    def average(x: jax.Array, kernel: Any, stride: Any = (), *options: Any) -> jax.Array:
        return function(x, kernel, stride or None, *options)

    return average


def _largest(function: Any, return_indices: bool) -> Any:
    def largest(
        x: jax.Array, kernel: Any, stride: Any = (), padding: Any = 0, dilation: Any = 1, ceil: bool = False
    ) -> Any:
        return function(x, kernel, stride or None, padding, dilation, ceil, return_indices)

    return largest


def _adaptive_largest(function: Any) -> Any:
    def largest(x: jax.Array, size: Any) -> Any:
        return function(x, size, return_indices=True)

    return largest


for _axes in (1, 2, 3):
    operator(f"avg_pool{_axes}d.default")(_average(getattr(F, f"avg_pool{_axes}d")))
    operator(f"max_pool{_axes}d.default")(_largest(getattr(F, f"max_pool{_axes}d"), False))
    operator(f"adaptive_max_pool{_axes}d.default")(_adaptive_largest(getattr(F, f"adaptive_max_pool{_axes}d")))
    operator(f"adaptive_avg_pool{_axes}d.default")(getattr(F, f"adaptive_avg_pool{_axes}d"))
for _axes in (2, 3):
    operator(f"max_pool{_axes}d_with_indices.default")(_largest(getattr(F, f"max_pool{_axes}d"), True))
    operator(f"_adaptive_avg_pool{_axes}d.default")(getattr(F, f"adaptive_avg_pool{_axes}d"))
