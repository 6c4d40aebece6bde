"""Transforms of functions that take objects: against torch's autograd, JAX's own transforms, and loops."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
import unified.functional as F
import unified.nn as nn
from conformance_tests.nn.objects import Counted, Net

BACKENDS = ("torch", "jax")
both = pytest.mark.parametrize("backend", BACKENDS)
X = np.random.default_rng(0).standard_normal((6, 4)).astype(np.float32)


def array(backend, value=X):
    return torch.tensor(value) if backend == "torch" else jnp.asarray(value)


def host(value):
    return value.detach().numpy() if isinstance(value, torch.Tensor) else np.asarray(value)


class MLP(nn.Module):
    def __init__(self, dropout=0.0):
        self.a, self.bn, self.drop, self.b = nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Dropout(dropout), nn.Linear(8, 3)

    def __call__(self, x):
        return self.b(self.drop(F.relu(self.bn(self.a(x)))))

    def energy(self, x, scale=1.0):
        return (self(x) ** 2).sum() * scale


def made(backend, cls=MLP, **kwargs):
    return u.build(cls, backend=backend, rng=0, portable=True, **kwargs)


def loss(net, x):
    return (net(x) ** 2).mean()


@both
def test_gradients_are_those_of_autograd(backend):
    net, hand = made(backend), made("torch")
    value, grads = nn.value_and_grad(loss)(net, array(backend))
    expected = loss(hand, torch.tensor(X))
    expected.backward()
    np.testing.assert_allclose(host(value), host(expected), rtol=1e-5)
    assert list(grads) == [name.replace(".", "/") for name, _ in hand.named_parameters()]
    for name, parameter in hand.named_parameters():
        np.testing.assert_allclose(host(grads[name.replace(".", "/")]), host(parameter.grad), rtol=1e-4, atol=1e-6)
    assert int(net.bn.num_batches_tracked) == 1
    np.testing.assert_allclose(host(net.bn.running_mean), host(hand.bn.running_mean), rtol=1e-5, atol=1e-6)


@both
def test_gradients_by_state_and_of_what_is_not_used(backend):
    class Scaled(nn.Module):
        def __init__(self):
            self.scale, self.linear = nn.var("averages", np.ones(4, np.float32)), nn.Linear(4, 2)

        def __call__(self, x):
            return self.linear(x * self.scale)

    scaled = u.build(Scaled, backend=backend, rng=0)
    grads = nn.grad(loss, wrt=["params", "averages"])(scaled, array(backend))
    assert list(grads) == ["scale", "linear/weight", "linear/bias"] and np.any(host(grads["scale"]))
    assert "scale" not in nn.grad(loss)(scaled, array(backend))
    net = made(backend).eval()
    unused = nn.grad(lambda net, x: (net.a(x) ** 2).sum())(net, array(backend))
    assert not np.any(host(unused["b/weight"])) and np.any(host(unused["a/weight"]))
    with pytest.raises(TypeError, match=r"scalar|Scalar"):
        nn.grad(lambda net, x: net(x))(net, array(backend))
    with pytest.raises(TypeError, match="object"):
        nn.grad(loss)(array(backend), net)
    with pytest.raises(TypeError, match=r"unified\.grad|value_and_grad"):
        nn.grad(loss)(array(backend), array(backend))


def test_draws_within_transforms_are_equal_on_both():
    results = []
    for backend in BACKENDS:
        net = made(backend, dropout=0.5)
        values = [host(nn.value_and_grad(loss)(net, array(backend))[0]) for _ in range(2)]
        values.append(host(nn.jit(loss)(net, array(backend))))
        values.append(host(nn.remat(lambda net, x: net(x))(net, array(backend))).sum())
        assert int(net.params["rng/counter"]) == 4
        results.append(values)
    np.testing.assert_allclose(results[0], results[1], rtol=1e-4, atol=1e-5)
    assert results[0][0] != results[0][1]


@both
def test_jit_of_objects_methods_and_outputs(backend):
    net = made(backend)
    x = array(backend)
    run = nn.jit(net.energy)
    first = host(run(x))
    np.testing.assert_allclose(host(run(x, 2.0)), 2 * first, rtol=1e-5)
    np.testing.assert_allclose(host(run(x, scale=3.0)), 3 * first, rtol=1e-5)
    assert nn.jit(net)(x).shape == (6, 3)

    @nn.jit
    def several(pair, x, name, flag):
        one, two = pair["one"], pair["two"]
        return {"y": one(x) + two(x), "net": one, "name": name, "flag": flag}

    other = u.build(MLP, backend=backend, rng=1)
    out = several({"one": net, "two": other}, x, "text", True)
    assert out["net"] is net and out["name"] == "text" and out["flag"] in (True, 1)
    assert int(other.bn.num_batches_tracked) == 1
    same = several({"one": net, "two": net}, x, "text", False)
    assert same["y"].shape == (6, 3)


def test_jit_compiles_once_a_kind():
    traces = []

    @nn.jit
    def run(net, x, name="a"):
        traces.append(name)
        return net(x)

    x = jnp.asarray(X)
    one, two = made("jax"), u.build(MLP, backend="jax", rng=1)
    run(one, x), run(one, x), run(two, x)
    np.testing.assert_allclose(run(two, x), run(one, x) * 0 + run(two, x))
    assert len(traces) == 1
    run(one, x, name="b"), run(one.eval(), x), run(one, x[:2])
    assert len(traces) == 4
    one.note = [1, 2]
    run(one, x)
    one.note.append(3)  # changed in place
    run(one, x)
    assert len(traces) == 6
    one.a.requires_grad_(False)
    run(one, x)
    assert len(traces) == 7
    with pytest.raises(TypeError, match="static_argnums"):
        nn.jit(run, static_argnums=0)(one, x)


def test_a_step_may_not_change_the_structure():
    @nn.jit
    def changes(net, x):
        net.eval()
        return net(x)

    with pytest.raises(u.TransformBoundaryError, match=r"attributes|modes"):
        changes(made("jax"), jnp.asarray(X))

    @nn.jit
    def makes(net, x):
        return nn.merge(net, {})

    with pytest.raises(u.TransformBoundaryError, match="made within"):
        makes(made("jax"), jnp.asarray(X))


@both
def test_vmap(backend):
    net = made(backend).eval()
    x = array(backend, X[:, None])
    mapped = nn.vmap(lambda net, row: net(row))(net, x)
    np.testing.assert_allclose(host(mapped)[:, 0], host(net(array(backend))), rtol=1e-5, atol=1e-6)
    both_axes = nn.vmap(lambda net, row, scale: net.a(row) * scale, in_axes=(None, 1, None), out_axes=1)
    np.testing.assert_allclose(
        host(both_axes(net, array(backend, X.T.copy()), 2.0)).T, 2 * host(net.a(array(backend))), rtol=1e-5, atol=1e-6
    )
    with pytest.raises(ValueError, match="entries"):
        nn.vmap(lambda net, row: net(row), in_axes=(None, 0, 0))(net, x)


def test_vmap_writes_what_is_equal_and_refuses_the_rest():
    counted = u.build(Counted, backend="jax", rng=0)
    nn.vmap(lambda net, row: net(row))(counted, jnp.asarray(X))
    assert int(counted.count) == 1
    with pytest.raises(u.TransformBoundaryError, match="share"):
        nn.vmap(lambda net, row: net(row))(made("jax"), jnp.asarray(X[:, None].repeat(2, 1)))
    net = made("jax", dropout=0.5)
    net.bn.eval()
    ones = jnp.ones((3, 1, 4))
    same = nn.vmap(lambda net, row: net(row))(net, ones)
    assert np.array_equal(same[0], same[1])
    split = nn.vmap(lambda net, row: net(row), split_rngs=True)(net, ones)
    assert not np.array_equal(split[0], split[1])


@both
def test_scan_is_a_loop(backend):
    net, hand = made(backend), made(backend)
    xs = array(backend, np.random.default_rng(1).standard_normal((4, 6, 4)).astype(np.float32))

    def step(net, carry, x):
        y = net(x)
        return carry + y.sum(), y.mean()

    start = array(backend, np.float32(0))
    carry, ys = nn.scan(step)(net, start, xs)
    expected, means = start, []
    for x in xs:
        expected, y = step(hand, expected, x)
        means.append(host(y))
    np.testing.assert_allclose(host(carry), host(expected), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(host(ys), means, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(host(net.bn.running_var), host(hand.bn.running_var), rtol=1e-5)
    assert nn.scan(step, reverse=True)(net, start, xs)[1].shape == (4,)


@both
def test_remat_gives_the_same_gradients_and_writes_once(backend):
    net, plain = made(backend), made(backend)
    x = array(backend)
    value, grads = nn.value_and_grad(lambda net, x: nn.remat(loss)(net, x))(net, x)
    expected, wanted = nn.value_and_grad(loss)(plain, x)
    np.testing.assert_allclose(host(value), host(expected), rtol=1e-6)
    for path in wanted:
        np.testing.assert_allclose(host(grads[path]), host(wanted[path]), rtol=1e-5, atol=1e-7)
    assert int(net.bn.num_batches_tracked) == 1


def test_transforms_nest():
    net = made("jax")
    x = jnp.asarray(X)

    @nn.jit
    def step(net, x):
        grads = nn.grad(lambda net, x: nn.remat(loss)(net, x))(net, x)
        per_row = nn.vmap(lambda net, row: net.a(row))(net, x)
        return grads, per_row

    grads, per_row = step(net, x)
    twin = made("jax")
    wanted = nn.grad(loss)(twin, x)
    np.testing.assert_allclose(grads["a/weight"], wanted["a/weight"], rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(per_row, twin.a(x), rtol=1e-5, atol=1e-6)
    assert int(net.bn.num_batches_tracked) == 1


def test_intermediates_leave_jit():
    class Sows(nn.Module):
        def __init__(self):
            self.inner = nn.Linear(4, 2)

        def __call__(self, x):
            self.sow("hidden", self.inner(x))
            return x.sum()

    net = u.build(Sows, backend="jax", rng=0)
    nn.jit(lambda net, x: net(x))(net, jnp.asarray(X))
    np.testing.assert_allclose(nn.pop(net, "intermediates")["hidden"], net.inner(jnp.asarray(X)), rtol=1e-6)


def test_jaxs_own_transforms_over_apply():
    net = u.build(Net, backend="jax", rng=0)
    x = jnp.asarray(np.random.default_rng(0).standard_normal((2, 3, 8, 8)), jnp.float32)
    params, rest = net.params.split()
    stacked = jax.tree.map(lambda value: jnp.stack([value, value + 1]), params)
    ys = jax.vmap(lambda params: net.apply(params | rest, x)[0])(stacked)
    np.testing.assert_allclose(ys[0], net.apply(net.params, x)[0], rtol=1e-4, atol=1e-4)
