"""Functions with derivatives of their own, `jax.custom_vjp` and `jax.custom_jvp`, on torch.

As on JAX, the rule runs where something is differentiated, and the function itself elsewhere: a rule may call the
function. Each call is a `torch.autograd.Function` of the tensors among the arguments, whose gradient is differentiable.
"""

import functools
import inspect
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, cast

import torch

from unified.backends.torch.gradients import conjugated
from unified.compat.jax.active_backend import use_backend
from unified.compat.jax.on_torch import tree_util as tree
from unified.compat.jax.on_torch.array import Array, tensor, unwrap
from unified.compat.jax.on_torch.behaviour import Behaviour
from unified.compat.jax.on_torch.core import SymbolicZero
from unified.compat.jax.on_torch.innermost import apply, is_differentiated
from unified.compat.jax.on_torch.saved_tensors import unhooked
from unified.compat.jax.on_torch.tracing import current
from unified.compat.jax.on_torch.tracing.graph import has_effect
from unified.compat.jax.on_torch.tracing.staged import Staged, Type, stage, type_of
from unified.compat.jax.on_torch.transforms import TORCH, combine, enter, is_inexact, leave, partition
from unified.core import backends
from unified.core.errors import BackendError
from unified.core.trees import StaticTree

__all__ = ["custom_jvp", "custom_vjp"]

BEHAVIOUR = Behaviour(on_arrays=True)


class _Call:
    """The arguments of one call: the tensors that may be differentiated, and all else."""

    def __init__(self, fun: Callable[..., Any], static: Sequence[int], args: Any, kwargs: Any) -> None:
        if kwargs:  # JAX binds them to positions
            bound = inspect.signature(fun).bind(*args, **kwargs)
            bound.apply_defaults()
            args = bound.args
        self.args = tuple(args)
        numbers = {number % len(args) for number in static} if args else set()
        self.static = [args[number] for number in sorted(numbers)]
        self.positions = [number for number in range(len(args)) if number not in numbers]
        self.tensors, self.tree = partition(tuple(args[number] for number in self.positions), is_inexact)

    @property
    def is_differentiated(self) -> bool:
        return any(map(is_differentiated, self.tensors))

    def dynamic(self, tensors: Sequence[torch.Tensor]) -> tuple[Any, ...]:
        """Return the arguments that rules take derivatives by, with these tensors."""
        return tuple(enter(combine(tensors, self.tree)))

    def arguments(self, tensors: Sequence[torch.Tensor]) -> list[Any]:
        """Return all arguments in order, with these tensors."""
        arguments = list(self.args)
        for position, value in zip(self.positions, self.dynamic(tensors), strict=True):
            arguments[position] = value
        return arguments


def _kinds(call: _Call) -> list[Any]:
    """Return in which kind of array each tensor of a call is wrapped."""
    return [call.tree.leaves[position] for position in call.tree.positions]


def _outputs(tensors: Sequence[torch.Tensor], inputs: Sequence[torch.Tensor]) -> tuple[torch.Tensor, ...]:
    """Return tensors as the output of an `autograd.Function`: those of its inputs as views, each once."""
    seen = {id(t) for t in inputs}
    result = []
    for t in tensors:
        result.append(t.view_as(t) if id(t) in seen else t)
        seen.add(id(t))
    return tuple(result)


# A rule that calls its function through a new wrapper has rules of its own, to this depth: that of derivatives.
DEEPEST = 2


class _Rules(threading.local):
    """The functions of which this thread traces a rule: the types of the arguments, and the graphs, by identity.

    `depth` counts them by the function that a wrapper of many calls is made of, such as each call of `nnx.custom_vjp`.
    """

    def __init__(self) -> None:
        self.traced: dict[int, tuple[list[Type], Staged, Any]] = {}
        self.depth: Counter[int] = Counter()


_rules = _Rules()


class _RuleGraph:
    """A function with graphs for its rules, as a call to replay: of what the graphs captured, and of tensors."""

    counts: Any = None  # of the values that the rules captured
    error: Exception | None = None  # that a rule raised while it was traced: whoever differentiates is told

    def __init__(self, name: str, fun: Any, count: int) -> None:
        self.__name__, self.fun, self.count = name, fun, count

    def _is_plain(self, others: Any, tensors: Any) -> bool:
        """Return whether the function itself runs: where nothing is differentiated."""
        if [len(values) for values in others] != self.counts:
            return True
        if not torch.compiler.is_compiling() and not any(map(is_differentiated, tensors)):
            return True
        if self.error is not None:
            raise self.error
        return False


class _Custom:
    """What the two kinds of functions share."""

    __name__: str

    def __init__(self, fun: Any, nondiff_argnums: Any = ()) -> None:
        self.fun, self.nondiff_argnums = fun, tuple(nondiff_argnums)
        functools.update_wrapper(self, fun)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else functools.partial(self, instance)

    def _recorded(self, call: _Call, args: Any) -> Any:
        """Record a call in the running trace, with the graphs of the function and its rules."""
        static = [type_of(t) for t in call.tensors]
        types = [Type(kind, each.abstract) for kind, each in zip(_kinds(call), static, strict=True)]
        name = self.__name__
        shape = tree.treedef_tuple([tree.STAR] * len(types))

        def fun(*arrays: Any) -> Any:
            return self.fun(*enter(call.arguments([array.tensor for array in arrays])))

        trace = current()
        assert trace is not None
        known, innermost = _rules.traced.get(id(self)), id(inspect.unwrap(self.fun))
        if known is not None and known[0] == types:  # a rule calls the function
            _, plain, graph = known
            captures: list[list[Any]] = [[], []]
        elif _rules.depth[innermost] >= DEEPEST:
            return self._plain(call, args)
        else:
            plain = stage(fun, types, shape, name)
            graph = self._graph(name, plain)
            _rules.traced[id(self)] = types, plain, graph
            _rules.depth[innermost] += 1
            try:
                captures = self._trace_rules(graph, call, plain, types)
            except Exception as error:
                captures, graph.error = [[], []], error
            finally:
                _rules.depth[innermost] -= 1
                _rules.traced.pop(id(self))
                if known is not None:
                    _rules.traced[id(self)] = known
            graph.counts = [len(values) for values in captures]
        args_ = [plain.graph.captures, captures, list(call.tensors)]
        outputs = trace.apply(graph, args_, plain.graph.result, has_effect(plain.graph.function))
        return leave(plain.output(outputs), args)

    def _graph(self, name: str, plain: Staged) -> "_RuleGraph":
        """Return a graph without its rules."""
        raise NotImplementedError

    def _trace_rules(self, graph: Any, call: _Call, plain: Staged, types: list[Type]) -> list[list[Any]]:
        """Trace the rules of a graph, and return what two of them captured."""
        raise NotImplementedError

    def _plain(self, call: _Call, args: Any) -> Any:
        """Return the output of the function itself."""
        if not call.tensors:
            _check_is_of_torch(self.__name__, call)
        with use_backend(TORCH):
            return leave(self.fun(*enter(call.args)), args)


def _check_is_of_torch(name: str, call: _Call) -> None:
    """Raise if a call has the arrays of another framework, which would drop the rules without notice."""
    for leaf in tree.tree_leaves(call.args):
        owner = backends.of_array(leaf)
        if owner is not None and owner is not TORCH:
            raise BackendError(
                f"{name} has derivatives for torch, the default backend where it was decorated, and was called with "
                f"arrays of {owner.name}: call unified.set_backend({owner.name!r}) before it is decorated"
            ).with_page("haiku#pitfalls")


class custom_vjp(_Custom):  # noqa: N801
    """A function with a custom gradient: `defvjp(forward, backward)`, as in JAX."""

    fwd: Any = None
    bwd: Any = None

    def defvjp(self, fwd: Any, bwd: Any, symbolic_zeros: bool = False, optimize_remat: bool = False) -> None:
        if symbolic_zeros:
            raise NotImplementedError(f"{self.__name__}: symbolic_zeros of custom_vjp are not offered on torch")
        self.fwd, self.bwd = fwd, bwd

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        call = _Call(self.fun, self.nondiff_argnums, args, kwargs)
        if self.fwd is None:
            raise AttributeError(f"no gradient was defined for {self.__name__}: call {self.__name__}.defvjp(fwd, bwd)")
        if current() is not None:
            return self._recorded(call, args)
        if not (torch.compiler.is_compiling() or call.is_differentiated):
            return self._plain(call, args)
        trees: list[StaticTree] = []
        forward_rule, backward_rule, name = self.fwd, self.bwd, self.__name__

        def run(tensors: Sequence[torch.Tensor]) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
            with use_backend(TORCH):
                output, residuals = forward_rule(*call.arguments(tensors))
            output_tensors, output_tree = partition(output)
            residual_tensors, residual_tree = partition(residuals)
            trees[:] = [output_tree, residual_tree]
            return output_tensors, residual_tensors

        class CustomGradient(torch.autograd.Function):
            generate_vmap_rule = True

            @staticmethod
            def forward(*tensors: Any) -> Any:
                outputs, residuals = run(tensors)
                return _outputs([*outputs, *residuals], tensors)

            @staticmethod
            def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
                count = len(trees[0].positions)
                ctx.save_for_backward(*inputs, *output[count:])
                ctx.save_for_forward(*inputs, *output[count:])  # without which vmap never calls `jvp`
                ctx.mark_non_differentiable(*(t for t in output if not is_inexact(t)))
                ctx.set_materialize_grads(False)
                ctx.shapes = [(t.shape, t.dtype) for t in output]
                ctx.count, ctx.trees = count, list(trees)

            @staticmethod
            def backward(ctx: Any, *cotangents: Any) -> Any:
                inputs, residuals = ctx.saved_tensors[: len(call.tensors)], ctx.saved_tensors[len(call.tensors) :]
                output_tree, residual_tree = ctx.trees
                given = [
                    torch.zeros(shape, dtype=dtype, device=inputs[0].device) if t is None else t
                    for t, (shape, dtype) in zip(cotangents[: ctx.count], ctx.shapes, strict=False)
                ]
                with use_backend(TORCH):
                    gradients = backward_rule(
                        *call.static, combine(residuals, residual_tree), combine(conjugated(given), output_tree)
                    )
                result = conjugated(_gradients(gradients, call, inputs))
                by_residuals = cotangents[ctx.count :]
                positions = [i for i, t in enumerate(by_residuals) if t is not None and is_inexact(t)]
                if positions:  # of a gradient that is differentiated again: as residuals depend on the inputs
                    _, pull_back = unhooked(torch.func.vjp)(
                        lambda *inputs: [run(inputs)[1][i] for i in positions], *inputs
                    )
                    more = pull_back([by_residuals[i] for i in positions])
                    result = [a + b for a, b in zip(result, more, strict=True)]
                return tuple(result)

            @staticmethod
            def jvp(ctx: Any, *tangents: Any) -> Any:
                raise TypeError(
                    f"{name} has a rule for reverse mode alone, by custom_vjp: jvp, jacfwd and linearize cannot "
                    "differentiate it. Use vjp or jacrev, or write its rule by jax.custom_jvp"
                )

        outputs = apply(CustomGradient, call.tensors)
        return leave(combine(outputs[: len(trees[0].positions)], trees[0]), args)

    def _graph(self, name: str, plain: Staged) -> _RuleGraph:
        return _VjpGraph(name, plain.graph.function, len(plain.types))

    def _trace_rules(self, graph: Any, call: _Call, plain: Staged, types: list[Type]) -> list[list[Any]]:
        count = len(plain.types)
        name = self.__name__
        split: list[tree.PyTreeDef] = []

        def forward(*arrays: Any) -> Any:
            output, residuals = self.fwd(*call.arguments([array.tensor for array in arrays]))
            leaves, split[:] = tree.tree_leaves(residuals), [tree.tree_structure(residuals)]
            return tree.tree_leaves(output), leaves

        one = stage(forward, types, tree.treedef_tuple([tree.STAR] * len(types)), f"{name} (forward rule)")
        residual_types = one.types[count:]

        def backward(*arrays: Any) -> Any:
            residuals = split[0].unflatten(arrays[: len(residual_types)])
            cotangents = plain.structure.unflatten(arrays[len(residual_types) :])
            gradients = self.bwd(*call.static, residuals, cotangents)
            return [Array(t) for t in _gradients(gradients, call, call.tensors)]

        inputs = [*residual_types, *plain.types]
        two = stage(backward, inputs, tree.treedef_tuple([tree.STAR] * len(inputs)), f"{name} (backward rule)")
        graph.forward, graph.backward = one.graph.function, two.graph.function
        return [one.graph.captures, two.graph.captures]


class _VjpGraph(_RuleGraph):
    """A `custom_vjp` of graphs."""

    forward: Any = None
    backward: Any = None

    def __call__(self, captures: Any, others: Any, tensors: Any) -> Any:
        if self._is_plain(others, tensors):
            return self.fun(*captures, *tensors)
        first, second = len(captures), len(captures) + len(others[0])

        def plain(closed: Any, values: Any) -> Any:
            return _arrays(self.fun(*_tensors(closed[:first]), *_tensors(values)))

        def forward(closed: Any, values: Any) -> Any:
            found = _arrays(self.forward(*_tensors(closed[first:second]), *_tensors(values)))
            return found[: self.count], (closed, found[self.count :])

        def backward(residuals: Any, cotangents: Any) -> Any:
            closed, kept = residuals
            return None, _arrays(self.backward(*_tensors((*closed[second:], *kept, *cotangents))))

        function = custom_vjp(plain)
        function.__name__ = self.__name__
        function.defvjp(forward, backward)
        return _tensors(function([*captures, *others[0], *others[1]], _arrays(tensors)))


def _arrays(values: Any) -> list[Any]:
    return [Array(value) if isinstance(value, torch.Tensor) else value for value in values]


def _tensors(values: Any) -> list[Any]:
    return [unwrap(value) for value in values]


def _gradients(gradients: Any, call: _Call, inputs: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """Return what the backward rule returned as a tensor for each input; `None` stands for zeros."""
    if not isinstance(gradients, (tuple, list)) or len(gradients) != len(call.positions):
        raise TypeError(
            f"the backward rule of a custom_vjp returns a tuple with a gradient for each of its {len(call.positions)} "
            f"arguments, got {type(gradients).__name__}"
            + (f" of {len(gradients)}" if isinstance(gradients, (tuple, list)) else "")
        )
    leaves: list[Any] = []
    for gradient, position in zip(gradients, call.positions, strict=True):
        argument = call.args[position]
        if gradient is None:
            leaves += [None] * len(tree.tree_leaves(argument))
        else:
            leaves += _spread(gradient, argument)
    leaves = [leaves[position] for position in call.tree.positions]
    return [
        torch.zeros_like(t) if leaf is None else tensor(leaf).to(t.dtype).reshape(t.shape)
        for leaf, t in zip(leaves, inputs, strict=True)
    ]


def _spread(gradient: Any, argument: Any) -> list[Any]:
    """Return a gradient for each leaf of an argument, of whose tree that of the gradients is a prefix."""
    values, structure = tree.tree_flatten(gradient, is_leaf=lambda leaf: leaf is None)
    subtrees = structure.flatten_up_to(argument)
    return [x for x, part in zip(values, subtrees, strict=True) for _ in tree.tree_leaves(part)]


class custom_jvp(_Custom):  # noqa: N801
    """A function with a custom derivative: its rule takes the primal values and tangents, as in JAX.

    The gradient transposes the rule, which is linear in the tangents.
    """

    rule: Any = None
    value_rule: Any = None  # the rule's output alone, where that is a graph of its own
    is_tracing_rule = False  # by torch.compile, where the rule may call the function

    def defjvp(self, jvp: Any, symbolic_zeros: bool = False) -> Any:
        """Tangents that are zero are arrays of zeros, also with `symbolic_zeros`, which lets a rule tell them apart."""
        self.rule = jvp
        return jvp

    def defjvps(self, *jvps: Any) -> None:
        if self.nondiff_argnums:
            raise TypeError("defjvps takes no function with nondiff_argnums: use defjvp")

        def rule(primals: Any, tangents: Any) -> Any:
            output = self(*primals)
            terms = [f(t, output, *primals) for f, t in zip(jvps, tangents, strict=True) if f is not None]
            if not terms:
                return output, tree.tree_map(lambda x: x * 0, output)
            return output, functools.reduce(lambda a, b: tree.tree_map(lambda x, y: x + y, a, b), terms)

        self.rule = rule

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        call = _Call(self.fun, self.nondiff_argnums, args, kwargs)
        if self.rule is None:
            raise AttributeError(f"no derivative was defined for {self.__name__}: use {self.__name__}.defjvp")
        if current() is not None:
            return self._recorded(call, args)
        if torch.compiler.is_compiling() and not self.is_tracing_rule:
            return self._traced(call, args)
        if self.is_tracing_rule or not call.is_differentiated:
            return self._plain(call, args)
        trees: list[StaticTree] = []
        rule, value_rule = self.rule, self.value_rule

        def pushed(primals: Sequence[torch.Tensor], tangents: Sequence[torch.Tensor]) -> Any:
            """Return what the rule returns: the output, and its tangent."""
            values = call.dynamic(primals)
            zeros = tree.tree_map(lambda leaf: Array(torch.zeros(tensor(leaf).shape)), values)
            leaves, structure = tree.tree_flatten(zeros)
            for position, tangent in zip(call.tree.positions, tangents, strict=True):
                leaves[position] = Array(tangent)
            with use_backend(TORCH):
                return rule(*call.static, values, structure.unflatten(leaves))

        def derivative(primals: Sequence[torch.Tensor], tangents: Sequence[torch.Tensor]) -> list[torch.Tensor]:
            """Return the tangents of the floating-point outputs."""
            output, result = pushed(primals, tangents)
            pairs = zip(tree.tree_leaves(output), tree.tree_structure(output).flatten_up_to(result), strict=True)
            return [_tangent(t, tensor(value)) for value, t in pairs if is_inexact(tensor(value))]

        class CustomDerivative(torch.autograd.Function):
            generate_vmap_rule = True

            @staticmethod
            def forward(*tensors: Any) -> Any:
                if value_rule is None:
                    output, _ = pushed(tensors, [torch.zeros_like(t) for t in tensors])
                else:
                    output = value_rule(call.dynamic(tensors))
                outputs, output_tree = partition(output)
                trees[:] = [output_tree]
                return _outputs(outputs, tensors)

            @staticmethod
            def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
                ctx.save_for_backward(*inputs)
                ctx.save_for_forward(*inputs)
                ctx.differentiable = [is_inexact(t) for t in output]
                ctx.mark_non_differentiable(*(t for t in output if not is_inexact(t)))

            @staticmethod
            def backward(ctx: Any, *cotangents: Any) -> Any:
                primals = ctx.saved_tensors
                zeros = [torch.zeros_like(t) for t in primals]
                _, pull_back = unhooked(torch.func.vjp)(lambda *tangents: derivative(primals, tangents), *zeros)
                return pull_back([t for t, inexact in zip(cotangents, ctx.differentiable, strict=True) if inexact])

            @staticmethod
            def jvp(ctx: Any, *tangents: Any) -> Any:
                primals = ctx.saved_tensors
                given = [torch.zeros_like(p) if t is None else t for p, t in zip(primals, tangents, strict=True)]
                results = iter(derivative(primals, given))
                return tuple(next(results) if inexact else None for inexact in ctx.differentiable)

        outputs = apply(CustomDerivative, call.tensors)
        return leave(combine(outputs, trees[0]), args)

    def _traced(self, call: _Call, args: Any) -> Any:
        """Return the output in a form that torch.compile follows, where it cannot follow an `autograd.Function`.

        It adds the rule's tangent at `x - stop_gradient(x)`, which is zero and has the gradients. Second derivatives
        need the uncompiled form.
        """
        values = enter(call.dynamic(call.tensors))
        primals = tree.tree_map(lambda leaf: Array(tensor(leaf).detach()), values)
        tangents = tree.tree_map(
            lambda leaf, primal: Array(
                tensor(leaf) - tensor(primal) if is_inexact(tensor(leaf)) else torch.zeros(tensor(leaf).shape)
            ),
            values,
            primals,
        )
        self.is_tracing_rule = True
        try:
            with use_backend(TORCH):
                value, tangent = self.rule(*call.static, primals, tangents)
        finally:
            self.is_tracing_rule = False
        output = tree.tree_map(
            lambda x, t: Array(tensor(x).detach() + tensor(t)) if is_inexact(tensor(x)) else x, value, tangent
        )
        return leave(output, args)

    def _graph(self, name: str, plain: Staged) -> _RuleGraph:
        return _JvpGraph(name, plain.graph.function, len(plain.types))

    def _trace_rules(self, graph: Any, call: _Call, plain: Staged, types: list[Type]) -> list[list[Any]]:
        inexact = [each for each in types if each.abstract.dtype.is_floating_point or each.abstract.dtype.is_complex]
        name = f"{self.__name__} (derivative rule)"

        def pushed(arrays: Any, tangents: Any) -> Any:
            values = call.dynamic([array.tensor for array in arrays])
            leaves, structure = tree.tree_flatten(
                tree.tree_map(lambda leaf: Array(torch.zeros(tensor(leaf).shape)), values)
            )
            for position, tangent in zip(call.tree.positions, tangents, strict=True):
                leaves[position] = Array(tangent.tensor)
            return self.rule(*call.static, values, structure.unflatten(leaves))

        def value(*arrays: Any) -> Any:  # of which what the tangents need is no part
            output, _ = pushed(arrays, [Array(torch.zeros_like(array.tensor)) for array in arrays])
            return tree.tree_leaves(output)

        def rule(*arrays: Any) -> Any:
            output, result = pushed(arrays[: len(types)], arrays[len(types) :])
            outputs = [tensor(leaf) for leaf in tree.tree_leaves(output)]
            tangents = tree.tree_structure(output).flatten_up_to(result)
            pairs = zip(outputs, tangents, strict=True)
            return [Array(_tangent(t, value) if is_inexact(value) else value) for value, t in pairs]

        one = stage(value, types, tree.treedef_tuple([tree.STAR] * len(types)), name)
        inputs = [*types, *inexact]
        two = stage(rule, inputs, tree.treedef_tuple([tree.STAR] * len(inputs)), name)
        graph.value, graph.rule = one.graph.function, two.graph.function
        return [one.graph.captures, two.graph.captures]


def _tangent(tangent: Any, value: torch.Tensor) -> torch.Tensor:
    """Return the tangent that a rule returned for an output."""
    if isinstance(tangent, SymbolicZero):
        return torch.zeros_like(value)
    return tensor(tangent).to(value.dtype).expand(value.shape)


class _JvpGraph(_RuleGraph):
    """A `custom_jvp` of graphs."""

    value: Any = None
    rule: Any = None

    def __call__(self, captures: Any, others: Any, tensors: Any) -> Any:
        if self._is_plain(others, tensors):
            return self.fun(*captures, *tensors)
        first, second = len(captures), len(captures) + len(others[0])

        def plain(closed: Any, values: Any) -> Any:
            return _arrays(self.fun(*_tensors(closed[:first]), *_tensors(values)))

        def value(primals: Any) -> Any:
            closed, values = primals
            return _arrays(self.value(*_tensors(closed[first:second]), *_tensors(values)))

        def rule(primals: Any, tangents: Any) -> Any:
            closed, values = primals
            return value(primals), _arrays(self.rule(*_tensors((*closed[second:], *values, *tangents[1]))))

        function = custom_jvp(plain)
        function.defjvp(rule)
        function.value_rule = value
        return _tensors(function([*captures, *others[0], *others[1]], _arrays(tensors)))
