"""Transforms outside of a body: the same names over functions of arrays, `Params`, bound models and objects.

In a body a transform threads the body's variables. Outside there are none: what a function needs it is given, and what
it computes it returns, so that `unified.grad`, `jit`, `scan` and the others are the framework's own, by one spelling
for both. The framework is that of the first array among the arguments.

Gradients are those of what can be trained: of a `Params`, or of a bound model, the trainable variables alone, as a
`Params` of the first half of `params.split()`. The state of random numbers and counters, which are integers, do not
disturb them.
"""

import functools
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, TypeVar

from unified.core import backends
from unified.core.dtypes import is_floating
from unified.core.errors import NoActiveTransformError
from unified.core.filters import Filter, as_predicate
from unified.core.params import Params
from unified.core.protocol import Backend
from unified.core.scope import Scope, current
from unified.core.structure import VariableInfo

__all__ = [
    "OBJECTS",
    "backend_of",
    "is_outside",
    "once",
    "split_trainable",
    "value_and_grad",
    "without_body",
    "wrap_objects",
]

F = TypeVar("F", bound=Callable[..., Any])

# Transforms of functions of objects (`unified.nn`), by name, which that package adds when it is imported; and the
# function that tells whether there are objects in trees.
OBJECTS: dict[str, Any] = {}


def is_outside() -> bool:
    """Return whether no body runs, so that a transform has no variables to thread."""
    return current.scope is None or type(current.scope) is EmptyScope


def backend_of(*trees: Any) -> Backend:
    """Return the framework of the first array in these trees; the default one if there is none."""
    for tree in trees:
        found = _owner(tree)
        if found is not None:
            return found
    return backends.load(backends.default_name())


def _owner(value: Any) -> Backend | None:
    if isinstance(value, Mapping):
        children: Any = value.values()
    elif isinstance(value, (tuple, list)):
        children = value
    elif isinstance(value, (int, float, str, bytes, type(None))):
        return None
    else:
        backend = backends.of_array(value)
        return _owner_of_leaves(value) if backend is None else backend
    return next((found for child in children if (found := _owner(child)) is not None), None)


def _owner_of_leaves(value: Any) -> Backend | None:
    """Return the framework of the arrays in a class that a framework flattens, such as a bound model."""
    for backend in backends.loaded():
        leaves, _ = backend.trees.flatten(value)
        if any(backend.owns(leaf) for leaf in leaves):
            return backend
    return None


class EmptyScope(Scope):
    """The scope of a function that a transform runs outside of a body: it has no names and no variables."""

    __slots__ = ()

    @staticmethod
    def _refuse(what: str) -> NoReturn:
        raise NoActiveTransformError(
            f"{what} was used in a function that runs outside a model. Layers and variables are written in the body of "
            "a model, `net = unified.transform(function)`; the function calls it, as in `net.apply(params, x)`"
        )

    def layer(self, cls: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        self._refuse(cls.__name__)

    def module(self, cls: Any, base: str) -> Any:
        self._refuse(cls.__name__)

    def wrap(self, marker: Any, factory: Callable[[], Any], base: str) -> Any:
        self._refuse("wrap")

    def variable(self, name: str, *args: Any, **kwargs: Any) -> Any:
        self._refuse("a variable")

    def place(self, cls: Any, name: str) -> Scope:
        self._refuse("scope")


def without_body(fn: F) -> F:
    """Let a transform that runs at once, as `scan` does, run outside of a body too, over an empty frame."""

    @functools.wraps(fn, updated=())
    def run(*args: Any, **kwargs: Any) -> Any:
        if current.scope is not None:
            return fn(*args, **kwargs)
        frame = backend_of(args, kwargs).empty_frame()
        current.scope = EmptyScope(frame, frame.root, "")
        try:
            return fn(*args, **kwargs)
        finally:
            current.scope = None

    return run  # type: ignore[return-value]  # with the signature of `fn`


def wrap_objects(name: str, fun: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
    """Return whether `fun`, or an argument of it, is an object that holds its variables, for which `OBJECTS` has it."""
    if not OBJECTS:
        _load_objects(fun, (*args, *kwargs.values()))
    return name in OBJECTS and OBJECTS["has_objects"](fun, *args, *kwargs.values())


def _load_objects(fun: Any, values: tuple[Any, ...]) -> None:
    """Import the transforms of objects if there is a native module among values that holds its variables itself."""
    backend_of(values)  # loads the frameworks from which the classes of values come
    for backend in backends.loaded():
        if _has_module(backend, (fun, values)):
            _ = backend.objects  # its import brings `unified.nn`


def _has_module(backend: Backend, value: Any) -> bool:
    if isinstance(value, (tuple, list)):
        return any(_has_module(backend, item) for item in value)
    if type(value) is dict:
        return any(_has_module(backend, item) for item in value.values())
    return backend.is_native_module(getattr(value, "__self__", value))


def once(make: Callable[[], F]) -> Callable[[], F]:
    """Return a function that calls `make` when it is first called, and returns the same later: what that compiles."""
    made: list[F] = []

    def get() -> F:
        if not made:
            made.append(make())
        return made[0]

    return get


def all_floats(wrt: Filter) -> Callable[[VariableInfo], bool]:
    """Return the predicate of the variables that a filter accepts; raise for one of integers."""
    accept = as_predicate(wrt)

    def accept_floats(info: VariableInfo) -> bool:
        if accept(info) and not is_floating(info.dtype):
            raise TypeError(f"wrt={wrt!r} selects {info.path!r}, which is {info.dtype} and has no gradient")
        return accept(info)

    return accept_floats


def _is_trained(info: VariableInfo) -> bool:
    return info.trainable and is_floating(info.dtype)


def split_trainable(tree: Any, wrt: Filter | None = None) -> tuple[Any, Callable[[Any], Any]]:
    """Return what of a tree is differentiated, and a function that puts it back into the tree.

    That is the trainable variables of each `Params` and bound model in tuples, lists and dicts, and all else as it is.
    """
    if isinstance(tree, Params):
        trained, rest = tree.split(_is_trained if wrt is None else all_floats(wrt))
        return trained, lambda new: new | rest
    inner = getattr(tree, "params", None)
    if isinstance(inner, Params) and hasattr(tree, "replace"):  # a bound model
        trained, rest = inner.split(_is_trained if wrt is None else all_floats(wrt))
        return trained, lambda new: tree.replace(new | rest)
    if type(tree) is dict:
        named = {key: split_trainable(item, wrt) for key, item in tree.items()}
        first = {key: part for key, (part, _) in named.items()}
        return first, lambda new: {key: put(new[key]) for key, (_, put) in named.items()}  # JAX sorts the keys of `new`
    if type(tree) in (tuple, list):
        parts = [split_trainable(item, wrt) for item in tree]
        make = type(tree)
        return make(part for part, _ in parts), lambda new: make(
            put(item) for (_, put), item in zip(parts, new, strict=True)
        )
    return tree, lambda new: new


def value_and_grad(
    fun: Callable[..., Any],
    argnums: int | tuple[int, ...],
    has_aux: bool,
    wrt: Filter | None,
    options: Mapping[str, Any],
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
) -> tuple[Any, Any]:
    """Return what `unified.value_and_grad(fun, ...)(*args, **kwargs)` does outside of a body."""
    positions = argnums if isinstance(argnums, tuple) else (argnums,)
    if any(not -len(args) <= position < len(args) for position in positions):
        raise ValueError(f"argnums is {argnums}, and the function was called with {len(args)} positional arguments")
    trained, put = split_trainable(tuple(args[position] for position in positions), wrt)

    def of_trained(new: Any) -> Any:
        arguments = list(args)
        for position, value in zip(positions, put(new), strict=True):
            arguments[position] = value
        output = fun(*arguments, **kwargs)
        if has_aux and not (isinstance(output, tuple) and len(output) == 2):
            raise TypeError(f"with has_aux the function returns (scalar, auxiliary), and it returned {output!r}")
        return output if has_aux else (output, None)

    value, aux, gradients = backend_of(trained, args, kwargs).function_transforms.value_and_grad(
        of_trained, trained, dict(options)
    )
    return ((value, aux) if has_aux else value), (gradients if isinstance(argnums, tuple) else gradients[0])
