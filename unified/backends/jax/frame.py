"""`JaxFrame`: one run of a body on JAX. Its nodes are paths, and its values are those of a `Params`."""

import functools
from collections.abc import Callable, Collection
from typing import Any

import jax
import jax.extend
import jax.numpy as jnp
import numpy as np
from jax import lax

from unified.backends.jax import prng
from unified.backends.jax.layers.base import JaxLayer, new_layer
from unified.backends.jax.numpy.creation import device_of
from unified.core.distributions import Distribution
from unified.core.draws import Draw
from unified.core.dtypes import dtype_name
from unified.core.error_notes import Description
from unified.core.errors import StructureChangedError, TransformBoundaryError, at_path
from unified.core.frame import Frame
from unified.core.keys import COUNTER, KEY, counter_path, key_path
from unified.core.layer import Layer, Spec
from unified.core.naming import lacking
from unified.core.params import Params
from unified.core.record import ScopeRecord, VariableRecord
from unified.core.ties import aliases

__all__ = ["JaxFrame", "NotingFrame", "trace_state"]


def trace_state() -> Any:
    """Return JAX's current trace state. It differs between the inside and the outside of a `jit`, `vmap` or `scan`."""
    return jax.extend.core.get_opaque_trace_state(convention="flax")


class JaxFrame(Frame[str, jax.Array]):
    """One run of a body over the variables of `params`."""

    layer_recorder: Any = None  # records the calls of layers by its `record_call`
    records_inner_layers = False  # whether it also records the calls of layers within layers
    named_path = ""  # the path of the innermost layer that runs, by which its operations are named
    step_keys: tuple[Any, dict[str, Any]] = (
        None,
        {},
    )  # the current `steps`, and the key of all draws in them, by stream

    def __init__(self, params: Params, training: bool, initializing: bool = False) -> None:
        super().__init__("", initializing, training)
        self.params = params
        self.scopes = params._structure.scopes.by_path
        self.written: dict[str, Any] = {}
        self.drawn: set[str] = set()  # the streams of random numbers that the call has used
        self.wrapped: dict[int, tuple[Any, str, dict[str, Any]]] = {}  # native modules, with their paths and variables
        self.threaded_paths: dict[str, None] = {}  # variables that transforms of the body write, as found so far
        self.trace = trace_state()

    def live_layers(self, node: str) -> None:
        return None

    def record_of(self, node: str) -> ScopeRecord | None:
        if not self.scopes:
            return None
        record = self.scopes.get(node)
        return record if record is not None else ScopeRecord()

    def child(self, node: str, name: str, path: str, create: bool) -> str | None:
        return path if create or not self.scopes or path in self.scopes else None

    def build(
        self, node: str, name: str, path: str, cls: type[Layer], args: Any, kwargs: dict[str, Any], init_fn: Any
    ) -> Any:
        with at_path(path):
            layer = new_layer(cls, self, path, init_fn)
            try:
                layer.bind_call(args, kwargs)
            except StructureChangedError as error:
                if self.scopes:
                    raise
                return self.unregistered(cls, path, args, kwargs, error)  # bare arrays record no moves
            # In reverse: a layer that is used more than once gets the path of its first use.
            for inner, spec in reversed(list(layer._spec.instances_within(path))):
                spec.instance.__dict__["_path"] = inner
                spec.instance.__dict__.pop("_error", None)
            return layer

    def path_of(self, value: Any) -> str | None:
        return value._path if isinstance(value, JaxLayer) else None

    def describe(self, value: Any) -> Description | None:
        if id(value) in self.wrapped:
            _, path, arrays = self.wrapped[id(value)]
            return path, type(value).__name__, arrays
        if not isinstance(value, JaxLayer):
            return super().describe(value)
        path, spec = value._path, value.__dict__.get("_spec")
        names = [variable.name for variable in spec.variables if "/" not in variable.name] if spec else []
        return path, type(value).__name__, {name: self.value(path, name, f"{path}/{name}") for name in names}

    def layer_at(self, path: str) -> Any:
        raise AssertionError("on jax each call makes new layers")

    def redefine(self, layer: Any, cls: Any) -> Any:
        raise AssertionError("on jax each call makes new layers")

    def unregistered(self, cls: Any, path: str, args: Any, kwargs: dict[str, Any], error: Exception) -> Any:
        layer = new_layer(cls, self, path, error=error)
        layer.bind_call(args, kwargs)
        return layer

    def register(self, path: str, spec: Spec, init_fn: Any) -> None:
        """Raise unless the frame has the variables of a layer in the shapes of its spec; init makes them instead."""
        for variable in spec.variables:
            value = self.value(path, variable.name, f"{path}/{variable.name}")
            if np.ndim(value) != len(variable.shape) or tuple(value.shape) != variable.shape:
                raise StructureChangedError(
                    f"'{path}/{variable.name}' has shape {tuple(value.shape)}, and this call asks for a "
                    f"{spec.declaration.__name__} with {variable.shape}"
                )

    def array_defaults(self) -> tuple[Any, Any]:
        for info, value in zip(self.params._structure.infos, self.params._values, strict=True):
            if info.collection == "params" and jnp.issubdtype(value.dtype, jnp.floating):
                return device_of(value), value.dtype
        return None, jax.dtypes.canonicalize_dtype("float64")

    def wrap(self, node: str, name: str, path: str, factory: Callable[[], Any]) -> Any:
        return self._unpack(path, factory, lambda leaf, array: self.value(path, leaf, f"{path}/{leaf}"))

    def _unpack(self, path: str, factory: Callable[[], Any], value: Callable[[str, jax.Array], Any]) -> Any:
        """Return `unpack(...)`, and remember the module for notes on errors."""
        arrays: dict[str, Any] = {}

        def remembered(leaf: str, array: jax.Array) -> Any:
            arrays[leaf] = value(leaf, array)
            return arrays[leaf]

        module = unpack(path, factory, remembered)
        self.wrapped[id(module)] = module, path, arrays
        return module

    def value(self, node: str, name: str, path: str) -> Any:
        if path in self.written:
            return self.written[path]
        position = self.params._structure.index.get(path)
        if position is None and (variable := self.resolve(path)) != path:
            return self.value(node, name, variable)
        if position is None:
            raise StructureChangedError(f"this call asks for the variable {lacking(path, self.params)}")
        value = self.params._values[position]
        if value is None:
            raise StructureChangedError(
                f"{path!r} is None in the params of this call: functions that select leaves, such as "
                "equinox.partition, put None for those of the other half. Put both together, as equinox.combine does; "
                "params.split() and params.partition() leave variables out, and `one | other` puts them together"
            )
        return value

    @functools.cached_property
    def aliases(self) -> dict[str, str]:
        """The path of the variable of each alias; see `unified.core.ties`."""
        return aliases(self.scopes)

    def resolve(self, path: str) -> str:
        """Return the path of the variable that has the name `path`: another if the two are tied."""
        return path if path in self.params._structure.index else self.aliases.get(path, path)

    def tie(self, path: str, value: Any) -> None:
        """Accept the assignment of a variable over the one at `path`, to which init has tied it."""
        if value is not self.value("", "", path):
            raise StructureChangedError(
                f"{path!r} was assigned a value to which init did not tie it: assign the same variable in every call, "
                "or init again"
            )

    def create(self, node: str, variable: VariableRecord, path: str, init_fn: Any) -> Any:
        raise AssertionError("only init creates variables")

    def check_boundary(self, path: str, what: str) -> None:
        """Raise if the body is inside a transform of JAX that is not one of unified's own."""
        if trace_state() != self.trace:
            raise TransformBoundaryError(
                f"{path!r}: {what} inside a raw jax transform (jit, grad, vmap, checkpoint, scan, cond, ...) within a "
                "body: its tracers must not leave it. Use unified's own form, which threads the body's variables "
                "through it: unified.scan for jax.lax.scan, unified.vmap for jax.vmap, and so on for cond, switch, "
                "while_loop, fori_loop, map, grad, value_and_grad, jit, eval_shape and remat (jax.checkpoint); or "
                "apply the transform to the whole model, as in jax.vmap(net.apply)"
            )

    def assign(self, node: str, name: str, path: str, value: Any) -> None:
        self.check_boundary(path, "state was set")
        path = self.resolve(path)
        old = self.value(node, name, path)
        self.written[path] = lax.stop_gradient(jnp.asarray(value, dtype=old.dtype))

    def default_dtype(self) -> str:
        return "float32"

    def has_stream(self, name: str) -> bool:
        return key_path(name) in self.params._structure.index

    def root_key(self, stream: str) -> tuple[Any, Any]:
        """Return the root key of a stream of random numbers, and the number of this call."""
        index = self.params._structure.index
        if KEY not in index or COUNTER not in index:
            raise StructureChangedError(
                "this call draws random numbers, and the params have no 'rng/key' and 'rng/counter': init registers "
                "them if the body, or a layer in it, draws. Draw in init too, or init again"
            ).with_page("state#random-numbers")
        key, counter = (self.value("", "", path(stream)) for path in (key_path, counter_path))
        return prng.key_words(key), counter

    def call_key(self, draw: Draw) -> Any:
        """Return the key of a draw of this call."""
        self.drawn.add(draw.stream)
        steps, bases = self.step_keys
        if steps is not self.steps:
            bases = {}
        base = bases.get(draw.stream)
        if base is None:
            key, counter = self.root_key(draw.stream)
            base = prng.call_key((key[0], key[1]), counter, draw.stream)
            for step in self.steps:
                base = prng.step_key(base, step)
            if trace_state() == self.trace:  # a key from inside a transform of the body must not leave it
                self.step_keys = self.steps, {**bases, draw.stream: base}
        return prng.draw_key(base, self.draw_path(draw.path), draw.number)

    def sample(self, distribution: Distribution, shape: tuple[int, ...], dtype: Any, draw: Draw) -> Any:
        name = self.default_dtype() if dtype is None else dtype_name(dtype)
        return prng.sample(self.call_key(draw), distribution, shape, name)

    def permutation(self, count: int, draw: Draw) -> Any:
        return jnp.argsort(prng.random_bits(self.call_key(draw), (count,)), stable=True)

    def next_key(self, draw: Draw) -> Any:
        return prng.typed_key(self.call_key(draw))

    def changes(self, added: Collection[str] = ()) -> Params:
        """Return the variables that the call wrote, and those that were `added` for it."""
        written = {**{path: self.params[path] for path in added}, **self.written}
        for stream in self.drawn:
            written[counter_path(stream)] = self.root_key(stream)[1] + np.uint32(1)
        structure = self.params._structure
        positions = tuple(sorted(structure.index[path] for path in written))
        selected = structure.select(positions)
        return Params._make(selected, tuple(written[info.path] for info in selected.infos))


class NotingFrame(JaxFrame):
    """A frame that notes the variables for which its body asks."""

    def __init__(self, params: Params, training: bool) -> None:
        super().__init__(params, training)
        self.asked: set[str] = set()

    def value(self, node: str, name: str, path: str) -> Any:
        self.asked.add(path)
        return super().value(node, name, path)


def unpack(path: str, factory: Callable[[], Any], value: Callable[[str, jax.Array], Any]) -> Any:
    """Return the callable pytree of `factory`, with each floating-point array replaced by `value(name, array)`."""
    with jax.ensure_compile_time_eval():
        module = factory()
    if not callable(module) or jax.tree_util.all_leaves([module]):
        raise TypeError(f"{path!r}: on jax the factory given to wrap returns a callable pytree, got {module!r}")
    leaves, structure = jax.tree_util.tree_flatten_with_path(module)
    values = [
        value("_".join(map(_key_name, keys)), leaf)
        if isinstance(leaf, jax.Array) and jnp.issubdtype(leaf.dtype, jnp.floating)
        else leaf
        for keys, leaf in leaves
    ]
    return jax.tree_util.tree_unflatten(structure, values)


def _key_name(key: Any) -> str:
    return str(getattr(key, "name", getattr(key, "key", getattr(key, "idx", key))))
