"""Doing something with a module of another library as soon as somebody imports it, without importing it."""

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

__all__ = ["when_imported"]


class _Loader(importlib.abc.Loader):
    """The loader of one module, which calls a function with it afterwards."""

    def __init__(self, loader: Any, after: Callable[[ModuleType], None]) -> None:
        self.loader, self.after = loader, after

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        module: ModuleType | None = self.loader.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        self.loader.exec_module(module)
        self.after(module)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.loader, name)


class _Finder(importlib.abc.MetaPathFinder):
    """A finder that waits for modules, which the finders behind it find."""

    def __init__(self) -> None:
        self.waiting: dict[str, list[Callable[[ModuleType], None]]] = {}

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if fullname not in self.waiting:
            return None
        finders = list(sys.meta_path)
        for finder in finders[finders.index(self) + 1 :]:  # those before it may wait too, and have asked this one
            spec = finder.find_spec(fullname, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _Loader(spec.loader, self._after)
                return spec
        return None

    def _after(self, module: ModuleType) -> None:
        for then in self.waiting.pop(module.__name__, ()):
            then(module)


_FINDER = _Finder()


def when_imported(name: str, then: Callable[[ModuleType], None]) -> None:
    """Call `then` with the module of that name: now if it is imported already, else when it has been."""
    module = sys.modules.get(name)
    if module is not None:
        then(module)
        return
    _FINDER.waiting.setdefault(name, []).append(then)
    if _FINDER not in sys.meta_path:
        sys.meta_path.insert(0, _FINDER)
