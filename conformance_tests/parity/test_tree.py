"""`unified.tree` against `jax.tree`, over trees of either framework's arrays."""

import collections
import dataclasses
import operator
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from torch.utils import _pytree

import unified as u
import unified.compat
import unified.trees as ut


class Pair(NamedTuple):
    first: Any
    second: Any


@jax.tree_util.register_dataclass
@dataclasses.dataclass
class OfJax:
    weight: Any
    scale: Any
    name: str = dataclasses.field(metadata={"static": True}, default="n")


@dataclasses.dataclass
class OfTorch:
    weight: Any
    name: str = "n"


_pytree.register_pytree_node(
    OfTorch,
    lambda value: ([value.weight], value.name),
    lambda children, name: OfTorch(*children, name),
    flatten_with_keys_fn=lambda value: ([(_pytree.GetAttrKey("weight"), value.weight)], value.name),
)

TREES = {
    "a leaf": 3,
    "none": None,
    "empty": {"a": (), "b": [], "c": {}},
    "nested": {"b": [1, (2, None)], "a": {"z": 3, "y": (4,)}},
    "named tuple": Pair(1, {"k": Pair(2, None)}),
    "ordered": collections.OrderedDict([("b", 1), ("a", (2,))]),
    "default": collections.defaultdict(list, {"b": 1, "a": 2}),
    "dataclass": [OfJax(1, (2, 3)), OfJax({"w": 4}, None, "other")],
    "integer keys": {2: "b", 1: "a"},
    "strings": ("a", ["b", b"c"]),
}


@pytest.mark.parametrize("name", TREES)
def test_trees_are_those_of_jax(name: str) -> None:
    tree = TREES[name]
    leaves, structure = u.tree.flatten(tree)
    assert leaves == jax.tree.leaves(tree) == u.tree.leaves(tree)
    assert structure.num_leaves == len(leaves)
    assert u.tree.unflatten(structure, leaves) == tree
    assert u.tree.map(lambda leaf: (leaf, 1), tree) == jax.tree.map(lambda leaf: (leaf, 1), tree)
    pairs = u.tree.leaves_with_path(tree)
    expected = [tuple(jax.tree_util.keystr((k,), simple=True) for k in p) for p, _ in jax.tree.leaves_with_path(tree)]
    assert [tuple(map(str, path)) for path, _ in pairs] == expected
    assert [leaf for _, leaf in pairs] == leaves
    assert u.tree.reduce(lambda total, leaf: [*total, leaf], tree, []) == leaves
    assert u.tree.all(tree) == jax.tree.all(tree)
    assert structure == u.tree.structure(u.tree.map(str, tree))
    assert hash(structure) == hash(u.tree.structure(u.tree.map(str, tree)))


def test_is_leaf_and_prefixes_are_those_of_jax() -> None:
    tree, axes = {"a": (1, [2, 3]), "b": None}, {"a": (0, 1), "b": None}

    def is_leaf(part: Any) -> bool:
        return isinstance(part, list) or part is None

    assert u.tree.leaves(tree, is_leaf) == jax.tree.leaves(tree, is_leaf=is_leaf) == [1, [2, 3], None]
    assert u.tree.broadcast(axes, tree) == jax.tree.broadcast(axes, tree)
    seen: list[Any] = []
    u.tree.map(lambda axis, part: seen.append((axis, part)), axes, tree)
    assert seen == [(0, 1), (1, [2, 3])]
    rows = [{"a": 1, "b": (2, 3)}, {"a": 4, "b": (5, 6)}]
    outer, inner = u.tree.structure([0, 0]), u.tree.structure(rows[0])
    expected = jax.tree.transpose(jax.tree.structure([0, 0]), jax.tree.structure(rows[0]), rows)
    assert u.tree.transpose(outer, inner, rows) == u.tree.transpose(outer, None, rows) == expected


def body(x: Any) -> Any:
    return u.Linear(3, 1)(u.Dropout(0.5)(u.BatchNorm1d(3)(u.Linear(None, 3)(x))))


INPUTS = {"torch": torch.ones(4, 2), "jax": jnp.ones((4, 2))}


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_params_and_bound_models_are_nodes(backend: Any) -> None:
    model = u.transform(body, backend=backend, rng="portable")
    model.init(INPUTS[backend], rng=0)
    params = model.init(INPUTS[backend], rng=0) if backend == "jax" else model.params
    weights, _ = params.split()
    doubled = u.tree.map(operator.add, weights, weights)
    assert isinstance(doubled, u.Params)
    assert list(doubled) == list(weights)
    for path in weights:
        np.testing.assert_array_equal(np.asarray(doubled[path].tolist()), 2 * np.asarray(weights[path].tolist()))
    bound = model.bind(params)
    assert [path for path, _ in u.tree.leaves_with_path(bound)] == [("params", path) for path in params]
    output, _ = u.tree.map(lambda leaf: leaf * 0, bound)(INPUTS[backend])
    assert np.asarray(output.tolist()).sum() == 0
    # an optimizer's state, and variables in another order
    state = {"mu": weights, "count": 0}
    assert len(u.tree.leaves(state)) == len(weights) + 1
    other = u.Params({path: weights[path] for path in reversed(list(weights))})
    assert list(other) != list(weights)
    same = u.tree.map(lambda a, b: bool((a == b).all()), weights, other)
    assert all(u.tree.leaves(same))


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_classes_that_frameworks_or_libraries_register_are_nodes(backend: Any) -> None:
    ones = INPUTS[backend]
    module = ut.fill(ut.Linear(2, 3), rng=0, backend=backend)
    zeros = u.tree.map(lambda leaf: leaf * 0, [module, OfTorch(ones), OfJax(ones, 1)])
    assert type(zeros[0]) is type(module)
    assert zeros[1].weight.sum() == zeros[2].weight.sum() == zeros[0](ones).sum() == 0
    assert ("1", "weight") in [tuple(map(str, path)) for path, _ in u.tree.leaves_with_path(zeros)]


def test_classes_of_a_library_that_is_loaded_for_torch_are_nodes() -> None:
    struct = unified.compat.load("flax", "torch").struct

    @struct.dataclass
    class State:
        weight: Any
        step: int = struct.field(pytree_node=False, default=0)

    doubled = u.tree.map(lambda leaf: leaf * 2, {"state": State(torch.ones(2), 5)})
    assert doubled["state"].weight.tolist() == [2, 2]
    assert doubled["state"].step == 5


def test_within_transforms_and_compiled() -> None:
    def square(tree: Any) -> Any:
        return u.tree.reduce(operator.add, u.tree.map(lambda leaf: (leaf**2).sum(), tree))

    for ones in (torch.ones(2), jnp.ones(2)):
        tree = {"a": ones, "b": (ones,)}
        assert float(u.jit(square)(tree)) == float(u.jit(square)(tree)) == 4
        assert u.grad(square)(tree)["b"][0].tolist() == [2, 2]
        assert u.vmap(square)(tree).tolist() == [2, 2]
    compiled = torch.compile(square, backend="eager", fullgraph=True)
    assert float(compiled({"a": torch.ones(2), "b": (torch.ones(2),)})) == 4
    assert float(jax.jit(square)({"a": jnp.ones(2)})) == 2


def test_what_differs_is_named() -> None:
    with pytest.raises(ValueError, match=r"'a/1'.*expected \(\*, \*\).*got \[\*, \*\]"):
        u.tree.map(operator.add, {"a": [1, (2, 3)]}, {"a": [1, [2, 3]]})
    with pytest.raises(ValueError, match=r"their root.*'b' is missing.*'c' is not"):
        u.tree.map(operator.add, {"a": 1, "b": 2}, {"a": 1, "c": 2})
    with pytest.raises(ValueError, match=r"'x'.*the leaf int"):
        u.tree.map(operator.add, {"x": (1,)}, {"x": 1})
    with pytest.raises(ValueError, match=r"of 2 parts, got .* of 3"):
        u.tree.map(operator.add, (1, 2), (1, 2, 3))
    with pytest.raises(ValueError, match="1 leaves, and got 2"):
        u.tree.unflatten(u.tree.structure([1]), [1, 2])
    with pytest.raises(ValueError, match="inner_treedef"):
        u.tree.transpose(u.tree.structure([]), None, [])
    with pytest.raises(TypeError):
        u.tree.reduce(operator.add, ())
    one = u.transform(lambda x: u.Linear(2, 1)(x), backend="jax").init(jnp.ones((1, 2)), rng=0)
    two = u.transform(lambda x: u.Linear(2, 1, bias=False)(x), backend="jax").init(jnp.ones((1, 2)), rng=0)
    with pytest.raises(ValueError, match="'linear/bias' is missing"):
        u.tree.map(operator.add, one, two)
