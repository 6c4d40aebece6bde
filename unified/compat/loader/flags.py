"""Flags of absl that a copy of a module defines once more: they are the same flags, by name."""

import sys

__all__ = ["allow_again"]


def allow_again(module: str) -> None:
    """Let the flags that a module has defined be defined again, which absl refuses to a module of another name."""
    flags = sys.modules.get("absl.flags")
    if flags is not None:
        for flag in flags.FLAGS.flags_by_module_dict().get(module, ()):
            flag.allow_override = True
