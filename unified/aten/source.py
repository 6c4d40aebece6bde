"""Where the user's source calls an operator."""

import functools
import os
import re
from typing import Any

__all__ = ["line_of"]

FRAME = re.compile(r'File "(?P<file>[^"]+)", line (?P<line>\d+), in (?P<name>.+)\n(?:\s*(?P<code>.+))?')


@functools.cache
def _torch_folder() -> str:
    import torch

    return os.path.dirname(torch.__file__) + os.sep


def line_of(node: Any) -> str:
    """Return `at <file>:<line>, in <function>: <code>`, of the innermost call outside of torch itself."""
    return line_in(node.meta.get("stack_trace") or "")


def line_in(trace: str) -> str:
    """Return the innermost call outside of torch itself, in a text with lines of a traceback."""
    frames = [match.groupdict() for match in FRAME.finditer(trace)]
    own = [frame for frame in frames if not frame["file"].startswith(_torch_folder())] or frames
    if not own:
        return "at a line that torch.export did not keep"
    frame = own[-1]
    code = f": {frame['code'].strip()}" if frame["code"] else ""
    return f"at {frame['file']}:{frame['line']}, in {frame['name']}{code}"
