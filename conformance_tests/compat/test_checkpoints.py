"""Parameters of dm-haiku to and from files, `Params`, `state_dict` and `nn.Module`."""

import copy
import pickle
from pathlib import Path
from typing import Any

import haiku
import jax
import numpy as np
import pytest
import torch
from torch.nn.utils import parametrizations, parametrize, prune

import unified as u
import unified.compat.haiku as hk
import unified.compat.jax as ujax


def theirs(x: Any) -> Any:
    x = haiku.Conv2D(4, 3)(x)
    x = haiku.BatchNorm(True, True, 0.9)(x, True)
    return haiku.nets.MLP([5, 2])(x.mean((1, 2)))


def ours(x: Any) -> Any:
    x = hk.Conv2D(4, 3)(x)
    x = hk.BatchNorm(True, True, 0.9)(x, True)
    return hk.nets.MLP([5, 2])(x.mean((1, 2)))


X = np.random.default_rng(0).normal(size=(2, 6, 5, 3)).astype(np.float32)


@pytest.fixture
def trained() -> Any:
    net = haiku.transform_with_state(theirs)
    params, state = net.init(jax.random.PRNGKey(0), X)
    _, state = net.apply(params, state, None, X)
    return params, state, np.asarray(net.apply(params, state, None, X)[0])


@pytest.fixture(autouse=True)
def on_torch() -> Any:
    u.set_backend("torch")
    yield
    u.set_backend(None)


def equal(a: Any, b: Any) -> None:
    assert {(m, k) for m in a for k in a[m]} == {(m, k) for m in b for k in b[m]}
    for m, bundle in a.items():
        for k, value in bundle.items():
            np.testing.assert_array_equal(np.asarray(value), np.asarray(b[m][k]))


def test_checkpoint_applies_as_it_is(trained: Any) -> None:
    params, state, out = trained
    net = hk.transform_with_state(ours)
    given = jax.device_get((params, state))
    np.testing.assert_allclose(np.asarray(net.apply(*given, None, torch.from_numpy(X))[0]), out, rtol=1e-4, atol=1e-5)


def test_pickles(trained: Any, tmp_path: Path) -> None:
    params, _, _ = trained
    path = tmp_path / "params.pickle"
    path.write_bytes(pickle.dumps(jax.device_get(params)))
    with pytest.raises(ValueError, match="allow_pickle=True"):
        hk.load(path)
    equal(hk.load(path, allow_pickle=True), params)
    path.write_bytes(pickle.dumps(haiku.data_structures.to_immutable_dict(params)))
    equal(hk.load(path, allow_pickle=True), params)
    with pytest.raises(ValueError, match="allow_pickle=True"):
        hk.load(path)


def test_files(trained: Any, tmp_path: Path) -> None:
    params, _, _ = trained
    hk.save(tmp_path / "params.safetensors", params)
    equal(hk.load(tmp_path / "params.safetensors"), params)
    flat = {f"{m}/{k}": np.asarray(v) for m, bundle in params.items() for k, v in bundle.items()}
    np.savez(tmp_path / "params.npz", **flat)
    equal(hk.load(tmp_path / "params.npz"), params)
    with pytest.raises(TypeError, match="a dict of dicts"):
        hk.save(tmp_path / "bad", {"linear": np.ones(2)})


def test_params(trained: Any, tmp_path: Path) -> None:
    params, state, _ = trained
    variables = hk.to_params(params, state)
    assert variables["mlp/~/linear_0/w"].shape == (4, 5)
    assert variables.info["batch_norm/~/mean_ema/average"].collection == "state"
    trainable, rest = variables.split()
    assert set(trainable) == {f"{m}/{k}" for m in params for k in params[m]}
    assert all(path.startswith("batch_norm/~/") for path in rest)
    back, back_state = hk.from_params(variables)
    equal(back, params)
    equal(back_state, state)
    u.save(tmp_path / "checkpoint", variables)
    equal(hk.from_params(u.load(tmp_path / "checkpoint"))[0], params)
    net = hk.transform_with_state(ours)
    made, _ = net.init(0, ujax.numpy.asarray(X))
    assert hk.to_params(made)["conv2_d/w"].shape == (3, 3, 3, 4)


def test_module(trained: Any) -> None:
    params, state, out = trained
    net = hk.without_apply_rng(hk.transform_with_state(ours))
    module = hk.to_torch(net, params, state)
    found = module(torch.from_numpy(X))
    np.testing.assert_allclose(found.detach().numpy(), out, rtol=1e-4, atol=1e-5)
    names = hk.to_params(params, state).to("numpy").state_dict()
    assert set(module.state_dict()) == set(names)
    copied = copy.deepcopy(module)
    for value in copied.parameters():
        torch.nn.init.zeros_(value)
    assert copied(torch.from_numpy(X)).abs().max() == 0
    copied.load_state_dict({name: torch.from_numpy(np.asarray(value)) for name, value in names.items()})
    torch.testing.assert_close(copied.state_dict()["mlp.~.linear_1.w"], module.state_dict()["mlp.~.linear_1.w"])
    back = hk.from_params(hk.to_params(params))[0]
    equal(back, params)


def test_module_trains(trained: Any) -> None:
    """Three steps of gradient descent give the parameters and statistics that dm-haiku gets."""
    params, state, _ = trained
    module = hk.to_torch(hk.without_apply_rng(hk.transform_with_state(ours)), params, state)
    optimizer = torch.optim.SGD(module.parameters(), 0.1)
    net = haiku.transform_with_state(theirs)

    def loss(params: Any, state: Any) -> Any:
        out, state = net.apply(params, state, None, X)
        return (out**2).sum(), state

    for _ in range(3):
        gradients, state = jax.grad(loss, has_aux=True)(params, state)
        params = jax.tree_util.tree_map(lambda p, g: p - 0.1 * g, params, gradients)
        optimizer.zero_grad()
        (module(torch.from_numpy(X)) ** 2).sum().backward()
        optimizer.step()
    wanted = hk.to_params(params, state).to("numpy").state_dict()
    for name, value in module.state_dict().items():
        np.testing.assert_allclose(value.numpy(), wanted[name], rtol=1e-4, atol=1e-5, err_msg=name)


def test_module_with_keys() -> None:
    net = hk.transform(lambda x: hk.dropout(hk.next_rng_key(), 0.5, hk.Linear(50)(x)))
    params = net.init(0, torch.ones(1, 4))
    module = hk.to_torch(net, params, rng=3)
    first, second = module(torch.ones(1, 4)), module(torch.ones(1, 4))
    assert (first == 0).any() and not torch.equal(first, second)
    with pytest.raises(ValueError, match="PRNGKey"):
        hk.to_torch(net, params)(torch.ones(1, 4))
    with pytest.raises(ValueError, match="state was given"):
        hk.to_torch(net, params, {"linear": {"n": np.zeros(())}})


class ByHand(torch.nn.Module):
    def __init__(self, params: Any) -> None:
        super().__init__()
        self.w, self.b = (torch.nn.Parameter(params["linear"][name].clone()) for name in "wb")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x @ self.w + self.b


@pytest.mark.filterwarnings("ignore:`torch.nn.utils.weight_norm` is deprecated")
@pytest.mark.parametrize(
    "change",
    [
        lambda module: parametrizations.weight_norm(module, "w"),
        lambda module: torch.nn.utils.weight_norm(module, "w"),
        lambda module: prune.l1_unstructured(module, "w", 3),
        lambda module: [prune.l1_unstructured(module, "w", 2) for _ in range(2)],
        lambda module: prune.remove(prune.l1_unstructured(module, "w", 2), "w"),
    ],
    ids=["parametrized", "weight norm by a hook", "pruned", "pruned twice", "pruning made permanent"],
)
def test_tensors_that_torch_computes(change: Any) -> None:
    """What `torch.nn.utils` puts in a parameter's place is computed in each call, as in a module that is called."""
    net = hk.transform(lambda x: hk.Linear(2)(x), backend="torch")
    x = torch.from_numpy(X[:, 0, 0])
    params = net.init(0, x)
    module, wanted = hk.to_torch(hk.without_apply_rng(net), params), ByHand(params)
    change(module.linear)
    change(wanted)
    assert {name.removeprefix("linear.") for name in module.state_dict()} == set(wanted.state_dict())
    for each in (module, wanted):
        optimizer = torch.optim.SGD(each.parameters(), 0.1)
        for _ in range(2):
            optimizer.zero_grad()
            (each(x) ** 2).sum().backward()
            optimizer.step()
    torch.testing.assert_close(module(x), wanted(x))


def test_state_that_torch_computes_is_refused_where_a_call_changes_it() -> None:
    net = hk.transform_with_state(lambda x: hk.BatchNorm(False, False, 0.9)(x, True), backend="torch")
    x = torch.ones(2, 3)
    module = hk.to_torch(hk.without_apply_rng(net), *net.init(0, x))
    averages = module.get_submodule("batch_norm.~.mean_ema")
    parametrize.register_parametrization(averages, "average", torch.nn.Identity())
    with pytest.raises(ValueError, match="'average', and it is no buffer of its module any more"):
        module(x)


@pytest.mark.parametrize(
    ("params", "state"),
    [({"m": {"w": np.ones(1)}}, {"m": {"w": np.ones(1)}}), ({"m": {"n.w": np.ones(1)}, "m/n": {"w": np.ones(1)}}, {})],
    ids=["a parameter and a state", "a dot in a name"],
)
def test_two_variables_of_one_name_in_a_state_dict_are_refused(params: Any, state: Any) -> None:
    net = hk.transform_with_state(lambda x: x, backend="torch")
    with pytest.raises(ValueError, match=r"would both be 'm\.(n\.)?w' in a state_dict"):
        hk.to_torch(net, params, state)
