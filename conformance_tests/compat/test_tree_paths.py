"""Trees with paths: `is_leaf` may ask for the path, as on JAX."""

from typing import Any

import numpy as np
import pytest

import unified.compat.jax as jax
from conformance_tests.compat.differential import on

TREE: dict[str, Any] = {"a": [1, (2, None)], "b": {"c": 3.0, "d": []}}
STOPS = {
    "nowhere": (lambda path, node: False, True),
    "at a key": (lambda path, node: jax.tree_util.keystr(path) == "['b']", True),
    "at a depth": (lambda path, node: len(path) == 2, True),
    "at the root": (lambda path, node: not path, True),
    "at None": (lambda path, node: node is None, True),
    "without paths": (lambda node: isinstance(node, tuple), False),
}


def flattened(stop: Any, takes_path: bool) -> list[Any]:
    options = {"is_leaf": stop, "is_leaf_takes_path": takes_path}
    pairs, structure = jax.tree_util.tree_flatten_with_path(TREE, **options)
    mapped = jax.tree_util.tree_map_with_path(lambda path, leaf: (len(path), leaf), TREE, **options)
    leaves = jax.tree_util.tree_leaves_with_path(TREE, **options)
    same = jax.tree.map_with_path(lambda path, leaf: (len(path), leaf), TREE, **options)
    assert jax.tree.leaves_with_path(TREE, **options) == leaves == pairs
    assert jax.tree.flatten_with_path(TREE, **options)[0] == pairs
    assert same == mapped
    assert structure.unflatten([leaf for _, leaf in pairs]) == TREE
    return [[(jax.tree_util.keystr(path), leaf) for path, leaf in pairs], mapped, structure.num_leaves]


@pytest.mark.parametrize("name", STOPS)
def test_where_paths_stop(name: str) -> None:
    found = {}
    for backend in ("jax", "torch"):
        with on(backend):
            found[backend] = flattened(*STOPS[name])
    assert found["torch"] == found["jax"]


def test_other_trees_beside() -> None:
    for backend in ("jax", "torch"):
        with on(backend):
            total = jax.tree_util.tree_map_with_path(
                lambda path, x, y: (len(path), x, np.sum(y)), {"a": 1, "b": 2}, {"a": [1, 2], "b": [3]}
            )
            assert total == {"a": (1, 1, 3), "b": (1, 2, 3)}
