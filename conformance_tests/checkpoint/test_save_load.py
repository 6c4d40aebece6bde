"""Checkpoints between the frameworks, with all metadata of the variables."""

import functools
import os
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
import optax
import pytest
import safetensors.numpy
import safetensors.torch
import torch

import unified as u
from conformance_tests.checkpoint.model import Block, forward, small

X = np.random.default_rng(0).standard_normal((6, 5)).astype(np.float32)


def jax_params(fn: Any = forward) -> u.Params:
    return u.transform(fn, backend="jax").init(X, rng=3)


def torch_model(fn: Any = forward) -> Any:
    return u.transform(fn, backend="torch", rng="portable").init(torch.tensor(X), rng=3)


def check_same(loaded: u.Params, expected: u.Params) -> None:
    """Assert equal variables with equal bits; integers on JAX have 32 bits."""
    assert loaded._structure.infos == expected._structure.infos
    for path, value in expected.to("numpy").items():
        array = loaded.to("numpy")[path]
        assert jax.dtypes.canonicalize_dtype(array.dtype) == jax.dtypes.canonicalize_dtype(value.dtype)
        np.testing.assert_array_equal(array.astype(value.dtype), value)


@pytest.mark.parametrize("most", [None, 200])
@pytest.mark.parametrize("writer", ["torch", "jax"])
@pytest.mark.parametrize("reader", ["torch", "jax", "numpy"])
def test_round_trip(tmp_path: Path, writer: str, reader: str, most: int | None) -> None:
    params = torch_model().params if writer == "torch" else jax_params()
    params = params.freeze("block/*").annotate(
        "*/weight", sharding=(None, ("model",)), note={"a": [1, 2.5, None, True]}
    )
    path = tmp_path / "net.safetensors"
    u.save(path, params, max_bytes=most)
    loaded = u.load(path, reader)
    check_same(loaded, params)
    assert loaded == params == loaded
    kind = {"torch": torch.Tensor, "jax": jax.Array, "numpy": np.ndarray}[reader]
    assert all(isinstance(value, kind) for value in loaded.values())
    assert not [file for file in os.listdir(tmp_path) if file.startswith(".")]
    assert path.exists() == (most is None)
    if most is not None:
        check_same(u.load(f"{path}.index.json", reader), params)
        files = [file for file in tmp_path.iterdir() if file.name.endswith(".safetensors")]
        assert len(files) > 3
        assert all(sum(a.nbytes for a in safetensors.numpy.load_file(file).values()) <= 200 for file in files)


def test_a_trained_model_moves_to_the_other_framework(tmp_path: Path) -> None:
    model = torch_model()
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    for _ in range(3):
        optimizer.zero_grad()
        model(torch.tensor(X)).square().mean().backward()
        optimizer.step()
    u.save(tmp_path / "a.safetensors", model)
    bound = u.load_model(tmp_path / "a.safetensors", forward, X, backend="jax")
    output, _ = bound(jnp.asarray(X))
    np.testing.assert_allclose(output, model.eval()(torch.tensor(X)).detach().numpy(), rtol=1e-4, atol=1e-5)
    _, bound = bound(jnp.asarray(X), training=True)
    u.save(tmp_path / "b.safetensors", bound)
    again = u.load_model(tmp_path / "b.safetensors", forward, torch.tensor(X), backend="torch").eval()
    output, _ = bound(jnp.asarray(X))
    np.testing.assert_allclose(output, again(torch.tensor(X)).detach().numpy(), rtol=1e-4, atol=1e-5)


def test_frozen_variables_are_frozen_in_the_model_that_is_loaded(tmp_path: Path) -> None:
    u.save(tmp_path / "a.safetensors", torch_model().freeze("block/*"))
    model = u.load_model(tmp_path / "a.safetensors", forward, torch.tensor(X), backend="torch")
    assert not model.block.linear.weight.requires_grad
    bound = u.load_model(tmp_path / "a.safetensors", forward, X, backend="jax")
    assert "block/linear/weight" not in bound.params.split()[0]


def test_a_function_that_is_recorded_is_imported_only_if_trusted(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    u.save(path, torch_model(small))
    assert u.describe(path).function == {
        "name": "conformance_tests.checkpoint.model:forward",
        "args": [],
        "kwargs": {"width": 4, "depth": 1},
    }
    for trust in ((), ["conformance"], ["conformance_tests.check"], ["other", "model"], "conformance_test"):
        with pytest.raises(u.CheckpointError, match="trust="):
            u.load_model(path, None, X, backend="jax", trust=trust)
    for trust in (["conformance_tests"], ["conformance_tests.checkpoint.model"], "conformance_tests"):
        bound = u.load_model(path, None, X, backend="jax", trust=trust)
        assert bound(X)[0].shape == (6, 3)


def test_functions_without_a_name_are_not_recorded(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    for fn in (lambda x: forward(x), functools.partial(forward, width=np.int64(8))):
        u.save(path, torch_model(fn))
        assert u.describe(path).function is None
        with pytest.raises(u.CheckpointError, match="pass the function"):
            u.load_model(path, None, X, backend="jax", trust=["conformance_tests"])
    u.save(path, jax_params(), fn=forward)
    assert u.describe(path).function is not None


def test_the_first_difference_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    u.save(path, torch_model())
    with pytest.raises(u.CheckpointError, match=r"'block/linear_1/weight' with shape \(8, 5\).*\(4, 5\)"):
        u.load_model(path, functools.partial(forward, width=4), X, backend="jax")
    with pytest.raises(u.CheckpointError, match=r"holds 'block_1/linear_1/weight', which the model does not have"):
        u.load_model(path, functools.partial(forward, depth=1), torch.tensor(X), backend="torch")
    with pytest.raises(u.CheckpointError, match=r"does not hold 'block_2/linear_1/weight'"):
        u.load_model(path, functools.partial(forward, depth=3), X, backend="jax")


def test_the_graph_is_described(tmp_path: Path) -> None:
    for number, saved in enumerate((torch_model(), jax_params())):
        u.save(tmp_path / f"{number}.safetensors", saved)
    first, second = (u.describe(tmp_path / f"{number}.safetensors").graph for number in (0, 1))
    assert first == second
    nodes = {node["path"]: node for node in first}
    assert nodes["block/linear"]["class"] == "unified.Linear"
    assert nodes["block/linear"]["arguments"]["out_features"] == 5
    assert nodes["block_1"]["class"] == f"{Block.__module__}.Block"


def test_values_that_numpy_does_not_know(tmp_path: Path) -> None:
    params = u.Params(
        {
            "half": np.arange(3).astype(ml_dtypes.bfloat16),
            "quarter": np.arange(4).astype(ml_dtypes.float8_e4m3fn).reshape(2, 2),
            "wide": np.ones((2,), np.complex128),
            "empty": np.ones((0, 3), np.float32),
            "scalar": np.array(7, np.int64),
            "flag": np.array([True, False]),
            "big": np.ones(2, ">f4").astype(np.float32),
            "turned": np.arange(6, dtype=np.float32).reshape(2, 3).T,
        }
    )
    u.save(tmp_path / "a.safetensors", params)
    check_same(u.load(tmp_path / "a.safetensors"), params)


def test_files_of_other_origin(tmp_path: Path) -> None:
    module = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
    state = module.state_dict()
    safetensors.torch.save_file(state, tmp_path / "plain.safetensors")
    torch.save(state, tmp_path / "plain.pt")
    for name in ("plain.safetensors", "plain.pt"):
        params = u.load(tmp_path / name, "torch")
        assert sorted(params) == sorted(key.replace(".", "/") for key in state)
        assert all(torch.equal(params[key.replace(".", "/")], value) for key, value in state.items())
    with pytest.raises(u.CheckpointError, match="not written by unified"):
        u.describe(tmp_path / "plain.safetensors")
    torch.save({"model": module}, tmp_path / "code.pt")
    torch.save([1, 2], tmp_path / "list.pt")
    for name in ("code.pt", "list.pt"):
        with pytest.raises(u.CheckpointError):
            u.load(tmp_path / name)


def test_what_cannot_be_saved(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    with pytest.raises(TypeError, match="linear/weight"):
        u.save(path, u.Params({"linear/weight": np.ones(2)}).annotate("*", spec=object()))
    with pytest.raises(TypeError, match="save takes"):
        u.save(path, 3)
    with pytest.raises(ValueError, match="'linear/weight' has 16 bytes"):
        u.save(path, u.Params({"linear/weight": np.ones(2), "b": np.ones(1)}), max_bytes=8)
    with pytest.raises(ValueError, match="no variables"):
        u.save(path, u.Params({}))
    with pytest.raises(u.NotInitializedError, match="no layers yet"):
        u.save(path, u.transform(forward, backend="torch"))
    with pytest.raises(OSError):
        u.save(tmp_path / "missing" / "a.safetensors", jax_params())
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["model.pt", "model.PTH", "pytorch_model.bin", "last.ckpt"])
def test_a_file_is_not_named_as_torch_saves(tmp_path: Path, name: str) -> None:
    params = u.Params({"w": np.ones(2)})
    stem = name.rpartition(".")[0]
    with pytest.raises(ValueError, match=rf"write '{stem}\.safetensors', or torch\.save\(") as caught:
        u.save(tmp_path / name, params)
    assert name in str(caught.value) and not list(tmp_path.iterdir())
    u.save(tmp_path / "model.pt.safetensors", params)


def test_a_second_save_leaves_no_files_of_the_first(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    for _ in range(3):
        u.save(path, jax_params(), max_bytes=200)
    names = {file.name for file in tmp_path.iterdir()}
    count = len(names)
    u.save(path, jax_params(), max_bytes=400)
    assert len(list(tmp_path.iterdir())) < count


def test_bound_models(tmp_path: Path) -> None:
    net = u.transform(forward, backend="jax")
    bound = net.bind(jax_params())
    output, moved = jax.jit(lambda bound, x: bound(x, training=True))(bound, X)
    assert output.shape == (6, 3)
    assert moved.params._structure is bound.params._structure
    assert (moved.params["batch_norm1d/running_mean"] != bound.params["batch_norm1d/running_mean"]).any()
    many = jax.tree.map(lambda x: jnp.stack([x, x]), bound)
    outputs, _ = jax.vmap(lambda bound: bound(X))(many)
    np.testing.assert_allclose(outputs[0], bound(X)[0], rtol=1e-5, atol=1e-6)
    trainable, rest = bound.params.split()

    def loss(trainable: u.Params) -> Any:
        return (bound.replace(trainable | rest)(X)[0] ** 2).mean()

    updates, _ = (optimizer := optax.sgd(0.1)).update(jax.grad(loss)(trainable), optimizer.init(trainable))
    assert loss(optax.apply_updates(trainable, updates)) < loss(trainable)
    with pytest.raises(TypeError, match="immutable"):
        bound.params = None
    with pytest.raises(TypeError, match="immutable"):
        del bound.model
    paths = [jax.tree_util.keystr(keys) for keys, _ in jax.tree_util.tree_flatten_with_path(bound)[0]]
    assert ".params['block/linear/weight']" in paths
    u.save(tmp_path / "a.safetensors", bound)
    assert u.describe(tmp_path / "a.safetensors").function["name"].endswith(":forward")
    assert "BoundModel(JaxModel(forward)" in repr(bound)
    model = torch_model()
    copied = model.bind(
        {path: value * 0 for path, value in model.params.items() if value.dtype != torch.uint32}
        | {path: value for path, value in model.params.items() if value.dtype == torch.uint32}
    ).module
    assert isinstance(copied, torch.nn.Module)
    assert not copied.linear.weight.any()
    assert model.linear.weight.any()


def test_orbax(tmp_path: Path) -> None:
    """`Params` are a pytree like any other."""
    import orbax.checkpoint as ocp

    params = jax_params()
    with ocp.StandardCheckpointer() as checkpointer:
        checkpointer.save(tmp_path / "orbax", params)
        checkpointer.wait_until_finished()
        loaded = checkpointer.restore(tmp_path / "orbax", jax.tree.map(ocp.utils.to_shape_dtype_struct, params))
    check_same(loaded, params)


@pytest.mark.filterwarnings("ignore:torch.distributed is disabled")
def test_distributed_checkpoint(tmp_path: Path) -> None:
    """`Params` of a torch model are a mapping like any other, filled in place."""
    import torch.distributed.checkpoint as dcp

    model, other = torch_model(), torch_model()
    with torch.no_grad():
        other.linear.weight.zero_()
    dcp.save({"model": model.params.state_dict()}, checkpoint_id=tmp_path / "dcp")
    dcp.load({"model": other.params.state_dict()}, checkpoint_id=tmp_path / "dcp")
    check_same(other.params, model.params)
