"""`jax.sharding` on torch: meshes, shardings, and arrays that are given new ones."""

from typing import Any

from unified.compat.jax.on_torch import meshes as _meshes
from unified.compat.jax.on_torch.behaviour import Behaviour
from unified.compat.jax.on_torch.meshes import *  # noqa: F403
from unified.compat.jax.on_torch.placement import place_tree

__all__ = sorted([*_meshes.__all__, "reshard"])  # noqa: PLE0605

BEHAVIOUR = Behaviour(on_arrays=True)


def reshard(x: Any, out_shardings: Any) -> Any:
    return place_tree(x, out_shardings)
