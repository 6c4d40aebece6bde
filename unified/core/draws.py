"""`Draw`: which of the random draws of a call one is, from which its key follows."""

from typing import NamedTuple

__all__ = ["DROPOUT", "Draw"]

DROPOUT = "dropout"  # the stream of all that is dropped at random


class Draw(NamedTuple):
    """A draw of a call: the one of this number at `path` in its stream, whose name is empty for the default one."""

    path: str
    number: int
    stream: str = ""
