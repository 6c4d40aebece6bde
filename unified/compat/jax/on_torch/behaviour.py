"""How a function behaves for JAX code: declared where the function is defined.

    BEHAVIOUR = Behaviour(operands=FIRST)  # of the functions of a module, unless a decorator declares otherwise


    @jax_function(operands="a b", method="dot")
    def dot(a: Any, b: Any, *, precision: Any = None) -> torch.Tensor: ...

`weak.bound` makes of it what JAX code calls, and `methods.py` the methods of `Array`.
"""

import dataclasses
import sys
from collections.abc import Callable
from typing import Any, TypedDict, TypeVar, Unpack, cast

import torch

__all__ = [
    "FIRST",
    "NONE",
    "REQUIRED",
    "RETURNED",
    "TAKEN",
    "Behaviour",
    "Changes",
    "behaviour_of",
    "jax_function",
    "of_a_scalar",
]

F = TypeVar("F", bound=Callable[..., Any])

FIRST = "<first>"
REQUIRED = "<required>"
NONE = ""
TAKEN, RETURNED = "taken", "returned"


@dataclasses.dataclass(frozen=True, slots=True)
class Behaviour:
    """What a function declares.

    * `operands`: the parameters that are arrays and meet in one dtype, by name. `FIRST` is the first parameter,
      `REQUIRED` are those without a default, and `NONE` there are none.
    * `promotes`: whether weak arrays among the operands take the dtype of the others before the function sees them;
      where they do not, results are weak only if all operands are.
    * `weak`: whether results are weakly typed when the dtype where the operands meet is. `"first"`: the first of
      several results alone; `"each"`: a result for each operand, as weak as that one; `"scalar"`: a result without axes
      alone. A function is called with the arguments. Where a dtype is passed, nothing is weak.
    * `meets`: the type of Python's numbers that the function computes with, as `relu6` does with `6.0`: arrays of
      integers meet them and become weak. The name of a parameter: the type of its default, where it is not passed.
    * `method`: the names of the methods of `Array` that the function is, such as `"max"` or `"conj conjugate"`.
    * `operator`: the operator that it is, `"add"` for `__add__` and `__radd__`.
    * `attribute`: the name of the attribute of `Array` whose value it is, `"T"` for example.
    * `kernel`: the function of tensors that a method or attribute of an array alone is, and that an operator is for
      two arrays of one floating-point dtype.
    * `key`: `TAKEN` if the first parameter is a key, typed or not, and `RETURNED` if the result is one like it.
    * `on_arrays`: whether it is written on `Array`s, or on trees of them. Others are written on tensors: around them,
      arguments become tensors and results `Array`s.
    """

    operands: str = REQUIRED
    promotes: bool = True
    weak: bool | str | Callable[..., bool] = True
    meets: type | str | None = None
    method: str = ""
    operator: str = ""
    attribute: str = ""
    kernel: Callable[..., torch.Tensor] | None = None
    key: str = ""
    on_arrays: bool = False


class Changes(TypedDict, total=False):
    """The fields of `Behaviour`."""

    operands: str
    promotes: bool
    weak: bool | str | Callable[..., bool]
    meets: type | str | None
    method: str
    operator: str
    attribute: str
    kernel: Callable[..., torch.Tensor] | None
    key: str
    on_arrays: bool


def jax_function(**changes: Unpack[Changes]) -> Callable[[F], F]:
    """Declare how a function of JAX behaves, where that differs from the `BEHAVIOUR` of its module."""

    def declare(function: F) -> F:
        function.changes = changes  # type: ignore[attr-defined]
        return function

    return declare


def behaviour_of(function: Callable[..., Any]) -> Behaviour:
    """Return the behaviour of a function, which its decorator and its module declare."""
    default: Behaviour = sys.modules[function.__module__].BEHAVIOUR
    changes = cast(Changes, getattr(function, "changes", {}))
    return dataclasses.replace(default, **changes) if changes else default


def of_a_scalar(x: Any, *args: Any, **named: Any) -> bool:
    """Return whether the first argument has no axes; for `weak`."""
    return not getattr(x, "ndim", 0)
