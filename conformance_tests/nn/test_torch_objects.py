"""On torch an object is a module of torch: what works on a hand-written one works on it."""

import copy
import io

import numpy as np
import pytest
import torch

import unified as u
import unified.nn as nn
from conformance_tests.nn.objects import Counted, Net

X = torch.tensor(np.random.default_rng(0).standard_normal((2, 3, 8, 8)).astype(np.float32))


def made(**kwargs):
    return u.build(Net, backend="torch", rng=0, **kwargs)


def test_it_is_a_module_of_torch():
    net = made()
    assert isinstance(net, torch.nn.Module) and isinstance(net, Net) and isinstance(net.blocks, nn.ModuleList)
    assert type(net.stem) is torch.nn.Conv2d and type(net.stem.weight) is torch.nn.Parameter
    assert type(net.scale) is torch.Tensor and type(net.blocks) is torch.nn.ModuleList
    assert type(net).__name__ == "Net" and type(net).__call__ is torch.nn.Module.__call__
    assert net.scale.dtype is torch.float32  # NumPy's float64 is the default dtype
    assert isinstance(net.stem, nn.Module) and isinstance(net.stem, nn.Conv2d) and not isinstance(net.stem, nn.Linear)


@pytest.mark.slow
def test_compile_without_a_break():
    net = made()
    expected, stats = net(X), copy.deepcopy(net.state_dict())
    net = made()
    compiled = torch.compile(net, fullgraph=True)
    torch.testing.assert_close(compiled(X), expected, rtol=1e-4, atol=1e-5)
    for name, value in net.state_dict().items():
        torch.testing.assert_close(value, stats[name], rtol=1e-4, atol=1e-5)
    counted = u.build(Counted, backend="torch", rng=0)
    run = torch.compile(counted, fullgraph=True)
    run(torch.ones(2, 4)), run(torch.ones(2, 4))
    assert int(counted.count) == 2


def test_export_and_trace_and_fx():
    net = made().eval()
    expected = net(X)
    torch.testing.assert_close(torch.export.export(net, (X,)).module()(X), expected)
    torch.testing.assert_close(torch.fx.symbolic_trace(net)(X), expected)
    torch.testing.assert_close(torch.jit.trace(net, X)(X), expected)


def test_script():
    net = made().eval()
    scripted = torch.jit.script(net)
    torch.testing.assert_close(scripted(X), net(X))
    assert type(net.blocks[0]).__mro__[1].__name__ == "Block"  # as before
    buffer = io.BytesIO()
    torch.jit.save(scripted, buffer)
    buffer.seek(0)
    torch.testing.assert_close(torch.jit.load(buffer)(X), net(X))


def test_functional_call_and_func():
    net = made().eval()
    params = dict(net.named_parameters())
    torch.testing.assert_close(torch.func.functional_call(net, params, (X,)), net(X))
    grads = torch.func.grad(lambda p: torch.func.functional_call(net, p, (X,)).sum())(params)
    (net(X).sum()).backward()
    torch.testing.assert_close(grads["head.weight"], net.head.weight.grad)
    pure = torch.func.grad(lambda p: net.apply(net.params | p, X)[0].sum())(dict(net.params.split()[0]))
    torch.testing.assert_close(pure["head/weight"], net.head.weight.grad)


def test_save_load_and_optimizers():
    net, other = made(), u.build(Net, backend="torch", rng=1)
    buffer = io.BytesIO()
    torch.save(net, buffer)
    buffer.seek(0)
    twin = torch.load(buffer, weights_only=False)
    torch.testing.assert_close(twin.eval()(X), net.eval()(X))
    other.load_state_dict(net.state_dict())
    torch.testing.assert_close(other.eval()(X), net(X))
    optimizer = torch.optim.Adam(net.train().parameters(), lr=0.1)
    losses = []
    for _ in range(3):
        optimizer.zero_grad()
        loss = (net(X) ** 2).mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]


def test_apply_leaves_the_module_as_it_is():
    net = made()
    before = copy.deepcopy(net.state_dict())
    y, changes = net.apply(net.params, X, training=True)
    assert [path for path in changes if "num_batches" in path] == [
        "blocks/0/bn/num_batches_tracked",
        "blocks/1/bn/num_batches_tracked",
    ]
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    torch.testing.assert_close(net(X), y)
    for path, value in changes.items():
        torch.testing.assert_close(net.params[path], value)
    with pytest.raises(u.StructureChangedError, match="head/bias"):
        net.apply(net.params.filter(u.filters.not_("head/bias")), X)


def test_meta_device_and_dtypes():
    with torch.device("meta"):
        net = u.build(Net, backend="torch", rng=0)
    assert net.stem.weight.is_meta and net.params.info["stem/weight"].shape == (4, 3, 3, 3)
    half = u.build(lambda: nn.Linear(3, 2, dtype=torch.float16), backend="torch", rng=0)
    assert half.weight.dtype is torch.float16
    other = u.build(lambda: nn.Linear(3, 2, dtype="float16"), backend="jax", rng=0)
    np.testing.assert_array_equal(half.weight.detach().numpy(), np.asarray(other.weight))


def test_lazy_layers_become_layers_of_torch():
    class Lazy(nn.Module):
        def __init__(self):
            self.a, self.b = nn.Linear(None, 4), nn.LazyLinear(2)

        def forward(self, x):
            return self.b(self.a(x))

    net = u.build(Lazy, backend="torch", rng=0)
    with pytest.raises(ValueError, match="call the network once"):
        net.apply(net.params, torch.ones(1, 3))
    net(torch.ones(1, 3))
    assert type(net.a) is torch.nn.Linear and net.a.in_features == 3
    full = u.build(Lazy, backend="jax", rng=0)
    full(np.ones((1, 3), np.float32))
    for path, value in net.params.items():
        np.testing.assert_array_equal(value.detach().numpy(), np.asarray(full.params[path]))
    torch.optim.SGD(net.parameters(), 0.1)


def test_portable_draws():
    def outputs(backend, x):
        net = u.build(Net, dropout=0.5, backend=backend, rng=3, portable=True)
        ys = [net(x), net(x), net.apply(net.params, x, training=True)[0]]
        assert int(net.params["rng/counter"]) == 2
        if backend == "torch":
            twin = copy.deepcopy(net)
            torch.testing.assert_close(twin(x), net(x))
        return [y.detach().numpy() if backend == "torch" else np.asarray(y) for y in ys]

    for one, two in zip(outputs("torch", X), outputs("jax", X.numpy()), strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-4, atol=1e-5)
    plain = made(dropout=0.5)
    torch.manual_seed(0)
    a = plain(X)
    torch.manual_seed(0)
    assert "rng/key" not in plain.params and torch.equal(made(dropout=0.5)(X), a)


def test_portable_draws_need_a_class_of_the_users():
    with pytest.raises(TypeError, match="class of your own"):
        u.build(nn.Dropout, 0.5, backend="torch", rng=0, portable=True)
    assert u.build(nn.Linear, 2, 2, backend="torch", rng=0, portable=True).in_features == 2


def test_fsdp_wraps_it():
    from torch.distributed.fsdp.wrap import ModuleWrapPolicy

    net = made()
    policy = ModuleWrapPolicy({type(net.blocks[0])})
    assert policy._run_policy(net, set(), {}).keys() == set(net.blocks)


@pytest.mark.parametrize("name", ["Linear", "Conv2d", "BatchNorm1d", "LSTM", "Dropout", "TransformerEncoderLayer"])
def test_layers_are_of_the_classes_of_torch_themselves(name):
    sizes = {"Conv2d": (3, 4, 3), "BatchNorm1d": (4,), "Dropout": (), "TransformerEncoderLayer": (4, 2, 8)}
    layer = u.build(getattr(nn, name), *sizes.get(name, (3, 4)), backend="torch", rng=0)
    assert type(layer) is getattr(torch.nn, name)


def test_an_embedding_may_be_given_the_class_of_torch_itself():
    net = u.build(lambda: nn.Sequential(nn.Embedding(5, 3), nn.Linear(3, 2)), backend="torch", rng=0)
    x = torch.tensor([1, 4])
    expected, names = net(x), list(net.state_dict())
    assert torch.equal(net[0].attend(torch.ones(2, 3)), torch.ones(2, 3) @ net[0].weight.T)
    net[0].__class__ = torch.nn.Embedding
    assert torch.equal(copy.deepcopy(net)(x), expected) and list(net.state_dict()) == names
