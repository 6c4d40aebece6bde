"""A model of unified as a side of a comparison, on either backend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from unified.compare.errors import SideError
from unified.compare.side import Inputs, Intermediate, Side, Value
from unified.core.params import Params

__all__ = ["unified_side"]


def unified_side(model: Any, params: Any) -> Side:
    """Return the side of a model: on torch that of its module, on JAX that of its pure function."""
    if not (hasattr(model, "apply") and hasattr(model, "eval_shape")):
        raise SideError(f"sides.unified takes what unified.transform returned, got {type(model).__name__}")
    if hasattr(model, "state_dict"):
        from unified.compare.sides.torch_module import TorchSide

        return TorchSide.of(model, None if params is None else _plain(params.state_dict()), None)
    if params is None:
        raise SideError("a model on JAX needs its params: sides.unified(model, params)")
    return _jax_side(model, params)


def _plain(state_dict: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: np.asarray(value.detach().cpu() if hasattr(value, "detach") else value)
        for key, value in state_dict.items()
    }


def _jax_side(model: Any, params: Params) -> Side:
    from unified.compare.sides.jax_function import JaxSide

    rest = {path for path, info in params.info.items() if info.collection == "rng"}
    paths = [path for path in params if path not in rest]

    def apply(values: list[Any], args: Any, kwargs: Any, training: bool, **options: Any) -> tuple[Any, Any]:
        own = params.update(dict(zip(paths, values, strict=True)))
        return model.apply(own, *args, training=training, **options, **kwargs)

    def call(values: list[Any], args: Any, kwargs: Any, training: bool) -> tuple[Any, dict[str, Any]]:
        output, changes = apply(values, args, kwargs, training)
        return output, {path: value for path, value in changes.items() if path in paths}

    class UnifiedSide(JaxSide):
        """A model on JAX, whose layers `capture=` shows."""

        def intermediates(self, inputs: Inputs, training: bool = False) -> list[Intermediate]:
            def captured(values: list[Any], args: Any, kwargs: Any, training: bool) -> tuple[Any, dict[str, Any]]:
                _, changes = apply(values, args, kwargs, training, capture=...)
                shown = {path: value for path, value in changes.items() if path not in params}
                names[:] = shown
                return list(shown.values()), {}  # a dict would be sorted

            names: list[str] = []
            watching = JaxSide("unified", self._values, captured)
            arrays, function = watching._prepared(None, inputs, training, watching._outputs)
            found, _ = self._guarded(function, self._arrays(), arrays)
            parts = ((part, value) for part, value in found.items())
            return [Intermediate(_name(names, part), "", {}, np.asarray(value)) for part, value in parts]

    infos = params.info
    values = {
        path: Value(np.asarray(params[path]), "parameter" if infos[path].collection == "params" else "state")
        for path in paths
    }
    return UnifiedSide("unified", values, call)


def _name(names: list[str], part: str) -> str:
    """Return the path of a leaf of a list: `3` is the fourth, `3/0` the first array of a tuple there."""
    number, _, rest = part.partition("/")
    return names[int(number)] + (f".{rest}" if rest else "")
