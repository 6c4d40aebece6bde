"""A package with changed imports: every Python file is ported, the rest is copied, and names stay the same."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from unified.port.files import PortError, own_names, port_file, top_of, write
from unified.port.imports import Missing

__all__ = ["PortedFile", "port_package", "summary"]

SKIPPED = {"__pycache__", ".git", ".hg", ".ipynb_checkpoints", ".mypy_cache", ".pytest_cache", ".ruff_cache"}


@dataclass(frozen=True)
class PortedFile:
    """What became of a file.

    Attributes:
        path: where it is.
        name: the path within the folder that was ported.
        changed: how many of its imports changed; `None` if it was copied.
        missing: the names in it that are not covered.
        error: why it could not be ported.
    """

    path: Path
    name: str
    changed: int | None = None
    missing: tuple[Missing, ...] = ()
    error: str | None = None


def port_package(folder: Path, output: Path) -> list[PortedFile]:
    """Write a folder with changed imports to `output/<its name>`, and return what became of each file.

    Args:
        folder: a package, or a folder of scripts and packages.
        output: a folder that is empty or does not exist: the one to run from, or to put on `PYTHONPATH`.

    Raises:
        PortError: one of the folders is not as described.
    """
    folder, target = folder.resolve(), output.resolve()
    if target.is_relative_to(folder):
        raise PortError(f"{output} is inside {folder}, which is ported: write to another folder")
    top = top_of(folder)
    if top != folder:
        raise PortError(f"{folder} is a part of the package {top}: port all of it, so that its imports work")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise PortError(f"{output} exists and is not an empty folder: remove it, or write to another one")
    own = own_names(folder)
    if not (folder / "__init__.py").is_file():  # a folder of scripts and packages
        own |= own_names(folder / "any.py")
    return [_port_into(file, folder, target / folder.name, own) for file in _files(folder)]


def _files(folder: Path) -> list[Path]:
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if name not in SKIPPED and not (Path(place, name) / "pyvenv.cfg").exists()
        )
        links = [name for name in folders if Path(place, name).is_symlink()]
        found += [Path(place, name) for name in sorted([*names, *links])]
    return found


def _port_into(file: Path, folder: Path, target: Path, own: set[str]) -> PortedFile:
    name = file.relative_to(folder)
    (target / name).parent.mkdir(parents=True, exist_ok=True)
    error = None
    if file.suffix in (".py", ".pyi", ".ipynb") and file.is_file():
        try:
            ported, encoding = port_file(file, own)
        except PortError as problem:
            error = f"{problem}; it was copied as it is"
        else:
            write(target / name, ported.text, encoding)
            shutil.copymode(file, target / name)
            return PortedFile(file, str(name), ported.changed, tuple(ported.missing))
    if file.is_symlink() and not file.is_file():  # a link to a folder, or to nothing
        os.symlink(os.readlink(file), target / name)
    elif file.is_file():
        shutil.copy2(file, target / name)
    else:
        error = f"{file}: it is no file, and was left out"
    return PortedFile(file, str(name), error=error)


def summary(files: list[PortedFile], output: Path) -> str:
    """Return a line on each file that was ported, and one on the rest."""
    ported = [file for file in files if file.changed is not None]
    lines = [_line(file) for file in ported]
    imports = sum(file.changed or 0 for file in ported)
    staying = sum(len(file.missing) for file in ported)
    copied = len(files) - len(ported)
    lines.append(
        f"{_count(len(ported), 'Python file')} in {output}, {_count(imports, 'import')} changed, "
        f"{_count(staying, 'name')} not on torch, {_count(copied, 'other file')} copied"
    )
    return "\n".join(lines)


def _line(file: PortedFile) -> str:
    changed = f"{_count(file.changed, 'import')} changed" if file.changed else "as it was"
    names = ", ".join(missing.name for missing in file.missing)
    return f"{file.name}: {changed}" + (f", not on torch: {names}" if names else "")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
