"""`jax.sharding` on torch: one device holds every array, so that shardings say where and split nothing."""

import contextlib
import enum
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from unified.compat.jax.on_torch import devices as _devices
from unified.compat.jax.on_torch.behaviour import Behaviour
from unified.core.errors import BackendError

__all__ = [
    "AbstractMesh",
    "AxisType",
    "Mesh",
    "NamedSharding",
    "PartitionSpec",
    "Sharding",
    "SingleDeviceSharding",
    "get_abstract_mesh",
    "get_mesh",
    "set_mesh",
    "use_abstract_mesh",
]

BEHAVIOUR = Behaviour(on_arrays=True)


class AxisType(enum.Enum):
    """How an axis of a mesh is used; one device makes no difference."""

    Auto = enum.auto()
    Explicit = enum.auto()
    Manual = enum.auto()

    def __repr__(self) -> str:
        return self.name


class _Unconstrained:
    def __repr__(self) -> str:
        return "UNCONSTRAINED"


class PartitionSpec:
    """The mesh axes along which each axis of an array is split."""

    UNCONSTRAINED = _Unconstrained()
    __slots__ = ("_parts", "reduced", "unreduced")

    def __init__(self, *parts: Any, unreduced: Any = frozenset(), reduced: Any = frozenset()) -> None:
        self._parts = tuple(tuple(part) if isinstance(part, list) else part for part in parts)
        self.unreduced, self.reduced = frozenset(unreduced), frozenset(reduced)

    def __len__(self) -> int:
        return len(self._parts)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._parts)

    def __getitem__(self, index: Any) -> Any:
        return self._parts[index]

    def __add__(self, other: Any) -> "PartitionSpec":
        return PartitionSpec(*self._parts, *other)

    def __radd__(self, other: Any) -> "PartitionSpec":
        return PartitionSpec(*other, *self._parts)

    @property
    def partitions(self) -> tuple[Any, ...]:
        return self._parts

    def update(self, **changes: Any) -> "PartitionSpec":
        parts = changes.pop("partitions", self._parts)
        return PartitionSpec(*parts, **{"unreduced": self.unreduced, "reduced": self.reduced, **changes})

    def index(self, value: Any) -> int:
        return self._parts.index(value)

    def count(self, value: Any) -> int:
        return self._parts.count(value)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, PartitionSpec):
            return (self._parts, self.unreduced, self.reduced) == (other._parts, other.unreduced, other.reduced)
        return isinstance(other, tuple) and self._parts == other

    def __hash__(self) -> int:
        return hash((self._parts, self.unreduced, self.reduced))

    def __reduce__(self) -> Any:
        return PartitionSpec, self._parts

    def __repr__(self) -> str:
        return f"P({', '.join(map(repr, self._parts))}{',' if len(self._parts) == 1 else ''})"


class AbstractMesh:
    """Names and sizes of axes, without devices."""

    def __init__(self, axis_sizes: Sequence[int] = (), axis_names: Any = (), axis_types: Any = None) -> None:
        self.axis_sizes = tuple(axis_sizes)
        self.axis_names = (axis_names,) if isinstance(axis_names, str) else tuple(axis_names)
        if len(self.axis_sizes) != len(self.axis_names):
            raise ValueError(f"a mesh has a name for each axis, got {self.axis_names} for the sizes {self.axis_sizes}")
        single = axis_types is None or isinstance(axis_types, AxisType)
        self.axis_types = (axis_types or AxisType.Auto,) * len(self.axis_names) if single else tuple(axis_types)
        if len(self.axis_types) != len(self.axis_names):
            raise ValueError(f"a mesh has a type for each axis, got {self.axis_types} for the axes {self.axis_names}")

    @property
    def shape(self) -> OrderedDict[Any, int]:
        return OrderedDict(zip(self.axis_names, self.axis_sizes, strict=True))

    @property
    def shape_tuple(self) -> tuple[tuple[Any, int], ...]:
        return tuple(self.shape.items())

    @property
    def size(self) -> int:
        return int(np.prod(self.axis_sizes, dtype=int)) if self.axis_sizes else 0

    @property
    def empty(self) -> bool:
        return self.size == 0

    @property
    def abstract_mesh(self) -> "AbstractMesh":
        return self

    def _of_type(self, kind: AxisType) -> tuple[Any, ...]:
        return tuple([name for name, each in zip(self.axis_names, self.axis_types, strict=True) if each is kind])

    @property
    def auto_axes(self) -> tuple[Any, ...]:
        return self._of_type(AxisType.Auto)

    @property
    def explicit_axes(self) -> tuple[Any, ...]:
        return self._of_type(AxisType.Explicit)

    @property
    def manual_axes(self) -> tuple[Any, ...]:
        return self._of_type(AxisType.Manual)

    @property
    def are_all_axes_auto(self) -> bool:
        return bool(self.axis_names) and self.auto_axes == self.axis_names

    @property
    def are_all_axes_explicit(self) -> bool:
        return bool(self.axis_names) and self.explicit_axes == self.axis_names

    @property
    def are_all_axes_manual(self) -> bool:
        return bool(self.axis_names) and self.manual_axes == self.axis_names

    def update(self, axis_sizes: Any = None, axis_names: Any = None, axis_types: Any = None, **options: Any) -> Any:
        return AbstractMesh(
            self.axis_sizes if axis_sizes is None else axis_sizes,
            self.axis_names if axis_names is None else axis_names,
            self.axis_types if axis_types is None else axis_types,
        )

    def update_axis_types(self, name_to_type: dict[Any, AxisType]) -> Any:
        pairs = zip(self.axis_names, self.axis_types, strict=True)
        return self.update(axis_types=tuple([name_to_type.get(name, kind) for name, kind in pairs]))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, AbstractMesh)
            and type(self) is type(other)
            and (self.shape_tuple, self.axis_types) == (other.shape_tuple, other.axis_types)
        )

    def __hash__(self) -> int:
        return hash((self.shape_tuple, self.axis_types))

    def __str__(self) -> str:
        axes = ", ".join(f"{name!r}: {size}" for name, size in self.shape_tuple)
        return f"{type(self).__name__}({axes or '()'}, axis_types={self.axis_types})"

    __repr__ = __str__


class Mesh(AbstractMesh):
    """The one device, under names of axes of size 1.

    Raises:
        BackendError: it has several devices.
    """

    def __init__(self, devices: Any, axis_names: Any = (), axis_types: Any = None, **options: Any) -> None:
        if isinstance(devices, np.ndarray):
            self.devices = devices
        else:
            self.devices = np.empty((1,) * _depth(devices), object)
            flat = list(_flat(devices))
            if len(flat) > 1:
                raise several(len(flat))
            self.devices.fill(flat[0] if flat else None)
        if self.devices.size > 1:
            raise several(self.devices.size)
        super().__init__(self.devices.shape, axis_names, axis_types)

    @property
    def abstract_mesh(self) -> AbstractMesh:
        return AbstractMesh(self.axis_sizes, self.axis_names, self.axis_types)

    @property
    def size(self) -> int:
        return self.devices.size if self.axis_names or self.devices.flat[0] is not None else 0

    @property
    def is_scalar(self) -> bool:
        return self.size == 1 and not self.axis_names

    def update(  # type: ignore[override]
        self, devices: Any = None, axis_names: Any = None, axis_types: Any = None, **options: Any
    ) -> "Mesh":
        return Mesh(
            self.devices if devices is None else devices,
            self.axis_names if axis_names is None else axis_names,
            self.axis_types if axis_types is None else axis_types,
        )

    def __str__(self) -> str:
        return "Mesh()" if self.empty else super().__str__()

    def __repr__(self) -> str:
        types = "" if self.empty else f", axis_types={self.axis_types}"
        return f"Mesh(axis_sizes={self.axis_sizes}, axis_names={self.axis_names}{types})"

    @property
    def device_ids(self) -> np.ndarray:
        return np.vectorize(lambda device: device.id, otypes=[int])(self.devices)

    @property
    def local_devices(self) -> list[Any]:
        return list(self.devices.flat)

    @property
    def local_mesh(self) -> "Mesh":
        return self

    @property
    def is_multi_process(self) -> bool:
        return False

    def __enter__(self) -> "Mesh":
        self_context = set_mesh(self)
        self_context.__enter__()
        _meshes.entered.append(self_context)
        return self

    def __exit__(self, *error: Any) -> None:
        _meshes.entered.pop().__exit__(*error)


def several(count: int) -> BackendError:
    """Return the error for a mesh of several devices."""
    return BackendError(
        f"a mesh of {count} devices was asked for, and JAX code on torch has one: split a model's variables by "
        "unified.distribute or torch's own parallel modules"
    )


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _flat(item)
    else:
        yield value


def _depth(value: Any) -> int:
    return 1 + _depth(value[0]) if isinstance(value, (list, tuple)) and value else 0


class Sharding:
    """Where the parts of an array are."""

    memory_kind = None

    @property
    def device_set(self) -> set[Any]:
        return {_devices.default()}

    @property
    def addressable_devices(self) -> set[Any]:
        return self.device_set

    @property
    def num_devices(self) -> int:
        return len(self.device_set)

    @property
    def has_addressable_devices(self) -> bool:
        return True

    @property
    def is_fully_replicated(self) -> bool:
        return True

    @property
    def is_fully_addressable(self) -> bool:
        return True

    def shard_shape(self, global_shape: Any) -> tuple[int, ...]:
        return tuple(global_shape)

    def is_equivalent_to(self, other: Any, ndim: int) -> bool:
        return self.device_set == other.device_set

    def devices_indices_map(self, global_shape: Any) -> dict[Any, Any]:
        return {device: (slice(None),) * len(global_shape) for device in self.device_set}

    addressable_devices_indices_map = devices_indices_map


class SingleDeviceSharding(Sharding):
    """A whole array on a device."""

    def __init__(self, device: Any, *, memory_kind: Any = None) -> None:
        self._device, self.memory_kind = device, memory_kind

    @property
    def device_set(self) -> set[Any]:
        return {self._device}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SingleDeviceSharding) and self._device == other._device

    def __hash__(self) -> int:
        return hash(self._device)

    def __repr__(self) -> str:
        return f"SingleDeviceSharding(device={self._device!r})"


class NamedSharding(Sharding):
    """A whole array on the device of a mesh."""

    def __init__(self, mesh: Any, spec: Any, *, memory_kind: Any = None, **options: Any) -> None:
        self.mesh, self.memory_kind = mesh, memory_kind
        self.spec = spec if isinstance(spec, PartitionSpec) else PartitionSpec(*spec)

    @property
    def device_set(self) -> set[Any]:
        return set(getattr(self.mesh, "devices", np.empty(0, object)).flat) or super().device_set

    @property
    def replicated_axes(self) -> frozenset[Any]:
        used = {name for part in self.spec for name in (part if isinstance(part, tuple) else (part,))}
        return frozenset(self.mesh.axis_names) - used - self.spec.unreduced - self.spec.reduced

    def with_memory_kind(self, kind: Any) -> "NamedSharding":
        return NamedSharding(self.mesh, self.spec, memory_kind=kind)

    def update(self, **changes: Any) -> "NamedSharding":
        return NamedSharding(**{"mesh": self.mesh, "spec": self.spec, "memory_kind": self.memory_kind, **changes})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NamedSharding) and (self.mesh, self.spec) == (other.mesh, other.spec)

    def __hash__(self) -> int:
        return hash((self.mesh, self.spec))

    def __repr__(self) -> str:
        return f"NamedSharding(mesh={self.mesh!r}, spec={self.spec!r})"


class _Meshes(threading.local):
    """The mesh of the running code, and the blocks that `with mesh:` entered."""

    def __init__(self) -> None:
        self.current: AbstractMesh | None = None
        self.entered: list[Any] = []


_meshes = _Meshes()


class set_mesh:  # noqa: N801
    """Make a mesh the current one: from now on, and until the end of the block in a `with` statement."""

    def __init__(self, mesh: Any) -> None:
        self.before, _meshes.current = _meshes.current, mesh

    def __enter__(self) -> None: ...

    def __exit__(self, *error: Any) -> None:
        _meshes.current = self.before


@contextlib.contextmanager
def use_abstract_mesh(mesh: Any) -> Iterator[None]:
    before, _meshes.current = _meshes.current, mesh
    try:
        yield
    finally:
        _meshes.current = before


def get_abstract_mesh() -> AbstractMesh:
    mesh = _meshes.current
    return AbstractMesh() if mesh is None else getattr(mesh, "abstract_mesh", mesh)


def get_mesh() -> Any:
    return Mesh(np.empty((), object)) if _meshes.current is None else _meshes.current
