"""`jax.numpy` on torch against `jax.numpy` itself: shapes, dtypes and values of every function that is offered."""

import numpy as np
import pytest

import unified.compat.jax.numpy as jnp
from conformance_tests.compat.differential import check
from unified.compat.jax import grad

RNG = np.random.default_rng(0)
X = RNG.normal(size=(3, 4)).astype(np.float32)
Y = RNG.normal(size=(3, 4)).astype(np.float32)
P = np.abs(X) + 0.5  # positive
U = np.tanh(X) * 0.9  # within -1 and 1
I = RNG.integers(-5, 6, (3, 4)).astype(np.int32)  # noqa: E741
J = RNG.integers(1, 6, (3, 4)).astype(np.int32)
B = X > 0
V = RNG.normal(size=(5,)).astype(np.float32)
M = RNG.normal(size=(4, 4)).astype(np.float32)
S = M @ M.T + 4 * np.eye(4, dtype=np.float32)
T = RNG.normal(size=(2, 3, 4)).astype(np.float32)
NAN = np.where(X > 1, np.nan, X).astype(np.float32)

CASES: dict[str, tuple] = {}


def add(data, *names):
    for name in " ".join(names).split():
        CASES[name] = (lambda *a, name=name: getattr(jnp, name)(*a), *data)


add((X,), "abs absolute fabs negative positive sign square exp exp2 expm1 sin cos tan sinh cosh tanh arctan arcsinh atan",
    "asinh sinc i0 deg2rad radians rad2deg degrees floor ceil trunc rint isfinite isinf isnan isposinf isneginf isreal",
    "signbit cbrt reciprocal real imag conj conjugate angle round around logical_not nan_to_num sum prod mean var std max",
    "min amax amin ptp all any argmax argmin cumsum cumprod median average count_nonzero argsort sort ravel transpose",
    "flip fliplr flipud rot90 squeeze nansum nanmax nanmin nanmean nanvar nanstd trapezoid tril triu diagonal trace",
    "atleast_1d atleast_2d atleast_3d zeros_like ones_like empty_like copy nonzero argwhere flatnonzero unique shape ndim",
    "size matrix_transpose cov corrcoef diff unstack nanargmax nanargmin unwrap isscalar iterable array asarray")  # fmt: skip
add((P,), "log log2 log10 log1p sqrt arccosh acosh")
add((U,), "arcsin arccos arctanh asin acos atanh")
add((I,), "bitwise_not invert bitwise_invert")
add((J,), "bitwise_count")
add((X, Y), "add subtract multiply divide true_divide floor_divide remainder mod fmod divmod maximum minimum fmax fmin",
    "logical_and logical_or logical_xor equal not_equal less less_equal greater greater_equal arctan2 atan2 hypot copysign",
    "nextafter heaviside logaddexp logaddexp2 isclose allclose array_equal kron append inner vdot vecdot outer")  # fmt: skip
add((P, Y), "power pow float_power")
add((I, J), "bitwise_and bitwise_or bitwise_xor left_shift bitwise_left_shift right_shift bitwise_right_shift gcd lcm",
    "intersect1d union1d setdiff1d isin")  # fmt: skip
add((X, I), "ldexp")
add((V,), "diag diagflat vander trim_zeros")
CASES |= {
    "fix": (lambda x: jnp.trunc(x), X),
    "cross": (lambda a, b: jnp.cross(a[:, :3], b[:, :3]), X, Y),
    "dot": (lambda a, b: (jnp.dot(a, b.T), jnp.dot(a[0], b[0]), jnp.dot(2.0, a), jnp.dot(a, b.reshape(2, 4, -1)[:, :, :1])),
            X, RNG.normal(size=(2, 4)).astype(np.float32)),
    "matmul": (lambda a, b: (a @ b, jnp.matmul(a[0], b), jnp.matmul(b, b[0])), T, M),
    "matvec": (lambda a, b: jnp.matvec(a, b), M, M[0]),
    "vecmat": (lambda a, b: jnp.vecmat(b, a), M, M[0]),
    "tensordot": (lambda a, b: (jnp.tensordot(a, b, 1), jnp.tensordot(a, b, ((2,), (0,))), jnp.tensordot(b, b, 0)), T, M),
    "einsum": (lambda a, b: (jnp.einsum("ijk,kl->ijl", a, b), jnp.einsum("i j k -> k", a), jnp.einsum("...k,kl", a, b),
                             jnp.einsum(a, [0, 1, 2], b, [2, 3], [0, 3]), jnp.einsum("bhd,bkd->bhk", a, a)), T, M),
    "clip": (lambda x: (jnp.clip(x, -0.5, 0.5), jnp.clip(x, min=0), jnp.clip(x, None, 0.2), x.clip(0, 1)), X),
    "where": (lambda b, x, y: (jnp.where(b, x, y), jnp.where(b, x, 0), jnp.where(b), jnp.where(b, 1, 0)), B, X, Y),
    "reshape": (lambda x: (jnp.reshape(x, (4, 3)), jnp.reshape(x, -1), x.reshape(2, -1), jnp.reshape(x, (4, 3), order="F"),
                           x.reshape((2, 6)), x.flatten()), X),
    "swapaxes": (lambda x: (jnp.swapaxes(x, 0, -1), x.swapaxes(1, 2)), T),
    "moveaxis": (lambda x: (jnp.moveaxis(x, 0, -1), jnp.moveaxis(x, (0, 1), (-1, 0))), T),
    "rollaxis": (lambda x: (jnp.rollaxis(x, 2), jnp.rollaxis(x, 0, 3)), T),
    "expand_dims": (lambda x: (jnp.expand_dims(x, 0), jnp.expand_dims(x, (-1, 1)), x[None, :, None]), X),
    "broadcast_to": (lambda x: jnp.broadcast_to(x, (2, 3, 4)), X),
    "broadcast_arrays": (lambda x: jnp.broadcast_arrays(x, x[:1], 1.0), X),
    "broadcast_shapes": (lambda: jnp.broadcast_shapes((3, 1), (1, 4), ()),),
    "concatenate": (lambda x, y: (jnp.concatenate([x, y]), jnp.concatenate((x, y), axis=-1), jnp.concatenate([x, y], None),
                                  jnp.concatenate([x, I]), jnp.concatenate(x)), X, Y),
    "concat": (lambda x, y: jnp.concat([x, y], axis=1), X, Y),
    "append": (lambda x, y: (jnp.append(x, y), jnp.append(x, y, 0)), X, Y),
    "stack": (lambda x, y: (jnp.stack([x, y]), jnp.stack((x, y), axis=-1), jnp.stack([x, I]), jnp.stack([1, 2.5])), X, Y),
    "vstack": (lambda x, y: (jnp.vstack([x, y]), jnp.vstack([x[0], y[0]])), X, Y),
    "hstack": (lambda x, y: (jnp.hstack([x, y]), jnp.hstack([x[0], y[0]])), X, Y),
    "dstack": (lambda x, y: jnp.dstack([x, y]), X, Y),
    "column_stack": (lambda x, y: jnp.column_stack([x[:, 0], y]), X, Y),
    "split": (lambda x: (jnp.split(x, 2, axis=1), jnp.split(x, [1, 2]), jnp.split(x, (1, 3), axis=-1)), X),
    "array_split": (lambda x: jnp.array_split(x, 3, axis=1), X),
    "vsplit": (lambda x: jnp.vsplit(x, 3), X),
    "hsplit": (lambda x: jnp.hsplit(x, 2), X),
    "dsplit": (lambda x: jnp.dsplit(x, 2), T),
    "roll": (lambda x: (jnp.roll(x, 1), jnp.roll(x, -1, axis=1), jnp.roll(x, (1, 2), (0, 1)), jnp.roll(x, 2, (0, 1))), X),
    "tile": (lambda x: (jnp.tile(x, 2), jnp.tile(x, (2, 1, 3))), X),
    "repeat": (lambda x: (jnp.repeat(x, 2), jnp.repeat(x, 3, axis=1), jnp.repeat(x, np.array([1, 0, 2]), axis=0), x.repeat(2, 0),
                          jnp.repeat(x, np.array([1, 0, 2]), axis=0, total_repeat_length=5)), X),
    "pad": (lambda x: (jnp.pad(x, 1), jnp.pad(x, ((1, 2), (0, 1)), constant_values=3.0), jnp.pad(x, ((1, 1), (2, 2)), "edge"),
                       jnp.pad(x, 1, mode="reflect"), jnp.pad(x, 2, mode="wrap"), jnp.pad(x, 1, mode="symmetric"),
                       jnp.pad(x, ((1, 1), (0, 2)), constant_values=((1, 2), (3, 4)))), X),
    "resize": (lambda x: jnp.resize(x, (5, 4)), X),
    "delete": (lambda x: (jnp.delete(x, 1, axis=0), jnp.delete(x, np.array([0, 2]), axis=1)), X),
    "insert": (lambda x: (jnp.insert(x, 1, 9.0, axis=0), jnp.insert(x, 2, 5.0)), X),
    "astype": (lambda x: (x.astype(jnp.int32), x.astype(bool), jnp.astype(x, "float16"), x.astype(jnp.bfloat16).astype(float)), X),
    "sums": (lambda x: (x.sum(0), x.sum(axis=(0, 2)), x.sum(-1, keepdims=True), jnp.sum(x, 1, dtype=jnp.float16),
                        jnp.sum(x, where=x > 0), jnp.sum(x, 0, initial=2.0), jnp.sum(x > 0), jnp.sum(x, axis=())), T),
    "means": (lambda x: (x.mean(0), x.mean(axis=(0, -1), keepdims=True), jnp.mean(x, where=x > 0), jnp.mean(x > 0)), T),
    "vars": (lambda x: (x.var(0), jnp.var(x, (0, 1), ddof=1), x.std(axis=-1, keepdims=True), jnp.var(x, where=x > 0)), T),
    "maxs": (lambda x: (x.max(0), x.max((0, 1)), x.min(axis=1, keepdims=True), jnp.max(x, 0, initial=0.5),
                        jnp.max(x, where=x < 0, initial=-9.0)), T),
    "args": (lambda x: (x.argmax(0), jnp.argmax(x, -1, keepdims=True), x.argmin(axis=1), jnp.argmax(x, keepdims=True)), T),
    "alls": (lambda x: (jnp.all(x > 0, 0), jnp.any(x > 0, axis=(0, 1)), jnp.any(x > 1, keepdims=True)), T),
    "ints": (lambda i: (i.sum(), i.mean(), i.prod(0), i.max(), i.cumsum(1), i / 2, i // 2, i % 3, -7 // i.clip(1), i ** 2,
                        jnp.exp(i), jnp.sqrt(jnp.abs(i)), jnp.var(i), jnp.power(i, 2), i @ i.T, jnp.median(i)), I),
    "bools": (lambda b: (b.sum(), b.mean(), b * 2, b + 1, b * 1.5, ~b, b & True, jnp.max(b), b.cumsum(0), b.prod(1)), B),
    "average": (lambda x, w: (jnp.average(x, weights=w), jnp.average(x, 0, w, returned=True), jnp.average(x, 1)), X, P),
    "cumsums": (lambda x: (jnp.cumsum(x, 0), jnp.cumsum(x, axis=-1), jnp.cumprod(x, 1)), X),
    "diff": (lambda x: (jnp.diff(x), jnp.diff(x, axis=0), jnp.diff(x, 2), jnp.diff(x, prepend=0.0)), X),
    "quantile": (lambda x: (jnp.quantile(x, 0.3), jnp.quantile(x, np.array([0.1, 0.9], np.float32), axis=1), jnp.median(x, 0),
                            jnp.quantile(x, 0.5, axis=0, keepdims=True)), X),
    "percentile": (lambda x: jnp.percentile(x, 30.0, axis=1), X),
    "nans": (lambda x: (jnp.nansum(x), jnp.nanmean(x, 0), jnp.nanmax(x, 1), jnp.nanmin(x), jnp.nanvar(x), jnp.nanstd(x, 0),
                        jnp.nan_to_num(x, nan=2.0), jnp.isnan(x), jnp.nanargmax(x), jnp.nanargmin(x, 1)), NAN),
    "sorts": (lambda x: (jnp.sort(x, 0), jnp.sort(x, None), jnp.argsort(x, 1, descending=True), jnp.sort(x, descending=True)), X),
    "partition": (lambda x: jnp.partition(x, 2)[:, 2], X),
    "argpartition": (lambda x: jnp.argpartition(x, 0)[:, 0], X),
    "lexsort": (lambda i, j: jnp.lexsort((i[0], j[0])), I, J),
    "searchsorted": (lambda v: (jnp.searchsorted(jnp.sort(v), v), jnp.searchsorted(jnp.sort(v), v, side="right"),
                                jnp.searchsorted(jnp.sort(v), 0.1)), V),
    "digitize": (lambda v: (jnp.digitize(v, jnp.array([-1.0, 0.0, 1.0])), jnp.digitize(v, jnp.array([1.0, 0.0, -1.0]), right=True)), V),
    "nonzeros": (lambda i: (jnp.nonzero(i, size=8, fill_value=-1), jnp.argwhere(i > 0, size=9), jnp.flatnonzero(i, size=3)), I),
    "bincount": (lambda j: (jnp.bincount(j.ravel()), jnp.bincount(j.ravel(), length=3), jnp.bincount(j[0], V[:4], minlength=9)), J),
    "uniques": (lambda i: (jnp.unique(i, return_index=True, return_inverse=True, return_counts=True), jnp.unique(i, size=9),
                           jnp.unique(i, axis=0)), I),
    "union1d": (lambda i, j: jnp.union1d(i, j), I, J),
    "histogram": (lambda x: (jnp.histogram(x), jnp.histogram(x, bins=np.array([-1.0, 0, 1], np.float32)),
                             jnp.histogram(x, 4, (-1.0, 1.0))), X),
    "interp": (lambda v: (jnp.interp(v, jnp.array([-1.0, 0.0, 1.0]), jnp.array([0.0, 2.0, 1.0])),
                          jnp.interp(v, jnp.array([-1.0, 0.0, 1.0]), jnp.array([0.0, 2.0, 1.0]), left=-9.0)), V),
    "arange": (lambda: (jnp.arange(5), jnp.arange(1, 4), jnp.arange(0, 1, 0.25), jnp.arange(3, dtype=jnp.float32), jnp.arange(3.0),
                        jnp.arange(5, 0, -2)),),
    "linspace": (lambda: (jnp.linspace(0, 1, 5), jnp.linspace(-2.0, 3.0, 7, endpoint=False), jnp.linspace(0, 10, 3, dtype=int),
                          jnp.linspace(0, 1, 5, retstep=True)),),
    "logspace": (lambda: jnp.logspace(0, 2, 4),),
    "geomspace": (lambda: jnp.geomspace(1.0, 100.0, 4),),
    "eye": (lambda: (jnp.eye(3), jnp.eye(2, 4, 1), jnp.eye(3, dtype=jnp.int32)),),
    "identity": (lambda: jnp.identity(3),),
    "tri": (lambda: (jnp.tri(3), jnp.tri(3, 4, -1)),),
    "trils": (lambda x: (jnp.tril(x, -1), jnp.triu(x, 1)), T),
    "tril_indices": (lambda: (jnp.tril_indices(3), jnp.triu_indices(3, 1), jnp.diag_indices(3)),),
    "mask_indices": (lambda: jnp.mask_indices(3, jnp.triu),),
    "meshgrid": (lambda v: (jnp.meshgrid(v, v[:3]), jnp.meshgrid(v, v[:3], indexing="ij"), jnp.meshgrid(v, v, sparse=True)), V),
    "indices": (lambda: jnp.indices((2, 3)),),
    "ix_": (lambda: jnp.ix_(np.arange(2), np.arange(3)),),
    "full": (lambda: (jnp.full((2, 3), 7), jnp.full((2,), 1.5), jnp.full((2,), 1, jnp.float32), jnp.full(3, np.arange(3))),),
    "full_like": (lambda x: (jnp.full_like(x, 3), jnp.full_like(x, 2, dtype=jnp.int32), jnp.zeros_like(x, jnp.int32),
                             jnp.ones_like(x, shape=(2,))), X),
    "zeros": (lambda: (jnp.zeros(3), jnp.zeros((2, 3), jnp.int32), jnp.ones((2,), bool), jnp.zeros([2, 1]), jnp.empty((0,)),
                       jnp.zeros(())),),
    "arrays": (lambda: (jnp.array([1, 2]), jnp.array([1.0, 2]), jnp.array(True), jnp.array([[1], [2]], dtype=jnp.float32),
                        jnp.array([np.float32(1), 2]), jnp.asarray(3), jnp.array(np.arange(3)), jnp.array(np.ones(2)),
                        jnp.array([jnp.ones(2), jnp.zeros(2)]), jnp.array(1, ndmin=2), jnp.array([])),),
    "hanning": (lambda: (jnp.hanning(5), jnp.hamming(5), jnp.blackman(5), jnp.bartlett(5)),),
    "diags": (lambda m: (jnp.diag(m), jnp.diag(m, 1), jnp.diagonal(m), jnp.diag(m[0], -1)), M),
    "convolve": (lambda v: (jnp.convolve(v, v[:3]), jnp.convolve(v, v[:3], "same"), jnp.convolve(v, v[:3], "valid"),
                            jnp.correlate(v, v[:3]), jnp.correlate(v, v[:3], "full")), V),
    "polyval": (lambda v, x: jnp.polyval(v, x), V, X),
    "take": (lambda x: (jnp.take(x, np.array([0, 2]), axis=0), jnp.take(x, 1, axis=1), jnp.take(x, np.array([0, 11, -1])),
                        jnp.take(x, np.array([5, -9]), axis=0), jnp.take(x, np.array([7]), axis=1, mode="clip"),
                        jnp.take(x, np.array([7]), axis=1, mode="wrap"), x.take(np.array([[0, 1]]), 0)), X),
    "take_along_axis": (lambda x: (jnp.take_along_axis(x, jnp.argsort(x, 1), 1), jnp.take_along_axis(x, np.array([[0, 9]]), 1),
                                   jnp.take_along_axis(x, np.array([[-1]]), axis=0)), X),
    "put_along_axis": (lambda x: jnp.put_along_axis(x, np.array([[1]]), 5.0, 1, inplace=False), X[:1]),
    "select": (lambda x: jnp.select([x > 1, x > 0], [x, x * 2], -1.0), X),
    "choose": (lambda i: jnp.choose(np.array([0, 1, 1, 0]), [i[0], i[1]]), I),
    "extract": (lambda x: (jnp.extract(x > 0, x), jnp.compress(np.array([True, False, True]), x, 0)), X),
    "fill_diagonal": (lambda m: jnp.fill_diagonal(m, 9.0, inplace=False), M),
    "put": (lambda x: jnp.put(x, np.array([0, 5]), 9.0, inplace=False), X),
    "unravel_index": (lambda: (jnp.unravel_index(np.array([3, 11]), (3, 4)), jnp.ravel_multi_index((np.array([1]), np.array([2])), (3, 4))),),
    "apply_along_axis": (lambda x: jnp.apply_along_axis(lambda row: row.sum(), 1, x), X),
    "piecewise": (lambda x: jnp.piecewise(x, [x < 0, x > 1], [lambda v: -v, 2.0, 0.5]), X),
    "vectorize": (lambda x, y: (jnp.vectorize(lambda a, b: a * b + 1)(x, y[0]),
                                jnp.vectorize(lambda a, b: jnp.dot(a, b), signature="(n),(n)->()")(x, y)), X, Y),
    "rounds": (lambda x: (jnp.round(x, 1), x.round(2), jnp.round(np.array([0.5, 1.5, 2.5], np.float32))), X),
    "permute_dims": (lambda x: jnp.permute_dims(x, (1, 0)), X),
    "squeezes": (lambda x: (jnp.squeeze(x[None, :, None]), jnp.squeeze(x[None], 0), x[None].squeeze(axis=(0,))), X),
    "transposes": (lambda x: (jnp.transpose(x, (1, 0, 2)), x.transpose(2, 0, 1), x.T, x.mT, x.transpose((0, 2, 1))), T),
    "flips": (lambda x: (jnp.flip(x, 0), jnp.flip(x, (0, 2)), jnp.rot90(x, 2, (1, 2))), T),
    "norms": (lambda x: (jnp.linalg.norm(x), jnp.linalg.norm(x, axis=1), jnp.linalg.norm(x, 1, axis=0), jnp.linalg.norm(x, axis=-1, keepdims=True),
                         jnp.linalg.norm(x, "fro"), jnp.linalg.norm(x, np.inf, axis=1), jnp.linalg.norm(x, 2, 0)), X),
    "linalg": (lambda s, v: (jnp.linalg.inv(s), jnp.linalg.det(s), jnp.linalg.slogdet(s), jnp.linalg.cholesky(s), jnp.linalg.solve(s, v),
                             jnp.linalg.eigvalsh(s), jnp.linalg.matrix_power(s, 2), jnp.linalg.svd(s, compute_uv=False),
                             jnp.linalg.pinv(s), jnp.linalg.matrix_rank(s), jnp.linalg.multi_dot([s, s]), jnp.linalg.trace(s),
                             jnp.abs(jnp.linalg.qr(s)[1])), S, V[:4]),
    "dtypes": (lambda x, i: (x * np.float64(2.0), i * 2.5, i + np.int64(3), x * 2, x + True, i / i.clip(1), x.astype(jnp.bfloat16).astype(jnp.float32) * i,
                             (x.astype(jnp.float16) * i).astype(jnp.float32), jnp.float32(2) * i, np.float32(2) * x, i * np.ones(4)), X, I),
    "pad_widths": (lambda x: (jnp.pad(x, 1), jnp.pad(x, (1,)), jnp.pad(x, (1, 2)), jnp.pad(x, ((1, 2),)), jnp.pad(x, ((0, 2), (1, 0)), constant_values=2.0),
                              jnp.pad(x, np.array([[0, 1], [2, 0]]), "edge"), jnp.pad(x, [[np.int64(1), 0], [0, 0]], mode="reflect")), X),
    "fft": (lambda x: (jnp.fft.fft(x), jnp.fft.ifft(x, axis=0), jnp.fft.rfft(x, 6, norm="ortho"), jnp.fft.irfft(x + 1j, 5), jnp.fft.hfft(x + 1j), jnp.fft.ihfft(x[0], norm="forward"),
                       jnp.fft.fft2(x), jnp.fft.ifft2(x), jnp.fft.rfft2(x, (2, 4)), jnp.fft.irfft2(x), jnp.fft.fftn(x), jnp.fft.ifftn(x, axes=(0, 2)), jnp.fft.rfftn(x), jnp.fft.irfftn(x, norm="ortho"),
                       jnp.fft.fft(x > 0), jnp.fft.fftshift(x), jnp.fft.ifftshift(x, 1), jnp.fft.fftfreq(5, 0.5), jnp.fft.rfftfreq(6), grad(lambda x: jnp.abs(jnp.fft.rfft2(x)).sum())(x)), T),
    "cumulative": (lambda x: (jnp.cumulative_sum(x[0]), jnp.cumulative_sum(x, axis=1, include_initial=True), jnp.cumulative_prod(x, axis=-1), jnp.cumulative_prod(x > 0, axis=0, dtype=jnp.float32)), X),
    "nan": (lambda x: (jnp.nanprod(x, 1), jnp.nancumsum(x), jnp.nancumprod(x, 1), jnp.nanmedian(x, 0), jnp.nanquantile(x, np.array([0.2, 0.7]), 1), jnp.nanpercentile(x, 30.0, keepdims=True)), NAN),
    "gradient": (lambda x: (jnp.gradient(x), jnp.gradient(x, 0.5, axis=1), jnp.gradient(x, 2.0, 0.5)), X),
    "indices_from": (lambda x: (jnp.tril_indices_from(x), jnp.triu_indices_from(x, 1), jnp.diag_indices_from(x)), M),
    "modf": (lambda x, i: (jnp.modf(x * 3), jnp.modf(i), jnp.modf(jnp.inf), jnp.iscomplex(x), jnp.iscomplex(x + 1j)), X, I),
    "setxor1d": (lambda i, j: jnp.setxor1d(i, j), I, J),
    "grids": (lambda x: (jnp.mgrid[0:3, 1:2:3j], jnp.ogrid[0:3, 1:5:2], jnp.mgrid[0:2], x[jnp.s_[1:, ::2]]), X),
    "heaviside": (lambda x: jnp.heaviside(x, 0.5), X),
    "geom": (lambda x: jnp.hypot(x, 2.0), X),
    "index": (lambda x: (x[0], x[-1], x[1:, ::2], x[..., 1], x[:, None, 0], x[::-1], x[5], x[-9], x[:, 10:], x[2:0:-1, 1]), X),
    "index_arrays": (lambda x: (x[np.array([0, 2])], x[np.array([0, 9, -9, -1])], x[:, np.array([[0, 1]])], x[np.array([0, 1]), np.array([1, 2])],
                                x[0, :, np.array([0, 1])], x[:, 0, np.array([0, 1])], x[jnp.array(1)], x[jnp.array([2, 0])][:, 1:],
                                x[np.array([True, False])], x[x > 0], x[None, np.array([1])], x[..., jnp.array(-1)],
                                x[jnp.array(1), ::2, jnp.array(0)]), T),
    "at": (lambda x: (x.at[0].set(9.0), x.at[:, 1].add(1.0), x.at[np.array([0, 0, 2]), 1].add(1.0), x.at[7].set(5.0), x.at[np.array([1, 9])].set(3.0),
                      x.at[-1, -1].multiply(2.0), x.at[0].divide(2.0), x.at[1].min(0.0), x.at[1].max(0.0),
                      x.at[0, 0].power(2.0), x.at[..., 0].apply(jnp.exp), x.at[1:].subtract(x[1:]), x.at[:, np.array([0, 2])].set(np.ones((3, 2), np.float32)),
                      x.at[np.array([0, 9])].get(), x.at[np.array([0, 9])].get(mode="fill", fill_value=-1.0), x.at[np.array([0, -1])].mul(3),
                      x.at[jnp.array(1), jnp.array([0, 7])].add(2.0), x.at[::2].set(1), x.at[np.array([5, 0])].set(1.0, mode="drop")), X),
    "at_mask": (lambda x: (x.at[x > 0].set(0.0), jnp.where(x > 0, x.at[0].get(), 0)), X),
    "at_ints": (lambda i: (i.at[0].add(1), i.at[np.array([0, 0])].multiply(2), i.at[np.array([0, 0])].max(4)), I),
    "array_methods": (lambda x: (x.ravel(), x.copy(), x.dot(x.T), x.argsort(), x.cumsum(), x.trace(), x.nonzero(), x.prod(), x.any(), x.all(),
                                 x.diagonal(), x.conj(), abs(x), -x, +x, 2 - x, 2 / x,
                                 x == x, x != 0, x < 0, x <= 1, divmod(x, 2.0), x // 0.3, 2**x, x**2), X),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_function(name):
    check(CASES[name][0], *CASES[name][1:], rtol=2e-5, atol=1e-5)
