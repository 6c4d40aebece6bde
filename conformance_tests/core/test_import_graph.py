"""Imports go one way, without a cycle: core ← ... ← compat.jax ← compat.loader ← ... ← port ← doctor ← cli.

The graph is built from the sources, so that imports in functions and under `TYPE_CHECKING` count too.
"""

import ast
import graphlib
import pathlib

import pytest

SOURCES = pathlib.Path(__file__).parents[2]

# A module belongs to the longest prefix of its name that is here, and may import its own layer and those before it.
LAYERS = (
    ("unified.core",),
    ("unified.functional", "unified.numpy", "unified.compare"),
    ("unified.testing", "unified.attention", "unified.moving_average"),
    ("unified.nn", "unified.explicit", "unified.trees"),  # three more styles of writing a network
    ("unified.backends",),
    ("unified.aten",),  # programs of torch on the jax backend
    ("unified",),  # the public names: the types of models are the backends'
    ("unified.compat.blaze",),  # knows neither of the other two
    ("unified.compat.jax",),
    ("unified.compat.loader", "unified.compat"),  # the finders of libraries and of their copies
    ("unified.compat.flax",),
    ("unified.compat.haiku",),
    ("unified.port",),
    ("unified.doctor",),  # needs the public names, and no framework
    ("unified.cli",),
    ("unified.__main__",),
)
RANK = {prefix: rank for rank, prefixes in enumerate(LAYERS) for prefix in prefixes}

# Who imports a part of the package by a name that is made when it runs: each finds the package of a framework.
BY_NAME = {
    "unified.core.backends": ["f'unified.backends.{name}'", "'unified.backends'"],
    "unified.testing.parity": ["f'unified.backends.{name}.parity'"],
    "unified.compat.jax.implementations": ["f'unified.compat.jax.on_{backend}'"],
}


def _modules() -> dict[str, pathlib.Path]:
    found = {}
    for path in SOURCES.glob("unified/**/*.py"):
        parts = path.relative_to(SOURCES).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = _modules()


def _imports(tree: ast.Module) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute"
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in MODULES else str(node.module) for name in inner}
    return {name for name in found if name.partition(".")[0] == "unified"}


TREES = {name: ast.parse(path.read_text()) for name, path in MODULES.items()}
GRAPH = {name: _imports(tree) - {name} for name, tree in TREES.items()}


def _rank(module: str) -> int:
    parts = module.split(".")
    return next(RANK[prefix] for end in range(len(parts), 0, -1) if (prefix := ".".join(parts[:end])) in RANK)


def test_the_graph_is_that_of_the_sources():
    assert len(GRAPH) > 250
    assert "unified.core.scope" in GRAPH["unified.core.layer"]
    assert "unified.compat.jax.numpy" in GRAPH["unified.compat.haiku.linear"]
    assert all(target in MODULES for targets in GRAPH.values() for target in targets)


def test_no_cycle():
    try:
        graphlib.TopologicalSorter(GRAPH).prepare()
    except graphlib.CycleError as error:
        pytest.fail("a circle of imports: " + " <- ".join(error.args[1]))


def test_no_import_goes_up():
    upward = {(m, t) for m, targets in GRAPH.items() for t in targets if _rank(t) > _rank(m)}
    assert not upward


def test_the_backends_do_not_know_each_other():
    for module, targets in GRAPH.items():
        if module.startswith("unified.backends."):
            own = ".".join(module.split(".")[:3])
            assert all(t.startswith(own) for t in targets if t.startswith("unified.backends.")), module


def test_imports_by_name_are_those_that_find_a_framework():
    found: dict[str, list[str]] = {}
    for module, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in (
                "import_module",
                "find_spec",
            ):
                name = ast.unparse(node.args[0])
                if "unified" in name:
                    found.setdefault(module, []).append(name)
    assert {module: sorted(names) for module, names in found.items()} == {
        module: sorted(names) for module, names in BY_NAME.items()
    }
