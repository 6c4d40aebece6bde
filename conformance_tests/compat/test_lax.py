"""`jax.lax`, `jax.nn` and the smaller modules on torch against JAX's own."""

import numpy as np
import pytest

import unified.compat.jax as jax
import unified.compat.jax.numpy as jnp
from conformance_tests.compat.differential import check
from unified.compat.jax import lax, nn

RNG = np.random.default_rng(1)
X = RNG.normal(size=(3, 4)).astype(np.float32)
Y = RNG.normal(size=(3, 4)).astype(np.float32)
T = RNG.normal(size=(2, 3, 4)).astype(np.float32)
I = RNG.integers(-5, 6, (3, 4)).astype(np.int32)  # noqa: E741
IMAGE = RNG.normal(size=(2, 9, 8, 4)).astype(np.float32)
KERNEL = RNG.normal(size=(3, 2, 4, 6)).astype(np.float32)
SEQUENCE = RNG.normal(size=(2, 9, 4)).astype(np.float32)
NHWC = ("NHWC", "HWIO", "NHWC")

CASES = {
    name: (lambda x, name=name: getattr(nn, name)(x), X)
    for name in [
        "celu",
        "elu",
        "gelu",
        "glu",
        "hard_sigmoid",
        "hard_silu",
        "hard_swish",
        "hard_tanh",
        "identity",
        "leaky_relu",
        "log_sigmoid",
        "log_softmax",
        "logsumexp",
        "mish",
        "relu",
        "relu6",
        "selu",
        "sigmoid",
        "silu",
        "soft_sign",
        "softmax",
        "softplus",
        "sparse_plus",
        "sparse_sigmoid",
        "squareplus",
        "standardize",
        "swish",
        "tanh",
        "logmeanexp",
    ]
}
CASES |= {
    f"lax.{name}": (lambda x, name=name: getattr(lax, name)(x), np.abs(X) * 0.5 + 0.1)
    for name in [
        "abs",
        "acos",
        "asin",
        "atan",
        "atanh",
        "asinh",
        "cbrt",
        "ceil",
        "cos",
        "cosh",
        "digamma",
        "erf",
        "erf_inv",
        "erfc",
        "exp",
        "exp2",
        "expm1",
        "floor",
        "is_finite",
        "lgamma",
        "log",
        "log1p",
        "logistic",
        "neg",
        "reciprocal",
        "round",
        "rsqrt",
        "sign",
        "sin",
        "sinh",
        "sqrt",
        "square",
        "tan",
        "tanh",
        "stop_gradient",
    ]
}
CASES |= {
    f"lax.{name}": (lambda x, y, name=name: getattr(lax, name)(x, y), X, Y)
    for name in [
        "add",
        "sub",
        "mul",
        "div",
        "max",
        "min",
        "rem",
        "eq",
        "ne",
        "lt",
        "le",
        "gt",
        "ge",
        "atan2",
        "nextafter",
    ]
}
CASES |= {
    "acosh": (lambda x: lax.acosh(x + 3), np.abs(X)),
    "bits": (lambda i: (lax.bitwise_and(i, i - 1), lax.bitwise_or(i, 3), lax.bitwise_xor(i, i), lax.bitwise_not(i), lax.shift_left(i, i * 0 + 2),
                        lax.shift_right_arithmetic(i, i * 0 + 1), lax.shift_right_logical(i, i * 0 + 1), lax.population_count(i), lax.clz(i)), I),
    "pow": (lambda x: (lax.pow(x, 2.5), lax.integer_pow(x, 3)), np.abs(X)),
    "int_div": (lambda i: (lax.div(i, i * 0 + 3), lax.rem(i, i * 0 + 3)), I),
    "clamp": (lambda x: lax.clamp(-0.5, x, 0.5), X),
    "convert": (lambda x: (lax.convert_element_type(x, jnp.int32), lax.bitcast_convert_type(x, jnp.int32), lax.reduce_precision(x, 8, 7)), X),
    "select": (lambda x, y: (lax.select(x > 0, x, y), lax.select_n(x > 0, x, y), lax.full((2,), 3.0), lax.full_like(x, 2)), X, Y),
    "complex": (lambda x, y: (lax.real(lax.complex(x, y)), lax.imag(lax.conj(lax.complex(x, y)))), X, Y),
    "one_hot": (lambda i: (nn.one_hot(i, 4), nn.one_hot(i[0], 3, axis=0), nn.one_hot(i, 3, dtype=jnp.int32)), I),
    "softmax_options": (lambda x: (nn.softmax(x, axis=0), nn.softmax(x, axis=(0, 1)), nn.log_softmax(x, 0), nn.softmax(x, where=x > 0),
                                   nn.logsumexp(x, 0, keepdims=True), nn.logsumexp(x, b=jnp.abs(x))), X),
    "gelu_exact": (lambda x: (nn.gelu(x, approximate=False), nn.elu(x, 0.5), nn.celu(x, 2.0), nn.leaky_relu(x, 0.2), nn.glu(x, axis=1)), X),
    "log1mexp": (lambda x: nn.log1mexp(jnp.abs(x) + 0.1), X),
    "attention": (lambda q: (nn.dot_product_attention(q, q, q), nn.dot_product_attention(q, q, q, is_causal=True, scale=0.3),
                             nn.dot_product_attention(q[0], q[0], q[0], bias=0.5)), RNG.normal(size=(2, 5, 3, 4)).astype(np.float32)),
    "dot": (lambda x, y: (lax.dot(x, y.T), lax.batch_matmul(x[None], y.T[None])), X, Y),
    "dot_general": (lambda a: (lax.dot_general(a, a, (((2,), (2,)), ((0,), (0,)))), lax.dot_general(a, a, (((0, 1), (0, 1)), ((), ()))),
                               lax.dot_general(a, a[0], (((1,), (0,)), ((), ())))), T),
    "shapes": (lambda x: (lax.reshape(x, (4, 3)), lax.reshape(x, (12,), (1, 0)), lax.squeeze(x[None], (0,)), lax.expand_dims(x, (0, 2)),
                          lax.transpose(x, (1, 0)), lax.rev(x, (0, 1)), lax.collapse(x, 0, 2), lax.broadcast(x, (2,)),
                          lax.broadcast_in_dim(x, (3, 2, 4), (0, 2)), lax.broadcast_to_rank(x, 4), lax.concatenate([x, x], 1),
                          lax.split(x, (1, 3), 1)), X),
    "iota": (lambda: (lax.iota(jnp.float32, 3), lax.broadcasted_iota(jnp.int32, (2, 3), 1)),),
    "slices": (lambda x: (lax.slice(x, (0, 1), (2, 4)), lax.slice(x, (0, 0), (3, 4), (2, 3)), lax.slice_in_dim(x, 1, 3, axis=1),
                          lax.dynamic_slice(x, (1, 3), (2, 2)), lax.dynamic_slice(x, (jnp.array(-1), jnp.array(9)), (2, 2)),
                          lax.dynamic_slice_in_dim(x, 2, 3, axis=1), lax.dynamic_index_in_dim(x, 1), lax.dynamic_index_in_dim(x, jnp.array(7), 1, keepdims=False),
                          lax.index_in_dim(x, -1, 1), lax.index_take(x, (np.array([0, 2]),), (0,))), X),
    "updates": (lambda x: (lax.dynamic_update_slice(x, x[:2, :2] * 0, (2, 3)), lax.dynamic_update_slice_in_dim(x, x[:1] * 0, 1, 0),
                           lax.dynamic_update_index_in_dim(x, x[0] * 0, jnp.array(2), 0)), X),
    "pad": (lambda x: (lax.pad(x, 1.0, ((1, 2, 0), (0, 0, 1))), lax.pad(x, 0.0, ((-1, 0, 0), (0, -2, 2)))), X),
    "reductions": (lambda x: (lax.reduce_sum(x, (0,)), lax.reduce_max(x, (0, 1)), lax.reduce_min(x, (1,)), lax.reduce_prod(x, (0,)),
                              lax.reduce_and(x > 0, (0,)), lax.reduce_or(x > 0, (1,)), lax.argmax(x, 1, jnp.int32), lax.argmin(x, 0, jnp.int32)), X),
    "cumulative": (lambda x: (lax.cumsum(x), lax.cumsum(x, 1, reverse=True), lax.cumprod(x), lax.cummax(x, 1), lax.cummin(x), lax.cumlogsumexp(x, 1)), X),
    "sorting": (lambda x: (lax.sort(x), lax.sort(x, dimension=0), lax.sort_key_val(x, x * 2), lax.top_k(x, 2), lax.sort((x, x * 2), num_keys=1)), X),
    "top_k_ties": (lambda: lax.top_k(np.array([1.0, 3.0, 3.0, 2.0, 3.0], np.float32), 4),),
    "conv": (lambda x, k: (lax.conv_general_dilated(x, k, (1, 1), "SAME", dimension_numbers=NHWC), lax.conv_general_dilated(x, k, (2, 1), "VALID", dimension_numbers=NHWC),
                           lax.conv_general_dilated(x, k, (1, 2), [(1, 2), (0, 3)], dimension_numbers=NHWC),
                           lax.conv_general_dilated(x, k, (1, 1), [(-1, 2), (0, -1)], dimension_numbers=NHWC),
                           lax.conv_general_dilated(x, k, (1, 1), "SAME", rhs_dilation=(2, 1), dimension_numbers=NHWC),
                           lax.conv_general_dilated(x, k, (1, 1), [(1, 1), (2, 0)], lhs_dilation=(2, 3), dimension_numbers=NHWC),
                           lax.conv_general_dilated(x, k, (2, 2), [(0, 0), (1, 1)], lhs_dilation=(2, 2), rhs_dilation=(1, 2), dimension_numbers=NHWC),
                           lax.conv_general_dilated(x.transpose(0, 3, 1, 2), k.transpose(3, 2, 0, 1), (1, 1), "SAME"),
                           lax.conv(x.transpose(0, 3, 1, 2), k.transpose(3, 2, 0, 1), (1, 1), "SAME_LOWER")), IMAGE, KERNEL),
    "conv_groups": (lambda x, k: (lax.conv_general_dilated(x, k[:, :, :2], (1, 1), "SAME", dimension_numbers=NHWC, feature_group_count=2),
                                  lax.conv_general_dilated(x, k[:, :, :1, :4], (1, 1), "SAME", dimension_numbers=NHWC, feature_group_count=4),
                                  lax.conv_general_dilated(x, k, (1, 1), "SAME", dimension_numbers=NHWC, batch_group_count=2)), IMAGE, KERNEL),
    "conv1d": (lambda x, k: (lax.conv_general_dilated(x, k[:, 0], (1,), "SAME", dimension_numbers=("NHC", "HIO", "NHC")),
                             lax.conv_general_dilated(x, k[:, 0], (2,), "VALID", dimension_numbers=("NWC", "WIO", "NCW"))), SEQUENCE, KERNEL),
    "conv_patches": (lambda x: lax.conv_general_dilated_patches(x.transpose(0, 3, 1, 2), (3, 2), (1, 2), "VALID"), IMAGE),
    "conv_transpose": (lambda x, k: (lax.conv_transpose(x, k, (2, 2), "SAME"), lax.conv_transpose(x, k, (1, 3), "VALID"), lax.conv_transpose(x, k, (3, 3), "SAME"),
                                     lax.conv_transpose(x, k, (2, 1), [(1, 1), (2, 0)]), lax.conv_transpose(x, k, (2, 2), "SAME", rhs_dilation=(2, 2)),
                                     lax.conv_transpose(x, k.transpose(0, 1, 3, 2), (2, 2), "SAME", transpose_kernel=True)), IMAGE, KERNEL),
    "windows": (lambda x: (lax.reduce_window(x, -jnp.inf, lax.max, (1, 3, 3, 1), (1, 2, 2, 1), "SAME"), lax.reduce_window(x, 0.0, lax.add, (1, 2, 2, 1), (1, 1, 2, 1), "VALID"),
                           lax.reduce_window(x, 0.0, lax.add, (1, 3, 2, 1), (1, 2, 2, 1), "SAME"), lax.reduce_window(x, jnp.inf, lax.min, (1, 2, 2, 2), (1, 2, 2, 2), "VALID"),
                           lax.reduce_window(x, -jnp.inf, lax.max, (1, 3, 3, 1), (1, 1, 1, 1), ((0, 0), (2, 0), (1, 1), (0, 0))),
                           lax.reduce_window(x, 0.0, lambda a, b: a + b, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")), IMAGE),
    "scan": (lambda x: (lax.scan(lambda c, r: (c + r.sum(), c * r), jnp.float32(0), x), lax.scan(lambda c, r: (c * 0.5 + r, c), x[0], x, reverse=True),
                        lax.map(lambda r: r * 2, x), lax.scan(lambda c, _: (c + 1, None), 0, None, length=4)[0] * jnp.ones(1)), X),
    "empty_scan": (lambda x: lax.scan(lambda c, r: (c + r.sum(), c * r), jnp.float32(0), x[:0]), X),
    "loops": (lambda x: (lax.fori_loop(0, 4, lambda i, c: c + i, jnp.float32(1)), lax.while_loop(lambda c: c < 10, lambda c: c * 2, jnp.float32(1)),
                         lax.cond(x[0, 0] > 0, lambda a: a + 1, lambda a: a - 1, x), lax.switch(2, [lambda a: a, lambda a: a * 2, lambda a: a * 3], x),
                         lax.switch(jnp.array(9), [lambda a: a, lambda a: a * 2], x), lax.associative_scan(jnp.add, x), lax.associative_scan(jnp.multiply, x, reverse=True, axis=1)), X),
    "ops": (lambda x: (jax.ops.segment_sum(x, np.array([0, 2, 0]), 3), jax.ops.segment_max(x, np.array([0, 1, 0])), jax.ops.segment_min(x, np.array([1, 0, 0]), 2),
                       jax.ops.segment_prod(x, np.array([0, 5, 0]), 3)), X),
    "special": (lambda x: (jax.scipy.special.erf(x), jax.scipy.special.expit(x), jax.scipy.special.logit(jax.scipy.special.expit(x)), jax.scipy.special.gammaln(jnp.abs(x) + 1),
                           jax.scipy.special.logsumexp(x, axis=1), jax.scipy.special.xlogy(jnp.abs(x), jnp.abs(x) + 1), jax.scipy.special.ndtr(x), jax.scipy.special.digamma(jnp.abs(x) + 1),
                           jax.scipy.special.betaln(jnp.abs(x) + 1, 2.0), jax.scipy.special.i0e(x), jax.scipy.special.entr(jnp.abs(x)), jax.scipy.special.log_ndtr(x),
                           jax.scipy.special.gamma(x + 5), jax.scipy.special.kl_div(jnp.abs(x), 1.0), jax.scipy.special.polygamma(1, jnp.abs(x) + 1),
                           jax.scipy.special.zeta(jnp.abs(x) + 2, 1.0), jax.scipy.special.multigammaln(jnp.abs(x) + 3, 2), jax.scipy.special.factorial(jnp.abs(x))), X),
    "norm": (lambda x: (jax.scipy.stats.norm.cdf(x), jax.scipy.stats.norm.logpdf(x, 1.0, 2.0), jax.scipy.stats.norm.pdf(x), jax.scipy.stats.norm.ppf(jax.nn.sigmoid(x)),
                        jax.scipy.stats.norm.sf(x), jax.scipy.stats.norm.logcdf(x), jax.scipy.stats.norm.logsf(x), jax.scipy.stats.norm.isf(jax.nn.sigmoid(x))), X),
    "scipy_linalg": (lambda m: (jax.scipy.linalg.solve(m, m[0]), jax.scipy.linalg.cholesky(m, lower=True), jax.scipy.linalg.expm(m / 9), jax.scipy.linalg.block_diag(m, m[:1]),
                                jax.scipy.linalg.solve_triangular(jnp.tril(m), m[0], lower=True), jax.scipy.linalg.toeplitz(m[0]), jax.scipy.linalg.cho_solve(jax.scipy.linalg.cho_factor(m), m[0]),
                                jax.scipy.linalg.inv(m), jax.scipy.linalg.det(m)), (X.T @ X + 3 * np.eye(4, dtype=np.float32))),
    "signal": (lambda x: (jax.scipy.signal.convolve2d(x, x[:2, :2], "same"), jax.scipy.signal.convolve(x[0], x[1], "valid"), jax.scipy.signal.correlate(x[0], x[1])), X),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_function(name):
    check(CASES[name][0], *CASES[name][1:], rtol=5e-5, atol=2e-5)


GRADIENTS = {
    "max_ties": (lambda x: jnp.max(x, axis=1).sum(), np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]], np.float32)),
    "maximum_ties": (lambda x: jnp.maximum(x, 0.0).sum() + jnp.minimum(x, 1.0).sum(), np.array([-1.0, 0.0, 1.0, 2.0], np.float32)),
    "clip_ties": (lambda x: jnp.clip(x, 0.0, 1.0).sum(), np.array([-1.0, 0.0, 0.5, 1.0, 2.0], np.float32)),
    "where": (lambda x: jnp.where(x > 0, jnp.sqrt(x), 0.0).sum(), np.array([-1.0, 0.0, 4.0], np.float32)),
    "abs": (lambda x: jnp.abs(x).sum(), np.array([-1.0, 0.0, 4.0], np.float32)),
    "relu": (lambda x: nn.relu(x).sum() + nn.relu6(x).sum(), np.array([-1.0, 0.0, 6.0, 7.0], np.float32)),
    "norm": (lambda x: jnp.linalg.norm(x), np.zeros(3, np.float32)),
    "logsumexp": (lambda x: nn.logsumexp(x), X),
    "sort": (lambda x: (jnp.sort(x) * np.arange(4, dtype=np.float32)).sum(), X),
    "index": (lambda x: (x[np.array([0, 0, 2])] ** 2).sum() + x.at[0].set(0.0).sum() + x.at[1].multiply(x[2]).sum(), X),
    "stop": (lambda x: (x * lax.stop_gradient(x)).sum(), X),
    "leaky": (lambda x: nn.leaky_relu(x).sum() + nn.elu(x).sum() + nn.softplus(x).sum(), np.array([-1.0, 0.0, 2.0], np.float32)),
    "max_pool": (lambda x: (lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "SAME") ** 2).sum(), np.round(IMAGE)),
    "hard_tanh": (lambda x: nn.hard_tanh(x).sum(), np.array([-1.0, 0.0, 1.0, 2.0], np.float32)),
    "scan": (lambda x: lax.scan(lambda c, r: (jnp.tanh(c + r), c), x[0], x)[1].sum(), X),
    "conv": (lambda x: (lax.conv_general_dilated(x, jnp.asarray(KERNEL), (2, 1), [(1, 1), (0, 2)], lhs_dilation=(1, 2), dimension_numbers=NHWC) ** 2).sum(), IMAGE),
}  # fmt: skip


@pytest.mark.parametrize("name", GRADIENTS)
def test_gradient(name):
    function, *inputs = GRADIENTS[name]
    check(lambda *args: jax.grad(function)(*args), *inputs, rtol=5e-5, atol=5e-5)


MAPPED = {
    "cond": (lambda x: lax.cond(x > 0, lambda x: x * 2, lambda x: -x, x), np.array([1.0, -2.0], np.float32)),
    "switch": (lambda i: lax.switch(i, [lambda: 1.0, lambda: 2.0, lambda: 3.0]), np.array([0, 2, 7], np.int32)),
    "gradient_of_cond": (
        lambda x: jax.grad(lambda x: lax.cond(x > 0, lambda x: x * x, lambda x: -x, x))(x), np.array([1.0, -2.0], np.float32),
    ),
    "while": (lambda x: lax.while_loop(lambda c: c < 5, lambda c: c * 2, x), np.array([1.0, 9.0], np.float32)),
    "fori_upper": (lambda n: lax.fori_loop(0, n, lambda i, c: c + i, 0.5), np.array([1, 0, 4], np.int32)),
    "fori_lower": (lambda n: lax.fori_loop(n, 3, lambda i, c: (c[0] + 1, c[1] * i), (0, 1)), np.array([1, 5], np.int32)),
}  # fmt: skip


@pytest.mark.parametrize("name", MAPPED)
def test_choices_that_differ_along_a_mapped_axis(name):
    check(lambda x: jax.vmap(MAPPED[name][0])(x), MAPPED[name][1])
