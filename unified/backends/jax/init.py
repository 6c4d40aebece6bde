"""The first run of a body on JAX: it collects declarations of variables, and computes all their values after it.

The body runs under `jax.eval_shape`, where a new variable is a placeholder without a value. A body that needs values
(a branch on data, an initial value computed from data) runs again, and each declaration computes its value at once.
"""

import functools
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import jax
import jax.extend
import jax.numpy as jnp
import numpy as np
from jax.extend.core import Jaxpr, Primitive

from unified.backends.jax import prng
from unified.backends.jax.borrowed import check_bound, check_operations, layer_libraries, owned_models, wrapped_classes
from unified.backends.jax.devices import check_device, check_dtype
from unified.backends.jax.first_values import Declaration, make_values, move_stack_axes, take_first_slice
from unified.backends.jax.frame import JaxFrame
from unified.backends.jax.layers.base import JaxLayer
from unified.backends.jax.trees import TREES
from unified.core import initializers
from unified.core.body import check_output
from unified.core.bound import BoundModel
from unified.core.dtypes import is_floating
from unified.core.errors import StructureChangedError
from unified.core.initializer_functions import unknown_attribute
from unified.core.initializers import Constant, Initializer
from unified.core.keys import counter_path, key_path
from unified.core.layer import Spec
from unified.core.order import first_calls_below, in_call_order
from unified.core.params import Params
from unified.core.record import ScopeRecord, VariableRecord
from unified.core.scope import run_body
from unified.core.stacks import StackedScope, stacks_over
from unified.core.streams import Seeds
from unified.core.structure import Scopes, Structure, VariableInfo
from unified.core.ties import check_tie, record_aliases, refuse_order, refuse_value

__all__ = ["NEEDS_VALUES", "InitFrame", "initialize", "random_infos", "random_state"]

# The errors that JAX raises for code that needs the value of a tracer.
NEEDS_VALUES = (
    jax.errors.ConcretizationTypeError,
    jax.errors.TracerArrayConversionError,
    jax.errors.TracerIntegerConversionError,
    jax.errors.NonConcreteBooleanIndexError,
    jax.errors.UnexpectedTracerError,
)

placeholder_p = Primitive("unified_placeholder")
placeholder_p.def_abstract_eval(lambda *, shape, dtype: jax.core.ShapedArray(shape, dtype))


class InitFrame(JaxFrame):
    """The first run of a body. If it is `abstract`, it is a run on shapes alone, and variables get no values yet."""

    def __init__(self, seeds: Seeds, abstract: bool, training: bool = True) -> None:
        super().__init__(Params({}), training, True)
        self.seeds = seeds
        self.is_random = False  # whether calls of the model draw random numbers
        self.abstract = abstract
        self.scopes: dict[str, ScopeRecord] = {"": ScopeRecord()}
        self.children: dict[str, dict[str, str]] = {"": {}}
        self.body_scopes: set[str] = {""}  # those that the body itself has entered, not those of layers
        self.variables: dict[str, Declaration] = {}
        self.values: dict[str, Any] = {}
        self.layer_init_fns: list[tuple[str, Spec, Callable[[Any], Any]]] = []
        self.owned_models: list[Any] = []  # the bound models that are arguments of the body
        self.native_classes: set[type] = set()  # the classes of modules of other libraries that the body has wrapped
        self.ties: dict[str, str] = {}  # the path that the body assigned over each

    def record_of(self, node: str) -> ScopeRecord:
        return self.scopes.setdefault(node, ScopeRecord())

    def child(self, node: str, name: str, path: str, create: bool) -> str | None:
        if path not in self.scopes:
            if not create:
                return None
            self.scopes[path] = ScopeRecord()
            self.body_scopes.add(path)
        self.children.setdefault(node, {})[name] = path
        return path

    def build(self, node: str, name: str, path: str, cls: Any, args: Any, kwargs: dict[str, Any], init_fn: Any) -> Any:
        if cls.takes_layers:
            leaves = jax.tree_util.tree_leaves((args, kwargs), is_leaf=lambda value: isinstance(value, JaxLayer))
            for leaf in {id(leaf): leaf for leaf in leaves}.values():
                self._forget_layer(leaf)
        self.children.setdefault(node, {})[name] = path
        return super().build(node, name, path, cls, args, kwargs, init_fn)

    def _forget_layer(self, value: Any) -> None:
        """Forget the variables of a layer that moves into a container, which declares them anew."""
        path = self.path_of(value)
        if path is not None:
            parent, _, name = path.rpartition("/")
            del self.children[parent][name]
            for variable_path in [other for other in self.variables if other.startswith(f"{path}/")]:
                del self.variables[variable_path]
            self.layer_init_fns = [item for item in self.layer_init_fns if item[0] != path]

    def register(self, path: str, spec: Spec, init_fn: Any) -> None:
        spec = spec.with_initializers(init_fn, takes_function=True)
        check_device(path, spec.arguments.get("device"))
        check_dtype(path, spec.arguments.get("dtype"))
        self.is_random = self.is_random or spec.is_random
        for name in (*spec.inner, *(variable.name.rpartition("/")[0] for variable in spec.variables)):
            self._add_scopes(path, name)
        for variable in spec.variables:
            info = VariableInfo(
                f"{path}/{variable.name}",
                variable.shape,
                variable.dtype or self.default_dtype(),
                variable.collection,
                variable.trainable,
            )
            declaration = self.variables.get(info.path)
            if declaration is None:
                self.declare(info, variable.initializer)
            elif declaration.info.shape != info.shape:
                raise StructureChangedError(
                    f"{info.path!r} has shape {declaration.info.shape} from an earlier call, and this call needs "
                    f"{info.shape}: a module that is called twice needs inputs of one size"
                )
        if callable(init_fn) and not isinstance(init_fn, (Initializer, dict)):
            self.layer_init_fns.append((path, spec, init_fn))
            if not self.abstract:
                call_layer_init_fn(path, spec, init_fn, self.values, {})

    def _add_scopes(self, path: str, inner: str) -> None:
        """Record the scopes along the path `inner` within a layer, in their order."""
        for name in inner.split("/") if inner else ():
            child = f"{path}/{name}"
            self.children.setdefault(path, {})[name] = child
            path = child

    def declare(self, info: VariableInfo, init: Any) -> None:
        """Record a new variable, and give it a value or a placeholder, with which the body continues."""
        self.check_boundary(info.path, "a variable was made")
        if isinstance(init, Initializer):
            init.draw(info.shape)  # raises here, where the traceback shows the body, if it does not fit the shape
        declaration = self.variables[info.path] = Declaration(info, init)
        self.values[info.path] = (
            placeholder_p.bind(shape=info.shape, dtype=jax.dtypes.canonicalize_dtype(info.dtype))
            if self.abstract
            else take_first_slice(
                make_values(self.seeds.params, [declaration], self.stacks)[0], declaration.stack_axes(self.stacks)
            )
        )

    def wrap(self, node: str, name: str, path: str, factory: Callable[[], Any]) -> Any:
        self.children.setdefault(node, {})[name] = path

        def value(leaf: str, array: jax.Array) -> Any:
            info = VariableInfo(f"{path}/{leaf}", array.shape, array.dtype.name)
            if self.abstract:
                self.declare(info, Constant(np.asarray(array)))  # raises one of NEEDS_VALUES for a traced array
            else:
                self.declare(info, lambda shape, dtype: array)
            return self.values[info.path]

        module = self._unpack(path, factory, value)
        self.native_classes |= wrapped_classes(module)
        return module

    def value(self, node: str, name: str, path: str) -> Any:
        if path not in self.values and path in self.variables:  # read by an `init_fn`, after an abstract run
            raise jax.errors.UnexpectedTracerError(f"a first value follows from that of {path!r}")
        return self.values[path]

    def create(self, node: str, variable: VariableRecord, path: str, init_fn: Any) -> Any:
        info = VariableInfo(path, variable.shape, variable.dtype, variable.collection, variable.trainable)
        self.declare(info, initializers.zeros if init_fn is None else init_fn)
        return self.values[path]

    def assign(self, node: str, name: str, path: str, value: Any) -> None:
        self.check_boundary(path, "state was set")

    def resolve(self, path: str) -> str:
        while path in self.ties:
            path = self.ties[path]
        return path

    def tie(self, path: str, value: Any) -> None:
        if value is self.values[path]:
            return
        source = next((other for other, known in self.values.items() if known is value), None)
        if source is None:
            raise refuse_value(path)
        source = self.resolve(source)
        kinds = [
            (info.shape, info.dtype, info.collection, stacks_over(self.stacks, info.path, info.collection))
            for info in (self.variables[path].info, self.variables[source].info)
        ]
        check_tie(path, source, *kinds)
        if path in self.ties.values():
            raise refuse_order(path)
        self.ties[path] = source
        self.values[path] = value

    def check_bound(self, bound: Any) -> None:
        check_bound(self, bound)

    def has_stream(self, name: str) -> bool:
        return name in self.seeds.named

    def root_key(self, stream: str) -> tuple[Any, Any]:
        self.is_random = True
        return jnp.asarray(self.seeds.of(stream), jnp.uint32), jnp.uint32(0)

    def array_defaults(self) -> tuple[Any, Any]:
        for declaration in self.variables.values():
            if declaration.info.collection == "params" and is_floating(declaration.info.dtype):
                return None, jnp.dtype(declaration.info.dtype)
        return super().array_defaults()

    def forget(self) -> None:
        """Drop the values of the run: tracers must not outlive their trace."""
        self.values.clear()
        self.step_keys = (None, {})

    def declarations(self) -> list[Declaration]:
        """Return all variables in the order of a torch `state_dict`; those that are tied at the first path."""
        return self.tied(self.all_declarations())

    def tied(self, ordered: list[Declaration]) -> list[Declaration]:
        """Return the declarations with one for all variables that are tied."""
        if not self.ties:
            return ordered
        by_path = {declaration.info.path: declaration for declaration in ordered}
        first_paths: dict[str, str] = {}  # by the path that the initial value is drawn at
        for path in by_path:
            first_paths.setdefault(self.resolve(path), path)
        return [
            Declaration(replace(by_path[drawn_at].info, path=path), by_path[drawn_at].init, drawn_at)
            for drawn_at, path in first_paths.items()
        ]

    def aliases_of(self, declarations: list[Declaration]) -> dict[str, str]:
        """Return the path of the variable of each alias, which a tie made."""
        paths = {declaration.drawn_at: declaration.info.path for declaration in declarations}
        tied = {path: paths[self.resolve(path)] for path in {**self.ties, **dict.fromkeys(self.ties.values())}}
        return {alias: path for alias, path in tied.items() if alias != path}

    def all_declarations(self) -> list[Declaration]:
        """Return all variables in that order: those of a scope before those of its children."""
        ordered: list[Declaration] = []
        by_scope: dict[str, list[Declaration]] = {}
        for path, declaration in self.variables.items():
            by_scope.setdefault(path.rpartition("/")[0], []).append(declaration)
        self._collect("", by_scope, ordered, set(), {} if self.ties else first_calls_below(self.first_calls))
        if self.is_random:
            ordered += [Declaration(info, initializers.zeros) for info in random_infos(self.seeds)]
        return ordered

    def _collect(
        self,
        path: str,
        by_scope: Mapping[str, list[Declaration]],
        ordered: list[Declaration],
        visited: set[str],
        first: Mapping[str, int],
    ) -> None:
        """Append the variables at `path` and below it to `ordered`."""
        if path in visited:
            return
        visited.add(path)
        prefix = f"{path}/" if path else ""
        variables = by_scope.get(path, [])
        ordered += [variable for variable in variables if variable.info.collection == "params"]
        ordered += [variable for variable in variables if variable.info.collection != "params"]
        names = list(self.children.get(path, {}))
        for name in in_call_order(names, path, first) if path in self.body_scopes else names:
            self._collect(prefix + name, by_scope, ordered, visited, first)


class LayerView:
    """A layer as a user's `init_fn` gets it: its arguments and its variables are attributes, to be read and set."""

    def __init__(self, path: str, spec: Spec, values: dict[str, Any]) -> None:
        self.__dict__.update(
            {name: value for name, value in spec.arguments.items() if name not in spec.declaration.variable_names}
        )
        self.__dict__.update({variable.name: values[f"{path}/{variable.name}"] for variable in spec.variables})
        self.__dict__["_path"] = path

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in self.__dict__:
            raise unknown_attribute(self.__dict__["_path"], name, self.__dict__)
        self.__dict__[name] = value


def initialize(
    fn: Callable[..., Any], separate_stacks: bool, args: Any, kwargs: Any, training: bool, seeds: Seeds
) -> Params:
    """Return the initial `Params` of `fn` for these arguments.

    Each of the seeds is two integers or a traced array of two words.
    """
    key = seeds.params
    try:
        frame = run_abstractly(fn, separate_stacks, args, kwargs, training, seeds)
        ordered = frame.all_declarations()
        values = _compute_values(frame, ordered, key)
    except NEEDS_VALUES:
        frame = InitFrame(seeds, abstract=False, training=training)
        frame.separate_stacks = separate_stacks
        frame.owned_models = owned_models(fn, args, kwargs, BoundModel)
        args, kwargs = jax.tree.map(lambda x: x.copy() if isinstance(x, np.ndarray) else x, (args, kwargs))
        check_output(frame, fn, run_body(frame, fn, args, kwargs))  # the body may write to its inputs
        ordered = frame.all_declarations()
        values = frame.values
        stacked = [declaration for declaration in ordered if declaration.stack_axes(frame.stacks)]
        values.update(zip((d.info.path for d in stacked), make_values(key, stacked, frame.stacks), strict=True))
        for path, spec, init_fn in frame.layer_init_fns:
            if any(d.info.path.startswith(f"{path}/") for d in stacked):
                call_layer_init_fn(path, spec, init_fn, values, frame.stacks)
    if frame.is_random:
        values |= random_state(seeds)
    declarations = frame.tied(ordered)
    return Params._make(structure_of(frame, declarations), tuple(values[d.drawn_at] for d in declarations))


def random_infos(seeds: Seeds) -> list[VariableInfo]:
    """Return the variables of all streams of random numbers."""
    shapes = {path: shape for s in seeds.streams for path, shape in ((key_path(s), (2,)), (counter_path(s), ()))}
    return [VariableInfo(path, shape, "uint32", "rng", False) for path, shape in shapes.items()]


def random_state(seeds: Seeds) -> dict[str, Any]:
    """Return the first values of these variables, by path."""
    state = {}
    for stream in seeds.streams:
        state[key_path(stream)] = jnp.asarray(seeds.of(stream), jnp.uint32)
        state[counter_path(stream)] = jnp.zeros((), jnp.uint32)
    return state


def _compute_values(frame: InitFrame, declarations: list[Declaration], key: Any) -> dict[str, Any]:
    """Return the values that an abstract run declared; raise one of `NEEDS_VALUES` if they follow from the inputs."""

    def make(key: Any) -> dict[str, Any]:
        values = dict(
            zip((d.info.path for d in declarations), make_values(key, declarations, frame.stacks), strict=True)
        )
        for path, spec, init_fn in frame.layer_init_fns:
            call_layer_init_fn(path, spec, init_fn, values, frame.stacks)
        return values

    if not frame.layer_init_fns and all(isinstance(d.init, Initializer) for d in declarations):
        return make(key)
    if not prng.is_tracing():
        return make(key)
    # Under jit, JAX treats a tracer of the abstract run as a constant, and fails only when it compiles.
    static = isinstance(key, tuple)
    args = () if static else (key,)
    jaxpr, shapes = jax.make_jaxpr(functools.partial(make, key) if static else make, return_shape=True)(*args)
    if any(isinstance(constant, jax.core.Tracer) for constant in jaxpr.consts):
        raise jax.errors.UnexpectedTracerError("an initial value follows from the inputs")
    leaves = jax.extend.core.jaxpr_as_fun(jaxpr)(*args)
    return jax.tree_util.tree_unflatten(jax.tree_util.tree_structure(shapes), leaves)


def call_layer_init_fn(
    path: str, spec: Spec, init_fn: Callable[[Any], Any], values: dict[str, Any], stacks: Mapping[str, StackedScope]
) -> None:
    """Let a user's `init_fn` change the layer at `path`, whose values are in `values`.

    It gets the first slice of a stacked layer, and all slices start with the values that it sets.
    """
    axes_by_name = {v.name: stacks_over(stacks, f"{path}/{v.name}", v.collection) for v in spec.variables}
    first_slices = {
        f"{path}/{name}": take_first_slice(values[f"{path}/{name}"], axes) for name, axes in axes_by_name.items()
    }
    layer = LayerView(path, spec, first_slices)
    init_fn(layer)
    for variable in spec.variables:
        variable_path = f"{path}/{variable.name}"
        new = jnp.asarray(getattr(layer, variable.name), values[variable_path].dtype)
        if new.shape != variable.shape:
            raise ValueError(f"{variable_path!r}: init_fn set shape {new.shape} where {variable.shape} is needed")
        stack_axes = axes_by_name[variable.name]
        slices = jnp.broadcast_to(new, (*(stack.size for stack, _ in stack_axes), *new.shape))
        values[variable_path] = move_stack_axes(slices, stack_axes)


def structure_of(frame: InitFrame, declarations: list[Declaration]) -> Structure:
    """Return the structure of all variables, with the records of the body's scopes."""
    record_aliases(frame.aliases_of(declarations), frame.scopes.get)
    infos = frame.annotated(tuple(declaration.stacked_info(frame.stacks) for declaration in declarations))
    return Structure.of(infos, tuple(info.path for info in infos), Scopes(frame.scopes))


def run_on_shapes(
    run: Callable[..., None], args: Any, kwargs: Any, *more: Any, wants_operations: bool = False
) -> Jaxpr | None:
    """Call `run(args, kwargs, *more)` on shapes alone. Arguments that are not arrays are passed unchanged.

    With `wants_operations` return the operations that it ran, without the arrays that they use.
    """
    arrays, rest = TREES.partition((args, kwargs))

    def body(arrays: list[Any], *more: Any) -> None:
        run(*TREES.combine(arrays, rest), *more)

    if wants_operations:
        return jax.make_jaxpr(body)(arrays, *more).jaxpr
    jax.eval_shape(body, arrays, *more)
    return None


def run_abstractly(
    fn: Callable[..., Any], separate_stacks: bool, args: Any, kwargs: Any, training: bool, seeds: Seeds
) -> InitFrame:
    """Run `fn` on shapes alone, and return its frame. Arguments that are not arrays are passed unchanged."""
    frames: list[InitFrame] = []

    def run(args: Any, kwargs: Any) -> None:
        frame = InitFrame(seeds, abstract=True, training=training)
        frame.separate_stacks = separate_stacks
        frame.owned_models = owned_models(fn, args, kwargs, BoundModel)
        frames.append(frame)
        check_output(frame, fn, run_body(frame, fn, args, kwargs))
        frame.forget()

    jaxpr = run_on_shapes(run, args, kwargs, wants_operations=bool(layer_libraries()))
    if jaxpr is not None:
        check_operations(jaxpr, frames[-1].native_classes)
    return frames[-1]
