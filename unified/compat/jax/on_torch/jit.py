"""`jax.jit`: a function is traced once for each kind of arguments, and its graph is replayed.

What a kind is: the structure of the arguments, the shape, dtype, weak type and device of each array in them, and the
values of static arguments. The check of a call against the last kind, and the building of the output, are functions
written for that kind, so that a call costs little beside the graph (`calls.py`).
"""

import contextlib
import functools
import inspect
import weakref
from collections.abc import Callable
from typing import Any, cast

import torch

from unified.compat.jax import config
from unified.compat.jax.active_backend import use_backend
from unified.compat.jax.on_torch import tree_util as tree
from unified.compat.jax.on_torch.array import Array, as_array
from unified.compat.jax.on_torch.behaviour import Behaviour
from unified.compat.jax.on_torch.calls import Guard, builder, guard
from unified.compat.jax.on_torch.costs import analysis
from unified.compat.jax.on_torch.placement import place_tree
from unified.compat.jax.on_torch.tracing import current, staged
from unified.compat.jax.on_torch.tracing.staged import Staged, Type, name_of, stage
from unified.compat.jax.on_torch.transforms import TORCH, ShapeDtypeStruct, enter, leave, type_of_leaf
from unified.core.errors import BackendError
from unified.core.params import Params

__all__ = ["clear_caches", "jit"]

BEHAVIOUR = Behaviour(on_arrays=True)

_entries: weakref.WeakKeyDictionary[Any, dict[Any, "_Entry"]] = weakref.WeakKeyDictionary()
_caches: weakref.WeakSet["_Cache"] = weakref.WeakSet()


def _entries_of(fun: Any) -> dict[Any, "_Entry"]:
    """Return the entries of a function, which all that is jitted of it shares."""
    try:
        return _entries.setdefault(fun, {})
    except TypeError:  # without a hash, or a weak reference
        return {}


def clear_caches() -> None:
    """Forget what `jax.jit` has traced."""
    for cache in list(_caches):
        cache.clear()


class _Entry:
    """What is kept of one kind of arguments."""

    def __init__(self, found: Staged, gives_tensors: bool, check: Guard | None) -> None:
        self.staged, self.captures, self.guard = found, tuple(found.graph.captures), check
        self.function = found.graph.function
        self.eager = torch.compile(self.function, dynamic=False) if config.compiles_jit() else self.function
        self.build = builder(found.structure, [None if gives_tensors else each.kind for each in found.types])


class _Call:
    """The arguments of one call: leaves that are traced, and all else."""

    def __init__(self, fun: Any, numbers: frozenset[int], names: frozenset[str], args: Any, kwargs: Any) -> None:
        self.count = len(args)
        numbers = frozenset([number % len(args) for number in numbers if number < len(args)]) if args else frozenset()
        self.static = tuple([(number, args[number]) for number in sorted(numbers)])
        self.static_names = tuple([(name, kwargs[name]) for name in sorted(names & kwargs.keys())])
        self.dynamic = [arg for number, arg in enumerate(args) if number not in numbers]
        self.named = {name: value for name, value in kwargs.items() if name not in names}
        self.leaves, self.structure = tree.tree_flatten((self.dynamic, self.named))
        self.has_params = any(isinstance(leaf, Params) for leaf in self.leaves)
        self.types = [] if self.has_params else [_type_of(leaf, fun) for leaf in self.leaves]

    @property
    def gives_tensors(self) -> bool:
        """Whether outputs are tensors: the arguments contain some, and no `Array`."""
        kinds = [Array if isinstance(leaf, Array) else type(leaf) for leaf in self.leaves]
        return Array not in kinds and any(issubclass(kind, torch.Tensor) for kind in kinds)

    def key(self, fun: Any) -> tuple[Any, ...]:
        for where, value in (*self.static, *self.static_names):
            try:
                hash(value)
            except TypeError:
                raise ValueError(
                    f"the static argument {where!r} of {name_of(fun)} under jax.jit is of type {type(value).__name__}, "
                    "which has no hash: static arguments are compared with those of earlier calls. Pass a tuple "
                    "instead of a list, or an array as one that is traced"
                ) from None
        static = [(where, type(value), value) for where, value in (*self.static, *self.static_names)]
        types = tuple(self.types)
        return self.count, self.structure, types, self.gives_tensors, tuple(static), staged.environment()

    def trace(self, fun: Any) -> Staged:
        """Return the function traced on these kinds of arguments."""

        def run(dynamic: Any, named: Any) -> Any:
            arguments = list(dynamic)
            for number, value in self.static:
                arguments.insert(number, value)
            return fun(*arguments, **named, **dict(self.static_names))

        return stage(run, self.types, self.structure, f"{name_of(fun)} (jit)")

    def tensors(self) -> list[torch.Tensor]:
        return [as_array(leaf).tensor for leaf in self.leaves]


def _type_of(leaf: Any, fun: Any) -> Type:
    found = type_of_leaf(leaf)
    if found is None:
        raise TypeError(
            f"{name_of(fun)} under jax.jit was given {leaf!r}, of type {type(leaf).__name__}, which is no array and no "
            "number: name such an argument in static_argnums or static_argnames"
        )
    return found


class _Cache:
    """The entries of one jitted function."""

    def __init__(self, fun: Any, numbers: Any, names: Any) -> None:
        self.fun = fun
        self.numbers, self.names = _static(fun, numbers, names)
        self.entries = _entries_of(fun)
        self.last: _Entry | None = None
        _caches.add(self)

    def clear(self) -> None:
        self.entries.clear()
        self.last = None

    def call(self, args: Any, kwargs: Any) -> _Call:
        return _Call(self.fun, self.numbers, self.names, args, kwargs)

    def entry(self, call: _Call) -> _Entry:
        key = call.key(self.fun)
        entry = self.entries.get(key)
        if entry is None:
            found = call.trace(self.fun)
            is_reusable = staged.is_reusable(found.graph)
            check = guard(call, key[-1]) if is_reusable else None
            entry = _Entry(found, call.gives_tensors, check)
            if is_reusable:
                self.entries[key] = entry
        return entry

    def __call__(self, args: Any, kwargs: Any) -> Any:
        trace, last = current(), self.last
        if trace is not None and trace.inlines:
            return _as_it_stands(self, args, kwargs)
        if trace is None and last is not None and last.guard is not None:
            tensors = last.guard(args, kwargs)
            if tensors is not None:
                return last.build(self._run(last, tensors))
        call = self.call(args, kwargs)
        if call.has_params:  # of a torch model, whose body is no code of JAX
            return _as_it_stands(self, args, kwargs)
        entry = self.entry(call)
        if trace is None:
            self.last = entry
            return entry.build(self._run(entry, call.tensors()))
        return entry.build(trace.apply(entry.function, [*entry.captures, *call.tensors()], entry.staged.graph.result))

    def _run(self, entry: _Entry, tensors: Any) -> Any:
        is_plain = entry.eager is entry.function or torch._C._functorch.peek_interpreter_stack() is not None
        return (entry.function if is_plain else entry.eager)(*entry.captures, *tensors)


def _static(fun: Any, numbers: Any, names: Any) -> tuple[frozenset[int], frozenset[str]]:
    """Return the positions and the names of static arguments, each completed from the other by the signature."""
    try:
        parameters = list(inspect.signature(fun).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    places = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    chosen = set() if numbers is None else {numbers} if isinstance(numbers, int) else set(numbers)
    named = set() if names is None else {names} if isinstance(names, str) else set(names)
    if numbers is None:
        chosen = {place for place, name in enumerate(places) if name in named}
    elif names is None:
        count = len(places)
        named = {places[number] for number in chosen if -count <= number < count}
    return frozenset(chosen), frozenset(named)


def jit(fun: Any = None, /, **options: Any) -> Any:
    """Return `fun` traced once for each kind of arguments, and replayed; see `jax.jit`.

    `static_argnums` and `static_argnames` are heeded; other options, such as `donate_argnums`, change nothing on torch.
    """
    if fun is None:
        return functools.partial(jit, **options)
    if not callable(fun):
        raise TypeError(f"jax.jit takes a function, got {fun!r}")
    cache = _Cache(fun, options.get("static_argnums"), options.get("static_argnames"))

    @functools.wraps(fun)
    def run(*args: Any, **kwargs: Any) -> Any:
        if staged.is_staging():
            return cache(args, kwargs)
        return _as_it_stands(cache, args, kwargs)

    with contextlib.suppress(TypeError, ValueError):  # of what has no signature, such as a function of C
        cast(Any, run).__signature__ = inspect.signature(fun)  # JAX's has one that needs no `__wrapped__`
    shardings = options.get("in_shardings"), options.get("out_shardings")
    jitted: Callable[..., Any] = run if shardings == (None, None) else _placing(run, cache, *shardings)

    def lower(*args: Any, **kwargs: Any) -> Lowered:
        call = cache.call(args, kwargs)
        return Lowered(jitted, cache.entry(call).staged, call.types)

    def eval_shape(*args: Any, **kwargs: Any) -> Any:
        return lower(*args, **kwargs).out_info

    functions: dict[str, Callable[..., Any]] = {
        "lower": lower,
        "trace": lower,
        "eval_shape": eval_shape,
        "clear_cache": cache.clear,
        "_cache_size": lambda: len(cache.entries),
    }
    for name, function in functions.items():
        setattr(jitted, name, function)
    return jitted


def _placing(jitted: Callable[..., Any], cache: _Cache, before: Any, after: Any) -> Callable[..., Any]:
    """Return a jitted function whose arguments and outputs are placed as `in_shardings` and `out_shardings` say."""

    @functools.wraps(jitted)
    def placing(*args: Any, **kwargs: Any) -> Any:
        if before is not None and current() is None:
            static = {number % len(args) for number in cache.numbers if number < len(args)} if args else set()
            traced = tuple([arg for number, arg in enumerate(args) if number not in static])
            rest = iter(place_tree(traced, tuple(before) if isinstance(before, list) else before))
            args = tuple([arg if number in static else next(rest) for number, arg in enumerate(args)])
        output = jitted(*args, **kwargs)
        return output if after is None or current() is not None else place_tree(output, after)

    return placing


def _as_it_stands(cache: _Cache, args: Any, kwargs: Any) -> Any:
    """Run a function untraced: under torch.compile, which traces by itself, or `jax.disable_jit`."""
    static = {number % len(args) for number in cache.numbers} if args else set()
    arrays = [arg if number in static else enter(arg) for number, arg in enumerate(args)]
    named = {name: value if name in cache.names else enter(value) for name, value in kwargs.items()}
    with use_backend(TORCH):
        output = cache.fun(*arrays, **named)
    return leave(output, (args, kwargs))


class Lowered:
    """A traced function as `jax.jit(f).lower(...)` returns it.

    Attributes:
        out_info: the shapes and dtypes of the output.
    """

    def __init__(self, function: Callable[..., Any], found: Staged, inputs: list[Type]) -> None:
        self._function, self._staged, self._inputs = function, found, inputs

    @property
    def out_info(self) -> Any:
        shapes = [ShapeDtypeStruct(each.abstract.shape, each.abstract.dtype) for each in self._staged.types]
        return self._staged.structure.unflatten(shapes)

    def as_text(self, dialect: Any = None, **options: Any) -> str:
        """Return the code of the graph."""
        return self._staged.graph.source

    def lower(self, **options: Any) -> "Lowered":
        return self

    def compile(self, compiler_options: Any = None) -> "Compiled":
        return Compiled(self._function, self._staged, self._inputs)

    def cost_analysis(self) -> dict[str, float] | None:
        """Return how many operations a call takes, as `{"flops": ...}`; `None` if that depends on values."""
        return analysis(self._staged, self._inputs)

    def memory_analysis(self) -> None:
        """Return `None`, as JAX does where it knows nothing: torch plans no memory before a call."""

    @property
    def jaxpr(self) -> Any:
        raise BackendError(
            "a function that is traced on torch has no jaxpr: as_text() returns the code of its graph"
        ).with_page("haiku#pitfalls")


class Compiled(Lowered):
    """What `jax.jit(f).lower(...).compile()` returns: the function."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._function(*args, **kwargs)
