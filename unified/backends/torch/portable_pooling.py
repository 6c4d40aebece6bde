"""Fractional pooling whose windows lie where they do on every backend.

Windows are placed at random in evaluation too, as in torch.
"""

from typing import Any

import torch
from torch import nn

from unified.core.distributions import Uniform
from unified.core.params import dtype_name
from unified.core.scope import here

__all__ = ["FUNCTIONAL_NAMES", "LAYERS"]


def _samples(input: torch.Tensor, dimensions: int, path: str | None) -> torch.Tensor | None:
    """The numbers that place the windows; `None` for an input that torch will refuse."""
    if input.dim() not in (dimensions + 1, dimensions + 2):
        return None
    scope = here("fractional pooling of a model with rng='portable'")
    path = scope.path if path is None else path
    lead = (1, *input.shape[:-dimensions])[-2:]
    return scope.frame.sample(
        Uniform(), (*lead, dimensions), dtype_name(input.dtype), path, scope.frame.draw_index(path)
    )


def fractional_max_pool2d(
    input: torch.Tensor,
    kernel_size: Any,
    output_size: Any = None,
    output_ratio: Any = None,
    return_indices: bool = False,
    _random_samples: torch.Tensor | None = None,
) -> Any:
    """`torch.nn.functional.fractional_max_pool2d`, with windows placed by numbers drawn at the current scope."""
    samples = _samples(input, 2, None) if _random_samples is None else _random_samples
    return nn.functional.fractional_max_pool2d(
        input, kernel_size, output_size, output_ratio, return_indices, _random_samples=samples
    )


def fractional_max_pool3d(
    input: torch.Tensor,
    kernel_size: Any,
    output_size: Any = None,
    output_ratio: Any = None,
    return_indices: bool = False,
    _random_samples: torch.Tensor | None = None,
) -> Any:
    """`torch.nn.functional.fractional_max_pool3d`, with windows placed by numbers drawn at the current scope."""
    samples = _samples(input, 3, None) if _random_samples is None else _random_samples
    return nn.functional.fractional_max_pool3d(
        input, kernel_size, output_size, output_ratio, return_indices, _random_samples=samples
    )


class FractionalMaxPool2d(nn.FractionalMaxPool2d):
    """`torch.nn.FractionalMaxPool2d`, with windows placed by numbers drawn at the layer's path."""

    def forward(self, input: torch.Tensor) -> Any:
        if self._random_samples is not None:
            return super().forward(input)
        samples = _samples(input, 2, self.__dict__["_path"])
        return nn.functional.fractional_max_pool2d(
            input, self.kernel_size, self.output_size, self.output_ratio, self.return_indices, _random_samples=samples
        )


class FractionalMaxPool3d(nn.FractionalMaxPool3d):
    """`torch.nn.FractionalMaxPool3d`, with windows placed by numbers drawn at the layer's path."""

    def forward(self, input: torch.Tensor) -> Any:
        if self._random_samples is not None:
            return super().forward(input)
        samples = _samples(input, 3, self.__dict__["_path"])
        return nn.functional.fractional_max_pool3d(
            input, self.kernel_size, self.output_size, self.output_ratio, self.return_indices, _random_samples=samples
        )


LAYERS: dict[str, type[nn.Module]] = {
    "FractionalMaxPool2d": FractionalMaxPool2d,
    "FractionalMaxPool3d": FractionalMaxPool3d,
}

FUNCTIONAL_NAMES = {"fractional_max_pool2d": fractional_max_pool2d, "fractional_max_pool3d": fractional_max_pool3d}
