"""Files of modules: what comes back, what is refused by name, and files that nobody should trust."""

import json
import random
import time

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import safetensors.numpy
import torch

import unified as u
import unified.functional as F
import unified.trees as ut
from conformance_tests.trees.models import BACKENDS, Autoencoder, Linear, Net, array, filled, named, numpy
from unified.core.checkpoint.header import checksum

both = pytest.mark.parametrize("backend", BACKENDS)
TRUST = ["conformance_tests"]


class Everything(ut.Module):
    """Fields of each kind that a file can hold."""

    value: object
    dtype: object = np.dtype("float16")
    function: object = F.gelu
    weight: object = ut.var((2,), metadata={"sharding": ("model",)}, collection="tables")


def outside(x):
    return x


VALUES = [None, 3, 2.5, True, "text", (1, (2, "a")), [1, [None]], {"a": (1,), 3: "b"}, {}, (), outside, float("inf")]


@pytest.mark.parametrize("value", VALUES, ids=named)
def test_static_values_come_back(value, tmp_path):
    model, path = filled("torch", Everything(value)), tmp_path / "model.safetensors"
    ut.save(path, model)
    again = ut.load(path, "torch", trust=TRUST)
    assert again.value == value and type(again.value) is type(value) and again.function is F.gelu
    assert str(again.dtype) == "torch.float16"
    assert ut.params(again).info == ut.params(model).info


@pytest.mark.parametrize(
    "layer", [ut.Embedding(1000, 2), ut.BatchNorm1d(64), ut.MultiheadAttention(32, 16), ut.LSTM(2, 3, num_layers=3)],
    ids=repr,
)  # fmt: skip
def test_numbers_that_make_no_variables_may_be_large(layer, tmp_path):
    model = filled("torch", layer)
    ut.save(tmp_path / "model.safetensors", model)
    again = ut.params(ut.load(tmp_path / "model.safetensors", "torch"))
    assert list(again) == list(ut.params(model))
    assert all(torch.equal(value, again[path]) for path, value in ut.params(model).items())


class Point:
    pass


@pytest.mark.parametrize(
    "value", [lambda x: x, Point(), {1.5: 2}, {(1,): 2}, {1}, b"bytes", 1j, [Point()], type("Local", (), {})]
)
def test_what_a_file_cannot_hold_is_refused_by_name(value, tmp_path):
    path = tmp_path / "model.safetensors"
    with pytest.raises(TypeError, match=r"the field 'value.*cannot be saved"):
        ut.save(path, filled("torch", Everything(value)))
    assert not path.exists()

    class Local(ut.Module):
        inner: ut.Linear

    with pytest.raises(TypeError, match=r"Local.*cannot be saved: it is a lambda, or was made in a function"):
        ut.save(path, filled("torch", Local(ut.Linear(1, 1))))


@pytest.mark.parametrize(
    "function",
    [jax.nn.gelu, jnp.tanh, torch.relu, torch.nn.functional.gelu, np.tanh],
    ids=lambda function: function.__name__,
)
def test_functions_of_libraries_are_named(function, tmp_path):
    model, path = filled("torch", ut.Sequential((ut.Linear(1, 1), function))), tmp_path / "model.safetensors"
    ut.save(path, model)
    assert ut.load(path, "torch", trust=["torch", "jax", "numpy"]).layers[1] is function
    assert ut.load(path, "torch", trust=[function]).layers[1] is function
    with pytest.raises(u.CheckpointError, match="'layers/1': it needs the function"):
        ut.load(path, "torch")


@both
def test_layers_within_layers(backend, tmp_path):
    encoder = ut.TransformerEncoder(
        ut.TransformerEncoderLayer(4, 2, 8, activation=F.silu), 2, ut.LayerNorm(4), enable_nested_tensor=False
    )
    model, path = filled(backend, ut.Sequential([encoder, ut.Dropout(0.1)])), tmp_path / "model.safetensors"
    ut.save(path, model)
    for other in BACKENDS:
        again = ut.load(path, other)
        assert again == model
        x = np.random.default_rng(0).standard_normal((5, 2, 4), "float32")
        np.testing.assert_allclose(numpy(again(array(other, x))), numpy(model(array(backend, x))), atol=1e-5)


def test_what_is_not_trusted_is_not_imported(tmp_path):
    path = tmp_path / "model.safetensors"
    ut.save(path, filled("torch"))
    for trust in ((), ["conformance"], ["other"], [Net]):
        with pytest.raises(u.CheckpointError, match=r"conformance_tests.trees.models:(Net|Linear).*pass trust=\["):
            ut.load(path, "torch", trust=trust)
    assert ut.load(path, "torch", trust=[Net, Linear]) == filled("torch")
    u.save(path, ut.params(filled("torch")))
    with pytest.raises(u.CheckpointError, match="holds variables, and no module"):
        ut.load(path, "torch")


def changed(path, change):
    """Write a file whose module `change` has changed, with a header that is otherwise valid."""
    arrays = safetensors.numpy.load_file(path)
    with safetensors.safe_open(path, "np") as file:
        content = json.loads(file.metadata()["unified"])
    content["tree"] = change(content["tree"])
    text = json.dumps(content).replace('"DEEP"', '{"tuple":[' * 50_000 + "]}" * 50_000)
    metadata = {"unified": text, "unified_crc32": f"{checksum(text.encode()):08x}"}
    safetensors.numpy.save_file(arrays, path, metadata)


def nested(depth):
    value = {"tuple": []}
    for _ in range(depth):
        value = {"tuple": [value]}
    return value


def put(name, value):
    return lambda tree: {**tree, "fields": {**tree["fields"], name: value}}


LAYER = {"layer": "Linear", "arguments": {"in_features": 2, "out_features": 3}, "metadata": {"dict": []}}
HOSTILE = {
    "a class elsewhere": lambda tree: {**tree, "module": "os:system"},
    "a class of the package that is none": lambda tree: {**tree, "module": "conformance_tests.trees.models:forward"},
    "what a module has imported": lambda tree: {**tree, "module": "conformance_tests.trees.models:np.ndarray"},
    "the base class of layers": lambda tree: {**tree, "module": "unified.trees:Layer"},
    "no such class": lambda tree: {**tree, "module": "conformance_tests.trees.models:Gone"},
    "no such module": lambda tree: {**tree, "module": "conformance_tests.gone:Gone"},
    "a name without a class": lambda tree: {**tree, "module": "conformance_tests"},
    "a number for a class": lambda tree: {**tree, "module": 3},
    "a missing field": lambda tree: {**tree, "fields": {"encoder": tree["fields"]["encoder"]}},
    "a field too many": put("extra", 3),
    "fields that are a list": lambda tree: {**tree, "fields": []},
    "no kinds": lambda tree: {key: value for key, value in tree.items() if key != "kinds"},
    "kinds of another form": lambda tree: {**tree, "kinds": [["a", 1, 2]]},
    "a variable twice": lambda tree: put("decoder", tree["fields"]["encoder"])(tree),
    "a variable left out": put("decoder", None),
    "a variable elsewhere": put("width", {"array": "encoder/weight"}),
    "no such variable": put("width", {"array": "width"}),
    "an array in a static field": put("decoder", {"array": "decoder"}),
    "a list": lambda tree: [tree],
    "an empty object": put("width", {}),
    "an unknown object": put("width", {"pickle": "gASV"}),
    "a deep tree": put("width", nested(300)),
    "a very deep tree": put("width", "DEEP"),
    "a function elsewhere": put("width", {"function": "os:system"}),
    "a function of the standard library by a package": put(
        "width", {"function": "conformance_tests.trees.models:u.save"}
    ),
    "a dtype that is none": put("width", {"dtype": "float31"}),
    "a dict with a list for a key": put("width", {"dict": [[[], 1]]}),
    "a dict with a key twice": put("width", {"dict": [["a", 1], ["a", 2]]}),
    "no such layer": put("encoder", {**LAYER, "layer": "Lineal"}),
    "a layer that is a private name": put("encoder", {**LAYER, "layer": "__builtins__"}),
    "a layer without variables": put("encoder", LAYER),
    "a layer with other variables": put("encoder", {**LAYER, "variables": {"weight": 3}}),
    "a layer whose variables are numbers": put("encoder", {**LAYER, "variables": {"weight": 3, "bias": 4}}),
    "arguments that do not fit": put("encoder", {**LAYER, "arguments": {"size": 3}, "variables": {}}),
    "a size that is a text": put(
        "encoder", {**LAYER, "arguments": {"in_features": "2", "out_features": 3}, "variables": {}}
    ),
    "a huge layer": put(
        "encoder",
        {
            **LAYER,
            "arguments": {"in_features": 10**12, "out_features": 10**12},
            "variables": {"weight": {"array": "encoder/weight"}, "bias": {"array": "encoder/bias"}},
        },
    ),
    "a million layers": put(
        "encoder", {"layer": "LSTM", "arguments": {"input_size": 2, "hidden_size": 2, "num_layers": 10**9}}
    ),
    "a method of no module": put("decoder", {"method": "encode", "of": "x:Y", "owner": 3}),
    "a method that is none": put("decoder", {"method": "__init__", "of": "unified.trees:Linear", "owner": LAYER}),
    "a field that its class refuses": lambda tree: {
        "module": "unified.trees:Sequential",
        "fields": {"layers": 3},
        "kinds": [],
    },
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files(name, tmp_path, monkeypatch):
    path = tmp_path / "model.safetensors"
    ut.save(path, filled("torch", Autoencoder.init()))
    changed(path, HOSTILE[name])
    start = time.perf_counter()
    with pytest.raises(u.CheckpointError, match=r"model.safetensors"):
        ut.load(path, "torch", trust=TRUST)
    assert time.perf_counter() - start < 5


def test_random_changes_raise_one_error(tmp_path):
    """A header with anything in the place of any part loads as a module of that class, or raises `CheckpointError`."""
    path, draw = tmp_path / "model.safetensors", random.Random(0)
    ut.save(path, filled("torch"))
    data = path.read_bytes()
    junk = [None, 3, -1, "x", [], {}, {"array": "first/weight"}, {"tuple": 3}, {"layer": "Linear"}, {"module": "x:y"}]

    def mutate(value):
        if draw.random() < 0.04:
            return draw.choice(junk)
        if isinstance(value, dict):
            return {key: mutate(item) for key, item in value.items()}
        return [mutate(item) for item in value] if isinstance(value, list) else value

    outcomes = set()
    for _ in range(150):
        path.write_bytes(data)
        changed(path, mutate)
        try:
            outcomes.add(type(ut.load(path, "torch", trust=TRUST)).__name__)
        except u.CheckpointError:
            outcomes.add("refused")
    assert "refused" in outcomes and len(outcomes) > 1


def test_a_checkpoint_of_a_body_loads_into_a_tree(tmp_path):
    from conformance_tests.trees.models import forward

    net = u.transform(forward, backend="jax")
    params = net.init(array("jax", (6, 2)), rng=3)
    u.save(tmp_path / "a.safetensors", params)
    model = ut.load_params(filled("torch"), u.load(tmp_path / "a.safetensors", "torch"))
    assert model == filled("torch", rng=3)
