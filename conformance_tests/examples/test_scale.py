"""`examples/scale/train.py`: the losses of one device on several processes, and from a checkpoint of others."""

import json
import os
import runpy
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import unified as u

TRAIN = Path(__file__).parents[2] / "examples" / "scale" / "train.py"


def port() -> str:
    """Return a port that is free now, and the one after it, which JAX takes."""
    with socket.socket() as first, socket.socket() as second:
        first.bind(("127.0.0.1", 0))
        number = first.getsockname()[1]
        try:
            second.bind(("127.0.0.1", number + 1))
        except OSError:
            return port()
        return str(number)


def launch(world: int, backend: str, how: str, *options: str) -> list[float]:
    """Run the script as `torchrun` would, without it, and return the losses that process 0 prints."""
    base = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}
    base |= {"WORLD_SIZE": str(world), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port()}
    command = [sys.executable, str(TRAIN), "--backend", backend, "--how", how, *options]
    processes = [
        subprocess.Popen(
            command, env={**base, "RANK": str(rank)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for rank in range(world)
    ]
    outputs = [process.communicate(timeout=300) for process in processes]
    for process, (_, errors) in zip(processes, outputs, strict=True):
        assert process.returncode == 0, errors[-3000:]
    result = json.loads(next(line for line in outputs[0][0].splitlines() if line.startswith("{")))
    assert result["processes"] == world
    losses: list[float] = result["losses"]
    return losses


def here(monkeypatch: pytest.MonkeyPatch, file: Path | None = None, steps: int = 20) -> list[float]:
    """Return the losses of one device of this process, on JAX."""
    monkeypatch.setenv("RANK", "0")
    monkeypatch.setenv("WORLD_SIZE", "1")
    script: dict[str, Any] = runpy.run_path(str(TRAIN))
    run = script["OnJax"]("data")
    begin = 0 if file is None else script["restore"](run, str(file))
    return [run.step(number, sequences) for number, sequences in script["batches"](begin, steps)]


def test_one_device_and_a_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "0")
    monkeypatch.setenv("WORLD_SIZE", "1")
    script: dict[str, Any] = runpy.run_path(str(TRAIN))
    run = script["OnJax"]("data")
    losses = [run.step(number, sequences) for number, sequences in script["batches"](0, 4)]
    u.save(tmp_path / "net.safetensors", u.Params(script["flat"](run.state)).annotate(..., steps=4))
    losses += [run.step(number, sequences) for number, sequences in script["batches"](4, 16)]
    assert losses[-1] < losses[0] / 2
    assert script["restore"](run, str(tmp_path / "net.safetensors")) == 4
    assert [run.step(number, sequences) for number, sequences in script["batches"](4, 4)] == losses[4:8]


@pytest.mark.slow
def test_two_processes_of_torch_and_one_of_jax(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = here(monkeypatch)
    file = tmp_path / "net.safetensors"
    np.testing.assert_allclose(launch(2, "torch", "full", "--steps", "10", "--save", str(file)), one[:10], rtol=1e-5)
    np.testing.assert_allclose(here(monkeypatch, file, 10), one[10:], rtol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["data", "full", "tensor"])
@pytest.mark.parametrize(("backend", "other"), [("torch", "jax"), ("jax", "torch")])
def test_four_processes(tmp_path: Path, backend: str, other: str, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    one = here(monkeypatch)
    file = tmp_path / "net.safetensors"
    np.testing.assert_allclose(launch(4, backend, how, "--save", str(file), "--steps", "10"), one[:10], rtol=1e-5)
    np.testing.assert_allclose(launch(2, other, how, "--load", str(file), "--steps", "10"), one[10:], rtol=1e-5)
    np.testing.assert_allclose(launch(2, backend, "full", "--load", str(file), "--steps", "5"), one[10:15], rtol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_by_torchrun(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    one = here(monkeypatch, steps=3)
    options = ["--nproc-per-node", "4", "--master-port", port(), str(TRAIN), "--backend", backend, "--steps", "3"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}
    for name in ("RANK", "WORLD_SIZE"):
        environment.pop(name)
    command = [sys.executable, "-m", "torch.distributed.run", *options]
    result = subprocess.run(command, check=False, env=environment, capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr[-3000:]
    line = next(line for line in result.stdout.splitlines() if line.startswith("{"))
    np.testing.assert_allclose(json.loads(line)["losses"], one, rtol=1e-5)
