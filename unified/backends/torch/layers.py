"""Construction of `torch.nn` layers from their declarations, without torch's own random initialisation."""

import functools
from collections import OrderedDict
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from unified.backends.torch import portable
from unified.backends.torch.body_function import BodyFunction
from unified.backends.torch.prng import to_torch_dtype
from unified.backends.torch.reparametrized import SpectralNormed, WeightNormed
from unified.backends.torch.ties import tied_class
from unified.core.layer import Layer
from unified.core.module import Module
from unified.core.scope import current
from unified.core.subclass import build, mixed_class, once_per_class

__all__ = ["construct", "initialize", "make_portable", "make_portable_one", "native_class", "redefine"]


PADDINGS = frozenset({str, tuple, list})  # the types of a padding by name or in pairs, among others
OWN: dict[str, type[nn.Module]] = {  # which torch does not have
    "BodyFunction": BodyFunction,
    "SpectralNormed": SpectralNormed,
    "WeightNormed": WeightNormed,
}


def native_class(cls: type[Layer], is_portable: bool, args: tuple[Any, ...], kwargs: dict[str, Any]) -> type[nn.Module]:
    """Return the `torch.nn` class that computes `cls`; for a user's subclass, a class that derives from both.

    For arguments that torch's class does not take, it is one that derives from it (`options`).
    """
    name = cls._declaration.native_name
    base = (portable.LAYERS.get(name) if is_portable else None) or OWN.get(name) or getattr(nn, name)
    return _with_options(cls, base, args, kwargs) if cls is cls._declaration else _mixed_class(cls, base)


def _with_options(
    cls: type[Layer], base: type[nn.Module], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> type[nn.Module]:
    """Return the class that has the options among a layer's arguments; `base` itself if there are none."""
    if not cls.own_options:
        return base
    if base is not nn.SyncBatchNorm:
        # Most layers have numbers alone, and are not bound to the names of arguments a second time.
        has_names = any(name in kwargs for name in cls.own_options)
        if not has_names and not any(type(value) in PADDINGS for value in (*args, *kwargs.values())):
            return base
        if not cls._declaration.uses_options(cls.spec(args, kwargs).arguments):
            return base
    from unified.backends.torch import options  # few models need it

    return options.LAYERS[base]


@once_per_class
def _mixed_class(cls: type[Layer], base: type[nn.Module]) -> type[nn.Module]:
    """Return a class with the methods of the user's `cls`, whose `super()` is the `torch.nn` class `base`."""

    class Recorded(base):  # type: ignore[misc,valid-type]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            self.__dict__["_spec"] = cls.spec(args, kwargs)
            native = _with_options(cls, base, args, kwargs)  # known only now: a subclass has arguments of its own
            if native is not base:
                self.__class__ = _mixed_class(cls, native)
            earlier = dict(self._modules)  # layers that were built before, which the constructor forgets
            initialize(cls, self, native.__init__, args, kwargs)
            if earlier:
                modules = {**earlier, **self._modules}
                self._modules.clear()
                self._modules.update(modules)

        def __setattr__(self, name: str, value: Any) -> None:
            scope: Any = current.scope
            reference = None if scope is None else _reference(self, value, scope.frame)
            if reference is None:
                super().__setattr__(name, value)
            else:
                self.__dict__.setdefault("_references", {})[name] = reference

        def __getattr__(self, name: str) -> Any:
            references = self.__dict__.get("_references", {})
            # Outside of a body, torch looks submodules up by their names.
            if name in references and (current.scope is not None or name not in self._modules):
                reference = references[name]
                return _follow(self, reference) if type(reference) is tuple else reference
            return super().__getattr__(name)

    def __reduce_ex__(self: Any, protocol: Any) -> Any:
        return _empty, (cls, base), self.__getstate__() if hasattr(self, "__getstate__") else self.__dict__

    return mixed_class(cls, Recorded, lambda layer: layer, __reduce_ex__=__reduce_ex__, _native_base=base)


def _reference(module: nn.Module, value: Any, frame: Any) -> Any:
    """Return what an attribute of `module` keeps of a layer or module of the model, which has its name already.

    The names that lead to a layer within `module`; a layer from elsewhere, and a module of the body, as they are.
    `None` for any other value.
    """
    if isinstance(value, Module):
        return value
    for name, child in module._modules.items():
        if child is value and value is not None:
            return (name,)
    path, prefix = frame.path_of(value), f"{module._path}/"
    if path is None:
        return None
    return tuple(path.removeprefix(prefix).split("/")) if path.startswith(prefix) else value


def _follow(module: Any, names: tuple[str, ...]) -> Any:
    """Return the module at these names below `module`."""
    for name in names:
        module = module._modules[name]
    return module


def redefine(module: nn.Module, cls: type[Layer]) -> nn.Module:
    """Give a layer the methods of `cls`, a new definition of its class; a layer that replaces it stays as it is."""
    base = getattr(type(module), "_native_base", None)
    if base is not None:
        mixed = _mixed_class(cls, base)
        module.__class__ = tied_class(mixed) if "_ties" in module.__dict__ else mixed
    return module


def _empty(cls: type[Layer], base: type[nn.Module]) -> nn.Module:
    """Return an instance of a mixed class without state, for copies and pickles."""
    return object.__new__(_mixed_class(cls, base))


class NoInit(TorchFunctionMode):
    """A mode that leaves new parameters unfilled, for layers that fill them in more than one method."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func in FILLS:
            return args[0] if args else kwargs["tensor"]
        return func(*args, **kwargs)


FILLS = frozenset(
    {getattr(torch.Tensor, name) for name in ("uniform_", "normal_", "fill_", "zero_")}
    | {getattr(nn.init, name) for name in nn.init.__all__ if name.endswith("_")}
)


def _keep_uninitialized() -> None:
    """Do nothing, in place of `reset_parameters` while a layer is constructed."""


def make_portable(module: nn.Module, path: str) -> None:
    """Let the random layers within `module` draw the same numbers as on every backend."""
    for name, inner in module.named_modules():
        make_portable_one(inner, f"{path}/{name.replace('.', '/')}" if name else path)


def make_portable_one(module: nn.Module, path: str) -> None:
    """Let a layer of torch, if it is random, draw the same numbers as on every backend, by its path."""
    kind = vars(type(module)).get("portable_class")  # of a layer with options
    if kind is None:
        name = type(module).__name__
        kind = portable.LAYERS.get(name)
        if kind is None or type(module) not in (kind, getattr(nn, name)):
            return
    module.__class__ = kind
    module.__dict__["_path"] = path


@functools.cache
def _dtype_position(declaration: type[Layer]) -> int | None:
    """Return the position of the argument `dtype` of a layer; `None` if it has none."""
    names = list(declaration.own_signature.parameters)
    return names.index("dtype") if "dtype" in names else None


def _native_arguments(
    cls: type[Layer], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return a layer's arguments as the class of `torch.nn` takes them: with torch's own dtype, and no options."""
    if kwargs.get("dtype") is not None:
        kwargs = {**kwargs, "dtype": to_torch_dtype(kwargs["dtype"])}
    if cls.own_options and kwargs:
        parameters = cls._declaration.own_signature.parameters
        default = [name for name in cls.own_options if name in kwargs and kwargs[name] == parameters[name].default]
        kwargs = {name: value for name, value in kwargs.items() if name not in default}
    position = _dtype_position(cls._declaration) if len(args) > 2 else None  # no layer has it earlier
    if position is not None and len(args) > position and args[position] is not None:
        args = (*args[:position], to_torch_dtype(args[position]), *args[position + 1 :])
    return args, kwargs


def construct(
    cls: type[Layer], native: Any, args: tuple[Any, ...], kwargs: dict[str, Any], place: Any = None
) -> nn.Module:
    """Return `native(*args, **kwargs)` with unfilled parameters.

    For a user's subclass `place(module)` puts the new module into the model, before its constructor builds layers.
    """
    if cls is cls._declaration:
        if cls.compound:
            args = tuple(OrderedDict(arg) if type(arg) is dict else arg for arg in args)  # nn.Sequential takes no dict
        module = object.__new__(native)
        initialize(cls, module, native.__init__, args, kwargs)
    else:
        module = object.__new__(native)
        nn.Module.__init__(module)
        place(module)
        # Past the mixed class, whose __init__ does nothing.
        build(module, module, functools.partial(super(native, module).__init__, *args, **kwargs))
    if module.__dict__.get("inplace"):
        module.inplace = False  # to overwrite an input would give other results than on JAX
    return module


def initialize(cls: type[Layer], module: Any, init: Any, args: Any, kwargs: dict[str, Any]) -> None:
    """Run the constructor `init` of a `torch.nn` class on `module`, without its random values."""
    args, kwargs = _native_arguments(cls, args, kwargs)
    if cls.compound:
        with NoInit():
            init(module, *args, **kwargs)
        return
    module.__dict__["reset_parameters"] = _keep_uninitialized
    init(module, *args, **kwargs)
    del module.__dict__["reset_parameters"]
