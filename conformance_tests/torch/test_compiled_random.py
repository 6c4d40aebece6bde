"""`rng="portable"` under `torch.compile`: one graph, and the bits of the eager model and of JAX."""

import itertools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
import unified.functional as F

pytestmark = pytest.mark.slow

SHAPE = (3, 4, 6)


@pytest.fixture(autouse=True)
def _no_compiled_code() -> Any:
    torch._dynamo.reset()
    yield
    torch._dynamo.reset()


class Block(u.Module):
    def __call__(self, x: Any) -> Any:
        return u.Dropout(0.3)(u.Dropout(0.5)(x)) + self.noise(x)

    def noise(self, x: Any) -> Any:
        return u.random.uniform((x.shape[-1],), minval=1.0, maxval=3.0)


def modules(x: Any) -> Any:
    return Block()(Block()(x))


def every_draw(x: Any) -> Any:
    return (
        u.random.normal((5, 2)),
        u.random.uniform(7, minval=-3.0, maxval=3.0),
        u.random.uniform((2, 0)),
        u.random.bernoulli(0.2, (4, 4)),
        u.random.bernoulli(),
        u.random.randint((9,), -5, 100_000_000),
        u.random.permutation(11),
        u.random.normal(()),
    )


def dropouts(x: Any) -> Any:
    return u.Dropout1d(0.5)(x), u.AlphaDropout(0.4)(x), F.dropout(x, 0.5), F.dropout2d(x, 0.3), u.RReLU()(-x)


def attention(x: Any) -> Any:
    return u.MultiheadAttention(6, 2, dropout=0.5, batch_first=True)(x, x, x)[0]


def steps(x: Any) -> Any:
    total, ys = u.scan(lambda c, row: (c + u.random.uniform(()), u.Dropout(0.5)(row)), jnp_zero(x), x)
    return total, ys


def lanes(x: Any) -> Any:
    draw = u.vmap(lambda row: u.Dropout(0.5)(row) + u.random.uniform((1,)), split_rngs=True)
    nested = u.vmap(u.vmap(lambda row: u.random.randint((3,), 0, 99) + 0 * row[:3], split_rngs=True), split_rngs=True)
    shared = u.vmap(lambda row: row * u.random.bernoulli(0.5, row.shape))
    return draw(x), nested(x), shared(x)


def branches(x: Any) -> Any:
    return u.cond(x.sum() > 0, lambda x: u.Dropout(0.5)(x), lambda x: -u.random.uniform((3, 4, 6)), x)


def loops(x: Any) -> Any:
    return u.fori_loop(0, 3, lambda i, x: u.Dropout(0.2)(x), x)


def jnp_zero(x: Any) -> Any:
    return x.sum() * 0


BODIES = [modules, every_draw, dropouts, attention, steps, lanes, branches, loops]


def example() -> np.ndarray:
    return np.random.default_rng(0).uniform(0.5, 1.5, SHAPE).astype(np.float32)


def model(body: Any) -> Any:
    net: Any = u.transform(body, backend="torch", rng="portable")
    return net.init(torch.from_numpy(example()), rng=3).train()


def leaves(tree: Any) -> list[Any]:
    return [leaf.detach() if isinstance(leaf, torch.Tensor) else leaf for leaf in jax.tree.leaves(tree)]


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body.__name__)
@pytest.mark.parametrize("backend", ["eager", pytest.param("inductor", marks=pytest.mark.slow)])
def test_compiled_draws(body: Any, backend: str) -> None:
    x = torch.from_numpy(example())
    eager, twin = model(body), model(body)
    compiled = torch.compile(twin, fullgraph=True, backend=backend)
    of_jax: Any = u.transform(body, backend="jax")
    params = of_jax.init(jnp.asarray(example()), rng=3)
    for _ in range(3):
        outputs, expected = leaves(compiled(x)), leaves(eager(x))
        on_jax, changes = of_jax.apply(params, jnp.asarray(example()), training=True)
        params = params | changes
        for output, value, other in zip(outputs, expected, jax.tree.leaves(on_jax), strict=True):
            if body in (every_draw, lanes):
                np.testing.assert_array_equal(output, value)
                np.testing.assert_array_equal(output, other)
            np.testing.assert_allclose(output, value, rtol=1e-6, atol=1e-6)
            np.testing.assert_allclose(output, other, rtol=1e-5, atol=1e-5)
    assert int(twin.rng.counter) == int(eager.rng.counter) == int(params["rng/counter"]) == 3


def test_calls_share_one_graph() -> None:
    counter = torch._dynamo.testing.CompileCounter()
    compiled = torch.compile(model(modules), fullgraph=True, backend=counter)
    outputs = [compiled(torch.from_numpy(example())) for _ in range(4)]
    assert counter.frame_count == 1
    assert not any(torch.equal(one, other) for one, other in itertools.pairwise(outputs))


def test_gradients_and_sizes() -> None:
    eager, compiled = model(attention), model(attention)
    run = torch.compile(compiled, fullgraph=True, backend="aot_eager", dynamic=True)
    for size in (3, 5, 2):
        x = torch.ones(size, 4, 6)
        run(x).square().sum().backward()
        eager(x).square().sum().backward()
    for (name, one), (_, other) in zip(eager.named_parameters(), compiled.named_parameters(), strict=True):
        torch.testing.assert_close(one.grad, other.grad, rtol=1e-5, atol=1e-5, msg=name)


def test_a_model_that_comes_from_a_file_compiles(tmp_path: Any) -> None:
    """Nothing of init needs to have run in this process."""
    net = model(modules)
    torch.save(net, tmp_path / "net.pt")
    twin = torch.load(tmp_path / "net.pt", weights_only=False)
    x = torch.from_numpy(example())
    assert torch.equal(torch.compile(twin, fullgraph=True, backend="eager")(x), net(x))


def test_exported_draws() -> None:
    net, x = model(modules), torch.from_numpy(example())
    expected = net(x)
    program = torch.export.export(model(modules), (x,))
    assert not any("unified" in str(node.target) for node in program.graph.nodes)
    torch.testing.assert_close(program.module()(x), expected, rtol=1e-6, atol=1e-6)
