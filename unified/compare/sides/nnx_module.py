"""A module of Flax nnx as a side of a comparison."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
from flax import nnx

from unified.compare.errors import SideError
from unified.compare.side import Inputs, Intermediate, Value
from unified.compare.sides.jax_function import JaxSide, concrete, named_leaves
from unified.compare.sides.modes import Mode
from unified.compare.sides.settings import plain_settings

__all__ = ["NnxSide"]


class NnxSide(JaxSide):
    """An nnx module: its graph in both modes, and its variables."""

    @classmethod
    def of(cls, module: Any, method: str, training: str | None) -> NnxSide:
        """Return the side of a module."""
        if not isinstance(module, nnx.Module):
            raise SideError(f"sides.nnx takes a flax.nnx.Module, got {type(module).__name__}; for linen: sides.flax")
        mode = Mode(getattr(type(module), method), training)
        graphs, flat = {}, []
        for trains in (False, True):
            copied = nnx.clone(module)
            copied.train() if trains else copied.eval()
            graphs[trains], state = nnx.split(copied)
            flat = list(nnx.to_flat_state(state))
        keys = ["/".join(map(str, path)) for path, _ in flat]
        kinds: dict[str, Any] = {}
        fixed: dict[str, Any] = {}  # keys and counters of random streams, which are no weights
        for key, (_, variable) in zip(keys, flat, strict=True):
            value = variable.get_value()
            if (
                isinstance(variable, nnx.RngState)
                or not hasattr(value, "dtype")
                or jax.dtypes.issubdtype(value.dtype, jax.dtypes.prng_key)
            ):
                fixed[key] = value
            else:
                kinds[key] = Value(np.asarray(value), "parameter" if isinstance(variable, nnx.Param) else "state")
        order = list(kinds)

        def merged(values: list[Any], training: bool) -> Any:
            own = {**fixed, **dict(zip(order, values, strict=True))}
            states = [(path, variable.replace(own[key])) for key, (path, variable) in zip(keys, flat, strict=True)]
            return nnx.merge(graphs[training], nnx.from_flat_state(states))

        def call(values: list[Any], args: Any, kwargs: Any, training: bool) -> tuple[Any, dict[str, Any]]:
            built = merged(values, training)
            output = getattr(built, method)(*args, **mode.keywords((None, *args), kwargs, training))
            after = {"/".join(map(str, path)): v.get_value() for path, v in nnx.to_flat_state(nnx.state(built))}
            return output, {key: after[key] for key in order if key in after}

        side = cls("nnx", kinds, call)
        side._merged, side._method, side._mode = merged, method, mode
        return side

    _merged: Any
    _method: str
    _mode: Mode

    def layers(self) -> dict[str, str]:
        names = {
            "/".join(map(str, path)): type(node).__name__
            for path, node in nnx.iter_modules(self._merged(self._arrays(), False))
        }
        return {path: names.get(path.rpartition("/")[0], "") for path in self._values}

    def intermediates(self, inputs: Inputs, training: bool = False) -> list[Intermediate]:
        calls: list[Intermediate] = []

        def call(values: list[Any], args: Any, kwargs: Any, training: bool) -> tuple[Any, dict[str, Any]]:
            built = self._merged(values, training)
            names = {id(node): "/".join(map(str, path)) for path, node in nnx.iter_modules(built)}
            with _Watched({type(node) for _, node in nnx.iter_modules(built)}, names, calls):
                output = getattr(built, self._method)(*args, **self._mode.keywords((None, *args), kwargs, training))
            return output, {}

        watching = JaxSide("nnx", self._values, call)
        arrays, function = watching._prepared(None, inputs, training, watching._outputs)
        self._guarded(function, self._arrays(), arrays)
        return calls


class _Watched:
    """Classes whose calls are recorded while it lasts, of the modules with a name."""

    def __init__(self, classes: set[type], names: dict[int, str], calls: list[Intermediate]) -> None:
        self.classes = [cls for cls in classes if "__call__" in vars(cls)]
        self.names, self.calls = names, calls

    def __enter__(self) -> None:
        self.before = {cls: vars(cls)["__call__"] for cls in self.classes}
        for cls, original in self.before.items():
            type.__setattr__(cls, "__call__", self._recording(original))

    def __exit__(self, *_: object) -> None:
        for cls, original in self.before.items():
            type.__setattr__(cls, "__call__", original)

    def _recording(self, original: Any) -> Any:
        def recorded(module: Any, *args: Any, **kwargs: Any) -> Any:
            output = original(module, *args, **kwargs)
            if id(module) in self.names:
                for part, array in named_leaves(output).items():
                    if isinstance(array, jax.Array) and not isinstance(array, jax.core.Tracer):
                        name = self.names[id(module)] + (f".{part}" if part else "")
                        self.calls.append(
                            Intermediate(
                                name,
                                type(module).__name__,
                                plain_settings(vars(module)),
                                np.asarray(array),
                                concrete((args, kwargs)),
                            )
                        )
            return output

        return recorded
