"""`scan`, `map`, `fori_loop`, `while_loop`: names, bits, values, gradients, state and random numbers."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
import unified.functional as F
from unified.testing import assert_parity

RANDOM = np.random.default_rng(0)
X = RANDOM.standard_normal((5, 3, 4)).astype(np.float32)
START = RANDOM.standard_normal((3, 4)).astype(np.float32)


def cell(carry: Any, x: Any) -> tuple[Any, Any]:
    carry = F.tanh(u.Linear(4, 4)(x) + u.Linear(4, 4, bias=False)(carry))
    return carry, {"sum": carry.sum(-1), "both": (carry, x)}


def scan_cell(start: Any, xs: Any) -> Any:
    return u.scan(cell, start, xs)


def loop_cell(start: Any, xs: Any) -> Any:
    """Run the same loop by hand, on torch."""
    first, second = u.Linear(4, 4), u.Linear(4, 4, bias=False)
    ys = []
    for x in xs:
        start = F.tanh(first(x) + second(start))
        ys.append(start)
    return start, torch.stack(ys)


@pytest.mark.parametrize("options", [{}, {"reverse": True}, {"unroll": 2}, {"length": 5}])
def test_parity(options: dict[str, Any]) -> None:
    assert_parity(lambda start, xs: u.scan(cell, start, xs, **options), START, X)


def test_is_the_loop_written_by_hand_on_torch() -> None:
    start, xs = torch.tensor(START), torch.tensor(X)
    net = u.transform(scan_cell, backend="torch").init(start, xs, rng=0)
    loop_net = u.transform(loop_cell, backend="torch").init(start, xs, rng=0)
    assert list(net.state_dict()) == list(loop_net.state_dict()) == ["linear.weight", "linear.bias", "linear_1.weight"]
    (carry, ys), (loop_carry, loop_ys) = net(start, xs), loop_net(start, xs)
    torch.testing.assert_close(carry, loop_carry)
    torch.testing.assert_close(ys["both"][0], loop_ys)
    carry.sum().backward()
    loop_carry.sum().backward()
    for parameter, expected in zip(net.parameters(), loop_net.parameters(), strict=True):
        torch.testing.assert_close(parameter.grad, expected.grad)


def test_equals_lax_scan() -> None:
    net = u.transform(scan_cell, backend="jax")
    params = net.init(START, X, rng=0)

    def raw(params: Any, start: Any, xs: Any) -> Any:
        def step(carry: Any, x: Any) -> Any:
            carry = jnp.tanh(
                x @ params["linear/weight"].T + params["linear/bias"] + carry @ params["linear_1/weight"].T
            )
            return carry, carry

        return jax.lax.scan(step, start, xs)

    (carry, ys), changes = jax.jit(net.apply)(params, START, X)
    raw_carry, raw_ys = jax.jit(raw)(params, START, X)
    np.testing.assert_allclose(carry, raw_carry, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(ys["both"][0], raw_ys, rtol=1e-6, atol=1e-6)
    assert not changes
    text = str(jax.make_jaxpr(net.apply)(params, START, X))
    assert text.count("scan[") == 1


def test_a_scan_without_xs_and_of_trees() -> None:
    def body(start: Any) -> Any:
        def step(carry: Any, _: Any) -> Any:
            a, (b,) = carry["a"], carry["b"]
            return {"a": u.Linear(4, 4)(b), "b": (a,)}, None

        carry, ys = u.scan(step, {"a": start, "b": (start,)}, length=3)
        assert ys is None
        return carry

    assert_parity(body, START)


def statistics(xs: Any) -> Any:
    def step(carry: Any, x: Any) -> Any:
        y = u.BatchNorm1d(4)(x)
        count = u.get_state("count", ())
        u.set_state("count", count + 1)
        return carry + y * (count + 1), count

    return u.scan(step, 0 * xs[0], xs)


def test_state_goes_from_step_to_step_and_comes_out() -> None:
    assert_parity(statistics, X, atol=5e-5)
    model = u.transform(statistics, backend="torch").init(torch.tensor(X), rng=0).train()
    _, counts = model(torch.tensor(X))
    assert counts.tolist() == [0, 1, 2, 3, 4]
    by_hand = torch.nn.BatchNorm1d(4)
    for x in torch.tensor(X):
        by_hand(x)
    torch.testing.assert_close(model.batch_norm1d.running_var, by_hand.running_var)
    assert model.batch_norm1d.num_batches_tracked == 5
    net = u.transform(statistics, backend="jax")
    params = net.init(X, rng=0)
    (_, counts), changes = jax.jit(net.apply, static_argnames="training")(params, X, training=True)
    assert set(changes) == {f"batch_norm1d/{n}" for n in ("running_mean", "running_var", "num_batches_tracked")} | {
        "count"
    }
    assert counts.tolist() == [0, 1, 2, 3, 4]
    np.testing.assert_allclose(changes["batch_norm1d/running_var"], by_hand.running_var, rtol=1e-5)
    assert set(net.apply(params, X)[1]) == {"count"}


@pytest.mark.parametrize("split", [True, False])
def test_dropout_draws_anew_at_each_step(split: bool) -> None:
    def body(xs: Any) -> Any:
        first = u.scan(lambda c, x: (c, u.Dropout(0.5)(0 * x + 1)), None, xs, split_rngs=split)[1]
        second = u.scan(lambda c, x: (c, u.random.uniform((3,))), None, xs, split_rngs=split)[1]
        return first, second, u.random.uniform((3,))

    x = np.ones((5, 3, 40), np.float32)
    assert_parity(body, x)
    net = u.transform(body, backend="jax")
    params = net.init(x, rng=1)
    (masks, numbers, after), changes = net.apply(params, x, training=True)
    assert set(changes) == {"rng/counter"}
    for steps in (masks, numbers):
        distinct = {np.asarray(step).tobytes() for step in steps}
        assert len(distinct) == (5 if split else 1)
    assert np.asarray(after).tobytes() not in {np.asarray(step).tobytes() for step in numbers}
    (again, _, _), _ = net.apply(params | changes, x, training=True)
    assert not (again == masks).all()


def test_native_dropout_draws_anew_at_each_step_on_torch() -> None:
    x = torch.ones(5, 100)
    model = u.transform(lambda x: u.scan(lambda c, x: (c, u.Dropout(0.5)(x)), None, x)[1], backend="torch")
    masks = model.init(x, rng=0).train()(x)
    assert len({tuple(mask.tolist()) for mask in masks}) == 5


def scan_stacked(xs: Any) -> Any:
    def step(carry: Any, x: Any) -> Any:
        return u.BatchNorm1d(4)(u.Linear(4, 4)(carry)) + x, carry.sum()

    return u.scan(step, xs[0], xs, variable_axes={"params": 0, "state": -1})


def test_variables_may_be_stacked() -> None:
    assert_parity(scan_stacked, X, atol=5e-5)
    params = u.transform(scan_stacked, backend="jax").init(X, rng=0)
    assert {path: value.shape for path, value in params.items()} == {
        "scan/linear/weight": (5, 4, 4),
        "scan/linear/bias": (5, 4),
        "scan/batch_norm1d/weight": (5, 4),
        "scan/batch_norm1d/bias": (5, 4),
        "scan/batch_norm1d/running_mean": (4, 5),
        "scan/batch_norm1d/running_var": (4, 5),
        "scan/batch_norm1d/num_batches_tracked": (5,),
    }


def test_what_is_not_named_is_shared() -> None:
    def body(xs: Any) -> Any:
        step = lambda carry, x: (u.Linear(4, 4)(carry) + u.get_state("shift", (4,)), x)  # noqa: E731
        return u.scan(step, xs[0], xs, variable_axes={"state": 0}, name="loop")

    assert_parity(body, X)
    params = u.transform(body, backend="jax").init(X, rng=0)
    assert {path: value.shape for path, value in params.items()} == {
        "loop/shift": (5, 4),
        "loop/linear/weight": (4, 4),
        "loop/linear/bias": (4,),
    }


def test_map_and_fori_loop() -> None:
    def body(xs: Any) -> Any:
        map_output = u.map(lambda x: u.Linear(4, 2)(x), xs)
        loop_output = u.fori_loop(1, 4, lambda i, x: u.Linear(4, 4)(x) * i, xs[0])
        return map_output, loop_output, u.fori_loop(2, 2, lambda i, x: u.Linear(9, 9)(x), xs[0])

    assert_parity(body, X)
    net = u.transform(body, backend="torch").init(torch.tensor(X), rng=0)
    assert list(net.state_dict()) == ["linear.weight", "linear.bias", "linear_1.weight", "linear_1.bias"]
    map_output, loop_output, unchanged = net(torch.tensor(X))
    torch.testing.assert_close(map_output, net.linear(torch.tensor(X)))
    by_hand = torch.tensor(X)[0]
    for i in (1, 2, 3):
        by_hand = net.linear_1(by_hand) * i
    torch.testing.assert_close(loop_output, by_hand)
    torch.testing.assert_close(unchanged, torch.tensor(X)[0])


def grow(x: Any) -> Any:
    def double(state: Any) -> Any:
        x, count = state
        seen = u.get_state("seen", ())
        u.set_state("seen", seen + 1)
        return x + F.relu(u.Linear(4, 4, bias=False, init_fn=u.initializers.ones)(x)), count + u.random.uniform(()) * 0

    x, _ = u.while_loop(lambda state: (abs(state[0]).sum() < 1000) & (state[1] < 50), double, (abs(x), 0 * x.sum()))
    return u.Linear(4, 2)(x)


def test_while_loop() -> None:
    assert_parity(grow, START, gradients=False, rtol=1e-4)
    model = u.transform(grow, backend="torch").init(torch.tensor(START), rng=0)
    x, steps = abs(torch.tensor(START)), 0
    while x.sum() < 1000:
        x, steps = x + x.sum(-1, keepdim=True), steps + 1
    torch.testing.assert_close(model(torch.tensor(START)), model.linear_1(x))
    assert model.seen == steps > 1
    net = u.transform(grow, backend="jax")
    params = net.init(START, rng=0)
    assert net.apply(params, START)[1]["seen"] == steps
    x = 1000 * torch.ones(3, 4)  # no step runs, and the names after the loop are the same
    torch.testing.assert_close(model(x), model.linear_1(x))


def test_fori_loop_with_traced_bounds_on_jax() -> None:
    net = u.transform(lambda x, n: u.fori_loop(0, n, lambda i, x: u.Linear(4, 4)(x) + i, x), backend="jax")
    params = net.init(START, 3, rng=0)
    traced, _ = jax.jit(net.apply)(params, START, 3)
    np.testing.assert_allclose(traced, net.apply(params, START, 3)[0], rtol=1e-5)


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_errors(backend: str) -> None:
    x: Any = torch.tensor(X) if backend == "torch" else jnp.asarray(X)

    def init(body: Any) -> Any:
        return u.transform(body, backend=backend).init(x, rng=0)

    with pytest.raises(
        TypeError, match=r"u.scan: the carry\['h'\]\[1\] went in as float32\[3, 4\] and came out as .*2\]"
    ):
        init(lambda x: u.scan(lambda c, x: ({"h": (x, x[:, :2])}, None), {"h": (x[0], x[0])}, x))
    with pytest.raises(TypeError, match=r"the carry went in as float32\[3, 4\] and came out as int32"):
        init(lambda x: u.scan(lambda c, x: ((c > 0) * as_int(backend), None), x[0], x))
    with pytest.raises(TypeError, match="the carry must keep its structure"):
        init(lambda x: u.scan(lambda c, x: ((c, c), None), x[0], x))
    with pytest.raises(TypeError, match=r"the body returns \(carry, y\), and returned a"):
        init(lambda x: u.scan(lambda c, x: c, x[0], x))
    with pytest.raises(ValueError, match=r"must have one size, and xs\['a'\] has 5, xs\['b'\] has 3"):
        init(lambda x: u.scan(lambda c, x: (c, c), x[0], {"a": x, "b": x[0]}))
    with pytest.raises(ValueError, match=r"xs has 5, length=4"):
        init(lambda x: u.scan(lambda c, x: (c, c), x[0], x, length=4))
    with pytest.raises(ValueError, match=r"give length="):
        init(lambda x: u.scan(lambda c, x: (c, c), x[0]))
    with pytest.raises(ValueError, match="no step to run"):
        init(lambda x: u.scan(lambda c, x: (c, c), x[0], x[:0]))
    with pytest.raises(TypeError, match="variable_axes maps collections"):
        init(lambda x: u.scan(lambda c, x: (c, c), x[0], x, variable_axes={"params": None}))
    with pytest.raises(TypeError, match=r"u\.while_loop: the value went in as"):
        init(lambda x: u.while_loop(lambda x: x.sum() < 0, lambda x: x[:, 1:], x))


def as_int(backend: str) -> Any:
    return torch.tensor(1, dtype=torch.int32) if backend == "torch" else jnp.int32(1)


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_another_number_of_steps_than_slices(backend: str) -> None:
    x: Any = torch.tensor(X) if backend == "torch" else jnp.asarray(X)
    net: Any = u.transform(scan_stacked, backend=backend)
    params = net.init(x, rng=0)
    with pytest.raises(u.StructureChangedError, match=r"has 5 slices along axis 0, and this call .*asks for 4"):
        net(x[:4]) if backend == "torch" else net.apply(params, x[:4])


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_a_condition_must_not_set_state(backend: str) -> None:
    def body(x: Any) -> Any:
        def condition(x: Any) -> Any:
            u.set_state("seen", u.get_state("seen", ()) + 1)
            return x.sum() < 0

        return u.while_loop(condition, lambda x: x, x)

    x: Any = torch.tensor(X) if backend == "torch" else jnp.asarray(X)
    net: Any = u.transform(body, backend=backend)
    params = net.init(x, rng=0)
    with pytest.raises(u.TransformBoundaryError, match="its condition sets state"):
        net(x) if backend == "torch" else net.apply(params, x)


def test_intermediates_are_stacked() -> None:
    def body(xs: Any) -> Any:
        def step(carry: Any, x: Any) -> Any:
            carry = u.Linear(4, 4)(carry) + x
            u.sow("carry", carry)
            return carry, None

        return u.scan(step, xs[0], xs)[0]

    net = u.transform(body, backend="jax")
    params = net.init(X, rng=0)
    _, of_jax = jax.jit(lambda params, x: net.apply(params, x, capture=...))(params, X)
    model = u.transform(body, backend="torch").init(torch.tensor(X), rng=0)
    _, of_torch = model.apply(model.params, torch.tensor(X), capture=...)
    assert {path: value.shape for path, value in of_jax.items()} == {"linear/output": (5, 3, 4), "carry": (5, 3, 4)}
    for path, value in of_torch.items():
        np.testing.assert_allclose(value.detach().numpy(), of_jax[path], rtol=1e-5, atol=1e-5)
        assert of_torch.info[path].shape == (5, 3, 4)
