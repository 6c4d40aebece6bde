"""Gradients at zero and at ties of both frameworks, against those of torch's own functions, or zero for torch's NaN."""

import functools
import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified.numpy as unp
from conformance_tests.array_functions.frameworks import array, gradient, mapped, to_numpy

POINTS = {
    "zeros": np.zeros((3, 4), "float32"),
    "mixed": np.array([[0, 1, 1, -1], [0, 0, 2, 2], [-1, -1, 0, 0.5], [1, 1, 1, 1]], "float32"),
}
WEIGHTS = np.random.default_rng(0).normal(size=16).astype("float32")
NORMS = (1, 2, 3, 0.5, math.inf, -math.inf)
MATRIX_NORMS = ("fro", 1, -1, math.inf, -math.inf)

# Each function of ours, and torch's.
FUNCTIONS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "abs": (unp.abs, torch.abs),
    "abs of integers": (lambda x: unp.abs(unp.astype(x, unp.int32)) * x, lambda x: x.int().abs() * x),
    "sqrt of squares": (lambda x: unp.linalg.vector_norm(x), torch.linalg.vector_norm),
    "std": (lambda x: unp.std(x, axis=1), lambda x: torch.std(x, 1, correction=0)),
    "std, corrected": (lambda x: unp.std(x, axis=0, correction=1), lambda x: torch.std(x, 0)),
    "copysign": (lambda x: unp.copysign(x, -1.0), lambda x: torch.copysign(x, torch.tensor(-1.0))),
    "copysign of a number": (lambda x: unp.copysign(2.0, x) * x, lambda x: torch.copysign(torch.tensor(2.0), x) * x),
    "atan2": (lambda x: unp.atan2(x, unp.flip(x)), lambda x: torch.atan2(x, x.flip((0, 1)))),
    "pow": (lambda x: unp.pow(x, 0.0), lambda x: torch.pow(x, 0.0)),
    "pow of arrays": (lambda x: unp.pow(x, x * x), lambda x: torch.pow(x, x * x)),
    "pow of zero": (lambda x: unp.pow(0.0, x + 1.0), lambda x: torch.pow(0.0, x + 1.0)),
    "remainder": (lambda x: unp.remainder(x, 1.0), lambda x: torch.remainder(x, 1.0)),
    "remainder of a negative": (lambda x: unp.remainder(x, -1.0), lambda x: torch.remainder(x, -1.0)),
    "floor_divide": (lambda x: unp.floor_divide(x, 2.0) + x, lambda x: torch.floor(x / 2) + x),
    **{
        f"vector_norm {ord}": (
            lambda x, ord=ord: unp.linalg.vector_norm(x, axis=1, ord=ord),
            lambda x, ord=ord: torch.linalg.vector_norm(x, ord, 1),
        )
        for ord in NORMS
    },
    **{
        f"matrix_norm {ord}": (
            lambda x, ord=ord: unp.linalg.matrix_norm(x[None], ord=ord, keepdims=True),
            lambda x, ord=ord: torch.linalg.matrix_norm(x[None], ord, keepdim=True),
        )
        for ord in MATRIX_NORMS
    },
}


def weighted(function: Callable[[Any], Any], x: Any, backend: str) -> Any:
    """A number, of which each value of the function has its own part."""
    out = function(x)
    return unp.sum(out * array(WEIGHTS[: math.prod(out.shape)].reshape(tuple(out.shape)), backend))


@functools.cache
def gradients_on_jax(point: str) -> dict[str, Any]:
    """Those of all functions in one program: one for each takes JAX several times as long to compile."""
    functions = {name: jax.grad(lambda x, f=ours: weighted(f, x, "jax")) for name, (ours, _) in FUNCTIONS.items()}
    x = jnp.asarray(POINTS[point])
    program = jax.jit(lambda x: {name: function(x) for name, function in functions.items()}).lower(x)
    found: dict[str, Any] = program.compile(compiler_options={"xla_backend_optimization_level": 0})(x)
    return found


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_gradients_are_torchs(name: str, point: str, backend: str) -> None:
    function, oracle = FUNCTIONS[name]
    expected = gradient(lambda x: weighted(oracle, x, "torch"), POINTS[point], "torch")
    assert name.startswith("pow") or np.isfinite(expected).all()
    if backend == "jax":
        found = gradients_on_jax(point)[name]
    else:
        found = gradient(lambda x: weighted(function, x, "torch"), POINTS[point], "torch")
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_the_gradient_of_hypot_at_the_origin_is_zero(backend: str) -> None:
    """torch's is NaN; elsewhere it is torch's, also where one of both is zero."""
    x, y = np.array([0, 3, 0, -3], "float32"), np.array([0, 4, 2, 0], "float32")
    of_x = gradient(lambda x: unp.sum(unp.hypot(x, array(y, backend))), x, backend)
    of_y = gradient(lambda y: unp.sum(unp.hypot(array(x, backend), y)), y, backend)
    np.testing.assert_allclose(of_x, [0, 0.6, 0, -1], rtol=1e-6)
    np.testing.assert_allclose(of_y, [0, 0.8, 1, 0], rtol=1e-6)
    of_both = gradient(lambda x: unp.sum(unp.hypot(x, x)), x, backend)
    np.testing.assert_allclose(of_both, np.sign(x) * math.sqrt(2), rtol=1e-6)


def test_second_derivatives_and_lanes(backend: str) -> None:
    """Of functions with a derivative that is written by hand."""
    derivative: Any = torch.func.grad if backend == "torch" else jax.grad
    points = np.array([[1.0, 2.0], [-0.5, 0.25]], "float32")

    def angle(p: Any) -> Any:
        return unp.atan2(p[0], p[1]) + unp.hypot(p[0], p[1])

    def along(p: Any) -> Any:
        return derivative(lambda q: derivative(angle)(q)[0])(p)

    found = to_numpy(mapped(along, backend)(array(points, backend)))
    y, x = points.astype("float64").T
    r = np.hypot(x, y)
    expected = np.stack([-2 * x * y / r**4 + x**2 / r**3, (y**2 - x**2) / r**4 - x * y / r**3], 1)
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_values_at_zero_keep_their_sign(backend: str) -> None:
    zeros, divisors = np.array([0.0, -0.0, 6.0, -6.0], "float32"), np.array([-3.0, 3.0, -3.0, 3.0], "float32")
    found = to_numpy(unp.remainder(*(array(each, backend) for each in (zeros, divisors))))
    assert np.signbit(found).tolist() == [True, False, True, False] and not found.any()
    found = to_numpy(unp.copysign(array(zeros, backend), -1.0))
    assert np.signbit(found).all()
    origin = array(np.array([0.0, -0.0], "float32"), backend)
    np.testing.assert_allclose(
        to_numpy(unp.atan2(origin, -1 * origin)), np.arctan2([0.0, -0.0], [-0.0, 0.0]), rtol=1e-6
    )


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_dtypes_stay(dtype: str, backend: str) -> None:
    def run(x: Any) -> list[Any]:
        with_numbers = [unp.hypot(x, 1), unp.atan2(1.0, x), unp.pow(x, 0.5), unp.pow(2.0, x), unp.remainder(x, 2)]
        return [unp.abs(x), unp.std(x), unp.copysign(x, x), unp.linalg.vector_norm(x), unp.hypot(x, x), *with_numbers]

    x = unp.astype(array(np.array([0.0, 2.0], "float32"), backend), dtype)
    outs = jax.eval_shape(run, x) if backend == "jax" else run(x)
    assert all(out.dtype == x.dtype for out in outs)


@pytest.mark.parametrize("ord", [0, 0.5, 1, 2, 3, -1, -2, -0.5, math.inf, -math.inf])
def test_norms_of_zeros_and_infinities(ord: float, backend: str) -> None:
    rows = [[0, 0], [0, 2], [3, 4], [math.inf, 1], [math.nan, 1], [-math.inf, 0], [1e-30, 1e30]]
    for row in rows:
        with np.errstate(all="ignore"):
            expected = np.linalg.norm(np.array(row, "float32"), ord)
        found = to_numpy(unp.linalg.vector_norm(array(np.array(row, "float32"), backend), ord=ord))
        np.testing.assert_allclose(found, expected, rtol=1e-5, err_msg=str(row))


def test_integers(backend: str) -> None:
    i = array(np.array([[3, -4], [0, 0]], "int32"), backend)
    assert to_numpy(unp.abs(i)).dtype == np.int32 and to_numpy(unp.pow(i, 2)).dtype == np.int32
    assert to_numpy(unp.remainder(i, 3)).tolist() == [[0, 2], [0, 0]]
    of_one = gradient(lambda x: unp.sum(unp.atan2(x, i)), POINTS["zeros"][:2, :2], backend)
    np.testing.assert_allclose(of_one, [[1 / 3, -1 / 4], [0, 0]], rtol=1e-6)


def test_weak_types_stay() -> None:
    """So that a number of Python takes the dtype of what comes later, as before."""
    assert unp.hypot(jnp.array(3.0), 4.0).weak_type and unp.atan2(jnp.array(3.0), 4.0).weak_type
