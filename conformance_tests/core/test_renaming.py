"""`params.rename`: new paths by rules, transposed matrices, and rules that cannot be right."""

import numpy as np
import pytest

from unified.core.params import Params

WEIGHT = np.arange(6, dtype=np.float32).reshape(2, 3)


def params():
    return Params({"model/h/0/fc/weight": WEIGHT, "model/h/0/fc/bias": WEIGHT[0], "model/ln/weight": WEIGHT[1]})


def test_the_first_pattern_that_matches_a_whole_path_decides():
    renamed = params().rename({r"model/h/(\d+)/fc/(.*)": r"layers/\1/\2", r"model/(.*)": r"\1", r"(.*)": "x"})
    assert list(renamed) == ["layers/0/weight", "layers/0/bias", "ln/weight"]
    assert all(np.array_equal(new, old) for new, old in zip(renamed.values(), params().values(), strict=True))
    assert [info.path for info in renamed.info.values()] == list(renamed)


def test_a_part_of_a_path_is_no_match():
    with pytest.raises(ValueError, match=r"'model' matches none of the paths.*as a whole"):
        params().rename({"model": "net"})


def test_what_no_pattern_matches_stays_and_none_leaves_out():
    assert list(params().rename({".*/bias": None})) == ["model/h/0/fc/weight", "model/ln/weight"]
    assert params().rename({}) == params()


def test_matrices_are_transposed_by_their_old_paths():
    renamed = params().rename({"model/(.*)": r"\1"}, transpose="model/h/.*/weight")
    assert np.array_equal(renamed["h/0/fc/weight"], WEIGHT.T) and renamed.info["h/0/fc/weight"].shape == (3, 2)
    assert renamed["h/0/fc/weight"].flags.c_contiguous
    assert np.array_equal(renamed["ln/weight"], WEIGHT[1])
    again = renamed.rename({}, transpose=["h/.*/weight"])
    assert np.array_equal(again["h/0/fc/weight"], WEIGHT)


def test_the_names_of_a_state_dict_are_paths():
    dotted = Params({"h.0.weight": WEIGHT})
    assert list(dotted.rename({"h/(.*)": r"layers/\1"})) == ["layers/0/weight"]


@pytest.mark.parametrize(
    ("rules", "transpose", "message"),
    [
        ({"modell/(.*)": r"\1"}, (), "matches none of the paths"),
        ({}, "nothing", "'nothing' matches none"),
        ({".*/(weight|bias)": r"\1"}, (), r"'model/h/0/fc/weight' and 'model/ln/weight' would both become 'weight'"),
        ({"model/ln/weight": ""}, (), "no path"),
        ({"model/ln(.*)": r"ln/\1"}, (), "no path"),
        ({}, ".*/bias", r"'model/h/0/fc/bias' has shape \(3,\), and only a matrix"),
    ],
)
def test_rules_that_cannot_be_right_are_refused(rules, transpose, message):
    with pytest.raises(ValueError, match=message):
        params().rename(rules, transpose)
