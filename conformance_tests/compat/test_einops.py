"""einops on the arrays of JAX code on torch, and in bodies of models on either framework."""

import subprocess
import sys
from typing import Any

import einops
import jax as oracle
import numpy as np
import pytest
import torch

import unified as u
import unified.compat.jax as jax
import unified.functional as F
from conformance_tests.compat.differential import check, on

X = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
CALLS: dict[str, Any] = {
    "rearrange": lambda x: einops.rearrange(x, "b c (h w) -> (b h) w c", h=2),
    "list": lambda x: einops.rearrange([x, x], "n b c d -> b (n c) d"),
    "reduce mean": lambda x: einops.reduce(x, "b c d -> b 1", "mean"),
    "reduce max": lambda x: einops.reduce(x, "b (c k) d -> b c d", "max", k=3),
    "reduce prod": lambda x: einops.reduce(x, "b c d -> d", "prod"),
    "repeat": lambda x: einops.repeat(x, "b c d -> b k (c r) d", k=2, r=3),
    "einsum": lambda x: einops.einsum(x, x, "b c d, b e d -> b c e"),
    "pack": lambda x: einops.pack([x, x[:, 0]], "b * d")[0],
    "unpack": lambda x: einops.unpack(x, [(1,), (2,)], "b * d"),
    "grad": lambda x: jax.grad(lambda x: einops.reduce(x**2, "b c d -> ", "sum"))(x),
    "vmap": lambda x: jax.vmap(lambda y: einops.rearrange(y, "c d -> d c"))(x),
}


@pytest.mark.parametrize("name", CALLS)
def test_like_jax(name: str) -> None:
    check(CALLS[name], X)


def test_compiled() -> None:
    def run(x: Any) -> Any:
        return einops.repeat(
            einops.reduce(einops.rearrange(x, "b c d -> d b c"), "d b c -> b c", "sum"), "b c -> b c 2"
        )

    with on("torch"):
        x = jax.numpy.asarray(X)
        compiled = torch.compile(jax.jit(run), fullgraph=True, backend="aot_eager")
        np.testing.assert_array_equal(compiled(x), run(x))


def test_keys() -> None:
    with on("torch"):
        keys = jax.random.split(jax.random.key(3), 4)
        assert einops.rearrange(keys, "(a b) -> a b", a=2).shape == (2, 2)
        assert str(einops.rearrange(keys, "(a b) -> a b", a=2).dtype) == "key<fry>"


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_in_a_body(backend: str) -> None:
    def body(x: Any) -> Any:
        x = einops.rearrange(F.relu(u.Linear(4, 4)(x)), "b (h w) -> b h w", h=2)
        return einops.reduce(einops.repeat(x, "b h w -> b h w c", c=3), "b h w c -> b c", "mean")

    net = u.transform(body, backend=backend)
    x: Any = torch.ones(3, 4) if backend == "torch" else oracle.numpy.ones((3, 4))
    params = net.init(x, rng=0)
    y = params(x) if backend == "torch" else net.apply(params, x)
    y = y[0] if isinstance(y, tuple) else y
    assert tuple(y.shape) == (3, 3)


def test_imported_afterwards() -> None:
    code = """
import sys
import unified as u, unified.compat.jax as jax
u.set_backend("torch")
x = jax.numpy.ones((2, 3))
assert "einops" not in sys.modules
import einops
assert einops.rearrange(x, "a b -> b a").shape == (3, 2)
"""
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": "."})
