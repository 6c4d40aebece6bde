"""Files of the command: reading and writing them as they are encoded, and which packages belong to a file."""

import io
import sys
import sysconfig
import tokenize
from pathlib import Path

from unified.port.coverage import PACKAGES
from unified.port.imports import Ported, rewrite

__all__ = ["PortError", "own_names", "port_file", "read", "top_of", "write"]


class PortError(ValueError):
    """What the command cannot do, as a sentence for its user."""


def read(path: Path) -> tuple[str, str]:
    """Return the text of a Python file, with its line endings, and its encoding."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise PortError(f"{path}: there is no such file") from None
    except OSError as error:
        raise PortError(f"{path}: it cannot be read: {error.strerror}") from error
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return data.decode(encoding), encoding
    except (SyntaxError, UnicodeDecodeError) as error:
        raise PortError(f"{path}: it is not a text that Python reads: {error}") from error


def write(path: Path, text: str, encoding: str = "utf-8") -> None:
    """Write a text as it is."""
    try:
        path.write_bytes(text.encode(encoding))
    except FileNotFoundError:
        raise PortError(f"{path}: there is no folder {path.parent} to write to") from None
    except OSError as error:
        raise PortError(f"{path}: it cannot be written: {error.strerror}") from error


def top_of(path: Path) -> Path:
    """Return the folder of the outermost package that a file or a folder is in; the path itself if it is in none."""
    top = path.resolve()
    while (top.parent / "__init__.py").is_file():
        top = top.parent
    return top


def own_names(path: Path) -> set[str]:
    """Return the top-level names of the package that a file or a folder is in, and of the modules beside it."""
    top = top_of(path)
    names = {top.stem}
    if not is_installed(top):
        names |= {found.stem for found in top.parent.glob("*.py")}
        names |= {found.parent.name for found in top.parent.glob("*/__init__.py")}
    return names - {*PACKAGES, "unified"} - (sys.stdlib_module_names - {top.stem})


def is_installed(path: Path) -> bool:
    """Return whether a file is Python's or an installed package's."""
    folders = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    return any(path.is_relative_to(folder) for folder in folders) or "site-packages" in path.parts


def port_file(path: Path, own: set[str] | None = None) -> tuple[Ported, str]:
    """Return a Python file with changed imports, and its encoding.

    Args:
        path: the file.
        own: the packages that are ported with it; `None` for those that belong to the file.

    Raises:
        PortError: it cannot be read, is a notebook or is not Python.
    """
    if path.suffix == ".ipynb":
        raise PortError(
            f"{path}: notebooks are not ported: save it as a script (jupyter nbconvert --to script {path.name}), "
            f"or change the imports of its cells"
        )
    text, encoding = read(path)
    try:
        return rewrite(text, own_names(path) if own is None else own), encoding
    except SyntaxError as error:
        raise PortError(f"{path}:{error.lineno}: it is not Python: {error.msg}") from error
