"""Every option of every constructor of Haiku, one at a time, on both backends against dm-haiku itself.

The options are read off dm-haiku's own signatures: one that has no value here fails its layer's test.
"""

import inspect
from collections.abc import Callable
from types import MappingProxyType
from typing import Any, NamedTuple

import haiku
import jax
import numpy as np
import pytest

import unified.compat.haiku as hk
import unified.compat.jax as ujax
from conformance_tests.compat.against_haiku import compare, observe
from conformance_tests.compat.differential import on

RNG = np.random.default_rng(5)


def data(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape).astype(np.float32)


ROWS, LINE, IMAGE, VOLUME, SERIES = data(4, 6), data(2, 9, 4), data(2, 7, 6, 4), data(2, 4, 5, 6, 4), data(5, 3, 6)
IDS, MATRIX = RNG.integers(0, 7, (2, 5)).astype(np.int32), data(7, 3)
Options = dict[str, Callable[[Any], dict[str, Any]]]


class Layer(NamedTuple):
    """The required arguments, the input, what else a call takes, and values for options that need their own."""

    arguments: dict[str, Any]
    value: np.ndarray
    called_with: tuple[Any, ...] = ()
    options: Any = MappingProxyType({})


COMMON: Options = {
    "w_init": lambda hk: {"w_init": hk.initializers.RandomNormal(0.3, 0.1)},
    "b_init": lambda hk: {"b_init": hk.initializers.RandomUniform(-1.0, 1.0)},
    "scale_init": lambda hk: {"scale_init": hk.initializers.RandomNormal(0.3, 1.0)},
    "offset_init": lambda hk: {"offset_init": hk.initializers.RandomNormal()},
    "with_bias": lambda hk: {"with_bias": False},
    "create_scale": lambda hk: {"create_scale": False},
    "create_offset": lambda hk: {"create_offset": False},
    "eps": lambda hk: {"eps": 0.1},
    "epsilon": lambda hk: {"epsilon": 0.1},
    "stride": lambda hk: {"stride": 2},
    "rate": lambda hk: {"rate": 2},
    "padding": lambda hk: {"padding": "VALID"},
    "channel_axis": lambda hk: {"channel_axis": 1},
    "use_fast_variance": lambda hk: {"use_fast_variance": True},
    "feature_group_count": lambda hk: {"feature_group_count": 2},
    "zero_debias": lambda hk: {"zero_debias": False},
    "warmup_length": lambda hk: {"warmup_length": 2, "zero_debias": False},
    "ignore_regex": lambda hk: {"ignore_regex": ".*b"},
    "n_steps": lambda hk: {"n_steps": 3},
    "preserve_dims": lambda hk: {"preserve_dims": 2},
    "dtype": lambda hk: {"dtype": np.dtype("float32")},
}
TREE = {"a/~/w": {"w": ROWS}, "b": {"w": ROWS[:2]}}


def masked(rank: int, *channels: int) -> np.ndarray:
    """Zeros after the middle of the last axis of a kernel."""
    mask = np.ones((*[3] * rank, *channels), np.float32)
    mask[(..., 2, slice(None), slice(None))] = 0
    return mask


def conv(rank: int, value: np.ndarray, letters: str, **required: Any) -> Layer:
    own: Options = {
        "data_format": lambda hk: {"data_format": letters},
        "mask": lambda hk: {"mask": masked(rank, 4, 6)},
    }
    return Layer({**required, "kernel_shape": 3}, value, (), own)


def depthwise(rank: int, value: np.ndarray, letters: str) -> Layer:
    """dm-haiku's bias has two axes too many, or one too few, with channels first."""
    own: Options = {"data_format": lambda hk: {"data_format": letters, "with_bias": False}}
    return Layer({"channel_multiplier": 2, "kernel_shape": 3}, value, (), own)


def transposed(rank: int, value: np.ndarray, letters: str, **required: Any) -> Layer:
    sizes = [2 * size - 1 for size in value.shape[1:-1]]
    own: Options = {
        "output_shape": lambda hk: {"output_shape": sizes, "stride": 2},
        "mask": lambda hk: {"mask": masked(rank, 6, 4)},
    }
    return conv(rank, value, letters, **required)._replace(options={**conv(rank, value, letters).options, **own})


RESNET: Options = {
    "bn_config": lambda hk: {"bn_config": {"decay_rate": 0.5, "eps": 0.1, "create_offset": False}},
    "resnet_v2": lambda hk: {"resnet_v2": True},
    "bottleneck": lambda hk: {"bottleneck": False},
    "channels_per_group": lambda hk: {"channels_per_group": (4, 8, 8, 4)},
    "use_projection": lambda hk: {"use_projection": (True, False, True, True), "channels_per_group": (8, 8, 16, 16),
                                  "strides": (1, 1, 2, 1)},
    "logits_config": lambda hk: {"logits_config": {"w_init": hk.initializers.RandomNormal(), "name": "top"}},
    "initial_conv_config": lambda hk: {"initial_conv_config": {"kernel_shape": 3, "stride": 1, "with_bias": True}},
    "strides": lambda hk: {"strides": (1, 1, 2, 1)},
}  # fmt: skip
NORM: Options = {
    "axis": lambda hk: {"axis": (0, 1)}, "data_format": lambda hk: {"data_format": "channels_first"},
    "param_axis": lambda hk: {"param_axis": (1, -1)},
}  # fmt: skip
LAYERS: dict[str, Layer] = {
    "AvgPool": Layer({"window_shape": 2, "strides": (2, 1, 1, 1), "padding": "SAME"}, IMAGE),
    "MaxPool": Layer({"window_shape": 2, "strides": (2, 1, 1, 1), "padding": "VALID"}, IMAGE),
    "BatchNorm": Layer({"create_scale": True, "create_offset": True, "decay_rate": 0.9}, IMAGE, (True,), NORM),
    "Bias": Layer({}, IMAGE, (), {"output_size": lambda hk: {"output_size": (7, 6, 4)}, "bias_dims": lambda hk: {"bias_dims": [1]}}),
    "Conv1D": conv(1, LINE, "NCW", output_channels=6),
    "Conv2D": conv(2, IMAGE, "NCHW", output_channels=6),
    "Conv3D": conv(3, VOLUME, "NCDHW", output_channels=6),
    "ConvND": conv(2, IMAGE, "channels_first", num_spatial_dims=2, output_channels=6),
    "Conv1DTranspose": transposed(1, LINE, "NCW", output_channels=6),
    "Conv2DTranspose": transposed(2, IMAGE, "NCHW", output_channels=6),
    "Conv3DTranspose": transposed(3, VOLUME, "NCDHW", output_channels=6),
    "ConvNDTranspose": transposed(2, IMAGE, "channels_first", num_spatial_dims=2, output_channels=6),
    "DepthwiseConv1D": depthwise(1, LINE, "NCW"),
    "DepthwiseConv2D": conv(2, IMAGE, "NCHW", channel_multiplier=2),
    "DepthwiseConv3D": depthwise(3, VOLUME, "NCDHW"),
    "SeparableDepthwiseConv2D": conv(2, IMAGE, "NCHW", channel_multiplier=2),
    "EMAParamsTree": Layer({"decay": 0.9}, ROWS),
    "SNParamsTree": Layer({}, ROWS),
    "Embed": Layer({}, IDS, (), {
        "vocab_size": lambda hk: {"vocab_size": 7, "embed_dim": 3}, "embed_dim": lambda hk: {"vocab_size": 7, "embed_dim": 2},
        "embedding_matrix": lambda hk: {"embedding_matrix": MATRIX}, "w_init": lambda hk: {"vocab_size": 7, "embed_dim": 3, **COMMON["w_init"](hk)},
        "lookup_style": lambda hk: {"vocab_size": 7, "embed_dim": 3, "lookup_style": "ONE_HOT"},
        "precision": lambda hk: {"vocab_size": 7, "embed_dim": 3, "lookup_style": hk.EmbedLookupStyle.ONE_HOT, "precision": jax.lax.Precision.DEFAULT},
    }),
    "ExponentialMovingAverage": Layer({"decay": 0.9}, ROWS),
    "Flatten": Layer({}, IMAGE, (), {"preserve_dims": lambda hk: {"preserve_dims": 2}}),
    "Reshape": Layer({"output_shape": (4, -1)}, IMAGE, (), {"preserve_dims": lambda hk: {"preserve_dims": 3}}),
    "GroupNorm": Layer({"groups": 2}, IMAGE, (), {"axis": lambda hk: {"axis": (1, 2)}, "data_format": lambda hk: {"data_format": "NCHW", "groups": 7}}),
    "InstanceNorm": Layer({"create_scale": True, "create_offset": True}, IMAGE, (), NORM),
    "LayerNorm": Layer({"axis": -1, "create_scale": True, "create_offset": True}, IMAGE, (), NORM),
    "RMSNorm": Layer({"axis": -1}, IMAGE, (), NORM),
    "Linear": Layer({"output_size": 3}, ROWS),
    "MultiHeadAttention": Layer({"num_heads": 2, "key_size": 3}, SERIES, (SERIES, SERIES), {
        "w_init": lambda hk: COMMON["w_init"](hk), "w_init_scale": lambda hk: {"w_init_scale": 2.0},
        **{name: lambda hk, name=name, value=value: {"w_init": hk.initializers.VarianceScaling(), name: value}
           for name, value in (("with_bias", False), ("value_size", 4), ("model_size", 5))},
        "b_init": lambda hk: {"w_init": hk.initializers.VarianceScaling(), **COMMON["b_init"](hk)},
    }),
    "SpectralNorm": Layer({}, ROWS),
    "nets.MLP": Layer({"output_sizes": (5, 3)}, ROWS, (), {
        "activation": lambda hk: {"activation": ujax.numpy.tanh if hk is not haiku else jax.numpy.tanh}, "activate_final": lambda hk: {"activate_final": True},
    }),
    "nets.MobileNetV1": Layer({}, data(2, 8, 8, 3), (True,), {
        "strides": lambda hk: {"strides": (1, 2, 1), "channels": (8, 8, 4), "num_classes": 3}, "channels": lambda hk: {"strides": (2, 1), "channels": (4, 8), "num_classes": 3},
        "num_classes": lambda hk: {"strides": (1, 2), "channels": (8, 4), "num_classes": 5}, "use_bn": lambda hk: {"strides": (1, 2), "channels": (8, 4), "num_classes": 3, "use_bn": False},
    }),
    "nets.ResNet": Layer(
        {"blocks_per_group": (1, 2, 1, 1), "num_classes": 3}, data(4, 24, 24, 3).astype(np.float64), (True,),
        {name: lambda hk, make=make: {"channels_per_group": (8, 8, 16, 16), **make(hk)} for name, make in RESNET.items()},
    ),
    "nets.VectorQuantizer": Layer({"embedding_dim": 6, "num_embeddings": 5, "commitment_cost": 0.25}, ROWS, (True,)),
    "nets.VectorQuantizerEMA": Layer({"embedding_dim": 6, "num_embeddings": 5, "commitment_cost": 0.25, "decay": 0.9}, ROWS, (True,)),
}  # fmt: skip
CORES: dict[str, Layer] = {
    "GRU": Layer({"hidden_size": 4}, SERIES, (), {
        "w_i_init": lambda hk: {"w_i_init": hk.initializers.RandomNormal()}, "w_h_init": lambda hk: {"w_h_init": hk.initializers.RandomNormal()},
    }),
    "LSTM": Layer({"hidden_size": 4}, SERIES),
    "VanillaRNN": Layer({"hidden_size": 4}, SERIES, (), {"double_bias": lambda hk: {"double_bias": False}}),
}  # fmt: skip
ELSEWHERE = {
    "Module": "the base", "RNNCore": "the base", "nets.ResNet101": "depth", "nets.ResNet152": "depth",
    "nets.ResNet18": "depth", "nets.ResNet200": "depth", "nets.ResNet34": "depth", "nets.ResNet50": "depth",
    **dict.fromkeys(("Conv1DLSTM", "Conv2DLSTM", "Conv3DLSTM", "DeepRNN", "IdentityCore", "ResetCore", "Sequential"),
                    "no option: test_haiku_layers.py"),
}  # fmt: skip
DEVICES = {"cross_replica_axis", "cross_replica_axis_index_groups"}  # test_collectives.py


def found(hk: Any, name: str) -> Any:
    for part in name.split("."):
        hk = getattr(hk, part)
    return hk


def options_of(name: str, layer: Layer) -> list[str]:
    parameters = inspect.signature(found(haiku, name)).parameters
    return [each for each in parameters if each not in {"name", *layer.arguments, *DEVICES}]


def test_no_layer_is_left_out() -> None:
    public = [("", haiku), ("nets.", haiku.nets)]
    layers = {
        prefix + name for prefix, space in public for name in dir(space)
        if inspect.isclass(getattr(space, name)) and issubclass(getattr(space, name), haiku.Module)
    }  # fmt: skip
    assert layers == {*LAYERS, *CORES, *ELSEWHERE}


def check(body: Any, value: np.ndarray) -> None:
    """In float64 where the input is: the norms of deep nets amplify what is lost in float32."""
    wide = value.dtype == np.float64
    with jax.enable_x64(wide):
        wanted = observe(haiku, jax, body, value, steps=1)
        for backend, initial, tolerance in (("jax", 0.0, 1e-6), ("torch", 1e-12 if wide else 1e-6, 1e-4)):
            with on(backend):
                compare(observe(hk, ujax, body, value, steps=1), wanted, initial, 1e-7 if wide else tolerance)


@pytest.mark.full
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    ("name", "option"), [(name, option) for name, layer in LAYERS.items() for option in options_of(name, layer)]
)
def test_option(name: str, option: str) -> None:
    layer = LAYERS[name]

    def body(hk: Any, jax: Any, x: Any) -> Any:
        module = found(hk, name)(**{**layer.arguments, **{**COMMON, **layer.options}[option](hk)})
        if name.endswith("Tree"):
            return module({"a/~/w": {"w": x}, "b": {"w": x[:2] * 2}})["b"]["w"]
        return module(x, *layer.called_with)

    check(body, layer.value)


@pytest.mark.full
@pytest.mark.parametrize(
    ("name", "option"), [(name, option) for name, layer in CORES.items() for option in options_of(name, layer)]
)
def test_option_of_a_core(name: str, option: str) -> None:
    layer = CORES[name]

    def body(hk: Any, jax: Any, x: Any) -> Any:
        core = found(hk, name)(**layer.arguments, **{**COMMON, **layer.options}[option](hk))
        return hk.dynamic_unroll(core, x, core.initial_state(3))

    check(body, layer.value)


@pytest.mark.full
@pytest.mark.parametrize("depth", [18, 34, 50, 101, 152, 200])
def test_depths_pass_their_options_on(depth: int) -> None:
    """Names, shapes and dtypes of all parameters, without running a net."""
    image = np.zeros((2, 32, 32, 3), np.float32)
    name = f"nets.ResNet{depth}"
    for option in options_of(name, Layer({"num_classes": 3}, image)):

        def shapes(haiku_like: Any, option: str = option) -> Any:
            config = RESNET[option](haiku_like)
            net = haiku_like.transform_with_state(lambda x: found(haiku_like, name)(3, **config)(x, True))
            made = jax.eval_shape(net.init, jax.ShapeDtypeStruct((2,), np.uint32), image)
            return [
                {m: {k: (v.shape, v.dtype) for k, v in bundle.items()} for m, bundle in tree.items()} for tree in made
            ]

        with on("jax"):
            assert shapes(hk) == shapes(haiku), option
