"""Complex numbers where torch has no kernel of the name, and whose gradients torch conjugates: against JAX."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import unified.compat.jax as jax
from conformance_tests.compat.differential import check, on, run
from unified.core.errors import BackendError

X = (np.arange(12).reshape(3, 4) * (0.3 + 0.1j) - 1.5 + 0.5j).astype(np.complex64)


def doubled(x: Any) -> Any:
    function = jax.custom_vjp(lambda x: x * (2 + 1j))
    function.defvjp(lambda x: (x * (2 + 1j), x), lambda x, g: (g * (2 + 1j) * x,))
    return function(x)


def tripled(x: Any) -> Any:
    function = jax.custom_jvp(lambda x: x * (3 - 1j))
    function.defjvp(lambda primals, tangents: (function(primals[0]), tangents[0] * (3 - 1j) * primals[0]))
    return function(x)


@pytest.mark.parametrize(
    "function",
    [
        jax.nn.softmax,
        lambda x: jax.nn.softmax(x, axis=(0, 1)),
        lambda x: jax.nn.softmax(x[:, :1]),
        jax.nn.gelu,
        lambda x: jax.numpy.maximum(x, x[::-1].conj()),
        lambda x: jax.numpy.minimum(x, 0.3 - 0.2j),
        lambda x: jax.numpy.maximum(x.real, x),
        lambda x: (x.max(), x.min(axis=0), x.conj().max(axis=1, keepdims=True)),
        lambda x: jax.random.normal(jax.random.key(3), (5, 2), x.dtype),
        lambda x: jax.vmap(lambda k: jax.random.normal(k, (2,), x.dtype))(jax.random.split(jax.random.key(3), 2)),
        lambda x: jax.random.normal(jax.random.key(3), (0,), x.dtype),
        lambda x: jax.grad(lambda x: jax.numpy.abs(jax.nn.gelu(x)).sum())(x),
        lambda x: jax.jit(jax.grad(lambda x: jax.numpy.abs(x**2).sum()))(x),
        lambda x: jax.grad(lambda x: (x**3).sum(), holomorphic=True)(x),
        lambda x: jax.value_and_grad(lambda x: ((x**3).sum(), x), has_aux=True, holomorphic=True)(x),
        lambda x: jax.vjp(lambda x: x**2 * (1 + 2j), x)[1](x.conj()),
        lambda x: jax.jit(lambda x: jax.vjp(lambda x: x**2 * (1 + 2j), x)[1](x.conj()))(x),
        lambda x: jax.vjp(lambda x: (x.real, jax.numpy.abs(x)), x)[1]((x.real, x.imag)),
        lambda x: jax.jvp(lambda x: x**2, (x,), (x.conj(),)),
        lambda x: jax.grad(lambda x: jax.numpy.abs(doubled(x)).sum())(x),
        lambda x: jax.jit(jax.grad(lambda x: jax.numpy.abs(doubled(x)).sum()))(x),
        lambda x: jax.grad(lambda x: jax.numpy.abs(tripled(x)).sum())(x),
        lambda x: jax.vmap(jax.grad(lambda x: jax.numpy.abs(x * 1j + 1) ** 3))(x[0]),
        lambda x: jax.grad(lambda w: jax.numpy.abs(w * x).sum())(x.real),
        lambda x: jax.grad(lambda x: jax.numpy.abs(jax.nn.softmax(x)).sum())(x),
    ],
)
def test_functions_of_complex_numbers(function: Callable[..., Any]) -> None:
    check(function, X)


def test_what_is_differentiated_is_checked() -> None:
    with pytest.raises(TypeError, match="one floating-point number"):
        run("torch", jax.grad(lambda x: (x * 1j).sum()), X)
    with pytest.raises(TypeError, match="one complex number"):
        run("torch", jax.grad(lambda x: jax.numpy.abs(x).sum(), holomorphic=True), X)


def test_rules_for_torch_are_not_dropped_on_jax() -> None:
    import jax as oracle

    with on("torch"):
        function = jax.custom_vjp(lambda x: x)
        function.defvjp(lambda x: (x, None), lambda _, g: (g * 2,))
    with pytest.raises(BackendError, match="was called with arrays of jax"):
        function(oracle.numpy.ones(2))


Z = np.array([[3 + 1j, 1 - 2j, 1 + 5j, 3 - 1j, 3 + 1j], [0.5j, -0.5j, 2, -2, 0.5j]], np.complex64)
AXES: list[Any] = [-1, 0, None]


@pytest.mark.parametrize(
    "function",
    [
        *[lambda x, axis=axis: jax.numpy.sort(x, axis=axis) for axis in AXES],
        *[lambda x, axis=axis: jax.numpy.argsort(x, axis=axis, descending=True) for axis in AXES],
        lambda x: jax.lax.sort(x, 0),
        lambda x: jax.lax.sort((x, x.imag), 1, num_keys=2),
        lambda x: jax.numpy.lexsort((x[0].imag, x[1])),
        lambda x: jax.numpy.searchsorted(jax.numpy.sort(x[0]), x, side="left"),
        lambda x: jax.numpy.searchsorted(jax.numpy.sort(x[0]), x, side="right"),
        lambda x: jax.numpy.unique(x, return_index=True, return_inverse=True, return_counts=True),
        lambda x: jax.numpy.unique(x[:, [0, 4, 1, 0]], axis=1),
        lambda x: (x > x[::-1], x >= x[::-1], x < x[0, 0], x <= x[0], x > 1, x == x[0]),
        lambda x: (jax.numpy.round(x * 1.37, 1), jax.numpy.round(x * 1.37), jax.numpy.sort(x.conj())),
        lambda x: jax.numpy.sort(x[:, :0]),
        lambda x: jax.jit(jax.vmap(jax.numpy.sort))(x),
    ],
)
def test_order_is_by_real_parts_then_imaginary_ones(function: Callable[..., Any]) -> None:
    check(function, Z)
