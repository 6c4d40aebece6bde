"""Collectives over named axes of `jax.vmap`, on torch as on JAX, with their gradients."""

from collections.abc import Callable
from typing import Any

import haiku
import jax as real_jax
import numpy as np
import pytest

import unified.compat.haiku as hk
import unified.compat.jax as jax
from conformance_tests.compat.differential import check, on

jnp, lax = jax.numpy, jax.lax
X = np.random.default_rng(0).normal(size=(4, 3, 8)).astype(np.float32)
LANES: dict[str, Callable[[Any], Any]] = {
    "psum": lambda x: lax.psum(x, "i"),
    "psum of a tree": lambda x: lax.psum({"a": x, "b": (x > 0).astype(jnp.int32)}, "i"),
    "psum of 1": lambda x: x / lax.psum(1, "i"),
    "pmean": lambda x: x - lax.pmean(x, "i"),
    "pmean of integers": lambda x: lax.pmean((x > 0).astype(jnp.int32), "i"),
    "pmax": lambda x: lax.pmax(x, "i") * x,
    "pmin": lambda x: lax.pmin(x, axis_name="i"),
    "axis_index": lambda x: x * lax.axis_index("i"),
    "axis_size": lambda x: x * lax.axis_size("i"),
    "all_gather": lambda x: lax.all_gather(x, "i"),
    "all_gather, axis": lambda x: lax.all_gather(x, "i", axis=1),
    "all_gather, tiled": lambda x: lax.all_gather(x, "i", axis=1, tiled=True),
    "psum_scatter": lambda x: lax.psum_scatter(x.reshape(6, 4), "i", scatter_dimension=1),
    "psum_scatter, tiled": lambda x: lax.psum_scatter(x, "i", scatter_dimension=1, tiled=True),
    "all_to_all": lambda x: lax.all_to_all(x.reshape(6, 4), "i", 1, 0),
    "all_to_all, tiled": lambda x: lax.all_to_all(x, "i", 1, 0, tiled=True),
    "ppermute": lambda x: lax.ppermute(x, "i", [(0, 1), (1, 2), (2, 3), (3, 0)]),
    "pshuffle": lambda x: lax.pshuffle(x, "i", [2, 0, 3, 1]),
    "unmapped": lambda x: lax.psum(jnp.ones(2), "i"),
}


@pytest.mark.parametrize("name", LANES)
def test_lanes(name: str) -> None:
    check(lambda x: jax.vmap(LANES[name], axis_name="i")(x), X)


@pytest.mark.parametrize("name", ["psum", "pmean", "all_gather, axis", "psum_scatter", "all_to_all, tiled", "ppermute"])
def test_gradients(name: str) -> None:
    """Of all lanes together, and of each by itself."""

    def loss(x: Any) -> Any:
        return jnp.sum(jnp.sin(LANES[name](x * x)) * jnp.cos(x).sum())

    check(lambda x: jax.grad(lambda x: jax.vmap(loss, axis_name="i")(x).sum())(x), X)
    check(lambda x: jax.vmap(jax.grad(loss), axis_name="i")(x), X)


def test_two_axes() -> None:
    """Of the outer, the inner, and both, where axes without a name and gradients stand between."""

    def inner(x: Any) -> Any:
        both = ("i", "j")
        return (
            lax.psum(x, "i"), lax.pmean(x, "j"), lax.psum(x, both), lax.axis_index(both),
            jax.vmap(lambda y: lax.pmax(y, "i") + lax.pmin(y, "j"))(x),
            jax.grad(lambda x: jnp.sum(lax.psum(x**2, "i") * x))(x),
        )  # fmt: skip

    check(lambda x: jax.vmap(jax.vmap(inner, axis_name="j"), in_axes=1, axis_name="i")(x), X)
    check(lambda x: jax.vmap(jax.vmap(lambda x: lax.psum(x, "i"), axis_name="i"), axis_name="i")(x), X)


def test_what_jax_has_for_devices_alone() -> None:
    """`jax.vmap` takes no partial permutation, no gather over two axes and no groups."""
    with on("torch"):
        x = jnp.asarray(X)
        found = jax.vmap(lambda x: lax.ppermute(x, "i", [(0, 1), (3, 0)]), axis_name="i")(x)
        np.testing.assert_array_equal(found, [X[3], X[0], X[0] * 0, X[0] * 0])
        both = jax.vmap(jax.vmap(lambda x: lax.all_gather(x, ("i", "j")), axis_name="j"), axis_name="i")(x)
        np.testing.assert_array_equal(both, np.broadcast_to(X.reshape(12, 8), (4, 3, 12, 8)))
        groups = [[0, 2], [1, 3]]
        found = jax.vmap(lambda x: lax.psum(x, "i", axis_index_groups=groups), axis_name="i")(x)
        np.testing.assert_allclose(found, [X[0] + X[2], X[1] + X[3]] * 2)


def shared(hk: Any, jax: Any, make: Callable[[Any], Any], x: Any) -> Any:
    """The outputs and state of a module on four replicas, by `jax.vmap`."""
    net = hk.transform_with_state(lambda x: make(hk)(x, True))
    params, state = jax.vmap(lambda x: net.init(jax.random.PRNGKey(0), x), axis_name="i")(x)
    found = jax.vmap(lambda params, state, x: net.apply(params, state, None, x), axis_name="i")(params, state, x)
    return [np.asarray(leaf) for leaf in jax.tree_util.tree_leaves(found)]


LAYERS: dict[str, Callable[[Any], Any]] = {
    "BatchNorm": lambda hk: hk.BatchNorm(True, True, 0.9, cross_replica_axis="i"),
    "VectorQuantizer": lambda hk: hk.nets.VectorQuantizer(8, 5, 0.25, cross_replica_axis="i"),
    "VectorQuantizerEMA": lambda hk: hk.nets.VectorQuantizerEMA(8, 5, 0.25, 0.9, cross_replica_axis="i"),
}


@pytest.mark.parametrize("name", LAYERS)
def test_layers_share_their_statistics(name: str) -> None:
    """As dm-haiku's do."""
    wanted = shared(haiku, real_jax, LAYERS[name], X)
    for backend in ("jax", "torch"):
        with on(backend):
            found = shared(hk, jax, LAYERS[name], jnp.asarray(X))
            for ours, theirs in zip(found, wanted, strict=True):
                np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


def test_norms_share_in_groups() -> None:
    """Batch norm over two lanes is batch norm of the batches of both."""
    options = {"cross_replica_axis": "i", "cross_replica_axis_index_groups": [[0, 1], [2, 3]]}
    with on("torch"):
        parts = [
            hk.transform_with_state(lambda x, given=given: hk.BatchNorm(True, True, 0.9, **given)(x, True))
            for given in (options, {})
        ]
        x = jnp.asarray(X)
        params, state = parts[1].init(0, x[0])
        found, new = jax.vmap(lambda x: parts[0].apply(params, state, None, x), axis_name="i")(x)
        for group in (0, 1):
            pair = slice(2 * group, 2 * group + 2)
            wanted, wanted_state = parts[1].apply(params, state, None, x[pair].reshape(6, 8))
            np.testing.assert_allclose(found[pair].reshape(6, 8), wanted, rtol=1e-4, atol=1e-5)
            for module, bundle in new.items():
                for key, value in bundle.items():
                    np.testing.assert_allclose(value[2 * group], wanted_state[module][key], rtol=1e-4, atol=1e-5)


def test_errors() -> None:
    with on("torch"):
        with pytest.raises(NameError, match="unbound axis name: j"):
            jax.vmap(lambda x: lax.psum(x, "j"), axis_name="i")(jnp.asarray(X))
        with pytest.raises(NameError, match="unbound axis name: i"):
            lax.axis_index("i")
        with pytest.raises(ValueError, match="twice"):
            jax.vmap(lambda x: lax.ppermute(x, "i", [(0, 1), (2, 1)]), axis_name="i")(jnp.asarray(X))
