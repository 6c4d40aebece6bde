"""Pairs of implementations whose mapping is found without help: they convert, agree and convert back."""

import importlib

import numpy as np
import pytest

from conformance_tests.compare.pairs.pair import PAIRS
from unified.testing import Mapping, compare

for name in ("basic", "recurrent", "attention", "vision"):
    importlib.import_module(f"conformance_tests.compare.pairs.{name}")

QUICK = ("perceptron_function", "lstm_torch_cells", "separable_linen")


def test_there_are_as_many_pairs_as_promised():
    assert len(PAIRS) >= 12


SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in PAIRS if name not in QUICK]


@pytest.mark.parametrize("name", [*QUICK, *SLOW])
def test_the_mapping_is_found(name):
    pair = PAIRS[name]()
    report = compare(pair.first, pair.second, *pair.inputs, layouts=pair.layouts, rtol=1e-4, atol=pair.tolerance)
    assert report.agrees, str(report)
    mapping = report.mapping
    parameters = {path for path, value in pair.first.values().items() if value.kind == "parameter"}
    assert not parameters & set(mapping.left_over[0])
    assert Mapping.loads(mapping.dumps()) == mapping
    # Converted there and back, the weights are the same, except for sums, which the mapping splits anew.
    values = {path: value.array for path, value in pair.first.values().items()}
    there = mapping.forward(values)
    again = mapping.forward({**values, **mapping.backward({**_of(pair.second), **there})})
    assert all(np.array_equal(again[path], there[path]) for path in there)
    # And it holds for other weights than those that it was found at.
    rng = np.random.default_rng(7)
    other = {path: _other(value, rng) for path, value in values.items()}
    options = {"layouts": pair.layouts, "mapping": mapping, "rtol": 1e-4, "atol": pair.tolerance}
    repeated = compare(pair.first.replaced(other), pair.second, *pair.inputs, **options)
    assert repeated.agrees, str(repeated)


def _of(side):
    return {path: value.array for path, value in side.values().items()}


def _other(array, rng):
    if array.dtype.kind != "f":
        return array
    return (array * (1 + 0.3 * rng.standard_normal(array.shape).clip(-2, 2))).astype(array.dtype)
