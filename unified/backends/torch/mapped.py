"""`MappedModel`: a model over an axis of its inputs."""

from typing import Any

import torch
from torch import nn

from unified.backends.torch import lanes
from unified.backends.torch.trees import TREES
from unified.core.lifted.checks import common_size
from unified.core.params import Params

__all__ = ["MappedModel"]


class MappedModel(nn.Module):
    """A model mapped over an axis of its inputs by `torch.func.vmap`; `unified.vmap(model)` returns one."""

    def __init__(self, model: nn.Module, options: dict[str, Any]) -> None:
        super().__init__()
        self.model = model
        self.in_axes, self.out_axes = options.get("in_axes", 0), options.get("out_axes", 0)
        self.axis_name, self.axis_size = options.get("axis_name"), options.get("axis_size")

    def forward(self, *args: Any) -> Any:
        in_axes = self.in_axes if isinstance(self.in_axes, tuple) else (self.in_axes,) * len(args)
        size = common_size("u.vmap", TREES.sizes(args, in_axes), self.axis_size, "axis_size")

        def run(place: torch.Tensor, *args: Any) -> Any:
            with lanes.mapped(self.axis_name, size, place):
                return self.model(*args)

        mapped = torch.func.vmap(run, (0, *in_axes), self.out_axes, randomness="different")
        device = next(self.model.parameters(), torch.empty(0)).device
        return mapped(torch.arange(size, device=device), *args)

    @property
    def _fn(self) -> Any:
        return self.model._fn

    @property
    def params(self) -> Params:
        """The variables of the model that is mapped."""
        params: Any = self.model.params
        return params

    def transformed(self, kind: str, **options: Any) -> Any:
        """Return this compiled, or mapped over another axis; see `unified.jit` and `unified.vmap`."""
        return torch.compile(self, **options) if kind == "jit" else MappedModel(self, options)
