"""Lifted transforms in torch's graphs: compile in one graph, export, TorchScript."""

import copy
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils import _pytree as pytree

import unified as u
import unified.functional as F

X = torch.tensor(np.random.default_rng(0).standard_normal((5, 3, 4)).astype(np.float32))


def norm(x: Any) -> Any:
    return x + u.BatchNorm1d(3)(u.Linear(4, 4)(x))


def branches(x: Any) -> Any:
    def yes(x: Any) -> Any:
        u.set_state("yes", u.get_state("yes", ()) + 1)
        return u.BatchNorm1d(3)(u.Linear(4, 4)(x)), None

    return u.cond(x.sum() > 0, yes, lambda x: (u.Linear(4, 4)(-x), None), x)[0]


BODIES: dict[str, Any] = {
    "layer_stack": lambda x: u.layer_stack(3)(norm)(x),
    "layer_stack remat": lambda x: u.layer_stack(3, remat=True)(lambda x: F.tanh(u.Linear(4, 4)(x)))(x),
    "scan": lambda x: u.scan(lambda c, x: (F.tanh(u.Linear(4, 4)(x) + c), c.sum()), x[0] * 0, x),
    "unroll": lambda x: u.unroll(u.LSTMCell(4, 3), x)[0],
    "vmap": lambda x: u.vmap(lambda x: u.Linear(4, 3)(x))(x),
    "ensemble": lambda x: u.vmap(lambda x: u.Linear(4, 3)(x), None, axis_size=3, variable_axes={...: 0})(x),
    "remat": lambda x: u.remat(lambda x: F.tanh(u.Linear(4, 4)(x)))(x),
    "cond": branches,
    "switch": lambda x: u.switch((x.sum() > 0) + 1, [lambda x: x, lambda x: 2 * x, lambda x: u.Linear(4, 4)(x)], x),
    "grad": lambda x: u.grad(lambda x: F.tanh(u.Linear(4, 3)(x)).sum())(x),
}


@pytest.fixture(autouse=True)
def fresh() -> None:
    torch._dynamo.reset()


def assert_close(actual: Any, expected: Any) -> None:
    for x, y in zip(pytree.tree_leaves(actual), pytree.tree_leaves(expected), strict=True):
        torch.testing.assert_close(x, y, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("name", BODIES)
def test_compiles_in_one_graph(name: str, training: bool, sign: int) -> None:
    models = [u.transform(BODIES[name], backend="torch").init(X, rng=0).train(training) for _ in range(2)]
    x = (sign * X).requires_grad_()
    outputs = [models[0](x), torch.compile(models[1], fullgraph=True, backend="aot_eager")(x)]
    assert_close(outputs[1], outputs[0])
    for output in outputs:
        sum(leaf.sum() for leaf in pytree.tree_leaves(output)).backward()
    gradients = [[torch.zeros_like(p) if p.grad is None else p.grad for p in model.parameters()] for model in models]
    assert_close(*gradients)
    assert_close(list(models[1].buffers()), list(models[0].buffers()))


@pytest.mark.parametrize("name", ["vmap", "cond", "layer_stack", "unroll"])  # torch fixes sizes in linear under grad
def test_compiles_once_for_all_batch_sizes(name: str) -> None:
    model = u.transform(BODIES[name], backend="torch").init(X, rng=0).eval()
    compiled = torch.compile(model, fullgraph=True, backend="eager", dynamic=True)
    assert_close(compiled(X), model(X))
    with torch._dynamo.config.patch(error_on_recompile=True):
        other = torch.cat([X, -X[:2]])
        assert_close(compiled(other), model(other))


def test_a_compiled_remat_computes_again_if_dynamo_is_told_that_it_may() -> None:
    model = u.transform(BODIES["remat"], backend="torch").init(X, rng=0)
    graphs: list[Any] = []

    def backend(graph: Any, inputs: Any) -> Any:
        graphs.append(graph)
        return graph

    with torch._dynamo.config.patch(skip_fwd_side_effects_in_bwd_under_checkpoint=True):
        assert_close(torch.compile(model, fullgraph=True, backend=backend)(X), model(X))
    assert "checkpoint" in graphs[0].code


@pytest.mark.parametrize(
    "name", sorted(set(BODIES) - {"grad"})
)  # torch.export takes no torch.func.grad with parameters
def test_exports(name: str) -> None:
    model = u.transform(BODIES[name], backend="torch").init(X, rng=0).eval()
    exported = torch.export.export(model, (X,)).module()
    for sign in (1, -1):
        assert_close(exported(sign * X), model(sign * X))


@pytest.mark.parametrize("name", ["layer_stack", "scan", "unroll", "vmap", "ensemble", "remat"])
@pytest.mark.filterwarnings("ignore:torch.fx cannot follow the body", "ignore::torch.jit.TracerWarning")
def test_scripts(name: str) -> None:
    model = u.transform(BODIES[name], backend="torch").init(X, rng=0).eval()
    assert_close(torch.jit.script(model)(X), model(X))


@pytest.mark.parametrize("name", ["cond", "switch"])
def test_script_says_that_it_would_keep_one_way(name: str) -> None:
    model = u.transform(BODIES[name], backend="torch").init(X, rng=0).eval()
    with pytest.raises(RuntimeError, match="TorchScript would record only the branches"):
        torch.jit.script(model)


def test_layers_that_are_stacked_are_real_layers() -> None:
    model = u.transform(BODIES["layer_stack"], backend="torch").init(X, rng=0)
    assert type(model.layer_stack.linear) is torch.nn.Linear
    assert model.layer_stack.linear.weight.shape == (3, 4, 4)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    before = model.layer_stack.linear.weight.clone()
    model(X).pow(2).mean().backward()
    optimizer.step()
    assert all((before != model.layer_stack.linear.weight).flatten(1).any(1))
    twin = copy.deepcopy(model)
    assert_close(twin.eval()(X), model.eval()(X))
    with torch.no_grad():
        twin.layer_stack.linear.weight[1].zero_()
    assert not torch.equal(twin(X), model(X))
