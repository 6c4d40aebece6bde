"""Functions that look for the framework when they are called: what the modules of `unified.compat.jax` are made of.

A module of names `N` has a function for each name that torch offers (`names.py` lists them), which calls the
function of that name of the framework that runs. Names that torch has not are JAX's own, on JAX; on torch they raise
`BackendError`, and a name that nobody has `AttributeError`.
"""

import importlib
from collections.abc import Callable
from types import FunctionType
from typing import Any

from unified.compat.jax.active_backend import active_backend, backend_for
from unified.compat.jax.implementations import implementation
from unified.compat.jax.names import ABSENT, NAMES
from unified.core import backends
from unified.core.errors import BackendError
from unified.core.pages import end_with_link

__all__ = ["define_functions", "function", "jax_attribute", "names_of"]


def names_of(module: str) -> tuple[str, ...]:
    """Return the names of `jax.<module>` that torch supports."""
    return NAMES.get(module, ())


def function(module: str, name: str) -> Callable[..., Any]:
    """Return a function that calls `jax.<module>.<name>` of the active framework."""

    def call(*args: Any, **kwargs: Any) -> Any:
        backend = active_backend() or backend_for(args, kwargs)
        # Nothing is kept here: torch.compile would look at what JAX had given.
        target = _look_up(backend, module, name)
        if module == "lax":  # where JAX compares a function it is given with its own
            args = tuple([_resolve(arg, backend) for arg in args])
        return target(*args, **kwargs)

    call._dispatched = (module, name)  # type: ignore[attr-defined]
    call.__name__ = call.__qualname__ = name
    call.__module__ = f"unified.compat.jax.{module}".rstrip(".")
    call.__doc__ = f"`jax.{module}.{name}`, on either framework.".replace("..", ".")
    return call


def _resolve(value: Any, backend: Any) -> Any:
    """Return the backend's function for a dispatched one, any other value as it is."""
    where = getattr(value, "_dispatched", None) if type(value) is FunctionType else None
    return value if where is None else _look_up(backend, *where)


def _look_up(backend: Any, module: str, name: str) -> Any:
    target = getattr(implementation(backend.name, module), name, None)
    if target is None:
        where = f"jax.{module}.{name}".replace("..", ".")
        raise BackendError(f"{where} is not offered on {backend.name}").with_page("haiku_names")
    return target


def jax_attribute(module: str, name: str) -> Any:
    """Return an attribute of JAX that this package lacks; raise `AttributeError` if JAX lacks it too, or is missing."""
    where = f"jax.{module}".rstrip(".")
    if name.startswith("__"):
        raise AttributeError(name)
    if "jax" in backends.available():
        own = implementation(backends.load("jax").name, module)
        if not hasattr(own, name):
            try:
                return importlib.import_module(f"{where}.{name}")
            except ImportError:
                raise AttributeError(f"{where} has no attribute {name!r}") from None
        value = getattr(own, name)
        is_function = callable(value) and not isinstance(value, type)
        return function(module, name) if is_function else value
    if name in ABSENT.get(module, ()):
        return _Absent(name, (), {"where": f"{where}.{name}"}) if name[0].isupper() else function(module, name)
    raise AttributeError(
        end_with_link(f"{where}.{name} is not offered on torch, and JAX is not installed", "haiku_names")
    )


class _Absent(type):
    """The metaclass of JAX's classes that torch has not, of which there is no instance."""

    where: str

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        raise BackendError(f"{cls.where} is not offered on torch").with_page("haiku_names")

    def __instancecheck__(cls, value: Any) -> bool:
        return False


def define_functions(namespace: dict[str, Any], module: str) -> None:
    """Add the functions of `jax.<module>` to a module's namespace, except those it defines itself."""
    own = [name for name in namespace if name.isidentifier() and not name.startswith("_")]
    for name in names_of(module):
        if name not in namespace:
            namespace[name] = function(module, name)

    namespace["__all__"] = sorted({*own, *names_of(module)})
