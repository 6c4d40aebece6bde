"""Outputs that agree within the tolerances: rounding is told from another way to compute, by runs in float64."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from conformance_tests.compare.defects.defect import mapping
from conformance_tests.compare.pairs.pair import normal, trained
from unified.testing import compare, sides

RULES = mapping("function", ['a.weight = a, axes = "o i -> i o"', "a.bias = b"])
WIDE = {"rtol": 1e-3, "atol": 1e-3}


class Net(nn.Module):
    def __init__(self, function=F.gelu):
        super().__init__()
        self.a, self.function = nn.Linear(6, 3), function

    def forward(self, x):
        return self.a(self.function(x))


def compared(function, module=None, **options):
    def second(params, x):
        return function(x) @ params["a"] + params["b"]

    params = {"a": normal(6, 3), "b": normal(3)}
    first = sides.torch(trained(module or Net()))
    return compare(first, sides.function(second, params), normal(4, 6), mapping=RULES, **{**WIDE, **options})


def approximate(x):
    return jax.nn.gelu(x, approximate=True)


@pytest.mark.parametrize("dtype", [None, "float64"])
def test_another_form_of_gelu_is_noted(dtype):
    report = compared(approximate, dtype=dtype)
    assert report.agrees and report.first_difference is None
    (note,) = report.notes
    assert "'output' agrees within the tolerances, but not up to rounding" in note
    assert "There gelu and" in note and "differ first" in note
    assert "likeliest cause: gelu's approximate: none in the first, tanh in the second" in note
    assert f"  note: {note}" in str(report).splitlines()


def test_equal_forms_have_no_note():
    assert compared(lambda x: jax.nn.gelu(x, approximate=False)).notes == ()


def test_rounding_has_no_note():
    report = compared(lambda x: x, Net(lambda x: (x + 1000) - 1000))
    assert report.agrees and report.largest_difference > 1e-5  # far more than that of other sums
    assert report.notes == ()


def test_half_precision_has_no_note():
    report = compared(lambda x: approximate(x).astype(jnp.float16), rtol=1e-2, atol=1e-2)
    assert report.agrees and report.notes  # the function's alone: its outputs are in float32

    class Half(Net):
        def forward(self, x):
            return super().forward(x).half()

    assert compared(approximate, Half(), rtol=1e-2, atol=1e-2).notes == ()


def test_a_side_that_cannot_run_in_float64_has_no_note():
    def strict(x):
        if x.dtype != np.float32:
            raise TypeError("float32 alone")
        return approximate(x)

    report = compared(strict)
    assert report.agrees and report.notes == ()


def test_a_difference_that_fails_has_no_note():
    report = compared(approximate, rtol=1e-6, atol=1e-6)
    assert not report.agrees and report.notes == ()


def test_names_of_outputs_may_differ():
    class Two(Net):
        def forward(self, x):
            y = super().forward(x)
            return y, {"sum": y.sum(-1)}

    def second(params, x):
        y = approximate(x) @ params["a"] + params["b"]
        return {"all": y, "sum": y.sum(-1)}

    params = {"a": normal(6, 3), "b": normal(3)}
    report = compare(sides.torch(trained(Two())), sides.function(second, params), normal(4, 6), mapping=RULES, **WIDE)
    assert report.agrees and len(report.notes) == 1


def test_torch_alone_is_compared_in_float64():
    names = mapping("torch", ["a.weight = a.weight", "a.bias = a.bias"])
    module, other = trained(Net()), trained(Net(lambda x: F.gelu(x, approximate="tanh")))
    report = compare(sides.torch(module), sides.torch(other), normal(4, 6), mapping=names, **WIDE)
    assert report.agrees and "gelu's approximate" in report.notes[0]
    assert {parameter.dtype for parameter in (*module.parameters(), *other.parameters())} == {torch.float32}
