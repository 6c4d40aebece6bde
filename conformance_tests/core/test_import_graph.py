"""Imports go one way, without a cycle: core ← ... ← compat.jax ← compat.loader ← ... ← port ← doctor ← cli.

The graph is built from the sources, so that imports in functions and under `TYPE_CHECKING` count too.
"""

import ast
import functools
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


@functools.cache
def _read() -> tuple[dict[str, set[str]], dict[str, list[str]]]:
    """Return what each source imports of the package, and the names of the package that it looks up when it runs.

    Only when a test asks, since every worker collects this file; a tree is dropped once it is read.
    """
    graph, by_name = {}, {}
    for module, path in MODULES.items():
        imports, names = set(), []
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                imports |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert not node.level, "imports are absolute"
                inner = {f"{node.module}.{alias.name}" for alias in node.names}
                imports |= {name if name in MODULES else str(node.module) for name in inner}
            elif isinstance(node, ast.Call):
                function = node.func
                if getattr(function, "attr", getattr(function, "id", "")) in ("import_module", "find_spec"):
                    names.append(ast.unparse(node.args[0]))
        graph[module] = {name for name in imports if name.partition(".")[0] == "unified"} - {module}
        by_name[module] = [name for name in names if "unified" in name]
    return graph, by_name


def _graph() -> dict[str, set[str]]:
    return _read()[0]


def _rank(module: str) -> int:
    parts = module.split(".")
    return next(RANK[prefix] for end in range(len(parts), 0, -1) if (prefix := ".".join(parts[:end])) in RANK)


def test_the_graph_is_that_of_the_sources():
    assert len(_graph()) > 250
    assert "unified.core.scope" in _graph()["unified.core.layer"]
    assert "unified.compat.jax.numpy" in _graph()["unified.compat.haiku.linear"]
    assert all(target in MODULES for targets in _graph().values() for target in targets)


def test_no_cycle():
    try:
        graphlib.TopologicalSorter(_graph()).prepare()
    except graphlib.CycleError as error:
        pytest.fail("a circle of imports: " + " <- ".join(error.args[1]))


def test_no_import_goes_up():
    upward = {(m, t) for m, targets in _graph().items() for t in targets if _rank(t) > _rank(m)}
    assert not upward


def test_the_backends_do_not_know_each_other():
    for module, targets in _graph().items():
        if module.startswith("unified.backends."):
            own = ".".join(module.split(".")[:3])
            assert all(t.startswith(own) for t in targets if t.startswith("unified.backends.")), module


def test_imports_by_name_are_those_that_find_a_framework():
    assert {module: sorted(names) for module, names in _read()[1].items() if names} == {
        module: sorted(names) for module, names in BY_NAME.items()
    }
