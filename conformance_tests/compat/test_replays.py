"""What a replay of `unified.jit` on torch could do otherwise than the function, without a word: against the function.

Each function runs several times as it is and by `u.jit`, on copies of the same arguments and from the same seed.
"""

import copy
import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.autograd import forward_ad

import unified as u
from unified.compat import load
from unified.compat.jax.on_torch.steps import cache

optax = load("optax", "torch")

X = torch.tensor([1.0, 2.0, 3.0])


def results(function: Callable[..., Any], calls: list[tuple[Any, ...]], between: Any = None) -> list[Any]:
    torch.manual_seed(0)
    found = []
    for number, args in enumerate(calls):
        if between is not None:
            between(number)
        with torch.no_grad():
            found.append(copy.deepcopy(function(*copy.deepcopy(args))))
    return found


def check(function: Callable[..., Any], *calls: tuple[Any, ...], between: Any = None) -> None:
    """Compare `u.jit(function)` with the function over the same calls."""
    found, expected = results(u.jit(function), [*calls], between), results(function, [*calls], between)
    torch.testing.assert_close(found, expected, rtol=1e-6, atol=1e-7, equal_nan=True)


def is_traced(traces: list[cache._Entry]) -> bool:
    return any(entry.function is not None for entry in traces)


# Random numbers

REPEATED: dict[str, Callable[..., Any]] = {
    "of constants": lambda x: x * torch.bernoulli(torch.tensor([0.5] * 3)),
    "like a constant": lambda x: x * torch.rand_like(torch.arange(3.0)),
    "a mask for a constant": lambda x: x @ F.dropout(torch.eye(3), 0.5, True),
    "of distributions": lambda x: (torch.binomial(x * 10, x / 4) + 1, torch._standard_gamma(x) + 1)[::-1],
    "without a use": lambda x: (torch._standard_gamma(x), torch.rand(2))[1],
}
LSTM = nn.LSTM(3, 4, 2, dropout=0.5).requires_grad_(False)
REPEATED["of a recurrent layer, without a use"] = lambda x: (LSTM(x[None]), torch.rand(2))[1]


@pytest.mark.parametrize("name", REPEATED)
def test_draws_are_made_anew_and_in_order(name: str, traces: list[Any]) -> None:
    check(REPEATED[name], *[(X,)] * 4)
    assert is_traced(traces)


def seeded(x: Any) -> Any:
    torch.manual_seed(7)
    return x + torch.randn(3)


def forked(x: Any) -> Any:
    with torch.random.fork_rng():
        torch.manual_seed(3)
        noise = torch.randn(3)
    return x + noise + torch.rand(3)


def of_a_generator(x: Any) -> Any:
    return x + torch.randn(3, generator=torch.Generator().manual_seed(7))


@pytest.mark.parametrize("function", [seeded, forked, of_a_generator])
def test_what_seeds_a_generator_runs_as_it_is(function: Callable[..., Any], traces: list[Any]) -> None:
    check(function, *[(X,)] * 4)
    assert not is_traced(traces)


# Memory

CONSTANTS: dict[str, Callable[[], Any]] = {
    "a tensor": lambda: torch.tensor([1.0, 2.0, 3.0]),
    "a range": lambda: torch.arange(3.0),
    "computed": lambda: torch.arange(3.0) * 2,
    "a view": lambda: torch.arange(6.0).reshape(2, 3)[1],
    "a large view": lambda: torch.tensor([1.0] * 70_000).view(7, -1)[0],
    "with a view": lambda: (lambda c: (c, c[1:]))(torch.arange(3.0)),
}


@pytest.mark.parametrize("name", CONSTANTS)
def test_constants_that_are_returned_are_new_in_each_call(name: str, traces: list[Any]) -> None:
    """What a user writes to a result is in no later one."""

    def function(x: Any) -> Any:
        return CONSTANTS[name](), x * 2

    jitted = u.jit(function)
    for _ in range(4):
        found, _ = jitted(X)
        torch.testing.assert_close(found, CONSTANTS[name]())
        first = found[0] if isinstance(found, tuple) else found
        first.add_(100)
        if isinstance(found, tuple):
            assert found[1].tolist() == [101, 102]  # of the same memory, as without `u.jit`
    assert is_traced(traces)


def writes_to_a_view(x: Any) -> Any:
    constant = torch.tensor([[1.0, 2.0, 3.0]])
    row = constant[0]
    row.mul_(x)
    return constant + 1, row


def writes_to_a_part(x: Any) -> Any:
    constant = torch.arange(3.0)
    constant[1:].add_(x[1:])
    return constant


def writes_to_a_large_view(x: Any) -> Any:
    constant = torch.tensor([1.0] * 70_000).view(7, -1)
    constant[0].add_(x[0])
    return constant.sum()


def writes_by_an_overload(x: Any) -> Any:
    y = x - 2
    torch.ops.aten.add_.Tensor(y, 5)
    return y


def writes_by_an_option(weight: Any) -> Any:
    F.embedding(torch.tensor([0, 2]), weight, max_norm=1.0)
    return weight.norm()


@torch.library.custom_op("unified_tests::triple_", mutates_args=("x",))
def triple(x: torch.Tensor) -> None:
    x.mul_(3)


def writes_by_an_operator(x: Any) -> Any:
    y = x + 1
    triple(y)
    return y * 2


@pytest.mark.parametrize(
    "function",
    [writes_to_a_view, writes_to_a_part, writes_to_a_large_view, writes_by_an_overload, writes_by_an_operator],
)
def test_writes_are_repeated(function: Callable[..., Any], traces: list[Any]) -> None:
    check(function, *[(X,)] * 4)
    assert is_traced(traces)


def test_writes_by_an_option_are_repeated() -> None:
    check(writes_by_an_option, *[(torch.arange(12.0).reshape(3, 4),)] * 4)


def test_arrays_that_a_loss_makes_are_traced(traces: list[Any]) -> None:
    check(lambda x: u.grad(lambda x: (x * torch.arange(3.0) + torch.zeros(3)).square().sum())(x), *[(X,)] * 3)
    assert is_traced(traces)


def test_gradients_of_what_is_written_to_a_constant(traces: list[Any]) -> None:
    def function(x: Any) -> Any:
        def loss(x: Any) -> Any:
            constant = torch.ones(2, 3)[0] * torch.arange(3.0)
            constant[1:].mul_(x[1:])
            return (constant**2).sum()

        return u.grad(loss)(x)

    check(function, *[(X,)] * 4)
    assert is_traced(traces)


@pytest.mark.parametrize(
    "function",
    [lambda x: (x * 1.0).view(-1), lambda x: (x + 0.0).reshape(3, 1), lambda x: torch.squeeze(torch.pow(x, 1))],
)
def test_a_view_of_a_result_is_none_of_an_argument(function: Callable[..., Any], traces: list[Any]) -> None:
    jitted = u.jit(function)
    for _ in range(4):
        x = X.clone()
        jitted(x).add_(10)
        assert x.tolist() == X.tolist()
    assert is_traced(traces)


TRANSPOSED = torch.arange(9.0).view(3, 3).T


@pytest.mark.parametrize(
    "function",
    [
        lambda x: torch.as_strided(x, (2, 2), x.stride()),
        lambda x: x + (1 if x.is_contiguous() else 2),
        lambda x: x.clone().unsqueeze_(0),
    ],
)
def test_what_depends_on_the_memory_of_arrays_runs_as_it_is(function: Callable[..., Any], traces: list[Any]) -> None:
    check(function, *[(TRANSPOSED,)] * 3, *[(TRANSPOSED.contiguous(),)] * 3)
    assert not is_traced(traces)


# Values of outside


def test_values_of_tensors_in_a_closure_are_read_in_each_call(traces: list[Any]) -> None:
    scale, count = torch.tensor(1.0), torch.zeros((), dtype=torch.int64)

    def counted(x: Any) -> Any:
        count.add_(1)
        return x * 2 if count.item() % 2 else x

    def change(number: int) -> None:
        scale.fill_(number)
        if not number:
            count.zero_()

    check(lambda x: x * float(scale), *[(X,)] * 4, between=change)
    check(counted, *[(X,)] * 4, between=change)
    assert not is_traced(traces)
    check(lambda x: x * scale, *[(X,)] * 4, between=change)
    assert is_traced(traces)


def test_attributes_of_autograd_are_read_in_each_call(traces: list[Any]) -> None:
    parameter = nn.Parameter(X.clone())

    def change(number: int) -> None:
        parameter.grad = torch.full((3,), float(number))

    check(lambda x: x * parameter.grad, *[(X,)] * 4, between=change)
    leaf = X.clone().requires_grad_()
    check(lambda x: x + (1 if x.requires_grad else 2), (X,), (X,), (X,), (leaf,), (leaf,))
    assert not is_traced(traces)


# Kinds of arguments


def test_zeros_of_both_signs_are_two_kinds(traces: list[Any]) -> None:
    check(lambda x, n: x / n, (X, 0.0), (X, 0.0), (X, -0.0), (X, 0.0), (X, -0.0))
    check(lambda x, n: x * n.imag, (X, 0j), (X, 0j), (X, complex(0, -0.0)))
    traces.clear()
    check(lambda x, n: x * n, *[(X, math.nan)] * 12)
    assert len(traces) == 1  # a NaN is of one kind, though it is not equal to itself


def test_dicts_keep_their_order(traces: list[Any]) -> None:
    def noisy(tree: Any, **named: Any) -> Any:
        return {key: value + torch.rand(3) for key, value in (tree | named).items()}

    one, other = {"b": X, "a": 2 * X}, {"a": 2 * X, "b": X}
    check(noisy, (one,), (one,), (one,), (other,), (other,))
    jitted = u.jit(noisy)
    for _ in range(3):
        assert list(jitted(one)) == list(one)
        assert list(jitted(other)) == list(other)
        assert list(jitted({}, z=X, y=X)) == ["z", "y"]
        assert list(jitted({}, y=X, z=X)) == ["y", "z"]
    assert is_traced(traces)


def test_sparse_and_nested_tensors_are_no_dense_ones() -> None:
    sparse, dense = torch.eye(3).to_sparse(), torch.eye(3)
    jitted = u.jit(lambda a: a * 2 if a.is_sparse else a * 3)
    for _ in range(3):
        assert jitted(dense).equal(3 * dense)
        assert jitted(sparse).to_dense().equal(2 * dense)
    with pytest.warns(UserWarning, match="prototype"):
        nested = torch.nested.nested_tensor([X, X[:2]])
    doubled = u.jit(lambda a: a * 2)
    for _ in range(3):
        assert doubled(nested).unbind()[1].tolist() == [2, 4]
        assert doubled(X).tolist() == [2, 4, 6]


def test_arrays_of_libraries_are_traced(traces: list[Any]) -> None:
    """Methods of a library's objects return its `Array`s, as those of `optax.MultiSteps` do."""

    def train(backend: str, x: Any) -> list[float]:
        library = load("optax", backend)
        optimizer = library.MultiSteps(library.adam(1e-2), 2)
        net = u.transform(lambda x: u.Linear(3, 2)(x), backend=backend)
        made = net.init(x, rng=0)
        params = made.params if backend == "torch" else made

        @u.jit
        def step(params: Any, state: Any, x: Any) -> Any:
            loss, gradients = u.value_and_grad(lambda params: (net.apply(params, x)[0] ** 2).sum())(params)
            updates, state = optimizer.update(gradients, state, params)
            return library.apply_updates(params, updates), state, loss

        state, losses = optimizer.init(params), []
        for _ in range(6):
            params, state, loss = step(params, state, x)
            losses.append(float(loss))
        return losses

    found = train("torch", X)
    assert is_traced(traces)
    np.testing.assert_allclose(found, train("jax", jnp.asarray(X)), rtol=1e-5)


def test_the_state_of_an_optimizer_has_no_graph() -> None:
    """It copies parameters of a model, which need gradients: each step would record the ones before."""
    net = u.transform(lambda x: u.Linear(3, 2)(x), backend="torch").init(X, rng=0)
    states = optax.contrib.schedule_free_sgd(0.1).init(net.params), optax.ema(0.9).init(net.params)
    tensors = [leaf for leaf in u.tree.leaves(states) if isinstance(leaf, torch.Tensor)]
    assert len(tensors) > 4
    assert all(tensor.is_leaf for tensor in tensors)


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_masks_and_labels_by_functions_of_trees(backend: str) -> None:
    """`u.tree.map` over the arrays that a library passes to a function of the user's."""
    library, ones = load("optax", backend), {"torch": torch.ones, "jax": jnp.ones}[backend]
    params = {"weight": ones((2, 3)), "bias": ones(2)}
    decay = library.add_decayed_weights(1.0, mask=lambda tree: u.tree.map(lambda leaf: leaf.ndim > 1, tree))
    updates, _ = decay.update(u.tree.map(lambda leaf: 0 * leaf, params), decay.init(params), params)
    assert (float(updates["weight"].sum()), float(updates["bias"].sum())) == (6, 0)
    rates = library.multi_transform(
        {"weights": library.sgd(1.0), "others": library.set_to_zero()},
        lambda tree: u.tree.map(lambda leaf: "weights" if leaf.ndim > 1 else "others", tree),
    )
    updates, _ = rates.update(params, rates.init(params), params)
    assert (float(updates["weight"].sum()), float(updates["bias"].sum())) == (-6, 0)


# Modes of torch


def test_gradients_in_inference_mode(traces: list[Any]) -> None:
    def cubed(x: Any) -> Any:
        return (x**3 * torch.tensor([1.0, 2.0, 3.0])).sum()

    expected = 3 * X**2 * torch.tensor([1.0, 2.0, 3.0])
    jitted = u.jit(lambda x: u.grad(cubed)(x))
    with torch.inference_mode():
        assert u.grad(cubed)(X).equal(expected)
        assert u.grad(cubed)(X * 1).equal(expected)
        for _ in range(3):
            assert jitted(X).equal(expected)
            assert jitted(X * 1).equal(expected)
    assert jitted(X).equal(expected)
    assert is_traced(traces)

    import unified.nn as un

    linear: Any = u.build(un.Linear, 3, 1, backend="torch", rng=0)
    with torch.inference_mode():
        gradients: Any = un.grad(lambda net: net(X).sum())(linear)
        assert gradients["weight"].tolist() == [[1, 2, 3]]


def test_tangents_of_forward_mode_pass() -> None:
    def of_gradient(x: Any) -> Any:
        return u.grad(lambda x: (x**3).sum())(x) * 2

    jitted = u.jit(of_gradient)
    for _ in range(3):
        jitted(X)
    for function in (of_gradient, jitted):
        with forward_ad.dual_level():
            tangent = forward_ad.unpack_dual(function(forward_ad.make_dual(X, torch.ones(3)))).tangent
            assert tangent is not None
            torch.testing.assert_close(tangent, 12 * X)


# Gradients, as JAX has them

Z = np.array([1 + 2j, -0.5j], np.complex64)


def modulus(z: Any) -> Any:
    return (abs(z) ** 2 * (z.real + 3)).sum()


def test_gradients_of_complex_arrays_are_those_of_jax() -> None:
    truth = np.asarray(jax.grad(modulus)(jnp.asarray(Z)))
    z = torch.tensor(Z)
    for function in (u.grad(modulus), u.jit(u.grad(modulus)), torch.no_grad()(u.grad(modulus))):
        for _ in range(3):
            np.testing.assert_allclose(function(z).resolve_conj(), truth, rtol=1e-5)
    np.testing.assert_allclose(
        u.vmap(lambda z: u.grad(lambda z: modulus(z[None]))(z))(z).resolve_conj(), truth, rtol=1e-5
    )
    body = u.transform(lambda z: u.grad(modulus)(z), backend="torch").init(z, rng=0)
    np.testing.assert_allclose(body(z).resolve_conj(), truth, rtol=1e-5)
    import unified.trees as ut

    np.testing.assert_allclose(ut.Grad(modulus)(z).resolve_conj(), truth, rtol=1e-5)


def counts(x: Any) -> Any:
    return (x > 1).sum()


def test_what_has_no_gradient_is_refused() -> None:
    """An integer has none: zeros would be taken for one. `jax.grad` refuses it too."""
    with pytest.raises(TypeError, match="real-valued"):
        jax.grad(counts)(jnp.ones(3))
    body = u.transform(lambda x: u.grad(counts)(x), backend="torch").init(X, rng=0)
    import unified.trees as ut

    for function in (u.grad(counts), u.jit(u.grad(counts)), torch.func.vmap(u.grad(counts)), body, ut.Grad(counts)):
        for _ in range(2):
            with pytest.raises(TypeError, match="int64, which is no floating-point number"):
                function(X[None] if isinstance(function, type(lambda: 0)) and "wrapped" in function.__name__ else X)


# Modules that a function calls


class Counting(nn.Module):
    """A module that sets attributes and a buffer in each call."""

    def __init__(self) -> None:
        super().__init__()
        self.calls, self.last = 0, torch.zeros(3)
        self.register_buffer("total", torch.zeros(3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        self.last = x * 2
        self.total = self.total + x
        return x * self.calls + self.total


def test_modules_that_set_attributes_run_as_they_are(traces: list[Any]) -> None:
    module = Counting()
    jitted = u.jit(lambda x: module(x))
    for number in range(1, 5):
        assert jitted(X).equal(2 * number * X)
        assert module.calls == number
        assert type(module.last) is torch.Tensor
        assert type(module.total) is torch.Tensor
    spectral = nn.utils.parametrizations.spectral_norm(nn.Linear(3, 3)).requires_grad_(False)
    state = {name: value.clone() for name, value in spectral.state_dict().items()}
    check(lambda x: spectral(x), *[(X,)] * 4, between=lambda n: None if n else spectral.load_state_dict(state))
    assert not is_traced(traces)


def test_a_trace_that_fails_leaves_nothing_in_modules(traces: list[Any]) -> None:
    module = Counting()
    jitted = u.jit(lambda x: module(x) * float(x.sum()))
    for number in range(1, 5):
        jitted(X)
        assert module.calls == number
    assert module.last.equal(2 * X)
    assert not is_traced(traces)


# Variables, attributes, lists and dicts that a function changes


class Trainer:
    """An object whose step counts, and keeps values."""

    def __init__(self) -> None:
        self.step, self.history, self.last, self.table = 0, [], torch.zeros(3), {"step": 0}  # type: ignore[var-annotated]

    def train(self, x: torch.Tensor) -> torch.Tensor:
        self.step += 1
        self.table["step"] += 1
        self.last = x * 3
        self.history.append(x * 2)
        return x * self.step * self.table["step"]

    def train_with_a_branch(self, x: torch.Tensor) -> torch.Tensor:
        x = self.train(x)
        return x if x.sum() > 0 else -x


def counting() -> tuple[Callable[..., Any], Callable[[], int]]:
    count = 0

    def step(x: Any) -> Any:
        nonlocal count
        count += 1
        return x * count

    return step, lambda: count


GLOBAL = 0


def counting_globally(x: Any) -> Any:
    global GLOBAL
    GLOBAL += 1
    return x * GLOBAL


@pytest.mark.parametrize("name", ["train", "train_with_a_branch"])
def test_methods_that_change_their_object_run_as_they_are(name: str, traces: list[Any]) -> None:
    trainer = Trainer()
    jitted = u.jit(getattr(trainer, name))
    for number in range(1, 5):
        assert jitted(X).equal(X * number**2)
        assert (trainer.step, trainer.table["step"], len(trainer.history)) == (number, number, number)
    assert all(type(each) is torch.Tensor for each in (trainer.last, *trainer.history))
    assert not is_traced(traces)


def test_functions_that_count_run_as_they_are(traces: list[Any]) -> None:
    step, count = counting()
    jitted, of_globals = u.jit(step), u.jit(counting_globally)
    for number in range(1, 5):
        assert jitted(X).equal(X * number)
        assert of_globals(X).equal(X * number)
        assert (count(), GLOBAL) == (number, number)
    losses: list[Any] = []

    def loss(x: Any) -> Any:
        losses.append((x**2).sum())
        return losses[-1]

    gradient = u.jit(lambda x: x - u.grad(loss)(x))
    for number in range(1, 5):
        gradient(X)
        assert len(losses) == number
        assert type(losses[-1]) is torch.Tensor
    assert not is_traced(traces)


def test_plain_values_are_kept_once_a_call(traces: list[Any]) -> None:
    calls: list[int] = []
    names: set[str] = set()
    table: dict[str, int] = {}

    def step(x: Any) -> Any:
        calls.append(len(calls))
        names.add(f"call {len(names)}")
        table[f"call {len(table)}"] = len(table)
        return x * 2

    jitted = u.jit(step)
    for number in range(1, 5):
        assert jitted(X).equal(X * 2)
        assert calls == list(range(number))
        assert len(names) == len(table) == number
    assert not is_traced(traces)


def test_methods_that_change_nothing_are_traced(traces: list[Any]) -> None:
    trainer = Trainer()
    trainer.evaluate = lambda x: x * 2 + len(trainer.history)  # type: ignore[attr-defined]
    check(trainer.evaluate, *[(X,)] * 3)  # type: ignore[attr-defined]
    assert is_traced(traces)
