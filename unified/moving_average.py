"""The exponential moving average of a value in a body, whose state is the model's."""

from typing import Any

from unified import numpy as unp
from unified.core.annotations import Array
from unified.core.dtypes import dtype_name, is_floating
from unified.core.initializers import constant
from unified.core.module import Module
from unified.core.variables import get_state, is_training, set_state

__all__ = ["ema"]


def ema(
    value: Array,
    decay: float | Array,
    *,
    zero_debias: bool = True,
    warmup_length: int = 0,
    update: bool | None = None,
    name: str | int | None = None,
) -> Array:
    """Return the average of `value` over calls, in its shape and dtype: `decay * average + (1 - decay) * value`.

    Args:
        value: a floating-point array, of one shape and dtype in all calls.
        decay: the weight of the average so far.
        zero_debias: whether to divide by the sum of all weights, since the average starts at zero.
        warmup_length: for how many calls the average is the last value; only without `zero_debias`.
        update: whether this call's value counts; by default in training alone. A call that does not update returns the
            average so far, which is zero before the first.
        name: that of its scope, `ema` by default.

    The state is `ema/counter`, `ema/hidden` (before the division) and `ema/average`.

    Raises:
        TypeError: `value` is no floating-point array.
        ValueError: `warmup_length` is negative, or positive with `zero_debias`.

    Source: `haiku.ExponentialMovingAverage`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.ema(x, 0.5), backend="torch").init(torch.zeros(1), rng=0).train()
    >>> [round(net(torch.tensor([x])).item(), 3) for x in (1.0, 2.0, 3.0)], net.eval()(torch.zeros(1)).item()
    ([1.0, 1.667, 2.429], 2.4285714626312256)
    """
    if not hasattr(value, "dtype") or not is_floating(dtype_name(value.dtype)):
        kind = dtype_name(value.dtype) if hasattr(value, "dtype") else type(value).__name__
        raise TypeError(f"u.ema averages floating-point arrays, got {kind}: convert it by unified.numpy.astype")
    if warmup_length < 0 or (warmup_length and zero_debias):
        raise ValueError(
            f"u.ema: warmup_length={warmup_length} must not be negative, and starts the average at a value, so that it "
            "needs zero_debias=False"
        )
    average: Array = Ema(name=name)(value, decay, zero_debias, warmup_length, update)
    return average


class Ema(Module):
    """The scope of one average."""

    def __call__(self, value: Any, decay: Any, zero_debias: bool, warmup_length: int, update: bool | None) -> Any:
        shape, dtype = tuple(value.shape), dtype_name(value.dtype)
        counter: Any = get_state("counter", (), dtype="int32", init_fn=constant(-warmup_length))
        hidden: Any = get_state("hidden", shape, dtype=dtype)
        average = get_state("average", shape, dtype=dtype)
        if not (is_training() if update is None else update):
            return average
        counter = counter + 1
        weight = unp.asarray(decay, dtype=dtype, like=value)
        if warmup_length:
            weight = unp.where(counter <= 0, unp.zeros_like(weight), weight)
        hidden = hidden * weight + value * (1 - weight)
        average = hidden / (1 - weight ** unp.astype(counter, dtype)) if zero_debias else hidden
        set_state("counter", counter)
        set_state("hidden", hidden)
        set_state("average", average)
        return average
