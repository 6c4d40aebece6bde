"""Planted defects: each is named at its layer, with its cause."""

import pytest
import torch

from conformance_tests.compare.defects import of_jax, of_torch  # noqa: F401  (they register defects)
from conformance_tests.compare.defects.defect import DEFECTS
from unified.testing import compare


@pytest.mark.parametrize("name", DEFECTS)
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
