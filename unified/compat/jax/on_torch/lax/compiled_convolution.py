"""The convolution under `torch.compile`: one operator whose operands and result are in JAX's layout.

For torch's operator with permuted operands, inductor copies the four-axis arrays that are saved for the backward pass
to the memory format `channels_last`, which does not suit Haiku's kernels `[height, width, in, out]` and images
`[batch, height, width, channels]`: a step of ResNet-18 took 1.7 times as long (`GraphLowering.run_node` in torch 2.13).
Activations would also be saved twice, before and after the permutation.
"""

import math
from typing import Any

import torch

from unified.compat.jax.on_torch.numpy.operands import inverse

__all__ = ["applies", "convolution"]

NAME = "unified::conv"
torch.library.define(
    NAME,
    "(Tensor x, Tensor kernel, int[] x_order, int[] kernel_order, int[] out_order, int[] stride, int[] padding, "
    "int[] dilation, int groups) -> Tensor",
)


def applies(x: torch.Tensor, out_size: list[int]) -> bool:
    """Return whether to use this operator: in compiled code, except for export, whose graphs keep torch's operators."""
    return (
        torch.compiler.is_compiling()
        and not torch.compiler.is_exporting()
        and not torch.is_autocast_enabled(x.device.type)
        and x.is_floating_point()
        and 3 <= x.dim() <= 5
        and math.prod(out_size) > 0
    )


def convolution(
    x: torch.Tensor, kernel: torch.Tensor, orders: Any, stride: Any, padding: Any, dilation: Any, groups: int
) -> torch.Tensor:
    """Convolve `x` with `kernel`; `orders` maps torch's axes of `x` and `kernel`, and JAX's axes of the result."""
    return torch.ops.unified.conv(x, kernel, *map(list, orders), list(stride), list(padding), list(dilation), groups)


def _convolve(
    x: torch.Tensor, kernel: torch.Tensor, x_order: Any, kernel_order: Any, out_order: Any, stride: Any, padding: Any,
    dilation: Any, groups: int,
) -> torch.Tensor:  # fmt: skip
    """Convolve by torch's operator; the result is contiguous, as the compiler infers from the fake tensors."""
    zeros = [0] * len(stride)
    out = torch.convolution(
        x.permute(x_order), kernel.permute(kernel_order), None, stride, padding, dilation, False, zeros, groups
    )
    return out.permute(out_order).contiguous()


def _save(ctx: Any, inputs: Any, output: torch.Tensor) -> None:
    ctx.save_for_backward(*inputs[:2])
    ctx.options = inputs[2:]


def _backward(ctx: Any, grad: torch.Tensor) -> Any:
    x, kernel = ctx.saved_tensors
    x_order, kernel_order, out_order, stride, padding, dilation, groups = ctx.options
    mask = [*ctx.needs_input_grad[:2], False]
    x_grad, kernel_grad, _ = torch.ops.aten.convolution_backward(
        grad.permute(inverse(out_order)), x.permute(x_order), kernel.permute(kernel_order), None, stride, padding,
        dilation, False, [0] * len(stride), groups, mask,
    )  # fmt: skip
    return (
        x_grad.permute(inverse(x_order)) if mask[0] else None,
        kernel_grad.permute(inverse(kernel_order)) if mask[1] else None,
        *[None] * 7,
    )


def _vmap(info: Any, axes: Any, x: torch.Tensor, kernel: torch.Tensor, *options: Any) -> Any:
    """Map the convolution: a batch of images in one call, a batch of kernels one call each."""
    if axes[1] is not None:
        images = [x] * info.batch_size if axes[0] is None else x.unbind(axes[0])
        kernels = kernel.unbind(axes[1])
        outputs = [torch.ops.unified.conv(*pair, *options) for pair in zip(images, kernels, strict=True)]
        return torch.stack(outputs), 0
    batch, out_batch = options[0][0], options[2].index(0)
    x = x.movedim(axes[0], batch)
    out = torch.ops.unified.conv(x.flatten(batch, batch + 1), kernel, *options)
    return out.unflatten(out_batch, (info.batch_size, -1)), out_batch


torch.library.impl(NAME, "CompositeExplicitAutograd", _convolve)
torch.library.register_fake(NAME, _convolve)
torch.library.register_autograd(NAME, _backward, setup_context=_save)
torch.library.register_vmap(NAME, _vmap)
