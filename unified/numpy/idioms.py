"""Names of torch and NumPy that `unified.numpy` has by the standard's: what the errors about them say."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from unified import functional
from unified.core.pages import end_with_link

__all__ = ["KEYWORDS", "NAMES", "refuse_keywords", "unknown_name"]

# How the standard writes what torch or NumPy has by another name.
NAMES = {
    "absolute": "abs(x)",
    "amax": "max(x, axis=...)",
    "amin": "min(x, axis=...)",
    "arccos": "acos(x)",
    "arccosh": "acosh(x)",
    "arcsin": "asin(x)",
    "arcsinh": "asinh(x)",
    "arctan": "atan(x)",
    "arctan2": "atan2(x1, x2)",
    "arctanh": "atanh(x)",
    "array": "asarray(obj)",
    "array_split": "split(x, indices)",
    "as_tensor": "asarray(obj)",
    "atleast_1d": "reshape(x, shape)",
    "average": "mean(x, axis=...)",
    "bitwise_not": "bitwise_invert(x)",
    "bmm": "matmul(x1, x2)",
    "cat": "concat(arrays, axis=...)",
    "chunk": "split(x, sections, axis=...)",
    "clamp": "clip(x, min, max)",
    "clamp_max": "minimum(x, bound)",
    "clamp_min": "maximum(x, bound)",
    "clone": "asarray(x, copy=True)",
    "column_stack": "concat(arrays, axis=1)",
    "concatenate": "concat(arrays, axis=...)",
    "conjugate": "conj(x)",
    "copy": "asarray(x, copy=True)",
    "ddof": "correction=",
    "detach": "stop_gradient(x)",
    "diag": "linalg.diagonal(x)",
    "diagonal": "linalg.diagonal(x)",
    "dim": "axis=",
    "div": "divide(x1, x2)",
    "dot": "matmul(x1, x2), or vecdot(x1, x2)",
    "dstack": "concat(arrays, axis=2)",
    "eq": "equal(x1, x2)",
    "expand": "broadcast_to(x, shape)",
    "fabs": "abs(x)",
    "flatten": "reshape(x, (-1,))",
    "fmax": "maximum(x1, x2)",
    "fmin": "minimum(x1, x2)",
    "fmod": "remainder(x1, x2)",
    "from_numpy": "asarray(obj)",
    "gather": "take_along_axis(x, indices, axis=...)",
    "ge": "greater_equal(x1, x2)",
    "gt": "greater(x1, x2)",
    "hstack": "concat(arrays, axis=1)",
    "index_add": "at(x, indices).add(values)",
    "index_select": "take(x, indices, axis=...)",
    "invert": "bitwise_invert(x)",
    "le": "less_equal(x1, x2)",
    "left_shift": "bitwise_left_shift(x1, x2)",
    "lt": "less(x1, x2)",
    "masked_fill": "where(mask, value, x)",
    "mm": "matmul(x1, x2)",
    "mod": "remainder(x1, x2)",
    "movedim": "moveaxis(x, source, destination)",
    "mul": "multiply(x1, x2)",
    "ne": "not_equal(x1, x2)",
    "neg": "negative(x)",
    "norm": "linalg.vector_norm(x, axis=...), or linalg.matrix_norm(x)",
    "outer": "linalg.outer(x1, x2)",
    "permute": "permute_dims(x, axes)",
    "power": "pow(x1, x2)",
    "put_along_axis": "at(x, index).set(values), or scatter_add(x, indices, values, axis=...)",
    "ravel": "reshape(x, (-1,))",
    "repeat_interleave": "repeat(x, repeats, axis=...)",
    "right_shift": "bitwise_right_shift(x1, x2)",
    "rint": "round(x)",
    "rsqrt": "reciprocal(sqrt(x))",
    "scatter": "at(x, index).set(values)",
    "scatter_add_": "scatter_add(x, indices, values, axis=...)",
    "select": "take(x, index, axis=...)",
    "sub": "subtract(x1, x2)",
    "swapaxes": "moveaxis(x, source, destination), or permute_dims(x, axes)",
    "swapdims": "moveaxis(x, source, destination), or permute_dims(x, axes)",
    "t": "matrix_transpose(x)",
    "take_along_dim": "take_along_axis(x, indices, axis=...)",
    "tensor": "asarray(obj)",
    "topk": "top_k(x, k, axis=...)",
    "trace": "linalg.trace(x)",
    "transpose": "permute_dims(x, axes), or matrix_transpose(x) for the last two axes",
    "true_divide": "divide(x1, x2)",
    "unbind": "unstack(x, axis=...)",
    "unique": "unique_values(x), unique_counts(x), unique_inverse(x) or unique_all(x)",
    "unsqueeze": "expand_dims(x, axis)",
    "view": "reshape(x, shape)",
    "vstack": "concat(arrays, axis=0)",
}

# The standard's parameters for those of torch and NumPy.
KEYWORDS = {
    "dim": "axis=",
    "dims": "axis=, or axes=",
    "keepdim": "keepdims=",
    "unbiased": "correction=1 for unbiased=True, and correction=0 for False",
    "ddof": "correction=",
    "input": "its first argument, without a name",
    "tensors": "its first argument, without a name",
    "a": "its first argument, without a name",
    "out": "what it returns: no array is written in place",
    "kind": "stable=",
}


def unknown_name(name: str, names: Sequence[str]) -> AttributeError:
    """Return the error about a name that `unified.numpy` does not have; `names` are those that it has."""
    if name in NAMES:
        return AttributeError(f"unified.numpy has no {name!r}: the array API standard writes {NAMES[name]}")
    if name in functional.__all__:
        return AttributeError(f"unified.numpy has no {name!r}: it is unified.functional.{name}")
    if name == "random":
        return AttributeError("unified.numpy has no 'random': random arrays are made by unified.random")
    close = difflib.get_close_matches(name, names, 1)
    hint = f": did you mean {close[0]!r}?" if close else ""
    return AttributeError(
        end_with_link(f"module 'unified.numpy' has no attribute {name!r}{hint}", "numpy#all-functions"), name=name
    )


def refuse_keywords(function: str, keywords: Mapping[str, Any]) -> NoReturn:
    """Raise the error about keyword arguments that a function does not have."""
    name = next(iter(keywords))
    hint = f": the array API standard has {KEYWORDS[name]}" if name in KEYWORDS else ""
    raise TypeError(f"unified.numpy.{function}() got an unexpected keyword argument {name!r}{hint}")
