"""Programs of `jax.export` over modules: in this process, in one that has the classes, and what they refuse."""

import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import export

import unified.functional as F
import unified.trees as ut
from conformance_tests.trees.models import Autoencoder, Net
from unified.core.errors import CheckpointError

X = np.random.default_rng(0).standard_normal((4, 2)).astype(np.float32)


def shifted(x):
    return x + 1


class Block(ut.Module):
    """Fields of every kind: a function, numbers, text, a dtype, containers whose order JAX would change."""

    layer: ut.Linear
    parts: dict
    activation: object = shifted
    width: int = ut.field(static=True, default=3)
    label: str = "block"
    scale: float = 0.5
    dtype: object = np.dtype("float32")
    nothing: object = None

    def __call__(self, x):
        for part in self.parts.values():
            x = part(x)
        return self.activation(self.layer(x)) * self.scale


def block():
    parts = {"second": ut.BatchNorm1d(2), "first": (ut.Dropout(0.5), F.tanh)[0]}
    return ut.fill(Block(ut.Linear(2, 3), parts), rng=0, backend="jax")


def train(model, x):
    return ut.apply(model, x, training=True, rng=3)


def written(fn, *args):
    return bytes(export.export(jax.jit(fn))(*args).serialize())


def again(data):
    return export.deserialize(bytearray(data))


MODELS = {
    "own constructor": lambda: ut.fill(Net(4), rng=0, backend="jax"),
    "every kind of field": block,
    "sequence": lambda: ut.fill(ut.Sequential((ut.Linear(2, 3), F.relu, ut.Linear(3, 1))), rng=0, backend="jax"),
    "wrappers": lambda: ut.fill(ut.Jit(ut.VMap(ut.Linear(2, 3))), rng=0, backend="jax"),
    "layer with layers": lambda: ut.fill(
        ut.TransformerEncoder(ut.TransformerEncoderLayer(2, 1, 4, activation=F.gelu), 2), rng=0, backend="jax"
    ),
    "metadata": lambda: ut.fill(ut.Linear(2, 3, metadata={"weight": {"sharding": ["x", None]}}), rng=0, backend="jax"),
    "many rows": lambda: ut.fill(ut.Sequential((ut.Linear(2, 64), ut.LSTM(64, 8, num_layers=2))), rng=0, backend="jax"),
}


QUICK = ("every kind of field", "wrappers", "metadata")


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in MODELS]
)
def test_program_takes_and_returns_modules(name):
    model = MODELS[name]()
    program = again(written(train, model, X))
    output, after = program.call(model, X)
    expected, expected_after = jax.jit(train)(model, X)
    for one, other in zip(*map(jax.tree.leaves, ((output, after), (expected, expected_after))), strict=True):
        np.testing.assert_array_equal(one, other)
    assert type(after) is type(model)
    assert list(ut.params(after)) == list(ut.params(expected_after))
    assert ut.params(after).info == ut.params(expected_after).info
    once_more = program.call(after, X)
    for one, other in zip(*map(jax.tree.leaves, (once_more, jax.jit(train)(expected_after, X))), strict=True):
        np.testing.assert_array_equal(one, other)
    assert bytes(program.serialize()) == written(train, model, X)


@pytest.mark.slow
def test_sizes_may_be_symbols_and_programs_have_gradients():
    model = block()
    (rows,) = export.symbolic_shape("rows")
    program = again(written(lambda model, x: model(x).sum(), model, jax.ShapeDtypeStruct((rows, 2), jnp.float32)))
    for count in (1, 5):
        x = np.ones((count, 2), np.float32)
        np.testing.assert_allclose(program.call(model, x), model(jnp.asarray(x)).sum(), rtol=1e-6)
    data = export.export(jax.jit(lambda model, x: model(x).sum()))(model, X).serialize(vjp_order=1)
    gradients = jax.grad(export.deserialize(data).call, allow_int=True)(model, X)
    expected = jax.grad(lambda model: model(jnp.asarray(X)).sum(), allow_int=True)(model)
    np.testing.assert_allclose(gradients.layer.weight, expected.layer.weight, rtol=1e-6)


def test_functions_are_names_in_what_a_program_returns():
    model = block()
    _, after = again(written(train, model, X)).call(model, X)
    assert repr(after.activation) == "shifted"
    with pytest.raises(TypeError, match=r"'.*:shifted' by its name alone.*load_params"):
        after(X)
    whole = ut.load_params(model, ut.params(after))
    np.testing.assert_array_equal(whole(jnp.asarray(X)), train(model, X)[1](jnp.asarray(X)))
    calls = []

    @jax.jit
    def f(model):
        calls.append(model.activation)
        return model.layer.weight

    f(model), f(after), f(model)
    assert len(calls) == 2  # JAX's caches tell the one from the other
    relu = ut.fill(ut.Sequential((ut.Linear(2, 3), F.relu)), rng=0, backend="jax")
    same = again(written(lambda model: model, relu)).call(relu)
    np.testing.assert_array_equal(same(jnp.asarray(X)), relu(jnp.asarray(X)))


def test_modules_that_do_not_fit_are_refused():
    model = block()
    program = again(written(train, model, X))
    for other in (
        ut.replace(model, scale=0.25),
        ut.replace(model, width=4),
        ut.replace(model, activation=F.relu),
        ut.replace(model, activation=lambda x: x + 1),
        ut.replace(model, layer=ut.fill(ut.Linear(2, 3, bias=False), backend="jax")),
    ):
        with pytest.raises(ValueError, match="tree"):
            program.call(other, X)


def test_methods_of_modules():
    model = ut.fill(Autoencoder(ut.Linear(2, 3), ut.Linear(3, 2)), rng=0, backend="jax")
    program = again(written(lambda encode, x: encode(x), model.encode, X))
    np.testing.assert_allclose(program.call(model.encode, X), model.encode(jnp.asarray(X)), rtol=1e-6)


def test_what_has_no_form_is_refused():
    class Local(ut.Module):
        weight: object = ut.var((2,))

    for model, message in (
        (ut.fill(Local(), backend="jax"), "made in a function"),
        (ut.replace(block(), activation=lambda x: x), "lambda"),
        (ut.replace(block(), nothing=object()), "no form"),
        (ut.fill(ut.TransformerEncoderLayer(2, 1, 4, activation=shifted), backend="jax"), "unified.functional"),
    ):
        with pytest.raises(TypeError, match=message):
            written(lambda model: 0, model)


def test_damaged_and_hostile_programs_are_refused():
    model = ut.fill(ut.Sequential((ut.Linear(2, 3), shifted)), rng=0, backend="jax")
    data = written(train, model, X)
    for old, new in (
        (b'[1,{"value"', b'[9,{"value"'),
        (b'"names"', b'"nams_"'),
        (b'"Linear"', b'"Eval()"'),
        (b'"out_features":3', b'"out_features":7'),  # JAX compares the tree
        (b'"spec"', b'"spet"'),
        (b'"function"', b'"functioM"'),
    ):
        assert old in data
        if b"out_features" in old:
            with pytest.raises(ValueError, match="tree"):
                again(data.replace(old, new)).call(model, X)
            continue
        with pytest.raises(CheckpointError, match="program"):
            again(data.replace(old, new))
    from unified.trees import programs
    from unified.trees.nodes import Static

    deep = None
    for _ in range(500):
        deep = {"list": [deep]}
    hostile = {"layer": "LSTM", "arguments": {"input_size": 2, "hidden_size": 2, "num_layers": 10**9}}
    for cls, content in (
        (Static, {"value": deep}),
        (Static, {"value": {"module": "os:system"}}),
        (Static, {"value": {"array": "weight"}}),
        (Static, []),
        (ut.LSTM, {"spec": {"spec": "LSTM", **hostile}, "metadata": {"dict": []}, "names": ["weight_ih_l0"]}),
        (ut.Linear, {"spec": {"spec": "Linear", "arguments": {"in_features": 1, "out_features": 1}}, "names": []}),
    ):
        with pytest.raises(CheckpointError):
            programs.of_json(cls, content, "jax")
    named = programs.of_json(Static, {"value": {"function": "os:system"}}, "jax").value.value
    with pytest.raises(TypeError, match="name alone"):
        named("echo")


FRESH = """
import sys, numpy as np
from conformance_tests.trees.models import Net  # before JAX, as it is not in this process
import unified.backends.jax, unified.trees as ut
from jax import export
folder = sys.argv[1]
model = ut.load(f"{folder}/model.safetensors", trust=["conformance_tests"], backend="jax")
model = ut.Sequential((model, ut.Jit(ut.ReLU())))
program = export.deserialize(bytearray(open(f"{folder}/program.bin", "rb").read()))
x = np.load(f"{folder}/x.npy")
output, after = program.call(model, x)
again, _ = program.call(after, x)
np.savez(f"{folder}/found.npz", output=output, again=again)
"""


@pytest.mark.slow
def test_process_with_the_classes(tmp_path):
    model = ut.fill(Net(4), rng=0, backend="jax")
    ut.save(tmp_path / "model.safetensors", model)
    np.save(tmp_path / "x.npy", X)
    model = ut.Sequential((model, ut.Jit(ut.ReLU())))
    (tmp_path / "program.bin").write_bytes(written(train, model, X))
    subprocess.run([sys.executable, "-c", FRESH, str(tmp_path)], check=True, timeout=120)
    found = np.load(tmp_path / "found.npz")
    output, after = train(model, X)
    np.testing.assert_allclose(found["output"], output, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(found["again"], train(after, X)[0], rtol=1e-5, atol=1e-6)
    # What JAX's error shows where the classes are not imported.
    assert b"import unified.backends.jax, conformance_tests.trees.models" in (tmp_path / "program.bin").read_bytes()


def test_class_of_a_cell_that_runs_again():
    source = "import unified.trees as ut\nclass Cell(ut.Module):\n    weight: object = ut.var((2,))\n"
    module = type(sys)("a_notebook")
    sys.modules["a_notebook"] = module
    try:
        for _ in range(2):
            exec(source, module.__dict__)
            model = ut.fill(module.Cell(), rng=0, backend="jax")
            program = again(written(lambda model: model.weight + 1, model))
            np.testing.assert_array_equal(program.call(model), model.weight + 1)
    finally:
        del sys.modules["a_notebook"]
