"""Splitting a model over a mesh of devices."""

from collections.abc import Mapping
from typing import Any, TypeVar

from unified.core import backends
from unified.core.annotations import Mesh

__all__ = ["distribute"]

T = TypeVar("T")


def distribute(model: T, mesh: Mesh, rules: Mapping[str, Any] | None = None) -> T:
    """Splits the variables of a model over a mesh of devices, as their metadata `sharding` says.

    Args:
        model: on torch an initialised model, whose `annotate` says what is split, and which is changed; on JAX `Params`
            or a bound model.
        mesh: a torch `DeviceMesh` with names of dimensions, or a `jax.sharding.Mesh`.
        rules: as in `Params.shardings`.

    Returns:
        On torch the same model, whose parameters are `DTensor`s: all processes must have held the same values. Inputs
        that are plain tensors are taken to be the same everywhere, and outputs are whole tensors on every process. On
        JAX the same with its arrays on the devices of the mesh.

    Raises:
        ValueError: as `Params.shardings`; then nothing has been split.
    """
    distributed: T = backends.load(type(mesh).__module__.partition(".")[0]).distribute(model, mesh, rules)
    return distributed
