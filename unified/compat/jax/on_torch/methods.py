"""The methods and operators of `Array`: functions of `jax.numpy` that take the array first."""

from collections.abc import Callable
from typing import Any, cast

import torch

from unified.compat.jax.on_torch import numpy as jnp
from unified.compat.jax.on_torch.array import Array, tensor, unwrap
from unified.compat.jax.on_torch.numpy.indexing import At, index
from unified.compat.jax.on_torch.weak import bound

__all__: list[str] = []

METHODS = (
    "all", "any", "argmax", "argmin", "argpartition", "argsort", "astype", "choose", "clip", "compress",
    "conj", "conjugate", "cumprod",
    "cumsum", "diagonal", "dot", "max", "mean", "min", "nonzero", "prod", "ptp", "ravel", "repeat", "round",
    "searchsorted", "sort",
    "squeeze", "std", "sum", "swapaxes", "take", "trace", "var",
)  # fmt: skip
OPERATORS = {
    "add": jnp.add, "sub": jnp.subtract, "mul": jnp.multiply, "truediv": jnp.divide, "floordiv": jnp.floor_divide,
    "mod": jnp.remainder, "pow": jnp.power, "matmul": jnp.matmul, "and": jnp.bitwise_and, "or": jnp.bitwise_or,
    "xor": jnp.bitwise_xor, "lshift": jnp.left_shift, "rshift": jnp.right_shift, "divmod": jnp.divmod,
}  # fmt: skip
COMPARISONS = {
    "eq": jnp.equal,
    "ne": jnp.not_equal,
    "lt": jnp.less,
    "le": jnp.less_equal,
    "gt": jnp.greater,
    "ge": jnp.greater_equal,
}
FAST = {"add": torch.add, "sub": torch.sub, "mul": torch.mul, "truediv": torch.div, "matmul": torch.matmul}


def _operator(function: Callable[[Any, Any], Any], name: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    fast: Any = FAST.get(name)
    general = bound(function, function.__name__)

    def forward(self: Array, other: Any) -> Any:
        x = self.tensor
        if fast is not None and type(self) is Array and x.is_floating_point():
            if type(other) is Array and other.tensor.dtype is x.dtype:
                return Array(fast(x, other.tensor))
            if type(other) is float or type(other) is int:
                return Array(fast(x, other))
        return general(self, other) if _is_operand(other) else NotImplemented

    def backward(self: Array, other: Any) -> Any:
        return general(other, self) if _is_operand(other) else NotImplemented

    return forward, backward


def _is_operand(value: Any) -> bool:
    return isinstance(value, int | float | complex | torch.Tensor) or hasattr(value, "__array__")


for _name, _function in OPERATORS.items():
    _forward, _backward = _operator(_function, _name)
    setattr(Array, f"__{_name}__", _forward)
    setattr(Array, f"__r{_name}__", _backward)
for _name, _function in COMPARISONS.items():
    setattr(Array, f"__{_name}__", _operator(_function, _name)[0])
for _name in METHODS:
    setattr(Array, _name, bound(getattr(jnp, _name), _name))


def _unary(function: Callable[[torch.Tensor], torch.Tensor]) -> Callable[[Array], Array]:
    return lambda self: type(self)(function(self.tensor))


def _reshape(self: Array, *shape: Any, order: str = "C", **options: Any) -> Array:
    given = shape[0] if len(shape) == 1 and not hasattr(shape[0], "__index__") else shape
    return type(self)(jnp.reshape(self.tensor, unwrap(given), order))


def _transpose(self: Array, *axes: Any) -> Array:
    given = axes[0] if len(axes) == 1 and not hasattr(axes[0], "__index__") else axes or None
    return type(self)(jnp.transpose(self.tensor, given))


def _flatten(self: Array, order: str = "C") -> Array:
    return type(self)(jnp.ravel(self.tensor, order))


def _view(self: Array, dtype: Any) -> Array:
    from unified.compat.jax.on_torch.dtypes import torch_dtype

    return Array(self.tensor.contiguous().view(torch_dtype(dtype)))


own = cast(Any, Array)
own.__neg__ = _unary(torch.neg)
own.__pos__ = _unary(lambda x: x)
own.__abs__ = _unary(jnp.abs)
own.__invert__ = _unary(torch.bitwise_not)
own.__round__ = bound(jnp.round, "round")
own.__getitem__ = lambda self, key: type(self)(index(self.tensor, key))
own.__contains__ = lambda self, value: bool((self.tensor == tensor(value)).any())
own.at = property(lambda self: At(self.tensor))
own.reshape, own.transpose, own.flatten, own.view = _reshape, _transpose, _flatten, _view
