"""Assigning a variable over another in a body ties them, on both frameworks, as it does in PyTorch."""

import copy
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest
import torch
from torch import nn

import unified as u
import unified.functional as F
from unified.testing import assert_parity

IDS = np.array([[0, 3, 3], [6, 1, 2]])
X = np.random.default_rng(0).standard_normal((3, 4), dtype=np.float32)


def head_from_embedding(ids: Any) -> Any:
    embedding, head = u.Embedding(7, 4), u.Linear(4, 7, bias=False, name="head")
    head.weight = embedding.weight
    return head(embedding(ids))


def embedding_from_head(ids: Any) -> Any:
    embedding, head = u.Embedding(7, 4), u.Linear(4, 7, bias=False, name="head")
    embedding.weight = head.weight
    return head(embedding(ids))


class Tower(u.Module):
    def __init__(self) -> None:
        self.embedding = u.Embedding(7, 4)
        self.head = u.Linear(4, 7, name="head")
        self.head.weight = self.embedding.weight

    def __call__(self, ids: Any) -> Any:
        return self.head(F.tanh(u.Linear(4, 4)(self.embedding(ids))))


def in_a_module(ids: Any) -> Any:
    return Tower()(ids)


def chain(x: Any) -> Any:
    first, second, third = (u.Linear(4, 4) for _ in range(3))
    second.weight = first.weight
    third.weight, third.bias = second.weight, first.bias
    return third(F.tanh(second(first(x))))


def own_parameter(x: Any) -> Any:
    layer = u.Linear(4, 4)
    layer.bias = u.get_parameter("shift", (4,), u.initializers.normal())
    return layer(x)


def in_a_stack(x: Any) -> Any:
    def block(x: Any) -> Any:
        first, second = u.Linear(4, 4), u.Linear(4, 4)
        second.weight = first.weight
        return second(F.tanh(first(x)))

    return u.layer_stack(3)(block)(x)


def in_a_scan(x: Any) -> Any:
    first, second = u.Linear(4, 4), u.Linear(4, 4)

    def step(carry: Any, x: Any) -> Any:
        second.weight = first.weight
        return second(F.tanh(first(carry))) + x, x

    return u.scan(step, x[0], x)[0]


def around_transforms(x: Any) -> Any:
    first, second = u.Linear(4, 4), u.Linear(4, 4)
    second.weight = first.weight
    return u.remat(lambda x: second(F.tanh(first(x))))(x) + u.vmap(lambda row: second(first(row)))(x)


def inner_layers(x: Any) -> Any:
    first, second = u.Sequential(u.Linear(4, 4), u.ReLU(), u.Linear(4, 4)), u.Linear(4, 4)
    second.weight = first[2].weight if isinstance(first, nn.Module) else first._inner("2").weight
    return second(first(x))


# For each body the paths that are left, and the path whose initial value the tied variable has.
BODIES: dict[Callable[..., Any], tuple[Any, list[str], dict[str, str]]] = {
    head_from_embedding: (IDS, ["embedding/weight"], {"embedding/weight": "embedding/weight"}),
    embedding_from_head: (IDS, ["embedding/weight"], {"embedding/weight": "head/weight"}),
    in_a_module: (IDS, ["tower/embedding/weight", "tower/head/bias", "tower/linear/weight", "tower/linear/bias"], {}),
    chain: (X, ["linear/weight", "linear/bias", "linear_1/bias"], {}),
    own_parameter: (X, ["shift", "linear/weight"], {}),
    in_a_stack: (X, [f"layer_stack/{name}" for name in ("linear/weight", "linear/bias", "linear_1/bias")], {}),
    in_a_scan: (X, ["linear/weight", "linear/bias", "linear_1/bias"], {}),
    around_transforms: (X, ["linear/weight", "linear/bias", "linear_1/bias"], {}),
}


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body.__name__)
def test_tied_variables_are_one(body: Any, tmp_path: Path) -> None:
    x, paths, _ = BODIES[body]
    model = u.transform(body, backend="torch").init(torch.tensor(x), rng=0)
    net = u.transform(body, backend="jax")
    params = net.init(x, rng=0)
    assert list(model.params) == list(params) == list(net.eval_shape(x)) == paths
    assert len(list(model.parameters())) == len(jax.tree.leaves(params)) == len(paths)
    for path in paths:
        np.testing.assert_array_equal(model.params[path].detach(), params[path], err_msg=path)
    assert list(model.params.graph.walk()) == list(params.graph.walk())
    assert_parity(body, x, rng=1)
    output, _ = net.apply(params, x)
    jitted, _ = jax.jit(net.apply)(params, x)
    np.testing.assert_allclose(jitted, output, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(model(torch.tensor(x)).detach(), output, rtol=1e-5, atol=1e-6)
    u.save(tmp_path / "a.safetensors", model)
    assert list(u.load(tmp_path / "a.safetensors")) == paths
    bound = u.load_model(tmp_path / "a.safetensors", body, x, backend="jax")
    np.testing.assert_allclose(bound(x)[0], output, rtol=1e-5, atol=1e-6)
    loaded = u.transform(body, backend="torch").init(torch.tensor(x), rng=5).load_params(params)
    np.testing.assert_allclose(loaded(torch.tensor(x)).detach(), output, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body.__name__)
def test_calls_over_other_tensors(body: Any) -> None:
    """The assignment runs again in each call, also where the modules hold tensors that are no parameters."""
    x, _, _ = BODIES[body]
    inputs = torch.tensor(x)
    model = u.transform(body, backend="torch").init(inputs, rng=0)
    net = u.transform(body, backend="jax")
    doubled = {path: value.detach() * 2 for path, value in model.params.items()}
    expected, _ = net.apply(jax.tree.map(lambda value: value * 2, net.init(x, rng=0)), x)
    output, changes = model.apply(u.Params(doubled), inputs)
    assert not changes
    np.testing.assert_allclose(output, expected, rtol=1e-5, atol=1e-5)
    names = {name: value.detach() * 2 for name, value in model.named_parameters()}
    called = torch.func.functional_call(model, names, (inputs,))
    np.testing.assert_allclose(called, expected, rtol=1e-5, atol=1e-5)
    twin = copy.deepcopy(model)
    torch.testing.assert_close(twin(inputs), model(inputs))
    assert list(twin.params) == list(model.params)


@pytest.mark.parametrize("body", [head_from_embedding, embedding_from_head, chain], ids=lambda body: body.__name__)
def test_torch_takes_a_tied_model_as_any(body: Any) -> None:
    x = torch.tensor(BODIES[body][0])
    model = u.transform(body, backend="torch").init(x, rng=0)
    expected = model(x)
    torch.testing.assert_close(pickle.loads(pickle.dumps(model))(x), expected)
    torch._dynamo.reset()
    torch.testing.assert_close(torch.compile(model, fullgraph=True, backend="eager")(x), expected)
    torch.testing.assert_close(torch.export.export(model, (x,)).module()(x), expected)
    torch.testing.assert_close(torch.jit.script(model)(x), expected)
    assert all(type(layer).__name__ in ("Linear", "Embedding") for layer in model.children())
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    model(x).sum().backward()
    optimizer.step()
    assert len(list(model.double().parameters())) == len(model.params)


@pytest.mark.parametrize("body", [head_from_embedding, embedding_from_head], ids=lambda body: body.__name__)
def test_training_is_that_of_torch(body: Any) -> None:
    """The oracle ties by hand, from the same initial values: those of the variable on the right of the assignment."""
    source = BODIES[body][2]["embedding/weight"]
    untied = u.transform(lambda ids: u.Linear(4, 7, bias=False, name="head")(u.Embedding(7, 4)(ids)), backend="torch")
    hand = untied.init(torch.tensor(IDS), rng=0)
    weight = nn.Parameter(hand.params[source].detach().clone())
    model = u.transform(body, backend="torch").init(torch.tensor(IDS), rng=0)
    net = u.transform(body, backend="jax")
    params = net.init(IDS, rng=0)
    np.testing.assert_array_equal(params["embedding/weight"], weight.detach())
    ids = torch.tensor(IDS)
    optimizer, own = torch.optim.SGD([weight], 0.1), torch.optim.SGD(model.parameters(), 0.1)
    for _ in range(5):
        for loss, step in (
            ((nn.functional.embedding(ids, weight) @ weight.T).square().mean(), optimizer),
            (model(ids).square().mean(), own),
        ):
            step.zero_grad()
            loss.backward()
            step.step()
        gradients = jax.grad(lambda params: (net.apply(params, IDS)[0] ** 2).mean())(params)
        params = jax.tree.map(lambda value, gradient: value - 0.1 * gradient, params, gradients)
    torch.testing.assert_close(model.params["embedding/weight"], weight)
    np.testing.assert_allclose(params["embedding/weight"], weight.detach(), rtol=1e-5, atol=1e-6)


def test_state_is_tied_too() -> None:
    def body(x: Any) -> Any:
        first, second = u.BatchNorm1d(4), u.BatchNorm1d(4)
        second.running_mean, second.weight = first.running_mean, first.weight
        return second(first(x))

    model = u.transform(body, backend="torch", rng="portable").init(torch.tensor(X), rng=0)
    net = u.transform(body, backend="jax")
    params = net.init(X, rng=0)
    assert "batch_norm1d_1/running_mean" not in params
    assert list(params) == list(model.params)
    for _ in range(2):
        model(torch.tensor(X))
        params |= net.apply(params, X, training=True)[1]
    for path, value in params.items():
        np.testing.assert_allclose(model.params[path].detach(), value, rtol=1e-5, err_msg=path)


def test_the_graph_says_what_is_tied(unified_backend: str) -> None:
    x = torch.tensor(IDS) if unified_backend == "torch" else IDS
    made = u.transform(in_a_module).init(x, rng=0)
    params = made.params if unified_backend == "torch" else made
    assert params.graph["tower"].references == {"head/weight": "embedding/weight"}


def other_value(x: Any, layer: Any) -> Any:
    return nn.Parameter(layer.weight.T) if isinstance(layer, nn.Module) else layer.weight.T


def from_a_product(x: Any) -> Any:
    first, second = u.Linear(4, 4), u.Linear(4, 4)
    second.weight = other_value(x, first)
    return second(x)


def from_none(x: Any) -> Any:
    layer = u.Linear(4, 4)
    layer.bias = None
    return layer(x)


def of_another_shape(x: Any) -> Any:
    first, second = u.Linear(4, 1), u.Linear(4, 4)
    second.bias = first.bias  # torch would broadcast it
    return second(x)


def before_the_size_is_known(x: Any) -> Any:
    first, second = u.Linear(4, 4), u.Linear(None, 4)
    second.weight = first.weight
    return second(x)


def in_a_circle(x: Any) -> Any:
    first, second, third = (u.Linear(4, 4) for _ in range(3))
    first.weight = second.weight
    second.weight = third.weight
    return third(second(first(x)))


@pytest.mark.parametrize(
    "body",
    [from_a_product, from_none, of_another_shape, before_the_size_is_known, in_a_circle],
    ids=lambda body: body.__name__,
)
def test_what_cannot_be_tied(unified_backend: str, body: Any) -> None:
    x = torch.tensor(X) if unified_backend == "torch" else X
    with pytest.raises(ValueError, match=r"linear(_1)?/(weight|bias)'"):
        u.transform(body).init(x, rng=0)


def test_another_tie_than_in_init(unified_backend: str) -> None:
    def body(x: Any, source: str = "first") -> Any:
        first, second, third = (u.Linear(4, 4) for _ in range(3))
        third.weight = first.weight if source == "first" else second.weight
        return third(second(first(x)))

    x = torch.tensor(X) if unified_backend == "torch" else X
    net = u.transform(body)
    made = net.init(x, rng=0)
    params = made.params if unified_backend == "torch" else made
    net.apply(params, x)
    with pytest.raises(u.StructureChangedError, match="to which init did not tie it"):
        net.apply(params, x, source="second")
