"""Selections of a model's variables at work: optimizers, gradients and the graph, on both frameworks."""

import copy
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import torch

import unified as u
import unified.functional as F


class Block(u.Module):
    def __init__(self, width: int) -> None:
        self.width = width

    def __call__(self, x: Any) -> Any:
        return x + u.Linear(self.width, x.shape[-1])(F.tanh(u.Linear(None, self.width)(x)))


def forward(x: Any) -> Any:
    x = u.BatchNorm1d(None)(u.Linear(None, 4)(x))
    for _ in range(2):
        x = Block(8)(x)
    return u.Sequential(u.LayerNorm(None), u.Linear(4, 1))(x)


X = np.random.default_rng(0).standard_normal((6, 3)).astype(np.float32)


def on_jax() -> tuple[Any, u.Params]:
    net = u.transform(forward, backend="jax")
    return net, net.init(X, rng=1)


def on_torch() -> Any:
    return u.transform(forward, backend="torch").init(torch.tensor(X), rng=1)


def loss_of(net: Any) -> Any:
    def loss(trainable: u.Params, rest: u.Params, x: jax.Array) -> Any:
        output, changes = net.apply(trainable | rest, x, training=True)
        return jnp.mean(output**2), changes

    return loss


def test_a_filtered_gradient_is_one_line() -> None:
    net, params = on_jax()
    blocks, rest = params.split("block*")
    gradients, _ = jax.grad(loss_of(net), has_aux=True)(blocks, rest, X)
    assert list(gradients) == [path for path in params if path.startswith("block")]
    model = on_torch().train()
    (model(torch.tensor(X)) ** 2).mean().backward()
    for path, gradient in gradients.items():
        np.testing.assert_allclose(gradient, model.params[path].grad, rtol=1e-4, atol=1e-6)


def steps_on_jax(optimizer: Any, params: u.Params, net: Any, count: int = 3) -> u.Params:
    trainable, rest = params.split()
    state = optimizer.init(trainable)

    @jax.jit
    def step(trainable: u.Params, rest: u.Params, state: Any) -> Any:
        gradients, changes = jax.grad(loss_of(net), has_aux=True)(trainable, rest, X)
        updates, state = optimizer.update(gradients, state, trainable)
        return optax.apply_updates(trainable, updates), rest | changes, state

    for _ in range(count):
        trainable, rest, state = step(trainable, rest, state)
    return trainable | rest


def steps_on_torch(optimizer: torch.optim.Optimizer, model: Any, count: int = 3) -> u.Params:
    model.train()
    for _ in range(count):
        optimizer.zero_grad()
        (model(torch.tensor(X)) ** 2).mean().backward()
        optimizer.step()
    return model.params


def check_equal(actual: u.Params, expected: u.Params) -> None:
    for path, value in expected.to("numpy").items():
        np.testing.assert_allclose(np.asarray(actual[path]), value, rtol=1e-4, atol=1e-5, err_msg=path)


def test_masked_weight_decay() -> None:
    """`optax.masked` by `params.mask`, and torch's parameter groups by `params.partition`."""
    net, params = on_jax()
    trainable = params.split()[0]
    decay = optax.masked(optax.add_decayed_weights(0.1), trainable.mask("*/weight"))
    actual = steps_on_jax(optax.chain(decay, optax.sgd(0.1)), params, net)
    model = on_torch()
    weights, others, _ = model.params.partition("*/weight", "params", ...)
    groups = [{"params": [*weights.values()], "weight_decay": 0.1}, {"params": [*others.values()]}]
    check_equal(actual, steps_on_torch(torch.optim.SGD(groups, lr=0.1), model))


def test_a_rate_for_each_part() -> None:
    """`optax.multi_transform` by `params.labels`."""
    net, params = on_jax()
    trainable = params.split()[0]
    optimizer = optax.multi_transform(
        {"slow": optax.sgd(0.01), "fast": optax.sgd(0.1)}, trainable.labels(slow="block*", fast=...)
    )
    actual = steps_on_jax(optimizer, params, net)
    model = on_torch()
    slow, fast, _ = model.params.partition("block*", "params", ...)
    groups = [{"params": [*slow.values()], "lr": 0.01}, {"params": [*fast.values()]}]
    check_equal(actual, steps_on_torch(torch.optim.SGD(groups, lr=0.1), model))


def test_frozen_parameters_do_not_train() -> None:
    net, params = on_jax()
    actual = steps_on_jax(optax.sgd(0.1), params.freeze("block/*", "*/bias"), net)
    model = on_torch().freeze("block/*", "*/bias")
    assert {path for path, info in model.params.info.items() if info.trainable} == set(
        params.freeze("block/*", "*/bias").split()[0]
    )
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.1)
    check_equal(actual, steps_on_torch(optimizer, model))
    for path in params:
        changed = not np.array_equal(params[path], actual[path])
        assert changed == (
            path in params.freeze("block/*", "*/bias").split()[0]
            or path.startswith("batch_norm1d/r")
            or path.endswith("tracked")
        ), path
    assert all(p.requires_grad for p in model.unfreeze().parameters())


def test_trainability_travels_between_frameworks() -> None:
    _, params = on_jax()
    model = on_torch().load_params(params.freeze("block/*"))
    assert {name for name, p in model.named_parameters() if not p.requires_grad} == {
        path.replace("/", ".") for path in params if path.startswith("block/")
    }
    assert model.params._structure.infos == params.freeze("block/*")._structure.infos
    model.load_params(dict(params.to("numpy")))  # bare arrays have no such metadata
    assert not model.block.linear.weight.requires_grad
    model.load_params(params)  # what is frozen stays so
    assert not model.block.linear.weight.requires_grad and model.linear.weight.requires_grad
    assert all(p.requires_grad for p in model.unfreeze().load_params(params).parameters())


def test_frozen_params_on_torch_share_memory_and_have_no_gradient() -> None:
    model = on_torch()
    frozen = model.params.freeze("block/*")
    assert model.block.linear.weight.requires_grad  # the model itself is unchanged
    assert frozen["block/linear/weight"].data_ptr() == model.block.linear.weight.data_ptr()
    output, _ = model.apply(frozen, torch.tensor(X))
    output.sum().backward()
    assert frozen["block/linear/weight"].grad is None
    assert model.block.linear.weight.grad is None
    assert model.linear.weight.grad is not None
    assert frozen.unfreeze("block/*")["block/linear/weight"].requires_grad
    assert not frozen.unfreeze()["batch_norm1d/num_batches_tracked"].requires_grad
    with pytest.raises(ValueError, match="no parameter"):
        model.freeze("blocks/*")


def test_the_graph_is_the_same() -> None:
    net, params = on_jax()
    model = on_torch()
    for graph in (params.graph, model.params.graph, net.eval_shape(X).graph):
        assert list(graph.find(u.Linear)) == [
            "linear",
            "block/linear",
            "block/linear_1",
            "block_1/linear",
            "block_1/linear_1",
            "sequential/1",
        ]
        assert [path for path, _ in graph.walk()] == [
            "",
            "batch_norm1d",  # which Python constructs before it computes its input
            "linear",
            "block",
            "block/linear",
            "block/linear_1",
            "block_1",
            "block_1/linear",
            "block_1/linear_1",
            "sequential",
            "sequential/0",
            "sequential/1",
        ]
        assert graph["block"].cls is Block
        assert graph["block"].children == ("block/linear", "block/linear_1")
        assert graph["block/linear_1"].arguments["out_features"] == 8
        assert [info.path for info in graph["sequential/0"].variables] == ["sequential/0/weight", "sequential/0/bias"]
        assert graph["sequential/1"].parameters == 5
        assert len(graph) == 12
        assert "block/linear" in graph
        assert "block/conv" not in graph
    assert repr(params.graph) == repr(model.params.graph)
    assert "    linear: Linear(in_features=8, out_features=4)\n" in repr(params.graph)  # without what is default
    assert [path for path, _ in params.subtree("block").graph.walk()] == ["", "linear", "linear_1"]


def test_the_graph_shows_the_layers_that_a_layer_is_made_of() -> None:
    def encode(x: Any) -> Any:
        return u.TransformerEncoderLayer(4, 2, 8)(x)

    graph = u.transform(encode, backend="jax").eval_shape(np.ones((2, 3, 4), np.float32)).graph
    at = "transformer_encoder_layer"
    assert list(graph.find(u.Linear)) == [f"{at}/linear1", f"{at}/linear2"]
    assert graph[f"{at}/self_attn"].cls is u.MultiheadAttention
    assert graph[f"{at}/norm1"].arguments["normalized_shape"] == 4


def test_annotations_stay_with_the_model() -> None:
    _, params = on_jax()
    model = on_torch().annotate("*/weight", sharding=("model",))
    marked = params.annotate("*/weight", sharding=("model",))
    assert model.params._structure.infos == marked._structure.infos
    assert on_torch().load_params(marked).params._structure.infos == marked._structure.infos
    assert copy.deepcopy(model).params._structure.infos == marked._structure.infos
    assert model.freeze("block/*").params.info["linear/weight"].metadata == {"sharding": ("model",)}
    assert not on_torch().params.info["linear/weight"].metadata


def sharded(x: Any) -> Any:
    x = u.Linear(3, 4, metadata={"sharding": ("model", None)})(x)
    x = u.Sequential(u.Linear(4, 4, metadata={"weight": {"axis": 0}, "bias": {"axis": 1}}), u.ReLU())(x)
    scale = u.get_parameter("scale", 4, metadata={"sharding": ("model",)})
    return x * scale + u.get_state("shift", 4, metadata={"note": "zero"})


def test_a_body_says_what_is_to_be_known_of_its_variables() -> None:
    params = u.transform(sharded, backend="jax").init(X, rng=0)
    model = u.transform(sharded, backend="torch").init(torch.tensor(X), rng=0)
    assert {path: dict(info.metadata) for path, info in params.info.items() if info.metadata} == {
        "scale": {"sharding": ("model",)},
        "shift": {"note": "zero"},
        "linear/weight": {"sharding": ("model", None)},
        "sequential/0/weight": {"axis": 0},
        "sequential/0/bias": {"axis": 1},
    }
    assert model.params._structure.infos == params._structure.infos
    assert "metadata" not in params.graph["linear"].arguments
    net = u.transform(sharded, backend="jax")
    np.testing.assert_allclose(
        jax.jit(net.apply)(params, X)[0], model(torch.tensor(X)).detach().numpy(), rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_metadata_of_what_is_not_there(backend: str) -> None:
    x: Any = torch.tensor(X) if backend == "torch" else X
    with pytest.raises(ValueError, match="'linear/wieght', and there is no such variable"):
        u.transform(lambda x: u.Linear(3, 4, metadata={"wieght": {"axis": 0}})(x), backend=backend).init(x, rng=0)
    with pytest.raises(TypeError, match="'linear': metadata is a dict"):
        u.transform(lambda x: u.Linear(3, 4, metadata=("model",))(x), backend=backend).init(x, rng=0)
