"""A module of Equinox as a side of a comparison."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import numpy as np

from unified.compare.errors import SideError
from unified.compare.side import Value
from unified.compare.sides.jax_function import JaxSide, named_leaves
from unified.compare.sides.modes import Mode

__all__ = ["EquinoxSide"]


class EquinoxSide(JaxSide):
    """An Equinox module with its arrays, and with its state if it has any."""

    @classmethod
    def of(cls, module: Any, state: Any, call: Callable[..., Any] | None) -> EquinoxSide:
        """Return the side of a module."""
        if not isinstance(module, eqx.Module):
            raise SideError(f"sides.equinox takes an equinox.Module, got {type(module).__name__}")
        own = module if state is None else (module, state)
        arrays, static = eqx.partition(own, eqx.is_inexact_array)
        named = named_leaves(arrays)
        structure = jax.tree.structure(arrays)
        function = call or (lambda module, *args, **kwargs: module(*args, **kwargs))
        mode = Mode(function)

        def run(values: list[Any], args: Any, kwargs: Any, training: bool) -> tuple[Any, dict[str, Any]]:
            built = eqx.combine(jax.tree.unflatten(structure, values), static)
            built, own_state = (built, None) if state is None else built
            built = eqx.nn.inference_mode(built, value=not training)
            given = mode.keywords(args, kwargs, training, 1)
            if own_state is None:
                return function(built, *args, **given), {}
            output, after = function(built, *args, own_state, **given)
            return output, {
                f"1/{path}": leaf for path, leaf in named_leaves(eqx.filter(after, eqx.is_inexact_array)).items()
            }

        values = {
            path: Value(np.asarray(leaf), "state" if state is not None and path.startswith("1/") else "parameter")
            for path, leaf in named.items()
        }
        return cls("equinox", values, run)
