"""The convolution that `torch.compile` sees: one operator that takes and gives arrays in JAX's layout.

With torch's own operator, around which axes are permuted, inductor copies the arrays of four axes that it keeps for the
backward pass to the memory format `channels_last` of their own axes, which Haiku's kernels `[height, width, in, out]`
and images `[batch, height, width, channels]` are not meant for: a step of ResNet-18 took 1.7 times as long
(`GraphLowering.run_node` in torch 2.13). Activations would also be kept twice, as given and permuted.
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
    """Whether a convolution that is being compiled can be this one; exported graphs keep to torch's operators."""
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
    """`x` and `kernel` convolved; `orders` says where torch's axes are in `x`, in `kernel`, and JAX's in the result."""
    return torch.ops.unified.conv(x, kernel, *map(list, orders), list(stride), list(padding), list(dilation), groups)


def _torch(
    x: torch.Tensor, kernel: torch.Tensor, x_order: Any, kernel_order: Any, out_order: Any, stride: Any, padding: Any,
    dilation: Any, groups: int,
) -> torch.Tensor:  # fmt: skip
    """By torch's operator; contiguous, as the compiler is told below."""
    zeros = [0] * len(stride)
    found = torch.convolution(
        x.permute(x_order), kernel.permute(kernel_order), None, stride, padding, dilation, False, zeros, groups
    )
    return found.permute(out_order).contiguous()


def _save(ctx: Any, inputs: Any, output: torch.Tensor) -> None:
    ctx.save_for_backward(*inputs[:2])
    ctx.options = inputs[2:]


def _backward(ctx: Any, grad: torch.Tensor) -> Any:
    x, kernel = ctx.saved_tensors
    x_order, kernel_order, out_order, stride, padding, dilation, groups = ctx.options
    wanted = [*ctx.needs_input_grad[:2], False]
    by_x, by_kernel, _ = torch.ops.aten.convolution_backward(
        grad.permute(inverse(out_order)), x.permute(x_order), kernel.permute(kernel_order), None, stride, padding,
        dilation, False, [0] * len(stride), groups, wanted,
    )  # fmt: skip
    return (
        by_x.permute(inverse(x_order)) if wanted[0] else None,
        by_kernel.permute(inverse(kernel_order)) if wanted[1] else None,
        *[None] * 7,
    )


def _mapped(info: Any, axes: Any, x: torch.Tensor, kernel: torch.Tensor, *options: Any) -> Any:
    """Over a batch of images in one call, over a batch of kernels in one for each."""
    if axes[1] is not None:
        images = [x] * info.batch_size if axes[0] is None else x.unbind(axes[0])
        kernels = kernel.unbind(axes[1])
        found = [torch.ops.unified.conv(*pair, *options) for pair in zip(images, kernels, strict=True)]
        return torch.stack(found), 0
    batch, out_batch = options[0][0], options[2].index(0)
    x = x.movedim(axes[0], batch)
    found = torch.ops.unified.conv(x.flatten(batch, batch + 1), kernel, *options)
    return found.unflatten(out_batch, (info.batch_size, -1)), out_batch


torch.library.impl(NAME, "CompositeExplicitAutograd", _torch)
torch.library.register_fake(NAME, _torch)
torch.library.register_autograd(NAME, _backward, setup_context=_save)
torch.library.register_vmap(NAME, _mapped)
