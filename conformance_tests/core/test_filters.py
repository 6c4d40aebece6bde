"""Filters, and the methods of `Params` that select variables by them."""

import numpy as np
import pytest

import unified as u
from unified.core.filters import all_of, any_of, not_

PARAMS = u.Params(
    {
        "encoder/linear/weight": np.ones((2, 3)),
        "encoder/linear/bias": np.ones(2),
        "encoder/norm/weight": np.ones(2),
        "head/weight": np.ones((1, 2)),
        "head/bias": np.ones(1),
    }
)


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        ("*", [0, 1, 2, 3, 4]),
        (..., [0, 1, 2, 3, 4]),
        (True, [0, 1, 2, 3, 4]),
        (False, []),
        ("params", [0, 1, 2, 3, 4]),
        ("state", []),
        ("encoder/*", [0, 1, 2]),
        ("encoder", []),
        ("head/bias", [4]),
        ("*/bias", [1, 4]),
        ("*/linear/*", [0, 1]),
        ("head/[wb]*", [3, 4]),
        ("hea?/weight", [3]),
        ("HEAD/*", []),
        (["*/bias", "head/*"], [1, 3, 4]),
        ((), []),
        (lambda info: len(info.shape) == 2, [0, 3]),
        (any_of("*/bias", "head/*"), [1, 3, 4]),
        (all_of("*/bias", "head/*"), [4]),
        (all_of(), [0, 1, 2, 3, 4]),
        (not_("*/bias"), [0, 2, 3]),
        (all_of("encoder/*", not_(any_of("*/bias", "*/norm/*"))), [0]),
        ([["*/bias"], lambda info: info.size == 6], [0, 1, 4]),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_filter(filter: object, expected: list[int]) -> None:
    paths = list(PARAMS)
    assert list(PARAMS.filter(filter)) == [paths[position] for position in expected]
    selected, rest = PARAMS.split(filter)
    assert list(selected) == list(PARAMS.filter(filter))
    assert sorted([*selected, *rest]) == sorted(paths)
    assert list(rest | selected) == paths
    assert dict(PARAMS.mask(filter)) == {path: path in selected for path in paths}


@pytest.mark.parametrize("filter", [3, None, 2.5, b"params"])
def test_what_is_no_filter(filter: object) -> None:
    with pytest.raises(TypeError, match="a filter is"):
        PARAMS.filter(filter)


def test_partition() -> None:
    biases, encoder, rest = PARAMS.partition("*/bias", "encoder/*", ...)
    assert [list(part) for part in (biases, encoder, rest)] == [
        ["encoder/linear/bias", "head/bias"],
        ["encoder/linear/weight", "encoder/norm/weight"],
        ["head/weight"],
    ]
    assert list(rest.merge(biases, encoder)) == list(PARAMS)
    assert rest["head/weight"] is PARAMS["head/weight"]
    with pytest.raises(ValueError, match="'head/weight'"):
        PARAMS.partition("encoder/*", "*/bias")


def test_pop() -> None:
    popped, rest = PARAMS.pop("encoder/*", "*/bias")
    assert list(rest) == ["head/weight"]
    assert len(popped) == 4


def test_labels() -> None:
    assert set(PARAMS.labels(slow="encoder/*", fast=...).values()) == {"slow", "fast"}
    with pytest.raises(ValueError, match="'head/weight'"):
        PARAMS.labels(slow="encoder/*")


def test_freeze() -> None:
    frozen = PARAMS.freeze("encoder/*", "*/bias")
    assert list(frozen.split()[0]) == ["head/weight"]
    assert list(frozen.unfreeze("head/*").split()[0]) == ["head/weight", "head/bias"]
    assert frozen.unfreeze()._structure is PARAMS._structure
    assert PARAMS.info["head/bias"].trainable
    assert list(PARAMS.freeze().split()[0]) == []
    for filter in ("encoders/*", "state"):
        with pytest.raises(ValueError, match="no parameter"):
            PARAMS.freeze(filter)
    with pytest.raises(ValueError, match="encoder/linear/bias"):
        PARAMS.freeze("encoder/linear/bais")


def test_frozen_stays_frozen_through_merges() -> None:
    frozen = PARAMS.freeze("encoder/*")
    trainable, rest = frozen.split()
    assert (rest | trainable)._structure is frozen._structure
    assert frozen.update({"encoder/norm/weight": np.zeros(2)})._structure is frozen._structure
    assert (frozen | {"encoder/norm/weight": np.zeros(2)})._structure is frozen._structure


def test_annotate() -> None:
    marked = PARAMS.annotate("encoder/*", sharding=(None, "model")).annotate("*/bias", note="small")
    assert marked.info["encoder/linear/bias"].metadata == {"sharding": (None, "model"), "note": "small"}
    assert marked.info["head/weight"].metadata == {}
    assert PARAMS.info["encoder/linear/bias"].metadata == {}
    with pytest.raises(TypeError):
        marked.info["encoder/linear/bias"].metadata["note"] = "other"  # type: ignore[index]


def test_subtree() -> None:
    encoder = PARAMS.subtree("encoder")
    assert list(encoder) == ["linear/weight", "linear/bias", "norm/weight"]
    assert encoder.info["linear/bias"].path == "linear/bias"
    assert list(encoder.subtree("linear")) == list(PARAMS.subtree("encoder/linear"))
    for path in ("enc", "head/weight", "encoder/", ""):
        with pytest.raises(KeyError, match="nothing below"):
            PARAMS.subtree(path)


def test_nested() -> None:
    tree = PARAMS.nested()
    assert list(tree) == ["encoder", "head"]
    assert tree["encoder"]["linear"]["weight"] is PARAMS["encoder/linear/weight"]
    assert dict(u.Params.from_nested(tree)) == dict(PARAMS)
    haiku = {"mlp/~/linear_0": {"w": np.ones(1)}, "mlp": {"b": np.ones(1)}}
    assert list(u.Params.from_nested(haiku)) == ["mlp/~/linear_0/w", "mlp/b"]
    with pytest.raises(ValueError, match="'a/b' is there twice"):
        u.Params.from_nested({"a/b": np.ones(1), "a": {"b": np.ones(1)}})
