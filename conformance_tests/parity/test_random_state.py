"""The state of random numbers is no weight: a cast or an average of all arrays does not pass for it."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
from conformance_tests.parity import models
from conformance_tests.parity.models import array

X = np.ones((4, 8), np.float32)


def body(x: Any) -> Any:
    return u.Dropout(0.5)(u.BatchNorm1d(8)(u.Linear(8, 8)(x)))


def initialised(backend: str) -> tuple[Any, u.Params, Any]:
    return *models.initialised(backend, body, values=X, portable=True), array(backend, X)


each_backend = pytest.mark.parametrize("backend", ["torch", "jax"])


def cast_all(params: u.Params) -> u.Params:
    """Cast every array, as `jax.tree.map` does."""
    return u.Params._make(
        params._structure,
        tuple(v.to(torch.bfloat16) if isinstance(v, torch.Tensor) else v.astype(jnp.bfloat16) for v in params.values()),
    )


@each_backend
@pytest.mark.parametrize("training", [True, False])
def test_a_key_of_floats_is_refused(backend: str, training: bool) -> None:
    net, params, x = initialised(backend)
    with pytest.raises(TypeError, match=r"'rng/key' has the dtype bfloat16.*uint32.*params\.split\(\)"):
        net.apply(cast_all(params), x, training=training)
    for path in ("rng/key", "rng/counter"):
        value = params[path].to(torch.float32) if backend == "torch" else params[path].astype(jnp.float32)
        with pytest.raises(TypeError, match=f"'{path}' has the dtype float32"):
            net.apply({**params, path: value}, x, training=training)


def test_trees_of_jax_are_refused() -> None:
    net, params, x = initialised("jax")
    for cast in (
        jax.tree.map(lambda v: v.astype(jnp.bfloat16), params),
        jax.tree.map(lambda e, v: 0.9 * e + 0.1 * v, params, params),
    ):
        with pytest.raises(TypeError, match=r"'rng/key' has the dtype (bfloat16|float32)"):
            jax.jit(net.apply, static_argnames="training")(cast, x, training=True)


def test_buffers_of_a_live_model_are_checked() -> None:
    net, _, x = initialised("torch")
    net.rng._buffers["counter"] = net.rng._buffers["counter"].to(torch.float32)
    with pytest.raises(TypeError, match="'rng/counter' has the dtype float32"):
        net.train()(x)


@each_backend
def test_astype_casts_weights_alone(backend: str) -> None:
    net, params, x = initialised(backend)
    half = params.astype("bfloat16")
    dtypes = {path: info.dtype for path, info in half.info.items()}
    assert {path for path, dtype in dtypes.items() if dtype != "bfloat16"} == {
        "batch_norm1d/num_batches_tracked",
        "rng/key",
        "rng/counter",
    }
    assert dtypes["rng/key"] == dtypes["rng/counter"] == "uint32"
    assert "bfloat16[8, 8]" in repr(half)
    for dtype in (torch.bfloat16, jnp.bfloat16, jnp.dtype("bfloat16")):
        assert params.astype(dtype) == half
    part = params.astype(np.float16, "linear/*")
    assert part.info["linear/weight"].dtype == "float16" and part.info["batch_norm1d/weight"].dtype == "float32"
    output, changes = net.apply(half.astype("float32"), x, training=True)
    assert int(changes["rng/counter"]) == 1 and output.shape == (4, 8)
    if backend == "jax":
        shapes = net.eval_shape(x).astype(jnp.bfloat16)
        assert shapes["linear/weight"].dtype == jnp.bfloat16 and shapes.info == half.info
        cast = jax.jit(lambda p: p.astype(jnp.bfloat16))(params)
        assert cast == half and jax.tree.structure(cast) == jax.tree.structure(half)


def test_an_average_of_weights() -> None:
    """The recipe of docs/state.md."""
    net, params, x = initialised("jax")
    weights, rest = params.split()
    average = jax.tree.map(lambda old, new: 0.9 * old + 0.1 * new, weights, weights)
    output, changes = net.apply(average | rest, x, training=True)
    expected, _ = net.apply(params, x, training=True)
    np.testing.assert_allclose(output, expected, rtol=1e-5, atol=1e-5)
    assert int(changes["rng/counter"]) == 1
