"""`cond` and `switch`: names of all branches, values and state of the one that runs."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
from unified.testing import assert_parity

X = np.random.default_rng(0).standard_normal((3, 4)).astype(np.float32)


class Block(u.Module):
    def __call__(self, x: Any) -> Any:
        return u.Linear(4, 4)(x)


def two_branches(x: Any, flag: Any) -> Any:
    before = u.Linear(4, 4)(x)

    def yes(x: Any) -> Any:
        u.set_state("yes", u.get_state("yes", ()) + 1)
        return Block()(u.Linear(4, 4)(x))

    def no(x: Any) -> Any:
        u.set_state("no", u.get_state("no", ()) + 1)
        return u.Linear(4, 4)(Block()(-x)) * u.random.uniform(())

    output = u.cond(flag > 0, yes, no, before)
    return u.Linear(4, 2)(output) + u.random.uniform(())


NAMES = ["linear", "linear_1", "block", "linear_2", "block_1", "linear_3"]


@pytest.mark.parametrize("flag", [1, -1])
def test_parity(flag: int) -> None:
    assert_parity(two_branches, X, np.float32(flag))


def test_names_are_those_of_a_body_that_runs_both() -> None:
    for flag in (1.0, -1.0):
        model = u.transform(two_branches, backend="torch").init(torch.tensor(X), torch.tensor(flag), rng=0)
        assert sorted(model._modules) == sorted(NAMES)
    for flag in (1.0, -1.0):
        expected = model.linear(torch.tensor(X))
        if flag > 0:
            expected = model.block.linear(model.linear_1(expected))
            torch.testing.assert_close(
                model(torch.tensor(X), torch.tensor(flag)) - model.linear_3(expected),
                torch.full(
                    (3, 2), (model(torch.tensor(X), torch.tensor(flag)) - model.linear_3(expected))[0, 0].item()
                ),
                rtol=0,
                atol=1,
            )
    assert (model.yes, model.no) == (2, 0)


def test_only_the_chosen_branch_sets_state() -> None:
    net = u.transform(two_branches, backend="jax")
    params = net.init(X, np.float32(1), rng=0)
    for flag, expected in ((1, (1, 0)), (-1, (0, 1))):
        _, changes = jax.jit(net.apply)(params, X, np.float32(flag))
        after = params | changes
        assert (after["yes"], after["no"]) == expected


def nested(x: Any, flag: Any) -> Any:
    def inner(x: Any) -> Any:
        return u.cond(flag > 1, lambda x: u.Linear(4, 4)(x), lambda x: u.Linear(4, 4)(x) * 2, x)

    x = u.cond(flag > 0, inner, lambda x: u.Linear(4, 4)(x), x)
    x = u.cond(flag > 2, lambda x: u.Linear(4, 4)(x), inner, x)
    return u.Linear(4, 4)(x)


@pytest.mark.parametrize("flag", [-0.5, 0.5, 1.5, 2.5])
def test_nested_choices(flag: float) -> None:
    assert_parity(nested, X, np.float32(flag))
    model = u.transform(nested, backend="torch").init(torch.tensor(X), torch.tensor(flag), rng=0)
    layers = [model.linear, *(getattr(model, f"linear_{n}") for n in range(1, 7))]
    assert len(model._modules) == 7
    x = torch.tensor(X)
    x = layers[2](x) if flag < 0 else layers[0](x) if flag > 1 else layers[1](x) * 2
    x = layers[3](x) if flag > 2 else layers[4](x) if flag > 1 else layers[5](x) * 2
    torch.testing.assert_close(model(torch.tensor(X), torch.tensor(flag)), layers[6](x))


def test_a_choice_in_a_module_that_is_called_twice_and_after_other_names() -> None:
    class Chooser(u.Module):
        def __call__(self, x: Any) -> Any:
            u.Linear(4, 4, name="linear")(x)
            return u.cond(x.sum() > 0, lambda x: u.Linear(4, 4)(x), lambda x: u.Linear(4, 4)(-x), x)

    def body(x: Any) -> Any:
        chooser = Chooser()
        return u.Linear(4, 4)(chooser(chooser(x)) + Chooser()(x))

    assert_parity(body, X)
    assert_parity(body, -X)


@pytest.mark.parametrize("index", [-3, 0, 1, 2, 9])
def test_switch(index: int) -> None:
    def body(x: Any, index: Any) -> Any:
        branches = [lambda x, n=n: u.Linear(4, 4)(x) + n for n in range(3)]
        return u.switch(index, branches, x)

    assert_parity(body, X, np.int32(index))
    model = u.transform(body, backend="torch").init(torch.tensor(X), torch.tensor(index), rng=0)
    branch = min(max(index, 0), 2)
    layer = getattr(model, f"linear_{branch}" if branch else "linear")
    torch.testing.assert_close(model(torch.tensor(X), torch.tensor(index)), layer(torch.tensor(X)) + branch)


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_errors(backend: str) -> None:
    x: Any = torch.tensor(X) if backend == "torch" else jnp.asarray(X)

    def init(body: Any) -> Any:
        return u.transform(body, backend=backend).init(x, rng=0)

    with pytest.raises(
        TypeError, match=r"u\.cond: the output of branch 1\[0\] went in as float32\[3, 4\] and came out as"
    ):
        init(lambda x: u.cond(x.sum() > 0, lambda x: (x,), lambda x: (x[:, :1],), x))
    with pytest.raises(TypeError, match="must keep its structure"):
        init(lambda x: u.cond(x.sum() > 0, lambda x: (x,), lambda x: x, x))
    with pytest.raises(ValueError, match="there is no branch to choose"):
        init(lambda x: u.switch(0, [], x))


def test_a_chosen_plain_number_runs_the_branch() -> None:
    assert_parity(lambda x: u.cond(True, lambda x: u.Linear(4, 2)(x), lambda x: u.Linear(4, 2)(-x), x), X)


def test_unchosen_branches_are_not_run_on_torch() -> None:
    ran = []

    def body(x: Any) -> Any:
        return u.cond(x.sum() > 0, lambda x: ran.append("yes") or x, lambda x: ran.append("no") or x, x)

    model = u.transform(body, backend="torch").init(torch.ones(2), rng=0)
    ran.clear()
    model(torch.ones(2))
    assert ran == ["yes"]
