"""Layers that are given to other layers: the container names them, on both frameworks, and nobody else does."""

import copy
import pickle
from collections import OrderedDict
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
import unified.functional as F

X = np.random.default_rng(0).standard_normal((2, 3)).astype(np.float32)


def both(body: Any, x: np.ndarray = X) -> tuple[Any, Any, u.Params]:
    """The model on torch and on JAX with its params, after checking that all of it is equal."""
    net = u.transform(body, backend="torch", rng="portable").init(torch.tensor(x), rng=7)
    model = u.transform(body, backend="jax")
    params = model.init(jnp.asarray(x), rng=7)
    assert list(net.params) == list(params)
    for path, tensor in net.params.items():
        np.testing.assert_array_equal(params[path], tensor.detach().numpy().astype(params[path].dtype), err_msg=path)
    for training in (False, True):
        expected = net.train(training)(torch.tensor(x)).detach().numpy()
        found, _ = jax.jit(model.apply, static_argnames="training")(params, x, training=training)
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
    bare, _ = model.apply(dict(params), x, training=True)
    np.testing.assert_allclose(bare, found, rtol=1e-6, atol=1e-6)
    return net.eval(), model, params


def paths(body: Any) -> list[str]:
    return [path for path in both(body)[2] if path.endswith("weight")]


def test_given_layers_have_the_containers_names_alone() -> None:
    def forward(x: Any) -> Any:
        x = u.Linear(3, 3)(x)
        x = u.Sequential(u.Linear(3, 4), u.ReLU(), u.Linear(4, 3))(x)
        x = u.Linear(3, 3)(x)
        return u.Sequential(u.Sequential(u.Linear(3, 3), u.Dropout(0.5)), u.Linear(3, 3))(x)

    assert paths(forward) == [
        "linear/weight",
        "sequential/0/weight",
        "sequential/2/weight",
        "linear_1/weight",
        "sequential_1/0/0/weight",
        "sequential_1/1/weight",
    ]


def test_a_layer_that_was_built_before_others_keeps_no_name() -> None:
    def forward(x: Any) -> Any:
        first, second = u.Linear(3, 3), u.Linear(3, 3)
        x = u.Sequential(first)(x)
        return u.Linear(3, 3)(second(x))

    assert paths(forward) == ["sequential/0/weight", "linear_1/weight", "linear_2/weight"]


def test_layers_in_lists_and_dicts_of_a_module() -> None:
    class Net(u.Module):
        def __init__(self) -> None:
            self.layers = [u.Linear(3, 3) for _ in range(2)]
            self.named = {"head": u.Linear(3, 2)}

        def __call__(self, x: Any) -> Any:
            for layer in self.layers:
                x = layer(x)
            return self.named["head"](x)

    assert paths(lambda x: Net()(x)) == ["net/linear/weight", "net/linear_1/weight", "net/linear_2/weight"]


def test_layers_built_in_another_scope() -> None:
    class Net(u.Module):
        def __init__(self) -> None:
            self.layers = [u.Linear(3, 3), u.Linear(3, 3)]

        def __call__(self, x: Any) -> Any:
            return u.Linear(3, 3)(u.Sequential(*self.layers)(x))

    def forward(x: Any) -> Any:
        return u.Linear(3, 3)(Net()(x))

    assert sorted(paths(forward)) == [
        "linear/weight",
        "net/linear_2/weight",
        "net/sequential/0/weight",
        "net/sequential/1/weight",
    ]


def test_by_name_with_sizes_and_initialisers() -> None:
    def forward(x: Any) -> Any:
        layers = OrderedDict(
            first=u.Linear(None, 4, init_fn=u.initializers.ones),
            second=u.Linear(4, 3, name="mine", init_fn={"bias": u.initializers.constant(2.0)}),
        )
        return u.Sequential(layers)(x)

    net, _, params = both(forward)
    assert list(params) == [
        f"sequential/{name}" for name in ("first/weight", "first/bias", "second/weight", "second/bias")
    ]
    assert (params["sequential/first/weight"] == 1).all()
    assert (params["sequential/second/bias"] == 2).all()
    assert type(net.sequential.first) is torch.nn.Linear


def test_a_function_sets_up_a_given_layer() -> None:
    def double(layer: Any) -> None:
        with torch.no_grad():
            layer.weight = (
                type(layer.weight)(layer.weight * 2) if isinstance(layer.weight, torch.Tensor) else (layer.weight * 2)
            )

    def forward(init_fn: Any, x: Any) -> Any:
        return u.Sequential(u.Linear(3, 3, init_fn=init_fn))(x)

    for backend, x in (("torch", torch.tensor(X)), ("jax", jnp.asarray(X))):
        plain, doubled = (u.transform(forward, init_fn, backend=backend).init(x, rng=1) for init_fn in (None, double))
        first, second = (getattr(made, "params", made)["sequential/0/weight"] for made in (plain, doubled))
        np.testing.assert_allclose(2 * np.asarray(first.tolist()), np.asarray(second.tolist()), rtol=1e-6)


def test_stack_starts_each_copy_with_values_of_its_own() -> None:
    def forward(x: Any) -> Any:
        return u.TransformerEncoder(u.TransformerEncoderLayer(4, 2, 8, 0.0), 2, u.LayerNorm(4), False)(x)

    net, _, params = both(forward, np.random.default_rng(0).standard_normal((5, 2, 4)).astype(np.float32))
    first, second = (params[f"transformer_encoder/layers/{i}/linear1/weight"] for i in range(2))
    assert (first != second).all()
    assert [name for name in net.state_dict() if name[:4] != "rng."][-1] == "transformer_encoder.norm.bias"
    assert type(net.transformer_encoder) is torch.nn.TransformerEncoder


class MyLinear(u.Linear):
    """A user's layer with a variable of its own."""

    def forward(self, x: Any) -> Any:
        return super().forward(x) * u.get_parameter("scale", (3,), init_fn=u.initializers.constant(3.0))


def test_a_users_layer_is_given() -> None:
    net, _, params = both(lambda x: u.Sequential(MyLinear(3, 3), u.Tanh())(x))
    assert list(params) == ["sequential/0/weight", "sequential/0/bias", "sequential/0/scale"]
    assert isinstance(net.sequential[0], MyLinear)


def test_layers_found_by_counting() -> None:
    """A body that declares more in init than in a call leaves the fast path."""

    def forward(x: Any) -> Any:
        if u.is_initializing():
            u.Linear(3, 5, name="only")(x)
        x = u.Sequential(u.Linear(3, 3), u.Linear(3, 3))(x)
        return u.Linear(3, 3)(x)

    assert paths(forward) == ["only/weight", "sequential/0/weight", "sequential/1/weight", "linear/weight"]


def test_copies_and_pickles() -> None:
    net, _, _ = both(_pickled)
    x = torch.tensor(X)
    for twin in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert torch.equal(twin(x), net(x))
        assert twin.sequential[0] is not net.sequential[0]
    state = {name: torch.zeros_like(value) for name, value in net.state_dict().items()}
    net.load_state_dict(state)
    assert not net(x).any()


def _pickled(x: Any) -> Any:
    return u.Sequential(u.Linear(3, 3), u.Tanh())(x)


def test_swapped_inside_a_container() -> None:
    net, _, _ = both(_pickled)
    net.sequential[0] = torch.nn.Identity()
    x = torch.tensor(X)
    assert torch.equal(net(x), torch.tanh(x))


def test_compiled_scripted_and_exported() -> None:
    def forward(x: Any) -> Any:
        return u.Linear(3, 2)(u.Sequential(u.Linear(3, 3), u.ReLU())(x))

    net = u.transform(forward, backend="torch").init(torch.tensor(X), rng=0)
    x = torch.tensor(X)
    torch._dynamo.reset()
    for other in (
        torch.compile(net, fullgraph=True, backend="eager"),
        torch.jit.script(net),
        torch.export.export(net, (x,)).module(),
    ):
        assert torch.allclose(other(x), net(x))


@pytest.mark.parametrize("size", [3, None])
def test_a_layer_that_is_given_twice_is_one_layer(size: int | None) -> None:
    def forward(x: Any) -> Any:
        shared = u.Linear(size, 3, init_fn=u.initializers.ones)
        return u.Sequential(shared, u.Tanh(), shared)(x)

    net, _, params = both(forward)
    assert net.sequential[0] is net.sequential[2]
    assert list(params) == ["sequential/0/weight", "sequential/0/bias"]
    hand = torch.nn.Linear(3, 3)
    hand.load_state_dict(net.sequential[0].state_dict())
    torch.testing.assert_close(net(torch.tensor(X)), hand(hand(torch.tensor(X)).tanh()))
    copy = u.transform(forward, backend="torch").init(torch.tensor(X), rng=1)
    copy.load_params(params)
    torch.testing.assert_close(copy(torch.tensor(X)), net(torch.tensor(X)))


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_refused(backend: str) -> None:
    x = torch.tensor(X) if backend == "torch" else jnp.asarray(X)

    def init(body: Any) -> Any:
        return u.transform(body, backend=backend).init(x, rng=0)

    def twice(x: Any) -> Any:
        layer = u.LayerNorm(4)
        return u.TransformerEncoder(layer, 2, norm=layer)(x)

    with pytest.raises(ValueError, match="'transformer_encoder' got the same layer twice"):
        init(twice)
    with pytest.raises(TypeError, match="Sequential takes layers"):
        init(lambda x: u.Sequential(3)(x))
    with pytest.raises(ValueError, match="copied cannot take"):
        init(lambda x: u.TransformerEncoder(u.TransformerEncoderLayer(None, 2), 2)(x))
    with pytest.raises(ValueError, match="multiple of num_heads"):
        init(lambda x: u.TransformerEncoderLayer(3, 2)(x))


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_a_given_layer_that_changes_is_noticed(backend: str) -> None:
    size = 4

    def forward(x: Any) -> Any:
        return u.Sequential(u.Linear(3, size))(x)

    x = torch.tensor(X) if backend == "torch" else jnp.asarray(X)
    net = u.transform(forward, backend=backend)
    made = net.init(x, rng=0)
    size = 5
    with pytest.raises(u.StructureChangedError, match=r"Linear\(3, 5\)|asks for a Linear with"):
        net(x) if backend == "torch" else net.apply(made, x)


class Twice(u.Module):
    def __init__(self, width: int) -> None:
        self.width = width

    def __call__(self, x: Any) -> Any:
        return u.Linear(self.width, self.width)(u.Linear(None, self.width)(x))


def test_sequences_of_functions_and_modules() -> None:
    """Layers have the names of their positions, modules their own; functions are those of the call."""

    def forward(x: Any) -> Any:
        scale = u.get_parameter("scale", (), init_fn=u.initializers.constant(2.0))
        x = u.Sequential([u.Linear(3, 4), F.gelu, u.Dropout(0.5), Twice(5), lambda x: x * scale, u.Linear(None, 3)])(x)
        x = u.Sequential((u.Linear(3, 3), u.Linear(3, 3)))(x)  # layers alone: torch's own
        shared = u.Linear(3, 3)
        x = u.Sequential(shared, F.relu, shared, u.Sequential({"up": u.Linear(3, 3), "act": F.relu}))(x)
        return u.Sequential(F.gelu, Twice(3))(x)

    net, _, _ = both(forward)
    assert sorted(path.removesuffix("/weight") for path in net.params if path.endswith("weight")) == [
        "sequential/0",
        "sequential/5",
        "sequential_1/0",
        "sequential_1/1",
        "sequential_2/up",
        "sequential_3/0",
        "twice/linear",
        "twice/linear_1",
        "twice_1/linear",
        "twice_1/linear_1",
    ]
    assert type(net.sequential_1) is torch.nn.Sequential
    copy.deepcopy(net)(torch.tensor(X))
    pickle.loads(pickle.dumps(net.sequential))
    with pytest.raises(TypeError, match="'sequential/1' is the place of a function"):
        net.sequential(torch.tensor(X))


def test_a_sequence_with_a_function_is_that_of_torch() -> None:
    net, _, _ = both(lambda x: u.Sequential(u.Linear(3, 4), F.relu, u.Linear(4, 2))(x))
    chain = torch.nn.Sequential(net.sequential[0], torch.nn.ReLU(), net.sequential[2])
    torch.testing.assert_close(net(torch.tensor(X)), chain(torch.tensor(X)))
    compiled = torch.compile(net, fullgraph=True, backend="eager")
    torch.testing.assert_close(compiled(torch.tensor(X)), chain(torch.tensor(X)))


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_a_sequence_refuses_what_cannot_be_called(backend: str) -> None:
    model: Any = u.transform(lambda x: u.Sequential(u.ReLU(), 3)(x), backend=backend)
    with pytest.raises(TypeError, match="'1' is a int"):
        model.init((torch.tensor if backend == "torch" else jnp.asarray)(X), rng=0)
