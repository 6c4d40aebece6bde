"""`unified.numpy` as a user writes it: arrays of either framework go in, and the same come out."""

from typing import assert_type

import jax
import jax.numpy as jnp
import torch

import unified as u
import unified.numpy as unp

x = torch.ones(2, 10)
j = jnp.ones((2, 10))


def of_both_frameworks() -> None:
    """A function returns arrays of the framework whose arrays it is given; numbers stand beside them."""
    assert_type(unp.exp(x), torch.Tensor)
    assert_type(unp.exp(j), jax.Array)
    assert_type(unp.maximum(x, 0), torch.Tensor)
    assert_type(unp.add(2.5, j), jax.Array)
    assert_type(unp.sum(x, axis=(0, -1), keepdims=True), torch.Tensor)
    assert_type(unp.std(j, axis=-1, correction=1), jax.Array)
    assert_type(unp.concat([x, x], axis=1), torch.Tensor)
    assert_type(unp.split(j, [1, 2], axis=1), list[jax.Array])
    assert_type(unp.unstack(x), tuple[torch.Tensor, ...])
    assert_type(unp.einsum("ij,kj->ik", x, x), torch.Tensor)
    assert_type(unp.top_k(x, 2).values, torch.Tensor)
    assert_type(unp.linalg.svd(j).S, jax.Array)
    assert_type(unp.fft.rfft(x, norm="ortho"), torch.Tensor)
    assert_type(unp.at(x, (0, slice(None))).add(1.0), torch.Tensor)
    assert_type(unp.at(j)[0].set(j[1]), jax.Array)
    assert_type(unp.segment_sum(x, torch.tensor([0, 1]), 2), torch.Tensor)
    assert_type(unp.isdtype(x.dtype, ("bool", "integral")), bool)
    assert_type(unp.finfo(unp.bfloat16).eps, float)
    assert_type(unp.pi, float)


def body(x: u.Array, mask: u.Array) -> u.Array:
    """In a body arrays are of either framework."""
    positions = unp.arange(x.shape[-1], dtype=unp.int32)
    x = unp.where(mask, x, 0.0) + unp.zeros((3,), like=x) + unp.take(x, positions, axis=-1)
    if x.dtype == unp.float32:
        x = unp.astype(x, "bfloat16")
    return unp.pad(unp.softmax(x), ((0, 0), (1, 1)), mode="reflect")


u.transform(body, backend="torch")
