"""`Scope`: one path that a running body has entered, and the names that it has assigned there.

Each thread has its own current scope; a scope refers to its frame, and a frame to its backend. Entering a scope makes
it the current one; leaving it, also by an exception, restores the previous one.
"""

import threading
from collections.abc import Callable
from typing import Any, NamedTuple, NoReturn

from unified.core.classes import same_class
from unified.core.dtypes import dtype_name
from unified.core.error_notes import add_note
from unified.core.errors import NoActiveTransformError, StructureChangedError
from unified.core.foreign import note_foreign
from unified.core.frame import Frame
from unified.core.initializer_functions import as_initializer, as_layer_init_fn
from unified.core.location import ModuleLocation
from unified.core.naming import Names, closest, join, name_or_number
from unified.core.record import (
    NOT_RECORDED,
    PLAIN,
    REPLACED,
    LayerRecord,
    MovedInto,
    ScopeRecord,
    VariableRecord,
    check_same,
    describe_call,
    freeze,
)
from unified.core.shapes import as_shape

__all__ = ["Scope", "current", "current_scope", "run_body"]


# The root scope reserves this name for the key and the counter of call-time random numbers.
ROOT_RESERVED = frozenset({"rng"})


class _Current(threading.local):
    def __init__(self) -> None:  # not in the class: `torch.compile` guards that the attribute is the object's own
        self.scope: Scope | None = None

    def __reduce__(self) -> str:
        return "current"  # cloudpickle pickles users' modules with the globals of their methods


# Read directly, as `current.scope`, where every nanosecond counts.
current = _Current()


def current_scope(what: str) -> "Scope":
    """Return the current scope; without one, raise an error in which `what` is the name of the caller."""
    scope = current.scope
    if scope is None:
        raise NoActiveTransformError(
            f"{what} was used outside a model. Layers and variables are written in the body of a function; "
            "`net = unified.transform(function)` makes a model of it, and `net.init(...)` runs it"
        )
    return scope


def run_body(frame: Frame[Any, Any], fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Return `fn(*args, **kwargs)`, run as the body of `frame`."""
    outer = current.scope
    current.scope = Scope(frame, frame.root, "")
    try:
        return fn(*args, **kwargs)
    except Exception as error:
        add_note(error, frame.describe)
        note_foreign(error, frame.backend)
        raise
    finally:
        current.scope = outer


def _assign(names: Names, layers: Any) -> None:
    """Assign the names of recorded layers."""
    for cls, *_, name, base in layers:
        if type(cls) is not MovedInto or not cls.is_released:
            names.take(base)
            names.bases[name] = base


class Move(NamedTuple):
    """A layer that moves into a container, and its records, which are `None` outside init."""

    layer: Any
    path: str
    scope_record: ScopeRecord | None
    layer_record: LayerRecord | None
    is_released: bool


# The recording, the cursor in it, the counted names, and the number of choices between branches.
Mark = tuple[Any, int, Names | None, int]


class Scope:
    """One run of a path: the names assigned so far, and the recording of init that calls replay.

    While a call declares the layers that init recorded, in the same order, `recording[cursor]` is the next record and
    no name is counted. At the first difference `names` takes over.
    """

    __slots__ = (
        "called",
        "choices",
        "cursor",
        "frame",
        "functional",
        "live_layers",
        "method",
        "names",
        "node",
        "owner",
        "path",
        "places",
        "recording",
        "run",
    )

    def __init__(self, frame: Frame[Any, Any], node: Any, path: str, owner: Any = None, method: str = "") -> None:
        self.frame = frame
        self.called = node  # to run the method `run` of the owner, where nodes are called
        self.node, self.live_layers, self.recording = frame.open(node)
        self.path = path
        self.owner = owner
        self.method = method
        self.functional = frame.functional
        self.cursor = 0
        self.names: Names | None = None
        self.choices = 0
        self.places: dict[str, Scope] | None = None  # the named scopes that this run has entered; see `place`
        self.run: Any = None

    def resolve(self) -> "Scope":
        """Return the scope itself; a `DeferredScope` returns the one that it becomes."""
        return self

    def mark(self) -> Mark:
        """Return the state of the names assigned so far, for `reset`."""
        return self.recording, self.cursor, None if self.names is None else self.names.copy(), self.choices

    def reset(self, mark: Mark) -> None:
        """Free the names that were assigned after `mark`."""
        self.recording, self.cursor, names, self.choices = mark
        self.names = None if names is None else names.copy()

    def skip(self, start: int, stop: int, choices: int) -> None:
        """Assign the names of the records `start` to `stop`, without running the code that declared them."""
        self.choices = choices
        if self.recording is not NOT_RECORDED:
            self.cursor = stop
            return
        record = self.frame.record_of(self.node)
        assert record is not None
        _assign(self.stop_replaying(), record.recording[start:stop])

    def enter(self, owner: Any, method: str) -> "Scope":
        """Return a scope for a method of the module `owner`."""
        frame = self.frame
        location: ModuleLocation = owner._location
        node = location.node if location.frame is frame else self._node_of_earlier(location)
        if method == "__call__" or method == "__init__":
            scope = Scope(frame, node, location.path, owner, method)
            if scope.recording is REPLACED:
                return ReplacedScope(frame, node, location.path, owner, method)
            if method == "__call__":
                scope.cursor = location.cursor
                if location.names is not None:
                    scope.recording = NOT_RECORDED
                    scope.cursor = 0
                    scope.names = location.names.copy()
            return scope
        path = join(location.path, method)
        node, _, recording = frame.open(node)
        if recording is REPLACED:
            return ReplacedScope(frame, self._method_of_replacement(node, location.path, method), path, owner, method)
        record = frame.record_of(node)
        inner = None
        if record is None or method in record.reserved:
            inner = frame.child(node, method, path, False)
        if inner is None:
            inner = self._new_method_scope(owner, node, method, path)
        scope = Scope(frame, inner, path, owner, method)
        return ReplacedScope(frame, inner, path, owner, method) if scope.recording is REPLACED else scope

    @staticmethod
    def _method_of_replacement(node: Any, path: str, method: str) -> Any:
        """Return a method of the native module that stands in the place of a module of the body."""
        if not hasattr(node, method):
            raise StructureChangedError(
                f"the body calls the method {method!r} of {path!r}, in whose place a {type(node).__name__} without "
                "that method was put after init: put a module there that has it"
            )
        return getattr(node, method)

    def _node_of_earlier(self, location: ModuleLocation) -> Any:
        """Return the node of a module that an earlier call made."""
        if self.frame.initializing:
            raise StructureChangedError(
                f"a module that another call made, at {location.path!r}, was called in init, which cannot give it a "
                "name: make modules in the body, or pass them on from where the body makes them"
            )
        return self.frame.node_at(location.path)

    def _new_method_scope(self, owner: Any, node: Any, method: str, path: str) -> Any:
        frame, record = self.frame, self.frame.record_of(node)
        if record is not None:
            kind = type(owner).__name__
            if not frame.initializing:
                raise StructureChangedError(f"{path!r}: this method of {kind} was not called during init")
            occupant = "variable" if method in record.variables else None
            if method in record.by_name:
                occupant = record.by_name[method].cls.__name__
            if occupant is not None:
                raise ValueError(
                    f"{path!r} is already the path of a {occupant}, and cannot also be that of the method "
                    f"{kind}.{method}: rename the method, or give the {occupant} another name"
                )
            record.reserved.add(method)
        return frame.child(node, method, path, True)

    def stop_replaying(self) -> Names:
        """Return the names assigned so far, to be counted from here on."""
        if self.names is None:
            self.names = Names()
            _assign(self.names, self.recording[: self.cursor])
            self.recording = NOT_RECORDED
            self.cursor = 0
        return self.names

    def refuse_missing(self, name: str) -> NoReturn:
        """Raise because the model has no layer of that name any more."""
        raise StructureChangedError(
            f"there is no layer {join(self.path, name)!r} any more: it was removed after init. Put another layer in "
            "its place (torch.nn.Identity() does nothing), or init again"
        )

    def _live(self, name: str) -> Any:
        """Return the live layer of that name."""
        assert self.live_layers is not None
        if name not in self.live_layers:
            self.refuse_missing(name)
        return self.live_layers[name]

    def claim(self, base: str) -> tuple[str, LayerRecord | None]:
        """Assign the next free name for `base`, and return it with init's record of that name, if there is one."""
        record = self.frame.record_of(self.node)
        names = self.stop_replaying()
        reserved = record.reserved if record is not None else set()
        name = names.take(base, reserved if self.path else reserved | ROOT_RESERVED)
        if base.isdigit() and name != base:
            raise ValueError(
                f"{join(self.path, base)!r} is already taken: give each layer and module a number of its own"
            )
        return name, None if record is None else record.by_name.get(name)

    def layer(self, cls: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Return the layer that the call `cls(*args, **kwargs)` declares here; during init, create it.

        `Layer.__new__` calls this if the call is not the next one of the recording.
        """
        if "init_fn" in kwargs:
            init_fn = kwargs["init_fn"]
            kwargs = {key: value for key, value in kwargs.items() if key != "init_fn"}
            if self.recording is NOT_RECORDED:
                return self._declare(cls, args, kwargs, init_fn)
            return cls(*args, **kwargs)  # init records no init_fn
        next_cls, next_args, next_kwargs, name, _ = self.recording[self.cursor]
        moved = next_cls if type(next_cls) is MovedInto else None
        recorded = next_cls if moved is None else moved.cls
        if same_class(recorded, cls) and (next_args, next_kwargs) == (args, kwargs):
            self.cursor += 1
            layer = self._live(name) if moved is None else self.frame.layer_at(moved.path)
            return layer if recorded is cls else self.frame.redefine(layer, cls)
        return self._declare(cls, args, kwargs, None)

    def _declare(self, cls: Any, args: tuple[Any, ...], kwargs: dict[str, Any], init_fn: Any) -> Any:
        """Return the layer that this call declares, by counting names; during init, create and record it."""
        name_argument = kwargs.get("name")
        base = cls.base_name if name_argument is None else name_or_number(name_argument)
        inner = self._layers_in(args, kwargs) if cls.takes_layers else []
        by_identity = {id(layer): layer for layer in inner}
        if len(by_identity) < len(inner) and not cls.repeats:
            raise ValueError(
                f"{join(self.path, base)!r} got the same layer twice: pass a different layer for each position"
            )
        moves = [self._begin_move(layer) for layer in by_identity.values()]
        name, layer_record = self.claim(base)
        path = join(self.path, name)
        arguments = {key: value for key, value in kwargs.items() if key not in ("name", "metadata")}
        try:
            if layer_record is None:
                self._check_may_create(path, name, lambda: describe_call(cls, args, kwargs))
                init_fn = as_layer_init_fn(init_fn, path)
            else:
                check_same(path, layer_record, cls, args, kwargs)
                if self.live_layers is not None:
                    live = self._live(name)
                    return live if layer_record.cls is cls else self.frame.redefine(live, cls)
            layer = self.frame.build(self.node, name, path, cls, args, arguments, init_fn)
        except StructureChangedError as error:
            record = self.frame.record_of(self.node)
            if self.frame.initializing or record is None or not record.is_moved(cls, args, kwargs):
                raise
            return self.frame.unregistered(cls, path, args, arguments, error)  # a container may accept it
        if layer_record is None:
            if "metadata" in kwargs:
                self.frame.annotate_layer(path, kwargs["metadata"])
            if not (PLAIN.issuperset(map(type, args)) and PLAIN.issuperset(map(type, kwargs.values()))):
                is_layer = {id(value) for value in inner or self._layers_in(args, kwargs)}.__contains__
                args, kwargs = freeze(args, is_layer), freeze(kwargs, is_layer)
            self._record(LayerRecord(cls, args, kwargs, name, base))
        for move in moves:
            self._finish_move(move)
        return layer

    def _layers_in(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Any]:
        """Return the layers among the arguments of a container, also those in dicts."""
        values = [*args, *kwargs.values()]
        inner = [item for value in values if isinstance(value, dict) for item in value.values()]
        return [value for value in (*values, *inner) if self.frame.path_of(value) is not None]

    def _begin_move(self, layer: Any) -> Move:
        """Release the name of a layer that a container takes, which will name it."""
        frame = self.frame
        path = str(frame.path_of(layer))
        scope, _, name = path.rpartition("/")
        is_released = scope == self.path
        if is_released:
            self.stop_replaying().release(name)
        if not frame.initializing:
            return Move(layer, path, None, None, is_released)
        record = frame.record_of(frame.node_at(scope) if scope else frame.root)
        assert record is not None
        return Move(layer, path, record, record.by_name.pop(name), is_released)

    def _finish_move(self, move: Move) -> None:
        """Record the path of a layer in its new container."""
        if move.scope_record is None or move.layer_record is None:
            return
        path = str(self.frame.path_of(move.layer))
        move.scope_record.move_container(move.path, path)
        move.scope_record.move_layer(move.layer_record, path, move.is_released)
        self.frame.move_metadata(move.path, path)

    def wrap(self, marker: Any, factory: Callable[[], Any], base: str) -> Any:
        """Return the native module that `factory` creates during init; later calls find it by name."""
        name = self._replay(marker, base)
        if name is not None:
            return self._live(name)
        name, layer_record = self.claim(base)
        path = join(self.path, name)
        if layer_record is None:
            self._check_may_create(path, name, lambda: "a wrapped module")
        else:
            check_same(path, layer_record, marker, (), {})
            if self.live_layers is not None:
                return self._live(name)
        module = self.frame.wrap(self.node, name, path, factory)
        self.frame.first_calls.setdefault(path)
        if layer_record is None:
            self._record(LayerRecord(marker, (), {}, name, base))
        return module

    def module(self, cls: Any, base: str) -> ModuleLocation:
        """Return the location of the next `unified.Module` of class `cls`."""
        next_cls, _, _, next_name, next_base = self.recording[self.cursor]
        if next_cls is cls and next_base == base:  # as almost always
            path = f"{self.path}/{next_name}" if self.path else next_name
            node = self.frame.child(self.node, next_name, path, False)
            if node is not None:
                self.cursor += 1
                return ModuleLocation(self.frame, path, node, base)
        name = self._replay(cls, base)
        create = False
        if name is None:
            name, layer_record = self.claim(base)
            path = join(self.path, name)
            if layer_record is not None:
                check_same(path, layer_record, cls, (), {})
            else:
                self._check_may_create(path, name, lambda: f"a {cls.__name__}")
                self._record(LayerRecord(cls, (), {}, name, base))
                create = True
        path = join(self.path, name)
        node = self.frame.child(self.node, name, path, create)
        if node is None:
            raise StructureChangedError(f"there is no module {path!r} any more: it was removed after init")
        return ModuleLocation(self.frame, path, node, base)

    def place(self, cls: Any, name: str) -> "Scope":
        """Return the scope `name` below this one, which goes on where this run of the body left it."""
        if self.places is None:
            self.places = {}
        if name not in self.places:
            location = self.module(cls, name)
            if location.path != join(self.path, name):
                raise ValueError(
                    f"u.scope: {join(self.path, name)!r} is already taken, by a layer, a module or a variable of that "
                    "name, or by a scope that was entered elsewhere: within a function that a transform runs (u.remat, "
                    "u.cond, ...), or in the constructor of the module. Enter it outside of the function, or choose "
                    "another name"
                )
            self.places[name] = Scope(self.frame, location.node, location.path)
        return self.places[name]

    def _replay(self, cls: Any, base: str) -> str | None:
        """Return the name of the next record and advance the cursor, if that record is a `cls` called `base`."""
        next_cls, _, _, name, next_base = self.recording[self.cursor]
        if not same_class(next_cls, cls) or next_base != base:
            return None
        self.cursor += 1
        return name

    def _check_may_create(self, path: str, name: str, what: Callable[[], str]) -> None:
        record = self.frame.record_of(self.node)
        if record is None:
            return
        if name in record.variables:
            raise ValueError(f"{path!r} is already the path of a variable: give one of the two another name")
        if not self.frame.initializing:
            raise StructureChangedError(
                f"this call asks for {what()} at {path!r}, where init registered nothing"
                f"{closest(path, (join(self.path, other) for other in record.by_name))}. "
                "A model's structure is fixed by init: declare the same layers in every call, or init again"
            )

    def _record(self, layer: LayerRecord) -> None:
        record = self.frame.record_of(self.node)
        if record is not None and self.frame.initializing:
            record.add(layer)

    def _value(self, name: str, path: str, shape: tuple[int, ...]) -> Any:
        """Return the value of a registered variable; raise if its shape is not `shape`."""
        value = self.frame.value(self.node, name, path)
        if value is None:
            raise StructureChangedError(f"there is no variable {path!r} any more: it was removed after init")
        if tuple(value.shape) != shape:
            raise StructureChangedError(f"{path!r} has shape {tuple(value.shape)}, and this call asks for {shape}")
        return value

    def variable(
        self, name: str, shape: Any, dtype: Any, init_fn: Any, collection: str, trainable: bool, metadata: Any = None
    ) -> Any:
        """Return the value of the variable `name` of this scope; during init, create it."""
        frame, path = self.frame, join(self.path, name)
        record = frame.record_of(self.node)
        shape = shape if type(shape) is tuple else as_shape(repr(path), shape)
        dtype = None if dtype is None else dtype_name(dtype)
        variable = None if record is None else record.variables.get(name)
        if variable is not None:
            same_dtype = dtype is None or variable.dtype == dtype
            if variable.shape != shape or not same_dtype or variable.collection != collection:
                raise StructureChangedError(
                    f"{path!r} was registered by init as {variable.dtype}{list(variable.shape)} in "
                    f"{variable.collection!r}, and this call asks for {dtype or variable.dtype}{list(shape)} in "
                    f"{collection!r}: ask for the same in every call, or init again"
                )
            return self._value(name, path, shape)
        new = VariableRecord(name, shape, dtype or frame.default_dtype(), collection, trainable)
        if record is None:
            return self._value(name, path, shape)
        if not self.frame.initializing:
            raise StructureChangedError(
                f"this call asks for the variable {path!r}, which init did not register"
                f"{closest(path, (join(self.path, other) for other in record.variables))}. A model's structure is "
                "fixed by init: ask for the same variables in every call, or init again"
            )
        if name in record.by_name or name in record.reserved:
            raise ValueError(
                f"{path!r} is already the path of a layer, module or method: give the variable another name"
            )
        as_shape(repr(path), shape)  # which refuses what is none
        value = frame.create(self.node, new, path, as_initializer(init_fn))
        if metadata is not None:
            frame.metadata[path] = dict(metadata)
        record.variables[name] = new
        record.reserved.add(name)
        return value


class ReplacedScope(Scope):
    """The scope of a module in whose place the user has put a native one, which runs in place of its methods.

    The constructor may still declare layers, and the body pass them on; they raise when they are used.
    """

    __slots__ = ()

    @property
    def run(self) -> None:
        return None

    @run.setter
    def run(self, method: Any) -> None:
        """Do nothing: the native module runs in place of the method."""

    def _missing(self, name: str) -> tuple[str, StructureChangedError]:
        path = join(self.path, name)
        return path, StructureChangedError(
            f"there is no {path!r} any more: a {type(self.called).__name__} was put in the place of {self.path!r} "
            "after init, and only calls of that module itself run it"
        )

    def layer(self, cls: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        path, error = self._missing(kwargs.get("name") or cls.base_name)
        return self.frame.unregistered(cls, path, args, kwargs, error)

    def wrap(self, marker: Any, factory: Callable[[], Any], base: str) -> Any:
        path, error = self._missing(base)
        return self.frame.unregistered(marker, path, (), {}, error)

    def module(self, cls: Any, base: str) -> ModuleLocation:
        path, error = self._missing(base)
        return ModuleLocation(self.frame, path, self.frame.unregistered(cls, path, (), {}, error), base)

    def variable(
        self, name: str, shape: Any, dtype: Any, init_fn: Any, collection: str, trainable: bool, metadata: Any = None
    ) -> Any:
        raise self._missing(name)[1]
