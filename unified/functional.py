"""Functions of `torch.nn.functional`, on either framework's arrays.

`unified.functional.relu(x)` is `torch.nn.functional.relu` in a torch model. In a JAX model it is a function on JAX
arrays with the same name, arguments and values. Outside a model the type of the arguments selects the framework. No
function overwrites its input: `inplace` has no effect. `size_average` and `reduce` are torch's older arguments for
`reduction`, which they replace where they are passed.

Written by `make generate` from the stubs in tools/functional/.

>>> import numpy, torch, unified.functional as F
>>> F.relu(torch.tensor([-1.0, 2.0])).tolist()
[0.0, 2.0]
"""

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from unified.core import backends
from unified.core.annotations import ArrayLike, ArrayT, DType, ShapeLike
from unified.core.backends import FUNCTIONAL
from unified.core.errors import BackendError
from unified.core.missing import unknown_name
from unified.core.pairs import refuse_pair
from unified.core.scope import current

# fmt: off
__all__ = [
    "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d", "adaptive_max_pool1d", "adaptive_max_pool2d",
    "adaptive_max_pool3d", "affine_grid", "alpha_dropout", "avg_pool1d", "avg_pool2d", "avg_pool3d", "batch_norm",
    "bilinear", "binary_cross_entropy", "binary_cross_entropy_with_logits", "celu", "channel_shuffle", "conv1d",
    "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "cosine_embedding_loss",
    "cosine_similarity", "cross_entropy", "ctc_loss", "dropout", "dropout1d", "dropout2d", "dropout3d", "elu",
    "embedding", "embedding_bag", "feature_alpha_dropout", "fold", "fractional_max_pool2d", "fractional_max_pool3d",
    "gaussian_nll_loss", "gelu", "glu", "grid_sample", "group_norm", "gumbel_softmax", "hardshrink", "hardsigmoid",
    "hardswish", "hardtanh", "hinge_embedding_loss", "huber_loss", "instance_norm", "interpolate", "kl_div", "l1_loss",
    "layer_norm", "leaky_relu", "linear", "linear_cross_entropy", "local_response_norm", "log_softmax", "logsigmoid",
    "lp_pool1d", "lp_pool2d", "lp_pool3d", "margin_ranking_loss", "max_pool1d", "max_pool2d", "max_pool3d",
    "max_unpool1d", "max_unpool2d", "max_unpool3d", "mish", "mse_loss", "multi_head_attention_forward",
    "multi_margin_loss", "multilabel_margin_loss", "multilabel_soft_margin_loss", "nll_loss", "normalize", "one_hot",
    "pad", "pairwise_distance", "pdist", "pixel_shuffle", "pixel_unshuffle", "poisson_nll_loss", "prelu", "relu",
    "relu6", "rms_norm", "rrelu", "scaled_dot_product_attention", "selu", "sigmoid", "silu", "smooth_l1_loss",
    "soft_margin_loss", "softmax", "softmin", "softplus", "softshrink", "softsign", "tanh", "tanhshrink", "threshold",
    "triplet_margin_loss", "triplet_margin_with_distance_loss", "unfold",
]


def _of(*arguments: Any) -> Any:
    """Return the functions of the framework that one of `arguments` belongs to."""
    for argument in arguments:
        functional = FUNCTIONAL.get(type(argument))  # which torch.compile follows, and the search below it does not
        if functional is not None:
            return functional
        if type(argument) is tuple:
            refuse_pair(argument)
    return _found(arguments)


def _found(arguments: tuple[Any, ...]) -> Any:
    """Return the functions of the framework that takes one of `arguments`, and keep them for arrays of its class."""
    functional = backends.find_functions(arguments, "functional", FUNCTIONAL)
    if functional is not None:
        return functional
    name = sys._getframe(2).f_code.co_name  # written into each call, it would lengthen this file by half
    raise BackendError(
        f"unified.functional.{name} was called outside a model, on "
        f"{', '.join(type(a).__name__ for a in arguments)}: pass an array of an installed framework"
    )


def _native(dtype: Any, array: Any) -> Any:
    """Return the dtype of the framework that runs, or that `array` belongs to, for any framework's dtype."""
    scope = current.scope
    backend = backends.of_array(array) if scope is None else scope.frame.backend
    return dtype if backend is None else backend.dtype(dtype)


if not TYPE_CHECKING:  # checkers would take any name for an attribute

    def __getattr__(name: str) -> Any:
        raise unknown_name(__name__, name, __all__)


def adaptive_avg_pool1d(input: ArrayT, output_size: int | Sequence[int | None] | None) -> ArrayT:
    """Return the means of windows that cover the last axis evenly, as many as `output_size` says.

    Args:
        input: an array `(N, C, L)` or `(C, L)`.
        output_size: the number of windows.

    Returns:
        An array `(N, C, L')`, or `(C, L')`.

    Source: `torch.nn.functional.adaptive_avg_pool1d`.

    >>> import torch, unified.functional as F
    >>> F.adaptive_avg_pool1d(torch.tensor([[1.0, 2.0, 4.0, 8.0]]), 2)
    tensor([[1.5000, 6.0000]])
    """
    return (s.functional if (s := current.scope) else _of(input)).adaptive_avg_pool1d(input, output_size)

def adaptive_avg_pool2d(input: ArrayT, output_size: int | Sequence[int | None] | None) -> ArrayT:
    """Return the means of windows that cover the last two axes evenly, as many as `output_size` says.

    Args:
        input: an array `(N, C, H, W)` or `(C, H, W)`.
        output_size: the numbers of windows along both axes, or one for both; `None` keeps an axis as it is.

    Returns:
        An array `(N, C, H', W')`, or `(C, H', W')`.

    Source: `torch.nn.functional.adaptive_avg_pool2d`.

    >>> import torch, unified.functional as F
    >>> F.adaptive_avg_pool2d(torch.arange(16.0).reshape(1, 4, 4), 1)
    tensor([[[7.5000]]])
    """
    return (s.functional if (s := current.scope) else _of(input)).adaptive_avg_pool2d(input, output_size)

def adaptive_avg_pool3d(input: ArrayT, output_size: int | Sequence[int | None] | None) -> ArrayT:
    """Return the means of windows that cover the last three axes evenly, as many as `output_size` says.

    Args:
        input: an array `(N, C, D, H, W)` or `(C, D, H, W)`.
        output_size: the numbers of windows along the three axes, or one for all; `None` keeps an axis as it is.

    Returns:
        An array `(N, C, D', H', W')`, or `(C, D', H', W')`.

    Source: `torch.nn.functional.adaptive_avg_pool3d`.

    >>> import torch, unified.functional as F
    >>> F.adaptive_avg_pool3d(torch.arange(64.0).reshape(1, 4, 4, 4), 1)
    tensor([[[[31.5000]]]])
    """
    return (s.functional if (s := current.scope) else _of(input)).adaptive_avg_pool3d(input, output_size)

def adaptive_max_pool1d(
    input: ArrayT, output_size: int | Sequence[int | None] | None, return_indices: bool = False) -> ArrayT | Any:
    """Return the greatest values of windows that cover the last axis evenly, as many as `output_size` says.

    Args:
        input: an array `(N, C, L)` or `(C, L)`.
        output_size: the number of windows.
        return_indices: whether the positions of the values are returned too, counted over the last axis.

    Returns:
        An array `(N, C, L')`, or `(C, L')`; with `return_indices` a tuple of it and the positions.

    Source: `torch.nn.functional.adaptive_max_pool1d`.

    >>> import torch, unified.functional as F
    >>> F.adaptive_max_pool1d(torch.tensor([[1.0, 2.0, 4.0, 8.0]]), 2)
    tensor([[2., 8.]])
    """
    return (s.functional if (s := current.scope) else _of(input)).adaptive_max_pool1d(
        input, output_size, return_indices)

def adaptive_max_pool2d(
    input: ArrayT, output_size: int | Sequence[int | None] | None, return_indices: bool = False) -> ArrayT | Any:
    """Return the greatest values of windows that cover the last two axes evenly, as many as `output_size` says.

    Args:
        input: an array `(N, C, H, W)` or `(C, H, W)`.
        output_size: the numbers of windows along both axes, or one for both; `None` keeps an axis as it is.
        return_indices: whether the positions of the values are returned too, counted over the last two axes.

    Returns:
        An array `(N, C, H', W')`, or `(C, H', W')`; with `return_indices` a tuple of it and the positions.

    Source: `torch.nn.functional.adaptive_max_pool2d`.

    >>> import torch, unified.functional as F
    >>> F.adaptive_max_pool2d(torch.arange(16.0).reshape(1, 4, 4), 1)
    tensor([[[15.]]])
    """
    return (s.functional if (s := current.scope) else _of(input)).adaptive_max_pool2d(
        input, output_size, return_indices)

def adaptive_max_pool3d(
    input: ArrayT, output_size: int | Sequence[int | None] | None, return_indices: bool = False) -> ArrayT | Any:
    """Return the greatest values of windows that cover the last three axes evenly, as many as `output_size` says.

    Args:
        input: an array `(N, C, D, H, W)` or `(C, D, H, W)`.
        output_size: the numbers of windows along the three axes, or one for all; `None` keeps an axis as it is.
        return_indices: whether the positions of the values are returned too, counted over the last three axes.

    Returns:
        An array `(N, C, D', H', W')`, or `(C, D', H', W')`; with `return_indices` a tuple of it and the positions.

    Source: `torch.nn.functional.adaptive_max_pool3d`.

    >>> import torch, unified.functional as F
    >>> F.adaptive_max_pool3d(torch.arange(64.0).reshape(1, 4, 4, 4), 1)
    tensor([[[[63.]]]])
    """
    return (s.functional if (s := current.scope) else _of(input)).adaptive_max_pool3d(
        input, output_size, return_indices)

def affine_grid(theta: ArrayT, size: Sequence[int], align_corners: bool | None = None) -> ArrayT:
    """Return the points at which `grid_sample` takes an affine picture of its input.

    Args:
        theta: the maps of output coordinates to input coordinates, `(N, 2, 3)` or `(N, 3, 4)`, floating-point.
        size: the size of the output, `(N, C, H, W)` or `(N, C, D, H, W)`.
        align_corners: whether -1 and 1 are the centres of the corner pixels (`True`) or their outer edges; `None` is
            `False` with a warning.

    Returns:
        An array `(N, H, W, 2)` or `(N, D, H, W, 3)`, with coordinates of the last axis first.

    Source: `torch.nn.functional.affine_grid`; Jaderberg et al. (2015).

    >>> import torch, unified.functional as F
    >>> identity = torch.tensor([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]])
    >>> F.affine_grid(identity, (1, 1, 2, 2), align_corners=True).tolist()
    [[[[-1.0, -1.0], [1.0, -1.0]], [[-1.0, 1.0], [1.0, 1.0]]]]
    """
    return (s.functional if (s := current.scope) else _of(theta)).affine_grid(theta, size, align_corners)

def alpha_dropout(input: ArrayT, p: float = 0.5, training: bool = False, inplace: bool = False) -> ArrayT:
    """Return `input` with a SELU's least value for values drawn at random, rescaled to keep the mean and variance.

    Args:
        input: an array of any shape, such as the output of `selu`.
        p: the probability with which a value is replaced, from 0 to 1.
        training: whether anything is replaced; without it the input is returned.

    Source: `torch.nn.functional.alpha_dropout`; Klambauer et al. (2017).

    >>> import torch, unified.functional as F
    >>> F.alpha_dropout(torch.tensor([1.0, 2.0]), training=False)
    tensor([1., 2.])
    """
    return (s.functional if (s := current.scope) else _of(input)).alpha_dropout(input, p, training)

def avg_pool1d(
    input: ArrayT, kernel_size: ShapeLike, stride: ShapeLike | None = None, padding: ShapeLike = 0,
    ceil_mode: bool = False, count_include_pad: bool = True) -> ArrayT:
    """Return the mean of each window of the last axis.

    Args:
        input: an array `(N, C, L)` or `(C, L)`.
        kernel_size: the size of a window.
        stride: the distance between windows, by default `kernel_size`.
        padding: the zeros at each end, at most half of a window.
        ceil_mode: whether a window that ends beyond the input counts.
        count_include_pad: whether padded zeros count in the mean.

    Returns:
        An array `(N, C, L')`, or `(C, L')`.

    Source: `torch.nn.functional.avg_pool1d`.

    >>> import torch, unified.functional as F
    >>> F.avg_pool1d(torch.tensor([[1.0, 2.0, 4.0, 8.0]]), 2)
    tensor([[1.5000, 6.0000]])
    """
    return (s.functional if (s := current.scope) else _of(input)).avg_pool1d(
        input, kernel_size, stride=stride, padding=padding, ceil_mode=ceil_mode, count_include_pad=count_include_pad)

def avg_pool2d(
    input: ArrayT, kernel_size: ShapeLike, stride: ShapeLike | None = None, padding: ShapeLike = 0,
    ceil_mode: bool = False, count_include_pad: bool = True, divisor_override: int | None = None) -> ArrayT:
    """Return the mean of each window of the last two axes.

    Args:
        input: an array `(N, C, H, W)` or `(C, H, W)`.
        kernel_size: the height and width of a window, or one number for both.
        stride: the distance between windows, by default `kernel_size`.
        padding: the zeros at each end, at most half of a window.
        ceil_mode: whether a window that ends beyond the input counts.
        count_include_pad: whether padded zeros count in the mean.
        divisor_override: the number by which sums are divided instead of the size of the window.

    Returns:
        An array `(N, C, H', W')`, or `(C, H', W')`.

    Source: `torch.nn.functional.avg_pool2d`.

    >>> import torch, unified.functional as F
    >>> F.avg_pool2d(torch.arange(16.0).reshape(1, 4, 4), 2)
    tensor([[[ 2.5000,  4.5000],
             [10.5000, 12.5000]]])
    """
    return (s.functional if (s := current.scope) else _of(input)).avg_pool2d(
        input, kernel_size, stride=stride, padding=padding, ceil_mode=ceil_mode, count_include_pad=count_include_pad,
        divisor_override=divisor_override)

def avg_pool3d(
    input: ArrayT, kernel_size: ShapeLike, stride: ShapeLike | None = None, padding: ShapeLike = 0,
    ceil_mode: bool = False, count_include_pad: bool = True, divisor_override: int | None = None) -> ArrayT:
    """Return the mean of each window of the last three axes.

    A window has to fit the input without its padding.

    Args:
        input: an array `(N, C, D, H, W)` or `(C, D, H, W)`.
        kernel_size: the sizes of a window, or one number for all.
        stride: the distance between windows, by default `kernel_size`.
        padding: the zeros at each end, at most half of a window.
        ceil_mode: whether a window that ends beyond the input counts.
        count_include_pad: whether padded zeros count in the mean.
        divisor_override: the number by which sums are divided instead of the size of the window.

    Returns:
        An array `(N, C, D', H', W')`, or `(C, D', H', W')`.

    Source: `torch.nn.functional.avg_pool3d`.

    >>> import torch, unified.functional as F
    >>> F.avg_pool3d(torch.arange(64.0).reshape(1, 4, 4, 4), 2).shape
    torch.Size([1, 2, 2, 2])
    """
    return (s.functional if (s := current.scope) else _of(input)).avg_pool3d(
        input, kernel_size, stride=stride, padding=padding, ceil_mode=ceil_mode, count_include_pad=count_include_pad,
        divisor_override=divisor_override)

def batch_norm(
    input: ArrayT, running_mean: ArrayLike | None, running_var: ArrayLike | None, weight: ArrayLike | None = None,
    bias: ArrayLike | None = None, training: bool = False, momentum: float = 0.1, eps: float = 1e-05) -> ArrayT:
    """Return each channel with the mean subtracted and divided by the standard deviation, then scaled and shifted.

    With `training` the statistics are those of the batch, and torch updates `running_mean` and `running_var` in place.
    JAX's arrays cannot be written: they stay as they are, and the layer `unified.BatchNorm2d` returns new ones.

    Args:
        input: an array `(N, C, ...)`.
        running_mean: the mean of each channel, `(C,)`; `None` is for training alone.
        running_var: the variance of each channel, `(C,)`; `None` is for training alone.
        weight: the scale of each channel, `(C,)`.
        bias: the shift of each channel, `(C,)`.
        training: whether the batch's statistics are used.
        momentum: the weight of the batch in the update of the running statistics.
        eps: a number that is added to the variance.

    Raises:
        ValueError: there is one value per channel in training.

    Source: `torch.nn.functional.batch_norm`; Ioffe and Szegedy (2015).

    >>> import torch, unified.functional as F
    >>> F.batch_norm(torch.tensor([[1.0], [3.0]]), None, None, training=True, eps=1e-12)
    tensor([[-1.],
            [ 1.]])
    """
    return (s.functional if (s := current.scope) else _of(input, running_mean, running_var, weight, bias)).batch_norm(
        input, running_mean, running_var, weight, bias, training, momentum, eps)

def bilinear(input1: ArrayT, input2: ArrayLike, weight: ArrayLike, bias: ArrayLike | None = None) -> ArrayT:
    """Return `input1 @ weight[o] @ input2 + bias[o]` for each output `o`.

    Args:
        input1: an array `(..., I)`.
        input2: an array `(..., J)`, with the other axes of `input1`.
        weight: an array `(out, I, J)`.
        bias: an array `(out,)`.

    Returns:
        An array `(..., out)`.

    Source: `torch.nn.functional.bilinear`.

    >>> import torch, unified.functional as F
    >>> F.bilinear(torch.tensor([[2.0]]), torch.tensor([[3.0]]), torch.ones(1, 1, 1), torch.ones(1))
    tensor([[7.]])
    """
    return (s.functional if (s := current.scope) else _of(input1, input2, weight, bias)).bilinear(
        input1, input2, weight, bias=bias)

def binary_cross_entropy(
    input: ArrayT, target: ArrayLike, weight: ArrayLike | None = None, size_average: bool | None = None,
    reduce: bool | None = None, reduction: str = "mean") -> ArrayT:
    """Return minus the log-probability of targets, from the probabilities of true.

    Logarithms are cut off at -100. A probability outside of 0 to 1 raises on torch, and is NaN on JAX.

    Args:
        input: probabilities, of any shape.
        target: numbers from 0 to 1, of the shape of `input`.
        weight: factors of the losses, which broadcast to `input`.
        reduction: `"none"`, `"mean"` or `"sum"`.

    Source: `torch.nn.functional.binary_cross_entropy`.

    >>> import torch, unified.functional as F
    >>> F.binary_cross_entropy(torch.tensor([0.5, 0.5]), torch.tensor([0.0, 1.0]))
    tensor(0.6931)
    """
    return (s.functional if (s := current.scope) else _of(input, target, weight)).binary_cross_entropy(
        input, target, weight, size_average, reduce, reduction)

def binary_cross_entropy_with_logits(
    input: ArrayT, target: ArrayLike, weight: ArrayLike | None = None, size_average: bool | None = None,
    reduce: bool | None = None, reduction: str = "mean", pos_weight: ArrayLike | None = None) -> ArrayT:
    """Return minus the log-probability of targets, from the logits of true, without overflow.

    Args:
        input: logits, of any shape.
        target: numbers from 0 to 1, of the shape of `input`.
        weight: factors of the losses, which broadcast to `input`.
        reduction: `"none"`, `"mean"` or `"sum"`.
        pos_weight: factors of the losses of ones, which broadcast to `input`.

    Raises:
        ValueError: the shapes of `input` and `target` differ.

    Source: `torch.nn.functional.binary_cross_entropy_with_logits`.

    >>> import torch, unified.functional as F
    >>> F.binary_cross_entropy_with_logits(torch.tensor([1000.0]), torch.tensor([0.0]))
    tensor(1000.)
    """
    functional = s.functional if (s := current.scope) else _of(
        input, target, weight, pos_weight)
    return functional.binary_cross_entropy_with_logits(
        input, target, weight, size_average, reduce, reduction, pos_weight)

def celu(input: ArrayT, alpha: float = 1.0, inplace: bool = False) -> ArrayT:
    """Return `input` above zero, else `alpha * (exp(input / alpha) - 1)`, whose slope has no jump at zero.

    Args:
        input: an array of any shape.
        alpha: minus the least value; not zero.

    Source: `torch.nn.functional.celu`; Barron (2017).

    >>> import torch, unified.functional as F
    >>> F.celu(torch.tensor([-4.0, 0.0, 2.0]), alpha=2.0)
    tensor([-1.7293,  0.0000,  2.0000])
    """
    return (s.functional if (s := current.scope) else _of(input)).celu(input, alpha)

def channel_shuffle(input: ArrayT, groups: int) -> ArrayT:
    """Return the channels in another order: the first of each group, then the second of each, and so on.

    Args:
        input: an array `(N, C, ...)`.
        groups: the number of groups, which divides `C`.

    Returns:
        An array of the shape of `input`.

    Source: `torch.nn.functional.channel_shuffle`; Zhang et al. (2017).

    >>> import torch, unified.functional as F
    >>> F.channel_shuffle(torch.arange(4.0).reshape(1, 4, 1, 1), 2).flatten()
    tensor([0., 2., 1., 3.])
    """
    return (s.functional if (s := current.scope) else _of(input)).channel_shuffle(input, groups)

def conv1d(
    input: ArrayT, weight: ArrayLike, bias: ArrayLike | None = None, stride: ShapeLike = 1,
    padding: str | ShapeLike = 0, dilation: ShapeLike = 1, groups: int = 1) -> ArrayT:
    """Return the sum of products of `weight` with each window of the last axis, for each output channel.

    Args:
        input: an array `(N, C, L)` or `(C, L)`.
        weight: an array `(out, C / groups, kernel)`.
        bias: an array `(out,)` that is added.
        stride: the distance between windows: a number.
        padding: the zeros at each end: a number; or `"valid"` for none, or `"same"` for an output of the input's size,
            with a stride of 1.
        dilation: the distance between the elements of a window: a number.
        groups: into how many groups the channels of input and output are divided, each with its own weights.

    Returns:
        An array `(N, out, L')`, or `(out, L')`.

    Raises:
        ValueError: the channels do not fit, or the kernel is larger than the padded input (on torch a `RuntimeError`).

    Source: `torch.nn.functional.conv1d`.

    >>> import torch, unified.functional as F
    >>> F.conv1d(torch.tensor([[1.0, 2.0, 4.0]]), torch.tensor([[[1.0, -1.0]]]))
    tensor([[-1., -2.]])
    """
    return (s.functional if (s := current.scope) else _of(input, weight, bias)).conv1d(
        input, weight, bias=bias, stride=stride, padding=padding, dilation=dilation, groups=groups)

def conv2d(
    input: ArrayT, weight: ArrayLike, bias: ArrayLike | None = None, stride: ShapeLike = 1,
    padding: str | ShapeLike = 0, dilation: ShapeLike = 1, groups: int = 1) -> ArrayT:
    """Return the sum of products of `weight` with each window of the last two axes, for each output channel.

    Args:
        input: an array `(N, C, H, W)` or `(C, H, W)`.
        weight: an array `(out, C / groups, kh, kw)`.
        bias: an array `(out,)` that is added.
        stride: the distance between windows: one number for all axes, or one for each.
        padding: the zeros at each end: one number for all axes, or one for each; or `"valid"` for none, or `"same"`
            for an output of the input's size, with a stride of 1.
        dilation: the distance between the elements of a window: one number for all axes, or one for each.
        groups: into how many groups the channels of input and output are divided, each with its own weights.

    Returns:
        An array `(N, out, H', W')`, or `(out, H', W')`.

    Raises:
        ValueError: the channels do not fit, or the kernel is larger than the padded input (on torch a `RuntimeError`).

    Source: `torch.nn.functional.conv2d`.

    >>> import jax.numpy as jnp, torch, unified.functional as F
    >>> F.conv2d(torch.ones(1, 3, 3), torch.ones(1, 1, 2, 2))
    tensor([[[4., 4.],
             [4., 4.]]])
    >>> F.conv2d(jnp.ones((1, 3, 3)), jnp.ones((1, 1, 2, 2))).tolist()
    [[[4.0, 4.0], [4.0, 4.0]]]
    """
    return (s.functional if (s := current.scope) else _of(input, weight, bias)).conv2d(
        input, weight, bias=bias, stride=stride, padding=padding, dilation=dilation, groups=groups)

def conv3d(
    input: ArrayT, weight: ArrayLike, bias: ArrayLike | None = None, stride: ShapeLike = 1,
    padding: str | ShapeLike = 0, dilation: ShapeLike = 1, groups: int = 1) -> ArrayT:
    """Return the sum of products of `weight` with each window of the last three axes, for each output channel.

    Args:
        input: an array `(N, C, D, H, W)` or `(C, D, H, W)`.
        weight: an array `(out, C / groups, kd, kh, kw)`.
        bias: an array `(out,)` that is added.
        stride: the distance between windows: one number for all axes, or one for each.
        padding: the zeros at each end: one number for all axes, or one for each; or `"valid"` for none, or `"same"`
            for an output of the input's size, with a stride of 1.
        dilation: the distance between the elements of a window: one number for all axes, or one for each.
        groups: into how many groups the channels of input and output are divided, each with its own weights.

    Returns:
        An array `(N, out, D', H', W')`, or `(out, D', H', W')`.

    Raises:
        ValueError: the channels do not fit, or the kernel is larger than the padded input (on torch a `RuntimeError`).

    Source: `torch.nn.functional.conv3d`.

    >>> import torch, unified.functional as F
    >>> F.conv3d(torch.ones(2, 3, 4, 5, 6), torch.ones(8, 3, 3, 3, 3), padding="same").shape
    torch.Size([2, 8, 4, 5, 6])
    """
    return (s.functional if (s := current.scope) else _of(input, weight, bias)).conv3d(
        input, weight, bias=bias, stride=stride, padding=padding, dilation=dilation, groups=groups)

def conv_transpose1d(
    input: ArrayT, weight: ArrayLike, bias: ArrayLike | None = None, stride: ShapeLike = 1, padding: ShapeLike = 0,
    output_padding: ShapeLike = 0, groups: int = 1, dilation: ShapeLike = 1) -> ArrayT:
    """Return the sum of `weight` times each value of `input`, at places `stride` apart: the gradient of `conv1d`.

    An axis of size `n` becomes `(n - 1) * stride - 2 * padding + dilation * (k - 1) + output_padding + 1`.

    Args:
        input: an array `(N, C, L)` or `(C, L)`.
        weight: an array `(C, out / groups, kernel)`, whose kernel has the sizes `k`.
        bias: an array `(out,)` that is added.
        stride: the distance between places: a number.
        padding: how much is cut off each end: a number.
        output_padding: how much is added at the end, less than the stride or the dilation: a number.
        groups: into how many groups the channels of input and output are divided, each with its own weights.
        dilation: the distance between the elements of the kernel: a number.

    Returns:
        An array `(N, out, L')`, or `(out, L')`.

    Source: `torch.nn.functional.conv_transpose1d`.

    >>> import torch, unified.functional as F
    >>> F.conv_transpose1d(torch.tensor([[1.0, 2.0]]), torch.ones(1, 1, 2), stride=2)
    tensor([[1., 1., 2., 2.]])
    """
    return (s.functional if (s := current.scope) else _of(input, weight, bias)).conv_transpose1d(
        input, weight, bias=bias, stride=stride, padding=padding, output_padding=output_padding, groups=groups,
        dilation=dilation)

def conv_transpose2d(
    input: ArrayT, weight: ArrayLike, bias: ArrayLike | None = None, stride: ShapeLike = 1, padding: ShapeLike = 0,
    output_padding: ShapeLike = 0, groups: int = 1, dilation: ShapeLike = 1) -> ArrayT:
    """Return the sum of `weight` times each value of `input`, at places `stride` apart: the gradient of `conv2d`.

    An axis of size `n` becomes `(n - 1) * stride - 2 * padding + dilation * (k - 1) + output_padding + 1`.

    Args:
        input: an array `(N, C, H, W)` or `(C, H, W)`.
        weight: an array `(C, out / groups, kh, kw)`, whose kernel has the sizes `k`.
        bias: an array `(out,)` that is added.
        stride: the distance between places: one number for all axes, or one for each.
        padding: how much is cut off each end: one number for all axes, or one for each.
        output_padding: how much is added at the end, less than the stride or the dilation: one number for all axes, or
            one for each.
        groups: into how many groups the channels of input and output are divided, each with its own weights.
        dilation: the distance between the elements of the kernel: one number for all axes, or one for each.

    Returns:
        An array `(N, out, H', W')`, or `(out, H', W')`.

    Source: `torch.nn.functional.conv_transpose2d`.

    >>> import torch, unified.functional as F
    >>> F.conv_transpose2d(torch.ones(8, 3, 5, 5), torch.ones(3, 4, 2, 2), stride=2).shape
    torch.Size([8, 4, 10, 10])
    """
    return (s.functional if (s := current.scope) else _of(input, weight, bias)).conv_transpose2d(
        input, weight, bias=bias, stride=stride, padding=padding, output_padding=output_padding, groups=groups,
        dilation=dilation)

def conv_transpose3d(
    input: ArrayT, weight: ArrayLike, bias: ArrayLike | None = None, stride: ShapeLike = 1, padding: ShapeLike = 0,
    output_padding: ShapeLike = 0, groups: int = 1, dilation: ShapeLike = 1) -> ArrayT:
    """Return the sum of `weight` times each value of `input`, at places `stride` apart: the gradient of `conv3d`.

    An axis of size `n` becomes `(n - 1) * stride - 2 * padding + dilation * (k - 1) + output_padding + 1`.

    Args:
        input: an array `(N, C, D, H, W)` or `(C, D, H, W)`.
        weight: an array `(C, out / groups, kd, kh, kw)`, whose kernel has the sizes `k`.
        bias: an array `(out,)` that is added.
        stride: the distance between places: one number for all axes, or one for each.
        padding: how much is cut off each end: one number for all axes, or one for each.
        output_padding: how much is added at the end, less than the stride or the dilation: one number for all axes, or
            one for each.
        groups: into how many groups the channels of input and output are divided, each with its own weights.
        dilation: the distance between the elements of the kernel: one number for all axes, or one for each.

    Returns:
        An array `(N, out, D', H', W')`, or `(out, D', H', W')`.

    Source: `torch.nn.functional.conv_transpose3d`.

    >>> import torch, unified.functional as F
    >>> F.conv_transpose3d(torch.ones(3, 2, 2, 2), torch.ones(3, 4, 3, 3, 3)).shape
    torch.Size([4, 4, 4, 4])
    """
    return (s.functional if (s := current.scope) else _of(input, weight, bias)).conv_transpose3d(
        input, weight, bias=bias, stride=stride, padding=padding, output_padding=output_padding, groups=groups,
        dilation=dilation)

def cosine_embedding_loss(
    input1: ArrayT, input2: ArrayLike, target: ArrayLike, margin: float = 0, size_average: bool | None = None,
    reduce: bool | None = None, reduction: str = "mean") -> ArrayT:
    """Return `1 - cosine` for pairs that belong together, and `max(0, cosine - margin)` for the others.

    Args:
        input1: vectors `(N, D)`, or one, `(D,)`.
        input2: vectors of the same shape.
        target: 1 for pairs that belong together, -1 for others; `(N,)`, or one number.
        margin: the cosine up to which other pairs cost nothing.
        reduction: `"none"`, `"mean"` or `"sum"`.

    Source: `torch.nn.functional.cosine_embedding_loss`.

    >>> import torch, unified.functional as F
    >>> x = torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    >>> F.cosine_embedding_loss(x, x, torch.tensor([1, -1]), reduction="none").round(decimals=3)
    tensor([0., 1.])
    """
    return (s.functional if (s := current.scope) else _of(input1, input2, target)).cosine_embedding_loss(
        input1, input2, target, margin, size_average, reduce, reduction)

def cosine_similarity(x1: ArrayT, x2: ArrayLike, dim: int = 1, eps: float = 1e-08) -> ArrayT:
    """Return the cosine of the angle between vectors.

    Args:
        x1: an array of any shape.
        x2: an array that broadcasts with `x1`.
        dim: the axis of the vectors, which the result lacks.
        eps: the least length by which is divided.

    Source: `torch.nn.functional.cosine_similarity`.

    >>> import torch, unified.functional as F
    >>> F.cosine_similarity(torch.tensor([[3.0, 4.0]]), torch.tensor([[6.0, 8.0]])).round(decimals=3)
    tensor([1.])
    """
    return (s.functional if (s := current.scope) else _of(x1, x2)).cosine_similarity(x1, x2, dim=dim, eps=eps)

def cross_entropy(
    input: ArrayT, target: ArrayLike, weight: ArrayLike | None = None, size_average: bool | None = None,
    ignore_index: int = -100, reduce: bool | None = None, reduction: str = "mean", label_smoothing: float = 0.0
) -> ArrayT:
    """Return minus the log-probability of classes, from logits.

    A class out of range raises on torch, and its loss is NaN on JAX, which cannot raise for a value.

    Args:
        input: logits `(C,)`, `(N, C)` or `(N, C, ...)`.
        target: integer classes of the shape without `C`, or probabilities of the shape of `input`.
        weight: the weight of each class, `(C,)`; the mean over classes is weighted by it.
        ignore_index: a class whose samples cost nothing and do not count in the mean.
        reduction: `"none"`, `"mean"` or `"sum"`.
        label_smoothing: how much of each target, from 0 to 1, is divided among all classes.

    Source: `torch.nn.functional.cross_entropy`.

    >>> import jax.numpy as jnp, torch, unified.functional as F
    >>> F.cross_entropy(torch.zeros(2, 4), torch.tensor([0, 3]))
    tensor(1.3863)
    >>> F.cross_entropy(jnp.zeros((2, 4)), jnp.array([0, 3]))
    Array(1.3862944, dtype=float32)
    """
    return (s.functional if (s := current.scope) else _of(input, target, weight)).cross_entropy(
        input, target, weight, size_average, ignore_index, reduce, reduction, label_smoothing)

def ctc_loss(
    log_probs: ArrayT, targets: ArrayLike, input_lengths: ArrayLike | Sequence[int],
    target_lengths: ArrayLike | Sequence[int], blank: int = 0, reduction: str = "mean", zero_infinity: bool = False
) -> ArrayT:
    """Return minus the log-probability of sequences, summed over all their alignments with the input.

    As torch defines it, the gradient is that of the logits of which `log_probs` is the `log_softmax`.

    Args:
        log_probs: log-probabilities of `C` classes at `T` times, `(T, N, C)` or `(T, C)`.
        targets: classes, `(N, S)`, or all sequences one after the other.
        input_lengths: the number of times of each sample, `(N,)`.
        target_lengths: the length of each sequence, `(N,)`.
        blank: the class that is no symbol.
        reduction: `"none"`, `"sum"`, or `"mean"` of the losses divided by the lengths of their targets.
        zero_infinity: whether a sequence that is too long for its input costs nothing, instead of infinity.

    Source: `torch.nn.functional.ctc_loss`; Graves et al. (2006).

    >>> import torch, unified.functional as F
    >>> log_probs = torch.full((2, 1, 2), 0.5).log()
    >>> F.ctc_loss(log_probs, torch.tensor([[1]]), torch.tensor([2]), torch.tensor([1])).exp()
    tensor(1.3333)
    """
    return (s.functional if (s := current.scope) else _of(log_probs, targets, input_lengths, target_lengths)).ctc_loss(
        log_probs, targets, input_lengths, target_lengths, blank, reduction, zero_infinity)

def dropout(input: ArrayT, p: float = 0.5, training: bool = True, inplace: bool = False) -> ArrayT:
    """Return `input` with zeros for values drawn at random, and the others divided by `1 - p`.

    A body passes `training=u.is_training()`; the layer `unified.Dropout` does so by itself.

    Args:
        input: an array of any shape.
        p: the probability of a zero, from 0 to 1.
        training: whether anything is dropped; without it the input is returned.

    Source: `torch.nn.functional.dropout`; Srivastava et al. (2014).

    >>> import torch, unified.functional as F
    >>> sorted(set(F.dropout(torch.ones(100)).tolist()))
    [0.0, 2.0]
    """
    return (s.functional if (s := current.scope) else _of(input)).dropout(input, p, training)

def dropout1d(input: ArrayT, p: float = 0.5, training: bool = True, inplace: bool = False) -> ArrayT:
    """Return `input` with zeros for whole channels drawn at random, and the others divided by `1 - p`.

    Args:
        input: an array `(N, C, L)` or `(C, L)`.
        p: the probability with which a channel becomes zero, from 0 to 1.
        training: whether anything is dropped; without it the input is returned.

    Source: `torch.nn.functional.dropout1d`; Tompson et al. (2014).

    >>> import torch, unified.functional as F
    >>> channels = F.dropout1d(torch.ones(4, 8, 3)).sum(-1)
    >>> set(channels.flatten().tolist()) <= {0.0, 6.0}
    True
    """
    return (s.functional if (s := current.scope) else _of(input)).dropout1d(input, p, training)

def dropout2d(input: ArrayT, p: float = 0.5, training: bool = True, inplace: bool = False) -> ArrayT:
    """Return `input` with zeros for whole channels drawn at random, and the others divided by `1 - p`.

    Args:
        input: an array `(N, C, H, W)`.
        p: the probability with which a channel becomes zero, from 0 to 1.
        training: whether anything is dropped; without it the input is returned.

    Source: `torch.nn.functional.dropout2d`; Tompson et al. (2014).

    >>> import torch, unified.functional as F
    >>> F.dropout2d(torch.ones(1, 3, 2, 2), p=1.0).sum()
    tensor(0.)
    """
    return (s.functional if (s := current.scope) else _of(input)).dropout2d(input, p, training)

def dropout3d(input: ArrayT, p: float = 0.5, training: bool = True, inplace: bool = False) -> ArrayT:
    """Return `input` with zeros for whole channels drawn at random, and the others divided by `1 - p`.

    Args:
        input: an array `(N, C, D, H, W)` or `(C, D, H, W)`.
        p: the probability with which a channel becomes zero, from 0 to 1.
        training: whether anything is dropped; without it the input is returned.

    Source: `torch.nn.functional.dropout3d`; Tompson et al. (2014).

    >>> import torch, unified.functional as F
    >>> F.dropout3d(torch.ones(1, 3, 2, 2, 2), p=1.0).sum()
    tensor(0.)
    """
    return (s.functional if (s := current.scope) else _of(input)).dropout3d(input, p, training)

def elu(input: ArrayT, alpha: float = 1.0, inplace: bool = False) -> ArrayT:
    """Return `input` above zero, else `alpha * (exp(input) - 1)`.

    Args:
        input: an array of any shape.
        alpha: minus the least value.

    Source: `torch.nn.functional.elu`; Clevert et al. (2015).

    >>> import torch, unified.functional as F
    >>> F.elu(torch.tensor([-1.0, 0.0, 2.0]))
    tensor([-0.6321,  0.0000,  2.0000])
    """
    return (s.functional if (s := current.scope) else _of(input)).elu(input, alpha)

def embedding(
    input: ArrayT, weight: ArrayLike, padding_idx: int | None = None, max_norm: float | None = None,
    norm_type: float = 2.0, scale_grad_by_freq: bool = False, sparse: bool = False) -> ArrayT:
    """Return the rows of `weight` at the indices `input`.

    An index out of range raises on torch, and returns NaN on JAX, which cannot raise for a value.

    Args:
        input: integers of any shape.
        weight: a table `(rows, features)`.
        padding_idx: a row that gets no gradient.
        max_norm: the greatest norm of a row that is returned; torch also overwrites the longer rows of `weight` itself.
        norm_type: the degree of that norm.
        scale_grad_by_freq: whether the gradient of a row is divided by the number of its uses.
        sparse: whether torch's gradient of `weight` is a sparse tensor; on JAX it is dense.

    Returns:
        An array `(*input.shape, features)`.

    Source: `torch.nn.functional.embedding`.

    >>> import torch, unified.functional as F
    >>> F.embedding(torch.tensor([2, 0]), torch.tensor([[1.0], [2.0], [3.0]]))
    tensor([[3.],
            [1.]])
    """
    return (s.functional if (s := current.scope) else _of(input, weight)).embedding(
        input, weight, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse)

def embedding_bag(
    input: ArrayT, weight: ArrayLike, offsets: ArrayLike | None = None, max_norm: float | None = None,
    norm_type: float = 2, scale_grad_by_freq: bool = False, mode: str = "mean", sparse: bool = False,
    per_sample_weights: ArrayLike | None = None, include_last_offset: bool = False, padding_idx: int | None = None
) -> ArrayT:
    """Return the mean, sum or maximum of the rows of `weight` for each bag of indices; zeros for an empty bag.

    Args:
        input: integers `(N, B)`, a bag in each row, or all bags one after the other, `(L,)`, with `offsets`.
        weight: a table `(rows, features)`.
        offsets: where each bag begins, `(N,)`.
        max_norm: the greatest norm of a row, as in `embedding`.
        norm_type: the degree of that norm.
        scale_grad_by_freq: whether the gradient of a row is divided by the number of its uses; not for `"max"`.
        mode: `"mean"`, `"sum"` or `"max"`.
        sparse: whether torch's gradient of `weight` is a sparse tensor; on JAX it is dense.
        per_sample_weights: a factor for each index, of the shape of `input`, for `mode="sum"` alone.
        include_last_offset: whether the last of `offsets` is the end of the last bag.
        padding_idx: an index that counts for nothing.

    Returns:
        An array `(N, features)`.

    Source: `torch.nn.functional.embedding_bag`.

    >>> import torch, unified.functional as F
    >>> table = torch.tensor([[1.0], [2.0], [4.0]])
    >>> F.embedding_bag(torch.tensor([0, 1, 2]), table, torch.tensor([0, 2]), mode="sum")
    tensor([[3.],
            [4.]])
    """
    return (s.functional if (s := current.scope) else _of(input, weight, offsets, per_sample_weights)).embedding_bag(
        input, weight, offsets, max_norm, norm_type, scale_grad_by_freq, mode, sparse, per_sample_weights,
        include_last_offset, padding_idx)

def feature_alpha_dropout(input: ArrayT, p: float = 0.5, training: bool = False, inplace: bool = False) -> ArrayT:
    """Return `input` after `alpha_dropout` of whole channels.

    Args:
        input: an array `(N, C, ...)`.
        p: the probability with which a channel is replaced, from 0 to 1.
        training: whether anything is replaced; without it the input is returned.

    Source: `torch.nn.functional.feature_alpha_dropout`.

    >>> import torch, unified.functional as F
    >>> F.feature_alpha_dropout(torch.ones(2, 3, 4), training=True)[0, 0].unique().shape
    torch.Size([1])
    """
    return (s.functional if (s := current.scope) else _of(input)).feature_alpha_dropout(input, p, training)

def fold(
    input: ArrayT, output_size: ShapeLike, kernel_size: ShapeLike, dilation: ShapeLike = 1, padding: ShapeLike = 0,
    stride: ShapeLike = 1) -> ArrayT:
    """Return the sum of windows at the places from which `unfold` takes them.

    Args:
        input: the windows, `(N, C * kh * kw, places)` or without `N`.
        output_size: the height and width of the output.
        kernel_size: the height `kh` and width `kw` of a window, or one number for both.
        dilation: the distance between the elements of a window.
        padding: the zeros that stood at each end.
        stride: the distance between windows.

    Returns:
        An array `(N, C, H, W)` or `(C, H, W)`.

    Raises:
        ValueError: the windows have another size or number (on torch a `RuntimeError`).

    Source: `torch.nn.functional.fold`.

    >>> import torch, unified.functional as F
    >>> F.fold(F.unfold(torch.ones(1, 1, 3, 3), 2), (3, 3), 2)
    tensor([[[[1., 2., 1.],
              [2., 4., 2.],
              [1., 2., 1.]]]])
    """
    return (s.functional if (s := current.scope) else _of(input)).fold(
        input, output_size, kernel_size, dilation, padding, stride)

def fractional_max_pool2d(
    input: ArrayT, kernel_size: ShapeLike, output_size: ShapeLike | None = None,
    output_ratio: float | Sequence[float] | None = None, return_indices: bool = False,
    _random_samples: ArrayLike | None = None) -> ArrayT | Any:
    """Return the greatest value of each of `output_size` windows of the last two axes, at places drawn at random.

    In a body the places are drawn at the current scope. Outside of one torch draws them from its generator, and JAX
    raises `NoActiveTransformError` unless `_random_samples` are passed.

    Args:
        input: an array `(N, C, H, W)` or `(C, H, W)`.
        kernel_size: the height and width of a window, or one number for both.
        output_size: the numbers of windows, or one for all axes.
        output_ratio: the size of the output relative to the input, between 0 and 1 for each axis; instead of
            `output_size`.
        return_indices: whether the positions of the values are returned too, counted over the last two axes.
        _random_samples: numbers `(N, C, 2)` from 0 to 1 that decide the places.

    Returns:
        An array `(N, C, H', W')`, or `(C, H', W')`; with `return_indices` a tuple of it and the positions.

    Source: `torch.nn.functional.fractional_max_pool2d`; Graham (2014).

    >>> import torch, unified.functional as F
    >>> F.fractional_max_pool2d(torch.ones(1, 3, 8, 8), 2, output_ratio=(0.5, 0.5)).shape
    torch.Size([1, 3, 4, 4])
    """
    return (s.functional if (s := current.scope) else _of(input, _random_samples)).fractional_max_pool2d(
        input, kernel_size, output_size, output_ratio, return_indices, _random_samples)

def fractional_max_pool3d(
    input: ArrayT, kernel_size: ShapeLike, output_size: ShapeLike | None = None,
    output_ratio: float | Sequence[float] | None = None, return_indices: bool = False,
    _random_samples: ArrayLike | None = None) -> ArrayT | Any:
    """Return the greatest value of each of `output_size` windows of the last three axes, at places drawn at random.

    In a body the places are drawn at the current scope. Outside of one torch draws them from its generator, and JAX
    raises `NoActiveTransformError` unless `_random_samples` are passed.

    Args:
        input: an array `(N, C, D, H, W)` or `(C, D, H, W)`.
        kernel_size: the sizes of a window, or one number for all.
        output_size: the numbers of windows, or one for all axes.
        output_ratio: the size of the output relative to the input, between 0 and 1 for each axis; instead of
            `output_size`.
        return_indices: whether the positions of the values are returned too, counted over the last three axes.
        _random_samples: numbers `(N, C, 3)` from 0 to 1 that decide the places.

    Returns:
        An array `(N, C, D', H', W')`, or `(C, D', H', W')`; with `return_indices` a tuple of it and the positions.

    Source: `torch.nn.functional.fractional_max_pool3d`; Graham (2014).

    >>> import torch, unified.functional as F
    >>> F.fractional_max_pool3d(torch.ones(1, 3, 8, 8, 8), 2, output_size=3).shape
    torch.Size([1, 3, 3, 3, 3])
    """
    return (s.functional if (s := current.scope) else _of(input, _random_samples)).fractional_max_pool3d(
        input, kernel_size, output_size, output_ratio, return_indices, _random_samples)

def gaussian_nll_loss(
    input: ArrayT, target: ArrayLike, var: ArrayLike | float, full: bool | None = False, eps: float | None = 1e-06,
    reduction: str = "mean") -> ArrayT:
    """Return minus the log-likelihood of normal values.

    A negative variance raises on torch, and is NaN on JAX; a negative number raises on both.

    Args:
        input: the means, of any shape.
        target: the values, which broadcast with `input`.
        var: the variances: of the shape of `input`, with a last axis of size 1, without it, or one number.
        full: whether the constant `log(2 * pi) / 2` is added.
        eps: the least variance.
        reduction: `"none"`, `"mean"` or `"sum"`.

    Source: `torch.nn.functional.gaussian_nll_loss`.

    >>> import torch, unified.functional as F
    >>> F.gaussian_nll_loss(torch.tensor([0.0]), torch.tensor([2.0]), torch.tensor([1.0]))
    tensor(2.)
    """
    return (s.functional if (s := current.scope) else _of(input, target, var)).gaussian_nll_loss(
        input, target, var, full, eps, reduction)

def gelu(input: ArrayT, approximate: str = "none") -> ArrayT:
    """Return `input` times the probability that a standard normal value is less than it.

    Args:
        input: an array of any shape, of a floating-point dtype.
        approximate: `"none"`, or `"tanh"` for the faster approximation of the probability by a hyperbolic tangent.

    Raises:
        ValueError: `approximate` is something else (on torch a `RuntimeError`).

    Source: `torch.nn.functional.gelu`; Hendrycks and Gimpel (2016).

    >>> import torch, unified.functional as F
    >>> F.gelu(torch.tensor([-1.0, 0.0, 1.0]))
    tensor([-0.1587,  0.0000,  0.8413])
    """
    return (s.functional if (s := current.scope) else _of(input)).gelu(input, approximate=approximate)

def glu(input: ArrayT, dim: int = -1) -> ArrayT:
    """Return the first half along `dim`, gated by the sigmoid of the second half.

    Args:
        input: an array `(..., 2 * M, ...)`.
        dim: the axis that is halved; its size is even.

    Returns:
        An array `(..., M, ...)`.

    Source: `torch.nn.functional.glu`; Dauphin et al. (2016).

    >>> import torch, unified.functional as F
    >>> F.glu(torch.tensor([3.0, 4.0, 0.0, 0.0]))
    tensor([1.5000, 2.0000])
    """
    return (s.functional if (s := current.scope) else _of(input)).glu(input, dim)

def grid_sample(
    input: ArrayT, grid: ArrayLike, mode: str = "bilinear", padding_mode: str = "zeros",
    align_corners: bool | None = None) -> ArrayT:
    """Return the values of `input` at points between its pixels.

    Args:
        input: an array `(N, C, H, W)` or `(N, C, D, H, W)`.
        grid: the points, `(N, h, w, 2)` or `(N, d, h, w, 3)`, from -1 to 1 with the last axis first.
        mode: `"bilinear"`, `"nearest"` or, for images, `"bicubic"`.
        padding_mode: what is taken beyond the ends: `"zeros"`, `"border"` or `"reflection"`.
        align_corners: whether -1 and 1 are the centres of the corner pixels (`True`) or their outer edges; `None` is
            `False` with a warning.

    Returns:
        An array `(N, C, h, w)` or `(N, C, d, h, w)`.

    Source: `torch.nn.functional.grid_sample`; Jaderberg et al. (2015).

    >>> import torch, unified.functional as F
    >>> points = torch.tensor([[[[-1.0, 0.0], [0.0, 0.0]]]])
    >>> F.grid_sample(torch.tensor([[[[2.0, 4.0]]]]), points, align_corners=True)
    tensor([[[[2., 3.]]]])
    """
    return (s.functional if (s := current.scope) else _of(input, grid)).grid_sample(
        input, grid, mode, padding_mode, align_corners)

def group_norm(
    input: ArrayT, num_groups: int, weight: ArrayLike | None = None, bias: ArrayLike | None = None, eps: float = 1e-05
) -> ArrayT:
    """Return `input`, normalized over each group of channels of each sample, then scaled and shifted by channel.

    Args:
        input: an array `(N, C, ...)`.
        num_groups: the number of groups, which divides `C`.
        weight: the scale of each channel, `(C,)`.
        bias: the shift of each channel, `(C,)`.
        eps: a number that is added to the variance.

    Source: `torch.nn.functional.group_norm`; Wu and He (2018).

    >>> import torch, unified.functional as F
    >>> F.group_norm(torch.tensor([[1.0, 3.0, 10.0, 30.0]]), 2, eps=1e-12)
    tensor([[-1.,  1., -1.,  1.]])
    """
    return (s.functional if (s := current.scope) else _of(input, weight, bias)).group_norm(
        input, num_groups, weight, bias, eps)

def gumbel_softmax(logits: ArrayT, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1) -> ArrayT:
    """Return a sample of each distribution of classes, relaxed so that gradients flow through it.

    Args:
        logits: logarithms of probabilities, which need not sum to one; an array of any shape.
        tau: the temperature: the lower, the nearer to zeros and a one.
        hard: whether the output has zeros and ones, with the gradient of the relaxed sample.
        eps: without effect; torch deprecates it.
        dim: the axis of the classes.

    Returns:
        An array of the shape of `logits` that sums to one along `dim`.

    Source: `torch.nn.functional.gumbel_softmax`; Jang et al. (2016).

    >>> import torch, unified.functional as F
    >>> F.gumbel_softmax(torch.tensor([[-1e9, 0.0], [0.0, -1e9]]), hard=True)
    tensor([[0., 1.],
            [1., 0.]])
    """
    return (s.functional if (s := current.scope) else _of(logits)).gumbel_softmax(logits, tau, hard, eps, dim)

def hardshrink(input: ArrayT, lambd: float = 0.5) -> ArrayT:
    """Return `input`, with zero for values from `-lambd` to `lambd`.

    Args:
        input: an array of any shape.
        lambd: the greatest distance from zero that becomes zero.

    Source: `torch.nn.functional.hardshrink`.

    >>> import torch, unified.functional as F
    >>> F.hardshrink(torch.tensor([-1.0, 0.25, 0.5, 2.0]))
    tensor([-1.,  0.,  0.,  2.])
    """
    return (s.functional if (s := current.scope) else _of(input)).hardshrink(input, lambd=lambd)

def hardsigmoid(input: ArrayT, inplace: bool = False) -> ArrayT:
    """Return `input / 6 + 1 / 2`, clamped to 0 and 1: a sigmoid of three straight pieces.

    Source: `torch.nn.functional.hardsigmoid`.

    >>> import torch, unified.functional as F
    >>> F.hardsigmoid(torch.tensor([-4.0, 0.0, 1.5, 4.0]))
    tensor([0.0000, 0.5000, 0.7500, 1.0000])
    """
    return (s.functional if (s := current.scope) else _of(input)).hardsigmoid(input)

def hardswish(input: ArrayT, inplace: bool = False) -> ArrayT:
    """Return `input * hardsigmoid(input)`; minus infinity gives NaN.

    Source: `torch.nn.functional.hardswish`; Howard et al. (2019).

    >>> import torch, unified.functional as F
    >>> F.hardswish(torch.tensor([-4.0, 0.0, 3.0]))
    tensor([-0., 0., 3.])
    """
    return (s.functional if (s := current.scope) else _of(input)).hardswish(input)

def hardtanh(input: ArrayT, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> ArrayT:
    """Return `input`, clamped to `min_val` and `max_val`.

    Args:
        input: an array of any shape.
        min_val: the least value of the output.
        max_val: the greatest value of the output, not less than `min_val`.

    Source: `torch.nn.functional.hardtanh`.

    >>> import torch, unified.functional as F
    >>> F.hardtanh(torch.tensor([-3.0, 0.5, 3.0]))
    tensor([-1.0000,  0.5000,  1.0000])
    """
    return (s.functional if (s := current.scope) else _of(input)).hardtanh(input, min_val, max_val)

def hinge_embedding_loss(
    input: ArrayT, target: ArrayLike, margin: float = 1.0, size_average: bool | None = None, reduce: bool | None = None,
    reduction: str = "mean") -> ArrayT:
    """Return `input` where the target is 1, and `max(0, margin - input)` where it is -1.

    Args:
        input: distances, of any shape.
        target: 1 or -1 for each.
        margin: the distance beyond which targets of -1 cost nothing.
        reduction: `"none"`, `"mean"` or `"sum"`.

    Source: `torch.nn.functional.hinge_embedding_loss`.

    >>> import torch, unified.functional as F
    >>> F.hinge_embedding_loss(torch.tensor([0.25, 0.25]), torch.tensor([1, -1]), reduction="none")
    tensor([0.2500, 0.7500])
    """
    return (s.functional if (s := current.scope) else _of(input, target)).hinge_embedding_loss(
        input, target, margin, size_average, reduce, reduction)

def huber_loss(
    input: ArrayT, target: ArrayLike, reduction: str = "mean", delta: float = 1.0, weight: ArrayLike | None = None
) -> ArrayT:
    """Return half of squared differences up to `delta`, and beyond it the straight line that continues them.

    Args:
        input: an array of any shape.
        target: an array that broadcasts with `input`.
        reduction: `"none"`, `"mean"` or `"sum"`.
        delta: the difference from which on the loss is linear, of slope `delta`; positive.
        weight: factors of the losses, of the shape of `input`.

    Source: `torch.nn.functional.huber_loss`; Huber (1964).

    >>> import torch, unified.functional as F
    >>> F.huber_loss(torch.tensor([1.0, 3.0]), torch.zeros(2), reduction="none", delta=2.0)
    tensor([0.5000, 4.0000])
    """
    return (s.functional if (s := current.scope) else _of(input, target, weight)).huber_loss(
        input, target, reduction, delta, weight)

def instance_norm(
    input: ArrayT, running_mean: ArrayLike | None = None, running_var: ArrayLike | None = None,
    weight: ArrayLike | None = None, bias: ArrayLike | None = None, use_input_stats: bool = True, momentum: float = 0.1,
    eps: float = 1e-05) -> ArrayT:
    """Return each channel of each sample, normalized over its positions, then scaled and shifted.

    Torch updates the running statistics in place; on JAX they stay as they are, and the layer
    `unified.InstanceNorm2d` returns new ones.

    Args:
        input: an array `(N, C, ...)`.
        running_mean: the mean of each channel, `(C,)`.
        running_var: the variance of each channel, `(C,)`.
        weight: the scale of each channel, `(C,)`.
        bias: the shift of each channel, `(C,)`.
        use_input_stats: whether the input's own statistics are used instead of the running ones.
        momentum: the weight of the input in the update of the running statistics.
        eps: a number that is added to the variance.

    Source: `torch.nn.functional.instance_norm`; Ulyanov et al. (2016).

    >>> import torch, unified.functional as F
    >>> F.instance_norm(torch.tensor([[[1.0, 3.0], [10.0, 30.0]]]), eps=1e-12)
    tensor([[[-1.,  1.],
             [-1.,  1.]]])
    """
    functional = s.functional if (s := current.scope) else _of(
        input, running_mean, running_var, weight, bias)
    return functional.instance_norm(
        input, running_mean, running_var, weight, bias, use_input_stats, momentum, eps)

def interpolate(
    input: ArrayT, size: int | Sequence[int] | None = None, scale_factor: float | Sequence[float] | None = None,
    mode: str = "nearest", align_corners: bool | None = None, recompute_scale_factor: bool | None = None,
    antialias: bool = False) -> ArrayT:
    """Return `input` with other numbers of positions along its last one, two or three axes.

    Args:
        input: an array `(N, C, L)`, `(N, C, H, W)` or `(N, C, D, H, W)`.
        size: the new sizes, or one for all.
        scale_factor: the factors of the sizes, or one for all, instead of `size`.
        mode: `"nearest"`, `"nearest-exact"`, `"area"`, `"linear"` (one axis), `"bilinear"`, `"bicubic"` and
            `"lanczos"` (two) or `"trilinear"` (three).
        align_corners: whether the centres of the corner pixels stay in place; for the linear and cubic modes.
        recompute_scale_factor: whether the factors are computed again from the new sizes.
        antialias: whether values are averaged when the size shrinks; for two axes, and needed by `"lanczos"`.

    Returns:
        An array with the first two sizes of `input`.

    Source: `torch.nn.functional.interpolate`.

    >>> import torch, unified.functional as F
    >>> F.interpolate(torch.tensor([[[0.0, 2.0]]]), size=3, mode="linear", align_corners=True)
    tensor([[[0., 1., 2.]]])
    """
    return (s.functional if (s := current.scope) else _of(input)).interpolate(
        input, size, scale_factor, mode, align_corners, recompute_scale_factor, antialias)

def kl_div(
    input: ArrayT, target: ArrayLike, size_average: bool | None = None, reduce: bool | None = None,
    reduction: str = "mean", log_target: bool = False) -> ArrayT:
    """Return the divergence of the distribution `target` from log-probabilities.

    Args:
        input: log-probabilities, of any shape.
        target: probabilities, which broadcast with `input`.
        reduction: `"none"`, `"sum"`, `"batchmean"` (the sum divided by the batch size: the divergence) or `"mean"`,
            which divides by the number of values and warns.
        log_target: whether `target` holds log-probabilities too.

    Source: `torch.nn.functional.kl_div`.

    >>> import torch, unified.functional as F
    >>> p, q = torch.tensor([[0.5, 0.5]]), torch.tensor([[0.25, 0.75]])
    >>> F.kl_div(q.log(), p, reduction="batchmean")
    tensor(0.1438)
    """
    return (s.functional if (s := current.scope) else _of(input, target)).kl_div(
        input, target, size_average, reduce, reduction, log_target)

def l1_loss(
    input: ArrayT, target: ArrayLike, size_average: bool | None = None, reduce: bool | None = None,
    reduction: str = "mean", weight: ArrayLike | None = None) -> ArrayT:
    """Return absolute differences; the gradient of equal values is zero.

    Args:
        input: an array of any shape.
        target: an array that broadcasts with `input`, with a warning if the shapes differ.
        reduction: `"none"`, `"mean"` or `"sum"`.
        weight: factors of the losses; the mean is weighted by them.

    Source: `torch.nn.functional.l1_loss`.

    >>> import torch, unified.functional as F
    >>> F.l1_loss(torch.tensor([1.0, 5.0]), torch.tensor([2.0, 2.0]))
    tensor(2.)
    """
    return (s.functional if (s := current.scope) else _of(input, target, weight)).l1_loss(
        input, target, size_average, reduce, reduction, weight)

def layer_norm(
    input: ArrayT, normalized_shape: Sequence[int], weight: ArrayLike | None = None, bias: ArrayLike | None = None,
    eps: float = 1e-05) -> ArrayT:
    """Return `input`, normalized over its last axes, then scaled and shifted.

    Args:
        input: an array `(..., *normalized_shape)`.
        normalized_shape: the sizes of the axes over which mean and variance are computed.
        weight: the scale, of the shape `normalized_shape`.
        bias: the shift, of the shape `normalized_shape`.
        eps: a number that is added to the variance.

    Source: `torch.nn.functional.layer_norm`; Ba et al. (2016).

    >>> import jax.numpy as jnp, torch, unified.functional as F
    >>> F.layer_norm(torch.tensor([[1.0, 3.0]]), (2,), eps=1e-12)
    tensor([[-1.,  1.]])
    >>> F.layer_norm(jnp.array([[1.0, 3.0]]), (2,), eps=1e-12)
    Array([[-1.,  1.]], dtype=float32)
    """
    return (s.functional if (s := current.scope) else _of(input, weight, bias)).layer_norm(
        input, normalized_shape, weight, bias, eps)

def leaky_relu(input: ArrayT, negative_slope: float = 0.01, inplace: bool = False) -> ArrayT:
    """Return `input`, multiplied by `negative_slope` where it is not positive.

    The gradient at zero is `negative_slope`.

    Source: `torch.nn.functional.leaky_relu`.

    >>> import torch, unified.functional as F
    >>> F.leaky_relu(torch.tensor([-2.0, 3.0]), negative_slope=0.5)
    tensor([-1.,  3.])
    """
    return (s.functional if (s := current.scope) else _of(input)).leaky_relu(input, negative_slope)

def linear(input: ArrayT, weight: ArrayLike, bias: ArrayLike | None = None) -> ArrayT:
    """Return `input @ weight.T + bias`.

    Args:
        input: an array `(..., in)`.
        weight: an array `(out, in)`, or `(in,)` for an output without the last axis.
        bias: an array `(out,)`.

    Returns:
        An array `(..., out)`.

    Source: `torch.nn.functional.linear`.

    >>> import jax.numpy as jnp, torch, unified.functional as F
    >>> F.linear(torch.tensor([1.0, 2.0]), torch.tensor([[3.0, 4.0]]), torch.tensor([0.5]))
    tensor([11.5000])
    >>> F.linear(jnp.array([1.0, 2.0]), jnp.array([[3.0, 4.0]]), jnp.array([0.5]))
    Array([11.5], dtype=float32)
    """
    return (s.functional if (s := current.scope) else _of(input, weight, bias)).linear(input, weight, bias=bias)

def linear_cross_entropy(
    input: ArrayT, linear_weight: ArrayLike, target: ArrayLike, *, linear_bias: ArrayLike | None = None,
    weight: ArrayLike | None = None, reduction: str = "mean", ignore_index: int | None = None,
    label_smoothing: float = 0.0, options: Any = None) -> ArrayT:
    """Return the `cross_entropy` of the logits of a linear layer.

    Args:
        input: features `(features,)` or `(N, features)`.
        linear_weight: the weight of the layer, `(C, ..., features)`.
        target: classes or probabilities, as in `cross_entropy`.
        linear_bias: the bias of the layer, `(C, ...)`.
        weight: the weight of each class, `(C,)`.
        reduction: `"none"`, `"mean"` or `"sum"`.
        ignore_index: a class whose samples cost nothing; not for probabilities.
        label_smoothing: how much of each target is divided among all classes.
        options: how torch splits the computation; without effect on JAX.

    Source: `torch.nn.functional.linear_cross_entropy`.

    >>> import torch, unified.functional as F
    >>> F.linear_cross_entropy(torch.zeros(2, 3), torch.ones(4, 3), torch.tensor([0, 1]))
    tensor(1.3863)
    """
    functional = s.functional if (s := current.scope) else _of(
        input, linear_weight, target, linear_bias, weight)
    return functional.linear_cross_entropy(
        input, linear_weight, target, linear_bias=linear_bias, weight=weight, reduction=reduction,
        ignore_index=ignore_index, label_smoothing=label_smoothing, options=options)

def local_response_norm(input: ArrayT, size: int, alpha: float = 0.0001, beta: float = 0.75, k: float = 1.0) -> ArrayT:
    """Return `input`, divided by `(k + alpha * mean(neighbours**2)) ** beta`.

    Args:
        input: an array `(N, C, ...)`.
        size: the number of neighbouring channels of which the mean square is taken; zeros stand beyond the ends.
        alpha: the factor of the mean square.
        beta: the exponent.
        k: the number that is added to it.

    Source: `torch.nn.functional.local_response_norm`; Krizhevsky et al. (2012).

    >>> import torch, unified.functional as F
    >>> F.local_response_norm(torch.tensor([[[2.0]]]), 1, alpha=0.75, beta=0.5)
    tensor([[[1.]]])
    """
    return (s.functional if (s := current.scope) else _of(input)).local_response_norm(input, size, alpha, beta, k)

def log_softmax(input: ArrayT, dim: int | None = None, _stacklevel: int = 3, dtype: DType = None) -> ArrayT:
    """Return the logarithm of `softmax`, computed so that it does not overflow.

    Args:
        input: an array of any shape, of a floating-point dtype unless `dtype` is passed.
        dim: the axis of the classes; without it there is a warning, and torch's implicit choice.
        dtype: the dtype to which the input is converted first, of any framework or by name.

    Source: `torch.nn.functional.log_softmax`.

    >>> import torch, unified.functional as F
    >>> F.log_softmax(torch.tensor([0.0, 0.0]), dim=0)
    tensor([-0.6931, -0.6931])
    """
    return (s.functional if (s := current.scope) else _of(input)).log_softmax(
        input, dim, _stacklevel, dtype if dtype is None else _native(dtype, input))

def logsigmoid(input: ArrayT) -> ArrayT:
    """Return `log(sigmoid(input))`, computed so that it does not underflow.

    Source: `torch.nn.functional.logsigmoid`.

    >>> import torch, unified.functional as F
    >>> F.logsigmoid(torch.tensor([-100.0, 0.0]))
    tensor([-100.0000,   -0.6931])
    """
    return (s.functional if (s := current.scope) else _of(input)).logsigmoid(input)

def lp_pool1d(
    input: ArrayT, norm_type: float, kernel_size: ShapeLike, stride: ShapeLike | None = None, ceil_mode: bool = False
) -> ArrayT:
    """Return the norm of each window of the last axis: `sum(x ** norm_type) ** (1 / norm_type)`.

    Args:
        input: an array `(N, C, L)` or `(C, L)`.
        norm_type: the degree of the norm, not zero.
        kernel_size: the size of a window.
        stride: the distance between windows, by default `kernel_size`.
        ceil_mode: whether a window that ends beyond the input counts.

    Returns:
        An array `(N, C, L')`, or `(C, L')`.

    Source: `torch.nn.functional.lp_pool1d`.

    >>> import torch, unified.functional as F
    >>> F.lp_pool1d(torch.tensor([[3.0, 4.0, 6.0, 8.0]]), 2, 2)
    tensor([[ 5., 10.]])
    """
    return (s.functional if (s := current.scope) else _of(input)).lp_pool1d(
        input, norm_type, kernel_size, stride, ceil_mode)

def lp_pool2d(
    input: ArrayT, norm_type: float, kernel_size: ShapeLike, stride: ShapeLike | None = None, ceil_mode: bool = False
) -> ArrayT:
    """Return the norm of each window of the last two axes: `sum(x ** norm_type) ** (1 / norm_type)`.

    Args:
        input: an array `(N, C, H, W)` or `(C, H, W)`.
        norm_type: the degree of the norm, not zero.
        kernel_size: the height and width of a window, or one number for both.
        stride: the distance between windows, by default `kernel_size`.
        ceil_mode: whether a window that ends beyond the input counts.

    Returns:
        An array `(N, C, H', W')`, or `(C, H', W')`.

    Source: `torch.nn.functional.lp_pool2d`.

    >>> import torch, unified.functional as F
    >>> F.lp_pool2d(torch.ones(1, 4, 4), 2, 2)
    tensor([[[2., 2.],
             [2., 2.]]])
    """
    return (s.functional if (s := current.scope) else _of(input)).lp_pool2d(
        input, norm_type, kernel_size, stride, ceil_mode)

def lp_pool3d(
    input: ArrayT, norm_type: float, kernel_size: ShapeLike, stride: ShapeLike | None = None, ceil_mode: bool = False
) -> ArrayT:
    """Return the norm of each window of the last three axes: `sum(x ** norm_type) ** (1 / norm_type)`.

    Args:
        input: an array `(N, C, D, H, W)` or `(C, D, H, W)`.
        norm_type: the degree of the norm, not zero.
        kernel_size: the sizes of a window, or one number for all.
        stride: the distance between windows, by default `kernel_size`.
        ceil_mode: whether a window that ends beyond the input counts.

    Returns:
        An array `(N, C, D', H', W')`, or `(C, D', H', W')`.

    Source: `torch.nn.functional.lp_pool3d`.

    >>> import torch, unified.functional as F
    >>> F.lp_pool3d(torch.ones(1, 4, 4, 4), 2, 2)
    tensor([[[[2.8284, 2.8284],
              [2.8284, 2.8284]],
    <BLANKLINE>
             [[2.8284, 2.8284],
              [2.8284, 2.8284]]]])
    """
    return (s.functional if (s := current.scope) else _of(input)).lp_pool3d(
        input, norm_type, kernel_size, stride, ceil_mode)

def margin_ranking_loss(
    input1: ArrayT, input2: ArrayLike, target: ArrayLike, margin: float = 0, size_average: bool | None = None,
    reduce: bool | None = None, reduction: str = "mean") -> ArrayT:
    """Return `max(0, margin - target * (input1 - input2))`.

    Args:
        input1: scores, of any shape.
        input2: scores of as many axes.
        target: 1 where `input1` should be greater, -1 where `input2` should.
        margin: by how much.
        reduction: `"none"`, `"mean"` or `"sum"`.

    Source: `torch.nn.functional.margin_ranking_loss`.

    >>> import torch, unified.functional as F
    >>> F.margin_ranking_loss(torch.tensor([3.0]), torch.tensor([1.0]), torch.tensor([-1]))
    tensor(2.)
    """
    return (s.functional if (s := current.scope) else _of(input1, input2, target)).margin_ranking_loss(
        input1, input2, target, margin, size_average, reduce, reduction)

def max_pool1d(
    input: ArrayT, kernel_size: ShapeLike, stride: ShapeLike | None = None, padding: ShapeLike = 0,
    dilation: ShapeLike = 1, ceil_mode: bool = False, return_indices: bool = False) -> ArrayT | Any:
    """Return the greatest value of each window of the last axis.

    Args:
        input: an array `(N, C, L)` or `(C, L)`.
        kernel_size: the size of a window.
        stride: the distance between windows, by default `kernel_size`.
        padding: how far windows reach over each end, at most half of a window; nothing there is greatest.
        dilation: the distance between the elements of a window.
        ceil_mode: whether a window that ends beyond the input counts.
        return_indices: whether the positions `l` of the values are returned too, which `max_unpool1d` takes.

    Returns:
        An array `(N, C, L')`, or `(C, L')`; with `return_indices` a tuple of it and the positions.

    Source: `torch.nn.functional.max_pool1d`.

    >>> import torch, unified.functional as F
    >>> F.max_pool1d(torch.tensor([[1.0, 2.0, 4.0, 8.0]]), 2, return_indices=True)
    (tensor([[2., 8.]]), tensor([[1, 3]]))
    """
    return (s.functional if (s := current.scope) else _of(input)).max_pool1d(
        input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)

def max_pool2d(
    input: ArrayT, kernel_size: ShapeLike, stride: ShapeLike | None = None, padding: ShapeLike = 0,
    dilation: ShapeLike = 1, ceil_mode: bool = False, return_indices: bool = False) -> ArrayT | Any:
    """Return the greatest value of each window of the last two axes.

    Args:
        input: an array `(N, C, H, W)` or `(C, H, W)`.
        kernel_size: the height and width of a window, or one number for both.
        stride: the distance between windows, by default `kernel_size`.
        padding: how far windows reach over each end, at most half of a window; nothing there is greatest.
        dilation: the distance between the elements of a window.
        ceil_mode: whether a window that ends beyond the input counts.
        return_indices: whether the positions `h * W + w` of the values are returned too, which `max_unpool2d` takes.

    Returns:
        An array `(N, C, H', W')`, or `(C, H', W')`; with `return_indices` a tuple of it and the positions.

    Source: `torch.nn.functional.max_pool2d`.

    >>> import jax.numpy as jnp, torch, unified.functional as F
    >>> F.max_pool2d(torch.arange(16.0).reshape(1, 4, 4), 2)
    tensor([[[ 5.,  7.],
             [13., 15.]]])
    >>> F.max_pool2d(jnp.arange(16.0).reshape(1, 4, 4), 2)
    Array([[[ 5.,  7.],
            [13., 15.]]], dtype=float32)
    """
    return (s.functional if (s := current.scope) else _of(input)).max_pool2d(
        input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)

def max_pool3d(
    input: ArrayT, kernel_size: ShapeLike, stride: ShapeLike | None = None, padding: ShapeLike = 0,
    dilation: ShapeLike = 1, ceil_mode: bool = False, return_indices: bool = False) -> ArrayT | Any:
    """Return the greatest value of each window of the last three axes.

    Args:
        input: an array `(N, C, D, H, W)` or `(C, D, H, W)`.
        kernel_size: the sizes of a window, or one number for all.
        stride: the distance between windows, by default `kernel_size`.
        padding: how far windows reach over each end, at most half of a window; nothing there is greatest.
        dilation: the distance between the elements of a window.
        ceil_mode: whether a window that ends beyond the input counts.
        return_indices: whether the positions `(d * H + h) * W + w` of the values are returned too, which
            `max_unpool3d` takes.

    Returns:
        An array `(N, C, D', H', W')`, or `(C, D', H', W')`; with `return_indices` a tuple of it and the positions.

    Source: `torch.nn.functional.max_pool3d`.

    >>> import torch, unified.functional as F
    >>> F.max_pool3d(torch.arange(64.0).reshape(1, 4, 4, 4), 2)
    tensor([[[[21., 23.],
              [29., 31.]],
    <BLANKLINE>
             [[53., 55.],
              [61., 63.]]]])
    """
    return (s.functional if (s := current.scope) else _of(input)).max_pool3d(
        input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)

def max_unpool1d(
    input: ArrayT, indices: ArrayLike, kernel_size: ShapeLike, stride: ShapeLike | None = None, padding: ShapeLike = 0,
    output_size: ShapeLike | None = None) -> ArrayT:
    """Return zeros with the values of `max_pool1d` at the positions where it found them.

    A position out of range raises on torch; on JAX, which cannot raise for a value, its channel becomes NaN.

    Args:
        input: the output of `max_pool1d`, `(N, C, L)` or `(C, L)`.
        indices: its positions.
        kernel_size: the size of a window, as for `max_pool1d`.
        stride: the distance between windows, by default `kernel_size`.
        padding: as for `max_pool1d`.
        output_size: the size to return, of several whose pooling has this shape.

    Returns:
        An array `(N, C, L')`, or `(C, L')`.

    Source: `torch.nn.functional.max_unpool1d`.

    >>> import torch, unified.functional as F
    >>> pooled, indices = F.max_pool1d(torch.tensor([[1.0, 5.0, 7.0, 2.0]]), 2, return_indices=True)
    >>> F.max_unpool1d(pooled, indices, 2)
    tensor([[0., 5., 7., 0.]])
    """
    return (s.functional if (s := current.scope) else _of(input, indices)).max_unpool1d(
        input, indices, kernel_size, stride, padding, output_size)

def max_unpool2d(
    input: ArrayT, indices: ArrayLike, kernel_size: ShapeLike, stride: ShapeLike | None = None, padding: ShapeLike = 0,
    output_size: ShapeLike | None = None) -> ArrayT:
    """Return zeros with the values of `max_pool2d` at the positions where it found them.

    A position out of range raises on torch; on JAX, which cannot raise for a value, its channel becomes NaN.

    Args:
        input: the output of `max_pool2d`, `(N, C, H, W)` or `(C, H, W)`.
        indices: its positions.
        kernel_size: the height and width of a window, or one number for both, as for `max_pool2d`.
        stride: the distance between windows, by default `kernel_size`.
        padding: as for `max_pool2d`.
        output_size: the size to return, of several whose pooling has this shape.

    Returns:
        An array `(N, C, H', W')`, or `(C, H', W')`.

    Source: `torch.nn.functional.max_unpool2d`.

    >>> import torch, unified.functional as F
    >>> pooled, indices = F.max_pool2d(torch.tensor([[[1.0, 5.0], [7.0, 2.0]]]), 2, return_indices=True)
    >>> F.max_unpool2d(pooled, indices, 2)
    tensor([[[0., 0.],
             [7., 0.]]])
    """
    return (s.functional if (s := current.scope) else _of(input, indices)).max_unpool2d(
        input, indices, kernel_size, stride, padding, output_size)

def max_unpool3d(
    input: ArrayT, indices: ArrayLike, kernel_size: ShapeLike, stride: ShapeLike | None = None, padding: ShapeLike = 0,
    output_size: ShapeLike | None = None) -> ArrayT:
    """Return zeros with the values of `max_pool3d` at the positions where it found them.

    A position out of range raises on torch; on JAX, which cannot raise for a value, its channel becomes NaN.

    Args:
        input: the output of `max_pool3d`, `(N, C, D, H, W)` or `(C, D, H, W)`.
        indices: its positions.
        kernel_size: the sizes of a window, or one number for all, as for `max_pool3d`.
        stride: the distance between windows, by default `kernel_size`.
        padding: as for `max_pool3d`.
        output_size: the size to return, of several whose pooling has this shape.

    Returns:
        An array `(N, C, D', H', W')`, or `(C, D', H', W')`.

    Source: `torch.nn.functional.max_unpool3d`.

    >>> import torch, unified.functional as F
    >>> pooled, indices = F.max_pool3d(torch.tensor([[[[1.0, 5.0]], [[7.0, 2.0]]]]), (2, 1, 2), return_indices=True)
    >>> F.max_unpool3d(pooled, indices, (2, 1, 2))
    tensor([[[[0., 0.]],
    <BLANKLINE>
             [[7., 0.]]]])
    """
    return (s.functional if (s := current.scope) else _of(input, indices)).max_unpool3d(
        input, indices, kernel_size, stride, padding, output_size)

def mish(input: ArrayT, inplace: bool = False) -> ArrayT:
    """Return `input * tanh(softplus(input))`.

    Source: `torch.nn.functional.mish`; Misra (2019).

    >>> import torch, unified.functional as F
    >>> F.mish(torch.tensor([-1.0, 0.0, 1.0]))
    tensor([-0.3034,  0.0000,  0.8651])
    """
    return (s.functional if (s := current.scope) else _of(input)).mish(input)

def mse_loss(
    input: ArrayT, target: ArrayLike, size_average: bool | None = None, reduce: bool | None = None,
    reduction: str = "mean", weight: ArrayLike | None = None) -> ArrayT:
    """Return squared differences.

    Args:
        input: an array of any shape.
        target: an array that broadcasts with `input`, with a warning if the shapes differ.
        reduction: `"none"`, `"mean"` or `"sum"`.
        weight: factors of the losses; the mean is weighted by them.

    Source: `torch.nn.functional.mse_loss`.

    >>> import jax.numpy as jnp, torch, unified.functional as F
    >>> F.mse_loss(torch.tensor([1.0, 5.0]), torch.tensor([2.0, 2.0]))
    tensor(5.)
    >>> F.mse_loss(jnp.array([1.0, 5.0]), jnp.array([2.0, 2.0]))
    Array(5., dtype=float32)
    """
    return (s.functional if (s := current.scope) else _of(input, target, weight)).mse_loss(
        input, target, size_average, reduce, reduction, weight)

def multi_head_attention_forward(
    query: ArrayT, key: ArrayLike, value: ArrayLike, embed_dim_to_check: int, num_heads: int,
    in_proj_weight: ArrayLike | None, in_proj_bias: ArrayLike | None, bias_k: ArrayLike | None,
    bias_v: ArrayLike | None, add_zero_attn: bool, dropout_p: float, out_proj_weight: ArrayLike,
    out_proj_bias: ArrayLike | None, training: bool = True, key_padding_mask: ArrayLike | None = None,
    need_weights: bool = True, attn_mask: ArrayLike | None = None, use_separate_proj_weight: bool = False,
    q_proj_weight: ArrayLike | None = None, k_proj_weight: ArrayLike | None = None,
    v_proj_weight: ArrayLike | None = None, static_k: ArrayLike | None = None, static_v: ArrayLike | None = None,
    average_attn_weights: bool = True, is_causal: bool = False) -> tuple[ArrayT, ArrayT | None]:
    """Return what the layer `unified.MultiheadAttention` computes from these weights, which has friendlier arguments.

    Args:
        query: an array `(L, N, E)`, or `(L, E)` without a batch.
        key: an array `(S, N, E)` or `(S, E)`.
        value: an array `(S, N, E)` or `(S, E)`.
        embed_dim_to_check: `E`, which `query` must have.
        num_heads: the number of heads `H`, which divides `E`.
        in_proj_weight: the weights of the three input projections, `(3 * E, E)`.
        in_proj_bias: their biases, `(3 * E,)`, or `None`.
        bias_k: one more key, `(1, 1, E)`, or `None`.
        bias_v: one more value, `(1, 1, E)`, or `None`.
        add_zero_attn: whether a key and a value of zeros are added.
        dropout_p: the probability with which an attention weight is dropped in training.
        out_proj_weight: the weight of the output projection, `(E, E)`.
        out_proj_bias: its bias, `(E,)`, or `None`.
        training: whether weights are dropped.
        key_padding_mask: `(N, S)` or `(S,)`: true for keys that are left out, or numbers that are added to the scores.
        need_weights: whether the attention weights are returned.
        attn_mask: `(L, S)` or `(N * H, L, S)`: true for pairs that are left out, or numbers that are added.
        use_separate_proj_weight: whether the three following weights are taken instead of `in_proj_weight`.
        q_proj_weight: the weight of the query's projection, `(E, E)`.
        k_proj_weight: the weight of the key's projection, `(E, K)` for keys of `K` features.
        v_proj_weight: the weight of the value's projection, `(E, V)` for values of `V` features.
        static_k: projected keys; not available on JAX.
        static_v: projected values; not available on JAX.
        average_attn_weights: whether the weights are averaged over the heads.
        is_causal: a hint that `attn_mask` is causal; the mask is passed too.

    Returns:
        The output, of the shape of `query`, and the weights `(N, L, S)`, `(N, H, L, S)` without the average, or `None`.

    Raises:
        NotImplementedError: `static_k` or `static_v` was passed on JAX.

    Source: `torch.nn.functional.multi_head_attention_forward`; Vaswani et al. (2017).

    >>> import torch, unified.functional as F
    >>> x, weight = torch.ones(3, 1, 4), torch.eye(4).repeat(3, 1)
    >>> output, weights = F.multi_head_attention_forward(
    ...     x, x, x, 4, 2, weight, None, None, None, False, 0.0, torch.eye(4), None
    ... )
    >>> output.shape, weights.shape
    (torch.Size([3, 1, 4]), torch.Size([1, 3, 3]))
    """
    functional = s.functional if (s := current.scope) else _of(
        query, key, value, in_proj_weight, in_proj_bias, bias_k, bias_v, out_proj_weight, out_proj_bias,
        key_padding_mask, attn_mask, q_proj_weight, k_proj_weight, v_proj_weight, static_k, static_v)
    return functional.multi_head_attention_forward(
        query, key, value, embed_dim_to_check, num_heads, in_proj_weight, in_proj_bias, bias_k, bias_v, add_zero_attn,
        dropout_p, out_proj_weight, out_proj_bias, training, key_padding_mask, need_weights, attn_mask,
        use_separate_proj_weight, q_proj_weight, k_proj_weight, v_proj_weight, static_k, static_v, average_attn_weights,
        is_causal)

def multi_margin_loss(
    input: ArrayT, target: ArrayLike, p: int = 1, margin: float = 1.0, weight: ArrayLike | None = None,
    size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean") -> ArrayT:
    """Return the sum of `max(0, margin - (x[target] - x[other])) ** p` over the other classes, divided by `C`.

    Args:
        input: scores `(C,)` or `(N, C)`.
        target: a class for each sample, one number or `(N,)`.
        p: the exponent, 1 or 2.
        margin: by how much the score of the target should be greater.
        weight: the weight of each class, `(C,)`.
        reduction: `"none"`, `"mean"` or `"sum"`.

    Source: `torch.nn.functional.multi_margin_loss`.

    >>> import torch, unified.functional as F
    >>> F.multi_margin_loss(torch.tensor([[0.0, 2.0, 1.5, 0.0]]), torch.tensor([1]))
    tensor(0.1250)
    """
    return (s.functional if (s := current.scope) else _of(input, target, weight)).multi_margin_loss(
        input, target, p, margin, weight, size_average, reduce, reduction)

def multilabel_margin_loss(
    input: ArrayT, target: ArrayLike, size_average: bool | None = None, reduce: bool | None = None,
    reduction: str = "mean") -> ArrayT:
    """Return the sum of `max(0, 1 - (x[target] - x[other]))` over targets and other classes, divided by `C`.

    Args:
        input: scores `(C,)` or `(N, C)`.
        target: the classes of each sample up to the first -1, of the shape of `input`.
        reduction: `"none"`, `"mean"` or `"sum"`.

    Source: `torch.nn.functional.multilabel_margin_loss`.

    >>> import torch, unified.functional as F
    >>> F.multilabel_margin_loss(torch.tensor([0.0, 2.0, 1.5, 0.0]), torch.tensor([1, -1, 0, 0]))
    tensor(0.1250)
    """
    return (s.functional if (s := current.scope) else _of(input, target)).multilabel_margin_loss(
        input, target, size_average, reduce, reduction)

def multilabel_soft_margin_loss(
    input: ArrayT, target: ArrayLike, weight: ArrayLike | None = None, size_average: bool | None = None,
    reduce: bool | None = None, reduction: str = "mean") -> ArrayT:
    """Return minus the log-probability of targets from logits, averaged over the classes.

    Args:
        input: logits `(N, C)`.
        target: numbers from 0 to 1, `(N, C)`.
        weight: the weight of each class, `(C,)`.
        reduction: `"none"`, `"mean"` or `"sum"`, of the samples.

    Source: `torch.nn.functional.multilabel_soft_margin_loss`.

    >>> import torch, unified.functional as F
    >>> F.multilabel_soft_margin_loss(torch.zeros(1, 3), torch.tensor([[1.0, 0.0, 1.0]]))
    tensor(0.6931)
    """
    return (s.functional if (s := current.scope) else _of(input, target, weight)).multilabel_soft_margin_loss(
        input, target, weight, size_average, reduce, reduction)

def nll_loss(
    input: ArrayT, target: ArrayLike, weight: ArrayLike | None = None, size_average: bool | None = None,
    ignore_index: int = -100, reduce: bool | None = None, reduction: str = "mean") -> ArrayT:
    """Return minus the log-probability of classes, from log-probabilities.

    A class out of range raises on torch, and its loss is NaN on JAX, which cannot raise for a value.

    Args:
        input: log-probabilities `(C,)`, `(N, C)` or `(N, C, ...)`.
        target: integer classes of the shape without `C`.
        weight: the weight of each class, `(C,)`; the mean is weighted by it.
        ignore_index: a class whose samples cost nothing and do not count in the mean.
        reduction: `"none"`, `"mean"` or `"sum"`.

    Source: `torch.nn.functional.nll_loss`.

    >>> import torch, unified.functional as F
    >>> F.nll_loss(torch.tensor([[-1.0, -2.0], [-3.0, -4.0]]), torch.tensor([1, 0]))
    tensor(2.5000)
    """
    return (s.functional if (s := current.scope) else _of(input, target, weight)).nll_loss(
        input, target, weight, size_average, ignore_index, reduce, reduction)

def normalize(input: ArrayT, p: float = 2.0, dim: int = 1, eps: float = 1e-12, out: ArrayLike | None = None) -> ArrayT:
    """Return `input`, divided by its norm along an axis.

    Args:
        input: an array of any shape.
        p: the degree of the norm.
        dim: the axis of the vectors.
        eps: the least divisor.
        out: an array that torch writes the result to; refused on JAX with a `ValueError`.

    Source: `torch.nn.functional.normalize`.

    >>> import torch, unified.functional as F
    >>> F.normalize(torch.tensor([[3.0, 4.0]]))
    tensor([[0.6000, 0.8000]])
    """
    return (s.functional if (s := current.scope) else _of(input, out)).normalize(input, p, dim, eps, out)

def one_hot(tensor: ArrayT, num_classes: int = -1) -> ArrayT:
    """Return integers that are zero, with a one at the position of each class.

    Args:
        tensor: integers of any shape, from 0.
        num_classes: the number of classes; by default one more than the greatest integer, whose value must be known,
            so that a program of `jax.jit` has to pass it.

    Returns:
        An array `(*tensor.shape, num_classes)`; `unified.numpy.one_hot` returns floating-point numbers.

    Source: `torch.nn.functional.one_hot`.

    >>> import torch, unified.functional as F
    >>> F.one_hot(torch.tensor([0, 2]), 3)
    tensor([[1, 0, 0],
            [0, 0, 1]])
    """
    return (s.functional if (s := current.scope) else _of(tensor)).one_hot(tensor, num_classes=num_classes)

def pad(input: ArrayT, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> ArrayT:
    """Return `input` with more values at the ends of its last axes, or fewer.

    Args:
        input: an array of any shape; modes other than `"constant"` pad the last one to three axes, with one or two axes
            before them.
        pad: the numbers of values before and after each axis, the last axis first; a negative number cuts off.
        mode: `"constant"`, `"reflect"` (without the last value), `"replicate"` or `"circular"`.
        value: what `"constant"` adds, by default zero.

    Raises:
        ValueError: the widths do not fit the axes (on torch some are a `RuntimeError`).

    Source: `torch.nn.functional.pad`.

    >>> import jax.numpy as jnp, torch, unified.functional as F
    >>> F.pad(torch.tensor([1.0, 2.0, 3.0]), (1, 2))
    tensor([0., 1., 2., 3., 0., 0.])
    >>> F.pad(jnp.array([[1.0, 2.0, 3.0]]), (2, -1), mode="reflect").tolist()
    [[3.0, 2.0, 1.0, 2.0]]
    """
    return (s.functional if (s := current.scope) else _of(input)).pad(input, pad, mode, value)

def pairwise_distance(x1: ArrayT, x2: ArrayLike, p: float = 2.0, eps: float = 1e-06, keepdim: bool = False) -> ArrayT:
    """Return the norm of `x1 - x2 + eps` along the last axis.

    Args:
        x1: an array `(..., D)`.
        x2: an array that broadcasts with `x1`.
        p: the degree of the norm.
        eps: a small number that is added to each difference.
        keepdim: whether the last axis stays, with size 1.

    Returns:
        An array `(...)`, or `(..., 1)`.

    Source: `torch.nn.functional.pairwise_distance`.

    >>> import torch, unified.functional as F
    >>> F.pairwise_distance(torch.tensor([[3.0, 4.0]]), torch.zeros(1, 2)).round(decimals=3)
    tensor([5.])
    """
    return (s.functional if (s := current.scope) else _of(x1, x2)).pairwise_distance(
        x1, x2, p=p, eps=eps, keepdim=keepdim)

def pdist(input: ArrayT, p: float = 2.0) -> ArrayT:
    """Return the norm of the difference of each row to each later row.

    Args:
        input: an array `(N, D)`.
        p: the degree of the norm, not negative.

    Returns:
        A vector `(N * (N - 1) / 2,)`, in the order of the pairs (0, 1), (0, 2), ..., (1, 2), ...

    Source: `torch.nn.functional.pdist`.

    >>> import torch, unified.functional as F
    >>> F.pdist(torch.tensor([[0.0, 0.0], [3.0, 4.0], [0.0, 1.0]]))
    tensor([5.0000, 1.0000, 4.2426])
    """
    return (s.functional if (s := current.scope) else _of(input)).pdist(input, p=p)

def pixel_shuffle(input: ArrayT, upscale_factor: int) -> ArrayT:
    """Return `input` with channels rearranged to pixels: each block of `r * r` of them becomes a square.

    Args:
        input: an array `(..., C * r * r, H, W)`.
        upscale_factor: the factor `r` of height and width.

    Returns:
        An array `(..., C, H * r, W * r)`.

    Source: `torch.nn.functional.pixel_shuffle`; Shi et al. (2016).

    >>> import torch, unified.functional as F
    >>> F.pixel_shuffle(torch.arange(4.0).reshape(4, 1, 1), 2)
    tensor([[[0., 1.],
             [2., 3.]]])
    """
    return (s.functional if (s := current.scope) else _of(input)).pixel_shuffle(input, upscale_factor)

def pixel_unshuffle(input: ArrayT, downscale_factor: int) -> ArrayT:
    """Return `input` with squares of pixels rearranged to channels: the inverse of `pixel_shuffle`.

    Args:
        input: an array `(..., C, H * r, W * r)`.
        downscale_factor: the factor `r`, which divides height and width.

    Returns:
        An array `(..., C * r * r, H, W)`.

    Source: `torch.nn.functional.pixel_unshuffle`.

    >>> import torch, unified.functional as F
    >>> F.pixel_unshuffle(torch.arange(4.0).reshape(1, 2, 2), 2).flatten()
    tensor([0., 1., 2., 3.])
    """
    return (s.functional if (s := current.scope) else _of(input)).pixel_unshuffle(input, downscale_factor)

def poisson_nll_loss(
    input: ArrayT, target: ArrayLike, log_input: bool = True, full: bool = False, size_average: bool | None = None,
    eps: float = 1e-08, reduce: bool | None = None, reduction: str = "mean") -> ArrayT:
    """Return minus the log-likelihood of counts, without the logarithm of their factorial.

    Args:
        input: logarithms of the expected counts, or the counts themselves, of any shape.
        target: the counts, which broadcast with `input`.
        log_input: whether `input` holds logarithms.
        full: whether Stirling's approximation of that factorial is added for counts above 1.
        eps: a number that is added to the expected counts before their logarithm.
        reduction: `"none"`, `"mean"` or `"sum"`.

    Source: `torch.nn.functional.poisson_nll_loss`.

    >>> import torch, unified.functional as F
    >>> F.poisson_nll_loss(torch.tensor([0.0]), torch.tensor([3.0]))
    tensor(1.)
    """
    return (s.functional if (s := current.scope) else _of(input, target)).poisson_nll_loss(
        input, target, log_input, full, size_average, eps, reduce, reduction)

def prelu(input: ArrayT, weight: ArrayLike) -> ArrayT:
    """Return `input`, multiplied by a slope that is learned where it is not positive.

    Args:
        input: an array `(N, C, ...)` or of any other shape.
        weight: the slope: one number, or a vector `(C,)` with one for each channel (axis 1).

    Source: `torch.nn.functional.prelu`; He et al. (2015).

    >>> import torch, unified.functional as F
    >>> F.prelu(torch.tensor([[-2.0, -2.0]]), torch.tensor([0.5, 0.25]))
    tensor([[-1.0000, -0.5000]])
    """
    return (s.functional if (s := current.scope) else _of(input, weight)).prelu(input, weight)

def relu(input: ArrayT, inplace: bool = False) -> ArrayT:
    """Return the positive part of each value; the gradient at zero is zero on both frameworks.

    Source: `torch.nn.functional.relu`.

    >>> import jax.numpy as jnp, torch, unified.functional as F
    >>> F.relu(torch.tensor([-1.0, 2.0])).tolist(), F.relu(jnp.array([-1.0, 2.0])).tolist()
    ([0.0, 2.0], [0.0, 2.0])
    """
    return (s.functional if (s := current.scope) else _of(input)).relu(input)

def relu6(input: ArrayT, inplace: bool = False) -> ArrayT:
    """Return `input`, clamped to 0 and 6.

    Source: `torch.nn.functional.relu6`.

    >>> import torch, unified.functional as F
    >>> F.relu6(torch.tensor([-1.0, 2.0, 9.0]))
    tensor([0., 2., 6.])
    """
    return (s.functional if (s := current.scope) else _of(input)).relu6(input)

def rms_norm(
    input: ArrayT, normalized_shape: Sequence[int], weight: ArrayLike | None = None, eps: float | None = None
) -> ArrayT:
    """Return `input`, divided by the root of its mean square over the last axes, then scaled.

    Args:
        input: an array `(..., *normalized_shape)`.
        normalized_shape: the sizes of the axes over which the mean is computed.
        weight: the scale, of the shape `normalized_shape`.
        eps: a number that is added to the mean square; by default the machine epsilon of float32, or of
            float64 for such an input.

    Source: `torch.nn.functional.rms_norm`; Zhang and Sennrich (2019).

    >>> import torch, unified.functional as F
    >>> F.rms_norm(torch.tensor([1.0, 7.0]), (2,))
    tensor([0.2000, 1.4000])
    """
    return (s.functional if (s := current.scope) else _of(input, weight)).rms_norm(input, normalized_shape, weight, eps)

def rrelu(
    input: ArrayT, lower: float = 0.125, upper: float = 0.3333333333333333, training: bool = False,
    inplace: bool = False) -> ArrayT:
    """Return `input`, multiplied by random slopes where it is not positive.

    Args:
        input: an array of any shape.
        lower: the least slope.
        upper: the greatest slope.
        training: whether slopes are drawn for each value; without it all are `(lower + upper) / 2`. On JAX they are
            drawn by the running body, outside of which a draw raises `NoActiveTransformError`.

    Source: `torch.nn.functional.rrelu`; Xu et al. (2015).

    >>> import torch, unified.functional as F
    >>> F.rrelu(torch.tensor([-2.0, 3.0]), lower=0.25, upper=0.75)
    tensor([-1.,  3.])
    """
    return (s.functional if (s := current.scope) else _of(input)).rrelu(input, lower, upper, training)

def scaled_dot_product_attention(
    query: ArrayT, key: ArrayLike, value: ArrayLike, attn_mask: ArrayLike | None = None, dropout_p: float = 0.0,
    is_causal: bool = False, scale: float | None = None, enable_gqa: bool = False) -> ArrayT:
    """Return `softmax(query @ key.T * scale + attn_mask) @ value`.

    Args:
        query: an array `(..., L, E)`.
        key: an array `(..., S, E)`.
        value: an array `(..., S, V)`.
        attn_mask: an array that broadcasts to `(..., L, S)`: true for pairs that attend, or numbers that are added.
        dropout_p: the probability with which an attention weight is dropped, also in evaluation.
        is_causal: whether a query attends only to keys up to its own position; then `attn_mask` is `None`.
        scale: the factor of the scores, by default `1 / sqrt(E)`.
        enable_gqa: whether several heads of queries (axis -3) share each head of keys and values.

    Returns:
        An array `(..., L, V)`.

    Source: `torch.nn.functional.scaled_dot_product_attention`; Vaswani et al. (2017).

    >>> import torch, unified.functional as F
    >>> x = torch.tensor([[[1.0], [3.0]]])
    >>> F.scaled_dot_product_attention(torch.zeros(1, 2, 1), x, x, is_causal=True)
    tensor([[[1.],
             [2.]]])
    """
    return (s.functional if (s := current.scope) else _of(query, key, value, attn_mask)).scaled_dot_product_attention(
        query, key, value, attn_mask=attn_mask, dropout_p=dropout_p, is_causal=is_causal, scale=scale,
        enable_gqa=enable_gqa)

def selu(input: ArrayT, inplace: bool = False) -> ArrayT:
    """Return `elu(input, 1.6733)` times 1.0507: the constants that keep a mean of 0 and a variance of 1 over layers.

    Source: `torch.nn.functional.selu`; Klambauer et al. (2017).

    >>> import torch, unified.functional as F
    >>> F.selu(torch.tensor([-100.0, 0.0, 1.0]))
    tensor([-1.7581,  0.0000,  1.0507])
    """
    return (s.functional if (s := current.scope) else _of(input)).selu(input)

def sigmoid(input: ArrayT) -> ArrayT:
    """Return `1 / (1 + exp(-input))`; integers are taken as float32.

    Source: `torch.nn.functional.sigmoid`.

    >>> import torch, unified.functional as F
    >>> F.sigmoid(torch.tensor([0.0, 100.0]))
    tensor([0.5000, 1.0000])
    """
    return (s.functional if (s := current.scope) else _of(input)).sigmoid(input)

def silu(input: ArrayT, inplace: bool = False) -> ArrayT:
    """Return `input * sigmoid(input)`, which is also called swish.

    Source: `torch.nn.functional.silu`; Elfwing et al. (2017).

    >>> import torch, unified.functional as F
    >>> F.silu(torch.tensor([-1.0, 0.0, 1.0]))
    tensor([-0.2689,  0.0000,  0.7311])
    """
    return (s.functional if (s := current.scope) else _of(input)).silu(input)

def smooth_l1_loss(
    input: ArrayT, target: ArrayLike, size_average: bool | None = None, reduce: bool | None = None,
    reduction: str = "mean", beta: float = 1.0) -> ArrayT:
    """Return `difference**2 / (2 * beta)` up to `beta`, and beyond it the straight line that continues it, of slope 1.

    Args:
        input: an array of any shape.
        target: an array that broadcasts with `input`, with a warning if the shapes differ.
        reduction: `"none"`, `"mean"` or `"sum"`.
        beta: the difference from which on the loss is linear; not negative, and zero for `l1_loss`.

    Source: `torch.nn.functional.smooth_l1_loss`; Girshick (2015).

    >>> import torch, unified.functional as F
    >>> F.smooth_l1_loss(torch.tensor([1.0, 3.0]), torch.zeros(2), reduction="none")
    tensor([0.5000, 2.5000])
    """
    return (s.functional if (s := current.scope) else _of(input, target)).smooth_l1_loss(
        input, target, size_average, reduce, reduction, beta)

def soft_margin_loss(
    input: ArrayT, target: ArrayLike, size_average: bool | None = None, reduce: bool | None = None,
    reduction: str = "mean") -> ArrayT:
    """Return `log(1 + exp(-target * input))`, which overflows to infinity for great logits of the wrong sign.

    Args:
        input: logits, of any shape.
        target: 1 or -1 for each.
        reduction: `"none"`, `"mean"` or `"sum"`.

    Source: `torch.nn.functional.soft_margin_loss`.

    >>> import torch, unified.functional as F
    >>> F.soft_margin_loss(torch.tensor([0.0, 0.0]), torch.tensor([1, -1]))
    tensor(0.6931)
    """
    return (s.functional if (s := current.scope) else _of(input, target)).soft_margin_loss(
        input, target, size_average, reduce, reduction)

def softmax(input: ArrayT, dim: int | None = None, _stacklevel: int = 3, dtype: DType = None) -> ArrayT:
    """Return `exp(input)`, scaled so that it sums to one along `dim`.

    Args:
        input: an array of any shape, of a floating-point dtype unless `dtype` is passed.
        dim: the axis of the classes; without it there is a warning, and torch's implicit choice.
        dtype: the dtype to which the input is converted first, of any framework or by name.

    Source: `torch.nn.functional.softmax`.

    >>> import torch, unified.functional as F
    >>> F.softmax(torch.tensor([1000.0, 1000.0]), dim=0)
    tensor([0.5000, 0.5000])
    """
    return (s.functional if (s := current.scope) else _of(input)).softmax(
        input, dim, _stacklevel, dtype if dtype is None else _native(dtype, input))

def softmin(input: ArrayT, dim: int | None = None, _stacklevel: int = 3, dtype: DType = None) -> ArrayT:
    """Return the `softmax` of the negated input.

    Args:
        input: an array of any shape, of a floating-point dtype.
        dim: the axis of the classes; without it there is a warning, and torch's implicit choice.
        dtype: the dtype to which the input is converted first, of any framework or by name.

    Source: `torch.nn.functional.softmin`.

    >>> import torch, unified.functional as F
    >>> F.softmin(torch.tensor([0.0, 1000.0]), dim=0)
    tensor([1., 0.])
    """
    return (s.functional if (s := current.scope) else _of(input)).softmin(
        input, dim, _stacklevel, dtype if dtype is None else _native(dtype, input))

def softplus(input: ArrayT, beta: float = 1.0, threshold: float = 20.0) -> ArrayT:
    """Return `log(1 + exp(beta * input)) / beta`, a smooth `relu`.

    Args:
        input: an array of any shape.
        beta: how sharp the bend is.
        threshold: where `beta * input` exceeds it, the output is `input` itself.

    Source: `torch.nn.functional.softplus`.

    >>> import torch, unified.functional as F
    >>> F.softplus(torch.tensor([0.0, 50.0]))
    tensor([ 0.6931, 50.0000])
    """
    return (s.functional if (s := current.scope) else _of(input)).softplus(input, beta=beta, threshold=threshold)

def softshrink(input: ArrayT, lambd: float = 0.5) -> ArrayT:
    """Return `input`, moved towards zero by `lambd` and not past it.

    Args:
        input: an array of any shape.
        lambd: the distance; not negative.

    Source: `torch.nn.functional.softshrink`.

    >>> import torch, unified.functional as F
    >>> F.softshrink(torch.tensor([-2.0, 0.25, 1.0]))
    tensor([-1.5000,  0.0000,  0.5000])
    """
    return (s.functional if (s := current.scope) else _of(input)).softshrink(input, lambd=lambd)

def softsign(input: ArrayT) -> ArrayT:
    """Return `input / (1 + |input|)`.

    Source: `torch.nn.functional.softsign`.

    >>> import torch, unified.functional as F
    >>> F.softsign(torch.tensor([-1.0, 0.0, 3.0]))
    tensor([-0.5000,  0.0000,  0.7500])
    """
    return (s.functional if (s := current.scope) else _of(input)).softsign(input)

def tanh(input: ArrayT) -> ArrayT:
    """Return the hyperbolic tangent; integers are taken as float32.

    Source: `torch.nn.functional.tanh`.

    >>> import torch, unified.functional as F
    >>> F.tanh(torch.tensor([-100.0, 0.0, 100.0]))
    tensor([-1.,  0.,  1.])
    """
    return (s.functional if (s := current.scope) else _of(input)).tanh(input)

def tanhshrink(input: ArrayT) -> ArrayT:
    """Return `input - tanh(input)`.

    Source: `torch.nn.functional.tanhshrink`.

    >>> import torch, unified.functional as F
    >>> F.tanhshrink(torch.tensor([-100.0, 0.0, 100.0]))
    tensor([-99.,   0.,  99.])
    """
    return (s.functional if (s := current.scope) else _of(input)).tanhshrink(input)

def threshold(input: ArrayT, threshold: float, value: float, inplace: bool = False) -> ArrayT:
    """Return `input` where it exceeds `threshold`, and `value` elsewhere.

    Source: `torch.nn.functional.threshold`.

    >>> import torch, unified.functional as F
    >>> F.threshold(torch.tensor([0.5, 1.0, 2.0]), 1.0, -7.0)
    tensor([-7., -7.,  2.])
    """
    return (s.functional if (s := current.scope) else _of(input)).threshold(input, threshold, value)

def triplet_margin_loss(
    anchor: ArrayT, positive: ArrayLike, negative: ArrayLike, margin: float = 1.0, p: float = 2, eps: float = 1e-06,
    swap: bool = False, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean"
) -> ArrayT:
    """Return `max(0, margin + d(anchor, positive) - d(anchor, negative))`, with the norm of the difference as `d`.

    Args:
        anchor: vectors `(N, D)` or `(D,)`.
        positive: vectors that should be near.
        negative: vectors that should be farther away.
        margin: by how much; positive.
        p: the degree of the norm.
        eps: a small number that is added to each difference.
        swap: whether the distance of `positive` and `negative` counts instead, where it is less.
        reduction: `"none"`, `"mean"` or `"sum"`.

    Source: `torch.nn.functional.triplet_margin_loss`; Balntas et al. (2016).

    >>> import torch, unified.functional as F
    >>> near, far = torch.tensor([[1.0]]), torch.tensor([[3.0]])
    >>> F.triplet_margin_loss(torch.zeros(1, 1), near, far, margin=4.0).round(decimals=3)
    tensor(2.)
    """
    return (s.functional if (s := current.scope) else _of(anchor, positive, negative)).triplet_margin_loss(
        anchor, positive, negative, margin, p, eps, swap, size_average, reduce, reduction)

def triplet_margin_with_distance_loss(
    anchor: ArrayT, positive: ArrayLike, negative: ArrayLike, *,
    distance_function: Callable[[Any, Any], Any] | None = None, margin: float = 1.0, swap: bool = False,
    reduction: str = "mean") -> ArrayT:
    """Return `max(0, margin + d(anchor, positive) - d(anchor, negative))`, with any distance `d`.

    Args:
        anchor: an array of any shape that the distance takes.
        positive: what should be near.
        negative: what should be farther away.
        distance_function: a function of two arrays; by default `pairwise_distance`.
        margin: by how much; positive.
        swap: whether the distance of `positive` and `negative` counts instead, where it is less.
        reduction: `"none"`, `"mean"` or `"sum"`.

    Source: `torch.nn.functional.triplet_margin_with_distance_loss`.

    >>> import torch, unified.functional as F
    >>> x = torch.tensor([[1.0]])
    >>> F.triplet_margin_with_distance_loss(
    ...     x, x, 3 * x, distance_function=lambda a, b: (a - b).abs().sum(-1), margin=5.0
    ... )
    tensor(3.)
    """
    functional = s.functional if (s := current.scope) else _of(
        anchor, positive, negative)
    return functional.triplet_margin_with_distance_loss(
        anchor, positive, negative, distance_function=distance_function, margin=margin, swap=swap, reduction=reduction)

def unfold(
    input: ArrayT, kernel_size: ShapeLike, dilation: ShapeLike = 1, padding: ShapeLike = 0, stride: ShapeLike = 1
) -> ArrayT:
    """Return the windows of `input` as columns.

    Args:
        input: an array `(N, C, H, W)` or `(C, H, W)`.
        kernel_size: the height `kh` and width `kw` of a window, or one number for both.
        dilation: the distance between the elements of a window.
        padding: the zeros at each end.
        stride: the distance between windows.

    Returns:
        An array `(N, C * kh * kw, places)`, or without `N`.

    Source: `torch.nn.functional.unfold`.

    >>> import torch, unified.functional as F
    >>> F.unfold(torch.arange(6.0).reshape(1, 2, 3), (2, 2))
    tensor([[0., 1.],
            [1., 2.],
            [3., 4.],
            [4., 5.]])
    """
    return (s.functional if (s := current.scope) else _of(input)).unfold(input, kernel_size, dilation, padding, stride)
