"""The array API standard on the arrays of whichever framework runs: `import unified.numpy as unp`.

In a torch model `unp.exp(x)` takes and returns a `torch.Tensor`, in a JAX model a `jax.Array`; outside a model the type
of the arguments selects the framework, and where none of them is an array of one, the default backend is taken
(`unified.set_backend`). Names and meanings are those of the standard, version 2024.12, and `docs/numpy.md` lists them
with what there is beyond it. A name of torch or NumPy that is not here raises an error with the name that is.

Written by `make generate`.

>>> import torch, unified.numpy as unp
>>> unp.maximum(torch.tensor([-1.0, 2.0]), 0)
tensor([0., 2.])
"""

from typing import TYPE_CHECKING, Any

from unified.core.dtypes import isdtype
from unified.numpy import fft, idioms, linalg
from unified.numpy.constants import *
from unified.numpy.creation import *
from unified.numpy.data_types import *
from unified.numpy.elementwise import *
from unified.numpy.indexing import *
from unified.numpy.positions import *
from unified.numpy.products import *
from unified.numpy.reductions import *
from unified.numpy.shapes import *

# fmt: off
__all__ = [
    "At", "__array_api_version__", "__array_namespace_info__", "abs", "acos", "acosh", "add", "all", "any", "arange",
    "argmax", "argmin", "argsort", "asarray", "asin", "asinh", "astype", "at", "atan", "atan2", "atanh", "bfloat16",
    "bitwise_and", "bitwise_invert", "bitwise_left_shift", "bitwise_or", "bitwise_right_shift", "bitwise_xor", "bool",
    "broadcast_arrays", "broadcast_to", "can_cast", "ceil", "clip", "complex128", "complex64", "concat", "conj",
    "copysign", "cos", "cosh", "count_nonzero", "cumprod", "cumsum", "cumulative_prod", "cumulative_sum", "diff",
    "divide", "e", "einsum", "empty", "empty_like", "equal", "exp", "expand_dims", "expm1", "eye", "fft", "finfo",
    "flip", "float16", "float32", "float64", "floor", "floor_divide", "from_dlpack", "full", "full_like", "greater",
    "greater_equal", "hypot", "iinfo", "imag", "inf", "int16", "int32", "int64", "int8", "interp", "isclose",
    "isdtype", "isfinite", "isinf", "isnan", "less", "less_equal", "linalg", "linspace", "log", "log10", "log1p",
    "log2", "log_softmax", "logaddexp", "logical_and", "logical_not", "logical_or", "logical_xor", "logsumexp",
    "matmul", "matrix_transpose", "max", "maximum", "mean", "meshgrid", "min", "minimum", "moveaxis", "multiply",
    "nan", "nan_to_num", "negative", "newaxis", "nextafter", "nonzero", "not_equal", "one_hot", "ones", "ones_like",
    "pad", "permute_dims", "pi", "positive", "pow", "prod", "real", "reciprocal", "remainder", "repeat", "reshape",
    "result_type", "roll", "round", "scatter_add", "searchsorted", "segment_max", "segment_min", "segment_sum", "sign",
    "signbit", "sin", "sinh", "softmax", "sort", "split", "sqrt", "square", "squeeze", "stack", "std", "stop_gradient",
    "subtract", "sum", "take", "take_along_axis", "tan", "tanh", "tensordot", "tile", "top_k", "tril", "triu", "trunc",
    "uint16", "uint32", "uint64", "uint8", "unique_all", "unique_counts", "unique_inverse", "unique_values", "unstack",
    "var", "vecdot", "where", "zeros", "zeros_like",
]


if not TYPE_CHECKING:  # a type checker reports a name that is not here by itself

    def __getattr__(name: str) -> Any:
        raise idioms.absent(name, __all__)
