"""A layer on torch as a pure function of named tensors, without a body around it."""

import inspect
from collections import OrderedDict
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.nn.modules.instancenorm import _InstanceNorm

from unified.backends.torch import layers
from unified.backends.torch.frame import TorchFrame
from unified.backends.torch.replica import replicate, set_mode
from unified.core.error_notes import Description, add_note
from unified.core.layer import Spec
from unified.core.layer_call import LayerCall, LayerResult, refuse_draw
from unified.core.scope import run_body

__all__ = ["run_layer"]


class LayerFrame(TorchFrame):
    """The run of one layer over the values of a `LayerCall`."""

    def __init__(self, root: nn.Module, call: LayerCall) -> None:
        super().__init__(root, call.training, portable=True)
        self.call = call
        if call.draws is not None:
            self.draws = call.draws

    def _root_key(self) -> tuple[Any, Any]:
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


class Template(NamedTuple):
    """What all calls of a spec share.

    Attributes:
        module: the layer of `torch.nn` on the meta device, which no call changes.
        attributes: for a layer without layers in it, the attributes of the object that computes a call.
        buffers: the names of the variables that torch writes in place in training.
        renormalized: the names of weights of embeddings with a `max_norm`, which torch writes in place in each call.
        weights: for a recurrent layer, the names of its weights in the order of torch's kernel.
    """

    module: nn.Module
    attributes: dict[str, Any] | None
    buffers: tuple[str, ...]
    renormalized: tuple[str, ...]
    weights: tuple[str, ...] = ()

    def written(self, training: bool) -> tuple[str, ...]:
        """Return the names of the variables that torch writes in place in a call."""
        return self.buffers + self.renormalized if training else self.renormalized


def _constructed(spec: Spec) -> nn.Module:
    """Return the layer of `torch.nn` for a spec, and for the specs among its arguments."""

    def native(value: Any) -> Any:
        if isinstance(value, Spec):
            return modules.setdefault(id(value), _constructed(value))
        if isinstance(value, dict):
            return type(value)((name, native(item)) for name, item in value.items())
        return tuple(map(native, value)) if type(value) is tuple and spec.declaration.takes_layers else value

    modules: dict[int, nn.Module] = {}  # a container may have one layer twice
    signature = spec.declaration.__signature__
    bound = inspect.BoundArguments(signature, OrderedDict(spec.arguments))
    if bound.arguments.get("device", "") is None:
        del bound.arguments["device"]
    args, kwargs = bound.args, {name: native(value) for name, value in bound.kwargs.items()}
    native_class = layers.native_class(spec.declaration, True, dict(spec.arguments))
    return layers.construct(spec.declaration, native_class, tuple(map(native, args)), kwargs)


def _template(spec: Spec, path: str) -> Template:
    """Return the template of a spec for calls at `path`."""
    with torch.device("meta"):
        module = _constructed(spec)
    module.__dict__["_path"] = path
    buffers = tuple(
        name
        for name, _ in module.named_buffers()
        if name.endswith(STATISTICS) or (name.endswith(COUNT) and not isinstance(_owner(module, name), _InstanceNorm))
    )
    renormalized = tuple(
        f"{name}.weight" if name else "weight"
        for name, inner in module.named_modules()
        if isinstance(inner, (nn.Embedding, nn.EmbeddingBag)) and inner.max_norm is not None
    )
    if module._modules:
        layers.make_portable(module, path)
        return Template(module, None, buffers, renormalized)
    attributes = {**module.__dict__, **module._parameters, **module._buffers}
    weights = tuple(module._flat_weights_names) if isinstance(module, nn.RNNBase) else ()
    return Template(module, attributes, buffers, renormalized, weights)


def _keep_template(spec: Spec, path: str) -> None:
    """Keep a template among what the spec has: for this path, and for all if there are no layers in it."""
    template = _template(spec, path)
    setattr(spec.natives, f"torch {path}", template)
    spec.natives.torch = template if template.attributes is not None else None  # type: ignore[attr-defined]


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
    if template is None or template.attributes is None:
        template = _template_at(call.spec, call.path)
    if template.attributes is None:
        return _run_with_inner(call, template)
    attributes = template.attributes.copy()
    attributes.update(call.values)
    attributes["training"] = call.training
    written = template.written(call.training)
    for name in written:
        attributes[name] = attributes[name].clone()
    if template.weights:
        attributes["_flat_weights"] = [attributes[name] for name in template.weights]
    # An object of its own for this call, whose variables are plain attributes: torch's `forward` reads them as such.
    layer: Any = object.__new__(type(template.module))
    object.__setattr__(layer, "__dict__", attributes)
    if call.spec.is_random:
        attributes["_path"] = call.path
        frame = LayerFrame(layer, call)
        output = run_body(frame, layer.forward, call.inputs, dict(call.kwargs))
        has_drawn = frame.base_key is not None
    else:
        has_drawn = False
        try:
            output = layer.forward(*call.inputs, **call.kwargs)
        except Exception as error:
            add_note(error, lambda value: _describe(call, value, layer))
            raise
    return LayerResult(output, {name: attributes[name].detach() for name in written}, has_drawn)


def _describe(call: LayerCall, value: Any, layer: Any) -> Description | None:
    return (call.path, call.spec.declaration.__name__, call.values) if value is layer else None


def _cloned(call: LayerCall, template: Template) -> tuple[dict[str, torch.Tensor], tuple[str, ...]]:
    """Return the tensors of a call by torch's names, and the names of those that it writes, which are copies."""
    tensors = {name.replace("/", "."): tensor for name, tensor in call.values.items()}
    written = template.written(call.training)
    for name in written:
        tensors[name] = tensors[name].clone()
    return tensors, written


def _run_with_inner(call: LayerCall, template: Template) -> LayerResult:
    """Run a layer that has layers in it: a replica of its tree, which holds the tensors."""
    module = template.module
    tensors, written = _cloned(call, template)
    names = {id(tensor): name for name, tensor in (*module.named_parameters(), *module.named_buffers())}
    replica = replicate(module, lambda tensor: tensors[names[id(tensor)]])
    set_mode(replica, call.training)
    frame = LayerFrame(replica, call)
    output = run_body(frame, replica, call.inputs, dict(call.kwargs))
    result = {name.replace(".", "/"): tensors[name].detach() for name in written}
    return LayerResult(output, result, frame.base_key is not None)


def _run_compiled(call: LayerCall) -> LayerResult:
    """Run a layer by `functional_call`, which dynamo follows; objects without a constructor it does not."""
    template = _template_at(call.spec, call.path)
    module = template.module
    tensors, written = _cloned(call, template)
    module.train(call.training)
    frame = LayerFrame(module, call)
    kwargs = dict(call.kwargs)
    output = run_body(frame, lambda: torch.func.functional_call(module, tensors, call.inputs, kwargs), (), {})
    result = {name.replace(".", "/"): tensors[name].detach() for name in written}
    return LayerResult(output, result, frame.base_key is not None)
