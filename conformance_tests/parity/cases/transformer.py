"""Cases of transformers. In torch's boolean masks, true hides."""

import functools
from typing import Any

import numpy as np

import unified.functional as F
from conformance_tests.parity.cases.recipes import Case, case, fixed, given, normal

__all__ = ["CASES"]

CAUSAL = fixed(np.triu(np.ones((4, 4), bool), 1), bool)
FLOAT_CAUSAL = fixed(np.triu(np.full((4, 4), -np.inf), 1))
PADDING = fixed([[False, False, False, True], [False, False, True, True]], bool)
MEMORY_PADDING = fixed([[False, False, True], [False, True, True]], bool)

X, FIRST, MEMORY = normal(4, 2, 6), normal(2, 4, 6), normal(3, 2, 6)


def encoder_layer(x: Any, *args: Any, **kwargs: Any) -> Case:
    return case("TransformerEncoderLayer", x, *args, tolerance=1e-4, **{"dropout": 0.0, **kwargs})


def decoder_layer(x: Any, *args: Any, **kwargs: Any) -> Case:
    return case("TransformerDecoderLayer", x, *args, tolerance=1e-4, **{"dropout": 0.0, **kwargs})


SMALL = {"dim_feedforward": 5, "dropout": 0.0}
encoder = functools.partial(case, "TransformerEncoder", X, enable_nested_tensor=False, tolerance=1e-4)
decoder = functools.partial(case, "TransformerDecoder", (X, MEMORY), tolerance=1e-4)
transformer = functools.partial(case, "Transformer", tolerance=1e-4)

CASES = [
    encoder_layer(X, 6, 2, 5),
    encoder_layer(X, None, 2, 5, sizes={"d_model": 6}),
    encoder_layer(normal(4, 6), 6, 2, 5),
    encoder_layer(FIRST, 6, 3, 5, batch_first=True, norm_first=True),
    encoder_layer(X, 6, 2, 5, activation="gelu", layer_norm_eps=0.1),
    encoder_layer(X, 6, 2, 5, activation=F.silu, bias=False),
    encoder_layer(X, 6, 2, 5, activation=given("PReLU", 1, 0.1)),
    encoder_layer(X, 6, 2, 5, activation=given("GELU", "tanh")),
    encoder_layer(X, 6, 2, 5, named={"src_mask": CAUSAL, "src_key_padding_mask": PADDING}),
    encoder_layer(X, 6, 2, 5, named={"src_mask": CAUSAL, "is_causal": True}),
    encoder_layer(X, 6, 2, 5, dropout=0.3),
    decoder_layer((X, MEMORY), 6, 2, 5),
    decoder_layer((X, MEMORY), None, 2, 5, sizes={"d_model": 6}),
    decoder_layer((normal(4, 6), normal(3, 6)), 6, 2, 5),
    decoder_layer((FIRST, normal(2, 3, 6)), 6, 3, 5, batch_first=True, norm_first=True),
    decoder_layer((X, MEMORY), 6, 2, 5, activation="gelu", layer_norm_eps=0.1, bias=False),
    decoder_layer((X, MEMORY), 6, 2, 5, activation=F.silu),
    decoder_layer(
        (X, MEMORY),
        6,
        2,
        5,
        named={
            "tgt_mask": FLOAT_CAUSAL,
            "tgt_is_causal": True,
            "memory_mask": normal(4, 3),
            "memory_key_padding_mask": normal(2, 3),
        },
    ),
    decoder_layer(
        (X, MEMORY), 6, 2, 5, named={"tgt_key_padding_mask": PADDING, "memory_key_padding_mask": MEMORY_PADDING}
    ),
    decoder_layer((X, MEMORY), 6, 2, 5, dropout=0.3),
    encoder(given("TransformerEncoderLayer", 6, 2, **SMALL), 2),
    encoder(given("TransformerEncoderLayer", 6, 2, **SMALL), 2, given("LayerNorm", 6), mask_check=False),
    encoder(given("TransformerEncoderLayer", 6, 2, **SMALL), 1, named={"mask": CAUSAL}),
    encoder(
        given("TransformerEncoderLayer", 6, 2, **SMALL),
        num_layers=1,
        named={"mask": CAUSAL, "src_key_padding_mask": PADDING, "is_causal": True},
    ),
    encoder(given("TransformerEncoderLayer", 6, 2, 5, 0.3), 2),
    decoder(given("TransformerDecoderLayer", 6, 2, **SMALL), 2),
    decoder(given("TransformerDecoderLayer", 6, 2, **SMALL), num_layers=1, norm=given("LayerNorm", 6, bias=False)),
    decoder(
        given("TransformerDecoderLayer", 6, 2, **SMALL),
        1,
        named={"tgt_mask": CAUSAL, "memory_key_padding_mask": MEMORY_PADDING},
    ),
    transformer((normal(2, 3, 6), normal(2, 4, 6)), 6, 2, 1, 1, 5, 0.0, batch_first=True),
    transformer((MEMORY, X), None, 2, 1, 2, 5, 0.0, sizes={"d_model": 6}, norm_first=True, bias=False),
    transformer(
        (MEMORY, X),
        6,
        2,
        1,
        1,
        5,
        0.0,
        "gelu",
        layer_norm_eps=0.1,
        named={
            "src_key_padding_mask": MEMORY_PADDING,
            "memory_key_padding_mask": MEMORY_PADDING,
            "tgt_mask": FLOAT_CAUSAL,
            "tgt_is_causal": True,
        },
    ),
    transformer(
        (X, X),
        6,
        2,
        dropout=0.0,
        custom_encoder=given(
            "TransformerEncoder", given("TransformerEncoderLayer", 6, 2, **SMALL), 1, enable_nested_tensor=False
        ),
        custom_decoder=given("TransformerDecoder", given("TransformerDecoderLayer", 6, 2, **SMALL), 1),
    ),
    transformer((MEMORY, X), 6, 2, 1, 1, 5, 0.2),
]
