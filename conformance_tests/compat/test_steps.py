"""`unified.jit` of training steps on torch, traced and replayed, against the same functions run as they are."""

import contextlib
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import unified as u
import unified.functional as F
from unified.compat import load
from unified.compat.jax.on_torch.steps import cache

optax = load("optax", "torch")

X = torch.from_numpy(np.random.default_rng(0).standard_normal((8, 6)).astype(np.float32))
LABELS = torch.arange(8) % 3


def body(x: Any) -> Any:
    x = F.relu(u.BatchNorm1d(5)(u.Linear(6, 5, bias=False)(x)))
    return u.Linear(5, 3)(x)


def graphs(traces: list[cache._Entry]) -> int:
    return sum(entry.function is not None for entry in traces)


def training(
    optimizer: Any, body: Callable[..., Any] = body, dtype: torch.dtype = torch.float32
) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """Return a step, and its first arguments."""
    x = X.to(dtype)
    net = u.transform(body, backend="torch").init(X, rng=0).to(dtype)
    params = net.params.to("numpy").to("torch")

    def loss_fn(params: Any, x: Any, labels: Any) -> Any:
        output, changes = net.apply(params, x, training=True)
        return F.cross_entropy(output, labels), changes

    def step(params: Any, state: Any, x: Any, labels: Any) -> Any:
        (loss, changes), gradients = u.value_and_grad(loss_fn, has_aux=True)(params, x, labels)
        weights, rest = params.split()
        updates, state = optimizer.update(gradients, state, weights)
        return optax.apply_updates(weights, updates) | rest | changes, state, loss

    return step, (params, optimizer.init(params.split()[0]), x, LABELS)


OPTIMIZERS = {
    "adam": lambda: optax.adam(1e-2),
    "nadam": lambda: optax.nadam(1e-2),
    "adamw": lambda: optax.adamw(optax.cosine_decay_schedule(1e-2, 10), weight_decay=0.1),
    "sgd": lambda: optax.sgd(1e-2),
    "momentum": lambda: optax.sgd(1e-2, momentum=0.9, nesterov=True),
    "rmsprop": lambda: optax.rmsprop(1e-2, centered=True, momentum=0.5),
    "adagrad": lambda: optax.adagrad(1e-2),
    "adadelta": lambda: optax.adadelta(1e-2),
    "lion": lambda: optax.lion(1e-3),
    "lamb": lambda: optax.lamb(1e-3),
    "clipped": lambda: optax.chain(optax.clip_by_global_norm(0.1), optax.adam(1e-2)),
    "averaged": lambda: optax.chain(optax.sgd(1e-2), optax.ema(0.9)),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_replays_compute_what_the_function_does(name: str, traces: list[Any]) -> None:
    step, (params, state, *rest) = training(OPTIMIZERS[name]())
    jitted = u.jit(step)
    ours, theirs = (params, state), (params, state)
    for _ in range(6):
        *ours, loss = jitted(*ours, *rest)
        with torch.no_grad():
            *theirs, expected = step(*theirs, *rest)
        torch.testing.assert_close(loss, expected, rtol=1e-5, atol=1e-6)
    assert graphs(traces) == 1
    assert list(ours[0]) == list(theirs[0])
    torch.testing.assert_close(dict(ours[0]), dict(theirs[0]), rtol=1e-5, atol=1e-6)
    assert not any(value.requires_grad for value in ours[0].values())


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_other_dtypes(dtype: torch.dtype, traces: list[Any]) -> None:
    step, (params, state, *rest) = training(optax.sgd(1e-2, momentum=0.9), dtype=dtype)
    jitted = u.jit(step)
    ours, theirs = (params, state), (params, state)
    for _ in range(4):
        *ours, _ = jitted(*ours, *rest)
        with torch.no_grad():
            *theirs, _ = step(*theirs, *rest)
    assert graphs(traces) == 1
    torch.testing.assert_close(dict(ours[0]), dict(theirs[0]), rtol=2e-2, atol=2e-2)  # of the coarser, bfloat16


def test_zero_sizes_scalars_and_a_state_of_lists(traces: list[Any]) -> None:
    def step(tree: Any, x: Any) -> Any:
        value, gradients = u.value_and_grad(lambda tree, x: (tree["scalar"] * x).sum() + tree["none"].sum())(tree, x)
        return {name: tree[name] - 0.5 * gradients[name] for name in tree}, [value, None, "text", 3]

    jitted = u.jit(step)
    tree = {"scalar": torch.tensor(2.0), "none": torch.zeros(0, 3)}
    for _ in range(3):
        new, (value, *others) = jitted(tree, torch.ones(4))
        assert new["scalar"].item() == 0 and new["none"].shape == (0, 3)
        assert value.item() == 8 and others == [None, "text", 3]
    assert graphs(traces) == 1


def test_memory_of_arguments_and_results_stays(traces: list[Any]) -> None:
    jitted = u.jit(lambda x, y: (x * 2 + y * 3, (x * 2) / 4, x + 0.0))
    x, y = torch.arange(4.0), torch.ones(4)
    for _ in range(3):
        results = jitted(x, y)
        assert x.tolist() == [0, 1, 2, 3] and y.tolist() == [1, 1, 1, 1]
        assert [result.tolist() for result in results] == [[3, 5, 7, 9], [0, 0.5, 1, 1.5], [0, 1, 2, 3]]
    assert graphs(traces) == 1


def test_a_view_of_a_value_keeps_its_memory(traces: list[Any]) -> None:
    def fun(x: Any) -> Any:
        y = x * 2.0
        row = y.reshape(-1)
        return torch.sqrt(y + 1.0), row

    jitted = u.jit(fun)
    x = torch.tensor([[4.0, 1.5]])
    for _ in range(3):
        assert [result.tolist() for result in jitted(x)] == [[[3, 2]], [8, 3]]
    assert graphs(traces) == 1


def test_random_draws_are_made_anew(traces: list[Any]) -> None:
    jitted = u.jit(lambda x: F.dropout(x, 0.5, training=True))
    results = {tuple(jitted(torch.ones(32)).tolist()) for _ in range(4)}
    assert graphs(traces) == 1 and len(results) == 4
    torch.manual_seed(0)
    expected = F.dropout(torch.ones(32), 0.5, training=True)
    torch.manual_seed(0)
    assert jitted(torch.ones(32)).equal(expected)


class Doubled(torch.autograd.Function):
    """A gradient that is twice the true one."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        return x * 1.0

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> torch.Tensor:
        return gradient * 2


def stopped(w: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        factor = w * 3
    return (factor * w).sum()


def cast(w: torch.Tensor) -> torch.Tensor:
    with torch.autocast("cpu", torch.bfloat16):
        return (w[None] @ w[:, None]).float().sum()


def hooked(w: torch.Tensor) -> torch.Tensor:
    y = w * 1.0
    y.register_hook(lambda gradient: gradient * 5)
    return y.sum()


def remade(w: torch.Tensor) -> torch.Tensor:
    return u.remat(lambda w: (w.sin() * w).sum())(w)


def differentiated(w: torch.Tensor) -> torch.Tensor:
    return (u.grad(lambda w: (w**3).sum())(w) ** 2).sum()


def branching(w: torch.Tensor) -> torch.Tensor:
    return w.sum() if w.sum() > 0 else -w.sum()


def mapped(w: torch.Tensor) -> torch.Tensor:
    return u.vmap(lambda x: x * 2)(w).sum()


@pytest.mark.parametrize(
    "loss", [lambda w: Doubled.apply(w).sum(), stopped, cast, hooked, remade, differentiated, branching, mapped]
)
def test_what_a_replay_would_not_repeat_runs_as_it_is(loss: Callable[..., Any], traces: list[Any]) -> None:
    jitted = u.jit(lambda w: u.value_and_grad(loss)(w))
    w = torch.tensor([1.0, 2.0])
    first = jitted(w)
    for w_next in (w, -w, w):
        value, gradient = jitted(w_next)
        leaf = w_next.clone().requires_grad_()
        expected = loss(leaf * 1.0)
        torch.testing.assert_close(value, expected.detach())
        torch.testing.assert_close(gradient, torch.autograd.grad(expected, leaf)[0])
    torch.testing.assert_close(first, jitted(w))
    assert len(traces) == 1 and not graphs(traces)


def test_live_parameters_in_a_closure_run_as_they_are() -> None:
    layer = nn.Linear(2, 1)
    jitted = u.jit(lambda x: layer(x))
    for _ in range(3):
        assert jitted(torch.ones(1, 2)).equal(layer(torch.ones(1, 2)).detach())
        layer.weight = nn.Parameter(layer.weight.detach() + 1)


def test_modules_that_change_are_seen() -> None:
    relu = nn.LeakyReLU(0.5)
    net = u.transform(lambda x: relu(u.Linear(2, 2)(x)), backend="torch").init(torch.ones(1, 2), rng=0)
    params, x = net.params, -torch.ones(1, 2)
    jitted = u.jit(lambda params, x: net.apply(params, x)[0])

    def check() -> None:
        for _ in range(3):
            torch.testing.assert_close(jitted(params, x), net.apply(params, x)[0].detach())

    check()
    relu.negative_slope = 0.1
    check()
    handle = net.linear.register_forward_hook(lambda module, args, output: output + 100)
    check()
    handle.remove()
    check()

    class Swapped(nn.Linear):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return super().forward(x) * 3

    net.linear.__class__ = Swapped
    check()


def test_each_value_that_is_no_array_is_static(traces: list[Any]) -> None:
    jitted = u.jit(lambda x, n, flag=False: x * n if flag else x + n)
    for n in (1, 2, 3, 1, 2, 3, 1.5):
        for flag in (True, False):
            assert jitted(torch.ones(2), n, flag=flag)[0].item() == (n if flag else 1 + n)
    assert len(traces) <= cache.MOST_KINDS


def test_gradients_flow_through_arguments_with_a_history() -> None:
    jitted = u.jit(lambda x: x * x)
    w = torch.tensor(3.0, requires_grad=True)
    for _ in range(4):
        jitted(torch.tensor(2.0))
    (jitted(w * 1.0) * 2).backward()
    assert w.grad is not None and w.grad.item() == 12
    assert u.grad(lambda w: jitted(w))(torch.tensor(3.0)).item() == 6
    assert torch.func.grad(jitted)(torch.tensor(3.0)).item() == 6


def test_an_error_names_its_layer() -> None:
    net = u.transform(lambda x: u.Embedding(3, 2)(x), backend="torch").init(torch.zeros(1, dtype=torch.long), rng=0)
    jitted = u.jit(lambda params, x: net.apply(params, x)[0])
    for _ in range(3):
        jitted(net.params, torch.zeros(1, dtype=torch.long))
    with pytest.raises(IndexError) as error:
        jitted(net.params, torch.full((1,), 7))
    assert "embedding" in "".join(error.value.__notes__)


def shared_gradients(a: Any, b: Any) -> Any:
    return ((a + b) * 2).sum()  # both gradients are one tensor


def expanded_gradients(a: Any, b: Any) -> Any:
    return a.sum() + 3 * b.sum()


def transposed_gradients(a: Any, b: Any) -> Any:
    return (a.T @ b).square().sum()


USES: dict[str, Callable[..., Any]] = {
    "updates": lambda p, m, g: (p - 0.1 * (0.9 * m + g), 0.9 * m + g),
    "second moments": lambda p, m, g: (p - 0.1 * g / (torch.sqrt(m + g * g) + 1), m + g * g),
    "also returned": lambda p, m, g: (p - 0.1 * g, 0.9 * m + g, g),
    "views": lambda p, m, g: (p - 0.1 * g, (0.9 * m + g).T, g.T, g.reshape(-1)[:2]),
    "a norm": lambda p, m, g: (p - 0.1 * g / torch.sqrt((g * g).sum()), m + g, g.T * 2),
    "of another step": lambda p, m, g: (p - g * u.grad(lambda q: (q * g).square().sum())(p), m + g),
}


@pytest.mark.parametrize("loss", [shared_gradients, expanded_gradients, transposed_gradients])
@pytest.mark.parametrize("compiles", [False, pytest.param(True, marks=pytest.mark.slow)])
@pytest.mark.parametrize("use", USES)
@pytest.mark.usefixtures("compiler")
def test_memory_of_gradients_is_used_again(
    loss: Callable[..., Any], use: str, compiles: bool, traces: list[cache._Entry]
) -> None:
    def step(params: Any, moments: Any) -> Any:
        gradients = u.grad(lambda params: loss(*params))(params)
        return [USES[use](*each) for each in zip(params, moments, gradients, strict=True)]

    generator = torch.Generator().manual_seed(0)
    params, moments = [[torch.rand(3, 3, generator=generator) for _ in range(2)] for _ in range(2)]
    before = [tensor.clone() for tensor in (*params, *moments)]
    jitted = u.jit(step, compile=compiles)
    with torch.no_grad():
        expected = step(params, moments)
    kept = [jitted(params, moments) for _ in range(4)]
    for found in kept:  # what a later call writes is in no earlier result
        torch.testing.assert_close(found, expected)
        assert all(tensor.is_contiguous() for tensor in (found[0][0], found[1][0]))
    assert all(map(torch.equal, (*params, *moments), before)) and graphs(traces) == 1


WEIGHT = torch.ones(3, requires_grad=True)


def reads_a_value(x: Any) -> Any:
    return x * float(x.sum())  # the line of reads_a_value


def branches(x: Any) -> Any:
    return x if x.sum() > 0 else -x  # the line of branches


def closes_over(x: Any) -> Any:
    return x * WEIGHT  # the line of closes_over


def without_gradients(x: Any) -> Any:
    with torch.no_grad():
        y = x * 2
    return u.grad(lambda x: with_no_grad(x))(x) + y


def with_no_grad(x: Any) -> Any:
    with torch.no_grad():
        y = x * 2  # the line of without_gradients
    return (x * y).sum()


def under_autocast(x: Any) -> Any:
    with torch.autocast("cpu"):
        return x * 2  # the line of under_autocast


def maps(x: Any) -> Any:
    return u.vmap(lambda x: x * 2)(x)  # the line of maps


def returns_an_object(x: Any) -> Any:
    return {"x": x, "object": object()}


REASONS = {
    reads_a_value: (r"reads the values of an array \(.*float32\[\] .* by float\(\)\)", "read it outside"),
    branches: (r"reads the values of an array \(.*bool\[\] .*condition", "torch.where"),
    closes_over: ("closes over tensors that require gradients", "pass them as arguments"),
    without_gradients: ("turns gradients off", r"detach\(\)"),
    under_autocast: ("autocast", "u.Policy"),
    maps: ("torch.func", "outside"),
    returns_an_object: ("returns object", "return tensors"),
}


@pytest.mark.parametrize("function", REASONS)
def test_the_log_says_why_a_function_is_not_traced(
    function: Callable[..., Any], caplog: pytest.LogCaptureFixture, traces: list[cache._Entry]
) -> None:
    jitted = u.jit(function)
    with caplog.at_level("INFO", "unified.jit"):
        for _ in range(4):
            jitted(torch.ones(3))
    (message,) = caplog.messages
    what, advice = REASONS[function]
    assert re.match(f"{function.__name__} runs as it is: .*{what}.*{advice}", message), message
    lines = Path(__file__).read_text().splitlines()
    place = next((n for n, line in enumerate(lines, 1) if line.endswith(f"# the line of {function.__name__}")), None)
    assert place is None or f"test_steps.py:{place}: {lines[place - 1].strip()}" in message, message
    assert graphs(traces) == 0


def test_the_log_says_what_else_ends_a_replay(caplog: pytest.LogCaptureFixture) -> None:
    def twice(x: Any, *rest: Any) -> Any:
        return x * 2

    def calls(*arguments: Any, context: Any = None) -> list[str]:
        jitted = u.jit(twice)
        caplog.clear()
        for argument in arguments:
            with context or contextlib.nullcontext():
                jitted(*argument)
        return caplog.messages

    x = torch.ones(3)
    with caplog.at_level("DEBUG", "unified.jit"):
        assert re.match(r"twice: traced, \d+ lines", calls((x,), (x,), (x,))[0]) and len(caplog.messages) == 1
        assert "8 kinds of arguments" in calls(*[(x, number) for number in range(12)])[-1]
        assert "contains a ndarray" in calls((x, np.ones(3)), (x, np.ones(3)))[0]
        assert "a mode of torch looks at" in calls((x,), (x,), context=torch.device("cpu"))[0]
        grown = (x.clone().requires_grad_() * 2,)
        assert "autograd records" in calls(grown, grown, grown)[-1]

    net = u.transform(lambda x: u.Linear(3, 2)(x), backend="torch").init(x, rng=0)
    jitted = u.jit(lambda params, x: net.apply(params, x)[0])
    with caplog.at_level("DEBUG", "unified.jit"):
        jitted(net.params, x), jitted(net.params, x), caplog.clear()
        handle = net.linear.register_forward_hook(lambda *args: None)
        jitted(net.params, x), jitted(net.params, x)
        assert "its trace is dropped" in caplog.messages[0] and "have hooks" in caplog.messages[1]
        handle.remove()


def test_threads_trace_and_replay() -> None:
    step, (params, state, *rest) = training(optax.adam(1e-2))
    jitted = u.jit(step)
    with torch.no_grad():
        expected = step(params, state, *rest)
    failures: list[str] = []

    def run() -> None:
        for _ in range(10):
            new, _, loss = jitted(params, state, *rest)
            if not loss.equal(expected[2]) or not all(
                torch.allclose(a, b, 1e-5, 1e-6) for a, b in zip(new.values(), expected[0].values(), strict=True)
            ):
                failures.append("differs")

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


@pytest.fixture
def compiler() -> Iterator[None]:
    torch._dynamo.reset()
    yield
    torch._dynamo.reset()


@pytest.mark.slow
@pytest.mark.usefixtures("compiler")
def test_compiled(traces: list[Any]) -> None:
    step, (params, state, *rest) = training(optax.adam(1e-2))
    jitted = u.jit(step, compile=True)
    ours, theirs = (params, state), (params, state)
    for _ in range(3):
        *ours, loss = jitted(*ours, *rest)
        with torch.no_grad():
            *theirs, expected = step(*theirs, *rest)
        torch.testing.assert_close(loss, expected, rtol=1e-5, atol=1e-5)
    assert graphs(traces) == 1
    torch.testing.assert_close(dict(ours[0]), dict(theirs[0]), rtol=1e-4, atol=1e-5)
