"""Distribution of a model over a mesh of devices."""

from collections.abc import Mapping
from typing import Any, TypeVar

from unified.core import backends
from unified.core.annotations import Mesh

__all__ = ["distribute"]

T = TypeVar("T")


def distribute(model: T, mesh: Mesh, rules: Mapping[str, Any] | None = None) -> T:
    """Split the variables of a model over a mesh of devices, as their metadata `sharding` describes.

    Args:
        model: on torch, an initialised model, which is changed in place; its `annotate` sets the metadata. On JAX,
            `Params` or a bound model.
        mesh: a torch `DeviceMesh` with dimension names, or a `jax.sharding.Mesh`.
        rules: as in `Params.shardings`.

    Returns:
        On torch, the same model with `DTensor` parameters. Before, their values must be equal on all processes, or they
        are on the meta device, and `net.to_empty(device=...).reset(rng=0)` fills each process's shards. Inputs
        that are plain tensors are assumed to be equal on all processes, and outputs are full tensors on each. On JAX,
        a copy with its arrays on the devices of the mesh.

    Raises:
        ValueError: as `Params.shardings`; in that case no variable has been split.

    >>> import jax, jax.numpy as jnp, unified as u
    >>> net = u.transform(lambda x: u.Linear(2, 4)(x), backend="jax")
    >>> params = net.init(jnp.ones((1, 2)), rng=0).annotate("*/weight", sharding=("model", None))
    >>> split = u.distribute(params, jax.make_mesh((1,), ("model",)))
    >>> tuple(split["linear/weight"].sharding.spec)
    ('model', None)
    """
    distributed: T = backends.load(type(mesh).__module__.partition(".")[0]).distribute(model, mesh, rules)
    return distributed
