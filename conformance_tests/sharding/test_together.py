"""Processes of torch and devices of JAX make, write and read their own parts of one model."""

import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import unified as u
from conformance_tests.sharding import files
from conformance_tests.sharding.model import WHOLE
from conformance_tests.sharding.processes import found, run, together

MODULE = "conformance_tests.sharding.torch_process"


@pytest.mark.parametrize("world", [2, pytest.param(4, marks=pytest.mark.slow)])
def test_torch_processes_and_jax_devices(tmp_path: Path, world: int) -> None:
    """In one test, because processes take longer to start than to do this."""
    plain = u.transform(files.forward, backend="jax").init(files.tokens(), rng=1)
    u.save(tmp_path / "jax.safetensors", plain)
    shards = ["fully_shard", "tensor", *(["both"] if world > 2 else [])]
    hows = ",".join(["memory", *shards, "files", "train tensor", "train fully_shard"])
    for number, result in enumerate(together(MODULE, world, tmp_path, hows)):
        check_training(result, world)
        for how in shards:
            check_shards(result[how])
        check_memory(result["memory"])
        check_files(result["files"], number == world - 1)
    header = u.describe(tmp_path / files.FILE)
    assert {info.path: info.shape for info in header.infos} == {path: array.shape for path, array in plain.items()}
    assert max(map(len, header.parts)) == world
    of_torch = u.load(tmp_path / files.FILE, "jax")
    assert all(np.array_equal(of_torch[path], plain[path]) for path in plain)
    result = found(run("conformance_tests.sharding.large_on_jax", str(tmp_path)))
    check_large(result["large"])
    assert result["exchanged"] == {"different": [], "wrong": [], "devices": 8}
    again = u.load(tmp_path / "again.safetensors")
    assert all(np.array_equal(again[path], plain[path]) for path in plain)


def check_training(result: Any, world: int) -> None:
    """The losses are those of one process, and each process holds its part alone."""
    for how in ("train tensor", "train fully_shard"):
        np.testing.assert_allclose(result[how]["sharded"], result[how]["plain"], rtol=1e-5)
    split = {"up/weight", "up/bias", "down/weight"}
    sizes = result["train tensor"]["bytes"]
    assert sizes == {path: size // world if path in split else size for path, size in WHOLE.items()}
    sizes = result["train fully_shard"]["bytes"]
    assert sizes["up/weight"] == WHOLE["up/weight"] // world
    assert sum(sizes.values()) < sum(WHOLE.values()) * (1 / world + 0.15)


def check_shards(result: Any) -> None:
    """Each process drew what it holds: its bits are those of the whole model, and so are the outputs."""
    assert result["different"] == []
    assert result["split"] >= 8
    assert result["shared"]
    assert result["error"] < 1e-5


def check_memory(result: Any) -> None:
    """No process had more than its part, beside what torch takes for itself: all whole tensors would be 100 MB."""
    assert result["whole"] > 1e8
    assert result["taken"] < 1.1 * result["mine"] + 16e6


def check_files(result: Any, is_full: bool) -> None:
    for how in ("fully_shard", "tensor"):
        assert result[how] == result[f"{how}: of jax"] == []
        assert result[f"{how}: sharded"] > 0
    assert "'a/weight' is a DTensor with the placements (Partial(sum),)" in result["summands"]
    assert result["failed"].startswith("no space" if is_full else "") and "no space left on device" in result["failed"]
    assert result["after the failure"] == result["in a thread"] == []
    written = [name for name in result["names"] if name.startswith("net-")]
    assert len({name.split("-")[1] for name in written}) == 1  # nothing is left of earlier saves


def check_large(result: Any) -> None:
    """No device has as much as the weights take, not even for a moment; the parts are those of one device's init."""
    assert result["different"] == []
    assert result["text"] < result["whole"] / 100
    init, step = result["init"], result["step"]
    assert init["collectives"] == []
    assert init["outputs"] + init["temporary"] < result["whole"] / 7.9
    assert step["arguments"] + step["outputs"] + step["temporary"] - step["aliased"] < result["whole"] / 2
    assert step["collectives"] == ["all-reduce"]
    np.testing.assert_allclose(*result["losses"], rtol=1e-5)


@pytest.mark.slow
def test_a_killed_process_leaves_the_old_checkpoint(tmp_path: Path) -> None:
    plain = u.transform(files.forward, backend="jax").init(files.tokens(), rng=1)
    u.save(tmp_path / "jax.safetensors", plain)
    file = str(tmp_path / "rendezvous")
    processes = [run(MODULE, str(rank), "2", file, "killed") for rank in range(2)]
    outputs = [process.communicate(timeout=120) for process in processes]
    assert processes[1].returncode == -signal.SIGKILL
    assert "process 1 did not finish within 2 seconds" in outputs[0][0], outputs[0][1][-2000:]
    loaded = u.load(tmp_path / files.FILE)
    assert all(np.array_equal(loaded[path], plain[path]) for path in plain)
