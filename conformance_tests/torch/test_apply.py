"""`apply`, `params`, `load_params` and `eval_shape`."""

import jax
import numpy as np
import pytest
import torch

import unified as u
from conformance_tests.torch.models import Case, batch, convnet, each_model, fresh, nested


def values(params):
    """Return a copy of all values by path."""
    return {path: value.clone() for path, value in params.items()}


def same(one, other):
    """Return whether the variables and their values are equal."""
    return list(one) == list(other) and all(torch.equal(one[path], other[path]) for path in one)


@each_model
@pytest.mark.parametrize("training", [False, True])
def test_apply_is_pure(case: Case, training: bool):
    model, x = fresh(case), batch(case)
    other = fresh(case).init(x, rng=1).params
    model_values, other_values = values(model.params), values(other)
    first, changes = model.apply(other, x, training=training)
    torch.manual_seed(0)
    first, changes = model.apply(other, x, training=training)
    torch.manual_seed(0)
    second, again = model.apply(other, x, training=training)
    assert torch.equal(first, second) and same(changes, again)
    assert same(values(model.params), model_values) and same(values(other), other_values)
    assert model.training and all(module.training for module in model.modules())


@each_model
def test_apply_equals_the_call(case: Case):
    model, x = fresh(case), batch(case)
    for training in (False, True):
        torch.manual_seed(0)
        output, changes = model.apply(model.params, x, training=training)
        torch.manual_seed(0)
        assert torch.equal(output, model.train(training)(x))
        assert same(values(model.params), values(model.params | changes))


@each_model
def test_changes_are_what_the_call_wrote(case: Case):
    model, x = fresh(case), batch(case)
    assert len(model.apply(model.params, x)[1]) == 0
    _, changes = model.apply(model.params, x, training=True)
    assert list(changes) == [path for path, info in model.params.info.items() if info.collection == "state"]
    assert all(not torch.equal(value, model.params[path]) for path, value in changes.items())
    assert all(not value.requires_grad for value in changes.values())


def test_apply_sets_the_mode_of_every_layer_and_puts_it_back():
    def forward(x):
        return u.BatchNorm1d(4, name="free")(u.BatchNorm1d(4, name="frozen")(x))

    x = torch.randn(6, 4)
    net = u.transform(forward, backend="torch").init(x, rng=0)
    net.frozen.eval()
    for training in (True, False):
        _, changes = net.apply(net.params, x, training=training)
        assert len(changes) == (6 if training else 0)
        assert (net.training, net.free.training, net.frozen.training) == (True, True, False)


@each_model
def test_gradients_flow_through_apply(case: Case):
    model, x = fresh(case), batch(case)
    trainable, rest = model.params.split()
    leaves = {path: value.detach().clone().requires_grad_() for path, value in trainable.items()}
    model.apply(rest | leaves, x)[0].sum().backward()
    model.eval()(x).sum().backward()
    for path, leaf in leaves.items():
        torch.testing.assert_close(leaf.grad, model.params[path].grad, rtol=1e-6, atol=1e-6)


@each_model
def test_apply_under_torch_func(case: Case):
    model, x = fresh(case), batch(case)
    trainable, rest = model.params.split()

    def loss(trainable, x):
        return model.apply(trainable | rest, x)[0].square().mean()

    gradients = torch.func.grad(loss)(trainable, x)
    assert isinstance(gradients, u.Params) and list(gradients) == list(trainable)
    expected = torch.autograd.grad(model.eval()(x).square().mean(), list(trainable.values()))
    for gradient, value in zip(gradients.values(), expected, strict=True):
        torch.testing.assert_close(gradient, value, rtol=1e-5, atol=1e-6)


@each_model
def test_apply_under_vmap(case: Case):
    x = batch(case)
    models = [fresh(case).init(x, rng=seed) for seed in range(2)]
    stacked = torch.utils._pytree.tree_map(lambda *leaves: torch.stack(leaves), *(model.params for model in models))
    outputs = torch.func.vmap(lambda params: models[0].apply(params, x)[0])(stacked)
    expected = torch.stack([model.eval()(x) for model in models])
    torch.testing.assert_close(outputs, expected, rtol=1e-5, atol=1e-5)


@each_model
def test_params_are_the_live_tensors(case: Case):
    model = fresh(case)
    params, state = model.params, model.state_dict(keep_vars=True)
    assert [path.replace("/", ".") for path in params] == list(state)
    assert all(value is state[path.replace("/", ".")] for path, value in params.items())
    for path, info in params.info.items():
        assert (info.path, info.shape, info.dtype) == (path, tuple(params[path].shape), str(params[path].dtype)[6:])
        assert (info.collection == "params") == info.trainable == isinstance(params[path], torch.nn.Parameter)
    assert params.state_dict().keys() == state.keys() and params.is_locked


def test_collections():
    params = fresh(Case(nested, torch.nn.Module, (4,))).params
    assert {path: info.collection for path, info in params.info.items() if info.collection != "params"} == {
        "encoder/block/mean": "state",
        "encoder/block_1/mean": "state",
    }


def test_user_collection():
    def forward(x):
        return x + u.get_state("cache", (4,), collection="caches")

    net = u.transform(forward, backend="torch").init(torch.ones(2, 4), rng=0)
    assert net.params.info["cache"].collection == "caches" and not net.params.info["cache"].trainable


@each_model
def test_params_of_jax(case: Case):
    x = batch(case)
    on_jax = u.transform(case.forward, backend="jax")
    params = on_jax.init(jax.numpy.asarray(x.numpy()), rng=0)
    model = fresh(case)
    assert list(params) == [path for path in params if path.startswith("rng/") or path in model.params]
    converted = params.to("torch")
    assert all(torch.equal(converted[path].to(value.dtype), value) for path, value in model.params.items())
    output, _ = model.apply(converted, x)
    expected, _ = on_jax.apply(params, jax.numpy.asarray(x.numpy()))
    np.testing.assert_allclose(output.detach().numpy(), np.asarray(expected), rtol=1e-5, atol=1e-5)


@each_model
@pytest.mark.parametrize("source", ["jax", "numpy", "torch", "dict"])
def test_load_params(case: Case, source: str):
    x = batch(case)
    model, other = fresh(case), fresh(case).init(x, rng=1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    arrays = {path: value.numpy(force=True) for path, value in other.params.items()}
    params = arrays if source == "dict" else u.Params(arrays).to(source)
    assert model.load_params(params) is model
    assert same(values(model.params), values(other.params))
    assert {id(p) for p in optimizer.param_groups[0]["params"]} == {id(p) for p in model.parameters()}


@each_model
def test_eval_shape_equals_init(case: Case):
    shapes = u.transform(case.forward, backend="torch").eval_shape(batch(case))
    params = fresh(case).params
    assert list(shapes) == list(params) and shapes.info == params.info
    assert all(value.device.type == "meta" for value in shapes.values())


def test_eval_shape_allocates_nothing():
    def huge(x):
        return u.Linear(None, 10**7)(u.Linear(10**6, 10**7)(x))

    net = u.transform(huge, backend="torch")
    shapes = net.eval_shape(torch.empty(2, 10**6, device="meta"))
    assert shapes["linear/weight"].shape == (10**7, 10**7)
    assert not list(net.modules())[1:]


def test_eval_shape_leaves_the_model_and_the_generator_alone():
    net, x = u.transform(convnet, backend="torch"), torch.ones(2, 1, 8, 8)
    net.init(x, rng=0)
    before, state = values(net.params), torch.get_rng_state()
    net.eval_shape(torch.ones(2, 3, 8, 8))
    assert same(values(net.params), before) and torch.equal(torch.get_rng_state(), state)


def test_apply_with_part_of_the_params():
    net = fresh(Case(nested, torch.nn.Module, (4,)))
    trainable, _ = net.params.split()
    with pytest.raises(u.StructureChangedError, match=r"'encoder/block/mean', which the params do not have"):
        net.apply(trainable, torch.ones(2, 4))


def test_apply_to_swapped_layers():
    def forward(x):
        return u.Linear(4, 4)(x)

    x = torch.randn(2, 4)
    net = u.transform(forward, backend="torch").init(x, rng=0)
    net.linear = torch.nn.Sequential(net.linear, torch.nn.Linear(4, 2))
    assert list(net.params)[-1] == "linear/1/bias"
    zeros = {path: torch.zeros_like(value) for path, value in net.params.items()}
    assert net.apply(zeros, x)[0].shape == (2, 2) and not net.apply(zeros, x)[0].any()
