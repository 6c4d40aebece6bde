"""Activations with random slopes, and `gumbel_softmax`."""

import torch
from torch import nn

from unified.backends.torch.portable.drawing import draw
from unified.core.distributions import Uniform

__all__ = ["FUNCTIONS", "LAYERS"]


def rrelu(
    input: torch.Tensor,
    lower: float = 1 / 8,
    upper: float = 1 / 3,
    training: bool = False,
    inplace: bool = False,
    path: str | None = None,
) -> torch.Tensor:
    """Compute `torch.nn.functional.rrelu`, with slopes drawn at the current scope."""
    if not training:
        return nn.functional.rrelu(input, lower, upper, False, inplace)
    slope = draw(Uniform(lower, upper), tuple(input.shape), input.dtype, path)
    output = torch.where(input > 0, input, input * slope)
    return input.copy_(output) if inplace else output


class RReLU(nn.RReLU):
    """`torch.nn.RReLU`, with slopes drawn at the layer's path."""

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        return rrelu(input, self.lower, self.upper, self.training, self.inplace, self.__dict__["_path"])


def gumbel_softmax(
    logits: torch.Tensor, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1
) -> torch.Tensor:
    """Compute `torch.nn.functional.gumbel_softmax`, with noise drawn at the current scope."""
    uniform = draw(Uniform(2.0**-25, 1.0), tuple(logits.shape), logits.dtype, None)
    soft = ((logits - (-uniform.log()).log()) / tau).softmax(dim)
    if not hard:
        return soft
    one_hot = torch.zeros_like(logits).scatter_(dim, soft.argmax(dim, keepdim=True), 1.0)
    return one_hot - soft.detach() + soft


LAYERS: dict[str, type[nn.Module]] = {"RReLU": RReLU}

FUNCTIONS = {"gumbel_softmax": gumbel_softmax, "rrelu": rrelu}
