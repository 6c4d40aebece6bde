"""`jax.sharding` on either framework."""

from typing import Any as _Any

from unified.compat.jax import dispatch as _dispatch
from unified.compat.jax.either import either as _either

AbstractMesh = _either("sharding", "AbstractMesh")
AxisType = _either("sharding", "AxisType")
Mesh = _either("sharding", "Mesh")
NamedSharding = _either("sharding", "NamedSharding")
PartitionSpec = _either("sharding", "PartitionSpec")
Sharding = _either("sharding", "Sharding")
SingleDeviceSharding = _either("sharding", "SingleDeviceSharding")
_dispatch.define_functions(globals(), "sharding")


def __getattr__(name: str) -> _Any:
    return _dispatch.jax_attribute("sharding", name)
