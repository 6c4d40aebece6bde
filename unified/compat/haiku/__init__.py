"""dm-haiku's public API on either framework: change `import haiku as hk`, keep the model.

    import unified.compat.haiku as hk            # was: import haiku as hk
    import unified.compat.jax as jax             # was: import jax
    import unified.compat.jax.numpy as jnp       # was: import jax.numpy as jnp

`hk.transform` returns the same pure `init` and `apply`, over tensors on torch: the same nested dicts of parameters, the
same shapes and initial values for the same key. A checkpoint of dm-haiku works unchanged. `hk.to_torch` returns an
`nn.Module`. `docs/haiku.md` is the guide, and lists the names that are not offered.

>>> import unified as u, torch
>>> import unified.compat.haiku as hk
>>> u.set_backend("torch")
>>> net = hk.without_apply_rng(hk.transform(lambda x: hk.nets.MLP([300, 10])(x)))
>>> params = net.init(42, torch.ones(1, 784))
>>> list(params), net.apply(params, torch.ones(1, 784)).shape
(['mlp/~/linear_0', 'mlp/~/linear_1'], torch.Size([1, 10]))
>>> u.set_backend(None)

Source: https://dm-haiku.readthedocs.io
"""

from unified.compat.haiku import (
    config,
    data_structures,
    experimental,
    initializers,
    mixed_precision,
    nets,
    pad,
    testing,
)
from unified.compat.haiku.absent import absent
from unified.compat.haiku.attention import MultiHeadAttention
from unified.compat.haiku.checkpoint import from_params, load, save, to_params
from unified.compat.haiku.control_flow import cond, fori_loop, map, scan, switch, while_loop
from unified.compat.haiku.conv import (
    Conv1D,
    Conv1DTranspose,
    Conv2D,
    Conv2DTranspose,
    Conv3D,
    Conv3DTranspose,
    ConvND,
    ConvNDTranspose,
)
from unified.compat.haiku.conv_lstm import Conv1DLSTM, Conv2DLSTM, Conv3DLSTM
from unified.compat.haiku.custom import (
    DO_NOT_STORE,
    GetterContext,
    SetterContext,
    custom_creator,
    custom_getter,
    custom_setter,
)
from unified.compat.haiku.deep_rnn import DeepRNN, deep_rnn_with_skip_connections
from unified.compat.haiku.deferred import Deferred
from unified.compat.haiku.depthwise_conv import (
    DepthwiseConv1D,
    DepthwiseConv2D,
    DepthwiseConv3D,
    SeparableDepthwiseConv2D,
)
from unified.compat.haiku.embed import Embed, EmbedLookupStyle
from unified.compat.haiku.functions import BatchApply, dropout, expand_apply, multinomial, one_hot, to_module
from unified.compat.haiku.jax_usage import JaxUsageError
from unified.compat.haiku.keys import (
    maybe_get_rng_sequence_state,
    maybe_next_rng_key,
    next_rng_key,
    next_rng_keys,
    replace_rng_sequence_state,
    reserve_rng_keys,
    with_rng,
)
from unified.compat.haiku.layer_stack import LayerStackTransparencyMapping, layer_stack
from unified.compat.haiku.lift import (
    LiftWithStateUpdater,
    lift,
    lift_with_state,
    transparent_lift,
    transparent_lift_with_state,
)
from unified.compat.haiku.linear import Bias, Linear, Sequential
from unified.compat.haiku.module import (
    MethodContext,
    Module,
    force_name,
    intercept_methods,
    name_like,
    name_scope,
    transparent,
)
from unified.compat.haiku.moving_averages import EMAParamsTree, ExponentialMovingAverage
from unified.compat.haiku.multi_transform import (
    MultiTransformed,
    MultiTransformedWithState,
    multi_transform,
    multi_transform_with_state,
    without_apply_rng,
)
from unified.compat.haiku.norm import BatchNorm, GroupNorm, InstanceNorm, LayerNorm, RMSNorm
from unified.compat.haiku.pool import AvgPool, MaxPool, avg_pool, max_pool
from unified.compat.haiku.random import PRNGSequence
from unified.compat.haiku.recurrent import (
    GRU,
    LSTM,
    IdentityCore,
    LSTMState,
    ResetCore,
    RNNCore,
    VanillaRNN,
    dynamic_unroll,
    static_unroll,
)
from unified.compat.haiku.reshape import Flatten, Reshape
from unified.compat.haiku.running import current_name, running_init
from unified.compat.haiku.spectral_norm import SNParamsTree, SpectralNorm
from unified.compat.haiku.stateful import eval_shape, grad, jit, remat, value_and_grad, vmap
from unified.compat.haiku.to_torch import to_torch
from unified.compat.haiku.transform import (
    Transformed,
    TransformedWithState,
    transform,
    transform_with_state,
    with_empty_state,
    without_state,
)
from unified.compat.haiku.typing import ModuleProtocol, MutableParams, MutableState, Params, State, SupportsCall
from unified.compat.haiku.utils import get_channel_index
from unified.compat.haiku.variables import (
    get_current_state,
    get_initial_state,
    get_parameter,
    get_params,
    get_state,
    set_state,
)

to_dot = absent("to_dot")

__all__ = [
    "DO_NOT_STORE",
    "GRU",
    "LSTM",
    "AvgPool",
    "BatchApply",
    "BatchNorm",
    "Bias",
    "Conv1D",
    "Conv1DLSTM",
    "Conv1DTranspose",
    "Conv2D",
    "Conv2DLSTM",
    "Conv2DTranspose",
    "Conv3D",
    "Conv3DLSTM",
    "Conv3DTranspose",
    "ConvND",
    "ConvNDTranspose",
    "DeepRNN",
    "Deferred",
    "DepthwiseConv1D",
    "DepthwiseConv2D",
    "DepthwiseConv3D",
    "EMAParamsTree",
    "Embed",
    "EmbedLookupStyle",
    "ExponentialMovingAverage",
    "Flatten",
    "GetterContext",
    "GroupNorm",
    "IdentityCore",
    "InstanceNorm",
    "JaxUsageError",
    "LSTMState",
    "LayerNorm",
    "LayerStackTransparencyMapping",
    "LiftWithStateUpdater",
    "Linear",
    "MaxPool",
    "MethodContext",
    "Module",
    "ModuleProtocol",
    "MultiHeadAttention",
    "MultiTransformed",
    "MultiTransformedWithState",
    "MutableParams",
    "MutableState",
    "PRNGSequence",
    "Params",
    "RMSNorm",
    "RNNCore",
    "ResetCore",
    "Reshape",
    "SNParamsTree",
    "SeparableDepthwiseConv2D",
    "Sequential",
    "SetterContext",
    "SpectralNorm",
    "State",
    "SupportsCall",
    "Transformed",
    "TransformedWithState",
    "VanillaRNN",
    "avg_pool",
    "cond",
    "config",
    "current_name",
    "custom_creator",
    "custom_getter",
    "custom_setter",
    "data_structures",
    "deep_rnn_with_skip_connections",
    "dropout",
    "dynamic_unroll",
    "eval_shape",
    "expand_apply",
    "experimental",
    "force_name",
    "fori_loop",
    "from_params",
    "get_channel_index",
    "get_current_state",
    "get_initial_state",
    "get_parameter",
    "get_params",
    "get_state",
    "grad",
    "initializers",
    "intercept_methods",
    "jit",
    "layer_stack",
    "lift",
    "lift_with_state",
    "load",
    "map",
    "max_pool",
    "maybe_get_rng_sequence_state",
    "maybe_next_rng_key",
    "mixed_precision",
    "multi_transform",
    "multi_transform_with_state",
    "multinomial",
    "name_like",
    "name_scope",
    "nets",
    "next_rng_key",
    "next_rng_keys",
    "one_hot",
    "pad",
    "remat",
    "replace_rng_sequence_state",
    "reserve_rng_keys",
    "running_init",
    "save",
    "scan",
    "set_state",
    "static_unroll",
    "switch",
    "testing",
    "to_dot",
    "to_module",
    "to_params",
    "to_torch",
    "transform",
    "transform_with_state",
    "transparent",
    "transparent_lift",
    "transparent_lift_with_state",
    "value_and_grad",
    "vmap",
    "while_loop",
    "with_empty_state",
    "with_rng",
    "without_apply_rng",
    "without_state",
]
