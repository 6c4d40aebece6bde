"""The frame of a running transform: its parameters, state and keys, and the modules whose methods run.

Each thread has separate stacks. A transform pushes a `Frame`. Each lifted transform in it (`internal_state.py`) pushes
another, over the same parameters and state or over copies of them.
"""

import collections
import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from unified.compat.haiku.random import PRNGSequence
from unified.compat.jax.active_backend import backend_for
from unified.compat.jax.implementations import implementation

__all__ = ["Context", "Frame", "Pair", "Stack", "assert_inside", "current", "local", "new_context", "trace_level"]


def _next_number() -> int:
    """Return the depth of a new frame: a count of all frames would make torch.compile compile each call anew."""
    return len(local.frames)


class Pair(NamedTuple):
    """A state's value at the beginning of the call, and now."""

    initial: Any
    current: Any


class Stack(threading.local):
    """A stack for each thread; calling it pushes an item for a block."""

    def __init__(self) -> None:
        self.items: list[Any] = []

    @contextlib.contextmanager
    def __call__(self, item: Any) -> Iterator[Any]:
        self.items.append(item)
        try:
            yield item
        finally:
            self.items.pop()


class _Local(threading.local):
    """The frames and contexts of this thread."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.contexts: list[Context] = []
        self.boundaries: list[int] = []  # numbers of frames that must not close over modules of earlier ones


local = _Local()


def trace_level() -> Any:
    """Return a value that differs inside each raw transform of the framework."""
    return implementation(backend_for().name, "boundary").trace_level()


class Call(NamedTuple):
    """A running method of a module, and the names that its submodules have so far."""

    module: Any
    method: str
    counters: dict[str, int]
    names: set[str]
    constructs: bool  # whether it is the module's constructor


class Frame:
    """One run of a transformed function, or of part of it."""

    __slots__ = (
        "calls",
        "frozen",
        "labelled",
        "number",
        "params",
        "rngs",
        "root_counters",
        "root_names",
        "state",
        "traces",
    )

    def __init__(self, params: Any, state: Any, rng: PRNGSequence | None, frozen: bool) -> None:
        self.params, self.state, self.frozen = params, state, frozen
        self.rngs = [rng]
        self.calls: list[Call] = []
        self.root_counters: dict[str, int] = collections.defaultdict(int)
        self.root_names: set[str] = set()
        boundary = implementation(backend_for().name, "boundary")
        self.traces = [boundary.trace_level()]
        self.labelled = boundary.LABELLED  # whether the framework's profiles and traces show names of calls
        self.number = _next_number()

    def derive(self, params: Any, state: Any, rng: PRNGSequence | None, *, shared: bool) -> "Frame":
        """Return a frame at the same place over other values; with `shared`, names used in it count in this one too."""
        new = Frame.__new__(Frame)
        new.params, new.state, new.frozen = params, state, self.frozen
        new.rngs = [*self.rngs, rng]
        new.number, new.labelled = _next_number(), self.labelled
        if shared:
            new.calls, new.root_counters, new.root_names = self.calls, self.root_counters, self.root_names
            new.traces = self.traces
        else:
            new.calls = [c._replace(counters=c.counters.copy(), names=set(c.names)) for c in self.calls]
            new.root_counters, new.root_names = self.root_counters.copy(), set(self.root_names)
            new.traces = list(self.traces)
        return new

    @property
    def rng(self) -> PRNGSequence | None:
        return self.rngs[-1]

    @contextlib.contextmanager
    def tracing(self) -> Iterator[None]:
        """Record for a block that a known transform of JAX runs."""
        self.traces.append(trace_level())
        try:
            yield
        finally:
            self.traces.pop()

    @contextlib.contextmanager
    def draw_from(self, rng: PRNGSequence | None) -> Iterator[None]:
        """Take keys from another sequence for a block."""
        self.rngs.append(rng)
        try:
            yield
        finally:
            self.rngs.pop()

    def enter_call(self, module: Any, method: str, constructs: bool = False) -> None:
        """Enter a method of a module; `calls.pop()` leaves it."""
        self.calls.append(Call(module, method, collections.defaultdict(int), set(), constructs))

    @contextlib.contextmanager
    def within_call(self, module: Any, method: str) -> Iterator[None]:
        """Enter a method of a module for a block."""
        self.enter_call(module, method)
        try:
            yield
        finally:
            self.calls.pop()

    def naming(self) -> tuple[dict[str, int], set[str]]:
        """Return the counters and names of the method around the running one, or the root's if there is none."""
        if len(self.calls) > 1:
            return self.calls[-2].counters, self.calls[-2].names
        return self.root_counters, self.root_names


def current() -> Frame:
    """Return the running frame."""
    return local.frames[-1]


@contextlib.contextmanager
def push(frame: Frame) -> Iterator[Frame]:
    """Make `frame` the running one for a block."""
    local.frames.append(frame)
    try:
        yield frame
    finally:
        local.frames.pop()


def assert_inside(name: str) -> None:
    if not local.frames:
        raise ValueError(
            f"no transform is running, and {name} must be used as part of an `hk.transform`: call it in the function "
            "that is transformed, or in one that it calls"
        )


def copy_bundles(values: Any) -> dict[str, dict[str, Any]]:
    """Return a copy of a dict of dicts."""
    return {name: dict(bundle) if isinstance(bundle, Mapping) else bundle for name, bundle in values.items()}


class Context:
    """The parameters and state of one call, which its frames share."""

    def __init__(self, params: Any, state: Any, rng: PRNGSequence | None, frozen: bool) -> None:
        self.params, self.state, self.rng, self.frozen = params, state, rng, frozen
        self.teardown: list[Callable[[], None]] = []
        self.counters: dict[str, int] = collections.defaultdict(int)
        self.names: set[str] = set()

    def collect_params(self) -> dict[str, dict[str, Any]]:
        return copy_bundles(self.params)

    def collect_initial_state(self) -> dict[str, dict[str, Any]]:
        return {m: {k: pair.initial for k, pair in bundle.items()} for m, bundle in self.state.items() if bundle}

    def collect_state(self) -> dict[str, dict[str, Any]]:
        return {m: {k: pair.current for k, pair in bundle.items()} for m, bundle in self.state.items() if bundle}

    def add_teardown_callback(self, function: Callable[[], None]) -> None:
        """Call `function` when the call ends without an error."""
        self.teardown.append(function)

    def __enter__(self) -> "Context":
        frame = Frame(self.params, self.state, self.rng, self.frozen)
        frame.root_counters, frame.root_names = self.counters, self.names
        local.frames.append(frame)
        local.contexts.append(self)
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        local.frames.pop()
        local.contexts.pop()
        if kind is None:
            for function in self.teardown:
                function()


def new_context(*, params: Any = None, state: Any = None, rng: Any = None) -> Context:
    """Return the context of one call: of `apply` if there are `params`, else of `init`."""
    frozen = params is not None
    pairs: Any = collections.defaultdict(dict)
    for name, bundle in (state or {}).items():
        pairs[name] = {key: Pair(value, value) for key, value in bundle.items()}
    if rng is not None and not isinstance(rng, PRNGSequence):
        rng = PRNGSequence(rng)
    return Context(copy_bundles(params) if frozen else collections.defaultdict(dict), pairs, rng, frozen)
