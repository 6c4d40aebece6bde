"""What was compiled of a copy, kept in `__pycache__` beside what Python keeps of the library itself.

A file is a tuple, marshalled: the source's path, time and size, how the packages that it imports were named, and the
code. It holds as long as all of that does. Where nothing can be written, nothing is kept.
"""

import importlib.util
import marshal
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import CodeType
from typing import cast

from unified.compat.loader.rewriting import compile_for_torch

__all__ = ["code_of"]

VERSION = 2  # of the rewriting: a change of it makes what was kept stale


def _place(path: str) -> Path:
    return Path(importlib.util.cache_from_source(path, optimization=f"unified{VERSION}o{sys.flags.optimize}"))


def code_of(path: str, rename: Callable[[str], str]) -> CodeType:
    """Return the code of a file whose imports are renamed, from the cache if it holds."""
    status = os.stat(path)
    stamp = (sys.version, path, status.st_mtime_ns, status.st_size)
    place = _place(path)
    try:
        kept_stamp, names, code = marshal.loads(place.read_bytes())
        if kept_stamp == stamp and all(rename(name) == new for name, new in names.items()):
            return cast(CodeType, code)
    except (OSError, ValueError, EOFError, TypeError):
        pass
    names = {}

    def renamed(name: str) -> str:
        names[name] = rename(name)
        return names[name]

    code = compile_for_torch(importlib.util.decode_source(Path(path).read_bytes()), path, renamed)
    if not sys.dont_write_bytecode:
        _keep(place, marshal.dumps((stamp, names, code)))
    return code


def _keep(place: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    try:
        place.parent.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as file:
            file.write(data)
        os.replace(file.name, place)
    except OSError:
        pass
