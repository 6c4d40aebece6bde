"""Planted defects: each is named at its layer, with its cause."""

import pytest
import torch

from conformance_tests.compare.defects import of_jax, of_torch  # noqa: F401  (of_jax registers defects)
from conformance_tests.compare.defects.defect import DEFECTS
from unified.testing import compare

# One of each library's sides, and of each cause between modules of torch; the rest are the same causes elsewhere.
OF_TORCH = [name for name, make in DEFECTS.items() if make.__module__ == of_torch.__name__]
QUICK = {*OF_TORCH, "haiku_epsilon", "nnx_epsilon", "function_scale", "function_mask", "flax_padding"}
NAMES = [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in DEFECTS]


def test_there_are_enough():
    assert len(DEFECTS) >= 20


@pytest.mark.parametrize("name", NAMES)
def test_a_planted_defect_is_named(name):
    torch.manual_seed(0)
    planted = DEFECTS[name]()
    report = compare(planted.first, planted.second, *planted.inputs, mapping=planted.mapping, **planted.options)
    assert not report.agrees
    found = report.first_difference
    assert found is not None, str(report)
    assert found.names[0] == planted.layer, str(report)
    assert found.cause is not None, str(report)
    assert found.cause.name == planted.cause, str(report)
