"""Transformers.

They follow `torch.nn` and Vaswani et al. (2017). A boolean mask hides a position where it is true; a float mask is
added to the scores. Arrays are `(L, N, d_model)`, or `(N, L, d_model)` with `batch_first`, or without a batch.
"""

import dataclasses
import math
from collections.abc import Iterable
from typing import Any, ClassVar

from unified.core.initializers import xavier_uniform
from unified.core.layer import Layer, LayerVariable, Shape, Spec
from unified.core.layers.attention import MultiheadAttention
from unified.core.layers.checks import check_probability, check_sizes
from unified.core.layers.dropout import Dropout
from unified.core.layers.linear import Linear
from unified.core.layers.norm import LayerNorm

__all__ = [
    "Transformer",
    "TransformerDecoder",
    "TransformerDecoderLayer",
    "TransformerEncoder",
    "TransformerEncoderLayer",
]


def _block(attentions: tuple[str, ...], arguments: dict[str, Any]) -> dict[str, Spec]:
    """Return the layers of one block in torch's order: attentions, feed-forward network, norms, dropouts."""
    a = arguments
    options = {"device": a["device"], "dtype": a["dtype"]}
    attention = MultiheadAttention.spec(
        (a["d_model"], a["nhead"]),
        {"dropout": a["dropout"], "bias": a["bias"], "batch_first": a["batch_first"], **options},
    )
    norm = LayerNorm.spec((a["d_model"],), {"eps": a["layer_norm_eps"], "bias": a["bias"], **options})
    dropout = Dropout.spec((a["dropout"],), {})
    count = len(attentions) + 1
    layers = dict.fromkeys(attentions, attention)
    layers["linear1"] = Linear.spec((a["d_model"], a["dim_feedforward"], a["bias"]), options)
    layers["dropout"] = dropout
    layers["linear2"] = Linear.spec((a["dim_feedforward"], a["d_model"], a["bias"]), options)
    layers.update({f"norm{number}": norm for number in range(1, count + 1)})
    layers.update({f"dropout{number}": dropout for number in range(1, count + 1)})
    if isinstance(a["activation"], Spec):
        layers["activation"] = a["activation"]
    return layers


def _check_block(nhead: int, dim_feedforward: int, dropout: float, activation: Any) -> None:
    check_sizes(1, nhead=nhead, dim_feedforward=dim_feedforward)
    check_probability(dropout=dropout)
    if isinstance(activation, str) and activation not in ("relu", "gelu"):
        raise ValueError(f"activation must be 'relu', 'gelu' or a function, got {activation!r}")


class _Block(Layer):
    attentions: ClassVar[tuple[str, ...]]  # their names; the second one attends to the second input
    compound = True
    takes_layers = True
    optional_sizes = ("d_model",)

    @staticmethod
    def variables(
        d_model: int | None,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Any = "relu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> Iterable[LayerVariable]:
        _check_block(nhead, dim_feedforward, dropout, activation)
        return ()

    @classmethod
    def inner(cls, **arguments: Any) -> dict[str, Spec]:
        return _block(cls.attentions, arguments)

    @staticmethod
    def sizes(x: Any, *others: Any) -> dict[str, Any]:
        return {"d_model": x.shape[-1]}

    @classmethod
    def flops(cls, arguments: dict[str, Any], inputs: list[Shape], outputs: list[Shape]) -> int:
        x = inputs[0]
        options = {
            "embed_dim": x[-1],
            "batch_first": arguments["batch_first"],
            "add_bias_kv": False,
            "add_zero_attn": False,
        }
        attended = inputs[: len(cls.attentions)]
        attentions = sum(MultiheadAttention.flops(options, [x, other, other], []) for other in attended)
        return attentions + 4 * math.prod(x) * arguments["dim_feedforward"]


class TransformerEncoderLayer(_Block):
    """Self-attention and a feed-forward network of two linear layers, each with a residual and a layer norm.

    Args:
        d_model: features; `None` takes them from the first input.
        nhead: number of attention heads.
        dim_feedforward: features between the two linear layers.
        dropout: probability of a zero in attention weights, after attention, and within and after the network.
        activation: `"relu"`, `"gelu"`, a function (`unified.functional.silu`) or a layer.
        layer_norm_eps: the norms' `eps`.
        batch_first: whether the batch comes before the sequence.
        norm_first: whether the norm applies to the input of each branch instead of the sum after it.
        bias: whether linear layers, attention and norms have a bias.

    A call takes `(src, src_mask=None, src_key_padding_mask=None, is_causal=False)`.

    In evaluation without gradients torch may use a fused kernel, which returns zeros at hidden positions.

    Shapes: `src` `(S, N, d_model)`, or batch first, or without a batch, to the same. Variables are those of the parts
    `self_attn`, `linear1`, `linear2`, `norm1` and `norm2`.

    Source: Vaswani et al. (2017); `torch.nn.TransformerEncoderLayer`.

    >>> import torch, unified as u
    >>> x = torch.ones(5, 1, 4)
    >>> net = u.transform(lambda x: u.TransformerEncoderLayer(4, 2, 8)(x), backend="torch").init(x, rng=0)
    >>> list(net(x).shape)
    [5, 1, 4]
    """

    attentions = ("self_attn",)


class TransformerDecoderLayer(_Block):
    """Self-attention, attention to an encoder's output, and a feed-forward network, each with a residual and a norm.

    Args:
        others: those of `TransformerEncoderLayer`.

    A call takes `(tgt, memory, tgt_mask=None, memory_mask=None, tgt_key_padding_mask=None,
    memory_key_padding_mask=None, tgt_is_causal=False, memory_is_causal=False)`.

    Shapes: `tgt` `(T, N, d_model)` and `memory` `(S, N, d_model)`, or batch first, or without a batch, to the shape of
    `tgt`. Variables are those of the parts `self_attn`, `multihead_attn`, `linear1`, `linear2`, `norm1`, `norm2` and
    `norm3`.

    Source: Vaswani et al. (2017); `torch.nn.TransformerDecoderLayer`.

    >>> import torch, unified as u
    >>> x, m = torch.ones(5, 1, 4), torch.ones(3, 1, 4)
    >>> net = u.transform(lambda x, m: u.TransformerDecoderLayer(4, 2, 8)(x, m), backend="torch").init(x, m, rng=0)
    >>> list(net(x, m).shape)
    [5, 1, 4]
    """

    attentions = ("self_attn", "multihead_attn")


def _copies(layer: Any, num_layers: int, norm: Any) -> dict[str, Spec]:
    """Return the layers of an encoder or decoder by name: `num_layers` times `layer`, and `norm`."""
    for value in (layer, norm):
        if not isinstance(value, Spec) and value is not None:
            raise TypeError(f"an encoder or decoder takes layers (and a norm or None), got {type(value).__name__}")
    if layer.is_lazy:
        raise ValueError("a layer that is copied cannot take its size from the first input: pass d_model to it")
    layers = {f"layers/{number}": layer for number in range(num_layers)}
    return layers if norm is None else {**layers, "norm": norm}


class TransformerEncoder(Layer):
    """`num_layers` copies of an encoder layer, one after the other, then an optional norm.

    Each copy has different initial values (in torch all copies start equal).

    Args:
        encoder_layer: a `TransformerEncoderLayer`, which the encoder names: `transformer_encoder/layers/0/norm1/bias`.
        num_layers: number of copies.
        norm: a layer for the output, such as `LayerNorm`, or `None`.
        enable_nested_tensor, mask_check: options of torch's fused kernel; no effect on JAX.

    A call takes `(src, mask=None, src_key_padding_mask=None, is_causal=None)`.

    Shapes: `src` to the same. Variables are those of `layers/0`, `layers/1`, ... and `norm`.

    Source: `torch.nn.TransformerEncoder`.

    >>> import torch, unified as u
    >>> x = torch.ones(1, 5, 4)
    >>> net = u.transform(
    ...     lambda x: u.TransformerEncoder(u.TransformerEncoderLayer(4, 2, 8, batch_first=True), 2)(x), backend="torch"
    ... ).init(x, rng=0)
    >>> list(net(x).shape)
    [1, 5, 4]
    """

    compound = True
    takes_layers = True

    @staticmethod
    def variables(
        encoder_layer: Any,
        num_layers: int,
        norm: Any = None,
        enable_nested_tensor: bool = True,
        mask_check: bool = True,
    ) -> Iterable[LayerVariable]:
        check_sizes(num_layers=num_layers)
        return ()

    @classmethod
    def inner(cls, **arguments: Any) -> dict[str, Spec]:
        return _copies(arguments["encoder_layer"], arguments["num_layers"], arguments["norm"])


class TransformerDecoder(Layer):
    """`num_layers` copies of a decoder layer, one after the other, then an optional norm.

    Each copy has different initial values (in torch all copies start equal).

    Args:
        decoder_layer: a `TransformerDecoderLayer`, which the decoder names.
        num_layers: number of copies.
        norm: a layer for the output, such as `LayerNorm`, or `None`.

    A call takes `(tgt, memory, tgt_mask=None, memory_mask=None, tgt_key_padding_mask=None,
    memory_key_padding_mask=None, tgt_is_causal=None, memory_is_causal=False)`.

    Shapes: `tgt` and `memory` to the shape of `tgt`. Variables are those of `layers/0`, `layers/1`, ... and `norm`.

    Source: `torch.nn.TransformerDecoder`.

    >>> import torch, unified as u
    >>> x, memory = torch.ones(5, 1, 4), torch.ones(3, 1, 4)
    >>> net = u.transform(
    ...     lambda x, memory: u.TransformerDecoder(u.TransformerDecoderLayer(4, 2, 8), 2)(x, memory), backend="torch"
    ... ).init(x, memory, rng=0)
    >>> list(net(x, memory).shape)
    [5, 1, 4]
    """

    compound = True
    takes_layers = True

    @staticmethod
    def variables(decoder_layer: Any, num_layers: int, norm: Any = None) -> Iterable[LayerVariable]:
        check_sizes(num_layers=num_layers)
        return ()

    @classmethod
    def inner(cls, **arguments: Any) -> dict[str, Spec]:
        return _copies(arguments["decoder_layer"], arguments["num_layers"], arguments["norm"])


class Transformer(Layer):
    """An encoder, and a decoder that attends to the encoder's output.

    Args:
        num_encoder_layers, num_decoder_layers: number of layers in each.
        custom_encoder, custom_decoder: layers to use in their place; the transformer names them `encoder`, `decoder`.
        others: those of `TransformerEncoderLayer`.

    All weights of two or more dimensions start Xavier uniform, as in torch.

    A call takes `(src, tgt, src_mask=None, tgt_mask=None, memory_mask=None, src_key_padding_mask=None,
    tgt_key_padding_mask=None, memory_key_padding_mask=None, src_is_causal=None, tgt_is_causal=None,
    memory_is_causal=False)`.

    Shapes: `src` `(S, N, d_model)` and `tgt` `(T, N, d_model)`, or batch first, or without a batch, to the shape of
    `tgt`. Variables are those of `encoder` and `decoder`.

    Source: Vaswani et al. (2017); `torch.nn.Transformer`.

    >>> import torch, unified as u
    >>> x, y = torch.ones(2, 5, 4), torch.ones(2, 3, 4)
    >>> net = u.transform(
    ...     lambda x, y: u.Transformer(4, 2, 1, 1, 8, batch_first=True)(x, y), backend="torch"
    ... ).init(x, y, rng=0)
    >>> list(net(x, y).shape)
    [2, 3, 4]
    """

    compound = True
    takes_layers = True
    optional_sizes = ("d_model",)

    @staticmethod
    def variables(
        d_model: int | None = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Any = "relu",
        custom_encoder: Any = None,
        custom_decoder: Any = None,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> Iterable[LayerVariable]:
        _check_block(nhead, dim_feedforward, dropout, activation)
        check_sizes(num_encoder_layers=num_encoder_layers, num_decoder_layers=num_decoder_layers)
        return ()

    @classmethod
    def inner(cls, **arguments: Any) -> dict[str, Spec]:
        a = arguments
        shared = {name: a[name] for name in _SHARED}
        norm = LayerNorm.spec(
            (a["d_model"],),
            {"eps": a["layer_norm_eps"], "bias": a["bias"], "device": a["device"], "dtype": a["dtype"]},
        )
        encoder, decoder = a["custom_encoder"], a["custom_decoder"]
        if encoder is None:
            layer = TransformerEncoderLayer.spec((), shared)
            encoder = TransformerEncoder.spec((layer, a["num_encoder_layers"], norm), {})
        if decoder is None:
            layer = TransformerDecoderLayer.spec((), shared)
            decoder = TransformerDecoder.spec((layer, a["num_decoder_layers"], norm), {})
        return {"encoder": _xavier(encoder), "decoder": _xavier(decoder)}

    @staticmethod
    def sizes(src: Any, *others: Any) -> dict[str, Any]:
        return {"d_model": src.shape[-1]}


_SHARED = (
    "d_model",
    "nhead",
    "dim_feedforward",
    "dropout",
    "activation",
    "layer_norm_eps",
    "batch_first",
    "norm_first",
    "bias",
    "device",
    "dtype",
)


def _xavier(spec: Any) -> Spec:
    """Return the spec with Xavier uniform initial values for all weights of two or more dimensions."""
    if not isinstance(spec, Spec):
        raise TypeError(f"custom_encoder and custom_decoder must be layers, got {type(spec).__name__}")
    variables = tuple(
        variable._replace(initializer=xavier_uniform()) if len(variable.shape) > 1 else variable
        for variable in spec.variables
    )
    return dataclasses.replace(spec, variables=variables)
