"""Classes that each framework has its own of: made by the one that runs, and `isinstance` knows both."""

import sys
from collections.abc import Iterator
from typing import Any

from unified.compat.jax.active_backend import backend_for
from unified.compat.jax.implementations import implementation

__all__ = ["either"]


class _Either(type):
    """The metaclass of such classes; `place` is the module of JAX, and the name in it, `on_torch` another on torch."""

    place: tuple[str, str]
    on_torch: str

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        return cls._own(backend_for(args, kwargs).name)(*args, **kwargs)

    def _own(cls, backend: str) -> Any:
        module, name = cls.place
        return getattr(implementation(backend, cls.on_torch if backend == "torch" else module), name)

    def _loaded(cls) -> Iterator[Any]:
        for backend in ("torch", "jax"):
            if backend in sys.modules:
                yield cls._own(backend)

    def __instancecheck__(cls, value: Any) -> bool:
        return any(isinstance(value, own) for own in cls._loaded())

    def __subclasscheck__(cls, kind: type) -> bool:
        return kind is cls or any(issubclass(kind, own) for own in cls._loaded())

    def __getattr__(cls, attribute: str) -> Any:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        return getattr(cls._own(backend_for().name), attribute)

    def __repr__(cls) -> str:
        return f"<class 'jax.{'.'.join(filter(None, cls.place))}'>"


def either(module: str, name: str, on_torch: str | None = None) -> Any:
    """Return the class `jax.<module>.<name>` of whichever framework runs; `on_torch` is its module on torch."""
    where = f"unified.compat.jax.{module}".rstrip(".")
    return _Either(name, (), {"place": (module, name), "on_torch": on_torch or module, "__module__": where})
