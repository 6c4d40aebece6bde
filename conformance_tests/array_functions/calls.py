"""Calls of the functions of the standard whose oracle is NumPy's function of the same name.

A call is a function of a namespace (`unified.numpy` or NumPy itself), on arrays `f` (float32, 3 x 4), `g` (likewise,
positive), `i` and `j` (int32, 3 x 4; `j` without zeros), `b` (bool, 3 x 4), `v` (float32, sorted vector), `z` (float32,
0 x 4), `s` (float32, no axes) and `m` (float32, 2 x 3 x 3, positive definite).
"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

__all__ = ["ARRAYS", "CALLS", "SMOOTH"]

RNG = np.random.RandomState(0)
F = RNG.randn(3, 4).astype("float32")
M = RNG.randn(2, 3, 3).astype("float32")
ARRAYS = SimpleNamespace(
    f=F,
    g=RNG.uniform(0.1, 0.9, (3, 4)).astype("float32"),
    i=RNG.randint(-5, 5, (3, 4)).astype("int32"),
    j=RNG.randint(1, 5, (3, 4)).astype("int32"),
    b=F > 0,
    v=np.sort(RNG.randn(5)).astype("float32"),
    z=np.zeros((0, 4), "float32"),
    s=np.float32(0.5).reshape(()),
    m=(M @ M.transpose(0, 2, 1) + 3 * np.eye(3)).astype("float32"),
)

UNARY = "acos asin atan atanh ceil cos cosh exp expm1 floor isfinite isinf isnan log log10 log1p log2 negative positive"
UNARY += " reciprocal round sign signbit sin sinh sqrt square tan tanh trunc abs asinh real conj"
INTEGER = "abs negative positive square sign ceil floor round trunc isfinite isinf isnan bitwise_invert"
BINARY = "add subtract multiply divide atan2 copysign hypot logaddexp maximum minimum nextafter pow remainder"
BINARY += " floor_divide equal not_equal less less_equal greater greater_equal"
INTEGER_BINARY = "add subtract multiply maximum minimum remainder floor_divide equal less greater_equal bitwise_and"
INTEGER_BINARY += " bitwise_or bitwise_xor"
LOGICAL = "logical_and logical_or logical_xor"
REDUCTIONS = "sum prod max min mean std var all any argmax argmin count_nonzero"

Call = Callable[[Any, Any], Any]
CALLS: dict[str, list[Call]] = {}


def _add(name: str, *calls: Call) -> None:
    CALLS.setdefault(name, []).extend(calls)


def _unary(name: str, key: str) -> Call:
    return lambda xp, a: getattr(xp, name)(getattr(a, key))


def _binary(name: str, left: str, right: Any) -> Call:
    return lambda xp, a: getattr(xp, name)(getattr(a, left), getattr(a, right) if isinstance(right, str) else right)


def _turned(name: str, left: Any, right: str) -> Call:
    return lambda xp, a: getattr(xp, name)(left, getattr(a, right))


def _reduced(name: str, key: str, **options: Any) -> Call:
    return lambda xp, a: getattr(xp, name)(getattr(a, key), **options)


for _name in UNARY.split():
    _add(_name, *(_unary(_name, key) for key in ("g", "z", "s")))
_add("acosh", lambda xp, a: xp.acosh(1 + a.g))
for _name in INTEGER.split():
    _add(_name, _unary(_name, "i"))
_add("logical_not", _unary("logical_not", "b"))
_add("bitwise_invert", _unary("bitwise_invert", "b"))
_add("imag", lambda xp, a: xp.imag(xp.fft.fft(a.f)))
for _name in BINARY.split():
    _add(_name, _binary(_name, "g", "f"), _binary(_name, "g", 2.0), _turned(_name, 2.0, "g"), _binary(_name, "z", "z"))
    _add(_name, _binary(_name, "g", "s"), _binary(_name, "g", np.float64(2.0)))
for _name in INTEGER_BINARY.split():
    _add(_name, _binary(_name, "i", "j"), _binary(_name, "i", 3))
for _name in ("bitwise_left_shift", "bitwise_right_shift"):
    _add(_name, _binary(_name, "j", "j"), _binary(_name, "j", 1))
for _name in LOGICAL.split():
    _add(_name, _binary(_name, "b", "b"), _binary(_name, "b", True))
for _name in REDUCTIONS.split():
    _add(_name, _reduced(_name, "f"), _reduced(_name, "f", axis=1), _reduced(_name, "f", axis=-1, keepdims=True))
    _add(_name, _reduced(_name, "i", axis=0), _reduced(_name, "s"))
    if not _name.startswith("arg"):
        _add(_name, _reduced(_name, "f", axis=(0, 1)), _reduced(_name, "m", axis=(0, -1), keepdims=True))
for _name in ("sum", "prod", "all", "any", "count_nonzero"):
    _add(_name, _reduced(_name, "z"), _reduced(_name, "z", axis=0), _reduced(_name, "b"))
_add("max", _reduced("max", "z", axis=1), _reduced("max", "b"))
_add("min", _reduced("min", "z", axis=1), _reduced("min", "b"))
for _name in ("std", "var"):
    _add(_name, _reduced(_name, "f", axis=1, correction=1), _reduced(_name, "f", correction=0.5))
for _name in ("cumulative_sum", "cumulative_prod"):
    _add(_name, _reduced(_name, "v"), _reduced(_name, "f", axis=1), _reduced(_name, "i", axis=0, include_initial=True))
    _add(_name, _reduced(_name, "z", axis=0, include_initial=True))
_add("diff", lambda xp, a: xp.diff(a.f), lambda xp, a: xp.diff(a.f, axis=0, n=2, prepend=a.f[:1]))
_add("clip", lambda xp, a: xp.clip(a.f, -0.5, 0.5), lambda xp, a: xp.clip(a.f, None, 0.1))
_add("clip", lambda xp, a: xp.clip(a.f, a.s, None), lambda xp, a: xp.clip(a.i, -1, 2), lambda xp, a: xp.clip(a.z, 0, 1))
_add("where", lambda xp, a: xp.where(a.b, a.f, a.g), lambda xp, a: xp.where(a.b, a.f, 0.0))
_add("where", lambda xp, a: xp.where(a.b, 0.0, a.f), lambda xp, a: xp.where(a.b[:, :1], a.i, a.f))

_add("broadcast_to", lambda xp, a: xp.broadcast_to(a.f[:1], (3, 4)))
_add("broadcast_arrays", lambda xp, a: list(xp.broadcast_arrays(a.f, a.g[:1])))
_add("concat", lambda xp, a: xp.concat([a.f, a.g], axis=1), lambda xp, a: xp.concat((a.f, a.i), axis=None))
_add("concat", lambda xp, a: xp.concat([a.z, a.f]))
_add("expand_dims", lambda xp, a: xp.expand_dims(a.f, axis=1), lambda xp, a: xp.expand_dims(a.f, axis=(0, -1)))
_add("flip", lambda xp, a: xp.flip(a.f), lambda xp, a: xp.flip(a.f, axis=0), lambda xp, a: xp.flip(a.f, axis=(0, 1)))
_add("moveaxis", lambda xp, a: xp.moveaxis(a.m, 0, -1), lambda xp, a: xp.moveaxis(a.m, (0, 1), (1, 2)))
_add("permute_dims", lambda xp, a: xp.permute_dims(a.m, (2, 0, 1)))
_add("repeat", lambda xp, a: xp.repeat(a.f, 2), lambda xp, a: xp.repeat(a.f, 2, axis=1))
_add("repeat", lambda xp, a: xp.repeat(a.f, xp.asarray([1, 0, 2]), axis=0))
_add("reshape", lambda xp, a: xp.reshape(a.f, (2, -1)), lambda xp, a: xp.reshape(a.z, (4, 0)))
_add("roll", lambda xp, a: xp.roll(a.f, 1), lambda xp, a: xp.roll(a.f, -1, axis=1))
_add("roll", lambda xp, a: xp.roll(a.f, (1, 2), axis=(0, 1)))
_add("squeeze", lambda xp, a: xp.squeeze(a.f[:1], axis=0), lambda xp, a: xp.squeeze(a.m[:1, :1], axis=(0, 1)))
_add("stack", lambda xp, a: xp.stack([a.f, a.g], axis=1), lambda xp, a: xp.stack([a.f, a.i]))
_add("tile", lambda xp, a: xp.tile(a.f, (2, 1)), lambda xp, a: xp.tile(a.f, (2, 1, 2)))
_add("unstack", lambda xp, a: list(xp.unstack(a.f)), lambda xp, a: list(xp.unstack(a.f, axis=1)))
_add("tril", lambda xp, a: xp.tril(a.f), lambda xp, a: xp.tril(a.m, k=-1))
_add("triu", lambda xp, a: xp.triu(a.f), lambda xp, a: xp.triu(a.m, k=1))
_add("meshgrid", lambda xp, a: list(xp.meshgrid(a.v, a.f[0])), lambda xp, a: list(xp.meshgrid(a.v, a.v, indexing="ij")))

_add("argsort", lambda xp, a: xp.argsort(a.f), lambda xp, a: xp.argsort(a.i, axis=0, stable=True))
_add("sort", lambda xp, a: xp.sort(a.f), lambda xp, a: xp.sort(a.i, axis=0))
_add("nonzero", lambda xp, a: list(xp.nonzero(a.b)), lambda xp, a: list(xp.nonzero(a.z)))
_add("searchsorted", lambda xp, a: xp.searchsorted(a.v, a.f), lambda xp, a: xp.searchsorted(a.v, a.v, side="right"))
_add("take", lambda xp, a: xp.take(a.f, xp.asarray([2, 0, -1]), axis=0), lambda xp, a: xp.take(a.v, xp.asarray([[1]])))
_add("take_along_axis", lambda xp, a: xp.take_along_axis(a.f, xp.argsort(a.f, axis=1), axis=1))
_add("take_along_axis", lambda xp, a: xp.take_along_axis(a.f, xp.asarray([[-1], [0], [1]]), axis=1))
for _name in ("unique_all", "unique_counts", "unique_inverse"):
    _add(
        _name,
        lambda xp, a, name=_name: list(getattr(xp, name)(a.i)),
        lambda xp, a, name=_name: list(getattr(xp, name)(a.z)),
    )
_add("unique_values", lambda xp, a: xp.sort(xp.unique_values(a.i)))

_add(
    "matmul",
    lambda xp, a: xp.matmul(a.f, a.g.T),
    lambda xp, a: xp.matmul(a.m, a.m[0]),
    lambda xp, a: xp.matmul(a.i, a.j.T),
)
_add("matrix_transpose", lambda xp, a: xp.matrix_transpose(a.m))
_add(
    "tensordot",
    lambda xp, a: xp.tensordot(a.m, a.m[0], axes=1),
    lambda xp, a: xp.tensordot(a.f, a.g, axes=((1,), (1,))),
)
_add("vecdot", lambda xp, a: xp.vecdot(a.f, a.g), lambda xp, a: xp.vecdot(a.f, a.g, axis=0))

for _name in (
    "det",
    "inv",
    "cholesky",
    "eigvalsh",
    "svdvals",
    "pinv",
    "matrix_rank",
    "matrix_norm",
    "trace",
    "diagonal",
):
    _add(f"linalg.{_name}", lambda xp, a, name=_name: getattr(xp.linalg, name)(a.m))
_add("linalg.cholesky", lambda xp, a: xp.linalg.cholesky(a.m, upper=True))
_add("linalg.cross", lambda xp, a: xp.linalg.cross(a.m[0], a.m[1]))
_add("linalg.diagonal", lambda xp, a: xp.linalg.diagonal(a.m, offset=1))
_add("linalg.eigh", lambda xp, a: xp.linalg.eigh(a.m).eigenvalues)
_add("linalg.matmul", lambda xp, a: xp.linalg.matmul(a.m, a.m))
_add("linalg.matrix_norm", lambda xp, a: xp.linalg.matrix_norm(a.m, ord="nuc", keepdims=True))
_add("linalg.matrix_power", lambda xp, a: xp.linalg.matrix_power(a.m, 3), lambda xp, a: xp.linalg.matrix_power(a.m, -1))
_add("linalg.matrix_transpose", lambda xp, a: xp.linalg.matrix_transpose(a.m))
_add("linalg.outer", lambda xp, a: xp.linalg.outer(a.v, a.v))
_add("linalg.qr", lambda xp, a: xp.abs(xp.linalg.qr(a.f).R))
_add("linalg.slogdet", lambda xp, a: list(xp.linalg.slogdet(a.m)))
_add("linalg.solve", lambda xp, a: xp.linalg.solve(a.m, a.f[:, :2]), lambda xp, a: xp.linalg.solve(a.m, a.v[:3]))
_add("linalg.svd", lambda xp, a: xp.linalg.svd(a.f, full_matrices=False).S)
_add("linalg.tensordot", lambda xp, a: xp.linalg.tensordot(a.f, a.g, axes=((0,), (0,))))
_add("linalg.trace", lambda xp, a: xp.linalg.trace(a.m, offset=1))
_add("linalg.vecdot", lambda xp, a: xp.linalg.vecdot(a.f, a.g))
_add("linalg.vector_norm", lambda xp, a: xp.linalg.vector_norm(a.f, axis=1), lambda xp, a: xp.linalg.vector_norm(a.f))
_add("linalg.vector_norm", lambda xp, a: xp.linalg.vector_norm(a.m, axis=(0, 2), ord=1, keepdims=True))

for _name in ("fft", "ifft", "rfft", "ihfft", "fftn", "ifftn", "rfftn"):
    _add(f"fft.{_name}", lambda xp, a, name=_name: getattr(xp.fft, name)(a.f, norm="ortho"))
for _name in ("irfft", "hfft", "irfftn"):
    _add(f"fft.{_name}", lambda xp, a, name=_name: getattr(xp.fft, name)(xp.fft.rfft(a.f)))
_add("fft.fft", lambda xp, a: xp.fft.fft(a.f, n=6, axis=0))
_add("fft.fftn", lambda xp, a: xp.fft.fftn(a.f, s=(2, 5), axes=(0, 1)))
_add("fft.fftshift", lambda xp, a: xp.fft.fftshift(a.f), lambda xp, a: xp.fft.fftshift(a.f, axes=1))
_add("fft.ifftshift", lambda xp, a: xp.fft.ifftshift(a.f), lambda xp, a: xp.fft.ifftshift(a.f, axes=(0, 1)))
_add("fft.fftfreq", lambda xp, a: xp.fft.fftfreq(5, d=0.5))
_add("fft.rfftfreq", lambda xp, a: xp.fft.rfftfreq(5))

_add("arange", lambda xp, a: xp.arange(5), lambda xp, a: xp.arange(1, 6, 2), lambda xp, a: xp.arange(3, 0, -1))
_add("arange", lambda xp, a: xp.arange(2, 1), lambda xp, a: xp.arange(0.0, 1.0, 0.25))
_add(
    "asarray",
    lambda xp, a: xp.asarray([[1, 2], [3, 4]]),
    lambda xp, a: xp.asarray([1, 2.5]),
    lambda xp, a: xp.asarray(True),
)
_add("asarray", lambda xp, a: xp.asarray(a.f), lambda xp, a: xp.asarray([]), lambda xp, a: xp.asarray([1j]))
_add("empty", lambda xp, a: xp.empty((2, 3)) * 0 if xp is np else xp.zeros_like(xp.empty((2, 3))))
_add("empty_like", lambda xp, a: xp.zeros_like(xp.empty_like(a.f)))
_add(
    "eye",
    lambda xp, a: xp.eye(3),
    lambda xp, a: xp.eye(2, 4, k=1),
    lambda xp, a: xp.eye(3, k=-5),
    lambda xp, a: xp.eye(0),
)
_add("full", lambda xp, a: xp.full((2, 2), 1.5), lambda xp, a: xp.full((2,), 3), lambda xp, a: xp.full((0,), True))
_add("full_like", lambda xp, a: xp.full_like(a.f, 2), lambda xp, a: xp.full_like(a.i, 2))
_add("linspace", lambda xp, a: xp.linspace(0, 1, 5), lambda xp, a: xp.linspace(1.0, -1.0, 4, endpoint=False))
_add("ones", lambda xp, a: xp.ones((2, 0)), lambda xp, a: xp.ones(3))
_add("ones_like", lambda xp, a: xp.ones_like(a.b))
_add("zeros", lambda xp, a: xp.zeros((2, 3)), lambda xp, a: xp.zeros((), dtype=xp.int32))
_add("zeros_like", lambda xp, a: xp.zeros_like(a.f, dtype=xp.int32))
_add("astype", lambda xp, a: xp.astype(a.f, xp.int32), lambda xp, a: xp.astype(a.b, xp.float32))

# Functions with gradients: a number of `x`, an array like `g`, in any namespace.
SMOOTH: dict[str, Callable[[Any, Any], Any]] = {
    **{name: (lambda xp, x, name=name: getattr(xp, name)(x)) for name in UNARY.split() if name not in (
        "ceil", "floor", "isfinite", "isinf", "isnan", "round", "sign", "signbit", "trunc"
    )},
    **{name: (lambda xp, x, name=name: getattr(xp, name)(x, 0.3 + x * x)) for name in (
        "add", "subtract", "multiply", "divide", "atan2", "hypot", "logaddexp", "maximum", "minimum", "pow"
    )},
    **{name: (lambda xp, x, name=name: getattr(xp, name)(x, axis=1)) for name in (
        "sum", "prod", "max", "min", "mean", "std", "var", "sort", "cumulative_sum", "cumulative_prod", "diff"
    )},
    "clip": lambda xp, x: xp.clip(x, 0.3, 0.7),
    "where": lambda xp, x: xp.where(x > 0.5, x * x, 0.0),
    "take": lambda xp, x: xp.take(x, xp.asarray([0, 0, 2]), axis=0),
    "take_along_axis": lambda xp, x: xp.take_along_axis(x, xp.asarray([[0, 1], [1, 1], [3, -1]]), axis=1),
    "roll": lambda xp, x: xp.roll(x, 1, axis=0) * x,
    "concat": lambda xp, x: xp.concat([x, x * x], axis=1),
    "repeat": lambda xp, x: xp.repeat(x, 3, axis=1),
    "tensordot": lambda xp, x: xp.tensordot(x, x, axes=((0,), (0,))),
    "linalg.vector_norm": lambda xp, x: xp.linalg.vector_norm(x, axis=1),
    "linalg.inv": lambda xp, x: xp.linalg.inv(x[:, :3] + 3 * xp.eye(3, dtype=x.dtype)),
    "fft.rfft": lambda xp, x: xp.abs(xp.fft.rfft(x)),
}  # fmt: skip
