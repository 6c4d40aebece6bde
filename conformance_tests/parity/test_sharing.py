"""One variable in several places: a layer called twice, tied weights, modules passed to other modules."""

from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
import unified.functional as F


class Tower(u.Module):
    """A module that takes its embedding as an argument, and does not own it."""

    def __init__(self, embedding: Any, width: int) -> None:
        self.embedding = embedding
        self.width = width

    def __call__(self, ids: Any) -> Any:
        x = self.embedding(ids)
        x = F.tanh(u.Linear(None, self.width)(x))
        return u.Embedding.attend(self.embedding, x)  # computes logits with the table of the embedding


class Shared(u.Module):
    def __call__(self, x: Any) -> Any:
        return F.tanh(u.Linear(None, 4)(x))


class User(u.Module):
    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def __call__(self, x: Any) -> Any:
        return self.inner(self.inner(x)) + u.Linear(None, 4)(x)


def language_model(ids: Any) -> Any:
    return Tower(u.Embedding(7, 4), 4)(ids)


def injected(ids: Any) -> Any:
    shared = Shared()
    x = u.Embedding(7, 4)(ids)
    repeated = u.Linear(4, 4, name="repeated")
    return User(shared)(repeated(repeated(x))) + shared(x)


IDS = np.array([[0, 3, 3], [6, 1, 2]])
BODIES = {
    language_model: ["embedding/weight", "tower/linear/weight", "tower/linear/bias"],
    injected: [
        "shared/linear/weight",
        "shared/linear/bias",
        "embedding/weight",
        "repeated/weight",
        "repeated/bias",
        "user/linear/weight",
        "user/linear/bias",
    ],
}


REFERENCES: dict[Any, Any] = {
    language_model: {"tower": {"embedding": "embedding"}},
    injected: {"user": {"inner": "shared"}},
}


def test_a_graph_says_what_modules_were_made_with() -> None:
    graph = u.transform(language_model, backend="jax").init(IDS, rng=0).graph
    assert {key: repr(value) for key, value in graph["tower"].arguments.items()} == {
        "embedding": "<a layer>",
        "width": "4",
    }


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body.__name__)
def test_shared_variables_are_there_once(body: Any, tmp_path: Path) -> None:
    model = u.transform(body, backend="torch").init(torch.tensor(IDS), rng=0)
    net = u.transform(body, backend="jax")
    params = net.init(IDS, rng=0)
    assert set(params) == set(model.params) == set(BODIES[body])
    assert list(params) == list(model.params)
    assert len(list(model.parameters())) == len(jax.tree.leaves(params)) == len(BODIES[body])
    assert list(params.graph.walk()) == list(model.params.graph.walk())
    assert {path: dict(node.references) for path, node in params.graph.walk() if node.references} == REFERENCES[body]

    def loss(params: u.Params) -> Any:
        return jnp.mean(net.apply(params, IDS)[0] ** 2)

    value, gradients = jax.jit(jax.value_and_grad(loss))(params)
    output = (model(torch.tensor(IDS)) ** 2).mean()
    output.backward()
    np.testing.assert_allclose(value, output.item(), rtol=1e-5)
    for path, gradient in gradients.items():
        np.testing.assert_allclose(gradient, model.params[path].grad, rtol=1e-4, atol=1e-6, err_msg=path)
    u.save(tmp_path / "a.safetensors", model)
    assert len(u.describe(tmp_path / "a.safetensors").infos) == len(BODIES[body])
    bound = u.load_model(tmp_path / "a.safetensors", body, IDS, backend="jax")
    np.testing.assert_allclose(bound(IDS)[0], net.apply(params, IDS)[0], rtol=1e-6)


def test_a_table_that_is_tied_by_hand_is_one_variable(tmp_path: Path) -> None:
    """Weights tied as usual in PyTorch; the second name is an alias in the `state_dict`."""

    def body(ids: Any) -> Any:
        embedding = u.Embedding(7, 4)
        return u.Linear(4, 7, bias=False, name="head")(embedding(ids))

    model = u.transform(body, backend="torch").init(torch.tensor(IDS), rng=0)
    model.head.weight = model.embedding.weight
    assert list(model.params) == ["embedding/weight"]
    assert list(model.state_dict()) == ["embedding.weight", "head.weight"]
    doubled = {name: value * 2 for name, value in model.state_dict().items()}
    loaded = model.params.from_state_dict(model.state_dict())
    assert list(loaded) == ["embedding/weight"]
    with pytest.raises(KeyError, match="head/weight"):  # now there are two tensors, but one variable
        model.params.from_state_dict(doubled)
    u.save(tmp_path / "a.safetensors", model)
    assert len(u.describe(tmp_path / "a.safetensors").infos) == 1
    with torch.no_grad():
        before = model(torch.tensor(IDS))
        model.load_params(u.load(tmp_path / "a.safetensors"))
        torch.testing.assert_close(model(torch.tensor(IDS)), before)
    assert model.head.weight is model.embedding.weight


def test_attend_is_a_method_on_both() -> None:
    """The logits are the products with the rows of the table; an embedding that does not attend is torch's own."""
    ids = np.array([[1, 2], [0, 4]])

    def forward(ids: Any) -> Any:
        embedding = u.Embedding(5, 3)
        return embedding.attend(embedding(ids)), u.Embedding(5, 3)(ids)

    net = u.transform(forward, backend="torch").init(torch.tensor(ids), rng=0)
    model = u.transform(forward, backend="jax")
    params = model.init(jnp.asarray(ids), rng=0)
    (logits, _), (found, _) = net(torch.tensor(ids)), model.apply(params, jnp.asarray(ids))[0]
    table = np.asarray(params["embedding/weight"])
    np.testing.assert_allclose(found, table[ids] @ table.T, atol=1e-5)
    np.testing.assert_allclose(logits.detach(), found, atol=1e-5)
    assert isinstance(net.embedding, torch.nn.Embedding) and type(net.embedding_1) is torch.nn.Embedding
    compiled = torch.compile(net, fullgraph=True, backend="eager")
    torch.testing.assert_close(compiled(torch.tensor(ids))[0], logits)
    alone = net.embedding.attend(torch.ones(3))
    torch.testing.assert_close(alone, net.embedding.weight.sum(1))
