"""`unified port` of a file: imports changed and nothing else, what is missing, the command, and the worked example."""

import json
from pathlib import Path

import pytest

from unified.cli import main
from unified.port import is_covered, port

ROOT = Path(__file__).parents[2]
IMPORTS = {
    "import haiku as hk  # layers": "import unified.compat.haiku as hk  # layers",
    "import haiku": "import unified.compat.haiku as haiku",
    "import jax": "import unified.compat.jax as jax",
    "import jax.numpy as jnp, os": "import unified.compat.jax.numpy as jnp, os",
    "import jax.numpy as jnp, haiku as hk, os": "import unified.compat.jax.numpy as jnp, unified.compat.haiku as hk, os",
    "import jax.numpy": "import unified.compat.jax as jax",
    "from jax import numpy as jnp, random": "from unified.compat.jax import numpy as jnp, random",
    "from haiku.initializers import Constant": "from unified.compat.haiku.initializers import Constant",
    "from jax.nn import (\n    relu,  # fast\n    gelu,\n)": "from unified.compat.jax.nn import (\n    relu,  # fast\n    gelu,\n)",
    "from . import jax": "from . import jax",
    "import numpy as np": "import numpy as np",
    "from jax.experimental import pallas": "from jax.experimental import pallas",
    "import jax.experimental.pallas": "import jax.experimental.pallas",
    "import haiku._src.base": "import haiku._src.base",
    # libraries
    "import optax": "import unified.compat.libraries.optax as optax",
    "from optax import adam": "from unified.compat.libraries.optax import adam",
    "from flax import linen as nn": "from unified.compat.libraries.flax import linen as nn",
    "import flax.linen as nn": "import unified.compat.libraries.flax.linen as nn",
    "import optax.contrib": "import unified.compat.libraries.optax.contrib, unified.compat.libraries.optax as optax",
    "from chex import *": "from unified.compat.libraries.chex import *",
    "import equinox as eqx": "import equinox as eqx",
    # an import becomes two
    "from jax import jit, new_ref as lt  # noqa: F401": "from unified.compat.jax import jit  # noqa: F401\nfrom jax import new_ref as lt  # noqa: F401",
    "# why\nfrom jax import new_ref, jit  # here": "# why\nfrom unified.compat.jax import jit  # here\nfrom jax import new_ref",
    "from jax.experimental import mesh_utils, pallas": "from unified.compat.jax.experimental import mesh_utils\nfrom jax.experimental import pallas",
    "from jax import (\n    jit,  # fast\n    new_ref,  # slow\n)": "from unified.compat.jax import (\n    jit,  # fast\n)\nfrom jax import (\n    new_ref,  # slow\n)",
    "from jax import (jit,\n                 export, grad)": "from unified.compat.jax import (jit, grad)\nfrom jax import (export)",
    "from jax import jit, \\\n    export": "from unified.compat.jax import jit\nfrom jax import export",
    "from jax import (\n    # one\n    jit,\n    # two\n    new_ref,\n    # three\n    grad\n)": "from unified.compat.jax import (\n    # one\n    jit,\n    # three\n    grad\n)\nfrom jax import (\n    # two\n    new_ref\n)",
    "import os; from jax import jit, export; x = 1": "import os; from unified.compat.jax import jit; from jax import export; x = 1",
    # where it stands
    "if TYPE_CHECKING:\n    import jax": "if TYPE_CHECKING:\n    import unified.compat.jax as jax",
    "try: import optax\nexcept ImportError: optax = None": "try: import unified.compat.libraries.optax as optax\nexcept ImportError: optax = None",
    "def g(x):\n    # type: (int) -> int\n    import jax # type: ignore": "def g(x):\n    # type: (int) -> int\n    import unified.compat.jax as jax # type: ignore",
    "from jax.numpy import *": "from unified.compat.jax.numpy import *",
    # names in strings
    "importlib.import_module('jax.numpy')": "importlib.import_module('unified.compat.jax.numpy')",
    'pytest.importorskip("optax", reason="r")': 'pytest.importorskip("unified.compat.libraries.optax", reason="r")',
    'import_module("jax" ".numpy")': 'import_module("unified.compat.jax.numpy")',
    'import_module(".jax", "package")': 'import_module(".jax", "package")',
    '__import__("jax")': '__import__("jax")',
}  # fmt: skip


@pytest.mark.parametrize("before", IMPORTS)
def test_imports(before: str) -> None:
    rest = "\n\n\ndef  f( x ):   # kept as it is\n    return x\n"
    text, _ = port(f"{before}{rest}")
    assert text == f"{IMPORTS[before]}{rest}"
    compile(text, "ported", "exec")
    assert port(text)[0] == text


def test_packages_of_ones_own_keep_their_names() -> None:
    source = "import optax.mine\nfrom optax import adam\nimport jax\n"
    assert port(source, own={"optax"})[0] == source.replace("import jax", "import unified.compat.jax as jax")


def found(source: str) -> list[tuple[str, int]]:
    return [(name.name, name.line) for name in port(source)[1]]


def test_missing() -> None:
    source = "import jax\nimport jax.numpy as jnp\nimport haiku as hk\n\nx = jnp.histogram2d(1)\ny = hk.to_dot, jnp.sum, hk.Linear\nz = jax.new_ref\nz = jax.new_ref\n"
    _, missing = port(source)
    assert [(name.name, name.line) for name in missing] == [
        ("jax.numpy.histogram2d", 5),
        ("haiku.to_dot", 6),
        ("jax.new_ref", 7),
    ]
    assert "reads JAX's own trace" in missing[1].reason


def test_what_stays() -> None:
    """An import that stays is reported once, not at each use; a name of a library is there."""
    source = "import equinox as eqx\nimport optax\nfrom jax import jit, export\n\nx = eqx.nn.Linear, eqx.Module, optax.adam, export.export\n"
    _, missing = port(source)
    assert [(name.name, name.line) for name in missing] == [("equinox", 1), ("jax.export", 3)]
    assert missing[1].reason == "jax.export: jax has no 'export' in unified.compat, so its import stays JAX's"
    _, (pallas,) = port("import jax\nimport jax.experimental.pallas\n")
    assert "'jax' is JAX's own after it" in pallas.reason


def test_missing_in_other_places() -> None:
    assert found("from jax.numpy import *\n\nx = sin, histogram2d\n") == [("jax.numpy.histogram2d", 3)]
    assert found("from haiku import *\n\nx = Linear, to_dot\n") == [("haiku.to_dot", 3)]
    assert found("import importlib\nx = importlib.import_module('jax.export')\n") == [("jax.export", 2)]
    assert found("x = import_module(f'jax.{y}')\n") == [("jax.{...}", 1)]
    assert found("import jax.export as e\ny = e.export\nimport jax.export as e2\nfrom jax.export import export\n") == [
        ("jax.export", 1),
        ("jax.export.export", 4),
    ]
    assert found("x = 1\ny = __import__('jax')\n") == [("jax", 2)]
    assert found("def f():\n    import jax\n\n    return jax.export\n") == [("jax.export", 4)]


def test_covered() -> None:
    assert is_covered("jax.lax.Precision.HIGHEST")
    assert is_covered("haiku.nets.ResNet.BlockGroup")
    assert is_covered("numpy.sum")
    assert is_covered("optax.contrib.muon")
    assert not is_covered("haiku.experimental.flax.Module")
    assert not is_covered("jax.numpy.not_a_function")
    assert not is_covered("orbax.checkpoint")


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, out = tmp_path / "model.py", tmp_path / "ported.py"
    file.write_text("import jax.numpy as jnp\n\nx = jnp.sum\n")
    assert main(["port", str(file), "-o", str(out)]) == 0
    assert out.read_text() == "import unified.compat.jax.numpy as jnp\n\nx = jnp.sum\n"
    file.write_text("import jax\n\nx = jax.new_ref\n")
    assert main(["port", str(file)]) == 1
    printed = capsys.readouterr()
    assert printed.out.startswith("import unified.compat.jax as jax\n")
    assert f"{file}:3: jax.new_ref: jax has no 'new_ref'" in printed.err
    with pytest.raises(SystemExit):
        main(["port"])


def test_encodings_and_line_endings_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "model.py"
    file.write_bytes("# coding: latin-1\r\nimport jax  # é\r\nx = 1".encode("latin-1"))
    (tmp_path / "out").mkdir()
    assert main(["port", str(file), "-o", str(tmp_path / "out")]) == 0
    expected = "# coding: latin-1\r\nimport unified.compat.jax as jax  # é\r\nx = 1"
    assert (tmp_path / "out" / "model.py").read_bytes() == expected.encode("latin-1")


def test_errors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def error(*arguments: object, status: int = 1) -> str:
        assert main(["port", *map(str, arguments)]) == status
        printed = capsys.readouterr()
        assert printed.out == ""
        return printed.err

    assert "there is no such file" in error(tmp_path / "absent.py")
    (tmp_path / "wrong.py").write_text("import jax\n\ndef f(:\n")
    assert f"{tmp_path / 'wrong.py'}:3: it is not Python: " in error(tmp_path / "wrong.py")
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": []}))
    assert "notebooks are not ported" in error(tmp_path / "a.ipynb")
    (tmp_path / "right.py").write_text("import jax\n")
    assert "there is no folder" in error(tmp_path / "right.py", "-o", tmp_path / "nowhere" / "ported.py")
    assert "say with -o" in error(tmp_path)


@pytest.mark.slow
def test_example(monkeypatch: pytest.MonkeyPatch) -> None:
    """The port is what the command writes, and the table has equal rows only."""
    folder = ROOT / "examples" / "port_haiku"
    assert port((folder / "model.py").read_text()) == ((folder / "ported.py").read_text(), [])
    monkeypatch.syspath_prepend(folder)
    monkeypatch.syspath_prepend(ROOT / "examples")
    import port_haiku.compare

    rows = port_haiku.compare.rows()
    assert len(rows) == 7
    assert {name: gap for name, gap in rows if gap >= 1e-4} == {}
