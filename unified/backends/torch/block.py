"""`Block`: the module of a user's `u.Module`, of a class with its name, which torch calls like any other.

The body calls a module's methods through its block, so that hooks, wrappers and whatever else acts on calls of modules
act on blocks. The scope that the body has entered (`Scope.run`) says which method runs. A block that is called by
itself makes its `u.Module` again, with the arguments that init recorded (`alone.py`).
"""

import weakref
from typing import Any, ClassVar

from unified.backends.torch.alone import note_arguments, run_alone
from unified.backends.torch.container import Container
from unified.core.classes import ClassName, find_class
from unified.core.scope import Scope, current

__all__ = ["Block", "block_class"]


class Block(Container):
    """The module of a `u.Module` of the body, or of one of its methods, which has a path of its own.

    Attributes:
        module_class: the class of the `u.Module`, by which its code is found; `None` if it is gone.
        method: the method that a call runs.
    """

    module_class: ClassVar[Any] = staticmethod(lambda: None)
    method: ClassVar[str] = "__call__"
    _class_name: ClassVar[ClassName] = ClassName("", "")
    _scope_path: str  # its path in the model
    _base: str  # its name without the number
    _runs: str  # the qualified name of the class of modules whose code it runs
    _owner: Any = None  # a reference to the block of the module, for that of a method
    _portable = False  # whether random numbers are the same as on every backend
    _holds_tensors = False  # see `TorchModel`
    _stack: str | None = None  # the path of the stack whose layers its variables hold
    _varies = False  # whether the body has built the module with other arguments than in init

    def __init__(self, label: str, path: str, base: str, owner: "Block | None" = None) -> None:
        super().__init__(label)
        self.__dict__.update(_scope_path=path, _base=base, _runs=self._class_name.qualname)
        if owner is not None:
            self.__dict__["_owner"] = weakref.ref(owner)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        scope = current.scope
        if scope is not None and scope.node is self:
            run, owner = scope.run, scope.owner
            if type(owner).__qualname__ == self.__dict__["_runs"]:  # and not a block in the place of another
                if run is None:
                    return _run_again(scope, args, kwargs)
                scope.run = None
                if scope.called is not self:
                    note_arguments(self, owner)
                return run(owner, *args, **kwargs)
        return run_alone(self, args, kwargs)

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            if not name.startswith("_") and callable(getattr(self.module_class(), name, None)):
                raise AttributeError(
                    f"{self._scope_path!r} has no variables for the method {name!r} of {self._label}, which the body "
                    "did not call in init: call it there, or use net.method(...)"
                ) from None
            raise

    def __reduce_ex__(self, protocol: Any) -> Any:
        saved = _SavedClass(self.module_class(), self._class_name)
        state = self.__dict__.copy()
        state.pop("_owner", None)
        return _restored, (saved, self.method), state

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        for child in self._modules.values():
            if isinstance(child, Block) and child.method != "__call__" and (child._owner or _no_one)() is None:
                child.__dict__["_owner"] = weakref.ref(self)


def _no_one() -> None:
    """Return what a reference to a module that is gone does."""


def _run_again(scope: Scope, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Run the method of a scope once more, for a wrapper that calls its module more than once."""
    current.scope = scope.enter(scope.owner, scope.method)
    try:
        return getattr(type(scope.owner), scope.method).__wrapped__(scope.owner, *args, **kwargs)
    finally:
        current.scope = scope


# The classes of blocks by method, of each class of modules that lives.
_classes: weakref.WeakKeyDictionary[Any, dict[str, type[Block]]] = weakref.WeakKeyDictionary()


def block_class(cls: Any, method: str = "__call__") -> type[Block]:
    """Return the class of the blocks of a class of modules, or of one of its methods, with the name of either."""
    classes = _classes.setdefault(cls, {})
    if method not in classes:
        name = cls.__name__ if method == "__call__" else method
        members = {
            "__module__": cls.__module__,
            "__qualname__": cls.__qualname__ if method == "__call__" else f"{cls.__qualname__}.{method}",
            "__doc__": cls.__doc__,
            "module_class": staticmethod(weakref.ref(cls)),
            "method": method,
            "_class_name": ClassName(cls.__module__, cls.__qualname__),
        }
        classes[method] = type(name, (Block,), members)
    return classes[method]


class _SavedClass:
    """The class of a block's `u.Module`, as copies and pickles keep it: a pickle contains its name."""

    def __init__(self, cls: Any, name: ClassName) -> None:
        self.cls = find_class(name) if cls is None else cls
        self.name = name

    def __deepcopy__(self, memo: dict[int, Any]) -> "_SavedClass":
        return self

    def __reduce__(self) -> Any:
        return _SavedClass, (None, self.name)


def _restored(saved: _SavedClass, method: str) -> Block:
    """Return a block without state, for copies and pickles."""
    return object.__new__(block_class(saved.cls, method))
