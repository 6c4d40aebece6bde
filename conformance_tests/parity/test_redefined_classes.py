"""Classes are compared by module and qualified name: a notebook cell may be run again."""

import copy
import importlib
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest

import unified as u
from conformance_tests.parity.models import X, array, host, initialised
from unified.core.errors import StructureChangedError

ROOT = Path(__file__).parents[2]

CELL = """
import unified as u

class Block(u.Module):
    def __init__(self, width):
        self.width = width
    def __call__(self, x):
        return SCALE * u.Linear(4, self.width)(x)

class Scaled(u.Linear):
    def forward(self, x):
        return SCALE * super().forward(x)
"""


def cell(scale: float) -> dict[str, Any]:
    """Return the names that a notebook cell defines, each time as new classes of `__main__`."""
    names: dict[str, Any] = {"__name__": "__main__", "SCALE": scale}
    exec(CELL, names)
    return names


def body(names: dict[str, Any]) -> Any:
    return lambda x: names["Scaled"](3, 2)(names["Block"](3)(x))


each_backend = pytest.mark.parametrize("backend", ["torch", "jax"])


@each_backend
def test_a_cell_is_run_again(backend: str) -> None:
    names = cell(1.0)
    net, params = initialised(backend, body(names))
    before, _ = net.apply(params, array(backend))
    names.update(cell(3.0))  # the body looks its classes up at the call
    after, _ = net.apply(params, array(backend))
    v = {path: host(value) for path, value in params.items()}
    hidden = 3 * (X @ v["block/linear/weight"].T + v["block/linear/bias"])
    expected = 3 * (hidden @ v["scaled/weight"].T + v["scaled/bias"])
    np.testing.assert_allclose(host(after), expected, rtol=1e-5, atol=1e-6)
    assert not np.allclose(host(before), expected)
    if backend == "torch":  # the live layer has the new methods too
        np.testing.assert_allclose(host(net(array(backend))), expected, rtol=1e-5, atol=1e-6)
        assert type(net.scaled).__mro__[1] is names["Scaled"]
    else:
        np.testing.assert_allclose(jax.jit(net.apply)(params, X)[0], expected, rtol=1e-5, atol=1e-6)


@each_backend
def test_params_of_both_definitions_are_one_tree(backend: str) -> None:
    old, new = (initialised(backend, body(cell(1.0)))[1] for _ in range(2))
    assert old == new and old._structure is new._structure
    if backend == "jax":
        assert jax.tree.structure(old) == jax.tree.structure(new)
        jax.tree.map(lambda a, b: np.testing.assert_array_equal(a, b), old, new)
    assert list((old | new).graph.find(cell(1.0)["Block"])) == ["block"]
    assert list(old.graph.find(cell(1.0)["Scaled"])) == ["scaled"]


def factory(factor: int) -> type[u.Module]:
    class Local(u.Module):
        def __call__(self, x: Any) -> Any:
            return factor * u.Linear(4, 2)(x)

    return Local


@each_backend
def test_classes_of_factories_and_of_the_body(backend: str) -> None:
    def forward(x: Any) -> Any:
        class Inner(u.Module):
            def __call__(self, x: Any) -> Any:
                return Doubled(4, 2)(x)

        class Doubled(u.Linear):
            def forward(self, x: Any) -> Any:
                return 2 * super().forward(x)

        return Inner()(x) + factory(2)()(x)

    (net, params), x = initialised(backend, forward), array(backend)
    output, _ = net.apply(params, x)
    assert sorted(params) == ["inner/doubled/bias", "inner/doubled/weight", "local/linear/bias", "local/linear/weight"]
    np.testing.assert_array_equal(*map(host, (output, net.apply(params, x)[0])))
    again = pickle.loads(pickle.dumps(params))
    assert again == params and "inner/doubled" in again.graph
    np.testing.assert_array_equal(*map(host, (output, net.apply(again, x)[0])))
    assert copy.deepcopy(params).graph["local"].cls is params.graph["local"].cls


@each_backend
def test_a_module_is_reloaded(backend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "reloaded_blocks.py").write_text(CELL.replace("SCALE", "1.0"))
    monkeypatch.syspath_prepend(str(tmp_path))
    blocks = importlib.import_module("reloaded_blocks")
    (net, params), x = initialised(backend, lambda x: blocks.Scaled(3, 2)(blocks.Block(3)(x))), array(backend)
    before, _ = net.apply(params, x)
    pickled = pickle.dumps(params)
    importlib.reload(blocks)
    after, _ = net.apply(params, x)
    np.testing.assert_array_equal(*map(host, (before, after)))
    assert pickle.loads(pickled) == params
    file = tmp_path / "params.pickle"
    file.write_bytes(pickle.dumps(params.to("numpy")))
    code = f"import pickle; p = pickle.load(open({str(file)!r}, 'rb')); print(len(p), p.graph['block'].cls)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "4 <class reloaded_blocks.Block, which cannot be imported>"


@each_backend
def test_another_class_of_the_same_name_is_refused(backend: str) -> None:
    names = cell(1.0)
    net, params = initialised(backend, lambda x: names["Block"](3)(x))
    names.update({**cell(1.0)})
    names["Block"].__module__ = "another"
    with pytest.raises(
        StructureChangedError, match=r"'block'.*Block\(\) of __main__.Block.*Block\(\) of another.Block"
    ):
        net.apply(params, array(backend))
