"""einops on `Array`: its functions look for a backend by the class of what they are given, and this is one.

einops is not imported here. Where it is loaded already, the backend is registered at once, otherwise as soon as
somebody imports it.

Source: https://einops.rocks
"""

from collections.abc import Sequence
from types import ModuleType
from typing import Any

import numpy as np

from unified.compat.jax.on_torch.array import Array, WeakArray, as_array
from unified.compat.jax.on_torch.typed_keys import KeyArray
from unified.core.imported import when_imported

__all__ = ["register"]

BACKENDS = "einops._backends"
_classes: list[type] = []  # which einops itself holds weakly


def _functions() -> Any:
    from unified.compat.jax.implementations import implementation

    return implementation("torch", "numpy")


def _define(module: ModuleType) -> None:
    """Add a backend for arrays to the module where einops has its own."""
    base: Any = module.AbstractBackend
    jnp = _functions()

    class UnifiedBackend(base):
        """The operations that einops is made of, on `Array`."""

        framework_name = "unified"

        def is_appropriate_type(self, tensor: Any) -> bool:
            return isinstance(tensor, Array)

        def from_numpy(self, x: np.ndarray) -> Array:
            return as_array(x)

        def to_numpy(self, x: Array) -> np.ndarray:
            return np.asarray(x)

        def arange(self, start: int, stop: int) -> Any:
            return jnp.arange(start, stop)

        def reduce(self, x: Array, operation: str, axes: Sequence[int]) -> Any:
            return getattr(jnp, operation)(x, axis=tuple(axes))

        def stack_on_zeroth_dimension(self, tensors: list[Array]) -> Any:
            return jnp.stack(tensors)

        def add_axis(self, x: Array, new_position: int) -> Any:
            return jnp.expand_dims(x, new_position)

        def add_axes(self, x: Array, n_axes: int, pos2len: dict[int, int]) -> Any:
            for place in sorted(pos2len):
                x = jnp.expand_dims(x, place)
            return jnp.broadcast_to(x, tuple(pos2len.get(axis, size) for axis, size in enumerate(x.shape)))

        def tile(self, x: Array, repeats: Sequence[int]) -> Any:
            return jnp.tile(x, repeats)

        def concat(self, tensors: list[Array], axis: int) -> Any:
            return jnp.concatenate(tensors, axis=axis)

        def is_float_type(self, x: Array) -> bool:
            return not isinstance(x, KeyArray) and x.tensor.is_floating_point()

        def einsum(self, pattern: str, *x: Array) -> Any:
            return jnp.einsum(pattern, *x)

    _classes.append(UnifiedBackend)
    found = getattr(module, "_type2backend", None)
    if isinstance(found, dict):  # so that torch.compile sees no search
        backend = UnifiedBackend()
        found.update(dict.fromkeys((Array, WeakArray, KeyArray), backend))


def register() -> None:
    """Register the backend with einops, now or when it is imported."""
    when_imported(BACKENDS, _define)


register()
