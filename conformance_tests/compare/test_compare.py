"""Comparisons: what a report says, and sides that raise, draw, return NaN or have weights that fit nothing."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from torch import nn

from unified.testing import Mapping, MappingError, SideError, compare, sides

X = np.random.default_rng(0).standard_normal((5, 4)).astype("float32")


def weights(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype("float32")


def dense(params, x):
    return jnp.tanh(x @ params["w"] + params["b"]) @ params["v"]


class Dense(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner, self.outer = nn.Linear(4, 4), nn.Linear(4, 4, bias=False)

    def forward(self, x):
        return self.outer(torch.tanh(self.inner(x)))


PARAMS = {"v": weights(4, 4), "w": weights(4, 4, seed=1), "b": weights(4, seed=2)}


def test_a_report():
    module = Dense()
    report = compare(sides.torch(module), sides.function(dense, PARAMS), X)
    assert report.agrees
    assert report.largest_difference < 1e-6
    assert report.first_difference is None
    # Three square weights, none of whose orientations a shape tells: they are those by which numbers agree.
    params = report.mapping.to_jax(module.state_dict(), like=PARAMS)
    assert np.array_equal(params["w"], module.inner.weight.detach().numpy().T)
    assert np.array_equal(params["v"], module.outer.weight.detach().numpy().T)
    expected = module(torch.tensor(X)).detach().numpy()
    assert np.allclose(dense(params, X), expected, atol=1e-6)
    lines = str(report).splitlines()
    assert lines[0] == "torch and function agree"
    assert "3 rules; mapping" in lines[-1]
    assert all(rule.evidence == "running" for rule in report.mapping.rules)


def test_torch_beside_torch_and_jax_beside_jax():
    assert compare(sides.torch(Dense()), sides.torch(Dense()), X).agrees
    other = {"b": PARAMS["b"], "first": PARAMS["w"], "second": PARAMS["v"]}

    def turned(params, x):
        return jnp.tanh(params["first"] @ x.T + params["b"][:, None]).T @ params["second"]

    report = compare(sides.function(dense, PARAMS), sides.function(turned, other), X)
    assert report.agrees
    assert "w = first  (a b -> b a)" in str(report.mapping)


def test_trees_keywords_and_integers():
    table = nn.Embedding(10, 4)

    class Bag(nn.Module):
        def __init__(self):
            super().__init__()
            self.table, self.out = table, nn.Linear(4, 4)

        def forward(self, batch, *, scale, mode="sum"):
            values = self.table(batch["ids"]) * scale
            return {"pooled": (self.out(values.sum(1)), values), "mode": mode}

    def bag(params, batch, *, scale, mode="sum"):
        values = params["table"][batch["ids"]] * scale
        return {"pooled": [values.sum(1) @ params["w"] + params["b"], values], "mode": mode}

    params = {"table": weights(10, 4), "w": weights(4, 4), "b": weights(4)}
    batch = {"ids": np.random.default_rng(0).integers(0, 10, (3, 5))}
    report = compare(sides.torch(Bag()), sides.function(bag, params), batch, kwargs={"scale": np.float32(2)})
    assert report.agrees, str(report)
    assert [each.name for each in report.differences] == ["pooled/0", "pooled/1"]


def test_state_after_a_call_in_training_is_compared():
    def norm(params, state, x, training):
        if not training:
            return (x - state["mean"]) / jnp.sqrt(state["var"] + 1e-5) * params["scale"] + params["bias"], state
        mean, var = x.mean(0), x.var(0)
        unbiased = var * len(x) / (len(x) - 1) if fixed else var
        after = {"mean": 0.9 * state["mean"] + 0.1 * mean, "var": 0.9 * state["var"] + 0.1 * unbiased}
        return (x - mean) / jnp.sqrt(var + 1e-5) * params["scale"] + params["bias"], after

    params, state = (
        {"scale": np.ones(4, "f"), "bias": np.zeros(4, "f")},
        {"mean": np.zeros(4, "f"), "var": np.ones(4, "f")},
    )
    for fixed in (True, False):
        report = compare(sides.torch(nn.BatchNorm1d(4)), sides.function(norm, params, state), X, training=True)
        assert report.agrees == fixed
        assert [each.name for each in report.differences if not each.agrees] == ([] if fixed else ["state state/var"])
    assert report.mapping.left_over == (("num_batches_tracked",), ())


def test_another_result_is_reported_with_its_place():
    def shifted(params, x):
        return dense(params, x).at[2, 3].add(1.0)

    report = compare(sides.torch(Dense()), sides.function(shifted, PARAMS), X)
    assert not report.agrees
    assert report.largest_difference == pytest.approx(1, abs=1e-5)
    assert report.differences[0].place == (2, 3)
    assert "torch and function differ" in str(report)
    # The mapping is found nevertheless.
    assert "inner.weight = w  (a b -> b a)" in str(report.mapping)


def test_a_weight_without_a_counterpart_is_named():
    def without(params, x):
        return jnp.tanh(x @ params["w"]) @ params["v"]

    report = compare(sides.torch(Dense()), sides.function(without, {k: PARAMS[k] for k in "vw"}), X)
    assert not report.agrees
    assert "parameters of the first side, torch, have no counterpart: inner.bias (4,)" in str(report)


def test_shapes_of_which_none_fits():
    with pytest.raises(MappingError, match=r"no weight of the first side fits .* inner.weight \(4, 4\)"):
        compare(sides.torch(Dense()), sides.function(lambda params, x: x * params["w"], {"w": np.ones((), "f")}), X)


def test_a_side_that_raises():
    with pytest.raises(SideError, match=r"the torch side, Dense, raised RuntimeError: .*layouts") as error:
        compare(sides.torch(Dense()), sides.function(dense, PARAMS), X[:, :3])
    assert isinstance(error.value.__cause__, RuntimeError)
    with pytest.raises(SideError, match="the function side raised TypeError"):
        compare(sides.torch(Dense()), sides.function(lambda params, x: x @ "a", PARAMS), X)


def test_nan_is_a_problem_and_no_agreement():
    def nan(params, x):
        return dense(params, x) * jnp.nan

    report = compare(sides.torch(Dense()), sides.function(nan, PARAMS), X)
    assert not report.agrees
    assert "20 of 20 numbers that are NaN or infinite" in str(report)


def test_a_side_that_draws_is_refused():
    class Drawing(nn.Module):
        count = 0

        def __init__(self):
            super().__init__()
            self.inner = nn.Linear(4, 4)

        def forward(self, x):
            Drawing.count += 1
            return self.inner(x) + Drawing.count

    with pytest.raises(SideError, match="returned another 'output' in a second call"):
        compare(sides.torch(Drawing()), sides.function(dense, PARAMS), X)


def test_layouts_that_do_not_fit():
    with pytest.raises(ValueError, match="has 4 axes, and the array shape"):
        compare(sides.torch(Dense()), sides.function(dense, PARAMS), X, layouts={0: "NCHW->NHWC"})
    with pytest.raises(ValueError, match="layouts name no input: 1"):
        compare(sides.torch(Dense()), sides.function(dense, PARAMS), X, layouts={1: "NC->CN"})
    with pytest.raises(ValueError, match="two orders of the same axes"):
        compare(sides.torch(Dense()), sides.function(dense, PARAMS), X, layouts={0: "NCHW"})


def test_a_mapping_that_is_given_is_used():
    module = Dense()
    found = compare(sides.torch(module), sides.function(dense, PARAMS), X).mapping
    wrong = Mapping.loads(found.dumps().replace('function = "w", axes = "a b -> b a"', 'function = "w"'))
    assert wrong != found
    report = compare(sides.torch(module), sides.function(dense, PARAMS), X, mapping=wrong)
    assert not report.agrees  # a square weight that is not turned


def test_a_state_dict_and_a_factory():
    module = Dense()
    assert compare(sides.torch(Dense, module.state_dict()), sides.torch(module), X).agrees
    with pytest.raises(SideError, match="the state dict does not fit"):
        sides.torch(Dense, {"inner.weight": np.ones((4, 4))})


def test_the_sides_are_not_changed():
    module, params = Dense(), jax.tree.map(jnp.asarray, PARAMS)
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    module.train()
    compare(sides.torch(module), sides.function(dense, params), X)
    assert module.training
    assert all(torch.equal(before[name], tensor) for name, tensor in module.state_dict().items())
    assert all(np.array_equal(params[name], PARAMS[name]) for name in PARAMS)


def test_state_without_names_is_told_by_changing_it():
    """The statistics of two norms, which names do not tell, and order in part."""

    class Norms(nn.Module):
        def __init__(self):
            super().__init__()
            self.one, self.two = nn.BatchNorm1d(4), nn.BatchNorm1d(4)

        def forward(self, x):
            return torch.tanh(self.one(x)) + self.two(x) ** 2

    def norms(params, state, x):
        def norm(n, mean, var):
            return (x - state[mean]) / jnp.sqrt(state[var] + 1e-5) * params["s"][n] + params["t"][n]

        return jnp.tanh(norm(1, "a", "c")) + norm(0, "d", "b") ** 2, state

    params = {"s": [np.ones(4, "f"), np.ones(4, "f")], "t": [np.zeros(4, "f"), np.zeros(4, "f")]}
    state = {name: np.ones(4, "f") for name in "abcd"}
    module = Norms()
    with torch.no_grad():
        for tensor in module.state_dict().values():
            if tensor.is_floating_point():
                tensor.copy_(torch.rand(4) + 0.5)
    report = compare(sides.torch(module), sides.function(norms, params, state), X)
    assert report.agrees, str(report)
    pairs = {rule.first[0].path: rule.second[0].path for rule in report.mapping.rules}
    expected = {"one.running_mean": "a", "one.running_var": "c", "two.running_mean": "d", "two.running_var": "b"}
    assert {path: pairs[path] for path in expected} == {path: f"state/{name}" for path, name in expected.items()}
    assert pairs["one.weight"] == "params/s/1"


def test_what_cannot_be_told_apart_is_named():
    """Two weights that no output depends on, with names that say nothing."""

    class Unused(Dense):
        def __init__(self):
            super().__init__()
            self.first, self.second = nn.Parameter(torch.ones(3, 3)), nn.Parameter(torch.ones(3, 3))

    params = {**PARAMS, "x": weights(3, 3), "y": weights(3, 3)}
    report = compare(sides.torch(Unused()), sides.function(dense, params), X)
    assert report.agrees
    doubtful = {rule.first[0].path: rule.alternatives for rule in report.mapping.ambiguous}
    assert set(doubtful) == {"first", "second"}
    assert all(
        "axes unchanged" in alternatives or "axes a b -> b a" in alternatives for alternatives in doubtful.values()
    )
    assert "cannot be told apart: first = " in str(report)


def test_a_side_without_gradients_is_told_by_changing_weights():
    def loop(params, x):
        y = jax.lax.while_loop(
            lambda carry: carry[0] < 1, lambda carry: (carry[0] + 1, dense(params, carry[1])), (0, x)
        )
        return y[1]

    report = compare(sides.torch(Dense()), sides.function(loop, PARAMS), X)
    assert report.agrees, str(report)
    assert str(report.mapping).splitlines() == [
        "inner.weight = w  (a b -> b a)",
        "inner.bias = b",
        "outer.weight = v  (a b -> b a)",
    ]


def test_a_weight_that_only_one_side_ties():
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed, self.inner, self.head = nn.Embedding(7, 4), nn.Linear(4, 4), nn.Linear(4, 7, bias=False)
            self.head.weight = self.embed.weight

        def forward(self, ids):
            return self.head(torch.tanh(self.inner(self.embed(ids))))

    def untied(params, ids):
        return jnp.tanh(params["table"][ids] @ params["w"] + params["b"]) @ params["out"]

    params = {"table": weights(7, 4), "w": weights(4, 4), "b": weights(4), "out": weights(4, 7)}
    module = Tied()
    report = compare(sides.torch(module), sides.function(untied, params), np.arange(6).reshape(2, 3))
    assert report.agrees, str(report)
    mapping = Mapping.loads(report.mapping.dumps())
    tree = mapping.to_jax(module.state_dict())
    assert np.array_equal(tree["out"], tree["table"].T)
    assert np.array_equal(mapping.to_torch(tree)["head.weight"], tree["table"])
    with pytest.raises(MappingError, match="stands at two paths of the other side, whose values differ"):
        mapping.to_torch({**tree, "out": 2 * tree["out"]})
