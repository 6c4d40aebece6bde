"""`unified port --check`: the original and its port, with the modules that they import, on inputs of all kinds."""

import sys
from pathlib import Path

import numpy as np
import pytest

import unified as u
from unified.cli import main
from unified.port import PortError, check, parse_inputs
from unified.port.inputs import Input, draw

MODEL = """import haiku as hk
import jax

SCALE = {scale}


def forward(x):
    return hk.BatchNorm(True, True, 0.9)(hk.Linear(3)(x), True) * SCALE
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)
    yield tmp_path
    for name in [name for name in set(sys.modules) - before if name.startswith("a_haiku_")]:
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


def test_siblings_are_ported(package: Path) -> None:
    """Modules of the package, by relative and absolute imports, and modules beside it; the originals stay."""
    folder = package / "a_haiku_package"
    (folder / "parts").mkdir(parents=True)
    (folder / "__init__.py").write_text("from a_haiku_package.model import forward\n")
    (folder / "model.py").write_text(
        "import importlib\nfrom .parts import block\nimport a_haiku_package.parts.sizes\nimport a_haiku_beside\n"
        "import haiku as hk\n\nsame = importlib.import_module('a_haiku_package.parts.sizes')\n"
        "assert same is a_haiku_package.parts.sizes\nassert same.OURS == hk.__name__.startswith('unified')\n\n"
        "def forward(ids, x):\n"
        "    return block.block(ids, same.WIDTH) + a_haiku_beside.scaled(x)\n"
    )
    (folder / "parts" / "__init__.py").write_text("")
    (folder / "parts" / "block.py").write_text(
        "import haiku as hk\n\n\ndef block(ids, width):\n    return hk.Embed(30, width)(ids).mean(1)\n"
    )
    (folder / "parts" / "sizes.py").write_text("import jax\nOURS, WIDTH = jax.__name__ != 'jax', 3\n")
    (package / "a_haiku_beside.py").write_text(
        "import jax.numpy as jnp\n\n\ndef scaled(x):\n    return jnp.tanh(x) * 2\n"
    )
    report, equal = check("a_haiku_package.model:forward", parse_inputs("int(30):2,5;2,3"))
    assert equal, report
    assert "gradient embed/embeddings" in report
    import a_haiku_package.parts.sizes

    assert not a_haiku_package.parts.sizes.OURS
    assert not [name for name in sys.modules if name.startswith("ported_by_unified")]
    assert check("a_haiku_package:forward", parse_inputs("int(30):2,5;2,3"))[1]


def test_flags_of_absl_are_defined_once(package: Path) -> None:
    """Programs define flags where they are imported, and so does chex, whose copy is loaded beside it."""
    from absl import flags

    (package / "a_haiku_model.py").write_text(
        "import chex\nfrom absl import flags\nimport haiku as hk\n\n"
        "SIZE = flags.DEFINE_integer('a_haiku_size', 3, 'The size.')\n\n\n"
        "def forward(x):\n    chex.assert_rank(x, 2)\n    return hk.Linear(SIZE.default)(x)\n"
    )
    try:
        for _ in range(2):
            report, equal = check("a_haiku_model:forward", [(2, 4)])
            assert equal, report
        assert flags.FLAGS["a_haiku_size"].default == 3
    finally:
        del flags.FLAGS.a_haiku_size


def test_inputs_made_by_a_function(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (package / "a_haiku_model.py").write_text(
        "import haiku as hk\nimport jax\n\n\ndef forward(batch, key, scale):\n"
        "    assert isinstance(scale, int)\n"
        "    return hk.Linear(2)(batch['x']) * scale + jax.random.normal(key), batch['labels']\n\n\n"
        "def batch():\n    import jax.numpy as jnp\n"
        "    return {'x': jnp.ones((2, 3)), 'labels': jnp.arange(2)}, jax.random.key(3), 2\n\n\n"
        "def wrong():\n    return [1]\n"
    )
    command = ["port", "--check", "a_haiku_model:forward", "--inputs"]
    assert main([*command, "a_haiku_model:batch"]) == 0
    assert "output 1" in capsys.readouterr().out
    assert main([*command, "a_haiku_model:wrong"]) == 1
    assert "returned list: it returns the tuple of arguments" in capsys.readouterr().err
    assert main([*command, "a_haiku_model"]) == 1


def test_drawn_inputs() -> None:
    assert parse_inputs("8,3;int:8; bool:2 ;int(3):;") == [
        Input((8, 3)),
        Input((8,), "int"),
        Input((2,), "bool"),
        Input((), "int", 3),
        Input(()),
    ]
    floats, ints, bools = draw([(2, 3), Input((1000,), "int", 4), Input((5,), "bool")])
    assert (floats.dtype, ints.dtype, bools.dtype) == (np.float32, np.int32, bool)
    assert (floats.shape, set(ints.tolist())) == ((2, 3), {0, 1, 2, 3})
    for wrong in ("8x3", "complex:3", "int(0):3", "float(3):3", "int(x):3"):
        with pytest.raises(PortError, match="an input is sizes"):
            parse_inputs(wrong)


def test_check_errors(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match=r"package\.module:function"):
        check("module", [(1,)])
    for absent in ("not_a_module_at_all", "not_a_module_at_all.model"):
        with pytest.raises(ImportError, match=f"there is no module '{absent}'"):
            check(f"{absent}:f", [(1,)])
    (package / "a_haiku_model.py").write_text("")
    assert main(["port", "--check", "a_haiku_model:forward"]) == 1
    assert "a_haiku_model has no function 'forward' to check" in capsys.readouterr().err
    for text, what in (("class forward: pass", "a class"), ("forward = 3", "of class int")):
        name = f"model_that_is_{what.replace(' ', '_')}"
        (package / f"{name}.py").write_text(text)
        assert main(["port", "--check", f"{name}:forward"]) == 1
        assert f":forward is {what}, and a check calls a function" in capsys.readouterr().err
