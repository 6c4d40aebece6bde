"""Tensors of objects under construction: variables whose first value is not made yet.

They are real parameters and buffers of their modules, of a class that refuses to compute. When the outermost
constructor ends they get their values, and the classes that torch knows.
"""

from dataclasses import replace
from typing import Any

import torch
from torch import nn

from unified.backends.torch.prng import to_torch_dtype
from unified.core.initializers import Constant, normal, uniform, zeros
from unified.core.pending import PendingVariable
from unified.nn.variable import of_value

__all__ = ["Pending", "PendingBuffer", "PendingParameter", "declare", "settle", "suspend"]

# What a constructor may ask of a variable without a value.
ALLOWED = frozenset(
    {
        getattr(torch.Tensor, name)
        for name in ("size", "dim", "numel", "is_floating_point", "is_complex", "element_size")
    }
    | {getattr(torch.Tensor, name) for name in ("__hash__", "ndimension", "requires_grad_", "nelement")}
    | {
        getattr(torch.Tensor, name).__get__
        for name in ("shape", "dtype", "device", "requires_grad", "grad_fn", "is_leaf", "ndim", "layout", "is_meta")
    }
    | {getattr(torch.Tensor, name).__get__ for name in ("is_cuda", "is_cpu", "is_sparse", "is_nested", "grad")}
    | {getattr(torch.Tensor, name).__set__ for name in ("requires_grad", "grad")}
    | {torch.is_floating_point, torch.is_complex, torch.numel}
)


class Pending:
    """What both kinds of tensors without values have."""

    pending: PendingVariable

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func in ALLOWED:
            with torch._C.DisableTorchFunctionSubclass():
                return func(*args, **(kwargs or {}))
        fill = FILLS.get(func)
        if fill is not None:
            return fill(*args, **(kwargs or {}))
        first = next(value for value in (*args, *(kwargs or {}).values()) if isinstance(value, Pending))
        return first.pending._refuse()

    @property
    def data(self) -> Any:
        """The variable itself, as in `weight.data.normal_()`; settled ones have torch's own."""
        return self

    @data.setter
    def data(self, value: Any) -> None:
        self.start_from(of_value(value, tuple(self.shape)))  # type: ignore[attr-defined]

    def start_from(self, initializer: Any) -> Any:
        """Give the variable another initialiser."""
        self.pending = replace(self.pending, initializer=initializer)
        return self

    def detach(self) -> Any:
        return self

    def __deepcopy__(self, memo: Any) -> Any:
        with torch._C.DisableTorchFunctionSubclass():
            me: Any = self
            twin = torch.empty_like(me)
            result = suspend(nn.Parameter(twin) if isinstance(self, nn.Parameter) else twin, self.pending)
        memo[id(self)] = result
        return result

    def __repr__(self) -> str:
        return f"{type(self).__name__}({list(self.pending.shape)}, without a value yet)"

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __reduce_ex__(self, protocol: Any) -> Any:
        self.pending._refuse()


class PendingParameter(Pending, nn.Parameter):  # type: ignore[misc]
    """A parameter without a value."""


class PendingBuffer(Pending, torch.Tensor):  # type: ignore[misc]
    """A buffer without a value."""


FILLS: dict[Any, Any] = {
    torch.Tensor.normal_: lambda self, mean=0.0, std=1.0: self.start_from(normal(mean, std)),
    torch.Tensor.uniform_: lambda self, low=0.0, high=1.0: self.start_from(uniform(low, high)),
    torch.Tensor.zero_: lambda self: self.start_from(zeros),
    torch.Tensor.fill_: lambda self, value: self.start_from(Constant(value)),
    torch.Tensor.copy_: lambda self, source: self.start_from(of_value(source, tuple(self.shape))),
}


def suspend(tensor: torch.Tensor, pending: PendingVariable) -> torch.Tensor:
    """Make a tensor one without a value."""
    kind = PendingParameter if isinstance(tensor, nn.Parameter) else PendingBuffer
    tensor.__class__ = kind
    tensor.pending = pending  # type: ignore[attr-defined]
    with torch._C.DisableTorchFunctionSubclass():
        if isinstance(tensor, nn.Parameter) and not pending.trainable:
            tensor.requires_grad_(False)
    return tensor


def declare(pending: PendingVariable) -> torch.Tensor:
    """Return a parameter, or a buffer if the variable is none, without a value."""
    dtype = torch.get_default_dtype() if pending.dtype is None else to_torch_dtype(pending.dtype)
    tensor = torch.empty(pending.shape, dtype=dtype)
    is_parameter = pending.collection == "params"
    trains = pending.trainable and (dtype.is_floating_point or dtype.is_complex)
    return suspend(nn.Parameter(tensor, trains) if is_parameter else tensor, pending)


def settle(tensor: torch.Tensor, value: torch.Tensor | None) -> None:
    """Give a tensor its value, and the class that torch knows; without a value it keeps what it has."""
    tensor.__class__ = nn.Parameter if isinstance(tensor, nn.Parameter) else torch.Tensor
    del tensor.pending  # type: ignore[attr-defined]
    if value is not None:
        tensor.data = value.to(device=tensor.device, dtype=tensor.dtype)
