"""Mixed precision on torch: hooks that convert the inputs, parameters and outputs of layers."""

from typing import Any

import torch
from torch import nn
from torch.utils import _pytree as pytree

from unified.backends.torch.prng import to_torch_dtype
from unified.core import layers
from unified.core.layer import Layer

__all__ = ["cast", "convert_layer"]


def cast(value: Any, dtype: torch.dtype | None) -> Any:
    """Return a tree with its floating-point tensors converted to `dtype`; the tree itself if that is `None`."""
    if dtype is None:
        return value
    return pytree.tree_map_only(torch.Tensor, lambda x: x.to(dtype) if x.is_floating_point() else x, value)


def _computes_in_float32(module: nn.Module) -> bool:
    """Return whether a layer is declared to compute in at least float32, as norms are."""
    declarations = [getattr(layers, base.__name__, None) for base in type(module).__mro__]
    return any(isinstance(cls, type) and issubclass(cls, Layer) and cls.computes_in_float32 for cls in declarations)


class _Converter:
    """The hooks of a layer that computes in the dtype `inner` and returns `dtype`.

    They do not refer to the layer, so that its copies can share them.
    """

    def __init__(self, dtype: torch.dtype, inner: torch.dtype) -> None:
        self.dtype = dtype
        self.inner = inner

    def enter(self, module: nn.Module, args: Any, kwargs: Any) -> Any:
        """Convert the inputs and put converted parameters in place of the layer's, before it computes."""
        replaced: list[tuple[dict[str, Any], str, Any]] = []
        for part in module.modules():
            if part is not module and _computes_in_float32(part):
                continue  # norms within a layer have converters of their own
            for name, tensor in part._parameters.items():
                if tensor is not None and tensor.is_floating_point() and tensor.dtype != self.inner:
                    replaced.append((part._parameters, name, tensor))
                    part._parameters[name] = tensor.to(self.inner)  # type: ignore[assignment]
            if replaced and isinstance(part, nn.RNNBase):
                replaced.append((part.__dict__, "_flat_weights", part._flat_weights))
                part._flat_weights = [part._parameters.get(name) for name in part._flat_weights_names]
        module.__dict__.setdefault("_replaced", []).append(replaced)
        return cast((args, kwargs), self.inner)

    def leave(self, module: nn.Module, args: Any, kwargs: Any, output: Any) -> Any:
        """Put the layer's parameters back and convert the output, after it has computed or raised."""
        stack = module.__dict__["_replaced"]
        for tensors, name, tensor in stack.pop():
            tensors[name] = tensor
        if not stack:
            del module.__dict__["_replaced"]
        return cast(output, self.dtype)


def convert_layer(module: nn.Module, compute: str) -> None:
    """Let a layer compute in a dtype, it and the layers within it that are norms in at least float32, and return that.

    The kernels of CPUs mix a norm's float32 parameters with lower inputs, and those of GPUs do not.
    """
    dtype = to_torch_dtype(compute)
    for part in module.modules():
        if part is module or _computes_in_float32(part):
            wide = torch.promote_types(dtype, torch.float32)
            converter = _Converter(dtype, wide if _computes_in_float32(part) else dtype)
            part.register_forward_pre_hook(converter.enter, with_kwargs=True)
            part.register_forward_hook(converter.leave, with_kwargs=True, always_call=True)
