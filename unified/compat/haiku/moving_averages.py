"""Exponential moving averages of one value or of all parameters.

Source: https://dm-haiku.readthedocs.io/en/latest/api.html#exponentialmovingaverage
"""

import re
import warnings
from typing import Any

from unified.compat.haiku import initializers
from unified.compat.haiku.data_structures import to_haiku_dict
from unified.compat.haiku.module import Module
from unified.compat.haiku.variables import get_state, set_state
from unified.compat.jax import Array, fused, lax
from unified.compat.jax import numpy as jnp

__all__ = ["EMAParamsTree", "ExponentialMovingAverage"]


class ExponentialMovingAverage(Module):
    """The average `decay * average + (1 - decay) * value`, with the state `counter`, `hidden` and `average`.

    Args:
        decay: the weight of the previous average.
        zero_debias: whether to correct for the start at zero, by dividing by the total weight of the values so far.
        warmup_length: for how many calls the average is the last value itself.
        name: the module's name.

    Shapes: a value of any shape to its average, of the same. `average` is the last one; a call with
    `update_stats=False` returns what it would be.

    >>> import torch, unified.compat.haiku as hk
    >>> def forward(x):
    ...     return hk.ExponentialMovingAverage(0.9)(x)
    >>> net = hk.transform_with_state(forward, backend="torch")
    >>> params, state = net.init(None, torch.ones(1))
    >>> state["exponential_moving_average"]["average"].tolist()
    [1.0]
    """

    def __init__(self, decay: Any, zero_debias: bool = True, warmup_length: int = 0, name: str | None = None) -> None:
        super().__init__(name=name)
        self.decay, self.zero_debias, self.warmup_length = decay, zero_debias, warmup_length
        if warmup_length < 0:
            raise ValueError(f"warmup_length is a number of values, 0 or more, got {warmup_length}")
        if warmup_length and zero_debias:
            raise ValueError(
                f"warmup_length={warmup_length} lets the average start at a value, and zero_debias=True corrects one "
                "that starts at zero: pass zero_debias=False too, or no warmup_length"
            )

    def initialize(self, shape: Any, dtype: Any = jnp.float32) -> None:
        """Create the average before the first value."""
        if hasattr(shape, "shape"):
            message = (
                f"initialize() of {self.module_name} got an array in place of a shape, which is deprecated: call "
                "initialize(value.shape, value.dtype)"
            )
            warnings.warn(message, category=DeprecationWarning, stacklevel=2)
            shape, dtype = shape.shape, shape.dtype
        get_state("hidden", shape, dtype, init=jnp.zeros)
        get_state("average", shape, dtype, init=jnp.zeros)

    def __call__(self, value: Any, update_stats: bool = True) -> Any:
        """Return the average with `value`; store it if `update_stats`."""
        value = value if isinstance(value, Array) else jnp.asarray(value)
        counter = get_state("counter", (), jnp.int32, init=initializers.Constant(-self.warmup_length)) + 1
        decay = self.decay
        if self.warmup_length > 0:
            decay = lax.convert_element_type(decay, value.dtype)
            decay = lax.select(counter <= 0, jnp.zeros([], value.dtype), decay)
        hidden = get_state("hidden", value.shape, value.dtype, init=jnp.zeros)
        hidden, average = fused.moving_average(hidden, value, decay, counter, self.zero_debias)
        if update_stats:
            set_state("counter", counter)
            set_state("hidden", hidden)
            set_state("average", average)
        return average

    @property
    def average(self) -> Any:
        """The last average."""
        return get_state("average")


class EMAParamsTree(Module):
    """Exponential moving averages of all values of a dict of dicts, such as parameters.

    Args:
        decay: as in `ExponentialMovingAverage`.
        zero_debias: as in `ExponentialMovingAverage`.
        warmup_length: as in `ExponentialMovingAverage`.
        ignore_regex: values whose path matches at its beginning are returned unchanged.
        name: the module's name.

    >>> import torch, unified.compat.haiku as hk
    >>> def forward(x):
    ...     tree = {"linear": {"w": x}}
    ...     return hk.EMAParamsTree(0.9)(tree)
    >>> net = hk.transform_with_state(forward, backend="torch")
    >>> averages, _ = net.apply(*net.init(None, torch.ones(1)), None, torch.ones(1))
    >>> averages["linear"]["w"].tolist()
    [1.0]
    """

    def __init__(
        self,
        decay: Any,
        zero_debias: bool = True,
        warmup_length: int = 0,
        ignore_regex: str = "",
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        self.decay, self.zero_debias, self.warmup_length = decay, zero_debias, warmup_length
        self.ignore_regex = ignore_regex

    def __call__(self, tree: Any, update_stats: bool = True) -> Any:
        def average(path: str, value: Any) -> Any:
            if self.ignore_regex and re.match(self.ignore_regex, path):
                return value
            name = path.replace("/", "__").replace("~", "_tilde_")
            ema = ExponentialMovingAverage(self.decay, self.zero_debias, self.warmup_length, name=name)
            return ema(value, update_stats=update_stats)

        return to_haiku_dict({m: {k: average(f"{m}/{k}", v) for k, v in bundle.items()} for m, bundle in tree.items()})
