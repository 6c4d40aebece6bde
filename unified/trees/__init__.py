"""Networks as trees: classes whose fields make their constructor, immutable, and pytrees of torch and of JAX.

```python
import unified.trees as ut

class Block(ut.Module):
    norm: ut.LayerNorm
    linear: ut.Linear

    def __call__(self, x):
        return x + self.linear(self.norm(x))

model = ut.fill(Block(ut.LayerNorm(8), ut.Linear(8, 8)), rng=0, backend="jax")
y = model(x)                                                  # evaluates
y, model = ut.apply(model, x, training=True, rng=key)         # trains: returns the model with its new state
gradient = jax.grad(loss)(model, x)                           # torch.func.grad on torch
```

Importing this package imports neither framework.
"""

from unified.trees import programs, registry
from unified.trees.applying import apply
from unified.trees.editing import tree_at
from unified.trees.fields import field, var
from unified.trees.layer import Layer
from unified.trees.layers import *
from unified.trees.module import BoundMethod, Module, replace
from unified.trees.pure import pure_model
from unified.trees.saving import load, save
from unified.trees.sequential import Sequential
from unified.trees.variables import combine, fill, load_params, params, partition
from unified.trees.wrappers import Checkpoint, Grad, Jit, ValueAndGrad, VMap

__all__ = [
    "BoundMethod",
    "Checkpoint",
    "Grad",
    "Jit",
    "Layer",
    "Module",
    "Sequential",
    "VMap",
    "ValueAndGrad",
    "apply",
    "combine",
    "field",
    "fill",
    "load",
    "load_params",
    "params",
    "partition",
    "replace",
    "save",
    "tree_at",
    "var",
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
    "ReplicationPad1d", "ReplicationPad2d", "ReplicationPad3d", "SELU", "SiLU", "Sigmoid", "SmoothL1Loss",
    "SoftMarginLoss", "Softmax", "Softmax2d", "Softmin", "Softplus", "Softshrink", "Softsign", "SyncBatchNorm", "Tanh",
    "Tanhshrink", "Threshold", "Transformer", "TransformerDecoder", "TransformerDecoderLayer", "TransformerEncoder",
    "TransformerEncoderLayer", "TripletMarginLoss", "TripletMarginWithDistanceLoss", "Unflatten", "Unfold", "Upsample",
    "UpsamplingBilinear2d", "UpsamplingNearest2d", "ZeroPad1d", "ZeroPad2d", "ZeroPad3d",
]
# layers: end
# fmt: on

registry.set_json(programs.to_json, programs.of_json)


def _name_classes() -> None:
    """Give the public classes the name that users import them by, which errors, pickles and files show."""
    for name in __all__:
        value = globals()[name]
        if isinstance(value, type):
            value.__module__ = "unified.trees"


_name_classes()
Module.__pure_model__ = pure_model  # type: ignore[attr-defined]  # for assert_parity
