# What type checkers see of the layers with explicit params. Written by `make generate`.

# fmt: off
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from unified.core.annotations import ArrayLike, ArrayT, Device, DType, LayerInitFn, Metadata
from unified.core.params import Params
from unified.explicit.graph import Graph
from unified.explicit.layer import LayerModule
from unified.explicit.rng import Rng

class _Output(NamedTuple):
    output: Any
    loss: Any

OTHERS: tuple[str, ...]

# Activations

class CELU(LayerModule):
    """`x` above zero, else `alpha * (exp(x / alpha) - 1)`, whose slope is continuous."""
    def __init__(
        self, graph: Graph, alpha: float = 1.0, inplace: bool = False, *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class ELU(LayerModule):
    """`x` above zero, else `alpha * (exp(x) - 1)`."""
    def __init__(
        self, graph: Graph, alpha: float = 1.0, inplace: bool = False, *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class GELU(LayerModule):
    """`x` times the probability that a standard normal value is below it."""
    def __init__(
        self, graph: Graph, approximate: str = "none", *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class GLU(LayerModule):
    """The first half along `dim`, multiplied by the sigmoid of the second half."""
    def __init__(
        self, graph: Graph, dim: int = -1, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class SELU(LayerModule):
    """`ELU` with the two constants, `alpha` and a scale, that preserve mean 0 and variance 1."""
    def __init__(
        self, graph: Graph, inplace: bool = False, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class LeakyReLU(LayerModule):
    """`x` where it is positive, else `negative_slope * x`."""
    def __init__(
        self, graph: Graph, negative_slope: float = 0.01, inplace: bool = False, *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class LogSigmoid(LayerModule):
    """`log(sigmoid(x))`, computed without underflow."""
    def __init__(
        self, graph: Graph, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class LogSoftmax(LayerModule):
    """The logarithm of `Softmax`, computed without overflow."""
    def __init__(
        self, graph: Graph, dim: int | None = None, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Mish(LayerModule):
    """`x * tanh(softplus(x))`."""
    def __init__(
        self, graph: Graph, inplace: bool = False, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class PReLU(LayerModule):
    """`x` where it is positive, else `x` multiplied by a trained slope."""
    def __init__(
        self, graph: Graph, num_parameters: int = 1, init: float = 0.25, device: Device = None, dtype: DType = None, *,
        data_format: str | None = None, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class ReLU(LayerModule):
    """`max(x, 0)`."""
    def __init__(
        self, graph: Graph, inplace: bool = False, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class SiLU(LayerModule):
    """`x * sigmoid(x)`, also called swish."""
    def __init__(
        self, graph: Graph, inplace: bool = False, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Sigmoid(LayerModule):
    """`1 / (1 + exp(-x))`."""
    def __init__(
        self, graph: Graph, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Softmax(LayerModule):
    """`exp(x)`, scaled to sum to 1 along a dimension."""
    def __init__(
        self, graph: Graph, dim: int | None = None, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Softmax2d(LayerModule):
    """`Softmax` over the channels of images."""
    def __init__(
        self, graph: Graph, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Softmin(LayerModule):
    """`Softmax` of the negated input."""
    def __init__(
        self, graph: Graph, dim: int | None = None, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Softplus(LayerModule):
    """`log(1 + exp(beta * x)) / beta`, and `x` itself where `beta * x` exceeds `threshold`."""
    def __init__(
        self, graph: Graph, beta: float = 1.0, threshold: float = 20.0, *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Softsign(LayerModule):
    """`x / (1 + |x|)`."""
    def __init__(
        self, graph: Graph, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Tanh(LayerModule):
    """The hyperbolic tangent."""
    def __init__(
        self, graph: Graph, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Tanhshrink(LayerModule):
    """`x - tanh(x)`."""
    def __init__(
        self, graph: Graph, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

# Adaptive pooling

class AdaptiveAvgPool1d(LayerModule):
    """The mean of each of `output_size` windows that cover sequences evenly."""
    def __init__(
        self, graph: Graph, output_size: int | tuple[int | None, ...] | None, *, data_format: str | None = None,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class AdaptiveAvgPool2d(LayerModule):
    """The mean of each of `output_size` windows that cover images evenly."""
    def __init__(
        self, graph: Graph, output_size: int | tuple[int | None, ...] | None, *, data_format: str | None = None,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class AdaptiveAvgPool3d(LayerModule):
    """The mean of each of `output_size` windows that cover volumes evenly."""
    def __init__(
        self, graph: Graph, output_size: int | tuple[int | None, ...] | None, *, data_format: str | None = None,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class AdaptiveMaxPool1d(LayerModule):
    """The largest value of each of `output_size` windows that cover sequences evenly."""
    def __init__(
        self, graph: Graph, output_size: int | tuple[int | None, ...] | None, return_indices: bool = False, *,
        data_format: str | None = None, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[Any, Params]: ...

class AdaptiveMaxPool2d(LayerModule):
    """The largest value of each of `output_size` windows that cover images evenly."""
    def __init__(
        self, graph: Graph, output_size: int | tuple[int | None, ...] | None, return_indices: bool = False, *,
        data_format: str | None = None, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[Any, Params]: ...

class AdaptiveMaxPool3d(LayerModule):
    """The largest value of each of `output_size` windows that cover volumes evenly."""
    def __init__(
        self, graph: Graph, output_size: int | tuple[int | None, ...] | None, return_indices: bool = False, *,
        data_format: str | None = None, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[Any, Params]: ...

# Adaptive softmax

class AdaptiveLogSoftmaxWithLoss(LayerModule):
    """The log-probability of the target under a softmax whose rare classes are grouped into clusters."""
    def __init__(
        self, graph: Graph, in_features: int, n_classes: int, cutoffs: Sequence[int], div_value: float = 4.0,
        head_bias: bool = False, device: Device = None, dtype: DType = None, *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input_: ArrayT, target_: ArrayLike, *, is_training: bool = False
    ) -> tuple[_Output, Params]: ...

# Attention

class MultiheadAttention(LayerModule):
    """Multi-head attention: scaled dot-product attention in `num_heads` parts of linear projections of the features."""
    def __init__(
        self, graph: Graph, embed_dim: int | None, num_heads: int, dropout: float = 0.0, bias: bool = True,
        add_bias_kv: bool = False, add_zero_attn: bool = False, kdim: int | None = None, vdim: int | None = None,
        batch_first: bool = False, device: Device = None, dtype: DType = None, *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, query: ArrayT, key: ArrayLike, value: ArrayLike,
        key_padding_mask: ArrayLike | None = None, need_weights: bool = True, attn_mask: ArrayLike | None = None,
        average_attn_weights: bool = True, is_causal: bool = False, *, is_training: bool = False
    ) -> tuple[tuple[ArrayT, ArrayT | None], Params]: ...

# Classification losses

class BCELoss(LayerModule):
    """The negative log-probability of binary targets, from probabilities; logarithms are at least -100."""
    def __init__(
        self, graph: Graph, weight: ArrayLike | None = None, size_average: bool | None = None,
        reduce: bool | None = None, reduction: str = "mean", *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, target: ArrayLike, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class BCEWithLogitsLoss(LayerModule):
    """The negative log-probability of binary targets, from logits."""
    def __init__(
        self, graph: Graph, weight: ArrayLike | None = None, size_average: bool | None = None,
        reduce: bool | None = None, reduction: str = "mean", pos_weight: ArrayLike | None = None, *,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, target: ArrayLike, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class CrossEntropyLoss(LayerModule):
    """The negative log-probability of the target, from the logits of the classes."""
    def __init__(
        self, graph: Graph, weight: ArrayLike | None = None, size_average: bool | None = None, ignore_index: int = -100,
        reduce: bool | None = None, reduction: str = "mean", label_smoothing: float = 0.0, *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, target: ArrayLike, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class KLDivLoss(LayerModule):
    """The Kullback-Leibler divergence of the target from the input, which holds log-probabilities."""
    def __init__(
        self, graph: Graph, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean",
        log_target: bool = False, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, target: ArrayLike, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class LinearCrossEntropyLoss(LayerModule):
    """A `Linear` layer that computes the logits of the classes, and their cross-entropy."""
    def __init__(
        self, graph: Graph, in_features: int, num_classes: int, *, out_features: tuple[int, ...] = (),
        bias: bool = False, device: Device = None, dtype: DType = None, reduction: str = "mean",
        weight: ArrayLike | None = None, ignore_index: int | None = None, label_smoothing: float = 0.0,
        options: Any = None, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, target: ArrayLike, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class NLLLoss(LayerModule):
    """The negative input at the target, from the log-probabilities of the classes; `CrossEntropyLoss` takes logits."""
    def __init__(
        self, graph: Graph, weight: ArrayLike | None = None, size_average: bool | None = None, ignore_index: int = -100,
        reduce: bool | None = None, reduction: str = "mean", *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, target: ArrayLike, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

# Containers

class Sequential(LayerModule):
    """A chain of layers: each is called with the output of the one before it."""
    def __init__(
        self, graph: Graph, *args: LayerModule | Mapping[str, LayerModule], rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[Any, Params]: ...

# Convolutions

class Conv1d(LayerModule):
    """Cross-correlation along one dimension, with a bias."""
    def __init__(
        self, graph: Graph, in_channels: int | None, out_channels: int, kernel_size: int | tuple[int],
        stride: int | tuple[int] = 1, padding: str | int | tuple[int] = 0, dilation: int | tuple[int] = 1,
        groups: int = 1, bias: bool = True, padding_mode: str = "zeros", device: Device = None, dtype: DType = None, *,
        data_format: str | None = None, input_dilation: int | Sequence[int] = 1, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Conv2d(LayerModule):
    """Cross-correlation along two dimensions, with a bias."""
    def __init__(
        self, graph: Graph, in_channels: int | None, out_channels: int, kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1, padding: str | int | tuple[int, int] = 0,
        dilation: int | tuple[int, int] = 1, groups: int = 1, bias: bool = True, padding_mode: str = "zeros",
        device: Device = None, dtype: DType = None, *, data_format: str | None = None,
        input_dilation: int | Sequence[int] = 1, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Conv3d(LayerModule):
    """Cross-correlation along three dimensions, with a bias."""
    def __init__(
        self, graph: Graph, in_channels: int | None, out_channels: int, kernel_size: int | tuple[int, int, int],
        stride: int | tuple[int, int, int] = 1, padding: str | int | tuple[int, int, int] = 0,
        dilation: int | tuple[int, int, int] = 1, groups: int = 1, bias: bool = True, padding_mode: str = "zeros",
        device: Device = None, dtype: DType = None, *, data_format: str | None = None,
        input_dilation: int | Sequence[int] = 1, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

# Transposed convolutions

class ConvTranspose1d(LayerModule):
    """The gradient of `Conv1d` with respect to its input, as a layer: each value of the input spreads over a kernel."""
    def __init__(
        self, graph: Graph, in_channels: int | None, out_channels: int, kernel_size: int | tuple[int],
        stride: int | tuple[int] = 1, padding: int | tuple[int] = 0, output_padding: int | tuple[int] = 0,
        groups: int = 1, bias: bool = True, dilation: int | tuple[int] = 1, padding_mode: str = "zeros",
        device: Device = None, dtype: DType = None, *, data_format: str | None = None, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, output_size: Sequence[int] | None = None, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class ConvTranspose2d(LayerModule):
    """The gradient of `Conv2d` with respect to its input, as a layer."""
    def __init__(
        self, graph: Graph, in_channels: int | None, out_channels: int, kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1, padding: int | tuple[int, int] = 0,
        output_padding: int | tuple[int, int] = 0, groups: int = 1, bias: bool = True,
        dilation: int | tuple[int, int] = 1, padding_mode: str = "zeros", device: Device = None, dtype: DType = None, *,
        data_format: str | None = None, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, output_size: Sequence[int] | None = None, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class ConvTranspose3d(LayerModule):
    """The gradient of `Conv3d` with respect to its input, as a layer."""
    def __init__(
        self, graph: Graph, in_channels: int | None, out_channels: int, kernel_size: int | tuple[int, int, int],
        stride: int | tuple[int, int, int] = 1, padding: int | tuple[int, int, int] = 0,
        output_padding: int | tuple[int, int, int] = 0, groups: int = 1, bias: bool = True,
        dilation: int | tuple[int, int, int] = 1, padding_mode: str = "zeros", device: Device = None,
        dtype: DType = None, *, data_format: str | None = None, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, output_size: Sequence[int] | None = None, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

# Distances and similarities

class CosineSimilarity(LayerModule):
    """The cosine of the angle between two vectors."""
    def __init__(
        self, graph: Graph, dim: int = 1, eps: float = 1e-08, *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, x1: ArrayT, x2: ArrayLike, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class PairwiseDistance(LayerModule):
    """The `p`-norm of the difference of two vectors."""
    def __init__(
        self, graph: Graph, p: float = 2.0, eps: float = 1e-06, keepdim: bool = False, *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, x1: ArrayT, x2: ArrayLike, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

# Dropout

class AlphaDropout(LayerModule):
    """Dropout for SELU networks: in training, each value is set to the lower limit of SELU with probability `p`."""
    def __init__(
        self, graph: Graph, p: float = 0.5, inplace: bool = False, *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Dropout(LayerModule):
    """Dropout: in training, each value is zeroed with probability `p`, and divided by `1 - p` otherwise."""
    def __init__(
        self, graph: Graph, p: float = 0.5, inplace: bool = False, *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Dropout1d(LayerModule):
    """Channel dropout: in training, each channel is zeroed with probability `p`, and divided by `1 - p` otherwise."""
    def __init__(
        self, graph: Graph, p: float = 0.5, inplace: bool = False, *, data_format: str | None = None,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Dropout2d(LayerModule):
    """Channel dropout: in training, each channel is zeroed with probability `p`, and divided by `1 - p` otherwise."""
    def __init__(
        self, graph: Graph, p: float = 0.5, inplace: bool = False, *, data_format: str | None = None,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Dropout3d(LayerModule):
    """Channel dropout: in training, each channel is zeroed with probability `p`, and divided by `1 - p` otherwise."""
    def __init__(
        self, graph: Graph, p: float = 0.5, inplace: bool = False, *, data_format: str | None = None,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class FeatureAlphaDropout(LayerModule):
    """`AlphaDropout` of whole channels."""
    def __init__(
        self, graph: Graph, p: float = 0.5, inplace: bool = False, *, data_format: str | None = None,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

# Embeddings

class Embedding(LayerModule):
    """The row of a table for each integer of the input."""
    def __init__(
        self, graph: Graph, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None,
        max_norm: float | None = None, norm_type: float = 2.0, scale_grad_by_freq: bool = False, sparse: bool = False,
        _weight: ArrayLike | None = None, _freeze: bool = False, device: Device = None, dtype: DType = None, *,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...
    def attend(self, params: Params, input: ArrayT) -> tuple[ArrayT, Params]: ...

class EmbeddingBag(LayerModule):
    """The sum, mean or maximum of the rows for each bag of integers."""
    def __init__(
        self, graph: Graph, num_embeddings: int, embedding_dim: int, max_norm: float | None = None,
        norm_type: float = 2.0, scale_grad_by_freq: bool = False, mode: str = "mean", sparse: bool = False,
        _weight: ArrayLike | None = None, include_last_offset: bool = False, padding_idx: int | None = None,
        device: Device = None, dtype: DType = None, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, offsets: ArrayLike | None = None,
        per_sample_weights: ArrayLike | None = None, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

# Folding and shuffling

class ChannelShuffle(LayerModule):
    """The channels reordered: the first of each of `groups` groups, then the second of each, ..."""
    def __init__(
        self, graph: Graph, groups: int, *, data_format: str | None = None, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Fold(LayerModule):
    """The sum of windows, the columns of the input, at the places where `Unfold` reads them."""
    def __init__(
        self, graph: Graph, output_size: int | tuple[int, ...], kernel_size: int | tuple[int, ...],
        dilation: int | tuple[int, ...] = 1, padding: int | tuple[int, ...] = 0, stride: int | tuple[int, ...] = 1, *,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class PixelShuffle(LayerModule):
    """A larger image, by `upscale_factor` in height and width, whose pixels come from the channels."""
    def __init__(
        self, graph: Graph, upscale_factor: int, *, data_format: str | None = None, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class PixelUnshuffle(LayerModule):
    """A smaller image, by `downscale_factor`, whose pixels become channels: the inverse of `PixelShuffle`."""
    def __init__(
        self, graph: Graph, downscale_factor: int, *, data_format: str | None = None, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Unfold(LayerModule):
    """All sliding windows of an image, as columns."""
    def __init__(
        self, graph: Graph, kernel_size: int | tuple[int, ...], dilation: int | tuple[int, ...] = 1,
        padding: int | tuple[int, ...] = 0, stride: int | tuple[int, ...] = 1, *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

# Group, instance, RMS and local response normalisation

class CrossMapLRN2d(LayerModule):
    """`LocalResponseNorm` for images, as torch's older layer computes it; prefer `LocalResponseNorm`."""
    def __init__(
        self, graph: Graph, size: int, alpha: float = 0.0001, beta: float = 0.75, k: float = 1, *,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class GroupNorm(LayerModule):
    """Normalisation of each sample over groups of channels, then a scale and a shift of each channel."""
    def __init__(
        self, graph: Graph, num_groups: int, num_channels: int | None, eps: float = 1e-05, affine: bool = True,
        device: Device = None, dtype: DType = None, *, bias: bool = True, weight: bool = True,
        data_format: str | None = None, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class InstanceNorm1d(LayerModule):
    """Normalisation of each channel of each sample, then a scale and a shift if `affine`."""
    def __init__(
        self, graph: Graph, num_features: int | None, eps: float = 1e-05, momentum: float = 0.1, affine: bool = False,
        track_running_stats: bool = False, device: Device = None, dtype: DType = None, *, bias: bool = True,
        weight: bool = True, data_format: str | None = None, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class InstanceNorm2d(LayerModule):
    """Normalisation of each channel of each image."""
    def __init__(
        self, graph: Graph, num_features: int | None, eps: float = 1e-05, momentum: float = 0.1, affine: bool = False,
        track_running_stats: bool = False, device: Device = None, dtype: DType = None, *, bias: bool = True,
        weight: bool = True, data_format: str | None = None, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class InstanceNorm3d(LayerModule):
    """Normalisation of each channel of each volume."""
    def __init__(
        self, graph: Graph, num_features: int | None, eps: float = 1e-05, momentum: float = 0.1, affine: bool = False,
        track_running_stats: bool = False, device: Device = None, dtype: DType = None, *, bias: bool = True,
        weight: bool = True, data_format: str | None = None, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class LocalResponseNorm(LayerModule):
    """Division of each value by `(k + alpha * mean) ** beta`, with the mean square of `size` neighbouring channels."""
    def __init__(
        self, graph: Graph, size: int, alpha: float = 0.0001, beta: float = 0.75, k: float = 1.0, *,
        data_format: str | None = None, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class RMSNorm(LayerModule):
    """Division by the root mean square over the last dimensions, then a scale."""
    def __init__(
        self, graph: Graph, normalized_shape: int | Sequence[int] | None, eps: float | None = None,
        elementwise_affine: bool = True, device: Device = None, dtype: DType = None, *,
        axis_name: str | tuple[str, ...] | None = None, axis_index_groups: Sequence[Sequence[int]] | None = None,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

# Lazy layers

class LazyBatchNorm1d(LayerModule):
    """`BatchNorm1d(None, ...)`, which takes `num_features` from the first input."""
    def __init__(
        self, graph: Graph, eps: float = 1e-05, momentum: float | None = 0.1, affine: bool = True,
        track_running_stats: bool = True, device: Device = None, dtype: DType = None, *, bias: bool = True,
        axis_name: str | tuple[str, ...] | None = None, weight: bool = True, data_format: str | None = None,
        axis_index_groups: Sequence[Sequence[int]] | None = None, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class LazyBatchNorm2d(LayerModule):
    """`BatchNorm2d(None, ...)`, which takes `num_features` from the first input."""
    def __init__(
        self, graph: Graph, eps: float = 1e-05, momentum: float | None = 0.1, affine: bool = True,
        track_running_stats: bool = True, device: Device = None, dtype: DType = None, *, bias: bool = True,
        axis_name: str | tuple[str, ...] | None = None, weight: bool = True, data_format: str | None = None,
        axis_index_groups: Sequence[Sequence[int]] | None = None, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class LazyBatchNorm3d(LayerModule):
    """`BatchNorm3d(None, ...)`, which takes `num_features` from the first input."""
    def __init__(
        self, graph: Graph, eps: float = 1e-05, momentum: float | None = 0.1, affine: bool = True,
        track_running_stats: bool = True, device: Device = None, dtype: DType = None, *, bias: bool = True,
        axis_name: str | tuple[str, ...] | None = None, weight: bool = True, data_format: str | None = None,
        axis_index_groups: Sequence[Sequence[int]] | None = None, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class LazyConv1d(LayerModule):
    """`Conv1d(None, ...)`, which takes `in_channels` from the first input."""
    def __init__(
        self, graph: Graph, out_channels: int, kernel_size: int | tuple[int], stride: int | tuple[int] = 1,
        padding: str | int | tuple[int] = 0, dilation: int | tuple[int] = 1, groups: int = 1, bias: bool = True,
        padding_mode: str = "zeros", device: Device = None, dtype: DType = None, *, data_format: str | None = None,
        input_dilation: int | Sequence[int] = 1, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class LazyConv2d(LayerModule):
    """`Conv2d(None, ...)`, which takes `in_channels` from the first input."""
    def __init__(
        self, graph: Graph, out_channels: int, kernel_size: int | tuple[int, int], stride: int | tuple[int, int] = 1,
        padding: str | int | tuple[int, int] = 0, dilation: int | tuple[int, int] = 1, groups: int = 1,
        bias: bool = True, padding_mode: str = "zeros", device: Device = None, dtype: DType = None, *,
        data_format: str | None = None, input_dilation: int | Sequence[int] = 1, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class LazyConv3d(LayerModule):
    """`Conv3d(None, ...)`, which takes `in_channels` from the first input."""
    def __init__(
        self, graph: Graph, out_channels: int, kernel_size: int | tuple[int, int, int],
        stride: int | tuple[int, int, int] = 1, padding: str | int | tuple[int, int, int] = 0,
        dilation: int | tuple[int, int, int] = 1, groups: int = 1, bias: bool = True, padding_mode: str = "zeros",
        device: Device = None, dtype: DType = None, *, data_format: str | None = None,
        input_dilation: int | Sequence[int] = 1, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class LazyConvTranspose1d(LayerModule):
    """`ConvTranspose1d(None, ...)`, which takes `in_channels` from the first input."""
    def __init__(
        self, graph: Graph, out_channels: int, kernel_size: int | tuple[int], stride: int | tuple[int] = 1,
        padding: int | tuple[int] = 0, output_padding: int | tuple[int] = 0, groups: int = 1, bias: bool = True,
        dilation: int | tuple[int] = 1, padding_mode: str = "zeros", device: Device = None, dtype: DType = None, *,
        data_format: str | None = None, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, output_size: Sequence[int] | None = None, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class LazyConvTranspose2d(LayerModule):
    """`ConvTranspose2d(None, ...)`, which takes `in_channels` from the first input."""
    def __init__(
        self, graph: Graph, out_channels: int, kernel_size: int | tuple[int, int], stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] = 0, output_padding: int | tuple[int, int] = 0, groups: int = 1,
        bias: bool = True, dilation: int | tuple[int, int] = 1, padding_mode: str = "zeros", device: Device = None,
        dtype: DType = None, *, data_format: str | None = None, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, output_size: Sequence[int] | None = None, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class LazyConvTranspose3d(LayerModule):
    """`ConvTranspose3d(None, ...)`, which takes `in_channels` from the first input."""
    def __init__(
        self, graph: Graph, out_channels: int, kernel_size: int | tuple[int, int, int],
        stride: int | tuple[int, int, int] = 1, padding: int | tuple[int, int, int] = 0,
        output_padding: int | tuple[int, int, int] = 0, groups: int = 1, bias: bool = True,
        dilation: int | tuple[int, int, int] = 1, padding_mode: str = "zeros", device: Device = None,
        dtype: DType = None, *, data_format: str | None = None, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, output_size: Sequence[int] | None = None, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class LazyInstanceNorm1d(LayerModule):
    """`InstanceNorm1d(None, ...)`, which takes `num_features` from the first input."""
    def __init__(
        self, graph: Graph, eps: float = 1e-05, momentum: float = 0.1, affine: bool = True,
        track_running_stats: bool = True, device: Device = None, dtype: DType = None, *, bias: bool = True,
        weight: bool = True, data_format: str | None = None, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class LazyInstanceNorm2d(LayerModule):
    """`InstanceNorm2d(None, ...)`, which takes `num_features` from the first input."""
    def __init__(
        self, graph: Graph, eps: float = 1e-05, momentum: float = 0.1, affine: bool = True,
        track_running_stats: bool = True, device: Device = None, dtype: DType = None, *, bias: bool = True,
        weight: bool = True, data_format: str | None = None, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class LazyInstanceNorm3d(LayerModule):
    """`InstanceNorm3d(None, ...)`, which takes `num_features` from the first input."""
    def __init__(
        self, graph: Graph, eps: float = 1e-05, momentum: float = 0.1, affine: bool = True,
        track_running_stats: bool = True, device: Device = None, dtype: DType = None, *, bias: bool = True,
        weight: bool = True, data_format: str | None = None, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class LazyLinear(LayerModule):
    """`Linear(None, ...)`, which takes `in_features` from the first input."""
    def __init__(
        self, graph: Graph, out_features: int, bias: bool = True, device: Device = None, dtype: DType = None, *,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

# Linear layers

class Bilinear(LayerModule):
    """`y[o] = x1 @ weight[o] @ x2 + bias[o]` on the last dimensions of two inputs."""
    def __init__(
        self, graph: Graph, in1_features: int | None, in2_features: int | None, out_features: int, bias: bool = True,
        device: Device = None, dtype: DType = None, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input1: ArrayT, input2: ArrayLike, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class Linear(LayerModule):
    """`y = x @ weight.T + bias` on the last dimension."""
    def __init__(
        self, graph: Graph, in_features: int | None, out_features: int, bias: bool = True, device: Device = None,
        dtype: DType = None, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

# Margin losses

class CosineEmbeddingLoss(LayerModule):
    """`1 - cosine` of two similar vectors, and `max(0, cosine - margin)` of two dissimilar ones."""
    def __init__(
        self, graph: Graph, margin: float = 0.0, size_average: bool | None = None, reduce: bool | None = None,
        reduction: str = "mean", *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input1: ArrayT, input2: ArrayLike, target: ArrayLike, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class HingeEmbeddingLoss(LayerModule):
    """The input where the target is 1, and `max(0, margin - input)` where it is -1."""
    def __init__(
        self, graph: Graph, margin: float = 1.0, size_average: bool | None = None, reduce: bool | None = None,
        reduction: str = "mean", *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, target: ArrayLike, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class MarginRankingLoss(LayerModule):
    """`max(0, margin - target * (input1 - input2))`: the first input should be the greater where the target is 1."""
    def __init__(
        self, graph: Graph, margin: float = 0.0, size_average: bool | None = None, reduce: bool | None = None,
        reduction: str = "mean", *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input1: ArrayT, input2: ArrayLike, target: ArrayLike, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class MultiLabelMarginLoss(LayerModule):
    """The sum of `max(0, 1 - (x[i] - x[j]))` over classes `i` of a sample and all others `j`, divided by `C`."""
    def __init__(
        self, graph: Graph, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean", *,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, target: ArrayLike, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class MultiLabelSoftMarginLoss(LayerModule):
    """The mean of `BCEWithLogitsLoss` over the classes."""
    def __init__(
        self, graph: Graph, weight: ArrayLike | None = None, size_average: bool | None = None,
        reduce: bool | None = None, reduction: str = "mean", *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, target: ArrayLike, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class MultiMarginLoss(LayerModule):
    """The sum of `max(0, margin - (x[target] - x[i])) ** p` over all other classes `i`, divided by `C`."""
    def __init__(
        self, graph: Graph, p: int = 1, margin: float = 1.0, weight: ArrayLike | None = None,
        size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean", *,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, target: ArrayLike, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class SoftMarginLoss(LayerModule):
    """`log(1 + exp(-target * input))`, for targets 1 and -1."""
    def __init__(
        self, graph: Graph, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean", *,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, target: ArrayLike, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class TripletMarginLoss(LayerModule):
    """`max(0, d(anchor, positive) - d(anchor, negative) + margin)`, where `d` is a distance."""
    def __init__(
        self, graph: Graph, margin: float = 1.0, p: float = 2.0, eps: float = 1e-06, swap: bool = False,
        size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean", *,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, anchor: ArrayT, positive: ArrayLike, negative: ArrayLike, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class TripletMarginWithDistanceLoss(LayerModule):
    """`TripletMarginLoss` for any distance."""
    def __init__(
        self, graph: Graph, *, distance_function: Callable[[Any, Any], Any] | None = None, margin: float = 1.0,
        swap: bool = False, reduction: str = "mean", rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, anchor: ArrayT, positive: ArrayLike, negative: ArrayLike, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

# Batch and layer normalisation

class BatchNorm1d(LayerModule):
    """Normalisation of each channel over the batch (and the length), then a scale and a shift."""
    def __init__(
        self, graph: Graph, num_features: int | None, eps: float = 1e-05, momentum: float | None = 0.1,
        affine: bool = True, track_running_stats: bool = True, device: Device = None, dtype: DType = None, *,
        bias: bool = True, axis_name: str | tuple[str, ...] | None = None, weight: bool = True,
        data_format: str | None = None, axis_index_groups: Sequence[Sequence[int]] | None = None,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class BatchNorm2d(LayerModule):
    """`BatchNorm1d` for images: normalisation over the batch and both spatial dimensions."""
    def __init__(
        self, graph: Graph, num_features: int | None, eps: float = 1e-05, momentum: float | None = 0.1,
        affine: bool = True, track_running_stats: bool = True, device: Device = None, dtype: DType = None, *,
        bias: bool = True, axis_name: str | tuple[str, ...] | None = None, weight: bool = True,
        data_format: str | None = None, axis_index_groups: Sequence[Sequence[int]] | None = None,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class BatchNorm3d(LayerModule):
    """`BatchNorm1d` for volumes: normalisation over the batch and the three spatial dimensions."""
    def __init__(
        self, graph: Graph, num_features: int | None, eps: float = 1e-05, momentum: float | None = 0.1,
        affine: bool = True, track_running_stats: bool = True, device: Device = None, dtype: DType = None, *,
        bias: bool = True, axis_name: str | tuple[str, ...] | None = None, weight: bool = True,
        data_format: str | None = None, axis_index_groups: Sequence[Sequence[int]] | None = None,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class LayerNorm(LayerModule):
    """Normalisation of each sample over its last dimensions, then a scale and a shift."""
    def __init__(
        self, graph: Graph, normalized_shape: int | Sequence[int] | None, eps: float = 1e-05,
        elementwise_affine: bool = True, bias: bool = True, device: Device = None, dtype: DType = None, *,
        axis_name: str | tuple[str, ...] | None = None, weight: bool = True,
        axis_index_groups: Sequence[Sequence[int]] | None = None, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class SyncBatchNorm(LayerModule):
    """`BatchNorm1d` for inputs of any rank, with the statistics of the whole batch on all devices."""
    def __init__(
        self, graph: Graph, num_features: int | None, eps: float = 1e-05, momentum: float | None = 0.1,
        affine: bool = True, track_running_stats: bool = True, process_group: Any = None, device: Device = None,
        dtype: DType = None, *, bias: bool = True, axis_name: str | tuple[str, ...] | None = None, weight: bool = True,
        data_format: str | None = None, axis_index_groups: Sequence[Sequence[int]] | None = None,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

# Padding

class CircularPad1d(LayerModule):
    """Padding before and after the last dimension with the values from the other end."""
    def __init__(
        self, graph: Graph, padding: int | tuple[int, int], *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class CircularPad2d(LayerModule):
    """Padding before and after the last two dimensions with the values from the other end."""
    def __init__(
        self, graph: Graph, padding: int | tuple[int, int, int, int], *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class CircularPad3d(LayerModule):
    """Padding before and after the last three dimensions with the values from the other end."""
    def __init__(
        self, graph: Graph, padding: int | tuple[int, int, int, int, int, int], *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class ConstantPad1d(LayerModule):
    """Padding before and after the last dimension with `value`."""
    def __init__(
        self, graph: Graph, padding: int | tuple[int, int], value: float, *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class ConstantPad2d(LayerModule):
    """Padding before and after the last two dimensions with `value`."""
    def __init__(
        self, graph: Graph, padding: int | tuple[int, int, int, int], value: float, *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class ConstantPad3d(LayerModule):
    """Padding before and after the last three dimensions with `value`."""
    def __init__(
        self, graph: Graph, padding: int | tuple[int, int, int, int, int, int], value: float, *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class ReflectionPad1d(LayerModule):
    """Padding before and after the last dimension with the values mirrored at the edge, without the edge itself."""
    def __init__(
        self, graph: Graph, padding: int | tuple[int, int], *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class ReflectionPad2d(LayerModule):
    """Padding before and after the last two dimensions with the values mirrored at the edge, without the edge
    itself."""
    def __init__(
        self, graph: Graph, padding: int | tuple[int, int, int, int], *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class ReflectionPad3d(LayerModule):
    """Padding before and after the last three dimensions with the values mirrored at the edge, without the edge
    itself."""
    def __init__(
        self, graph: Graph, padding: int | tuple[int, int, int, int, int, int], *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class ReplicationPad1d(LayerModule):
    """Padding before and after the last dimension with the value at the edge."""
    def __init__(
        self, graph: Graph, padding: int | tuple[int, int], *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class ReplicationPad2d(LayerModule):
    """Padding before and after the last two dimensions with the value at the edge."""
    def __init__(
        self, graph: Graph, padding: int | tuple[int, int, int, int], *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class ReplicationPad3d(LayerModule):
    """Padding before and after the last three dimensions with the value at the edge."""
    def __init__(
        self, graph: Graph, padding: int | tuple[int, int, int, int, int, int], *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class ZeroPad1d(LayerModule):
    """Padding before and after the last dimension with zeros."""
    def __init__(
        self, graph: Graph, padding: int | tuple[int, int], *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class ZeroPad2d(LayerModule):
    """Padding before and after the last two dimensions with zeros."""
    def __init__(
        self, graph: Graph, padding: int | tuple[int, int, int, int], *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class ZeroPad3d(LayerModule):
    """Padding before and after the last three dimensions with zeros."""
    def __init__(
        self, graph: Graph, padding: int | tuple[int, int, int, int, int, int], *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

# Pooling

class AvgPool1d(LayerModule):
    """The mean of each window of sequences."""
    def __init__(
        self, graph: Graph, kernel_size: int | tuple[int], stride: int | tuple[int] | None = None,
        padding: int | tuple[int] = 0, ceil_mode: bool = False, count_include_pad: bool = True, *,
        data_format: str | None = None, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class AvgPool2d(LayerModule):
    """The mean of each window of images."""
    def __init__(
        self, graph: Graph, kernel_size: int | tuple[int, int], stride: int | tuple[int, int] | None = None,
        padding: int | tuple[int, int] = 0, ceil_mode: bool = False, count_include_pad: bool = True,
        divisor_override: int | None = None, *, data_format: str | None = None, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class AvgPool3d(LayerModule):
    """The mean of each window of volumes."""
    def __init__(
        self, graph: Graph, kernel_size: int | tuple[int, int, int], stride: int | tuple[int, int, int] | None = None,
        padding: int | tuple[int, int, int] = 0, ceil_mode: bool = False, count_include_pad: bool = True,
        divisor_override: int | None = None, *, data_format: str | None = None, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class FractionalMaxPool2d(LayerModule):
    """The largest value of each window of images; windows have one size, and the steps between them are random."""
    def __init__(
        self, graph: Graph, kernel_size: int | tuple[int, int], output_size: int | tuple[int, int] | None = None,
        output_ratio: float | tuple[float, float] | None = None, return_indices: bool = False,
        _random_samples: ArrayLike | None = None, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[Any, Params]: ...

class FractionalMaxPool3d(LayerModule):
    """`FractionalMaxPool2d` for volumes."""
    def __init__(
        self, graph: Graph, kernel_size: int | tuple[int, int, int],
        output_size: int | tuple[int, int, int] | None = None,
        output_ratio: float | tuple[float, float, float] | None = None, return_indices: bool = False,
        _random_samples: ArrayLike | None = None, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[Any, Params]: ...

class LPPool1d(LayerModule):
    """The norm of each window of sequences: the `norm_type`-th root of the sum of its values' powers."""
    def __init__(
        self, graph: Graph, norm_type: float, kernel_size: int | tuple[int, ...],
        stride: int | tuple[int, ...] | None = None, ceil_mode: bool = False, *, data_format: str | None = None,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class LPPool2d(LayerModule):
    """The norm of each window of images: the `norm_type`-th root of the sum of its values' powers."""
    def __init__(
        self, graph: Graph, norm_type: float, kernel_size: int | tuple[int, ...],
        stride: int | tuple[int, ...] | None = None, ceil_mode: bool = False, *, data_format: str | None = None,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class LPPool3d(LayerModule):
    """The norm of each window of volumes: the `norm_type`-th root of the sum of its values' powers."""
    def __init__(
        self, graph: Graph, norm_type: float, kernel_size: int | tuple[int, ...],
        stride: int | tuple[int, ...] | None = None, ceil_mode: bool = False, *, data_format: str | None = None,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class MaxPool1d(LayerModule):
    """The largest value of each window of sequences."""
    def __init__(
        self, graph: Graph, kernel_size: int | tuple[int, ...], stride: int | tuple[int, ...] | None = None,
        padding: int | tuple[int, ...] = 0, dilation: int | tuple[int, ...] = 1, return_indices: bool = False,
        ceil_mode: bool = False, *, data_format: str | None = None, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[Any, Params]: ...

class MaxPool2d(LayerModule):
    """The largest value of each window of images."""
    def __init__(
        self, graph: Graph, kernel_size: int | tuple[int, ...], stride: int | tuple[int, ...] | None = None,
        padding: int | tuple[int, ...] = 0, dilation: int | tuple[int, ...] = 1, return_indices: bool = False,
        ceil_mode: bool = False, *, data_format: str | None = None, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[Any, Params]: ...

class MaxPool3d(LayerModule):
    """The largest value of each window of volumes."""
    def __init__(
        self, graph: Graph, kernel_size: int | tuple[int, ...], stride: int | tuple[int, ...] | None = None,
        padding: int | tuple[int, ...] = 0, dilation: int | tuple[int, ...] = 1, return_indices: bool = False,
        ceil_mode: bool = False, *, data_format: str | None = None, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[Any, Params]: ...

class MaxUnpool1d(LayerModule):
    """The values of `MaxPool1d` put back at their indices, with zeros elsewhere."""
    def __init__(
        self, graph: Graph, kernel_size: int | tuple[int], stride: int | tuple[int] | None = None,
        padding: int | tuple[int] = 0, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, indices: ArrayLike, output_size: Any = None, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class MaxUnpool2d(LayerModule):
    """The values of `MaxPool2d` put back at their indices, with zeros elsewhere."""
    def __init__(
        self, graph: Graph, kernel_size: int | tuple[int, int], stride: int | tuple[int, int] | None = None,
        padding: int | tuple[int, int] = 0, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, indices: ArrayLike, output_size: Any = None, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class MaxUnpool3d(LayerModule):
    """The values of `MaxPool3d` put back at their indices, with zeros elsewhere."""
    def __init__(
        self, graph: Graph, kernel_size: int | tuple[int, int, int], stride: int | tuple[int, int, int] | None = None,
        padding: int | tuple[int, int, int] = 0, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, indices: ArrayLike, output_size: Any = None, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

# Recurrent layers

class GRU(LayerModule):
    """Gated recurrent unit: gates decide how much of the old state is read, and how much is kept."""
    def __init__(
        self, graph: Graph, input_size: int | None, hidden_size: int, num_layers: int = 1, bias: bool = True,
        batch_first: bool = False, dropout: float = 0.0, bidirectional: bool = False, device: Device = None,
        dtype: DType = None, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, hx: ArrayLike | None = None, *, is_training: bool = False
    ) -> tuple[tuple[ArrayT, ArrayT], Params]: ...

class LSTM(LayerModule):
    """Long short-term memory: a cell state `c` that gates add to, keep and read."""
    def __init__(
        self, graph: Graph, input_size: int | None, hidden_size: int, num_layers: int = 1, bias: bool = True,
        batch_first: bool = False, dropout: float = 0.0, bidirectional: bool = False, proj_size: int = 0,
        device: Device = None, dtype: DType = None, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, hx: tuple[ArrayLike, ArrayLike] | None = None, *, is_training: bool = False
    ) -> tuple[tuple[ArrayT, tuple[ArrayT, ArrayT]], Params]: ...

class RNN(LayerModule):
    """A plain recurrent network: `h[t] = tanh(x[t] @ W_ih.T + b_ih + h[t - 1] @ W_hh.T + b_hh)`."""
    def __init__(
        self, graph: Graph, input_size: int | None, hidden_size: int, num_layers: int = 1, nonlinearity: str = "tanh",
        bias: bool = True, batch_first: bool = False, dropout: float = 0.0, bidirectional: bool = False,
        device: Device = None, dtype: DType = None, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, hx: ArrayLike | None = None, *, is_training: bool = False
    ) -> tuple[tuple[ArrayT, ArrayT], Params]: ...

class GRUCell(LayerModule):
    """One step of a `GRU`: the next state from an input and the state, zeros by default."""
    def __init__(
        self, graph: Graph, input_size: int | None, hidden_size: int, bias: bool = True, device: Device = None,
        dtype: DType = None, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, hx: ArrayLike | None = None, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class LSTMCell(LayerModule):
    """One step of an `LSTM`: the next `(h, c)` from an input and `(h, c)`, zeros by default."""
    def __init__(
        self, graph: Graph, input_size: int | None, hidden_size: int, bias: bool = True, device: Device = None,
        dtype: DType = None, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, hx: tuple[ArrayLike, ArrayLike] | None = None, *, is_training: bool = False
    ) -> tuple[tuple[ArrayT, ArrayT], Params]: ...

class RNNCell(LayerModule):
    """One step of an `RNN`: the next state from an input and the state, zeros by default."""
    def __init__(
        self, graph: Graph, input_size: int | None, hidden_size: int, bias: bool = True, nonlinearity: str = "tanh",
        device: Device = None, dtype: DType = None, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, hx: ArrayLike | None = None, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

# Regression losses

class GaussianNLLLoss(LayerModule):
    """The negative log-likelihood of targets, from the mean (the input) and the variance of a normal distribution."""
    def __init__(
        self, graph: Graph, *, full: bool = False, eps: float = 1e-06, reduction: str = "mean", rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, target: ArrayLike, var: ArrayLike | float, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class HuberLoss(LayerModule):
    """Half the squared difference up to `delta`, and linear with slope `delta` beyond."""
    def __init__(
        self, graph: Graph, reduction: str = "mean", delta: float = 1.0, *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, target: ArrayLike, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class L1Loss(LayerModule):
    """The absolute difference of input and target."""
    def __init__(
        self, graph: Graph, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean", *,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, target: ArrayLike, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class MSELoss(LayerModule):
    """The squared difference of input and target."""
    def __init__(
        self, graph: Graph, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean", *,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, target: ArrayLike, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class PoissonNLLLoss(LayerModule):
    """The negative log-likelihood of counts, from the rate of a Poisson distribution or its logarithm."""
    def __init__(
        self, graph: Graph, log_input: bool = True, full: bool = False, size_average: bool | None = None,
        eps: float = 1e-08, reduce: bool | None = None, reduction: str = "mean", *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, log_input: ArrayT, target: ArrayLike, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class SmoothL1Loss(LayerModule):
    """`HuberLoss(delta=beta)` divided by `beta`: its linear parts have slope 1 for every `beta`."""
    def __init__(
        self, graph: Graph, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean",
        beta: float = 1.0, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, target: ArrayLike, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

# Sequence losses

class CTCLoss(LayerModule):
    """The negative log-probability of a target sequence, over all alignments to a longer input."""
    def __init__(
        self, graph: Graph, blank: int = 0, reduction: str = "mean", zero_infinity: bool = False, *,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, log_probs: ArrayT, targets: ArrayLike, input_lengths: Any, target_lengths: Any, *,
        is_training: bool = False) -> tuple[ArrayT, Params]: ...

# Reshaping

class Flatten(LayerModule):
    """The input with the dimensions from `start_dim` to `end_dim` flattened into one."""
    def __init__(
        self, graph: Graph, start_dim: int = 1, end_dim: int = -1, *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Identity(LayerModule):
    """The identity: a layer that returns its input."""
    def __init__(
        self, graph: Graph, *args: Any, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None, **kwargs: Any) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Unflatten(LayerModule):
    """The input with dimension `dim` split into several, of the sizes `unflattened_size`; one of them may be -1."""
    def __init__(
        self, graph: Graph, dim: int, unflattened_size: Sequence[int], *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

# Piecewise activations

class Hardshrink(LayerModule):
    """`x` outside the interval from `-lambd` to `lambd`, else zero."""
    def __init__(
        self, graph: Graph, lambd: float = 0.5, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Hardsigmoid(LayerModule):
    """`x / 6 + 1 / 2`, clipped to 0 and 1."""
    def __init__(
        self, graph: Graph, inplace: bool = False, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Hardswish(LayerModule):
    """`x` multiplied by `Hardsigmoid` of `x`."""
    def __init__(
        self, graph: Graph, inplace: bool = False, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Hardtanh(LayerModule):
    """`x`, clipped to `min_val` and `max_val`."""
    def __init__(
        self, graph: Graph, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False,
        min_value: float | None = None, max_value: float | None = None, *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class RReLU(LayerModule):
    """`x` where it is positive, else `x` multiplied by a random slope."""
    def __init__(
        self, graph: Graph, lower: float = 0.125, upper: float = 0.3333333333333333, inplace: bool = False, *,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class ReLU6(LayerModule):
    """`x`, clipped to 0 and 6."""
    def __init__(
        self, graph: Graph, inplace: bool = False, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Softshrink(LayerModule):
    """`x`, moved towards zero by `lambd`, but not past it."""
    def __init__(
        self, graph: Graph, lambd: float = 0.5, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Threshold(LayerModule):
    """`x` where it exceeds `threshold`, else `value`."""
    def __init__(
        self, graph: Graph, threshold: float, value: float, inplace: bool = False, *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

# Transformers

class Transformer(LayerModule):
    """An encoder, and a decoder that attends to the encoder's output."""
    def __init__(
        self, graph: Graph, d_model: int | None = 512, nhead: int = 8, num_encoder_layers: int = 6,
        num_decoder_layers: int = 6, dim_feedforward: int = 2048, dropout: float = 0.1,
        activation: str | Callable[[Any], Any] = "relu", custom_encoder: LayerModule | None = None,
        custom_decoder: LayerModule | None = None, layer_norm_eps: float = 1e-05, batch_first: bool = False,
        norm_first: bool = False, bias: bool = True, device: Device = None, dtype: DType = None, *,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, src: ArrayT, tgt: ArrayLike, src_mask: ArrayLike | None = None,
        tgt_mask: ArrayLike | None = None, memory_mask: ArrayLike | None = None,
        src_key_padding_mask: ArrayLike | None = None, tgt_key_padding_mask: ArrayLike | None = None,
        memory_key_padding_mask: ArrayLike | None = None, src_is_causal: bool | None = None,
        tgt_is_causal: bool | None = None, memory_is_causal: bool = False, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class TransformerDecoder(LayerModule):
    """`num_layers` copies of a decoder layer, one after the other, then an optional norm."""
    def __init__(
        self, graph: Graph, decoder_layer: TransformerDecoderLayer, num_layers: int, norm: LayerModule | None = None, *,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, tgt: ArrayT, memory: ArrayLike, tgt_mask: ArrayLike | None = None,
        memory_mask: ArrayLike | None = None, tgt_key_padding_mask: ArrayLike | None = None,
        memory_key_padding_mask: ArrayLike | None = None, tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class TransformerDecoderLayer(LayerModule):
    """Self-attention, attention to an encoder's output, and a feed-forward network, each with a residual and a norm."""
    def __init__(
        self, graph: Graph, d_model: int | None, nhead: int, dim_feedforward: int = 2048, dropout: float = 0.1,
        activation: str | Callable[[Any], Any] = "relu", layer_norm_eps: float = 1e-05, batch_first: bool = False,
        norm_first: bool = False, bias: bool = True, device: Device = None, dtype: DType = None, *,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, tgt: ArrayT, memory: ArrayLike, tgt_mask: ArrayLike | None = None,
        memory_mask: ArrayLike | None = None, tgt_key_padding_mask: ArrayLike | None = None,
        memory_key_padding_mask: ArrayLike | None = None, tgt_is_causal: bool = False, memory_is_causal: bool = False,
        *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class TransformerEncoder(LayerModule):
    """`num_layers` copies of an encoder layer, one after the other, then an optional norm."""
    def __init__(
        self, graph: Graph, encoder_layer: TransformerEncoderLayer, num_layers: int, norm: LayerModule | None = None,
        enable_nested_tensor: bool = True, mask_check: bool = True, *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, src: ArrayT, mask: ArrayLike | None = None, src_key_padding_mask: ArrayLike | None = None,
        is_causal: bool | None = None, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class TransformerEncoderLayer(LayerModule):
    """Self-attention and a feed-forward network of two linear layers, each with a residual and a layer norm."""
    def __init__(
        self, graph: Graph, d_model: int | None, nhead: int, dim_feedforward: int = 2048, dropout: float = 0.1,
        activation: str | Callable[[Any], Any] = "relu", layer_norm_eps: float = 1e-05, batch_first: bool = False,
        norm_first: bool = False, bias: bool = True, device: Device = None, dtype: DType = None, *,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, src: ArrayT, src_mask: ArrayLike | None = None,
        src_key_padding_mask: ArrayLike | None = None, is_causal: bool = False, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

# Upsampling

class Upsample(LayerModule):
    """The input with all dimensions after the channels resized, to larger or smaller sizes."""
    def __init__(
        self, graph: Graph, size: int | tuple[int, ...] | None = None,
        scale_factor: float | tuple[float, ...] | None = None, mode: str = "nearest", align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None, *, data_format: str | None = None, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class UpsamplingBilinear2d(LayerModule):
    """`Upsample(mode="bilinear", align_corners=True)` for images."""
    def __init__(
        self, graph: Graph, size: int | tuple[int, int] | None = None,
        scale_factor: float | tuple[float, float] | None = None, *, data_format: str | None = None,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class UpsamplingNearest2d(LayerModule):
    """`Upsample(mode="nearest")` for images."""
    def __init__(
        self, graph: Graph, size: int | tuple[int, int] | None = None,
        scale_factor: float | tuple[float, float] | None = None, *, data_format: str | None = None,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

__all__ = [
    "AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveAvgPool3d", "AdaptiveLogSoftmaxWithLoss", "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d", "AdaptiveMaxPool3d", "AlphaDropout", "AvgPool1d", "AvgPool2d", "AvgPool3d", "BCELoss",
    "BCEWithLogitsLoss", "BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "Bilinear", "CELU", "CTCLoss", "ChannelShuffle",
    "CircularPad1d", "CircularPad2d", "CircularPad3d", "ConstantPad1d", "ConstantPad2d", "ConstantPad3d", "Conv1d",
    "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d", "CosineEmbeddingLoss",
    "CosineSimilarity", "CrossEntropyLoss", "CrossMapLRN2d", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "ELU",
    "Embedding", "EmbeddingBag", "FeatureAlphaDropout", "Flatten", "Fold", "FractionalMaxPool2d",
    "FractionalMaxPool3d", "GELU", "GLU", "GRUCell", "GaussianNLLLoss", "GroupNorm", "Hardshrink", "Hardsigmoid",
    "Hardswish", "Hardtanh", "HingeEmbeddingLoss", "HuberLoss", "Identity", "InstanceNorm1d", "InstanceNorm2d",
    "InstanceNorm3d", "KLDivLoss", "L1Loss", "LPPool1d", "LPPool2d", "LPPool3d", "LSTMCell", "LayerNorm",
    "LazyBatchNorm1d", "LazyBatchNorm2d", "LazyBatchNorm3d", "LazyConv1d", "LazyConv2d", "LazyConv3d",
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
