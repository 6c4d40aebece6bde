"""`jax.debug` on torch: called at once where values are concrete, and in a traced function whenever that runs."""

import itertools
from collections.abc import Callable
from typing import Any

import torch
from torch._functorch.pyfunctorch import temporarily_clear_interpreter_stack

from unified.compat.jax.on_torch import tree_util
from unified.compat.jax.on_torch.array import Array, as_array
from unified.compat.jax.on_torch.behaviour import Behaviour
from unified.compat.jax.on_torch.levels import without_levels
from unified.compat.jax.on_torch.tracing import current
from unified.compat.jax.on_torch.transforms import NUMERIC

__all__ = ["breakpoint", "callback", "print"]

BEHAVIOUR = Behaviour(on_arrays=True)


def _called(function: Callable[..., Any], args: Any, kwargs: Any) -> None:
    """Call a function of arrays, or record that a replay does."""
    leaves, structure = tree_util.tree_flatten((args, kwargs))
    arrays = [as_array(leaf) if isinstance(leaf, NUMERIC) else leaf for leaf in leaves]
    kinds = [type(leaf) if isinstance(leaf, Array) else None for leaf in arrays]

    def call(*values: Any) -> None:
        outside = without_levels([value for value, kind in zip(values, kinds, strict=True) if kind is not None])
        # Outside of derivatives, where each operation would wrap the values again.
        with temporarily_clear_interpreter_stack():
            for index in itertools.product(*map(range, outside.sizes)):  # once for each lane
                lane = iter(
                    [
                        value.detach()[index] if has_lanes else value.detach()
                        for value, has_lanes in zip(outside.values, outside.has_lanes, strict=True)
                    ]
                )
                made = [value if kind is None else kind(next(lane)) for kind, value in zip(kinds, values, strict=True)]
                arguments, named = structure.unflatten(made)
                function(*arguments, **named)

    values, trace = [leaf.tensor if isinstance(leaf, Array) else leaf for leaf in arrays], current()
    if trace is None:
        call(*values)
    else:
        trace.apply(call, values, [], has_effect=True)


def print(fmt: str, *args: Any, ordered: bool = False, partitioned: bool = False, **kwargs: Any) -> None:
    import builtins

    _called(lambda *args, **kwargs: builtins.print(fmt.format(*args, **kwargs)), args, kwargs)


def callback(
    callback: Callable[..., Any], *args: Any, ordered: bool = False, partitioned: bool = False, **kwargs: Any
) -> None:
    _called(callback, args, kwargs)


def breakpoint(**options: Any) -> None:
    import builtins

    builtins.breakpoint()
