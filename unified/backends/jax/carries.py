"""Carries of loops, in the types that JAX asks for within `shard_map` and on meshes with explicit axes.

There the type of an array says over which axes of the mesh it varies, or how it is split. A loop's carry must go in as
it comes out, and zeros that a layer starts from vary over none.
"""

from collections.abc import Callable
from typing import Any

import jax
from jax import lax

__all__ = ["typed_carry"]

MOST_ROUNDS = 8  # a part of the carry may follow from another part, which changes in the round before


def typed_carry(step: Callable[[Any], Any], carry: Any) -> Any:
    """Return `carry` in the types of `step(carry)`, as far as they differ in the axes of a mesh.

    Without a mesh the carry is returned as it is, and `step` is not called.
    """
    if jax.sharding.get_abstract_mesh().empty:
        return carry
    for _ in range(MOST_ROUNDS):
        leaves, structure = jax.tree.flatten(carry)
        outputs = jax.make_jaxpr(step)(carry).out_avals
        if len(outputs) != len(leaves):
            return carry  # of another structure, of which the loop itself complains
        new = [_typed(leaf, output) for leaf, output in zip(leaves, outputs, strict=True)]
        if all(one is other for one, other in zip(new, leaves, strict=True)):
            return carry
        carry = jax.tree.unflatten(structure, new)
    return carry


def _typed(value: Any, target: Any) -> Any:
    """Return an array that varies over the axes over which `target` does, and is split as it."""
    source = jax.typeof(value)
    if source.shape != target.shape or source.dtype != target.dtype:
        return value
    missing = target.manual_axis_type.varying - source.manual_axis_type.varying
    if missing:
        value = lax.pcast(value, tuple(sorted(missing)), to="varying")
    if source.sharding.spec != target.sharding.spec:
        value = jax.sharding.reshard(value, target.sharding)
    return value
