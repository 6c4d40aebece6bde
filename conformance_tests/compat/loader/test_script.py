"""`unified run`: programs that are written in JAX, with modules of their own, run on torch as they are."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from unified.compat.loader.script import NoProgramError, _source

PROGRAM = """
import argparse
import pickle
import sys
from dataclasses import dataclass

import haiku as hk
import jax
import jax.numpy as jnp
import numpy as np
import optax

from model import forward
from training.losses import squared


@dataclass
class Report:
    name: str
    losses: list


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int)
    steps = parser.parse_args().steps
    net = hk.without_apply_rng(hk.transform(forward))
    x = np.linspace(-1, 1, 32, dtype=np.float32).reshape(8, 4)
    y = x.sum(1, keepdims=True)
    params = net.init(jax.random.PRNGKey(0), x)
    optimizer = optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(optax.cosine_decay_schedule(1e-2, 100)))
    state = optimizer.init(params)

    @jax.jit
    def step(params, state):
        loss, gradients = jax.value_and_grad(lambda p: squared(net.apply(p, x), y))(params)
        updates, state = optimizer.update(gradients, state, params)
        return optax.apply_updates(params, updates), state, loss

    losses = []
    for _ in range(steps):
        params, state, loss = step(params, state)
        losses.append(float(loss))
    report = pickle.loads(pickle.dumps(Report("run", losses)))
    print(type(params["mlp/~/linear_0"]["w"]).__module__)
    print(" ".join(f"{loss:.5f}" for loss in report.losses))


if __name__ == "__main__":
    main()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "training").mkdir()
    (tmp_path / "training" / "__init__.py").write_text("")
    (tmp_path / "training" / "losses.py").write_text(
        "import jax.numpy as jnp\n\n\ndef squared(a, b):\n    return jnp.mean((a - b) ** 2)\n"
    )
    (tmp_path / "training" / "__main__.py").write_text(
        "import sys\nfrom .losses import squared\nimport jax.numpy as jnp\n"
        "print(type(squared(jnp.ones(2), jnp.zeros(2))).__module__, sys.argv[1:], __package__)\n"
    )
    (tmp_path / "model.py").write_text("import haiku as hk\n\n\ndef forward(x):\n    return hk.nets.MLP([8, 1])(x)\n")
    (tmp_path / "train.py").write_text(PROGRAM)
    return tmp_path


def run(folder: Path, *arguments: str, status: int = 0) -> str:
    found = subprocess.run(
        [sys.executable, "-m", "unified", "run", *arguments],
        capture_output=True, text=True, check=False, cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )  # fmt: skip
    assert found.returncode == status, found.stderr
    return found.stdout + found.stderr


def test_a_training_program_gives_the_same_losses(folder: Path) -> None:
    on_torch = run(folder, "train.py", "--steps", "5").splitlines()
    on_jax = run(folder, "--backend", "jax", "train.py", "--steps", "5").splitlines()
    assert on_torch[0] == "unified.compat.jax.on_torch.array"
    assert on_jax[0].startswith("jaxlib")
    ours, theirs = ([float(loss) for loss in lines[1].split()] for lines in (on_torch, on_jax))
    assert len(ours) == 5
    assert ours == pytest.approx(theirs, rel=1e-4)


def test_a_module_is_run(folder: Path) -> None:
    text = run(folder, "-m", "training", "a", "--b")
    assert text.split(" ", 1)[0] == "unified.compat.jax.on_torch.array"
    assert "['a', '--b'] training" in text


def test_errors_are_those_of_the_program(folder: Path) -> None:
    (folder / "fails.py").write_text(
        textwrap.dedent(
            """
            import jax
            import sys

            def call():
                return jax.make_jaxpr(lambda x: x)(1.0)

            if "exit" in sys.argv:
                sys.exit(3)
            call()
            """
        )
    )
    assert run(folder, "fails.py", "exit", status=3) == ""
    text = run(folder, "fails.py", status=1)
    assert 'fails.py", line 6, in call' in text
    assert "jax.make_jaxpr" in text
    first = text[text.index("Traceback") :].splitlines()[1]
    assert "fails.py" in first and "line 10, in <module>" in first  # nothing of the launcher, as python prints it
    assert "no file" in run(folder, "missing.py", status=2)


def test_a_module_that_is_not_there_is_said_in_a_line(folder: Path) -> None:
    (folder / "empty").mkdir()
    (folder / "empty" / "__init__.py").write_text("")
    for backend, name, shown in (("torch", "empty", "empty.__main__"), ("jax", "absent", "absent")):
        text = run(folder, "--backend", backend, "-m", name, status=1)
        assert text.splitlines() == [f"unified run: there is no module {shown!r} to run"]
    with pytest.raises(NoProgramError, match=r"no module 'absent\.part'"):
        _source("absent.part")


def test_an_absent_import_of_the_program_is_its_own_error(folder: Path) -> None:
    (folder / "imports.py").write_text("import absent\n")
    text = run(folder, "-m", "imports", status=1)
    assert text.splitlines()[-1] == "ModuleNotFoundError: No module named 'absent'"
    assert "imports.py" in text[text.index("Traceback") :].splitlines()[1]
