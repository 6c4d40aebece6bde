"""The shardings of arrays: on one device they split nothing, and an array remembers the one that it was given.

What is computed from an array does not: it is on the device, which is what its `sharding` says.
"""

from typing import Any

import torch

from unified.compat.jax.on_torch import meshes, tree_util
from unified.compat.jax.on_torch.array import as_array
from unified.compat.jax.on_torch.devices import torch_device_of
from unified.compat.jax.on_torch.tracing import current

__all__ = ["place", "place_tree"]


def place(leaf: Any, target: Any) -> Any:
    """Return an array on the device of a device or sharding, which it remembers; `None` changes nothing."""
    array = as_array(leaf)
    if isinstance(target, meshes.PartitionSpec):
        target = meshes.NamedSharding(meshes.get_mesh(), target)
    if hasattr(target, "sharding"):  # a layout
        target = target.sharding
    device = torch_device_of(target)
    value = array.tensor if device is None else array.tensor.to(device)
    if not isinstance(target, meshes.NamedSharding) or current() is not None or torch.compiler.is_compiling():
        return array if value is array.tensor else type(array)(value)
    placed = value.view_as(value)  # so that the array that was given remembers nothing
    placed._unified_sharding = target  # type: ignore[attr-defined]  # which `Array.sharding` reads
    return type(array)(placed)


def place_tree(value: Any, targets: Any) -> Any:
    """Place the arrays of a tree as a tree of shardings says that is a prefix of it."""
    if targets is None:
        return tree_util.tree_map(as_array, value)
    shardings, prefix = tree_util.tree_flatten(targets, is_leaf=lambda leaf: leaf is None)
    parts = [
        tree_util.tree_map(lambda leaf, target=target: place(leaf, target), part)
        for target, part in zip(shardings, prefix.flatten_up_to(value), strict=True)
    ]
    return prefix.unflatten(parts) if len(parts) != 1 or prefix != tree_util.STAR else parts[0]
