"""`u.weight_norm`, `u.spectral_norm` and `u.ema`: torch's parametrisations and Haiku's average are the oracles."""

import copy
import pickle

import jax
import numpy as np
import pytest
import torch
from torch.nn.utils import parametrizations

import unified as u

X = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
IMAGE = np.random.default_rng(1).normal(size=(2, 3, 6)).astype(np.float32)

# The layer in a body and in torch, the input, and the arguments of the function.
CASES = {
    "linear": (lambda: u.Linear(3, 4), lambda: torch.nn.Linear(3, 4), X, {}),
    "dim 1": (lambda: u.Linear(3, 4), lambda: torch.nn.Linear(3, 4), X, {"dim": 1}),
    "dim -2": (lambda: u.Linear(3, 4), lambda: torch.nn.Linear(3, 4), X, {"dim": -2}),
    "conv": (lambda: u.Conv1d(3, 4, 2), lambda: torch.nn.Conv1d(3, 4, 2), IMAGE, {}),
    "transposed": (lambda: u.ConvTranspose1d(3, 4, 2), lambda: torch.nn.ConvTranspose1d(3, 4, 2), IMAGE, {}),
    "vector": (lambda: u.LayerNorm(3), lambda: torch.nn.LayerNorm(3), X, {}),
    "cell": (lambda: u.GRUCell(3, 4), lambda: torch.nn.GRUCell(3, 4), X, {"name": "weight_hh"}),
}
KINDS = ("weight_norm", "spectral_norm")
OPTIONS = {
    "weight_norm": {"one norm": {"dim": None}},
    "spectral_norm": {"three": {"n_power_iterations": 3, "eps": 1e-6}},
}
SLOW = ("dim 1", "dim -2", "cell")
ALL = [
    pytest.param(kind, case, {}, marks=[pytest.mark.slow] if case in SLOW else []) for kind in KINDS for case in CASES
]
ALL += [(kind, "linear", options) for kind in KINDS for options in OPTIONS[kind].values()]


def both(body, x, **options):
    """Return the model on torch, in evaluation, and that on JAX with its params, after checks that both start equal."""
    net = u.transform(body, backend="torch", **options).init(torch.tensor(x), rng=0).eval()
    model = u.transform(body, backend="jax", **options)
    params = model.init(x, rng=0)
    state = {name.replace(".", "/"): value.numpy() for name, value in net.state_dict().items()}
    assert list(state) == list(params)
    for path, value in state.items():
        np.testing.assert_array_equal(value, params[path], err_msg=path)
    return net, model, params


def close(actual, expected, **options):
    np.testing.assert_allclose(np.asarray(actual), np.asarray(expected), **{"rtol": 1e-5, "atol": 1e-5} | options)


@pytest.mark.parametrize(("kind", "case", "options"), ALL)
def test_equals_torch(kind, case, options):
    make, reference, x, arguments = CASES[case]
    arguments = arguments | options
    net, model, params = both(lambda x: getattr(u, kind)(make(), **arguments)(x), x)
    oracle = getattr(parametrizations, kind)(reference(), **arguments)
    (name,) = net._modules
    oracle.load_state_dict(net._modules[name].state_dict())  # every name and shape
    for training in (False, True):
        for module in (net, oracle):
            module.train(training).zero_grad()
        expected, actual = oracle(torch.tensor(x)), net(torch.tensor(x))
        expected.square().sum().backward()
        actual.square().sum().backward()
        close(actual.detach(), expected.detach())

        def loss(params, training=training):
            out, changes = model.apply(params, x, training=training)
            return (out**2).sum(), (out, changes)

        trained, rest = params.split()
        gradients, (out, changes) = jax.grad(lambda t, rest=rest: loss(t.merge(rest)), has_aux=True)(trained)
        close(out, expected.detach())
        mine = dict(net._modules[name].named_parameters())
        for path, parameter in oracle.named_parameters():
            close(mine[path].grad, parameter.grad, atol=1e-4)
            close(gradients[f"{name}/{path.replace('.', '/')}"], parameter.grad, atol=1e-4)
        params = params.merge(changes)
        for path, value in oracle.state_dict().items():
            close(params[f"{name}/{path.replace('.', '/')}"], value)
            close(net._modules[name].state_dict()[path], value)


def test_first_values_follow_from_the_weight():
    """`original0` is the norm of `original1`, and the vectors are the singular ones of the weight."""
    net, _, _ = both(lambda x: u.weight_norm(u.Linear(3, 3, init_fn=u.initializers.orthogonal(2.0)))(x), X)
    close(net.linear.parametrizations.weight.original0.detach(), np.full((3, 1), 2.0))
    net, _, _ = both(lambda x: u.spectral_norm(u.Linear(3, 4))(x), X)
    original = net.linear.parametrizations.weight.original.detach()
    largest = torch.linalg.svdvals(original)[0]
    close(net.linear.weight.detach(), original / largest, rtol=1e-2)  # torch starts by 15 iterations too


def block(x):
    return u.weight_norm(u.Linear(3, 3))(u.spectral_norm(u.Linear(3, 3))(x))


class Net(u.Module):
    def __init__(self):
        self.first = u.weight_norm(u.Linear(3, 3, name="projection"), dim=None)
        self.second = u.weight_norm(u.Linear(3, 3))

    def __call__(self, x):
        return self.second(self.first(x))


def in_sequential(x):
    layer = u.weight_norm(u.Linear(None, 4, init_fn=u.initializers.ones))
    return u.Sequential(u.spectral_norm(u.Linear(4, 4)), u.ReLU(), u.Linear(4, 2))(layer(x)) + layer.weight.sum()


def two_weights(x):
    return u.weight_norm(u.weight_norm(u.GRUCell(3, 4), "weight_ih"), "weight_hh")(x)


BODIES = {
    "layer_stack": lambda x: u.layer_stack(3)(block)(x),
    "scan": lambda x: u.scan(lambda carry, s: (block(carry) * s, None), x, x[:3, 0])[0],
    "vmap": lambda x: u.vmap(lambda row: u.weight_norm(u.Linear(3, 3))(row))(x),
    "jit": lambda x: u.jit(block)(x),
    "remat": lambda x: u.remat(block)(x),
    "module": lambda x: Net()(x),
    "sequential": in_sequential,
    "two weights": two_weights,
}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] if name in ("remat", "scan") else [])
        for name in [*BODIES, "separate"]
    ],
)
def test_in_bodies(name):
    body = BODIES["layer_stack" if name == "separate" else name]
    net, model, params = both(body, X, **({"stacks": "separate"} if name == "separate" else {}))
    close(net(torch.tensor(X)).detach(), model.apply(params, X)[0])
    close(copy.deepcopy(net)(torch.tensor(X)).detach(), net(torch.tensor(X)).detach())
    out, changes = model.apply(params, X, training=True)
    pure, pure_changes = net.apply(net.params, torch.tensor(X), training=True)
    close(net.train()(torch.tensor(X)).detach(), out)
    close(pure.detach(), out)
    assert list(changes) == list(pure_changes)
    for path, value in changes.items():
        close(net.state_dict()[path.replace("/", ".")], value)
        close(pure_changes[path], value)


def test_initial_values_under_jit():
    _, model, params = both(lambda x: u.layer_stack(2)(block)(x), X)
    jitted = jax.jit(lambda key: model.init(X, rng=key))(jax.random.key(0))
    for path, value in params.items():
        np.testing.assert_array_equal(jitted[path], value, err_msg=path)


def test_pickles_and_compilers():
    net, _, _ = both(block, X)
    expected = net(torch.tensor(X))
    twice = pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(net))))
    assert torch.equal(twice(torch.tensor(X)), expected)
    assert list(twice.state_dict()) == list(net.state_dict())
    assert isinstance(twice.linear, torch.nn.Linear) and isinstance(net.linear, u.Linear)
    compiled = torch.compile(net, fullgraph=True, backend="eager")
    assert torch.equal(compiled(torch.tensor(X)), expected)
    close(torch.export.export(net, (torch.tensor(X),)).module()(torch.tensor(X)).detach(), expected.detach())
    torch.nn.utils.parametrize.remove_parametrizations(net.linear, "weight")
    close(net(torch.tensor(X)).detach(), expected.detach())


def test_summaries_and_policies():
    for backend, x in (("torch", torch.tensor(X)), ("jax", X)):
        assert "linear_1" in str(u.summary(u.transform(block, backend=backend), x))
    outputs = []
    for backend, x in (("torch", torch.tensor(X)), ("jax", X)):
        net = u.transform(block, backend=backend, policy=u.Policy(compute="bfloat16"))
        model = net.init(x, rng=0)
        out, changes = net.apply(net.params if backend == "torch" else model, x, training=True)
        assert {str(value.dtype).removeprefix("torch.") for value in changes.values()} == {"float32"}
        outputs.append(np.asarray((out.detach().float() if backend == "torch" else out), np.float32))
    close(*outputs, atol=2e-2)


def test_loads_the_older_names_of_torch():
    net, _, _ = both(lambda x: u.weight_norm(u.Linear(3, 4))(x), X)
    with pytest.warns(FutureWarning, match="deprecated"):
        old = torch.nn.utils.weight_norm(torch.nn.Linear(3, 4))
    net.load_state_dict({f"linear.{name}": value for name, value in old.state_dict().items()})
    close(net(torch.tensor(X)).detach(), old(torch.tensor(X)).detach())


def old_layer(x):
    layer = u.Linear(3, 4)
    u.weight_norm(layer)
    return layer(x)


class Own(u.Linear):
    def forward(self, x):
        return super().forward(x) + 1


REFUSED = {
    "no such parameter": (lambda x: u.weight_norm(u.Linear(3, 4), "w")(x), ValueError, r"'linear'.*no parameter 'w'"),
    "no such axis": (lambda x: u.weight_norm(u.Linear(3, 4), dim=2)(x), ValueError, "dim=2 is no axis"),
    "no layer": (lambda x: u.spectral_norm(3)(x), TypeError, "takes a layer of the body.*got int"),
    "recurrent": (lambda x: u.weight_norm(u.GRU(3, 4), "weight_hh_l0")(x), TypeError, "GRUCell"),
    "no iterations": (lambda x: u.spectral_norm(u.Linear(3, 4), n_power_iterations=0)(x), ValueError, "positive"),
    "a function": (lambda x: u.weight_norm(u.Linear(3, 4, init_fn=lambda layer: None))(x), ValueError, "init_fn"),
    "old layer": (old_layer, u.StructureChangedError, "'linear' was called as it was before"),
    "own class": (lambda x: u.weight_norm(Own(3, 4))(x), TypeError, "class of yours"),
}


@pytest.mark.parametrize("backend", ["torch", "jax"])
@pytest.mark.parametrize("case", REFUSED)
def test_refused(backend, case):
    body, error, message = REFUSED[case]
    with pytest.raises(error, match=message):
        u.transform(body, backend=backend).init(torch.tensor(X) if backend == "torch" else X, rng=0)


@pytest.mark.parametrize("options", [{}, {"zero_debias": False}, {"zero_debias": False, "warmup_length": 2}], ids=str)
def test_average_equals_haiku(options):
    hk = pytest.importorskip("haiku")
    reference = hk.transform_with_state(lambda x: hk.ExponentialMovingAverage(0.9, **options)(x))
    values = [X * number for number in range(1, 6)]
    net, model, params = both(lambda x: u.ema(x, 0.9, **options), X)
    _, state = reference.init(None, X)
    average = np.zeros_like(X)
    for value in values:
        expected, state = reference.apply({}, state, None, value)
        close(net.eval()(torch.tensor(value)), average)  # an evaluation changes nothing
        close(net.train()(torch.tensor(value)), expected)
        out, changes = model.apply(params, value, training=True)
        close(out, expected)
        params, average = params.merge(changes), expected


def test_average_is_refused():
    for options in ({"warmup_length": -1, "zero_debias": False}, {"warmup_length": 2}):
        with pytest.raises(ValueError, match="warmup_length"):
            u.transform(lambda x, o=options: u.ema(x, 0.9, **o), backend="jax").init(X, rng=0)
    with pytest.raises(TypeError, match="int32"):
        u.transform(lambda x: u.ema(x, 0.9), backend="jax").init(np.ones(2, np.int32), rng=0)
