"""`jax.image` and `jax.scipy.ndimage` on torch beside JAX: values and gradients."""

from typing import Any

import numpy as np
import pytest

import unified.compat.jax as jax
from conformance_tests.compat.differential import check

X = np.random.default_rng(0).standard_normal((5, 7, 2)).astype(np.float32)
SLOW = pytest.mark.slow
METHODS = ("nearest", "linear", "cubic", "lanczos3", "lanczos5")


CASES = [(method, shape) for method in METHODS for shape in ((9, 7, 2), (3, 4, 2), (10, 2, 3), (5, 7, 2), (0, 7, 2))]
QUICK = [("linear", (3, 4, 2)), ("lanczos3", (9, 7, 2))]


@pytest.mark.parametrize(
    ("method", "shape"), [pytest.param(*case, marks=[] if case in QUICK else SLOW) for case in CASES]
)
def test_resize(method: str, shape: Any) -> None:
    def run(x: Any) -> Any:
        return [jax.image.resize(x, shape, method, antialias=antialias) for antialias in (True, False)], jax.grad(
            lambda x: jax.numpy.sum(jax.image.resize(x, shape, method) ** 2)
        )(x)

    check(run, X)


def test_other_dtypes_and_names() -> None:
    check(lambda x: jax.image.resize(x, (3, 3, 2), "bilinear"), X.astype(np.float16))
    check(lambda x: jax.image.resize(x, (3, 3, 2), "nearest"), (X * 9).astype(np.int32))
    check(lambda x: jax.image.resize(x, (3, 3, 2), "bicubic"), (X * 9).astype(np.int32))
    check(lambda x: jax.image.resize(x, (8, 9, 2), jax.image.ResizeMethod.LANCZOS3), X)
    check(lambda x: jax.vmap(lambda y: jax.image.resize(y, (9, 2), "cubic"))(x), X)
    check(lambda x: jax.jit(lambda y: jax.image.resize(y, (9, 2, 2), "linear"))(x), X)


@SLOW
@pytest.mark.parametrize("method", METHODS[1:])
def test_scale_and_translate(method: str) -> None:
    scale, shift = np.array([1.5, 0.4], np.float32), np.array([-1.2, 2.3], np.float32)

    def run(x: Any, scale: Any, shift: Any) -> Any:
        def moved(x: Any, scale: Any, shift: Any, antialias: bool = True) -> Any:
            return jax.image.scale_and_translate(x, (6, 8, 2), (0, 1), scale, shift, method, antialias)

        gradient = jax.grad(lambda *args: jax.numpy.sum(moved(*args) ** 2), argnums=(0, 2))
        return moved(x, scale, shift), moved(x, scale, shift, False), gradient(x, scale, shift)

    check(run, X, scale, shift, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "mode", ["constant", *[pytest.param(m, marks=SLOW) for m in ("nearest", "wrap", "mirror", "reflect")]]
)
@pytest.mark.parametrize("order", [pytest.param(0, marks=SLOW), 1])
def test_map_coordinates(mode: str, order: int) -> None:
    places = np.random.default_rng(1).uniform(-12, 12, (2, 40)).astype(np.float32)
    places[:, :6] = [[0.5, 1.5, -0.5, 2.0, 4.5, 6.0], [-0.5, 2.5, 0.0, 1.0, 3.5, -1.0]]

    def run(x: Any, places: Any) -> Any:
        def at(x: Any, places: Any) -> Any:
            return jax.scipy.ndimage.map_coordinates(x, places, order, mode, cval=0.5)

        return at(x, places), jax.grad(lambda *args: jax.numpy.sum(at(*args) ** 2), argnums=(0, 1))(x, places)

    check(run, X[..., 0], places, rtol=1e-4, atol=1e-5)
    check(lambda x, p: jax.scipy.ndimage.map_coordinates(x, list(p), order, mode), (X[..., 0] * 9).astype(int), places)
    check(lambda x, p: jax.scipy.ndimage.map_coordinates(x, [p], order, mode), X[:1, 0, 0], places[0])
