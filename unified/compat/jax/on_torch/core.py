"""`jax.core` on torch: what arrays are without values, and what is no value yet."""

import contextlib
from typing import Any

import torch

from unified.compat.jax.dtypes import KEY_DTYPE, float0
from unified.compat.jax.on_torch.array import Array, as_array
from unified.compat.jax.on_torch.behaviour import Behaviour
from unified.compat.jax.on_torch.dtypes import category
from unified.compat.jax.on_torch.transforms import ShapeDtypeStruct

__all__ = ["CustomVJPPrimal", "ShapedArray", "SymbolicZero", "Tracer", "eval_context", "get_aval"]

BEHAVIOUR = Behaviour(on_arrays=True)


class ShapedArray(ShapeDtypeStruct):
    """The shape, dtype and weak type of an array."""

    __slots__ = ("memory_space", "vma", "weak_type")

    def __init__(self, shape: Any, dtype: Any, weak_type: bool = False, **options: Any) -> None:
        super().__init__(shape, dtype, sharding=options.get("sharding"))
        self.weak_type = weak_type

    def at_least_vspace(self) -> "ShapedArray":
        """Return the type of tangents: that of the values, or `float0` for integers and booleans."""
        tangent = ShapedArray(self.shape, self.dtype, self.weak_type, sharding=self.sharding)
        if self.dtype == KEY_DTYPE or category(self.torch_dtype) < 2:
            tangent.dtype, tangent.weak_type = float0, False
        return tangent

    to_tangent_aval = to_ct_aval = at_least_vspace

    def strip_weak_type(self) -> "ShapedArray":
        return self.update(weak_type=False)

    def update_weak_type(self, weak_type: bool) -> "ShapedArray":
        return self.update(weak_type=weak_type)

    def update(self, **changes: Any) -> "ShapedArray":
        return ShapedArray(**{"shape": self.shape, "dtype": self.dtype, "weak_type": self.weak_type, **changes})

    def str_short(self, short_dtypes: bool = False) -> str:
        return f"{self.dtype}[{','.join(map(str, self.shape))}]"

    def __repr__(self) -> str:
        return f"ShapedArray({self.str_short()}{', weak_type=True' if self.weak_type else ''})"


class _Tracers(type):
    def __instancecheck__(cls, value: Any) -> bool:
        value = value.tensor if isinstance(value, Array) else value
        if not isinstance(value, torch.Tensor):
            return False
        is_fake = isinstance(value, torch._subclasses.FakeTensor)
        return is_fake or torch.compiler.is_compiling() or torch._C._functorch.is_functorch_wrapped_tensor(value)


class Tracer(metaclass=_Tracers):
    """Arrays in a transformed function, which differ by lane, carry a tangent or have no value."""


class SymbolicZero:
    """A tangent that is zero and has no array: rules may return one, and are given arrays of zeros."""

    def __init__(self, aval: ShapedArray) -> None:
        self.aval = aval

    @property
    def shape(self) -> tuple[int, ...]:
        return self.aval.shape

    @property
    def dtype(self) -> Any:
        return self.aval.dtype


class CustomVJPPrimal:
    """An argument of a rule with `symbolic_zeros=True`, which torch does not pass."""


def get_aval(x: Any) -> ShapedArray:
    array = as_array(x)
    return ShapedArray(array.shape, array.dtype, array.weak_type, sharding=array.sharding)


def eval_context() -> Any:
    return contextlib.nullcontext()
