"""Counters of changes of objects, by which what follows from their parts and attributes is kept between calls."""

import itertools

__all__ = ["attributes_changed", "attributes_version", "structure_changed", "structure_version"]

_numbers = itertools.count(1)
_latest = {"structure": 0, "attributes": 0}


def structure_changed() -> None:
    """Note that some module got or lost a part or a variable."""
    _latest["structure"] = next(_numbers)


def structure_version() -> int:
    """Return a number that changes whenever a module, any of all, gets or loses a part or a variable."""
    return _latest["structure"]


def attributes_changed() -> None:
    """Note that an attribute of some module was set, its mode, or whether a variable is trained."""
    _latest["attributes"] = next(_numbers)


def attributes_version() -> tuple[int, int]:
    """Return numbers that change whenever the structure or an attribute of any module does."""
    return _latest["structure"], _latest["attributes"]
