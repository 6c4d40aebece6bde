"""Where Python asks for a copy: below `unified.compat.on_torch`."""

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Callable, Sequence
from functools import partial
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec, PathFinder
from types import CodeType, ModuleType

from unified.compat.loader.bytecode import code_of
from unified.compat.loader.flags import allow_again
from unified.compat.loader.packages import ROOT, is_jax_library, new_name

__all__ = ["CopyLoader", "SourceLoader", "install", "namespace"]


class CopyLoader(importlib.machinery.SourceFileLoader):
    """Loads the file of a module once more, below the package `root`."""

    root = ROOT

    def exec_module(self, module: ModuleType) -> None:
        """Run the code; flags that it shares with the original are defined by whichever comes first."""
        allow_again(module.__name__.removeprefix(f"{self.root}."))
        super().exec_module(module)
        allow_again(module.__name__)


class SourceLoader(CopyLoader):
    """Loads a file whose imports are those of a copy."""

    def __init__(self, fullname: str, path: str, rename: Callable[[str], str]) -> None:
        super().__init__(fullname, path)
        self.rename = rename

    def get_code(self, fullname: str) -> CodeType:
        """Return the code of the file, its imports renamed."""
        return code_of(self.path, self.rename)


class _JaxLoader(importlib.abc.Loader):
    def __init__(self, path: str) -> None:
        self.path = path

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        from unified.compat.loader.jax_modules import JaxModule

        return JaxModule(spec.name, self.path)

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: names are found when they are asked for."""


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where the module of a copy comes from; `None` for any other name."""
        if not fullname.startswith(f"{ROOT}."):
            return None
        name = fullname.removeprefix(f"{ROOT}.")
        top = name.partition(".")[0]
        if top in ("jax", "jaxlib"):
            from unified.compat.loader.jax_modules import is_module

            return ModuleSpec(fullname, _JaxLoader(name), is_package=True) if is_module(name) else None
        if not is_jax_library(top):
            return None
        found = PathFinder.find_spec(name) if name == top else PathFinder.find_spec(fullname, path)
        return _copied(fullname, found, top)


def namespace(fullname: str, found: ModuleSpec) -> ModuleSpec:
    """Return the specification of a copy of a folder without `__init__.py`, whose parts are found by name."""
    spec = ModuleSpec(fullname, None, is_package=True)
    spec.submodule_search_locations = list(found.submodule_search_locations or [])
    return spec


def _copied(fullname: str, found: ModuleSpec | None, package: str) -> ModuleSpec | None:
    """Return the specification of a copy from that of the library's module."""
    if found is None:
        return None
    if found.origin is None:
        return namespace(fullname, found)
    if found.origin.endswith(tuple(EXTENSION_SUFFIXES)):
        return importlib.util.spec_from_file_location(fullname, found.origin)
    return importlib.util.spec_from_file_location(
        fullname,
        found.origin,
        loader=SourceLoader(fullname, found.origin, partial(new_name, importer=package)),
        submodule_search_locations=found.submodule_search_locations,
    )


_FINDER = _Finder()


def install() -> None:
    """Put the finder where Python asks for modules, once."""
    if _FINDER not in sys.meta_path:
        sys.meta_path.insert(0, _FINDER)
