"""Where a body stands: one `Frame` for each call of a model, and in it a `Scope` for each path that is entered.

Each thread has its own current scope; a scope knows its frame and a frame its backend. Entering a scope sets the
current one and leaving it, also by an exception, sets the old one back, so that nothing is ever left behind.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from typing import Any, ClassVar

from unified.core.dtypes import dtype_name
from unified.core.errors import NoActiveTransformError, StructureChangedError
from unified.core.lanes import Lanes, lanes_over, stacked_axes
from unified.core.naming import Names, check_name, closest
from unified.core.policy import Policies
from unified.core.protocol import Backend, Questions
from unified.core.recorder import Recorder
from unified.core.registry import NO_PLAN, Entry, GivenTo, Variable, check_same, describe_call, freeze
from unified.core.structure import VariableInfo

__all__ = ["Frame", "Scope", "Standing", "current", "here"]


# The root scope keeps this name for the counter of call-time random numbers.
ROOT_RESERVED = frozenset({"rng"})


class _Current(threading.local):
    scope: "Scope | None" = None


# Read directly, as `current.scope`, where every nanosecond counts.
current = _Current()


def here(what: str) -> "Scope":
    """The current scope; without one, raises an error that says `what` was asked for."""
    scope = current.scope
    if scope is None:
        raise NoActiveTransformError(
            f"{what} was used outside a model. Layers and variables are written in the body of a function; "
            "`net = unified.transform(function)` makes a model of it, and `net.init(...)` runs it"
        )
    return scope


class Frame(Questions):
    """One run of a body. A backend's frame derives from this and answers the `Questions`."""

    backend: ClassVar[Backend]
    replays: ClassVar[bool] = False  # whether modules may run again once the call has ended
    functional: Any  # the backend's, or one of the frame's own
    recorder: Recorder | None = None  # of calls or intermediate values
    policies: Policies | None = None  # of mixed precision
    steps: tuple[Any, ...] = ()  # numbers of the transforms and steps that this is within, for random keys
    depth = 0  # how many transforms of the body this is within

    def __init__(self, root: Any, initializing: bool, training: bool) -> None:
        self.root = root
        self.initializing = initializing
        self.training = training
        self.functional = self.backend.functional
        self.draws: dict[str, int] = {}
        self.lanes: dict[str, Lanes] = {}  # in init: the scopes whose variables are stacked, by path
        self.metadata: dict[str, dict[str, Any]] = {}  # of variables by path, as the body says in init

    def run(self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """`fn(*args, **kwargs)`, with this frame the one that its layers and variables turn to."""
        outer = current.scope
        current.scope = Scope(self, self.root, "")
        try:
            return fn(*args, **kwargs)
        finally:
            current.scope = outer

    def place_at(self, path: str) -> Any:
        """The place of the scope at `path`."""
        place, walked = self.root, ""
        for name in path.split("/"):
            walked = join(walked, name)
            place = self.child(place, name, walked, self.initializing)
            if place is None:
                raise StructureChangedError(f"there is no module {walked!r}: init did not register one")
        return place

    def annotate_layer(self, path: str, metadata: Any) -> None:
        """Notes what was said of a layer's variables: a dict for `weight`, or a dict of dicts by variable."""
        if not isinstance(metadata, dict):
            raise TypeError(f"{path!r}: metadata is a dict for weight, or a dict of dicts, got {metadata!r}")
        by_name = metadata if all(isinstance(value, dict) for value in metadata.values()) else {"weight": metadata}
        self.metadata.update({f"{path}/{name}": dict(value) for name, value in by_name.items()})

    def move_metadata(self, old: str, new: str) -> None:
        """Notes that what is below one path is now below another."""
        self.metadata = {
            new + path[len(old) :] if path.startswith(f"{old}/") else path: value
            for path, value in self.metadata.items()
        }

    def annotated(self, infos: tuple[VariableInfo, ...]) -> tuple[VariableInfo, ...]:
        """The infos of all variables, with what the body said of them; raises if it named one that is not there."""
        if not self.metadata:
            return infos
        unknown = self.metadata.keys() - {info.path for info in infos}
        if unknown:
            raise ValueError(f"metadata was given for {sorted(unknown)[0]!r}, and there is no such variable")
        for info in infos if self.lanes else ():
            said = self.metadata.get(info.path, {})
            over = lanes_over(self.lanes, info.path, info.collection)
            if over and isinstance(said.get("sharding"), (tuple, list)):
                axes = tuple(said["sharding"])
                axes += (None,) * (len(info.shape) - len(over) - len(axes))
                self.metadata[info.path] = {**said, "sharding": stacked_axes(axes, over)}
        return tuple(replace(info, metadata=self.metadata.get(info.path, {})).fixed() for info in infos)

    def check_boundary(self, path: str, what: str) -> None:
        """Raises if a value must not leave the place where it was computed."""

    def buffered(self) -> AbstractContextManager[list[Any]]:
        """Record intermediate values into a buffer, which stays empty if nobody asks for them; see `Recorder`."""
        return nullcontext([]) if self.recorder is None else self.recorder.buffered()

    def flush(self, buffer: list[Any], arrays: list[list[Any]]) -> None:
        """Record the values of a buffer, with the arrays that came out of the transform; see `Recorder`."""
        if self.recorder is not None:
            self.recorder.flush(buffer, arrays)

    def counted(self, times: int) -> AbstractContextManager[None]:
        """Count each call of a layer `times` times."""
        return nullcontext() if self.recorder is None else self.recorder.counted(times)

    @contextmanager
    def stepping(self, *steps: Any) -> Iterator[None]:
        """Within it draws have keys of their own, for these numbers of steps."""
        outer = self.steps, self.draws, self.depth
        self.steps, self.draws, self.depth = (*self.steps, *steps), {} if steps else self.draws, self.depth + 1
        try:
            yield
        finally:
            draws = self.draws
            self.steps, self.draws, self.depth = outer
            if not steps:
                self.draws = draws

    def draw_index(self, path: str) -> int:
        """How many draws there were at `path` in this call before this one."""
        index = self.draws.get(path, 0)
        self.draws[path] = index + 1
        return index


def join(path: str, name: str) -> str:
    """`name` below `path`."""
    return f"{path}/{name}" if path else name


class Standing:
    """Where a `unified.Module` stands: its path, and where the counters of its calls start."""

    __slots__ = ("base", "cursor", "frame", "names", "path", "place")

    def __init__(self, frame: Frame, path: str, place: Any, base: str) -> None:
        self.frame = frame
        self.path = path
        self.place = place
        self.base = base
        self.cursor = 0
        self.names: Names | None = None


def _take(names: Names, entries: Any) -> None:
    """Takes the names of entries of a plan."""
    for cls, *_, name, base in entries:
        if type(cls) is not GivenTo or not cls.released:
            names.take(base)
            names.taken[name] = base


Mark = tuple[Any, int, Names | None, int]


class Scope:
    """One run of a path: which of its names are given out, and what init said will be asked for next.

    While a call declares what init wrote down, in that order, `plan[cursor]` is the next entry, and nothing else
    needs to be counted. At the first difference `names` takes over.
    """

    __slots__ = (
        "choices",
        "cursor",
        "frame",
        "functional",
        "live",
        "method",
        "names",
        "owner",
        "path",
        "place",
        "plan",
    )

    def __init__(self, frame: Frame, place: Any, path: str, owner: Any = None, method: str = "") -> None:
        self.frame = frame
        self.place = place
        self.path = path
        self.owner = owner
        self.method = method
        self.live = frame.live(place)
        self.functional = frame.functional
        declared = None if self.live is None or frame.initializing else frame.declared(place)
        self.plan = NO_PLAN if declared is None else declared.plan
        self.cursor = 0
        self.names: Names | None = None
        self.choices = 0  # between branches, so far

    def settle(self) -> "Scope":
        """The scope itself; see `_Unnamed` for another answer."""
        return self

    def mark(self) -> "Mark":
        """Which names are given out, to be given out again after `reset`."""
        return self.plan, self.cursor, None if self.names is None else self.names.copy(), self.choices

    def reset(self, mark: "Mark") -> None:
        """Gives out the names again that were given out after `mark`."""
        self.plan, self.cursor, names, self.choices = mark
        self.names = None if names is None else names.copy()

    def skip(self, start: int, stop: int, choices: int) -> None:
        """Gives out the names that init gave out for the entries `start` to `stop` of its plan."""
        self.choices = choices
        if self.plan is not NO_PLAN:
            self.cursor = stop
            return
        declared = self.frame.declared(self.place)
        assert declared is not None
        _take(self.leave_plan(), declared.plan[start:stop])

    def enter(self, owner: Any, method: str) -> "Scope":
        """A scope for `method` of the module `owner`."""
        frame = self.frame
        standing: Standing = owner._standing
        place = standing.place if standing.frame is frame else frame.place_at(standing.path)
        if method in ("__call__", "__init__"):
            scope = Scope(frame, place, standing.path, owner, method)
            if method == "__call__":
                scope.cursor = standing.cursor
                if standing.names is not None:
                    scope.plan = NO_PLAN
                    scope.cursor = 0
                    scope.names = standing.names.copy()
            return scope
        path = join(standing.path, method)
        declared = frame.declared(place)
        inner = None
        if declared is None or method in declared.reserved:
            inner = frame.child(place, method, path, False)
        if inner is None:
            inner = self._new_method_scope(owner, place, method, path)
        return Scope(frame, inner, path, owner, method)

    def _new_method_scope(self, owner: Any, place: Any, method: str, path: str) -> Any:
        frame, declared = self.frame, self.frame.declared(place)
        if declared is not None:
            kind = type(owner).__name__
            if not frame.initializing:
                raise StructureChangedError(f"{path!r}: this method of {kind} was not called during init")
            other = "variable" if method in declared.variables else None
            if method in declared.by_name:
                other = declared.by_name[method].cls.__name__
            if other is not None:
                raise ValueError(
                    f"{path!r} is already the path of a {other}, and cannot also be that of the method "
                    f"{kind}.{method}: rename the method, or give the other a name="
                )
            declared.reserved.add(method)
        return frame.child(place, method, path, True)

    def leave_plan(self) -> Names:
        """Counts the names that were given out so far, and from here on by counting."""
        if self.names is None:
            self.names = Names()
            _take(self.names, self.plan[: self.cursor])
            self.plan = NO_PLAN
            self.cursor = 0
        return self.names

    def claim(self, base: str) -> tuple[str, Entry | None]:
        """The next free name for `base`, and what init registered under it."""
        declared = self.frame.declared(self.place)
        names = self.leave_plan()
        reserved = declared.reserved if declared is not None else set()
        name = names.take(base, reserved if self.path else reserved | ROOT_RESERVED)
        return name, None if declared is None else declared.by_name.get(name)

    def layer(self, cls: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The layer that a call `cls(*args, **kwargs)` in this scope means, made if this is init."""
        init_fn = kwargs.pop("init_fn", None)
        entry: Any = self.plan[self.cursor]
        if entry[0] is cls and entry[1] == args and entry[2] == kwargs:
            self.cursor += 1
            return self.live[entry[3]]  # type: ignore[index]
        if type(entry[0]) is GivenTo and entry[0].cls is cls and entry[1] == args and entry[2] == kwargs:
            self.cursor += 1
            return self.frame.layer_at(entry[0].path)
        explicit = kwargs.get("name")
        base = cls.base_name if explicit is None else check_name(explicit)
        layers = self._layers_in(args, kwargs) if cls.takes_layers else []
        if len({id(layer) for layer in layers}) < len(layers) and not cls.repeats:
            raise ValueError(f"{join(self.path, base)!r} is given one layer twice: give it a layer for each place")
        taken = [self.take(layer) for layer in {id(layer): layer for layer in layers}.values()]
        name, known = self.claim(base)
        path = join(self.path, name)
        own = {key: value for key, value in kwargs.items() if key not in ("name", "metadata")}
        try:
            if known is None:
                self._check_may_create(path, name, lambda: describe_call(cls, args, kwargs))
            else:
                check_same(path, known, cls, args, kwargs)
                if self.live is not None:
                    return self.live[name]
            made = self.frame.build(self.place, name, path, cls, args, own, init_fn)
        except StructureChangedError as error:
            declared = self.frame.declared(self.place)
            if self.frame.initializing or declared is None or not declared.gives(cls, args, kwargs):
                raise
            return self.frame.unplaced(cls, path, args, own, error)  # it may be about to be given to a container
        if known is None:
            if "metadata" in kwargs:
                self.frame.annotate_layer(path, kwargs["metadata"])
            is_given = {id(layer) for layer in layers}.__contains__
            self._write(Entry(cls, freeze(args, is_given), freeze(kwargs, is_given), name, base))
        for layer, old, declared, entry, released in taken:
            if entry is not None:
                new = str(self.frame.path_of(layer))
                declared.move(old, new)
                declared.give(entry, new, released)
                self.frame.move_metadata(old, new)
        return made

    def _layers_in(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Any]:
        """The layers among the arguments of a container layer, also those in a dict."""
        values = [*args, *kwargs.values()]
        inner = [item for value in values if isinstance(value, dict) for item in value.values()]
        return [value for value in (*values, *inner) if self.frame.path_of(value) is not None]

    def take(self, layer: Any) -> Any:
        """Takes its name from a layer that is given to a container, which names it instead."""
        frame = self.frame
        path = str(frame.path_of(layer))
        scope, _, name = path.rpartition("/")
        released = scope == self.path
        if released:
            self.leave_plan().release(name)
        if not frame.initializing:
            return layer, path, None, None, released
        declared = frame.declared(frame.place_at(scope) if scope else frame.root)
        return layer, path, declared, declared.by_name.pop(name), released  # type: ignore[union-attr]

    def wrap(self, marker: Any, factory: Callable[[], Any], base: str) -> Any:
        """The native module that `factory` makes, found again by name in later calls."""
        entry = self.plan[self.cursor]
        if entry[0] is marker and entry[4] == base:
            self.cursor += 1
            return self.live[entry[3]]  # type: ignore[index]
        name, known = self.claim(base)
        path = join(self.path, name)
        if known is None:
            self._check_may_create(path, name, lambda: "a wrapped module")
        else:
            check_same(path, known, marker, (), {})
            if self.live is not None:
                return self.live[name]
        made = self.frame.wrap(self.place, name, path, factory)
        if known is None:
            self._write(Entry(marker, (), {}, name, base))
        return made

    def module(self, cls: Any, base: str) -> Standing:
        """The next place for a `unified.Module` of class `cls`."""
        entry = self.plan[self.cursor]
        create = False
        if entry[0] is cls and entry[4] == base:
            self.cursor += 1
            name = entry[3]
            path = join(self.path, name)
        else:
            name, known = self.claim(base)
            path = join(self.path, name)
            if known is not None:
                check_same(path, known, cls, (), {})
            else:
                self._check_may_create(path, name, lambda: f"a {cls.__name__}")
                self._write(Entry(cls, (), {}, name, base))
                create = True
        place = self.frame.child(self.place, name, path, create)
        if place is None:
            raise StructureChangedError(f"there is no module {path!r} any more: it was removed after init")
        return Standing(self.frame, path, place, base)

    def _check_may_create(self, path: str, name: str, what: Callable[[], str]) -> None:
        declared = self.frame.declared(self.place)
        if declared is None:
            return
        if name in declared.variables:
            raise ValueError(f"{path!r} is already the path of a variable: give one of the two another name")
        if not self.frame.initializing:
            raise StructureChangedError(
                f"this call asks for {what()} at {path!r}, where init registered nothing"
                f"{closest(path, (join(self.path, known) for known in declared.by_name))}. "
                "A model's structure is fixed by init: declare the same layers in every call, or init again"
            )

    def _write(self, entry: Entry) -> None:
        declared = self.frame.declared(self.place)
        if declared is not None and self.frame.initializing:
            declared.add(entry)

    def _value(self, name: str, path: str, shape: tuple[int, ...]) -> Any:
        """The value of a known variable; raises if it is not of `shape`."""
        value = self.frame.value(self.place, name, path)
        if value is None:
            raise StructureChangedError(f"there is no variable {path!r} any more: it was removed after init")
        if tuple(value.shape) != shape:
            raise StructureChangedError(f"{path!r} has shape {tuple(value.shape)}, and this call asks for {shape}")
        return value

    def variable(
        self, name: str, shape: Any, dtype: Any, init_fn: Any, collection: str, trainable: bool, metadata: Any = None
    ) -> Any:
        """The value of the variable `name` of this scope, made if this is init."""
        frame, path = self.frame, join(self.path, check_name(name))
        declared = frame.declared(self.place)
        shape = (int(shape),) if hasattr(shape, "__index__") else tuple(shape)
        asked = None if dtype is None else dtype_name(dtype)
        known = None if declared is None else declared.variables.get(name)
        if known is not None:
            if known.shape != shape or (asked is not None and known.dtype != asked) or known.collection != collection:
                raise StructureChangedError(
                    f"{path!r} was registered by init as {known.dtype}{list(known.shape)} in {known.collection!r}, and "
                    f"this call asks for {asked or known.dtype}{list(shape)} in {collection!r}: ask for the same in "
                    "every call, or init again"
                )
            return self._value(name, path, shape)
        new = Variable(name, shape, asked or frame.default_dtype(), collection, trainable)
        if declared is None:
            return self._value(name, path, shape)
        if not self.frame.initializing:
            raise StructureChangedError(
                f"this call asks for the variable {path!r}, which init did not register"
                f"{closest(path, (join(self.path, known) for known in declared.variables))}. A model's structure is "
                "fixed by init: ask for the same variables in every call, or init again"
            )
        if name in declared.by_name or name in declared.reserved:
            raise ValueError(
                f"{path!r} is already the path of a layer, module or method: give the variable another name"
            )
        value = frame.create(self.place, new, path, init_fn)
        if metadata is not None:
            frame.metadata[path] = dict(metadata)
        declared.variables[name] = new
        declared.reserved.add(name)
        return value
