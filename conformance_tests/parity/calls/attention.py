"""Calls of functions: attention."""

import numpy as np

from conformance_tests.parity.calls.recipes import call, fixed, held, normal, steps
from conformance_tests.parity.cases import recipes

__all__ = ["CALLS", "REFUSED"]

SEEN = recipes.fixed([[True, False, True, True], [False, False, False, False], [True, True, True, True]], bool)
QUERY, KEY, VALUE = normal(2, 2, 3, 4), normal(2, 2, 4, 4), normal(2, 2, 4, 5)
LARGE = fixed(*(np.array([[1e4, -1e4], [0, 1e4], [3, -2]])))

X, MEMORY = normal(3, 2, 6), normal(4, 2, 6)
WEIGHTS = (normal(18, 6), normal(18), None, None, False, 0.0, normal(6, 6), normal(6))
SEPARATE = {
    "use_separate_proj_weight": True,
    "q_proj_weight": normal(6, 6),
    "k_proj_weight": normal(6, 6),
    "v_proj_weight": normal(6, 6),
}

CALLS = [
    call("scaled_dot_product_attention", QUERY, KEY, VALUE),
    call("scaled_dot_product_attention", normal(3, 4), normal(4, 4), normal(4, 5)),
    call("scaled_dot_product_attention", normal(2, 3, 4), normal(2, 4, 4), normal(2, 4, 5), None, 0.0, True),
    call("scaled_dot_product_attention", QUERY, KEY, VALUE, held(normal(3, 4))),
    call("scaled_dot_product_attention", QUERY, KEY, VALUE, normal(2, 1, 3, 4), scale=0.3),
    call("scaled_dot_product_attention", QUERY, KEY, VALUE, SEEN),
    call("scaled_dot_product_attention", QUERY, KEY, VALUE, is_causal=True, scale=2.0),
    call("scaled_dot_product_attention", normal(1, 4, 3, 2), normal(1, 2, 3, 2), normal(1, 2, 3, 2), enable_gqa=True),
    call("scaled_dot_product_attention", LARGE, LARGE, normal(3, 2)),
    call("scaled_dot_product_attention", steps(3, 2), fixed([0.0, 0.0], [0.0, 0.0]), normal(2, 2)),
    call("multi_head_attention_forward", X, MEMORY, normal(4, 2, 6), 6, 2, *WEIGHTS),
    call("multi_head_attention_forward", X, MEMORY, normal(4, 2, 6), 6, 2, *WEIGHTS, False, need_weights=False),
    call("multi_head_attention_forward", X, MEMORY, normal(4, 2, 6), 6, 3, None, *WEIGHTS[1:], **SEPARATE),
    call(
        "multi_head_attention_forward",
        X,
        MEMORY,
        normal(4, 2, 6),
        6,
        2,
        *WEIGHTS[:2],
        normal(1, 1, 6),
        normal(1, 1, 6),
        True,
        *WEIGHTS[5:],
        attn_mask=held(normal(3, 4)),
        average_attn_weights=False,
    ),
]

REFUSED = [
    call("scaled_dot_product_attention", normal(4), normal(4), normal(4)),
    call("scaled_dot_product_attention", QUERY, KEY, VALUE, SEEN, is_causal=True),
    call("scaled_dot_product_attention", QUERY, normal(2, 2, 4, 3), VALUE),
    call("multi_head_attention_forward", X, MEMORY, normal(5, 2, 6), 6, 2, *WEIGHTS),
    call("multi_head_attention_forward", X, MEMORY, normal(4, 2, 6), 7, 2, *WEIGHTS),
    call("multi_head_attention_forward", X, MEMORY, normal(4, 2, 6), 6, 4, *WEIGHTS),
    call("multi_head_attention_forward", X, MEMORY, normal(4, 2, 6), 6, 2, *WEIGHTS, attn_mask=normal(4, 3)),
    call("multi_head_attention_forward", X, MEMORY, normal(4, 2, 6), 6, 2, *WEIGHTS, key_padding_mask=normal(4, 2)),
    call("multi_head_attention_forward", X, MEMORY, normal(4, 2, 6), 6, 2, *WEIGHTS, is_causal=True),
]
