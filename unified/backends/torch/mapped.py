"""`MappedModel`: a model over an axis of its inputs."""

from typing import Any

import torch
from torch import nn

from unified.backends.torch.function_transforms import TorchFunctionTransforms
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
        mapped = TorchFunctionTransforms().vmap(
            self.model,
            in_axes=self.in_axes,
            out_axes=self.out_axes,
            axis_name=self.axis_name,
            axis_size=self.axis_size,
        )
        return mapped(*args)

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
