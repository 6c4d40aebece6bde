"""Calls of functions: sampling at computed points."""

import itertools

import numpy as np

from conformance_tests.parity.calls.recipes import INF, Recipe, call, fixed, normal

__all__ = ["CALLS", "REFUSED"]

IMAGE, VOLUME = normal(2, 3, 5, 4), normal(2, 2, 3, 4, 3)
PADDINGS = ("zeros", "border", "reflection")


def points(*shape: int) -> Recipe:
    """float32 values from -3 to 3: within the image, and beyond it more than once."""
    return Recipe("points", shape, lambda rng, shape: rng.uniform(-3, 3, shape).astype(np.float32))


CALLS = [
    *[
        call("grid_sample", IMAGE, points(2, 6, 5, 2), mode, padding, align_corners=corners)
        for mode, padding, corners in itertools.product(("bilinear", "nearest", "bicubic"), PADDINGS, (False, True))
    ],
    *[
        call("grid_sample", VOLUME, points(2, 2, 3, 2, 3), mode, padding, align_corners=corners)
        for mode, padding, corners in itertools.product(("bilinear", "nearest"), PADDINGS, (False, True))
    ],
    call("grid_sample", normal(1, 2, 1, 1), points(1, 3, 3, 2), padding_mode="reflection", align_corners=True),
    call("grid_sample", normal(1, 1, 2, 2), fixed([[[-1.0, -1.0], [1.0, 1.0]]]), padding_mode="border"),
    call("grid_sample", fixed([[[INF, 1.0], [1.0, 1.0]]]), fixed([[[5.0, 5.0], [0.5, 0.5]]])),
    *[call("affine_grid", normal(2, 2, 3), (2, 1, 3, 4), corners) for corners in (False, True, None)],
    *[call("affine_grid", normal(2, 3, 4), (2, 1, 3, 1, 2), corners) for corners in (False, True)],
]

REFUSED = [
    call("grid_sample", IMAGE, points(2, 6, 5, 2), "linear"),
    call("grid_sample", IMAGE, points(2, 6, 5, 2), padding_mode="circular"),
    call("grid_sample", IMAGE, points(1, 6, 5, 2)),
    call("grid_sample", IMAGE, points(2, 6, 5, 3)),
    call("grid_sample", IMAGE, points(2, 6, 2)),
    call("grid_sample", normal(2, 3, 4), points(2, 6, 1)),
    call("grid_sample", VOLUME, points(2, 2, 3, 2, 3), "bicubic"),
    call("grid_sample", normal(1, 1, 0, 2), points(1, 2, 2, 2)),
    call("affine_grid", normal(2, 2, 3), (2, 1, 3)),
    call("affine_grid", normal(2, 2, 2), (2, 1, 3, 4)),
    call("affine_grid", normal(2, 2, 3), (2, 1, 0, 4)),
]
