"""`unified port`: imports changed and nothing else, what is missing, the check, and the worked example."""

import sys
from pathlib import Path

import pytest

import unified as u
from unified.cli import main
from unified.port import is_covered, port

ROOT = Path(__file__).parents[2]
IMPORTS = {
    "import haiku as hk  # layers": "import unified.compat.haiku as hk  # layers",
    "import haiku": "import unified.compat.haiku as haiku",
    "import jax": "import unified.compat.jax as jax",
    "import jax.numpy as jnp, os": "import unified.compat.jax.numpy as jnp, os",
    "import jax.numpy": "import unified.compat.jax as jax",
    "from jax import numpy as jnp, random": "from unified.compat.jax import numpy as jnp, random",
    "from haiku.initializers import Constant": "from unified.compat.haiku.initializers import Constant",
    "from jax.nn import (\n    relu,  # fast\n    gelu,\n)": "from unified.compat.jax.nn import (\n    relu,  # fast\n    gelu,\n)",
    "from . import jax": "from . import jax",
    "import numpy as np": "import numpy as np",
    "from jax.experimental import pallas": "from jax.experimental import pallas",
    "import haiku._src.base": "import haiku._src.base",
    "from jax import jit, linear_transpose": "from jax import jit, linear_transpose",
}


@pytest.mark.parametrize("before", IMPORTS)
def test_imports(before: str) -> None:
    text, _ = port(f"{before}\n\n\ndef  f( x ):   # kept as it is\n    return x\n")
    assert text == f"{IMPORTS[before]}\n\n\ndef  f( x ):   # kept as it is\n    return x\n"


def test_missing() -> None:
    source = "import jax\nimport jax.numpy as jnp\nimport haiku as hk\n\nx = jnp.histogram2d(1)\ny = hk.to_dot, jnp.sum, hk.Linear\nz = jax.linear_transpose\nz = jax.linear_transpose\n"
    _, missing = port(source)
    assert [(name.name, name.line) for name in missing] == [
        ("jax.numpy.histogram2d", 5),
        ("haiku.to_dot", 6),
        ("jax.linear_transpose", 7),
    ]
    assert "reads JAX's own trace" in missing[1].reason


def test_covered() -> None:
    assert is_covered("jax.lax.Precision.HIGHEST")
    assert is_covered("haiku.nets.ResNet.BlockGroup")
    assert is_covered("numpy.sum")
    assert not is_covered("haiku.experimental.flax.Module")
    assert not is_covered("jax.numpy.not_a_function")


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, out = tmp_path / "model.py", tmp_path / "ported.py"
    file.write_text("import jax.numpy as jnp\n\nx = jnp.sum\n")
    assert main(["port", str(file), "-o", str(out)]) == 0
    assert out.read_text() == "import unified.compat.jax.numpy as jnp\n\nx = jnp.sum\n"
    file.write_text("import jax\n\nx = jax.linear_transpose\n")
    assert main(["port", str(file)]) == 1
    printed = capsys.readouterr()
    assert printed.out.startswith("import unified.compat.jax as jax\n")
    assert f"{file}:3: jax.linear_transpose: jax has no 'linear_transpose'" in printed.err
    with pytest.raises(SystemExit):
        main(["port"])


MODEL = """import haiku as hk
import jax

SCALE = {scale}


def forward(x):
    return hk.BatchNorm(True, True, 0.9)(hk.Linear(3)(x), True) * SCALE
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("a_haiku_model")]:
        del sys.modules[name]


def test_check(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (package / "a_haiku_model.py").write_text(MODEL.format(scale="2.0"))
    assert main(["port", "--check", "a_haiku_model:forward", "--shapes", "4,5"]) == 0
    printed = capsys.readouterr().out
    for row in (
        "initial value linear/w",
        "gradient batch_norm/scale",
        "state batch_norm/~/mean_ema/average",
        "output 0",
    ):
        assert row in printed
    assert "DIFFERENT" not in printed
    assert u.core.backends.chosen() is None


def test_check_finds_a_difference(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scale = "2.0 if hk.__name__ == 'haiku' else 2.1"
    (package / "a_haiku_model.py").write_text(MODEL.format(scale=scale))
    assert main(["port", "--check", "a_haiku_model:forward", "--shapes", "4,5"]) == 1
    assert "output 0" in [
        line.partition("  ")[0] for line in capsys.readouterr().out.splitlines() if "DIFFERENT" in line
    ]


def test_check_errors() -> None:
    from unified.port import check

    with pytest.raises(ValueError, match=r"package\.module:function"):
        check("module", [(1,)])
    with pytest.raises(ImportError, match="there is no module 'not_a_module_at_all'"):
        check("not_a_module_at_all:f", [(1,)])


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
