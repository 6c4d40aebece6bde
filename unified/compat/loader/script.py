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
from types import ModuleType, TracebackType

from unified.compat.loader.bytecode import code_of
from unified.compat.loader.finder import SourceLoader, install
from unified.compat.loader.packages import new_name
from unified.core import backends

__all__ = ["NoProgramError", "run"]


class NoProgramError(ModuleNotFoundError):
    """There is no module of the name that is to be run."""


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

    Raises `NoProgramError` if there is no module of that name.
    """
    backends.load(backend)
    sys.excepthook = _show_without_launcher
    sys.argv = [target, *arguments]
    sys.path.insert(0, "" if module else str(Path(target).resolve().parent))
    importlib.invalidate_caches()
    if backend == "jax":
        if module:
            _source(target)
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
    spec = _spec(name)
    if spec is not None and spec.submodule_search_locations is not None:
        name, spec = f"{name}.__main__", _spec(f"{name}.__main__")
    if spec is None or spec.origin is None:
        raise NoProgramError(f"there is no module {name!r} to run", name=name)
    return spec.origin, name.rpartition(".")[0]


def _spec(name: str) -> ModuleSpec | None:
    try:
        return importlib.util.find_spec(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise  # of an import in one of its packages
        return None


def _show_without_launcher(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    """Print an error that ends the program as Python prints it, from the program's own first line on."""
    own = traceback
    while own is not None and own.tb_frame.f_code is not run.__code__:
        own = own.tb_next
    own = None if own is None else own.tb_next
    while own is not None and own.tb_frame.f_globals.get("__name__") == "runpy":
        own = own.tb_next
    if own is not None:
        error.__traceback__ = traceback = own
    sys.__excepthook__(kind, error, traceback)
