"""`layer_stack` equals the same layers written out, and each loads into the other, on both frameworks."""

from typing import Any

import haiku as hk
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
import unified.functional as F
from unified.testing import assert_parity

RANDOM = np.random.default_rng(0)
X = RANDOM.standard_normal((3, 4)).astype(np.float32)
LAYERS = 5


class Block(u.Module):
    def __call__(self, x: Any) -> Any:
        return x + F.tanh(u.Linear(4, 4)(u.BatchNorm1d(4)(x)))


def block(x: Any) -> Any:
    return u.Dropout(0.1)(Block()(x) * u.get_parameter("scale", (4,), u.initializers.normal()))


def stack(stacked: bool, **options: Any) -> Any:
    return lambda x: u.Linear(4, 2)(u.layer_stack(LAYERS, stacked=stacked, **options)(block)(x))


@pytest.mark.parametrize(
    "options", [{}, {"remat": True}, {"unroll": 2}, {"split_rngs": False}, {"name": "tower"}], ids=str
)
@pytest.mark.parametrize("stacked", [True, False])
def test_parity(stacked: bool, options: dict[str, Any]) -> None:
    assert_parity(stack(stacked, **options), X, rtol=1e-4, atol=1e-4)


def test_names() -> None:
    params = u.transform(stack(True), backend="jax").init(X, rng=0)
    assert {path: value.shape for path, value in params.items() if "layer_stack" in path} == {
        "layer_stack/scale": (5, 4),
        "layer_stack/block/batch_norm1d/weight": (5, 4),
        "layer_stack/block/batch_norm1d/bias": (5, 4),
        "layer_stack/block/batch_norm1d/running_mean": (5, 4),
        "layer_stack/block/batch_norm1d/running_var": (5, 4),
        "layer_stack/block/batch_norm1d/num_batches_tracked": (5,),
        "layer_stack/block/linear/weight": (5, 4, 4),
        "layer_stack/block/linear/bias": (5, 4),
    }


def test_starts_as_the_layers_written_out_and_one_loads_into_the_other() -> None:
    nets = [u.transform(stack(stacked), backend="jax") for stacked in (True, False)]
    stack_params, layer_params = (net.init(X, rng=0) for net in nets)
    unstacked, restacked = stack_params.unstack("layer_stack"), layer_params.stack("layer_stack")
    assert list(unstacked) == [path for path in layer_params if path in unstacked]
    assert unstacked.keys() == layer_params.keys()
    assert restacked.keys() == stack_params.keys()
    for path, value in layer_params.items():
        np.testing.assert_array_equal(value, unstacked[path], err_msg=path)
        assert layer_params.info[path] == unstacked.info[path]
    for path, value in stack_params.items():
        np.testing.assert_array_equal(value, restacked[path], err_msg=path)
        assert stack_params.info[path] == restacked.info[path]
    expected = nets[0].apply(stack_params, X)[0]
    for net, params in ((nets[1], unstacked), (nets[0], restacked)):
        np.testing.assert_allclose(net.apply(params, X)[0], expected, rtol=1e-5, atol=1e-6)
    for stacked, params in ((False, unstacked), (True, restacked)):
        model = u.transform(stack(stacked), backend="torch").init(torch.tensor(X), rng=9).eval()
        model.load_params(params.filter(u.filters.not_("rng")))
        np.testing.assert_allclose(model(torch.tensor(X)).detach(), expected, rtol=1e-5, atol=1e-5)
        other_params = model.params.stack("layer_stack") if not stacked else model.params.unstack("layer_stack")
        other = u.transform(stack(not stacked), backend="torch").init(torch.tensor(X), rng=9).eval()
        other.load_params(other_params)
        torch.testing.assert_close(other(torch.tensor(X)), model(torch.tensor(X)))


def test_gradients_are_those_of_the_layers_written_out() -> None:
    nets = [u.transform(stack(stacked, remat=stacked), backend="jax") for stacked in (True, False)]
    stack_params, layer_params = (net.init(X, rng=0) for net in nets)

    def gradients(net: Any, params: u.Params) -> u.Params:
        trainable, rest = params.split()
        return jax.jit(jax.grad(lambda t: (net.apply(rest | t, X)[0] ** 2).sum()))(trainable)

    expected = gradients(nets[1], layer_params)
    unstacked = gradients(nets[0], stack_params).unstack("layer_stack")
    assert unstacked.keys() == expected.keys()
    for path, value in expected.items():
        np.testing.assert_allclose(unstacked[path], value, rtol=1e-5, atol=1e-5, err_msg=path)


def test_equals_haiku_layer_stack() -> None:
    def ours(x: Any) -> Any:
        return u.layer_stack(LAYERS)(lambda x: x + F.tanh(u.Linear(4, 4)(x)))(x)

    def theirs(x: Any) -> Any:
        return hk.experimental.layer_stack(LAYERS)(lambda x: x + jnp.tanh(hk.Linear(4)(x)))(x)

    net = u.transform(ours, backend="jax")
    params = net.init(X, rng=0)
    haiku = hk.without_apply_rng(hk.transform(theirs))
    (path, shapes), *others = haiku.init(jax.random.key(0), X).items()
    assert not others
    haiku_params = {
        path: {
            "w": params["layer_stack/linear/weight"].swapaxes(1, 2),
            "b": params["layer_stack/linear/bias"],
        }
    }
    assert jax.tree.map(jnp.shape, dict(shapes)) == jax.tree.map(jnp.shape, haiku_params[path])
    np.testing.assert_allclose(net.apply(params, X)[0], haiku.apply(haiku_params, X), rtol=1e-5, atol=1e-6)


def test_inputs_and_outputs_of_each_layer() -> None:
    extra = RANDOM.standard_normal((LAYERS, 4)).astype(np.float32)

    def body(x: Any, extra: Any, stacked: bool = True) -> Any:
        def layer(x: Any, shift: Any) -> Any:
            y = u.Linear(4, 4)(x) + shift
            return y, {"sum": y.sum(), "shift": shift}

        return u.layer_stack(LAYERS, with_per_layer_inputs=True, stacked=stacked)(layer)(x, extra)

    for stacked in (True, False):
        assert_parity(body, X, extra, kwargs={"stacked": stacked}, rtol=1e-4)
    net = u.transform(body, backend="jax")
    y, outputs = net.apply(net.init(X, extra, rng=0), X, extra)[0]
    np.testing.assert_array_equal(outputs["shift"], extra)
    np.testing.assert_allclose(outputs["sum"][-1], y.sum(), rtol=1e-6)


def test_several_arguments() -> None:
    def body(x: Any) -> Any:
        return u.layer_stack(3)(lambda a, b: (u.Linear(4, 4)(b), a))(x, -x)

    assert_parity(body, X)


def test_a_layer_from_outside_is_shared() -> None:
    def body(x: Any) -> Any:
        shared = u.Linear(4, 4)
        return u.layer_stack(3)(lambda x: shared(x) + u.Linear(4, 4)(x))(x)

    assert_parity(body, X)
    shapes = {path: value.shape for path, value in u.transform(body, backend="jax").init(X, rng=0).items()}
    assert shapes["linear/weight"] == (4, 4)
    assert shapes["layer_stack/linear/weight"] == (3, 4, 4)


def test_stacks_in_stacks() -> None:
    def body(x: Any, stacked: bool = True) -> Any:
        def outer(x: Any) -> Any:
            return u.layer_stack(3, stacked=stacked)(lambda x: x + u.Linear(4, 4)(x))(u.Linear(4, 4)(x))

        return u.layer_stack(2, stacked=stacked)(outer)(x)

    for stacked in (True, False):
        assert_parity(body, X, kwargs={"stacked": stacked}, rtol=1e-4)
    nets = [u.transform(body, stacked=stacked, backend="jax") for stacked in (True, False)]
    stack_params, layer_params = (net.init(X, rng=0) for net in nets)
    assert stack_params["layer_stack/layer_stack/linear/weight"].shape == (2, 3, 4, 4)
    outer = stack_params.unstack("layer_stack")
    unstacked = outer.unstack("layer_stack/0/layer_stack").unstack("layer_stack/1/layer_stack")
    assert unstacked.keys() == layer_params.keys()
    for path, value in layer_params.items():
        np.testing.assert_array_equal(value, unstacked[path], err_msg=path)


def test_sharding_of_a_layer_is_that_of_each_in_the_stack() -> None:
    def body(x: Any) -> Any:
        def inner(x: Any) -> Any:
            return u.Linear(4, 4, metadata={"weight": {"sharding": (None, "model")}, "bias": {"note": 1}})(x)

        return u.vmap(lambda x: u.layer_stack(2)(inner)(x), axis_size=3, in_axes=None, variable_axes={...: -1})(x)

    model = u.transform(body, backend="torch").init(torch.tensor(X), rng=0)
    for params in (u.transform(body, backend="jax").init(X, rng=0), model.params):
        info = params.info["vmap/layer_stack/linear/weight"]
        assert info.shape == (2, 4, 4, 3)
        assert info.metadata == {"sharding": (None, None, "model", None)}
        assert params.info["vmap/layer_stack/linear/bias"].metadata == {"note": 1}


def test_compiles_one_block_on_jax() -> None:
    sizes = []
    for layers in (2, 20):
        net = u.transform(lambda x, n=layers: u.layer_stack(n)(lambda x: u.Linear(4, 4)(x))(x), backend="jax")
        params = net.init(X, rng=0)
        sizes.append(len(jax.jit(net.apply).lower(params, X).as_text().splitlines()))
    assert sizes[0] == sizes[1]


def test_intermediates_of_all_layers() -> None:
    net = u.transform(stack(True), backend="jax")
    params = net.init(X, rng=0)
    _, of_jax = net.apply(params, X, capture="layer_stack/block")
    model = u.transform(stack(True), backend="torch").init(torch.tensor(X), rng=0)
    _, of_torch = model.apply(model.params, torch.tensor(X), capture="layer_stack/block")
    assert list(of_jax) == list(of_torch) == ["layer_stack/block/output"]
    assert of_jax["layer_stack/block/output"].shape == (5, 3, 4)
    np.testing.assert_allclose(
        of_jax["layer_stack/block/output"], of_torch["layer_stack/block/output"].detach(), rtol=1e-5, atol=1e-5
    )


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_errors(backend: str) -> None:
    x: Any = torch.tensor(X) if backend == "torch" else jnp.asarray(X)

    def init(body: Any) -> Any:
        return u.transform(body, backend=backend).init(x, rng=0)

    with pytest.raises(ValueError, match="needs at least one layer, got 0"):
        init(lambda x: u.layer_stack(0)(lambda x: x)(x))
    with pytest.raises(
        TypeError, match=r"u\.layer_stack: the carry went in as float32\[3, 4\] and came out as float32\[3, 2\]"
    ):
        init(lambda x: u.layer_stack(2)(lambda x: u.Linear(4, 2)(x))(x))
    with pytest.raises(ValueError, match=r"inputs\[0\] has 3, num_layers=2"):
        init(lambda x: u.layer_stack(2, True)(lambda x, y: (x, y))(x, x))
    with pytest.raises(u.NoActiveTransformError, match="layer_stack was used outside"):
        u.layer_stack(2)(lambda x: x)(x)


def test_errors_of_stack_and_unstack() -> None:
    params = u.Params({"a/0/w": np.ones(2), "a/1/w": np.ones(2), "b/w": np.ones((2, 3)), "c/v": np.ones((4, 1))})
    assert list(params.stack("a")) == ["a/w", "b/w", "c/v"]
    with pytest.raises(KeyError, match="nothing below 'd'"):
        params.stack("d")
    with pytest.raises(KeyError, match="nothing below 'd'"):
        params.unstack("d")
    with pytest.raises(ValueError, match="'b/w' is not of a layer"):
        params.stack("b")
    with pytest.raises(ValueError, match=r"no stack: their first axes have the sizes \[2, 3\]"):
        u.Params({"a/w": np.ones(2), "a/v": np.ones(3)}).unstack("a")
    with pytest.raises(ValueError, match="no stack"):
        u.Params({"a/w": np.ones(())}).unstack("a")
    with pytest.raises(ValueError, match=r"is float64\[3\] in 'params', and 'a/0/w' is float64\[2\]"):
        u.Params({"a/0/w": np.ones(2), "a/1/w": np.ones(3)}).stack("a")
    with pytest.raises(ValueError, match="do not have the same variables"):
        u.Params({"a/0/w": np.ones(2), "a/1/w": np.ones(2), "a/0/v": np.ones(2)}).stack("a")


def test_saved_and_loaded(tmp_path: Any) -> None:
    body = stack(True)
    net = u.transform(body, backend="jax")
    params = net.init(X, rng=0)
    u.save(tmp_path / "a.safetensors", params)
    model = u.load_model(tmp_path / "a.safetensors", body, torch.tensor(X), backend="torch").eval()
    np.testing.assert_allclose(model(torch.tensor(X)).detach(), net.apply(params, X)[0], rtol=1e-5, atol=1e-5)
