"""Fractional pooling with the same random windows as on every backend, also in evaluation."""

from typing import Any

import torch
from torch import nn

from unified.backends.torch.portable.drawing import draw
from unified.core.distributions import Uniform
from unified.core.dtypes import dtype_name

__all__ = ["FUNCTIONS", "LAYERS"]


def _fractional_max_pool(dimensions: int) -> Any:
    """Return torch's function, with windows placed by numbers that are drawn at `path` or at the current scope."""
    pool: Any = getattr(nn.functional, f"fractional_max_pool{dimensions}d")

    def fractional_max_pool(
        input: torch.Tensor,
        kernel_size: Any,
        output_size: Any = None,
        output_ratio: Any = None,
        return_indices: bool = False,
        _random_samples: torch.Tensor | None = None,
        path: str | None = None,
    ) -> Any:
        # torch raises for an input of another rank.
        if _random_samples is None and input.dim() in (dimensions + 1, dimensions + 2):
            shape = (*(1, *input.shape[:-dimensions])[-2:], dimensions)
            _random_samples = draw(Uniform(), shape, dtype_name(input.dtype), path)
        return pool(input, kernel_size, output_size, output_ratio, return_indices, _random_samples=_random_samples)

    return fractional_max_pool


FUNCTIONS = {f"fractional_max_pool{dimensions}d": _fractional_max_pool(dimensions) for dimensions in (2, 3)}


def _layer(base: type[nn.Module], function: Any) -> type[nn.Module]:
    """Return the class `base`, with windows placed by numbers that are drawn at the layer's path."""

    def forward(self: Any, input: torch.Tensor) -> Any:
        return function(
            input,
            self.kernel_size,
            self.output_size,
            self.output_ratio,
            self.return_indices,
            self._random_samples,
            self.__dict__["_path"],
        )

    return type(base.__name__, (base,), {"forward": forward, "__module__": __name__, "__doc__": base.__doc__})


FractionalMaxPool2d = _layer(nn.FractionalMaxPool2d, FUNCTIONS["fractional_max_pool2d"])
FractionalMaxPool3d = _layer(nn.FractionalMaxPool3d, FUNCTIONS["fractional_max_pool3d"])

LAYERS: dict[str, type[nn.Module]] = {
    "FractionalMaxPool2d": FractionalMaxPool2d,
    "FractionalMaxPool3d": FractionalMaxPool3d,
}
