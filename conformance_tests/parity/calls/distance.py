"""Calls of functions: distance."""

from conformance_tests.parity.calls.recipes import INF, call, fixed, normal, steps

__all__ = ["CALLS", "REFUSED"]

PAIR = (normal(3, 4), normal(3, 4))
NORMS = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, INF)

CALLS = [
    call("cosine_similarity", *PAIR),
    call("cosine_similarity", normal(2, 3, 4), normal(4), -1, 0.5),
    call("cosine_similarity", fixed([0.0, 0.0], [1e-9, 0.0]), fixed([1.0, 2.0], [1.0, 0.0])),
    call("cosine_similarity", fixed([1e18, 1e18]), fixed([1.0, 2.0])),
    *[call("pairwise_distance", *PAIR, p) for p in NORMS],
    *[call("pairwise_distance", steps(6, 2), steps(6, 2), p, eps=0.0, keepdim=True) for p in NORMS[:-1]],
    call("pairwise_distance", normal(4), normal(4), -INF),
    *[call("pdist", normal(4, 3), p) for p in NORMS],
    *[call("pdist", steps(6, 1), p) for p in NORMS[2:-1]],
    call("pdist", normal(1, 3)),
    call("cosine_similarity", normal(), normal(), 0),
    *[call("pairwise_distance", normal(), normal(), p, keepdim=True) for p in NORMS],
    call("triplet_margin_loss", normal(), normal(), normal()),
    call("normalize", normal(), 2.0, -1),
]

REFUSED = [
    call("cosine_similarity", normal(3), normal(4), 0),
    call("pairwise_distance", normal(3), normal(4)),
    call("pdist", normal(3)),
    call("pdist", normal(3, 2), -1.0),
]
