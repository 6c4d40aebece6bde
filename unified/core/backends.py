"""Finding backends: which exist, which can be loaded, which one a model or an array belongs to.

A backend is a package under `unified.backends`, named as its framework is imported, that holds one object,
`backend`, with the attributes of `unified.core.protocol.Backend`. It is imported when it is first asked for by
name, or when one of its arrays turns up.
"""

import functools
import importlib
import importlib.util
import os
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from unified.core.errors import BackendError
from unified.core.protocol import Backend

__all__ = [
    "FUNCTIONAL",
    "NUMPY",
    "available",
    "chosen",
    "class_names",
    "default_name",
    "find_functions",
    "known",
    "load",
    "loaded",
    "methods",
    "native_name",
    "of_array",
    "of_module",
    "of_operand",
    "set_backend",
]

_chosen: str | None = None
# The backend of the classes of arrays, and of classes that are none: `torch.compile` follows a look at a dict.
_owners: dict[type, Backend | None] = dict.fromkeys((bool, int, float, complex, str, type(None), tuple, list, dict))
_loaded: list[Backend] = []

# The functions of `torch.nn.functional` for arrays of a class, once the framework of one was found.
FUNCTIONAL: dict[type, Any] = {}

# The functions of `unified.numpy` likewise.
NUMPY: dict[type, Any] = {}


@functools.cache
def known() -> tuple[str, ...]:
    """Return the names of all backends, whether or not their frameworks are installed."""
    import pkgutil

    return tuple(sorted(module.name for module in pkgutil.iter_modules(_folders())))


def _folders() -> list[str]:
    """Return the folders in which backends are."""
    package = importlib.util.find_spec("unified.backends")
    return list(() if package is None else package.submodule_search_locations or ())


def available() -> tuple[str, ...]:
    """Return the names of the backends whose frameworks are installed; nothing is imported.

    >>> import unified as u
    >>> set(u.available_backends()) <= {"torch", "jax"}
    True
    """
    return tuple(name for name in known() if _installed(name))


def _installed(name: str) -> bool:
    try:
        return name in sys.modules or importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def _check_known(name: str) -> None:
    if name not in known():
        raise BackendError(f"there is no backend {name!r}: choose one of {', '.join(map(repr, known()))}").with_page(
            "install"
        )


@functools.cache
def load(name: str) -> Backend:
    """Return the backend of that name; raise `BackendError` if there is none or its framework is not installed."""
    _check_known(name)
    try:
        importlib.import_module(name)
    except ImportError as error:
        raise BackendError(
            f"the backend {name!r} needs the package {name!r}, which cannot be imported ({error}): "
            f'install it with `pip install "unified-nn[{name}]"`'
        ).with_page("install") from error
    backend: Backend = importlib.import_module(f"unified.backends.{name}").backend
    _owners.update(dict.fromkeys(backend.array_types, backend))
    if backend not in _loaded:  # its import may have asked for it already
        _loaded.append(backend)
    return backend


@functools.cache
def methods(name: str) -> Mapping[str, Any]:
    """Return what `methods.py` of a backend says of its arrays, which needs neither the backend nor its framework."""
    import runpy

    paths = (os.path.join(folder, name, "methods.py") for folder in _folders())
    return next((runpy.run_path(path) for path in paths if os.path.exists(path)), {})


def loaded() -> list[Backend]:
    """Return the backends that have been loaded."""
    return _loaded


def set_backend(name: str | None) -> None:
    """Set the backend of every later `transform` that does not name one; `None` restores the default.

    Args:
        name: `"torch"`, `"jax"` or `None`.

    Raises `BackendError` if there is no such backend.

    >>> import unified as u, unified.typing
    >>> u.set_backend("torch")
    >>> isinstance(u.transform(lambda x: x), u.typing.TorchModel)
    True
    >>> u.set_backend(None)
    """
    global _chosen
    if name is not None:
        _check_known(name)
    _chosen = name


def chosen() -> str | None:
    """Return the name that `set_backend` was last called with."""
    return _chosen


def default_name() -> str:
    """Return the default backend's name: `set_backend`'s, `UNIFIED_BACKEND`'s, the only one installed, or torch."""
    name = _chosen or os.environ.get("UNIFIED_BACKEND")
    if name:
        return name
    installed = available()
    return installed[0] if len(installed) == 1 else "torch"


def of_array(value: Any) -> Backend | None:
    """Return the backend of an array, or `None` for other values. A framework that is not loaded stays so."""
    kind = type(value)
    if kind in _owners:
        return _owners[kind]
    for name in known():
        if name in sys.modules and _may_own(name, value):
            backend = load(name)
            if backend.owns(value):
                _owners[type(value)] = backend
                return backend
    return None


def class_names(backend: Backend) -> set[str]:
    """Return the names of the classes of a framework's arrays that were met so far."""
    return {kind.__name__ for kind, owner in list(_owners.items()) if owner is backend}


def of_module(value: object) -> Backend | None:
    """Return the backend of a module of its framework, or of an object of `unified.nn` on it; `None` for others."""
    for backend, is_ours in _of_classes(value):
        if backend.is_native_module(value) or (is_ours and backend.objects.is_module(value)):
            return backend
    return None


def of_operand(value: Any) -> Backend | None:
    """Return the backend whose functions take a value that stands for an array, as proxies of tracers do, or `None`."""
    for name in known():
        if name in sys.modules:
            backend = load(name)
            if backend.computes_with(value):
                return backend
    return None


def find_functions(arguments: tuple[Any, ...], kind: str, cache: dict[type, Any]) -> Any:
    """Return the functions of the framework that takes one of `arguments`; `None` if none does.

    `kind` is the attribute of the backend that they are, and `cache` keeps them for arrays of that class.
    """
    for argument in arguments:
        backend = of_array(argument)
        if backend is not None:
            return cache.setdefault(type(argument), getattr(backend, kind))
    for argument in arguments:
        backend = of_operand(argument)
        if backend is not None:
            return getattr(backend, kind)
    return None


def _may_own(name: str, value: Any) -> bool:
    """Return whether a class of `value` comes from that framework: a plain number loads no backend."""
    return any(cls.__module__.partition(".")[0].startswith(name) for cls in type(value).__mro__)


def native_name(value: object) -> str | None:
    """Return the name of the class by which a backend computes a layer; `None` for other values."""
    for backend, _ in _of_classes(value):
        class_name = backend.native_name(value)
        if class_name is not None:
            return class_name
    return None


def _of_classes(value: object) -> Iterator[tuple[Backend, bool]]:
    """Yield each imported framework that a class of `value` comes from, and whether one is from its backend's package.

    Other values load no backend.
    """
    modules = {cls.__module__ for cls in type(value).__mro__}
    for name in known():
        is_ours = any(module.startswith(f"unified.backends.{name}") for module in modules)
        if name in sys.modules and (is_ours or any(module.partition(".")[0] == name for module in modules)):
            yield load(name), is_ours
