"""Statistics across devices: `axis_name=` on JAX and processes of torch equal one device with the whole batch."""

import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
from unified.testing import assert_parity

RANDOM = np.random.default_rng(0)
X = RANDOM.standard_normal((8, 3, 4)).astype(np.float32)
WEIGHTS = RANDOM.standard_normal((8, 3, 4)).astype(np.float32)


def norm(kind: str, axis_name: Any = None) -> Callable[[Any], Any]:
    return lambda x: getattr(u, kind)(3, momentum=0.3, axis_name=axis_name)(x)


NORMS = ["BatchNorm1d", "SyncBatchNorm"]


def run_whole_batch(kind: str, backend: str = "torch") -> Any:
    """Return output, input gradient, parameter gradients and statistics of the whole batch on one device of torch."""
    model = u.transform(lambda x: u.BatchNorm1d(3, momentum=0.3)(x), backend="torch")
    model.init(torch.tensor(X), rng=0).train()
    x = torch.tensor(X, requires_grad=True)
    output = model(x)
    (output * torch.tensor(WEIGHTS)).sum().backward()
    layer = model.batch_norm1d
    return [
        value.detach().numpy()
        for value in (output, x.grad, layer.weight.grad, layer.bias.grad, layer.running_mean, layer.running_var)
    ]


def check(results: list[Any], expected: list[Any]) -> None:
    for value, other in zip(results, expected, strict=True):
        np.testing.assert_allclose(np.asarray(value).reshape(other.shape), other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", NORMS)
@pytest.mark.parametrize("how", ["jax.vmap", "u.vmap"])
def test_lanes_on_jax(kind: str, how: str) -> None:
    name = "batch_norm1d" if kind == "BatchNorm1d" else "sync_batch_norm"
    parts = X.reshape(4, 2, 3, 4)
    if how == "u.vmap":
        net = u.transform(lambda x: u.vmap(norm(kind, "data"), axis_name="data")(x), backend="jax")
        params = net.init(parts, rng=0)
        apply: Any = partial(net.apply, training=True)
    else:
        net = u.transform(norm(kind, "data"), backend="jax")
        params = net.init(parts[0], rng=0)
        apply = jax.vmap(partial(net.apply, training=True), in_axes=(None, 0), out_axes=(0, None), axis_name="data")
    trainable, rest = params.split()

    def loss(trainable: Any, x: Any) -> Any:
        output, changes = apply(rest | trainable, x)
        return (output * WEIGHTS.reshape(x.shape)).sum(), (output, changes)

    (_, (output, changes)), (gradients, x_gradient) = jax.value_and_grad(loss, (0, 1), has_aux=True)(trainable, parts)
    results = [output, x_gradient, gradients[f"{name}/weight"], gradients[f"{name}/bias"]]
    results += [changes[f"{name}/running_mean"], changes[f"{name}/running_var"]]
    check(results, run_whole_batch(kind))


@pytest.mark.parametrize("kind", ["LayerNorm", "RMSNorm"])
def test_features_that_are_split_over_lanes_on_jax(kind: str) -> None:
    x = X.reshape(8, 12)

    def body(x: Any) -> Any:
        return u.vmap(
            lambda x: getattr(u, kind)(3, axis_name="model")(x), 1, 1, axis_name="model", variable_axes={...: 0}
        )(x.reshape(8, 4, 3)).reshape(8, 12)

    net = u.transform(body, backend="jax")
    params = net.init(x, rng=0)
    expected = getattr(torch.nn, kind)(12)(torch.tensor(x)).detach()
    np.testing.assert_allclose(net.apply(params, x)[0], expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kind", NORMS)
def test_one_process_alone_is_a_batch_norm(kind: str) -> None:
    """Also in init, which may run outside of the axis."""
    model = u.transform(norm(kind, "data"), backend="torch").init(torch.tensor(X), rng=0).train()
    np.testing.assert_allclose(model(torch.tensor(X)).detach(), run_whole_batch(kind)[0], rtol=1e-5, atol=1e-6)
    params = u.transform(norm(kind, "data"), backend="jax").init(X, rng=0)
    assert list(params) == list(model.params)
    assert isinstance(next(model.children()), getattr(torch.nn, kind))


def test_an_axis_that_is_not_there_raises() -> None:
    net = u.transform(norm("BatchNorm1d", "data"), backend="jax")
    params = net.init(X, rng=0)
    with pytest.raises(NameError, match="data"):
        net.apply(params, X, training=True)
    assert net.apply(params, X)[0].shape == X.shape  # evaluation has no statistics to exchange


def test_norms_without_an_axis_are_torchs_own() -> None:
    for kind in ("BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "LayerNorm", "RMSNorm"):
        size = {"BatchNorm2d": (2, 3, 4, 4), "BatchNorm3d": (2, 3, 4, 4, 4)}.get(kind, (2, 3))
        body = lambda x, kind=kind: getattr(u, kind)(None, axis_name=None)(x)  # noqa: E731
        model = u.transform(body, backend="torch").init(torch.ones(size), rng=0)
        assert type(next(model.children())) is getattr(torch.nn, kind)
    assert_parity(lambda x: u.LayerNorm(4, axis_name=None)(x), X)


WORKER = Path(__file__).with_name("synced_worker.py")
ON_JAX = Path(__file__).with_name("synced_on_jax.py")
RESULTS = ("output", "x_gradient", "weight_gradient", "bias_gradient", "running_mean", "running_var")


@pytest.mark.slow
def test_devices_of_jax(tmp_path: Path) -> None:
    """Run `shard_map` and `pmap` over two and eight devices."""
    np.save(tmp_path / "x.npy", X)
    np.save(tmp_path / "weights.npy", WEIGHTS)
    flags = {"XLA_FLAGS": "--xla_force_host_platform_device_count=8", "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, str(ON_JAX), str(tmp_path)]
    process = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=300, env={**os.environ, **flags}
    )
    assert process.returncode == 0, process.stderr[-3000:]
    files = sorted(tmp_path.glob("*.npz"))
    assert len(files) == 8
    for file in files:
        arrays = np.load(file)
        check([arrays[name] for name in RESULTS], run_whole_batch(file.name.partition("-")[0]))


@pytest.mark.parametrize("processes", [2, pytest.param(4, marks=pytest.mark.slow)])
def test_processes_of_torch(processes: int, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", X)
    np.save(tmp_path / "weights.npy", WEIGHTS)
    command = [sys.executable, str(WORKER), str(tmp_path), str(processes)]
    process = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)
    assert process.returncode == 0, process.stderr[-3000:]
    for kind in NORMS:
        parts = [np.load(tmp_path / f"{kind}{rank}.npz") for rank in range(processes)]
        expected = run_whole_batch(kind)
        results = [np.concatenate([part[name] for part in parts]) for name in ("output", "x_gradient")]
        results += [sum(part[name] for part in parts) for name in ("weight_gradient", "bias_gradient")]
        check(results, expected[:4])
        for part in parts:
            check([part["running_mean"], part["running_var"]], expected[4:])
    outputs = [np.load(tmp_path / f"Groups{rank}.npz")["output"] for rank in range(processes)]
    for parity in (0, 1):  # even and odd processes have statistics of their own
        parts = np.concatenate(np.split(X, processes)[parity::2])
        expected = torch.nn.BatchNorm1d(3)(torch.tensor(parts)).detach().numpy()
        check([np.concatenate(outputs[parity::2])], [expected])
    for kind in ("LayerNorm", "RMSNorm"):
        expected = [getattr(torch.nn, kind)(12)(torch.tensor(X.reshape(8, 12))).detach().numpy()]
        parts = [np.load(tmp_path / f"{kind}{rank}.npz")["output"] for rank in range(processes)]
        check([np.concatenate(parts, 1)], expected)


def test_devices_draw_other_masks_when_asked_to() -> None:
    net = u.transform(lambda x: u.Dropout(0.5)(x), backend="jax")
    x = np.ones((4, 50), np.float32)
    params = net.init(x[0], rng=0)

    def split(params: Any, x: Any) -> Any:
        folded = u.random.fold_in(params, jax.lax.axis_index("data"))
        output, changes = net.apply(folded, x, training=True)
        return output, params | changes

    masks, after = jax.vmap(split, (None, 0), (0, None), axis_name="data")(params, x)
    assert len({np.asarray(mask).tobytes() for mask in masks}) == 4
    assert after["rng/counter"] == 1
    np.testing.assert_array_equal(after["rng/key"], params["rng/key"])
    same, _ = jax.vmap(partial(net.apply, training=True), (None, 0), (0, None))(params, x)
    assert len({np.asarray(mask).tobytes() for mask in same}) == 1
    model = u.transform(lambda x: u.Dropout(0.5)(x), backend="torch", rng="portable").init(torch.ones(50), rng=0)
    for device in range(4):
        folded = u.random.fold_in(model.params, device)
        output, _ = model.apply(folded, torch.ones(50), training=True)
        np.testing.assert_array_equal(output, masks[device])
    assert u.random.fold_in(u.Params({"a": jnp.ones(1)}), 3).keys() == {"a"}
    with pytest.raises(TypeError, match="no array of a framework"):
        u.random.fold_in(params.to("numpy"), 1)
