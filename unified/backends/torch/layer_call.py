"""A layer on torch as a pure function of named tensors, and first values of variables, without a body around them."""

import threading
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch._functorch.pyfunctorch import temporarily_clear_interpreter_stack

from unified.backends.torch import layers, prng
from unified.backends.torch.frame import TorchFrame
from unified.backends.torch.init import NUMPY_FLOATS
from unified.backends.torch.replica import replicate
from unified.core import initializers, threefry
from unified.core.filling import fill
from unified.core.initializers import Fixed, Initializer
from unified.core.layer import Spec, by_number
from unified.core.layer_call import FirstValue, LayerCall, LayerResult, refuse_draw
from unified.core.scope import run_body

__all__ = ["first_values", "run_layer"]


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


# Layers without values, as attributes named by `_key`. A thread has its own: `functional_call` changes them.
_modules = threading.local()
MOST = 4096  # layers kept, of no memory but their objects


def _module(spec: Spec, path: str) -> nn.Module:
    """Return a layer of `torch.nn` on the meta device, whose random draws are at `path`."""
    key = _key(spec.number, path)
    if torch.compiler.is_compiling() or not hasattr(_modules, key):
        _make(spec.number, path)
    return getattr(_modules, key)


def _key(number: int, path: str) -> str:
    return f"{number} {path}"


def _make(number: int, path: str) -> None:
    """Construct the layer of the spec of that number, if there is none."""
    if hasattr(_modules, _key(number, path)):
        return
    if len(_modules.__dict__) >= MOST:
        _modules.__dict__.clear()
    setattr(_modules, _key(number, path), _construct(by_number[number], path))


# torch.compile cannot trace the construction: it calls a marked function, of constants, and finds what that has set.
_make._dynamo_marked_constant = True  # type: ignore[attr-defined]


def _construct(spec: Spec, path: str) -> nn.Module:
    arguments = {name: _argument(value) for name, value in spec.arguments.items() if (name, value) != ("device", None)}
    args = ()
    for name, parameter in spec.declaration.__signature__.parameters.items():
        if parameter.kind is parameter.VAR_POSITIONAL:
            args = arguments.pop(name, ())
        elif parameter.kind is parameter.VAR_KEYWORD:
            arguments.update(arguments.pop(name, {}))
    # Within torch.func, constructors that detach a new tensor are refused.
    with temporarily_clear_interpreter_stack(), torch.device("meta"):
        module = layers.construct(
            spec.declaration, layers.native_class(spec.declaration, True, arguments), args, arguments
        )
    module.__dict__["_path"] = path
    if module._modules:
        layers.make_portable(module, path)
    return module


def _argument(value: Any) -> Any:
    """Return an argument of a layer, of which a layer is a spec until now, as the class of `torch.nn` takes it."""
    if isinstance(value, Spec):
        return _construct(value, "")
    if type(value) in (tuple, list):
        return type(value)(map(_argument, value))
    return {name: _argument(item) for name, item in value.items()} if type(value) is dict else value


def run_layer(call: LayerCall) -> LayerResult:
    """Return what the layer computes; see `unified.core.protocol.Backend.run_layer`."""
    module = _module(call.spec, call.path)
    buffers = [name for name, _ in module.named_buffers()] if call.training else []
    tensors = {name.replace("/", "."): tensor for name, tensor in call.values.items()}
    for name in buffers:  # which torch writes in place
        tensors[name] = tensors[name].clone()
    frame = LayerFrame(module, call)
    if torch.compiler.is_compiling():
        module.train(call.training)
        output = run_body(
            frame, lambda: torch.func.functional_call(module, tensors, call.inputs, dict(call.kwargs)), (), {}
        )
    else:
        output = run_body(frame, _with_tensors(module, tensors, call.training), call.inputs, dict(call.kwargs))
    written = {name.replace(".", "/"): tensors[name] for name in buffers}
    return LayerResult(output, written, frame.base_key is not None)


def _with_tensors(module: nn.Module, tensors: dict[str, torch.Tensor], training: bool) -> nn.Module:
    """Return a layer of its own for one call, which holds these tensors."""
    if not module._modules and not isinstance(module, nn.RNNBase):  # which keeps its tensors in a list too
        copy = object.__new__(type(module))
        copy.__dict__.update(module.__dict__)
        copy.__dict__["training"] = training
        for group in ("_parameters", "_buffers"):
            held = module.__dict__[group]
            copy.__dict__[group] = {name: None if old is None else tensors[name] for name, old in held.items()}
        return copy
    names = {id(tensor): name for name, tensor in (*module.named_parameters(), *module.named_buffers())}
    replica = replicate(module, lambda tensor: tensors[names[id(tensor)]])
    for inner in replica.modules():
        inner.__dict__["training"] = training
    return replica


def first_values(key: Any, variables: Sequence[FirstValue]) -> list[torch.Tensor]:
    """Return the first values; see `unified.core.protocol.Backend.first_values`."""
    values, targets, copies = [], [], []
    for variable in variables:
        dtype = torch.get_default_dtype() if variable.dtype is None else prng.to_torch_dtype(variable.dtype)
        init = variable.initializer
        if not isinstance(init, Initializer):
            value = torch.as_tensor(init(variable.shape, dtype=dtype), dtype=dtype).detach().clone()
            if tuple(value.shape) != variable.shape:
                raise ValueError(
                    f"{variable.path!r}: init_fn returned shape {tuple(value.shape)}, expected {variable.shape}"
                )
            values.append(value)
            continue
        draw = initializers.resolve(init, variable.shape)
        tensor = torch.empty(variable.shape, dtype=dtype)
        values.append(tensor)
        if tensor.is_meta:
            continue
        if isinstance(draw, Fixed):
            tensor.copy_(torch.as_tensor(draw.value))
        elif tensor.is_cpu and dtype in NUMPY_FLOATS:
            targets.append((tensor.numpy(), variable.path, draw))
        else:
            host = torch.empty(
                variable.shape, dtype=torch.float64 if dtype is torch.float64 else torch.float32, device="cpu"
            )
            copies.append((tensor, host))
            targets.append((host.numpy(), variable.path, draw))
    fill(threefry.fold_in(key, threefry.STREAM_PARAMS), targets, torch.get_num_threads())
    for tensor, host in copies:
        tensor.copy_(host)
    return values
