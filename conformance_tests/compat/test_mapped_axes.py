"""Axes of `vmap` and `pmap` given as trees, as tuples and as `None`, as on JAX."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import unified.compat.jax as jax
import unified.compat.jax.numpy as jnp
from conformance_tests.compat.differential import check, on

ROW = np.arange(3, dtype=np.float32)
ONE = ROW[None]
TWO = np.stack([ROW, ROW + 5])

PMAPPED: dict[str, Callable[[Any], Any]] = {
    "trees of axes": lambda x: jax.pmap(
        lambda a, b: {"s": a["x"] + b, "t": a["y"]}, in_axes=({"x": 0, "y": 1}, None), out_axes={"s": 0, "t": 1}
    )({"x": x, "y": x.T}, x[0]),
    "a tuple of axes": lambda x: jax.pmap(lambda a, b: (a, b), in_axes=(0, None), out_axes=(0, None))(x, x[0]),
    "no axis out": lambda x: jax.pmap(lambda a: a, out_axes=None)(x),
    "a prefix": lambda x: jax.pmap(lambda a: a, in_axes=((0, None),), out_axes=(None, 0))((x, x[0])),
    "static": lambda x: jax.pmap(lambda a, text: a * len(text), static_broadcasted_argnums=1)(x, "ab"),
    "collective": lambda x: jax.pmap(lambda a: jax.lax.psum(a, "i"), axis_name="i")(x),
    "gradient": lambda x: jax.grad(lambda x: jax.pmap(lambda a, b: a * b, in_axes=(0, None))(x, 3.0).sum())(x),
    "in jit": lambda x: jax.jit(jax.pmap(lambda a: (a, a * 2), out_axes=(0, 1)))(x),
}


@pytest.mark.parametrize("name", PMAPPED)
def test_pmap(name: str) -> None:
    check(PMAPPED[name], ONE)


@pytest.mark.parametrize("dtype", [np.int8, np.float16, np.bool_])
def test_pmap_of_dtypes(dtype: Any) -> None:
    check(PMAPPED["a tuple of axes"], ONE.astype(dtype))
    check(PMAPPED["no axis out"], ONE[:, :0].astype(dtype))


def vmapped(function: Callable[[Any], Any], out_axes: Any = None) -> Callable[[Any], Any]:
    return lambda x: jax.vmap(function, out_axes=out_axes, axis_name="i")(x)


UNMAPPED: dict[str, Callable[[Any], Any]] = {
    "a constant": vmapped(lambda a: jnp.ones(3)),
    "a sum over lanes": vmapped(lambda a: jax.lax.psum(a, "i")),
    "a mean and the rest": vmapped(lambda a: (a - jax.lax.pmean(a, "i"), jax.lax.pmax(a.sum(), "i")), (0, None)),
    "all lanes": vmapped(lambda a: jax.lax.all_gather(a, "i")),
    "in jit": lambda x: jax.jit(vmapped(lambda a: (a, jax.lax.psum(a, "i")), (1, None)))(x),
    "in a loop": vmapped(lambda a: jax.lax.scan(lambda c, x: (c + x, jax.lax.pmean(a, "i")), 0.0, jnp.ones(3))[1]),
    "an outer lane's": lambda x: jax.vmap(lambda b: jax.vmap(lambda a: (a, b), out_axes=(0, None))(jnp.ones((2, 3))))(
        x
    ),
    "what a gradient is taken by": lambda x: jax.grad(
        lambda b: jax.vmap(lambda a: (a, b * 2), out_axes=(0, None))(jnp.ones((2, 3)))[1].sum()
    )(x),
    "what all branches pass on": lambda x: jax.vmap(
        lambda a, w: jax.lax.cond(a.sum() > 3, lambda s: (s[0] * 2, s[1]), lambda s: s, (a, w)),
        in_axes=(0, None),
        out_axes=(0, None),
    )(x, jnp.ones(2)),
    "what all of three pass on": lambda x: jax.jit(
        jax.vmap(
            lambda a, w: jax.lax.switch(a.sum().astype("int32"), [lambda s: s] * 3, (a, w)),
            in_axes=(0, None),
            out_axes=(0, None),
        )
    )(x, jnp.ones(2)),
}


@pytest.mark.parametrize("name", UNMAPPED)
def test_outputs_that_are_the_same_in_each_lane(name: str) -> None:
    check(UNMAPPED[name], TWO)


MISTAKES: dict[str, Callable[[Any], Any]] = {
    "an argument": vmapped(lambda a: a),
    "what is computed from one": vmapped(lambda a: a * 0 + 1),
    "one of several": vmapped(lambda a: (a, {"u": a}), (0, None)),
    "in jit": lambda x: jax.jit(vmapped(lambda a: a + 1))(x),
    "what one branch changes": lambda x: jax.vmap(
        lambda a, w: jax.lax.cond(a.sum() > 3, lambda w: w + 1, lambda w: w, w), in_axes=(0, None), out_axes=None
    )(x, jnp.ones(2)),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_outputs_that_differ_need_an_axis(name: str) -> None:
    for backend in ("jax", "torch"):
        with (
            on(backend),
            pytest.raises(ValueError, match=r"vmap.*out_axes"),
        ):
            MISTAKES[name](jnp.asarray(TWO))
