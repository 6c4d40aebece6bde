"""Classes that others register as trees with JAX are trees on torch, with their keys."""

import subprocess
import sys
from typing import Any

import chex
import equinox as eqx
import flax.core
import flax.struct
import jax as oracle
import numpy as np
import pytest
import torch

import unified.compat.jax as jax
from conformance_tests.compat.differential import on


@chex.dataclass
class OfChex:
    a: Any
    b: Any


@flax.struct.dataclass
class OfFlax:
    a: Any
    n: int = flax.struct.field(pytree_node=False, default=3)


class OfEquinox(eqx.Module):
    w: Any
    size: int = eqx.field(static=True)


TREES = [
    OfChex(a=1.0, b={"c": 2.0}),
    OfFlax(a=(1.0, 2.0)),
    OfEquinox(w=1.0, size=2),
    flax.core.freeze({"x": 1.0, "y": {"z": 2.0}}),
    [OfChex(a=OfFlax(a=1.0), b=None)],
]


@pytest.mark.parametrize("number", range(len(TREES)))
def test_like_jax(number: int) -> None:
    tree = TREES[number]
    with on("torch"):
        util = jax.tree_util
        leaves, structure = util.tree_flatten(tree)
        assert leaves == oracle.tree.leaves(tree)
        assert util.tree_unflatten(structure, leaves) == tree
        assert structure == util.tree_structure(util.tree_map(lambda x: x + 1, tree))
        ours = [(util.keystr(path), leaf) for path, leaf in util.tree_leaves_with_path(tree)]
        assert ours == [(oracle.tree_util.keystr(path), leaf) for path, leaf in oracle.tree.leaves_with_path(tree)]


def test_in_transforms() -> None:
    with on("torch"):
        jnp = jax.numpy
        tree = OfFlax(a=jnp.ones(2))
        gradient = jax.grad(lambda t: jnp.sum(t.a**2))(tree)
        assert isinstance(gradient, OfFlax)
        np.testing.assert_array_equal(gradient.a, [2, 2])
        assert jax.vmap(lambda t: t.replace(a=t.a * 2))(tree).a.shape == (2,)
        carry, _ = jax.lax.scan(lambda t, _: (t.replace(a=t.a + 1), None), tree, None, length=3)
        np.testing.assert_array_equal(carry.a, [4, 4])


def test_a_class_that_is_registered_later() -> None:
    class Pair:
        def __init__(self, a: Any) -> None:
            self.a = a

    with on("torch"):
        assert len(jax.tree_util.tree_leaves(Pair((1, 2)))) == 1
        oracle.tree_util.register_pytree_node(Pair, lambda p: ((p.a,), None), lambda _, children: Pair(*children))
        assert jax.tree_util.tree_leaves(Pair((1, 2))) == [1, 2]


@pytest.mark.slow
def test_jax_is_not_loaded() -> None:
    code = """
import sys
class Hidden:
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] == "jax":
            raise ImportError(name)
sys.meta_path.insert(0, Hidden)
from unified.compat.jax.on_torch import tree_util
class A: pass
assert len(tree_util.tree_leaves([A(), 1])) == 2
assert "jax" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": "."})


def test_unknown_classes_compile() -> None:
    class Unknown:
        pass

    def double(x: Any, other: Any) -> Any:
        return jax.tree_util.tree_map(lambda x: x * 2 if isinstance(x, jax.Array) else x, (x, other))

    with on("torch"):
        compiled = torch.compile(jax.jit(double), fullgraph=True, backend="aot_eager")
        doubled, other = compiled(jax.numpy.ones(2), Unknown())
        assert isinstance(other, Unknown)
        np.testing.assert_array_equal(doubled, [2, 2])
