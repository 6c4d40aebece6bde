# What type checkers see of the layers of `unified.trees`. Written by `make generate`.

# fmt: off
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, Literal, NamedTuple, Protocol, TypedDict, TypeVar, Unpack, overload

from typing_extensions import TypeVar as DefaultTypeVar

from unified.core.annotations import Array, ArrayLike, ArrayT, Device, DType, InitFn, Metadata
from unified.core.initializers import Initializer
from unified.trees.layer import Layer

_T = TypeVar("_T", bound=Any)
_Indices = DefaultTypeVar("_Indices", bound=bool, default=Literal[False])  # whether pooling returns indices too
_Packed = TypeVar("_Packed", bound=_PackedSequence)

class _Options(TypedDict, total=False):
    init_fn: Initializer | Mapping[str, InitFn] | None
    metadata: Metadata | None

class _PackedSequence(Protocol):  # torch's
    @property
    def batch_sizes(self) -> Any: ...

class _Output(NamedTuple, Generic[_T]):
    output: _T
    loss: _T

class _OfOne(Layer):
    def __call__(self, input: ArrayT) -> ArrayT: ...

class _Loss(Layer):
    def __call__(self, input: ArrayT, target: ArrayLike) -> ArrayT: ...

class _Pool(Layer, Generic[_Indices]):
    return_indices: bool
    @overload
    def __call__(self: _Pool[Literal[False]], input: ArrayT) -> ArrayT: ...
    @overload
    def __call__(self, input: ArrayT) -> tuple[ArrayT, ArrayT] | Any: ...

# Activations

class CELU(_OfOne):
    """`x` above zero, else `alpha * (exp(x / alpha) - 1)`, whose slope is continuous."""
    alpha: float; inplace: bool
    def __init__(self, alpha: float = 1.0, inplace: bool = False, **extra: Unpack[_Options]) -> None: ...

class ELU(_OfOne):
    """`x` above zero, else `alpha * (exp(x) - 1)`."""
    alpha: float; inplace: bool
    def __init__(self, alpha: float = 1.0, inplace: bool = False, **extra: Unpack[_Options]) -> None: ...

class GELU(_OfOne):
    """`x` times the probability that a standard normal value is below it."""
    approximate: str
    def __init__(self, approximate: str = "none", **extra: Unpack[_Options]) -> None: ...

class GLU(_OfOne):
    """The first half along `dim`, multiplied by the sigmoid of the second half."""
    dim: int
    def __init__(self, dim: int = -1, **extra: Unpack[_Options]) -> None: ...

class SELU(_OfOne):
    """`ELU` with the two constants, `alpha` and a scale, that preserve mean 0 and variance 1."""
    inplace: bool
    def __init__(self, inplace: bool = False, **extra: Unpack[_Options]) -> None: ...

class LeakyReLU(_OfOne):
    """`x` where it is positive, else `negative_slope * x`."""
    negative_slope: float; inplace: bool
    def __init__(self, negative_slope: float = 0.01, inplace: bool = False, **extra: Unpack[_Options]) -> None: ...

class LogSigmoid(_OfOne):
    """`log(sigmoid(x))`, computed without underflow."""
    def __init__(self, **extra: Unpack[_Options]) -> None: ...

class LogSoftmax(_OfOne):
    """The logarithm of `Softmax`, computed without overflow."""
    dim: int | None
    def __init__(self, dim: int | None = None, **extra: Unpack[_Options]) -> None: ...

class Mish(_OfOne):
    """`x * tanh(softplus(x))`."""
    inplace: bool
    def __init__(self, inplace: bool = False, **extra: Unpack[_Options]) -> None: ...

class PReLU(_OfOne):
    """`x` where it is positive, else `x` multiplied by a trained slope."""
    num_parameters: int; init: float; weight: Array
    def __init__(
        self, num_parameters: int = 1, init: float = 0.25, device: Device = None, dtype: DType = None, *,
        data_format: str | None = None, **extra: Unpack[_Options]) -> None: ...

class ReLU(_OfOne):
    """`max(x, 0)`."""
    inplace: bool
    def __init__(self, inplace: bool = False, **extra: Unpack[_Options]) -> None: ...

class SiLU(_OfOne):
    """`x * sigmoid(x)`, also called swish."""
    inplace: bool
    def __init__(self, inplace: bool = False, **extra: Unpack[_Options]) -> None: ...

class Sigmoid(_OfOne):
    """`1 / (1 + exp(-x))`."""
    def __init__(self, **extra: Unpack[_Options]) -> None: ...

class Softmax(_OfOne):
    """`exp(x)`, scaled to sum to 1 along a dimension."""
    dim: int | None
    def __init__(self, dim: int | None = None, **extra: Unpack[_Options]) -> None: ...

class Softmax2d(_OfOne):
    """`Softmax` over the channels of images."""
    def __init__(self, **extra: Unpack[_Options]) -> None: ...

class Softmin(_OfOne):
    """`Softmax` of the negated input."""
    dim: int | None
    def __init__(self, dim: int | None = None, **extra: Unpack[_Options]) -> None: ...

class Softplus(_OfOne):
    """`log(1 + exp(beta * x)) / beta`, and `x` itself where `beta * x` exceeds `threshold`."""
    beta: float; threshold: float
    def __init__(self, beta: float = 1.0, threshold: float = 20.0, **extra: Unpack[_Options]) -> None: ...

class Softsign(_OfOne):
    """`x / (1 + |x|)`."""
    def __init__(self, **extra: Unpack[_Options]) -> None: ...

class Tanh(_OfOne):
    """The hyperbolic tangent."""
    def __init__(self, **extra: Unpack[_Options]) -> None: ...

class Tanhshrink(_OfOne):
    """`x - tanh(x)`."""
    def __init__(self, **extra: Unpack[_Options]) -> None: ...

# Adaptive pooling

class AdaptiveAvgPool1d(_OfOne):
    """The mean of each of `output_size` windows that cover sequences evenly."""
    output_size: int | tuple[int | None, ...] | None
    def __init__(
        self, output_size: int | tuple[int | None, ...] | None, *, data_format: str | None = None,
        **extra: Unpack[_Options]) -> None: ...

class AdaptiveAvgPool2d(_OfOne):
    """The mean of each of `output_size` windows that cover images evenly."""
    output_size: int | tuple[int | None, ...] | None
    def __init__(
        self, output_size: int | tuple[int | None, ...] | None, *, data_format: str | None = None,
        **extra: Unpack[_Options]) -> None: ...

class AdaptiveAvgPool3d(_OfOne):
    """The mean of each of `output_size` windows that cover volumes evenly."""
    output_size: int | tuple[int | None, ...] | None
    def __init__(
        self, output_size: int | tuple[int | None, ...] | None, *, data_format: str | None = None,
        **extra: Unpack[_Options]) -> None: ...

class AdaptiveMaxPool1d(_Pool[_Indices]):
    """The largest value of each of `output_size` windows that cover sequences evenly."""
    output_size: int | tuple[int | None, ...] | None
    def __init__(
        self, output_size: int | tuple[int | None, ...] | None, return_indices: _Indices = ..., *,
        data_format: str | None = None, **extra: Unpack[_Options]) -> None: ...

class AdaptiveMaxPool2d(_Pool[_Indices]):
    """The largest value of each of `output_size` windows that cover images evenly."""
    output_size: int | tuple[int | None, ...] | None
    def __init__(
        self, output_size: int | tuple[int | None, ...] | None, return_indices: _Indices = ..., *,
        data_format: str | None = None, **extra: Unpack[_Options]) -> None: ...

class AdaptiveMaxPool3d(_Pool[_Indices]):
    """The largest value of each of `output_size` windows that cover volumes evenly."""
    output_size: int | tuple[int | None, ...] | None
    def __init__(
        self, output_size: int | tuple[int | None, ...] | None, return_indices: _Indices = ..., *,
        data_format: str | None = None, **extra: Unpack[_Options]) -> None: ...

# Adaptive softmax

class AdaptiveLogSoftmaxWithLoss(Layer):
    """The log-probability of the target under a softmax whose rare classes are grouped into clusters."""
    in_features: int; n_classes: int; cutoffs: Sequence[int]; div_value: float; head_bias: bool
    def __init__(
        self, in_features: int, n_classes: int, cutoffs: Sequence[int], div_value: float = 4.0, head_bias: bool = False,
        device: Device = None, dtype: DType = None, **extra: Unpack[_Options]) -> None: ...
    def __call__(self, input_: ArrayT, target_: ArrayLike) -> _Output[ArrayT]: ...
    def __getattr__(self, name: str) -> Any: ...

# Attention

class MultiheadAttention(Layer):
    """Multi-head attention: scaled dot-product attention in `num_heads` parts of linear projections of the features."""
    embed_dim: int; num_heads: int; dropout: float; add_zero_attn: bool; kdim: int | None; vdim: int | None
    batch_first: bool; in_proj_weight: Array; q_proj_weight: Array; k_proj_weight: Array; v_proj_weight: Array
    in_proj_bias: Array; bias_k: Array; bias_v: Array
    def __init__(
        self, embed_dim: int | None, num_heads: int, dropout: float = 0.0, bias: bool = True, add_bias_kv: bool = False,
        add_zero_attn: bool = False, kdim: int | None = None, vdim: int | None = None, batch_first: bool = False,
        device: Device = None, dtype: DType = None, **extra: Unpack[_Options]) -> None: ...
    def __call__(
        self, query: ArrayT, key: ArrayLike, value: ArrayLike, key_padding_mask: ArrayLike | None = None,
        need_weights: bool = True, attn_mask: ArrayLike | None = None, average_attn_weights: bool = True,
        is_causal: bool = False) -> tuple[ArrayT, ArrayT | None]: ...
    def __getattr__(self, name: str) -> Any: ...

# Classification losses

class BCELoss(_Loss):
    """The negative log-probability of binary targets, from probabilities; logarithms are at least -100."""
    reduction: str; weight: Array
    def __init__(
        self, weight: ArrayLike | None = None, size_average: bool | None = None, reduce: bool | None = None,
        reduction: str = "mean", **extra: Unpack[_Options]) -> None: ...

class BCEWithLogitsLoss(_Loss):
    """The negative log-probability of binary targets, from logits."""
    reduction: str; weight: Array; pos_weight: Array
    def __init__(
        self, weight: ArrayLike | None = None, size_average: bool | None = None, reduce: bool | None = None,
        reduction: str = "mean", pos_weight: ArrayLike | None = None, **extra: Unpack[_Options]) -> None: ...

class CrossEntropyLoss(_Loss):
    """The negative log-probability of the target, from the logits of the classes."""
    ignore_index: int; reduction: str; label_smoothing: float; weight: Array
    def __init__(
        self, weight: ArrayLike | None = None, size_average: bool | None = None, ignore_index: int = -100,
        reduce: bool | None = None, reduction: str = "mean", label_smoothing: float = 0.0, **extra: Unpack[_Options]
    ) -> None: ...

class KLDivLoss(_Loss):
    """The Kullback-Leibler divergence of the target from the input, which holds log-probabilities."""
    reduction: str; log_target: bool
    def __init__(
        self, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean",
        log_target: bool = False, **extra: Unpack[_Options]) -> None: ...

class LinearCrossEntropyLoss(_Loss):
    """A `Linear` layer that computes the logits of the classes, and their cross-entropy."""
    num_classes: int; out_features: tuple[int, ...]; reduction: str; ignore_index: int | None; label_smoothing: float
    options: Any; weight: Array
    def __init__(
        self, in_features: int, num_classes: int, *, out_features: tuple[int, ...] = (), bias: bool = False,
        device: Device = None, dtype: DType = None, reduction: str = "mean", weight: ArrayLike | None = None,
        ignore_index: int | None = None, label_smoothing: float = 0.0, options: Any = None,
        **extra: Unpack[_Options]) -> None: ...
    def __getattr__(self, name: str) -> Any: ...

class NLLLoss(_Loss):
    """The negative input at the target, from the log-probabilities of the classes; `CrossEntropyLoss` takes logits."""
    ignore_index: int; reduction: str; weight: Array
    def __init__(
        self, weight: ArrayLike | None = None, size_average: bool | None = None, ignore_index: int = -100,
        reduce: bool | None = None, reduction: str = "mean", **extra: Unpack[_Options]) -> None: ...

# Convolutions

class Conv1d(_OfOne):
    """Cross-correlation along one dimension, with a bias."""
    in_channels: int; out_channels: int; kernel_size: int | tuple[int]; stride: int | tuple[int]
    padding: str | int | tuple[int]; dilation: int | tuple[int]; groups: int; padding_mode: str; weight: Array
    bias: Array
    def __init__(
        self, in_channels: int | None, out_channels: int, kernel_size: int | tuple[int], stride: int | tuple[int] = 1,
        padding: str | int | tuple[int] = 0, dilation: int | tuple[int] = 1, groups: int = 1, bias: bool = True,
        padding_mode: str = "zeros", device: Device = None, dtype: DType = None, *, data_format: str | None = None,
        input_dilation: int | Sequence[int] = 1, **extra: Unpack[_Options]) -> None: ...

class Conv2d(_OfOne):
    """Cross-correlation along two dimensions, with a bias."""
    in_channels: int; out_channels: int; kernel_size: int | tuple[int, int]; stride: int | tuple[int, int]
    padding: str | int | tuple[int, int]; dilation: int | tuple[int, int]; groups: int; padding_mode: str
    weight: Array; bias: Array
    def __init__(
        self, in_channels: int | None, out_channels: int, kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1, padding: str | int | tuple[int, int] = 0,
        dilation: int | tuple[int, int] = 1, groups: int = 1, bias: bool = True, padding_mode: str = "zeros",
        device: Device = None, dtype: DType = None, *, data_format: str | None = None,
        input_dilation: int | Sequence[int] = 1, **extra: Unpack[_Options]) -> None: ...

class Conv3d(_OfOne):
    """Cross-correlation along three dimensions, with a bias."""
    in_channels: int; out_channels: int; kernel_size: int | tuple[int, int, int]; stride: int | tuple[int, int, int]
    padding: str | int | tuple[int, int, int]; dilation: int | tuple[int, int, int]; groups: int; padding_mode: str
    weight: Array; bias: Array
    def __init__(
        self, in_channels: int | None, out_channels: int, kernel_size: int | tuple[int, int, int],
        stride: int | tuple[int, int, int] = 1, padding: str | int | tuple[int, int, int] = 0,
        dilation: int | tuple[int, int, int] = 1, groups: int = 1, bias: bool = True, padding_mode: str = "zeros",
        device: Device = None, dtype: DType = None, *, data_format: str | None = None,
        input_dilation: int | Sequence[int] = 1, **extra: Unpack[_Options]) -> None: ...

# Transposed convolutions

class ConvTranspose1d(Layer):
    """The gradient of `Conv1d` with respect to its input, as a layer: each value of the input spreads over a kernel."""
    in_channels: int; out_channels: int; kernel_size: int | tuple[int]; stride: int | tuple[int]
    padding: int | tuple[int]; output_padding: int | tuple[int]; groups: int; dilation: int | tuple[int]
    padding_mode: str; weight: Array; bias: Array
    def __init__(
        self, in_channels: int | None, out_channels: int, kernel_size: int | tuple[int], stride: int | tuple[int] = 1,
        padding: int | tuple[int] = 0, output_padding: int | tuple[int] = 0, groups: int = 1, bias: bool = True,
        dilation: int | tuple[int] = 1, padding_mode: str = "zeros", device: Device = None, dtype: DType = None, *,
        data_format: str | None = None, **extra: Unpack[_Options]) -> None: ...
    def __call__(self, input: ArrayT, output_size: Sequence[int] | None = None) -> ArrayT: ...

class ConvTranspose2d(Layer):
    """The gradient of `Conv2d` with respect to its input, as a layer."""
    in_channels: int; out_channels: int; kernel_size: int | tuple[int, int]; stride: int | tuple[int, int]
    padding: int | tuple[int, int]; output_padding: int | tuple[int, int]; groups: int; dilation: int | tuple[int, int]
    padding_mode: str; weight: Array; bias: Array
    def __init__(
        self, in_channels: int | None, out_channels: int, kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1, padding: int | tuple[int, int] = 0,
        output_padding: int | tuple[int, int] = 0, groups: int = 1, bias: bool = True,
        dilation: int | tuple[int, int] = 1, padding_mode: str = "zeros", device: Device = None, dtype: DType = None, *,
        data_format: str | None = None, **extra: Unpack[_Options]) -> None: ...
    def __call__(self, input: ArrayT, output_size: Sequence[int] | None = None) -> ArrayT: ...

class ConvTranspose3d(Layer):
    """The gradient of `Conv3d` with respect to its input, as a layer."""
    in_channels: int; out_channels: int; kernel_size: int | tuple[int, int, int]; stride: int | tuple[int, int, int]
    padding: int | tuple[int, int, int]; output_padding: int | tuple[int, int, int]; groups: int
    dilation: int | tuple[int, int, int]; padding_mode: str; weight: Array; bias: Array
    def __init__(
        self, in_channels: int | None, out_channels: int, kernel_size: int | tuple[int, int, int],
        stride: int | tuple[int, int, int] = 1, padding: int | tuple[int, int, int] = 0,
        output_padding: int | tuple[int, int, int] = 0, groups: int = 1, bias: bool = True,
        dilation: int | tuple[int, int, int] = 1, padding_mode: str = "zeros", device: Device = None,
        dtype: DType = None, *, data_format: str | None = None, **extra: Unpack[_Options]) -> None: ...
    def __call__(self, input: ArrayT, output_size: Sequence[int] | None = None) -> ArrayT: ...

# Distances and similarities

class CosineSimilarity(Layer):
    """The cosine of the angle between two vectors."""
    dim: int; eps: float
    def __init__(self, dim: int = 1, eps: float = 1e-08, **extra: Unpack[_Options]) -> None: ...
    def __call__(self, x1: ArrayT, x2: ArrayLike) -> ArrayT: ...

class PairwiseDistance(Layer):
    """The `p`-norm of the difference of two vectors."""
    eps: float; keepdim: bool
    def __init__(
        self, p: float = 2.0, eps: float = 1e-06, keepdim: bool = False, **extra: Unpack[_Options]) -> None: ...
    def __call__(self, x1: ArrayT, x2: ArrayLike) -> ArrayT: ...

# Dropout

class AlphaDropout(_OfOne):
    """Dropout for SELU networks: in training, each value is set to the lower limit of SELU with probability `p`."""
    p: float; inplace: bool
    def __init__(self, p: float = 0.5, inplace: bool = False, **extra: Unpack[_Options]) -> None: ...

class Dropout(_OfOne):
    """Dropout: in training, each value is zeroed with probability `p`, and divided by `1 - p` otherwise."""
    p: float; inplace: bool
    def __init__(self, p: float = 0.5, inplace: bool = False, **extra: Unpack[_Options]) -> None: ...

class Dropout1d(_OfOne):
    """Channel dropout: in training, each channel is zeroed with probability `p`, and divided by `1 - p` otherwise."""
    p: float; inplace: bool
    def __init__(
        self, p: float = 0.5, inplace: bool = False, *, data_format: str | None = None, **extra: Unpack[_Options]
    ) -> None: ...

class Dropout2d(_OfOne):
    """Channel dropout: in training, each channel is zeroed with probability `p`, and divided by `1 - p` otherwise."""
    p: float; inplace: bool
    def __init__(
        self, p: float = 0.5, inplace: bool = False, *, data_format: str | None = None, **extra: Unpack[_Options]
    ) -> None: ...

class Dropout3d(_OfOne):
    """Channel dropout: in training, each channel is zeroed with probability `p`, and divided by `1 - p` otherwise."""
    p: float; inplace: bool
    def __init__(
        self, p: float = 0.5, inplace: bool = False, *, data_format: str | None = None, **extra: Unpack[_Options]
    ) -> None: ...

class FeatureAlphaDropout(_OfOne):
    """`AlphaDropout` of whole channels."""
    p: float; inplace: bool
    def __init__(
        self, p: float = 0.5, inplace: bool = False, *, data_format: str | None = None, **extra: Unpack[_Options]
    ) -> None: ...

# Embeddings

class Embedding(_OfOne):
    """The row of a table for each integer of the input."""
    num_embeddings: int; embedding_dim: int; padding_idx: int | None; max_norm: float | None; norm_type: float
    scale_grad_by_freq: bool; sparse: bool; weight: Array
    def __init__(
        self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None, max_norm: float | None = None,
        norm_type: float = 2.0, scale_grad_by_freq: bool = False, sparse: bool = False,
        _weight: ArrayLike | None = None, _freeze: bool = False, device: Device = None, dtype: DType = None,
        **extra: Unpack[_Options]) -> None: ...
    def attend(self, query: ArrayT) -> ArrayT: ...

class EmbeddingBag(Layer):
    """The sum, mean or maximum of the rows for each bag of integers."""
    num_embeddings: int; embedding_dim: int; max_norm: float | None; norm_type: float; scale_grad_by_freq: bool
    mode: str; sparse: bool; include_last_offset: bool; padding_idx: int | None; weight: Array
    def __init__(
        self, num_embeddings: int, embedding_dim: int, max_norm: float | None = None, norm_type: float = 2.0,
        scale_grad_by_freq: bool = False, mode: str = "mean", sparse: bool = False, _weight: ArrayLike | None = None,
        include_last_offset: bool = False, padding_idx: int | None = None, device: Device = None, dtype: DType = None,
        **extra: Unpack[_Options]) -> None: ...
    def __call__(
        self, input: ArrayT, offsets: ArrayLike | None = None, per_sample_weights: ArrayLike | None = None
    ) -> ArrayT: ...

# Folding and shuffling

class ChannelShuffle(_OfOne):
    """The channels reordered: the first of each of `groups` groups, then the second of each, ..."""
    groups: int
    def __init__(self, groups: int, *, data_format: str | None = None, **extra: Unpack[_Options]) -> None: ...

class Fold(_OfOne):
    """The sum of windows, the columns of the input, at the places where `Unfold` reads them."""
    output_size: int | tuple[int, ...]; kernel_size: int | tuple[int, ...]; dilation: int | tuple[int, ...]
    padding: int | tuple[int, ...]; stride: int | tuple[int, ...]
    def __init__(
        self, output_size: int | tuple[int, ...], kernel_size: int | tuple[int, ...],
        dilation: int | tuple[int, ...] = 1, padding: int | tuple[int, ...] = 0, stride: int | tuple[int, ...] = 1,
        **extra: Unpack[_Options]) -> None: ...

class PixelShuffle(_OfOne):
    """A larger image, by `upscale_factor` in height and width, whose pixels come from the channels."""
    upscale_factor: int
    def __init__(
        self, upscale_factor: int, *, data_format: str | None = None, **extra: Unpack[_Options]) -> None: ...

class PixelUnshuffle(_OfOne):
    """A smaller image, by `downscale_factor`, whose pixels become channels: the inverse of `PixelShuffle`."""
    downscale_factor: int
    def __init__(
        self, downscale_factor: int, *, data_format: str | None = None, **extra: Unpack[_Options]) -> None: ...

class Unfold(_OfOne):
    """All sliding windows of an image, as columns."""
    kernel_size: int | tuple[int, ...]; dilation: int | tuple[int, ...]; padding: int | tuple[int, ...]
    stride: int | tuple[int, ...]
    def __init__(
        self, kernel_size: int | tuple[int, ...], dilation: int | tuple[int, ...] = 1,
        padding: int | tuple[int, ...] = 0, stride: int | tuple[int, ...] = 1, **extra: Unpack[_Options]
    ) -> None: ...

# Group, instance, RMS and local response normalisation

class CrossMapLRN2d(_OfOne):
    """`LocalResponseNorm` for images, as torch's older layer computes it; prefer `LocalResponseNorm`."""
    size: int; alpha: float; beta: float; k: float
    def __init__(
        self, size: int, alpha: float = 0.0001, beta: float = 0.75, k: float = 1, **extra: Unpack[_Options]
    ) -> None: ...

class GroupNorm(_OfOne):
    """Normalisation of each sample over groups of channels, then a scale and a shift of each channel."""
    num_groups: int; num_channels: int; eps: float; affine: bool; weight: Array; bias: Array
    def __init__(
        self, num_groups: int, num_channels: int | None, eps: float = 1e-05, affine: bool = True, device: Device = None,
        dtype: DType = None, *, bias: bool = True, weight: bool = True, data_format: str | None = None,
        **extra: Unpack[_Options]) -> None: ...

class InstanceNorm1d(_OfOne):
    """Normalisation of each channel of each sample, then a scale and a shift if `affine`."""
    num_features: int; eps: float; momentum: float; affine: bool; track_running_stats: bool; weight: Array; bias: Array
    running_mean: Array; running_var: Array; num_batches_tracked: Array
    def __init__(
        self, num_features: int | None, eps: float = 1e-05, momentum: float = 0.1, affine: bool = False,
        track_running_stats: bool = False, device: Device = None, dtype: DType = None, *, bias: bool = True,
        weight: bool = True, data_format: str | None = None, **extra: Unpack[_Options]) -> None: ...

class InstanceNorm2d(_OfOne):
    """Normalisation of each channel of each image."""
    num_features: int; eps: float; momentum: float; affine: bool; track_running_stats: bool; weight: Array; bias: Array
    running_mean: Array; running_var: Array; num_batches_tracked: Array
    def __init__(
        self, num_features: int | None, eps: float = 1e-05, momentum: float = 0.1, affine: bool = False,
        track_running_stats: bool = False, device: Device = None, dtype: DType = None, *, bias: bool = True,
        weight: bool = True, data_format: str | None = None, **extra: Unpack[_Options]) -> None: ...

class InstanceNorm3d(_OfOne):
    """Normalisation of each channel of each volume."""
    num_features: int; eps: float; momentum: float; affine: bool; track_running_stats: bool; weight: Array; bias: Array
    running_mean: Array; running_var: Array; num_batches_tracked: Array
    def __init__(
        self, num_features: int | None, eps: float = 1e-05, momentum: float = 0.1, affine: bool = False,
        track_running_stats: bool = False, device: Device = None, dtype: DType = None, *, bias: bool = True,
        weight: bool = True, data_format: str | None = None, **extra: Unpack[_Options]) -> None: ...

class LocalResponseNorm(_OfOne):
    """Division of each value by `(k + alpha * mean) ** beta`, with the mean square of `size` neighbouring channels."""
    size: int; alpha: float; beta: float; k: float
    def __init__(
        self, size: int, alpha: float = 0.0001, beta: float = 0.75, k: float = 1.0, *, data_format: str | None = None,
        **extra: Unpack[_Options]) -> None: ...

class RMSNorm(_OfOne):
    """Division by the root mean square over the last dimensions, then a scale."""
    normalized_shape: int | Sequence[int]; eps: float | None; elementwise_affine: bool; weight: Array
    def __init__(
        self, normalized_shape: int | Sequence[int] | None, eps: float | None = None, elementwise_affine: bool = True,
        device: Device = None, dtype: DType = None, *, axis_name: str | tuple[str, ...] | None = None,
        axis_index_groups: Sequence[Sequence[int]] | None = None, **extra: Unpack[_Options]) -> None: ...

# Lazy layers

class LazyBatchNorm1d(_OfOne):
    """`BatchNorm1d(None, ...)`, which takes `num_features` from the first input."""
    eps: float; momentum: float | None; affine: bool; track_running_stats: bool; weight: Array; bias: Array
    running_mean: Array; running_var: Array; num_batches_tracked: Array
    def __init__(
        self, eps: float = 1e-05, momentum: float | None = 0.1, affine: bool = True, track_running_stats: bool = True,
        device: Device = None, dtype: DType = None, *, bias: bool = True,
        axis_name: str | tuple[str, ...] | None = None, weight: bool = True, data_format: str | None = None,
        axis_index_groups: Sequence[Sequence[int]] | None = None, **extra: Unpack[_Options]) -> None: ...

class LazyBatchNorm2d(_OfOne):
    """`BatchNorm2d(None, ...)`, which takes `num_features` from the first input."""
    eps: float; momentum: float | None; affine: bool; track_running_stats: bool; weight: Array; bias: Array
    running_mean: Array; running_var: Array; num_batches_tracked: Array
    def __init__(
        self, eps: float = 1e-05, momentum: float | None = 0.1, affine: bool = True, track_running_stats: bool = True,
        device: Device = None, dtype: DType = None, *, bias: bool = True,
        axis_name: str | tuple[str, ...] | None = None, weight: bool = True, data_format: str | None = None,
        axis_index_groups: Sequence[Sequence[int]] | None = None, **extra: Unpack[_Options]) -> None: ...

class LazyBatchNorm3d(_OfOne):
    """`BatchNorm3d(None, ...)`, which takes `num_features` from the first input."""
    eps: float; momentum: float | None; affine: bool; track_running_stats: bool; weight: Array; bias: Array
    running_mean: Array; running_var: Array; num_batches_tracked: Array
    def __init__(
        self, eps: float = 1e-05, momentum: float | None = 0.1, affine: bool = True, track_running_stats: bool = True,
        device: Device = None, dtype: DType = None, *, bias: bool = True,
        axis_name: str | tuple[str, ...] | None = None, weight: bool = True, data_format: str | None = None,
        axis_index_groups: Sequence[Sequence[int]] | None = None, **extra: Unpack[_Options]) -> None: ...

class LazyConv1d(_OfOne):
    """`Conv1d(None, ...)`, which takes `in_channels` from the first input."""
    out_channels: int; kernel_size: int | tuple[int]; stride: int | tuple[int]; padding: str | int | tuple[int]
    dilation: int | tuple[int]; groups: int; padding_mode: str; weight: Array; bias: Array
    def __init__(
        self, out_channels: int, kernel_size: int | tuple[int], stride: int | tuple[int] = 1,
        padding: str | int | tuple[int] = 0, dilation: int | tuple[int] = 1, groups: int = 1, bias: bool = True,
        padding_mode: str = "zeros", device: Device = None, dtype: DType = None, *, data_format: str | None = None,
        input_dilation: int | Sequence[int] = 1, **extra: Unpack[_Options]) -> None: ...

class LazyConv2d(_OfOne):
    """`Conv2d(None, ...)`, which takes `in_channels` from the first input."""
    out_channels: int; kernel_size: int | tuple[int, int]; stride: int | tuple[int, int]
    padding: str | int | tuple[int, int]; dilation: int | tuple[int, int]; groups: int; padding_mode: str
    weight: Array; bias: Array
    def __init__(
        self, out_channels: int, kernel_size: int | tuple[int, int], stride: int | tuple[int, int] = 1,
        padding: str | int | tuple[int, int] = 0, dilation: int | tuple[int, int] = 1, groups: int = 1,
        bias: bool = True, padding_mode: str = "zeros", device: Device = None, dtype: DType = None, *,
        data_format: str | None = None, input_dilation: int | Sequence[int] = 1, **extra: Unpack[_Options]
    ) -> None: ...

class LazyConv3d(_OfOne):
    """`Conv3d(None, ...)`, which takes `in_channels` from the first input."""
    out_channels: int; kernel_size: int | tuple[int, int, int]; stride: int | tuple[int, int, int]
    padding: str | int | tuple[int, int, int]; dilation: int | tuple[int, int, int]; groups: int; padding_mode: str
    weight: Array; bias: Array
    def __init__(
        self, out_channels: int, kernel_size: int | tuple[int, int, int], stride: int | tuple[int, int, int] = 1,
        padding: str | int | tuple[int, int, int] = 0, dilation: int | tuple[int, int, int] = 1, groups: int = 1,
        bias: bool = True, padding_mode: str = "zeros", device: Device = None, dtype: DType = None, *,
        data_format: str | None = None, input_dilation: int | Sequence[int] = 1, **extra: Unpack[_Options]
    ) -> None: ...

class LazyConvTranspose1d(Layer):
    """`ConvTranspose1d(None, ...)`, which takes `in_channels` from the first input."""
    out_channels: int; kernel_size: int | tuple[int]; stride: int | tuple[int]; padding: int | tuple[int]
    output_padding: int | tuple[int]; groups: int; dilation: int | tuple[int]; padding_mode: str; weight: Array
    bias: Array
    def __init__(
        self, out_channels: int, kernel_size: int | tuple[int], stride: int | tuple[int] = 1,
        padding: int | tuple[int] = 0, output_padding: int | tuple[int] = 0, groups: int = 1, bias: bool = True,
        dilation: int | tuple[int] = 1, padding_mode: str = "zeros", device: Device = None, dtype: DType = None, *,
        data_format: str | None = None, **extra: Unpack[_Options]) -> None: ...
    def __call__(self, input: ArrayT, output_size: Sequence[int] | None = None) -> ArrayT: ...

class LazyConvTranspose2d(Layer):
    """`ConvTranspose2d(None, ...)`, which takes `in_channels` from the first input."""
    out_channels: int; kernel_size: int | tuple[int, int]; stride: int | tuple[int, int]
    padding: int | tuple[int, int]; output_padding: int | tuple[int, int]; groups: int; dilation: int | tuple[int, int]
    padding_mode: str; weight: Array; bias: Array
    def __init__(
        self, out_channels: int, kernel_size: int | tuple[int, int], stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] = 0, output_padding: int | tuple[int, int] = 0, groups: int = 1,
        bias: bool = True, dilation: int | tuple[int, int] = 1, padding_mode: str = "zeros", device: Device = None,
        dtype: DType = None, *, data_format: str | None = None, **extra: Unpack[_Options]) -> None: ...
    def __call__(self, input: ArrayT, output_size: Sequence[int] | None = None) -> ArrayT: ...

class LazyConvTranspose3d(Layer):
    """`ConvTranspose3d(None, ...)`, which takes `in_channels` from the first input."""
    out_channels: int; kernel_size: int | tuple[int, int, int]; stride: int | tuple[int, int, int]
    padding: int | tuple[int, int, int]; output_padding: int | tuple[int, int, int]; groups: int
    dilation: int | tuple[int, int, int]; padding_mode: str; weight: Array; bias: Array
    def __init__(
        self, out_channels: int, kernel_size: int | tuple[int, int, int], stride: int | tuple[int, int, int] = 1,
        padding: int | tuple[int, int, int] = 0, output_padding: int | tuple[int, int, int] = 0, groups: int = 1,
        bias: bool = True, dilation: int | tuple[int, int, int] = 1, padding_mode: str = "zeros", device: Device = None,
        dtype: DType = None, *, data_format: str | None = None, **extra: Unpack[_Options]) -> None: ...
    def __call__(self, input: ArrayT, output_size: Sequence[int] | None = None) -> ArrayT: ...

class LazyInstanceNorm1d(_OfOne):
    """`InstanceNorm1d(None, ...)`, which takes `num_features` from the first input."""
    eps: float; momentum: float; affine: bool; track_running_stats: bool; weight: Array; bias: Array
    running_mean: Array; running_var: Array; num_batches_tracked: Array
    def __init__(
        self, eps: float = 1e-05, momentum: float = 0.1, affine: bool = True, track_running_stats: bool = True,
        device: Device = None, dtype: DType = None, *, bias: bool = True, weight: bool = True,
        data_format: str | None = None, **extra: Unpack[_Options]) -> None: ...

class LazyInstanceNorm2d(_OfOne):
    """`InstanceNorm2d(None, ...)`, which takes `num_features` from the first input."""
    eps: float; momentum: float; affine: bool; track_running_stats: bool; weight: Array; bias: Array
    running_mean: Array; running_var: Array; num_batches_tracked: Array
    def __init__(
        self, eps: float = 1e-05, momentum: float = 0.1, affine: bool = True, track_running_stats: bool = True,
        device: Device = None, dtype: DType = None, *, bias: bool = True, weight: bool = True,
        data_format: str | None = None, **extra: Unpack[_Options]) -> None: ...

class LazyInstanceNorm3d(_OfOne):
    """`InstanceNorm3d(None, ...)`, which takes `num_features` from the first input."""
    eps: float; momentum: float; affine: bool; track_running_stats: bool; weight: Array; bias: Array
    running_mean: Array; running_var: Array; num_batches_tracked: Array
    def __init__(
        self, eps: float = 1e-05, momentum: float = 0.1, affine: bool = True, track_running_stats: bool = True,
        device: Device = None, dtype: DType = None, *, bias: bool = True, weight: bool = True,
        data_format: str | None = None, **extra: Unpack[_Options]) -> None: ...

class LazyLinear(_OfOne):
    """`Linear(None, ...)`, which takes `in_features` from the first input."""
    out_features: int; weight: Array; bias: Array
    def __init__(
        self, out_features: int, bias: bool = True, device: Device = None, dtype: DType = None,
        **extra: Unpack[_Options]) -> None: ...

# Linear layers

class Bilinear(Layer):
    """`y[o] = x1 @ weight[o] @ x2 + bias[o]` on the last dimensions of two inputs."""
    in1_features: int; in2_features: int; out_features: int; weight: Array; bias: Array
    def __init__(
        self, in1_features: int | None, in2_features: int | None, out_features: int, bias: bool = True,
        device: Device = None, dtype: DType = None, **extra: Unpack[_Options]) -> None: ...
    def __call__(self, input1: ArrayT, input2: ArrayLike) -> ArrayT: ...

class Linear(_OfOne):
    """`y = x @ weight.T + bias` on the last dimension."""
    in_features: int; out_features: int; weight: Array; bias: Array
    def __init__(
        self, in_features: int | None, out_features: int, bias: bool = True, device: Device = None, dtype: DType = None,
        **extra: Unpack[_Options]) -> None: ...

# Margin losses

class CosineEmbeddingLoss(Layer):
    """`1 - cosine` of two similar vectors, and `max(0, cosine - margin)` of two dissimilar ones."""
    margin: float; reduction: str
    def __init__(
        self, margin: float = 0.0, size_average: bool | None = None, reduce: bool | None = None,
        reduction: str = "mean", **extra: Unpack[_Options]) -> None: ...
    def __call__(self, input1: ArrayT, input2: ArrayLike, target: ArrayLike) -> ArrayT: ...

class HingeEmbeddingLoss(_Loss):
    """The input where the target is 1, and `max(0, margin - input)` where it is -1."""
    margin: float; reduction: str
    def __init__(
        self, margin: float = 1.0, size_average: bool | None = None, reduce: bool | None = None,
        reduction: str = "mean", **extra: Unpack[_Options]) -> None: ...

class MarginRankingLoss(Layer):
    """`max(0, margin - target * (input1 - input2))`: the first input should be the greater where the target is 1."""
    margin: float; reduction: str
    def __init__(
        self, margin: float = 0.0, size_average: bool | None = None, reduce: bool | None = None,
        reduction: str = "mean", **extra: Unpack[_Options]) -> None: ...
    def __call__(self, input1: ArrayT, input2: ArrayLike, target: ArrayLike) -> ArrayT: ...

class MultiLabelMarginLoss(_Loss):
    """The sum of `max(0, 1 - (x[i] - x[j]))` over classes `i` of a sample and all others `j`, divided by `C`."""
    reduction: str
    def __init__(
        self, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean",
        **extra: Unpack[_Options]) -> None: ...

class MultiLabelSoftMarginLoss(_Loss):
    """The mean of `BCEWithLogitsLoss` over the classes."""
    reduction: str; weight: Array
    def __init__(
        self, weight: ArrayLike | None = None, size_average: bool | None = None, reduce: bool | None = None,
        reduction: str = "mean", **extra: Unpack[_Options]) -> None: ...

class MultiMarginLoss(_Loss):
    """The sum of `max(0, margin - (x[target] - x[i])) ** p` over all other classes `i`, divided by `C`."""
    p: int; margin: float; reduction: str; weight: Array
    def __init__(
        self, p: int = 1, margin: float = 1.0, weight: ArrayLike | None = None, size_average: bool | None = None,
        reduce: bool | None = None, reduction: str = "mean", **extra: Unpack[_Options]) -> None: ...

class SoftMarginLoss(_Loss):
    """`log(1 + exp(-target * input))`, for targets 1 and -1."""
    reduction: str
    def __init__(
        self, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean",
        **extra: Unpack[_Options]) -> None: ...

class TripletMarginLoss(Layer):
    """`max(0, d(anchor, positive) - d(anchor, negative) + margin)`, where `d` is a distance."""
    margin: float; p: float; eps: float; swap: bool; reduction: str
    def __init__(
        self, margin: float = 1.0, p: float = 2.0, eps: float = 1e-06, swap: bool = False,
        size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean",
        **extra: Unpack[_Options]) -> None: ...
    def __call__(self, anchor: ArrayT, positive: ArrayLike, negative: ArrayLike) -> ArrayT: ...

class TripletMarginWithDistanceLoss(Layer):
    """`TripletMarginLoss` for any distance."""
    distance_function: Callable[[Any, Any], Any] | None; margin: float; swap: bool; reduction: str
    def __init__(
        self, *, distance_function: Callable[[Any, Any], Any] | None = None, margin: float = 1.0, swap: bool = False,
        reduction: str = "mean", **extra: Unpack[_Options]) -> None: ...
    def __call__(self, anchor: ArrayT, positive: ArrayLike, negative: ArrayLike) -> ArrayT: ...

# Batch and layer normalisation

class BatchNorm1d(_OfOne):
    """Normalisation of each channel over the batch (and the length), then a scale and a shift."""
    num_features: int; eps: float; momentum: float | None; affine: bool; track_running_stats: bool; weight: Array
    bias: Array; running_mean: Array; running_var: Array; num_batches_tracked: Array
    def __init__(
        self, num_features: int | None, eps: float = 1e-05, momentum: float | None = 0.1, affine: bool = True,
        track_running_stats: bool = True, device: Device = None, dtype: DType = None, *, bias: bool = True,
        axis_name: str | tuple[str, ...] | None = None, weight: bool = True, data_format: str | None = None,
        axis_index_groups: Sequence[Sequence[int]] | None = None, **extra: Unpack[_Options]) -> None: ...

class BatchNorm2d(_OfOne):
    """`BatchNorm1d` for images: normalisation over the batch and both spatial dimensions."""
    num_features: int; eps: float; momentum: float | None; affine: bool; track_running_stats: bool; weight: Array
    bias: Array; running_mean: Array; running_var: Array; num_batches_tracked: Array
    def __init__(
        self, num_features: int | None, eps: float = 1e-05, momentum: float | None = 0.1, affine: bool = True,
        track_running_stats: bool = True, device: Device = None, dtype: DType = None, *, bias: bool = True,
        axis_name: str | tuple[str, ...] | None = None, weight: bool = True, data_format: str | None = None,
        axis_index_groups: Sequence[Sequence[int]] | None = None, **extra: Unpack[_Options]) -> None: ...

class BatchNorm3d(_OfOne):
    """`BatchNorm1d` for volumes: normalisation over the batch and the three spatial dimensions."""
    num_features: int; eps: float; momentum: float | None; affine: bool; track_running_stats: bool; weight: Array
    bias: Array; running_mean: Array; running_var: Array; num_batches_tracked: Array
    def __init__(
        self, num_features: int | None, eps: float = 1e-05, momentum: float | None = 0.1, affine: bool = True,
        track_running_stats: bool = True, device: Device = None, dtype: DType = None, *, bias: bool = True,
        axis_name: str | tuple[str, ...] | None = None, weight: bool = True, data_format: str | None = None,
        axis_index_groups: Sequence[Sequence[int]] | None = None, **extra: Unpack[_Options]) -> None: ...

class LayerNorm(_OfOne):
    """Normalisation of each sample over its last dimensions, then a scale and a shift."""
    normalized_shape: int | Sequence[int]; eps: float; elementwise_affine: bool; weight: Array; bias: Array
    def __init__(
        self, normalized_shape: int | Sequence[int] | None, eps: float = 1e-05, elementwise_affine: bool = True,
        bias: bool = True, device: Device = None, dtype: DType = None, *,
        axis_name: str | tuple[str, ...] | None = None, weight: bool = True,
        axis_index_groups: Sequence[Sequence[int]] | None = None, **extra: Unpack[_Options]) -> None: ...

class SyncBatchNorm(_OfOne):
    """`BatchNorm1d` for inputs of any rank, with the statistics of the whole batch on all devices."""
    num_features: int; eps: float; momentum: float | None; affine: bool; track_running_stats: bool; process_group: Any
    weight: Array; bias: Array; running_mean: Array; running_var: Array; num_batches_tracked: Array
    def __init__(
        self, num_features: int | None, eps: float = 1e-05, momentum: float | None = 0.1, affine: bool = True,
        track_running_stats: bool = True, process_group: Any = None, device: Device = None, dtype: DType = None, *,
        bias: bool = True, axis_name: str | tuple[str, ...] | None = None, weight: bool = True,
        data_format: str | None = None, axis_index_groups: Sequence[Sequence[int]] | None = None,
        **extra: Unpack[_Options]) -> None: ...

# Padding

class CircularPad1d(_OfOne):
    """Padding before and after the last dimension with the values from the other end."""
    padding: int | tuple[int, int]
    def __init__(self, padding: int | tuple[int, int], **extra: Unpack[_Options]) -> None: ...

class CircularPad2d(_OfOne):
    """Padding before and after the last two dimensions with the values from the other end."""
    padding: int | tuple[int, int, int, int]
    def __init__(self, padding: int | tuple[int, int, int, int], **extra: Unpack[_Options]) -> None: ...

class CircularPad3d(_OfOne):
    """Padding before and after the last three dimensions with the values from the other end."""
    padding: int | tuple[int, int, int, int, int, int]
    def __init__(self, padding: int | tuple[int, int, int, int, int, int], **extra: Unpack[_Options]) -> None: ...

class ConstantPad1d(_OfOne):
    """Padding before and after the last dimension with `value`."""
    padding: int | tuple[int, int]; value: float
    def __init__(self, padding: int | tuple[int, int], value: float, **extra: Unpack[_Options]) -> None: ...

class ConstantPad2d(_OfOne):
    """Padding before and after the last two dimensions with `value`."""
    padding: int | tuple[int, int, int, int]; value: float
    def __init__(
        self, padding: int | tuple[int, int, int, int], value: float, **extra: Unpack[_Options]) -> None: ...

class ConstantPad3d(_OfOne):
    """Padding before and after the last three dimensions with `value`."""
    padding: int | tuple[int, int, int, int, int, int]; value: float
    def __init__(
        self, padding: int | tuple[int, int, int, int, int, int], value: float, **extra: Unpack[_Options]
    ) -> None: ...

class ReflectionPad1d(_OfOne):
    """Padding before and after the last dimension with the values mirrored at the edge, without the edge itself."""
    padding: int | tuple[int, int]
    def __init__(self, padding: int | tuple[int, int], **extra: Unpack[_Options]) -> None: ...

class ReflectionPad2d(_OfOne):
    """Padding before and after the last two dimensions with the values mirrored at the edge, without the edge
    itself."""
    padding: int | tuple[int, int, int, int]
    def __init__(self, padding: int | tuple[int, int, int, int], **extra: Unpack[_Options]) -> None: ...

class ReflectionPad3d(_OfOne):
    """Padding before and after the last three dimensions with the values mirrored at the edge, without the edge
    itself."""
    padding: int | tuple[int, int, int, int, int, int]
    def __init__(self, padding: int | tuple[int, int, int, int, int, int], **extra: Unpack[_Options]) -> None: ...

class ReplicationPad1d(_OfOne):
    """Padding before and after the last dimension with the value at the edge."""
    padding: int | tuple[int, int]
    def __init__(self, padding: int | tuple[int, int], **extra: Unpack[_Options]) -> None: ...

class ReplicationPad2d(_OfOne):
    """Padding before and after the last two dimensions with the value at the edge."""
    padding: int | tuple[int, int, int, int]
    def __init__(self, padding: int | tuple[int, int, int, int], **extra: Unpack[_Options]) -> None: ...

class ReplicationPad3d(_OfOne):
    """Padding before and after the last three dimensions with the value at the edge."""
    padding: int | tuple[int, int, int, int, int, int]
    def __init__(self, padding: int | tuple[int, int, int, int, int, int], **extra: Unpack[_Options]) -> None: ...

class ZeroPad1d(_OfOne):
    """Padding before and after the last dimension with zeros."""
    padding: int | tuple[int, int]
    def __init__(self, padding: int | tuple[int, int], **extra: Unpack[_Options]) -> None: ...

class ZeroPad2d(_OfOne):
    """Padding before and after the last two dimensions with zeros."""
    padding: int | tuple[int, int, int, int]
    def __init__(self, padding: int | tuple[int, int, int, int], **extra: Unpack[_Options]) -> None: ...

class ZeroPad3d(_OfOne):
    """Padding before and after the last three dimensions with zeros."""
    padding: int | tuple[int, int, int, int, int, int]
    def __init__(self, padding: int | tuple[int, int, int, int, int, int], **extra: Unpack[_Options]) -> None: ...

# Pooling

class AvgPool1d(_OfOne):
    """The mean of each window of sequences."""
    kernel_size: int | tuple[int]; stride: int | tuple[int] | None; padding: int | tuple[int]; ceil_mode: bool
    count_include_pad: bool
    def __init__(
        self, kernel_size: int | tuple[int], stride: int | tuple[int] | None = None, padding: int | tuple[int] = 0,
        ceil_mode: bool = False, count_include_pad: bool = True, *, data_format: str | None = None,
        **extra: Unpack[_Options]) -> None: ...

class AvgPool2d(_OfOne):
    """The mean of each window of images."""
    kernel_size: int | tuple[int, int]; stride: int | tuple[int, int] | None; padding: int | tuple[int, int]
    ceil_mode: bool; count_include_pad: bool; divisor_override: int | None
    def __init__(
        self, kernel_size: int | tuple[int, int], stride: int | tuple[int, int] | None = None,
        padding: int | tuple[int, int] = 0, ceil_mode: bool = False, count_include_pad: bool = True,
        divisor_override: int | None = None, *, data_format: str | None = None, **extra: Unpack[_Options]
    ) -> None: ...

class AvgPool3d(_OfOne):
    """The mean of each window of volumes."""
    kernel_size: int | tuple[int, int, int]; stride: int | tuple[int, int, int] | None
    padding: int | tuple[int, int, int]; ceil_mode: bool; count_include_pad: bool; divisor_override: int | None
    def __init__(
        self, kernel_size: int | tuple[int, int, int], stride: int | tuple[int, int, int] | None = None,
        padding: int | tuple[int, int, int] = 0, ceil_mode: bool = False, count_include_pad: bool = True,
        divisor_override: int | None = None, *, data_format: str | None = None, **extra: Unpack[_Options]
    ) -> None: ...

class FractionalMaxPool2d(_Pool[_Indices]):
    """The largest value of each window of images; windows have one size, and the steps between them are random."""
    kernel_size: int | tuple[int, int]; output_size: int | tuple[int, int] | None
    output_ratio: float | tuple[float, float] | None
    def __init__(
        self, kernel_size: int | tuple[int, int], output_size: int | tuple[int, int] | None = None,
        output_ratio: float | tuple[float, float] | None = None, return_indices: _Indices = ...,
        _random_samples: ArrayLike | None = None, **extra: Unpack[_Options]) -> None: ...

class FractionalMaxPool3d(_Pool[_Indices]):
    """`FractionalMaxPool2d` for volumes."""
    kernel_size: int | tuple[int, int, int]; output_size: int | tuple[int, int, int] | None
    output_ratio: float | tuple[float, float, float] | None
    def __init__(
        self, kernel_size: int | tuple[int, int, int], output_size: int | tuple[int, int, int] | None = None,
        output_ratio: float | tuple[float, float, float] | None = None, return_indices: _Indices = ...,
        _random_samples: ArrayLike | None = None, **extra: Unpack[_Options]) -> None: ...

class LPPool1d(_OfOne):
    """The norm of each window of sequences: the `norm_type`-th root of the sum of its values' powers."""
    norm_type: float; kernel_size: int | tuple[int, ...]; stride: int | tuple[int, ...] | None; ceil_mode: bool
    def __init__(
        self, norm_type: float, kernel_size: int | tuple[int, ...], stride: int | tuple[int, ...] | None = None,
        ceil_mode: bool = False, *, data_format: str | None = None, **extra: Unpack[_Options]) -> None: ...

class LPPool2d(_OfOne):
    """The norm of each window of images: the `norm_type`-th root of the sum of its values' powers."""
    norm_type: float; kernel_size: int | tuple[int, ...]; stride: int | tuple[int, ...] | None; ceil_mode: bool
    def __init__(
        self, norm_type: float, kernel_size: int | tuple[int, ...], stride: int | tuple[int, ...] | None = None,
        ceil_mode: bool = False, *, data_format: str | None = None, **extra: Unpack[_Options]) -> None: ...

class LPPool3d(_OfOne):
    """The norm of each window of volumes: the `norm_type`-th root of the sum of its values' powers."""
    norm_type: float; kernel_size: int | tuple[int, ...]; stride: int | tuple[int, ...] | None; ceil_mode: bool
    def __init__(
        self, norm_type: float, kernel_size: int | tuple[int, ...], stride: int | tuple[int, ...] | None = None,
        ceil_mode: bool = False, *, data_format: str | None = None, **extra: Unpack[_Options]) -> None: ...

class MaxPool1d(_Pool[_Indices]):
    """The largest value of each window of sequences."""
    kernel_size: int | tuple[int, ...]; stride: int | tuple[int, ...] | None; padding: int | tuple[int, ...]
    dilation: int | tuple[int, ...]; ceil_mode: bool
    def __init__(
        self, kernel_size: int | tuple[int, ...], stride: int | tuple[int, ...] | None = None,
        padding: int | tuple[int, ...] = 0, dilation: int | tuple[int, ...] = 1, return_indices: _Indices = ...,
        ceil_mode: bool = False, *, data_format: str | None = None, **extra: Unpack[_Options]) -> None: ...

class MaxPool2d(_Pool[_Indices]):
    """The largest value of each window of images."""
    kernel_size: int | tuple[int, ...]; stride: int | tuple[int, ...] | None; padding: int | tuple[int, ...]
    dilation: int | tuple[int, ...]; ceil_mode: bool
    def __init__(
        self, kernel_size: int | tuple[int, ...], stride: int | tuple[int, ...] | None = None,
        padding: int | tuple[int, ...] = 0, dilation: int | tuple[int, ...] = 1, return_indices: _Indices = ...,
        ceil_mode: bool = False, *, data_format: str | None = None, **extra: Unpack[_Options]) -> None: ...

class MaxPool3d(_Pool[_Indices]):
    """The largest value of each window of volumes."""
    kernel_size: int | tuple[int, ...]; stride: int | tuple[int, ...] | None; padding: int | tuple[int, ...]
    dilation: int | tuple[int, ...]; ceil_mode: bool
    def __init__(
        self, kernel_size: int | tuple[int, ...], stride: int | tuple[int, ...] | None = None,
        padding: int | tuple[int, ...] = 0, dilation: int | tuple[int, ...] = 1, return_indices: _Indices = ...,
        ceil_mode: bool = False, *, data_format: str | None = None, **extra: Unpack[_Options]) -> None: ...

class MaxUnpool1d(Layer):
    """The values of `MaxPool1d` put back at their indices, with zeros elsewhere."""
    kernel_size: int | tuple[int]; stride: int | tuple[int] | None; padding: int | tuple[int]
    def __init__(
        self, kernel_size: int | tuple[int], stride: int | tuple[int] | None = None, padding: int | tuple[int] = 0,
        **extra: Unpack[_Options]) -> None: ...
    def __call__(self, input: ArrayT, indices: ArrayLike, output_size: Any = None) -> ArrayT: ...

class MaxUnpool2d(Layer):
    """The values of `MaxPool2d` put back at their indices, with zeros elsewhere."""
    kernel_size: int | tuple[int, int]; stride: int | tuple[int, int] | None; padding: int | tuple[int, int]
    def __init__(
        self, kernel_size: int | tuple[int, int], stride: int | tuple[int, int] | None = None,
        padding: int | tuple[int, int] = 0, **extra: Unpack[_Options]) -> None: ...
    def __call__(self, input: ArrayT, indices: ArrayLike, output_size: Any = None) -> ArrayT: ...

class MaxUnpool3d(Layer):
    """The values of `MaxPool3d` put back at their indices, with zeros elsewhere."""
    kernel_size: int | tuple[int, int, int]; stride: int | tuple[int, int, int] | None
    padding: int | tuple[int, int, int]
    def __init__(
        self, kernel_size: int | tuple[int, int, int], stride: int | tuple[int, int, int] | None = None,
        padding: int | tuple[int, int, int] = 0, **extra: Unpack[_Options]) -> None: ...
    def __call__(self, input: ArrayT, indices: ArrayLike, output_size: Any = None) -> ArrayT: ...

# Recurrent layers

class GRU(Layer):
    """Gated recurrent unit: gates decide how much of the old state is read, and how much is kept."""
    input_size: int; hidden_size: int; num_layers: int; bias: bool; batch_first: bool; dropout: float
    bidirectional: bool
    def __init__(
        self, input_size: int | None, hidden_size: int, num_layers: int = 1, bias: bool = True,
        batch_first: bool = False, dropout: float = 0.0, bidirectional: bool = False, device: Device = None,
        dtype: DType = None, **extra: Unpack[_Options]) -> None: ...
    @overload
    def __call__(self, input: ArrayT, hx: ArrayLike | None = None) -> tuple[ArrayT, ArrayT]: ...
    @overload
    def __call__(self, input: _Packed, hx: Any = None) -> tuple[_Packed, Any]: ...

class LSTM(Layer):
    """Long short-term memory: a cell state `c` that gates add to, keep and read."""
    input_size: int; hidden_size: int; num_layers: int; bias: bool; batch_first: bool; dropout: float
    bidirectional: bool; proj_size: int
    def __init__(
        self, input_size: int | None, hidden_size: int, num_layers: int = 1, bias: bool = True,
        batch_first: bool = False, dropout: float = 0.0, bidirectional: bool = False, proj_size: int = 0,
        device: Device = None, dtype: DType = None, **extra: Unpack[_Options]) -> None: ...
    @overload
    def __call__(
        self, input: ArrayT, hx: tuple[ArrayLike, ArrayLike] | None = None) -> tuple[ArrayT, tuple[ArrayT, ArrayT]]: ...
    @overload
    def __call__(self, input: _Packed, hx: Any = None) -> tuple[_Packed, Any]: ...

class RNN(Layer):
    """A plain recurrent network: `h[t] = tanh(x[t] @ W_ih.T + b_ih + h[t - 1] @ W_hh.T + b_hh)`."""
    input_size: int; hidden_size: int; num_layers: int; nonlinearity: str; bias: bool; batch_first: bool
    dropout: float; bidirectional: bool
    def __init__(
        self, input_size: int | None, hidden_size: int, num_layers: int = 1, nonlinearity: str = "tanh",
        bias: bool = True, batch_first: bool = False, dropout: float = 0.0, bidirectional: bool = False,
        device: Device = None, dtype: DType = None, **extra: Unpack[_Options]) -> None: ...
    @overload
    def __call__(self, input: ArrayT, hx: ArrayLike | None = None) -> tuple[ArrayT, ArrayT]: ...
    @overload
    def __call__(self, input: _Packed, hx: Any = None) -> tuple[_Packed, Any]: ...

class GRUCell(Layer):
    """One step of a `GRU`: the next state from an input and the state, zeros by default."""
    input_size: int; hidden_size: int; bias: bool; weight_ih: Array; weight_hh: Array; bias_ih: Array; bias_hh: Array
    def __init__(
        self, input_size: int | None, hidden_size: int, bias: bool = True, device: Device = None, dtype: DType = None,
        **extra: Unpack[_Options]) -> None: ...
    def __call__(self, input: ArrayT, hx: ArrayLike | None = None) -> ArrayT: ...

class LSTMCell(Layer):
    """One step of an `LSTM`: the next `(h, c)` from an input and `(h, c)`, zeros by default."""
    input_size: int; hidden_size: int; bias: bool; weight_ih: Array; weight_hh: Array; bias_ih: Array; bias_hh: Array
    def __init__(
        self, input_size: int | None, hidden_size: int, bias: bool = True, device: Device = None, dtype: DType = None,
        **extra: Unpack[_Options]) -> None: ...
    def __call__(self, input: ArrayT, hx: tuple[ArrayLike, ArrayLike] | None = None) -> tuple[ArrayT, ArrayT]: ...

class RNNCell(Layer):
    """One step of an `RNN`: the next state from an input and the state, zeros by default."""
    input_size: int; hidden_size: int; bias: bool; nonlinearity: str; weight_ih: Array; weight_hh: Array
    bias_ih: Array; bias_hh: Array
    def __init__(
        self, input_size: int | None, hidden_size: int, bias: bool = True, nonlinearity: str = "tanh",
        device: Device = None, dtype: DType = None, **extra: Unpack[_Options]) -> None: ...
    def __call__(self, input: ArrayT, hx: ArrayLike | None = None) -> ArrayT: ...

# Regression losses

class GaussianNLLLoss(Layer):
    """The negative log-likelihood of targets, from the mean (the input) and the variance of a normal distribution."""
    full: bool; eps: float; reduction: str
    def __init__(
        self, *, full: bool = False, eps: float = 1e-06, reduction: str = "mean", **extra: Unpack[_Options]
    ) -> None: ...
    def __call__(self, input: ArrayT, target: ArrayLike, var: ArrayLike | float) -> ArrayT: ...

class HuberLoss(_Loss):
    """Half the squared difference up to `delta`, and linear with slope `delta` beyond."""
    reduction: str; delta: float
    def __init__(self, reduction: str = "mean", delta: float = 1.0, **extra: Unpack[_Options]) -> None: ...

class L1Loss(_Loss):
    """The absolute difference of input and target."""
    reduction: str
    def __init__(
        self, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean",
        **extra: Unpack[_Options]) -> None: ...

class MSELoss(_Loss):
    """The squared difference of input and target."""
    reduction: str
    def __init__(
        self, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean",
        **extra: Unpack[_Options]) -> None: ...

class PoissonNLLLoss(Layer):
    """The negative log-likelihood of counts, from the rate of a Poisson distribution or its logarithm."""
    log_input: bool; full: bool; eps: float; reduction: str
    def __init__(
        self, log_input: bool = True, full: bool = False, size_average: bool | None = None, eps: float = 1e-08,
        reduce: bool | None = None, reduction: str = "mean", **extra: Unpack[_Options]) -> None: ...
    def __call__(self, log_input: ArrayT, target: ArrayLike) -> ArrayT: ...

class SmoothL1Loss(_Loss):
    """`HuberLoss(delta=beta)` divided by `beta`: its linear parts have slope 1 for every `beta`."""
    reduction: str; beta: float
    def __init__(
        self, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean", beta: float = 1.0,
        **extra: Unpack[_Options]) -> None: ...

# Sequence losses

class CTCLoss(Layer):
    """The negative log-probability of a target sequence, over all alignments to a longer input."""
    blank: int; reduction: str; zero_infinity: bool
    def __init__(
        self, blank: int = 0, reduction: str = "mean", zero_infinity: bool = False, **extra: Unpack[_Options]
    ) -> None: ...
    def __call__(self, log_probs: ArrayT, targets: ArrayLike, input_lengths: Any, target_lengths: Any) -> ArrayT: ...

# Reshaping

class Flatten(_OfOne):
    """The input with the dimensions from `start_dim` to `end_dim` flattened into one."""
    start_dim: int; end_dim: int
    def __init__(self, start_dim: int = 1, end_dim: int = -1, **extra: Unpack[_Options]) -> None: ...

class Identity(_OfOne):
    """The identity: a layer that returns its input."""
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...

class Unflatten(_OfOne):
    """The input with dimension `dim` split into several, of the sizes `unflattened_size`; one of them may be -1."""
    dim: int; unflattened_size: Sequence[int]
    def __init__(self, dim: int, unflattened_size: Sequence[int], **extra: Unpack[_Options]) -> None: ...

# Piecewise activations

class Hardshrink(_OfOne):
    """`x` outside the interval from `-lambd` to `lambd`, else zero."""
    lambd: float
    def __init__(self, lambd: float = 0.5, **extra: Unpack[_Options]) -> None: ...

class Hardsigmoid(_OfOne):
    """`x / 6 + 1 / 2`, clipped to 0 and 1."""
    inplace: bool
    def __init__(self, inplace: bool = False, **extra: Unpack[_Options]) -> None: ...

class Hardswish(_OfOne):
    """`x` multiplied by `Hardsigmoid` of `x`."""
    inplace: bool
    def __init__(self, inplace: bool = False, **extra: Unpack[_Options]) -> None: ...

class Hardtanh(_OfOne):
    """`x`, clipped to `min_val` and `max_val`."""
    min_val: float; max_val: float; inplace: bool
    def __init__(
        self, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False, min_value: float | None = None,
        max_value: float | None = None, **extra: Unpack[_Options]) -> None: ...

class RReLU(_OfOne):
    """`x` where it is positive, else `x` multiplied by a random slope."""
    lower: float; upper: float; inplace: bool
    def __init__(
        self, lower: float = 0.125, upper: float = 0.3333333333333333, inplace: bool = False,
        **extra: Unpack[_Options]) -> None: ...

class ReLU6(_OfOne):
    """`x`, clipped to 0 and 6."""
    inplace: bool
    def __init__(self, inplace: bool = False, **extra: Unpack[_Options]) -> None: ...

class Softshrink(_OfOne):
    """`x`, moved towards zero by `lambd`, but not past it."""
    lambd: float
    def __init__(self, lambd: float = 0.5, **extra: Unpack[_Options]) -> None: ...

class Threshold(_OfOne):
    """`x` where it exceeds `threshold`, else `value`."""
    threshold: float; value: float; inplace: bool
    def __init__(
        self, threshold: float, value: float, inplace: bool = False, **extra: Unpack[_Options]) -> None: ...

# Transformers

class Transformer(Layer):
    """An encoder, and a decoder that attends to the encoder's output."""
    d_model: int; nhead: int; batch_first: bool
    def __init__(
        self, d_model: int | None = 512, nhead: int = 8, num_encoder_layers: int = 6, num_decoder_layers: int = 6,
        dim_feedforward: int = 2048, dropout: float = 0.1, activation: str | Callable[[Any], Any] = "relu",
        custom_encoder: Layer | None = None, custom_decoder: Layer | None = None, layer_norm_eps: float = 1e-05,
        batch_first: bool = False, norm_first: bool = False, bias: bool = True, device: Device = None,
        dtype: DType = None, **extra: Unpack[_Options]) -> None: ...
    def __call__(
        self, src: ArrayT, tgt: ArrayLike, src_mask: ArrayLike | None = None, tgt_mask: ArrayLike | None = None,
        memory_mask: ArrayLike | None = None, src_key_padding_mask: ArrayLike | None = None,
        tgt_key_padding_mask: ArrayLike | None = None, memory_key_padding_mask: ArrayLike | None = None,
        src_is_causal: bool | None = None, tgt_is_causal: bool | None = None, memory_is_causal: bool = False
    ) -> ArrayT: ...
    def __getattr__(self, name: str) -> Any: ...

class TransformerDecoder(Layer):
    """`num_layers` copies of a decoder layer, one after the other, then an optional norm."""
    num_layers: int; norm: Layer | None
    def __init__(
        self, decoder_layer: TransformerDecoderLayer, num_layers: int, norm: Layer | None = None,
        **extra: Unpack[_Options]) -> None: ...
    def __call__(
        self, tgt: ArrayT, memory: ArrayLike, tgt_mask: ArrayLike | None = None, memory_mask: ArrayLike | None = None,
        tgt_key_padding_mask: ArrayLike | None = None, memory_key_padding_mask: ArrayLike | None = None,
        tgt_is_causal: bool | None = None, memory_is_causal: bool = False) -> ArrayT: ...
    def __getattr__(self, name: str) -> Any: ...

class TransformerDecoderLayer(Layer):
    """Self-attention, attention to an encoder's output, and a feed-forward network, each with a residual and a norm."""
    dropout: float; activation: str | Callable[[Any], Any]; norm_first: bool
    def __init__(
        self, d_model: int | None, nhead: int, dim_feedforward: int = 2048, dropout: float = 0.1,
        activation: str | Callable[[Any], Any] = "relu", layer_norm_eps: float = 1e-05, batch_first: bool = False,
        norm_first: bool = False, bias: bool = True, device: Device = None, dtype: DType = None,
        **extra: Unpack[_Options]) -> None: ...
    def __call__(
        self, tgt: ArrayT, memory: ArrayLike, tgt_mask: ArrayLike | None = None, memory_mask: ArrayLike | None = None,
        tgt_key_padding_mask: ArrayLike | None = None, memory_key_padding_mask: ArrayLike | None = None,
        tgt_is_causal: bool = False, memory_is_causal: bool = False) -> ArrayT: ...
    def __getattr__(self, name: str) -> Any: ...

class TransformerEncoder(Layer):
    """`num_layers` copies of an encoder layer, one after the other, then an optional norm."""
    num_layers: int; norm: Layer | None; enable_nested_tensor: bool; mask_check: bool
    def __init__(
        self, encoder_layer: TransformerEncoderLayer, num_layers: int, norm: Layer | None = None,
        enable_nested_tensor: bool = True, mask_check: bool = True, **extra: Unpack[_Options]) -> None: ...
    def __call__(
        self, src: ArrayT, mask: ArrayLike | None = None, src_key_padding_mask: ArrayLike | None = None,
        is_causal: bool | None = None) -> ArrayT: ...
    def __getattr__(self, name: str) -> Any: ...

class TransformerEncoderLayer(Layer):
    """Self-attention and a feed-forward network of two linear layers, each with a residual and a layer norm."""
    dropout: float; activation: str | Callable[[Any], Any]; norm_first: bool
    def __init__(
        self, d_model: int | None, nhead: int, dim_feedforward: int = 2048, dropout: float = 0.1,
        activation: str | Callable[[Any], Any] = "relu", layer_norm_eps: float = 1e-05, batch_first: bool = False,
        norm_first: bool = False, bias: bool = True, device: Device = None, dtype: DType = None,
        **extra: Unpack[_Options]) -> None: ...
    def __call__(
        self, src: ArrayT, src_mask: ArrayLike | None = None, src_key_padding_mask: ArrayLike | None = None,
        is_causal: bool = False) -> ArrayT: ...
    def __getattr__(self, name: str) -> Any: ...

# Upsampling

class Upsample(_OfOne):
    """The input with all dimensions after the channels resized, to larger or smaller sizes."""
    size: int | tuple[int, ...] | None; scale_factor: float | tuple[float, ...] | None; mode: str
    align_corners: bool | None; recompute_scale_factor: bool | None
    def __init__(
        self, size: int | tuple[int, ...] | None = None, scale_factor: float | tuple[float, ...] | None = None,
        mode: str = "nearest", align_corners: bool | None = None, recompute_scale_factor: bool | None = None, *,
        data_format: str | None = None, **extra: Unpack[_Options]) -> None: ...

class UpsamplingBilinear2d(_OfOne):
    """`Upsample(mode="bilinear", align_corners=True)` for images."""
    size: int | tuple[int, int] | None; scale_factor: float | tuple[float, float] | None
    def __init__(
        self, size: int | tuple[int, int] | None = None, scale_factor: float | tuple[float, float] | None = None, *,
        data_format: str | None = None, **extra: Unpack[_Options]) -> None: ...

class UpsamplingNearest2d(_OfOne):
    """`Upsample(mode="nearest")` for images."""
    size: int | tuple[int, int] | None; scale_factor: float | tuple[float, float] | None
    def __init__(
        self, size: int | tuple[int, int] | None = None, scale_factor: float | tuple[float, float] | None = None, *,
        data_format: str | None = None, **extra: Unpack[_Options]) -> None: ...

__all__ = [
    "AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveAvgPool3d", "AdaptiveLogSoftmaxWithLoss", "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d", "AdaptiveMaxPool3d", "AlphaDropout", "AvgPool1d", "AvgPool2d", "AvgPool3d", "BCELoss",
    "BCEWithLogitsLoss", "BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "Bilinear", "CELU", "CTCLoss", "ChannelShuffle",
    "CircularPad1d", "CircularPad2d", "CircularPad3d", "ConstantPad1d", "ConstantPad2d", "ConstantPad3d", "Conv1d",
    "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d", "CosineEmbeddingLoss",
    "CosineSimilarity", "CrossEntropyLoss", "CrossMapLRN2d", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "ELU",
    "Embedding", "EmbeddingBag", "FeatureAlphaDropout", "Flatten", "Fold", "FractionalMaxPool2d",
    "FractionalMaxPool3d", "GELU", "GLU", "GRU", "GRUCell", "GaussianNLLLoss", "GroupNorm", "Hardshrink",
    "Hardsigmoid", "Hardswish", "Hardtanh", "HingeEmbeddingLoss", "HuberLoss", "Identity", "InstanceNorm1d",
    "InstanceNorm2d", "InstanceNorm3d", "KLDivLoss", "L1Loss", "LPPool1d", "LPPool2d", "LPPool3d", "LSTM", "LSTMCell",
    "LayerNorm", "LazyBatchNorm1d", "LazyBatchNorm2d", "LazyBatchNorm3d", "LazyConv1d", "LazyConv2d", "LazyConv3d",
    "LazyConvTranspose1d", "LazyConvTranspose2d", "LazyConvTranspose3d", "LazyInstanceNorm1d", "LazyInstanceNorm2d",
    "LazyInstanceNorm3d", "LazyLinear", "LeakyReLU", "Linear", "LinearCrossEntropyLoss", "LocalResponseNorm",
    "LogSigmoid", "LogSoftmax", "MSELoss", "MarginRankingLoss", "MaxPool1d", "MaxPool2d", "MaxPool3d", "MaxUnpool1d",
    "MaxUnpool2d", "MaxUnpool3d", "Mish", "MultiLabelMarginLoss", "MultiLabelSoftMarginLoss", "MultiMarginLoss",
    "MultiheadAttention", "NLLLoss", "PReLU", "PairwiseDistance", "PixelShuffle", "PixelUnshuffle", "PoissonNLLLoss",
    "RMSNorm", "RNN", "RNNCell", "RReLU", "ReLU", "ReLU6", "ReflectionPad1d", "ReflectionPad2d", "ReflectionPad3d",
    "ReplicationPad1d", "ReplicationPad2d", "ReplicationPad3d", "SELU", "SiLU", "Sigmoid", "SmoothL1Loss",
    "SoftMarginLoss", "Softmax", "Softmax2d", "Softmin", "Softplus", "Softshrink", "Softsign", "SyncBatchNorm", "Tanh",
    "Tanhshrink", "Threshold", "Transformer", "TransformerDecoder", "TransformerDecoderLayer", "TransformerEncoder",
    "TransformerEncoderLayer", "TripletMarginLoss", "TripletMarginWithDistanceLoss", "Unflatten", "Unfold", "Upsample",
    "UpsamplingBilinear2d", "UpsamplingNearest2d", "ZeroPad1d", "ZeroPad2d", "ZeroPad3d",
]
