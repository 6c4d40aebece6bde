"""Programs of `jax.export` over params and bound models: in this process, and in one without the model's code."""

import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import export

import unified as u
from unified.core.errors import CheckpointError


def forward(x):
    return u.Dropout(0.1)(u.BatchNorm1d(3)(u.Linear(2, 3)(x)))


NET = u.transform(forward, backend="jax")
X = np.random.default_rng(0).standard_normal((4, 2)).astype(np.float32)


def step(params, x):
    output, changes = NET.apply(params, x, training=True)
    return output, params | changes


def again(program):
    return export.deserialize(program.serialize())


@pytest.fixture(scope="module")
def params():
    return NET.init(X, rng=0)


@pytest.fixture(scope="module")
def program(params):
    (batch,) = export.symbolic_shape("batch")
    return again(export.export(jax.jit(step))(params, jax.ShapeDtypeStruct((batch, 2), jnp.float32)))


def assert_equal(one, other):
    assert list(one) == list(other)
    for path in one:
        np.testing.assert_array_equal(one[path], other[path], err_msg=path)


@pytest.mark.parametrize("rows", [4, 7])
def test_params_of_init_and_those_that_the_program_returns(program, params, rows):
    x = np.resize(X, (rows, 2))
    output, found = program.call(params, x)
    expected_output, expected = jax.jit(step)(params, x)
    np.testing.assert_array_equal(output, expected_output)
    assert_equal(found, expected)
    assert [info.collection for info in found.info.values()] == [info.collection for info in params.info.values()]
    assert_equal(program.call(found, x)[1], jax.jit(step)(expected, x)[1])
    assert_equal(params | found, expected)
    np.testing.assert_array_equal(NET.apply(found, x)[0], NET.apply(expected, x)[0])


def test_caches_tell_the_params_of_a_program_from_those_of_a_model(program, params):
    traces = []

    @jax.jit
    def count(params):
        traces.append(params.graph.find(u.Linear))
        return params["linear/bias"]

    count(params), count(program.call(params, X)[1])
    assert [list(found) for found in traces] == [["linear"], []]


def test_params_that_do_not_fit_are_named(program, params):
    with pytest.raises(ValueError, match="'rng/key'"):
        program.call(params.split()[0], X)
    with pytest.raises(ValueError, match=r"args\[0\]\['linear/weight'\].shape"):
        program.call(params.replaced({"linear/weight": jnp.ones((3, 5))}), X)


def test_bound_models(params):
    bound = NET.bind(params)
    for model in (bound, u.jit(bound)):
        program = again(export.export(jax.jit(lambda model, x: model(x, training=True)))(model, X))
        output, next_model = program.call(*program.call(model, X)[::-1][:1], X)
        expected = step(step(params, X)[1], X)
        np.testing.assert_allclose(output, expected[0], rtol=1e-6)
        assert next_model.params["batch_norm1d/num_batches_tracked"] == 2
        with pytest.raises(TypeError, match=r"'forward'.*no code.*net\.bind\(bound\.params\)"):
            next_model(X)
        np.testing.assert_allclose(NET.bind(next_model.params)(X)[0], NET.apply(expected[1], X)[0], rtol=1e-5)


def test_a_loaded_program_is_written_again_and_has_gradients(params):
    weights, rest = params.split()
    loss = export.export(jax.jit(lambda weights, rest: (NET.apply(weights | rest, X)[0] ** 2).sum()))(weights, rest)
    loaded = again(export.deserialize(loss.serialize(vjp_order=1)))
    np.testing.assert_allclose(loaded.call(weights, rest), loss.call(weights, rest))
    loaded = export.deserialize(loss.serialize(vjp_order=1))
    found = jax.grad(lambda weights: loaded.call(weights, rest))(weights)
    assert_equal(found, jax.grad(lambda weights: loss.call(weights, rest))(weights))


def test_init_and_unlocked_params():
    (batch,) = export.symbolic_shape("batch")
    init = jax.jit(lambda key, x: NET.init(x, rng=key).unlocked(3))
    key = jax.random.key_data(jax.random.key(0))
    found = again(export.export(init)(key, jax.ShapeDtypeStruct((batch, 2), jnp.float32))).call(key, X)
    assert found.growth == 3
    assert_equal(found, init(key, X))


def test_metadata_without_a_form_is_refused_by_path(params):
    odd = params.annotate("linear/weight", made=object())
    with pytest.raises(TypeError, match="linear/weight: <object object"):
        export.export(jax.jit(lambda params: params["linear/weight"]))(odd).serialize()


def test_damaged_programs_are_refused(program):
    data = bytes(program.serialize())
    for old, new in ((b'[1,{"var', b'[9,{"var'), (b'"collection"', b'"collectioM"'), (b'"order"', b'"ordre"')):
        assert old in data
        with pytest.raises(CheckpointError, match=r"a program holds unified\.Params"):
            export.deserialize(bytearray(data.replace(old, new)))


FRESH = """
import sys, jax, numpy as np, unified as u
from jax import export
folder = sys.argv[1]
params, x = u.load(f"{folder}/params.safetensors", "jax"), np.load(f"{folder}/x.npy")
program, of_bound = (export.deserialize(bytearray(open(f"{folder}/{n}.bin", "rb").read())) for n in ("params", "bound"))
output, after = program.call(program.call(params, x)[1], x)
host = program.call(u.load(f"{folder}/params.safetensors"), x)[0]
(bound, _), _ = jax.tree.unflatten(of_bound.in_tree, of_bound.in_avals)
output_of_bound, bound = of_bound.call(bound.replace(params), x)
assert not any("test_exported" in name for name in sys.modules)
after = {path.replace("/", "."): value for path, value in after.items()}
np.savez(f"{folder}/found.npz", output=output, host=host, bound=output_of_bound, **after)
"""


def test_a_process_without_the_model(program, params, tmp_path):
    u.save(tmp_path / "params.safetensors", params)
    np.save(tmp_path / "x.npy", X)
    bound = NET.bind(params)
    of_bound = export.export(jax.jit(lambda bound, x: bound(x, training=True)))(bound, X)
    for name, written in (("params", program), ("bound", of_bound)):
        (tmp_path / f"{name}.bin").write_bytes(written.serialize())
    subprocess.run([sys.executable, "-c", FRESH, str(tmp_path)], check=True, timeout=120)
    found = np.load(tmp_path / "found.npz")
    output, after = step(params, X)
    np.testing.assert_allclose(found["host"], output, rtol=1e-6)
    np.testing.assert_allclose(found["bound"], output, rtol=1e-6)
    np.testing.assert_allclose(found["output"], step(after, X)[0], rtol=1e-6)
    for path, value in step(after, X)[1].items():
        np.testing.assert_allclose(found[path.replace("/", ".")], value, rtol=1e-6, err_msg=path)


SYMBOLIC = {
    "unroll": ("t, b, 3", lambda x: u.unroll(u.LSTMCell(3, 2), x)[0]),
    "scan": ("t, b, 3", lambda x: u.scan(lambda c, x: (u.Dropout(0.5)(u.Linear(3, 3)(c)) + x, c), x[0], x)[1]),
    "map": ("b, 3", lambda x: u.map(lambda row: u.Linear(3, 2)(row), x)),
    "vmap": ("b, 3", lambda x: u.vmap(lambda row: u.Dropout(0.5)(row), split_rngs=True)(x)),
    "lstm": ("b, t, 3", lambda x: u.LSTM(3, 2, bidirectional=True, batch_first=True)(x)[0]),
    "max pool": ("b, 3, h, w", lambda x: u.MaxPool2d(3, 2, 1)(x)),
    "average pool": ("b, 3, h, w", lambda x: u.AvgPool2d(3, 2, 1)(x)),
    "power pool": ("b, 3, h, w", lambda x: u.LPPool2d(2, 2)(x)),
    "max unpool": ("b, 3, 4, 4", lambda x: u.MaxUnpool2d(2)(*u.MaxPool2d(2, return_indices=True)(x))),
}


@pytest.mark.parametrize("name", SYMBOLIC)
def test_sizes_that_are_symbols(name):
    sizes, body = SYMBOLIC[name]
    net = u.transform(body, backend="jax")
    shape = export.symbolic_shape(sizes)
    params = net.init(np.ones([size if type(size) is int else 4 for size in shape], np.float32), rng=0)
    run = jax.jit(lambda params, x: net.apply(params, x, training=True)[0])
    program = again(export.export(run)(params, jax.ShapeDtypeStruct(shape, jnp.float32)))
    values = np.random.default_rng(0)
    for size in (5, 6):
        x = values.standard_normal([own if type(own) is int else size for own in shape]).astype(np.float32)
        np.testing.assert_allclose(program.call(params, x), run(params, x), rtol=1e-5, atol=1e-6)
