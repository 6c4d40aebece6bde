"""Layers whose input is split over an explicit axis of a mesh, as data parallelism does: JAX's types of the outputs.

Only types are computed, on a mesh without devices; values on devices are compared in `types_on_jax.py`.
"""

from typing import Any

import jax
import jax.numpy as jnp
import pytest
from jax.sharding import AbstractMesh, AxisType, NamedSharding, PartitionSpec

import unified as u
import unified.functional as F

MESH = AbstractMesh((2, 2), ("data", "model"), axis_types=(AxisType.Explicit,) * 2)
ARRAY, IMAGES, IDS = (4, 6, 5), (4, 4, 6, 6), (4, 5)
CLASS_WEIGHTS = (0.2, 0.3, 0.5, 0.1, 0.4, 0.6)

# The shape of an input that is split along its first axis, and what is computed of it.
BODIES: dict[str, tuple[tuple[int, ...], Any]] = {
    "embedding": (IDS, lambda x: u.Embedding(7, 3)(x)),
    "embedding that counts": (IDS, lambda x: u.Embedding(7, 3, max_norm=1.0, scale_grad_by_freq=True)(x)),
    "embedding bag": (IDS, lambda x: u.EmbeddingBag(7, 3)(x)),
    "group norm": (ARRAY, lambda x: u.GroupNorm(2, 6)(x)),
    "instance norm": (IMAGES, lambda x: u.InstanceNorm2d(4, affine=True)(x)),
    "unfold": (IMAGES, lambda x: u.Unfold(2)(x)),
    "fold": ((4, 12, 25), lambda x: u.Fold(6, 2)(x)),
    "pixel shuffle": (IMAGES, lambda x: u.PixelShuffle(2)(x)),
    "pixel unshuffle": (IMAGES, lambda x: u.PixelUnshuffle(2)(x)),
    "channel shuffle": (IMAGES, lambda x: u.ChannelShuffle(2)(x)),
    "replication pad": (IMAGES, lambda x: u.ReplicationPad2d(1)(x)),
    "padded max pool": (IMAGES, lambda x: u.MaxPool2d(3, padding=1)(x)),
    "max unpool": (IMAGES, lambda x: u.MaxUnpool2d(2)(*u.MaxPool2d(2, return_indices=True)(x))),
    "adaptive average pool": (IMAGES, lambda x: u.AdaptiveAvgPool2d(4)(x)),
    "adaptive max pool": (IMAGES, lambda x: u.AdaptiveMaxPool2d(4)(x)),
    "fractional max pool": (IMAGES, lambda x: u.FractionalMaxPool2d(2, output_size=3)(x)),
    "power pool": (IMAGES, lambda x: u.LPPool2d(float("inf"), 3, stride=2, ceil_mode=True)(x)),
    "weighted classes": (
        ARRAY,
        lambda x: F.cross_entropy(
            x, jnp.argmax(x, 1), weight=jnp.array(CLASS_WEIGHTS), reduction="none", label_smoothing=0.1
        ),
    ),
    "weighted margins": (
        ARRAY[:2],
        lambda x: F.multi_margin_loss(x, jnp.argmax(x, 1), weight=jnp.array(CLASS_WEIGHTS), reduction="none"),
    ),
}


def split(shape: tuple[int, ...], dtype: Any, *axes: Any) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct(shape, dtype, sharding=NamedSharding(MESH, PartitionSpec(*axes)))


@pytest.mark.parametrize("name", BODIES)
def test_a_batch_that_is_split_stays_split(name: str) -> None:
    shape, body = BODIES[name]
    net = u.transform(body, backend="jax")
    dtype = jnp.int32 if shape == IDS else jnp.float32
    params = jax.tree.map(lambda leaf: split(leaf.shape, leaf.dtype), net.eval_shape(jnp.zeros(shape, dtype)))
    x = split(shape, dtype, "data")

    def loss(inexact: Any, rest: Any, x: Any) -> Any:
        weights, x = inexact if x is None else (inexact, x)
        return jnp.sum(net.apply(weights | rest, x, training=True)[0] ** 2)

    weights, rest = params.split()
    with jax.sharding.use_abstract_mesh(MESH):
        output = jax.eval_shape(lambda *args: net.apply(*args, training=True)[0], params, x)
        assert output.sharding.spec[0] == "data"
        if dtype == jnp.float32:
            of_weights, of_x = jax.eval_shape(jax.grad(loss), (weights, x), rest, None)
            assert of_x.sharding.spec[0] == "data"
        else:
            of_weights = jax.eval_shape(jax.grad(loss), weights, rest, x)
    assert all(not any(leaf.sharding.spec) for leaf in jax.tree.leaves(of_weights))


@pytest.mark.parametrize(
    ("rows", "result"),
    [
        ((), ("data", None, None)),
        (("model",), ("data", None, None)),
        (("data",), ("data", None, None)),
        ((None, "model"), ("data", None, "model")),
        ((None, "data"), ("data", None, None)),
    ],
)
def test_a_table_that_is_split(rows: tuple[Any, ...], result: tuple[Any, ...]) -> None:
    table, ids = split((8, 6), jnp.float32, *rows), split(IDS, jnp.int32, "data")
    with jax.sharding.use_abstract_mesh(MESH):
        assert tuple(jax.eval_shape(F.embedding, ids, table).sharding.spec) == result
        gradient = jax.eval_shape(jax.grad(lambda table, ids: F.embedding(ids, table).sum()), table, ids)
    assert tuple(gradient.sharding.spec) == (*rows, None, None)[:2]
    whole = split(IDS, jnp.int32)
    with jax.sharding.use_abstract_mesh(MESH):
        assert jax.eval_shape(F.embedding, whole, table).sharding.spec[:2] == (None, None)
