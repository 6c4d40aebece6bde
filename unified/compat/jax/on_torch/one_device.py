"""The functions of `jax` on devices and meshes: on torch there is one device."""

import contextlib
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from unified.backends.torch.lanes import mapped as in_axis
from unified.compat.jax.active_backend import use_backend
from unified.compat.jax.on_torch import meshes, sharding, tree_util
from unified.compat.jax.on_torch.array import Array, of_numpy
from unified.compat.jax.on_torch.behaviour import Behaviour
from unified.compat.jax.on_torch.devices import Device, default
from unified.compat.jax.on_torch.placement import place_tree
from unified.compat.jax.on_torch.transforms import TORCH, enter, leave

__all__ = [
    "Device",
    "default_backend",
    "device_count",
    "devices",
    "host_count",
    "host_id",
    "host_ids",
    "local_device_count",
    "local_devices",
    "make_array_from_callback",
    "make_mesh",
    "process_count",
    "process_index",
    "process_indices",
    "reshard",
    "set_mesh",
    "shard_map",
]

BEHAVIOUR = Behaviour(on_arrays=True)

reshard, set_mesh = sharding.reshard, meshes.set_mesh


def default_backend() -> str:
    return default().platform


def devices(backend: Any = None) -> list[Device]:
    kind = {"gpu": "cuda", "cuda": "cuda", "cpu": "cpu"}.get(str(backend)) if backend else None
    if kind == "cuda" and not torch.cuda.is_available():
        raise RuntimeError(f"torch has no device of the platform {backend!r} here")
    return [default() if kind is None else Device(torch.device(kind))]


def local_devices(process_index: Any = None, backend: Any = None, host_id: Any = None) -> list[Device]:
    return devices(backend)


def device_count(backend: Any = None) -> int:
    return 1


local_device_count = device_count


def process_index(backend: Any = None) -> int:
    return default().process_index


def process_count(backend: Any = None) -> int:
    return torch.distributed.get_world_size() if torch.distributed.is_initialized() else 1


host_id, host_count = process_index, process_count


def process_indices(backend: Any = None) -> list[int]:
    return list(range(process_count()))


host_ids = process_indices


def make_mesh(axis_shapes: Any, axis_names: Any, axis_types: Any = None, *, devices: Any = None) -> meshes.Mesh:
    count = math.prod(axis_shapes)
    if count != 1:
        raise meshes.several(count)
    mesh = np.empty(tuple(axis_shapes), object)
    mesh.fill(default() if devices is None else next(iter(devices)))
    types = meshes.AxisType.Explicit if axis_types is None else axis_types
    return meshes.Mesh(mesh, tuple(axis_names), types)


def make_array_from_callback(
    shape: Any, sharding: Any, data_callback: Callable[[Any], Any], dtype: Any = None
) -> Array:
    return Array(of_numpy(np.asarray(data_callback((slice(None),) * len(shape)), dtype)))


def shard_map(
    f: Any = None, /, *, out_specs: Any = None, in_specs: Any = None, mesh: Any = None, axis_names: Any = None,
    check_vma: bool = True,
) -> Any:  # fmt: skip
    """Return `f` mapped over the parts of arrays on a mesh: on one device, each array is its only part."""
    if f is None:
        return lambda f: shard_map(f, out_specs=out_specs, in_specs=in_specs, mesh=mesh, axis_names=axis_names)
    current = meshes.get_abstract_mesh() if mesh is None else mesh
    names = axis_names if axis_names else current.axis_names

    def mapped(*args: Any) -> Any:
        with contextlib.ExitStack() as stack:
            stack.enter_context(use_backend(TORCH))
            for name in names:
                stack.enter_context(in_axis(name, 1, None))
            output = f(*enter(args))
        mesh_of_specs = meshes.get_mesh() if mesh is None else mesh
        return leave(place_tree(output, _named(mesh_of_specs, out_specs)), args)

    return mapped


def _named(mesh: Any, specs: Any) -> Any:
    """Return the tree of shardings for a tree of specs."""
    return tree_util.tree_map(
        lambda spec: meshes.NamedSharding(mesh, spec) if isinstance(spec, meshes.PartitionSpec) else spec, specs
    )
