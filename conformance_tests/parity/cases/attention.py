"""Cases of attention. In torch's boolean masks, true hides."""

import functools

import numpy as np

from conformance_tests.parity.cases.recipes import case, fixed, normal

__all__ = ["CASES"]

attention = functools.partial(case, "MultiheadAttention", tolerance=1e-4)

SELF = (normal(5, 2, 8),) * 3
X, MEMORY, VALUES = normal(5, 2, 8), normal(4, 2, 8), normal(4, 2, 8)
FIRST = (normal(2, 5, 8), normal(2, 4, 8), normal(2, 4, 8))
CAUSAL = fixed(np.triu(np.ones((5, 5), bool), 1), bool)
PADDING = fixed([[False, False, False, True], [False, True, True, True]], bool)
ADDED = fixed(np.linspace(-1, 1, 20).reshape(5, 4))
HIDDEN = fixed([[False] * 4] * 4 + [[True] * 4], bool)

CASES = [
    attention((X, MEMORY, VALUES), 8, 2),
    attention((X, MEMORY, VALUES), None, 4, sizes={"embed_dim": 8}),
    attention((normal(5, 8), normal(4, 8), normal(4, 8)), 8, 2),
    attention((normal(5, 8), normal(4, 8), normal(4, 8)), 8, 2, batch_first=True, named={"need_weights": False}),
    attention(FIRST, 8, 2, batch_first=True),
    attention((X, MEMORY, VALUES), 8, 2, bias=False),
    attention((X, MEMORY, VALUES), 8, 2, 0.0, True, True),
    attention((X, MEMORY, VALUES), 8, 2, add_zero_attn=True),
    attention(
        (X, MEMORY, VALUES),
        8,
        4,
        add_bias_kv=True,
        add_zero_attn=True,
        named={"attn_mask": ADDED, "key_padding_mask": normal(2, 4)},
    ),
    attention((X, normal(4, 2, 3), normal(4, 2, 6)), 8, 2, kdim=3, vdim=6),
    attention((X, normal(4, 2, 3), VALUES), 8, 2, kdim=3, bias=False),
    attention((X, MEMORY, normal(4, 2, 6)), 8, 2, vdim=6, add_bias_kv=True, named={"need_weights": False}),
    attention((X, MEMORY, VALUES), 8, 2, named={"key_padding_mask": PADDING}),
    attention((X, MEMORY, VALUES), 8, 2, named={"key_padding_mask": PADDING, "need_weights": False}),
    attention((X, MEMORY, VALUES), 8, 2, named={"attn_mask": ADDED, "average_attn_weights": False}),
    attention((X, MEMORY, VALUES), 8, 2, named={"attn_mask": ADDED, "need_weights": False}),
    attention((X, MEMORY, VALUES), 8, 2, named={"attn_mask": HIDDEN, "need_weights": False}),
    attention((X, MEMORY, VALUES), 8, 2, named={"attn_mask": normal(4, 5, 4)}),
    attention((X, MEMORY, VALUES), 8, 2, named={"key_padding_mask": normal(2, 4)}),
    attention((normal(5, 8), normal(4, 8), normal(4, 8)), 8, 2, named={"attn_mask": normal(2, 5, 4)}),
    attention(SELF, 8, 2, named={"attn_mask": CAUSAL}),
    attention(SELF, 8, 2, named={"attn_mask": CAUSAL, "is_causal": True, "need_weights": False}),
    attention(SELF, 8, 2, named={"attn_mask": CAUSAL, "is_causal": True}),
    attention((X, MEMORY, VALUES), 8, 2, dropout=0.4),
    attention((X, MEMORY, VALUES), 8, 2, dropout=0.4, named={"need_weights": False, "attn_mask": ADDED}),
]
