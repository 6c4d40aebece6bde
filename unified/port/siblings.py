"""The ported modules of a check, in memory: below a package of their own, beside the original ones.

`a.model` is loaded as `ported_by_unified.a.model`. Absolute imports of modules that belong to the checked one go there
too, and relative ones do by themselves.
"""

import importlib
import importlib.abc
import importlib.util
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from unified.compat.loader.finder import CopyLoader, namespace
from unified.compat.loader.packages import LIBRARIES
from unified.compat.loader.rewriting import compile_for_torch
from unified.port.files import own_names, port_file

__all__ = ["ported_modules"]

ROOT = "ported_by_unified"


class _PortingLoader(CopyLoader):
    root = ROOT

    def __init__(self, fullname: str, path: str, own: set[str]) -> None:
        super().__init__(fullname, path)
        self.own = own

    def get_code(self, fullname: str) -> CodeType:
        """Return the code of the file with changed imports; nothing is kept of it."""
        ported, _ = port_file(Path(self.path), self.own)
        return compile_for_torch(ported.text, self.path, self._renamed)

    def _renamed(self, name: str) -> str:
        return f"{ROOT}.{name}" if name.partition(".")[0] in self.own else name


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, own: set[str]) -> None:
        self.own = own

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where the port of a module comes from; `None` for any other name."""
        if not fullname.startswith(f"{ROOT}."):
            return None
        name = fullname.removeprefix(f"{ROOT}.")
        spec = PathFinder.find_spec(name) if "." not in name else PathFinder.find_spec(fullname, path)
        if spec is None or spec.origin is None or not isinstance(spec.loader, SourceFileLoader):
            return _of_namespace(fullname, spec)
        return importlib.util.spec_from_file_location(
            fullname,
            spec.origin,
            loader=_PortingLoader(fullname, spec.origin, self.own),
            submodule_search_locations=spec.submodule_search_locations,
        )


def _of_namespace(fullname: str, spec: ModuleSpec | None) -> ModuleSpec | None:
    """Return the specification of a folder without `__init__.py`; an extension module is loaded as it is."""
    if spec is None or spec.origin is not None or spec.submodule_search_locations is None:
        return spec
    return namespace(fullname, spec)


def _forget(*packages: str) -> None:
    for name in [name for name in sys.modules if name.startswith(tuple(f"{package}." for package in packages))]:
        del sys.modules[name]


@contextmanager
def ported_modules(module: str, path: Path) -> Iterator[ModuleType]:
    """Provide the port of a module, whose own imports are ports too.

    The libraries that it imports are looked for again, since another backend may run.
    """
    own = own_names(path) | {module.partition(".")[0]}
    finder, root = _Finder(own), ModuleType(ROOT)
    root.__path__ = []
    _forget(LIBRARIES, ROOT)
    sys.modules[ROOT] = root
    sys.meta_path.insert(0, finder)
    try:
        yield importlib.import_module(f"{ROOT}.{module}")
    finally:
        sys.meta_path.remove(finder)
        _forget(LIBRARIES, ROOT)
        del sys.modules[ROOT]
