"""All pairs of nested transforms: names, bits, values, gradients, state and random numbers."""

import itertools
from typing import Any

import jax
import numpy as np
import pytest
import torch

import unified as u
import unified.functional as F
from unified.testing import assert_parity

pytestmark = pytest.mark.slow

X = np.random.default_rng(0).standard_normal((3, 4)).astype(np.float32)


def part(x: Any) -> Any:
    """Run a layer, set state, and draw random numbers."""
    count = u.get_state("count", ())
    u.set_state("count", count + 1)
    x = F.tanh(u.Linear(4, 4)(x)) + 0.1 * count
    return x + 0.1 * u.random.uniform((4,))


def norm_part(x: Any) -> Any:
    """Run `part` and a layer with statistics."""
    return F.sigmoid(u.BatchNorm1d(4)(part(x)))


def in_scan(inner: Any) -> Any:
    return lambda x: u.scan(lambda c, _: (inner(c), None), x, length=2)[0]


def in_layer_stack(inner: Any) -> Any:
    return lambda x: u.layer_stack(2)(inner)(x)


def in_vmap(inner: Any) -> Any:
    """Map with all variables stacked, so that each element has its own state."""
    return lambda x: u.vmap(inner, None, axis_size=2, variable_axes={...: 0}, split_rngs=True)(x).sum(0)


def in_cond(inner: Any) -> Any:
    return lambda x: u.cond(x.sum() < 1e9, inner, lambda x: u.Linear(4, 4)(x), x)


def in_while_loop(inner: Any) -> Any:
    return lambda x: u.while_loop(lambda s: s[1] < 2, lambda s: (inner(s[0]), s[1] + 1), (x, 0))[0]


def in_grad(inner: Any) -> Any:
    return lambda x: u.grad(lambda x: inner(x).sum())(x)


TRANSFORMS = {
    "scan": in_scan,
    "layer_stack": in_layer_stack,
    "vmap": in_vmap,
    "cond": in_cond,
    "while_loop": in_while_loop,
    "remat": u.remat,
    "jit": u.jit,
    "grad": in_grad,
}
# On JAX a while_loop has no gradients in reverse mode.
PAIRS = [
    pair for pair in itertools.product(TRANSFORMS, TRANSFORMS) if not (pair[0] == "grad" and pair[1] == "while_loop")
]


def quick_or_full(pair: tuple[str, str]) -> Any:
    quick = pair[0] in ("scan", "layer_stack", "remat") or pair[1] == "scan" or pair[0] == pair[1]
    return pytest.param(*pair, marks=[] if quick else [pytest.mark.full])


@pytest.mark.parametrize(("outer", "inner"), [quick_or_full(pair) for pair in PAIRS])
def test_parity(outer: str, inner: str) -> None:
    def body(x: Any) -> Any:
        y = TRANSFORMS[outer](TRANSFORMS[inner](part))(x)
        return u.Linear(4, 2)(y) + u.random.uniform(())

    # The state changes the result from step to step, and there are draws, in training and in evaluation.
    assert_parity(body, X, rtol=1e-4, atol=1e-4, gradients="while_loop" not in (outer, inner))


@pytest.mark.parametrize(
    ("outer", "inner"),
    [pair for pair in PAIRS if pair in itertools.product(("scan", "layer_stack", "vmap", "remat", "grad"), repeat=2)],
)
def test_statistics(outer: str, inner: str) -> None:
    def body(x: Any) -> Any:
        return TRANSFORMS[outer](TRANSFORMS[inner](norm_part))(x)

    # The third derivative of batch_norm is wrong in torch 2.13 (docs/notes.md).
    assert_parity(body, X, rtol=1e-3, atol=2e-3, training=True, gradients=(outer, inner) != ("grad", "grad"))


@pytest.mark.parametrize("rng", [None, "portable"])
@pytest.mark.parametrize("order", ["scan in remat", "remat in scan"])
def test_gradients_through_a_scan_with_remat_are_those_of_the_plain_loop(order: str, rng: str | None) -> None:
    def step(x: Any) -> Any:
        return u.Dropout(0.2)(F.tanh(u.Linear(4, 4)(x)))

    def loop(x: Any) -> Any:
        return u.scan(lambda c, _: (step(c), None), x, length=5)[0]

    def remat_loop(x: Any) -> Any:
        if order == "scan in remat":
            return u.remat(loop)(x)
        return u.scan(lambda c, _: (u.remat(step)(c), None), x, length=5)[0]

    results = []
    for body in (loop, remat_loop):
        model = u.transform(body, backend="torch", rng=rng).init(torch.tensor(X), rng=0).train()
        torch.manual_seed(3)
        output = model(torch.tensor(X))
        output.pow(2).sum().backward()
        net = u.transform(body, backend="jax")
        params = net.init(X, rng=0)

        def loss(weight: Any, net: Any = net, params: Any = params) -> Any:
            return (net.apply(params.update({"linear/weight": weight}), X, training=True)[0] ** 2).sum()

        results.append((model.linear.weight.grad, jax.jit(jax.grad(loss))(params["linear/weight"])))
    (plain_torch, plain_jax), (remat_torch, remat_jax) = results
    torch.testing.assert_close(remat_torch, plain_torch, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(remat_jax, plain_jax, rtol=1e-5, atol=1e-6)
    if rng == "portable":
        np.testing.assert_allclose(plain_torch, plain_jax, rtol=1e-4, atol=1e-5)


def test_the_retraces_of_nested_transforms_that_write_do_not_double() -> None:
    """One trace collects the paths that are written, a second threads them; nesting must not multiply the traces."""
    traces = []

    def body(x: Any, depth: int) -> Any:
        def inner(x: Any) -> Any:
            traces.append(1)
            return part(x)

        for _ in range(depth):
            inner = in_scan(inner)
        return inner(x)

    counts = []
    for depth in (1, 2, 3, 4):
        net = u.transform(body, depth=depth, backend="jax")
        params = net.init(X, rng=0)
        traces.clear()
        net.apply(params, X)
        counts.append(len(traces))
    assert counts[0] == 2
    assert np.diff(counts).max() <= 2
