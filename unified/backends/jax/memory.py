"""Memory for NumPy arrays that become JAX's without a copy."""

import math
from typing import Any

import numpy as np

__all__ = ["aligned"]

# The bytes of which the addresses of XLA's buffers are multiples.
ALIGNMENT = 64


def aligned(shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """Return an array without values that JAX takes as it is on CPUs; it copies what begins elsewhere."""
    size = math.prod(shape) * np.dtype(dtype).itemsize
    memory = np.empty(size + ALIGNMENT, np.uint8)
    first = -memory.ctypes.data % ALIGNMENT
    return memory[first : first + size].view(dtype).reshape(shape)
