"""JAX's transforms on torch: `grad` and its kin and `vmap` by `torch.func`, `jit` by running the function as it is.

A function that is transformed is given `Array`s, as JAX gives it tracers. What comes out is `Array`s, or tensors if
tensors went in and no `Array` did: code written for JAX goes on with the one, code written for torch with the other.
"""

import functools
from collections.abc import Callable
from typing import Any, cast

import numpy as np
import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils.checkpoint import checkpoint as torch_checkpoint

from unified.compat.jax.active_backend import use_backend
from unified.compat.jax.on_torch import tree_util as tree
from unified.compat.jax.on_torch.array import Array, as_array, tensor, unwrap
from unified.compat.jax.on_torch.behaviour import Behaviour
from unified.compat.jax.on_torch.dtypes import numpy_dtype, torch_dtype
from unified.compat.jax.on_torch.lax.collectives import mapped as in_axis
from unified.core import backends

__all__ = [
    "ShapeDtypeStruct",
    "checkpoint",
    "custom_jvp",
    "custom_vjp",
    "eval_shape",
    "grad",
    "hessian",
    "jacfwd",
    "jacobian",
    "jacrev",
    "jit",
    "jvp",
    "linearize",
    "named_call",
    "pmap",
    "remat",
    "value_and_grad",
    "vjp",
    "vmap",
]

BEHAVIOUR = Behaviour(on_arrays=True)


TORCH = backends.load("torch")


def enter(value: Any) -> Any:
    """The tree with an `Array` for each tensor and NumPy array."""

    def as_array(leaf: Any) -> Any:
        return Array(tensor(leaf)) if isinstance(leaf, (torch.Tensor, np.ndarray, np.generic)) else leaf

    return tree.map_in_order(as_array, value)


def leave(value: Any, given: Any) -> Any:
    """The tree with tensors for arrays if tensors were given and no `Array` was."""
    leaves = tree.tree_leaves(given)
    if any(isinstance(leaf, Array) for leaf in leaves) or not any(isinstance(leaf, torch.Tensor) for leaf in leaves):
        return tree.map_in_order(lambda leaf: Array(leaf) if isinstance(leaf, torch.Tensor) else leaf, value)
    return tree.map_in_order(unwrap, value)


def jit(fun: Any = None, /, **options: Any) -> Any:
    """`fun` run as it is, on `Array`s. To compile, give what comes of it to `torch.compile`."""
    if fun is None:
        return functools.partial(jit, **options)
    numbers = options.get("static_argnums") or ()
    static = {numbers} if isinstance(numbers, int) else set(numbers)

    @functools.wraps(fun)
    def jitted(*args: Any, **kwargs: Any) -> Any:
        given = [arg if place in static else enter(arg) for place, arg in enumerate(args)]
        with use_backend(TORCH):
            found = fun(*given, **enter(kwargs))
        return leave(found, (args, kwargs))

    jitted.lower = jitted  # type: ignore[attr-defined]
    return jitted


class _Parts:
    """A tree taken apart into its floating-point tensors, which are differentiated or mapped, and the rest."""

    def __init__(self, value: Any, chosen: Callable[[torch.Tensor], bool]) -> None:
        self.leaves, self.structure = tree.tree_flatten(value)
        self.places, self.tensors, self.kinds = [], [], []
        for place, leaf in enumerate(self.leaves):
            if isinstance(leaf, torch.Tensor | Array | np.ndarray | np.generic | float | int) and not isinstance(
                leaf, bool
            ):
                found = tensor(leaf)
                if chosen(found):
                    self.places.append(place)
                    self.tensors.append(found)
                    self.kinds.append(type(as_array(leaf)))

    def merge(self, tensors: Any) -> Any:
        leaves = list(self.leaves)
        for place, kind, value in zip(self.places, self.kinds, tensors, strict=True):
            leaves[place] = kind(value) if isinstance(value, torch.Tensor) else value
        return self.structure.unflatten(leaves)


def _floating(value: torch.Tensor) -> bool:
    return value.is_floating_point() or value.is_complex()


def _as_tuple(argnums: Any) -> tuple[int, ...]:
    return (argnums,) if isinstance(argnums, int) else tuple(argnums)


class _Called:
    """`fun` of some of its arguments' tensors, and the structure of what it gave."""

    def __init__(self, fun: Any, args: tuple[Any, ...], kwargs: Any, argnums: tuple[int, ...], has_aux: bool) -> None:
        self.fun, self.args, self.kwargs, self.has_aux = fun, args, kwargs, has_aux
        self.argnums = tuple(number % len(args) for number in argnums)
        self.chosen = _Parts(tuple(args[number] for number in self.argnums), _floating)
        self.output: Any = None
        self.aux: Any = None

    def check(self) -> None:
        if len(self.chosen.places) != len(self.chosen.leaves):
            wrong = [leaf for place, leaf in enumerate(self.chosen.leaves) if place not in self.chosen.places]
            kind = getattr(wrong[0], "dtype", type(wrong[0]).__name__)
            raise TypeError(f"gradients are taken of floating-point arguments, got {kind} in argument {self.argnums}")

    def __call__(self, *tensors: torch.Tensor) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
        arguments = list(enter(self.args))
        for number, value in zip(self.argnums, self.chosen.merge(tensors), strict=True):
            arguments[number] = value
        with use_backend(TORCH):
            found = self.fun(*arguments, **enter(self.kwargs))
        output, aux = found if self.has_aux else (found, None)
        self.output = _Parts(output, lambda _: True)
        self.aux = _Parts(aux, lambda _: True)
        return self.output.tensors, self.aux.tensors


def value_and_grad(
    fun: Any, argnums: Any = 0, has_aux: bool = False, holomorphic: bool = False, allow_int: bool = False,
    reduce_axes: Any = (),
) -> Any:  # fmt: skip
    @functools.wraps(fun)
    def differentiated(*args: Any, **kwargs: Any) -> Any:
        call = _Called(fun, args, kwargs, _as_tuple(argnums), has_aux)
        if not allow_int:
            call.check()

        def scalar(*tensors: torch.Tensor) -> Any:
            outputs, aux = call(*tensors)
            if len(outputs) != 1 or outputs[0].dim() or not _floating(outputs[0]):
                shapes = [f"{t.dtype}{list(t.shape)}" for t in outputs]
                raise TypeError(f"gradients are taken of functions that give one floating-point number, got {shapes}")
            return outputs[0], aux

        count = len(call.chosen.tensors)
        gradients, (value, aux) = torch.func.grad_and_value(scalar, tuple(range(count)), has_aux=True)(
            *call.chosen.tensors
        )
        found = call.chosen.merge(gradients)
        value, found = call.output.merge([value]), found if isinstance(argnums, tuple | list) else found[0]
        result = ((value, call.aux.merge(aux)) if has_aux else value), found
        return leave(result, (args, kwargs))

    return differentiated


def grad(
    fun: Any, argnums: Any = 0, has_aux: bool = False, holomorphic: bool = False, allow_int: bool = False,
    reduce_axes: Any = (),
) -> Any:  # fmt: skip
    both = value_and_grad(fun, argnums, has_aux, holomorphic, allow_int)

    @functools.wraps(fun)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        value, found = both(*args, **kwargs)
        return (found, value[1]) if has_aux else found

    return gradient


def vjp(fun: Any, *primals: Any, has_aux: bool = False, reduce_axes: Any = ()) -> Any:
    call = _Called(fun, primals, {}, tuple(range(len(primals))), has_aux)
    outputs, pullback, aux = cast(Any, torch.func.vjp)(call, *call.chosen.tensors, has_aux=True)

    def pulled(cotangents: Any) -> Any:
        given = [tensor(leaf) for leaf in tree.tree_leaves(cotangents)]
        given = [t.to(o.dtype).expand(o.shape) for t, o in zip(given, outputs, strict=True)]
        return leave(call.chosen.merge(pullback(given)), primals)

    output = leave(call.output.merge(outputs), primals)
    return (output, pulled, leave(call.aux.merge(aux), primals)) if has_aux else (output, pulled)


def jvp(fun: Any, primals: Any, tangents: Any, has_aux: bool = False) -> Any:
    primals, tangents = tuple(primals), tuple(tangents)
    call = _Called(fun, primals, {}, tuple(range(len(primals))), has_aux)
    moved = [tensor(leaf) for leaf in tree.tree_leaves(tangents)]
    moved = [moved[place].to(t.dtype) for place, t in zip(call.chosen.places, call.chosen.tensors, strict=True)]
    outputs, changes, aux = cast(Any, torch.func.jvp)(call, tuple(call.chosen.tensors), tuple(moved), has_aux=True)
    output, change = call.output.merge(outputs), call.output.merge(changes)
    found = (output, change, call.aux.merge(aux)) if has_aux else (output, change)
    return leave(found, (primals, tangents))


def linearize(fun: Any, *primals: Any) -> Any:
    output = fun(*enter(primals))
    return leave(output, primals), lambda *tangents: jvp(fun, primals, tangents)[1]


def _jacobian(differentiate: Any) -> Any:
    def of(
        fun: Any, argnums: Any = 0, has_aux: bool = False, holomorphic: bool = False, allow_int: bool = False
    ) -> Any:
        @functools.wraps(fun)
        def jacobian(*args: Any, **kwargs: Any) -> Any:
            call = _Called(fun, args, kwargs, _as_tuple(argnums), has_aux)
            call.check()
            rows, aux = differentiate(call, tuple(range(len(call.chosen.tensors))), has_aux=True)(*call.chosen.tensors)
            found = call.output.merge([_Row(row) for row in rows])
            single = not isinstance(argnums, tuple | list)

            def by_argument(row: Any) -> Any:
                merged = call.chosen.merge(row.parts)
                return merged[0] if single else merged

            found = tree.tree_map(by_argument, found, is_leaf=lambda leaf: isinstance(leaf, _Row))
            return leave((found, call.aux.merge(aux)) if has_aux else found, (args, kwargs))

        return jacobian

    return of


class _Row:
    """The derivatives of one output by all inputs."""

    def __init__(self, parts: Any) -> None:
        self.parts = parts


jacfwd, jacrev = _jacobian(torch.func.jacfwd), _jacobian(torch.func.jacrev)
jacobian = jacrev


def hessian(fun: Any, argnums: Any = 0, has_aux: bool = False, holomorphic: bool = False) -> Any:
    return jacfwd(jacrev(fun, argnums, has_aux), argnums, has_aux)


def _axes(axes: Any, value: Any) -> list[Any]:
    """The axis of each leaf; `axes` may be a prefix of the tree."""
    if axes is None or isinstance(axes, int):
        return [axes] * len(tree.tree_leaves(value))
    leaves, structure = tree.tree_flatten(axes, is_leaf=lambda leaf: leaf is None or isinstance(leaf, int))
    found = []
    for axis, part in zip(leaves, structure.flatten_up_to(value), strict=True):
        found += [axis] * len(tree.tree_leaves(part))
    return found


def vmap(
    fun: Any, in_axes: Any = 0, out_axes: Any = 0, axis_name: Any = None, axis_size: int | None = None,
    spmd_axis_name: Any = None,
) -> Any:  # fmt: skip
    in_axes = tuple(in_axes) if isinstance(in_axes, list) else in_axes

    @functools.wraps(fun)
    def mapped(*args: Any, **kwargs: Any) -> Any:
        parts, others = _Parts(args, lambda _: True), _Parts(kwargs, lambda _: True)
        axes = _axes(in_axes, args)
        axes = [axes[place] for place in parts.places]
        every = [*parts.tensors, *others.tensors]
        every_axes = [*axes, *([0] * len(others.tensors))]
        sizes = [t.shape[axis] for t, axis in zip(every, every_axes, strict=True) if axis is not None]
        sizes += [] if axis_size is None else [axis_size]
        if not sizes:
            raise ValueError("vmap needs an array with a mapped axis, or axis_size=")
        size = sizes[0]
        if any(other != size for other in sizes[1:]):
            raise ValueError(f"vmap: the mapped axes must have one size, got {sorted(set(sizes))}")
        results: list[_Parts] = []

        def run(lane: torch.Tensor, tensors: list[torch.Tensor]) -> Any:
            given, named_ones = tensors[: len(axes)], tensors[len(axes) :]
            with use_backend(TORCH), in_axis(axis_name, size, lane):
                found = fun(*parts.merge(given), **others.merge(named_ones))
            results[:] = [_Parts(found, lambda _: True)]
            return [t.clone() if t.dim() == 0 and not _is_batched(t) else t for t in results[0].tensors]

        lanes = torch.arange(size, device=every[0].device if every else None)
        outputs = torch.func.vmap(run, in_dims=(0, every_axes), randomness="same")(lanes, every)
        output = results[0]
        out = _axes(out_axes, output.structure.unflatten(output.leaves))
        out = [out[place] for place in output.places]
        moved = [t[0] if axis is None else t.movedim(0, axis) for t, axis in zip(outputs, out, strict=True)]
        return leave(output.merge(moved), (args, kwargs))

    return mapped


def _is_batched(value: torch.Tensor) -> bool:
    return torch._C._functorch.is_functorch_wrapped_tensor(value)


def pmap(
    fun: Any, axis_name: Any = None, *, in_axes: Any = 0, out_axes: Any = 0, static_broadcasted_argnums: Any = (),
    devices: Any = None, backend: Any = None, axis_size: int | None = None, donate_argnums: Any = (),
    global_arg_shapes: Any = None,
) -> Any:  # fmt: skip
    """`fun` on the one device there is: mapped axes have size 1."""
    static = _as_tuple(static_broadcasted_argnums)

    @functools.wraps(fun)
    def mapped(*args: Any, **kwargs: Any) -> Any:
        axes = in_axes if isinstance(in_axes, tuple | list) else (in_axes,) * len(args)
        given = []
        for place, (arg, axis) in enumerate(zip(args, axes, strict=True)):
            if place in static or axis is None:
                given.append(arg if place in static else enter(arg))
                continue
            given.append(tree.tree_map(functools.partial(_only, axis=axis), arg))
        with use_backend(TORCH), in_axis(axis_name, 1, None):
            found = fun(*given, **tree.tree_map(functools.partial(_only, axis=0), kwargs))
        axis = 0 if out_axes is None else out_axes
        return leave(tree.tree_map(lambda leaf: Array(tensor(leaf).unsqueeze(axis)), found), (args, kwargs))

    return mapped


def _only(leaf: Any, axis: int) -> Any:
    value = tensor(leaf)
    if value.shape[axis] != 1:
        raise ValueError(f"pmap maps axes of size {value.shape[axis]} over the 1 device that torch offers it")
    return Array(value.select(axis, 0))


def checkpoint(
    fun: Any = None, *, concrete: bool = False, prevent_cse: bool = True, static_argnums: Any = (), policy: Any = None
) -> Any:
    """Intermediate values are computed again for the gradient, by `torch.utils.checkpoint`."""
    if fun is None:
        return functools.partial(checkpoint, static_argnums=static_argnums, policy=policy)

    @functools.wraps(fun)
    def saved(*args: Any, **kwargs: Any) -> Any:
        inside = torch._C._functorch.peek_interpreter_stack() is not None  # where torch takes no checkpoint
        if inside or not torch.is_grad_enabled():
            return fun(*args, **kwargs)

        def run(*args: Any) -> Any:
            with use_backend(TORCH):
                return fun(*args, **kwargs)

        return torch_checkpoint(run, *args, use_reentrant=False)

    return saved


remat = checkpoint


class ShapeDtypeStruct:
    """The shape and dtype of an array, without its values."""

    __slots__ = ("dtype", "shape", "sharding")

    def __init__(self, shape: Any, dtype: Any, *, sharding: Any = None, **options: Any) -> None:
        self.shape = tuple(int(size) for size in shape)
        self.dtype = numpy_dtype(torch_dtype(dtype))
        self.sharding = sharding

    @property
    def torch_dtype(self) -> torch.dtype:
        return torch_dtype(self.dtype)

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return int(np.prod(self.shape, dtype=int))

    def __len__(self) -> int:
        return self.shape[0]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ShapeDtypeStruct) and (self.shape, self.dtype) == (other.shape, other.dtype)

    def __hash__(self) -> int:
        return hash((self.shape, str(self.dtype)))

    def __repr__(self) -> str:
        return f"ShapeDtypeStruct(shape={self.shape}, dtype={self.dtype})"


def eval_shape(fun: Any, *args: Any, **kwargs: Any) -> Any:
    """The shapes and dtypes that `fun` gives, from tensors without values."""

    with FakeTensorMode(allow_non_fake_inputs=True) as mode, use_backend(TORCH):

        def fake(leaf: Any) -> Any:
            if isinstance(leaf, torch.Tensor | Array | np.ndarray):
                return Array(mode.from_tensor(tensor(leaf)))
            if hasattr(leaf, "shape") and hasattr(leaf, "dtype"):
                return Array(torch.empty(tuple(leaf.shape), dtype=torch_dtype(leaf.dtype)))
            return leaf

        found = fun(*tree.tree_map(fake, args), **tree.tree_map(fake, kwargs))
        return tree.tree_map(_shape_of, found)


def _shape_of(leaf: Any) -> ShapeDtypeStruct:
    value = tensor(leaf)
    return ShapeDtypeStruct(tuple(value.shape), value.dtype)


def named_call(fun: Any, *, name: str | None = None) -> Any:
    """`fun`, under a name in torch's profiles."""

    @functools.wraps(fun)
    def run(*args: Any, **kwargs: Any) -> Any:
        with torch.autograd.profiler.record_function(name or fun.__name__):
            return fun(*args, **kwargs)

    return run


class custom_vjp:  # noqa: N801
    """A function with a gradient of its own: `defvjp(forward, backward)`, as JAX's."""

    def __init__(self, fun: Any, nondiff_argnums: Any = ()) -> None:
        self.fun, self.static = fun, tuple(nondiff_argnums)
        functools.update_wrapper(self, fun)

    def defvjp(self, fwd: Any, bwd: Any, symbolic_zeros: bool = False, optimize_remat: bool = False) -> None:
        self.fwd, self.bwd = fwd, bwd

    def __call__(self, *args: Any) -> Any:
        static = [args[place] for place in self.static]
        parts = _Parts(tuple(arg for place, arg in enumerate(args) if place not in self.static), lambda _: True)
        results: list[_Parts] = []
        residuals: list[_Parts] = []

        def arguments(tensors: Any) -> list[Any]:
            moving = iter(parts.merge(tensors))
            fixed = iter(static)
            return [next(fixed) if place in self.static else next(moving) for place in range(len(args))]

        class Own(torch.autograd.Function):
            generate_vmap_rule = True

            @staticmethod
            def forward(*tensors: Any) -> Any:
                with use_backend(TORCH):
                    output, kept = self.fwd(*arguments(tensors))
                results[:], residuals[:] = [_Parts(output, lambda _: True)], [_Parts(kept, lambda _: True)]
                return (*results[0].tensors, *residuals[0].tensors)

            @staticmethod
            def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
                kept = output[len(results[0].tensors) :]
                ctx.save_for_backward(*kept)
                ctx.mark_non_differentiable(*kept)
                ctx.shapes, ctx.count, ctx.kept = (
                    [(t.shape, t.dtype) for t in inputs],
                    len(results[0].tensors),
                    residuals[0],
                )

            @staticmethod
            def backward(ctx: Any, *cotangents: Any) -> Any:
                kept = ctx.kept.merge(ctx.saved_tensors)
                given = results[0].merge(cotangents[: ctx.count])
                with use_backend(TORCH):
                    found = self.bwd(*static, kept, given)
                leaves = parts.structure.flatten_up_to(tuple(found))
                leaves = [leaves[place] for place in parts.places]
                return tuple(
                    None if leaf is None or not dtype.is_floating_point else tensor(leaf).to(dtype).reshape(shape)
                    for leaf, (shape, dtype) in zip(leaves, ctx.shapes, strict=True)
                )

        outputs = Own.apply(*parts.tensors)
        count = len(results[0].tensors)
        return (
            leave(results[0].merge(outputs[:count]), args)
            if not _has_arrays(args)
            else results[0].merge(outputs[:count])
        )


def _has_arrays(args: Any) -> bool:
    return any(isinstance(leaf, Array) for leaf in tree.tree_leaves(args))


class custom_jvp:  # noqa: N801
    """A function with a derivative of its own: its rule is given the primal values and tangents, as JAX's.

    The gradient is that of the rule, which is linear in the tangents: `value + rule(tangent) - rule(tangent)` without
    gradients, with tangents that are zero and carry the gradients of the arguments.
    """

    def __init__(self, fun: Any, nondiff_argnums: Any = ()) -> None:
        self.fun, self.static = fun, tuple(nondiff_argnums)
        self.rule: Any = None
        functools.update_wrapper(self, fun)

    def defjvp(self, jvp: Any, symbolic_zeros: bool = False) -> Any:
        self.rule = jvp
        return jvp

    def defjvps(self, *jvps: Any) -> None:
        def rule(primals: Any, tangents: Any) -> Any:
            output = self(*primals)
            parts = [f(t, output, *primals) for f, t in zip(jvps, tangents, strict=True) if f is not None]
            return output, functools.reduce(lambda a, b: tree.tree_map(lambda x, y: x + y, a, b), parts)

        self.rule = rule

    def __call__(self, *args: Any) -> Any:
        given = enter(args)
        static = [given[place] for place in self.static]
        moving = [arg for place, arg in enumerate(given) if place not in self.static]
        if self.rule is None:
            return self.fun(*given)
        still = tree.tree_map(lambda leaf: Array(tensor(leaf).detach()), moving)
        tangents = tree.tree_map(lambda leaf, fixed: Array(tensor(leaf) - tensor(fixed)), moving, still)
        output, change = self.rule(*static, tuple(still), tuple(tangents))
        whole = tree.tree_map(lambda value, more: Array(tensor(value).detach() + tensor(more)), output, change)
        return leave(whole, args)
