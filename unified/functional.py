"""Functions of `torch.nn.functional`, on either framework's arrays.

`unified.functional.relu(x)` is `torch.nn.functional.relu` in a torch model. In a JAX model it is a function on JAX
arrays with the same name, arguments and values. Outside a model the type of the arguments selects the framework. No
function overwrites its input: `inplace` has no effect.

Written by `make generate`.

>>> import numpy, torch, unified.functional as F
>>> F.relu(torch.tensor([-1.0, 2.0])).tolist()
[0.0, 2.0]
"""

import sys
from collections.abc import Callable, Sequence
from typing import Any

from unified.core import backends
from unified.core.annotations import ArrayLike, ArrayT, DType, ShapeLike
from unified.core.backends import FUNCTIONAL
from unified.core.errors import BackendError
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


def adaptive_avg_pool1d(input: ArrayT, output_size: int | Sequence[int | None] | None) -> ArrayT:
    """See `torch.nn.functional.adaptive_avg_pool1d`."""
    return (s.functional if (s := current.scope) else _of(input)).adaptive_avg_pool1d(input, output_size)

def adaptive_avg_pool2d(input: ArrayT, output_size: int | Sequence[int | None] | None) -> ArrayT:
    """See `torch.nn.functional.adaptive_avg_pool2d`."""
    return (s.functional if (s := current.scope) else _of(input)).adaptive_avg_pool2d(input, output_size)

def adaptive_avg_pool3d(input: ArrayT, output_size: int | Sequence[int | None] | None) -> ArrayT:
    """See `torch.nn.functional.adaptive_avg_pool3d`."""
    return (s.functional if (s := current.scope) else _of(input)).adaptive_avg_pool3d(input, output_size)

def adaptive_max_pool1d(
    input: ArrayT, output_size: int | Sequence[int | None] | None, return_indices: bool = False) -> ArrayT | Any:
    """See `torch.nn.functional.adaptive_max_pool1d`."""
    return (s.functional if (s := current.scope) else _of(input)).adaptive_max_pool1d(
        input, output_size, return_indices)

def adaptive_max_pool2d(
    input: ArrayT, output_size: int | Sequence[int | None] | None, return_indices: bool = False) -> ArrayT | Any:
    """See `torch.nn.functional.adaptive_max_pool2d`."""
    return (s.functional if (s := current.scope) else _of(input)).adaptive_max_pool2d(
        input, output_size, return_indices)

def adaptive_max_pool3d(
    input: ArrayT, output_size: int | Sequence[int | None] | None, return_indices: bool = False) -> ArrayT | Any:
    """See `torch.nn.functional.adaptive_max_pool3d`."""
    return (s.functional if (s := current.scope) else _of(input)).adaptive_max_pool3d(
        input, output_size, return_indices)

def affine_grid(theta: ArrayT, size: Sequence[int], align_corners: bool | None = None) -> ArrayT:
    """See `torch.nn.functional.affine_grid`."""
    return (s.functional if (s := current.scope) else _of(theta)).affine_grid(theta, size, align_corners)

def alpha_dropout(input: ArrayT, p: float = 0.5, training: bool = False, inplace: bool = False) -> ArrayT:
    """See `torch.nn.functional.alpha_dropout`."""
    return (s.functional if (s := current.scope) else _of(input)).alpha_dropout(input, p, training)

def avg_pool1d(
    input: ArrayT, kernel_size: ShapeLike, stride: ShapeLike | None = None, padding: ShapeLike = 0,
    ceil_mode: bool = False, count_include_pad: bool = True) -> ArrayT:
    """See `torch.nn.functional.avg_pool1d`."""
    return (s.functional if (s := current.scope) else _of(input)).avg_pool1d(
        input, kernel_size, stride=stride, padding=padding, ceil_mode=ceil_mode, count_include_pad=count_include_pad)

def avg_pool2d(
    input: ArrayT, kernel_size: ShapeLike, stride: ShapeLike | None = None, padding: ShapeLike = 0,
    ceil_mode: bool = False, count_include_pad: bool = True, divisor_override: int | None = None) -> ArrayT:
    """See `torch.nn.functional.avg_pool2d`."""
    return (s.functional if (s := current.scope) else _of(input)).avg_pool2d(
        input, kernel_size, stride=stride, padding=padding, ceil_mode=ceil_mode, count_include_pad=count_include_pad,
        divisor_override=divisor_override)

def avg_pool3d(
    input: ArrayT, kernel_size: ShapeLike, stride: ShapeLike | None = None, padding: ShapeLike = 0,
    ceil_mode: bool = False, count_include_pad: bool = True, divisor_override: int | None = None) -> ArrayT:
    """See `torch.nn.functional.avg_pool3d`."""
    return (s.functional if (s := current.scope) else _of(input)).avg_pool3d(
        input, kernel_size, stride=stride, padding=padding, ceil_mode=ceil_mode, count_include_pad=count_include_pad,
        divisor_override=divisor_override)

def batch_norm(
    input: ArrayT, running_mean: ArrayLike | None, running_var: ArrayLike | None, weight: ArrayLike | None = None,
    bias: ArrayLike | None = None, training: bool = False, momentum: float = 0.1, eps: float = 1e-05) -> ArrayT:
    """See `torch.nn.functional.batch_norm`."""
    return (s.functional if (s := current.scope) else _of(input, running_mean, running_var, weight, bias)).batch_norm(
        input, running_mean, running_var, weight, bias, training, momentum, eps)

def bilinear(input1: ArrayT, input2: ArrayLike, weight: ArrayLike, bias: ArrayLike | None = None) -> ArrayT:
    """See `torch.nn.functional.bilinear`."""
    return (s.functional if (s := current.scope) else _of(input1, input2, weight, bias)).bilinear(
        input1, input2, weight, bias=bias)

def binary_cross_entropy(
    input: ArrayT, target: ArrayLike, weight: ArrayLike | None = None, size_average: bool | None = None,
    reduce: bool | None = None, reduction: str = "mean") -> ArrayT:
    """See `torch.nn.functional.binary_cross_entropy`."""
    return (s.functional if (s := current.scope) else _of(input, target, weight)).binary_cross_entropy(
        input, target, weight, size_average, reduce, reduction)

def binary_cross_entropy_with_logits(
    input: ArrayT, target: ArrayLike, weight: ArrayLike | None = None, size_average: bool | None = None,
    reduce: bool | None = None, reduction: str = "mean", pos_weight: ArrayLike | None = None) -> ArrayT:
    """See `torch.nn.functional.binary_cross_entropy_with_logits`."""
    functional = s.functional if (s := current.scope) else _of(
        input, target, weight, pos_weight)
    return functional.binary_cross_entropy_with_logits(
        input, target, weight, size_average, reduce, reduction, pos_weight)

def celu(input: ArrayT, alpha: float = 1.0, inplace: bool = False) -> ArrayT:
    """See `torch.nn.functional.celu`."""
    return (s.functional if (s := current.scope) else _of(input)).celu(input, alpha)

def channel_shuffle(input: ArrayT, groups: int) -> ArrayT:
    """See `torch.nn.functional.channel_shuffle`."""
    return (s.functional if (s := current.scope) else _of(input)).channel_shuffle(input, groups)

def conv1d(
    input: ArrayT, weight: ArrayLike, bias: ArrayLike | None = None, stride: ShapeLike = 1,
    padding: str | ShapeLike = 0, dilation: ShapeLike = 1, groups: int = 1) -> ArrayT:
    """See `torch.nn.functional.conv1d`."""
    return (s.functional if (s := current.scope) else _of(input, weight, bias)).conv1d(
        input, weight, bias=bias, stride=stride, padding=padding, dilation=dilation, groups=groups)

def conv2d(
    input: ArrayT, weight: ArrayLike, bias: ArrayLike | None = None, stride: ShapeLike = 1,
    padding: str | ShapeLike = 0, dilation: ShapeLike = 1, groups: int = 1) -> ArrayT:
    """See `torch.nn.functional.conv2d`."""
    return (s.functional if (s := current.scope) else _of(input, weight, bias)).conv2d(
        input, weight, bias=bias, stride=stride, padding=padding, dilation=dilation, groups=groups)

def conv3d(
    input: ArrayT, weight: ArrayLike, bias: ArrayLike | None = None, stride: ShapeLike = 1,
    padding: str | ShapeLike = 0, dilation: ShapeLike = 1, groups: int = 1) -> ArrayT:
    """See `torch.nn.functional.conv3d`."""
    return (s.functional if (s := current.scope) else _of(input, weight, bias)).conv3d(
        input, weight, bias=bias, stride=stride, padding=padding, dilation=dilation, groups=groups)

def conv_transpose1d(
    input: ArrayT, weight: ArrayLike, bias: ArrayLike | None = None, stride: ShapeLike = 1, padding: ShapeLike = 0,
    output_padding: ShapeLike = 0, groups: int = 1, dilation: ShapeLike = 1) -> ArrayT:
    """See `torch.nn.functional.conv_transpose1d`."""
    return (s.functional if (s := current.scope) else _of(input, weight, bias)).conv_transpose1d(
        input, weight, bias=bias, stride=stride, padding=padding, output_padding=output_padding, groups=groups,
        dilation=dilation)

def conv_transpose2d(
    input: ArrayT, weight: ArrayLike, bias: ArrayLike | None = None, stride: ShapeLike = 1, padding: ShapeLike = 0,
    output_padding: ShapeLike = 0, groups: int = 1, dilation: ShapeLike = 1) -> ArrayT:
    """See `torch.nn.functional.conv_transpose2d`."""
    return (s.functional if (s := current.scope) else _of(input, weight, bias)).conv_transpose2d(
        input, weight, bias=bias, stride=stride, padding=padding, output_padding=output_padding, groups=groups,
        dilation=dilation)

def conv_transpose3d(
    input: ArrayT, weight: ArrayLike, bias: ArrayLike | None = None, stride: ShapeLike = 1, padding: ShapeLike = 0,
    output_padding: ShapeLike = 0, groups: int = 1, dilation: ShapeLike = 1) -> ArrayT:
    """See `torch.nn.functional.conv_transpose3d`."""
    return (s.functional if (s := current.scope) else _of(input, weight, bias)).conv_transpose3d(
        input, weight, bias=bias, stride=stride, padding=padding, output_padding=output_padding, groups=groups,
        dilation=dilation)

def cosine_embedding_loss(
    input1: ArrayT, input2: ArrayLike, target: ArrayLike, margin: float = 0, size_average: bool | None = None,
    reduce: bool | None = None, reduction: str = "mean") -> ArrayT:
    """See `torch.nn.functional.cosine_embedding_loss`."""
    return (s.functional if (s := current.scope) else _of(input1, input2, target)).cosine_embedding_loss(
        input1, input2, target, margin, size_average, reduce, reduction)

def cosine_similarity(x1: ArrayT, x2: ArrayLike, dim: int = 1, eps: float = 1e-08) -> ArrayT:
    """See `torch.nn.functional.cosine_similarity`."""
    return (s.functional if (s := current.scope) else _of(x1, x2)).cosine_similarity(x1, x2, dim=dim, eps=eps)

def cross_entropy(
    input: ArrayT, target: ArrayLike, weight: ArrayLike | None = None, size_average: bool | None = None,
    ignore_index: int = -100, reduce: bool | None = None, reduction: str = "mean", label_smoothing: float = 0.0
) -> ArrayT:
    """See `torch.nn.functional.cross_entropy`."""
    return (s.functional if (s := current.scope) else _of(input, target, weight)).cross_entropy(
        input, target, weight, size_average, ignore_index, reduce, reduction, label_smoothing)

def ctc_loss(
    log_probs: ArrayT, targets: ArrayLike, input_lengths: ArrayLike | Sequence[int],
    target_lengths: ArrayLike | Sequence[int], blank: int = 0, reduction: str = "mean", zero_infinity: bool = False
) -> ArrayT:
    """See `torch.nn.functional.ctc_loss`."""
    return (s.functional if (s := current.scope) else _of(log_probs, targets, input_lengths, target_lengths)).ctc_loss(
        log_probs, targets, input_lengths, target_lengths, blank, reduction, zero_infinity)

def dropout(input: ArrayT, p: float = 0.5, training: bool = True, inplace: bool = False) -> ArrayT:
    """See `torch.nn.functional.dropout`."""
    return (s.functional if (s := current.scope) else _of(input)).dropout(input, p, training)

def dropout1d(input: ArrayT, p: float = 0.5, training: bool = True, inplace: bool = False) -> ArrayT:
    """See `torch.nn.functional.dropout1d`."""
    return (s.functional if (s := current.scope) else _of(input)).dropout1d(input, p, training)

def dropout2d(input: ArrayT, p: float = 0.5, training: bool = True, inplace: bool = False) -> ArrayT:
    """See `torch.nn.functional.dropout2d`."""
    return (s.functional if (s := current.scope) else _of(input)).dropout2d(input, p, training)

def dropout3d(input: ArrayT, p: float = 0.5, training: bool = True, inplace: bool = False) -> ArrayT:
    """See `torch.nn.functional.dropout3d`."""
    return (s.functional if (s := current.scope) else _of(input)).dropout3d(input, p, training)

def elu(input: ArrayT, alpha: float = 1.0, inplace: bool = False) -> ArrayT:
    """See `torch.nn.functional.elu`."""
    return (s.functional if (s := current.scope) else _of(input)).elu(input, alpha)

def embedding(
    input: ArrayT, weight: ArrayLike, padding_idx: int | None = None, max_norm: float | None = None,
    norm_type: float = 2.0, scale_grad_by_freq: bool = False, sparse: bool = False) -> ArrayT:
    """See `torch.nn.functional.embedding`."""
    return (s.functional if (s := current.scope) else _of(input, weight)).embedding(
        input, weight, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse)

def embedding_bag(
    input: ArrayT, weight: ArrayLike, offsets: ArrayLike | None = None, max_norm: float | None = None,
    norm_type: float = 2, scale_grad_by_freq: bool = False, mode: str = "mean", sparse: bool = False,
    per_sample_weights: ArrayLike | None = None, include_last_offset: bool = False, padding_idx: int | None = None
) -> ArrayT:
    """See `torch.nn.functional.embedding_bag`."""
    return (s.functional if (s := current.scope) else _of(input, weight, offsets, per_sample_weights)).embedding_bag(
        input, weight, offsets, max_norm, norm_type, scale_grad_by_freq, mode, sparse, per_sample_weights,
        include_last_offset, padding_idx)

def feature_alpha_dropout(input: ArrayT, p: float = 0.5, training: bool = False, inplace: bool = False) -> ArrayT:
    """See `torch.nn.functional.feature_alpha_dropout`."""
    return (s.functional if (s := current.scope) else _of(input)).feature_alpha_dropout(input, p, training)

def fold(
    input: ArrayT, output_size: ShapeLike, kernel_size: ShapeLike, dilation: ShapeLike = 1, padding: ShapeLike = 0,
    stride: ShapeLike = 1) -> ArrayT:
    """See `torch.nn.functional.fold`."""
    return (s.functional if (s := current.scope) else _of(input)).fold(
        input, output_size, kernel_size, dilation, padding, stride)

def fractional_max_pool2d(
    input: ArrayT, kernel_size: ShapeLike, output_size: ShapeLike | None = None,
    output_ratio: float | Sequence[float] | None = None, return_indices: bool = False,
    _random_samples: ArrayLike | None = None) -> ArrayT | Any:
    """See `torch.nn.functional.fractional_max_pool2d`."""
    return (s.functional if (s := current.scope) else _of(input, _random_samples)).fractional_max_pool2d(
        input, kernel_size, output_size, output_ratio, return_indices, _random_samples)

def fractional_max_pool3d(
    input: ArrayT, kernel_size: ShapeLike, output_size: ShapeLike | None = None,
    output_ratio: float | Sequence[float] | None = None, return_indices: bool = False,
    _random_samples: ArrayLike | None = None) -> ArrayT | Any:
    """See `torch.nn.functional.fractional_max_pool3d`."""
    return (s.functional if (s := current.scope) else _of(input, _random_samples)).fractional_max_pool3d(
        input, kernel_size, output_size, output_ratio, return_indices, _random_samples)

def gaussian_nll_loss(
    input: ArrayT, target: ArrayLike, var: ArrayLike | float, full: bool | None = False, eps: float | None = 1e-06,
    reduction: str = "mean") -> ArrayT:
    """See `torch.nn.functional.gaussian_nll_loss`."""
    return (s.functional if (s := current.scope) else _of(input, target, var)).gaussian_nll_loss(
        input, target, var, full, eps, reduction)

def gelu(input: ArrayT, approximate: str = "none") -> ArrayT:
    """See `torch.nn.functional.gelu`."""
    return (s.functional if (s := current.scope) else _of(input)).gelu(input, approximate=approximate)

def glu(input: ArrayT, dim: int = -1) -> ArrayT:
    """See `torch.nn.functional.glu`."""
    return (s.functional if (s := current.scope) else _of(input)).glu(input, dim)

def grid_sample(
    input: ArrayT, grid: ArrayLike, mode: str = "bilinear", padding_mode: str = "zeros",
    align_corners: bool | None = None) -> ArrayT:
    """See `torch.nn.functional.grid_sample`."""
    return (s.functional if (s := current.scope) else _of(input, grid)).grid_sample(
        input, grid, mode, padding_mode, align_corners)

def group_norm(
    input: ArrayT, num_groups: int, weight: ArrayLike | None = None, bias: ArrayLike | None = None, eps: float = 1e-05
) -> ArrayT:
    """See `torch.nn.functional.group_norm`."""
    return (s.functional if (s := current.scope) else _of(input, weight, bias)).group_norm(
        input, num_groups, weight, bias, eps)

def gumbel_softmax(logits: ArrayT, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1) -> ArrayT:
    """See `torch.nn.functional.gumbel_softmax`."""
    return (s.functional if (s := current.scope) else _of(logits)).gumbel_softmax(logits, tau, hard, eps, dim)

def hardshrink(input: ArrayT, lambd: float = 0.5) -> ArrayT:
    """See `torch.nn.functional.hardshrink`."""
    return (s.functional if (s := current.scope) else _of(input)).hardshrink(input, lambd=lambd)

def hardsigmoid(input: ArrayT, inplace: bool = False) -> ArrayT:
    """See `torch.nn.functional.hardsigmoid`."""
    return (s.functional if (s := current.scope) else _of(input)).hardsigmoid(input)

def hardswish(input: ArrayT, inplace: bool = False) -> ArrayT:
    """See `torch.nn.functional.hardswish`."""
    return (s.functional if (s := current.scope) else _of(input)).hardswish(input)

def hardtanh(input: ArrayT, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> ArrayT:
    """See `torch.nn.functional.hardtanh`."""
    return (s.functional if (s := current.scope) else _of(input)).hardtanh(input, min_val, max_val)

def hinge_embedding_loss(
    input: ArrayT, target: ArrayLike, margin: float = 1.0, size_average: bool | None = None, reduce: bool | None = None,
    reduction: str = "mean") -> ArrayT:
    """See `torch.nn.functional.hinge_embedding_loss`."""
    return (s.functional if (s := current.scope) else _of(input, target)).hinge_embedding_loss(
        input, target, margin, size_average, reduce, reduction)

def huber_loss(
    input: ArrayT, target: ArrayLike, reduction: str = "mean", delta: float = 1.0, weight: ArrayLike | None = None
) -> ArrayT:
    """See `torch.nn.functional.huber_loss`."""
    return (s.functional if (s := current.scope) else _of(input, target, weight)).huber_loss(
        input, target, reduction, delta, weight)

def instance_norm(
    input: ArrayT, running_mean: ArrayLike | None = None, running_var: ArrayLike | None = None,
    weight: ArrayLike | None = None, bias: ArrayLike | None = None, use_input_stats: bool = True, momentum: float = 0.1,
    eps: float = 1e-05) -> ArrayT:
    """See `torch.nn.functional.instance_norm`."""
    functional = s.functional if (s := current.scope) else _of(
        input, running_mean, running_var, weight, bias)
    return functional.instance_norm(
        input, running_mean, running_var, weight, bias, use_input_stats, momentum, eps)

def interpolate(
    input: ArrayT, size: int | Sequence[int] | None = None, scale_factor: float | Sequence[float] | None = None,
    mode: str = "nearest", align_corners: bool | None = None, recompute_scale_factor: bool | None = None,
    antialias: bool = False) -> ArrayT:
    """See `torch.nn.functional.interpolate`."""
    return (s.functional if (s := current.scope) else _of(input)).interpolate(
        input, size, scale_factor, mode, align_corners, recompute_scale_factor, antialias)

def kl_div(
    input: ArrayT, target: ArrayLike, size_average: bool | None = None, reduce: bool | None = None,
    reduction: str = "mean", log_target: bool = False) -> ArrayT:
    """See `torch.nn.functional.kl_div`."""
    return (s.functional if (s := current.scope) else _of(input, target)).kl_div(
        input, target, size_average, reduce, reduction, log_target)

def l1_loss(
    input: ArrayT, target: ArrayLike, size_average: bool | None = None, reduce: bool | None = None,
    reduction: str = "mean", weight: ArrayLike | None = None) -> ArrayT:
    """See `torch.nn.functional.l1_loss`."""
    return (s.functional if (s := current.scope) else _of(input, target, weight)).l1_loss(
        input, target, size_average, reduce, reduction, weight)

def layer_norm(
    input: ArrayT, normalized_shape: Sequence[int], weight: ArrayLike | None = None, bias: ArrayLike | None = None,
    eps: float = 1e-05) -> ArrayT:
    """See `torch.nn.functional.layer_norm`."""
    return (s.functional if (s := current.scope) else _of(input, weight, bias)).layer_norm(
        input, normalized_shape, weight, bias, eps)

def leaky_relu(input: ArrayT, negative_slope: float = 0.01, inplace: bool = False) -> ArrayT:
    """See `torch.nn.functional.leaky_relu`."""
    return (s.functional if (s := current.scope) else _of(input)).leaky_relu(input, negative_slope)

def linear(input: ArrayT, weight: ArrayLike, bias: ArrayLike | None = None) -> ArrayT:
    """See `torch.nn.functional.linear`."""
    return (s.functional if (s := current.scope) else _of(input, weight, bias)).linear(input, weight, bias=bias)

def linear_cross_entropy(
    input: ArrayT, linear_weight: ArrayLike, target: ArrayLike, *, linear_bias: ArrayLike | None = None,
    weight: ArrayLike | None = None, reduction: str = "mean", ignore_index: int | None = None,
    label_smoothing: float = 0.0, options: Any = None) -> ArrayT:
    """See `torch.nn.functional.linear_cross_entropy`."""
    functional = s.functional if (s := current.scope) else _of(
        input, linear_weight, target, linear_bias, weight)
    return functional.linear_cross_entropy(
        input, linear_weight, target, linear_bias=linear_bias, weight=weight, reduction=reduction,
        ignore_index=ignore_index, label_smoothing=label_smoothing, options=options)

def local_response_norm(input: ArrayT, size: int, alpha: float = 0.0001, beta: float = 0.75, k: float = 1.0) -> ArrayT:
    """See `torch.nn.functional.local_response_norm`."""
    return (s.functional if (s := current.scope) else _of(input)).local_response_norm(input, size, alpha, beta, k)

def log_softmax(input: ArrayT, dim: int | None = None, _stacklevel: int = 3, dtype: DType = None) -> ArrayT:
    """See `torch.nn.functional.log_softmax`."""
    return (s.functional if (s := current.scope) else _of(input)).log_softmax(
        input, dim, _stacklevel, dtype if dtype is None else _native(dtype, input))

def logsigmoid(input: ArrayT) -> ArrayT:
    """See `torch.nn.functional.logsigmoid`."""
    return (s.functional if (s := current.scope) else _of(input)).logsigmoid(input)

def lp_pool1d(
    input: ArrayT, norm_type: float, kernel_size: ShapeLike, stride: ShapeLike | None = None, ceil_mode: bool = False
) -> ArrayT:
    """See `torch.nn.functional.lp_pool1d`."""
    return (s.functional if (s := current.scope) else _of(input)).lp_pool1d(
        input, norm_type, kernel_size, stride, ceil_mode)

def lp_pool2d(
    input: ArrayT, norm_type: float, kernel_size: ShapeLike, stride: ShapeLike | None = None, ceil_mode: bool = False
) -> ArrayT:
    """See `torch.nn.functional.lp_pool2d`."""
    return (s.functional if (s := current.scope) else _of(input)).lp_pool2d(
        input, norm_type, kernel_size, stride, ceil_mode)

def lp_pool3d(
    input: ArrayT, norm_type: float, kernel_size: ShapeLike, stride: ShapeLike | None = None, ceil_mode: bool = False
) -> ArrayT:
    """See `torch.nn.functional.lp_pool3d`."""
    return (s.functional if (s := current.scope) else _of(input)).lp_pool3d(
        input, norm_type, kernel_size, stride, ceil_mode)

def margin_ranking_loss(
    input1: ArrayT, input2: ArrayLike, target: ArrayLike, margin: float = 0, size_average: bool | None = None,
    reduce: bool | None = None, reduction: str = "mean") -> ArrayT:
    """See `torch.nn.functional.margin_ranking_loss`."""
    return (s.functional if (s := current.scope) else _of(input1, input2, target)).margin_ranking_loss(
        input1, input2, target, margin, size_average, reduce, reduction)

def max_pool1d(
    input: ArrayT, kernel_size: ShapeLike, stride: ShapeLike | None = None, padding: ShapeLike = 0,
    dilation: ShapeLike = 1, ceil_mode: bool = False, return_indices: bool = False) -> ArrayT | Any:
    """See `torch.nn.functional.max_pool1d`."""
    return (s.functional if (s := current.scope) else _of(input)).max_pool1d(
        input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)

def max_pool2d(
    input: ArrayT, kernel_size: ShapeLike, stride: ShapeLike | None = None, padding: ShapeLike = 0,
    dilation: ShapeLike = 1, ceil_mode: bool = False, return_indices: bool = False) -> ArrayT | Any:
    """See `torch.nn.functional.max_pool2d`."""
    return (s.functional if (s := current.scope) else _of(input)).max_pool2d(
        input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)

def max_pool3d(
    input: ArrayT, kernel_size: ShapeLike, stride: ShapeLike | None = None, padding: ShapeLike = 0,
    dilation: ShapeLike = 1, ceil_mode: bool = False, return_indices: bool = False) -> ArrayT | Any:
    """See `torch.nn.functional.max_pool3d`."""
    return (s.functional if (s := current.scope) else _of(input)).max_pool3d(
        input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)

def max_unpool1d(
    input: ArrayT, indices: ArrayLike, kernel_size: ShapeLike, stride: ShapeLike | None = None, padding: ShapeLike = 0,
    output_size: ShapeLike | None = None) -> ArrayT:
    """See `torch.nn.functional.max_unpool1d`."""
    return (s.functional if (s := current.scope) else _of(input, indices)).max_unpool1d(
        input, indices, kernel_size, stride, padding, output_size)

def max_unpool2d(
    input: ArrayT, indices: ArrayLike, kernel_size: ShapeLike, stride: ShapeLike | None = None, padding: ShapeLike = 0,
    output_size: ShapeLike | None = None) -> ArrayT:
    """See `torch.nn.functional.max_unpool2d`."""
    return (s.functional if (s := current.scope) else _of(input, indices)).max_unpool2d(
        input, indices, kernel_size, stride, padding, output_size)

def max_unpool3d(
    input: ArrayT, indices: ArrayLike, kernel_size: ShapeLike, stride: ShapeLike | None = None, padding: ShapeLike = 0,
    output_size: ShapeLike | None = None) -> ArrayT:
    """See `torch.nn.functional.max_unpool3d`."""
    return (s.functional if (s := current.scope) else _of(input, indices)).max_unpool3d(
        input, indices, kernel_size, stride, padding, output_size)

def mish(input: ArrayT, inplace: bool = False) -> ArrayT:
    """See `torch.nn.functional.mish`."""
    return (s.functional if (s := current.scope) else _of(input)).mish(input)

def mse_loss(
    input: ArrayT, target: ArrayLike, size_average: bool | None = None, reduce: bool | None = None,
    reduction: str = "mean", weight: ArrayLike | None = None) -> ArrayT:
    """See `torch.nn.functional.mse_loss`."""
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
    """See `torch.nn.functional.multi_head_attention_forward`."""
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
    """See `torch.nn.functional.multi_margin_loss`."""
    return (s.functional if (s := current.scope) else _of(input, target, weight)).multi_margin_loss(
        input, target, p, margin, weight, size_average, reduce, reduction)

def multilabel_margin_loss(
    input: ArrayT, target: ArrayLike, size_average: bool | None = None, reduce: bool | None = None,
    reduction: str = "mean") -> ArrayT:
    """See `torch.nn.functional.multilabel_margin_loss`."""
    return (s.functional if (s := current.scope) else _of(input, target)).multilabel_margin_loss(
        input, target, size_average, reduce, reduction)

def multilabel_soft_margin_loss(
    input: ArrayT, target: ArrayLike, weight: ArrayLike | None = None, size_average: bool | None = None,
    reduce: bool | None = None, reduction: str = "mean") -> ArrayT:
    """See `torch.nn.functional.multilabel_soft_margin_loss`."""
    return (s.functional if (s := current.scope) else _of(input, target, weight)).multilabel_soft_margin_loss(
        input, target, weight, size_average, reduce, reduction)

def nll_loss(
    input: ArrayT, target: ArrayLike, weight: ArrayLike | None = None, size_average: bool | None = None,
    ignore_index: int = -100, reduce: bool | None = None, reduction: str = "mean") -> ArrayT:
    """See `torch.nn.functional.nll_loss`."""
    return (s.functional if (s := current.scope) else _of(input, target, weight)).nll_loss(
        input, target, weight, size_average, ignore_index, reduce, reduction)

def normalize(input: ArrayT, p: float = 2.0, dim: int = 1, eps: float = 1e-12, out: ArrayLike | None = None) -> ArrayT:
    """See `torch.nn.functional.normalize`."""
    return (s.functional if (s := current.scope) else _of(input, out)).normalize(input, p, dim, eps, out)

def one_hot(tensor: ArrayT, num_classes: int = -1) -> ArrayT:
    """See `torch.nn.functional.one_hot`."""
    return (s.functional if (s := current.scope) else _of(tensor)).one_hot(tensor, num_classes=num_classes)

def pad(input: ArrayT, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> ArrayT:
    """See `torch.nn.functional.pad`."""
    return (s.functional if (s := current.scope) else _of(input)).pad(input, pad, mode, value)

def pairwise_distance(x1: ArrayT, x2: ArrayLike, p: float = 2.0, eps: float = 1e-06, keepdim: bool = False) -> ArrayT:
    """See `torch.nn.functional.pairwise_distance`."""
    return (s.functional if (s := current.scope) else _of(x1, x2)).pairwise_distance(
        x1, x2, p=p, eps=eps, keepdim=keepdim)

def pdist(input: ArrayT, p: float = 2.0) -> ArrayT:
    """See `torch.nn.functional.pdist`."""
    return (s.functional if (s := current.scope) else _of(input)).pdist(input, p=p)

def pixel_shuffle(input: ArrayT, upscale_factor: int) -> ArrayT:
    """See `torch.nn.functional.pixel_shuffle`."""
    return (s.functional if (s := current.scope) else _of(input)).pixel_shuffle(input, upscale_factor)

def pixel_unshuffle(input: ArrayT, downscale_factor: int) -> ArrayT:
    """See `torch.nn.functional.pixel_unshuffle`."""
    return (s.functional if (s := current.scope) else _of(input)).pixel_unshuffle(input, downscale_factor)

def poisson_nll_loss(
    input: ArrayT, target: ArrayLike, log_input: bool = True, full: bool = False, size_average: bool | None = None,
    eps: float = 1e-08, reduce: bool | None = None, reduction: str = "mean") -> ArrayT:
    """See `torch.nn.functional.poisson_nll_loss`."""
    return (s.functional if (s := current.scope) else _of(input, target)).poisson_nll_loss(
        input, target, log_input, full, size_average, eps, reduce, reduction)

def prelu(input: ArrayT, weight: ArrayLike) -> ArrayT:
    """See `torch.nn.functional.prelu`."""
    return (s.functional if (s := current.scope) else _of(input, weight)).prelu(input, weight)

def relu(input: ArrayT, inplace: bool = False) -> ArrayT:
    """See `torch.nn.functional.relu`."""
    return (s.functional if (s := current.scope) else _of(input)).relu(input)

def relu6(input: ArrayT, inplace: bool = False) -> ArrayT:
    """See `torch.nn.functional.relu6`."""
    return (s.functional if (s := current.scope) else _of(input)).relu6(input)

def rms_norm(
    input: ArrayT, normalized_shape: Sequence[int], weight: ArrayLike | None = None, eps: float | None = None
) -> ArrayT:
    """See `torch.nn.functional.rms_norm`."""
    return (s.functional if (s := current.scope) else _of(input, weight)).rms_norm(input, normalized_shape, weight, eps)

def rrelu(
    input: ArrayT, lower: float = 0.125, upper: float = 0.3333333333333333, training: bool = False,
    inplace: bool = False) -> ArrayT:
    """See `torch.nn.functional.rrelu`."""
    return (s.functional if (s := current.scope) else _of(input)).rrelu(input, lower, upper, training)

def scaled_dot_product_attention(
    query: ArrayT, key: ArrayLike, value: ArrayLike, attn_mask: ArrayLike | None = None, dropout_p: float = 0.0,
    is_causal: bool = False, scale: float | None = None, enable_gqa: bool = False) -> ArrayT:
    """See `torch.nn.functional.scaled_dot_product_attention`."""
    return (s.functional if (s := current.scope) else _of(query, key, value, attn_mask)).scaled_dot_product_attention(
        query, key, value, attn_mask=attn_mask, dropout_p=dropout_p, is_causal=is_causal, scale=scale,
        enable_gqa=enable_gqa)

def selu(input: ArrayT, inplace: bool = False) -> ArrayT:
    """See `torch.nn.functional.selu`."""
    return (s.functional if (s := current.scope) else _of(input)).selu(input)

def sigmoid(input: ArrayT) -> ArrayT:
    """See `torch.nn.functional.sigmoid`."""
    return (s.functional if (s := current.scope) else _of(input)).sigmoid(input)

def silu(input: ArrayT, inplace: bool = False) -> ArrayT:
    """See `torch.nn.functional.silu`."""
    return (s.functional if (s := current.scope) else _of(input)).silu(input)

def smooth_l1_loss(
    input: ArrayT, target: ArrayLike, size_average: bool | None = None, reduce: bool | None = None,
    reduction: str = "mean", beta: float = 1.0) -> ArrayT:
    """See `torch.nn.functional.smooth_l1_loss`."""
    return (s.functional if (s := current.scope) else _of(input, target)).smooth_l1_loss(
        input, target, size_average, reduce, reduction, beta)

def soft_margin_loss(
    input: ArrayT, target: ArrayLike, size_average: bool | None = None, reduce: bool | None = None,
    reduction: str = "mean") -> ArrayT:
    """See `torch.nn.functional.soft_margin_loss`."""
    return (s.functional if (s := current.scope) else _of(input, target)).soft_margin_loss(
        input, target, size_average, reduce, reduction)

def softmax(input: ArrayT, dim: int | None = None, _stacklevel: int = 3, dtype: DType = None) -> ArrayT:
    """See `torch.nn.functional.softmax`."""
    return (s.functional if (s := current.scope) else _of(input)).softmax(
        input, dim, _stacklevel, dtype if dtype is None else _native(dtype, input))

def softmin(input: ArrayT, dim: int | None = None, _stacklevel: int = 3, dtype: DType = None) -> ArrayT:
    """See `torch.nn.functional.softmin`."""
    return (s.functional if (s := current.scope) else _of(input)).softmin(
        input, dim, _stacklevel, dtype if dtype is None else _native(dtype, input))

def softplus(input: ArrayT, beta: float = 1.0, threshold: float = 20.0) -> ArrayT:
    """See `torch.nn.functional.softplus`."""
    return (s.functional if (s := current.scope) else _of(input)).softplus(input, beta=beta, threshold=threshold)

def softshrink(input: ArrayT, lambd: float = 0.5) -> ArrayT:
    """See `torch.nn.functional.softshrink`."""
    return (s.functional if (s := current.scope) else _of(input)).softshrink(input, lambd=lambd)

def softsign(input: ArrayT) -> ArrayT:
    """See `torch.nn.functional.softsign`."""
    return (s.functional if (s := current.scope) else _of(input)).softsign(input)

def tanh(input: ArrayT) -> ArrayT:
    """See `torch.nn.functional.tanh`."""
    return (s.functional if (s := current.scope) else _of(input)).tanh(input)

def tanhshrink(input: ArrayT) -> ArrayT:
    """See `torch.nn.functional.tanhshrink`."""
    return (s.functional if (s := current.scope) else _of(input)).tanhshrink(input)

def threshold(input: ArrayT, threshold: float, value: float, inplace: bool = False) -> ArrayT:
    """See `torch.nn.functional.threshold`."""
    return (s.functional if (s := current.scope) else _of(input)).threshold(input, threshold, value)

def triplet_margin_loss(
    anchor: ArrayT, positive: ArrayLike, negative: ArrayLike, margin: float = 1.0, p: float = 2, eps: float = 1e-06,
    swap: bool = False, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean"
) -> ArrayT:
    """See `torch.nn.functional.triplet_margin_loss`."""
    return (s.functional if (s := current.scope) else _of(anchor, positive, negative)).triplet_margin_loss(
        anchor, positive, negative, margin, p, eps, swap, size_average, reduce, reduction)

def triplet_margin_with_distance_loss(
    anchor: ArrayT, positive: ArrayLike, negative: ArrayLike, *,
    distance_function: Callable[[Any, Any], Any] | None = None, margin: float = 1.0, swap: bool = False,
    reduction: str = "mean") -> ArrayT:
    """See `torch.nn.functional.triplet_margin_with_distance_loss`."""
    functional = s.functional if (s := current.scope) else _of(
        anchor, positive, negative)
    return functional.triplet_margin_with_distance_loss(
        anchor, positive, negative, distance_function=distance_function, margin=margin, swap=swap, reduction=reduction)

def unfold(
    input: ArrayT, kernel_size: ShapeLike, dilation: ShapeLike = 1, padding: ShapeLike = 0, stride: ShapeLike = 1
) -> ArrayT:
    """See `torch.nn.functional.unfold`."""
    return (s.functional if (s := current.scope) else _of(input)).unfold(input, kernel_size, dilation, padding, stride)
