"""`net.apply` in functions that torch.compile traces, against `net.apply` itself."""

from typing import Any

import pytest
import torch

import unified as u


def statistics(x: Any) -> Any:
    return u.Linear(3, 1, name="head")(u.BatchNorm1d(3)(u.Linear(2, 3)(x)))


class Counting(u.Module):
    def __call__(self, x: Any) -> Any:
        count = u.get_state("count", (), init_fn=u.initializers.zeros)
        u.set_state("count", count + 1)
        return u.Linear(2, 3)(x) * count


def counting(x: Any) -> Any:
    return Counting()(x)


def dropped(x: Any) -> Any:
    return u.Dropout(0.5)(u.Linear(2, 3)(x))


def tied(x: Any) -> Any:
    first, second = u.Linear(2, 2), u.Linear(2, 2)
    y = second(first(x))
    second.weight = first.weight
    return y


def stacked(x: Any, training: bool) -> Any:
    return u.layer_stack(2)(lambda h: u.Linear(2, 2)(h) * (2 if training else 1))(x)


X = torch.tensor([[1.0, -2.0], [0.5, 3.0], [0.0, 1.0]])
BODIES = {
    "statistics": (statistics, {}),
    "counting": (counting, {}),
    "portable": (dropped, {"rng": "portable"}),
    "tied": (tied, {}),
    "stacked": (stacked, {}),
    "mixed": (statistics, {"policy": u.Policy(compute="bfloat16", output="float32")}),
}


def compiled(function: Any) -> Any:
    torch._dynamo.reset()
    return torch.compile(function, fullgraph=True, backend="eager")


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("case", BODIES)
def test_outputs_and_changes(case: str, training: bool) -> None:
    body, options = BODIES[case]
    net = u.transform(body, backend="torch", **options).init(X, rng=0)
    before, mode = net.params.to("numpy"), net.training
    output, changes = compiled(lambda params, x: net.apply(params, x, training=training))(net.params, X)
    expected, written = net.apply(net.params, X, training=training)
    assert torch.equal(output, expected) and set(written) <= set(changes)
    assert (net.params | changes) == (net.params | written)
    assert net.params == before and {module.training for module in net.modules()} == {mode}
    if case == "statistics":
        assert set(changes) == set(written)


def test_gradients_and_lanes() -> None:
    net = u.transform(statistics, backend="torch").init(X, rng=0)
    params, rest = net.params.split()
    weights, rest = dict(params), dict(rest)

    def loss(weights: Any) -> Any:
        return net.apply({**weights, **rest}, X)[0].square().sum()

    for gradient in (torch.func.grad(loss), compiled(lambda weights: torch.func.grad(loss)(weights))):
        found = gradient(weights)
        expected = torch.autograd.grad(loss(weights), list(weights.values()))
        assert all(torch.allclose(one, other) for one, other in zip(found.values(), expected, strict=True))
    lanes = torch.stack([X, 2 * X])
    mapped = compiled(lambda params, x: torch.func.vmap(lambda x: net.apply(params, x)[0])(x))(net.params, lanes)
    assert torch.allclose(mapped, torch.stack([net.apply(net.params, x)[0] for x in lanes]))


def test_export() -> None:
    net = u.transform(statistics, backend="torch").init(X, rng=0)

    class Pure(torch.nn.Module):
        def forward(self, params: Any, x: Any) -> Any:
            return net.apply(params, x)[0]

    program = torch.export.export(Pure(), (dict(net.params), X), strict=False)
    assert torch.allclose(program.module()(dict(net.params), X), net.apply(net.params, X)[0])


def test_without_fullgraph_the_model_is_compiled() -> None:
    net = u.transform(statistics, backend="torch").init(X, rng=0)
    graphs: list[int] = []

    def backend(graph: Any, inputs: Any) -> Any:
        graphs.append(len(graph.graph.nodes))
        return graph.forward

    torch._dynamo.reset()
    torch.compile(lambda params, x: net.apply(params, x)[0].sin(), backend=backend)(net.params, X)
    assert len(graphs) == 1 and graphs[0] > 6


def test_what_is_refused_says_what_to_do() -> None:
    net = u.transform(statistics, backend="torch").init(X, rng=0)
    given = dict(net.params)
    for params, pattern in (
        ({path: given[path] for path in given if path != "head/bias"}, "'head/bias', which the params do not have"),
        ({**given, "haed/bias": given["head/bias"]}, "no variable 'haed/bias'"),
        ({**given, "head/bias": torch.ones(2)}, r"'head/bias' has shape \(2,\)"),
        (net.params.unlocked(0), "unlocked params runs outside of torch.compile.*compile=True"),
    ):
        with pytest.raises(Exception, match=pattern):
            compiled(lambda params: net.apply(params, X)[0])(params)
    with pytest.raises(Exception, match=r"bound outside of torch.compile"):
        compiled(lambda params: net.bind(params)(X)[0])(net.params)
