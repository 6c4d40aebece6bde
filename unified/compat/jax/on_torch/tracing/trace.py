"""One run of a function on arrays without values, which records the calls of torch.

A call of a function of torch becomes a statement; a property or method that tells a shape or a dtype is answered at
once; one that asks for a value raises. The trace sees neither autograd nor the transforms of `torch.func` around it:
the graph consists of plain calls, which run under them when it is replayed.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch._functorch.pyfunctorch import temporarily_clear_interpreter_stack
from torch._subclasses.fake_tensor import (
    DataDependentOutputException,
    DynamicOutputShapeException,
)
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from unified.backends.torch import lanes
from unified.compat.jax.on_torch import errors
from unified.compat.jax.on_torch.array import Array
from unified.compat.jax.on_torch.tracing import state
from unified.compat.jax.on_torch.tracing.abstract import (
    Abstract,
    Effects,
    abstract_of,
    effects_of,
    fresh,
    is_tracer,
    memory_of,
)
from unified.compat.jax.on_torch.tracing.graph import Graph, Recorder, Step, written
from unified.compat.jax.on_torch.tracing.graph import has_effect as has_effect_of

__all__ = ["Reference", "Trace", "tensors_in", "traced"]

T = torch.Tensor
PLAIN = {  # answered by shapes, dtypes and devices
    T.dim, T.size, T.numel, T.nelement, T.element_size, T.is_floating_point, T.is_complex, T.is_signed, T.stride,
    T.is_contiguous, T.get_device, T.__len__, T.__hash__, T.storage_offset, T.__repr__, T.__format__, T.is_conj,
    T.is_neg, T.ndimension, T.type, T.data_ptr, T.__deepcopy__, T.backward, T.register_hook, T.is_inference,
    torch.is_floating_point, torch.is_complex, torch.numel, torch.is_tensor, torch.is_conj, torch.is_same_size,
    torch.device,
}  # fmt: skip
CONSTANTS = {torch.tensor, torch.as_tensor, torch.asarray, torch.scalar_tensor, torch.from_numpy}
FACTORIES = {
    torch.arange, torch.empty, torch.eye, torch.full, torch.linspace, torch.logspace, torch.ones, torch.zeros,
    torch.tril_indices, torch.triu_indices, torch.complex, torch.rand, torch.randn, torch.randint, torch.randperm,
    torch.hann_window, torch.hamming_window, torch.blackman_window, torch.bartlett_window, torch.kaiser_window,
    torch.empty_strided, torch.range, *CONSTANTS,
} - {torch.complex, torch.from_numpy}  # fmt: skip
PROPERTIES: Any = (T.T, T.mT, T.H, T.mH, T.real, T.imag, T.data)
VIEWS = {each.__get__ for each in PROPERTIES}  # properties that are arrays
FOLDED = {torch.arange, torch.linspace, torch.eye, torch.tril_indices, torch.triu_indices}
RESHAPES = {T.reshape, torch.reshape, T.expand, T.broadcast_to, torch.broadcast_to}
_SPLIT: Any = torch._C._VariableFunctions.split  # type: ignore[attr-defined]
PLAINER = {T.split: _SPLIT, torch.split: _SPLIT}  # the functions that these call in Python
# Functions that write to running statistics, though their schemas do not tell.
WRITING: set[Any] = {F.batch_norm, F.instance_norm, torch.batch_norm, torch.instance_norm}
LARGEST_CONSTANT = 1 << 16  # elements of what is computed once, with the trace
READS: dict[Any, tuple[type[Exception], str]] = {
    T.__bool__: (errors.TracerBoolConversionError, "was used as a condition of Python, as in `if x:` or `bool(x)`"),
    T.is_nonzero: (errors.TracerBoolConversionError, "was used as a condition of Python"),
    T.__index__: (errors.TracerIntegerConversionError, "was used as an integer of Python, as in `range(x)`"),
    T.numpy: (errors.TracerArrayConversionError, "was to become an array of NumPy"),
    T.__array__: (errors.TracerArrayConversionError, "was to become an array of NumPy"),
    T.__dlpack__: (errors.TracerArrayConversionError, "was to be exported"),
    T.__int__: (errors.ConcretizationTypeError, "was to become a number of Python by int()"),
    T.__float__: (errors.ConcretizationTypeError, "was to become a number of Python by float()"),
    T.__complex__: (errors.ConcretizationTypeError, "was to become a number of Python by complex()"),
    T.item: (errors.ConcretizationTypeError, "was to become a number of Python by item()"),
    T.tolist: (errors.ConcretizationTypeError, "was to become a list of Python by tolist()"),
    T.__contains__: (errors.TracerBoolConversionError, "was searched by `in`"),
    torch.equal: (errors.TracerBoolConversionError, "was compared by torch.equal"),
    torch.allclose: (errors.TracerBoolConversionError, "was compared by torch.allclose"),
    T.equal: (errors.TracerBoolConversionError, "was compared by equal"),
    T.allclose: (errors.TracerBoolConversionError, "was compared by allclose"),
}
ADVICE = (
    "Pass it by static_argnums if it is a number that decides what is computed; choose between arrays by jnp.where or "
    "lax.cond, and loop by lax.fori_loop or lax.while_loop. `with jax.disable_jit():` runs the code as it stands"
)
LITERALS = (int, bool, str, type(None), type(...))


class Reference:
    """A Python object that a replay makes, such as the pullback of a `vjp`."""


class Trace(TorchFunctionMode):
    """The record of one run.

    Attributes:
        name: the function that is traced.
        known: the arrays of this trace with their variables, by identity.
        inlines: whether jitted functions are traced as a part of this one.
    """

    inlines = False

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.recorder = Recorder()
        self.known: dict[int, tuple[Any, str]] = {}
        self.stand_ins: dict[int, tuple[Any, Any]] = {}  # for values of outside, by identity
        self.captures: list[tuple[Any, str]] = []
        self.made: dict[str, torch.Tensor] = {}  # captures that the run itself made

    # Values

    def _register(self, value: Any, name: str) -> Any:
        self.known[id(value)] = value, name
        return value

    def input(self, what: Abstract) -> tuple[torch.Tensor, str]:
        """Return an array that stands for an argument, and its variable."""
        name = self.recorder.variable()
        return self._register(fresh(what), name), name

    def stand_in(self, value: Any) -> Any:
        """Return the array of this trace that stands for a value: for one of outside, it is captured."""
        entry = self.known.get(id(value))
        if entry is not None and entry[0] is value:
            return value
        found = self.stand_ins.get(id(value))
        if found is not None:
            return found[1]
        if is_tracer(value) or isinstance(value, Reference):
            if not any(id(value) in trace.known for trace in state.active()):
                raise errors.UnexpectedTracerError(
                    f"{self.name} uses an array of a trace that has ended. What a traced function makes leaves it as "
                    "a result: not through a variable of Python, such as an attribute or a list"
                )
        elif torch._C._functorch.is_functorch_wrapped_tensor(value) and is_tracer(lanes.values_of_all(value)):
            raise errors.UnexpectedTracerError(f"{self.name} uses a traced array inside of a transform of torch.func")
        return self._stand_for(value, Reference() if isinstance(value, Reference) else fresh(abstract_of(value)))

    def _stand_for(self, value: Any, stand_in: Any) -> Any:
        """Capture a value of outside, for which `stand_in` stands, and return that."""
        name = self.recorder.variable()
        self._register(stand_in, name)
        self.stand_ins[id(value)] = value, stand_in
        self.captures.append((value, name))
        return stand_in

    def argument(self, value: Any, uses: list[str]) -> tuple[Any, str]:
        """Return an argument of a call with arrays without values, and its text."""
        kind = type(value)
        if kind in LITERALS:
            return value, "..." if value is ... else repr(value)
        if kind is float and math.isfinite(value):
            return value, repr(value)
        if isinstance(value, Array):
            value = value.tensor
        if isinstance(value, (torch.Tensor, Reference)):
            value = self.stand_in(value)
            name = self.known[id(value)][1]
            uses.append(name)
            return value, name
        if kind is slice:
            parts = [self.argument(part, uses) for part in (value.start, value.stop, value.step)]
            return slice(*[part for part, _ in parts]), f"slice({', '.join(text for _, text in parts)})"
        if kind is tuple or kind is list or kind is torch.Size:
            parts = [self.argument(part, uses) for part in value]
            inner = ", ".join([text for _, text in parts])
            values = [part for part, _ in parts]
            if kind is list:
                return values, f"[{inner}]"
            return tuple(values), f"({inner}{',' if len(parts) == 1 else ''})"
        if kind is dict:
            parts = [self.argument(part, uses) for part in value.values()]
            keys = [self.argument(key, uses)[1] for key in value]
            pairs = zip(keys, parts, strict=True)
            return (
                dict(zip(value, [part for part, _ in parts], strict=True)),
                f"{{{', '.join(f'{key}: {text}' for key, (_, text) in pairs)}}}",
            )
        return value, self.recorder.constant(value)

    def constant(self, value: torch.Tensor) -> torch.Tensor:
        """Return the array of outside that one of this trace stands for, if it stands for one with values."""
        entry = self.known.get(id(value))
        if entry is not None:
            for captured, name in self.captures:
                if name == entry[1] and not is_tracer(captured):
                    return captured
        return value

    # Calls

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func in PLAIN:
            with torch._C.DisableTorchFunction():
                return func(*args, **kwargs)
        read = READS.get(func)
        if read is not None:
            return self._read(func, args, kwargs, *read)
        name = getattr(func, "__name__", "")
        if (name == "__get__" and func not in VIEWS) or name == "__set__":
            with state.evaluating(), torch._C.DisableTorchFunction():
                return func(*args, **kwargs)
        if func in CONSTANTS and not self._holds_known(args[0] if args else kwargs):
            with torch._C.DisableTorchFunction():
                value = func(*args, **self._placed(func, kwargs))
            return self._constant(value)
        if func in FACTORIES:
            kwargs = self._placed(func, kwargs)
        return self.call(func, args, kwargs)

    def _constant(self, value: torch.Tensor) -> Any:
        """Return what stands for an array with values that the run made."""
        stand_in = self.stand_in(value)
        self.made[self.known[id(stand_in)][1]] = value
        return stand_in

    def _real(self, value: Any) -> Any:
        """Return an argument with the constants that stand-ins stand for."""
        if isinstance(value, torch.Tensor):
            return self.made[self.known[id(value)][1]]
        if isinstance(value, (tuple, list)):
            return type(value)([self._real(item) for item in value])
        if isinstance(value, dict):
            return {key: self._real(item) for key, item in value.items()}
        if isinstance(value, slice):
            return slice(self._real(value.start), self._real(value.stop), self._real(value.step))
        return value

    def _folded(self, func: Any, values: Any, uses: list[str]) -> Any:
        """Return the result of a call on constants alone as a constant; `None` if it is none, or is large."""
        if not (all(name in self.made for name in uses) and uses) and func not in FOLDED:
            return None
        operands = {memory_of(self.made[name]) for name in uses}
        try:
            with state.outside(), _Pure(operands):
                result = func(*self._real(values[0]), **self._real(values[1]))
        except _ImpureError:
            return None
        if not isinstance(result, torch.Tensor) or result.numel() > LARGEST_CONSTANT:
            return None
        if memory_of(result) in operands and id(result) not in self.stand_ins:  # a view, also of what stands for it
            with effects_of():
                self._stand_for(result, func(*values[0], **values[1]))
        return self._constant(result)

    def _holds_known(self, value: Any) -> bool:
        if isinstance(value, (tuple, list)):
            return any(map(self._holds_known, value))
        if isinstance(value, dict):
            return any(map(self._holds_known, value.values()))
        return isinstance(value, (torch.Tensor, Array))

    def _placed(self, func: Any, kwargs: dict[str, Any]) -> dict[str, Any]:
        """Return the options of a function that makes an array, with the default device, which no longer applies."""
        if kwargs.get("device") is not None or func is torch.from_numpy:
            return kwargs
        device = torch.get_default_device()
        return kwargs if device.type == "cpu" else {**kwargs, "device": device}

    def _read(self, func: Any, args: Any, kwargs: Any, error: type[Exception], what: str) -> Any:
        """Return a value that is known, of an array of outside; raise for an array of a trace."""
        tensors = [arg.tensor if isinstance(arg, Array) else arg for arg in args]
        unknown = [t for t in tensors if isinstance(t, torch.Tensor) and (is_tracer(t) or lanes.has_values_by_lane(t))]
        if unknown:
            raise error(f"an array of {_kind(unknown[0])} {what} while {self.name} is traced, without values. {ADVICE}")
        with torch._C.DisableTorchFunction():
            return func(*[lanes.values_of_all(t) if isinstance(t, torch.Tensor) else t for t in tensors], **kwargs)

    def call(self, func: Any, args: Any, kwargs: Any) -> Any:
        """Record a call, and return its result on arrays without values."""
        uses: list[str] = []
        values, text = self._arguments(func, args, kwargs, uses)
        folded = self._folded(func, values, uses)
        if folded is not None:
            return folded
        try:
            with effects_of() as effects:
                result = func(*values[0], **values[1])
        except DataDependentOutputException as error:
            raise errors.ConcretizationTypeError(
                f"{_name(func)} needs the values of an array while {self.name} is traced, without values. {ADVICE}"
            ) from error
        except DynamicOutputShapeException as error:
            raise self._shape_error(func, args) from error
        if func in RESHAPES and _is_unchanged(args, result):  # a call less in each replay
            return self.stand_in(args[0].tensor if isinstance(args[0], Array) else args[0])
        if func is T.contiguous and id(result) in self.known:  # what it stands for may not be
            result = fresh(abstract_of(result))
        written = effects.written.intersection(map(memory_of, tensors_in(values)))
        if self.unshare(written):
            uses = []
            _, text = self._arguments(func, args, kwargs, uses)
        name = getattr(func, "__name__", "")
        is_in_place = bool(written) or (name.endswith("_") and not name.endswith("__"))
        has_effect = is_in_place or effects.draws or func in WRITING
        self.check_effects(func, values, effects)
        return self._bound(result, text, uses, has_effect)

    def check_effects(self, func: Any, values: Any, effects: Effects) -> None:
        """Raise if replays would not repeat what a call does."""

    def _arguments(self, func: Any, args: Any, kwargs: Any, uses: list[str]) -> tuple[Any, str]:
        positional = [self.argument(value, uses) for value in args]
        named = {name: self.argument(value, uses) for name, value in kwargs.items()}
        parts = [text for _, text in positional] + [f"{name}={text}" for name, (_, text) in named.items()]
        values = [value for value, _ in positional], {name: value for name, (value, _) in named.items()}
        target = PLAINER.get(func, func) if len(args) > 1 else func
        return values, f"{self.recorder.constant(target)}({', '.join(parts)})"

    def unshare(self, memories: set[int]) -> bool:
        """Let each replay have its own copy of the constants in some memory; return whether there are any.

        It is for constants that a call writes to, and for those that leave the trace: their user may write to them.
        """
        groups: dict[int, list[tuple[torch.Tensor, str]]] = {memory: [] for memory in memories}
        for value, name in self.known.values() if memories else ():
            if isinstance(value, torch.Tensor) and (group := groups.get(memory_of(value))) is not None:
                group.append((value, name))
        shared = [group for group in groups.values() if any(name in self.made for _, name in group)]
        for group in shared:
            if len({value.dtype for value, _ in group}) > 1:
                raise TypeError(f"{self.name} changes or returns a constant that it views in another dtype: clone it")
            names, copies = [name for _, name in group], [self.recorder.variable() for _ in group]
            text = f"{self.recorder.constant(copied)}({', '.join(names)})"
            self.recorder.steps.append(Step(f"[{', '.join(copies)}]", tuple(copies), text, tuple(names), False))
            for (value, _), copy in zip(group, copies, strict=True):
                self._register(value, copy)
        return bool(shared)

    def _bound(self, result: Any, text: str, uses: list[str], has_effect: bool) -> Any:
        """Record a statement with the result of a call, and return the result."""
        defines: list[str] = []
        targets = self._targets(result, defines)
        if defines or has_effect:
            targets = targets if defines else ""
            self.recorder.steps.append(Step(targets, tuple(defines), text, tuple(uses), has_effect))
        return result

    def _targets(self, result: Any, defines: list[str]) -> str:
        """Return the left side of an assignment of a result, whose new arrays get variables."""
        if isinstance(result, (torch.Tensor, Reference)):
            if id(result) in self.known:
                return "_"
            name = self.recorder.variable()
            self._register(result, name)
            defines.append(name)
            return name
        if isinstance(result, (tuple, list)) and type(result) is not torch.Size:
            return f"[{', '.join([self._targets(item, defines) for item in result])}]"
        return "_"

    def apply(self, target: Callable[..., Any], args: Sequence[Any], result: Any, has_effect: bool = False) -> Any:
        """Record a call whose result is known: an `Abstract` or a `Reference` for each value in tuples and lists.

        With `has_effect` it is made at each replay, also where nothing uses its result, as is a call of a graph that
        has such calls.
        """
        uses: list[str] = []
        _, text = self._arguments(target, args, {}, uses)
        return self._bound(_fresh_tree(result), text, uses, has_effect or has_effect_of(target))

    def _shape_error(self, func: Any, args: Any) -> Exception:
        if func is T.__getitem__ or func is T.__setitem__:
            return errors.NonConcreteBooleanIndexError(
                f"an index of booleans selects an unknown number of elements while {self.name} is traced: "
                "jnp.where(mask, x, other) keeps the shape"
            )
        return errors.ConcretizationTypeError(
            f"the shape of the result of {_name(func)} depends on values, which are unknown while {self.name} is "
            f"traced. Pass size= where the function of JAX has it. {ADVICE}"
        )

    def release(self, outputs: Any) -> None:
        """Let results that are constants of the run, or views of them, be new arrays in each replay."""
        self.argument(outputs, [])
        self.unshare({memory_of(value) for value in tensors_in(outputs) if is_tracer(value)})

    def finish(self, parameters: list[str], outputs: Any) -> Graph:
        """Return the graph, which returns the nested tuples and lists of arrays `outputs`."""
        uses: list[str] = []
        values, output = self.argument(outputs, uses)
        results = set(uses)
        used = results.union(*[step.uses for step in self.recorder.live(results)])
        captures = [(value, name) for value, name in self.captures if name in used and name not in self.made]
        self.recorder.constants.update({name: value for name, value in self.made.items() if name in used})
        names = [name for _, name in captures] + parameters
        source, function = written(self.recorder, self.name, names, output, results)
        function.has_effect = any(step.has_effect for step in self.recorder.steps)
        graph = Graph(self.name, [value for value, _ in captures], _abstract_tree(values), source, function)
        reached = self.recorder.reached(parameters)
        graph.varying = [name in reached for name in uses]
        return graph


class _ImpureError(Exception):
    """A call does more than return a result of its arguments."""


class _Pure(TorchDispatchMode):
    """Run calls, and raise before one draws random numbers or writes to the memory of its arguments."""

    def __init__(self, memories: set[int]) -> None:
        super().__init__()
        self.memories = memories

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        effects = Effects()
        effects.note(func, args, kwargs or {})
        if effects.draws or not effects.written.isdisjoint(self.memories):
            raise _ImpureError
        return func(*args, **(kwargs or {}))


def copied(*tensors: torch.Tensor) -> list[torch.Tensor]:
    """Return copies of tensors which share memory, that do as well."""
    first = tensors[0]
    if len(tensors) == 1:
        return [first.clone()]
    size = first.untyped_storage().nbytes() // first.element_size()
    memory = torch.as_strided(first, (size,), (1,), 0).clone()
    return [torch.as_strided(memory, each.size(), each.stride(), each.storage_offset()) for each in tensors]


def tensors_in(value: Any) -> Iterator[torch.Tensor]:
    """Yield the tensors in tuples, lists and dicts."""
    if isinstance(value, (torch.Tensor, Array)):
        yield value.tensor if isinstance(value, Array) else value
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from tensors_in(item)
    elif isinstance(value, dict):
        yield from tensors_in(tuple(value.values()))


def _is_unchanged(args: Any, result: Any) -> bool:
    first = args[0].tensor if args and isinstance(args[0], Array) else args[0] if args else None
    return isinstance(first, torch.Tensor) and first.shape == result.shape and first.dtype is result.dtype


def _name(func: Any) -> str:
    return str(getattr(func, "__name__", func))


def _kind(value: torch.Tensor) -> str:
    return f"{str(value.dtype).removeprefix('torch.')}{list(value.shape)}"


def _fresh_tree(what: Any) -> Any:
    if isinstance(what, Abstract):
        return fresh(what)
    if isinstance(what, (tuple, list)):
        return type(what)([_fresh_tree(item) for item in what])
    return what


def _abstract_tree(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return abstract_of(value)
    if isinstance(value, (tuple, list)):
        return type(value)([_abstract_tree(item) for item in value])
    return value


def traced(function: Callable[..., Any], inputs: Sequence[Abstract], name: str) -> Graph:
    """Return the graph of a function of tensors, which returns nested tuples and lists of them."""
    trace = Trace(name)
    with temporarily_clear_interpreter_stack(), torch.no_grad(), state.entered(trace):
        pairs = [trace.input(what) for what in inputs]
        with trace:
            outputs = function(*[value for value, _ in pairs])
        trace.release(outputs)
        return trace.finish([variable for _, variable in pairs], outputs)
