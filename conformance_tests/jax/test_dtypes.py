"""Models in float64, in bfloat16, and in mixed dtypes."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import unified as u
from conformance_tests.jax.models import MLP, Case, model


def cast(params: u.Params, dtype: str) -> u.Params:
    """Return the params with all floating-point values in `dtype`."""
    return jax.tree.map(lambda v: v.astype(dtype) if jnp.issubdtype(v.dtype, jnp.floating) else v, params)


def mlp64(x: jax.Array) -> jax.Array:
    h = jnp.tanh(u.Linear(None, 8, dtype=jnp.float64)(x))
    return u.Linear(8, 3, dtype="float64")(h)


def mlp32(x: jax.Array) -> jax.Array:
    h = jnp.tanh(u.Linear(None, 8)(x))
    return u.Linear(8, 3)(h)


def compute_in_float64(params: u.Params, x: np.ndarray) -> np.ndarray:
    """Compute the two-layer network in NumPy's float64."""
    wide = {path: np.asarray(value, np.float64) for path, value in params.items()}
    h = np.tanh(x @ wide["linear/weight"].T + wide["linear/bias"])
    return h @ wide["linear_1/weight"].T + wide["linear_1/bias"]


def test_float64_layers_are_accurate_in_float64() -> None:
    with jax.enable_x64(True):
        net = model(mlp64)
        x = np.random.default_rng(0).normal(size=(4, 5))
        params = net.init(x, rng=0)
        assert {value.dtype.name for value in params.values()} == {"float64"}
        assert {info.dtype for info in params.info.values()} == {"float64"}
        assert {shape.dtype.name for shape in net.eval_shape(x).values()} == {"float64"}
        out, _ = jax.jit(net.apply)(params, x)
        assert out.dtype == jnp.float64
        np.testing.assert_allclose(out, compute_in_float64(params, x), rtol=1e-13, atol=1e-14)
        traced = jax.jit(lambda key: net.init(x, rng=key))(jax.random.key(0))
        for path, value in params.items():
            np.testing.assert_array_equal(value, traced[path])
            narrow = model(mlp32).init(x, rng=0)[path]
            assert narrow.dtype == jnp.float32  # the default dtype stays
            np.testing.assert_allclose(value, narrow, rtol=1e-6, atol=1e-8)


def test_float64_without_x64_is_float32_as_everywhere_in_jax() -> None:
    net = model(lambda x: mlp64(x) * u.get_parameter("scale", (3,), jnp.ones, dtype="float64"))
    params = net.init(MLP.x, rng=0)
    assert {value.dtype.name for value in params.values()} == {"float32"}
    assert net.apply(params, MLP.x)[0].dtype == jnp.float32


def test_params_widened_by_tree_map(case: Case) -> None:
    narrow, expected = case.params, case.evaluate(case.params, case.x)[0]
    with jax.enable_x64(True):
        wide, x = cast(narrow, "float64"), np.asarray(case.x, np.float64)
        out, changes = jax.jit(lambda params, x: case.net.apply(params, x, training=True))(wide, x)
        assert out.dtype == jnp.float64
        assert jax.tree.structure(wide | changes) == jax.tree.structure(wide)
        for path, value in changes.items():
            assert value.dtype == wide[path].dtype, path
        out = jax.jit(case.net.apply)(wide, x)[0]
        np.testing.assert_allclose(out, expected, rtol=1e-5, atol=1e-5)


def test_gradients_in_float64_agree_with_differences_to_nine_digits() -> None:
    with jax.enable_x64(True):
        net = model(mlp64)
        x = np.random.default_rng(1).normal(size=(4, 5))
        params = net.init(x, rng=0)
        loss = jax.jit(lambda p: (net.apply(p, x)[0] ** 2).sum())
        gradient = jax.grad(loss)(params)["linear/weight"][2, 3]
        nudged = [params["linear/weight"].at[2, 3].add(step) for step in (1e-5, -1e-5)]
        up, down = (loss(params.update({"linear/weight": value})) for value in nudged)
        np.testing.assert_allclose(gradient, (up - down) / 2e-5, rtol=1e-9)


def test_bfloat16_params(case: Case) -> None:
    half = cast(case.params, "bfloat16")
    apply = jax.jit(lambda params, x: case.net.apply(params, x, training=True))
    out, changes = apply(half, case.x.astype(jnp.bfloat16))
    assert out.dtype == jnp.bfloat16
    for path, value in changes.items():
        assert value.dtype == half[path].dtype, path
    assert jax.tree.structure(half | changes) == jax.tree.structure(half)
    out = jax.jit(case.net.apply)(half, case.x.astype(jnp.bfloat16))[0].astype(jnp.float32)
    np.testing.assert_allclose(out, case.evaluate(case.params, case.x)[0], rtol=0.05, atol=0.05)


@pytest.mark.parametrize("dtype", [jnp.bfloat16, "bfloat16", "float16"], ids=str)
def test_layers_made_in_half_precision_are_the_rounded_ones(dtype: object) -> None:
    net = model(lambda x: u.Linear(5, 3, dtype=dtype)(x))
    params, wide = net.init(MLP.x, rng=0), model(lambda x: u.Linear(5, 3)(x)).init(MLP.x, rng=0)
    traced = jax.jit(lambda key: net.init(MLP.x, rng=key))(jax.random.key(0))
    for path, value in params.items():
        assert value.dtype == jnp.dtype(dtype)
        np.testing.assert_array_equal(value, wide[path].astype(dtype))
        np.testing.assert_array_equal(value, traced[path])


def test_mixed_types_promote_as_in_jax() -> None:
    half = cast(MLP.params, "bfloat16")
    assert jax.eval_shape(MLP.net.apply, half, MLP.x)[0].dtype == jnp.float32
    assert jax.eval_shape(MLP.net.apply, MLP.params, MLP.x.astype(jnp.bfloat16))[0].dtype == jnp.float32
    mixed = half | {"linear/weight": MLP.params["linear/weight"]}
    out, _ = MLP.evaluate(mixed, MLP.x)
    np.testing.assert_allclose(out, MLP.evaluate(MLP.params, MLP.x)[0], rtol=0.05, atol=0.05)
