"""A layer on JAX as a pure function of named arrays, and first values of variables, without a body around them."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from unified.backends.jax import prng
from unified.backends.jax.devices import check_device, check_dtype
from unified.backends.jax.first_values import Declaration, make_values
from unified.backends.jax.frame import JaxFrame
from unified.backends.jax.layers.base import new_layer
from unified.core.layer import Spec
from unified.core.layer_call import FirstValue, LayerCall, LayerResult, refuse_draw
from unified.core.params import Params
from unified.core.scope import run_body
from unified.core.structure import VariableInfo

__all__ = ["first_values", "run_layer"]

NOTHING = Params({})


class LayerFrame(JaxFrame):
    """The run of one layer over the values of a `LayerCall`."""

    def __init__(self, call: LayerCall) -> None:
        super().__init__(NOTHING, call.training, call.initializing)
        self.call = call
        self.start = len(call.path) + 1  # of the names of variables in paths
        if call.draws is not None:
            self.draws = call.draws

    def register(self, path: str, spec: Spec, init_fn: Any) -> None:
        """Do nothing: who makes the call has made the variables."""

    def value(self, node: str, name: str, path: str) -> Any:
        name = path[self.start :]
        return self.written[name] if name in self.written else self.call.values[name]

    def assign(self, node: str, name: str, path: str, value: Any) -> None:
        name = path[self.start :]
        self.written[name] = lax.stop_gradient(jnp.asarray(value, dtype=self.call.values[name].dtype))

    def root_key(self, stream: str) -> tuple[Any, Any]:
        if self.call.rng is None:
            raise refuse_draw(self.call.path)
        key, counter = self.call.rng
        return prng.key_words(key), counter


def run_layer(call: LayerCall) -> LayerResult:
    """Return what the layer computes; see `unified.core.protocol.Backend.run_layer`."""
    if "is_training" in call.kwargs:
        raise TypeError(f"{call.path!r} got is_training=, which is for layers in the body of unified.transform")
    frame = LayerFrame(call)
    layer = new_layer(call.spec.declaration, frame, call.path)
    layer._bind(call.spec)
    output = run_body(frame, layer, call.inputs, dict(call.kwargs))
    return LayerResult(output, frame.written, bool(frame.drawn))


def first_values(key: Any, variables: Sequence[FirstValue]) -> list[jax.Array]:
    """Return the first values; see `unified.core.protocol.Backend.first_values`."""
    for variable in variables:
        check_device(variable.path, variable.device)
        check_dtype(variable.path, variable.dtype)
    declarations = [Declaration(VariableInfo(v.path, v.shape, v.dtype or "float32"), v.initializer) for v in variables]
    return make_values(key, declarations, {})
