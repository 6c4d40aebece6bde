"""`u.jit` and `u.vmap` of bound models."""

import copy
import pickle
from typing import Any

import jax
import numpy as np
import pytest
import torch

import unified as u
import unified.functional as F

X = np.random.default_rng(0).standard_normal((5, 3, 4)).astype(np.float32)
TRACES: list[int] = []


def forward(x: Any, scale: float = 1.0) -> Any:
    TRACES.append(1)
    u.set_state("calls", u.get_state("calls", ()) + 1)
    return F.tanh(u.Linear(4, 2)(x)) * scale


def bind_forward() -> Any:
    net = u.transform(forward, backend="jax")
    return net.bind(net.init(X[0], rng=0))


def test_jit_compiles_once_for_each_kind_of_arguments() -> None:
    plain = bind_forward()
    compiled = u.jit(plain)
    expected, after = plain(X[0])
    TRACES.clear()
    model = compiled
    for _ in range(3):
        output, model = model(X[0])
    assert len(TRACES) == 1
    np.testing.assert_allclose(output, expected, rtol=1e-6)
    assert model.params["calls"] == 3
    assert compiled.params["calls"] == 0
    np.testing.assert_allclose(model(X[0], scale=2.0)[0], 2 * expected, rtol=1e-6)
    assert len(TRACES) == 2
    assert repr(compiled).startswith("unified.jit(BoundModel(")
    assert after.params["calls"] == 1


def test_vmap_maps_its_inputs_and_not_its_variables() -> None:
    plain = bind_forward()
    mapped = u.vmap(plain)
    output, new_model = mapped(X)
    np.testing.assert_allclose(output, np.stack([plain(x)[0] for x in X]), rtol=1e-6)
    assert new_model.params["calls"] == 1
    output, _ = u.vmap(plain, in_axes=1, out_axes=-1)(X.swapaxes(0, 1))
    np.testing.assert_allclose(output, np.stack([plain(x)[0] for x in X], -1), rtol=1e-6)
    jitted_output, _ = u.jit(u.vmap(plain))(X)
    np.testing.assert_allclose(jitted_output, mapped(X)[0], rtol=1e-6)
    with pytest.raises(TypeError, match="positional arguments alone"):
        mapped(X, scale=X)


@pytest.mark.parametrize("transform", [u.jit, u.vmap])
def test_they_are_immutable_pytrees(transform: Any) -> None:
    model = transform(bind_forward())
    leaves, structure = jax.tree.flatten(model)
    assert len(leaves) == 3
    again = jax.tree.unflatten(structure, leaves)
    np.testing.assert_array_equal(again(X)[0], model(X)[0])
    gradient = jax.grad(lambda m: (m(X)[0] ** 2).sum())(model)
    assert jax.tree.structure(gradient) == structure
    assert abs(gradient.params["linear/weight"]).sum() > 0
    assert jax.jit(lambda m, x: m(x)[0])(model, X).shape == (5, 3, 2)
    assert model.replace(model.params).params is model.params
    for duplicate in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        np.testing.assert_array_equal(duplicate(X)[0], model(X)[0])
    with pytest.raises(TypeError, match="immutable"):
        model.kind = "other"


class Autoencoder(u.Module):
    def encode(self, x: Any) -> Any:
        u.set_state("seen", u.get_state("seen", ()) + 1)
        return F.tanh(u.Linear(4, 2)(x))

    def decode(self, z: Any) -> Any:
        return u.Linear(2, 4)(z)

    def __call__(self, x: Any) -> Any:
        return self.decode(self.encode(x))


def whole(x: Any) -> Any:
    return Autoencoder()(x)


def encode(x: Any) -> Any:
    return Autoencoder().encode(x)


def decode(z: Any) -> Any:
    return Autoencoder().decode(z)


def test_methods_are_such_models() -> None:
    net = u.transform(whole, backend="jax")
    model = net.bind(net.init(X[0], rng=0))
    expected, _ = model(X[0])
    traces = []

    @jax.jit
    def step(encoder: Any, decoder: Any, x: Any) -> Any:
        traces.append(1)
        code, encoder = encoder(x)
        return decoder(code)[0], encoder

    for _ in range(2):  # jit does not compile again for a new model of the same method
        output, encoder = step(model.method(encode), model.method(decode), X[0])
    assert len(traces) == 1
    np.testing.assert_allclose(output, expected, rtol=1e-6)
    assert encoder.params["autoencoder/encode/seen"] == 1
    assert model.params["autoencoder/encode/seen"] == 0
    gradient = jax.grad(lambda m: (m(X[0])[0] ** 2).sum())(model.method(encode))
    assert abs(gradient.params["autoencoder/encode/linear/weight"]).sum() > 0
    assert abs(gradient.params["autoencoder/decode/linear/weight"]).sum() == 0
    codes, _ = u.vmap(u.jit(model.method(encode)))(X)
    np.testing.assert_allclose(codes[0], model.method(encode)(X[0])[0], rtol=1e-6)


def test_methods_on_torch_share_the_layers() -> None:
    net = u.transform(whole, backend="torch").init(torch.tensor(X[0]), rng=0)
    encoder, decoder = net.method(encode), net.method(decode)
    assert isinstance(encoder, torch.nn.Module)
    torch.testing.assert_close(decoder(encoder(torch.tensor(X[0]))), net(torch.tensor(X[0])))
    assert encoder.autoencoder.encode.linear is net.autoencoder.encode.linear
    assert net.autoencoder.encode.seen == 2
    with pytest.raises(u.StructureChangedError):
        net.method(lambda x: u.Linear(4, 4)(x))(torch.tensor(X[0]))


def test_saved_as_the_model_is(tmp_path: Any) -> None:
    model = u.jit(bind_forward())
    u.save(tmp_path / "a.safetensors", model)
    loaded = u.load_model(tmp_path / "a.safetensors", forward, X[0], backend="jax")
    np.testing.assert_array_equal(loaded(X[0])[0], model(X[0])[0])


def test_on_torch_they_are_modules() -> None:
    net = u.transform(lambda x: F.tanh(u.Linear(4, 2)(x)), backend="torch").init(torch.tensor(X[0]), rng=0)
    x = torch.tensor(X)
    mapped = u.vmap(net)
    assert isinstance(mapped, torch.nn.Module)
    torch.testing.assert_close(mapped(x), net(x))
    compiled = u.jit(net, backend="eager", fullgraph=True)
    assert isinstance(compiled, torch.nn.Module)
    torch.testing.assert_close(compiled(x), net(x))
    torch.testing.assert_close(u.vmap(net, in_axes=1, out_axes=1)(x), net(x))


def bind_on_torch() -> Any:
    net = u.transform(forward, backend="torch").init(torch.tensor(X[0]), rng=0)
    return net.bind(net.params)


def test_the_contract_is_the_same_on_torch() -> None:
    on_torch, on_jax = bind_on_torch(), bind_forward()
    x = torch.tensor(X[0])
    output, after = on_torch(x)
    np.testing.assert_allclose(output.detach().numpy(), on_jax(X[0])[0], rtol=1e-5, atol=1e-6)
    assert (int(on_torch.params["calls"]), int(after.params["calls"])) == (0, 1)
    assert type(after) is type(on_torch) is type(on_jax)
    rows, unpacked = on_torch(x[:2])  # a batch of two is no pair
    assert rows.shape == (2, 2)
    assert unpacked.params["calls"] == 1
    captured = on_torch(x, capture="linear")[1].params.filter("intermediates")
    assert list(captured) == list(on_jax(X[0], capture="linear")[1].params.filter("intermediates"))
    doubled = on_torch.replace(on_torch.params.update({"linear/bias": on_torch.params["linear/bias"] + 1}))
    assert not torch.equal(doubled(x)[0], output)
    with pytest.raises(TypeError, match="immutable"):
        on_torch.params = doubled.params
    with pytest.raises(TypeError, match="no module"):
        assert on_jax.module


def test_a_bound_model_of_torch_has_nothing_to_do_with_the_model_it_came_from() -> None:
    net = u.transform(forward, backend="torch").init(torch.tensor(X[0]), rng=0)
    of_jax = bind_forward()
    bound = net.bind(of_jax.params)  # arrays of another framework are converted
    module: Any = bound.module
    assert isinstance(module, torch.nn.Module)
    with torch.no_grad():
        net.linear.weight.zero_()
        module.linear.bias.zero_()
    np.testing.assert_allclose(bound(torch.tensor(X[0]))[0].detach().numpy(), of_jax(X[0])[0], rtol=1e-5, atol=1e-6)
    with pytest.raises(KeyError, match="missing"):
        net.bind(of_jax.params.filter("linear/*"))
    with pytest.raises(u.NotInitializedError, match="before bind"):
        u.transform(forward, backend="torch").bind(of_jax.params)


@pytest.mark.parametrize("transform", [u.jit, u.vmap])
def test_they_are_trees_of_torch(transform: Any) -> None:
    plain = bind_on_torch()
    model = transform(plain)
    x = torch.tensor(X)
    output, after = model(x)
    np.testing.assert_allclose(
        output.detach().numpy(), np.stack([plain(row)[0].detach().numpy() for row in x]), rtol=1e-5, atol=1e-6
    )
    assert after.params["calls"] == 1
    assert repr(model).startswith(f"unified.{transform.__name__}(BoundModel(")
    gradient = u.grad(lambda m: (m(x)[0] ** 2).sum())(model)
    truth = jax.grad(lambda m: (m(X)[0] ** 2).sum())(transform(bind_forward())).params
    for path in gradient:
        np.testing.assert_allclose(gradient[path].numpy(), truth[path], rtol=1e-4, atol=1e-5)
    for duplicate in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        torch.testing.assert_close(duplicate(x)[0], output)


def test_methods_of_a_bound_model_of_torch() -> None:
    net = u.transform(whole, backend="torch").init(torch.tensor(X[0]), rng=0)
    bound, x = net.bind(net.params), torch.tensor(X[0])
    code, encoder = bound.method(encode)(x)
    torch.testing.assert_close(bound.method(decode)(code)[0], bound(x)[0])
    assert encoder.params["autoencoder/encode/seen"] == 1
    assert bound.params["autoencoder/encode/seen"] == 0
