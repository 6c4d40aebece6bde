"""`ObjectFrame`: one call of an object of `unified.nn` on JAX, whose layers read the arrays that modules hold."""

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from unified.backends.jax import prng
from unified.backends.jax.frame import JaxFrame, trace_state
from unified.core.error_notes import Description
from unified.core.errors import StructureChangedError, TransformBoundaryError
from unified.core.layer import Spec
from unified.core.params import Params
from unified.nn.overlay import Overlay, active, read
from unified.nn.twin import Twin
from unified.nn.variable import Variable

__all__ = ["ObjectFrame", "covering", "write"]

NOTHING = Params({})


def covering(variable: Variable) -> Overlay | None:
    """Return the overlay of the running calls that has a value of the variable."""
    overlay = active.overlay
    while overlay is not None and variable not in overlay.values:
        overlay = overlay.outer
    return overlay


def write(what: str, variable: Variable, value: Any, keeps_gradient: bool = False) -> None:
    """Give a variable another value; raise if the value belongs to a transform that the variable is outside of."""
    if variable.pending is not None and variable.value is None:
        raise ValueError(f"{what!r} was assigned before it has a value: give it an initialiser, or assign it in a call")
    old = read(variable)
    if value is old:
        return
    value = jnp.asarray(value, dtype=old.dtype)
    if (variable.collection in ("params", "rng") or keeps_gradient) and value.shape != old.shape:
        raise ValueError(f"{what!r} has shape {old.shape}, and cannot be assigned an array of shape {value.shape}")
    if variable.collection != "params" and not keeps_gradient:
        value = lax.stop_gradient(value)
    overlay = covering(variable)
    if isinstance(value, jax.core.Tracer) and trace_state() != (variable.origin if overlay is None else overlay.origin):
        if overlay is None:
            raise TransformBoundaryError(
                f"{what!r} was written inside of a transform of JAX, whose tracers must not leave it: use the "
                "transforms "
                "of unified.nn (u.jit, u.grad, u.vmap over functions of the network), which carry its state in and "
                "out, "
                "or transform the pure call net.apply(params, ...)"
            ).with_page("objects")
        raise TransformBoundaryError(
            f"{what!r} was written inside of a transform of JAX within a call: its tracers must not leave it. Use the "
            "transforms of unified.nn, with the module that owns it among the arguments"
        ).with_page("objects")
    if overlay is None:
        variable.value = value
    else:
        overlay.values[variable] = value
        overlay.written[variable] = None


class ObjectFrame(JaxFrame):
    """One call of the object `called`."""

    runs_object = True

    def __init__(self, called: Any) -> None:
        super().__init__(NOTHING, called.training)
        self.called = called
        self.random = called.__dict__.get("_random")
        self.paths: dict[int, str] = called._objects.paths(called)
        self.slots: dict[str, dict[str, Variable]] = {}

    def register(self, path: str, spec: Spec, init_fn: Any) -> None:
        """Do nothing: the objects made the variables."""

    def _variable(self, node: str, name: str, path: str) -> tuple[str, Variable]:
        """Return the path of a variable's layer, and the variable; layers within a layer are part of its slots."""
        owner = node
        while owner not in self.slots and owner:
            owner = owner.rpartition("/")[0]
        slots = self.slots.get(owner, {})
        found = slots.get(path[len(owner) + 1 :] if owner else path.lstrip("/"))
        if found is None:
            raise StructureChangedError(
                f"a layer of unified.{{Linear, ...}} was made in the forward of an object, at {path!r}: make it in the "
                "constructor, as a layer of unified.nn"
            ).with_page("objects")
        return owner, found

    def value(self, node: str, name: str, path: str) -> Any:
        slots = self.slots.get(node)
        if slots is not None and name in slots:  # of no layer within another
            return read(slots[name])
        return read(self._variable(node, name, path)[1])

    def assign(self, node: str, name: str, path: str, value: Any) -> None:
        write(path, self._variable(node, name, path)[1], value)

    def root_key(self, stream: str) -> tuple[Any, Any]:
        random = self.random
        if random is None or (active.overlay is not None and covering(random.key) is None):
            raise StructureChangedError(
                "this call draws random numbers, and the params have no 'rng/key' and 'rng/counter': pass "
                "params | net.random_state()"
            ).with_page("objects")
        return prng.key_words(read(random.key)), read(random.counter)

    def finish(self) -> None:
        """Count the call if it drew random numbers."""
        if self.drawn:
            counter = self.random.counter
            self.random.used = True
            write("rng/counter", counter, read(counter) + jnp.ones((), counter.dtype))

    def describe(self, value: Any) -> Description | None:
        if isinstance(value, Twin):
            path = self.paths.get(id(value))
            if path is None:
                return None
            own = {**value._parameters, **value._buffers}
            arrays = {name: read(variable) for name, variable in own.items() if variable is not None}
            return path, type(value).__name__, arrays
        return super().describe(value)
