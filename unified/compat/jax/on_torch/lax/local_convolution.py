"""`jax.lax.conv_general_dilated_local`: a convolution with a kernel of its own for each place of the output."""

from typing import Any

import torch

from unified.compat.jax.on_torch.array import tensor
from unified.compat.jax.on_torch.behaviour import Behaviour
from unified.compat.jax.on_torch.lax.convolution import conv_dimension_numbers, conv_general_dilated_patches
from unified.compat.jax.on_torch.numpy.operands import inverse

__all__ = ["conv_general_dilated_local"]

BEHAVIOUR = Behaviour()


def conv_general_dilated_local(
    lhs: Any, rhs: Any, window_strides: Any, padding: Any, filter_shape: Any, lhs_dilation: Any = None,
    rhs_dilation: Any = None, dimension_numbers: Any = None, precision: Any = None,
) -> torch.Tensor:  # fmt: skip
    """The axis of `rhs` for its inputs holds the channels times the window; its spatial axes are the output's."""
    lhs, rhs = tensor(lhs), tensor(rhs)
    numbers = conv_dimension_numbers(lhs.shape, rhs.shape, dimension_numbers)
    patches = conv_general_dilated_patches(
        lhs, filter_shape, window_strides, padding, lhs_dilation, rhs_dilation, numbers
    ).permute(numbers.out_spec)
    kernels = rhs.permute(numbers.rhs_spec)
    if kernels.shape[1:] != patches.shape[1:]:
        raise ValueError(
            f"a local convolution needs a kernel of channels times window for each place of the output, "
            f"{list(patches.shape[1:])} here, got {list(kernels.shape[1:])}"
        )
    places = patches.flatten(2), kernels.flatten(2)
    result = torch.einsum("nkp,okp->nop", *places).reshape((patches.shape[0], kernels.shape[0], *patches.shape[2:]))
    return result.permute(inverse(numbers.out_spec))
