"""Intermediate values of a call: what the body sows, and what layers and modules return."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from typing import Any, NamedTuple

from unified.core.dtypes import dtype_name
from unified.core.filters import Filter, as_predicate
from unified.core.params import Params
from unified.core.structure import Structure, VariableInfo

__all__ = ["Call", "CallLog", "Capture"]


# The path of a recorded value, and its arrays with what is known of each.
Entry = tuple[str, list[tuple[VariableInfo, Any]]]


class Capture:
    """Records the intermediate values of one call that a filter accepts, by path, in order.

    The output of a layer or module is at `<its path>/output`, or at `output/0`, `output/1`, ... if it is a tuple; the
    filter may accept it by its own path or by the path of what returned it. A path that comes again gets `_1`, `_2`.
    """

    def __init__(self, filter: Filter, check_boundary: Callable[[str, str], None]) -> None:
        self.accept = as_predicate(filter)
        self.check_boundary = check_boundary
        self.infos: list[VariableInfo] = []
        self.values: list[Any] = []
        self.paths: dict[str, int] = {}
        self.buffer: list[Entry] | None = None

    def record_call(self, path: str, inputs: Any, output: Any) -> None:
        """Record the output of a layer or module."""
        self.record_value(f"{path}/output" if path else "output", output, path)

    def record_value(self, path: str, value: Any, source: str | None = None) -> None:
        """Record the arrays of `value`, if the filter accepts `path` or the path of their `source`."""
        leaves = [
            (VariableInfo(inner, tuple(array.shape), dtype_name(array.dtype), "intermediates", False), array)
            for inner, array in _arrays(path, value)
        ]
        chosen = [leaf for leaf in leaves if self._accepts(leaf[0], source)]
        if not chosen:
            return
        self.check_boundary(path, "an intermediate value was captured")
        self._record(path, chosen)

    @contextmanager
    def buffered(self) -> Iterator[list[Entry]]:
        """Record values into a buffer of their own; see `Recorder`."""
        outer, self.buffer = self.buffer, []
        try:
            yield self.buffer
        finally:
            self.buffer = outer

    def flush(self, buffer: list[Entry], arrays: list[list[Any]]) -> None:
        """Record the values of a buffer, with other arrays in their place; see `Recorder`."""
        for (path, chosen), new in zip(buffer, arrays, strict=True):
            self._record(path, [(replace(i, shape=tuple(a.shape)), a) for (i, _), a in zip(chosen, new, strict=True)])

    def counted(self, times: int) -> AbstractContextManager[None]:
        """Values are not counted: a loop stacks those of its steps."""
        return nullcontext()

    def mark(self) -> int:
        """Values need no mark: those of a trace that failed are in its buffer, and go with it."""
        return 0

    def rewind(self, mark: int) -> None:
        """See `mark`."""

    def _record(self, path: str, chosen: list[tuple[VariableInfo, Any]]) -> None:
        if self.buffer is None:
            self._keep(path, chosen)
        else:
            self.buffer.append((path, chosen))

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
        """Return what was captured."""
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
    """A call of a layer or module: its path, the shapes of its inputs and outputs, and how many calls it counts for.

    The calls of all steps of a loop are one, and so are those of all lanes of `vmap`.
    """

    path: str
    inputs: list[tuple[int, ...]]
    outputs: list[tuple[int, ...]]
    times: int = 1


class CallLog:
    """Records the calls of layers and modules, by shapes; see `Recorder`."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.times = 1

    def record_call(self, path: str, inputs: Any, output: Any) -> None:
        """Record a call, unless calls count for nothing here."""
        if self.times:
            self.calls.append(Call(path, _shapes(inputs), _shapes(output), self.times))

    def record_value(self, path: str, value: Any) -> None:
        """A value that a body sows is no call."""

    def buffered(self) -> AbstractContextManager[list[Any]]:
        """Shapes leave a transform as they are: the buffer stays empty."""
        return nullcontext([])

    def flush(self, buffer: list[Any], arrays: list[list[Any]]) -> None:
        """See `buffered`."""

    @contextmanager
    def counted(self, times: int) -> Iterator[None]:
        """Count each call `times` times; not at all if that is 0."""
        outer, self.times = self.times, self.times * times
        try:
            yield
        finally:
            self.times = outer

    def mark(self) -> int:
        """Return how many calls are recorded so far."""
        return len(self.calls)

    def rewind(self, mark: int) -> None:
        """Forget the calls after `mark`."""
        del self.calls[mark:]


def _shapes(value: Any) -> list[tuple[int, ...]]:
    return [tuple(array.shape) for _, array in _arrays("", value)]
