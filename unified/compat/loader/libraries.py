"""Where Python asks for a library below `unified.compat.libraries`: what `load` returns on the default backend."""

import importlib.abc
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

from unified.compat.loader.loading import load
from unified.compat.loader.packages import LIBRARIES

__all__ = ["install"]


class _LibraryLoader(importlib.abc.Loader):
    """Gives a module of a library on the default backend."""

    def exec_module(self, module: ModuleType) -> None:
        """Put the library in the place of the module."""
        sys.modules[module.__name__] = load(module.__name__.removeprefix(f"{LIBRARIES}."))


class _LibraryFinder(importlib.abc.MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where a library comes from; `None` for any other name."""
        if not fullname.startswith(f"{LIBRARIES}."):
            return None
        return ModuleSpec(fullname, _LibraryLoader(), is_package=True)


_FINDER = _LibraryFinder()


def install() -> None:
    """Put the finder where Python asks for modules, once."""
    if _FINDER not in sys.meta_path:
        sys.meta_path.insert(0, _FINDER)
