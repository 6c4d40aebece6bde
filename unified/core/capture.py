"""Intermediate values of a call: what the body sows, and what layers and modules return."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from unified.core.filters import Filter, as_predicate
from unified.core.params import Params, dtype_name
from unified.core.structure import Structure, VariableInfo

if TYPE_CHECKING:
    from unified.core.scope import Frame

__all__ = ["Call", "Calls", "Capture"]


Note = tuple[str, list[tuple[VariableInfo, Any]]]  # the path of what was noted, and its arrays


class Capture:
    """Collects the intermediates of one call that a filter accepts, by path, in the order in which they come.

    A layer's or module's output is at `<its path>/output`, or at `output/0`, `output/1`, ... if it is a tuple; the
    filter may accept it by its own path or by that of what returned it. A path that comes again gets `_1`, `_2`.
    """

    def __init__(self, filter: Filter, frame: "Frame") -> None:
        self.accept = as_predicate(filter)
        self.frame = frame
        self.infos: list[VariableInfo] = []
        self.values: list[Any] = []
        self.paths: dict[str, int] = {}
        self.aside: list[Note] | None = None

    def append(self, call: tuple[str, Any, Any]) -> None:
        """Notes a call of a layer: its path, inputs and output."""
        path, _, output = call
        self.note(f"{path}/output" if path else "output", output, path)

    def note(self, path: str, value: Any, source: str | None = None) -> None:
        """Notes the arrays of `value`, if the filter accepts `path`, or the path of their `source`."""
        leaves = [
            (VariableInfo(inner, tuple(array.shape), dtype_name(array.dtype), "intermediates", False), array)
            for inner, array in _arrays(path, value)
        ]
        chosen = [leaf for leaf in leaves if self._accepts(leaf[0], source)]
        if not chosen:
            return
        self.frame.check_boundary(path, "an intermediate value was captured")
        if self.aside is None:
            self._keep(path, chosen)
        else:
            self.aside.append((path, chosen))

    @contextmanager
    def apart(self) -> Iterator[list["Note"]]:
        """Within it intermediates are collected in the list alone: a transform brings them out, and has them kept."""
        outer, self.aside = self.aside, []
        try:
            yield self.aside
        finally:
            self.aside = outer

    def adopt(self, notes: list["Note"], arrays: list[list[Any]]) -> None:
        """Keeps what was collected apart, with the arrays that came out of the transform."""
        for (path, chosen), new in zip(notes, arrays, strict=True):
            kept = [(replace(info, shape=tuple(a.shape)), a) for (info, _), a in zip(chosen, new, strict=True)]
            if self.aside is None:
                self._keep(path, kept)
            else:
                self.aside.append((path, kept))

    def _keep(self, path: str, chosen: list[tuple[VariableInfo, Any]]) -> None:
        count = self.paths.get(path, 0)
        self.paths[path] = count + 1
        for info, array in chosen:
            if count:
                name = path + f"_{count}" + info.path[len(path) :]
                self.infos.append(VariableInfo(name, info.shape, info.dtype, "intermediates", False))
            else:
                self.infos.append(info)
            self.values.append(array)

    def _accepts(self, info: VariableInfo, source: str | None) -> bool:
        if self.accept(info):
            return True
        return source is not None and self.accept(VariableInfo(source, info.shape, info.dtype, "intermediates", False))

    def params(self) -> Params:
        """What was captured."""
        infos = tuple(self.infos)
        return Params._make(Structure.of(infos, tuple(info.path for info in infos)), tuple(self.values))


def _arrays(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """The arrays in tuples, lists and dicts, with their paths."""
    if isinstance(value, (tuple, list)):
        for position, item in enumerate(value):
            yield from _arrays(f"{path}/{position}", item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _arrays(f"{path}/{key}", item)
    elif hasattr(value, "shape") and hasattr(value, "dtype"):
        yield path, value


class Call(NamedTuple):
    """A call of a layer or module: its path, the shapes of what it was given and returned, and how many there are.

    In a loop the calls of all steps are one, and so are those of all lanes of a map.
    """

    path: str
    inputs: list[tuple[int, ...]]
    outputs: list[tuple[int, ...]]
    times: int = 1


class Calls:
    """Collects the calls of layers and modules, in place of a `Capture`."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.times = 1

    def append(self, call: tuple[str, Any, Any]) -> None:
        """Notes a call."""
        path, inputs, output = call
        if self.times:
            self.calls.append(Call(path, _shapes(inputs), _shapes(output), self.times))

    @contextmanager
    def repeated(self, times: int) -> Iterator[None]:
        """Within it each call stands for so many; for none if it was noted already."""
        outer, self.times = self.times, self.times * times
        try:
            yield
        finally:
            self.times = outer

    def note(self, path: str, value: Any) -> None:
        """What a body sows is no call."""


def _shapes(value: Any) -> list[tuple[int, ...]]:
    return [tuple(array.shape) for _, array in _arrays("", value)]
