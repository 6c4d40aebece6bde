"""A module of Flax linen as a side of a comparison."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import flax.linen as nn
import jax
import numpy as np

from unified.compare.errors import SideError
from unified.compare.side import Inputs, Intermediate, Value
from unified.compare.sides.jax_function import JaxSide, concrete, named_leaves
from unified.compare.sides.modes import Mode
from unified.compare.sides.settings import plain_settings

__all__ = ["LinenSide"]


class LinenSide(JaxSide):
    """A linen module with its variables."""

    @classmethod
    def of(cls, module: Any, variables: Mapping[str, Any], method: Any, rngs: Any, training: str | None) -> LinenSide:
        """Return the side of a module."""
        if not isinstance(module, nn.Module):
            raise SideError(
                f"sides.flax takes a flax.linen.Module, got {type(module).__name__}; for nnx, sides.nnx(module)"
            )
        if not isinstance(variables, Mapping):
            raise SideError(
                f"the variables of a linen module are the dict that its init returned, got {type(variables).__name__}"
            )
        function = getattr(type(module), method or "__call__") if method is None or isinstance(method, str) else method
        mode = Mode(function, training)
        plain = {name: nn.unbox(tree) for name, tree in variables.items()}
        structure = jax.tree.structure(plain)
        mutable = [name for name in plain if name != "params"]
        keys = rngs if rngs is not None else {"dropout": jax.random.key(0)}

        def apply(values: list[Any], args: Any, kwargs: Any, training: bool, extra: Any) -> tuple[Any, Any]:
            given = mode.keywords((None, *args), kwargs, training)
            options: dict[str, Any] = {} if method is None else {"method": method}
            if training or rngs is not None:
                options["rngs"] = keys
            changed = [*(mutable if training else []), *extra]
            own = jax.tree.unflatten(structure, values)
            if extra:
                options["capture_intermediates"] = True
            result = module.apply(own, *args, mutable=changed or False, **options, **given)
            return result if changed else (result, {})

        def call(values: list[Any], args: Any, kwargs: Any, training: bool) -> tuple[Any, dict[str, Any]]:
            output, updates = apply(values, args, kwargs, training, ())
            return output, named_leaves(nn.unbox(updates))

        found = {
            path: Value(np.asarray(leaf), "parameter" if path.partition("/")[0] == "params" else "state")
            for path, leaf in named_leaves(plain).items()
        }
        side = cls("flax", found, call)
        side._apply = apply
        return side

    _apply: Any

    def intermediates(self, inputs: Inputs, training: bool = False) -> list[Intermediate]:
        calls: list[tuple[str, str, dict[str, Any], list[Any], tuple[np.ndarray, ...]]] = []

        def record(next_function: Any, args: Any, kwargs: Any, context: Any) -> Any:
            output = next_function(*args, **kwargs)
            if context.method_name == "__call__":
                path = "/".join(context.module.path)
                layer = context.module
                parts = list(named_leaves(output).items())
                calls.append((path, type(layer).__name__, _settings(layer), parts, concrete((args, kwargs))))
            return output

        arrays, function = self._prepared(None, inputs, training, self._outputs)
        with nn.intercept_methods(record):
            self._guarded(function, self._arrays(), arrays)
        return [
            Intermediate(f"{path}.{part}" if part else path, layer, settings, np.asarray(array), inputs)
            for path, layer, settings, parts, inputs in calls
            for part, array in parts
            if isinstance(array, jax.Array) and not isinstance(array, jax.core.Tracer)
        ]


def _settings(module: Any) -> dict[str, Any]:
    return plain_settings({name: getattr(module, name, None) for name in type(module).__dataclass_fields__})
