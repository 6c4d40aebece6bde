"""`jax.debug` on torch: called at once where values are concrete, and in a traced function whenever that runs."""

import contextlib
from collections.abc import Callable
from typing import Any

import torch
from torch._functorch.pyfunctorch import temporarily_clear_interpreter_stack

from unified.backends.torch import lanes
from unified.compat.jax.on_torch import tree_util
from unified.compat.jax.on_torch.array import Array, as_array
from unified.compat.jax.on_torch.behaviour import Behaviour
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
        # Outside of derivatives, where each operation would wrap the values again.
        is_mapped = any(isinstance(value, torch.Tensor) and lanes.has_values_by_lane(value) for value in values)
        with contextlib.nullcontext() if is_mapped else temporarily_clear_interpreter_stack():
            plain = [value if kind is None else kind(_plain(value)) for kind, value in zip(kinds, values, strict=True)]
            arguments, named = structure.unflatten(plain)
            function(*arguments, **named)

    values, trace = [leaf.tensor if isinstance(leaf, Array) else leaf for leaf in arrays], current()
    if trace is None:
        call(*values)
    else:
        trace.apply(call, values, [], has_effect=True)


def _plain(value: torch.Tensor) -> torch.Tensor:
    """Return the values of a tensor that is differentiated."""
    while torch._C._functorch.is_gradtrackingtensor(value):
        value = torch._C._functorch.get_unwrapped(value)
    return value.detach()


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
