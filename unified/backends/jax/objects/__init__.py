"""Objects of `unified.nn` on JAX: modules that hold their arrays."""

import functools
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from unified.backends.jax import prng
from unified.backends.jax.frame import trace_state
from unified.backends.jax.init import run_on_shapes
from unified.backends.jax.objects import calls, completion, frame, module
from unified.backends.jax.objects.layer import LayerObject
from unified.core import backends, threefry
from unified.core.errors import NoActiveTransformError
from unified.core.naming import join
from unified.core.pages import end_with_link
from unified.core.params import Params
from unified.core.pending import PendingVariable
from unified.nn import containers
from unified.nn.construction import Place
from unified.nn.overlay import active, read
from unified.nn.twin import Twin
from unified.nn.twin_state import params_of, variables
from unified.nn.variable import Variable
from unified.nn.versions import structure_version

__all__ = ["OBJECTS"]


class JaxObjects:
    """See `unified.nn.protocol.Objects`, and what `unified.nn.twin.Twin` asks of a framework."""

    name = "jax"

    @functools.cached_property
    def transforms(self) -> Any:
        from unified.backends.jax.objects.transforms import TRANSFORMS

        return TRANSFORMS

    caches = frozenset({"_draws", "_kind", "_known_slots", "_known_variables", "_origin", "_paths"})

    joined = staticmethod(module.jax_class)
    blank = staticmethod(module.blank)
    construct = staticmethod(module.construct)
    call = staticmethod(calls.call)
    apply = staticmethod(calls.apply)
    run_layer = staticmethod(calls.run_layer)
    paths = staticmethod(calls.paths)
    sow = staticmethod(calls.sow)

    def declare(self, pending: PendingVariable) -> Variable:
        return Variable(pending)

    def complete(self, made: Any, construction: Any) -> None:
        key = construction.key if construction.key is not None else self.draw_key()
        completion.complete(made, key)

    def draw_key(self) -> threefry.Key:
        raise TypeError(
            end_with_link(
                "an object on jax needs a seed, from which its first values follow: u.build(Net, ..., rng=0), or "
                "nn.seed(0) before Net(...)",
                "objects",
            )
        )

    def is_module(self, value: object) -> bool:
        return isinstance(value, module.JaxObject)

    def is_variable(self, value: object) -> bool:
        return isinstance(value, Variable)

    def fill(self, array: Any, name: str, *args: Any) -> None:
        raise ValueError(
            f"nn.init.{name} was given an array of JAX, which is never written: call it in a constructor, or in a "
            "function "
            "that is passed to net.apply(fn)"
        )

    def adopt(self, owner: Any, name: str, variable: Variable) -> None:
        """Give a variable that was assigned to a finished module its first value."""
        place = owner.__dict__.get("_place")
        if place is not None and variable.pending is not None:
            completion.fill_one(variable, join(place.path, name), place.key)

    def adopt_module(self, owner: Any, name: str, part: Any) -> None:
        """Let a container that was made for an attribute of a finished module share what its modules share."""
        members = owner.__dict__
        if "_place" in members and "_place" not in part.__dict__:
            place = Place(members["_place"].key, join(members["_place"].path, name))
            part.__dict__.update(_place=place, _random=members["_random"], _origin=members["_origin"])

    def buffer(self, value: Any) -> Variable:
        pending = PendingVariable((), collection="state", trainable=False)
        variable = Variable(pending, self.array(value), trace_state())
        variable.pending = None
        return variable

    def array(self, value: Any) -> jax.Array:
        """Return an array of any framework as one of JAX."""
        owner = backends.of_array(value)
        if isinstance(value, Variable):
            return read(value)
        return (
            value
            if owner is backends.load("jax")
            else jnp.asarray(np.asarray(value) if owner is None else owner.to_numpy(value))
        )

    def write(self, owner: Any, name: str, variable: Variable, value: Any, keeps_gradient: bool = False) -> None:
        path = calls.paths(owner).get(id(owner), "")
        frame.write(join(path, name), variable, value, keeps_gradient)

    def astype(self, value: Any, dtype: str) -> Any:
        return value.astype(dtype)

    def move(self, owner: Any, device: Any) -> None:
        if isinstance(device, str):
            kind, _, index = device.partition(":")
            device = jax.devices({"cuda": "gpu"}.get(kind, kind))[int(index or 0)]
        for _, variable in (*owner.named_parameters(), *owner.named_buffers()):
            variable.value = jax.device_put(variable.value, device)

    def random_variables(self, owner: Any) -> list[tuple[str, Variable]]:
        """Return the state of random numbers, if a layer below a module draws, or a call has drawn."""
        random = owner.__dict__.get("_random")
        if random is None or not (random.used or self._draws(owner)):
            return []
        return [("rng/key", random.key), ("rng/counter", random.counter)]

    def _draws(self, owner: Any) -> bool:
        version, known = structure_version(), owner.__dict__.get("_draws")
        if known is None or known[0] != version:
            draws = any(isinstance(inner, LayerObject) and inner._spec.is_random for inner in owner.modules())
            known = owner.__dict__["_draws"] = version, draws
        return known[1]

    def random_state(self, owner: Any) -> Params:
        """Return the key and the counter of a network's random draws."""
        random = owner.__dict__["_random"]
        return Params({"rng/key": read(random.key), "rng/counter": read(random.counter)})

    def complete_lazy(self, layer: Any, inputs: Any) -> None:
        """Make the variables of a layer whose sizes follow from its first inputs, at its first call."""
        place = layer.__dict__.get("_place")
        if active.overlay is not None or isinstance(jnp.zeros(()), jax.core.Tracer):
            raise ValueError(
                end_with_link(
                    f"the layer {'' if place is None else place.path!r} ({type(layer).__name__}) has a size of None, "
                    "which follows from its first call: call the network once, net(x), before a pure call or a "
                    "transform",
                    "objects",
                )
            )
        layer._complete(inputs)
        completion.fill(layer, place.path, place.key)

    def apply_function(self, owner: Any, fn: Any) -> Any:
        with completion.reinitialize(owner):
            owner._apply_function(fn)
        return owner

    def empty(self, name: str) -> Any:
        """Return an empty container."""
        return module.blank(getattr(containers, name))

    def restored(self, owner: Twin) -> None:
        """Set what a copy does not carry over."""
        owner.__dict__["_origin"] = trace_state()

    def observe(self, *run: Any) -> Any:
        from unified.backends.jax.objects.parity import observe

        return observe(*run)

    def params(self, model: Any) -> Params:
        return params_of(model)

    def store(self, model: Any, params: Params) -> None:
        """Write values into a module, which has variables of these paths and kinds."""
        where = dict(variables(model))
        for path, value in params.items():
            frame.write(path, where[path], value, keeps_gradient=True)

    def copy(self, model: Any, values: Mapping[str, Any]) -> Any:
        return completion.copy_with(model, values)

    def run_on_shapes(self, model: Any, run: Any, args: Any, kwargs: Any) -> None:
        def on_copy(args: Any, kwargs: Any, values: Any) -> None:
            run(self.copy(model, values), args, kwargs)

        run_on_shapes(on_copy, args, kwargs, dict(self.params(model)))

    def forget(self, model: Any, params: Params) -> None:
        """Do nothing: a variable has its collection itself."""

    def draw_key_of(self, key: Any, counter: Any) -> Any:
        """Return the key of a stream's next draw."""
        return prng.call_key((key[0], key[1]), counter)

    def sample(self, key: Any, distribution: Any, shape: tuple[int, ...], dtype: str) -> jax.Array:
        return prng.sample(key, distribution, shape, dtype)

    def draw_like(self, like: Any, distribution: Any) -> Any:
        raise NoActiveTransformError(
            "a draw like an array was made outside of a call of a network, whose key it would take: make it in "
            "forward, or "
            "draw from a nn.Stream"
        ).with_page("objects")


OBJECTS = JaxObjects()
module.JaxObject._objects = OBJECTS
