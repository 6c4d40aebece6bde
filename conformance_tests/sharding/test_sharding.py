"""Variables that are split over devices as their annotations say: the same losses, less memory on each device."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest
from jax.sharding import Mesh, PartitionSpec

import unified as u
from conformance_tests.sharding.model import annotated, forward, inputs

WHOLE = {
    "up/weight": 384,
    "up/bias": 64,
    "down/weight": 384,
    "down/bias": 24,
    "head/weight": 96,
    "head/bias": 16,
    "layer_norm/weight": 24,
    "layer_norm/bias": 24,
}


def run(*arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )


def found(process: subprocess.Popen[str]) -> Any:
    output, errors = process.communicate(timeout=600)
    assert process.returncode == 0, errors[-3000:]
    return json.loads(output.splitlines()[-1])


def test_jax_on_eight_devices() -> None:
    result = found(run("conformance_tests.sharding.on_jax"))
    assert result["devices"] == 8
    np.testing.assert_allclose(result["sharded"], result["plain"], rtol=1e-5)
    assert result["plain"][-1] < result["plain"][0]
    split = {"up/weight", "up/bias", "down/weight"}
    assert result["bytes"] == {path: size // 4 if path in split else size for path, size in WHOLE.items()}


# Layers whose reshapes and gathers JAX 0.10 refuses on a mesh with explicit axes, where it asks for an `out_sharding`.
REFUSED = {
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d",
    "ChannelShuffle",
    "Embedding",
    "EmbeddingBag",
    "Fold",
    "FractionalMaxPool2d",
    "FractionalMaxPool3d",
    "GroupNorm",
    "MaxUnpool2d",
    "MaxUnpool3d",
    "PixelShuffle",
    "PixelUnshuffle",
    "Unfold",
}


@pytest.mark.parametrize(
    "which",
    [
        pytest.param([], marks=pytest.mark.slow, id="loops"),
        pytest.param(["layers"], marks=pytest.mark.full, id="layers"),
    ],
)
def test_types_of_shard_map_and_of_explicit_axes(which: list[str]) -> None:
    result = found(run("conformance_tests.sharding.types_on_jax", *which))
    assert len(result) >= (153 if which else 14)
    refused = {name for name, modes in result.items() if str(modes["explicit"]).startswith("ShardingTypeError")}
    assert refused == (REFUSED if which else set())
    for name, modes in result.items():
        for mode, outcome in modes.items():
            if name not in refused or mode != "explicit":
                assert isinstance(outcome, float | int), (name, mode, outcome)
                assert outcome < 1e-5, (name, mode)


@pytest.mark.parametrize("world", [2, pytest.param(4, marks=pytest.mark.slow)])
@pytest.mark.parametrize("how", ["tensor", "fully_shard"])
def test_torch_with_processes(tmp_path: Path, world: int, how: str) -> None:
    file = str(tmp_path / "rendezvous")
    processes = [run("conformance_tests.sharding.on_torch", str(rank), str(world), file, how) for rank in range(world)]
    results = [process.communicate(timeout=120) for process in processes]
    for process, (_, errors) in zip(processes, results, strict=True):
        assert process.returncode == 0, errors[-3000:]
    result = json.loads(results[0][0].splitlines()[-1])
    np.testing.assert_allclose(result["sharded"], result["plain"], rtol=1e-5)
    if how == "tensor":
        split = {"up/weight", "up/bias", "down/weight"}
        assert result["bytes"] == {path: size // world if path in split else size for path, size in WHOLE.items()}
    else:
        assert result["bytes"]["up/weight"] == WHOLE["up/weight"] // world
        assert sum(result["bytes"].values()) < sum(WHOLE.values()) * (1 / world + 0.15)


def params() -> u.Params:
    return u.transform(forward, backend="jax").init(inputs()[0], rng=0)


def mesh(*names: str) -> Mesh:
    return Mesh(np.array(jax.devices()[:1]).reshape((1,) * len(names)), names)


def test_specs_and_rules() -> None:
    shardings = annotated(params()).shardings(mesh("data", "model"), {"hidden": ("data", "model")})
    assert shardings["up/weight"].spec == PartitionSpec(("data", "model"), None)
    assert shardings["head/weight"].spec == PartitionSpec(None, None)
    none = annotated(params()).shardings(mesh("data"), {"hidden": None})
    assert none["up/weight"].spec == PartitionSpec(None, None)
    direct = params().annotate("head/weight", sharding=("data",)).shardings(mesh("data"))
    assert direct["head/weight"].spec == PartitionSpec("data", None)
    assert jax.tree.structure(shardings) == jax.tree.structure(annotated(params()))


class Wide:
    """A mesh of more devices than there are."""

    __module__ = "jax.sharding"
    shape = {"model": 5}  # noqa: RUF012


@pytest.mark.parametrize(
    ("annotation", "where", "message"),
    [
        (("model",), mesh("data"), r"'head/weight'.*'model', which is no axis of the mesh \(data\)"),
        ((None, None, "data"), mesh("data"), r"'head/weight' has shape \(4, 6\)"),
        ("data", mesh("data"), r"'head/weight' has shape \(4, 6\)"),
        (("data", "data"), mesh("data"), "uses an axis of the mesh twice"),
        (("model",), Wide(), "'head/weight': dimension 0 has size 4, and cannot be split over the 5 devices"),
    ],
)
def test_annotations_that_do_not_fit(annotation: Any, where: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        params().annotate("head/weight", sharding=annotation).shardings(where)
