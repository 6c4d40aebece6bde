"""Flags: what a caller says to all modules of a call, besides the mode.

>>> import unified.nn as nn
>>> with nn.flags(use_running_average=True):
...     nn.flag("use_running_average", False)
True
>>> nn.flag("use_running_average", False)
False
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

__all__ = ["flag", "flags", "running_flags"]

NONE: Mapping[str, Any] = MappingProxyType({})


class _Flags(threading.local):
    def __init__(self) -> None:
        self.values = NONE


_flags = _Flags()


@contextmanager
def flags(**values: Any) -> Iterator[None]:
    """Set flags for the calls of this thread within the block; those around it stay, unless they are set anew.

    Args:
        **values: the flags by name.

    >>> import unified.nn as nn
    >>> with nn.flags(mode="fast"), nn.flags(level=2):
    ...     nn.flag("mode"), nn.flag("level")
    ('fast', 2)
    """
    outer = _flags.values
    _flags.values = MappingProxyType({**outer, **values})
    try:
        yield
    finally:
        _flags.values = outer


def flag(name: str, default: Any = None) -> Any:
    """Return a flag, as a `forward` or a constructor reads it.

    Args:
        name: the flag's name.
        default: what is returned where it is not set.

    >>> import unified.nn as nn
    >>> nn.flag("mode", "slow")
    'slow'
    """
    return _flags.values.get(name, default)


def running_flags() -> Mapping[str, Any]:
    """Return all flags that are set: what is compiled depends on them."""
    return _flags.values
