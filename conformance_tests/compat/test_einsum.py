"""The subscripts of `einsum`: every character names an axis, and mistakes are JAX's kind of error."""

from typing import Any

import numpy as np
import pytest

import unified.compat.jax as jax
import unified.compat.jax.numpy as jnp
from conformance_tests.compat.differential import check, on

RANDOM = np.random.default_rng(0)
A = RANDOM.normal(size=(2, 3)).astype(np.float32)
B = RANDOM.normal(size=(3, 4)).astype(np.float32)
CALLS: list[tuple[str, tuple[Any, ...]]] = [
    ("ij,jk->ik", (A, B)),
    (" ij , jk -> ik ", (A, B)),
    ("...h1d,...kd->...kh", (A[:, None, None], RANDOM.normal(size=(2, 5, 3)).astype(np.float32))),
    ("жj,jд->дж", (A, B)),
    ("01,12", (A, B)),
    ("ij,jk->ik", (A, B[:1])),
    ("ij,jk->ik", (A[:0], B)),
    ("ij->", (A,)),
    ("ij,ij->ij", (A > 0, A < 1)),
    ("i j, j", ((A * 9).astype(np.int8), (B[:, 0] * 9).astype(np.int8))),
    ("ij,jk", (A.astype(np.float16), B.astype(np.float16))),
]


@pytest.mark.parametrize(("subscripts", "operands"), CALLS)
def test_subscripts(subscripts: str, operands: Any) -> None:
    check(lambda *x: jnp.einsum(subscripts, *x), *operands, rtol=1e-2 if operands[0].dtype == np.float16 else 1e-5)


def test_transforms() -> None:
    check(lambda a, b: jax.grad(lambda a: jnp.einsum("ж1,1b->", a, b))(a), A, B)
    check(lambda a, b: jax.vmap(lambda row: jnp.einsum("1,1b->b", row, b))(a), A, B)
    check(lambda a, b: jax.jit(lambda a, b: jnp.einsum("ж1,1b->bж", a, b))(a, b), A, B)


MISTAKES: list[tuple[str, tuple[Any, ...]]] = [
    ("ij,jk->ik", (A, A)),
    ("ij,jk", (A,)),
    ("ij,jk->ij->k", (A, B)),
    ("ij->i1", (A,)),
    ("ijk->i", (A,)),
    ("ij,ij->iij", (A, A)),
    ("ii->i", (A,)),
]


@pytest.mark.parametrize(("subscripts", "operands"), MISTAKES)
def test_mistakes(subscripts: str, operands: Any) -> None:
    for backend in ("jax", "torch"):
        with on(backend), pytest.raises(ValueError):
            jnp.einsum(subscripts, *[jnp.asarray(x) for x in operands])
