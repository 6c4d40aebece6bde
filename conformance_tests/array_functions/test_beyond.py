"""What `unified.numpy` has beyond the standard, on both frameworks, against NumPy, SciPy and loops written out."""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import pytest
import scipy.special

import unified.numpy as unp
from conformance_tests.array_functions.frameworks import array, gradient, mapped, native, to_numpy

RNG = np.random.RandomState(0)
X = RNG.randn(3, 4).astype("float32")
INTEGERS = RNG.randint(-3, 3, (3, 4)).astype("int32")
EMPTY = np.zeros((0, 4), "float32")


def equal(found: Any, expected: Any, **tolerance: float) -> None:
    found, expected = to_numpy(found), np.asarray(expected)
    assert found.shape == expected.shape
    assert found.dtype.kind == expected.dtype.kind
    np.testing.assert_allclose(found, expected, **({"rtol": 2e-6, "atol": 1e-6} | tolerance))


def test_softmax_and_logsumexp(backend: str) -> None:
    def run(x: Any, i: Any, empty: Any) -> list[Any]:
        by_axis = [
            function(x, axis=axis) for axis in (0, 1, -1) for function in (unp.softmax, unp.log_softmax, unp.logsumexp)
        ]
        some = [unp.logsumexp(x, axis=1, keepdims=True), unp.logsumexp(x), unp.logsumexp(x, axis=(0, 1))]
        lowest = unp.logsumexp(unp.full((2,), -unp.inf))
        return [*by_axis, *some, unp.softmax(i), unp.softmax(empty), unp.logsumexp(x[0, 0]), lowest]

    large = X * 30
    of_scipy = (scipy.special.softmax, scipy.special.log_softmax, scipy.special.logsumexp)
    wanted = [function(large, axis=axis) for axis in (0, 1, -1) for function in of_scipy]
    wanted += [scipy.special.logsumexp(large, axis=1, keepdims=True), *[scipy.special.logsumexp(large)] * 2]
    wanted += [scipy.special.softmax(INTEGERS.astype("float32"), axis=-1), EMPTY, large[0, 0], np.float32(-np.inf)]
    found = (jax.jit(run) if backend == "jax" else run)(*native([large, INTEGERS, EMPTY], backend))
    for one, other in zip(found, wanted, strict=True):
        equal(one, other, rtol=1e-5)
    expected = scipy.special.softmax(X, axis=1)
    weights = array(X[::-1].copy(), backend)
    inner = (expected * X[::-1]).sum(1, keepdims=True)
    found = gradient(lambda x: unp.sum(unp.softmax(x, axis=1) * weights), X, backend)
    equal(found, expected * (X[::-1] - inner), atol=1e-6)


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_top_k(axis: int, backend: str) -> None:
    """Of equal values the first, which a stable sort of NumPy tells."""
    for value in (X, INTEGERS):
        for largest in (True, False):
            order = np.argsort(-value if largest else value, axis=axis, kind="stable").take([0, 1], axis=axis)
            values, indices = unp.top_k(array(value, backend), 2, axis=axis, largest=largest)
            equal(values, np.take_along_axis(value, order, axis=axis))
            equal(indices, order)
    assert unp.top_k(array(EMPTY, backend), 0, axis=0).values.shape == (0, 4)
    with pytest.raises(ValueError, match="no 9 of"):
        unp.top_k(array(X, backend), 9)


def test_one_hot(backend: str) -> None:
    classes = np.array([[0, 2], [1, 3]], "int32")
    expected = (classes[..., None] == np.arange(3)).astype("float32")  # 3 is no class
    equal(unp.one_hot(array(classes, backend), 3), expected)
    equal(unp.one_hot(array(classes, backend), 3, axis=0), np.moveaxis(expected, -1, 0))
    assert unp.one_hot(array(classes, backend), 3, dtype=unp.int32).dtype == unp.int32
    equal(unp.one_hot(array(np.zeros((0,), "int32"), backend), 3), np.zeros((0, 3), "float32"))


MODES = [
    "constant",
    pytest.param("edge", marks=pytest.mark.slow),
    "reflect",
    pytest.param("wrap", marks=pytest.mark.slow),
]


@pytest.mark.parametrize("mode", MODES)
def test_pad(mode: Any, backend: str) -> None:
    options = {"constant_values": 2.0} if mode == "constant" else {}
    for value, widths in (
        (X, 2),
        (X, (1, 2)),
        (X, ((0, 1), (2, 3))),
        (X, ((4, 0), (0, 9))),
        (INTEGERS, [(1, 1)]),
        (X[:1], 2),
    ):
        equal(unp.pad(array(value, backend), widths, mode=mode, **options), np.pad(value, widths, mode, **options))
    weights = RNG.randn(5, 8).astype("float32")
    found = gradient(lambda x: unp.sum(unp.pad(x, ((1, 1), (2, 2)), mode=mode) * array(weights, backend)), X, backend)
    places = np.pad(np.arange(12).reshape(3, 4), ((1, 1), (2, 2)), mode, **({"constant_values": -1} if options else {}))
    expected = np.array([weights[places == place].sum() for place in range(12)]).reshape(3, 4)
    equal(found, expected.astype("float32"), atol=1e-5)


def test_pad_refuses(backend: str) -> None:
    x = array(X, backend)
    for widths, mode in ((-1, "constant"), (((1, 2),) * 3, "constant"), (1, "mirror"), ((1, 2, 3), "edge")):
        with pytest.raises(ValueError, match="pad"):
            unp.pad(x, widths, mode=mode)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no element"):
        unp.pad(array(EMPTY, backend), 1, mode="edge")


def test_split(backend: str) -> None:
    for value, parts, axis in ((X, 2, 1), (X, [1, 3], 1), (X, 3, 0), (X, (2, 2), 0), (EMPTY, 2, 1)):
        found = unp.split(array(value, backend), parts, axis=axis)
        expected = np.split(value, parts, axis)
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            equal(one, other)
    with pytest.raises(ValueError, match="no 3 parts"):
        unp.split(array(X, backend), 3, axis=1)


def test_einsum_and_cumulative_names(backend: str) -> None:
    x, i = native([X, INTEGERS], backend)
    for subscripts in ("ij,kj->ik", "ij->ji", "ij,ij", "ij->j", "...j,j->..."):
        operands = (
            [X, X] if subscripts.count(",") and "..." not in subscripts else [X, X[0]] if "," in subscripts else [X]
        )
        equal(unp.einsum(subscripts, *native(operands, backend)), np.einsum(subscripts, *operands), rtol=1e-5)
    equal(unp.einsum("ij,kj->ik", x, i), np.einsum("ij,kj->ik", X, INTEGERS.astype("float32")), rtol=1e-5)
    equal(unp.cumsum(x, axis=1), np.cumsum(X, axis=1))
    equal(unp.cumprod(x, axis=0), np.cumprod(X, axis=0))


def test_isclose_and_nan_to_num(backend: str) -> None:
    value = np.array([1.0, np.nan, np.inf, -np.inf], "float32")
    x = array(value, backend)
    for options in ({}, {"equal_nan": True}, {"rtol": 0.5}):
        equal(unp.isclose(x, x + 1e-7, **options), np.isclose(value, value + 1e-7, **options))
    equal(unp.isclose(array(INTEGERS, backend), 1), np.isclose(INTEGERS, 1))
    equal(unp.isclose(array(INTEGERS > 0, backend), True), np.isclose(INTEGERS > 0, True))
    equal(unp.nan_to_num(x), np.nan_to_num(value))
    equal(unp.nan_to_num(x, nan=1.0, posinf=2.0, neginf=3.0), np.nan_to_num(value, nan=1.0, posinf=2.0, neginf=3.0))
    equal(unp.nan_to_num(array(INTEGERS, backend)), INTEGERS)


def test_interp(backend: str) -> None:
    points, values = np.array([-1.0, 0.0, 0.0, 2.0], "float32"), np.array([3.0, 1.0, 2.0, -1.0], "float32")
    x = np.array([[-2.0, -1.0, -0.3], [0.7, 2.0, 3.0]], "float32")
    equal(unp.interp(*native([x, points, values], backend)), np.interp(x, points, values).astype("float32"))
    equal(unp.interp(*native([x, points[:1], values[:1]], backend)), np.full_like(x, 3.0))
    equal(unp.interp(array(EMPTY, backend), *native([points, values], backend)), EMPTY)
    found = gradient(lambda x: unp.sum(unp.interp(x, *native([points, values], backend))), x, backend)
    np.testing.assert_allclose(found, np.array([[0, found[0, 1], -2.0], [-1.5, found[1, 1], 0]]), atol=1e-5)
    with pytest.raises(ValueError, match="vectors of one size"):
        unp.interp(*native([x, points, values[:2]], backend))


def test_stop_gradient(backend: str) -> None:
    equal(gradient(lambda x: unp.sum(unp.stop_gradient(x) * x), X, backend), X)


def test_scatter_add(backend: str) -> None:
    """Against a loop; it is the transpose of `take_along_axis`."""
    indices = np.array([[0, 3, 3], [-1, 0, 0], [2, 2, 2]], "int32")
    values = RNG.randn(3, 3).astype("float32")
    expected = X.copy()
    for row, column in np.ndindex(3, 3):
        expected[row, indices[row, column]] += values[row, column]
    x, places, added = native([X, indices, values], backend)
    equal(unp.scatter_add(x, places, added, axis=1), expected)
    equal(unp.scatter_add(x.T, places.T, added.T, axis=0), expected.T)
    counts = np.zeros((3, 4), "float32")
    np.add.at(counts, (np.arange(3)[:, None], indices), 1)
    equal(unp.scatter_add(x * 0, places, 1.0, axis=1), counts)
    found = gradient(lambda v: unp.sum(unp.scatter_add(x, places, v, axis=1) * x), values, backend)
    equal(found, np.take_along_axis(X, indices, axis=1))
    with pytest.raises(ValueError, match="scatter_add: indices"):
        unp.scatter_add(x, places[:2], 1.0, axis=1)
    with pytest.raises(TypeError, match="positions are integers"):
        unp.scatter_add(x, x, 1.0)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(X, id="rows"),
        pytest.param(X[:, 0], id="vector", marks=pytest.mark.slow),
        pytest.param(INTEGERS, id="int", marks=pytest.mark.slow),
        pytest.param(np.zeros((3, 0), "float32"), id="empty", marks=pytest.mark.slow),
    ],
)
def test_segments(value: np.ndarray, backend: str) -> None:
    ids = np.array([2, 0, 2], "int32")
    x, numbers = native([value, ids], backend)
    equal(unp.segment_sum(x, numbers, 4), np.stack([value[ids == k].sum(0, dtype=value.dtype) for k in range(4)]))
    floating = value.dtype.kind == "f"
    least, most = (-np.inf, np.inf) if floating else (np.iinfo("int32").min, np.iinfo("int32").max)
    for function, method, empty in ((unp.segment_max, np.max, least), (unp.segment_min, np.min, most)):
        rows = [
            method(value[ids == k], 0) if (ids == k).any() else np.full(value.shape[1:], empty, value.dtype)
            for k in range(4)
        ]
        equal(function(x, numbers, 4), np.stack(rows))
    outside = native(np.array([-1, 0, 9], "int32"), backend)  # which belong to no segment
    equal(unp.segment_sum(x, outside, 2), np.stack([value[1], value[1] * 0]))
    if value.ndim == 2 and floating and value.size:
        found = gradient(lambda x: unp.sum(unp.segment_sum(x, numbers, 4) ** 2), value, backend)
        equal(found, 2 * np.stack([value[ids == k].sum(0) for k in ids]))


INDICES: list[Any] = [
    1, (1, 2), slice(1, 3), (slice(None), 2), (slice(None, None, -1), slice(0, 3, 2)), ..., (..., 0), (None, 1),
    np.array([0, 2, 2]), (np.array([0, 1, 1]), np.array([3, 0, 0])), (slice(None), np.array([0, -1])), X > 0, [0, 2],
    (np.array([[0], [2]]), slice(1, 3)), np.zeros((0,), "int64"),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("index", INDICES, ids=str)
def test_at(index: Any, backend: str) -> None:
    x, place = array(X, backend), native(index, backend)
    equal(unp.at(x, place).get(), X[index])
    repeats = (
        isinstance(index, (np.ndarray, tuple)) and len(np.unique(np.arange(12).reshape(3, 4)[index])) < X[index].size
    )
    for name, change in (("add", np.add), ("multiply", np.multiply), ("min", np.minimum), ("max", np.maximum)):
        for values in (0.5, np.asarray(RNG.randn(*X[index].shape), "float32")):
            expected = X.copy()
            change.at(expected, index, values)
            equal(getattr(unp.at(x)[place], name)(native(values, backend)), expected)
    if not repeats:
        expected = X.copy()
        expected[index] = 7
        equal(unp.at(x, place).set(7), expected)
    equal(x, X)  # as it was
    expected = np.zeros_like(X)
    np.add.at(expected, index, 1)
    equal(gradient(lambda x: unp.sum(unp.at(x, place).get()), X, backend), expected)


def test_at_adds_again_for_an_index_that_comes_again(backend: str) -> None:
    """The example of the documents; `test_at` has the other indices and methods."""
    x, places = native([X, np.array([0, 2, 2])], backend)
    expected = X.copy()
    np.add.at(expected, np.array([0, 2, 2]), 1.5)
    equal(unp.at(x, places).add(1.5), expected)


def test_at_keeps_the_dtype_and_is_mapped(backend: str) -> None:
    assert unp.at(array(INTEGERS, backend), 0).add(1.0).dtype == unp.int32
    x, values = native([X, RNG.randn(5, 4).astype("float32")], backend)
    found = mapped(lambda v: unp.at(x, 1).add(v), backend)(values)  # the array is not mapped
    expected = np.repeat(X[None], 5, 0)
    expected[:, 1] += to_numpy(values)
    equal(found, expected)
    with pytest.raises(TypeError, match="no index"):
        unp.at(x).add(1.0)
    with pytest.raises(TypeError, match="two indices"):
        unp.at(x, 1)[2]


MAPPED: dict[str, Callable[[Any], Any]] = {
    "top_k": lambda x: unp.top_k(x, 2).values,
    "segment_sum": lambda x: unp.segment_sum(x, unp.asarray([0, 1, 1, 0]), 2),
    "scatter_add": lambda x: unp.scatter_add(x, unp.asarray([0, 0, 3]), x[:3]),
    "take": lambda x: unp.take(x, unp.asarray([1, 1]), axis=0),
    "pad": lambda x: unp.pad(x, (2, 1), mode="reflect"),
    "interp": lambda x: unp.interp(x, unp.asarray([0.0, 1.0]), unp.asarray([1.0, 3.0])),
    "one_hot": lambda x: unp.one_hot(unp.argmax(x), 4),
    "at": lambda x: unp.at(x, unp.argmax(x)).set(0.0),
    "where": lambda x: unp.where(x > unp.mean(x), x, unp.max(x, axis=0)),
    "cumsum": lambda x: unp.cumsum(x),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(MAPPED))
def test_mapped_functions(name: str, backend: str) -> None:
    x = array(X, backend)
    equal(mapped(MAPPED[name], backend)(x), np.stack([to_numpy(MAPPED[name](row)) for row in x]))
