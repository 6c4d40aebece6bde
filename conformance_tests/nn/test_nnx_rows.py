"""What NNX's users write, row by row of its table, on both frameworks. The number of a test is that of the row."""

import copy

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
import unified.functional as F
import unified.nn as nn

BACKENDS = ("torch", "jax")
both = pytest.mark.parametrize("backend", BACKENDS)
X = np.random.default_rng(0).standard_normal((5, 4)).astype(np.float32)


def array(backend, value=X):
    return torch.tensor(value) if backend == "torch" else jnp.asarray(value)


def host(value):
    return value.detach().numpy() if isinstance(value, torch.Tensor) else np.asarray(value)


class Linear(nn.Module):
    def __init__(self, inputs, outputs):
        self.w = nn.param((inputs, outputs), u.initializers.uniform())
        self.b = nn.param(outputs)
        self.count = nn.var("counts", (), dtype="int32")

    def __call__(self, x):
        self.count += 1
        return x @ self.w + self.b


class MLP(nn.Module):
    def __init__(self, inputs=4, hidden=8, outputs=3):
        self.linear1 = Linear(inputs, hidden)
        self.bn = nn.BatchNorm1d(hidden)
        self.linear2 = Linear(hidden, outputs)

    def __call__(self, x):
        return self.linear2(F.relu(self.bn(self.linear1(x))))


def loss(net, x):
    return (net(x) ** 2).mean()


@both
def test_1_2_3_4_7_an_object_that_lives_outside(backend):
    """Rows 1, 2, 3, 4, 7: variables in attributes, at construction, and `self.count += 1` is kept."""
    net = u.build(MLP, backend=backend, rng=0)
    assert net.linear1.w.shape == (4, 8)
    assert list(net.params)[:3] == ["linear1/w", "linear1/b", "linear1/count"]
    assert net.params.info["linear1/count"].collection == "counts"
    net(array(backend)), net(array(backend))
    assert int(net.linear1.count) == 2 == int(net.params["linear2/count"])


def test_1_first_values_are_equal_and_those_of_the_inline_style():
    def inline(x):
        return u.Linear(4, 3, name="head")(x)

    class Net(nn.Module):
        def __init__(self):
            self.head = nn.Linear(4, 3)

    values = [host(u.build(Net, backend=b, rng=7).params["head/weight"]) for b in BACKENDS]
    values.append(np.asarray(u.transform(inline, backend="jax").init(X, rng=7)["head/weight"]))
    assert np.array_equal(values[0], values[1]) and np.array_equal(values[0], values[2])


@both
def test_5_33_streams(backend):
    """Rows 5, 33, and blox 34 to 37: several streams, reseeded, read, and equal on both frameworks."""

    class Net(nn.Module):
        def __init__(self):
            self.noise = nn.Stream("noise")
            self.dropout = nn.Stream(1)

        def __call__(self, shape):
            return self.noise.normal(shape) + self.dropout.uniform(shape), self.dropout.randint(3, 0, 9)

    net, other = u.build(Net, backend=backend, rng=0), u.build(Net, backend="jax", rng=0)
    one, two = net((3,)), net((3,))
    assert not np.array_equal(host(one[0]), host(two[0]))
    np.testing.assert_array_equal(host(one[0]), host(other((3,))[0]))
    assert int(net.dropout.counter) == 4
    net.dropout.reseed(5)
    again = host(net.dropout.uniform(3))
    net.dropout.reseed(5)
    np.testing.assert_array_equal(host(net.dropout.uniform(3)), again)
    assert net.dropout.bernoulli(0.5, (4,)).shape == (4,)
    _, changes = net.apply(net.params, (2,))
    assert {"noise/counter", "dropout/counter"} == set(changes)


@both
def test_6_flags(backend):
    class Net(nn.Module):
        def __init__(self):
            self.bn = nn.BatchNorm1d(4)

        def __call__(self, x):
            return x if nn.flag("skip", False) else self.bn(x)

    net = u.build(Net, backend=backend, rng=0)
    call = nn.jit(lambda net, x: net(x))
    assert not np.array_equal(host(call(net, array(backend))), X)
    with nn.flags(skip=True):
        np.testing.assert_array_equal(host(call(net, array(backend))), X)
    assert not np.array_equal(host(call(net, array(backend))), X)


@both
def test_8_27_collections_and_metadata(backend):
    class Net(nn.Module):
        def __init__(self):
            self.w = nn.param((2, 3), metadata={"sharding": ("model", None)})
            self.ema = nn.var("averages", np.ones(3, np.float32))
            self.head = nn.Linear(3, 2, metadata={"sharding": (None, "model")})

    net = u.build(Net, backend=backend, rng=0)
    assert net.params.info["w"].metadata == {"sharding": ("model", None)}
    assert net.params.info["head/weight"].metadata == {"sharding": (None, "model")}
    assert list(nn.state(net, "averages")) == ["ema"] and float(net.ema.sum()) == 3


@both
def test_9_nodes(backend):
    class Net(nn.Module):
        def __init__(self):
            self.cache = nn.Node({"k": np.zeros(2), "v": (np.ones(1), [np.ones(2)])})

        def __call__(self):
            tree = self.cache.value
            self.cache.value = {**tree, "k": tree["k"] + 1}

    net = u.build(Net, backend=backend, rng=0)
    net(), net()
    assert host(net.params["cache/k"]).tolist() == [2, 2]
    assert list(net.params) == ["cache/k", "cache/v/0", "cache/v/1/0"]
    _, changes = net.apply(net.params)
    assert list(changes) == ["cache/k"]
    with pytest.raises(ValueError, match="expected"):
        net.cache.value = {"k": 1}


@both
def test_10_static_attributes_and_cycles(backend):
    class Child(nn.Module):
        def __init__(self, parent):
            self.parent = parent
            self.layer = nn.Linear(4, 4)

        def __call__(self, x):
            return self.layer(x) * self.parent.scale

    class Net(nn.Module):
        def __init__(self):
            self.scale, self.names, self.fn = 2.0, ["a", {"b": 1}], np.tanh
            self.child = Child(self)

        def __call__(self, x):
            return self.child(x)

    net = u.build(Net, backend=backend, rng=0)
    assert net.child.parent is net and list(net.params) == ["child/layer/weight", "child/layer/bias"]
    twin = copy.deepcopy(net)
    assert twin.child.parent is twin and twin(array(backend)).shape == (5, 4)
    assert len(net.state_dict()) == 2 and net.train() is net
    np.testing.assert_allclose(
        host(nn.jit(lambda n, x: n(x))(net, array(backend))), host(net(array(backend))), rtol=1e-6
    )


@both
def test_12_lists_and_dicts(backend):
    class Net(nn.Module):
        def __init__(self):
            self.layers = [nn.Linear(4, 4) for _ in range(2)]
            self.heads = {"a": nn.Linear(4, 2), "b": nn.Linear(4, 3)}
            self.later = []
            for _ in range(2):
                self.later.append(nn.Linear(4, 4))
            self.scales = [nn.param(4), nn.param(4)]

    net = u.build(Net, backend=backend, rng=0)
    names = [name for name in net.state_dict() if name.endswith("weight")]
    assert names == [
        *("layers.0.weight", "layers.1.weight", "heads.a.weight", "heads.b.weight", "later.0.weight", "later.1.weight")
    ]
    assert isinstance(net.layers, nn.ModuleList) and len(net.scales) == 2 and "scales/1" in net.params

    class Mixed(nn.Module):
        def __init__(self):
            self.layers = [nn.Linear(4, 4), "relu"]

    with pytest.raises(TypeError, match=r"Mixed\.layers .* nn\.ModuleList"):
        u.build(Mixed, backend=backend, rng=0)


@both
def test_13_14_15_16_21_partition_filter_pop_update(backend):
    net = u.build(MLP, backend=backend, rng=0)
    _, counts, rest = nn.partition(net, "params", "counts", ...)
    assert list(counts) == ["linear1/count", "linear2/count"] and all("running" in p or "num" in p for p in rest)
    with pytest.raises(ValueError, match="no filter accepts"):
        nn.partition(net, "params", "counts")
    big, small = nn.filter(net, lambda info: info.collection == "params" and len(info.shape) == 2, "params")
    assert list(big) == ["linear1/w", "linear2/w"] and "bn/weight" in small
    nn.update(net, {"linear1/b": np.ones(8, np.float32)})
    assert host(net.linear1.b).sum() == 8
    with pytest.raises(KeyError, match="linear1/b"):
        nn.update(net, {"linear1/c": np.ones(8, np.float32)})
    with pytest.raises(ValueError, match="shape"):
        nn.update(net, {"linear1/b": np.ones(9, np.float32)})
    assert list(nn.pop(net, "counts")) == ["linear1/count", "linear2/count"]
    assert "linear1/count" not in net.params


@both
def test_17_18_19_20_merge_and_pure_calls(backend):
    net = u.build(MLP, backend=backend, rng=0)
    net.eval()
    other = {path: value * 2 for path, value in nn.state(net, "params").items()}
    twin = nn.merge(net, other)
    assert type(twin) is type(net) and twin.linear1.w is not net.linear1.w
    y, changes = net.apply(net.params | other, array(backend))
    np.testing.assert_allclose(host(twin(array(backend))), host(y), rtol=1e-5)
    assert int(twin.linear1.count) == 1 and int(net.linear1.count) == 0
    assert sorted(changes) == ["linear1/count", "linear2/count"]
    assert twin.linear1(array(backend)).shape == (5, 8)  # a part of it
    if backend == "jax":
        pure = jax.jit(lambda params, x: nn.merge(net, params).linear1(x))
        grads = jax.grad(lambda params: nn.merge(net, params)(X).sum())(nn.state(net, "params"))
    else:
        pure = lambda params, x: nn.merge(net, params).linear1(x)  # noqa: E731
        grads = torch.func.grad(lambda params: nn.merge(net, params)(array("torch")).sum())(
            dict(nn.state(net, "params"))
        )
    np.testing.assert_allclose(
        host(pure(nn.state(net, "params"), array(backend))), host(net.linear1(array(backend))), rtol=1e-6
    )
    assert float(np.abs(host(grads["linear1/w"])).sum()) > 0


@both
def test_22_30_intermediates(backend):
    class Net(nn.Module):
        def __init__(self):
            self.linear = nn.Linear(4, 2)

        def __call__(self, x):
            y = self.linear(x)
            self.sow("kl", (y**2).sum())
            return y

    net = u.build(Net, backend=backend, rng=0)
    net(array(backend))
    assert list(nn.state(net, "intermediates")) == ["kl"] and "kl" not in net.state_dict()
    taken = nn.pop(net, "intermediates")
    assert host(taken["kl"]) > 0 and "kl" not in net.params

    def kl(net, x):
        net(x)
        return nn.pop(net, "intermediates")["kl"]

    if backend == "torch":
        assert float(nn.grad(kl)(net, array(backend))["linear/weight"].abs().sum()) > 0
    _, changes = net.apply(net.params, array(backend))
    assert changes.info["kl"].collection == "intermediates"
    outputs = net.apply(net.params, array(backend), capture="linear/*")[1]
    assert "linear/output" in outputs


def test_23_24_25_jit_and_grad():
    """Rows 23 to 25: a training step that changes the object, one text for both frameworks."""
    losses = {}
    for backend in BACKENDS:
        net = u.build(MLP, backend=backend, rng=0)
        traces = []

        @nn.jit
        def step(net, x, rate, traces=traces):
            traces.append(1)
            value, grads = nn.value_and_grad(loss)(net, x)
            params = nn.state(net, "params")
            nn.update(net, {path: params[path] - rate * grads[path] for path in grads})
            return value

        losses[backend] = [float(step(net, array(backend), 0.1)) for _ in range(4)]
        assert int(net.linear1.count) == 4 and int(net.bn.num_batches_tracked) == 4
        twin = u.build(MLP, backend=backend, rng=1)
        step(twin, array(backend), 0.1)
        assert len(traces) == (1 if backend == "jax" else 5)  # compiled once a kind
        step(twin.eval(), array(backend), 0.1)
        assert len(traces) == (2 if backend == "jax" else 6)
    np.testing.assert_allclose(losses["torch"], losses["jax"], rtol=1e-5)
    assert losses["jax"][-1] < losses["jax"][0]


@both
def test_24_wrt_and_frozen(backend):
    net = u.build(MLP, backend=backend, rng=0)
    net.bn.requires_grad_(False)
    assert not any(path.startswith("bn") for path in nn.grad(loss)(net, array(backend)))
    only = nn.grad(loss, wrt=u.filters.all_of("params", "linear2/*"))(net, array(backend))
    assert list(only) == ["linear2/w", "linear2/b"]
    (value, aux), _ = nn.value_and_grad(lambda net, x: (loss(net, x), x.sum()), has_aux=True)(net, array(backend))
    assert aux.shape == () and float(value) > 0
    with pytest.raises(ValueError, match="no variable"):
        nn.grad(loss, wrt="nothing/*")(net, array(backend))


@both
def test_26_shared_modules(backend):
    class Block(nn.Module):
        def __init__(self, shared):
            self.bn = shared
            self.linear = nn.Linear(4, 4)

        def __call__(self, x):
            return self.linear(self.bn(x))

    class Net(nn.Module):
        def __init__(self):
            shared = nn.BatchNorm1d(4)
            self.a, self.b = Block(shared), Block(shared)

        def __call__(self, x):
            return self.b(self.a(x))

    net = u.build(Net, backend=backend, rng=0)
    net(array(backend))
    assert "b/bn/weight" not in net.params and int(net.b.bn.num_batches_tracked) == 2
    assert "b.bn.weight" in net.state_dict()
    assert copy.deepcopy(net).a.bn is not net.a.bn and copy.deepcopy(net).a.bn is not None
    twin = copy.deepcopy(net)
    assert twin.a.bn is twin.b.bn
    assert "b/bn/weight" not in nn.grad(loss)(net, array(backend))


def test_28_tracers_do_not_leak():
    net = u.build(MLP, backend="jax", rng=0)
    with pytest.raises(u.TransformBoundaryError, match=r"u\.jit.*net\.apply"):
        jax.jit(lambda x: net(x))(X)
    with pytest.raises(u.TransformBoundaryError, match="transform of JAX"):
        jax.vmap(net.bn)(jnp.ones((3, 4, 8)))
    assert int(net.linear1.count) == 0 and not isinstance(net.bn.running_mean, jax.core.Tracer)
    y, _ = jax.jit(net.apply, static_argnames="training")(net.params, X, training=True)
    assert y.shape == (5, 3)

    @nn.jit
    def closes_over(other, x):
        return net(x)  # its arrays would be constants

    with pytest.raises(u.TransformBoundaryError, match="constants"):
        closes_over(u.build(MLP, backend="jax", rng=1), X)


def test_29_34_functional_training():
    """Rows 29 and 34: the functional loop over Params, with JAX's own transforms."""
    net = u.build(MLP, backend="jax", rng=0)
    params, rest = net.params.split()

    @jax.jit
    def step(params, rest, x):
        def pure(params):
            y, changes = net.apply(params | rest, x, training=True)
            return (y**2).mean(), changes

        (value, changes), grads = jax.value_and_grad(pure, has_aux=True)(params)
        return value, jax.tree.map(lambda p, g: p - 0.1 * g, params, grads), rest | changes

    values = []
    for _ in range(3):
        value, params, rest = step(params, rest, X)
        values.append(float(value))
    assert values[-1] < values[0] and int(rest["linear1/count"]) == 3
    net.load_params(params | rest)
    assert int(net.linear1.count) == 3


def test_31_scan_over_steps_with_dropout_and_a_shared_norm():
    class Cell(nn.Module):
        def __init__(self):
            self.linear, self.norm, self.drop = nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Dropout(0.5)

        def __call__(self, carry, x):
            carry = self.drop(self.norm(self.linear(carry))) + x
            return carry, carry.sum()

    steps = np.random.default_rng(1).standard_normal((6, 8, 4)).astype(np.float32)
    results = []
    for backend in BACKENDS:
        net, xs = u.build(Cell, backend=backend, rng=0, portable=True), array(backend, steps)
        carry, ys = nn.scan(lambda cell, carry, x: cell(carry, x))(net, xs[0], xs)
        assert carry.shape == (8, 4) and ys.shape == (6,)
        assert int(net.norm.num_batches_tracked) == 6 and int(net.params["rng/counter"]) == 6
        results.append(host(ys))
    np.testing.assert_allclose(*results, rtol=1e-5, atol=1e-5)


@both
def test_32_a_cache(backend):
    class Decoder(nn.Module):
        def __init__(self, layers):
            self.layers = [Attention() for _ in range(layers)]

        def __call__(self, x):
            for layer in self.layers:
                x = layer(x)
            return x

    class Attention(nn.Module):
        def __init__(self):
            self.project = nn.Linear(4, 4)
            self.cache = nn.var("cache", (3, 4))

        def __call__(self, x):
            new = self.project(x)
            self.cache = u.array_namespace(new).concat([self.cache[1:], new[None]], axis=0)
            return x + self.cache.sum(0)

    net = u.build(Decoder, 2, backend=backend, rng=0)
    step = nn.jit(lambda net, x: net(x))
    for _ in range(2):
        step(net, array(backend, X[0]))
    assert list(nn.state(net, "cache")) == ["layers/0/cache", "layers/1/cache"]
    assert not np.any(host(net.layers[0].cache[0])) and np.any(host(net.layers[0].cache[1]))
