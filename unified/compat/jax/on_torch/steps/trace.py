"""One run of a function of tensors on arrays without values; gradients that it takes are graphs within its graph."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from unified.backends.torch import staging
from unified.backends.torch.function_transforms import check_scalar, gradients_of
from unified.backends.torch.trees import TREES
from unified.compat.jax.on_torch.steps.fusing import Call, compiled, fused
from unified.compat.jax.on_torch.tracing import state
from unified.compat.jax.on_torch.tracing.abstract import Abstract, abstract_of, is_tracer
from unified.compat.jax.on_torch.tracing.graph import Graph
from unified.compat.jax.on_torch.tracing.trace import Trace

__all__ = ["StepTrace", "traced_step"]

MOST_CALLS = 20_000  # of a trace: beyond, a loop of Python was unrolled that is better run as it is

# Functions that write to running statistics, though their names do not tell.
WRITING: set[Any] = {nn.functional.batch_norm, nn.functional.instance_norm, torch.batch_norm, torch.instance_norm}

# Methods that leave something on a tensor for later.
WATCHING: set[Any] = {
    getattr(torch.Tensor, name)
    for name in ("register_hook", "register_post_accumulate_grad_hook", "retain_grad", "backward", "requires_grad_")
}

# Functions that draw from torch's generator.
DRAWING: set[Any] = {
    getattr(owner, name)
    for owner in (torch, torch.Tensor, nn.functional)
    for name in (
        *("rand", "randn", "randint", "randperm", "normal", "bernoulli", "multinomial", "poisson", "rand_like"),
        *("randn_like", "randint_like", "dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout"),
        *("feature_alpha_dropout", "feature_dropout", "rrelu", "gumbel_softmax", "fractional_max_pool2d"),
        *("fractional_max_pool3d", "scaled_dot_product_attention", "multi_head_attention_forward", "native_dropout"),
    )
    if hasattr(owner, name)
}


class StepTrace(Trace):
    """A trace that runs JAX code that is jitted as part of itself, and in which `unified.value_and_grad` is a call.

    It refuses what a replay would not repeat: regions without gradients, autocast, transforms of `torch.func`.

    Attributes:
        calls: what was called, by the variable of its result.
        gradients: the variables of gradients, whose memory is the trace's own.
    """

    inlines = True

    def __init__(self, name: str, differentiates: bool, compiles: bool) -> None:
        super().__init__(name)
        self.differentiates, self.compiles = differentiates, compiles
        self.calls: dict[str, Call] = {}
        self.gradients: set[str] = set()

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is torch._C._set_grad_enabled:  # matters for the calls that follow, which are checked
            with torch._C.DisableTorchFunction():
                return func(*args)
        if func in WATCHING or getattr(func, "__name__", "") == "__set__":
            staging.refuse(f"it calls {getattr(func, '__name__', func)}, which a replay would not", "call it outside")
        return super().__torch_function__(func, types, args, kwargs)

    def call(self, func: Any, args: Any, kwargs: Any) -> Any:
        self._check()
        steps = self.recorder.steps
        count = len(steps)
        result = super().call(func, args, kwargs)
        if func in WRITING and len(steps) > count:
            steps[-1] = steps[-1]._replace(has_effect=True)
        elif func in DRAWING and len(steps) > count:
            steps[-1] = steps[-1]._replace(has_effect=True)  # stays in its place: the generator's state is an effect
        elif len(steps) == count + 1 and not steps[-1].has_effect and isinstance(result, torch.Tensor):
            operands = tuple([self.argument(value, [])[1] for value in args])
            named = {name: self.argument(value, [])[1] for name, value in kwargs.items()}
            self.calls[steps[-1].targets] = Call(func, operands, named, abstract_of(result))
        return result

    def stand_in(self, value: Any) -> Any:
        if isinstance(value, torch.Tensor) and value.requires_grad and not is_tracer(value):
            staging.refuse("it closes over tensors that require gradients", "pass them as arguments")
        return super().stand_in(value)

    def _check(self) -> None:
        if torch.is_grad_enabled() is not self.differentiates:
            staging.refuse("a part of it turns gradients off or on", "use detach() for what has no gradient")
        if torch.is_autocast_enabled() or torch.is_autocast_enabled("cpu"):
            staging.refuse("a part of it runs under autocast", "use u.Policy")
        if torch._C._functorch.peek_interpreter_stack() is not None:
            staging.refuse("it uses transforms of torch.func, as u.vmap does", "call them outside")
        if torch._C._autograd._top_saved_tensors_default_hooks(True) is not None:
            staging.refuse("a part of it chooses what is kept for the gradient, as u.remat does", "leave that out")
        if len(self.recorder.steps) > MOST_CALLS:
            staging.refuse(f"it makes more than {MOST_CALLS} calls", "move a long loop outside")

    def value_and_grad(self, fun: Callable[[Any], tuple[Any, Any]], tree: Any) -> tuple[Any, Any, Any]:
        """Record the gradient of a function as one call; see `staging.Staged`."""
        if self.differentiates:
            staging.refuse("it takes gradients of gradients", "take the outer ones outside")
        leaves, structure = TREES.flatten(tree)
        found: list[Any] = []

        def flat(*tensors: torch.Tensor) -> list[torch.Tensor]:
            value, aux = fun(TREES.unflatten(structure, tensors))
            check_scalar(value)
            others, static = TREES.partition(aux)
            found[:] = [static]
            return [value, *others]

        kinds = [abstract_of(leaf) for leaf in leaves]
        graph = traced_step(flat, kinds, self.name, differentiates=True, compiles=self.compiles)
        outputs, gradients = self.apply(
            Differentiated(graph, self.compiles),
            [graph.captures, list(leaves)],
            (graph.result, kinds),
        )
        self.gradients.update(self.argument(gradient, [])[1] for gradient in gradients)
        value, *others = outputs
        return value, TREES.combine(others, found[0]), TREES.unflatten(structure, gradients)


class Differentiated:
    """A graph, whose first result is differentiated by its inputs: the call of a step."""

    def __init__(self, graph: Graph, compiles: bool) -> None:
        self.function = torch.compile(graph.function, dynamic=False) if compiles else graph.function
        self.__name__ = "value_and_grad"
        self.has_effect = bool(getattr(graph.function, "has_effect", False))

    def __call__(self, captures: list[torch.Tensor], inputs: list[torch.Tensor]) -> tuple[Any, Any]:
        inputs = [tensor.detach().requires_grad_() for tensor in inputs]
        with torch.enable_grad():
            outputs = self.function(*captures, *inputs)
        gradients = gradients_of(outputs[0], inputs)
        return [output.detach() for output in outputs], _with_own_memory(gradients, [*captures, *inputs, *outputs])


def _with_own_memory(gradients: list[torch.Tensor], others: list[torch.Tensor]) -> list[torch.Tensor]:
    """Return gradients that the steps after may write to: contiguous, each in memory that nothing else is in."""
    taken = {tensor.untyped_storage().data_ptr() for tensor in others}
    separate = []
    for gradient in gradients:
        memory = gradient.untyped_storage()
        if memory.data_ptr() in taken or memory.nbytes() != gradient.nbytes or not gradient.is_contiguous():
            gradient = gradient.clone(memory_format=torch.contiguous_format)
        taken.add(gradient.untyped_storage().data_ptr())
        separate.append(gradient)
    return separate


def traced_step(
    function: Callable[..., Any],
    inputs: list[Abstract],
    name: str,
    modules: list[nn.Module] | None = None,
    differentiates: bool = False,
    compiles: bool = False,
) -> Graph:
    """Return the graph of a function of tensors; with `differentiates`, one that autograd will record.

    The modules that are called are added to `modules`. With `compiles`, `torch.compile` makes functions of what is
    differentiated, and of what follows that.
    """
    trace = StepTrace(name, differentiates, compiles)
    with torch.set_grad_enabled(differentiates), state.entered(trace), staging.tracing(trace, modules):
        pairs = [trace.input(what) for what in inputs]
        if differentiates:
            for value, _ in pairs:
                with torch._C.DisableTorchFunction():
                    value.requires_grad_()
        with trace:
            outputs = function(*[value for value, _ in pairs])
        if not differentiates:
            results: list[str] = []
            trace.argument(outputs, results)
            kinds = {n: abstract_of(value) for value, n in trace.known.values() if isinstance(value, torch.Tensor)}
            if compiles:
                trace.recorder.steps = compiled(trace.recorder, trace.calls, kinds, results, trace.gradients)
            else:
                trace.recorder.steps = fused(trace.recorder, trace.calls, kinds, results, trace.gradients)
        return trace.finish([variable for _, variable in pairs], outputs)
