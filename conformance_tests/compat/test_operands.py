"""What functions take as an array, a shape or a dtype, where libraries pass more than plain ones: as on JAX."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import unified.compat.jax as jax
import unified.compat.jax.numpy as jnp
from conformance_tests.compat.differential import check, on

X = np.arange(6, dtype=np.float32).reshape(2, 3)
MASK = np.array([True, False, True])


class Held:
    """An object that stands for an array, or for a number."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __jax_array__(self) -> Any:
        return self.value


OPERATORS: dict[str, Callable[[Any], Any]] = {
    "number": lambda x: x + Held(1.0),
    "number before": lambda x: Held(2) - x,
    "array": lambda x: x * Held(x),
    "matrix": lambda x: x @ Held(x.T),
    "power": lambda x: x ** Held(2),
    "comparison": lambda x: (x < Held(3.0), x == Held(1.0)),
    "NumPy": lambda x: x + Held(np.ones(3, np.float32)),
    "in jit": lambda x: jax.jit(lambda x: x + Held(x.sum()))(x),
    "in vmap": lambda x: jax.vmap(lambda x: x + Held(x.sum()))(x),
}


@pytest.mark.parametrize("name", OPERATORS)
@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.int8])
def test_operators_with_what_stands_for_an_array(name: str, dtype: Any) -> None:
    check(OPERATORS[name], X.astype(dtype))


def test_gradients_by_what_stands_for_an_array() -> None:
    check(lambda x: jax.grad(lambda x: (x * Held(x) + Held(1.0)).sum())(x), X)


@pytest.mark.parametrize("value", [None, "a", object()])
def test_operators_refuse_anything_else(value: Any) -> None:
    for backend in ("jax", "torch"):
        with on(backend), pytest.raises(TypeError):
            jnp.ones(2) + value


DTYPES = [np.int32, "int8", "f4", np.dtype("uint8"), int, float, bool, complex, 3, 2.0, True, 1j, np.float64(2), X]


@pytest.mark.parametrize("value", DTYPES)
def test_dtypes_of_dtypes_and_values(value: Any) -> None:
    found = {}
    for backend in ("jax", "torch"):
        with on(backend):
            found[backend] = jax.lax.dtype(value)
            assert jax.lax.dtype(jax.ShapeDtypeStruct((2,), "int8")) == np.int8
            assert jax.jit(lambda x: jnp.zeros(2, jax.lax.dtype(x)))(jnp.ones(2, "bfloat16")).dtype == jnp.bfloat16
            assert jax.lax.dtype(jax.random.key(0)) == jax.random.key(0).dtype
    assert found["torch"] == found["jax"]


@pytest.mark.parametrize(("value", "error"), [(None, ValueError), ([1], TypeError)])
def test_what_has_no_dtype(value: Any, error: type[Exception]) -> None:
    for backend in ("jax", "torch"):
        with on(backend), pytest.raises(error):
            jax.lax.dtype(value)


@pytest.mark.parametrize("shape", [3, 0, (), (2, 3), [2, 3]])
@pytest.mark.parametrize("name", ["zeros", "ones", "constant", "normal", "uniform", "truncated_normal"])
def test_shapes_of_initializers(name: str, shape: Any) -> None:
    def initial(shape: Any) -> Any:
        make = getattr(jax.nn.initializers, name)
        init = make if name in ("zeros", "ones") else make(2.0)
        return init(jax.random.key(0), shape, jnp.float32)

    found = {}
    for backend in ("jax", "torch"):
        with on(backend):
            found[backend] = np.asarray(initial(shape))
    np.testing.assert_allclose(found["torch"], found["jax"], rtol=1e-5, atol=1e-6)


def test_one_axis_has_no_inputs_and_outputs() -> None:
    for backend in ("jax", "torch"):
        with on(backend):
            with pytest.raises(ValueError):
                jax.nn.initializers.lecun_normal()(jax.random.key(0), (3,))
            init = jax.nn.initializers.variance_scaling(1.0, "fan_in", "normal", in_axis=0, out_axis=0)
            assert init(jax.random.key(0), (3,)).shape == (3,)


def test_keys_are_close_that_are_equal() -> None:
    for backend in ("jax", "torch"):
        with on(backend):
            keys = jax.random.split(jax.random.key(0))
            assert jnp.allclose(keys, keys)
            assert not jnp.allclose(keys[0], keys[1])
            assert not jnp.allclose(keys, keys[::-1], 1.0, 1e9)
            assert jnp.isclose(keys, keys[0]).tolist() == [True, False]
            assert jnp.array_equiv(keys, keys)
            with pytest.raises(TypeError):
                jnp.allclose(keys, 1.0)


@pytest.mark.parametrize("name", ["mean", "var", "std", "sum", "prod", "max", "nanmean"])
def test_reductions_over_no_axes(name: str) -> None:
    initial = {"initial": 0.0} if name == "max" else {}
    check(lambda x: getattr(jnp, name)(x, axis=()), X)
    check(lambda x: getattr(jnp, name)(x, axis=(), where=MASK, **initial), X)
    check(lambda x: getattr(jnp, name)(x, axis=(), keepdims=True, where=MASK, **initial), X[:0])


def test_softmax_over_no_axes() -> None:
    check(lambda x: (jax.nn.softmax(x, axis=()), jax.nn.log_softmax(x, axis=())), X)
    check(lambda x: (jax.nn.softmax(x, axis=(0, 1)), jax.nn.log_softmax(x, axis=(0, 1))), X)


def test_attention_heads_that_do_not_divide() -> None:
    for backend in ("jax", "torch"):
        with on(backend), pytest.raises(ValueError, match="must be a multiple"):
            x = jnp.ones((1, 4, 5, 8))
            jax.nn.dot_product_attention(x, x[:, :, :2], x[:, :, :2])
