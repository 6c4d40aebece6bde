"""A layer on torch as a pure function of named tensors, without a body around it."""

import inspect
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from torch import nn
from torch._functorch.pyfunctorch import temporarily_clear_interpreter_stack
from torch.nn.modules.instancenorm import _InstanceNorm

from unified.backends.torch import layers
from unified.backends.torch.frame import TorchFrame
from unified.core.error_notes import Description, add_note
from unified.core.layer import Spec
from unified.core.layer_call import LayerCall, LayerResult, refuse_draw
from unified.core.naming import join
from unified.core.scope import run_body

__all__ = ["run_layer"]


class LayerFrame(TorchFrame):
    """The run of one layer over the values of a `LayerCall`."""

    def __init__(self, root: nn.Module, call: LayerCall) -> None:
        super().__init__(root, call.training, portable=True)
        self.call = call
        if call.draws is not None:
            self.draws = call.draws

    def _root_key(self, stream: str) -> tuple[Any, Any]:
        if self.call.rng is None:
            raise refuse_draw(self.call.path)
        return self.call.rng

    def _device(self) -> torch.device:
        arrays = (*self.call.values.values(), *self.call.inputs)
        return next((a.device for a in arrays if isinstance(a, torch.Tensor)), torch.empty(0).device)

    def finish(self) -> None:
        """Do nothing: the caller stores what was written, and counts the call."""


STATISTICS = ("running_mean", "running_var")
COUNT = "num_batches_tracked"  # which norms of instances have, and leave as it is


def _owner(module: nn.Module, name: str) -> nn.Module:
    """Return the module that has the buffer `name` of `module`."""
    return module.get_submodule(name.rpartition(".")[0])


class Node(NamedTuple):
    """A module of a layer's tree: what an object that stands for it in a call is made of.

    Attributes:
        cls: its class.
        attributes: its attributes, whose tensors a call replaces.
        tensors: the name of each of its variables, and that within the layer, joined by `/`.
        weights: for a recurrent layer, the names of its weights in the order of torch's kernel.
        children: the name and the position of each module directly below, which come earlier.
        path: its path within the layer.
    """

    cls: type[nn.Module]
    attributes: dict[str, Any]
    tensors: tuple[tuple[str, str], ...]
    weights: tuple[str, ...]
    children: tuple[tuple[str, int], ...]
    path: str


class Template(NamedTuple):
    """What all calls of a spec share.

    Attributes:
        module: the layer of `torch.nn` on the meta device, which no call changes.
        nodes: its modules, the layer itself at last.
        statistics: the names of the variables that torch writes in place in training.
        renormalized: the names of weights of embeddings with a `max_norm`, which torch writes in place in each call.
    """

    module: nn.Module
    nodes: tuple[Node, ...]
    statistics: tuple[str, ...]
    renormalized: tuple[str, ...]

    def written(self, training: bool) -> tuple[str, ...]:
        """Return the names of the variables that torch writes in place in a call."""
        return self.statistics + self.renormalized if training else self.renormalized


def _nodes(module: nn.Module) -> tuple[Node, ...]:
    """Return the nodes of a module and of those below it; one that occurs more than once has one."""
    nodes: list[Node] = []
    positions: dict[int, int] = {}

    def visit(module: nn.Module, path: str) -> int:
        if id(module) not in positions:
            children = tuple((name, visit(child, join(path, name))) for name, child in module._modules.items() if child)
            tensors = {**module._parameters, **module._buffers}
            names = tuple((name, join(path, name)) for name, tensor in tensors.items() if tensor is not None)
            weights = tuple(module._flat_weights_names) if isinstance(module, nn.RNNBase) else ()
            nodes.append(Node(type(module), {**module.__dict__, **tensors}, names, weights, children, path))
            positions[id(module)] = len(nodes) - 1
        return positions[id(module)]

    visit(module, "")
    return tuple(nodes)


def _objects(template: Template, tensors: Mapping[str, torch.Tensor], training: bool) -> list[Any]:
    """Return an object for each node, which holds the tensors of a call as plain attributes: `forward` reads them."""
    objects: list[Any] = []
    for cls, template_attributes, names, weights, children, _ in template.nodes:
        attributes = template_attributes.copy()
        for name, full_name in names:
            attributes[name] = tensors[full_name]
        attributes["training"] = training
        if weights:
            attributes["_flat_weights"] = [attributes[name] for name in weights]
        if children:
            attributes["_modules"] = {name: objects[position] for name, position in children}
        instance = object.__new__(cls)
        object.__setattr__(instance, "__dict__", attributes)
        objects.append(instance)
    return objects


def _constructed(spec: Spec) -> nn.Module:
    """Return the layer of `torch.nn` for a spec, and for the specs among its arguments."""

    def native(value: Any) -> Any:
        if isinstance(value, Spec):
            return modules.setdefault(id(value), _constructed(value))
        if isinstance(value, dict):
            return type(value)((name, native(item)) for name, item in value.items())
        return tuple(map(native, value)) if type(value) is tuple and spec.declaration.takes_layers else value

    modules: dict[int, nn.Module] = {}  # a container may have one layer twice
    signature = spec.declaration.own_signature
    bound = inspect.BoundArguments(signature, OrderedDict(spec.arguments))
    if bound.arguments.get("device", "") is None:
        del bound.arguments["device"]
    args, kwargs = bound.args, {name: native(value) for name, value in bound.kwargs.items()}
    native_class = layers.native_class(spec.declaration, True, (), dict(spec.arguments))
    return layers.construct(spec.declaration, native_class, tuple(map(native, args)), kwargs)


def _template(spec: Spec, path: str) -> Template:
    """Return the template of a spec for calls at `path`."""
    # Within torch.func, constructors that detach a new tensor are refused.
    with temporarily_clear_interpreter_stack(), torch.device("meta"):
        module = _constructed(spec)
    module.__dict__["_path"] = path
    layers.make_portable(module, path)
    statistics = tuple(
        name.replace(".", "/")
        for name, _ in module.named_buffers()
        if name.endswith(STATISTICS) or (name.endswith(COUNT) and not isinstance(_owner(module, name), _InstanceNorm))
    )
    renormalized = tuple(
        join(name.replace(".", "/"), "weight")
        for name, inner in module.named_modules()
        if isinstance(inner, (nn.Embedding, nn.EmbeddingBag)) and inner.max_norm is not None
    )
    return Template(module, _nodes(module), statistics, renormalized)


def _keep_template(spec: Spec, path: str) -> None:
    """Keep a template among what the spec has: for this path, and for all if there are no layers in it."""
    template = _template(spec, path)
    setattr(spec.natives, f"torch {path}", template)
    spec.natives.torch = template if len(template.nodes) == 1 else None  # type: ignore[attr-defined]


# Dynamo calls it and follows no constructor; the template itself it reads where it is kept, since it knows no origin
# of modules that a function returns.
_keep_template._dynamo_marked_constant = True  # type: ignore[attr-defined]


def _template_at(spec: Spec, path: str) -> Template:
    """Return the template of a spec whose module draws at `path`."""
    name = f"torch {path}"
    if not hasattr(spec.natives, name):
        _keep_template(spec, path)
    template: Template = getattr(spec.natives, name)
    return template


def run_layer(call: LayerCall) -> LayerResult:
    """Return what the layer computes; see `unified.core.protocol.Backend.run_layer`."""
    if torch.compiler.is_compiling():
        return _run_compiled(call)
    template: Template | None = getattr(call.spec.natives, "torch", None)
    if template is None:
        template = _template_at(call.spec, call.path)
    tensors, written = _with_copies(call, template)
    objects = _objects(template, tensors, call.training)
    layer = objects[-1]
    if call.spec.is_random:
        layer.__dict__["_path"] = call.path
        frame = LayerFrame(layer, call)
        output = run_body(frame, layer.forward, call.inputs, dict(call.kwargs))
        return LayerResult(output, _detached(tensors, written), bool(frame.base_keys))
    try:
        output = layer.forward(*call.inputs, **call.kwargs)
    except Exception as error:
        add_note(error, lambda value: _describe(call, template, objects, value))
        raise
    return LayerResult(output, _detached(tensors, written), False)


def _with_copies(call: LayerCall, template: Template) -> tuple[Mapping[str, torch.Tensor], tuple[str, ...]]:
    """Return the tensors of a call, and the names of those that it writes, which are copies."""
    written = template.written(call.training)
    if not written:
        return call.values, written
    return {**call.values, **{name: call.values[name].clone() for name in written}}, written


def _detached(tensors: Mapping[str, torch.Tensor], written: tuple[str, ...]) -> dict[str, torch.Tensor]:
    return {name: tensors[name].detach() for name in written}


def _describe(call: LayerCall, template: Template, objects: list[Any], value: Any) -> Description | None:
    """Describe a module of the layer's tree, for the note on an error."""
    for node, instance in zip(template.nodes, objects, strict=True):
        if instance is value:
            tensors = {name: call.values[full_name] for name, full_name in node.tensors}
            return f"{call.path}/{node.path}".rstrip("/"), type(value).__name__, tensors
    return None


def _run_compiled(call: LayerCall) -> LayerResult:
    """Run a layer by `functional_call`, which dynamo follows; objects without a constructor it does not."""
    template = _template_at(call.spec, call.path)
    module = template.module
    values, written = _with_copies(call, template)
    tensors = {name.replace("/", "."): tensor for name, tensor in values.items()}
    module.train(call.training)
    frame = LayerFrame(module, call)
    kwargs = dict(call.kwargs)
    output = run_body(frame, lambda: torch.func.functional_call(module, tensors, call.inputs, kwargs), (), {})
    return LayerResult(output, _detached(values, written), bool(frame.base_keys))
