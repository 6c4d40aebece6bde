"""Calls of functions: normalisation within a sample."""

from conformance_tests.parity.calls.recipes import INF, call, fixed, held, normal, probabilities

__all__ = ["CALLS", "REFUSED"]

CALLS = [
    call("group_norm", normal(2, 6, 4), 3, normal(6), normal(6), 0.1),
    call("group_norm", fixed([1e4, 3.0, -1e4, 3.0]), 2),
    call("instance_norm", normal(2, 3, 4)),
    call("instance_norm", normal(2, 3, 4), None, None, normal(3), normal(3), True, 0.1, 0.2),
    call("instance_norm", normal(2, 3, 4), held(normal(3)), held(probabilities(3)), use_input_stats=False),
    call("rms_norm", normal(2, 3, 4), (4,)),
    call("rms_norm", normal(2, 3, 4), [3, 4], normal(3, 4), 0.1),
    call("rms_norm", fixed([0.0, 0.0], [1e4, -1e4]), (2,)),
    call("local_response_norm", normal(2, 5, 3), 3, 0.5, 0.6, 2.0),
    *[call("normalize", fixed([0.0, 0.0], [3.0, -4.0], [0.0, 1e4]), p) for p in (1.0, 2.0, 3.0, INF)],
    call("normalize", normal(2, 3, 4), 2.0, -1, 10.0),
    call("normalize", normal(2, 3, 4), dim=(0, 2)),
]

REFUSED = [
    call("group_norm", normal(2, 6, 4), 4),
    call("group_norm", normal(2, 6, 4), 3, normal(5)),
    call("instance_norm", normal(2, 3, 1)),
    call("instance_norm", normal(2, 3, 4), use_input_stats=False),
    call("rms_norm", normal(2, 3, 4), (3,)),
    call("rms_norm", normal(2, 3, 4), (4,), normal(3)),
    call("local_response_norm", normal(2, 5), 3),
]
