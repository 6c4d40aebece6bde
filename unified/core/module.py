"""`Module`: a group of layers with a name, as a plain Python class.

A scope is entered when a method runs: `__call__` is the module's own path, another public method `m` is `<path>/m`,
a method whose name starts with an underscore runs in its caller's scope. What `__init__` builds sits directly under
the module's path. A module takes its name when it is built, from the scope that it is built in, and keeps it: called
twice, or through another module, it is the same module.
"""

import functools
import inspect
from collections.abc import Callable
from types import FunctionType
from typing import Any, ClassVar, Self

from unified.core.fields import field_names, refuse_changes, snapshot
from unified.core.location import ModuleLocation
from unified.core.naming import name_or_number, snake_case
from unified.core.record import NOT_RECORDED, LayerPlaceholder, freeze
from unified.core.scope import Scope, current, current_scope
from unified.core.signatures import ConstructorSignature

__all__ = ["Module", "recorded_arguments"]

_set_field = object.__setattr__  # also of frozen dataclasses


class DeferredScope:
    """The scope of a module whose `__init__` may still choose the module's name.

    The first use resolves the name; from then on the module's own scope takes over.
    """

    __slots__ = ("frame", "outer", "owner", "scope")

    method = "__init__"
    recording = NOT_RECORDED
    cursor = 0

    def __init__(self, owner: "Module", outer: Scope) -> None:
        self.owner = owner
        self.outer = outer
        self.frame = outer.frame
        self.scope: Scope | None = None

    @property
    def functional(self) -> Any:
        return self.frame.functional

    def resolve(self, name: str | None = None) -> Scope:
        if self.scope is None:
            base = self.owner._base_name if name is None else self.owner._check_name(name)
            _set_field(self.owner, "_location", self.outer.module(type(self.owner), base))
            self.scope = self.outer.enter(self.owner, "__init__")
        elif name is not None and self.owner._check_name(name) != self.owner._location.base:
            raise ValueError(
                f"{self.owner._location.path!r} has its name already, and cannot be named {name!r}: give a module its "
                "name once, by name= or by super().__init__(name=...) before it builds a layer"
            )
        return self.scope

    def layer(self, cls: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        current.scope = self.resolve()
        try:
            return cls(*args, **kwargs)  # which replays the recording of that scope
        finally:
            current.scope = self  # type: ignore[assignment]

    def wrap(self, marker: Any, factory: Callable[[], Any], base: str) -> Any:
        return self.resolve().wrap(marker, factory, base)

    def module(self, cls: Any, base: str) -> ModuleLocation:
        return self.resolve().module(cls, base)

    def variable(self, *description: Any) -> Any:
        return self.resolve().variable(*description)

    def enter(self, owner: Any, method: str) -> Scope:
        if owner is self.owner:
            self.resolve()
        return self.outer.enter(owner, method)

    @property
    def path(self) -> str:
        return self.resolve().path

    @property
    def node(self) -> Any:
        return self.resolve().node


class Module:
    """Base class for a group of layers.

    Subclasses need no `super().__init__()`. `name=` gives an instance a name of its own (the default is the class
    name in snake case) or a number, as the modules of an `nn.ModuleList` have, and `init_fn=` is called with the
    instance at the end of its construction during init. Type checkers know of these where `__init__` has them as
    parameters.

    ```python
    class Block(u.Module):
        def __init__(self, width):
            self.width = width

        def __call__(self, x):                      # (..., features) -> (..., features)
            h = F.gelu(u.Linear(x.shape[-1], self.width)(x))
            return x + u.Linear(self.width, x.shape[-1])(h)
    ```
    """

    __signature__: ClassVar[Any] = ConstructorSignature(name=str | int | None, init_fn=Callable[[Any], Any] | None)
    _base_name: ClassVar[str] = "module"
    _is_checked: ClassVar[bool] = False  # whether the constructor is known to run in the module's scope
    _location: ModuleLocation

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._base_name = snake_case(cls.__name__)
        cls._is_checked = False
        if "__init__" in cls.__dict__:
            cls.__init__ = _building(cls.__dict__["__init__"])  # type: ignore[method-assign]
        for name, method in _own_methods(cls).items():
            setattr(cls, name, _entering(name, method))

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        if not cls._is_checked:
            current_scope(cls.__name__)
            if not hasattr(cls.__init__, "_builds"):  # @dataclass wrote one after the class was made
                cls.__init__ = _building(cls.__init__)  # type: ignore[method-assign]
            cls._is_checked = True
        return object.__new__(cls)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return (_empty, (type(self),), *super().__reduce_ex__(2)[2:])

    def __init__(self, name: str | int | None = None, init_fn: Callable[[Any], Any] | None = None) -> None:
        scope: Any = current.scope  # a DeferredScope: `_building` has set it
        if name is not None:
            scope.resolve(name)
        if init_fn is not None and scope.frame.initializing:
            with scope.frame.customizing():
                init_fn(self)

    @staticmethod
    def _check_name(name: object) -> str:
        return name_or_number(name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        name = type(self).__name__
        hint = ", which runs when the module is called: rename forward" if hasattr(self, "forward") else ""
        raise NotImplementedError(f"{name} must implement __call__{hint}")


def _empty(cls: type) -> Any:
    """Return an instance without state, for the copies and pickles of layers that refer to modules."""
    return object.__new__(cls)


def _own_methods(cls: type) -> dict[str, FunctionType]:
    """Return the public methods that `cls` adds to its bases: those it defines, and those of other mixins.

    A generator function is left out: it runs when it is iterated, in whichever scope that happens.
    """
    methods: dict[str, FunctionType] = {}
    for base in reversed(cls.__mro__):
        if base is object or (issubclass(base, Module) and base is not cls):
            continue
        for name, member in vars(base).items():
            public = isinstance(member, FunctionType) and (name == "__call__" or not name.startswith("_"))
            if public and not inspect.isgeneratorfunction(member) and getattr(cls, name) is member:
                methods[name] = member
    return methods


def _accepts(fn: Callable[..., Any], argument: str) -> bool:
    parameters = inspect.signature(fn).parameters
    return argument in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values())


def _building(fn: Callable[..., None]) -> Callable[..., None]:
    """Wrap `__init__` so that it runs in the scope of the module that it builds."""
    takes_name, takes_init_fn = _accepts(fn, "name"), _accepts(fn, "init_fn")
    is_default = fn.__qualname__ == "Module.__init__" and fn.__module__ == __name__

    @functools.wraps(fn)
    def __init__(self: Module, *args: Any, **kwargs: Any) -> None:
        outer: Any = current.scope
        if outer is None:
            current_scope(type(self).__name__)
        if outer.owner is self and outer.method == "__init__":  # called by a subclass's __init__
            fn(self, *args, **kwargs)
            return
        if is_default and not (args or kwargs or outer.frame.initializing):
            _set_field(self, "_location", outer.module(type(self), self._base_name))
            return
        deferred: Any = DeferredScope(self, outer)
        name = kwargs.get("name") if takes_name else kwargs.pop("name", None)
        init_fn = None if takes_init_fn else kwargs.pop("init_fn", None)
        if name is not None:
            deferred.resolve(name)
        current.scope = deferred
        try:
            fn(self, *args, **kwargs)
            if deferred.scope is None and not deferred.frame.initializing:  # it has built nothing
                _set_field(self, "_location", outer.module(type(self), self._base_name))
                self._location.arguments = args, kwargs
                return
            scope, location = deferred.resolve(), self._location
            location.cursor, location.names, location.arguments = scope.cursor, scope.names, (args, kwargs)
            if scope.frame.initializing:
                _write_down(self, fn, args, kwargs)
                _set_field(self, "_constructed", field_names(self))
            if init_fn is not None and scope.frame.initializing:
                with scope.frame.customizing():
                    init_fn(self)
        finally:
            current.scope = outer

    __init__._builds = True  # type: ignore[attr-defined]
    return __init__


def _write_down(module: Module, init: Callable[..., None], args: Any, kwargs: Any) -> None:
    """Record the constructor's arguments of a module, and the paths of those that are modules or layers."""
    location = module._location
    record = location.frame.record_of(location.node)
    if record is not None:
        record.arguments, record.references = recorded_arguments(module, init, args, kwargs)


def recorded_arguments(module: Module, init: Any, args: Any, kwargs: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """Return a constructor's arguments as `ScopeRecord` keeps them, and the paths of modules and layers among them."""
    location = module._location
    arguments: dict[str, Any] = {}
    references: dict[str, str] = {}
    for name, value in inspect.signature(init).bind(module, *args, **kwargs).arguments.items():
        if value is module or name in ("name", "init_fn"):
            continue
        inner = getattr(value, "_location", None) if isinstance(value, Module) else None
        path = location.frame.path_of(value) if inner is None else inner.path
        if path is not None:
            references[name] = path
        arguments[name] = LayerPlaceholder() if path is not None else freeze(value)
    return arguments, references


def _replayed(module: Module) -> Scope:
    """Return a scope in which a module runs again after its call has ended, for torch.utils.checkpoint."""
    location = getattr(module, "_location", None)
    if location is None or not location.frame.replays:
        return current_scope(type(module).__name__)
    return Scope(location.frame, location.frame.root, "")


def _entering(name: str, fn: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a public method so that it runs in its scope of the module."""

    @functools.wraps(fn)
    def method(self: Module, *args: Any, **kwargs: Any) -> Any:
        before: Any = current.scope
        outer = _replayed(self) if before is None else before
        if outer.owner is self and outer.method == name and getattr(type(self), name) is not method:
            return fn(self, *args, **kwargs)  # by super(): goes on in the same scope
        current.scope = scope = outer.enter(self, name)
        frame = outer.frame
        fields = None
        if frame.initializing:
            frame.first_calls.setdefault(scope.path)
            fields = snapshot(self)
        try:
            if frame.calls_nodes:
                scope.run = fn
                output = scope.called(*args, **kwargs)
            else:
                output = fn(self, *args, **kwargs)
        finally:
            current.scope = before
        if fields is not None:
            refuse_changes(self._location.path, self, name, fields)
        if frame.recorder is not None and name == "__call__":
            frame.recorder.record_call(self._location.path, args, output)
        return output

    return method


Module.__init__ = _building(Module.__init__)  # type: ignore[method-assign]
