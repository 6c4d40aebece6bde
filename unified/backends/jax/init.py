"""The first run of a body on JAX: it leaves a list of declarations, from which all values are made together.

The body runs under `jax.eval_shape`, where a new variable is a placeholder without a value. A body that needs values
(a branch on data, an initial value computed from data) is run again with each variable's value made at once.
"""

import functools
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import jax
import jax.extend
import jax.numpy as jnp
import numpy as np
from jax.extend.core import Primitive

from unified.backends.jax import prng
from unified.backends.jax.frame import JaxFrame, unpack
from unified.backends.jax.layers.base import JaxLayer
from unified.backends.jax.trees import TREES
from unified.core import initializers, threefry
from unified.core.errors import StructureChangedError
from unified.core.initializers import Constant, Initializer
from unified.core.layer import Spec
from unified.core.params import Params
from unified.core.record import ScopeRecord, VariableRecord
from unified.core.scope import run_body
from unified.core.stacks import StackedScope, slice_paths, stacked_shape, stacks_over
from unified.core.structure import Scopes, Structure, VariableInfo

__all__ = ["NEEDS_VALUES", "Declaration", "InitFrame", "initialize"]

# What JAX raises when a body asks for the value of something that is being traced.
NEEDS_VALUES = (
    jax.errors.ConcretizationTypeError,
    jax.errors.TracerArrayConversionError,
    jax.errors.TracerIntegerConversionError,
    jax.errors.NonConcreteBooleanIndexError,
    jax.errors.UnexpectedTracerError,
)

placeholder_p = Primitive("unified_placeholder")
placeholder_p.def_abstract_eval(lambda *, shape, dtype: jax.core.ShapedArray(shape, dtype))


class Declaration:
    """A variable that a body asked for: what it is, and what its first value follows from."""

    def __init__(self, info: VariableInfo, init: Any) -> None:
        self.info = info
        self.init = init  # an Initializer, or a function of (shape, dtype=)

    def over(self, stacks: Mapping[str, StackedScope]) -> list[tuple[StackedScope, int]]:
        """The lanes that the variable is stacked by."""
        over = stacks_over(stacks, self.info.path, self.info.collection) if stacks else []
        stacked_shape(self.info.shape, over)  # raises for an axis that is not there
        return over

    def stacked(self, stacks: Mapping[str, StackedScope]) -> VariableInfo:
        """What all lanes of the variable are together."""
        return replace(self.info, shape=stacked_shape(self.info.shape, self.over(stacks))) if stacks else self.info


class InitFrame(JaxFrame):
    """Runs a body for the first time. `abstract`: on shapes alone, so that variables get no values yet."""

    def __init__(self, key: Any, abstract: bool) -> None:
        super().__init__(Params({}), True, True)
        self.key = key
        self.abstract = abstract
        self.scopes: dict[str, ScopeRecord] = {"": ScopeRecord()}
        self.children: dict[str, dict[str, str]] = {"": {}}
        self.found: dict[str, Declaration] = {}
        self.values: dict[str, Any] = {}
        self.afterwards: list[tuple[str, Spec, Callable[[Any], Any]]] = []

    def record_of(self, node: str) -> ScopeRecord:
        return self.scopes.setdefault(node, ScopeRecord())

    def child(self, node: str, name: str, path: str, create: bool) -> str | None:
        if path not in self.scopes:
            if not create:
                return None
            self.scopes[path] = ScopeRecord()
        self.children.setdefault(node, {})[name] = path
        return path

    def build(self, node: str, name: str, path: str, cls: Any, args: Any, kwargs: dict[str, Any], init_fn: Any) -> Any:
        if cls.takes_layers:
            given = jax.tree_util.tree_leaves((args, kwargs), is_leaf=lambda value: isinstance(value, JaxLayer))
            for layer in {id(layer): layer for layer in given}.values():
                self._give_up(layer)
        self.children.setdefault(node, {})[name] = path
        return super().build(node, name, path, cls, args, kwargs, init_fn)

    def _give_up(self, value: Any) -> None:
        """Forgets the variables of a layer that is given to a container, which declares them anew."""
        path = self.path_of(value)
        if path is not None:
            parent, _, name = path.rpartition("/")
            del self.children[parent][name]
            for known in [known for known in self.found if known.startswith(f"{path}/")]:
                del self.found[known]
            self.afterwards = [item for item in self.afterwards if item[0] != path]

    def register(self, path: str, spec: Spec, init_fn: Any) -> None:
        spec = spec.with_initializers(init_fn)
        self.drawn = self.drawn or spec.is_random
        for name in (*spec.inner, *(variable.name.rpartition("/")[0] for variable in spec.variables)):
            self._within(path, name)
        for variable in spec.variables:
            info = VariableInfo(
                f"{path}/{variable.name}",
                variable.shape,
                variable.dtype or self.default_dtype(),
                variable.collection,
                variable.trainable,
            )
            found = self.found.get(info.path)
            if found is None:
                self.declare(info, variable.initializer)
            elif found.info.shape != info.shape:
                raise StructureChangedError(
                    f"{info.path!r} was made with shape {found.info.shape}, and is asked for again with {info.shape}: "
                    "a module that is called twice needs inputs of one size"
                )
        if callable(init_fn) and not isinstance(init_fn, (Initializer, dict)):
            self.afterwards.append((path, spec, init_fn))
            if not self.abstract:
                set_up(path, spec, init_fn, self.values, {})

    def _within(self, path: str, inner: str) -> None:
        """Notes the scopes within a layer, in their order."""
        for name in inner.split("/") if inner else ():
            below = f"{path}/{name}"
            self.children.setdefault(path, {})[name] = below
            path = below

    def declare(self, info: VariableInfo, init: Any) -> None:
        """Notes a new variable, and gives the body something to go on with."""
        self.check_boundary(info.path, "a variable was made")
        if isinstance(init, Initializer):
            init.draw(info.shape)  # raises now, with the body on the stack, if it does not fit the shape
        declaration = self.found[info.path] = Declaration(info, init)
        self.values[info.path] = (
            placeholder_p.bind(shape=info.shape, dtype=jax.dtypes.canonicalize_dtype(info.dtype))
            if self.abstract
            else _first_lane(make_values(self.key, [declaration], self.stacks)[0], declaration.over(self.stacks))
        )

    def wrap(self, node: str, name: str, path: str, factory: Callable[[], Any]) -> Any:
        self.children.setdefault(node, {})[name] = path

        def value(leaf: str, array: jax.Array) -> Any:
            info = VariableInfo(f"{path}/{leaf}", array.shape, array.dtype.name)
            if self.abstract:
                self.declare(info, Constant(np.asarray(array)))  # needs values if the factory drew from a traced key
            else:
                self.declare(info, lambda shape, dtype: array)
            return self.values[info.path]

        return unpack(path, factory, value)

    def value(self, node: str, name: str, path: str) -> Any:
        return self.values[path]

    def create(self, node: str, variable: VariableRecord, path: str, init_fn: Any) -> Any:
        info = VariableInfo(path, variable.shape, variable.dtype, variable.collection, variable.trainable)
        self.declare(info, initializers.zeros if init_fn is None else init_fn)
        return self.values[path]

    def assign(self, node: str, name: str, path: str, value: Any) -> None:
        self.check_boundary(path, "state was set")

    def root_key(self) -> tuple[Any, Any]:
        return jnp.asarray(self.key, jnp.uint32), jnp.uint32(0)

    def forget(self) -> None:
        """Drops what belongs to the run: it must not outlive the trace that it was made in."""
        self.values.clear()
        self.step_key = (None, None)

    def declarations(self) -> list[Declaration]:
        """All variables in the order of a torch `state_dict`: a scope's own before those of what it contains."""
        result: list[Declaration] = []
        self._collect("", result, set())
        if self.drawn:
            for name, shape in (("key", (2,)), ("counter", ())):
                info = VariableInfo(f"rng/{name}", shape, "uint32", "rng", False)
                result.append(Declaration(info, initializers.zeros))
        return result

    def _collect(self, path: str, result: list[Declaration], seen: set[str]) -> None:
        if path in seen:
            return
        seen.add(path)
        prefix = f"{path}/" if path else ""
        own = [found for found in self.found.values() if found.info.path.rpartition("/")[0] == path]
        result += [found for found in own if found.info.collection == "params"]
        result += [found for found in own if found.info.collection != "params"]
        for name in self.children.get(path, {}):
            self._collect(prefix + name, result, seen)


def make_values(key: Any, declarations: list[Declaration], stacks: Mapping[str, StackedScope]) -> list[Any]:
    """The initial values of `declarations` under `key`: two Python integers, or a traced array of two words.

    A variable that is stacked has values of its own in each lane.
    """
    if not isinstance(key, tuple):
        return [_make_traced((key[0], key[1]), declaration, declaration.over(stacks)) for declaration in declarations]
    hosts: list[Any] = []
    targets = []
    for declaration in declarations:
        info, init, over = declaration.info, declaration.init, declaration.over(stacks)
        if isinstance(init, Initializer):
            dtype = jax.dtypes.canonicalize_dtype(info.dtype)
            host = np.empty((*(lane.size for lane, _ in over), *info.shape), dtype)
            draw = init.draw(info.shape)
            targets += [(_view(host, lane), path, draw) for lane, path in slice_paths(info.path, over)]
            hosts.append((host, over))
        else:
            hosts.append((_of_lanes(over, info.path, functools.partial(_call_init, declaration, key=key)), over))
    initializers.fill(threefry.fold_in(key, threefry.STREAM_PARAMS), targets)
    return jax.device_put([_in_place(host, over) for host, over in hosts])


def _view(array: np.ndarray, position: tuple[Any, ...]) -> np.ndarray:
    """The part of an array at the first indices, an array also if it is a single number."""
    return array[(*position, ...)]


def _of_lanes(over: list[tuple[StackedScope, int]], path: str, make: Callable[[str], Any]) -> Any:
    """What `make` returns for the path of each lane, with an axis for each of the lanes in front."""
    if not over:
        return make(path)
    values = jnp.stack([make(lane) for _, lane in slice_paths(path, over)])
    return values.reshape(*(lane.size for lane, _ in over), *values.shape[1:])


def _in_place(value: Any, over: list[tuple[StackedScope, int]]) -> Any:
    """The value with the axes of its lanes, which come first, where they are to be."""
    for position, (_, axis) in reversed(list(enumerate(over))):
        if axis:
            target = position + axis if axis >= 0 else axis
            value = (
                np.moveaxis(value, position, target)
                if isinstance(value, np.ndarray)
                else jnp.moveaxis(value, position, target)
            )
    return value


def _make_traced(key: Any, declaration: Declaration, over: list[tuple[StackedScope, int]]) -> Any:
    info, init = declaration.info, declaration.init
    if not isinstance(init, Initializer):
        return _in_place(_of_lanes(over, info.path, lambda path: _call_init(declaration, path, key)), over)
    dtype = jax.dtypes.canonicalize_dtype(info.dtype).name
    value = init.draw(info.shape)
    if not over:
        return prng.draw(key, threefry.path_words(info.path), value, info.shape, dtype)
    paths = np.array([threefry.path_words(path) for _, path in slice_paths(info.path, over)], np.uint32)
    made = jax.vmap(lambda path: prng.draw(key, (path[0], path[1]), value, info.shape, dtype))(paths)
    return _in_place(made.reshape(*(lane.size for lane, _ in over), *info.shape), over)


def _call_init(declaration: Declaration, path: str, key: Any) -> Any:
    """The value that a user's function gives, which may be one of `jax.nn.initializers`, for the variable at `path`."""
    import inspect

    init, info = declaration.init, declaration.info

    try:
        takes_key = next(iter(inspect.signature(init).parameters), "") in ("key", "rng")
    except ValueError:
        takes_key = False
    arguments: tuple[Any, ...] = (info.shape,)
    if takes_key:
        root = prng.fold_in(prng.fold_in(key, (0, threefry.STREAM_PARAMS)), threefry.path_words(path))
        arguments = (jnp.stack(root), info.shape)
    dtype = jax.dtypes.canonicalize_dtype(info.dtype)
    value = init(*arguments, dtype=dtype)
    # Outside of a trace, copying a tracer that the abstract run left behind raises one of `NEEDS_VALUES`.
    value = jnp.copy(value) if isinstance(value, jax.core.Tracer) else jnp.asarray(value)
    if value.shape != info.shape:
        raise ValueError(f"{info.path!r}: init_fn made shape {value.shape} where {info.shape} was asked for")
    return value.astype(dtype)


class Settable:
    """A layer given to a user's `init_fn` after its values are made: its variables can be read and set."""

    def __init__(self, path: str, spec: Spec, values: dict[str, Any]) -> None:
        self.__dict__.update(
            {name: value for name, value in spec.arguments.items() if name not in spec.declaration.variable_names}
        )
        self.__dict__.update({variable.name: values[f"{path}/{variable.name}"] for variable in spec.variables})


def initialize(fn: Callable[..., Any], args: Any, kwargs: Any, key: Any) -> Params:
    """The initial `Params` of `fn` for these arguments. `key` is two Python integers, or an array of two words."""
    try:
        frame = discover(fn, args, kwargs, key)
        declarations = frame.declarations()
        values = _values_after(frame, declarations, key)
    except NEEDS_VALUES:
        frame = InitFrame(key, abstract=False)
        run_body(frame, fn, args, kwargs)
        declarations = frame.declarations()
        values = frame.values
        stacked = [declaration for declaration in declarations if declaration.over(frame.stacks)]
        values.update(zip((d.info.path for d in stacked), make_values(key, stacked, frame.stacks), strict=True))
        for path, spec, init_fn in frame.afterwards:
            if any(d.info.path.startswith(f"{path}/") for d in stacked):
                set_up(path, spec, init_fn, values, frame.stacks)
    if frame.drawn:
        values["rng/key"] = jnp.asarray(key, jnp.uint32)
        values["rng/counter"] = jnp.zeros((), jnp.uint32)
    return Params._make(structure_of(frame, declarations), tuple(values[d.info.path] for d in declarations))


def _values_after(frame: InitFrame, declarations: list[Declaration], key: Any) -> dict[str, Any]:
    """The values of what an abstract run declared; raises one of `NEEDS_VALUES` if they follow from the inputs."""

    def make(key: Any) -> dict[str, Any]:
        values = dict(
            zip((d.info.path for d in declarations), make_values(key, declarations, frame.stacks), strict=True)
        )
        for path, spec, init_fn in frame.afterwards:
            set_up(path, spec, init_fn, values, frame.stacks)
        return values

    if not frame.afterwards and all(isinstance(d.init, Initializer) for d in declarations):
        return make(key)
    if not isinstance(jnp.zeros(()), jax.core.Tracer):
        return make(key)
    # Under jit JAX would take a tracer of the abstract run for a constant, and fail only when it compiles.
    static = isinstance(key, tuple)
    traced = () if static else (key,)
    made, shapes = jax.make_jaxpr(functools.partial(make, key) if static else make, return_shape=True)(*traced)
    if any(isinstance(constant, jax.core.Tracer) for constant in made.consts):
        raise jax.errors.UnexpectedTracerError("an initial value follows from the inputs")
    flat = jax.extend.core.jaxpr_as_fun(made)(*traced)
    return jax.tree_util.tree_unflatten(jax.tree_util.tree_structure(shapes), flat)


def set_up(
    path: str, spec: Spec, init_fn: Callable[[Any], Any], values: dict[str, Any], stacks: Mapping[str, StackedScope]
) -> None:
    """Lets a user's `init_fn` change the layer at `path`, whose values are among `values`.

    Of a layer that is stacked it is given the first lane, and all others start as it leaves that.
    """
    over_of = {v.name: stacks_over(stacks, f"{path}/{v.name}", v.collection) for v in spec.variables}
    own = {f"{path}/{name}": _first_lane(values[f"{path}/{name}"], over) for name, over in over_of.items()}
    layer = Settable(path, spec, own)
    init_fn(layer)
    for variable in spec.variables:
        info_path = f"{path}/{variable.name}"
        new = jnp.asarray(getattr(layer, variable.name), values[info_path].dtype)
        if new.shape != variable.shape:
            raise ValueError(f"{info_path!r}: init_fn set shape {new.shape} where {variable.shape} is needed")
        over = over_of[variable.name]
        values[info_path] = _in_place(jnp.broadcast_to(new, (*(lane.size for lane, _ in over), *new.shape)), over)


def _first_lane(value: Any, over: list[tuple[StackedScope, int]]) -> Any:
    for _, axis in over:
        value = jnp.take(value, 0, axis)
    return value


def structure_of(frame: InitFrame, declarations: list[Declaration]) -> Structure:
    """The structure of all variables, and of what the body declared."""
    infos = frame.annotated(tuple(declaration.stacked(frame.stacks) for declaration in declarations))
    return Structure.of(infos, tuple(info.path for info in infos), Scopes(frame.scopes))


def on_shapes(run: Callable[..., None], args: Any, kwargs: Any, *more: Any) -> None:
    """`run(args, kwargs, *more)` on shapes alone. Arguments that are not arrays stay as they are."""
    arrays, rest = TREES.partition((args, kwargs))

    def body(arrays: list[Any], *more: Any) -> None:
        run(*TREES.combine(arrays, rest), *more)

    jax.eval_shape(body, arrays, *more)


def discover(fn: Callable[..., Any], args: Any, kwargs: Any, key: Any = (0, 0)) -> InitFrame:
    """The frame after a run of `fn` on shapes alone. Arguments that are not arrays stay as they are."""
    frames: list[InitFrame] = []

    def run(args: Any, kwargs: Any) -> None:
        frame = InitFrame(key, abstract=True)
        frames.append(frame)
        run_body(frame, fn, args, kwargs)
        frame.forget()

    on_shapes(run, args, kwargs)
    return frames[-1]
