"""Running one expression on JAX and on torch, with NumPy arrays for its inputs, and comparing what comes out."""

import contextlib
from collections.abc import Iterator
from typing import Any

import ml_dtypes
import numpy as np

import unified as u
import unified.compat.jax as jax

__all__ = ["check", "on", "run"]


@contextlib.contextmanager
def on(backend: str) -> Iterator[None]:
    """Has a backend run the block."""
    before = u.core.backends.chosen()
    u.set_backend(backend)
    try:
        yield
    finally:
        u.set_backend(before)


def run(backend: str, function: Any, *inputs: Any) -> list[np.ndarray]:
    """The arrays of what the function gives, of the inputs as arrays of that framework."""
    with on(backend):
        given = [jax.numpy.asarray(x) if isinstance(x, np.ndarray) else x for x in inputs]
        return [np.asarray(leaf) for leaf in jax.tree_util.tree_leaves(function(*given))]


def check(function: Any, *inputs: Any, rtol: float = 1e-5, atol: float = 1e-6) -> None:
    """Equal shapes and dtypes, and values within the tolerance."""
    wanted, found = run("jax", function, *inputs), run("torch", function, *inputs)
    assert len(found) == len(wanted)
    for ours, theirs in zip(found, wanted, strict=True):
        assert ours.shape == theirs.shape
        assert ours.dtype == theirs.dtype
        if ours.dtype in (np.float16, ml_dtypes.bfloat16):
            ours, theirs, rtol = ours.astype(np.float32), theirs.astype(np.float32), max(rtol, 2.0**-8)
        np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=atol)
