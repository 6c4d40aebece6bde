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
    def __init__(
        self, graph: Graph, alpha: float = 1.0, inplace: bool = False, *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class ELU(LayerModule):
    def __init__(
        self, graph: Graph, alpha: float = 1.0, inplace: bool = False, *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class GELU(LayerModule):
    def __init__(
        self, graph: Graph, approximate: str = "none", *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class GLU(LayerModule):
    def __init__(
        self, graph: Graph, dim: int = -1, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class SELU(LayerModule):
    def __init__(
        self, graph: Graph, inplace: bool = False, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class LeakyReLU(LayerModule):
    def __init__(
        self, graph: Graph, negative_slope: float = 0.01, inplace: bool = False, *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class LogSigmoid(LayerModule):
    def __init__(
        self, graph: Graph, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class LogSoftmax(LayerModule):
    def __init__(
        self, graph: Graph, dim: int | None = None, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Mish(LayerModule):
    def __init__(
        self, graph: Graph, inplace: bool = False, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class PReLU(LayerModule):
    def __init__(
        self, graph: Graph, num_parameters: int = 1, init: float = 0.25, device: Device = None, dtype: DType = None, *,
        data_format: str | None = None, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class ReLU(LayerModule):
    def __init__(
        self, graph: Graph, inplace: bool = False, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class SiLU(LayerModule):
    def __init__(
        self, graph: Graph, inplace: bool = False, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Sigmoid(LayerModule):
    def __init__(
        self, graph: Graph, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Softmax(LayerModule):
    def __init__(
        self, graph: Graph, dim: int | None = None, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Softmax2d(LayerModule):
    def __init__(
        self, graph: Graph, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Softmin(LayerModule):
    def __init__(
        self, graph: Graph, dim: int | None = None, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Softplus(LayerModule):
    def __init__(
        self, graph: Graph, beta: float = 1.0, threshold: float = 20.0, *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Softsign(LayerModule):
    def __init__(
        self, graph: Graph, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Tanh(LayerModule):
    def __init__(
        self, graph: Graph, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Tanhshrink(LayerModule):
    def __init__(
        self, graph: Graph, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

# Adaptive pooling

class AdaptiveAvgPool1d(LayerModule):
    def __init__(
        self, graph: Graph, output_size: int | tuple[int | None, ...] | None, *, data_format: str | None = None,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class AdaptiveAvgPool2d(LayerModule):
    def __init__(
        self, graph: Graph, output_size: int | tuple[int | None, ...] | None, *, data_format: str | None = None,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class AdaptiveAvgPool3d(LayerModule):
    def __init__(
        self, graph: Graph, output_size: int | tuple[int | None, ...] | None, *, data_format: str | None = None,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class AdaptiveMaxPool1d(LayerModule):
    def __init__(
        self, graph: Graph, output_size: int | tuple[int | None, ...] | None, return_indices: bool = False, *,
        data_format: str | None = None, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[Any, Params]: ...

class AdaptiveMaxPool2d(LayerModule):
    def __init__(
        self, graph: Graph, output_size: int | tuple[int | None, ...] | None, return_indices: bool = False, *,
        data_format: str | None = None, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[Any, Params]: ...

class AdaptiveMaxPool3d(LayerModule):
    def __init__(
        self, graph: Graph, output_size: int | tuple[int | None, ...] | None, return_indices: bool = False, *,
        data_format: str | None = None, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[Any, Params]: ...

# Adaptive softmax

class AdaptiveLogSoftmaxWithLoss(LayerModule):
    def __init__(
        self, graph: Graph, in_features: int, n_classes: int, cutoffs: Sequence[int], div_value: float = 4.0,
        head_bias: bool = False, device: Device = None, dtype: DType = None, *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input_: ArrayT, target_: ArrayLike, *, is_training: bool = False
    ) -> tuple[_Output, Params]: ...

# Attention

class MultiheadAttention(LayerModule):
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
    def __init__(
        self, graph: Graph, weight: ArrayLike | None = None, size_average: bool | None = None,
        reduce: bool | None = None, reduction: str = "mean", *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, target: ArrayLike, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class BCEWithLogitsLoss(LayerModule):
    def __init__(
        self, graph: Graph, weight: ArrayLike | None = None, size_average: bool | None = None,
        reduce: bool | None = None, reduction: str = "mean", pos_weight: ArrayLike | None = None, *,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, target: ArrayLike, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class CrossEntropyLoss(LayerModule):
    def __init__(
        self, graph: Graph, weight: ArrayLike | None = None, size_average: bool | None = None, ignore_index: int = -100,
        reduce: bool | None = None, reduction: str = "mean", label_smoothing: float = 0.0, *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, target: ArrayLike, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class KLDivLoss(LayerModule):
    def __init__(
        self, graph: Graph, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean",
        log_target: bool = False, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, target: ArrayLike, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class LinearCrossEntropyLoss(LayerModule):
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
    def __init__(
        self, graph: Graph, weight: ArrayLike | None = None, size_average: bool | None = None, ignore_index: int = -100,
        reduce: bool | None = None, reduction: str = "mean", *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, target: ArrayLike, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

# Containers

class Sequential(LayerModule):
    def __init__(
        self, graph: Graph, *args: LayerModule | Mapping[str, LayerModule], rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[Any, Params]: ...

# Convolutions

class Conv1d(LayerModule):
    def __init__(
        self, graph: Graph, in_channels: int | None, out_channels: int, kernel_size: int | tuple[int],
        stride: int | tuple[int] = 1, padding: str | int | tuple[int] = 0, dilation: int | tuple[int] = 1,
        groups: int = 1, bias: bool = True, padding_mode: str = "zeros", device: Device = None, dtype: DType = None, *,
        data_format: str | None = None, input_dilation: int | Sequence[int] = 1, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Conv2d(LayerModule):
    def __init__(
        self, graph: Graph, in_channels: int | None, out_channels: int, kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1, padding: str | int | tuple[int, int] = 0,
        dilation: int | tuple[int, int] = 1, groups: int = 1, bias: bool = True, padding_mode: str = "zeros",
        device: Device = None, dtype: DType = None, *, data_format: str | None = None,
        input_dilation: int | Sequence[int] = 1, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Conv3d(LayerModule):
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
    def __init__(
        self, graph: Graph, dim: int = 1, eps: float = 1e-08, *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, x1: ArrayT, x2: ArrayLike, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class PairwiseDistance(LayerModule):
    def __init__(
        self, graph: Graph, p: float = 2.0, eps: float = 1e-06, keepdim: bool = False, *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, x1: ArrayT, x2: ArrayLike, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

# Dropout

class AlphaDropout(LayerModule):
    def __init__(
        self, graph: Graph, p: float = 0.5, inplace: bool = False, *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Dropout(LayerModule):
    def __init__(
        self, graph: Graph, p: float = 0.5, inplace: bool = False, *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Dropout1d(LayerModule):
    def __init__(
        self, graph: Graph, p: float = 0.5, inplace: bool = False, *, data_format: str | None = None,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Dropout2d(LayerModule):
    def __init__(
        self, graph: Graph, p: float = 0.5, inplace: bool = False, *, data_format: str | None = None,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Dropout3d(LayerModule):
    def __init__(
        self, graph: Graph, p: float = 0.5, inplace: bool = False, *, data_format: str | None = None,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class FeatureAlphaDropout(LayerModule):
    def __init__(
        self, graph: Graph, p: float = 0.5, inplace: bool = False, *, data_format: str | None = None,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

# Embeddings

class Embedding(LayerModule):
    def __init__(
        self, graph: Graph, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None,
        max_norm: float | None = None, norm_type: float = 2.0, scale_grad_by_freq: bool = False, sparse: bool = False,
        _weight: ArrayLike | None = None, _freeze: bool = False, device: Device = None, dtype: DType = None, *,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...
    def attend(self, params: Params, input: ArrayT) -> tuple[ArrayT, Params]: ...

class EmbeddingBag(LayerModule):
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
    def __init__(
        self, graph: Graph, groups: int, *, data_format: str | None = None, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Fold(LayerModule):
    def __init__(
        self, graph: Graph, output_size: int | tuple[int, ...], kernel_size: int | tuple[int, ...],
        dilation: int | tuple[int, ...] = 1, padding: int | tuple[int, ...] = 0, stride: int | tuple[int, ...] = 1, *,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class PixelShuffle(LayerModule):
    def __init__(
        self, graph: Graph, upscale_factor: int, *, data_format: str | None = None, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class PixelUnshuffle(LayerModule):
    def __init__(
        self, graph: Graph, downscale_factor: int, *, data_format: str | None = None, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Unfold(LayerModule):
    def __init__(
        self, graph: Graph, kernel_size: int | tuple[int, ...], dilation: int | tuple[int, ...] = 1,
        padding: int | tuple[int, ...] = 0, stride: int | tuple[int, ...] = 1, *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

# Group, instance, RMS and local response normalisation

class CrossMapLRN2d(LayerModule):
    def __init__(
        self, graph: Graph, size: int, alpha: float = 0.0001, beta: float = 0.75, k: float = 1, *,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class GroupNorm(LayerModule):
    def __init__(
        self, graph: Graph, num_groups: int, num_channels: int | None, eps: float = 1e-05, affine: bool = True,
        device: Device = None, dtype: DType = None, *, bias: bool = True, weight: bool = True,
        data_format: str | None = None, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class InstanceNorm1d(LayerModule):
    def __init__(
        self, graph: Graph, num_features: int | None, eps: float = 1e-05, momentum: float = 0.1, affine: bool = False,
        track_running_stats: bool = False, device: Device = None, dtype: DType = None, *, bias: bool = True,
        weight: bool = True, data_format: str | None = None, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class InstanceNorm2d(LayerModule):
    def __init__(
        self, graph: Graph, num_features: int | None, eps: float = 1e-05, momentum: float = 0.1, affine: bool = False,
        track_running_stats: bool = False, device: Device = None, dtype: DType = None, *, bias: bool = True,
        weight: bool = True, data_format: str | None = None, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class InstanceNorm3d(LayerModule):
    def __init__(
        self, graph: Graph, num_features: int | None, eps: float = 1e-05, momentum: float = 0.1, affine: bool = False,
        track_running_stats: bool = False, device: Device = None, dtype: DType = None, *, bias: bool = True,
        weight: bool = True, data_format: str | None = None, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class LocalResponseNorm(LayerModule):
    def __init__(
        self, graph: Graph, size: int, alpha: float = 0.0001, beta: float = 0.75, k: float = 1.0, *,
        data_format: str | None = None, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class RMSNorm(LayerModule):
    def __init__(
        self, graph: Graph, normalized_shape: int | Sequence[int] | None, eps: float | None = None,
        elementwise_affine: bool = True, device: Device = None, dtype: DType = None, *,
        axis_name: str | tuple[str, ...] | None = None, axis_index_groups: Sequence[Sequence[int]] | None = None,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

# Lazy layers

class LazyBatchNorm1d(LayerModule):
    def __init__(
        self, graph: Graph, eps: float = 1e-05, momentum: float | None = 0.1, affine: bool = True,
        track_running_stats: bool = True, device: Device = None, dtype: DType = None, *, bias: bool = True,
        axis_name: str | tuple[str, ...] | None = None, weight: bool = True, data_format: str | None = None,
        axis_index_groups: Sequence[Sequence[int]] | None = None, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class LazyBatchNorm2d(LayerModule):
    def __init__(
        self, graph: Graph, eps: float = 1e-05, momentum: float | None = 0.1, affine: bool = True,
        track_running_stats: bool = True, device: Device = None, dtype: DType = None, *, bias: bool = True,
        axis_name: str | tuple[str, ...] | None = None, weight: bool = True, data_format: str | None = None,
        axis_index_groups: Sequence[Sequence[int]] | None = None, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class LazyBatchNorm3d(LayerModule):
    def __init__(
        self, graph: Graph, eps: float = 1e-05, momentum: float | None = 0.1, affine: bool = True,
        track_running_stats: bool = True, device: Device = None, dtype: DType = None, *, bias: bool = True,
        axis_name: str | tuple[str, ...] | None = None, weight: bool = True, data_format: str | None = None,
        axis_index_groups: Sequence[Sequence[int]] | None = None, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class LazyConv1d(LayerModule):
    def __init__(
        self, graph: Graph, out_channels: int, kernel_size: int | tuple[int], stride: int | tuple[int] = 1,
        padding: str | int | tuple[int] = 0, dilation: int | tuple[int] = 1, groups: int = 1, bias: bool = True,
        padding_mode: str = "zeros", device: Device = None, dtype: DType = None, *, data_format: str | None = None,
        input_dilation: int | Sequence[int] = 1, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class LazyConv2d(LayerModule):
    def __init__(
        self, graph: Graph, out_channels: int, kernel_size: int | tuple[int, int], stride: int | tuple[int, int] = 1,
        padding: str | int | tuple[int, int] = 0, dilation: int | tuple[int, int] = 1, groups: int = 1,
        bias: bool = True, padding_mode: str = "zeros", device: Device = None, dtype: DType = None, *,
        data_format: str | None = None, input_dilation: int | Sequence[int] = 1, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class LazyConv3d(LayerModule):
    def __init__(
        self, graph: Graph, out_channels: int, kernel_size: int | tuple[int, int, int],
        stride: int | tuple[int, int, int] = 1, padding: str | int | tuple[int, int, int] = 0,
        dilation: int | tuple[int, int, int] = 1, groups: int = 1, bias: bool = True, padding_mode: str = "zeros",
        device: Device = None, dtype: DType = None, *, data_format: str | None = None,
        input_dilation: int | Sequence[int] = 1, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class LazyConvTranspose1d(LayerModule):
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
    def __init__(
        self, graph: Graph, eps: float = 1e-05, momentum: float = 0.1, affine: bool = True,
        track_running_stats: bool = True, device: Device = None, dtype: DType = None, *, bias: bool = True,
        weight: bool = True, data_format: str | None = None, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class LazyInstanceNorm2d(LayerModule):
    def __init__(
        self, graph: Graph, eps: float = 1e-05, momentum: float = 0.1, affine: bool = True,
        track_running_stats: bool = True, device: Device = None, dtype: DType = None, *, bias: bool = True,
        weight: bool = True, data_format: str | None = None, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class LazyInstanceNorm3d(LayerModule):
    def __init__(
        self, graph: Graph, eps: float = 1e-05, momentum: float = 0.1, affine: bool = True,
        track_running_stats: bool = True, device: Device = None, dtype: DType = None, *, bias: bool = True,
        weight: bool = True, data_format: str | None = None, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class LazyLinear(LayerModule):
    def __init__(
        self, graph: Graph, out_features: int, bias: bool = True, device: Device = None, dtype: DType = None, *,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

# Linear layers

class Bilinear(LayerModule):
    def __init__(
        self, graph: Graph, in1_features: int | None, in2_features: int | None, out_features: int, bias: bool = True,
        device: Device = None, dtype: DType = None, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input1: ArrayT, input2: ArrayLike, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class Linear(LayerModule):
    def __init__(
        self, graph: Graph, in_features: int | None, out_features: int, bias: bool = True, device: Device = None,
        dtype: DType = None, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

# Margin losses

class CosineEmbeddingLoss(LayerModule):
    def __init__(
        self, graph: Graph, margin: float = 0.0, size_average: bool | None = None, reduce: bool | None = None,
        reduction: str = "mean", *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input1: ArrayT, input2: ArrayLike, target: ArrayLike, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class HingeEmbeddingLoss(LayerModule):
    def __init__(
        self, graph: Graph, margin: float = 1.0, size_average: bool | None = None, reduce: bool | None = None,
        reduction: str = "mean", *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, target: ArrayLike, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class MarginRankingLoss(LayerModule):
    def __init__(
        self, graph: Graph, margin: float = 0.0, size_average: bool | None = None, reduce: bool | None = None,
        reduction: str = "mean", *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input1: ArrayT, input2: ArrayLike, target: ArrayLike, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class MultiLabelMarginLoss(LayerModule):
    def __init__(
        self, graph: Graph, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean", *,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, target: ArrayLike, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class MultiLabelSoftMarginLoss(LayerModule):
    def __init__(
        self, graph: Graph, weight: ArrayLike | None = None, size_average: bool | None = None,
        reduce: bool | None = None, reduction: str = "mean", *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, target: ArrayLike, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class MultiMarginLoss(LayerModule):
    def __init__(
        self, graph: Graph, p: int = 1, margin: float = 1.0, weight: ArrayLike | None = None,
        size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean", *,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, target: ArrayLike, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class SoftMarginLoss(LayerModule):
    def __init__(
        self, graph: Graph, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean", *,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, target: ArrayLike, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class TripletMarginLoss(LayerModule):
    def __init__(
        self, graph: Graph, margin: float = 1.0, p: float = 2.0, eps: float = 1e-06, swap: bool = False,
        size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean", *,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, anchor: ArrayT, positive: ArrayLike, negative: ArrayLike, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class TripletMarginWithDistanceLoss(LayerModule):
    def __init__(
        self, graph: Graph, *, distance_function: Callable[[Any, Any], Any] | None = None, margin: float = 1.0,
        swap: bool = False, reduction: str = "mean", rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, anchor: ArrayT, positive: ArrayLike, negative: ArrayLike, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

# Batch and layer normalisation

class BatchNorm1d(LayerModule):
    def __init__(
        self, graph: Graph, num_features: int | None, eps: float = 1e-05, momentum: float | None = 0.1,
        affine: bool = True, track_running_stats: bool = True, device: Device = None, dtype: DType = None, *,
        bias: bool = True, axis_name: str | tuple[str, ...] | None = None, weight: bool = True,
        data_format: str | None = None, axis_index_groups: Sequence[Sequence[int]] | None = None,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class BatchNorm2d(LayerModule):
    def __init__(
        self, graph: Graph, num_features: int | None, eps: float = 1e-05, momentum: float | None = 0.1,
        affine: bool = True, track_running_stats: bool = True, device: Device = None, dtype: DType = None, *,
        bias: bool = True, axis_name: str | tuple[str, ...] | None = None, weight: bool = True,
        data_format: str | None = None, axis_index_groups: Sequence[Sequence[int]] | None = None,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class BatchNorm3d(LayerModule):
    def __init__(
        self, graph: Graph, num_features: int | None, eps: float = 1e-05, momentum: float | None = 0.1,
        affine: bool = True, track_running_stats: bool = True, device: Device = None, dtype: DType = None, *,
        bias: bool = True, axis_name: str | tuple[str, ...] | None = None, weight: bool = True,
        data_format: str | None = None, axis_index_groups: Sequence[Sequence[int]] | None = None,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class LayerNorm(LayerModule):
    def __init__(
        self, graph: Graph, normalized_shape: int | Sequence[int] | None, eps: float = 1e-05,
        elementwise_affine: bool = True, bias: bool = True, device: Device = None, dtype: DType = None, *,
        axis_name: str | tuple[str, ...] | None = None, weight: bool = True,
        axis_index_groups: Sequence[Sequence[int]] | None = None, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class SyncBatchNorm(LayerModule):
    def __init__(
        self, graph: Graph, num_features: int | None, eps: float = 1e-05, momentum: float | None = 0.1,
        affine: bool = True, track_running_stats: bool = True, process_group: Any = None, device: Device = None,
        dtype: DType = None, *, bias: bool = True, axis_name: str | tuple[str, ...] | None = None, weight: bool = True,
        data_format: str | None = None, axis_index_groups: Sequence[Sequence[int]] | None = None,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

# Padding

class CircularPad1d(LayerModule):
    def __init__(
        self, graph: Graph, padding: int | tuple[int, int], *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class CircularPad2d(LayerModule):
    def __init__(
        self, graph: Graph, padding: int | tuple[int, int, int, int], *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class CircularPad3d(LayerModule):
    def __init__(
        self, graph: Graph, padding: int | tuple[int, int, int, int, int, int], *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class ConstantPad1d(LayerModule):
    def __init__(
        self, graph: Graph, padding: int | tuple[int, int], value: float, *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class ConstantPad2d(LayerModule):
    def __init__(
        self, graph: Graph, padding: int | tuple[int, int, int, int], value: float, *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class ConstantPad3d(LayerModule):
    def __init__(
        self, graph: Graph, padding: int | tuple[int, int, int, int, int, int], value: float, *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class ReflectionPad1d(LayerModule):
    def __init__(
        self, graph: Graph, padding: int | tuple[int, int], *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class ReflectionPad2d(LayerModule):
    def __init__(
        self, graph: Graph, padding: int | tuple[int, int, int, int], *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class ReflectionPad3d(LayerModule):
    def __init__(
        self, graph: Graph, padding: int | tuple[int, int, int, int, int, int], *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class ReplicationPad1d(LayerModule):
    def __init__(
        self, graph: Graph, padding: int | tuple[int, int], *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class ReplicationPad2d(LayerModule):
    def __init__(
        self, graph: Graph, padding: int | tuple[int, int, int, int], *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class ReplicationPad3d(LayerModule):
    def __init__(
        self, graph: Graph, padding: int | tuple[int, int, int, int, int, int], *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class ZeroPad1d(LayerModule):
    def __init__(
        self, graph: Graph, padding: int | tuple[int, int], *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class ZeroPad2d(LayerModule):
    def __init__(
        self, graph: Graph, padding: int | tuple[int, int, int, int], *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class ZeroPad3d(LayerModule):
    def __init__(
        self, graph: Graph, padding: int | tuple[int, int, int, int, int, int], *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

# Pooling

class AvgPool1d(LayerModule):
    def __init__(
        self, graph: Graph, kernel_size: int | tuple[int], stride: int | tuple[int] | None = None,
        padding: int | tuple[int] = 0, ceil_mode: bool = False, count_include_pad: bool = True, *,
        data_format: str | None = None, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class AvgPool2d(LayerModule):
    def __init__(
        self, graph: Graph, kernel_size: int | tuple[int, int], stride: int | tuple[int, int] | None = None,
        padding: int | tuple[int, int] = 0, ceil_mode: bool = False, count_include_pad: bool = True,
        divisor_override: int | None = None, *, data_format: str | None = None, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class AvgPool3d(LayerModule):
    def __init__(
        self, graph: Graph, kernel_size: int | tuple[int, int, int], stride: int | tuple[int, int, int] | None = None,
        padding: int | tuple[int, int, int] = 0, ceil_mode: bool = False, count_include_pad: bool = True,
        divisor_override: int | None = None, *, data_format: str | None = None, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class FractionalMaxPool2d(LayerModule):
    def __init__(
        self, graph: Graph, kernel_size: int | tuple[int, int], output_size: int | tuple[int, int] | None = None,
        output_ratio: float | tuple[float, float] | None = None, return_indices: bool = False,
        _random_samples: ArrayLike | None = None, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[Any, Params]: ...

class FractionalMaxPool3d(LayerModule):
    def __init__(
        self, graph: Graph, kernel_size: int | tuple[int, int, int],
        output_size: int | tuple[int, int, int] | None = None,
        output_ratio: float | tuple[float, float, float] | None = None, return_indices: bool = False,
        _random_samples: ArrayLike | None = None, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[Any, Params]: ...

class LPPool1d(LayerModule):
    def __init__(
        self, graph: Graph, norm_type: float, kernel_size: int | tuple[int, ...],
        stride: int | tuple[int, ...] | None = None, ceil_mode: bool = False, *, data_format: str | None = None,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class LPPool2d(LayerModule):
    def __init__(
        self, graph: Graph, norm_type: float, kernel_size: int | tuple[int, ...],
        stride: int | tuple[int, ...] | None = None, ceil_mode: bool = False, *, data_format: str | None = None,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class LPPool3d(LayerModule):
    def __init__(
        self, graph: Graph, norm_type: float, kernel_size: int | tuple[int, ...],
        stride: int | tuple[int, ...] | None = None, ceil_mode: bool = False, *, data_format: str | None = None,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class MaxPool1d(LayerModule):
    def __init__(
        self, graph: Graph, kernel_size: int | tuple[int, ...], stride: int | tuple[int, ...] | None = None,
        padding: int | tuple[int, ...] = 0, dilation: int | tuple[int, ...] = 1, return_indices: bool = False,
        ceil_mode: bool = False, *, data_format: str | None = None, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[Any, Params]: ...

class MaxPool2d(LayerModule):
    def __init__(
        self, graph: Graph, kernel_size: int | tuple[int, ...], stride: int | tuple[int, ...] | None = None,
        padding: int | tuple[int, ...] = 0, dilation: int | tuple[int, ...] = 1, return_indices: bool = False,
        ceil_mode: bool = False, *, data_format: str | None = None, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[Any, Params]: ...

class MaxPool3d(LayerModule):
    def __init__(
        self, graph: Graph, kernel_size: int | tuple[int, ...], stride: int | tuple[int, ...] | None = None,
        padding: int | tuple[int, ...] = 0, dilation: int | tuple[int, ...] = 1, return_indices: bool = False,
        ceil_mode: bool = False, *, data_format: str | None = None, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[Any, Params]: ...

class MaxUnpool1d(LayerModule):
    def __init__(
        self, graph: Graph, kernel_size: int | tuple[int], stride: int | tuple[int] | None = None,
        padding: int | tuple[int] = 0, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, indices: ArrayLike, output_size: Any = None, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class MaxUnpool2d(LayerModule):
    def __init__(
        self, graph: Graph, kernel_size: int | tuple[int, int], stride: int | tuple[int, int] | None = None,
        padding: int | tuple[int, int] = 0, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, indices: ArrayLike, output_size: Any = None, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class MaxUnpool3d(LayerModule):
    def __init__(
        self, graph: Graph, kernel_size: int | tuple[int, int, int], stride: int | tuple[int, int, int] | None = None,
        padding: int | tuple[int, int, int] = 0, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, indices: ArrayLike, output_size: Any = None, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

# Recurrent layers

class GRU(LayerModule):
    def __init__(
        self, graph: Graph, input_size: int | None, hidden_size: int, num_layers: int = 1, bias: bool = True,
        batch_first: bool = False, dropout: float = 0.0, bidirectional: bool = False, device: Device = None,
        dtype: DType = None, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, hx: ArrayLike | None = None, *, is_training: bool = False
    ) -> tuple[tuple[ArrayT, ArrayT], Params]: ...

class LSTM(LayerModule):
    def __init__(
        self, graph: Graph, input_size: int | None, hidden_size: int, num_layers: int = 1, bias: bool = True,
        batch_first: bool = False, dropout: float = 0.0, bidirectional: bool = False, proj_size: int = 0,
        device: Device = None, dtype: DType = None, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, hx: tuple[ArrayLike, ArrayLike] | None = None, *, is_training: bool = False
    ) -> tuple[tuple[ArrayT, tuple[ArrayT, ArrayT]], Params]: ...

class RNN(LayerModule):
    def __init__(
        self, graph: Graph, input_size: int | None, hidden_size: int, num_layers: int = 1, nonlinearity: str = "tanh",
        bias: bool = True, batch_first: bool = False, dropout: float = 0.0, bidirectional: bool = False,
        device: Device = None, dtype: DType = None, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, hx: ArrayLike | None = None, *, is_training: bool = False
    ) -> tuple[tuple[ArrayT, ArrayT], Params]: ...

class GRUCell(LayerModule):
    def __init__(
        self, graph: Graph, input_size: int | None, hidden_size: int, bias: bool = True, device: Device = None,
        dtype: DType = None, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, hx: ArrayLike | None = None, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class LSTMCell(LayerModule):
    def __init__(
        self, graph: Graph, input_size: int | None, hidden_size: int, bias: bool = True, device: Device = None,
        dtype: DType = None, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, hx: tuple[ArrayLike, ArrayLike] | None = None, *, is_training: bool = False
    ) -> tuple[tuple[ArrayT, ArrayT], Params]: ...

class RNNCell(LayerModule):
    def __init__(
        self, graph: Graph, input_size: int | None, hidden_size: int, bias: bool = True, nonlinearity: str = "tanh",
        device: Device = None, dtype: DType = None, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, hx: ArrayLike | None = None, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

# Regression losses

class GaussianNLLLoss(LayerModule):
    def __init__(
        self, graph: Graph, *, full: bool = False, eps: float = 1e-06, reduction: str = "mean", rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, target: ArrayLike, var: ArrayLike | float, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class HuberLoss(LayerModule):
    def __init__(
        self, graph: Graph, reduction: str = "mean", delta: float = 1.0, *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, target: ArrayLike, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class L1Loss(LayerModule):
    def __init__(
        self, graph: Graph, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean", *,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, target: ArrayLike, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class MSELoss(LayerModule):
    def __init__(
        self, graph: Graph, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean", *,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, target: ArrayLike, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class PoissonNLLLoss(LayerModule):
    def __init__(
        self, graph: Graph, log_input: bool = True, full: bool = False, size_average: bool | None = None,
        eps: float = 1e-08, reduce: bool | None = None, reduction: str = "mean", *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, log_input: ArrayT, target: ArrayLike, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

class SmoothL1Loss(LayerModule):
    def __init__(
        self, graph: Graph, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean",
        beta: float = 1.0, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, input: ArrayT, target: ArrayLike, *, is_training: bool = False
    ) -> tuple[ArrayT, Params]: ...

# Sequence losses

class CTCLoss(LayerModule):
    def __init__(
        self, graph: Graph, blank: int = 0, reduction: str = "mean", zero_infinity: bool = False, *,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, log_probs: ArrayT, targets: ArrayLike, input_lengths: Any, target_lengths: Any, *,
        is_training: bool = False) -> tuple[ArrayT, Params]: ...

# Reshaping

class Flatten(LayerModule):
    def __init__(
        self, graph: Graph, start_dim: int = 1, end_dim: int = -1, *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Identity(LayerModule):
    def __init__(
        self, graph: Graph, *args: Any, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None, **kwargs: Any) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Unflatten(LayerModule):
    def __init__(
        self, graph: Graph, dim: int, unflattened_size: Sequence[int], *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

# Piecewise activations

class Hardshrink(LayerModule):
    def __init__(
        self, graph: Graph, lambd: float = 0.5, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Hardsigmoid(LayerModule):
    def __init__(
        self, graph: Graph, inplace: bool = False, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Hardswish(LayerModule):
    def __init__(
        self, graph: Graph, inplace: bool = False, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Hardtanh(LayerModule):
    def __init__(
        self, graph: Graph, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False,
        min_value: float | None = None, max_value: float | None = None, *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class RReLU(LayerModule):
    def __init__(
        self, graph: Graph, lower: float = 0.125, upper: float = 0.3333333333333333, inplace: bool = False, *,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class ReLU6(LayerModule):
    def __init__(
        self, graph: Graph, inplace: bool = False, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Softshrink(LayerModule):
    def __init__(
        self, graph: Graph, lambd: float = 0.5, *, rng: Rng | None = None, init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class Threshold(LayerModule):
    def __init__(
        self, graph: Graph, threshold: float, value: float, inplace: bool = False, *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

# Transformers

class Transformer(LayerModule):
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
    def __init__(
        self, graph: Graph, decoder_layer: TransformerDecoderLayer, num_layers: int, norm: LayerModule | None = None, *,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, tgt: ArrayT, memory: ArrayLike, tgt_mask: ArrayLike | None = None,
        memory_mask: ArrayLike | None = None, tgt_key_padding_mask: ArrayLike | None = None,
        memory_key_padding_mask: ArrayLike | None = None, tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class TransformerDecoderLayer(LayerModule):
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
    def __init__(
        self, graph: Graph, encoder_layer: TransformerEncoderLayer, num_layers: int, norm: LayerModule | None = None,
        enable_nested_tensor: bool = True, mask_check: bool = True, *, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(
        self, params: Params, src: ArrayT, mask: ArrayLike | None = None, src_key_padding_mask: ArrayLike | None = None,
        is_causal: bool | None = None, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class TransformerEncoderLayer(LayerModule):
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
    def __init__(
        self, graph: Graph, size: int | tuple[int, ...] | None = None,
        scale_factor: float | tuple[float, ...] | None = None, mode: str = "nearest", align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None, *, data_format: str | None = None, rng: Rng | None = None,
        init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class UpsamplingBilinear2d(LayerModule):
    def __init__(
        self, graph: Graph, size: int | tuple[int, int] | None = None,
        scale_factor: float | tuple[float, float] | None = None, *, data_format: str | None = None,
        rng: Rng | None = None, init_fn: LayerInitFn | None = None, metadata: Metadata | None = None) -> None: ...
    def __call__(self, params: Params, input: ArrayT, *, is_training: bool = False) -> tuple[ArrayT, Params]: ...

class UpsamplingNearest2d(LayerModule):
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
