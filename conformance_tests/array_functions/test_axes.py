"""Axes that an array lacks, and reductions of no values: refused alike on both frameworks."""

import numpy as np
import pytest

import unified.numpy as unp
from conformance_tests.array_functions.frameworks import native

REDUCTIONS = ("all", "any", "count_nonzero", "max", "mean", "min", "prod", "std", "sum", "var")
OF_VALUES = ("argmax", "argmin", "max", "min")


@pytest.mark.parametrize("framework", ["torch", "jax"])
@pytest.mark.parametrize(
    "name", [*REDUCTIONS, "argmax", "argmin", "argsort", "cumulative_prod", "cumulative_sum", "sort"]
)
def test_axes_that_an_array_lacks_are_refused(name, framework):
    x, function = native(np.ones((2, 3), np.float32), framework), getattr(unp, name)
    for axis in (2, -3):
        with pytest.raises(ValueError, match="axis"):
            function(x, axis=axis)
    if name in REDUCTIONS:
        with pytest.raises(ValueError, match="axis"):
            function(x, axis=(0, -2))


@pytest.mark.parametrize("framework", ["torch", "jax"])
@pytest.mark.parametrize("name", OF_VALUES)
def test_the_largest_of_no_values_is_refused(name, framework):
    for shape, axis in (((0,), None), ((2, 0), None), ((2, 0), 1), ((2, 0), -1)):
        with pytest.raises(ValueError, match=rf"{name}"):
            getattr(unp, name)(native(np.ones(shape, np.float32), framework), axis=axis)
    assert getattr(unp, name)(native(np.ones((2, 0), np.float32), framework), axis=0).shape == (0,)
