"""Named scopes and numbers: the paths of `nn.ModuleList` and nested modules, on both frameworks."""

import copy
import pickle

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from torch import nn

import unified as u
import unified.functional as F
from unified.testing import assert_parity


class Block(u.Module):
    def __call__(self, x):
        with u.scope("attn"):
            x = x + u.Linear(4, 4, name="c_proj")(x)
        with u.scope("mlp.0"):
            x = F.relu(u.Linear(4, 4)(x))
        with u.scope("attn"):
            return x + u.Linear(4, 4)(x)


def forward(x):
    for number in range(2):
        with u.scope("transformer.h", number):
            x = x + u.Linear(4, 4)(x)
            x = u.Linear(4, 4)(x)
    with u.scope("transformer"):
        x = u.LayerNorm(4, name="ln_f")(x)
        with u.scope("h"):
            x = Block(name=2)(x)
    with u.scope("transformer/h", "1"):
        x = u.Linear(4, 4)(x)
    return u.Linear(4, 4, name=0)(x)


WEIGHTS = [
    "transformer/h/0/linear/weight",
    "transformer/h/0/linear_1/weight",
    "transformer/h/1/linear/weight",
    "transformer/h/1/linear_1/weight",
    "transformer/h/1/linear_2/weight",
    "transformer/h/2/attn/c_proj/weight",
    "transformer/h/2/attn/linear/weight",
    "transformer/h/2/mlp/0/linear/weight",
    "transformer/ln_f/weight",
    "0/weight",
]


def inputs(backend):
    x = np.linspace(-1, 1, 8, dtype=np.float32).reshape(2, 4)
    return torch.tensor(x) if backend == "torch" else jnp.asarray(x)


def params_of(body, backend):
    """Return the params of a body on one framework."""
    model = u.transform(body, backend=backend)
    made = model.init(inputs(backend), rng=0)
    return model.params if backend == "torch" else made


def test_paths_are_those_of_modules_and_equal():
    for backend in ("torch", "jax"):
        params = params_of(forward, backend)
        assert [path for path in params if path.endswith("weight")] == WEIGHTS
    assert_parity(forward, inputs("torch").numpy())


def test_the_torch_model_replays_compiles_copies_and_pickles():
    net = u.transform(forward, backend="torch").init(inputs("torch"), rng=0)
    x = inputs("torch")
    expected = net(x)
    for again in (net, copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert torch.equal(again(x), expected)
    torch._dynamo.reset()
    compiled = torch.compile(net, fullgraph=True, backend="eager")
    torch.testing.assert_close(compiled(x), expected)
    assert isinstance(net.get_submodule("transformer.h.1.linear_2"), nn.Linear)


def test_jit_gradient_and_vmap_on_jax():
    model = u.transform(forward, backend="jax")
    params, x = model.init(inputs("jax"), rng=0), inputs("jax")
    expected = model.apply(params, x)[0]
    np.testing.assert_allclose(jax.jit(model.apply)(params, x)[0], expected, rtol=1e-5, atol=1e-6)
    mapped = jax.vmap(lambda row: model.apply(params, row)[0])(x[:, None])
    np.testing.assert_allclose(mapped[:, 0], expected, rtol=1e-5, atol=1e-6)
    assert list(jax.grad(lambda params: model.apply(params, x)[0].sum())(params)) == list(params)


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_scopes_within_transforms_of_a_body(backend):
    def body(x):
        for number in range(2):
            with u.scope("h", number):
                x = u.remat(lambda x: Block(name="block")(x))(x)

        def layer(x):
            with u.scope("inner.0"):
                return u.Linear(4, 4)(x)

        x = u.layer_stack(2)(layer)(x)
        return u.cond(True, layer, lambda x: x * 2, x)

    paths = [path for path in params_of(body, backend) if path.endswith("weight")]
    assert paths[:2] == ["h/0/block/attn/c_proj/weight", "h/0/block/attn/linear/weight"]
    assert paths[-2:] == ["layer_stack/inner/0/linear/weight", "inner/0/linear/weight"]
    model = u.transform(body, backend=backend)
    made = model.init(inputs(backend), rng=0)
    out = model(inputs(backend)) if backend == "torch" else model.apply(made, inputs(backend))[0]
    assert out.shape == (2, 4)


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_a_scope_is_one_place(backend):
    def around_and_within(x):
        with u.scope("h.0"):
            x = u.Linear(4, 4)(x)

        def inner(x):
            with u.scope("h.1"):
                return u.Linear(4, 4)(x)

        return u.remat(inner)(x)

    def over_a_layer(x):
        x = u.Linear(4, 4, name="h")(x)
        with u.scope("h.0"):
            return u.Linear(4, 4)(x)

    def over_a_variable(x):
        x = x + u.get_parameter("h", (4,))
        with u.scope("h"):
            return u.Linear(4, 4)(x)

    for body in (around_and_within, over_a_layer, over_a_variable):
        with pytest.raises(ValueError, match="'h' is already"):
            params_of(body, backend)

    def number_twice(x):
        return u.Linear(4, 4, name=0)(u.Linear(4, 4, name=0)(x))

    with pytest.raises(ValueError, match="'0' is already taken"):
        params_of(number_twice, backend)


@pytest.mark.parametrize(
    "path", [(), ("",), ("a..b",), ("a b",), ("01",), (-1,), ("a", True), (1.0,), (None,), ("-1",)]
)
def test_names_that_are_none(path):
    def body(x):
        with u.scope(*path):
            return u.Linear(4, 4)(x)

    with pytest.raises(ValueError, match="name"):
        params_of(body, "torch")


@pytest.mark.parametrize("name", ["a.b", "0", "", -1, True, 1.5])
def test_a_name_of_a_layer_is_one_name(name):
    for cls in (lambda name: u.Linear(4, 4, name=name), lambda name: Block(name=name)):
        with pytest.raises(ValueError, match="cannot be a name"):
            params_of(lambda x, cls=cls: cls(name)(x), "torch")


def test_checkpoints_keep_the_paths(tmp_path):
    net = u.transform(forward, backend="torch").init(inputs("torch"), rng=0)
    u.save(tmp_path / "net", net.params)
    model = u.transform(forward, backend="jax")
    params = model.init(inputs("jax"), rng=1).update(u.load(tmp_path / "net", "jax"))
    assert list(params) == list(net.params)
    np.testing.assert_allclose(
        model.apply(params, inputs("jax"))[0], net(inputs("torch")).detach(), rtol=1e-5, atol=1e-6
    )


def test_weights_are_transposed_on_either_framework():
    def body(x):
        return u.Linear(4, 3)(x)

    net = u.transform(body, backend="torch").init(inputs("torch"), rng=0)
    model = u.transform(body, backend="jax")
    params = model.init(inputs("jax"), rng=0)
    expected = net.linear.weight.detach().numpy().T
    found = net.params.rename({}, transpose="linear/weight")["linear/weight"]
    assert found.is_contiguous() and not found.requires_grad and np.array_equal(found.numpy(), expected)
    assert found.data_ptr() != net.linear.weight.data_ptr()
    for rename in (lambda p: p.rename({}, "linear/weight"), jax.jit(lambda p: p.rename({}, "linear/weight"))):
        assert np.array_equal(rename(params)["linear/weight"], expected)
    shapes = model.eval_shape(inputs("jax")).rename({"linear/(.*)": r"\1"}, transpose="linear/weight")
    assert shapes["weight"].shape == (4, 3) and shapes["bias"].shape == (3,)


def test_an_error_leaves_the_scope():
    def body(x, fails):
        with u.scope("h.0"):
            if fails:
                raise KeyError("no")
            x = u.Linear(4, 4)(x)
        assert u.current_path() == ""
        return x

    net = u.transform(body, backend="torch")
    with pytest.raises(KeyError):
        net.init(inputs("torch"), True, rng=0)
    net.init(inputs("torch"), False, rng=0)
    assert list(net.state_dict()) == ["h.0.linear.weight", "h.0.linear.bias"]
    with pytest.raises(u.NoActiveTransformError), u.scope("h"):
        pass
