"""JAX's transforms on torch: derivatives and `vmap` by `torch.func`.

A transformed function is called with `Array`s, as JAX calls it with tracers. The results are tensors if the arguments
contained tensors and no `Array`, otherwise `Array`s: code for torch continues with tensors, code for JAX with arrays.
"""

import functools
from collections.abc import Callable, Iterable
from typing import Any, cast

import numpy as np
import torch

from unified.backends.torch.gradients import conjugated
from unified.backends.torch.lanes import mapped as in_axis
from unified.compat.jax.active_backend import use_backend
from unified.compat.jax.dtypes import KEY_DTYPE, KeyDtype
from unified.compat.jax.on_torch import tree_util as tree
from unified.compat.jax.on_torch.arguments import AxisError
from unified.compat.jax.on_torch.array import Array, as_array, tensor, unwrap
from unified.compat.jax.on_torch.behaviour import Behaviour
from unified.compat.jax.on_torch.dtypes import numpy_dtype, torch_dtype
from unified.compat.jax.on_torch.errors import UnexpectedTracerError
from unified.compat.jax.on_torch.saved_tensors import unhooked
from unified.compat.jax.on_torch.tracing import Abstract, Reference, abstract_of, current, higher_order, level, traced
from unified.compat.jax.on_torch.tracing.staged import Type, is_staging, name_of, stage, type_of
from unified.compat.jax.on_torch.typed_keys import KeyArray
from unified.core import backends
from unified.core.trees import StaticTree

__all__ = [
    "ShapeDtypeStruct",
    "eval_shape",
    "grad",
    "hessian",
    "jacfwd",
    "jacobian",
    "jacrev",
    "jvp",
    "linear_transpose",
    "linearize",
    "named_call",
    "pmap",
    "value_and_grad",
    "vjp",
    "vmap",
]

BEHAVIOUR = Behaviour(on_arrays=True)


TORCH = backends.load("torch")


def enter(value: Any) -> Any:
    """Return the tree with an `Array` for each tensor and NumPy array."""

    def as_array(leaf: Any) -> Any:
        return Array(tensor(leaf)) if isinstance(leaf, (torch.Tensor, np.ndarray, np.generic)) else leaf

    return tree.map_in_order(as_array, value)


def leave(value: Any, args: Any) -> Any:
    """Return the tree with tensors for arrays if the arguments contained tensors and no `Array`."""
    leaves = [leaf for leaf in tree.tree_leaves(args) if type(leaf) is not KeyArray]  # which torch's code passes too
    if any(isinstance(leaf, Array) for leaf in leaves) or not any(isinstance(leaf, torch.Tensor) for leaf in leaves):
        return tree.map_in_order(lambda leaf: Array(leaf) if isinstance(leaf, torch.Tensor) else leaf, value)
    return tree.map_in_order(lambda leaf: leaf if type(leaf) is KeyArray else unwrap(leaf), value)


NUMERIC = (torch.Tensor, Array, np.ndarray, np.generic, float, int)


def partition(
    value: Any, select: Callable[[torch.Tensor], bool] = lambda _: True
) -> tuple[list[torch.Tensor], StaticTree]:
    """Return the arrays and numbers of a tree that `select` accepts, as tensors, and the rest; see `combine`.

    Unlike `Trees.partition`, it converts Python numbers and NumPy arrays; leaves that are not selected do not change.
    """
    leaves, structure = tree.tree_flatten(value)
    tensors, positions = [], []
    for position, leaf in enumerate(leaves):
        if isinstance(leaf, NUMERIC) and not isinstance(leaf, bool):
            array = tensor(leaf)
            if select(array):
                tensors.append(array)
                positions.append(position)
                leaves[position] = type(as_array(leaf))  # in which it is wrapped again: a weak array stays weak
    return tensors, StaticTree(structure, tuple(leaves), tuple(positions))


def combine(values: Iterable[Any], static: StaticTree) -> Any:
    """Return the tree that `partition` split, with these values, and an `Array` for each tensor."""
    leaves = list(static.leaves)
    for position, value in zip(static.positions, values, strict=True):
        leaves[position] = leaves[position](value) if isinstance(value, torch.Tensor) else value
    return static.structure.unflatten(leaves)


def is_inexact(value: torch.Tensor) -> bool:
    return value.is_floating_point() or value.is_complex()


def as_tuple(argnums: Any) -> tuple[int, ...]:
    return (argnums,) if isinstance(argnums, int) else tuple(argnums)


class _FlatFunction:
    """A function of the tensors of some arguments of `fun`, which keeps the structure of the output."""

    output: StaticTree
    aux: StaticTree

    def __init__(self, fun: Any, args: tuple[Any, ...], kwargs: Any, argnums: tuple[int, ...], has_aux: bool) -> None:
        self.fun, self.args, self.kwargs, self.has_aux = fun, args, kwargs, has_aux
        self.argnums = tuple(number % len(args) for number in argnums)
        self.tensors, self.static = partition(tuple(args[number] for number in self.argnums), is_inexact)

    def check(self) -> None:
        """Raise `TypeError` if a leaf of these arguments is not differentiable."""
        others = [leaf for position, leaf in enumerate(self.static.leaves) if position not in self.static.positions]
        if others:
            kind = getattr(others[0], "dtype", type(others[0]).__name__)
            raise TypeError(
                f"expected floating-point arguments to differentiate, got {kind} in arguments {self.argnums}"
            )

    def __call__(self, *tensors: torch.Tensor) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
        arguments = list(enter(self.args))
        for number, value in zip(self.argnums, combine(tensors, self.static), strict=True):
            arguments[number] = value
        with use_backend(TORCH):
            result = self.fun(*arguments, **enter(self.kwargs))
        output, aux = result if self.has_aux else (result, None)
        outputs, self.output = partition(output)
        aux_tensors, self.aux = partition(aux)
        return outputs, aux_tensors


def value_and_grad(
    fun: Any, argnums: Any = 0, has_aux: bool = False, holomorphic: bool = False, allow_int: bool = False,
    reduce_axes: Any = (),
) -> Any:  # fmt: skip
    @functools.wraps(fun)
    def differentiated(*args: Any, **kwargs: Any) -> Any:
        flat = _FlatFunction(fun, args, kwargs, as_tuple(argnums), has_aux)
        if not allow_int:
            flat.check()

        positions = tuple(range(len(flat.tensors)))

        def differentiate(function: Any) -> Any:
            def scalar(*tensors: torch.Tensor) -> Any:
                outputs, aux = function(*tensors)
                output = _scalar(outputs, holomorphic)
                return (output.real, (output, aux)) if holomorphic else (output, aux)

            if not positions:  # an empty tree, such as the parameters of a module without any
                return lambda: ((), scalar())
            return unhooked(torch.func.grad_and_value(scalar, positions, has_aux=True))

        def result(traced: Any) -> Any:
            output, aux = _scalar(traced[0], holomorphic), traced[1]
            if holomorphic:
                output, aux = output._replace(dtype=output.dtype.to_real()), (output, aux)
            return [abstract_of(t) for t in flat.tensors], (output, aux)

        derivatives, (output, aux) = higher_order(differentiate, flat, flat.tensors, result, f"{name_of(fun)} (grad)")
        if holomorphic:
            output, aux = aux
        gradients = combine(conjugated(derivatives), flat.static)
        gradients = gradients if isinstance(argnums, tuple | list) else gradients[0]
        value = combine([output], flat.output)
        return leave(((value, combine(aux, flat.aux)) if has_aux else value, gradients), (args, kwargs))

    return differentiated


def _scalar(outputs: Any, holomorphic: bool) -> Any:
    """Return the only output; raise unless it is a real floating-point number, or a complex one where `holomorphic`."""
    if len(outputs) == 1 and not len(outputs[0].shape):
        dtype = outputs[0].dtype
        if dtype.is_complex if holomorphic else dtype.is_floating_point:
            return outputs[0]
    shapes = [f"{t.dtype}{list(t.shape)}" for t in outputs]
    kind = "complex" if holomorphic else "floating-point"
    raise TypeError(f"expected a function that returns one {kind} number to differentiate, got {shapes}")


def grad(
    fun: Any, argnums: Any = 0, has_aux: bool = False, holomorphic: bool = False, allow_int: bool = False,
    reduce_axes: Any = (),
) -> Any:  # fmt: skip
    value_and_gradient = value_and_grad(fun, argnums, has_aux, holomorphic, allow_int)

    @functools.wraps(fun)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        value, gradients = value_and_gradient(*args, **kwargs)
        return (gradients, value[1]) if has_aux else gradients

    return gradient


def vjp(fun: Any, *primals: Any, has_aux: bool = False, reduce_axes: Any = ()) -> Any:
    flat = _FlatFunction(fun, primals, {}, tuple(range(len(primals))), has_aux)
    inputs = [abstract_of(t) for t in flat.tensors]

    def differentiate(function: Any) -> Any:
        return lambda *tensors: unhooked(torch.func.vjp)(function, *tensors, has_aux=True)

    outputs, pullback, aux = higher_order(
        differentiate,
        flat,
        flat.tensors,
        lambda traced: (traced[0], Reference(), traced[1]),
        f"{name_of(fun)} (vjp)",
    )
    shapes = [abstract_of(t) for t in outputs]

    def pull_back(cotangents: Any) -> Any:
        tensors = [tensor(leaf) for leaf in tree.tree_leaves(cotangents)]
        tensors = conjugated(t.to(o.dtype).expand(o.shape) for t, o in zip(tensors, shapes, strict=True))
        trace = current()
        if trace is not None:
            gradients = trace.apply(_pull_back, [pullback, tensors], inputs)
        elif isinstance(pullback, Reference):
            raise UnexpectedTracerError(
                "the pullback of a jax.vjp was called outside of the trace that made it: call it in there, and return "
                "what it returns"
            )
        else:
            gradients = pullback(tensors)
        return leave(combine(conjugated(gradients), flat.static), primals)

    output = leave(combine(outputs, flat.output), primals)
    return (output, pull_back, leave(combine(aux, flat.aux), primals)) if has_aux else (output, pull_back)


def _pull_back(pullback: Any, cotangents: Any) -> Any:
    return pullback(cotangents)


def jvp(fun: Any, primals: Any, tangents: Any, has_aux: bool = False) -> Any:
    primals, tangents = tuple(primals), tuple(tangents)
    flat = _FlatFunction(fun, primals, {}, tuple(range(len(primals))), has_aux)
    leaves = [tensor(leaf) for leaf in tree.tree_leaves(tangents)]
    directions = tuple(
        leaves[position].to(t.dtype) for position, t in zip(flat.static.positions, flat.tensors, strict=True)
    )
    outputs, output_tangents, aux = _pushed(flat, flat.tensors, directions, f"{name_of(fun)} (jvp)")
    result = combine(outputs, flat.output), combine(output_tangents, flat.output)
    return leave((*result, combine(aux, flat.aux)) if has_aux else result, (primals, tangents))


def _pushed(flat: Any, primals: Any, directions: Any, name: str) -> Any:
    """Return the outputs of a flat function, their tangents and further outputs."""
    count = len(primals)

    def differentiate(function: Any) -> Any:
        def run(*tensors: torch.Tensor) -> Any:
            return cast(Any, torch.func.jvp)(function, tensors[:count], tensors[count:], has_aux=True)

        return run

    def result(traced: Any) -> Any:
        return traced[0], list(traced[0]), traced[1]

    return higher_order(differentiate, flat, [*primals, *directions], result, name, inputs=primals)


def linear_transpose(fun: Any, *primals: Any, reduce_axes: Any = ()) -> Any:
    """Return the transpose of a linear function of arrays like these, of which shapes and dtypes are enough."""
    zeros = tree.tree_map(lambda leaf: _zeros_like(type_of_leaf(leaf), leaf), primals)

    def transposed(cotangents: Any) -> Any:
        return vjp(fun, *zeros)[1](cotangents)

    return transposed


def _zeros_like(what: Any, leaf: Any) -> Any:
    if what is None:
        raise TypeError(f"linear_transpose takes arrays, or what has a shape and a dtype, got {type(leaf).__name__}")
    return what.kind(torch.zeros(what.abstract.shape, dtype=what.abstract.dtype, device=what.abstract.device))


def linearize(fun: Any, *primals: Any) -> Any:
    if not is_staging():
        output = fun(*enter(primals))
        return leave(output, primals), lambda *tangents: jvp(fun, primals, tangents)[1]
    flat = _FlatFunction(fun, primals, {}, tuple(range(len(primals))), False)
    graph = traced(flat, [abstract_of(t) for t in flat.tensors], f"{name_of(fun)} (linearize)")
    trace = current()
    args = [*graph.captures, *flat.tensors]
    outputs, _ = graph.function(*args) if trace is None else trace.apply(graph.function, args, graph.result)

    def tangent(*tangents: Any) -> Any:
        leaves = [tensor(leaf) for leaf in tree.tree_leaves(tangents)]
        pairs = zip(flat.static.positions, flat.tensors, strict=True)
        directions = tuple(leaves[position].to(t.dtype) for position, t in pairs)
        pushed = _pushed(graph, flat.tensors, directions, f"{name_of(fun)} (linearize)")[1]
        return leave(combine(pushed, flat.output), (primals, tangents))

    return leave(combine(outputs, flat.output), primals), tangent


def _jacobian(differentiate: Any, is_forward: bool) -> Any:
    """Return `jacfwd` or `jacrev` from the function of `torch.func`."""

    def transform(
        fun: Any, argnums: Any = 0, has_aux: bool = False, holomorphic: bool = False, allow_int: bool = False
    ) -> Any:
        @functools.wraps(fun)
        def jacobian(*args: Any, **kwargs: Any) -> Any:
            flat = _FlatFunction(fun, args, kwargs, as_tuple(argnums), has_aux)
            flat.check()
            positions = tuple(range(len(flat.tensors)))
            inputs = [abstract_of(t) for t in flat.tensors]

            def result(traced: Any) -> Any:
                def row(output: Abstract) -> Any:
                    return [
                        Abstract((*output.shape, *x.shape), (output if is_forward else x).dtype, x.device)
                        for x in inputs
                    ]

                return [row(output) for output in traced[0]], traced[1]

            rows, aux = higher_order(
                lambda function: unhooked(differentiate(function, positions, has_aux=True)),
                flat,
                flat.tensors,
                result,
                f"{name_of(fun)} ({'jacfwd' if is_forward else 'jacrev'})",
            )
            jacobians = combine([_Row(row) for row in rows], flat.output)
            single = not isinstance(argnums, tuple | list)

            def by_argument(row: Any) -> Any:
                derivatives = combine(row.derivatives, flat.static)
                return derivatives[0] if single else derivatives

            jacobians = tree.tree_map(by_argument, jacobians, is_leaf=lambda leaf: isinstance(leaf, _Row))
            return leave((jacobians, combine(aux, flat.aux)) if has_aux else jacobians, (args, kwargs))

        return jacobian

    return transform


class _Row:
    """The derivatives of one output with respect to all inputs."""

    def __init__(self, derivatives: Any) -> None:
        self.derivatives = derivatives


jacfwd, jacrev = _jacobian(torch.func.jacfwd, True), _jacobian(torch.func.jacrev, False)
jacobian = jacrev


def hessian(fun: Any, argnums: Any = 0, has_aux: bool = False, holomorphic: bool = False) -> Any:
    return jacfwd(jacrev(fun, argnums, has_aux), argnums, has_aux)


def _axes(axes: Any, value: Any) -> list[Any]:
    """Return the axis of each leaf; `axes` may be a prefix of the tree."""
    if axes is None or isinstance(axes, int):
        return [axes] * len(tree.tree_leaves(value))
    leaves, structure = tree.tree_flatten(axes, is_leaf=lambda leaf: leaf is None or isinstance(leaf, int))
    axis_of_leaf = []
    for axis, subtree in zip(leaves, structure.flatten_up_to(value), strict=True):
        axis_of_leaf += [axis] * len(tree.tree_leaves(subtree))
    return axis_of_leaf


def vmap(
    fun: Any, in_axes: Any = 0, out_axes: Any = 0, axis_name: Any = None, axis_size: int | None = None,
    spmd_axis_name: Any = None,
) -> Any:  # fmt: skip
    in_axes = tuple(in_axes) if isinstance(in_axes, list) else in_axes

    @functools.wraps(fun)
    def mapped(*args: Any, **kwargs: Any) -> Any:
        (tensors, arg_tree), (keyword_tensors, keyword_tree) = partition(args), partition(kwargs)
        axes = _axes(in_axes, args)
        axes = [axes[position] for position in arg_tree.positions]
        inputs = [*tensors, *keyword_tensors]
        input_axes = [*axes, *([0] * len(keyword_tensors))]
        sizes = [_mapped_size("vmap", t, axis) for t, axis in zip(inputs, input_axes, strict=True) if axis is not None]
        sizes += [] if axis_size is None else [axis_size]
        if not sizes:
            raise ValueError("vmap needs an array with a mapped axis, or axis_size=")
        size = sizes[0]
        if any(other != size for other in sizes[1:]):
            raise ValueError(f"vmap: the mapped axes must have one size, got {sorted(set(sizes))}")
        output_trees: list[StaticTree] = []

        def run(index: torch.Tensor, *tensors: torch.Tensor) -> Any:
            arguments = combine(tensors[: len(axes)], arg_tree)
            keywords = combine(tensors[len(axes) :], keyword_tree)
            with use_backend(TORCH), in_axis(axis_name, size, index):
                output = fun(*arguments, **keywords)
            outputs, static = partition(output)
            output_trees[:] = [static]
            return outputs

        def map_over(function: Any) -> Any:
            def lane(*tensors: torch.Tensor) -> Any:
                outputs = function(*tensors)
                if out_axes != 0:
                    _check_unmapped(outputs, output_trees[0], out_axes)
                return [t.clone() if t.dim() == 0 and not _is_batched(t) else t for t in outputs]

            return torch.func.vmap(lane, in_dims=(0, *input_axes), randomness="same")

        indices = torch.arange(size, device=inputs[0].device if inputs else None)
        rows = [_without_axis(t, axis) for t, axis in zip([indices, *inputs], [0, *input_axes], strict=True)]

        def result(traced: Any) -> Any:
            return [Abstract((size, *t.shape), t.dtype, t.device) for t in traced]

        outputs = higher_order(map_over, run, [indices, *inputs], result, f"{name_of(fun)} (vmap)", inputs=rows)
        static = output_trees[0]
        new_axes = _axes(out_axes, combine(outputs, static))
        new_axes = [new_axes[position] for position in static.positions]
        outputs = [t[0] if axis is None else t.movedim(0, axis) for t, axis in zip(outputs, new_axes, strict=True)]
        return leave(combine(outputs, static), (args, kwargs))

    return mapped


def _mapped_size(what: str, value: torch.Tensor, axis: int) -> int:
    if not -value.dim() <= axis < value.dim():
        raise AxisError(f"{what} maps over axis {axis}, which an argument of the shape {list(value.shape)} has not")
    return value.shape[axis]


def _without_axis(value: torch.Tensor, axis: int | None) -> Abstract:
    """Return what a lane sees of an array."""
    shape = list(value.shape)
    if axis is not None:
        del shape[axis]
    return Abstract(tuple(shape), value.dtype, value.device)


def _check_unmapped(outputs: Any, static: StaticTree, out_axes: Any) -> None:
    """Raise `ValueError` if an output differs from lane to lane and is said to have no mapped axis."""
    if torch.compiler.is_compiling():
        return
    output = combine(outputs, static)
    axes = _axes(out_axes, output)
    level = torch._C._functorch.maybe_current_level()
    for position, value in zip(static.positions, outputs, strict=True):
        is_mapped = torch._C._functorch.is_batchedtensor(value)
        if axes[position] is None and is_mapped and torch._C._functorch.maybe_get_level(value) == level:
            path = tree.keystr(tree.tree_leaves_with_path(output)[position][0])
            raise ValueError(
                f"vmap: the output{path} of shape {tuple(value.shape)} differs by lane, and out_axes says None"
            )


def _is_batched(value: torch.Tensor) -> bool:
    return torch._C._functorch.is_functorch_wrapped_tensor(value)


def pmap(
    fun: Any, axis_name: Any = None, *, in_axes: Any = 0, out_axes: Any = 0, static_broadcasted_argnums: Any = (),
    devices: Any = None, backend: Any = None, axis_size: int | None = None, donate_argnums: Any = (),
    global_arg_shapes: Any = None,
) -> Any:  # fmt: skip
    """Return `fun` mapped over one device: mapped axes have size 1."""
    static = as_tuple(static_broadcasted_argnums)

    @functools.wraps(fun)
    def mapped(*args: Any, **kwargs: Any) -> Any:
        given = in_axes if isinstance(in_axes, tuple | list) else (in_axes,) * len(args)
        arguments = [
            arg if number in static else _map_axes(_remove_axis, axes, arg)
            for number, (arg, axes) in enumerate(zip(args, given, strict=True))
        ]
        with use_backend(TORCH), in_axis(axis_name, 1, None), level():
            output = fun(*arguments, **_map_axes(_remove_axis, 0, kwargs))
        return leave(_map_axes(_add_axis, out_axes, output), (args, kwargs))

    cast(Any, mapped).clear_cache = lambda: None  # by which code tells compiled functions
    return mapped


def _map_axes(change: Callable[[Any, int], Any], axes: Any, value: Any) -> Any:
    """Return the tree with each array that has a mapped axis changed; `axes` may be a prefix of it."""
    leaves, structure = tree.tree_flatten(enter(value))
    pairs = zip(leaves, _axes(axes, value), strict=True)
    return structure.unflatten([leaf if axis is None else change(leaf, axis) for leaf, axis in pairs])


def _add_axis(leaf: Any, axis: int) -> Any:
    return type(as_array(leaf))(tensor(leaf).unsqueeze(axis))


def _remove_axis(leaf: Any, axis: int) -> Any:
    """Return an array without a mapped axis; raise `ValueError` unless it has size 1."""
    value = tensor(leaf)
    size = _mapped_size("pmap", value, axis)
    if size != 1:
        raise ValueError(f"pmap on torch maps over one device: expected mapped axes of size 1, got {size}. Use vmap")
    return type(as_array(leaf))(value.select(axis, 0))


class ShapeDtypeStruct:
    """The shape and dtype of an array, without its values."""

    __slots__ = ("dtype", "shape", "sharding")

    def __init__(self, shape: Any, dtype: Any, *, sharding: Any = None, **options: Any) -> None:
        self.shape = tuple(int(size) for size in shape)
        self.dtype = dtype if isinstance(dtype, KeyDtype) else numpy_dtype(torch_dtype(dtype))
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
    """Return the shapes and dtypes of the output of `fun`, traced on arrays without values."""
    leaves, structure = tree.tree_flatten((args, kwargs))
    types = [type_of_leaf(leaf) for leaf in leaves]
    inputs = [each for each in types if each is not None]

    def run(*arrays: Any) -> Any:
        rest = iter(arrays)
        arguments, keywords = structure.unflatten(
            [leaf if each is None else next(rest) for leaf, each in zip(leaves, types, strict=True)]
        )
        return fun(*arguments, **keywords)

    shape = tree.treedef_tuple([tree.STAR] * len(inputs))
    found = stage(run, inputs, shape, f"{name_of(fun)} (eval_shape)")
    return found.structure.unflatten([_shape_of(each) for each in found.types])


def _shape_of(found: Type) -> ShapeDtypeStruct:
    is_key = found.kind is KeyArray
    return ShapeDtypeStruct(found.abstract.shape, KEY_DTYPE if is_key else found.abstract.dtype)


def type_of_leaf(leaf: Any) -> Type | None:
    """Return what a trace knows of an array, a number, or what has a shape and a dtype; `None` of anything else."""
    if isinstance(leaf, (*NUMERIC, bool, complex)):
        return type_of(leaf)
    if hasattr(leaf, "shape") and hasattr(leaf, "dtype"):
        is_key = isinstance(leaf.dtype, KeyDtype)
        dtype = torch.int64 if is_key else torch_dtype(leaf.dtype)
        what = Abstract(tuple(leaf.shape), dtype, torch.get_default_device())
        return Type(KeyArray if is_key else Array, what)
    return None


def named_call(fun: Any, *, name: str | None = None) -> Any:
    """Return `fun` under a name in torch's profiles."""

    @functools.wraps(fun)
    def run(*args: Any, **kwargs: Any) -> Any:
        with torch.autograd.profiler.record_function(name or fun.__name__):
            return fun(*args, **kwargs)

    return run
