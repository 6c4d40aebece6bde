"""`Deferred`: a module that is constructed when it is first called.

Source: https://dm-haiku.readthedocs.io/en/latest/api.html#deferred
"""

import contextlib
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from unified.compat.haiku.frame import Call, current

__all__ = ["Deferred"]

T = TypeVar("T")


class Deferred(Generic[T]):
    """A module that `factory()` constructs at the first call, in the scope of the `Deferred` itself.

    Args:
        factory: a function that constructs the module.
        call_methods: the methods whose call constructs it.

    Raises `AttributeError` for an attribute of the module before that call.

    >>> import torch, unified.compat.haiku as hk
    >>> def forward(x):
    ...     layer = hk.Deferred(lambda: hk.Linear(x.shape[-1]))
    ...     return layer(x)
    >>> list(hk.transform(forward, backend="torch").init(0, torch.ones(1, 3)))
    ['linear']
    """

    def __init__(self, factory: Callable[[], T], call_methods: Sequence[str] = ("__call__",)) -> None:
        self._factory: Any = factory
        self._target: Any = None
        calls = current().calls
        self._outer_call = calls[-1] if calls else None
        for name in call_methods:
            if name != "__call__":  # which Python looks up on the class
                setattr(self, name, _call_target(self, name))

    @property
    def target(self) -> T:
        """The module."""
        if self._target is None:
            with contextlib.ExitStack() as block:
                if self._outer_call is not None:
                    block.enter_context(_enter_call(self._outer_call))
                self._target = self._factory()
            self._factory = None
        return self._target

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.target(*args, **kwargs)  # type: ignore[operator]

    def __str__(self) -> str:
        return f"Deferred({self.target})"

    def __repr__(self) -> str:
        return f"Deferred({self.target!r})"

    def __getattr__(self, name: str) -> Any:
        target = self.__dict__.get("_target")
        if target is not None:
            return getattr(target, name)
        raise AttributeError(
            f"{type(self).__name__} has no {name!r} yet: its attributes are those of the module, which the first call "
            "makes"
        )

    def __setattr__(self, name: str, value: Any) -> None:
        target = self.__dict__.get("_target")
        if name != "_target" and target is not None and name != "_factory":
            setattr(target, name, value)
        else:
            super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        target = self.__dict__.get("_target")
        if name != "_target" and target is not None:
            delattr(target, name)
        else:
            super().__delattr__(name)


@contextlib.contextmanager
def _enter_call(call: Call) -> Any:
    calls = current().calls
    calls.append(call)
    try:
        yield
    finally:
        calls.pop()


def _call_target(deferred: Deferred[Any], name: str) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        return getattr(deferred.target, name)(*args, **kwargs)

    return call
