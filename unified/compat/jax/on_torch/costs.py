"""What a traced function costs, as `cost_analysis()` of `jax.stages` tells it: its graph is run without values."""

from typing import Any

import torch
from torch._subclasses.fake_tensor import DataDependentOutputException, DynamicOutputShapeException, FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from unified.compat.jax.on_torch.tracing import state
from unified.compat.jax.on_torch.tracing.abstract import abstract_of
from unified.compat.jax.on_torch.tracing.staged import Staged, Type

__all__ = ["analysis"]


class _Elements(TorchDispatchMode):
    """Counts one operation for each element that an elementwise function returns, as XLA does."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if torch.Tag.pointwise in func.tags and isinstance(result, torch.Tensor):
            self.count += result.numel()
        return result


def analysis(found: Staged, inputs: list[Type]) -> dict[str, float] | None:
    """Return `{"flops": ...}`; `None`, as JAX may, for a function whose steps depend on the values of its arguments."""
    abstract = [*map(abstract_of, found.graph.captures), *(each.abstract for each in inputs)]
    counter, elements = FlopCounterMode(display=False), _Elements()
    valueless = FakeTensorMode(allow_non_fake_inputs=True)  # constants of the graph have values
    try:
        with state.evaluating(), torch._C.DisableTorchFunction(), valueless:
            values = [torch.empty(each.shape, dtype=each.dtype, device=each.device) for each in abstract]
            with elements, counter:
                found.graph.function(*values)
    except (DataDependentOutputException, DynamicOutputShapeException):
        return None
    return {"flops": float(counter.get_total_flops() + elements.count)}
