"""`jax.experimental.shard_map`, an older place of `jax.shard_map`."""

from typing import Any

from unified.compat.jax import dispatch as _dispatch

__all__ = ["shard_map"]

_shard_map = _dispatch.function("", "shard_map")


def shard_map(f: Any, mesh: Any, in_specs: Any, out_specs: Any, check_rep: bool = True, auto: Any = frozenset()) -> Any:
    """Map a function over the parts of arrays on a mesh; see `jax.shard_map`, whose older signature this is."""
    names = set(mesh.axis_names) - set(auto)
    return _shard_map(f, mesh=mesh, in_specs=in_specs, out_specs=out_specs, check_vma=check_rep, axis_names=names)
