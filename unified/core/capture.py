"""Intermediate values of a call: values that the body sows, and the outputs of layers and modules."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from typing import Any, NamedTuple

from unified.core.dtypes import dtype_name
from unified.core.filters import Filter, as_predicate
from unified.core.params import Params
from unified.core.structure import Structure, VariableInfo
from unified.core.unmatched import nothing_matches, patterns_in

__all__ = ["Call", "CallLog", "Capture", "check_captured"]


# The path of a recorded value, and its arrays with the metadata of each.
Entry = tuple[str, list[tuple[VariableInfo, Any]]]


class Capture:
    """A recorder of the intermediate values of one call that a filter accepts, by path, in order.

    The output of a layer or module is at `<path>/output`, or at `output/0`, `output/1`, ... if it is a tuple; the
    filter may accept it by that path or by the path of the layer or module. A repeated path gets the suffix `_1`, `_2`.
    """

    def __init__(self, filter: Filter, check_boundary: Callable[[str, str], None]) -> None:
        self.accept = as_predicate(filter)
        self.check_boundary = check_boundary
        self.seen: dict[str, None] = {}  # all paths, of which the filter may accept some
        self.matched = False
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
        self.seen.setdefault(path if source is None else source)
        leaves = [leaf for leaf in leaves if self._accepts(leaf[0], source)]
        if not leaves:
            return
        self.matched = True
        self.check_boundary(path, "an intermediate value was captured")
        self._record(path, leaves)

    @contextmanager
    def buffered(self) -> Iterator[list[Entry]]:
        """Record values into a separate buffer; see `Recorder`."""
        outer, self.buffer = self.buffer, []
        try:
            yield self.buffer
        finally:
            self.buffer = outer

    def flush(self, buffer: list[Entry], arrays: list[list[Any]]) -> None:
        """Record the values of a buffer, with their arrays replaced; see `Recorder`."""
        for (path, leaves), new in zip(buffer, arrays, strict=True):
            self._record(path, [(replace(i, shape=tuple(a.shape)), a) for (i, _), a in zip(leaves, new, strict=True)])

    def counted(self, times: int) -> AbstractContextManager[None]:
        """Do nothing: values are not counted, because a loop stacks those of its steps."""
        return nullcontext()

    def mark(self) -> int:
        """Return 0: values need no mark, because those of a failed trace are in its buffer, which is dropped."""
        return 0

    def rewind(self, mark: int) -> None:
        """Do nothing; see `mark`."""

    def _record(self, path: str, leaves: list[tuple[VariableInfo, Any]]) -> None:
        if self.buffer is None:
            self._store(path, leaves)
        else:
            self.buffer.append((path, leaves))

    def _store(self, path: str, leaves: list[tuple[VariableInfo, Any]]) -> None:
        count = self.paths.get(path, 0)
        self.paths[path] = count + 1
        for info, array in leaves:
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
        """Return the captured values."""
        infos = tuple(self.infos)
        return Params._make(Structure.of(infos, tuple(info.path for info in infos)), tuple(self.values))


def check_captured(filter: Filter, captures: Sequence[Capture]) -> None:
    """Raise `ValueError` if patterns accepted none of the values of a call."""
    if any(capture.matched for capture in captures) or not set(patterns_in(filter)) - {"*", "intermediates"}:
        return
    paths = dict.fromkeys(path for capture in captures for path in capture.seen)
    raise nothing_matches((filter,), paths, "layer, module or sown value of this call")


def _arrays(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the arrays in tuples, lists and dicts, with their paths."""
    if isinstance(value, (tuple, list)):
        for position, item in enumerate(value):
            yield from _arrays(f"{path}/{position}", item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _arrays(f"{path}/{key}", item)
    elif hasattr(value, "shape") and hasattr(value, "dtype"):
        yield path, value


class Call(NamedTuple):
    """A call of a layer or module: its path, the shapes of its inputs and outputs, and its number of repetitions.

    The calls in all steps of a loop are one `Call`, and so are those for all elements of a `vmap`.
    """

    path: str
    inputs: list[tuple[int, ...]]
    outputs: list[tuple[int, ...]]
    times: int = 1


class CallLog:
    """A recorder of the calls of layers and modules, with their shapes; see `Recorder`."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.times = 1

    def record_call(self, path: str, inputs: Any, output: Any) -> None:
        """Record a call, unless calls count 0 times here."""
        if self.times:
            self.calls.append(Call(path, shapes_of(inputs), shapes_of(output), self.times))

    def record_value(self, path: str, value: Any) -> None:
        """Do nothing: a sown value is not a call."""

    def buffered(self) -> AbstractContextManager[list[Any]]:
        """Return a context manager whose list stays empty: shapes can leave a transform."""
        return nullcontext([])

    def flush(self, buffer: list[Any], arrays: list[list[Any]]) -> None:
        """Do nothing; see `buffered`."""

    @contextmanager
    def counted(self, times: int) -> Iterator[None]:
        """Count each call `times` times; 0 for not at all."""
        outer, self.times = self.times, self.times * times
        try:
            yield
        finally:
            self.times = outer

    def mark(self) -> int:
        """Return the number of calls recorded so far."""
        return len(self.calls)

    def rewind(self, mark: int) -> None:
        """Discard the calls after `mark`."""
        del self.calls[mark:]


def shapes_of(value: Any) -> list[tuple[int, ...]]:
    """Return the shapes of the arrays in tuples, lists and dicts."""
    return [tuple(array.shape) for _, array in _arrays("", value)]
