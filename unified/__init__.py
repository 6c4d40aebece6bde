"""One model, written once, for PyTorch and JAX.

```python
import unified as u

def forward(x):
    return u.Linear(None, 10)(x)

net = u.transform(forward, backend="torch")     # a torch.nn.Module
net = u.transform(forward, backend="jax")       # pure init and apply
```

Importing this package imports neither framework. `transform` says what a model offers; every layer is
`unified.<Name of torch.nn>`.
"""

from typing import TYPE_CHECKING, Any

from unified import functional
from unified.attention import KVCache, RotaryEmbedding, causal_mask
from unified.core import filters, initializers, random, tree
from unified.core.annotations import Array
from unified.core.backends import available as available_backends
from unified.core.backends import set_backend
from unified.core.cells import *
from unified.core.checkpoint import describe, load, save
from unified.core.distribute import distribute
from unified.core.errors import (
    BackendError,
    CheckpointError,
    NoActiveTransformError,
    NotInitializedError,
    StructureChangedError,
    TransformBoundaryError,
)
from unified.core.layer import Layer
from unified.core.layers import *
from unified.core.lifted import *
from unified.core.missing import unknown_name
from unified.core.model import Model
from unified.core.module import Module
from unified.core.named_scope import scope
from unified.core.params import Params
from unified.core.policy import Policy
from unified.core.ranges import named_ranges, set_named_scopes
from unified.core.reparametrized import spectral_norm, weight_norm
from unified.core.show import display, summary
from unified.core.structure import VariableInfo
from unified.core.variables import (
    array_namespace,
    backend,
    current_path,
    get_parameter,
    get_state,
    is_initializing,
    is_training,
    next_rng_key,
    set_state,
    sow,
    wrap,
)
from unified.core.windows import avg_pool, max_pool, min_pool
from unified.models import build, from_torch, load_model, transform
from unified.moving_average import ema

__version__ = "0.1.0"

__all__ = [
    "Array",
    "BackendError",
    "CheckpointError",
    "ConvLSTM1dCell",
    "ConvLSTM2dCell",
    "ConvLSTM3dCell",
    "DeepRNN",
    "KVCache",
    "Layer",
    "Model",
    "Module",
    "NoActiveTransformError",
    "NotInitializedError",
    "Params",
    "Policy",
    "RecurrentCell",
    "ResidualCell",
    "RotaryEmbedding",
    "StructureChangedError",
    "TransformBoundaryError",
    "VariableInfo",
    "array_namespace",
    "available_backends",
    "avg_pool",
    "backend",
    "build",
    "causal_mask",
    "cond",
    "current_path",
    "describe",
    "display",
    "distribute",
    "ema",
    "eval_shape",
    "filters",
    "fori_loop",
    "from_torch",
    "functional",
    "get_parameter",
    "get_state",
    "grad",
    "initializers",
    "is_initializing",
    "is_training",
    "jit",
    "layer_stack",
    "load",
    "load_model",
    "map",
    "max_pool",
    "min_pool",
    "named_ranges",
    "next_rng_key",
    "random",
    "remat",
    "save",
    "scan",
    "scope",
    "set_backend",
    "set_named_scopes",
    "set_state",
    "sow",
    "spectral_norm",
    "summary",
    "switch",
    "transform",
    "tree",
    "unroll",
    "value_and_grad",
    "vmap",
    "weight_norm",
    "while_loop",
    "wrap",
]

# fmt: off
# layers: begin (written by `make generate`)
__all__ += [
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
    "ReplicationPad1d", "ReplicationPad2d", "ReplicationPad3d", "SELU", "Sequential", "SiLU", "Sigmoid",
    "SmoothL1Loss", "SoftMarginLoss", "Softmax", "Softmax2d", "Softmin", "Softplus", "Softshrink", "Softsign",
    "SyncBatchNorm", "Tanh", "Tanhshrink", "Threshold", "Transformer", "TransformerDecoder", "TransformerDecoderLayer",
    "TransformerEncoder", "TransformerEncoderLayer", "TripletMarginLoss", "TripletMarginWithDistanceLoss", "Unflatten",
    "Unfold", "Upsample", "UpsamplingBilinear2d", "UpsamplingNearest2d", "ZeroPad1d", "ZeroPad2d", "ZeroPad3d",
]
# layers: end
# fmt: on


def __dir__() -> list[str]:
    return __all__


def _name_classes() -> None:
    """Give the public classes the name that users import them by, which errors, pickles and documentation show."""
    for name in __all__:
        value = globals()[name]
        if isinstance(value, type) and value.__module__.startswith("unified."):
            value.__module__ = "unified"


_name_classes()

OTHER_CLASSES = ". The page docs/layers.md says what is written for the classes of torch.nn that are not here"

if not TYPE_CHECKING:  # checkers would take any name for an attribute

    def __getattr__(name: str) -> Any:
        """Return `Model` as `BlazeModule`, blaze's name for it, so that blaze code runs with `import unified as bl`.

        The name is not part of this package's API, and so neither in `__all__` nor in `dir`; `unified.compat.blaze` has
        blaze's API.
        """
        if name == "BlazeModule":
            return Model
        is_class = name[:1].isupper()
        raise unknown_name(__name__, name, __all__, OTHER_CLASSES if is_class else "")
