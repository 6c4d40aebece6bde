"""Questions about values and dtypes, and arrays as text."""

from typing import Any

import numpy as np
import torch

from unified.compat.jax.dtypes import issubdtype
from unified.compat.jax.on_torch.array import Array, as_array, tensor
from unified.compat.jax.on_torch.behaviour import NONE, Behaviour, jax_function
from unified.compat.jax.on_torch.dtypes import numpy_dtype, torch_dtype
from unified.compat.jax.on_torch.numpy.operands import same

__all__ = ["array_equiv", "array_repr", "array_str", "iscomplexobj", "isdtype", "isrealobj"]

BEHAVIOUR = Behaviour(operands=NONE)


@jax_function(on_arrays=True)
def iscomplexobj(x: Any) -> bool:
    if x is None:
        return False
    dtype = getattr(x, "dtype", None)
    if isinstance(dtype, torch.dtype):
        return dtype.is_complex
    return bool(np.iscomplexobj(x)) if dtype is None else bool(issubdtype(dtype, np.complexfloating))


@jax_function(on_arrays=True)
def isrealobj(x: Any) -> bool:
    return not iscomplexobj(x)


KINDS: dict[str, Any] = {
    "bool": np.bool_, "signed integer": np.signedinteger, "unsigned integer": np.unsignedinteger,
    "integral": np.integer, "real floating": np.floating, "complex floating": np.complexfloating, "numeric": np.number,
}  # fmt: skip


@jax_function(on_arrays=True)
def isdtype(dtype: Any, kind: Any) -> bool:
    own = numpy_dtype(torch_dtype(dtype))
    for one in kind if isinstance(kind, tuple) else (kind,):
        if isinstance(one, str):
            if one not in KINDS:
                raise ValueError(f"there is no kind {one!r} of dtypes: choose one of {', '.join(KINDS)}")
            if issubdtype(own, KINDS[one]):
                return True
        elif own == np.dtype(one):
            return True
    return False


@jax_function(operands="a1 a2", weak=False)
def array_equiv(a1: Any, a2: Any) -> torch.Tensor:
    a, b = same(a1, a2)
    try:
        a, b = torch.broadcast_tensors(a, b)
    except RuntimeError:
        return torch.tensor(False)
    return (a == b).all()


@jax_function(on_arrays=True)
def array_repr(arr: Any, max_line_width: Any = None, precision: Any = None, suppress_small: Any = None) -> str:
    value = as_array(arr)
    if max_line_width is precision is suppress_small is None:
        return repr(value)
    options = {"max_line_width": max_line_width, "precision": precision, "suppress_small": suppress_small}
    text = np.array2string(np.asarray(value), separator=", ", prefix="Array(", **options)
    return f"Array({text}, dtype={value.dtype})"


@jax_function(on_arrays=True)
def array_str(a: Any, max_line_width: Any = None, precision: Any = None, suppress_small: Any = None) -> str:
    return np.array_str(np.asarray(Array(tensor(a))), max_line_width, precision, suppress_small)
