"""Arrays that came of Python's numbers alone take the dtype of what they meet, on torch as on JAX."""

from collections.abc import Callable
from typing import Any

import jax as raw_jax
import numpy as np
import pytest

import unified.compat.jax as jax
from conformance_tests.compat.differential import on

jnp = jax.numpy
MADE: dict[str, Callable[[], Any]] = {
    "sqrt(2)": lambda: jnp.sqrt(2),
    "asarray(2)": lambda: jnp.asarray(2),
    "asarray(2.0)": lambda: jnp.asarray(2.0),
    "array(True)": lambda: jnp.array(True),
    "a list": lambda: jnp.asarray([2.0, 3.0]),
    "a dtype": lambda: jnp.asarray(2.0, jnp.float32),
    "full": lambda: jnp.full((3,), 2.0),
    "full of a dtype": lambda: jnp.full((3,), 2.0, jnp.float32),
    "ones_like": lambda: jnp.ones_like(2.0),
    "a scalar of NumPy": lambda: jnp.sqrt(np.float32(2)),
    "two weak ones": lambda: jnp.asarray(2.0) * jnp.asarray(3),
    "weak and number": lambda: 1 - jnp.asarray(2),
    "division": lambda: jnp.asarray(3) / 2,
    "divmod": lambda: divmod(jnp.asarray(7), 2)[0],
    "weak and strong": lambda: jnp.ones(3) * jnp.asarray(2.0),
    "integers and a number": lambda: jnp.arange(3) * 0.5,
    "integers and an integer": lambda: jnp.arange(3) * 2,
    "integers, divided": lambda: jnp.arange(3) / 2,
    "booleans and a number": lambda: jnp.ones(3, bool) * 2,
    "where": lambda: jnp.where(jnp.ones(3, bool), 1.0, 0.0),
    "select": lambda: jax.lax.select(jnp.asarray(True), jnp.asarray(1.0), jnp.asarray(0.0)),
    "clip": lambda: jnp.clip(2.0, min=0.0, max=1.0),
    "astype": lambda: jnp.asarray(2.0).astype(jnp.float32),
    "convert_element_type": lambda: jax.lax.convert_element_type(2.0, jnp.float32),
    "negative": lambda: -jnp.asarray(2.0),
    "absolute": lambda: abs(jnp.asarray(2.0)),
    "method": lambda: jnp.asarray(2.0).clip(0.0, 1.0),
    "reshape": lambda: jnp.asarray(2.0).reshape(1, 1),
    "reshape, a function": lambda: jnp.reshape(jnp.asarray(2.0), (1,)),
    "broadcast_to": lambda: jnp.broadcast_to(2.0, (3,)),
    "index": lambda: jnp.full((3,), 2.0)[1],
    "transpose": lambda: jnp.full((3, 1), 2.0).T,
    "stack": lambda: jnp.stack([jnp.asarray(2.0), jnp.asarray(3.0)]),
    "stack of arrays": lambda: jnp.stack([jnp.ones(3), jnp.ones(3)], 1),
    "concatenate": lambda: jnp.concatenate([jnp.full((3,), 2.0), jnp.full((1,), 1)]),
    "sum": lambda: jnp.full((3,), 2.0).sum(),
    "mean": lambda: jnp.mean(2.0),
    "dot": lambda: jnp.dot(jnp.full((3,), 2.0), jnp.full((3,), 2.0)),
    "dot with a strong one": lambda: jnp.dot(jnp.ones(3, jnp.bfloat16), jnp.full((3,), 2.0)),
    "comparison": lambda: jnp.asarray(2.0) > 1.0,
    "copy": lambda: jnp.asarray(2.0).copy(),
}
DTYPES = ("bool", "int8", "int32", "float16", "bfloat16", "float32")
MEETING: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda x, y: x + y,
    "multiply, reversed": lambda x, y: y * x,
    "true_divide": jnp.true_divide,
    "maximum": jnp.maximum,
    "where": lambda x, y: jnp.where(jnp.asarray(True), y, x),
    "clip": lambda x, y: jnp.clip(x, y, None),
    "stack": lambda x, y: jnp.stack([x, y]),
    "result_type": jnp.result_type,
}


def kind(value: Any) -> Any:
    """The dtype, and whether it is weak, which says nothing of booleans."""
    if not hasattr(value, "weak_type"):
        return np.dtype(value).name
    return np.dtype(value.dtype).name, value.weak_type and value.dtype != bool


@pytest.mark.parametrize("name", MADE)
def test_made(name: str) -> None:
    with on("jax"):
        wanted = kind(MADE[name]())
    with on("torch"):
        assert kind(MADE[name]()) == wanted


@pytest.mark.parametrize("meeting", MEETING)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("number", [2, 2.0])
def test_meeting(number: float, dtype: str, meeting: str) -> None:
    """A weak array with an array of each dtype."""

    def met() -> Any:
        found = MEETING[meeting](jnp.ones((), dtype), jnp.asarray(number))
        return kind(found), np.asarray(found).astype(np.float32).sum() if hasattr(found, "weak_type") else None

    with on("jax"):
        wanted, value = met()
    with on("torch"):
        assert met() == (wanted, value)


def test_shows_it() -> None:
    with on("torch"):
        assert repr(jnp.asarray(2.0)) == "Array(2., dtype=float32, weak_type=True)"


NAMES = ("bool", "uint8", "uint32", "uint64", "int8", "int32", "int64", "bfloat16", "float32", "float64", "complex128")


@pytest.mark.parametrize("first", NAMES)
def test_names_of_dtypes_are_promoted_as_in_jax(first: str) -> None:
    with on("torch"):
        for second in NAMES:
            assert jnp.promote_types(first, second) == raw_jax.numpy.promote_types(first, second), second
