"""What stands for a name of JAX that torch has not: it can be imported, annotated with and compared, and not called."""

import sys
from typing import Any, NoReturn

from unified.core.errors import BackendError

__all__ = ["Absent", "calling_module"]


def calling_module() -> str:
    """Return the name of the copy that is running, `optax.transforms` for example; empty if none is."""
    from unified.compat.loader.packages import ROOT

    frame = sys._getframe(1)
    while frame is not None:
        name = str(frame.f_globals.get("__name__", ""))
        if name.startswith(f"{ROOT}."):
            return name.removeprefix(f"{ROOT}.")
        frame = frame.f_back  # type: ignore[assignment]
    return ""


class Absent:
    """A name of JAX that torch has not; see the module.

    A class that derives from it derives from `object`; no value is an instance of it; a function that it decorates
    raises when it is called.
    """

    def __init__(self, name: str) -> None:
        self.__name__ = self.__qualname__ = name

    def _refuse(self) -> NoReturn:
        module = calling_module()
        user = f", which {module} calls," if module else ""
        raise BackendError(
            f"{self.__name__}{user} is not offered on torch: run this part on JAX (backend='jax'), or do without it"
        ).with_page("haiku_names")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and not kwargs and callable(args[0]) and not isinstance(args[0], Absent):
            return Absent(f"{self.__name__} (around {getattr(args[0], '__name__', 'a function')})")
        return self._refuse()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent(f"{self.__name__}.{name}")

    def __getitem__(self, key: Any) -> Any:
        return self

    def __or__(self, other: Any) -> Any:
        return Any

    __ror__ = __or__

    def __mro_entries__(self, bases: Any) -> tuple[type, ...]:
        return ()

    def __instancecheck__(self, value: Any) -> bool:
        return False

    def __subclasscheck__(self, cls: type) -> bool:
        return False

    def __iter__(self) -> NoReturn:
        self._refuse()

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"<{self.__name__}: not offered on torch>"
