"""Why `unified.jit` runs a function as it is, for the log `unified.jit`: the reason, the line, and what to do."""

import functools
import os
import sys
import traceback

from unified.backends.torch.staging import UntraceableError
from unified.compat.jax.on_torch import errors

__all__ = ["reason_of"]

LIBRARIES = ("unified", "torch", "numpy", "jax")
READING = (
    errors.ConcretizationTypeError,
    errors.TracerArrayConversionError,
    errors.TracerBoolConversionError,
    errors.TracerIntegerConversionError,
    errors.NonConcreteBooleanIndexError,
)


def reason_of(error: Exception) -> str:
    """Return why a function could not be traced, from the error that ended its trace."""
    place = _place_of(error)
    if isinstance(error, UntraceableError):
        what, advice = error.args
    elif isinstance(error, READING):
        what = f"it reads the values of an array ({str(error).partition(' while ')[0]})"
        advice = "return the array and read it outside, or choose between arrays by torch.where"
    else:
        what, advice = f"its trace raised {type(error).__name__}: {str(error).partition(chr(10))[0]}", ""
    return f"{what}{place}" + (f". To have it traced, {advice}" if advice else "")


def _place_of(error: Exception) -> str:
    """Return the innermost line of the user's own code that led to an error, as ` at file:line: code`."""
    frames = traceback.extract_tb(error.__traceback__)
    frame = next((each for each in reversed(frames) if not each.filename.startswith(_folders())), None)
    return "" if frame is None else f", at {frame.filename}:{frame.lineno}: {frame.line}"


@functools.cache
def _folders() -> tuple[str, ...]:
    """Return the folders of libraries whose lines tell a user nothing."""
    files = [getattr(sys.modules.get(name), "__file__", None) for name in LIBRARIES]
    return (*[os.path.dirname(file) + os.sep for file in files if file], "<")  # and what is no file
