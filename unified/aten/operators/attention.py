"""Attention."""

from typing import Any

from unified.aten.table import operator
from unified.backends.jax import functional as F


@operator("scaled_dot_product_attention.default", draws=True)
def scaled_dot_product_attention(*args: Any, **options: Any) -> Any:
    """Return `softmax(query @ key.T * scale + mask) @ value`, with dropout of the weights."""
    return F.scaled_dot_product_attention(*args, **options)
