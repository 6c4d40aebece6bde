"""Users' classes of `unified.nn` joined with classes of `torch.nn`: their objects are modules of torch."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from unified.backends.torch import layers, options
from unified.backends.torch.embedding import Embedding
from unified.backends.torch.objects import calls, completion
from unified.backends.torch.objects.lazy import LazyLayer
from unified.backends.torch.objects.pending import Pending, PendingBuffer, suspend
from unified.backends.torch.objects.portable import portable_class
from unified.core.layer import Spec
from unified.core.pending import PendingVariable, by_variable, pending_variables
from unified.core.subclass import once_per_class
from unified.nn.construction import current
from unified.nn.members import converted, refuse_foreign
from unified.nn.twin import Twin
from unified.nn.variable import Variable

__all__ = ["TorchObject", "construct", "make_layer", "native_base"]


class TorchObject(nn.Module):
    """What a user's module has besides the methods of `torch.nn.Module`."""

    def __setattr__(self, name: str, value: Any) -> None:
        kind = type(value)
        if kind is PendingBuffer:
            set_buffer(self, name, value, value.pending)
            return
        if kind is Variable:  # which a user declared where no constructor ran
            tensor = calls.settled_at(self, name, value)
            if isinstance(tensor, nn.Parameter):
                super().__setattr__(name, tensor)
            else:
                set_buffer(self, name, tensor, value.pending)
            return
        if name in self.__dict__.get("_collections", ()):
            value = torch.as_tensor(value, dtype=self._buffers[name].dtype, device=self._buffers[name].device)  # type: ignore[union-attr]
            self._buffers[name] = value.detach()
            return
        if kind in (list, tuple, dict):
            refuse_foreign(type(self).__name__, name, value, "torch")
            value = converted(type(self).__name__, name, value)
        if isinstance(value, Twin):
            refuse_foreign(type(self).__name__, name, value, "torch")
        construction = current.construction
        if construction is not None and isinstance(value, nn.Module) and any(value is m for m in construction.running):
            object.__setattr__(self, name, value)  # a module around this one: a reference, and no part
            return
        super().__setattr__(name, value)

    def register_buffer(self, name: str, tensor: Any, persistent: bool = True) -> None:
        if type(tensor) is PendingBuffer:
            set_buffer(self, name, tensor, tensor.pending, persistent)
            return
        if tensor is not None and not isinstance(tensor, torch.Tensor):
            tensor = calls.as_tensor(tensor)
        super().register_buffer(name, tensor, persistent)

    def apply(self, params: Any, /, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override]
        """Call the module purely over `params`: `(output, changes)`; with a function, `torch.nn.Module.apply`."""
        if callable(params) and not isinstance(params, Mapping):
            return completion.apply_function(self, params)
        return calls.apply(self, params, *args, **kwargs)

    def __prepare_scriptable__(self) -> nn.Module:
        from unified.backends.torch.objects.script import scriptable

        return scriptable(self)

    params = property(calls.params_of)
    load_params = calls.load_params
    sow = calls.sow


def set_buffer(
    module: nn.Module, name: str, tensor: torch.Tensor, pending: PendingVariable, persistent: bool = True
) -> None:
    """Register a buffer that a user declared, with its collection."""
    persistent = persistent and pending.metadata.get("persistent", True)
    nn.Module.register_buffer(module, name, tensor, persistent)
    if pending.collection != "state":
        module.__dict__.setdefault("_collections", {})[name] = pending.collection


def native_base(cls: Any) -> type[nn.Module]:
    """Return the class of `torch.nn` that a class of `unified.nn` stands for."""
    declaration = getattr(cls, "_declaration", None)
    if declaration is not None:
        base: type[nn.Module] = getattr(nn, declaration.native_name)
        if base is nn.Embedding:
            return Embedding
        return options.LAYERS[base] if base is nn.SyncBatchNorm else base
    return getattr(nn, getattr(cls, "native_name", "") or "Module")


@once_per_class
def torch_class(cls: Any) -> type[nn.Module]:
    """Return the class of a user's objects: theirs, then `TorchObject`, then the class of `torch.nn`."""
    base = native_base(cls)

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        """Make what the class of `torch.nn` makes; a plain module has been made already."""
        if base is not nn.Module:
            initialize(self, cls, base, args, kwargs)
        elif args or kwargs:
            raise TypeError(f"{cls.__name__}.__init__() reaches nn.Module, which takes no arguments, with some left")

    kind = type(cls)
    bases = (TorchObject,) if base is nn.Module else (TorchObject, base)
    last = kind(base.__name__, bases, {"__init__": __init__, "__module__": __name__})
    members = {"__module__": cls.__module__, "__qualname__": cls.__qualname__, "__doc__": cls.__dict__.get("__doc__")}
    members |= {"_user_class": cls, "__reduce_ex__": _reduce, "__call__": nn.Module.__call__}
    if not any("forward" in part.__dict__ for part in cls.__mro__):
        body = next((part.__dict__["__call__"] for part in cls.__mro__[:-1] if "__call__" in part.__dict__), None)
        if body is not None:
            members["forward"] = body
    return kind(cls.__name__, (cls, last), members)


def _reduce(self: Any, protocol: Any) -> Any:
    kind: Any = type(self)
    state = self.__getstate__() if hasattr(self, "__getstate__") else self.__dict__
    return _empty, (kind._user_class, getattr(kind, "_is_portable", False)), state


def _empty(cls: Any, is_portable: bool) -> nn.Module:
    """Return an object without state, for copies and pickles."""
    kind = torch_class(cls)
    return object.__new__(portable_class(cls, kind) if is_portable else kind)


def construct(cls: Any, construction: Any, args: Any, kwargs: Any) -> Any:
    """Return an object of a class of `unified.nn`, whose variables have no values yet."""
    if "native_name" in cls.__dict__:
        return make_layer(cls, args, kwargs)
    module: Any = object.__new__(torch_class(cls))
    nn.Module.__init__(module)
    construction.running.append(module)
    try:
        module.__init__(*args, **kwargs)
    finally:
        construction.running.pop()
    return module


def make_layer(cls: Any, args: Any, kwargs: Any) -> nn.Module:
    """Return a layer or container of torch itself."""
    base = native_base(cls)
    if getattr(cls, "_declaration", None) is not None:
        spec = _spec_of(cls._declaration, args, kwargs)
        if spec.is_lazy:
            return LazyLayer(spec, kwargs.get("init_fn"))
        if base is not Embedding:
            base = layers.native_class(spec.declaration, False, (), spec.arguments)
    module = object.__new__(base)
    initialize(module, cls, base, args, kwargs)
    return module


def _spec_of(declaration: Any, args: Any, kwargs: dict[str, Any]) -> Spec:
    """Return what a layer is made of."""
    kwargs = {name: value for name, value in kwargs.items() if name not in ("init_fn", "metadata", "name")}
    if declaration.takes_layers:
        args, kwargs = _with_specs(args), _with_specs(kwargs)
    spec: Spec = declaration.spec(args, kwargs)
    return spec


def initialize(module: Any, cls: Any, base: Any, args: Any, kwargs: dict[str, Any]) -> None:
    """Run the constructor of a class of `torch.nn` on `module`, and leave its variables without values."""
    declaration = getattr(cls, "_declaration", None)
    if declaration is None:  # a container
        base.__init__(module, *args, **kwargs)
        return
    if "name" in kwargs:
        raise TypeError(
            f"nn.{declaration.__name__} takes no name: its name is that of the attribute that it is assigned to"
        )
    spec = _spec_of(declaration, args, kwargs).with_initializers(kwargs.get("init_fn"))
    pending = pending_variables(spec)
    for name, notes in by_variable(kwargs.get("metadata")).items():
        if name not in pending:
            raise ValueError(f"metadata was passed for {name!r}, and the layer has {sorted(pending)}")
        pending[name] = replace(pending[name], metadata=notes)
    kwargs = {name: value for name, value in kwargs.items() if name not in ("init_fn", "metadata")}
    if spec.declaration.uses_options(spec.arguments) and base not in options.LAYERS.values():
        raise TypeError(
            f"{cls.__name__} derives from nn.{declaration.__name__}, and torch's class takes none of the options "
            f"{', '.join(declaration.own_options)} and no padding in pairs or by XLA's names: write a module that has "
            f"an nn.{declaration.__name__} with them"
        )
    layers.initialize(declaration, module, base.__init__, args, kwargs)
    if module.__dict__.get("inplace"):
        module.inplace = False  # to overwrite an input would give other results than on JAX
    for inner in module.modules():
        for name, tensor in inner._buffers.items():
            if tensor is not None and not isinstance(tensor, Pending):
                inner._buffers[name] = tensor.clone()  # it may be an argument, and the user's own
    for name, tensor in (*module.named_parameters(), *module.named_buffers()):
        suspend(tensor, pending[name.replace(".", "/")])
    if current.construction is not None:
        current.construction.specs[id(module)] = module, spec


def _with_specs(value: Any) -> Any:
    """Return arguments with specs, with the initialisers of now, in place of layers made in this construction."""
    if isinstance(value, nn.Module):
        construction = current.construction
        if construction is None or id(value) not in construction.specs:
            raise TypeError(
                f"a {type(value).__name__} was passed to a layer that is made of layers of torch.nn: pass one that is "
                "made in the same constructor, or write the loop over your modules in a forward"
            )
        spec = construction.specs[id(value)][1]
        tensors: dict[str, Any] = dict((*value.named_parameters(), *value.named_buffers()))
        now = {name.replace(".", "/"): tensor.pending.initializer for name, tensor in tensors.items()}
        return replace(spec, variables=tuple(v._replace(initializer=now[v.name]) for v in spec.variables))
    if isinstance(value, (tuple, list)):
        return type(value)(map(_with_specs, value))
    return {key: _with_specs(item) for key, item in value.items()} if isinstance(value, dict) else value
