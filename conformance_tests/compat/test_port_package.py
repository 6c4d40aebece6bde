"""`unified port` of a package, and ported programs that train: the same losses on torch as the originals on JAX."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from unified.cli import main

FILES = {
    "nets/__init__.py": "from nets.model import forward\n\n__all__ = ['forward']\n",
    "nets/model.py": "import haiku as hk\n\nfrom .losses import squared  # noqa: F401\n\n\ndef forward(x):\n    return hk.nets.MLP([8, 1])(x)\n",
    "nets/losses.py": "from jax import export, numpy as jnp\n\n\ndef squared(a, b):\n    return jnp.mean((a - b) ** 2)\n",
    "nets/data/sizes.txt": "8\n",
    "nets/data/notes.ipynb": "{}",
    "nets/data/template.py": "import {{ name }}\n",
    "nets/__pycache__/model.pyc": "",
}
TRAIN = """
import sys

import haiku as hk
import jax
import numpy as np
import optax
from flax import linen as nn
from nets.model import forward, squared

net = hk.without_apply_rng(hk.transform(forward))
x = np.linspace(-1, 1, 32, dtype=np.float32).reshape(8, 4)
y = x.sum(1, keepdims=True)
head = nn.Dense(1)
params = net.init(jax.random.PRNGKey(0), x), head.init(jax.random.PRNGKey(1), y)
optimizer = optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(optax.cosine_decay_schedule(1e-2, 100)))
state = optimizer.init(params)


@jax.jit
def step(params, state):
    loss, gradients = jax.value_and_grad(lambda p: squared(head.apply(p[1], net.apply(p[0], x)), y))(params)
    updates, state = optimizer.update(gradients, state, params)
    return optax.apply_updates(params, updates), state, loss


for _ in range(5):
    params, state, loss = step(params, state)
    print(f"{float(loss):.6f}")
print(type(params[0]["mlp/~/linear_0"]["w"]).__module__, "haiku" in sys.modules)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_a_package_is_ported(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = folder / "out"
    assert main(["port", str(folder / "nets"), "-o", str(out)]) == 1
    printed = capsys.readouterr()
    assert sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()) == [
        name for name in sorted(FILES) if "__pycache__" not in name
    ]
    assert (out / "nets/__init__.py").read_text() == FILES["nets/__init__.py"]
    assert "\nfrom .losses import squared  # noqa" in (out / "nets/model.py").read_text()
    assert (out / "nets/losses.py").read_text().startswith(
        "from unified.compat.jax import numpy as jnp\nfrom jax import export\n"
    )  # fmt: skip
    assert printed.out.splitlines() == [
        "__init__.py: as it was",
        "losses.py: 1 import changed, not on torch: jax.export",
        "model.py: 1 import changed",
        f"3 Python files in {out}, 2 imports changed, 1 name not on torch, 3 other files copied",
    ]
    assert f"{folder / 'nets/losses.py'}:1: jax.export: jax has no 'export'" in printed.err
    assert "template.py:1: it is not Python: " in printed.err
    assert "notebooks are not ported" in printed.err


def test_errors(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def error(source: Path, output: Path) -> str:
        assert main(["port", str(source), "-o", str(output)]) == 1
        return capsys.readouterr().err

    assert "which is ported: write to another folder" in error(folder / "nets", folder / "nets" / "out")
    assert "exists and is not an empty folder" in error(folder / "nets", folder)
    (folder / "nets" / "data" / "__init__.py").write_text("")
    assert f"is a part of the package {folder / 'nets'}" in error(folder / "nets" / "data", folder / "out")
    assert not (folder / "out").exists()


def run(folder: Path, program: str, **environment: str) -> list[str]:
    found = subprocess.run(
        [sys.executable, program], capture_output=True, text=True, check=False, cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **environment},
    )  # fmt: skip
    assert found.returncode == 0, found.stderr
    return found.stdout.splitlines()


@pytest.mark.slow
def test_ported_programs_train_alike(folder: Path) -> None:
    """A program with Haiku, Flax and optax, and its package: the original, and its port on torch and on JAX."""
    (folder / "nets" / "losses.py").write_text(FILES["nets/losses.py"].replace("export, ", ""))
    (folder / "train.py").write_text(TRAIN)
    out = folder / "out"
    assert main(["port", str(folder / "nets"), "-o", str(out)]) == 1  # for the template
    assert main(["port", str(folder / "train.py"), "-o", str(out)]) == 0
    *original, where = run(folder, "train.py")
    assert where == "jaxlib._jax True"
    *on_torch, where = run(out, "train.py", UNIFIED_BACKEND="torch")
    assert where == "unified.compat.jax.on_torch.array False"
    *on_jax, where = run(out, "train.py", UNIFIED_BACKEND="jax")
    assert where == "jaxlib._jax False"
    assert len({*original}) == 5
    for losses in (on_torch, on_jax):
        assert [float(loss) for loss in losses] == pytest.approx([float(loss) for loss in original], rel=1e-4)
