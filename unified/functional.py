"""The functions of `torch.nn.functional`, on arrays of either framework.

`unified.functional.relu(x)` is `torch.nn.functional.relu` in a torch model. In a JAX model it is a function on JAX
arrays with the same name, arguments and values. Outside a model the type of the arguments selects the framework.

Written by `python -m tools.functional`.

>>> import numpy, torch, unified.functional as F
>>> F.relu(torch.tensor([-1.0, 2.0])).tolist()
[0.0, 2.0]
"""

from typing import Any

from unified.core import backends
from unified.core.errors import BackendError
from unified.core.scope import current

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "adaptive_max_pool3d",
    "affine_grid",
    "alpha_dropout",
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "batch_norm",
    "bilinear",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "celu",
    "channel_shuffle",
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
    "cosine_embedding_loss",
    "cosine_similarity",
    "cross_entropy",
    "ctc_loss",
    "dropout",
    "dropout1d",
    "dropout2d",
    "dropout3d",
    "elu",
    "embedding",
    "embedding_bag",
    "feature_alpha_dropout",
    "fold",
    "fractional_max_pool2d",
    "fractional_max_pool3d",
    "gaussian_nll_loss",
    "gelu",
    "glu",
    "grid_sample",
    "group_norm",
    "gumbel_softmax",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "hinge_embedding_loss",
    "huber_loss",
    "instance_norm",
    "interpolate",
    "kl_div",
    "l1_loss",
    "layer_norm",
    "leaky_relu",
    "linear",
    "linear_cross_entropy",
    "local_response_norm",
    "log_softmax",
    "logsigmoid",
    "lp_pool1d",
    "lp_pool2d",
    "lp_pool3d",
    "margin_ranking_loss",
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
    "max_unpool1d",
    "max_unpool2d",
    "max_unpool3d",
    "mish",
    "mse_loss",
    "multi_head_attention_forward",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "nll_loss",
    "normalize",
    "one_hot",
    "pad",
    "pairwise_distance",
    "pdist",
    "pixel_shuffle",
    "pixel_unshuffle",
    "poisson_nll_loss",
    "prelu",
    "relu",
    "relu6",
    "rms_norm",
    "rrelu",
    "scaled_dot_product_attention",
    "selu",
    "sigmoid",
    "silu",
    "smooth_l1_loss",
    "soft_margin_loss",
    "softmax",
    "softmin",
    "softplus",
    "softshrink",
    "softsign",
    "tanh",
    "tanhshrink",
    "threshold",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
    "unfold",
]


def _by_arguments(name: str, *arguments: Any) -> Any:
    """Return the functions of the framework whose array is among `arguments`."""
    for argument in arguments:
        backend = backends.of_array(argument)
        if backend is not None:
            return backend.functional
    raise BackendError(
        f"unified.functional.{name} was called outside a model, on "
        f"{', '.join(type(a).__name__ for a in arguments)}: pass an array of an installed framework"
    )


def adaptive_avg_pool1d(input: Any, output_size: Any) -> Any:
    """`torch.nn.functional.adaptive_avg_pool1d`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("adaptive_avg_pool1d", input, output_size)
    return functional.adaptive_avg_pool1d(input, output_size=output_size)


def adaptive_avg_pool2d(input: Any, output_size: Any) -> Any:
    """`torch.nn.functional.adaptive_avg_pool2d`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("adaptive_avg_pool2d", input, output_size)
    return functional.adaptive_avg_pool2d(input, output_size=output_size)


def adaptive_avg_pool3d(input: Any, output_size: Any) -> Any:
    """`torch.nn.functional.adaptive_avg_pool3d`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("adaptive_avg_pool3d", input, output_size)
    return functional.adaptive_avg_pool3d(input, output_size=output_size)


def adaptive_max_pool1d(input: Any, output_size: Any, return_indices: Any = False) -> Any:
    """`torch.nn.functional.adaptive_max_pool1d`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments("adaptive_max_pool1d", input, output_size, return_indices)
    )
    return functional.adaptive_max_pool1d(input, output_size=output_size, return_indices=return_indices)


def adaptive_max_pool2d(input: Any, output_size: Any, return_indices: Any = False) -> Any:
    """`torch.nn.functional.adaptive_max_pool2d`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments("adaptive_max_pool2d", input, output_size, return_indices)
    )
    return functional.adaptive_max_pool2d(input, output_size=output_size, return_indices=return_indices)


def adaptive_max_pool3d(input: Any, output_size: Any, return_indices: Any = False) -> Any:
    """`torch.nn.functional.adaptive_max_pool3d`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments("adaptive_max_pool3d", input, output_size, return_indices)
    )
    return functional.adaptive_max_pool3d(input, output_size=output_size, return_indices=return_indices)


def affine_grid(theta: Any, size: Any, align_corners: Any = None) -> Any:
    """`torch.nn.functional.affine_grid`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("affine_grid", theta, size, align_corners)
    return functional.affine_grid(theta, size=size, align_corners=align_corners)


def alpha_dropout(input: Any, p: Any = 0.5, training: Any = False, inplace: Any = False) -> Any:
    """`torch.nn.functional.alpha_dropout`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("alpha_dropout", input, p, training, inplace)
    return functional.alpha_dropout(input, p=p, training=training, inplace=inplace)


def avg_pool1d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: Any = False,
    count_include_pad: Any = True,
) -> Any:
    """`torch.nn.functional.avg_pool1d`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments("avg_pool1d", input, kernel_size, stride, padding, ceil_mode, count_include_pad)
    )
    return functional.avg_pool1d(
        input,
        kernel_size=kernel_size,
        stride=stride,
        padding=padding,
        ceil_mode=ceil_mode,
        count_include_pad=count_include_pad,
    )


def avg_pool2d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: Any = False,
    count_include_pad: Any = True,
    divisor_override: Any = None,
) -> Any:
    """`torch.nn.functional.avg_pool2d`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments(
            "avg_pool2d", input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
        )
    )
    return functional.avg_pool2d(
        input,
        kernel_size=kernel_size,
        stride=stride,
        padding=padding,
        ceil_mode=ceil_mode,
        count_include_pad=count_include_pad,
        divisor_override=divisor_override,
    )


def avg_pool3d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: Any = False,
    count_include_pad: Any = True,
    divisor_override: Any = None,
) -> Any:
    """`torch.nn.functional.avg_pool3d`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments(
            "avg_pool3d", input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
        )
    )
    return functional.avg_pool3d(
        input,
        kernel_size=kernel_size,
        stride=stride,
        padding=padding,
        ceil_mode=ceil_mode,
        count_include_pad=count_include_pad,
        divisor_override=divisor_override,
    )


def batch_norm(
    input: Any,
    running_mean: Any,
    running_var: Any,
    weight: Any = None,
    bias: Any = None,
    training: Any = False,
    momentum: Any = 0.1,
    eps: Any = 1e-05,
) -> Any:
    """`torch.nn.functional.batch_norm`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments("batch_norm", input, running_mean, running_var, weight, bias, training, momentum, eps)
    )
    return functional.batch_norm(
        input,
        running_mean=running_mean,
        running_var=running_var,
        weight=weight,
        bias=bias,
        training=training,
        momentum=momentum,
        eps=eps,
    )


def bilinear(input1: Any, input2: Any, weight: Any, bias: Any = None) -> Any:
    """`torch.nn.functional.bilinear`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("bilinear", input1, input2, weight, bias)
    return functional.bilinear(input1, input2=input2, weight=weight, bias=bias)


def binary_cross_entropy(
    input: Any, target: Any, weight: Any = None, size_average: Any = None, reduce: Any = None, reduction: Any = "mean"
) -> Any:
    """`torch.nn.functional.binary_cross_entropy`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments("binary_cross_entropy", input, target, weight, size_average, reduce, reduction)
    )
    return functional.binary_cross_entropy(
        input, target=target, weight=weight, size_average=size_average, reduce=reduce, reduction=reduction
    )


def binary_cross_entropy_with_logits(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: Any = None,
    reduce: Any = None,
    reduction: Any = "mean",
    pos_weight: Any = None,
) -> Any:
    """`torch.nn.functional.binary_cross_entropy_with_logits`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments(
            "binary_cross_entropy_with_logits", input, target, weight, size_average, reduce, reduction, pos_weight
        )
    )
    return functional.binary_cross_entropy_with_logits(
        input,
        target=target,
        weight=weight,
        size_average=size_average,
        reduce=reduce,
        reduction=reduction,
        pos_weight=pos_weight,
    )


def celu(input: Any, alpha: Any = 1.0, inplace: Any = False) -> Any:
    """`torch.nn.functional.celu`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("celu", input, alpha, inplace)
    return functional.celu(input, alpha=alpha, inplace=inplace)


def channel_shuffle(input: Any, groups: Any) -> Any:
    """`torch.nn.functional.channel_shuffle`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("channel_shuffle", input, groups)
    return functional.channel_shuffle(input, groups=groups)


def conv1d(
    input: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: Any = 1
) -> Any:
    """`torch.nn.functional.conv1d`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments("conv1d", input, weight, bias, stride, padding, dilation, groups)
    )
    return functional.conv1d(
        input, weight=weight, bias=bias, stride=stride, padding=padding, dilation=dilation, groups=groups
    )


def conv2d(
    input: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: Any = 1
) -> Any:
    """`torch.nn.functional.conv2d`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments("conv2d", input, weight, bias, stride, padding, dilation, groups)
    )
    return functional.conv2d(
        input, weight=weight, bias=bias, stride=stride, padding=padding, dilation=dilation, groups=groups
    )


def conv3d(
    input: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: Any = 1
) -> Any:
    """`torch.nn.functional.conv3d`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments("conv3d", input, weight, bias, stride, padding, dilation, groups)
    )
    return functional.conv3d(
        input, weight=weight, bias=bias, stride=stride, padding=padding, dilation=dilation, groups=groups
    )


def conv_transpose1d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: Any = 1,
    dilation: Any = 1,
) -> Any:
    """`torch.nn.functional.conv_transpose1d`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments("conv_transpose1d", input, weight, bias, stride, padding, output_padding, groups, dilation)
    )
    return functional.conv_transpose1d(
        input,
        weight=weight,
        bias=bias,
        stride=stride,
        padding=padding,
        output_padding=output_padding,
        groups=groups,
        dilation=dilation,
    )


def conv_transpose2d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: Any = 1,
    dilation: Any = 1,
) -> Any:
    """`torch.nn.functional.conv_transpose2d`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments("conv_transpose2d", input, weight, bias, stride, padding, output_padding, groups, dilation)
    )
    return functional.conv_transpose2d(
        input,
        weight=weight,
        bias=bias,
        stride=stride,
        padding=padding,
        output_padding=output_padding,
        groups=groups,
        dilation=dilation,
    )


def conv_transpose3d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: Any = 1,
    dilation: Any = 1,
) -> Any:
    """`torch.nn.functional.conv_transpose3d`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments("conv_transpose3d", input, weight, bias, stride, padding, output_padding, groups, dilation)
    )
    return functional.conv_transpose3d(
        input,
        weight=weight,
        bias=bias,
        stride=stride,
        padding=padding,
        output_padding=output_padding,
        groups=groups,
        dilation=dilation,
    )


def cosine_embedding_loss(
    input1: Any,
    input2: Any,
    target: Any,
    margin: Any = 0,
    size_average: Any = None,
    reduce: Any = None,
    reduction: Any = "mean",
) -> Any:
    """`torch.nn.functional.cosine_embedding_loss`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments("cosine_embedding_loss", input1, input2, target, margin, size_average, reduce, reduction)
    )
    return functional.cosine_embedding_loss(
        input1,
        input2=input2,
        target=target,
        margin=margin,
        size_average=size_average,
        reduce=reduce,
        reduction=reduction,
    )


def cosine_similarity(x1: Any, x2: Any, dim: Any = 1, eps: Any = 1e-08) -> Any:
    """`torch.nn.functional.cosine_similarity`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("cosine_similarity", x1, x2, dim, eps)
    return functional.cosine_similarity(x1, x2=x2, dim=dim, eps=eps)


def cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: Any = None,
    ignore_index: Any = -100,
    reduce: Any = None,
    reduction: Any = "mean",
    label_smoothing: Any = 0.0,
) -> Any:
    """`torch.nn.functional.cross_entropy`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments(
            "cross_entropy", input, target, weight, size_average, ignore_index, reduce, reduction, label_smoothing
        )
    )
    return functional.cross_entropy(
        input,
        target=target,
        weight=weight,
        size_average=size_average,
        ignore_index=ignore_index,
        reduce=reduce,
        reduction=reduction,
        label_smoothing=label_smoothing,
    )


def ctc_loss(
    log_probs: Any,
    targets: Any,
    input_lengths: Any,
    target_lengths: Any,
    blank: Any = 0,
    reduction: Any = "mean",
    zero_infinity: Any = False,
) -> Any:
    """`torch.nn.functional.ctc_loss`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments(
            "ctc_loss", log_probs, targets, input_lengths, target_lengths, blank, reduction, zero_infinity
        )
    )
    return functional.ctc_loss(
        log_probs,
        targets=targets,
        input_lengths=input_lengths,
        target_lengths=target_lengths,
        blank=blank,
        reduction=reduction,
        zero_infinity=zero_infinity,
    )


def dropout(input: Any, p: Any = 0.5, training: Any = True, inplace: Any = False) -> Any:
    """`torch.nn.functional.dropout`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("dropout", input, p, training, inplace)
    return functional.dropout(input, p=p, training=training, inplace=inplace)


def dropout1d(input: Any, p: Any = 0.5, training: Any = True, inplace: Any = False) -> Any:
    """`torch.nn.functional.dropout1d`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("dropout1d", input, p, training, inplace)
    return functional.dropout1d(input, p=p, training=training, inplace=inplace)


def dropout2d(input: Any, p: Any = 0.5, training: Any = True, inplace: Any = False) -> Any:
    """`torch.nn.functional.dropout2d`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("dropout2d", input, p, training, inplace)
    return functional.dropout2d(input, p=p, training=training, inplace=inplace)


def dropout3d(input: Any, p: Any = 0.5, training: Any = True, inplace: Any = False) -> Any:
    """`torch.nn.functional.dropout3d`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("dropout3d", input, p, training, inplace)
    return functional.dropout3d(input, p=p, training=training, inplace=inplace)


def elu(input: Any, alpha: Any = 1.0, inplace: Any = False) -> Any:
    """`torch.nn.functional.elu`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("elu", input, alpha, inplace)
    return functional.elu(input, alpha=alpha, inplace=inplace)


def embedding(
    input: Any,
    weight: Any,
    padding_idx: Any = None,
    max_norm: Any = None,
    norm_type: Any = 2.0,
    scale_grad_by_freq: Any = False,
    sparse: Any = False,
) -> Any:
    """`torch.nn.functional.embedding`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments("embedding", input, weight, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse)
    )
    return functional.embedding(
        input,
        weight=weight,
        padding_idx=padding_idx,
        max_norm=max_norm,
        norm_type=norm_type,
        scale_grad_by_freq=scale_grad_by_freq,
        sparse=sparse,
    )


def embedding_bag(
    input: Any,
    weight: Any,
    offsets: Any = None,
    max_norm: Any = None,
    norm_type: Any = 2,
    scale_grad_by_freq: Any = False,
    mode: Any = "mean",
    sparse: Any = False,
    per_sample_weights: Any = None,
    include_last_offset: Any = False,
    padding_idx: Any = None,
) -> Any:
    """`torch.nn.functional.embedding_bag`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments(
            "embedding_bag",
            input,
            weight,
            offsets,
            max_norm,
            norm_type,
            scale_grad_by_freq,
            mode,
            sparse,
            per_sample_weights,
            include_last_offset,
            padding_idx,
        )
    )
    return functional.embedding_bag(
        input,
        weight=weight,
        offsets=offsets,
        max_norm=max_norm,
        norm_type=norm_type,
        scale_grad_by_freq=scale_grad_by_freq,
        mode=mode,
        sparse=sparse,
        per_sample_weights=per_sample_weights,
        include_last_offset=include_last_offset,
        padding_idx=padding_idx,
    )


def feature_alpha_dropout(input: Any, p: Any = 0.5, training: Any = False, inplace: Any = False) -> Any:
    """`torch.nn.functional.feature_alpha_dropout`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional if scope is not None else _by_arguments("feature_alpha_dropout", input, p, training, inplace)
    )
    return functional.feature_alpha_dropout(input, p=p, training=training, inplace=inplace)


def fold(input: Any, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Any:
    """`torch.nn.functional.fold`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments("fold", input, output_size, kernel_size, dilation, padding, stride)
    )
    return functional.fold(
        input, output_size=output_size, kernel_size=kernel_size, dilation=dilation, padding=padding, stride=stride
    )


def fractional_max_pool2d(
    input: Any,
    kernel_size: Any,
    output_size: Any = None,
    output_ratio: Any = None,
    return_indices: Any = False,
    _random_samples: Any = None,
) -> Any:
    """`torch.nn.functional.fractional_max_pool2d`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments(
            "fractional_max_pool2d", input, kernel_size, output_size, output_ratio, return_indices, _random_samples
        )
    )
    return functional.fractional_max_pool2d(
        input,
        kernel_size=kernel_size,
        output_size=output_size,
        output_ratio=output_ratio,
        return_indices=return_indices,
        _random_samples=_random_samples,
    )


def fractional_max_pool3d(
    input: Any,
    kernel_size: Any,
    output_size: Any = None,
    output_ratio: Any = None,
    return_indices: Any = False,
    _random_samples: Any = None,
) -> Any:
    """`torch.nn.functional.fractional_max_pool3d`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments(
            "fractional_max_pool3d", input, kernel_size, output_size, output_ratio, return_indices, _random_samples
        )
    )
    return functional.fractional_max_pool3d(
        input,
        kernel_size=kernel_size,
        output_size=output_size,
        output_ratio=output_ratio,
        return_indices=return_indices,
        _random_samples=_random_samples,
    )


def gaussian_nll_loss(
    input: Any, target: Any, var: Any, full: Any = False, eps: Any = 1e-06, reduction: Any = "mean"
) -> Any:
    """`torch.nn.functional.gaussian_nll_loss`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments("gaussian_nll_loss", input, target, var, full, eps, reduction)
    )
    return functional.gaussian_nll_loss(input, target=target, var=var, full=full, eps=eps, reduction=reduction)


def gelu(input: Any, approximate: Any = "none") -> Any:
    """`torch.nn.functional.gelu`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("gelu", input, approximate)
    return functional.gelu(input, approximate=approximate)


def glu(input: Any, dim: Any = -1) -> Any:
    """`torch.nn.functional.glu`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("glu", input, dim)
    return functional.glu(input, dim=dim)


def grid_sample(
    input: Any, grid: Any, mode: Any = "bilinear", padding_mode: Any = "zeros", align_corners: Any = None
) -> Any:
    """`torch.nn.functional.grid_sample`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments("grid_sample", input, grid, mode, padding_mode, align_corners)
    )
    return functional.grid_sample(input, grid=grid, mode=mode, padding_mode=padding_mode, align_corners=align_corners)


def group_norm(input: Any, num_groups: Any, weight: Any = None, bias: Any = None, eps: Any = 1e-05) -> Any:
    """`torch.nn.functional.group_norm`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional if scope is not None else _by_arguments("group_norm", input, num_groups, weight, bias, eps)
    )
    return functional.group_norm(input, num_groups=num_groups, weight=weight, bias=bias, eps=eps)


def gumbel_softmax(logits: Any, tau: Any = 1, hard: Any = False, eps: Any = 1e-10, dim: Any = -1) -> Any:
    """`torch.nn.functional.gumbel_softmax`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("gumbel_softmax", logits, tau, hard, eps, dim)
    return functional.gumbel_softmax(logits, tau=tau, hard=hard, eps=eps, dim=dim)


def hardshrink(input: Any, lambd: Any = 0.5) -> Any:
    """`torch.nn.functional.hardshrink`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("hardshrink", input, lambd)
    return functional.hardshrink(input, lambd=lambd)


def hardsigmoid(input: Any, inplace: Any = False) -> Any:
    """`torch.nn.functional.hardsigmoid`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("hardsigmoid", input, inplace)
    return functional.hardsigmoid(input, inplace=inplace)


def hardswish(input: Any, inplace: Any = False) -> Any:
    """`torch.nn.functional.hardswish`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("hardswish", input, inplace)
    return functional.hardswish(input, inplace=inplace)


def hardtanh(input: Any, min_val: Any = -1.0, max_val: Any = 1.0, inplace: Any = False) -> Any:
    """`torch.nn.functional.hardtanh`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("hardtanh", input, min_val, max_val, inplace)
    return functional.hardtanh(input, min_val=min_val, max_val=max_val, inplace=inplace)


def hinge_embedding_loss(
    input: Any, target: Any, margin: Any = 1.0, size_average: Any = None, reduce: Any = None, reduction: Any = "mean"
) -> Any:
    """`torch.nn.functional.hinge_embedding_loss`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments("hinge_embedding_loss", input, target, margin, size_average, reduce, reduction)
    )
    return functional.hinge_embedding_loss(
        input, target=target, margin=margin, size_average=size_average, reduce=reduce, reduction=reduction
    )


def huber_loss(input: Any, target: Any, reduction: Any = "mean", delta: Any = 1.0, weight: Any = None) -> Any:
    """`torch.nn.functional.huber_loss`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional if scope is not None else _by_arguments("huber_loss", input, target, reduction, delta, weight)
    )
    return functional.huber_loss(input, target=target, reduction=reduction, delta=delta, weight=weight)


def instance_norm(
    input: Any,
    running_mean: Any = None,
    running_var: Any = None,
    weight: Any = None,
    bias: Any = None,
    use_input_stats: Any = True,
    momentum: Any = 0.1,
    eps: Any = 1e-05,
) -> Any:
    """`torch.nn.functional.instance_norm`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments(
            "instance_norm", input, running_mean, running_var, weight, bias, use_input_stats, momentum, eps
        )
    )
    return functional.instance_norm(
        input,
        running_mean=running_mean,
        running_var=running_var,
        weight=weight,
        bias=bias,
        use_input_stats=use_input_stats,
        momentum=momentum,
        eps=eps,
    )


def interpolate(
    input: Any,
    size: Any = None,
    scale_factor: Any = None,
    mode: Any = "nearest",
    align_corners: Any = None,
    recompute_scale_factor: Any = None,
    antialias: Any = False,
) -> Any:
    """`torch.nn.functional.interpolate`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments(
            "interpolate", input, size, scale_factor, mode, align_corners, recompute_scale_factor, antialias
        )
    )
    return functional.interpolate(
        input,
        size=size,
        scale_factor=scale_factor,
        mode=mode,
        align_corners=align_corners,
        recompute_scale_factor=recompute_scale_factor,
        antialias=antialias,
    )


def kl_div(
    input: Any,
    target: Any,
    size_average: Any = None,
    reduce: Any = None,
    reduction: Any = "mean",
    log_target: Any = False,
) -> Any:
    """`torch.nn.functional.kl_div`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments("kl_div", input, target, size_average, reduce, reduction, log_target)
    )
    return functional.kl_div(
        input, target=target, size_average=size_average, reduce=reduce, reduction=reduction, log_target=log_target
    )


def l1_loss(
    input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: Any = "mean", weight: Any = None
) -> Any:
    """`torch.nn.functional.l1_loss`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments("l1_loss", input, target, size_average, reduce, reduction, weight)
    )
    return functional.l1_loss(
        input, target=target, size_average=size_average, reduce=reduce, reduction=reduction, weight=weight
    )


def layer_norm(input: Any, normalized_shape: Any, weight: Any = None, bias: Any = None, eps: Any = 1e-05) -> Any:
    """`torch.nn.functional.layer_norm`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments("layer_norm", input, normalized_shape, weight, bias, eps)
    )
    return functional.layer_norm(input, normalized_shape=normalized_shape, weight=weight, bias=bias, eps=eps)


def leaky_relu(input: Any, negative_slope: Any = 0.01, inplace: Any = False) -> Any:
    """`torch.nn.functional.leaky_relu`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("leaky_relu", input, negative_slope, inplace)
    return functional.leaky_relu(input, negative_slope=negative_slope, inplace=inplace)


def linear(input: Any, weight: Any, bias: Any = None) -> Any:
    """`torch.nn.functional.linear`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("linear", input, weight, bias)
    return functional.linear(input, weight=weight, bias=bias)


def linear_cross_entropy(
    input: Any,
    linear_weight: Any,
    target: Any,
    *,
    linear_bias: Any = None,
    weight: Any = None,
    reduction: Any = "mean",
    ignore_index: Any = None,
    label_smoothing: Any = 0.0,
    options: Any = None,
) -> Any:
    """`torch.nn.functional.linear_cross_entropy`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional if scope is not None else _by_arguments("linear_cross_entropy", input, linear_weight, target)
    )
    return functional.linear_cross_entropy(
        input,
        linear_weight=linear_weight,
        target=target,
        linear_bias=linear_bias,
        weight=weight,
        reduction=reduction,
        ignore_index=ignore_index,
        label_smoothing=label_smoothing,
        options=options,
    )


def local_response_norm(input: Any, size: Any, alpha: Any = 0.0001, beta: Any = 0.75, k: Any = 1.0) -> Any:
    """`torch.nn.functional.local_response_norm`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional if scope is not None else _by_arguments("local_response_norm", input, size, alpha, beta, k)
    )
    return functional.local_response_norm(input, size=size, alpha=alpha, beta=beta, k=k)


def log_softmax(input: Any, dim: Any = None, _stacklevel: Any = 3, dtype: Any = None) -> Any:
    """`torch.nn.functional.log_softmax`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("log_softmax", input, dim, _stacklevel, dtype)
    return functional.log_softmax(input, dim=dim, _stacklevel=_stacklevel, dtype=dtype)


def logsigmoid(input: Any) -> Any:
    """`torch.nn.functional.logsigmoid`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("logsigmoid", input)
    return functional.logsigmoid(input)


def lp_pool1d(input: Any, norm_type: Any, kernel_size: Any, stride: Any = None, ceil_mode: Any = False) -> Any:
    """`torch.nn.functional.lp_pool1d`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments("lp_pool1d", input, norm_type, kernel_size, stride, ceil_mode)
    )
    return functional.lp_pool1d(input, norm_type=norm_type, kernel_size=kernel_size, stride=stride, ceil_mode=ceil_mode)


def lp_pool2d(input: Any, norm_type: Any, kernel_size: Any, stride: Any = None, ceil_mode: Any = False) -> Any:
    """`torch.nn.functional.lp_pool2d`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments("lp_pool2d", input, norm_type, kernel_size, stride, ceil_mode)
    )
    return functional.lp_pool2d(input, norm_type=norm_type, kernel_size=kernel_size, stride=stride, ceil_mode=ceil_mode)


def lp_pool3d(input: Any, norm_type: Any, kernel_size: Any, stride: Any = None, ceil_mode: Any = False) -> Any:
    """`torch.nn.functional.lp_pool3d`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments("lp_pool3d", input, norm_type, kernel_size, stride, ceil_mode)
    )
    return functional.lp_pool3d(input, norm_type=norm_type, kernel_size=kernel_size, stride=stride, ceil_mode=ceil_mode)


def margin_ranking_loss(
    input1: Any,
    input2: Any,
    target: Any,
    margin: Any = 0,
    size_average: Any = None,
    reduce: Any = None,
    reduction: Any = "mean",
) -> Any:
    """`torch.nn.functional.margin_ranking_loss`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments("margin_ranking_loss", input1, input2, target, margin, size_average, reduce, reduction)
    )
    return functional.margin_ranking_loss(
        input1,
        input2=input2,
        target=target,
        margin=margin,
        size_average=size_average,
        reduce=reduce,
        reduction=reduction,
    )


def max_pool1d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: Any = False,
    return_indices: Any = False,
) -> Any:
    """`torch.nn.functional.max_pool1d`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments("max_pool1d", input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)
    )
    return functional.max_pool1d(
        input,
        kernel_size=kernel_size,
        stride=stride,
        padding=padding,
        dilation=dilation,
        ceil_mode=ceil_mode,
        return_indices=return_indices,
    )


def max_pool2d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: Any = False,
    return_indices: Any = False,
) -> Any:
    """`torch.nn.functional.max_pool2d`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments("max_pool2d", input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)
    )
    return functional.max_pool2d(
        input,
        kernel_size=kernel_size,
        stride=stride,
        padding=padding,
        dilation=dilation,
        ceil_mode=ceil_mode,
        return_indices=return_indices,
    )


def max_pool3d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: Any = False,
    return_indices: Any = False,
) -> Any:
    """`torch.nn.functional.max_pool3d`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments("max_pool3d", input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)
    )
    return functional.max_pool3d(
        input,
        kernel_size=kernel_size,
        stride=stride,
        padding=padding,
        dilation=dilation,
        ceil_mode=ceil_mode,
        return_indices=return_indices,
    )


def max_unpool1d(
    input: Any, indices: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, output_size: Any = None
) -> Any:
    """`torch.nn.functional.max_unpool1d`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments("max_unpool1d", input, indices, kernel_size, stride, padding, output_size)
    )
    return functional.max_unpool1d(
        input, indices=indices, kernel_size=kernel_size, stride=stride, padding=padding, output_size=output_size
    )


def max_unpool2d(
    input: Any, indices: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, output_size: Any = None
) -> Any:
    """`torch.nn.functional.max_unpool2d`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments("max_unpool2d", input, indices, kernel_size, stride, padding, output_size)
    )
    return functional.max_unpool2d(
        input, indices=indices, kernel_size=kernel_size, stride=stride, padding=padding, output_size=output_size
    )


def max_unpool3d(
    input: Any, indices: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, output_size: Any = None
) -> Any:
    """`torch.nn.functional.max_unpool3d`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments("max_unpool3d", input, indices, kernel_size, stride, padding, output_size)
    )
    return functional.max_unpool3d(
        input, indices=indices, kernel_size=kernel_size, stride=stride, padding=padding, output_size=output_size
    )


def mish(input: Any, inplace: Any = False) -> Any:
    """`torch.nn.functional.mish`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("mish", input, inplace)
    return functional.mish(input, inplace=inplace)


def mse_loss(
    input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: Any = "mean", weight: Any = None
) -> Any:
    """`torch.nn.functional.mse_loss`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments("mse_loss", input, target, size_average, reduce, reduction, weight)
    )
    return functional.mse_loss(
        input, target=target, size_average=size_average, reduce=reduce, reduction=reduction, weight=weight
    )


def multi_head_attention_forward(
    query: Any,
    key: Any,
    value: Any,
    embed_dim_to_check: Any,
    num_heads: Any,
    in_proj_weight: Any,
    in_proj_bias: Any,
    bias_k: Any,
    bias_v: Any,
    add_zero_attn: Any,
    dropout_p: Any,
    out_proj_weight: Any,
    out_proj_bias: Any,
    training: Any = True,
    key_padding_mask: Any = None,
    need_weights: Any = True,
    attn_mask: Any = None,
    use_separate_proj_weight: Any = False,
    q_proj_weight: Any = None,
    k_proj_weight: Any = None,
    v_proj_weight: Any = None,
    static_k: Any = None,
    static_v: Any = None,
    average_attn_weights: Any = True,
    is_causal: Any = False,
) -> Any:
    """`torch.nn.functional.multi_head_attention_forward`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments(
            "multi_head_attention_forward",
            query,
            key,
            value,
            embed_dim_to_check,
            num_heads,
            in_proj_weight,
            in_proj_bias,
            bias_k,
            bias_v,
            add_zero_attn,
            dropout_p,
            out_proj_weight,
            out_proj_bias,
            training,
            key_padding_mask,
            need_weights,
            attn_mask,
            use_separate_proj_weight,
            q_proj_weight,
            k_proj_weight,
            v_proj_weight,
            static_k,
            static_v,
            average_attn_weights,
            is_causal,
        )
    )
    return functional.multi_head_attention_forward(
        query,
        key=key,
        value=value,
        embed_dim_to_check=embed_dim_to_check,
        num_heads=num_heads,
        in_proj_weight=in_proj_weight,
        in_proj_bias=in_proj_bias,
        bias_k=bias_k,
        bias_v=bias_v,
        add_zero_attn=add_zero_attn,
        dropout_p=dropout_p,
        out_proj_weight=out_proj_weight,
        out_proj_bias=out_proj_bias,
        training=training,
        key_padding_mask=key_padding_mask,
        need_weights=need_weights,
        attn_mask=attn_mask,
        use_separate_proj_weight=use_separate_proj_weight,
        q_proj_weight=q_proj_weight,
        k_proj_weight=k_proj_weight,
        v_proj_weight=v_proj_weight,
        static_k=static_k,
        static_v=static_v,
        average_attn_weights=average_attn_weights,
        is_causal=is_causal,
    )


def multi_margin_loss(
    input: Any,
    target: Any,
    p: Any = 1,
    margin: Any = 1.0,
    weight: Any = None,
    size_average: Any = None,
    reduce: Any = None,
    reduction: Any = "mean",
) -> Any:
    """`torch.nn.functional.multi_margin_loss`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments("multi_margin_loss", input, target, p, margin, weight, size_average, reduce, reduction)
    )
    return functional.multi_margin_loss(
        input,
        target=target,
        p=p,
        margin=margin,
        weight=weight,
        size_average=size_average,
        reduce=reduce,
        reduction=reduction,
    )


def multilabel_margin_loss(
    input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: Any = "mean"
) -> Any:
    """`torch.nn.functional.multilabel_margin_loss`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments("multilabel_margin_loss", input, target, size_average, reduce, reduction)
    )
    return functional.multilabel_margin_loss(
        input, target=target, size_average=size_average, reduce=reduce, reduction=reduction
    )


def multilabel_soft_margin_loss(
    input: Any, target: Any, weight: Any = None, size_average: Any = None, reduce: Any = None, reduction: Any = "mean"
) -> Any:
    """`torch.nn.functional.multilabel_soft_margin_loss`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments("multilabel_soft_margin_loss", input, target, weight, size_average, reduce, reduction)
    )
    return functional.multilabel_soft_margin_loss(
        input, target=target, weight=weight, size_average=size_average, reduce=reduce, reduction=reduction
    )


def nll_loss(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: Any = None,
    ignore_index: Any = -100,
    reduce: Any = None,
    reduction: Any = "mean",
) -> Any:
    """`torch.nn.functional.nll_loss`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments("nll_loss", input, target, weight, size_average, ignore_index, reduce, reduction)
    )
    return functional.nll_loss(
        input,
        target=target,
        weight=weight,
        size_average=size_average,
        ignore_index=ignore_index,
        reduce=reduce,
        reduction=reduction,
    )


def normalize(input: Any, p: Any = 2.0, dim: Any = 1, eps: Any = 1e-12, out: Any = None) -> Any:
    """`torch.nn.functional.normalize`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("normalize", input, p, dim, eps, out)
    return functional.normalize(input, p=p, dim=dim, eps=eps, out=out)


def one_hot(tensor: Any, num_classes: Any = -1) -> Any:
    """`torch.nn.functional.one_hot`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("one_hot", tensor, num_classes)
    return functional.one_hot(tensor, num_classes=num_classes)


def pad(input: Any, pad: Any, mode: Any = "constant", value: Any = None) -> Any:
    """`torch.nn.functional.pad`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("pad", input, pad, mode, value)
    return functional.pad(input, pad=pad, mode=mode, value=value)


def pairwise_distance(x1: Any, x2: Any, p: Any = 2.0, eps: Any = 1e-06, keepdim: Any = False) -> Any:
    """`torch.nn.functional.pairwise_distance`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("pairwise_distance", x1, x2, p, eps, keepdim)
    return functional.pairwise_distance(x1, x2=x2, p=p, eps=eps, keepdim=keepdim)


def pdist(input: Any, p: Any = 2.0) -> Any:
    """`torch.nn.functional.pdist`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("pdist", input, p)
    return functional.pdist(input, p=p)


def pixel_shuffle(input: Any, upscale_factor: Any) -> Any:
    """`torch.nn.functional.pixel_shuffle`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("pixel_shuffle", input, upscale_factor)
    return functional.pixel_shuffle(input, upscale_factor=upscale_factor)


def pixel_unshuffle(input: Any, downscale_factor: Any) -> Any:
    """`torch.nn.functional.pixel_unshuffle`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("pixel_unshuffle", input, downscale_factor)
    return functional.pixel_unshuffle(input, downscale_factor=downscale_factor)


def poisson_nll_loss(
    input: Any,
    target: Any,
    log_input: Any = True,
    full: Any = False,
    size_average: Any = None,
    eps: Any = 1e-08,
    reduce: Any = None,
    reduction: Any = "mean",
) -> Any:
    """`torch.nn.functional.poisson_nll_loss`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments("poisson_nll_loss", input, target, log_input, full, size_average, eps, reduce, reduction)
    )
    return functional.poisson_nll_loss(
        input,
        target=target,
        log_input=log_input,
        full=full,
        size_average=size_average,
        eps=eps,
        reduce=reduce,
        reduction=reduction,
    )


def prelu(input: Any, weight: Any) -> Any:
    """`torch.nn.functional.prelu`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("prelu", input, weight)
    return functional.prelu(input, weight=weight)


def relu(input: Any, inplace: Any = False) -> Any:
    """`torch.nn.functional.relu`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("relu", input, inplace)
    return functional.relu(input, inplace=inplace)


def relu6(input: Any, inplace: Any = False) -> Any:
    """`torch.nn.functional.relu6`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("relu6", input, inplace)
    return functional.relu6(input, inplace=inplace)


def rms_norm(input: Any, normalized_shape: Any, weight: Any = None, eps: Any = None) -> Any:
    """`torch.nn.functional.rms_norm`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional if scope is not None else _by_arguments("rms_norm", input, normalized_shape, weight, eps)
    )
    return functional.rms_norm(input, normalized_shape=normalized_shape, weight=weight, eps=eps)


def rrelu(
    input: Any, lower: Any = 0.125, upper: Any = 0.3333333333333333, training: Any = False, inplace: Any = False
) -> Any:
    """`torch.nn.functional.rrelu`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional if scope is not None else _by_arguments("rrelu", input, lower, upper, training, inplace)
    )
    return functional.rrelu(input, lower=lower, upper=upper, training=training, inplace=inplace)


def scaled_dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    attn_mask: Any = None,
    dropout_p: Any = 0.0,
    is_causal: Any = False,
    scale: Any = None,
    enable_gqa: Any = False,
) -> Any:
    """`torch.nn.functional.scaled_dot_product_attention`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments(
            "scaled_dot_product_attention", query, key, value, attn_mask, dropout_p, is_causal, scale, enable_gqa
        )
    )
    return functional.scaled_dot_product_attention(
        query,
        key=key,
        value=value,
        attn_mask=attn_mask,
        dropout_p=dropout_p,
        is_causal=is_causal,
        scale=scale,
        enable_gqa=enable_gqa,
    )


def selu(input: Any, inplace: Any = False) -> Any:
    """`torch.nn.functional.selu`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("selu", input, inplace)
    return functional.selu(input, inplace=inplace)


def sigmoid(input: Any) -> Any:
    """`torch.nn.functional.sigmoid`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("sigmoid", input)
    return functional.sigmoid(input)


def silu(input: Any, inplace: Any = False) -> Any:
    """`torch.nn.functional.silu`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("silu", input, inplace)
    return functional.silu(input, inplace=inplace)


def smooth_l1_loss(
    input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: Any = "mean", beta: Any = 1.0
) -> Any:
    """`torch.nn.functional.smooth_l1_loss`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments("smooth_l1_loss", input, target, size_average, reduce, reduction, beta)
    )
    return functional.smooth_l1_loss(
        input, target=target, size_average=size_average, reduce=reduce, reduction=reduction, beta=beta
    )


def soft_margin_loss(
    input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: Any = "mean"
) -> Any:
    """`torch.nn.functional.soft_margin_loss`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments("soft_margin_loss", input, target, size_average, reduce, reduction)
    )
    return functional.soft_margin_loss(
        input, target=target, size_average=size_average, reduce=reduce, reduction=reduction
    )


def softmax(input: Any, dim: Any = None, _stacklevel: Any = 3, dtype: Any = None) -> Any:
    """`torch.nn.functional.softmax`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("softmax", input, dim, _stacklevel, dtype)
    return functional.softmax(input, dim=dim, _stacklevel=_stacklevel, dtype=dtype)


def softmin(input: Any, dim: Any = None, _stacklevel: Any = 3, dtype: Any = None) -> Any:
    """`torch.nn.functional.softmin`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("softmin", input, dim, _stacklevel, dtype)
    return functional.softmin(input, dim=dim, _stacklevel=_stacklevel, dtype=dtype)


def softplus(input: Any, beta: Any = 1.0, threshold: Any = 20.0) -> Any:
    """`torch.nn.functional.softplus`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("softplus", input, beta, threshold)
    return functional.softplus(input, beta=beta, threshold=threshold)


def softshrink(input: Any, lambd: Any = 0.5) -> Any:
    """`torch.nn.functional.softshrink`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("softshrink", input, lambd)
    return functional.softshrink(input, lambd=lambd)


def softsign(input: Any) -> Any:
    """`torch.nn.functional.softsign`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("softsign", input)
    return functional.softsign(input)


def tanh(input: Any) -> Any:
    """`torch.nn.functional.tanh`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("tanh", input)
    return functional.tanh(input)


def tanhshrink(input: Any) -> Any:
    """`torch.nn.functional.tanhshrink`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("tanhshrink", input)
    return functional.tanhshrink(input)


def threshold(input: Any, threshold: Any, value: Any, inplace: Any = False) -> Any:
    """`torch.nn.functional.threshold`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("threshold", input, threshold, value, inplace)
    return functional.threshold(input, threshold=threshold, value=value, inplace=inplace)


def triplet_margin_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    margin: Any = 1.0,
    p: Any = 2,
    eps: Any = 1e-06,
    swap: Any = False,
    size_average: Any = None,
    reduce: Any = None,
    reduction: Any = "mean",
) -> Any:
    """`torch.nn.functional.triplet_margin_loss`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments(
            "triplet_margin_loss", anchor, positive, negative, margin, p, eps, swap, size_average, reduce, reduction
        )
    )
    return functional.triplet_margin_loss(
        anchor,
        positive=positive,
        negative=negative,
        margin=margin,
        p=p,
        eps=eps,
        swap=swap,
        size_average=size_average,
        reduce=reduce,
        reduction=reduction,
    )


def triplet_margin_with_distance_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    *,
    distance_function: Any = None,
    margin: Any = 1.0,
    swap: Any = False,
    reduction: Any = "mean",
) -> Any:
    """`torch.nn.functional.triplet_margin_with_distance_loss`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments("triplet_margin_with_distance_loss", anchor, positive, negative)
    )
    return functional.triplet_margin_with_distance_loss(
        anchor,
        positive=positive,
        negative=negative,
        distance_function=distance_function,
        margin=margin,
        swap=swap,
        reduction=reduction,
    )


def unfold(input: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Any:
    """`torch.nn.functional.unfold`, on the framework of the model or of the arguments."""
    scope = current.scope
    functional = (
        scope.functional
        if scope is not None
        else _by_arguments("unfold", input, kernel_size, dilation, padding, stride)
    )
    return functional.unfold(input, kernel_size=kernel_size, dilation=dilation, padding=padding, stride=stride)
