"""Calls of functions: embedding."""

from conformance_tests.parity.calls.recipes import call, classes, held, ints, normal

__all__ = ["CALLS", "REFUSED"]

CALLS = [
    call("embedding", ints(5, 2, 7), normal(5, 3)),
    call("embedding", ints(5, 2, 7), normal(5, 3), padding_idx=-2),
    call("embedding", ints(5, 2, 7), normal(5, 3), 1, scale_grad_by_freq=True),
    call("embedding", ints(5, 2, 7), normal(5, 3), sparse=True),
    call("one_hot", ints(5, 2, 3), 5),
    call("one_hot", ints(5, 2, 3), num_classes=7),
    call("one_hot", ints(5, 2, 3)),
    *[call("embedding_bag", ints(5, 3, 4), normal(5, 2), mode=mode) for mode in ("sum", "mean", "max")],
    *[call("embedding_bag", ints(5, 7), normal(5, 2), classes(0, 3, 3), mode=mode) for mode in ("sum", "mean", "max")],
    call("embedding_bag", ints(5, 7), held(normal(5, 2)), classes(0, 3, 7), 0.5, 1.0, include_last_offset=True),
    call("embedding_bag", classes([0, 1, 2], [2, 1, 0]), normal(5, 2), scale_grad_by_freq=True, padding_idx=-3),
    call("embedding_bag", ints(5, 3, 4), normal(5, 2), mode="sum", per_sample_weights=normal(3, 4)),
    call("embedding_bag", ints(5, 3, 4), normal(5, 2), sparse=True),
]

REFUSED = [
    call("one_hot", normal(3)),
    call("embedding_bag", ints(5, 7), normal(5, 2)),
    call("embedding_bag", ints(5, 2, 3), normal(5, 2), classes(0, 1)),
    call("embedding_bag", ints(5, 2, 3), normal(5), mode="sum"),
    call("embedding_bag", ints(5, 2, 3), normal(5, 2), mode="median"),
    call("embedding_bag", ints(5, 2, 3), normal(5, 2), mode="max", sparse=True),
    call("embedding_bag", ints(5, 2, 3), normal(5, 2), mode="max", scale_grad_by_freq=True),
    call("embedding_bag", ints(5, 2, 3), normal(5, 2), per_sample_weights=normal(2, 3)),
    call("embedding_bag", ints(5, 2, 3), normal(5, 2), mode="sum", per_sample_weights=normal(3)),
]
