"""What arguments cannot be is refused on torch with the kind of error that JAX raises, and not with torch's."""

from collections.abc import Callable
from typing import Any

import jax
import pytest

import unified.compat.jax as ujax
from conformance_tests.compat.differential import on

MISUSES: dict[str, Callable[[Any, Any], Any]] = {
    "reshape": lambda jax, n: n.ones(6).reshape(4, 2),
    "reshape fn": lambda jax, n: n.reshape(n.ones(6), (4, 2)),
    "reshape -1": lambda jax, n: n.ones(6).reshape(4, -1),
    "reshape str": lambda jax, n: n.reshape(n.ones(6), (6, "a")),
    "add": lambda jax, n: n.ones(3) + n.ones(4),
    "mul fn": lambda jax, n: n.multiply(n.ones(3), n.ones(4)),
    "matmul": lambda jax, n: n.ones((2, 3)) @ n.ones((2, 3)),
    "dot": lambda jax, n: n.dot(n.ones((2, 3)), n.ones((2, 3))),
    "concat": lambda jax, n: n.concatenate([n.ones((2, 3)), n.ones((2, 4))], 0),
    "stack": lambda jax, n: n.stack([n.ones(3), n.ones(4)]),
    "transpose": lambda jax, n: n.transpose(n.ones((2, 3)), (0, 0)),
    "sum axis": lambda jax, n: n.sum(n.ones((2, 3)), axis=5),
    "squeeze": lambda jax, n: n.squeeze(n.ones((2, 3)), 0),
    "expand": lambda jax, n: n.expand_dims(n.ones((2, 3)), 5),
    "broadcast_to": lambda jax, n: n.broadcast_to(n.ones(3), (4,)),
    "where": lambda jax, n: n.where(n.ones(3) > 0, n.ones(4), 0),
    "einsum": lambda jax, n: n.einsum("ij,jk->ik", n.ones((2, 3)), n.ones((2, 3))),
    "split": lambda jax, n: n.split(n.ones(5), 2),
    "index": lambda jax, n: n.ones(3)[0, 0],
    "index float": lambda jax, n: n.ones(3)[1.5],
    "conv": lambda jax, n: jax.lax.conv(n.ones((1, 3, 4, 4)), n.ones((2, 4, 2, 2)), (1, 1), "SAME"),
    "lax.add": lambda jax, n: jax.lax.add(n.ones(3), n.ones(4)),
    "lax.add dt": lambda jax, n: jax.lax.add(n.ones(3), n.ones(3, n.int32)),
    "lax.dot": lambda jax, n: jax.lax.dot(n.ones((2, 3)), n.ones((2, 3))),
    "slice": lambda jax, n: jax.lax.dynamic_slice(n.ones(3), (0,), (4,)),
    "lax.slice": lambda jax, n: jax.lax.slice(n.ones(3), (0,), (4,)),
    "lax.reshape": lambda jax, n: jax.lax.reshape(n.ones(3), (4,)),
    "one_hot": lambda jax, n: jax.nn.one_hot(n.ones(3), "a"),
    "grad nonscalar": lambda jax, n: jax.grad(lambda x: x)(n.ones(3)),
    "grad int": lambda jax, n: jax.grad(lambda x: x)(1),
    "vmap of a number": lambda jax, n: jax.vmap(lambda a: a)(n.ones(())),
    "vmap of an axis": lambda jax, n: jax.vmap(lambda a, b: a, in_axes=(0, 1))(n.ones(3), n.ones(3)),
    "pmap of a number": lambda jax, n: jax.pmap(lambda a: a)(n.ones(())),
    "vmap": lambda jax, n: jax.vmap(lambda a, b: a)(n.ones(3), n.ones(4)),
    "at": lambda jax, n: n.ones(3).at[0].set(n.ones(4)),
    "tree": lambda jax, n: jax.tree.map(lambda a, b: a, {"a": 1}, {"b": 1}),
    "swapaxes": lambda jax, n: n.swapaxes(n.ones((2, 3)), 0, 4),
    "item": lambda jax, n: n.ones(3).item(),
    "bool": lambda jax, n: bool(n.ones(3)),
    "iter0": lambda jax, n: list(n.ones(())),
    "len0": lambda jax, n: len(n.ones(())),
    "linalg inv": lambda jax, n: n.linalg.inv(n.ones((2, 3))),
    "take axis": lambda jax, n: n.take(n.ones(3), 0, axis=3),
    "argmax axis": lambda jax, n: n.argmax(n.ones(3), axis=3),
    "softmax axis": lambda jax, n: jax.nn.softmax(n.ones(3), axis=3),
    "pad": lambda jax, n: n.pad(n.ones(3), ((1, 1), (1, 1), (2, 2))),
    "tile": lambda jax, n: n.tile(n.ones(3), "a"),
    "outer": lambda jax, n: n.cross(n.ones(4), n.ones(4)),
    "normal shape": lambda jax, n: jax.random.normal(jax.random.PRNGKey(0), "a"),
    "key bad": lambda jax, n: jax.random.normal(n.ones(3)),
    "setitem": lambda jax, n: n.ones(3).__setitem__(0, 1),
    "astype": lambda jax, n: n.ones(3).astype("foo"),
    "zeros neg": lambda jax, n: n.zeros((-1,)),
    "arange": lambda jax, n: n.arange(n.ones(3)),
    "linspace neg": lambda jax, n: n.linspace(0, 1, -1),
    "scan len": lambda jax, n: jax.lax.scan(lambda c, x: (c, x), 0, (n.ones(3), n.ones(4))),
    "roll": lambda jax, n: n.roll(n.ones(3), 1, axis=3),
    "flip": lambda jax, n: n.flip(n.ones(3), 3),
    "cumsum": lambda jax, n: n.cumsum(n.ones(3), 3),
    "sort": lambda jax, n: n.sort(n.ones(3), axis=3),
    "max empty": lambda jax, n: n.max(n.ones(0)),
    "array ragged": lambda jax, n: n.array([[1], [1, 2]]),
    "moveaxis": lambda jax, n: n.moveaxis(n.ones((2, 3)), 0, 5),
    "repeat": lambda jax, n: n.repeat(n.ones(3), -1),
    "matmul0": lambda jax, n: n.matmul(n.ones(()), n.ones(3)),
    "bitand": lambda jax, n: n.ones(3) & n.ones(3),
    "shift": lambda jax, n: n.ones(3) << 1,
    "neg bool": lambda jax, n: -(n.ones(3) > 0),
    "sub bool": lambda jax, n: (n.ones(3) > 0) - (n.ones(3) > 0),
}


def error_of(misuse: Callable[[Any, Any], Any], jax: Any) -> Exception | None:
    try:
        misuse(jax, jax.numpy)
    except Exception as error:
        return error
    return None


@pytest.mark.parametrize("name", MISUSES)
def test_errors_are_those_of_jax(name: str) -> None:
    wanted = error_of(MISUSES[name], jax)
    with on("torch"):
        found = error_of(MISUSES[name], ujax)
    if wanted is None:
        assert found is None
    else:
        assert isinstance(found, type(wanted)) or type(found).__name__ == type(wanted).__name__
        assert str(found)


def test_a_message_names_the_function_and_the_shapes() -> None:
    with on("torch"):
        jnp = ujax.numpy
        with pytest.raises(TypeError, match=r"matmul\(float32\[2, 3\], float32\[2, 3\]\)"):
            jnp.ones((2, 3)) @ jnp.ones((2, 3))
        with pytest.raises(TypeError, match=r"add\(float32\[3\], float32\[4\]\)"):
            ujax.jit(lambda x: x + jnp.ones(4))(jnp.ones(3))
