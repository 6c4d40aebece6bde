"""What a function could change besides its results: variables of closures, globals, attributes, lists and dicts.

A trace runs the function once more, on arrays without values, and a replay not at all. So what a trace changes is put
back, and the function runs as it is. Seen is what the function, and functions of the same package in its closure, name:
not what is deeper, nor what libraries keep.
"""

import functools
import sys
import threading
from types import CellType, FunctionType, MethodType
from typing import Any

from unified.backends.torch.container import Container
from unified.compat.jax.on_torch.array import Array
from unified.compat.jax.on_torch.tracing import is_tracer

__all__ = ["Surroundings"]

PLAIN = (int, float, bool, complex, str, bytes, type(None))
UNSET = object()


class Surroundings:
    """The values around a function, as they are now."""

    def __init__(self, fun: Any) -> None:
        self.cells: dict[int, tuple[CellType, str, Any]] = {}
        self.tables: dict[int, tuple[dict[str, Any], str, dict[str, Any]]] = {}  # globals, attributes
        self.containers: dict[int, tuple[Any, str, list[Any]]] = {}
        self.package = _package(getattr(_plain(fun), "__module__", None))
        self.seen: set[int] = set()
        self._add_function(fun)

    def _add_function(self, fun: Any) -> None:
        if isinstance(fun, functools.partial):
            fun = fun.func
        if isinstance(fun, MethodType):
            self._add_object(fun.__self__, "self")
            fun = fun.__func__
        elif not isinstance(fun, FunctionType):
            self._add_object(fun, type(fun).__name__)
            fun = type(fun).__call__
        if not isinstance(fun, FunctionType) or id(fun) in self.seen or _package(fun.__module__) != self.package:
            return
        self.seen.add(id(fun))
        names = [name for name in fun.__code__.co_names if name in fun.__globals__]
        self.tables[id(fun)] = fun.__globals__, "", {name: fun.__globals__[name] for name in names}
        found = [(name, fun.__globals__[name]) for name in names]
        for name, cell in zip(fun.__code__.co_freevars, fun.__closure__ or (), strict=True):
            value = _content(cell)
            self.cells[id(cell)] = cell, name, value
            found.append((name, value))
        for name, value in found:
            if isinstance(value, (FunctionType, MethodType, functools.partial)):
                self._add_function(value)
            else:
                self._add_object(value, name)

    def _add_object(self, value: Any, name: str) -> None:
        if type(value) in (list, dict, set):
            self._add_container(value, name)
        elif isinstance(value, Container):
            return  # a model, whose class is in the user's module: its attributes are ours, such as its replicas
        elif _package(type(value).__module__) == self.package and id(value) not in self.seen:
            self.seen.add(id(value))
            table = getattr(value, "__dict__", None)
            if type(table) is dict:
                self.tables[id(value)] = table, f"{name}.", dict(table)
                for key, item in list(table.items()):
                    if type(item) in (list, dict, set):
                        self._add_container(item, f"{name}.{key}")

    def _add_container(self, value: Any, name: str) -> None:
        self.containers[id(value)] = value, name, _items(value)

    def restore(self) -> str | None:
        """Put back what has changed, as far as no other thread can have changed it; return the name of something."""
        changed: list[str] = []
        for cell, name, old in self.cells.values():
            new = _content(cell)
            if not _is_same(new, old):
                changed.append(name)
                if _is_ours(new) and old is not UNSET:
                    cell.cell_contents = old
        for table, prefix, before in self.tables.values():
            for name in {**before, **table} if prefix else before:
                new, old = table.get(name, UNSET), before.get(name, UNSET)
                if not _is_same(new, old):
                    changed.append(f"{prefix}{name}")
                    if old is not UNSET and _is_ours(new):
                        table[name] = old
                    elif old is UNSET and _holds_tracer(new):
                        del table[name]
        for value, name, items in self.containers.values():
            now = _items(value)
            if len(now) != len(items) or not all(map(_is_same, now, items)):
                changed.append(name)
                _put_back(value, items, self._is_alone())
        return changed[0] if changed else None

    def _is_alone(self) -> bool:
        """Return whether no other thread runs code of the function's package."""
        for thread, frame in sys._current_frames().items():
            while thread != threading.get_ident() and frame is not None:
                if _package(frame.f_globals.get("__name__")) == self.package:
                    return False
                frame = frame.f_back  # type: ignore[assignment]
        return True


def _plain(fun: Any) -> Any:
    return _plain(fun.func) if isinstance(fun, functools.partial) else fun


def _package(module: Any) -> str:
    return str(module).partition(".")[0]


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not set yet
        return UNSET


def _items(value: Any) -> list[Any]:
    return [part for item in value.items() for part in item] if type(value) is dict else list(value)


def _is_same(new: Any, old: Any) -> bool:
    return new is old or (type(new) in PLAIN and type(new) is type(old) and bool(new == old or new != new))


def _is_ours(value: Any) -> bool:
    """Return whether the trace left a value: a plain one, which it computed, or an array without values."""
    return type(value) in PLAIN or _holds_tracer(value)


def _holds_tracer(value: Any) -> bool:
    return is_tracer(value.tensor if isinstance(value, Array) else value)


def _put_back(value: Any, items: list[Any], is_alone: bool) -> None:
    """Give a list, dict or set what it had before a trace, but for what another thread may have put there meanwhile."""
    if is_alone:
        value.clear()
        if type(value) is list:
            value.extend(items)
        else:
            value.update(zip(items[::2], items[1::2], strict=True) if type(value) is dict else items)
    elif type(value) is list and len(value) == len(items):
        value[:] = [old if _is_ours(item) else item for item, old in zip(value, items, strict=True)]
    elif type(value) is list:
        value[:] = [item for item in value if not _holds_tracer(item)]
    elif type(value) is dict:
        before = dict(zip(items[::2], items[1::2], strict=True))
        for key, item in list(value.items()):
            if key in before and _is_ours(item):
                value[key] = before[key]
            elif _holds_tracer(item):
                del value[key]
    else:
        value.difference_update([item for item in value if _holds_tracer(item)])
