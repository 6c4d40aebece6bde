"""A block that is called by itself, outside of the body: `net.block(x)`.

Its `u.Module` is built again, with the arguments that init recorded, in a model of nothing but the modules above the
block. What only the body knows is refused: arguments that are arrays, functions, or layers and modules of elsewhere.
"""

import inspect
from types import BuiltinFunctionType, FunctionType
from typing import Any, NoReturn

from torch import nn
from torch.fx._symbolic_trace import is_fx_symbolic_tracing

from unified.backends.torch.container import Container
from unified.backends.torch.frame import TorchFrame
from unified.backends.torch.replica import settled
from unified.backends.torch.tracing import tracer_of
from unified.core.classes import ClassName, find_class
from unified.core.errors import StructureChangedError
from unified.core.layer import Layer
from unified.core.module import Module, recorded_arguments
from unified.core.naming import join
from unified.core.record import LayerPlaceholder, LayerRecord, OpaqueArgument
from unified.core.scope import Scope, current, run_body

__all__ = ["note_arguments", "run_alone"]

ROUTINES = (FunctionType, BuiltinFunctionType)


class AloneFrame(TorchFrame):
    """A call of one block of a model."""

    block: Any

    def layer_at(self, path: str) -> nn.Module:
        try:
            return super().layer_at(path)
        except KeyError:
            _refuse(self.block, f"it uses the layer {path!r}, which is not within it")

    def _root_key(self, stream: str) -> tuple[Any, Any]:
        _refuse(self.block, "it draws portable random numbers, whose key and counter belong to the whole model")


def run_alone(block: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Return the output of a block's method, called outside of the body."""
    owner = _owner_of(block)
    if block._holds_tensors and not block.__dict__.get("_is_replica"):  # calls may put other tensors into the modules
        owner = settled(owner)
        block = owner if block.method == "__call__" else owner._modules[block.method]
    if owner._stack is not None:
        _refuse(block, f"its variables hold those of all layers of the stack {owner._stack!r}")
    if owner._varies:
        _refuse(block, "the body has built it with other arguments since")
    cls = _class_of(owner)
    positional, named = _constructor_arguments(owner, cls)
    root, parent, path = _modules_above(owner, cls)
    frame = AloneFrame(root, block.training, block._portable)
    frame.block = block
    if is_fx_symbolic_tracing():
        frame.tracer = tracer_of(args, kwargs)

    def body(*args: Any, **kwargs: Any) -> Any:
        outer = current.scope = Scope(frame, parent, path)
        module = cls(*positional, **named)
        current.scope = outer.enter(module, block.method)
        return getattr(type(module), block.method).__wrapped__(module, *args, **kwargs)

    output = run_body(frame, body, args, kwargs)
    frame.finish()
    return output


def note_arguments(block: Any, module: Any) -> None:
    """Note whether the body has built a module with other arguments than in init, after which it cannot run alone.

    A wrapper may call its block again when the body has ended, as a checkpoint does.
    """
    owner = _owner_of(block)
    if owner._varies:
        return
    args, kwargs = module._location.arguments
    arguments, _ = recorded_arguments(module, type(module).__init__, args, kwargs)
    owner.__dict__["_varies"] = arguments != owner._record.arguments


def _owner_of(block: Any) -> Any:
    """Return the block of the module whose method `block` runs."""
    if block.method == "__call__":
        return block
    owner = None if block._owner is None else block._owner()
    if owner is None:
        _refuse(block, "the module whose method it is exists no more")
    return owner


def _refuse(block: Any, reason: str) -> NoReturn:
    raise StructureChangedError(
        f"{block._scope_path!r} ({block._label}) cannot be called by itself: {reason}. Call the model, or make a model "
        "of a function that uses only this part, with net.method(...)"
    ).with_page("pytorch#what-differs-and-why")


def _class_of(block: Any) -> Any:
    cls = block.module_class()
    if not isinstance(cls, type):
        _refuse(block, f"its class {'.'.join(block._class_name)} cannot be found")
    return cls


def _constructor_arguments(block: Any, cls: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the arguments that init recorded of a module's constructor; raise if only the body has them."""
    arguments = block._record.arguments
    for name, value in arguments.items():
        if name in block._record.references:
            elsewhere = block._record.references[name]
            _refuse(block, f"its argument {name!r} is the layer or module {elsewhere!r}, which the body passes to it")
        arguments = {**arguments, name: _resolved(value)}
        if _is_opaque(arguments[name]):
            _refuse(block, f"its argument {name!r} is {value!r}, which only the body knows")
    signature = inspect.signature(cls.__init__)
    first = next(iter(signature.parameters))
    bound = inspect.BoundArguments(signature, {first: block, **arguments})
    kwargs = dict(bound.kwargs)
    if block._base != cls._base_name:
        kwargs["name"] = block._base
    return bound.args[1:], kwargs


def _resolved(value: Any) -> Any:
    """Return a recorded argument with the functions and the classes of layers that it names, if they can be found."""
    if isinstance(value, dict):
        return {key: _resolved(item) for key, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(map(_resolved, value))
    if not isinstance(value, OpaqueArgument) or value.description[0] != "callable":
        return value
    found = find_class(ClassName(*value.description[1:]))
    is_known = issubclass(found, (Layer, Module)) if isinstance(found, type) else isinstance(found, ROUTINES)
    return found if is_known and value == found else value


def _is_opaque(value: Any) -> bool:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return any(map(_is_opaque, value))
    return isinstance(value, (OpaqueArgument, LayerPlaceholder))


def _modules_above(block: Any, cls: Any) -> tuple[Container, Container, str]:
    """Return a model of the modules above a block and nothing else: its root, and the parent with its path."""
    path, parent = "", Container("")
    root = parent
    *names, last = block._scope_path.split("/")
    for name in names:
        path = join(path, name)
        child = parent._modules[name] = Container(name)
        child.__dict__["_scope_path"] = path
        parent = child
    parent._modules[last] = block
    parent._record.add(LayerRecord(cls, (), {}, last, block._base))
    return root, parent, path
