"""Calls of `apply` that share replicas of a model: each sees the model as it is, and nothing of another call.

The oracle is `torch.func.functional_call` on a copy of the live model, or a model that has never been called.
"""

import copy
import gc
import io
import pickle
import threading
import weakref

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations, parametrize
from torch.utils.checkpoint import checkpoint

import unified as u
import unified.functional as F
import unified.nn as unn
import unified.numpy as unp
from conformance_tests.torch.test_threads import together
from unified.backends.torch import model, replica
from unified.backends.torch.objects import calls

X = torch.linspace(-1, 1, 8).reshape(2, 4)


class Block(u.Module):
    def __init__(self, width):
        self.width = width

    def __call__(self, x):
        return x + u.Linear(self.width, 4)(F.relu(u.Linear(4, self.width)(x)))


def body(x):
    x = Block(8)(u.Linear(4, 4)(x))
    return u.BatchNorm1d(4)(Block(6)(x))


def recurrent(x):
    return u.GRU(4, 4)(x)[0]


def make(fn=body):
    return u.transform(fn, backend="torch").init(X, rng=0)


def scaled(net, factor):
    """Return the params of a net times a number, without gradients."""
    return net.params.update(
        {path: (value * factor).detach() for path, value in net.params.items() if value.dtype.is_floating_point}
    )


def expected(net, params, x=X):
    """Return what the live model computes with these params, by torch."""
    twin = copy.deepcopy(net).eval()
    tensors = {path.replace("/", "."): value.clone() for path, value in params.items()}
    return torch.func.functional_call(twin, tensors, (x,))


def check(net, factor=0.5, x=X):
    params = scaled(net, factor)
    output, changes = net.apply(params, x)
    assert torch.equal(output, expected(net, params, x)) and not changes
    return output


@pytest.fixture
def count(monkeypatch):
    """The number of replicas that are made."""
    made = []
    original = replica.replicate

    def counting(*args, **kwargs):
        made.append(1)
        return original(*args, **kwargs)

    for owner in (replica, model, calls):
        monkeypatch.setattr(owner, "replicate", counting)
    return made


@pytest.mark.parametrize(
    "fn", [body, recurrent, lambda x: u.scan(lambda c, _: (u.Linear(4, 4)(c), None), x, length=2)[0]]
)
def test_calls_share_a_replica(fn, count):
    net = make(fn)
    for factor in (0.5, 2.0, 1.5):
        check(net, factor)
    del count[:]
    params = scaled(net, 3.0)
    for _ in range(4):
        net.apply(params, X)
        net.apply(params, X, training=True)
    assert len(count) == 0


def with_mode(x, training):
    return u.Dropout(0.5 if training else 0.0)(body(x))


@pytest.mark.parametrize("fn", [with_mode, lambda x, training: u.scan(lambda c, _: (body(c), None), x, length=2)[0]])
def test_calls_in_the_other_mode_share_a_replica(fn, count):
    """They compute with the live tensors, and write to them, as the model does in that mode itself."""
    net = make(fn).eval()
    net(X, training=True)
    del count[:]
    for step in range(3):
        with torch.no_grad():
            next(net.parameters()).mul_(1.5)
            if step == 1:
                next(net.children()).register_forward_hook(lambda module, args, output: None)
        twin = copy.deepcopy(net).train()
        torch.manual_seed(step)
        output = net(X, training=True)
        torch.manual_seed(step)
        assert torch.equal(output, twin(X))
        assert all(torch.equal(one, other) for one, other in zip(net.buffers(), twin.buffers(), strict=True))
        gradients = torch.autograd.grad(output.sum(), list(net.parameters()))
        assert all(gradient is not None for gradient in gradients)
        assert not any(module.training for module in net.modules())
    del count[:], output
    gc.collect()
    with torch.no_grad():
        for _ in range(3):
            net(X, training=True)
    assert len(count) <= 1


def test_arrays_of_a_body_need_no_replica(count):
    """Models with transforms put tensors into their modules, so that `parameters()` is that of a replica."""

    def fn(x):
        return u.scan(lambda c, _: (u.Linear(4, 4)(c) + unp.ones(4), None), x + unp.arange(4), length=2)[0]

    net = make(fn)
    assert net(X).dtype == X.dtype and net.double()(X.double()).dtype == torch.float64
    del count[:]
    net(X.double())
    assert not count


CHANGES = {
    "a hook": lambda net: net.linear.register_forward_hook(lambda module, args, output: output * 2),
    "a hook of a block": lambda net: net.block.register_forward_pre_hook(lambda module, args: (args[0] + 1,)),
    "an option": lambda net: setattr(net.batch_norm1d, "eps", 0.5),
    "another layer": lambda net: setattr(net, "linear", nn.Sequential(nn.Linear(4, 4), nn.Tanh())),
    "a layer within a block": lambda net: setattr(net.block, "linear", nn.Linear(8, 4, bias=False)),
    "a parametrization": lambda net: parametrizations.weight_norm(net.block.linear),
    "another forward": lambda net: setattr(net.linear, "forward", lambda x: x * 3),
    "another class": lambda net: setattr(net.linear, "__class__", nn.modules.linear.NonDynamicallyQuantizableLinear),
    "another dtype": lambda net: net.double(),
    "a tensor of another shape": lambda net: setattr(net.linear, "bias", nn.Parameter(torch.ones(1))),
    "no bias": lambda net: setattr(net.linear, "bias", None),
    "tied": lambda net: setattr(net.block.linear, "bias", net.linear.bias),
    "the mode": lambda net: net.eval(),
    "init": lambda net: net.init(X, rng=1),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_call_sees_what_has_changed(change):
    net = make()
    check(net)
    change(net)
    x = X.to(net.block_1.linear.bias.dtype)
    fresh = copy.deepcopy(net)
    assert torch.equal(check(net, x=x), check(fresh, x=x))


def test_a_hook_that_is_removed_runs_no_more():
    net, calls = make(), []
    handle = net.linear.register_forward_hook(lambda *args: calls.append(1))
    for _ in range(3):
        net.apply(net.params, X)
    handle.remove()
    net.apply(net.params, X)
    assert len(calls) == 3


def test_a_tensor_replaced_at_the_same_address_is_seen():
    net = make(lambda x: u.Linear(4, 4)(x))
    check(net)
    for size in (2, 3, 4):
        del net.linear.weight, net.linear.bias
        net.linear.weight, net.linear.bias = nn.Parameter(torch.ones(size, 4)), nn.Parameter(torch.ones(size))
        assert check(net).shape == (2, size)


def test_nothing_of_a_call_stays():
    net = make(recurrent)
    gc.collect()
    gc.disable()
    try:
        tensors = {path: value.detach().clone() for path, value in net.params.items()}
        params = net.params.update(tensors)
        references = [weakref.ref(value) for value in tensors.values()]
        net.apply(params, X)
        net.apply(params, X)
        del tensors, params
        assert not any(reference() is not None for reference in references)
        live = [weakref.ref(value) for value in net.params.values()]
        old = weakref.ref(net.gru.weight_hh_l0)
        net.gru.weight_hh_l0 = nn.Parameter(torch.ones(12, 4))
        assert old() is None
        del net
        assert not any(reference() is not None for reference in live)
    finally:
        gc.enable()


def test_copies_and_pickles_have_no_replicas():
    net = make()

    def saved():
        stream = io.BytesIO()
        torch.save(net, stream)
        return len(stream.getvalue())

    before = saved()
    check(net)
    assert abs(saved() - before) < 100  # the name of an attribute
    for twin in (copy.deepcopy(net), copy.copy(net), pickle.loads(pickle.dumps(net))):
        twin.linear.register_forward_hook(lambda module, args, output: output * 2)
        check(twin)
        check(net)
    assert list(net.state_dict()) == list(make().state_dict())


def test_a_method_of_a_model_has_its_own():
    net = u.transform(lambda x: Block(8)(x), backend="torch").init(X, rng=0)
    check(net)
    doubled = net.method(lambda x: Block(8)(x) * 2)
    assert torch.equal(doubled.apply(net.params, X)[0], check(net, 1.0) * 2)


def test_errors_leave_nothing():
    net = make(lambda x, divisor=1: u.Linear(4, 4)(x) * (1 / divisor))
    tensors = {path: value.detach().clone() for path, value in net.params.items()}
    references = [weakref.ref(value) for value in tensors.values()]
    check(net)
    with pytest.raises(ZeroDivisionError):
        net.apply(net.params.update(tensors), X, divisor=0)
    del tensors
    gc.collect()
    assert not any(reference() is not None for reference in references)
    check(net)
    with pytest.raises(u.StructureChangedError):
        net.apply(net.params.filter("*/weight"), X)
    check(net)


def test_a_call_within_a_call_of_the_same_model():
    nets = []

    def nested(x, depth=0):
        inner = nets[0].apply(nets[0].params.update(PARAMS[depth]), x, depth=depth - 1)[0] if depth else x
        return u.Linear(4, 4)(inner)

    net = make(nested)
    nets.append(net)
    weights = [torch.randn(4, 4) for _ in range(3)]
    PARAMS = {depth: {"linear/weight": weight, "linear/bias": torch.zeros(4)} for depth, weight in enumerate(weights)}
    want = X @ weights[1].T @ weights[2].T @ net.linear.weight.T + net.linear.bias
    for _ in range(2):
        torch.testing.assert_close(net.apply(net.params, X, depth=2)[0], want)


def test_what_outlives_the_call_keeps_its_tensors():
    kept = []

    def leaking(x):
        layer = u.Linear(4, 4)
        kept.append(layer)
        return layer(x)

    net = make(leaking)
    kept.clear()
    all_params = [scaled(net, factor) for factor in (2.0, 3.0, 0.5)]
    for params in all_params:
        net.apply(params, X)
    for layer, params in zip(kept, all_params, strict=True):
        assert torch.equal(layer(X), F.linear(X, params["linear/weight"], params["linear/bias"]))

    later = make(lambda x: u.Linear(4, 4)(x))
    hooked = []
    later.linear.register_full_backward_hook(lambda module, *gradients: hooked.append(module.weight))
    outputs = [later.apply(params, X.clone().requires_grad_())[0] for params in all_params]
    for output in outputs:
        output.sum().backward()
    assert all(weight is params["linear/weight"] for weight, params in zip(hooked, all_params, strict=True))


class Checkpointed(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(4, 4)

    def forward(self, x):
        return checkpoint(lambda x: self.inner(x).tanh(), x, use_reentrant=False)


@pytest.mark.parametrize(
    "fn", [lambda x: u.wrap(Checkpointed, name="part")(x), lambda x: u.remat(lambda x: u.Linear(4, 4)(x).tanh())(x)]
)
def test_a_backward_pass_that_runs_modules_again(fn):
    net = make(fn)
    weights, grads = {}, []
    for factor in (1.0, 2.0, 3.0):
        params = scaled(net, factor)
        weights[factor] = params.update({path: value.clone().requires_grad_() for path, value in params.items()})
    outputs = [net.apply(params, X)[0].sum() for params in weights.values()]
    for output in outputs[::-1]:
        output.backward()
    for params in weights.values():
        weight, bias = params.values()
        w, b = weight.detach().clone().requires_grad_(), bias.detach().clone().requires_grad_()
        F.linear(X, w, b).tanh().sum().backward()
        torch.testing.assert_close(weight.grad, w.grad)
        grads.append(weight.grad)
    assert not torch.equal(grads[0], grads[1])


class Counting(nn.Module):
    def __init__(self):
        super().__init__()
        self.calls = 0
        self.layer = nn.Linear(4, 4)

    def forward(self, x):
        self.calls += 1
        self.layer.register_forward_hook(lambda module, args, output: output + 1)
        self.last = x
        return self.layer(x) * self.calls


def test_what_a_call_does_to_its_modules_is_not_seen_by_the_next():
    net = make(lambda x: u.wrap(Counting, name="part")(x))
    params = scaled(net, 0.5)
    want, calls = expected(net, params), net.part.calls
    for _ in range(3):
        assert torch.equal(net.apply(params, X)[0], want)
    assert net.part.calls == calls

    def writing(x):
        layer = u.Linear(4, 4)
        seen = getattr(layer, "seen", 0)
        if not u.is_initializing():
            layer.seen, layer.in_features = seen + 1, 17
            layer._forward_hooks[10**9] = lambda module, args, output: output + 1
            layer.eval()
        return layer(x) * (seen + 1)

    net = make(writing)
    want = expected(make(lambda x: u.Linear(4, 4)(x)), net.params) + 1
    for _ in range(3):
        assert torch.equal(net.apply(net.params, X)[0], want)
    assert net.linear.in_features == 4 and not net.linear._forward_hooks and net.linear.training


def test_lists_of_layers_may_change():
    class Listed(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(4, 4)
            self.order = [self.layer]

        def forward(self, x):
            for layer in self.order:
                x = layer(x)
            return x

    net = make(lambda x: u.wrap(Listed, name="part")(x))
    check(net)
    net.part.order.append(net.part.layer)
    once = scaled(net, 0.5)
    weight, bias = once["part/layer/weight"], once["part/layer/bias"]
    torch.testing.assert_close(net.apply(once, X)[0], F.linear(F.linear(X, weight, bias), weight, bias))


def test_scripted_layers():
    net = make(lambda x: u.wrap(lambda: torch.jit.script(nn.Linear(4, 4)), name="part")(x))
    for factor in (0.5, 2.0, 3.0):
        params = scaled(net, factor)
        want = F.linear(X, params["part/weight"], params["part/bias"])
        torch.testing.assert_close(net.apply(params, X)[0], want)


def test_cached_parametrizations_are_those_of_the_call():
    net = make(lambda x: u.Linear(4, 4)(x))
    parametrizations.weight_norm(net.linear)
    with parametrize.cached():
        for factor in (0.5, 2.0, 3.0):
            params = scaled(net, factor)
            output, _ = net.apply(params, X)
            v = params["linear/parametrizations/weight/original1"]
            g = params["linear/parametrizations/weight/original0"]
            torch.testing.assert_close(output, F.linear(X, g * v / v.norm(dim=1, keepdim=True), params["linear/bias"]))


@pytest.mark.parametrize("fn", [body, lambda x: u.layer_stack(3)(lambda x: u.Linear(4, 4)(x).tanh())(x)])
def test_threads(fn):
    net = make(fn).eval()
    all_params = [scaled(net, factor) for factor in (0.5, 0.7, 1.5)]
    wants = [expected(net, params) for params in all_params]
    own = net(X)

    def many(params):
        return [net.apply(params, X)[0] for _ in range(20)]

    tasks = [lambda params=params: many(params) for params in all_params]
    *found, live = together(*tasks, lambda: [net(X) for _ in range(20)])
    for outputs, want in zip(found, wants, strict=True):
        assert all(torch.equal(output, want) for output in outputs)
    assert all(torch.equal(output, own) for output in live)


def test_a_model_that_changes_while_others_call_it():
    net, stop, failures = make(lambda x: u.Linear(4, 4)(x)), threading.Event(), []
    params = scaled(net, 0.5)
    want = expected(net, params)

    def calling():
        while not stop.is_set():
            if not torch.equal(net.apply(params, X)[0], want):
                failures.append(1)

    threads = [threading.Thread(target=calling) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(50):
        net.linear.register_forward_hook(lambda *args: None).remove()
        net.linear.note = object()
        del net.linear.note
    stop.set()
    for thread in threads:
        thread.join()
    assert not failures


def test_transforms_of_torch_func():
    net = make(lambda x: u.Linear(4, 4)(x).tanh())
    check(net)
    weights = torch.stack([net.linear.weight.detach() * factor for factor in (1.0, 2.0)])

    def loss(weight):
        return net.apply(net.params.update({"linear/weight": weight}), X)[0].sum()

    def by_hand(weight):
        return F.linear(X, weight, net.linear.bias).tanh().sum()

    for transform in (torch.func.grad, torch.func.hessian):
        torch.testing.assert_close(transform(loss)(weights[0]), transform(by_hand)(weights[0]))
    torch.testing.assert_close(
        torch.func.vmap(torch.func.grad(loss))(weights), torch.func.vmap(torch.func.grad(by_hand))(weights)
    )
    check(net)


class Network(unn.Module):
    def __init__(self):
        self.layer = unn.Linear(4, 4)
        self.norm = unn.BatchNorm1d(4)

    def __call__(self, x):
        return self.norm(self.layer(x))


def test_objects(count):
    net = u.build(Network, backend="torch", rng=0)
    params = net.params
    for training in (True, False, True):
        output, changes = net.apply(params, X, training=training)
        twin = copy.deepcopy(net).train(training)
        assert torch.equal(output, twin(X))
        assert sorted(changes) == (STATISTICS if training else [])
        assert all(torch.equal(value, twin.params[path]) for path, value in changes.items())
    assert len(count) == 1
    net.layer.register_forward_hook(lambda module, args, output: output * 2)
    assert torch.equal(net.apply(params, X)[0], copy.deepcopy(net).eval()(X))


STATISTICS = ["norm/num_batches_tracked", "norm/running_mean", "norm/running_var"]


class Assigning(unn.Module):
    def __init__(self):
        self.layer = unn.Linear(4, 4)
        self.register_buffer("total", torch.zeros(()))
        self.calls = 0

    def __call__(self, x):
        self.calls += 1
        self.total = self.total + x.sum() * self.calls
        return self.layer(x)


def test_objects_that_assign():
    net = u.build(Assigning, backend="torch", rng=0)
    for _ in range(3):
        _, changes = net.apply(net.params, X + 1)
        assert list(changes) == ["total"] and torch.equal(changes["total"], (X + 1).sum())
    assert net.calls == 0 and net.total == 0
