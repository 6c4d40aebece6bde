"""Variables of linen on the way to other places: `unified.Params`, msgpack, orbax, and training that goes on there."""

import tempfile
from pathlib import Path
from typing import Any

import flax.linen
import flax.serialization
import flax.training.train_state
import jax
import jax.numpy as jnp
import numpy as np
import optax
import orbax.checkpoint
import pytest
import torch

import unified as u
from conformance_tests.compat.flax.models import cnn, init, linen, numpy_tree, on_torch, torch_jax
from unified.compat import load
from unified.compat.flax import flax_to_torch, from_params, to_params

serialization = load("flax.serialization", "torch")
train_state = load("flax.training.train_state", "torch")
torch_optax = load("optax", "torch")
IMAGES = np.random.default_rng(0).normal(size=(2, 8, 8, 3)).astype(np.float32)
VARIABLES = init(cnn(flax.linen), IMAGES, train=False)


def equal(found: Any, wanted: Any) -> None:
    """Check that two trees have the same names and the same bits."""
    found, wanted = numpy_tree(found), numpy_tree(wanted)
    assert jax.tree.structure(found) == jax.tree.structure(wanted)
    for one, other in zip(jax.tree.leaves(found), jax.tree.leaves(wanted), strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)


def arrays(tree: Any) -> Any:
    """Return the arrays of torch of NumPy's."""
    return torch_jax.tree_util.tree_map(on_torch.asarray, tree)


@pytest.mark.parametrize("convert", [lambda tree: tree, lambda tree: jax.tree.map(jnp.asarray, tree), arrays])
def test_params(convert: Any) -> None:
    params = to_params(convert(VARIABLES))
    assert params.info["Conv_0/kernel"].collection == "params"
    assert params.info["BatchNorm_0/mean"].collection == "batch_stats"
    equal(from_params(params), VARIABLES)
    with tempfile.TemporaryDirectory() as folder:
        u.save(f"{folder}/model.safetensors", params)
        for framework in ("torch", "jax", "numpy"):
            equal(from_params(u.load(f"{folder}/model.safetensors", framework=framework)), VARIABLES)


def test_params_go_into_a_module_and_back() -> None:
    net = flax_to_torch(cnn(linen), from_params(to_params(VARIABLES)))
    net(torch.tensor(IMAGES))
    state = net.state_dict()
    assert set(state) == {path.replace("/", ".") for path in to_params(VARIABLES)}
    again = flax_to_torch(cnn(linen), VARIABLES)
    again.load_state_dict(state)
    assert torch.equal(again.eval()(torch.tensor(IMAGES)), net.eval()(torch.tensor(IMAGES)))


def test_names_with_a_slash() -> None:
    model = flax.linen.SpectralNorm(flax.linen.Dense(3))
    variables = model.init(jax.random.key(0), jnp.ones((1, 4)), update_stats=False)
    assert any("/" in name for name in variables["batch_stats"])
    equal(from_params(to_params(variables)), variables)
    net = flax_to_torch(linen.SpectralNorm(linen.Dense(3)), variables)
    x = torch.ones(1, 4)
    wanted, updates = model.apply(variables, jnp.ones((1, 4)), update_stats=True, mutable=["batch_stats"])
    np.testing.assert_allclose(net(x, update_stats=True).detach(), wanted, rtol=1e-5)
    for name, value in numpy_tree(updates["batch_stats"]).items():
        np.testing.assert_allclose(net.get_buffer(name), value, rtol=1e-5)


def test_boxed_variables() -> None:
    model = flax.linen.Dense(2, kernel_init=flax.linen.with_partitioning(jax.nn.initializers.ones, (None, "a")))
    params = to_params(model.init(jax.random.key(0), jnp.ones((1, 3))))
    assert {path: value.shape for path, value in params.items()} == {"kernel": (3, 2), "bias": (2,)}


def test_what_is_refused() -> None:
    with pytest.raises(ValueError, match="in the collection 'state' and in another"):
        to_params({"params": {"a": np.ones(1)}, "state": {"a": np.ones(1)}})
    with pytest.raises(TypeError, match="leave the collection 'losses' out"):
        to_params({"losses": {"a": (np.ones(1),)}})
    assert from_params(to_params({})) == {}


def test_msgpack_both_ways() -> None:
    tree = {**VARIABLES, "other": {"half": np.arange(3, dtype="float16"), "n": np.int32(3), "b": np.array([True])}}
    tree["other"]["brain"] = np.asarray(jnp.arange(3, dtype="bfloat16"))
    data = flax.serialization.to_bytes(jax.tree.map(jnp.asarray, tree))
    found = serialization.from_bytes(arrays(tree), data)
    equal(found, tree)
    assert serialization.to_bytes(arrays(found)) == data
    equal(flax.serialization.from_bytes(tree, serialization.to_bytes(arrays(tree))), tree)
    equal(serialization.msgpack_restore(data), tree)


def test_orbax_both_ways() -> None:
    with tempfile.TemporaryDirectory() as folder:
        checkpointer = orbax.checkpoint.PyTreeCheckpointer()
        checkpointer.save(Path(folder) / "theirs", jax.device_get(jax.tree.map(jnp.asarray, VARIABLES)))
        net = flax_to_torch(cnn(linen), numpy_tree(checkpointer.restore(Path(folder) / "theirs"))).eval()
        found = net(torch.tensor(IMAGES)).detach()
        checkpointer.save(Path(folder) / "ours", torch_jax.device_get(arrays(VARIABLES)))
        restored = checkpointer.restore(Path(folder) / "ours")
        equal(restored, VARIABLES)
    wanted = jax.jit(lambda variables: cnn(flax.linen).apply(variables, IMAGES, train=False))(restored)
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-5)


def test_training_goes_on_from_the_other_framework() -> None:
    """A TrainState goes through msgpack in the middle of training, from JAX to torch and back."""
    x = np.ones((2, 3), "float32")

    def state(side: Any, nn: Any, transform: Any, convert: Any) -> Any:
        params = init(flax.linen.Dense(2), x)["params"]
        return side.TrainState.create(apply_fn=nn.Dense(2).apply, params=convert(params), tx=transform.adam(0.1))

    def step(state: Any, grad: Any, x: Any) -> Any:
        gradients = grad(lambda params: ((state.apply_fn({"params": params}, x) - 1.0) ** 2).mean())(state.params)
        return state.apply_gradients(grads=gradients)

    def on_jax() -> Any:
        return state(flax.training.train_state, flax.linen, optax, lambda tree: jax.tree.map(jnp.asarray, tree))

    theirs = step(on_jax(), jax.grad, jnp.asarray(x))
    blank = state(train_state, linen, torch_optax, arrays)
    ours = serialization.from_bytes(blank, flax.serialization.to_bytes(theirs))
    equal(serialization.to_state_dict(ours), flax.serialization.to_state_dict(theirs))
    ours = step(ours, torch_jax.grad, on_torch.asarray(x))
    back = flax.serialization.from_bytes(on_jax(), serialization.to_bytes(ours))
    wanted = step(step(theirs, jax.grad, jnp.asarray(x)), jax.grad, jnp.asarray(x))
    found = step(back, jax.grad, jnp.asarray(x))
    assert int(found.step) == 3
    for one, other in zip(jax.tree.leaves(found), jax.tree.leaves(wanted), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
