"""Notes on errors: which layer or module of a body was called, with which inputs and variables.

They are found in the traceback, so that calls which succeed pay nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Any

from unified.core.dtypes import dtype_name

__all__ = ["Description", "add_note"]

# The path of a layer or module, what it is, and its variables by name; `None` for any other value.
Description = tuple[str, str, Mapping[str, Any]]

PREFIX = "raised in "
SHOWN = 12  # variables, and arrays among the inputs


def add_note(error: Exception, describe: Callable[[Any], Description | None]) -> None:
    """Add a note of the innermost layer or module whose call raised `error`, unless it has one.

    `describe` describes the first argument of a function in the traceback, if that is a layer or module.
    """
    if any(note.startswith(PREFIX) for note in getattr(error, "__notes__", ())):
        return
    with suppress(Exception):  # the error itself matters more
        note = _note(error.__traceback__, describe)
        if note is not None:
            error.add_note(note)


def _note(traceback: TracebackType | None, describe: Callable[[Any], Description | None]) -> str | None:
    owner, description, call = None, None, None
    while traceback is not None:
        candidate = _first_argument(traceback.tb_frame)
        if candidate is not None and candidate is not owner:
            found = describe(candidate)
            if found is not None:  # the first frame of its call, which has the arguments
                owner, description, call = candidate, found, traceback.tb_frame
        traceback = traceback.tb_next
    if description is None or call is None:
        return None
    path, kind, variables = description
    inputs = ", ".join(_limited(_shapes(_other_arguments(call)))) or "no arrays"
    listed = ", ".join(_limited(f"{name} {_describe(value)}" for name, value in variables.items()))
    where = f"{path!r} ({kind})" if path else f"the outermost {kind}"
    return f"{PREFIX}{where}, called with {inputs}" + (f"; it has {listed}" if listed else "")


def _describe(array: Any) -> str:
    """Return the dtype and the shape of an array: `float32[8, 32]`."""
    return f"{dtype_name(array.dtype)}{list(array.shape)}"


def _first_argument(frame: FrameType) -> Any:
    """Return the first argument of the function that runs in `frame`; `None` if it has none."""
    code = frame.f_code
    return frame.f_locals.get(code.co_varnames[0]) if code.co_argcount else None


def _other_arguments(frame: FrameType) -> list[Any]:
    """Return the arguments of the function that runs in `frame`, without the first; positional ones come first."""
    code = frame.f_code
    count = code.co_argcount + code.co_kwonlyargcount
    has_rest, has_named = bool(code.co_flags & 4), bool(code.co_flags & 8)
    names = list(code.co_varnames[1 : count + has_rest + has_named])
    if has_rest:  # *args stand after arguments by name only
        names.insert(code.co_argcount - 1, names.pop(count - 1))
    return [frame.f_locals.get(name) for name in names]


def _shapes(value: Any) -> Iterator[str]:
    """Yield the description of each array in nested tuples, lists and dicts."""
    if isinstance(value, (tuple, list)):
        for item in value:
            yield from _shapes(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _shapes(item)
    elif hasattr(value, "shape") and hasattr(value, "dtype") and not isinstance(value, type):
        yield _describe(value)


def _limited(items: Iterator[str]) -> list[str]:
    """Return the items, and for those beyond `SHOWN` an ellipsis."""
    shown = list(items)
    return shown if len(shown) <= SHOWN else [*shown[:SHOWN], "..."]
