"""`Module`, whose name depends on the methods that run where it is constructed.

A method of a module enters the module's scope. Modules and variables in it have names that begin with the module's
name, then `/` in `__call__`, `/~/` in `__init__` and `/~method/` in any other method. A repeated name gets a number.

Source: https://dm-haiku.readthedocs.io/en/latest/api.html#modules-parameters-and-state
"""

import contextlib
import functools
import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol, TypeVar

from unified.compat import jax
from unified.compat.haiku import config
from unified.compat.haiku.frame import Stack, assert_inside, current, local
from unified.compat.haiku.running import module_name_of
from unified.compat.haiku.utils import auto_repr, camel_to_snake

__all__ = ["MethodContext", "Module", "force_name", "intercept_methods", "name_like", "name_scope", "transparent"]

T = TypeVar("T")
IDENTIFIER = re.compile(r"[a-zA-Z_]\w*", re.ASCII)
NUMBERED = re.compile(r"(.*)_(0|[1-9]\d*)", re.DOTALL)
FORCED = "FORCE:"
interceptors, hooks = Stack(), Stack()


class MethodContext(NamedTuple):
    """The call of a method, as interceptors see it.

    Attributes:
        module: the module.
        method_name: the method's name.
        orig_method: the bound method; calling it skips the remaining interceptors.
        orig_class: the class that defines it.

    >>> import torch, unified.compat.haiku as hk
    >>> def forward(x):
    ...     def shown(call, args, kwargs, context):
    ...         print(context.method_name)
    ...         return call(*args, **kwargs)
    ...     with hk.intercept_methods(shown):
    ...         return hk.Bias()(x)
    >>> net = hk.transform(forward, backend="torch")
    >>> _ = net.init(0, torch.ones(1, 2))
    __init__
    __call__
    """

    module: Any
    method_name: str
    orig_method: Callable[..., Any]
    orig_class: type


def intercept_methods(interceptor: Any) -> Any:
    """Return a context manager in which a function of yours runs around each method of a module.

    Args:
        interceptor: `interceptor(next_fun, args, kwargs, context)`; it returns the method's result, mostly
            `next_fun(*args, **kwargs)`. `context` is a `MethodContext`.

    >>> import torch, unified.compat.haiku as hk
    >>> def forward(x):
    ...     def doubled(call, args, kwargs, context):
    ...         out = call(*args, **kwargs)
    ...         return 2 * out if context.method_name == "__call__" else out
    ...     with hk.intercept_methods(doubled):
    ...         return hk.Bias()(x)
    >>> net = hk.transform(forward, backend="torch")
    >>> net.apply(net.init(0, torch.ones(1, 2)), None, torch.ones(1, 2)).tolist()
    [[2.0, 2.0]]
    """
    return interceptors(interceptor)


def hook_methods(hook: Any) -> Any:
    """Return a context manager in which each call of a method runs within `hook(module, method_name)`."""
    return hooks(hook)


def _run_interceptors(method: Callable[..., Any], context: MethodContext, args: Any, kwargs: Any) -> Any:
    stack = list(interceptors.items)

    def call(index: int, args: Any, kwargs: Any) -> Any:
        if index == len(stack):
            return method(*args, **kwargs)
        return stack[index](lambda *args, **kwargs: call(index + 1, args, kwargs), args, kwargs, context)

    return call(0, args, kwargs)


def _run_with_hooks(method: Any, name: str, owner: Any, module: Any, args: Any, kwargs: Any) -> Any:
    """Run a method within hooks and interceptors, under its name in the framework's traces."""
    with contextlib.ExitStack() as block:
        for hook in hooks.items:
            block.enter_context(hook(module, name))
        module_name = getattr(module, "module_name", None)
        if module_name:
            block.enter_context(jax.named_scope(module_name.rpartition("/")[2]))
            if name != "__call__":
                block.enter_context(jax.named_scope(name))
        if not interceptors.items:
            return method(module, *args, **kwargs)
        bound = functools.partial(method, module)
        return _run_interceptors(
            bound, MethodContext(module, name, bound, type(module) if owner is None else owner()), args, kwargs
        )


def wrap_method(name: str, method: Any, owner: Callable[[], type] | None) -> Any:
    """Return `method` wrapped to enter the scope of its module and to run interceptors."""
    if not getattr(method, "_apply_name_scope", True):
        return method
    scope_method = getattr(method, "_custom_name", name)

    @functools.wraps(method)
    def wrapped(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not local.frames:
            raise ValueError(
                f"{type(self).__name__}.{name} was called, and no transform is running. Modules keep their variables "
                "in one: they are initialized inside an `hk.transform`, by the function that it takes"
            )
        frame = local.frames[-1]
        frame.enter_call(self, scope_method, name == "__init__")
        try:
            if frame.labelled or interceptors.items or hooks.items:
                out = _run_with_hooks(method, name, owner, self, args, kwargs)
            else:
                out = method(self, *args, **kwargs)
            module_name = getattr(self, "module_name", None)
            if module_name is not None:
                for call in frame.calls:
                    if call.module is not self:
                        call.module._submodules.add(module_name)
        finally:
            frame.calls.pop()
        return out

    return wrapped


def wrap_init(init: Any) -> Any:
    """Return `__init__` wrapped to enter the scope of its module, unless a subclass's `__init__` has entered it."""
    outermost = wrap_method("__init__", init, None)

    @functools.wraps(init)
    def wrapped(self: Any, *args: Any, **kwargs: Any) -> None:
        calls = local.frames[-1].calls if local.frames else ()
        if calls and calls[-1].module is self and calls[-1].constructs:
            return init(self, *args, **kwargs)
        return outermost(self, *args, **kwargs)

    wrapped._enters = True  # type: ignore[attr-defined]
    return wrapped


def _module_repr(module: Any) -> str:
    """Return the call that constructs a module; computed late, since it takes longer than the constructor."""
    if module._constructor_args is None:
        return object.__repr__(module)
    args, kwargs = module._constructor_args
    return auto_repr(type(module), *args, **kwargs)


class ModuleMetaclass(type(Protocol)):  # type: ignore[misc]
    """A metaclass that wraps methods; it derives from `Protocol`'s, so that bases can be protocols and generics."""

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> Any:
        classes: list[Any] = []

        def owner() -> Any:
            return classes[0]

        methods = []
        for key, value in namespace.items():
            if key in ("module_name", "__init__") or (key.startswith("__") and key != "__call__"):
                continue
            if isinstance(value, property):
                get, put, delete = (
                    part and wrap_method(key, part, owner) for part in (value.fget, value.fset, value.fdel)
                )
                namespace[key] = property(get, put, delete, value.__doc__)
            elif inspect.isfunction(value):
                methods.append(key)
        namespace.setdefault("_is_protocol", False)
        namespace.setdefault("__repr__", _module_repr)
        cls = super().__new__(mcs, name, bases, namespace)
        classes.append(cls)
        for key in methods:
            type.__setattr__(cls, key, wrap_method(key, getattr(cls, key), owner))
        if "__init__" in namespace:
            setattr(cls, "__init__", namespace["__init__"])  # noqa: B010
        return cls

    def __setattr__(cls, name: str, value: Any) -> None:
        if name == "__init__" and not hasattr(value, "_enters"):  # also `dataclass`'s
            value = wrap_init(value)
        super().__setattr__(name, value)

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        module = cls.__new__(cls, *args, **kwargs)
        keeps_args = config.get("module_auto_repr") and getattr(module, "AUTO_REPR", True)
        object.__setattr__(module, "_constructor_args", (args, kwargs) if keeps_args else None)
        cls.__init__(module, *args, **kwargs)  # type: ignore[misc]
        if not hasattr(module, "module_name"):
            raise ValueError(
                f"{cls.__name__}.__init__ did not call that of hk.Module, which gives the module its name: begin it "
                "with `super().__init__(name=name)`"
            )
        return module

    @property
    def __signature__(cls) -> inspect.Signature:
        signature = inspect.signature(cls.__init__)  # type: ignore[misc]
        return signature.replace(parameters=tuple(signature.parameters.values())[1:])


def name_and_number(name: str) -> tuple[str, int | None]:
    """Return a name and the number at its end: `("linear", 3)` for `linear_3`."""
    match = NUMBERED.fullmatch(name)
    return (name, None) if match is None or not match[1] else (match[1], int(match[2]))


def _unique_name(name: str) -> str:
    """Return the full name of a module under construction, with a number if the name is in use."""
    frame = current()
    if len(frame.calls) > 1:
        outer = frame.calls[-2]
        if outer.method == "__init__":
            name = f"~/{name}"
        elif outer.method != "__call__":
            name = f"~{outer.method}/{name}"
        name = f"{module_name_of(outer.module)}/{name}"
    base, number = name_and_number(name)
    if number is None:
        number = frame.naming()[0][base]
        name = f"{base}_{number}" if number else base
    _reserve(name, unique=True)
    return name


def _reserve(name: str, *, unique: bool) -> None:
    counters, names = current().naming()
    if unique and name in names:
        raise ValueError(
            f"Module name '{name}' is not unique: another module here has it. Leave the number out for the next that "
            "is free, or choose another name"
        )
    names.add(name)
    base, number = name_and_number(name)
    counters[base] = max(counters[base], (number or 0) + 1)


def _check(component: str, name: str, tilde: bool = False) -> None:
    if tilde and component.startswith("~"):
        component = component[1:]
        if not component:
            return
    if not IDENTIFIER.fullmatch(component):
        raise ValueError(
            f"'{name}' is not a valid module name: a name has ASCII letters, digits and _ only, and no digit in front"
        )


def force_name(name: str) -> str:
    """Return a `name=` that is the module's whole name in any scope; modules of the same name share variables.

    Args:
        name: the name.

    >>> import torch, unified.compat.haiku as hk
    >>> def forward(x):
    ...     with hk.name_scope("outer"):
    ...         return hk.Linear(2, name=hk.force_name("shared"))(x)
    >>> net = hk.transform(forward, backend="torch")
    >>> list(net.init(0, torch.ones(1, 3)))
    ['shared']
    """
    return f"{FORCED}{name}"


class Module(metaclass=ModuleMetaclass):
    """A container of variables and modules, constructed and called within a transform.

    >>> import unified.compat.haiku as hk
    >>> class Scale(hk.Module):
    ...     def __call__(self, x):
    ...         return x * hk.get_parameter("scale", x.shape[-1:], init=hk.initializers.Constant(2.0))
    >>> net = hk.without_apply_rng(hk.transform(lambda x: Scale()(x)))

    Args:
        name: a Python identifier; by default the class name in snake case.
    """

    def __init__(self, name: str | None = None) -> None:
        if name is None:
            name = getattr(self, "name", None)
        if name is None:
            name = camel_to_snake(type(self).__name__)
        if name.startswith(FORCED):
            name = name[len(FORCED) :]
            for component in name.split("/"):
                _check(component, name, tilde=True)
            _reserve(name, unique=False)
        else:
            _check(name, name)
            name = _unique_name(name)
        self._submodules: set[str] = set()
        self.module_name = name
        self.name = name.rpartition("/")[2]
        self._frame_number = current().number

    def __post_init__(self, name: str | None = None) -> None:
        Module.__init__(self, name)

    def params_dict(self) -> Mapping[str, Any]:
        """Return the parameters of this module and its submodules, by path."""
        return _variables_below(self, "params")

    def state_dict(self) -> Mapping[str, Any]:
        """Return the state of this module and its submodules, by path."""
        return _variables_below(self, "state")


def _variables_below(module: Any, which: str) -> Mapping[str, Any]:
    variables = {}
    for owner, bundle in getattr(current(), which).items():
        if owner == module.module_name or owner.startswith(f"{module.module_name}/") or owner in module._submodules:
            for name, value in bundle.items():
                variables[f"{owner}/{name}"] = value.current if which == "state" else value
    return variables


def transparent(method: T) -> T:
    """Mark a method to create its modules and variables in the scope of its caller.

    Args:
        method: a method of a module.

    Returns:
        The method.

    >>> import torch, unified.compat.haiku as hk
    >>> class Outer(hk.Module):
    ...     @hk.transparent
    ...     def __call__(self, x):
    ...         return hk.Linear(2)(x)
    >>> list(hk.transform(lambda x: Outer()(x), backend="torch").init(0, torch.ones(1, 3)))
    ['linear']
    """
    method._apply_name_scope = False  # type: ignore[attr-defined]
    return method


def name_like(method_name: str) -> Callable[[T], T]:
    """Return a decorator of methods whose modules are named as those of the method `method_name`.

    Args:
        method_name: the other method, such as `"__call__"`.

    >>> import torch, unified.compat.haiku as hk
    >>> class Encoder(hk.Module):
    ...     @hk.name_like("__call__")
    ...     def encode(self, x):
    ...         return hk.Linear(2)(x)
    >>> list(hk.transform(lambda x: Encoder().encode(x), backend="torch").init(0, torch.ones(1, 3)))
    ['encoder/linear']
    """

    def decorate(method: T) -> T:
        method._custom_name = method_name  # type: ignore[attr-defined]
        return method

    return decorate


class NameScopeModule(Module):
    """The module of a name scope."""


class NameScope:
    """A context manager, entered once, that puts a name before those of the modules and variables in its block."""

    def __init__(self, name: str, method_name: str) -> None:
        if not name or name.startswith("/"):
            raise ValueError(
                f"got the name {name!r}. Name scopes must not start with / or be empty: names go on from the scopes "
                "around"
            )
        frame = current()
        with contextlib.ExitStack() as block:
            for part in [name] if name.startswith(FORCED) else name.split("/"):
                module = NameScopeModule(name=part)
                block.enter_context(frame.within_call(module, method_name))
        self.module, self.method = module, method_name
        self.block: Any = None
        self.used = False

    def __enter__(self) -> None:
        if self.used:
            raise ValueError(
                f"this name_scope is not reusable, and {self.module.module_name!r} "
                f"{'was' if self.block is None else 'is'} entered already: call hk.name_scope for each `with`"
            )
        self.used = True
        self.block = current().within_call(self.module, self.method)
        self.block.__enter__()

    def __exit__(self, *error: Any) -> Any:
        block, self.block = self.block, None
        return block.__exit__(*error)


def name_scope(name: str, *, method_name: str = "__call__") -> Any:
    """Return a context manager whose modules, parameters and state are named as in a module of this name.

    Args:
        name: the name, or several joined by `/`.
        method_name: the method that the block is named like.

    >>> import torch, unified.compat.haiku as hk
    >>> def forward(x):
    ...     with hk.name_scope("part"):
    ...         return hk.Linear(2)(x)
    >>> net = hk.transform(forward, backend="torch")
    >>> list(net.init(0, torch.ones(1, 3)))
    ['part/linear']
    """
    assert_inside("name_scope")
    return NameScope(name, method_name)
