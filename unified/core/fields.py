"""Fields of modules: what a method must not change, because a module is made anew in each call and forgets it.

Init takes a snapshot of the fields that a constructor has set before each method, and compares them after it. Arrays
are compared by identity and by torch's count of changes, never by value: they may be tracers, or unfilled.
"""

from collections import deque
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Snapshot", "field_names", "refuse_changes", "snapshot"]

PLAIN = (bool, int, float, complex, str, bytes)
# Attributes of modules and of layers that are none of the user's fields.
INTERNAL = ("_location", "_constructed", "_spec", "_references", "_record", "_inner_layers", "_built", "_names")
MISSING = object()

Snapshot = dict[str, Any]


class Array(NamedTuple):
    """An array in a field, the count of its changes, and a copy if it is NumPy's, which counts none."""

    array: Any
    version: int | None
    copy: Any


def field_names(module: Any) -> frozenset[str]:
    """Return the names of the attributes that an instance has."""
    slots = (name for cls in type(module).__mro__ for name in _slots(cls) if hasattr(module, name))
    return frozenset(name for name in (*vars(module), *slots) if name not in INTERNAL)


def _slots(cls: type) -> tuple[str, ...]:
    slots = cls.__dict__.get("__slots__", ())
    return (slots,) if isinstance(slots, str) else tuple(slots)


def snapshot(module: Any) -> Snapshot:
    """Return what the fields of a module hold: those that its constructor or its class has set."""
    names = vars(module).get("_constructed", frozenset())
    fields = {name: _record(getattr(module, name, None), 0) for name in names}
    for cls in type(module).__mro__:
        for name, value in vars(cls).items():
            is_data = not (name.startswith("__") or callable(value) or hasattr(type(value), "__get__"))
            if is_data and name not in fields and name not in vars(module):
                fields[name] = _record(value, 0)
    return fields


def _record(value: Any, depth: int) -> Any:
    """Return a value as `_differs` compares it."""
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return Array(value, _version(value), value.copy() if isinstance(value, np.ndarray) else None)
    if depth < 4 and isinstance(value, (list, tuple, deque)):
        return [_record(item, depth + 1) for item in value]
    if depth < 4 and isinstance(value, dict):
        return {key: _record(item, depth + 1) for key, item in value.items()}
    return frozenset(value) if isinstance(value, set) else value


def _version(array: Any) -> int | None:
    try:
        return getattr(array, "_version", None)
    except RuntimeError:  # of a tensor that torch.inference_mode made
        return None


def refuse_changes(path: str, module: Any, method: str, before: Snapshot) -> None:
    """Raise `ValueError` if a method has changed a field of the module at `path` since the snapshot `before`."""
    for name, old in before.items():
        value = getattr(module, name, MISSING)
        if value is not MISSING and _differs(old, value, 0):
            raise ValueError(
                f"{path!r}: {method} changed the field {name!r} of {type(module).__name__} from {_shown(old)} to "
                f"{_shown(value)}, and what a call writes to a plain attribute is lost. Keep it in a variable: "
                f"u.get_state({name!r}, shape) and u.set_state({name!r}, value)"
            )


def _shown(value: Any) -> str:
    value = value.array if isinstance(value, Array) else value
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return f"an array of shape {tuple(value.shape)}"
    if isinstance(value, (list, tuple, dict, set, frozenset)):
        return f"{type(value).__name__} of {len(value)}"
    return repr(value) if value is None or isinstance(value, PLAIN) else f"a {type(value).__name__}"


def _differs(old: Any, value: Any, depth: int) -> bool:
    """Return whether a field holds state now: other data than before. Layers, modules and functions are no data."""
    if isinstance(old, Array):
        if old.array is not value or old.version != _version(value):
            return True
        return old.copy is not None and not np.array_equal(old.copy, value, equal_nan=old.copy.dtype.kind in "fc")
    if isinstance(old, list) and isinstance(value, (list, tuple, deque)):
        known = any(_differs(one, other, depth + 1) for one, other in zip(old, value, strict=False))
        return known or len(value) < len(old) or any(map(_is_data, list(value)[len(old) :]))
    if isinstance(old, dict) and isinstance(value, dict):
        if any(key not in value or _differs(one, value[key], depth + 1) for key, one in old.items()):
            return True
        return any(_holds_array(value[key]) for key in value.keys() - old.keys())  # other new keys are a cache
    if isinstance(value, set):
        return old is not None and frozenset(value) != old
    if old is None:  # not known before: a size that follows from the input is no state
        return _holds_array(value)
    if isinstance(value, PLAIN) or isinstance(old, PLAIN):
        same = type(value) is type(old) and (value == old or (value != value and old != old))
        return not same and (value is None or _is_data(value))
    return value is not old and _is_data(value)


def _is_data(value: Any) -> bool:
    return isinstance(value, PLAIN) or _holds_array(value)


def _holds_array(value: Any, depth: int = 0) -> bool:
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return True
    if isinstance(value, dict):
        value = list(value.values())
    return depth < 4 and isinstance(value, (list, tuple, deque)) and any(_holds_array(v, depth + 1) for v in value)
