"""Arrays in files of NumPy's formats, and in memory of other libraries."""

from typing import Any

import numpy as np
import torch

from unified.compat.jax.dtypes import EXTENDED
from unified.compat.jax.on_torch.array import Array, as_array, of_numpy
from unified.compat.jax.on_torch.behaviour import Behaviour

__all__ = ["from_dlpack", "fromfile", "load", "save", "savez"]

BEHAVIOUR = Behaviour(on_arrays=True)


def save(file: Any, arr: Any, allow_pickle: bool = True) -> None:
    np.save(file, np.asarray(as_array(arr)), allow_pickle=allow_pickle)


def savez(file: Any, *args: Any, **kwds: Any) -> None:
    arrays = {name: np.asarray(as_array(value)) for name, value in kwds.items()}
    np.savez(file, *[np.asarray(as_array(value)) for value in args], **arrays)  # type: ignore[arg-type]


def load(file: Any, *args: Any, **kwargs: Any) -> Any:
    """Return the array of a file; the archive as NumPy has it, if it is one."""
    found = np.load(file, *args, **kwargs)
    return Array(_loaded(found)) if isinstance(found, np.ndarray) else found


def _loaded(value: np.ndarray) -> torch.Tensor:
    """Return a loaded array, whose bfloat16 NumPy wrote as two bytes without a name."""
    if value.dtype.kind == "V" and value.dtype.itemsize == 2:
        import ml_dtypes

        return of_numpy(value.view(ml_dtypes.bfloat16))
    if value.dtype.kind == "V" and value.dtype.itemsize == 1:
        raise TypeError(f"the file holds numbers of 8 bits without saying which of {EXTENDED[1:]}")
    return of_numpy(value)


def fromfile(*args: Any, **kwargs: Any) -> Array:
    return Array(of_numpy(np.fromfile(*args, **kwargs)))


def from_dlpack(x: Any, /, *, device: Any = None, copy: bool | None = None) -> Array:
    value = torch.from_dlpack(x)
    return Array(value.clone() if copy else value)
