"""Transforms of functions that take objects, on JAX: the functions run as pure ones of the objects' arrays."""

import threading
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from unified.backends.jax.frame import trace_state
from unified.backends.jax.objects import calls, frame
from unified.backends.jax.objects.kinds import ById, kind_of
from unified.core.errors import TransformBoundaryError
from unified.core.filters import as_predicate
from unified.core.params import Params
from unified.nn.flags import running_flags
from unified.nn.overlay import Overlay, active, laid, read
from unified.nn.twin import Twin
from unified.nn.twin_state import info_of, variables
from unified.nn.variable import Variable

__all__ = ["TRANSFORMS"]

ARRAYS = (jax.Array, np.ndarray, np.generic, int, float, complex)


class Arguments:
    """The arguments of one call: the objects and their variables, the arrays, and all else, which is static."""

    def __init__(self, args: Any, kwargs: Any) -> None:
        leaves, self.structure = jax.tree_util.tree_flatten(
            (args, kwargs), is_leaf=lambda value: isinstance(value, Twin)
        )
        self.arrays = [leaf for leaf in leaves if _is_array(leaf)]
        self.objects: list[Any] = list({id(leaf): leaf for leaf in leaves if isinstance(leaf, Twin)}.values())
        numbers = {id(value): number for number, value in enumerate(self.objects)}
        self.marks = [
            ARRAY if _is_array(leaf) else Part(numbers[id(leaf)]) if isinstance(leaf, Twin) else leaf for leaf in leaves
        ]
        found: dict[Variable, tuple[int, str]] = {}
        for number, value in enumerate(self.objects):
            for path, variable in variables(value):
                found.setdefault(variable, (number, path))
            random = value.__dict__.get("_random")
            if random is not None:
                found.setdefault(random.key, (number, "rng/key"))
                found.setdefault(random.counter, (number, "rng/counter"))
        self.variables = list(found)
        self.where = list(found.values())

    def values(self) -> tuple[Any, ...]:
        return tuple(map(read, self.variables))

    def kind(self) -> Any:
        """Return all that what is compiled depends on, besides shapes."""
        marks = tuple(mark if mark is ARRAY or isinstance(mark, Part) else _hashable(mark) for mark in self.marks)
        flags = tuple((name, _hashable(value)) for name, value in sorted(running_flags().items()))
        overlay = active.overlay
        mode = None if overlay is None else overlay.training
        return self.structure, marks, tuple(map(kind_of, self.objects)), tuple(self.where), flags, mode

    def filled(self, arrays: Any) -> Any:
        """Return `(args, kwargs)` with these arrays, and the objects."""
        rest = iter(arrays)
        leaves = [
            next(rest) if mark is ARRAY else self.objects[mark.number] if isinstance(mark, Part) else mark
            for mark in self.marks
        ]
        return jax.tree_util.tree_unflatten(self.structure, leaves)


class Part(NamedTuple):
    """An object, by its number among those of a call."""

    number: int


ARRAY: Any = object()  # the place of an array


def _is_array(leaf: Any) -> bool:
    return isinstance(leaf, ARRAYS) and not isinstance(leaf, bool)


def _hashable(value: Any) -> Any:
    try:
        hash(value)
    except TypeError:
        return ById(value)
    return type(value), value


class Effects:
    """What a pure run leaves besides its output, told by what the trace returned: static, and known once it is traced.

    It is the static half of a pytree, so that what `jax.jit` has compiled tells it in every call.
    """

    def __init__(self, structure: Any, marks: list[Any], written: list[int], sown: list[tuple[int, str, str]]) -> None:
        self.structure = structure
        self.marks = marks
        self.written = written
        self.sown = sown


class Result:
    """The arrays of a pure run: of its output, and those that it wrote and sowed."""

    def __init__(self, output: list[Any], written: list[Any], sown: list[Any], effects: Effects) -> None:
        self.output = output
        self.written = written
        self.sown = sown
        self.effects = effects


jax.tree_util.register_pytree_node(
    Result,
    lambda result: ((result.output, result.written, result.sown), result.effects),
    lambda effects, children: Result(*children, effects),
)


def run_pure(fn: Callable[..., Any], call: Arguments, values: Any, arrays: Any, steps: tuple[Any, ...] = ()) -> Result:
    """Return what `fn` computes and writes, as a pure function of the objects' values and of arrays."""
    args, kwargs = call.filled(arrays)
    before = [kind_of(value).parts for value in call.objects]
    overlay = Overlay(dict(zip(call.variables, values, strict=True)), None, trace_state())
    overlay.steps = steps
    with laid(overlay):
        output = fn(*args, **kwargs)
    _refuse_changes(call, before)
    leaves, structure = jax.tree_util.tree_flatten(output, is_leaf=lambda value: isinstance(value, Twin))
    numbers = {id(value): number for number, value in enumerate(call.objects)}
    marks = [_out_mark(leaf, numbers) for leaf in leaves]
    positions = [position for position, variable in enumerate(call.variables) if variable in overlay.written]
    sown = []
    for (owner, name), _ in overlay.sown.items():
        number, path = next(
            (number, inner.replace(".", "/"))
            for number, value in enumerate(call.objects)
            for inner, module in value.named_modules()
            if module is owner
        )
        sown.append((number, path, name))
    effects = Effects(structure, marks, positions, sown)
    return Result(
        [leaf for leaf, mark in zip(leaves, marks, strict=True) if mark is ARRAY],
        [overlay.values[call.variables[position]] for position in positions],
        list(overlay.sown.values()),
        effects,
    )


def _out_mark(leaf: Any, numbers: dict[int, int]) -> Any:
    if isinstance(leaf, Twin):
        if id(leaf) not in numbers:
            raise TransformBoundaryError(
                f"the function returned a {type(leaf).__name__} that was made within it: return arrays, or one of the "
                "objects that it was given"
            ).with_page("objects")
        return Part(numbers[id(leaf)])
    return ARRAY if isinstance(leaf, (*ARRAYS, bool)) else leaf


def _refuse_changes(call: Arguments, before: list[Any]) -> None:
    """Raise if a module has other parts than before, which only the first run of what is compiled would change."""
    for value, old in zip(call.objects, before, strict=True):
        new = kind_of(value).parts
        for (cls, *parts), (_, *olds) in zip(new, old, strict=False):
            if parts != olds:
                changed = sorted(
                    {name for name, _ in (*parts[0], *parts[1], *parts[2])}
                    ^ {name for name, _ in (*olds[0], *olds[1], *olds[2])}
                    | {name for (name, new), (_, old) in zip(parts[2], olds[2], strict=False) if new != old}
                )
                raise TransformBoundaryError(
                    f"{cls.__name__} got other attributes within a transform ({', '.join(changed) or 'its parts'}), "
                    "which "
                    "would change once, when it is traced: make what changes a variable in the constructor, "
                    "nn.var('state', ...), and set modes before the call"
                ).with_page("objects")


def keep(call: Arguments, result: Result) -> Any:
    """Store what a run wrote into the objects, and return its output."""
    effects = result.effects
    for position, value in zip(effects.written, result.written, strict=True):
        variable = call.variables[position]
        number, path = call.where[position]
        if path == "rng/counter":
            call.objects[number].__dict__["_random"].used = True
        frame.write(path, variable, value, keeps_gradient=True)
    for (number, path, name), value in zip(effects.sown, result.sown, strict=True):
        calls.sow(call.objects[number].get_submodule(path.replace("/", ".")), name, value)
    arrays = iter(result.output)
    leaves = [
        next(arrays) if mark is ARRAY else call.objects[mark.number] if isinstance(mark, Part) else mark
        for mark in effects.marks
    ]
    return jax.tree_util.tree_unflatten(effects.structure, leaves)


class _Tracing(threading.local):
    call: Arguments | None = None


_tracing = _Tracing()


def jit(fn: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    """See `unified.nn.transforms.jit`."""
    if statics := sorted(name for name in options if name.startswith(("static_", "donate_"))):
        raise TypeError(f"nn.jit takes no {', '.join(statics)}: what is no array or number is static")

    def traced(kind: Any, values: Any, arrays: Any) -> Result:
        call = _tracing.call
        assert call is not None
        return run_pure(fn, call, values, arrays)

    compiled = jax.jit(traced, static_argnums=0, **options)

    def run(*args: Any, **kwargs: Any) -> Any:
        call = Arguments(args, kwargs)
        outer, _tracing.call = _tracing.call, call
        try:
            result = compiled(call.kind(), call.values(), call.arrays)
        finally:
            _tracing.call = outer
        return keep(call, result)

    return run


def value_and_grad(fn: Callable[..., Any], wrt: Any, has_aux: bool) -> Callable[..., Any]:
    """See `unified.nn.transforms.value_and_grad`."""

    def run(*args: Any, **kwargs: Any) -> Any:
        call = Arguments(args, kwargs)
        owner = _first(args)
        accept = (lambda info: info.trainable) if wrt is None else as_predicate(wrt)
        infos = {variable: info_of(path, variable) for path, variable in variables(owner)}
        chosen = [v for v in call.variables if v in infos and accept(infos[v])]
        if not chosen:
            raise ValueError(f"no variable of the {type(owner).__name__} is one to differentiate by (wrt={wrt!r})")
        positions = [call.variables.index(variable) for variable in chosen]
        values = call.values()

        def loss(differentiated: list[Any]) -> Any:
            given = list(values)
            for position, value in zip(positions, differentiated, strict=True):
                given[position] = value
            scalar: list[Any] = []

            def split(*args: Any, **kwargs: Any) -> Any:
                output = fn(*args, **kwargs)
                scalar.append(output[0] if has_aux else output)
                return output

            result = run_pure(split, call, given, call.arrays)
            return scalar[0], result

        (_, result), grads = jax.value_and_grad(loss, has_aux=True)([values[position] for position in positions])
        output = keep(call, result)
        return output, Params._of([(infos[v], grad) for v, grad in zip(chosen, grads, strict=True)])

    return run


def _first(args: Any) -> Any:
    """Return the first argument, an object."""
    if not args or not isinstance(args[0], Twin):
        raise TypeError("the first argument of a function that is differentiated is the object")
    return args[0]


def vmap(fn: Callable[..., Any], in_axes: Any, out_axes: Any, axis_name: Any, split_rngs: bool) -> Callable[..., Any]:
    """See `unified.nn.transforms.vmap`."""

    def run(*args: Any, **kwargs: Any) -> Any:
        call = Arguments(args, kwargs)
        axes = list(in_axes) if isinstance(in_axes, (tuple, list)) else [in_axes] * len(args)
        if len(axes) != len(args):
            raise ValueError(f"in_axes has {len(axes)} entries, and the function is called with {len(args)}")
        leaf_axes: list[Any] = []
        for value, axis in (*zip(args, axes, strict=True), *((value, 0) for value in kwargs.values())):
            leaf_axes += _axes(value, axis)
        sizes = {np.shape(array)[axis] for array, axis in zip(call.arrays, leaf_axes, strict=True) if axis is not None}
        if len(sizes) != 1:
            raise ValueError(f"mapped axes must have one size, got {sorted(sizes) or 'none'}")
        values = call.values()

        def lane(index: Any, arrays: Any) -> Any:
            result = run_pure(fn, call, values, arrays, (index,) if split_rngs else ())
            return result.output, result.written, result.sown, Static(result.effects)

        mapped = jax.vmap(lane, in_axes=(0, leaf_axes), out_axes=(out_axes, None, 0, None), axis_name=axis_name)
        try:
            output, written, sown, static = mapped(np.arange(sizes.pop(), dtype=np.uint32), call.arrays)
        except ValueError as error:
            if "out_axes" not in str(error):
                raise
            raise TransformBoundaryError(
                "vmap: the function writes into a variable of an object values that differ from element to element, "
                "and "
                "all elements share it: make the values equal, as a norm's axis_name= does, or map net.apply over "
                "stacked params"
            ).with_page("objects") from error
        return keep(call, Result(output, written, sown, static.effects))

    return run


class Static:
    """Effects as a pytree without arrays."""

    def __init__(self, effects: Effects) -> None:
        self.effects = effects


jax.tree_util.register_pytree_node(Static, lambda s: ((), s.effects), lambda effects, _: Static(effects))


def _axes(value: Any, axis: Any) -> list[Any]:
    """Return the axis of each array of an argument, from one axis or a tree of them."""
    leaves, structure = jax.tree_util.tree_flatten(value, is_leaf=lambda item: isinstance(item, Twin))
    if axis is None or isinstance(axis, int):
        return [axis for leaf in leaves if _is_array(leaf)]
    axes = jax.tree_util.tree_leaves(axis, is_leaf=lambda item: item is None)
    if len(axes) != len(leaves):
        raise ValueError(f"in_axes {axis!r} does not fit its argument, {structure}")
    return [one for one, leaf in zip(axes, leaves, strict=True) if _is_array(leaf)]


def scan(fn: Callable[..., Any], length: int | None, reverse: bool) -> Callable[..., Any]:
    """See `unified.nn.transforms.scan`."""

    def run(owner: Any, init: Any, xs: Any = None) -> Any:
        init = jax.tree.map(jnp.asarray, init)
        whole = Arguments((owner, init, jax.tree.map(lambda x: x[0], xs)), {})
        values = whole.values()

        def step(values: Any, carry: Any, x: Any) -> Any:
            arrays = jax.tree_util.tree_leaves((carry, x))
            result = run_pure(fn, whole, values, arrays)
            new, y = _pair(whole, result)
            return new, y, result

        probe = jax.eval_shape(step, values, init, jax.tree.map(lambda x: jnp.asarray(x)[0], xs))[2].effects
        if probe.sown:
            raise TransformBoundaryError(
                f"scan: a step sowed {probe.sown[0][2]!r}; return it with the outputs"
            ).with_page("objects")
        positions = probe.written

        def body(carry: Any, x: Any) -> Any:
            state, inner = carry
            given = list(values)
            for position, value in zip(positions, state, strict=True):
                given[position] = value
            new, y, result = step(given, inner, x)
            return (result.written, new), y

        first = [values[position] for position in positions]
        (state, carry), ys = jax.lax.scan(body, (first, init), xs, length=length, reverse=reverse)
        keep(whole, Result([], state, [], Effects(probe.structure, [Part(0)] * len(probe.marks), positions, [])))
        return carry, ys

    return run


def _pair(call: Arguments, result: Result) -> Any:
    """Return the carry and the output of a step."""
    arrays = iter(result.output)
    leaves = [next(arrays) if mark is ARRAY else mark for mark in result.effects.marks]
    output = jax.tree_util.tree_unflatten(result.effects.structure, leaves)
    if not isinstance(output, tuple) or len(output) != 2:
        raise TypeError(f"a step of scan returns (carry, y), got {type(output).__name__}")
    return output


def remat(fn: Callable[..., Any], policy: Any) -> Callable[..., Any]:
    """See `unified.nn.transforms.remat`."""

    def run(*args: Any, **kwargs: Any) -> Any:
        call = Arguments(args, kwargs)
        checkpointed = jax.checkpoint(lambda values, arrays: run_pure(fn, call, values, arrays), policy=policy)
        return keep(call, checkpointed(call.values(), call.arrays))

    return run


class JaxTransforms:
    """The transforms, by name."""

    jit = staticmethod(jit)
    value_and_grad = staticmethod(value_and_grad)
    vmap = staticmethod(vmap)
    scan = staticmethod(scan)
    remat = staticmethod(remat)


TRANSFORMS = JaxTransforms()
