"""Graphs, modules and their params: rows 1 to 34 of what blox lets its users do, whose numbers the docstrings name."""

import copy
import pickle
import re
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
import unified.explicit as bx
from conformance_tests.explicit.models import BACKENDS, MLP, Custom, array, bits, body, network, numbers
from unified.core.errors import BackendError, StructureChangedError
from unified.testing import ParityError, assert_parity

each_backend = pytest.mark.parametrize("backend", BACKENDS)


def init(backend: str, root: str | None = "net") -> tuple[bx.Graph, bx.Rng, MLP, u.Params, Any]:
    graph, rng, module = network(root)
    x = array(backend, 4, 8)
    _, params = module(rng.seed(bx.params(seed=42, backend=backend), seed=7), x)
    return graph, rng, module, params.locked(), x


@each_backend
def test_a_part_is_called_by_itself(backend: str) -> None:
    """Rows 1, 7: a part keeps its path and its variables, wherever it is called from."""
    _, _, module, params, x = init(backend)
    hidden, same = module.hidden(params, x)
    assert same is params and hidden.shape == (4, 16)
    expected = numbers(x) @ numbers(params["net/mlp/hidden/weight"]).T + numbers(params["net/mlp/hidden/bias"])
    np.testing.assert_allclose(numbers(hidden), expected, atol=1e-5)
    y, _ = module.out(params, hidden)
    np.testing.assert_allclose(numbers(y), expected @ numbers(params["net/readout/w"]), atol=1e-5)


def test_graphs() -> None:
    """Rows 2 to 6."""
    graph, rng, module = network()
    assert [path for path, _ in graph.walk()] == [
        "net/rng", "net/readout", "net/mlp", "net/mlp/hidden", "net/mlp/norm", "net/mlp/drop",
    ]  # fmt: skip
    assert dict(graph.walk())["net/mlp/hidden"] is module.hidden
    with pytest.raises(ValueError, match="child 'net/mlp' already"):
        graph.child("mlp")
    node = module.hidden.graph
    assert (node.name, node.parent, node.root, node.module) == ("hidden", module.graph, graph, module.hidden)
    assert graph["mlp/hidden"] is node and (graph / "more").path == "net/more" and (graph / 0).path == "net/0"
    assert list(graph.children)[:2] == ["rng", "readout"] and graph.parent is None and rng.graph.parent is graph
    with pytest.raises(KeyError, match="there is no 'net/mpl'; the closest known paths are 'mlp'"):
        graph["mpl"]
    for name in ("", "a/b", "a.b", "1x", -1, None):
        with pytest.raises(ValueError, match="cannot be a name"):
            graph.child(name or "")


def test_modules_are_bound_to_one_place() -> None:
    graph = bx.Graph("net")
    first = Custom(graph.child("a"), 2)
    with pytest.raises(ValueError, match=r"'net/a' is taken by Custom\(size=2, scale=1.0\)"):
        bx.Linear(first.graph, 2, 3)
    with pytest.raises(ValueError, match="root without a name"):
        bx.Linear(bx.Graph(), 2, 3)
    with pytest.raises(TypeError, match="takes a Graph first, got str"):
        bx.Linear("net", 2, 3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="'net/c': in_features"):
        bx.Linear(graph.child("c"), -1, 3)
    assert graph["c"].module is None and bx.Linear(graph["c"], 1, 3).graph is graph["c"]
    assert bx.Linear(bx.Graph("alone"), 2, 3).param_path("weight") == "alone/weight"

    class Forgetful(bx.Module):
        def __init__(self, graph: bx.Graph) -> None:
            pass

    with pytest.raises(RuntimeError, match=r"Forgetful has no graph yet: call super\(\).__init__\(graph\)"):
        Forgetful(graph.child("b")).param_path("w")


def test_constructor_arguments() -> None:
    """Row 8."""
    _, rng, module = network()
    assert dict(module.arguments) == {"width": 16, "out": module.out, "rng": rng}
    assert repr(module) == "MLP(width=16, out=<net/readout>, rng=<net/rng>)"
    assert dict(module.out.arguments) == {"size": 1, "scale": 1.0}
    assert dict(module.hidden.arguments) == {"in_features": None, "out_features": 16}


@each_backend
def test_get_param(backend: str) -> None:
    """Rows 9 to 16."""
    module = Custom(bx.Graph("net").child("m"), 2)
    empty = bx.params(seed=1, backend=backend)
    w, params = module.get_param(
        empty, "w", (2, 3), u.initializers.normal(), dtype="float16", metadata={"sharding": (None, "model")}
    )
    assert list(empty) == [] and list(params) == ["net/m/w"]
    again, same = module.get_param(params, "w")
    assert again is w and same is params
    info = params.info["net/m/w"]
    assert (info.dtype, info.collection, info.trainable, dict(info.metadata)) == (
        "float16", "params", True, {"sharding": (None, "model")},
    )  # fmt: skip
    count, params = module.get_param(params, "count", 3, u.initializers.ones, trainable=False)
    assert numbers(count).tolist() == [1, 1, 1] and params.info["net/m/count"].collection == "state"
    assert [list(part) for part in params.split()] == [["net/m/w"], ["net/m/count"]]
    assert module.param_path("w") in params and module.param_path("v") not in params
    zeros, _ = module.get_param(params, "zeros", ())
    assert float(zeros) == 0
    ones = {"torch": torch.ones, "jax": jnp.ones}[backend]
    assert numbers(module.get_param(params, "ones", (2,), ones)[0]).tolist() == [1, 1]


def test_get_param_takes_initializers_of_jax() -> None:
    """Row 13."""
    module = Custom(bx.Graph("net").child("m"), 2)
    w, _ = module.get_param(bx.params(1, "jax"), "w", (300, 200), jax.nn.initializers.lecun_normal())
    assert abs(float(w.std()) - 300**-0.5) < 1e-3


@each_backend
def test_what_get_param_refuses(backend: str) -> None:
    """Row 23: the same on both."""
    _, _, module, params, x = init(backend)
    module = module.out
    with pytest.raises(ValueError, match="no variable 'net/readout/v': pass its shape"):
        module.get_param(params.unlocked(), "v")
    with pytest.raises(KeyError, match=r"no variable 'net/readout/v', and the params are locked: call params.unlocked"):
        module.get_param(params, "v", (2,))
    with pytest.raises(
        StructureChangedError, match=r"'net/readout/w' has the shape \(16, 1\), and .* asks for \(8, 1\)"
    ):
        module(params, x)
    with pytest.raises(ValueError, match="'net/readout/v' has no first value, since the params have no seed"):
        module.get_param(bx.params(backend=backend), "v", (2,), u.initializers.normal())
    with pytest.raises(ValueError, match="cannot be a name"):
        module.get_param(params, "a/b", (2,))


@each_backend
def test_a_layer_asks_for_its_variables_and_shapes(backend: str) -> None:
    _, _, module, params, x = init(backend)
    without = params.split("*/hidden/bias")[1]
    with pytest.raises(KeyError, match=r"no variable 'net/mlp/hidden/bias', and the params are locked.*closest"):
        module.hidden(without, x)
    _, grown = module.hidden(without.unlocked(42), x)
    assert bits(grown.pick({"net/mlp/hidden/bias"})) == bits(params.pick({"net/mlp/hidden/bias"}))
    with pytest.raises(StructureChangedError, match=r"'net/mlp/hidden/weight' has the shape \(16, 8\).*\(16, 5\)"):
        module.hidden(params, array(backend, 4, 5))
    with pytest.raises(BackendError, match=rf"'net/mlp/hidden/weight' is no array .*params.to\('{backend}'\)"):
        module.hidden(params.to("numpy"), x)
    with pytest.raises(BackendError, match="there is no backend 'tensorflow'"):
        bx.params(backend="tensorflow")
    other = {"torch": "jax", "jax": "torch"}[backend]
    with pytest.raises(BackendError, match=f"'net/mlp/hidden' was called with an array of {other}"):
        module.hidden(params, array(other, 4, 8))


@each_backend
def test_set_param(backend: str) -> None:
    """Rows 17 to 19."""
    _, _, module, params, _ = init(backend)
    out, path = module.out, "net/readout/w"
    new = out.set_param(params, "w", params[path] * 2)
    np.testing.assert_array_equal(numbers(new[path]), numbers(params[path]) * 2)
    frozen = out.set_param(params, "w", trainable=False, metadata={"tag": "x"})
    assert (frozen.info[path].trainable, frozen.info[path].collection) == (False, "params")
    assert dict(frozen.info[path].metadata) == {"tag": "x"} and params.info[path].trainable
    assert path in frozen.split()[1] and frozen == params.freeze(path).annotate(path, tag="x")
    assert out.set_param(frozen, "w", trainable=True).info[path].trainable
    mean = module.norm.set_param(params, "running_mean", trainable=True)
    assert mean.info["net/mlp/norm/running_mean"].collection == "params"
    with pytest.raises(KeyError, match="no variable 'net/readout/v' to set: get_param adds it"):
        out.set_param(params, "v", params[path])
    with pytest.raises(ValueError, match=r"'net/readout/w' has shape \(16, 1\)"):
        out.set_param(params, "w", params[path][:3])
    with pytest.raises(ValueError, match="changes nothing of 'net/readout/w'"):
        out.set_param(params, "w")


@each_backend
def test_first_values_are_those_of_the_inline_style(backend: str) -> None:
    """Rows 20, 21: params grow from nothing, with the names, order of values and bits of init at the same paths."""
    _, _, module, params, x = init(backend, root=None)
    net = u.transform(body, backend=backend, rng="portable" if backend == "torch" else None)
    inline = net.init(x, rng=42)
    inline = inline.params if backend == "torch" else inline
    assert sorted(params) == sorted(inline)
    names = [path for path in inline if path != "rng/key"]
    assert {path: bits(params)[path] for path in names} == {path: bits(inline)[path] for path in names}
    for path in names:
        info, expected = params.info[path], inline.info[path]
        assert (info.shape, info.dtype, info.collection, info.trainable) == (
            expected.shape, expected.dtype, expected.collection, expected.trainable,
        )  # fmt: skip
    # A call with the inline style's params: outputs, written statistics and masks.
    for training in (False, True):
        y, changes = net.apply(inline, x, training=training)
        found, after = module(inline, x, is_training=training)
        np.testing.assert_allclose(numbers(found), numbers(y), atol=1e-6)
        assert {path: bits(after)[path] for path in changes} == bits(changes) or training
        for path in changes:
            np.testing.assert_allclose(numbers(after[path]), numbers(changes[path]), atol=1e-6)


def test_both_frameworks_agree() -> None:
    """Rows 20, 34: bits of all variables; outputs, statistics and masks of a call in training."""
    results = {}
    for backend in BACKENDS:
        _, _, module, params, x = init(backend)
        y, after = module(params, x, is_training=True)
        results[backend] = bits(params), params.info, numbers(y), after.to("numpy")
    (one, infos, y, after), (other, other_infos, other_y, other_after) = results.values()
    assert one == other and list(infos.values()) == list(other_infos.values())
    np.testing.assert_allclose(y, other_y, atol=1e-6)
    for path, value in after.items():
        np.testing.assert_allclose(value, other_after[path], atol=1e-6)
    assert int(after["net/rng/counter"]) == 1


@each_backend
def test_locks(backend: str) -> None:
    """Row 22."""
    params = bx.params(seed=3, backend=backend)
    assert not params.is_locked and params.growth == 3 and params.framework == backend
    assert params.locked().is_locked and not params.locked().unlocked().is_locked
    assert bx.params().framework is None and bx.params().growth is None and not bx.params().is_locked
    assert pickle.loads(pickle.dumps(params)) == params


@each_backend
def test_selecting_merging_and_saving(backend: str, tmp_path: Any) -> None:
    """Rows 24 to 29: all of `Params`; a file goes to the inline style, and back."""
    _, _, module, params, x = init(backend, root=None)
    trainable, rest = params.split()
    assert [*rest] == [path for path, info in params.info.items() if not info.trainable]
    assert (trainable | rest) == params and len(params) == len([*params.items()])
    weights, _ = params.split(lambda info: info.path.endswith("weight"))
    assert [*weights] == ["mlp/hidden/weight", "mlp/norm/weight"]
    with pytest.raises(ValueError, match="locked"):
        body_params = u.transform(body, backend="jax").init(array("jax", 4, 8), rng=0)
        body_params | u.transform(lambda x: u.Linear(8, 1)(x), backend="jax").init(array("jax", 4, 8), rng=0).unlocked()
    u.save(tmp_path / "params.safetensors", params)
    loaded = u.load(tmp_path / "params.safetensors", backend)
    assert bits(loaded) == bits(params)
    np.testing.assert_array_equal(numbers(module(loaded, x)[0]), numbers(module(params, x)[0]))
    net = u.transform(body, backend=backend, rng="portable" if backend == "torch" else None)
    initial = net.init(x, rng=0)
    if backend == "torch":
        y = net.load_params(loaded).eval()(x)
    else:
        y, _ = net.apply(initial.from_state_dict(loaded.state_dict()), x)
    np.testing.assert_allclose(numbers(y), numbers(module(params, x)[0]), atol=1e-6)


@each_backend
def test_new_variables_beside_known_ones(backend: str) -> None:
    """Row 33: an adapter beside locked params."""
    _, _, module, params, x = init(backend)

    class LoRA(bx.Module):
        def __init__(self, graph: bx.Graph, base: bx.Module, rank: int) -> None:
            super().__init__(graph)
            self.base = base
            self.down = bx.Linear(graph.child("down"), None, rank, bias=False)
            self.up = bx.Linear(graph.child("up"), rank, 16, bias=False, init_fn=u.initializers.zeros)

        def __call__(self, params: u.Params, x: Any) -> tuple[Any, u.Params]:
            y, params = self.base(params, x)
            x, params = self.down(params, x)
            x, params = self.up(params, x)
            return y + x, params

    adapter = LoRA(module.graph.root.child("lora"), module.hidden, 2)
    y, grown = adapter(params.freeze().unlocked(5), x)
    np.testing.assert_array_equal(numbers(y), numbers(module.hidden(params, x)[0]))
    assert [*grown.locked().split()[0]] == ["net/lora/down/weight", "net/lora/up/weight"]
    assert [grown[path] is params[path] for path in params if "running" in path] == [True, True]


@each_backend
def test_options_of_layers(backend: str) -> None:
    """Rows 12, 39 to 41."""
    graph = bx.Graph("net")
    linear = bx.Linear(
        graph / "l", None, 3, bias=False, init_fn=u.initializers.ones, metadata={"sharding": ("model", None)}
    )
    x = array(backend, 2, 4)
    y, params = linear(bx.params(0), x)
    np.testing.assert_allclose(numbers(y), numbers(x).sum(1, keepdims=True).repeat(3, 1), atol=1e-5)
    assert dict(params.info["net/l/weight"].metadata) == {"sharding": ("model", None)} and len(params) == 1
    other = bx.Linear(graph / "o", 4, 3, init_fn={"bias": u.initializers.ones}, metadata={"bias": {"tag": 1}})
    _, params = other(params, x)
    assert numbers(params["net/o/bias"]).tolist() == [1, 1, 1] and dict(params.info["net/o/bias"].metadata) == {
        "tag": 1
    }
    with pytest.raises(ValueError, match=r"'net/p': metadata= names \['kernel'\]"):
        bx.Linear(graph / "p", 4, 3, metadata={"kernel": {"tag": 1}})(params, x)
    with pytest.raises(TypeError, match=r"'net/q': init_fn is an initializer.*set_param"):
        bx.Linear(graph / "q", 4, 3, init_fn=lambda layer: None)
    with pytest.raises(TypeError, match="'net/r': rng= is an Rng, got int"):
        bx.Dropout(graph / "r", 0.5, rng=3)  # type: ignore[arg-type]
    embedding = bx.Embedding(graph / "e", 5, 4)
    index = {"torch": torch.tensor, "jax": jnp.asarray}[backend]([1, 3])
    rows, params = embedding(params, index)
    logits, same = embedding.attend(params, rows)
    table = numbers(params["net/e/weight"])
    np.testing.assert_allclose(numbers(logits), table[[1, 3]] @ table.T, atol=1e-5)
    assert same is params
    with pytest.raises(KeyError, match="'net/e/weight'"):
        embedding.attend(bx.params(0, backend), rows)


@each_backend
def test_sequential(backend: str) -> None:
    """Rows 42, 43: modules and functions, one by one, as a list or as an ordered dict."""
    graph, x = bx.Graph("net"), array(backend, 2, 4)
    tanh = {"torch": torch.tanh, "jax": jnp.tanh}[backend]
    parts = {
        "up": bx.Linear(graph / "up", None, 8),
        "tanh": tanh,
        "drop": bx.Dropout(graph / "drop", 0.5),
        "out": Custom(graph / "out", 2),
    }
    _, params = bx.Sequential(graph / "s", parts)(bx.params(0, backend), x)
    assert [*params] == ["net/up/weight", "net/up/bias", "net/out/w"]
    hidden = tanh(parts["up"](params, x)[0])
    expected = numbers(hidden) @ numbers(params["net/out/w"])
    for position, layers in enumerate(([parts], [[*parts.values()]], [(*parts.values(),)], [*parts.values()])):
        module = bx.Sequential(graph / f"s{position}", *layers)
        np.testing.assert_allclose(numbers(module(params, x)[0]), expected, atol=1e-5)
    with pytest.raises(ValueError, match="'net/drop' draws"):
        module(params, x, is_training=True)
    with pytest.raises(TypeError, match="'net/bad': layer 0 is a module or a function, got int"):
        bx.Sequential(graph / "bad", [3])
    empty = bx.Sequential(graph / "empty")
    assert empty(params, x)[0] is x


@each_backend
def test_layers_move_into_containers(backend: str) -> None:
    """The containers of `torch.nn` name the layers that they are given, as `torch.nn` does."""
    graph, x = bx.Graph(), array(backend, 2, 3, 8)
    layer = bx.TransformerEncoderLayer(graph / "layer", 8, 2, 16, dropout=0.0)
    norm = bx.LayerNorm(graph / "norm", 8)
    encoder = bx.TransformerEncoder(graph / "encoder", layer, 2, norm=norm, enable_nested_tensor=False)
    y, params = encoder(bx.params(0, backend), x)

    def inline(x: Any) -> Any:
        layer = u.TransformerEncoderLayer(8, 2, 16, dropout=0.0)
        return u.TransformerEncoder(layer, 2, norm=u.LayerNorm(8), enable_nested_tensor=False, name="encoder")(x)

    net = u.transform(inline, backend=backend)
    initial = net.init(x, rng=0)
    expected = initial.params if backend == "torch" else initial
    assert bits(params) == bits(expected.split(lambda info: info.collection != "rng")[0])
    np.testing.assert_allclose(numbers(y), numbers(net.apply(expected, x)[0]), atol=1e-5)
    with pytest.raises(ValueError, match="'layer' has moved into 'encoder'"):
        layer(params, x)
    one, two = bx.Rng(graph / "one"), bx.Rng(graph / "two")
    drops = [bx.Dropout(graph / f"drop{number}", 0.5, rng=rng) for number, rng in enumerate((one, one, two))]
    dropping = bx.layers.Sequential(graph / "dropping", *drops[:2])
    _, after = dropping(one.seed(bx.params(backend=backend), seed=0), x, is_training=True)
    assert int(one.get_counter(after)) == 1  # one call, which draws twice
    with pytest.raises(ValueError, match="'mixed': its layers draw from several streams"):
        bx.layers.Sequential(graph / "mixed", *drops)
    with pytest.raises(ValueError, match="'late': 'lazy' has a size that is None"):
        bx.layers.Sequential(graph / "late", bx.Linear(graph / "lazy", None, 3))


@each_backend
def test_display(backend: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Row 38: one graph or several, with and without params."""
    graph, _, module, params, _ = init(backend)
    bx.display(graph, params)
    text = capsys.readouterr().out
    size = sum(array.nbytes for array in params.values())  # JAX keeps a counter of 64 bits in 32
    assert re.search(rf"^net  228 values, {size} B$", text, re.MULTILINE) and size in (912, 916)
    assert (
        "│   └── w  float32[16, 1]" in text and "hidden: Linear(in_features=None, out_features=16)  144 values" in text
    )
    assert "running_mean  float32[16]  state" in text and "mlp: MLP(width=16, out=<net/readout>, rng=<net/rng>)" in text
    other = bx.Graph("other")
    bx.Linear(other / "l", 2, 3)
    bx.display((module.graph, other), params)
    text = capsys.readouterr().out
    assert text.startswith("net/mlp: MLP") and "└── l: Linear(in_features=2, out_features=3)" in text
    assert "... and 3 variables of other graphs" in text
    bx.display(graph)
    assert "values" not in capsys.readouterr().out


def test_assert_parity_takes_modules() -> None:
    """A module of either framework's bits, outputs, gradients and state; and one that differs."""
    _, _, module = network()
    x = np.random.default_rng(0).standard_normal((4, 8)).astype(np.float32)
    assert_parity(module, x, rng=3)
    assert_parity(module.hidden, x, gradients=False)

    class Differs(bx.Module):
        def __call__(self, params: u.Params, x: Any) -> tuple[Any, u.Params]:
            w, params = self.get_param(params, "w", (), u.initializers.ones)
            return x * w * (1 if isinstance(x, torch.Tensor) else 2), params

    with pytest.raises(ParityError, match="output"):
        assert_parity(Differs(bx.Graph("net") / "differs"), x)


@each_backend
def test_modules_are_copied_and_pickled(backend: str) -> None:
    _, _, module, params, x = init(backend)
    y, _ = module(params, x)
    for twin in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert twin.graph.path == "net/mlp" and twin.out.graph.root is twin.graph.root is not module.graph.root
        np.testing.assert_array_equal(numbers(twin(params, x)[0]), numbers(y))
        assert repr(twin) == repr(module)


def test_names() -> None:
    """Every layer is in the package; of three names the package has modules of its own."""
    from unified.core import layers

    missing = [name for name in layers.__all__ if not hasattr(bx, name)]
    assert not missing and set(layers.__all__) <= set(bx.__all__)
    assert {name for name in layers.__all__ if getattr(bx, name) is not getattr(bx.layers, name)} == {
        "GRU", "LSTM", "Sequential",
    }  # fmt: skip
    for name in layers.__all__:
        assert getattr(bx.layers, name)._declaration is getattr(layers, name)
        assert pickle.loads(pickle.dumps(getattr(bx.layers, name))) is getattr(bx.layers, name)
