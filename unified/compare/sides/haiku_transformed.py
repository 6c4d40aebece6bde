"""What `hk.transform` returned as a side of a comparison."""

from __future__ import annotations

from typing import Any

import haiku as hk
import jax
import numpy as np

from unified.compare.errors import SideError
from unified.compare.side import Inputs, Intermediate, Value
from unified.compare.sides.jax_function import JaxSide, concrete, named_leaves
from unified.compare.sides.modes import Mode
from unified.compare.sides.settings import plain_settings

__all__ = ["HaikuSide"]


class HaikuSide(JaxSide):
    """A transformed function of Haiku with its parameters and state."""

    @classmethod
    def of(cls, transformed: Any, params: Any, state: Any, training: str | None, rng: Any) -> HaikuSide:
        """Return the side of a transformed function."""
        with_state = isinstance(transformed, hk.TransformedWithState)
        if not with_state and not isinstance(transformed, hk.Transformed):
            raise SideError(f"sides.haiku takes what hk.transform returned, got {type(transformed).__name__}")
        if with_state and state is None:
            raise SideError("hk.transform_with_state has state too: sides.haiku(transformed, params, state)")
        mode = Mode(_original(transformed.apply), training)
        own = {"params": params, **({"state": state} if with_state else {})}
        structure = jax.tree.structure(own)
        key = jax.random.key(rng) if isinstance(rng, int) else rng

        def call(values: list[Any], args: Any, kwargs: Any, training: bool) -> tuple[Any, dict[str, Any]]:
            trees = jax.tree.unflatten(structure, values)
            given = mode.keywords(args, kwargs, training)
            if not with_state:
                return transformed.apply(trees["params"], key, *args, **given), {}
            output, after = transformed.apply(trees["params"], trees["state"], key, *args, **given)
            return output, named_leaves(after, "state")

        values = {
            path: Value(np.asarray(leaf), "parameter" if path.startswith("params/") else "state")
            for path, leaf in named_leaves(own).items()
        }
        return cls("haiku", values, call)

    def intermediates(self, inputs: Inputs, training: bool = False) -> list[Intermediate]:
        calls: list[Intermediate] = []

        def record(next_function: Any, args: Any, kwargs: Any, context: Any) -> Any:
            output = next_function(*args, **kwargs)
            if context.method_name == "__call__":
                for part, array in named_leaves(output).items():
                    if isinstance(array, jax.Array) and not isinstance(array, jax.core.Tracer):
                        name = context.module.module_name + (f".{part}" if part else "")
                        layer = context.module
                        calls.append(
                            Intermediate(
                                name,
                                type(layer).__name__,
                                plain_settings(vars(layer)),
                                np.asarray(array),
                                concrete((args, kwargs)),
                            )
                        )
            return output

        arrays, function = self._prepared(None, inputs, training, self._outputs)

        def run(values: Any) -> Any:
            with hk.intercept_methods(record):
                return function(values, arrays)

        self._guarded(run, self._arrays())
        return calls


def _original(apply: Any) -> Any:
    """Return the function that was transformed: its signature names the argument of the mode."""
    while hasattr(apply, "__wrapped__"):
        apply = apply.__wrapped__
    cells = (
        dict(zip(apply.__code__.co_freevars, apply.__closure__ or (), strict=True))
        if hasattr(apply, "__code__")
        else {}
    )
    for name in ("f", "fun", "fn"):
        if name in cells and callable(cells[name].cell_contents):
            inner = cells[name].cell_contents
            return _original(inner) if getattr(inner, "__module__", "").startswith("haiku.") else inner
    return apply
