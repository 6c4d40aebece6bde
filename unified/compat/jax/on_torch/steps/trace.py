"""One run of a function of tensors on arrays without values; gradients that it takes are graphs within its graph."""

import threading
from collections.abc import Callable
from typing import Any

import torch

from unified.backends.torch import staging
from unified.backends.torch.gradients import check_scalar, gradients_of
from unified.backends.torch.trees import TREES
from unified.compat.jax.on_torch.steps.fusing import Call, compiled, fused
from unified.compat.jax.on_torch.tracing import state
from unified.compat.jax.on_torch.tracing.abstract import Abstract, Effects, abstract_of, is_tracer, memory_of
from unified.compat.jax.on_torch.tracing.graph import Graph
from unified.compat.jax.on_torch.tracing.trace import Trace, tensors_in

__all__ = ["StepTrace", "traced_step"]

MOST_CALLS = 20_000  # of a trace: beyond, a loop of Python was unrolled that is better run as it is

# Methods that leave something on a tensor for later.
WATCHING: set[Any] = {
    getattr(torch.Tensor, name)
    for name in ("register_hook", "register_post_accumulate_grad_hook", "retain_grad", "backward", "requires_grad_")
}

# What a tensor is besides its shape, dtype and values, which a kind of arguments does not tell.
MEMORY: set[Any] = {
    getattr(torch.Tensor, name) for name in ("stride", "is_contiguous", "storage_offset", "data_ptr", "is_inference")
}
GRADIENT = ("grad", "grad_fn", "requires_grad", "is_leaf", "retains_grad")
PROPERTIES: dict[Any, str] = {getattr(torch.Tensor, name).__get__: name for name in GRADIENT}


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
        self.seeds = Seeds()
        self.calls: dict[str, Call] = {}
        self.gradients: set[str] = set()

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is torch._C._set_grad_enabled:  # matters for the calls that follow, which are checked
            with torch._C.DisableTorchFunction():
                return func(*args)
        if func in WATCHING or getattr(func, "__name__", "") == "__set__":
            staging.refuse(f"it calls {getattr(func, '__name__', func)}, which a replay would not", "call it outside")
        if func in MEMORY:
            staging.refuse(f"it asks for the memory of an array ({func.__name__})", "make it contiguous outside")
        if func in PROPERTIES and not (self.differentiates and PROPERTIES[func] == "requires_grad"):
            staging.refuse(f"it reads the attribute {PROPERTIES[func]} of a tensor", "pass it as an argument")
        return super().__torch_function__(func, types, args, kwargs)

    def call(self, func: Any, args: Any, kwargs: Any) -> Any:
        self._check()
        steps = self.recorder.steps
        count = len(steps)
        result = super().call(func, args, kwargs)
        if len(steps) == count + 1 and not steps[-1].has_effect and isinstance(result, torch.Tensor):
            operands = tuple([self.argument(value, [])[1] for value in args])
            named = {name: self.argument(value, [])[1] for name, value in kwargs.items()}
            self.calls[steps[-1].targets] = Call(func, operands, named, abstract_of(result))
        return result

    def check_effects(self, func: Any, values: Any, effects: Effects) -> None:
        if not effects.reshaped.isdisjoint(map(memory_of, tensors_in(values))):
            staging.refuse("it changes the shape of a tensor in place", "use the function that returns a view")
        if effects.draws:
            self.seeds.check()
            if any(isinstance(value, torch.Generator) for value in (*values[0], *values[1].values())):
                staging.refuse("it draws from a torch.Generator", "draw outside, or by torch's own generator")

    def stand_in(self, value: Any) -> Any:
        if isinstance(value, torch.Tensor) and not is_tracer(value):
            with torch._C.DisableTorchFunction():
                requires_grad, layout = value.requires_grad, value.layout
            if requires_grad:
                staging.refuse("it closes over tensors that require gradients", "pass them as arguments")
            if layout is not torch.strided:
                staging.refuse("it closes over a sparse tensor", "use a dense one")
        return super().stand_in(value)

    def constant(self, value: torch.Tensor) -> torch.Tensor:
        """Return the array that one stands for if the run made it: one of outside may have other values later."""
        entry = self.known.get(id(value))
        return value if entry is None else self.made.get(entry[1], value)

    def _read(self, func: Any, args: Any, kwargs: Any, error: type[Exception], what: str) -> Any:
        result = super()._read(func, args, kwargs, error, what)
        staging.refuse(f"it reads the values of a tensor that it closes over, which {what}", "compute with the tensor")
        return result

    def _check(self) -> None:
        if torch.is_grad_enabled() is not self.differentiates:
            staging.refuse("a part of it turns gradients off or on", "use detach() for what has no gradient")
        if torch._C._is_any_autocast_enabled():
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


class Seeds:
    """The states of torch's generators when a trace begins, which draws nothing."""

    def __init__(self) -> None:
        self.generators = [torch.default_generator]
        if torch.cuda.is_initialized():
            self.generators += torch.cuda.default_generators
        with torch._C.DisableTorchFunction():
            self.states = [each.get_state() for each in self.generators]

    def check(self) -> None:
        """Refuse a function that has seeded a generator. Another thread may have drawn meanwhile."""
        with torch._C.DisableTorchFunction():
            for generator, before in zip(self.generators, self.states, strict=True):
                state = generator.get_state()
                if torch.equal(state, before):
                    continue
                seeded = torch.Generator(generator.device).manual_seed(generator.initial_seed()).get_state()
                if threading.active_count() == 1 or torch.equal(state, seeded):
                    staging.refuse("it seeds a generator, which a replay would not", "seed it outside")


class Differentiated:
    """A graph, whose first result is differentiated by its inputs: the call of a step."""

    def __init__(self, graph: Graph, compiles: bool) -> None:
        self.function = torch.compile(graph.function, dynamic=False) if compiles else graph.function
        self.__name__ = "value_and_grad"
        self.has_effect = bool(getattr(graph.function, "has_effect", False))
        self.constants = [each for each in graph.function.__globals__.values() if isinstance(each, torch.Tensor)]

    def __call__(self, captures: list[torch.Tensor], inputs: list[torch.Tensor]) -> tuple[Any, Any]:
        if torch.is_inference_mode_enabled():
            with torch.inference_mode(False):
                return self(*[[t.clone() if t.is_inference() else t for t in each] for each in (captures, inputs)])
        inputs = [tensor.detach().requires_grad_() for tensor in inputs]
        with torch.enable_grad():
            outputs = self.function(*captures, *inputs)
        gradients = gradients_of(outputs[0], inputs)
        return [output.detach() for output in outputs], _with_own_memory(
            gradients, [*captures, *inputs, *outputs, *self.constants]
        )


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
    called: list[staging.Called] | None = None,
    differentiates: bool = False,
    compiles: bool = False,
) -> Graph:
    """Return the graph of a function of tensors; with `differentiates`, one that autograd will record.

    The modules that are called are added to `called`. With `compiles`, `torch.compile` makes functions of what is
    differentiated, and of what follows that.
    """
    trace = StepTrace(name, differentiates, compiles)
    with (
        torch.inference_mode(False),  # which turns gradients on
        torch.set_grad_enabled(differentiates),
        state.entered(trace),
        staging.tracing(trace, called),
    ):
        pairs = [trace.input(what) for what in inputs]
        if differentiates:
            for value, _ in pairs:
                with torch._C.DisableTorchFunction():
                    value.requires_grad_()
        with trace:
            outputs = function(*[value for value, _ in pairs])
        trace.seeds.check()
        trace.release(outputs)
        if not differentiates:
            results: list[str] = []
            trace.argument(outputs, results)
            kinds = {n: abstract_of(value) for value, n in trace.known.values() if isinstance(value, torch.Tensor)}
            if compiles:
                trace.recorder.steps = compiled(trace.recorder, trace.calls, kinds, results, trace.gradients)
            else:
                trace.recorder.steps = fused(trace.recorder, trace.calls, kinds, results, trace.gradients)
        return trace.finish([variable for _, variable in pairs], outputs)
