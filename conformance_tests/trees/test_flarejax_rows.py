"""The features of FlareJax, a test for each row of the list, on both frameworks."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
import unified.functional as F
import unified.trees as ut
from conformance_tests.trees.models import BACKENDS, Autoencoder, Linear, Net, array, filled, numpy

both = pytest.mark.parametrize("backend", BACKENDS)


@both
def test_row_1_fields_make_init(backend):
    layer = Linear(array(backend, (3, 2)), bias=None)
    assert dataclasses.is_dataclass(layer) and [f.name for f in dataclasses.fields(layer)] == ["weight", "bias", "name"]
    with pytest.raises(TypeError, match="weight"):
        Linear()
    np.testing.assert_allclose(
        numpy(layer(array(backend, (4, 2)))), numpy(array(backend, (4, 2))) @ numpy(layer.weight).T, rtol=1e-6
    )


@both
def test_row_2_array_fields_are_the_variables(backend):
    layer = Linear(array(backend, (3, 2)))
    assert list(ut.params(layer)) == ["weight"]
    assert ut.params(layer)["weight"] is layer.weight


@both
def test_row_3_classmethod_init(backend):
    layer = filled(backend, Linear.init(2, 3, name="other"))
    assert (layer.weight.shape, layer.bias.shape, layer.name) == ((3, 2), (3,), "other")


@both
def test_row_4_and_7_a_model_is_called_outside_of_a_body(backend):
    y = filled(backend)(array(backend, (5, 2)))
    assert y.shape == (5, 1)


@both
def test_row_5_immutable(backend):
    layer = filled(backend, Linear.init(2, 3))
    with pytest.raises(dataclasses.FrozenInstanceError, match=r"Linear.bias cannot be set.*replace\(bias=value\)"):
        layer.bias = None
    with pytest.raises(dataclasses.FrozenInstanceError, match="deleted"):
        del layer.bias
    with pytest.raises(dataclasses.FrozenInstanceError):
        layer.unknown = 1
    assert layer.replace(bias=None).bias is None and layer.bias is not None


def test_row_6_a_pytree_through_transforms():
    x, grads = array("jax", (5, 2)), []
    for backend, grad in (("jax", jax.grad), ("torch", torch.func.grad)):
        model = filled(backend, Autoencoder.init())
        grads.append(grad(lambda model, x: (model(x) ** 2).sum())(model, array(backend, (5, 2))))
        assert type(grads[-1]) is Autoencoder
    for path, value in ut.params(grads[0]).items():
        np.testing.assert_allclose(numpy(value), numpy(ut.params(grads[1])[path]), atol=1e-6)
    model = filled("jax", Autoencoder.init())
    np.testing.assert_allclose(jax.jit(lambda m, x: m(x))(model, x), model(x), rtol=1e-6)
    _, ys = jax.lax.scan(lambda carry, x: (carry, carry(x)), model, x)
    np.testing.assert_allclose(ys, jax.vmap(model)(x), rtol=1e-5)
    np.testing.assert_allclose(ys, model(x), rtol=1e-5)


@both
def test_row_8_fields_hold_modules(backend):
    model = filled(backend)
    assert model.first.weight.shape == (4, 2) and model.norm.running_mean.shape == (4,)
    assert model.parts[2]["last"].weight.shape == (1, 4) and model.parts[0].in_features == 4


@both
def test_row_9_sequential(backend):
    model = filled(backend, ut.Sequential((Linear.init(2, 3), F.relu, ut.Linear(3, 1))))
    assert list(ut.params(model)) == [f"layers/{p}" for p in ("0/weight", "0/bias", "2/weight", "2/bias")]
    x = array(backend, (4, 2))
    assert numpy(model(x)).tolist() == numpy(model.layers[2](F.relu(model.layers[0](x)))).tolist()


@both
@pytest.mark.parametrize("wrap", [ut.Jit, ut.VMap, lambda m: ut.Jit(ut.VMap(m)), lambda m: ut.VMap(ut.Jit(m))])
def test_row_10_11_12_wrappers_are_modules(backend, wrap):
    model = filled(backend, Autoencoder.init())
    wrapped = wrap(model)
    assert isinstance(wrapped, ut.Module) and list(ut.params(wrapped)) == list(ut.params(model))
    x = array(backend, (4, 3, 2))
    np.testing.assert_allclose(numpy(wrapped(x)), numpy(model(x)), rtol=1e-5, atol=1e-6)


@both
def test_row_13_bound_methods_are_modules(backend):
    model = filled(backend, Autoencoder.init())
    encode = model.encode
    assert isinstance(encode, ut.Module) and encode.__name__ == "encode" and encode.__self__ is model
    x = array(backend, (4, 2))
    for call in (encode, ut.Jit(encode), ut.VMap(encode)):
        np.testing.assert_allclose(numpy(call(x)), np.tanh(numpy(model.encoder(x))), rtol=1e-5, atol=1e-6)
    if backend == "jax":
        np.testing.assert_allclose(jax.jit(lambda e, x: e(x))(encode, x), encode(x), rtol=1e-6)


@both
@pytest.mark.parametrize("other", BACKENDS)
def test_row_14_15_16_18_save_and_load(backend, other, tmp_path):
    """With hyperparameters, and on the other framework too."""
    model, path = filled(backend), tmp_path / "model.safetensors"
    ut.save(path, model)
    loaded = ut.load(path, other, trust=["conformance_tests"])
    assert type(loaded) is Net and loaded == model and loaded.activation is F.relu
    assert loaded.norm.eps == model.norm.eps and loaded.first.name == "linear"
    x = np.ones((3, 2), "float32")
    np.testing.assert_allclose(numpy(loaded(array(other, x))), numpy(model(array(backend, x))), atol=1e-6)


@both
def test_row_17_wrapped_models_are_saved(backend, tmp_path):
    model, path = filled(backend, Autoencoder.init()), tmp_path / "model.safetensors"
    for saved in (ut.Jit(ut.VMap(model, in_axes=1)), model.encode, ut.Jit(model.encode)):
        ut.save(path, saved)
        assert ut.load(path, "jax", trust=[Autoencoder]) == saved
        assert list(u.load(path)) == list(ut.params(model))


def test_row_19_key_paths_name_the_fields():
    paths = [".first.weight", ".first.bias", *(f".norm.{n}" for n in ("weight", "bias", "running_mean"))]
    on_jax = [jax.tree_util.keystr(keys) for keys, _ in jax.tree_util.tree_leaves_with_path(filled("jax"))]
    pytree = torch.utils._pytree
    on_torch = [pytree.keystr(keys) for keys, _ in pytree.tree_flatten_with_path(filled("torch"))[0]]
    assert on_jax[:5] == paths and on_jax == on_torch
    assert on_jax[-2:] == [".parts[2]['last'].weight", ".parts[2]['last'].bias"]


@both
def test_row_20_filtered_gradient_by_path(backend):
    model, x = filled(backend), array(backend, (5, 2))
    gradient = ut.Grad(lambda model, x: model(x).sum(), wrt="parts/*")(model, x)
    assert list(ut.params(gradient)) == [path for path in ut.params(model) if path.startswith("parts/")]
    whole = ut.Grad(lambda model, x: model(x).sum())(model, x)
    assert list(ut.params(whole)) == list(ut.params(model).split()[0])
    np.testing.assert_allclose(numpy(gradient.parts[0].weight), numpy(whole.parts[0].weight), rtol=1e-6)


def test_row_21_jit_infers_static_arguments():
    traces = []

    def power(x, exponent, mode="plain"):
        traces.append((exponent, mode))
        return x**exponent if mode == "plain" else -(x**exponent)

    fast, x = ut.Jit(power), jnp.arange(3.0)
    assert [fast(x, 2).tolist(), fast(x, 2).tolist(), fast(x, 3, mode="minus").tolist()] == [
        [0, 1, 4],
        [0, 1, 4],
        [0, -1, -8],
    ]
    assert traces == [(2, "plain"), (3, "minus")]
    assert fast(x, 2.0).dtype == x.dtype and len(traces) == 3  # 2 and 2.0 are two values


def test_row_22_trees_of_other_libraries():
    equinox = pytest.importorskip("equinox")
    foreign = equinox.nn.MLP(2, 3, 4, 1, key=jax.random.key(0))
    model = ut.fill(ut.Sequential((foreign, ut.Linear(3, 1))), backend="jax")
    x = jnp.ones(2)
    assert len(ut.params(model)) == 6 and "layers/0/layers/1/weight" in ut.params(model)
    np.testing.assert_allclose(jax.jit(lambda m, x: m(x))(model, x), model.layers[1](foreign(x)), rtol=1e-6)
    gradient = ut.Grad(lambda m, x: m(x).sum())(model, x)
    np.testing.assert_allclose(
        gradient.layers[0].layers[0].weight,
        equinox.filter_grad(lambda f, x: model.layers[1](f(x)).sum())(foreign, x).layers[0].weight,
        rtol=1e-6,
    )
