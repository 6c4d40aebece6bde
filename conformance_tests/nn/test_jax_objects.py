"""On JAX an object holds its arrays, and is no pytree: what leaves it, and what may not."""

import copy

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
import unified.functional as F
import unified.nn as nn
from conformance_tests.nn.objects import Counted, Net

X = np.random.default_rng(0).standard_normal((2, 3, 8, 8)).astype(np.float32)
V = np.ones((2, 4), np.float32)


def made(**kwargs):
    return u.build(Net, backend="jax", rng=0, **kwargs)


@pytest.mark.parametrize("name", ["cuda", "cpu", "backward", "share_memory", "compile", "register_full_backward_hook"])
def test_what_torch_alone_offers_is_refused_with_the_cure(name):
    with pytest.raises(AttributeError, match=f"{name} is torch's alone.*jax"):
        getattr(made(), name)


def test_it_is_no_pytree():
    net = made()
    assert jax.tree_util.tree_leaves(net) == [net]
    assert "torch" not in type(net).__mro__[1].__module__ and isinstance(net, nn.Module)


def test_tracers_stay_inside():
    net = u.build(Counted, backend="jax", rng=0)
    with pytest.raises(u.TransformBoundaryError, match="constants"):
        jax.jit(net)(V)

    def loop(carry, x):
        return carry + net(x[None]).sum(), None

    with pytest.raises(u.TransformBoundaryError, match="constants"):
        jax.lax.scan(loop, 0.0, V)
    assert int(net.count) == 0
    assert int(jax.jit(lambda p: net.apply(p, V)[1]["count"])(net.params)) == 1 and int(net.count) == 0


def test_transforms_within_a_call_keep_their_tracers():
    class Loops(nn.Module):
        def __init__(self):
            self.inner = Counted()

        def __call__(self, x):
            return jax.lax.map(lambda row: self.inner(row[None]).sum(), x)

    net = u.build(Loops, backend="jax", rng=0)
    with pytest.raises(u.TransformBoundaryError, match=r"inner/count.*transforms of unified\.nn"):
        net.apply(net.params, V)
    with pytest.raises(u.TransformBoundaryError):
        net(V)


def test_pure_calls_leave_the_object_as_it_was():
    class Sets(nn.Module):
        def __init__(self):
            self.linear = nn.Linear(4, 3)
            self.last = None

        def __call__(self, x):
            self.last = self.linear(x)
            return self.last

    net = u.build(Sets, backend="jax", rng=0)
    net(V)
    assert net.last.shape == (2, 3)
    with pytest.raises(ValueError, match=r"Sets\.last was set in a pure call.*nn\.var"):
        net.apply(net.params, V)
    with pytest.raises((ValueError, u.TransformBoundaryError), match=r"last"):
        nn.jit(lambda net, x: net(x))(net, V)


def test_apply_checks_params():
    net = made()
    with pytest.raises(u.StructureChangedError, match="head/bias"):
        net.apply(net.params.filter(u.filters.not_("head/bias")), X)
    with pytest.raises(u.StructureChangedError, match="shape"):
        net.apply(net.params.replaced({"head/bias": jnp.ones(7)}), X)
    with pytest.raises(TypeError, match="static"):
        jax.jit(net.apply)(net.params, X, training=True)
    with pytest.raises(u.BackendError, match="torch"):
        net(torch.tensor(X))


def test_functions_that_draw():
    class Drops(nn.Module):
        def __init__(self):
            self.linear = nn.Linear(4, 50)

        def forward(self, x):
            return F.dropout(self.linear(x), 0.5, self.training)

    net = u.build(Drops, backend="jax", rng=0)
    assert "rng/key" not in net.params  # no layer is random
    with pytest.raises(u.StructureChangedError, match="random_state"):
        net.apply(net.params, V, training=True)
    y, changes = net.apply(net.params | net.random_state(), V, training=True)
    assert list(changes) == ["rng/counter"]
    np.testing.assert_array_equal(net(V), y)
    assert "rng/key" in net.params and int(net.params["rng/counter"]) == 1
    assert not np.array_equal(net(V), y) and np.array_equal(net.eval()(V), net(V))


def test_draws_are_those_of_the_inline_style():
    def inline(x):
        return u.Dropout(0.5, name="drop")(u.Linear(4, 50, name="linear")(x))

    class Drops(nn.Module):
        def __init__(self):
            self.linear, self.drop = nn.Linear(4, 50), nn.Dropout(0.5)

        def forward(self, x):
            return self.drop(self.linear(x))

    model, net = u.transform(inline, backend="jax"), u.build(Drops, backend="jax", rng=9)
    params = model.init(V, rng=9)
    assert params == net.params or list(params) == list(net.params)
    np.testing.assert_array_equal(model.apply(params, V, training=True)[0], net(V))
    np.testing.assert_array_equal(model.apply(net.params, V, training=True)[0], net(V))  # its params, too


def test_parts_of_a_layer_are_not_replaced_in_silence():
    def block():
        return u.build(nn.TransformerEncoderLayer, 4, 2, 8, dropout=0.0, batch_first=True, backend="jax", rng=0)

    x = np.ones((1, 3, 4), np.float32)
    layer = block()
    assert layer.linear1(x).shape == (1, 3, 8)  # a part is a layer itself
    layer.linear1 = nn.merge(layer.linear2, {})
    with pytest.raises(ValueError, match=r"linear1.*replaced"):
        layer.linear1 = u.build(nn.Identity, backend="jax", rng=0)
        layer(x)
    layer = block()
    layer.linear1.register_forward_hook(lambda *args: None)
    with pytest.raises(ValueError, match="hook"):
        layer(x)
    layer = block()
    layer(x)
    layer.dropout.p = 0.5
    with pytest.raises(ValueError, match="argument"):
        layer(x)
    layer = block()
    layer.self_attn.eval()
    with pytest.raises(ValueError, match="mode"):
        layer(x)
    layer = block()
    layer.load_state_dict({name: value * 0 for name, value in layer.state_dict().items()})
    assert not np.any(np.asarray(layer(x)) - np.asarray(block().norm2(x) * 0))


def test_arguments_of_layers_can_change():
    class Drops(nn.Module):
        def __init__(self):
            self.drop = nn.Dropout(0.5)

        def forward(self, x):
            return self.drop(x)

    net = u.build(Drops, backend="jax", rng=0)
    assert np.any(np.asarray(net(V)) == 0)
    net.drop.p = 0.0
    np.testing.assert_array_equal(net(V), V)
    linear = u.build(nn.Linear, 4, 3, backend="jax", rng=0)
    with pytest.raises(ValueError, match="another layer"):
        linear.out_features = 5


def test_a_copy_in_jit_holds_tracers_of_that_trace():
    net = u.build(Counted, backend="jax", rng=0)

    @jax.jit
    def run(params, x):
        twin = nn.merge(net, params)
        twin(x)
        return twin(x), nn.state(twin)

    y, params = run(net.params, V)
    assert int(params["count"]) == 2 and int(net.count) == 0
    np.testing.assert_allclose(y, net(V), rtol=1e-6)


def test_new_variables_after_construction():
    net = made()
    net.extra = nn.param((3,), u.initializers.normal())
    net.more = nn.Parameter(np.ones(2, np.float32))

    class Twin(Net):
        def __init__(self):
            super().__init__()
            self.extra = nn.param((3,), u.initializers.normal())

    np.testing.assert_array_equal(net.extra, u.build(Twin, backend="jax", rng=0).extra)  # by its path
    assert list(net.params)[:2] == ["extra", "more"] and net.more.sum() == 2
    net.extra = net.extra * 2
    with pytest.raises(ValueError, match="shape"):
        net.extra = jnp.ones(4)
    del net.more
    assert "more" not in net.params and copy.deepcopy(net).extra.shape == (3,)


def test_an_object_is_not_called_in_a_body():
    net = u.build(Counted, backend="jax", rng=0)
    model = u.transform(lambda x: net(u.Linear(4, 4)(x)), backend="jax")
    with pytest.raises(u.NoActiveTransformError, match="would not own"):
        model.init(V, rng=0)

    class Inline(nn.Module):
        def forward(self, x):
            return u.Linear(4, 4)(x)

    with pytest.raises(u.StructureChangedError, match="constructor"):
        u.build(Inline, backend="jax", rng=0)(V)


def test_notes_name_the_module():
    net = made()
    with pytest.raises(Exception) as caught:
        net(X[:, :2])
    assert any("'stem' (Conv2d)" in note for note in caught.value.__notes__)
