"""Copies of a model, and the ways in which torch runs one model on many parameters."""

import copy
import io
import pickle

import pytest
import torch
from torch import nn

from conformance_tests.torch.models import Case, batch, each_model, fresh, labels
from unified.backends.torch.container import Container


def step(model, x):
    """Take one SGD step."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    nn.functional.cross_entropy(model(x), labels(len(x))).backward()
    optimizer.step()
    optimizer.zero_grad()


def values(model):
    """Return a copy of the `state_dict`."""
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def same(one, other):
    """Return whether two `state_dict`s are equal."""
    return list(one) == list(other) and all(torch.equal(one[name], other[name]) for name in one)


@each_model
def test_deepcopy_trains_alone(case: Case):
    model, x = fresh(case).train(), batch(case)
    twin, before = copy.deepcopy(model), values(model)
    assert same(values(twin), before)
    step(twin, x)
    assert same(values(model), before)
    moved = values(twin)
    assert all(not torch.equal(moved[name], p) for name, p in model.named_parameters() if name.endswith("weight"))
    torch.manual_seed(0)
    step(model, x)
    assert same(values(twin), moved)


@each_model
def test_a_copy_can_be_initialised_anew(case: Case):
    model, x = fresh(case), batch(case)
    twin, before = copy.deepcopy(model), values(model)
    twin.init(x, rng=1)
    assert same(values(model), before) and not same(values(twin), before)


@each_model
@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickle(case: Case, protocol: int):
    model, x = fresh(case).eval(), batch(case)
    twin = pickle.loads(pickle.dumps(model, protocol=protocol))
    assert type(twin) is type(model) and repr(twin) == repr(model)
    assert torch.equal(twin(x), model(x))
    step(twin.train(), x)
    assert not torch.equal(twin.eval()(x), model(x))


@each_model
def test_save_and_load(case: Case):
    model, x = fresh(case).eval(), batch(case)
    whole, state = io.BytesIO(), io.BytesIO()
    torch.save(model, whole)
    torch.save(model.state_dict(), state)
    whole.seek(0), state.seek(0)
    assert torch.equal(torch.load(whole, weights_only=False)(x), model(x))
    twin = fresh(case).init(x, rng=1).eval()
    twin.load_state_dict(torch.load(state, weights_only=True))
    assert torch.equal(twin(x), model(x))


def replicate(model):
    """Return a replica with tensors of its own, as `torch.nn.parallel.replicate` makes one on each GPU."""
    tensors = {t: t.detach().clone().requires_grad_(t.requires_grad) for t in (*model.parameters(), *model.buffers())}
    replicas = {module: module._replicate_for_data_parallel() for module in model.modules()}
    for module, replica in replicas.items():
        replica._former_parameters = {}
        for name, child in module._modules.items():
            setattr(replica, name, replicas[child])
        for name, tensor in module._parameters.items():
            if tensor is not None:
                setattr(replica, name, tensors[tensor])
                replica._former_parameters[name] = tensors[tensor]
        for name, tensor in module._buffers.items():
            setattr(replica, name, tensors[tensor])
    return replicas[model]


@each_model
def test_replicas_compute_the_same(case: Case):
    model, x = fresh(case).eval(), batch(case)
    assert torch.equal(replicate(model)(x), model(x))


@each_model
def test_replicas_use_their_own_tensors(case: Case):
    model, x = fresh(case).eval(), batch(case)
    replica, before = replicate(model), model(x)
    with torch.no_grad():
        for module in replica.modules():
            for tensor in module.__dict__.get("_former_parameters", {}).values():
                tensor.zero_()
    assert not replica(x).any() and torch.equal(model(x), before)


@each_model
def test_data_parallel_on_the_cpu(case: Case):
    model, x = fresh(case).eval(), batch(case)
    parallel = nn.DataParallel(model)
    assert torch.equal(parallel(x), model(x))
    assert list(parallel.state_dict()) == [f"module.{name}" for name in model.state_dict()]


@pytest.fixture
def process_group(tmp_path):
    """Set up a group of this process alone."""
    torch.distributed.init_process_group("gloo", init_method=f"file://{tmp_path}/group", rank=0, world_size=1)
    yield
    torch.distributed.destroy_process_group()


@each_model
def test_distributed_data_parallel(case: Case, process_group):
    model, x = fresh(case).eval(), batch(case)
    alone = copy.deepcopy(model)
    parallel = nn.parallel.DistributedDataParallel(model)
    step(parallel, x)
    step(alone, x)
    assert same(values(parallel.module), values(alone))


@each_model
def test_functional_call(case: Case):
    model, x = fresh(case).eval(), batch(case)
    before, plain = values(model), model(x)
    other = fresh(case).init(x, rng=1).eval()
    assert torch.equal(torch.func.functional_call(model, other.state_dict(), x), other(x))
    assert torch.equal(torch.func.functional_call(model, dict(model.named_parameters()), x), plain)
    assert same(values(model), before)


@each_model
def test_vmap_over_stacked_models(case: Case):
    x = batch(case)
    models = [fresh(case).init(x, rng=seed).eval() for seed in range(3)]
    params, buffers = torch.func.stack_module_state(models)

    def call(params, buffers, x):
        return torch.func.functional_call(models[0], (params, buffers), (x,))

    outputs = torch.func.vmap(call, in_dims=(0, 0, None))(params, buffers, x)
    torch.testing.assert_close(outputs, torch.stack([model(x) for model in models]), rtol=1e-5, atol=1e-5)


@each_model
def test_gradients_of_each_sample(case: Case):
    model, x = fresh(case).eval(), batch(case)
    params = dict(model.named_parameters())

    def loss(params, sample, label):
        return nn.functional.cross_entropy(torch.func.functional_call(model, params, sample[None]), label[None])

    gradients = torch.func.vmap(torch.func.grad(loss), in_dims=(None, 0, 0))(params, x, labels())
    for index in range(len(x)):
        alone = torch.autograd.grad(loss(params, x[index], labels()[index]), params.values())
        for name, gradient in zip(params, alone, strict=True):
            torch.testing.assert_close(gradients[name][index], gradient, rtol=1e-4, atol=1e-6)


@each_model
def test_functional_training_state(case: Case):
    """In training the call writes to the buffers that are passed in, and not to the model's own."""
    model, x = fresh(case).train(), batch(case)
    buffers = {name: tensor.clone() for name, tensor in model.named_buffers()}
    before = values(model)
    torch.func.functional_call(model, buffers, x)
    assert same(values(model), before)
    torch.manual_seed(0)
    model(x)
    assert all(torch.equal(tensor, buffers[name]) for name, tensor in model.named_buffers())
    assert not buffers or not same(values(model), before)


@each_model
def test_copies_share_no_container(case: Case):
    model = fresh(case)
    twin = copy.deepcopy(model)
    identities = {id(module) for module in model.modules()} | {
        id(module.__dict__.get("_record")) for module in model.modules()
    }
    assert not identities & {id(module) for module in twin.modules()}
    assert not identities & {id(module._record) for module in twin.modules() if isinstance(module, Container)}
