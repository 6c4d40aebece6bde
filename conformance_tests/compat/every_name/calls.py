"""Calls of each name: by its signature in JAX, or as the table here has them."""

import inspect
import io
import operator
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import jax as oracle
import numpy as np

import unified.compat.jax as jax
from unified.compat.jax.names import NAMES as OFFERED

__all__ = ["MODULES", "Call", "calls", "function_of", "names"]

jnp, lax = jax.numpy, jax.lax
MODULES = (
    "numpy", "numpy.fft", "numpy.linalg", "lax", "nn", "ops", "image", "flatten_util", "scipy.linalg",
    "scipy.ndimage", "scipy.signal", "scipy.special",
    "scipy.stats.norm", "nn.initializers", "random", "Array",
)  # fmt: skip


class Call(NamedTuple):
    """One way to call a function: `run(function, *operands)`, the number of operands, and how it reads."""

    run: Callable[..., Any]
    count: int
    text: str
    ranks: tuple[tuple[int, ...], ...] | None = None


def at(*ranks: Any) -> Callable[[Any], Any]:
    """Decorate a call whose operands have these ranks alone."""
    return lambda run: (run, tuple(one if isinstance(one, tuple) else (one,) for one in ranks))


def _file(write: Any, *args: Any, **kwargs: Any) -> io.BytesIO:
    """Return a file that a function of NumPy wrote."""
    file = io.BytesIO()
    write(file, *args, **kwargs)
    file.seek(0)
    return file


def key() -> Any:
    return jax.random.PRNGKey(3)


one = np.int32(1)
OPERATORS = {
    name: getattr(operator, name, None) or getattr(operator, f"{name}_")
    for name in [
        "add",
        "sub",
        "mul",
        "truediv",
        "floordiv",
        "mod",
        "pow",
        "matmul",
        "and",
        "or",
        "xor",
        "lshift",
        "rshift",
        "eq",
        "ne",
        "lt",
        "le",
        "gt",
        "ge",
        "abs",
        "invert",
        "neg",
        "pos",
    ]
}
NHC = ("NHC", "HIO", "NHC")
TABLE: dict[str, list[Any]] = {
    # numpy: makers of arrays
    "numpy.arange": [lambda f, x: f(x), lambda f, x, y: f(x, y), lambda f, x: f(0, 3, x), lambda f: f(3, dtype=jnp.bfloat16), lambda f: f(2.5)],
    "numpy.array": [lambda f, x: f(x), lambda f, x: f([x, x]), lambda f, x, y: f([x, y]), lambda f, x: f(x, dtype=jnp.float16), lambda f, x: f(x, ndmin=2), lambda f: f([1, 2.5]), lambda f: f([[True, 2]]), lambda f: f(2), lambda f: f([])],
    "numpy.asarray": [lambda f, x: f(x), lambda f, x: f([x, x]), lambda f, x, y: f([x, y]), lambda f, x: f(x, dtype=jnp.float16), lambda f: f((1, 2.5)), lambda f: f(np.float32(2)), lambda f: f(np.float64(2))],
    "numpy.bartlett": [lambda f: f(4), lambda f: f(1)],
    "numpy.blackman": [lambda f: f(4), lambda f: f(1)],
    "numpy.hamming": [lambda f: f(4), lambda f: f(1)],
    "numpy.hanning": [lambda f: f(4), lambda f: f(1)],
    "numpy.diag_indices": [lambda f: f(3), lambda f: f(2, 3)],
    "numpy.empty": [lambda f: f(()), lambda f: f((2, 3), jnp.bfloat16), lambda f: f(2, int)],
    "numpy.zeros": [lambda f: f(()), lambda f: f((2, 3), jnp.bfloat16), lambda f: f(2, int)],
    "numpy.ones": [lambda f: f(()), lambda f: f((2, 3), jnp.bfloat16), lambda f: f(2, bool)],
    "numpy.eye": [lambda f: f(3), lambda f: f(2, 3, 1, jnp.bfloat16), lambda f: f(0), lambda f: f(3, k=-1, dtype=int)],
    "numpy.identity": [lambda f: f(3), lambda f: f(2, jnp.float16)],
    "numpy.tri": [lambda f: f(3), lambda f: f(2, 3, 1, jnp.bfloat16)],
    "numpy.frombuffer": [lambda f: f(b"\0\0\0\0\0\0\0\x40"), lambda f: f(b"\1\2\3\4", np.uint8)],
    "numpy.fromfunction": [lambda f: f(lambda i, j: i + 2 * j, (2, 3)), lambda f: f(lambda i: i, (2,), dtype=int), lambda f, x: f(lambda i: i * x, (2,))],
    "numpy.full": [lambda f, x: f((), x), lambda f, x: f(2, x), lambda f, x: f((2, 2), x, jnp.float16), lambda f, x: f(2, x, int)],
    "numpy.full_like": [lambda f, x, y: f(x, y), lambda f, x, y: f(x, y, jnp.float16), lambda f, x, y: f(x, y, shape=(3, 2))],
    "numpy.empty_like": [lambda f, x: f(x), lambda f, x: f(x, jnp.float16), lambda f, x: f(x, shape=(3,))],
    "numpy.ones_like": [lambda f, x: f(x), lambda f, x: f(x, jnp.float16), lambda f, x: f(x, shape=(3,))],
    "numpy.zeros_like": [lambda f, x: f(x), lambda f, x: f(x, jnp.float16), lambda f, x: f(x, shape=(3,))],
    "numpy.geomspace": [lambda f, x, y: f(x, y, 3), lambda f, x: f(x, 8, 4, endpoint=False), lambda f, x: f(x, 2, 3, dtype=jnp.float16), lambda f, x: f(x, 2, 3, axis=-1)],
    "numpy.linspace": [lambda f, x, y: f(x, y, 3), lambda f, x: f(x, 2, 4, endpoint=False), lambda f, x: f(x, 2, 3, retstep=True), lambda f, x: f(x, 4, 3, dtype=int), lambda f, x: f(0, x, 3, axis=-1), lambda f, x: f(x, 2, 1), lambda f, x: f(x, 2, 3, dtype=jnp.bfloat16)],
    "numpy.logspace": [lambda f, x, y: f(x, y, 3), lambda f, x: f(x, 2, 4, endpoint=False), lambda f, x: f(x, 2, 3, base=2), lambda f, x: f(x, 2, 3, dtype=jnp.float16)],
    "numpy.indices": [lambda f: f((2, 3)), lambda f: f((2,), jnp.float16), lambda f: f((2, 3), sparse=True)],
    "numpy.ix_": [lambda f, x: f(x), lambda f, x, y: f(x, y)],
    "numpy.meshgrid": [lambda f, x: f(x), lambda f, x, y: f(x, y), lambda f, x, y: f(x, y, indexing="ij"), lambda f, x, y: f(x, y, sparse=True)],
    "numpy.mask_indices": [lambda f: f(3, jnp.tril), lambda f: f(3, jnp.triu, 1)],
    "numpy.tril_indices": [lambda f: f(3), lambda f: f(2, 1, 3)],
    "numpy.triu_indices": [lambda f: f(3), lambda f: f(2, 1, 3)],
    "numpy.tril_indices_from": [lambda f, x: f(x), lambda f, x: f(x, 1)],
    "numpy.triu_indices_from": [lambda f, x: f(x), lambda f, x: f(x, -1)],
    # numpy: dtypes and questions
    "numpy.can_cast": [lambda f: f(jnp.int32, jnp.float32), lambda f: f(jnp.float32, jnp.int32), lambda f: f("int8", "int32"), lambda f: f(jnp.int32, jnp.float16)],
    "numpy.isneginf": [lambda f, x: f(x), lambda f: f(np.array([-np.inf, np.inf, np.nan], np.float32))],
    "numpy.isposinf": [lambda f, x: f(x), lambda f: f(np.array([-np.inf, np.inf, np.nan], np.float32))],
    "numpy.isscalar": [lambda f, x: f(x), lambda f: f("a"), lambda f: f(np.float32(1)), lambda f: f(None)],
    "numpy.issubdtype": [lambda f, x: f(x.dtype, jnp.floating), lambda f: f(jnp.int32, jnp.integer), lambda f: f(jnp.bfloat16, jnp.inexact)],
    "numpy.iterable": [lambda f, x: f(x), lambda f: f(None), lambda f: f([1])],
    "numpy.ndim": [lambda f, x: f(x), lambda f: f([1, 2])],
    "numpy.shape": [lambda f, x: f(x), lambda f: f([[1, 2]])],
    "numpy.size": [lambda f, x: f(x), lambda f, x: f(x, 0), lambda f: f([1, 2])],
    "numpy.promote_types": [lambda f: f(jnp.int32, jnp.bfloat16), lambda f: f("float16", "bfloat16"), lambda f: f(int, jnp.float16), lambda f: f(float, int), lambda f: f(float, jnp.bfloat16), lambda f: f(bool, "int8"), lambda f: f("uint32", "int32"), lambda f: f("uint8", "int8"), lambda f: f(np.dtype("bool"), "int8"), lambda f: f(jnp.bool_, jnp.int8)],
    "numpy.result_type": [lambda f, x: f(x), lambda f, x, y: f(x, y), lambda f, x: f(x, jnp.float16), lambda f, x: f(x, 2.0, int), lambda f: f(int, jnp.float16), lambda f: f(2), lambda f: f(jnp.int8, 2), lambda f: f(1j)],
    # numpy: shapes
    "numpy.apply_along_axis": [lambda f, x: f(lambda row: row.sum(), 0, x), lambda f, x: f(lambda row: row * 2, -1, x), lambda f, x: f(jnp.cumsum, 1, x)],
    "numpy.array_split": [lambda f, x: f(x, 2), lambda f, x: f(x, [1]), lambda f, x: f(x, 3, axis=-1)],
    "numpy.split": [lambda f, x: f(x, 2), lambda f, x: f(x, [1]), lambda f, x: f(x, 2, axis=-1), lambda f, x: f(x, 1)],
    "numpy.hsplit": [lambda f, x: f(x, 2), lambda f, x: f(x, [1])],
    "numpy.vsplit": [lambda f, x: f(x, 2), lambda f, x: f(x, [1])],
    "numpy.dsplit": [lambda f, x: f(x, 2), at(3)(lambda f, x: f(x, 2))],
    "numpy.astype": [lambda f, x: f(x, jnp.float16), lambda f, x: f(x, int), lambda f, x: f(x, bool), lambda f, x: f(x, float), lambda f, x: f(x, jnp.bfloat16), lambda f, x: f(x, None), lambda f, x: f(x, jnp.complex64)],
    "numpy.atleast_1d": [lambda f, x: f(x), lambda f, x, y: f(x, y)],
    "numpy.atleast_2d": [lambda f, x: f(x), lambda f, x, y: f(x, y)],
    "numpy.atleast_3d": [lambda f, x: f(x), lambda f, x, y: f(x, y)],
    "numpy.broadcast_arrays": [lambda f, x: f(x), lambda f, x, y: f(x, y)],
    "numpy.broadcast_shapes": [lambda f: f((2, 1), (3,)), lambda f: f(()), lambda f: f((2,), (3,))],
    "numpy.broadcast_to": [lambda f, x: f(x, (2, 2)), lambda f, x: f(x, ()), lambda f, x: f(x, 2)],
    "numpy.column_stack": [lambda f, x: f([x]), lambda f, x, y: f([x, y])],
    "numpy.dstack": [lambda f, x: f([x]), lambda f, x, y: f([x, y]), lambda f, x, y: f([x, y], dtype=jnp.float16), lambda f, x: f(x)],
    "numpy.hstack": [lambda f, x: f([x]), lambda f, x, y: f([x, y]), lambda f, x, y: f([x, y], dtype=jnp.float16), lambda f, x: f(x)],
    "numpy.vstack": [lambda f, x: f([x]), lambda f, x, y: f([x, y]), lambda f, x, y: f([x, y], dtype=jnp.float16), lambda f, x: f(x)],
    "numpy.stack": [lambda f, x: f([x]), lambda f, x, y: f([x, y]), lambda f, x, y: f([x, y], -1), lambda f, x, y: f([x, y], dtype=jnp.float16), lambda f, x: f(x)],
    "numpy.concatenate": [lambda f, x: f([x]), lambda f, x, y: f([x, y]), lambda f, x, y: f([x, y], -1), lambda f, x, y: f([x, y], None), lambda f, x, y: f([x, y], dtype=jnp.float16), lambda f, x: f(x)],
    "numpy.concat": [lambda f, x: f([x]), lambda f, x, y: f([x, y]), lambda f, x, y: f([x, y], axis=None)],
    "numpy.delete": [lambda f, x: f(x, 0), lambda f, x: f(x, 0, axis=0), lambda f, x: f(x, np.array([0])), lambda f, x: f(x, slice(0, 1), axis=-1), lambda f, x: f(x, jnp.asarray(1))],
    "numpy.insert": [lambda f, x, y: f(x, 0, y), lambda f, x, y: f(x, 1, y, axis=0), lambda f, x: f(x, np.array([0, 1]), 2)],
    "numpy.expand_dims": [lambda f, x: f(x, 0), lambda f, x: f(x, -1), lambda f, x: f(x, (0, 2)), lambda f, x: f(x, 5), lambda f, x: f(x, ())],
    "numpy.moveaxis": [lambda f, x: f(x, 0, -1), lambda f, x: f(x, (0, 1), (1, 0)), lambda f, x: f(x, (), ())],
    "numpy.rollaxis": [lambda f, x: f(x, 0), lambda f, x: f(x, -1), lambda f, x: f(x, 0, 2)],
    "numpy.swapaxes": [lambda f, x: f(x, 0, -1), lambda f, x: f(x, 0, 1)],
    "numpy.permute_dims": [lambda f, x: f(x, (0,)), lambda f, x: f(x, (1, 0)), lambda f, x: f(x, ())],
    "numpy.transpose": [lambda f, x: f(x), lambda f, x: f(x, (1, 0)), lambda f, x: f(x, (0,)), lambda f, x: f(x, ()), lambda f, x: f(x, (-1, 0))],
    "numpy.pad": [lambda f, x: f(x, 1), lambda f, x: f(x, (1, 2)), lambda f, x: f(x, 1, constant_values=2), lambda f, x, y: f(x, 1, constant_values=y), lambda f, x: f(x, 1, "edge"), lambda f, x: f(x, 1, "reflect"), lambda f, x: f(x, 1, "wrap"), lambda f, x: f(x, 1, "symmetric"), lambda f, x: f(x, ((0, 1), (1, 0)))],
    "numpy.reshape": [lambda f, x: f(x, -1), lambda f, x: f(x, (-1, 1)), lambda f, x: f(x, ()), lambda f, x: f(x, (1, -1), order="F"), lambda f, x: f(x, (2, 2))],
    "numpy.ravel": [lambda f, x: f(x), lambda f, x: f(x, "F")],
    "numpy.resize": [lambda f, x: f(x, (3, 2)), lambda f, x: f(x, 2), lambda f, x: f(x, ())],
    "numpy.repeat": [lambda f, x: f(x, 2), lambda f, x: f(x, 2, axis=0), lambda f, x: f(x, np.array([2])), lambda f, x: f(x, 2, total_repeat_length=3), lambda f, x: f(x, np.array([1, 2]), axis=0)],
    "numpy.roll": [lambda f, x: f(x, 1), lambda f, x: f(x, 1, axis=0), lambda f, x: f(x, jnp.asarray(1), -1), lambda f, x: f(x, (1, 1), (0, 1))],
    "numpy.rot90": [lambda f, x: f(x), lambda f, x: f(x, 2), lambda f, x: f(x, 1, (1, 0))],
    "numpy.tile": [lambda f, x: f(x, 2), lambda f, x: f(x, (2, 1)), lambda f, x: f(x, ()), lambda f, x: f(x, (2, 1, 2))],
    "numpy.trim_zeros": [lambda f, x: f(x), lambda f, x: f(x, "f")],
    "numpy.unstack": [lambda f, x: f(x), lambda f, x: f(x, axis=-1)],
    "numpy.squeeze": [lambda f, x: f(x), lambda f, x: f(x, 0), lambda f, x: f(x, ()), at(3)(lambda f, x: f(x, 0)), at(3)(lambda f, x: f(x))],
    # numpy: indexing
    "numpy.take": [lambda f, x: f(x, 1), lambda f, x: f(x, np.array([0, 5])), lambda f, x: f(x, np.array([1, 0]), axis=0), lambda f, x: f(x, jnp.asarray(1), axis=-1), lambda f, x: f(x, 7, mode="clip"), lambda f, x: f(x, 7, mode="wrap"), lambda f, x: f(x, 7, mode="fill", fill_value=2), lambda f, x: f(np.arange(4), x)],
    "numpy.take_along_axis": [lambda f, x: f(x, np.array([1, 0]), 0), lambda f, x: f(x, np.array([[0], [1]]), -1), lambda f, x: f(x, np.array([0]), None), lambda f, x: f(np.arange(2), x, 0)],
    "numpy.put": [lambda f, x, y: f(x, np.array([0]), y, inplace=False), lambda f, x: f(x, 0, 2, inplace=False), lambda f, x: f(x, 0, 2)],
    "numpy.put_along_axis": [lambda f, x, y: f(x, np.array([[1], [0]]), y, -1, inplace=False), lambda f, x, y: f(x, np.array([1]), y, 0, inplace=False), lambda f, x: f(x, 0, 2, 0)],
    "numpy.fill_diagonal": [lambda f, x, y: f(x, y, inplace=False), lambda f, x: f(x, 2)],
    "numpy.choose": [lambda f, x, y: f(np.array([0, 1]), [x, y]), lambda f, x, y: f(1, [x, y]), lambda f, x: f(x, [2.0, 3]), lambda f, x: f(3, [x, x], mode="clip"), lambda f, x: f(3, [x, x], mode="wrap")],
    "numpy.compress": [lambda f, x: f(np.array([True, False]), x), lambda f, x: f(np.array([True, False]), x, axis=0), lambda f, x: f(np.array([True]), x), lambda f, x: f(x, np.arange(2.0))],
    "numpy.extract": [lambda f, x: f(np.array([True, False]), x), lambda f, x: f(True, x), lambda f, x: f(x, x)],
    "numpy.select": [lambda f, x, y: f([True, False], [x, y]), lambda f, x, y: f([x > 0, x <= 0], [x, y]), lambda f, x, y: f([False], [x], y), lambda f, x: f([x], [2]), lambda f, x, y: f([np.array([True, False])], [x], y)],
    "numpy.piecewise": [lambda f, x: f(x, [x > 0], [2]), lambda f, x: f(x, [x > 0, x <= 0], [lambda v: v * 2, 2.5]), lambda f, x: f(x, [x < 0], [1, lambda v: -v])],
    "numpy.where": [lambda f, x, y: f(True, x, y), lambda f, x, y: f(np.array([True, False]), x, y), lambda f, x: f(x, 1, 2.0), lambda f, x: f(x), lambda f, x, y, z: f(x, y, z), lambda f, x: f(x, size=3, fill_value=1)],
    "numpy.vectorize": [lambda f, x, y: f(lambda a, b: a * b + 1)(x, y), lambda f, x: f(jnp.sum, signature="(n)->()")(x), lambda f, x: f(lambda a: a)(x)],
    "numpy.unravel_index": [lambda f, x: f(x, (2, 2)), lambda f, x: f(x, 4), lambda f: f(3, (2, 2))],
    "numpy.ravel_multi_index": [lambda f, x: f((x, x), (4, 4)), lambda f: f((1, 2), (3, 4)), lambda f: f((np.array([1]), np.array([2])), (3, 4), mode="clip")],
    # numpy: reductions
    "numpy.clip": [lambda f, x: f(x), lambda f, x, y: f(x, y), lambda f, x, y: f(x, None, y), lambda f, x, y, z: f(x, y, z), lambda f, x, y: f(x, min=y), lambda f, x, y: f(x, max=y), lambda f, x: f(x, 1, 2), lambda f, x: f(x, 0.5, 0.75)],
    "numpy.count_nonzero": [lambda f, x: f(x), lambda f, x: f(x, 0), lambda f, x: f(x, None, keepdims=True)],
    "numpy.cumulative_sum": [lambda f, x: f(x), lambda f, x: f(x, axis=0), lambda f, x: f(x, axis=-1, include_initial=True), lambda f, x: f(x, axis=0, dtype=jnp.float16)],
    "numpy.cumulative_prod": [lambda f, x: f(x), lambda f, x: f(x, axis=0), lambda f, x: f(x, axis=-1, include_initial=True), lambda f, x: f(x, axis=0, dtype=jnp.float16)],
    "numpy.gradient": [lambda f, x: f(x), lambda f, x: f(x, axis=0), lambda f, x, y: f(x, y, axis=0), lambda f, x: f(x, 2, axis=-1)],
    "numpy.diff": [lambda f, x: f(x), lambda f, x: f(x, axis=0), lambda f, x: f(x, 0), lambda f, x, y: f(x, prepend=y), lambda f, x, y: f(x, append=y)],
    "numpy.quantile": [lambda f, x, y: f(x, y), lambda f, x: f(x, 0.5, axis=0), lambda f, x: f(x, np.array([0.25, 0.5]), keepdims=True), *(lambda f, x, m=m: f(x, 0.4, method=m) for m in ("lower", "higher", "nearest", "midpoint"))],
    "numpy.nanquantile": [lambda f, x, y: f(x, y), lambda f, x: f(x, 0.5, axis=0), lambda f, x: f(x, np.array([0.25, 0.5]), keepdims=True)],
    "numpy.percentile": [lambda f, x, y: f(x, y), lambda f, x: f(x, 50, axis=0), lambda f, x: f(x, np.array([25.0, 50]), keepdims=True)],
    "numpy.nanpercentile": [lambda f, x, y: f(x, y), lambda f, x: f(x, 50, axis=0), lambda f, x: f(x, np.array([25.0, 50]), keepdims=True)],
    "numpy.trapezoid": [lambda f, x: f(x), lambda f, x, y: f(x, y), lambda f, x, y: f(x, dx=y), lambda f, x: f(x, axis=0)],
    "numpy.average": [lambda f, x: f(x), lambda f, x, y: f(x, weights=y), lambda f, x: f(x, axis=0), lambda f, x: f(x, 0, returned=True), lambda f, x: f(x, keepdims=True), lambda f, x, y: f(x, 0, weights=y, returned=True)],
    "numpy.cov": [lambda f, x: f(x), lambda f, x, y: f(x, y), lambda f, x: f(x, bias=True), lambda f, x: f(x, ddof=0), lambda f, x: f(x, fweights=np.array([1, 2])), lambda f, x: f(x, aweights=np.array([0.5, 2.0], np.float32)), lambda f, x: f(x, rowvar=False)],
    "numpy.corrcoef": [lambda f, x: f(x), lambda f, x, y: f(x, y)],
    "numpy.trace": [lambda f, x: f(x), lambda f, x: f(x, 1), lambda f, x: f(x, dtype=jnp.float16)],
    # numpy: sorting
    "numpy.argsort": [lambda f, x: f(x), lambda f, x: f(x, axis=0), lambda f, x: f(x, None), lambda f, x: f(x, descending=True)],
    "numpy.sort": [lambda f, x: f(x), lambda f, x: f(x, axis=0), lambda f, x: f(x, None), lambda f, x: f(x, descending=True)],
    "numpy.argpartition": [lambda f, x: f(x, 0), lambda f, x: f(x, 1, axis=0)],
    "numpy.partition": [lambda f, x: f(x, 0), lambda f, x: f(x, 1, axis=0)],
    "numpy.argwhere": [lambda f, x: f(x), lambda f, x: f(x, size=3)],
    "numpy.flatnonzero": [lambda f, x: f(x), lambda f, x: f(x, size=3)],
    "numpy.nonzero": [lambda f, x: f(x), lambda f, x: f(x, size=5, fill_value=1)],
    "numpy.bincount": [lambda f, x: f(x), lambda f, x, y: f(x, y), lambda f, x: f(x, minlength=5), lambda f, x: f(x, length=2)],
    "numpy.digitize": [lambda f, x, y: f(x, y), lambda f, x: f(x, np.array([0.1, 0.6, 2.0])), lambda f, x: f(x, np.array([2.0, 0.5]), right=True)],
    "numpy.histogram": [lambda f, x: f(x, 2), lambda f, x: f(x, np.array([0.0, 0.5, 4.0])), lambda f, x: f(x, 2, range=(0.0, 2.0)), lambda f, x, y: f(x, 2, weights=y), lambda f, x: f(x, 2, density=True)],
    "numpy.interp": [lambda f, x: f(x, np.array([0.0, 1.0, 2.0]), np.array([1.0, 3.0, 2.0])), lambda f, x: f(0.5, np.array([0.0, 1.0]), x), lambda f, x, y: f(x, x, y), lambda f, x: f(x, np.array([0.3, 1.0]), np.array([1.0, 3.0]), left=0, right=7.0), lambda f, x: f(x, np.array([0.3, 1.0]), np.array([1.0, 3.0]), period=2)],
    "numpy.lexsort": [lambda f, x: f([x]), lambda f, x, y: f([x, y]), lambda f, x: f(x)],
    "numpy.searchsorted": [lambda f, x, y: f(x, y), lambda f, x: f(np.array([0.1, 0.6, 2.0]), x), lambda f, x: f(np.array([0, 1, 2]), x, side="right"), lambda f, x: f(np.array([1, 0, 2]), x, sorter=np.array([1, 0, 2]))],
    "numpy.setdiff1d": [lambda f, x, y: f(x, y), lambda f, x: f(x, np.array([1])), lambda f, x: f(x, 1, size=3)],
    "numpy.setxor1d": [lambda f, x, y: f(x, y), lambda f, x: f(x, np.array([1]))],
    "numpy.union1d": [lambda f, x, y: f(x, y), lambda f, x: f(x, np.array([1])), lambda f, x: f(x, 1, size=4)],
    "numpy.intersect1d": [lambda f, x, y: f(x, y), lambda f, x: f(x, np.array([1, 2])), lambda f, x: f(x, np.array([1.0, 0.25]), return_indices=True)],
    "numpy.unique": [lambda f, x: f(x), lambda f, x: f(x, return_index=True, return_inverse=True, return_counts=True), lambda f, x: f(x, size=3), lambda f, x: f(x, axis=0)],
    "numpy.unwrap": [lambda f, x: f(x), lambda f, x: f(x, axis=0), lambda f, x: f(x, period=2), lambda f, x: f(x, discont=0.2, period=0.3)],
    # numpy: products
    "numpy.cross": [lambda f, x, y: f(x, y), lambda f, x: f(jnp.stack([x, x, x], -1), jnp.asarray([1.0, 2.0, 3.0])), lambda f, x, y: f(jnp.stack([x, y, x], 0), jnp.stack([x, x, y], 0), axis=0)],
    "numpy.einsum": [lambda f, x: f("...->...", x), lambda f, x: f("i->", x), lambda f, x, y: f("i,i", x, y), lambda f, x, y: f("ij,jk->ik", x, y), lambda f, x, y: f("...,...", x, y), lambda f, x: f("ii->i", x), lambda f, x, y: f(x, [0], y, [0], [0]), lambda f, x, y: f("i,i->i", x, y, preferred_element_type=jnp.float32), lambda f, x: f(",", x, 2.0)],
    "numpy.tensordot": [lambda f, x, y: f(x, y), lambda f, x, y: f(x, y, 0), lambda f, x, y: f(x, y, 1), lambda f, x, y: f(x, y, ([0], [0])), lambda f, x, y: f(x, y, 1, preferred_element_type=jnp.float32)],
    "numpy.polyval": [lambda f, x, y: f(x, y), lambda f, x: f(np.array([1.0, 2.0]), x)],
    "numpy.vander": [lambda f, x: f(x), lambda f, x: f(x, 3), lambda f, x: f(x, 2, increasing=True)],
    "numpy.diag": [lambda f, x: f(x), lambda f, x: f(x, 1)],
    "numpy.diagflat": [lambda f, x: f(x), lambda f, x: f(x, 1)],
    "numpy.diagonal": [lambda f, x: f(x), lambda f, x: f(x, 1), at(3)(lambda f, x: f(x, 0, 1, 2))],
    "numpy.isclose": [lambda f, x, y: f(x, y), lambda f, x, y: f(x, y, 0.5, 0.1), lambda f, x: f(x, x + 1, atol=2)],
    "numpy.allclose": [lambda f, x, y: f(x, y), lambda f, x, y: f(x, y, 0.5, 0.1)],
    "numpy.nan_to_num": [lambda f, x: f(x), lambda f, x: f(x, nan=1), *(lambda f, d=d: f(np.array([np.nan, np.inf, -np.inf, 1.0], d), nan=1.0, posinf=2.0, neginf=3.0) for d in (np.float32, np.float16)), lambda f: f(np.array([np.nan, np.inf, -np.inf], np.float16))],
    "numpy.round": [lambda f, x: f(x), lambda f, x: f(x, 1), lambda f, x: f(x * 10, -1)],
    "numpy.around": [lambda f, x: f(x), lambda f, x: f(x, 1)],
    # fft and linalg
    "numpy.fft.fftfreq": [lambda f: f(4), lambda f: f(5, 0.5), lambda f: f(4, dtype=jnp.float16), lambda f, x: f(4, x)],
    "numpy.fft.rfftfreq": [lambda f: f(4), lambda f: f(5, 0.5), lambda f, x: f(4, x)],
    "numpy.linalg.matrix_power": [lambda f, x: f(x, 2), lambda f, x: f(x, 0), lambda f, x: f(x, 1), lambda f, x: f(x, -1), lambda f, x: f(x, 3)],
    "numpy.linalg.multi_dot": [lambda f, x, y: f([x, y]), lambda f, x: f([x, x, x])],
    "numpy.linalg.matrix_rank": [lambda f, x: f(x), lambda f, x: f(x, 0.5)],
    "numpy.linalg.norm": [lambda f, x: f(x), lambda f, x: f(x, axis=0), lambda f, x: f(x, keepdims=True), *(lambda f, x, o=o: f(x, o) for o in (1, 2, 3, 0, np.inf, -np.inf, "fro", "nuc")), lambda f, x: f(x, 1, axis=-1, keepdims=True)],
    "numpy.linalg.cond": [lambda f, x: f(x), lambda f, x: f(x, 1), lambda f, x: f(x, "fro")],
    "numpy.linalg.lstsq": [lambda f, x, y: f(x, y)],
    "numpy.linalg.qr": [lambda f, x: jax.tree_util.tree_map(jnp.abs, tuple(f(x))), lambda f, x: jnp.abs(f(x, "r"))],
    "numpy.linalg.svd": [lambda f, x: f(x, compute_uv=False), lambda f, x: f(x)[1], lambda f, x: [jnp.abs(a) for a in f(x, full_matrices=False)]],
    "numpy.linalg.eigh": [lambda f, x: f(x)[0], lambda f, x: jnp.abs(f(x)[1]), lambda f, x: f(x, "U")[0]],
    "numpy.linalg.eig": [lambda f, x: jnp.sort(jnp.abs(f(x)[0])), lambda f, x: f(x)[1].dtype],
    "numpy.linalg.eigvals": [lambda f, x: jnp.sort(jnp.abs(f(x)))],
    # numpy: questions, files, polynomials, sets and bits
    **{f"numpy.{name}": [lambda f, x: f(x), lambda f: f(1j), lambda f: f([1.0, 2j]), lambda f: f(None)] for name in ("iscomplexobj", "isrealobj")},
    "numpy.isdtype": [lambda f: f(jnp.float32, "real floating"), lambda f: f("int8", ("bool", "integral")), lambda f: f(jnp.int8, jnp.int8), lambda f: f(jnp.bfloat16, "numeric"), lambda f: f(int, "nonsense")],
    "numpy.array_equiv": [lambda f, x, y: f(x, y), lambda f, x: f(x, x), lambda f, x: f(x, np.ones(5))],
    "numpy.array_repr": [lambda f: f(jnp.float32([1, 2])), lambda f: f(jnp.float32([1, 2.123456]), precision=2)],
    "numpy.array_str": [lambda f: f(np.float32([1, 2])), lambda f: f(np.float32([1, 2.123456]), precision=2)],
    "numpy.save": [lambda f: f(io.BytesIO(), np.ones(2))],
    "numpy.savez": [lambda f: f(io.BytesIO(), np.ones(2), a=np.ones(3))],
    "numpy.load": [lambda f: f(_file(np.save, np.ones(2))), lambda f: f(_file(np.save, np.ones(2, jnp.bfloat16))), lambda f: sorted(f(_file(np.savez, np.ones(2), a=np.ones(3)))), lambda f: f(_file(np.savez, np.ones(2), a=np.ones(3)))["a"]],
    "numpy.from_dlpack": [lambda f: f(np.ones(2, np.float32))],
    **{f"numpy.{name}": [at(1)(lambda f, x, y: f(x, y)), at(1)(lambda f, x: f(x, np.arange(3))), at(1)(lambda f, x: f(np.arange(3.0), x))] for name in ("polyadd", "polymul", "polysub")},
    "numpy.polyder": [at(1)(lambda f, x: f(x)), at(1)(lambda f, x: f(x, 2)), lambda f: f(np.arange(5), 2), lambda f: f(np.arange(4.0), 0)],
    "numpy.polyint": [at(1)(lambda f, x: f(x)), at(1)(lambda f, x: f(x, 2)), lambda f: f(np.arange(3), 2, k=[1, 2]), lambda f: f(np.arange(4.0), 0), lambda f: f(np.arange(4.0), 2, k=3)],
    "numpy.poly": [at(1)(lambda f, x: f(x)), lambda f: f(np.arange(4)), lambda f: f(np.array([1 + 1j, 2]))],
    "numpy.polyfit": [lambda f: f(np.float32([0, 1, 2, 3]), np.float32([1, 0, 2, 5]), 2), lambda f: f(np.arange(5), np.float32([[1, 2], [0, 1], [2, 2], [5, 3], [1, 0]]), 1), lambda f: f(np.float32([0, 1, 2, 3]), np.float32([1, 0, 2, 5]), 1, w=np.float32([1, 2, 1, 1]))],
    "numpy.roots": [lambda f: jnp.sort(jnp.abs(f(np.float32([1, -3, 2])))), lambda f: f(np.zeros(3, np.float32)), lambda f: f(np.float32([2, 0, 0])), lambda f: jnp.sort(jnp.abs(f(np.float32([0, 2, 4, 0]))))],
    "numpy.unique_values": [lambda f, x: f(x), lambda f: f(np.array([3, 1, 3]), size=3)],
    **{f"numpy.{name}": [lambda f, x: tuple(f(x)), lambda f: tuple(f(np.array([[3, 1], [3, 2]])))] for name in ("unique_all", "unique_counts", "unique_inverse")},
    "numpy.apply_over_axes": [at(2, 3)(lambda f, x: f(jnp.sum, x, (0, 1))), at(2)(lambda f, x: f(lambda a, axis: jnp.max(a, axis, keepdims=True), x, (-1,)))],
    "numpy.block": [lambda f, x: f(x), lambda f, x: f([x, x]), lambda f, x, y: f([[x], [y]]), at(2)(lambda f, x: f([[x, x], [x, x]])), lambda f: f([1, 2])],
    "numpy.ediff1d": [lambda f, x: f(x), lambda f, x: f(x, 2), lambda f, x: f(x, to_begin=np.array([1, 2]))],
    "numpy.einsum_path": [lambda f: f("ij,jk->ik", np.ones((2, 3)), np.ones((3, 4)))[0]],
    "numpy.kaiser": [lambda f: f(5, 2.0), lambda f: f(1, 2.0), lambda f: f(0, 2.0)],
    "numpy.packbits": [lambda f, x: f(x), at(2)(lambda f, x: f(x, 1)), lambda f: f(np.arange(20) % 3), lambda f: f(np.arange(20) % 3, bitorder="little")],
    "numpy.unpackbits": [lambda f: f(np.uint8([[3, 200]])), lambda f: f(np.uint8([[3, 200]]), axis=0), lambda f: f(np.uint8([3, 200]), count=12), lambda f: f(np.uint8([3]), count=11, bitorder="little"), lambda f, x: f(x)],
    "numpy.sort_complex": [at(1, 2)(lambda f, x: f(x)), lambda f: f(np.array([2 + 1j, 1 + 2j, 1 + 1j]))],
    "numpy.spacing": [at(1)(lambda f, x: f(x)), lambda f: f(np.float32([1, -3, 1e30, np.inf, np.nan]))],
    # lax: further
    "lax.with_sharding_constraint": [lambda f, x: f(x, oracle.sharding.SingleDeviceSharding(oracle.devices()[0]))],
    "lax.dtype": [lambda f, x: f(x), lambda f: f(1), lambda f: f(np.int8(1))],
    "lax.empty": [lambda f: f((2,), jnp.float32).shape],
    "lax.shape_as_value": [lambda f: f((2, 3)), lambda f: f(())],
    "lax.approx_min_k": [lambda f, x: f(x, 1), lambda f, x: f(x, 2), at(2)(lambda f, x: f(x, 1, 0))],
    "lax.stack": [lambda f, x: f([x, x]), lambda f, x: f([x, x], 1), lambda f, x, y: f([x, y])],
    "lax.unstack": [lambda f, x: f(x), lambda f, x: f(x, 1)],
    "lax.tile": [at(1)(lambda f, x: f(x, (2,))), at(2)(lambda f, x: f(x, (2, 3))), lambda f, x: f(x, ())],
    # image and its neighbours
    "image.resize": [at(2)(lambda f, x: f(x, (3, 4), "linear")), at(2)(lambda f, x: f(x, (3, 1), "nearest")), at(1)(lambda f, x: f(x, (3,), "cubic")), at(1)(lambda f, x: f(x, (2,), "bilinear"))],
    "image.scale_and_translate": [at(2)(lambda f, x: f(x, (3, 4), (0, 1), jnp.ones(2) * 1.5, jnp.zeros(2), "linear"))],
    "scipy.ndimage.map_coordinates": [at(1)(lambda f, x: f(x, [np.float32([0.5, 1.5])], 1)), at(2)(lambda f, x: f(x, np.float32([[0.2], [1.1]]), 0, "nearest")), at(1)(lambda f, x: f(x, [x], 1, "wrap"))],
    "flatten_util.ravel_pytree": [lambda f, x, y: f((x, y))[0], lambda f, x: f([x, x])[1](f([x, x])[0]), lambda f: f(())[0], lambda f, x: f({"a": x, "b": np.arange(2)})[1](f({"a": x, "b": np.arange(2)})[0])],
    # lax
    "lax.ConvDimensionNumbers": [lambda f: f((0, 1, 2), (0, 1, 2), (0, 1, 2))],
    "lax.approx_max_k": [lambda f, x: f(x, 1), lambda f, x: f(x, 2, 0)],
    "lax.argmax": [lambda f, x: f(x, 0, jnp.int32), lambda f, x: f(x, 0, jnp.uint8), lambda f, x: f(x, 0, jnp.float32)],
    "lax.argmin": [lambda f, x: f(x, 0, jnp.int32), lambda f, x: f(x, 0, jnp.uint8)],
    "lax.associative_scan": [lambda f, x: f(jnp.add, x), lambda f, x: f(jnp.multiply, x, reverse=True), lambda f, x: f(lambda a, b: a, x)],
    "lax.batch_matmul": [lambda f, x, y: f(x, y), lambda f, x, y: f(x[None], y[None])],
    "lax.bitcast_convert_type": [lambda f, x: f(x, jnp.int32), lambda f, x: f(x, jnp.int16), lambda f, x: f(x, jnp.float16)],
    "lax.broadcast": [lambda f, x: f(x, (2,)), lambda f, x: f(x, ())],
    "lax.broadcast_in_dim": [lambda f, x: f(x, (2, 2), ()), lambda f, x: f(x, (2, 2), (1,)), lambda f, x: f(x, (3, 2, 2), (1, 2))],
    "lax.broadcast_shapes": [lambda f: f((2, 1), (3,)), lambda f: f((2, 1), (2, 3)), lambda f: f((), ())],
    "lax.broadcast_to_rank": [lambda f, x: f(x, 2), lambda f, x: f(x, 3)],
    "lax.broadcasted_iota": [lambda f: f(jnp.bfloat16, (2, 3), 1), lambda f: f(int, (2,), 0)],
    "lax.iota": [lambda f: f(jnp.bfloat16, 3), lambda f: f(int, 2), lambda f: f(bool, 2)],
    "lax.collapse": [lambda f, x: f(x, 0), lambda f, x: f(x, 0, 2), lambda f, x: f(x, 0, 1)],
    "lax.concatenate": [lambda f, x: f([x], 0), lambda f, x, y: f([x, y], 0), lambda f, x, y: f([x, y], 1)],
    "lax.convert_element_type": [lambda f, x: f(x, jnp.float16), lambda f, x: f(x, int), lambda f, x: f(x, bool), lambda f, x: f(x, float), lambda f, x: f(x, jnp.int8)],
    "lax.conv": [at((3, 3))(lambda f, x, y: f(x, y.reshape(2, 2, 1), (1,), "SAME")), at((3, 3))(lambda f, x, y: f(x, y.reshape(2, 2, 1), (1,), "VALID", preferred_element_type=jnp.float32))],
    "lax.conv_dimension_numbers": [lambda f: tuple(f((1, 2, 3), (3, 3, 3), NHC)), lambda f: tuple(f((1, 2, 3), (3, 3, 3), None))],
    "lax.conv_general_dilated": [at((3, 3))(lambda f, x, y: f(x, y, (1,), "SAME", dimension_numbers=NHC)), at((3, 3))(lambda f, x, y: f(x, y, (1,), [(1, 2)], dimension_numbers=NHC, preferred_element_type=jnp.float32))],
    "lax.conv_general_dilated_local": [at(3)(lambda f, x: f(x, jnp.ones((5, 2 * x.shape[1], x.shape[2] - 1), x.dtype), (1,), "VALID", (2,)))],
    "lax.conv_general_dilated_patches": [at(3)(lambda f, x: f(x, (2,), (1,), "VALID")), at(3)(lambda f, x: f(x, (2,), (1,), "SAME"))],
    "lax.conv_transpose": [at((3, 3))(lambda f, x, y: f(x, y, (2,), "SAME"))],
    "lax.conv_with_general_padding": [at((3, 3))(lambda f, x, y: f(x, y.reshape(2, 2, 1), (1,), [(1, 0)], None, None))],
    "lax.cumlogsumexp": [lambda f, x: f(x), lambda f, x: f(x, 1), lambda f, x: f(x, reverse=True)],
    "lax.cummax": [lambda f, x: f(x), lambda f, x: f(x, 1), lambda f, x: f(x, reverse=True)],
    "lax.cummin": [lambda f, x: f(x), lambda f, x: f(x, 1), lambda f, x: f(x, reverse=True)],
    "lax.cumprod": [lambda f, x: f(x), lambda f, x: f(x, 1), lambda f, x: f(x, reverse=True)],
    "lax.cumsum": [lambda f, x: f(x), lambda f, x: f(x, 1), lambda f, x: f(x, reverse=True)],
    "lax.cond": [lambda f, x, y: f(True, lambda a, b: a, lambda a, b: a, x, y), lambda f, x: f(x > 0, lambda a: a * 2, lambda a: a, x), lambda f, x: f(x, lambda: 1.0, lambda: 2.0), lambda f, x: f(False, lambda a: a, lambda a: a.astype(jnp.float32), x)],
    "lax.switch": [lambda f, x, y: f(0, [lambda a, b: a, lambda a, b: a * 2], x, y), lambda f, x: f(x, [lambda: 1.0, lambda: 2.0]), lambda f, x: f(1, [lambda a: a, lambda a: a + 1], x)],
    "lax.fori_loop": [lambda f, x: f(0, 2, lambda i, c: c + 1, x), lambda f, x: f(0, 2, lambda i, c: c * x, x), lambda f, x: f(0, 2, lambda i, c: c + i, x), lambda f, x: f(0, 2, lambda i, c: c * 0.5, x), lambda f, x: f(0, 2, lambda i, c: c + x, 1.0), lambda f, x: f(jnp.asarray(0), 2, lambda i, c: i, x)],
    "lax.while_loop": [lambda f, x: f(lambda c: jnp.sum(c) < 9, lambda c: c + 1, x), lambda f, x: f(lambda c: c[0] < 2, lambda c: (c[0] + 1, c[1] * x), (0, x)), lambda f, x: f(lambda c: False, lambda c: c * 0.5, x), lambda f, x: f(lambda c: c < 4, lambda c: c + jnp.sum(x), 1.0)],
    "lax.scan": [lambda f, x: f(lambda c, r: (c + r, c), 0.0, x), lambda f, x: f(lambda c, r: (c * 1, r), x, None, length=2), lambda f, x: f(lambda c, r: (c + 1, c * 2), x, np.arange(2)), lambda f, x: f(lambda c, r: (c, r * 2.5), None, x), lambda f, x, y: f(lambda c, r: (c * r, r + c), x, jnp.stack([y, y]))],
    "lax.map": [lambda f, x: f(lambda r: r * 2, x), lambda f, x: f(lambda r: 1.0, x), lambda f, x: f(jnp.sqrt, x)],
    "lax.dot_general": [lambda f, x, y: f(x, y, (((0,), (0,)), ((), ()))), lambda f, x, y: f(x, y, (((), ()), ((), ()))), lambda f, x, y: f(x, y, (((1,), (1,)), ((0,), (0,)))), lambda f, x, y: f(x, y, (((0,), (0,)), ((), ())), preferred_element_type=jnp.float32)],
    "lax.dot": [lambda f, x, y: f(x, y), lambda f, x, y: f(x, y, preferred_element_type=jnp.float32)],
    "lax.dynamic_index_in_dim": [lambda f, x: f(x, 1), lambda f, x: f(x, jnp.asarray(0), 0, keepdims=False), lambda f, x: f(x, -1, -1), lambda f, x: f(np.arange(2.0), x)],
    "lax.dynamic_slice": [lambda f, x: f(x, (1,), (1,)), lambda f, x: f(x, (jnp.asarray(0), 1), (1, 2)), lambda f, x: f(x, (), ()), lambda f, x: f(np.arange(3.0), (x,), (2,))],
    "lax.dynamic_slice_in_dim": [lambda f, x: f(x, 1, 1), lambda f, x: f(x, jnp.asarray(0), 2, -1)],
    "lax.dynamic_update_index_in_dim": [lambda f, x, y: f(x, y, 0, 0), lambda f, x, y: f(x, y, jnp.asarray(1), -1)],
    "lax.dynamic_update_slice": [lambda f, x, y: f(x, y, (1,)), lambda f, x, y: f(x, y, (jnp.asarray(0), 1)), lambda f, x, y: f(x, y, ())],
    "lax.dynamic_update_slice_in_dim": [lambda f, x, y: f(x, y, 0, 0)],
    "lax.expand_dims": [lambda f, x: f(x, (0,)), lambda f, x: f(x, (0, -1)), lambda f, x: f(x, ())],
    "lax.full": [lambda f, x: f((2,), x), lambda f, x: f((), x), lambda f, x: f((2,), x, jnp.float16)],
    "lax.full_like": [lambda f, x, y: f(x, y), lambda f, x, y: f(x, y, jnp.float16), lambda f, x, y: f(x, y, shape=(3,))],
    "lax.index_in_dim": [lambda f, x: f(x, 1), lambda f, x: f(x, -1, -1, keepdims=False), lambda f, x: f(x, 5)],
    "lax.index_take": [lambda f, x: f(x, (np.array([0, 1]),), (0,)), lambda f, x: f(x, (np.array([0]),), (1,))],
    "lax.integer_pow": [lambda f, x: f(x, 2), lambda f, x: f(x, 3), lambda f, x: f(x, 0), lambda f, x: f(x, -1)],
    "lax.optimization_barrier": [lambda f, x: f(x), lambda f, x, y: f((x, y))],
    "lax.pad": [lambda f, x, y: f(x, y, ()), lambda f, x, y: f(x, y, ((1, 1, 0),)), lambda f, x, y: f(x, y, ((0, 1, 1), (-1, 0, 0)))],
    "lax.padtype_to_pads": [lambda f: f((5, 4), (3, 2), (2, 1), "SAME"), lambda f: f((5,), (3,), (2,), "VALID")],
    "lax.reduce": [lambda f, x: f(x, 0, lax.add, (0,)), lambda f, x: f(x, jnp.zeros_like(x.reshape(-1)[0]), lax.max, (0,)), lambda f, x, y: f(x, y, lax.add, ()), lambda f, x, y: f(x, y, lambda a, b: a * b, (0,))],
    **{f"lax.reduce_{name}": [lambda f, x: f(x, (0,)), lambda f, x: f(x, ()), lambda f, x: f(x, (0, 1)), lambda f, x: f(x, (-1,))] for name in ("and", "max", "min", "or", "prod", "sum")},
    "lax.reduce_precision": [lambda f, x: f(x, 5, 10), lambda f, x: f(x, 8, 7), lambda f, x: f(x, 8, 23)],
    "lax.reduce_window": [lambda f, x: f(x, 0, lax.add, (2,), (1,), "VALID"), lambda f, x, y: f(x, y, lax.add, (2,), (1,), "SAME"), lambda f, x: f(x, -np.inf, lax.max, (2, 1), (1, 1), "SAME"), lambda f, x: f(x, 0.0, lambda a, b: a + b, (2, 2), (1, 1), "VALID")],
    "lax.reshape": [lambda f, x: f(x, (-1,)), lambda f, x: f(x, ()), lambda f, x: f(x, (2, 2)), lambda f, x: f(x, (2,)), lambda f, x: f(x, (4,), (1, 0)), lambda f, x: f(x, (1,))],
    "lax.rev": [lambda f, x: f(x, (0,)), lambda f, x: f(x, ()), lambda f, x: f(x, (0, 1))],
    "lax.round": [lambda f, x: f(x), lambda f, x: f(x, lax.RoundingMethod.TO_NEAREST_EVEN)],
    "lax.select": [lambda f, x, y: f(True, x, y), lambda f, x, y: f(np.array([True, False]), x, y), lambda f, x, y, z: f(x, y, z), lambda f, x: f(x > 0, x, x * 2)],
    "lax.select_n": [lambda f, x, y: f(True, x, y), lambda f, x, y: f(np.array([True, False]), x, y), lambda f, x: f(one, x, x, x), lambda f, x, y: f(x, y, y), lambda f, x: f(x > 0, x, x * 2)],
    "lax.slice": [lambda f, x: f(x, (0,), (1,)), lambda f, x: f(x, (), ()), lambda f, x: f(x, (0, 1), (2, 2), (2, 1))],
    "lax.slice_in_dim": [lambda f, x: f(x, 0, 1), lambda f, x: f(x, 0, None, axis=-1), lambda f, x: f(x, 0, 2, 2)],
    "lax.sort": [lambda f, x: f(x), lambda f, x: f(x, dimension=0), lambda f, x, y: f((x, y)), lambda f, x, y: f((x, y), num_keys=2)],
    "lax.sort_key_val": [lambda f, x, y: f(x, y), lambda f, x, y: f(x, y, 0)],
    "lax.split": [lambda f, x: f(x, (1, 1)), lambda f, x: f(x, (2,)), lambda f, x: f(x, (1, 1), 1)],
    "lax.squeeze": [lambda f, x: f(x, ()), lambda f, x: f(x, (0,)), at(3)(lambda f, x: f(x, (0,)))],
    "lax.stop_gradient": [lambda f, x: f(x), lambda f, x, y: f((x, y))],
    "lax.top_k": [lambda f, x: f(x, 1), lambda f, x: f(x, 2), lambda f, x: f(x, 1, axis=0)],
    "lax.transpose": [lambda f, x: f(x, ()), lambda f, x: f(x, (0,)), lambda f, x: f(x, (1, 0))],
    "lax.clamp": [lambda f, x, y, z: f(x, y, z), lambda f, x: f(0.25, x, 0.5), lambda f, x: f(1, x, 2)],
    "lax.complex": [lambda f, x, y: f(x, y)],
    "lax.cbrt": [lambda f, x: f(x)],
    # nn
    "nn.one_hot": [lambda f, x: f(x, 3), lambda f, x: f(x, 3, dtype=jnp.bfloat16), lambda f, x: f(x, 3, axis=0), lambda f, x: f(x, 2, dtype=bool)],
    "nn.normalize": [lambda f, x: f(x), lambda f, x: f(x, 0)],
    "nn.gelu": [lambda f, x: f(x), lambda f, x: f(x, approximate=False)],
    "nn.dot_product_attention": [at((3, 3))(lambda f, x, y: f(x, x, y)), at((3, 3))(lambda f, x, y: f(x, y, y, bias=y[:, :1] * 0)), at(3)(lambda f, x: f(x, x, x, is_causal=True)), at(3)(lambda f, x: f(x, x, x, mask=x[:, :1] > 0.2, scale=0.5))],
    # ops
    **{f"ops.segment_{name}": [lambda f, x: f(x, np.array([0, 1]), 2), lambda f, x: f(x, np.array([1, 1]), 3), lambda f, x: f(x, 0, 1), lambda f, x: f(np.arange(2.0), x, 4)] for name in ("max", "min", "prod", "sum")},
    # scipy
    "scipy.linalg.circulant": [at(1)(lambda f, x: f(x))],
    "scipy.linalg.companion": [at(1)(lambda f, x: f(x)), lambda f: f(np.float32([1, 2, 3]))],
    "scipy.linalg.hadamard": [lambda f: f(4), lambda f: f(1), lambda f: f(3), lambda f: f(2, jnp.float32)],
    "scipy.linalg.hankel": [at(1)(lambda f, x: f(x)), at(1)(lambda f, x, y: f(x, y))],
    "scipy.linalg.hilbert": [lambda f: f(3)],
    "scipy.linalg.lu": [at(2)(lambda f, x: f(x)), at(2)(lambda f, x: f(x, permute_l=True))],
    "scipy.linalg.lu_factor": [at(2)(lambda f, x: f(x))],
    "scipy.linalg.lu_solve": [lambda f: f((np.float32([[2, 1], [0.5, 3]]), np.int32([1, 1])), np.float32([1, 2])), lambda f: f((np.float32([[2, 1], [0.5, 3]]), np.int32([1, 1])), np.float32([1, 2]), trans=1)],
    "scipy.linalg.polar": [at(2)(lambda f, x: f(x))],
    "scipy.linalg.qr": [at(2)(lambda f, x: [jnp.abs(part) for part in f(x)])],
    "scipy.linalg.block_diag": [lambda f, x: f(x), lambda f, x, y: f(x, y)],
    "scipy.linalg.cho_factor": [lambda f, x: f(x, lower=True)[1], lambda f, x: jnp.tril(f(x, lower=True)[0])],
    "scipy.linalg.cho_solve": [lambda f, x, y: f((x, True), y), lambda f, x: f((x, False), np.ones((2, 2), np.float32))],
    "scipy.linalg.eigh": [lambda f, x: f(x, eigvals_only=True), lambda f, x: f(x)[0]],
    "scipy.linalg.svd": [lambda f, x: f(x, compute_uv=False), lambda f, x: f(x)[1]],
    "scipy.linalg.solve_triangular": [lambda f, x, y: f(x, y), lambda f, x, y: f(x, y, lower=True), lambda f, x, y: f(x, y, trans=1)],
    "scipy.linalg.toeplitz": [lambda f, x: f(x), lambda f, x, y: f(x, y)],
    "scipy.signal.convolve": [lambda f, x, y: f(x, y), lambda f, x, y: f(x, y, "same"), lambda f, x, y: f(x, y, "valid")],
    "scipy.signal.convolve2d": [lambda f, x, y: f(x, y), lambda f, x, y: f(x, y, "same")],
    "scipy.signal.correlate": [lambda f, x, y: f(x, y), lambda f, x, y: f(x, y, "same")],
    "scipy.signal.correlate2d": [lambda f, x, y: f(x, y), lambda f, x, y: f(x, y, "same")],
    "scipy.special.polygamma": [lambda f, x: f(1, x), lambda f, x, y: f(x, y), lambda f, x: f(0, x)],
    "scipy.special.multigammaln": [lambda f, x: f(x + 3, 2), lambda f, x: f(x, 1)],
    "scipy.special.zeta": [lambda f, x, y: f(x + 1, y), lambda f, x, y: f(x, y)],
    **{f"scipy.stats.norm.{name}": [lambda f, x: f(x), lambda f, x, y: f(x, y), lambda f, x, y: f(x, scale=y), lambda f, x: f(x, 1, 2)] for name in ("cdf", "isf", "logcdf", "logpdf", "logsf", "pdf", "ppf", "sf")},
    # methods, attributes and operators of arrays
    **{f"Array.{name}": [lambda f, x, n=name: getattr(x, n)] for name in ("T", "dtype", "imag", "itemsize", "mT", "nbytes", "ndim", "real", "shape", "size")},
    **{f"Array.{name}": [lambda f, x, n=name: getattr(x, n)(), lambda f, x, n=name: getattr(x, n)(0), lambda f, x, n=name: getattr(x, n)(axis=-1)] for name in ("all", "any", "argmax", "argmin", "argsort", "cumprod", "cumsum", "max", "mean", "min", "prod", "ptp", "sort", "squeeze", "std", "sum", "var")},
    **{f"Array.{name}": [lambda f, x, n=name: getattr(x, n)()] for name in ("conj", "conjugate", "copy", "diagonal", "flatten", "item", "nonzero", "ravel", "round", "trace")},
    "Array.argpartition": [lambda f, x: x.argpartition(0)],
    "Array.astype": [lambda f, x: x.astype(jnp.float16), lambda f, x: x.astype(int), lambda f, x: x.astype(bool)],
    "Array.at": [lambda f, x, y: x.at[0].set(y), lambda f, x, y: x.at[...].add(y), lambda f, x: x.at[0].multiply(2), lambda f, x: x.at[1].divide(2), lambda f, x: x.at[-1].power(2), lambda f, x, y: x.at[0].min(y), lambda f, x, y: x.at[0].max(y), lambda f, x: x.at[1].subtract(1), lambda f, x: x.at[0].apply(lambda v: v * 2), lambda f, x: x.at[5].get(), lambda f, x: x.at[5].get(mode="fill", fill_value=3), lambda f, x: x.at[np.array([0, 1])].set(2)],
    "Array.choose": [lambda f, x: x.choose([2.0, 3], mode="clip")],
    "Array.clip": [lambda f, x: x.clip(1, 2), lambda f, x, y: x.clip(y), lambda f, x, y: x.clip(max=y)],
    "Array.compress": [lambda f, x: x.compress(np.array([False, True]), axis=0)],
    "Array.dot": [lambda f, x, y: x.dot(y)],
    "Array.repeat": [lambda f, x: x.repeat(2), lambda f, x: x.repeat(2, axis=0)],
    "Array.reshape": [lambda f, x: x.reshape(-1), lambda f, x: x.reshape(1, -1), lambda f, x: x.reshape((2, 2)), lambda f, x: x.reshape(())],
    "Array.searchsorted": [lambda f, x, y: x.searchsorted(y)],
    "Array.swapaxes": [lambda f, x: x.swapaxes(0, -1)],
    "Array.take": [lambda f, x: x.take(1), lambda f, x: x.take(np.array([0, 1]), axis=0)],
    "Array.transpose": [lambda f, x: x.transpose(), lambda f, x: x.transpose(1, 0), lambda f, x: x.transpose((0,))],
    "Array.view": [lambda f, x: x.view(jnp.int32), lambda f, x: x.view(jnp.int16)],
    "Array.__getitem__": [lambda f, x: x[0], lambda f, x: x[...], lambda f, x: x[None], lambda f, x: x[np.array([0, 1])], lambda f, x: x[x > 0.3], lambda f, x: x[:1], lambda f, x: x[-1, 0], lambda f, x: x[7]],
    "Array.__contains__": [lambda f, x: 0.5 in x, lambda f, x: 7 in x],
    "Array.__round__": [lambda f, x: round(x), lambda f, x: round(x, 1)],
    "Array.__divmod__": [lambda f, x, y: divmod(x, y), lambda f, x: divmod(x, 2)],
    "Array.__rdivmod__": [lambda f, x: divmod(2, x), lambda f, x: divmod(2.5, x)],
    **{f"Array.__{name}__": [lambda f, x, y, n=name: OPERATORS[n](x, y), lambda f, x, n=name: OPERATORS[n](x, 2), lambda f, x, n=name: OPERATORS[n](x, 2.5), lambda f, x, n=name: OPERATORS[n](x, True)] for name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or", "xor", "lshift", "rshift", "eq", "ne", "lt", "le", "gt", "ge")},
    **{f"Array.__r{name}__": [lambda f, x, n=name: OPERATORS[n](2, x), lambda f, x, n=name: OPERATORS[n](2.5, x), lambda f, x, n=name: OPERATORS[n](True, x)] for name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or", "xor", "lshift", "rshift")},
    **{f"Array.__{name}__": [lambda f, x, n=name: OPERATORS[n](x)] for name in ("abs", "invert", "neg", "pos")},
    # random and initializers
    "random.PRNGKey": [lambda f: f(3), lambda f: f(np.uint32(7))],
    "random.key": [lambda f: jax.random.key_data(f(3))],
    "random.key_data": [lambda f: f(key())],
    "random.wrap_key_data": [lambda f: jax.random.key_data(f(np.array([1, 2], np.uint32)))],
    "random.key_dtype": [lambda f: str(f())],
    "random.key_impl": [lambda f: f(key()), lambda f: f(jax.random.key(3))],
    "random.clone": [lambda f: f(key())],
    "random.fold_in": [lambda f: f(key(), 2)],
    "random.split": [lambda f: f(key()), lambda f: f(key(), 3), lambda f: f(key(), (2, 2))],
    "random.bits": [lambda f: f(key()), lambda f: f(key(), (2,), jnp.uint8)],
    **{f"random.{name}": [lambda f: f(key()), lambda f: f(key(), (2,)), lambda f: f(key(), (2,), jnp.bfloat16), lambda f: f(key(), (2,), jnp.float16), lambda f, n=name: f(key(), (2,)) * jnp.ones(2, jnp.bfloat16)] for name in ("cauchy", "exponential", "gumbel", "laplace", "logistic", "normal", "uniform")},
    "random.rademacher": [lambda f: f(key(), (3,)), lambda f: f(key(), (3,), jnp.bfloat16)],
    "random.bernoulli": [lambda f: f(key()), lambda f, x: f(key(), x), lambda f, x: f(key(), x, (2,))],
    "random.beta": [lambda f, x, y: f(key(), x, y), lambda f: f(key(), 1.0, 2.0, (2,))],
    "random.gamma": [lambda f, x: f(key(), x), lambda f: f(key(), 2.0, (2,))],
    "random.loggamma": [lambda f, x: f(key(), x)],
    "random.dirichlet": [at(1)(lambda f, x: f(key(), x))],
    "random.categorical": [at(1, 2)(lambda f, x: f(key(), x)), at(2)(lambda f, x: f(key(), x, 0))],
    "random.choice": [lambda f, x: f(key(), x), lambda f: f(key(), 5, (3,)), at(1, 2)(lambda f, x: f(key(), x, (2,), replace=False)), at(1)(lambda f, x: f(key(), 2, (2,), p=x))],
    "random.permutation": [lambda f: f(key(), 4), at(1, 2)(lambda f, x: f(key(), x)), at(2)(lambda f, x: f(key(), x, independent=True))],
    "random.multivariate_normal": [lambda f, x: f(key(), np.zeros(2, np.float32), x), at(1)(lambda f, x: f(key(), x, np.eye(2, dtype=np.float32)))],
    "random.randint": [lambda f: f(key(), (3,), 0, 9), lambda f: f(key(), (3,), 0, 9, jnp.int8), lambda f, x: f(key(), (2,), 0, x)],
    **{f"random.{name}": [lambda f: f(key(), 2.0, shape=(2,)), lambda f: f(key(), 1.5, shape=(2,), dtype=jnp.bfloat16)] for name in ("chisquare", "generalized_normal", "lognormal", "pareto", "rayleigh", "t", "wald")},
    "random.maxwell": [lambda f: f(key()), lambda f: f(key(), (2,), jnp.float16)],
    "random.f": [lambda f: f(key(), 2.0, 3.0, (2,))],
    "random.double_sided_maxwell": [lambda f: f(key(), 0.5, 2.0, (2,))],
    "random.weibull_min": [lambda f: f(key(), 1.5, 2.0, (2,))],
    "random.geometric": [lambda f: f(key(), 0.5, (2,)), lambda f: f(key(), 0.5, (2,), jnp.int16)],
    "random.triangular": [lambda f: f(key(), 0.0, 0.5, 1.0, (2,))],
    "random.poisson": [lambda f: f(key(), 3.0, (2,)), lambda f: f(key(), 3.0, (2,), jnp.int16)],
    "random.binomial": [lambda f: f(key(), 5, 0.5, (2,))],
    "random.multinomial": [lambda f: f(key(), 5, np.array([0.2, 0.8], np.float32))],
    "random.ball": [lambda f: f(key(), 2), lambda f: f(key(), 2, 1.0, (3,))],
    "random.orthogonal": [lambda f: f(key(), 2), lambda f: f(key(), 2, (2,), jnp.float32, 3)],
    "random.truncated_normal": [lambda f: f(key(), -1.0, 1.0, (2,)), lambda f: f(key(), -1.0, 1.0, (2,), jnp.bfloat16), lambda f, x: f(key(), x, 2.0)],
    **{f"nn.initializers.{name}": [lambda f, d=d: f(key(), (3, 2), d) for d in (jnp.float32, jnp.bfloat16, jnp.float16)] for name in ("ones", "zeros")},
    "nn.initializers.constant": [lambda f, x, d=d: f(x)(key(), (2, 2), d) for d in (jnp.float32, jnp.bfloat16, jnp.int32)],
    "nn.initializers.variance_scaling": [lambda f, d=d: f(2.0, "fan_in", "uniform")(key(), (3, 2), d) for d in (jnp.float32, jnp.bfloat16)],
    "nn.initializers.orthogonal": [lambda f: jnp.abs(f()(key(), (3, 2)))],
    "nn.initializers.delta_orthogonal": [lambda f: f()(key(), (3, 2, 2)).shape],
    **{f"nn.initializers.{name}": [lambda f, d=d: f()(key(), (3, 2), d) for d in (jnp.float32, jnp.bfloat16)] for name in ("glorot_normal", "glorot_uniform", "he_normal", "he_uniform", "kaiming_normal", "kaiming_uniform", "lecun_normal", "lecun_uniform", "normal", "truncated_normal", "uniform", "xavier_normal", "xavier_uniform")},
}  # fmt: skip


def names(module: str) -> tuple[str, ...]:
    """Return the names of `jax.<module>` that torch offers."""
    if module == "Array":
        return tuple(name for name in dir(oracle.Array) if not name.startswith("_") or f"Array.{name}" in TABLE)
    return OFFERED.get(module, ())


def function_of(root: Any, name: str) -> Any:
    """Return the attribute of `root` at a path such as `numpy.linalg.norm`."""
    for part in name.split("."):
        if root is jax and part == "Array":
            return None
        root = getattr(root, part)
    return root


def _is_array(parameter: inspect.Parameter) -> bool:
    text = str(parameter.annotation)
    return "Array" in text and "Sequence" not in text and "Callable" not in text


def _required(function: Any) -> int | None:
    """Return the number of arrays that a function takes at least; `None` if its signature does not tell."""
    if isinstance(function, oracle.numpy.ufunc):
        return function.nin
    parameters = list(inspect.signature(function).parameters.values())
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return None
    first = [p for p in parameters if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return len(first) if first and all(_is_array(p) for p in first) else None


OPTIONS: dict[str, list[dict[str, Any]]] = {
    "axis": [{"axis": 0}, {"axis": -1}],
    "keepdims": [{"keepdims": True}],
    "dtype": [{"dtype": "float16"}, {"dtype": "int32"}, {"dtype": "bool"}],
    "ddof": [{"ddof": 1}],
}
LEFT_OUT = ("out", "where", "_dot_general", "precision")


def _generic(function: Any) -> Iterator[Call]:
    count = _required(function)
    if count is None:
        return
    yield Call(lambda f, *arrays: f(*arrays), count, "plain")
    if isinstance(function, oracle.numpy.ufunc):
        return
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.default is parameter.empty or name in LEFT_OUT:
            continue
        for options in OPTIONS.get(name, []):
            yield Call(lambda f, *arrays, o=options: f(*arrays, **o), count, str(options))
        if _is_array(parameter) and name not in OPTIONS:
            yield Call(lambda f, *arrays, n=name: f(*arrays[:-1], **{n: arrays[-1]}), count + 1, f"{name}=")
    if "where" in inspect.signature(function).parameters:
        mask = np.array([True, False])
        yield Call(lambda f, *arrays: f(*arrays, where=mask), count, "where=")


def calls(name: str) -> list[Call]:
    """Return the ways to call a name."""
    entries = []
    for number, entry in enumerate(TABLE.get(name, [])):
        run, ranks = entry if isinstance(entry, tuple) else (entry, None)
        parameters = inspect.signature(run).parameters.values()
        count = sum(1 for p in parameters if p.default is p.empty) - 1
        entries.append(Call(run, count, f"#{number}", ranks))
    return entries or list(_generic(function_of(oracle, name)))
