"""`jax.experimental.mesh_utils` on torch."""

import math
from typing import Any

import numpy as np

from unified.compat.jax.on_torch import devices as _devices
from unified.compat.jax.on_torch.behaviour import Behaviour
from unified.compat.jax.on_torch.meshes import several

__all__ = ["create_device_mesh"]

BEHAVIOUR = Behaviour(on_arrays=True)


def create_device_mesh(mesh_shape: Any, devices: Any = None, **options: Any) -> np.ndarray:
    count = math.prod(mesh_shape)
    if count != 1:
        raise several(count)
    mesh = np.empty(tuple(mesh_shape), object)
    mesh.fill(next(iter(devices)) if devices is not None else _devices.default())
    return mesh
