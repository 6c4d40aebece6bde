"""Gradients, training steps, dtypes, tolerances, the page and the fixture of comparisons; values along the depth."""

import xml.etree.ElementTree as ElementTree

import jax.numpy as jnp
import numpy as np
import pytest
import torch
from torch import nn

from conformance_tests.compare.defects.defect import mapping
from conformance_tests.compare.pairs.pair import normal, trained
from unified.compare.depth.agreement import agree, same_numbers
from unified.compare.depth.causes.momentum import momentum_cause
from unified.compare.page import page
from unified.testing import compare, sides

X = normal(6, 5)
RULES = ['0.weight = w, axes = "o i -> i o"', "0.bias = b", '2.weight = v, axes = "o i -> i o"', "2.bias = c"]


def torch_side():
    torch.manual_seed(0)
    return sides.torch(trained(nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 3))))


def function(params, x, factor=1.0):
    return jnp.tanh(x @ params["w"] + params["b"]) @ params["v"] * factor + params["c"]


def jax_side(fn=function):
    return sides.function(fn, {"w": normal(5, 4), "b": normal(4), "v": normal(4, 3), "c": normal(3)})


def compared(fn=function, **options):
    return compare(torch_side(), jax_side(fn), X, mapping=mapping("function", RULES), **options)


def test_gradients_and_steps_are_those_of_torch():
    report = compared(gradients=True, steps=3, learning_rate=0.1)
    assert report.agrees, str(report)
    names = [each.name for each in report.differences]
    assert names == [
        "output",
        *(f"gradient {name}" for name in "bcvw"),
        *(f"after 3 steps {name}" for name in "bcvw"),
    ]


def test_a_gradient_that_is_stopped_is_found():
    def stopped(params, x):
        return function({**params, "b": jnp.asarray(params["b"]) + 0 * 1}, x)

    import jax

    def cut(params, x):
        return function({**params, "b": jax.lax.stop_gradient(params["b"])}, x)

    assert compared(stopped, gradients=True).agrees
    report = compared(cut, gradients=True, steps=2)
    differing = {each.name for each in report.differences if not each.agrees}
    assert {"gradient b", "after 2 steps b"} <= differing
    assert "output" not in differing and "gradient w" not in differing


def test_float64_tells_rounding_from_a_difference():
    single, double = compared(), compared(dtype="float64")
    assert double.agrees
    assert double.differences[0].kinds == ("float64[6, 3]", "float64[6, 3]")
    assert double.largest_difference < 1e-14 < single.largest_difference
    with pytest.raises(ValueError, match="dtype must be one of float32, float64"):
        compared(dtype="float16")


def test_tolerances_of_some_values():
    def near(params, x):
        return function(params, x, 1.001)

    assert not compared(near).agrees
    assert compared(near, tolerances={"out*": (1e-2, 1e-2)}).agrees
    assert not compared(near, tolerances={"2.*": (1e-2, 1e-2)}).agrees
    with pytest.raises(ValueError, match="tolerances of 'out' must be"):
        compared(tolerances={"out": (-1, 0)})
    with pytest.raises(ValueError, match="steps must be a number from 0 on"):
        compared(steps=-1)


def test_the_page_shows_each_place_of_the_depth():
    report = compared(lambda params, x: function(params, x, 1.5), depth=True)
    text = page(report)
    svg = ElementTree.fromstring(text[text.index("<svg") : text.index("</svg>") + 6])
    points = list(svg.iter("circle"))
    assert [each.get("class") for each in points] == ["agrees" if p.agrees else "differs" for p in report.depth]
    assert {"agrees", "differs"} == {each.get("class") for each in points}
    assert "The first difference" in text
    assert "http" not in text  # it needs nothing else
    agreeing = compared(depth=True)
    assert all(place.agrees for place in agreeing.depth) and len(agreeing.depth) >= 3
    assert "<svg" in page(agreeing) and "<svg" not in page(compared())


def test_names_are_escaped_on_the_page():
    side = sides.function(lambda params, x: x * params["<b>"], {"<b>": np.ones(5, "f")})
    text = page(compare(side, side, X))
    assert "&lt;b&gt;" in text and "<b>" not in text


def test_arrays_agree_in_any_layout():
    images = normal(2, 3, 4, 5)
    assert np.array_equal(agree(images, images.transpose(0, 2, 3, 1), 0, 0), images)
    assert np.array_equal(agree(images, images.transpose(0, 2, 3, 1).reshape(2, -1), 0, 0), images)
    assert agree(images, images + 1, 1e-4, 1e-5) is None
    assert agree(images, images[:1], 1e-4, 1e-5) is None
    assert agree(np.zeros((0, 3), "f"), np.zeros((0, 3), "f"), 0, 0) is None  # nothing tells that they are one
    assert same_numbers(images, images[::-1], 0, 0) and not same_numbers(images, images + 1, 1e-4, 1e-5)
    assert agree(np.float32(2.0).reshape(()), np.float32(2.0).reshape(1), 0, 0).shape == ()


def test_momentum_is_told_by_how_far_state_moves():
    before, batch = normal(5), normal(5, seed=1)
    one, two = (before + m * (batch - before) for m in (0.1, 0.9))
    cause = momentum_cause(before, one, two)
    assert cause.name == "momentum" and "9 times as far" in cause.text
    assert momentum_cause(before, one, normal(5, seed=2)) is None


def test_the_fixture_fails_with_the_report_and_writes_junit(pytester):
    pytester.makepyfile(
        """
        import numpy as np
        from unified.testing import sides

        def side(factor):
            return sides.function(lambda params, x: x * params["w"] * factor, {"w": np.ones(3, "f")})

        def test_equal(unified_compare):
            assert unified_compare(side(1.0), side(1.0), np.arange(6, dtype="f").reshape(2, 3)).agrees

        def test_other(unified_compare):
            report = unified_compare(side(1.0), side(2.0), np.arange(6, dtype="f").reshape(2, 3))
        """
    )
    result = pytester.runpytest_inprocess("-p", "no:xdist", "-p", "no:cacheprovider", "--junitxml=junit.xml")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*function and function differ*"])
    cases = list(ElementTree.parse(pytester.path / "junit.xml").getroot().iter("testcase"))
    properties = [{each.get("name"): each.get("value") for each in case.iter("property")} for case in cases]
    assert properties[0] == {"largest difference: output": "0"}
    assert properties[1]["largest difference: output"] == "5"
    assert "likeliest cause" in properties[1]


def test_numbers_that_differ_a_little_are_not_in_another_order():
    """Sorted they are nearer, since there are many: the norm's epsilon is the one cause."""

    def norm(epsilon):
        torch.manual_seed(0)
        return sides.torch(trained(nn.Sequential(nn.Linear(5, 64), nn.LayerNorm(64, eps=epsilon), nn.Linear(64, 3))))

    x = 0.1 * normal(200, 5)
    report = compare(norm(1e-5), norm(1e-6), x, dtype="float64", rtol=1e-9, atol=1e-9)
    assert report.first_difference.names == ("1", "1")
    assert report.first_difference.largest < 1e-2
    assert [cause.name for cause in report.first_difference.causes] == ["epsilon"]
