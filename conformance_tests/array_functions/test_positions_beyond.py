"""Positions beyond an array: errors on torch, NaN or what is left on JAX, which cannot raise for a value."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified.numpy as unp
from conformance_tests.array_functions.frameworks import array, mapped, to_numpy

X = np.arange(6, dtype="float32").reshape(2, 3)

CALLS: dict[str, Callable[[Any, Any], Any]] = {
    "take": lambda x, i: unp.take(x, i[0], axis=1),
    "take_along_axis": lambda x, i: unp.take_along_axis(x, i, axis=1),
    "at": lambda x, i: unp.at(x)[..., i[0]].get(),
    "take_along_axis of a vector": lambda x, i: unp.take_along_axis(x[0], i[0]),
}


@pytest.mark.parametrize("place", [3, 5, 2**31, -4, -7])
@pytest.mark.parametrize("name", CALLS)
def test_reading_beyond_an_array(name: str, place: int, backend: str) -> None:
    """Also where there is one position, which torch's `take_along_dim` reads from elsewhere."""
    for positions in ([[place]], [[0, place]]):
        if backend == "torch":
            with pytest.raises((IndexError, RuntimeError), match="out of"):
                CALLS[name](torch.tensor(X), torch.tensor(positions))
        elif abs(place) < 2**31:
            found = to_numpy(CALLS[name](array(X, "jax"), array(np.array(positions, "int32"), "jax")))
            assert np.isnan(found[..., -1]).all() and np.isfinite(found[..., :-1]).all()


@pytest.mark.parametrize("axis", [0, 1, -1, -2])
@pytest.mark.parametrize("shape", [(2, 3), (1, 3), (2, 1), (0, 3), (1, 0)])
def test_the_other_axes_broadcast(shape: tuple[int, int], axis: int, backend: str) -> None:
    rng = np.random.default_rng(3)
    for sizes in (X.shape, (1, 3), (2, 1)):
        x = X[: sizes[0], : sizes[1]]
        others = (shape[1 - axis % 2], sizes[1 - axis % 2])
        if others[0] != others[1] and 1 not in others:
            continue
        positions = rng.integers(-x.shape[axis], x.shape[axis], shape).astype("int32")
        wide = [
            np.broadcast_to(each, tuple(np.insert([max(others) if 0 not in others else 0], axis % 2, each.shape[axis])))
            for each in (x, positions)
        ]
        expected = np.take_along_axis(*wide, axis)
        found = unp.take_along_axis(array(x, backend), array(positions, backend), axis=axis)
        np.testing.assert_array_equal(to_numpy(found), expected)


def test_lanes_and_errors(backend: str) -> None:
    x, places = array(np.stack([X, X + 10]), backend), array(np.array([[[0], [1]], [[2], [-1]]]), backend)
    found = mapped(lambda x, i: unp.take_along_axis(x, i, axis=1), backend)(x, places)
    assert to_numpy(found).tolist() == [[[0], [4]], [[12], [15]]]
    with pytest.raises(ValueError, match=r"dimensions|axes"):
        unp.take_along_axis(array(X, backend), array(np.array([0]), backend))
    with pytest.raises(ValueError, match=r"axis|axes"):
        unp.take_along_axis(array(X, backend)[0, 0], array(np.array(0), backend))


def test_reading_whole_slices_of_an_array_is_no_gather() -> None:
    program = str(jax.make_jaxpr(lambda x: unp.at(x)[1:, None, ..., ::2].get())(X))
    assert "gather" not in program and "slice" in program


def test_integers_beyond_an_array_on_jax() -> None:
    for dtype, expected in (("int32", -(2**31)), ("uint8", 255)):
        x = jnp.arange(3, dtype=dtype)
        for found in (unp.take(x, jnp.array([7])), unp.at(x, 7).get(), unp.take_along_axis(x, jnp.array([7]))):
            assert int(found.reshape(())) == expected
