"""Notes on errors of code that is written for another framework than the one on which the body runs.

Such an error is the framework's own, and says little: `'int' object is not callable` of `x.size(0)` on JAX. Only errors
are looked at, so that calls which succeed pay nothing.
"""

import ast
import linecache
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from types import FrameType, ModuleType, TracebackType

from unified.core import backends
from unified.core.pages import link
from unified.core.protocol import Backend

__all__ = ["note_foreign"]

PREFIX = "the body runs on "

# Those that arrays of the others have too, as something else: a property, or the view of another dtype.
ALSO_OURS = ("size", "view")


def note_foreign(error: Exception, backend: Backend) -> None:
    """Add a note to `error` if code for another framework, or arrays of NumPy, raised it in a body on `backend`."""
    if not isinstance(error, (TypeError, AttributeError, NotImplementedError)):
        return
    if any(note.startswith(PREFIX) for note in getattr(error, "__notes__", ())):
        return
    with suppress(Exception):  # the error itself matters more
        found = _explanation(error, backend)
        if found is not None:
            error.add_note(f"{PREFIX}{backend.name}: {found}\nSee {link('numpy#all-functions')}")


def _explanation(error: Exception, backend: Backend) -> str | None:
    frames = list(_walk(error.__traceback__))
    users = [number for number, (frame, _) in enumerate(frames) if not _is_library(frame)]
    if not users:
        return None
    frame, instruction = frames[users[-1]]
    below = frames[users[-1] + 1][0] if len(frames) > users[-1] + 1 else None
    text = _source(frame, instruction)
    message = str(error)
    owner = getattr(error, "obj", None)
    is_ours = owner is not None and backends.of_array(owner) is backend
    names_ours = _names_one(message, frames, backend)
    if is_ours or names_ours:
        other = _package(below) if below is not None and _package(below) in _others(backend) else None
        other = other or _foreign_name(text, frame, backend)
        if other is not None:
            return (
                f"`{_shortened(text)}` is a call of {other}, which takes no arrays of {backend.name}. "
                "unified.functional and unified.numpy have functions for arrays of both"
            )
    met = None if is_ours else _met(message, names_ours, below, backend)
    if met is not None:
        return f"{met}. Convert it before the call, or make it in the body by unified.numpy"
    if "numpy.ndarray" in message and _mentions(message, backends.class_names(backend)):
        cure = backends.methods(backend.name).get("CONVERSION", "convert it")
        return f"its functions were given an array of NumPy, and take their own alone: {cure}"
    absent = error.name if isinstance(error, AttributeError) and is_ours else None
    name = absent or _method_in(text, error, below, backend)
    for other in _others(backend):
        table = backends.methods(other).get("METHODS", {})
        if name in table or (absent and _has_method(other, absent)):
            instead = table.get(name or "")
            cure = "" if instead is None else f": write {instead}"
            return f"`x.{name}` is a method of {other}'s arrays{cure}. unified.numpy has functions for arrays of both"
    return None


def _met(message: str, names_ours: bool, below: FrameType | None, backend: Backend) -> str | None:
    """Return where an array of another framework is among those of `backend`; `None` if there is none."""
    if below is not None:
        for name, value in list(below.f_locals.items()):
            owner = backends.of_array(value)
            if owner is not None and owner is not backend:
                return f"{name} of {below.f_code.co_name} is an array of {owner.name}"
    for other in _others(backend) if names_ours else ():
        if other not in sys.modules:
            continue
        is_qualified = re.search(rf"\b{other}\w*\.\w", message) is not None  # jaxlib._jax.ArrayImpl
        if is_qualified or _mentions(message, backends.class_names(backends.load(other))):
            return f"an array of {other} met one of {backend.name}"
    return None


def _walk(traceback: TracebackType | None) -> Iterator[tuple[FrameType, int]]:
    while traceback is not None:
        yield traceback.tb_frame, traceback.tb_lasti
        traceback = traceback.tb_next


def _package(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0]


def _is_library(frame: FrameType) -> bool:
    return _package(frame) in ("unified", *backends.known())


def _others(backend: Backend) -> list[str]:
    return [name for name in backends.known() if name != backend.name]


def _source(frame: FrameType, instruction: int) -> str:
    """Return the text of the expression that raised; empty if there is no source."""
    line, last, start, end = list(frame.f_code.co_positions())[instruction // 2]
    if line is None or last is None:
        return ""
    numbers = range(line, last + 1)
    lines = [linecache.getline(frame.f_code.co_filename, number, frame.f_globals).encode() for number in numbers]
    lines[-1] = lines[-1][:end]  # first, as it may be the only one; columns are those of bytes
    lines[0] = lines[0][start:]
    return b"".join(lines).decode().strip()


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def _called(text: str) -> ast.expr | None:
    """Return the function that an expression calls; `None` if it is no call."""
    try:
        expression = ast.parse(text, mode="eval").body
    except SyntaxError:
        return None
    return expression.func if isinstance(expression, ast.Call) else None


def _foreign_name(text: str, frame: FrameType, backend: Backend) -> str | None:
    """Return the other framework to which the function that `text` calls belongs."""
    called = _called(text)
    while isinstance(called, ast.Attribute):
        called = called.value
    if not isinstance(called, ast.Name):
        return None
    value = frame.f_locals.get(called.id, frame.f_globals.get(called.id))
    module = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
    package = str(module).partition(".")[0]
    return package if package in _others(backend) else None


def _mentions(message: str, names: set[str]) -> bool:
    return any(re.search(rf"\b{re.escape(name)}\b", message) for name in names)


def _names_one(message: str, frames: list[tuple[FrameType, int]], backend: Backend) -> bool:
    """Return whether the text of an error names a class of the arrays of `backend`."""
    for frame, _ in frames:
        if not _is_library(frame):
            for value in list(frame.f_locals.values()):
                backends.of_array(value)  # notes its class
    return _mentions(message, backends.class_names(backend))


def _has_method(name: str, method: str) -> bool:
    if name not in sys.modules:
        return False
    return any(hasattr(kind, method) for kind in backends.load(name).array_types)


def _method_in(text: str, error: Exception, below: FrameType | None, backend: Backend) -> str | None:
    """Return the method of another framework which this one has too, as something else, that `text` calls."""
    called = _called(text)
    is_below = below is not None and _package(below) == backend.name
    if isinstance(called, ast.Attribute) and called.attr in ALSO_OURS:
        return called.attr if is_below or "object is not callable" in str(error) else None
    return None
