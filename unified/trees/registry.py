"""Which classes are nodes of which framework's trees: each framework learns of them when it is loaded."""

import functools
import sys
import threading
from collections.abc import Callable
from typing import Any

from unified.core import backends
from unified.core.errors import BackendError
from unified.core.protocol import Backend
from unified.trees.named import ProgramStatic
from unified.trees.nodes import Items, Node, Static, flatten, unflatten

__all__ = ["add", "backend_of", "ready", "set_json"]

_classes: list[type[Node]] = []
_waiting = list(backends.known())  # the frameworks that nobody has imported yet
_registering = threading.Lock()
_json: dict[str, Callable[..., Any]] = {}  # set by `set_json`


def add(cls: type[Node]) -> None:
    """Make a class a node of the trees of each framework that is loaded, and of each that will be."""
    with _registering:
        _classes.append(cls)
        for backend in backends.loaded():
            if backend.name not in _waiting:
                _register(backend, cls)
    ready()


def ready() -> None:
    """Register all classes with the frameworks that were imported since the last time."""
    if not _waiting:
        return
    for name in [name for name in _waiting if name in sys.modules]:
        backend = backends.load(name)
        backend.calls.is_compiling()  # is imported now, for torch.compile follows no import
        with _registering:
            if name not in _waiting:
                continue
            backend.register_node(Static, _flatten_static, _unflatten_static, _no_names, *_forms(Static, backend))
            backend.register_node(Items, _flatten_items, _unflatten_items, _keys, *_forms(Items, backend))
            for cls in _classes:
                _register(backend, cls)
            _waiting.remove(name)


# torch.compile runs it while it traces: traced, it would guard all imports of the process.
ready._dynamo_marked_constant = True  # type: ignore[attr-defined]


def _register(backend: Backend, cls: type[Node]) -> None:
    backend.register_node(cls, flatten, functools.partial(unflatten, cls), cls._names, *_forms(cls, backend))


def _forms(cls: type, backend: Backend) -> tuple[Callable[[Static], Any], Callable[[Any], Static]]:
    """Return the functions from the static half of a class's node to JSON and back."""
    return lambda static: _json["to"](cls, static), lambda content: _json["of"](cls, content, backend.name)


def set_json(to_json: Callable[[type, Static], Any], of_json: Callable[[type, Any, str], Static]) -> None:
    """Set how programs keep static halves: by functions of a module that needs this one."""
    _json.update(to=to_json, of=of_json)


def _flatten_static(static: Static) -> tuple[list[Any], Static]:
    return [], static.value if type(static.value) is ProgramStatic else static


def _unflatten_static(static: Static, values: Any) -> Static:
    return Static(static.value) if type(static) is ProgramStatic else static


def _flatten_items(items: Items) -> tuple[list[Any], Static]:
    return list(items.values), Static(items.keys)


def _unflatten_items(keys: Static, values: Any) -> Items:
    return Items(keys.value, list(values))


def _keys(keys: Static) -> tuple[Any, ...]:
    return tuple((key,) for key in keys.value)


def _no_names(static: Static) -> tuple[str, ...]:
    return ()


def backend_of(values: Any, called: Any) -> Backend:
    """Return the backend whose arrays are among values; raise `BackendError` if there is none, or more than one."""
    found = None
    for value in values:
        owner = backends.of_array(value)
        if owner is None or owner is found:
            continue
        if found is not None:
            raise BackendError(
                f"{called!r} was called with arrays of {found.name} and of {owner.name}: convert the inputs, or the "
                f"model, load_params(model, params(model).to({owner.name!r}))"
            ).with_page("trees")
        found = owner
    if found is not None:
        return found
    raise BackendError(
        f"{called!r} was called without an array of an installed framework, so that it is unknown which one computes: "
        "fill the module (unified.trees.fill) or pass an array of torch or jax"
    ).with_page("trees")
