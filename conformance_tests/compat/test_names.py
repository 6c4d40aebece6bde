"""Names around the functions of arrays: devices, meshes, callbacks, checks of gradients, classes and files."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import jax as oracle
import numpy as np
import pytest
import torch

import unified as u
import unified.compat.jax as jax
import unified.compat.jax.experimental.shard_map
from conformance_tests.compat.differential import check, on
from unified.compat.jax.experimental import io_callback, mesh_utils, multihost_utils, pjit

P = jax.sharding.PartitionSpec


@pytest.fixture
def on_torch() -> Any:
    with on("torch"):
        yield


@pytest.mark.usefixtures("on_torch")
def test_devices() -> None:
    (device,) = jax.devices()
    assert (device.platform, device.id, device.process_index) == ("cpu", 0, 0)
    assert device == jax.local_devices()[0]
    assert isinstance(device, jax.Device)
    assert jax.device_put(jax.numpy.ones(2), device).tensor.device == torch.device("cpu")
    with jax.default_device(device):
        assert jax.numpy.ones(2).shape == (2,)
    with pytest.raises(RuntimeError, match=r"platform"):
        jax.devices("gpu")


@pytest.mark.usefixtures("on_torch")
def test_meshes() -> None:
    mesh = jax.make_mesh((1, 1), ("data", "model"))
    assert dict(mesh.shape) == {"data": 1, "model": 1}
    explicit = (jax.sharding.AxisType.Explicit,) * 2  # as make_mesh has them by default
    assert mesh == jax.sharding.Mesh(mesh_utils.create_device_mesh((1, 1)), ("data", "model"), explicit)
    sharding = jax.NamedSharding(mesh, P("data", None))
    assert isinstance(sharding, jax.sharding.Sharding)
    assert not isinstance(sharding, jax.sharding.SingleDeviceSharding)
    x = jax.device_put(jax.numpy.ones((2, 3)), sharding)
    np.testing.assert_array_equal(jax.lax.with_sharding_constraint(x, sharding), x)
    assert jax.sharding.get_abstract_mesh().empty
    with mesh:
        assert jax.sharding.get_abstract_mesh().axis_names == ("data", "model")
    with jax.set_mesh(mesh):
        assert not jax.sharding.get_abstract_mesh().empty
    assert jax.sharding.get_abstract_mesh().empty
    with pytest.raises(u.BackendError, match="8 devices"):
        jax.make_mesh((8,), ("data",))
    with pytest.raises(u.BackendError, match="2 devices"):
        jax.sharding.Mesh([jax.devices()[0]] * 2, ("data",))


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_specs(backend: str) -> None:
    with on(backend):
        spec = jax.P("a", None, ("b", "c"))
        assert (len(spec), spec[0], tuple(spec)) == (3, "a", ("a", None, ("b", "c")))
        assert spec == jax.P("a", None, ("b", "c"))
        assert hash(spec) == hash(jax.P("a", None, ("b", "c")))
        assert spec != jax.P("a")
        assert isinstance(spec, P)
        assert repr(jax.P("a")) == "P('a',)"
        assert jax.P.UNCONSTRAINED is jax.sharding.PartitionSpec.UNCONSTRAINED
        assert jax.tree_util.tree_leaves([spec]) == [spec]


@pytest.mark.usefixtures("on_torch")
def test_shard_map() -> None:
    mesh = jax.make_mesh((1,), ("i",))
    for shard_map in (jax.shard_map, unified.compat.jax.experimental.shard_map.shard_map):
        total = shard_map(lambda x: jax.lax.psum(x, "i"), mesh=mesh, in_specs=P("i"), out_specs=P())
        np.testing.assert_array_equal(total(jax.numpy.arange(3.0)), [0, 1, 2])
    np.testing.assert_array_equal(pjit.pjit(lambda x: x + 1)(jax.numpy.ones(2)), [2, 2])


@pytest.mark.usefixtures("on_torch")
def test_one_process() -> None:
    multihost_utils.sync_global_devices("here")
    multihost_utils.assert_equal(1)
    assert multihost_utils.process_allgather(jax.numpy.ones(2)).shape == (1, 2)
    assert multihost_utils.broadcast_one_to_all({"a": 1})["a"] == 1
    assert jax.process_indices() == [0]


METHODS = ("sequential", "expand_dims", "broadcast_all")


@pytest.mark.parametrize("method", METHODS)
def test_callbacks(method: str) -> None:
    def run(x: Any, y: Any) -> Any:
        def called(x: Any, y: Any) -> Any:
            shape = jax.ShapeDtypeStruct(np.broadcast_shapes(x.shape, y.shape), jax.numpy.float32)
            return jax.pure_callback(lambda x, y: {"out": np.sin(x) + y}, {"out": shape}, x, y, vmap_method=method)

        return called(x[0], y[0]), jax.vmap(called)(x, y), jax.vmap(called, in_axes=(0, None))(x, y[0])

    check(run, np.ones((3, 2), np.float32), np.arange(6, dtype=np.float32).reshape(3, 2))


@pytest.mark.usefixtures("on_torch")
def test_callbacks_that_do_something() -> None:
    seen: list[Any] = []
    jnp = jax.numpy

    def keep(x: Any) -> Any:
        seen.append(x)
        return np.float32(2)

    assert float(jax.jit(lambda x: io_callback(keep, jax.ShapeDtypeStruct((), jnp.float32), x))(jnp.ones(2))) == 2
    assert isinstance(seen[0], np.ndarray)
    assert float(jax.grad(lambda x: x * io_callback(keep, jax.ShapeDtypeStruct((), jnp.float32), x))(3.0)) == 2
    with pytest.raises(RuntimeError, match=r"shape \(\)"):
        jax.pure_callback(keep, jax.ShapeDtypeStruct((3,), jnp.float32), jnp.ones(3))
    with pytest.raises(NotImplementedError, match="vmap_method"):
        jax.vmap(lambda x: jax.pure_callback(keep, jax.ShapeDtypeStruct((), jnp.float32), x))(jnp.ones(3))


def test_debugging_runs_whenever_a_traced_function_does(capsys: pytest.CaptureFixture[str]) -> None:
    def outputs(module: Any) -> tuple[list[Any], str]:
        seen: list[Any] = []
        capsys.readouterr()

        @module.jit
        def function(x: Any) -> Any:
            module.debug.print("x={x} {}", x.sum(), x=x)
            module.debug.callback(lambda value, n: seen.append((float(value), int(n))), x.sum(), n=3)

            def body(carry: Any, row: Any) -> Any:
                module.debug.callback(lambda value: seen.append(float(value)), carry)
                return carry + row, row

            return module.lax.scan(body, 0.0, x)[0]

        for x in ([0.0, 1.0], [2.0, 3.0]):
            function(module.numpy.asarray(x))
        module.grad(function)(module.numpy.asarray([4.0, 5.0]))
        if module is oracle:
            oracle.effects_barrier()
        return seen, capsys.readouterr().out

    with on("torch"):
        found = outputs(jax)
    assert found == outputs(oracle)
    assert len(found[0]) == 9


@pytest.mark.usefixtures("on_torch")
def test_check_grads() -> None:
    jnp, check_grads = jax.numpy, jax.test_util.check_grads
    check_grads(lambda x, y: {"a": jnp.sin(x) * y["b"]}, (jnp.ones(3), {"b": jnp.arange(3.0)}), order=2)

    @jax.custom_vjp
    def wrong(x: Any) -> Any:
        return x**2

    wrong.defvjp(lambda x: (x**2, x), lambda x, g: (3 * x * g,))
    with pytest.raises(AssertionError, match="cotangent"):
        check_grads(wrong, (jnp.ones(3),), order=1, modes=("rev",))


@pytest.mark.usefixtures("on_torch")
def test_classes() -> None:
    jnp = jax.numpy
    assert jax.core.ShapedArray((2,), jnp.float32).ndim == 1
    assert isinstance(jax.core.ShapedArray((2,), jnp.float32), jax.core.AbstractValue)
    found: list[bool] = []
    jax.vmap(lambda x: found.append(isinstance(x, jax.core.Tracer)) or x)(jnp.ones(2))
    assert found == [True]
    assert not isinstance(jnp.ones(2), jax.core.Tracer)
    assert not isinstance(jax.jit(lambda x: x), jax.stages.Lowered)
    assert not isinstance(jnp.ones(2), jax.custom_derivatives.SymbolicZero)
    policy = jax.checkpoint_policies.save_only_these_names("a")
    named = jax.checkpoint(lambda x: jax.ad_checkpoint.checkpoint_name(jnp.sin(x), "a") ** 2, policy=policy)
    np.testing.assert_allclose(jax.grad(named)(1.0), np.sin(2.0), rtol=1e-6)
    with pytest.raises(u.BackendError, match="custom_vmap"):
        jax.custom_batching.custom_vmap(lambda x: x)
    assert (jax.__version__, jax.version.__version_info__) == ("0.10.2", (0, 10, 2))


@pytest.mark.usefixtures("on_torch")
def test_events() -> None:
    seen: list[Any] = []
    jax.monitoring.register_event_listener(lambda event, **options: seen.append((event, options)))
    jax.monitoring.record_event("/mine", n=1)
    jax.monitoring.clear_event_listeners()
    jax.monitoring.record_event("/mine", n=2)
    assert seen == [("/mine", {"n": 1})]


@pytest.mark.parametrize("dtype", ["float32", "int8", "bool", "bfloat16", "complex64"])
def test_files(dtype: str, tmp_path: Path) -> None:
    for writer, reader in (("torch", "jax"), ("jax", "torch"), ("torch", "torch")):
        path = tmp_path / f"{writer}.npy"
        with on(writer):
            jax.numpy.save(path, jax.numpy.asarray([[1, 0]], dtype))
        if dtype == "bfloat16" and reader == "jax":
            continue  # which JAX does not load
        with on(reader):
            found = jax.numpy.load(path)
            assert str(found.dtype) == dtype
            np.testing.assert_array_equal(np.asarray(found, np.complex64), [[1, 0]])
    np.arange(3, dtype=np.float32).tofile(tmp_path / "raw")
    with on("torch"):
        np.testing.assert_array_equal(jax.numpy.fromfile(tmp_path / "raw", dtype=np.float32), [0, 1, 2])
        np.testing.assert_array_equal(jax.numpy.from_dlpack(torch.ones(2)), [1, 1])


def test_ravel() -> None:
    def run(x: Any) -> Any:
        tree = {"a": x, "b": [x.astype("int32"), 2.0]}
        flat, back = jax.flatten_util.ravel_pytree(tree)
        return flat, back(flat * 2), jax.grad(lambda v: jax.numpy.sum(back(v)["a"] ** 2))(flat)

    check(run, np.arange(6, dtype=np.float32).reshape(2, 3))
    with on("torch"), pytest.raises(ValueError, match="shape"):
        jax.flatten_util.ravel_pytree(jax.numpy.ones(3))[1](jax.numpy.ones(2))


def test_classes_of_jax_itself() -> None:
    with on("jax"):
        assert isinstance(jax.P("a"), oracle.P)
        assert isinstance(jax.make_mesh((1,), ("a",)), oracle.sharding.Mesh)
        assert jax.sharding.AxisType.Auto is oracle.sharding.AxisType.Auto


WITHOUT_JAX = """
import sys
class Hidden:
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] == "jax":
            raise ImportError(name)
sys.meta_path.insert(0, Hidden)
import unified as u, unified.compat.jax as jax
from unified.compat.jax.lax import GatherDimensionNumbers, custom_root
u.set_backend("torch")
assert not isinstance(1, GatherDimensionNumbers)
for absent in (GatherDimensionNumbers, custom_root):
    try:
        absent()
    except u.BackendError as error:
        assert absent.__name__ in str(error)
    else:
        raise AssertionError(absent)
assert not hasattr(jax.lax, "no_such_name")
assert jax.P("a") == jax.sharding.PartitionSpec("a")
"""


@pytest.mark.slow
def test_absent_names_are_refused_when_they_are_called() -> None:
    subprocess.run([sys.executable, "-c", WITHOUT_JAX], check=True, env={"PYTHONPATH": "."})
