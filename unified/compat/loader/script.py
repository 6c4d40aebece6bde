"""`unified run`: a program that is written in JAX, on torch, not one line changed.

The program, and the modules of its own that it imports, are loaded as copies of libraries are. They keep their names,
since nothing else in the process imports them: what is neither of Python nor installed among the packages is its own.
"""

import importlib.machinery
import importlib.util
import runpy
import sys
import sysconfig
from collections.abc import Sequence
from functools import partial
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

from unified.compat.loader.bytecode import code_of
from unified.compat.loader.finder import SourceLoader, install
from unified.compat.loader.packages import new_name
from unified.core import backends

__all__ = ["run"]


def _installed(path: str) -> bool:
    """Return whether a file is Python's or an installed package's."""
    folders = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    return any(Path(path).is_relative_to(folder) for folder in folders) or "site-packages" in Path(path).parts


class _OwnModules(importlib.machinery.PathFinder):
    """Finds the modules of the program, whose imports are those of a copy."""

    @classmethod
    def find_spec(
        cls, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        top = fullname.partition(".")[0]
        if top == "unified" or top in sys.stdlib_module_names:
            return None
        spec = PathFinder.find_spec(fullname, path)
        if spec is None or spec.origin is None or not isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            return None
        if not _installed(spec.origin):
            spec.loader = SourceLoader(fullname, spec.origin, partial(new_name, importer=top))
            return spec
        return None


def run(target: str, arguments: Sequence[str] = (), *, module: bool = False, backend: str = "torch") -> None:
    """Run a program that imports JAX and its libraries as `python` would, on a backend.

    Args:
        target: the path of the program, or with `module` its name, as `python -m` takes it.
        arguments: what it finds in `sys.argv` after its name.
        module: whether `target` is the name of a module.
        backend: `"torch"`, or `"jax"`, where the program runs as it is.
    """
    backends.load(backend)
    sys.argv = [target, *arguments]
    sys.path.insert(0, "" if module else str(Path(target).resolve().parent))
    importlib.invalidate_caches()
    if backend == "jax":
        if module:
            runpy.run_module(target, run_name="__main__", alter_sys=True)
        else:
            runpy.run_path(target, run_name="__main__")
        return
    backends.set_backend(backend)
    install()
    sys.meta_path.insert(0, _OwnModules)
    path, package = _source(target) if module else (target, "")
    if not Path(path).is_file():
        raise FileNotFoundError(f"there is no file {path!r} to run")
    main = ModuleType("__main__")
    main.__file__ = sys.argv[0] = str(path)
    main.__package__ = package or None
    main.__builtins__ = __builtins__  # type: ignore[attr-defined]
    sys.modules["__main__"] = main
    exec(code_of(str(Path(path).resolve()), partial(new_name, importer=package.partition(".")[0])), vars(main))


def _source(name: str) -> tuple[str, str]:
    """Return the file of a module that is run, and its package."""
    spec = importlib.util.find_spec(name)
    if spec is not None and spec.submodule_search_locations is not None:
        name, spec = f"{name}.__main__", importlib.util.find_spec(f"{name}.__main__")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"there is no module {name!r} to run", name=name)
    return spec.origin, name.rpartition(".")[0]
