"""The calls of an object's modules and layers, by shapes alone: what `unified.summary` shows of an object."""

from collections.abc import Callable, Iterator
from typing import Any

from unified.core import layers as declared
from unified.core.capture import Call, shapes_of
from unified.core.layer import Layer
from unified.core.params import Params
from unified.nn.construction import objects_of

__all__ = ["calls"]

# Arguments that torch's layers do not keep, and FLOPs follow from.
NOT_KEPT: dict[str, Callable[[Any], Any]] = {
    "batch_first": lambda layer: layer.self_attn.batch_first,
    "dim_feedforward": lambda layer: layer.linear1.out_features,
    "add_bias_kv": lambda attention: attention.bias_k is not None,
}
CONTAINERS = frozenset({"Sequential", "ModuleList", "ModuleDict"})


def calls(model: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Params, list[tuple[Call, str, Any]]]:
    """Return the variables of an object, and each call of a module or layer in it, with its class's name and FLOPs.

    The object is not called, but a copy without values, in evaluation. A layer within a layer has no call of its own.
    """
    objects = next(objects_of(model))
    params: Params = objects.params(model)
    found: list[tuple[Call, str, Any]] = []

    def run(copy: Any, args: Any, kwargs: Any) -> None:
        copy.eval()
        for path, module in _modules(copy, ""):
            module.register_forward_hook(_recorder(path, found), with_kwargs=True)
        copy(*args, **kwargs)

    objects.run_on_shapes(model, run, args, kwargs)
    return params, found


def _modules(module: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield the paths of a module and of those below it, down to layers."""
    yield path, module
    if _declaration(module) is None:
        for name, child in module.named_children():
            yield from _modules(child, f"{path}/{name}" if path else name)


def _declaration(module: Any) -> type[Layer] | None:
    """Return the declaration of a layer; `None` for a module and for a container, whose parts are called themselves."""
    names = [cls.__name__ for cls in type(module).__mro__ if "nn" in cls.__module__.split(".")]
    name = next((name for name in names if name in declared.__all__), None)
    return None if name is None or name in CONTAINERS else getattr(declared, name)


def _recorder(path: str, found: list[tuple[Call, str, Any]]) -> Any:
    def record(module: Any, args: Any, kwargs: Any, output: Any) -> None:
        call = Call(path, shapes_of((*args, *kwargs.values())), shapes_of(output))
        found.append((call, type(module).__name__, _flops(module, call)))

    return record


def _flops(module: Any, call: Call) -> int | None:
    """Return the operations in the products of a call, as those of an inline layer."""
    declaration = _declaration(module)
    if declaration is None:
        return 0
    if type(module).__name__ != declaration.__name__:
        return None  # a user's subclass may compute anything
    spec = getattr(module, "_spec", None)  # on JAX
    names = declaration.own_signature.parameters
    arguments = {n: getattr(module, n) for n in names if hasattr(module, n)} if spec is None else dict(spec.arguments)
    for name, read in NOT_KEPT.items():
        if name in names and name not in arguments:
            arguments[name] = read(module)
    return declaration.flops(arguments, call.inputs, call.outputs)
