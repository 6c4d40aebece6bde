"""The examples in the docstrings of layers, rewritten for each style, run.

`make test` runs those of the declarations, which these follow from, as doctests.
"""

import doctest
import warnings

import pytest

import unified.explicit
import unified.nn
import unified.trees
from unified.core import layers

STYLES = {"unified.nn": unified.nn, "unified.explicit": unified.explicit.layers, "unified.trees": unified.trees}
# A size from the first input, draws, state, several results, layers within a layer, a function as an argument.
SAMPLE = ("Linear", "FractionalMaxPool2d", "LazyBatchNorm1d", "GRU", "TransformerEncoder")
SAMPLE += ("TripletMarginWithDistanceLoss",)


def run(style: str, names: list[str]) -> str:
    """Return what the examples of these layers got that they did not expect."""
    report: list[str] = []
    for name in names:
        doc = getattr(STYLES[style], name).__doc__
        test = doctest.DocTestParser().get_doctest(doc, {}, f"{style}.{name}", None, None)
        assert test.examples, name
        with warnings.catch_warnings(action="error"):
            doctest.DocTestRunner(verbose=False).run(test, out=report.append)
    return "".join(report)


@pytest.mark.parametrize("style", STYLES)
def test_sample(style):
    assert not run(style, [*SAMPLE])


@pytest.mark.parametrize("style", STYLES)
def test_every_layer(style):
    assert not run(style, [name for name in layers.__all__ if name != "Sequential" or style == "unified.explicit"])
