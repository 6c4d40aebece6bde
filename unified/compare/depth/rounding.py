"""Numbers as half precision holds them; NumPy has no bfloat16."""

import numpy as np

__all__ = ["HALVES", "rounded"]

HALVES = ("float16", "bfloat16")


def rounded(x: np.ndarray, dtype: str) -> np.ndarray:
    """Return the numbers as a dtype holds them, in float64; as they are for another than the halves."""
    if x.dtype.kind != "f":
        return x
    if dtype == "float16":
        with np.errstate(over="ignore"):
            return x.astype(np.float16).astype(np.float64)
    if dtype == "bfloat16":
        bits = np.array(x, np.float32, order="C").view(np.uint32)
        nearest = (bits + 0x7FFF + ((bits >> 16) & 1)) & np.uint32(0xFFFF0000)
        return np.where(np.isfinite(x), nearest.view(np.float32), x).astype(np.float64)
    return x
