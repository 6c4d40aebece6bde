"""What the errors say about names of torch and NumPy that `unified.numpy` has by the standard's."""

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from unified import functional
from unified.core.idioms import NAMES
from unified.core.missing import unknown_name
from unified.core.pages import end_with_link

__all__ = ["KEYWORDS", "NAMES", "absent", "refuse_keywords"]

# The standard's parameters for those of torch and NumPy.
KEYWORDS = {
    "dim": "axis=",
    "dims": "axis=, or axes=",
    "keepdim": "keepdims=",
    "unbiased": "correction=1 for unbiased=True, and correction=0 for False",
    "ddof": "correction=",
    "input": "its first argument, without a name",
    "tensors": "its first argument, without a name",
    "a": "its first argument, without a name",
    "out": "what it returns: no array is written in place",
    "kind": "stable=",
}


def absent(name: str, names: Sequence[str]) -> AttributeError:
    """Return the error about a name that `unified.numpy` does not have; `names` are those that it has."""
    if name in NAMES:
        return AttributeError(f"unified.numpy has no {name!r}: the array API standard writes {NAMES[name]}")
    if name in functional.__all__:
        return AttributeError(f"unified.numpy has no {name!r}: it is unified.functional.{name}")
    if name == "random":
        return AttributeError("unified.numpy has no 'random': random arrays are made by unified.random")
    return AttributeError(
        end_with_link(str(unknown_name("unified.numpy", name, names)), "numpy#all-functions"), name=name
    )


def refuse_keywords(function: str, keywords: Mapping[str, Any]) -> NoReturn:
    """Raise the error about keyword arguments that a function does not have."""
    name = next(iter(keywords))
    hint = f": the array API standard has {KEYWORDS[name]}" if name in KEYWORDS else ""
    raise TypeError(f"unified.numpy.{function}() got an unexpected keyword argument {name!r}{hint}")
