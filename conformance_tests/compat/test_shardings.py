"""Meshes and shardings of one device: what they say of themselves, and what arrays remember, as on JAX."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import unified.compat.jax as jax
import unified.compat.jax.numpy as jnp
from conformance_tests.compat.differential import on

QUESTIONS = (
    "axis_names", "axis_sizes", "shape_tuple", "empty", "size", "auto_axes", "explicit_axes", "manual_axes",
    "are_all_axes_auto", "are_all_axes_explicit", "are_all_axes_manual",
)  # fmt: skip


def answers(mesh: Any) -> list[Any]:
    return [getattr(mesh, name) for name in QUESTIONS] + [str(mesh)]


def abstract(sizes: Any, names: Any, types: Any = None) -> Any:
    kinds = None if types is None else tuple(getattr(jax.sharding.AxisType, name) for name in types)
    return jax.sharding.AbstractMesh(sizes, names, kinds)


MESHES: dict[str, Callable[[], Any]] = {
    "abstract": lambda: abstract((2, 3), ("a", "b")),
    "mixed": lambda: abstract((2, 3), ("a", "b"), ("Explicit", "Manual")),
    "explicit": lambda: abstract((2,), ("a",), ("Explicit",)),
    "no axes": lambda: abstract((), ()),
    "of size 0": lambda: abstract((0,), ("a",)),
    "updated": lambda: abstract((2, 3), ("a", "b")).update(axis_sizes=(4, 5)),
    "types updated": lambda: abstract((2, 3), ("a", "b")).update_axis_types({"b": jax.sharding.AxisType.Explicit}),
    "made": lambda: jax.make_mesh((1, 1), ("a", "b")),
    "of the device": lambda: jax.sharding.Mesh(np.array(jax.devices()[:1]).reshape(1, 1), ("a", "b")),
    "updated mesh": lambda: jax.make_mesh((1,), ("a",)).update(axis_names=("c",)),
    "of created devices": lambda: jax.sharding.Mesh(
        jax.experimental.mesh_utils.create_device_mesh((1, 1), devices=jax.devices()[:1]), ("a", "b")
    ),
}


@pytest.mark.parametrize("name", MESHES)
def test_meshes(name: str) -> None:
    found = {}
    for backend in ("jax", "torch"):
        with on(backend):
            found[backend] = answers(MESHES[name]())
    assert found["torch"] == found["jax"]


def is_equal(types: Any) -> bool:
    return abstract((2,), ("a",)) == abstract((2,), ("a",), types)


@pytest.mark.parametrize(("types", "equal"), [(("Auto",), True), (("Explicit",), False)])
def test_the_types_of_axes_are_part_of_a_mesh(types: Any, equal: bool) -> None:
    for backend in ("jax", "torch"):
        with on(backend):
            assert is_equal(types) is equal


def test_each_axis_has_a_type() -> None:
    for backend in ("jax", "torch"):
        with on(backend), pytest.raises(ValueError):
            abstract((2,), ("a",), ("Auto", "Auto"))


def shardings(x: Any) -> list[str]:
    """The kind of sharding and the spec of arrays that were placed, or not."""
    mesh = jax.make_mesh((1, 1), ("a", "b"), axis_types=(jax.sharding.AxisType.Auto,) * 2)

    def named(*parts: Any) -> Any:
        return jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec(*parts))

    placed = jax.device_put(x, named("a"))
    tree = jax.device_put({"u": x, "v": (x, x)}, {"u": named("b"), "v": named("a", "b")})
    jitted = jax.jit(lambda x: (x + 1, x), out_shardings=(named("a"), None))(x)
    passed = jax.jit(lambda x: x, in_shardings=named("b"), out_shardings=named("b"))(x)
    mapped = jax.shard_map(
        lambda x: x * 2, mesh=mesh, in_specs=jax.sharding.PartitionSpec("a"), out_specs=jax.sharding.PartitionSpec("a")
    )(x)
    constrained = jax.lax.with_sharding_constraint(x, named(None, "b"))
    found = [x, placed, tree["u"], tree["v"][0], tree["v"][1], jitted[0], passed, mapped, constrained]
    return [
        f"{type(array.sharding).__name__} {list(getattr(array.sharding, 'spec', ()))} {array.sharding.num_devices} "
        f"{np.asarray(array).sum()}"
        for array in found
    ]


@pytest.mark.parametrize("dtype", ["float32", "int8"])
def test_arrays_remember_where_they_were_placed(dtype: str) -> None:
    found = {}
    for backend in ("jax", "torch"):
        with on(backend):
            found[backend] = shardings(jnp.ones((2, 3), dtype))
    assert found["torch"] == found["jax"]


def test_a_sharding_names_the_axes_that_it_does_not_use() -> None:
    for backend in ("jax", "torch"):
        with on(backend):
            sharding = jax.sharding.NamedSharding(
                abstract((1, 1, 1), ("a", "b", "c")), jax.sharding.PartitionSpec(("a", "b"))
            )
            assert sharding.replicated_axes == frozenset({"c"})
            spec = jax.sharding.PartitionSpec("a").update(unreduced={"b"})
            assert spec.unreduced == {"b"}
            assert spec.partitions == ("a",)
