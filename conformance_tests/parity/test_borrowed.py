"""What a body borrows from elsewhere is refused by init; what it gets from its caller is used."""

import copy
import threading
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from flax import nnx
from torch import nn

import unified as u
import unified.functional as F

X = np.random.default_rng(0).standard_normal((2, 4), dtype=np.float32)


def array(backend: str) -> Any:
    return torch.tensor(X) if backend == "torch" else jnp.asarray(X)


def linear(x: Any) -> Any:
    return u.Linear(4, 4)(x)


def refuses(body: Any, backend: str, match: str = "no part of this model|another call") -> None:
    with pytest.raises(u.StructureChangedError, match=match):
        u.transform(body, backend=backend).init(array(backend), rng=0)


class Block(u.Module):
    def __call__(self, x: Any) -> Any:
        return linear(x)


@pytest.mark.parametrize("what", ["layer", "weight", "module"])
def test_what_another_model_made(unified_backend: str, what: str) -> None:
    cache: list[Any] = []

    def body(x: Any) -> Any:
        if not cache:
            cache.append(Block() if what == "module" else u.Linear(4, 4))
        return x @ cache[0].weight if what == "weight" else cache[0](x)

    u.transform(body).init(array(unified_backend), rng=0)
    refuses(body, unified_backend)


def test_a_layer_in_a_class_attribute_and_in_a_default_argument(unified_backend: str) -> None:
    layers: list[Any] = []

    def first(x: Any) -> Any:
        layers.append(u.Linear(4, 4))
        return layers[0](x)

    u.transform(first).init(array(unified_backend), rng=0)

    class Borrowing(u.Module):
        layer = layers[0]

        def __call__(self, x: Any) -> Any:
            return type(self).layer(x)

    def default(x: Any, layer: Any = layers[0]) -> Any:
        return layer(x)

    refuses(lambda x: Borrowing()(x), unified_backend)
    refuses(default, unified_backend)


def test_a_copy_of_a_layer(unified_backend: str) -> None:
    refuses(lambda x: copy.deepcopy(u.Linear(4, 4))(x), unified_backend, "copy of a layer|was copied")


def test_a_bound_or_live_model(unified_backend: str) -> None:
    x = array(unified_backend)
    net = u.transform(linear)
    made = net.init(x, rng=0)
    teacher = made if unified_backend == "torch" else net.bind(made)

    def output(value: Any) -> Any:
        return value if unified_backend == "torch" else value[0]

    def distilled(teacher: Any, x: Any) -> Any:
        return linear(x) + output(teacher(x))

    refuses(lambda x: output(teacher(x)), unified_backend)
    if unified_backend == "jax":
        refuses(lambda x: u.jit(teacher)(x)[0], "jax")
    else:
        with torch.no_grad():
            refuses(lambda x: teacher(x), "torch")
    expected = ["linear/weight", "linear/bias"]
    for fn, args in ((distilled, (teacher, x)),):
        student = u.transform(fn).init(*args, rng=1)
        assert list(student.params if unified_backend == "torch" else student) == expected
    for fixed in (
        u.transform(distilled, teacher),
        u.transform(lambda x, teacher: distilled(teacher, x), teacher=teacher),
    ):
        student = fixed.init(x, rng=1)
        assert list(student.params if unified_backend == "torch" else student) == expected
    params = made.params if unified_backend == "torch" else made
    u.transform(lambda x: linear(x) + net.apply(params, x)[0]).init(x, rng=1)  # says whose params they are


RAW = nn.Linear(4, 4)
TORCH: dict[str, Callable[..., Any]] = {
    "linear": lambda x: nn.Linear(4, 4)(x),
    "linear, made before": lambda x: RAW(x),
    "its weight": lambda x: F.linear(x, RAW.weight),
    "a view of its weight": lambda x: x @ RAW.weight.T,
    "its data": lambda x: x @ RAW.weight.data,
    "embedding": lambda x: nn.Embedding(3, 4)(torch.tensor([1, 2])) + x,
    "sequential": lambda x: nn.Sequential(nn.ReLU(), nn.Linear(4, 4))(x),
    "lstm": lambda x: nn.LSTM(4, 4)(x)[0],
    "attention": lambda x: nn.MultiheadAttention(4, 2)(x, x, x)[0],
    "parameter": lambda x: x * nn.Parameter(torch.ones(4)),
    "dropout": lambda x: nn.Dropout(0.5)(x),
    "batch norm without parameters": lambda x: nn.BatchNorm1d(4, affine=False)(x),
    "in a scan": lambda x: u.scan(lambda carry, x: (RAW(carry), x), x, x)[0],
    "in a module": lambda x: InModule()(x),
    "after reading values": lambda x: RAW(linear(x)) if float(x.sum()) != 7 else x,
}


class InModule(u.Module):
    def __init__(self) -> None:
        self.layer = RAW

    def __call__(self, x: Any) -> Any:
        return self.layer(x)


@pytest.mark.parametrize("name", TORCH)
def test_a_module_of_torch(name: str) -> None:
    refuses(TORCH[name], "torch")


def test_the_error_names_the_layer() -> None:
    refuses(lambda x: nn.Linear(4, 4)(x), "torch", r"module Linear\(in_features=4.*u\.wrap\(.*init_fn=.*argument")
    refuses(lambda x: nn.Dropout(0.5)(x), "torch", r"module Dropout\(p=0.5")
    net = u.transform(lambda x: Block()(x), backend="torch").init(torch.tensor(X), rng=0)
    refuses(lambda x: net(x), "torch", "the layer 'block/linear' of another model")


class WithRawLayer(u.Linear):
    def __init__(self) -> None:
        super().__init__(4, 4)
        self.raw = nn.Linear(4, 4)

    def forward(self, x: Any) -> Any:
        return self.raw(super().forward(x))


def inside_a_device(x: Any) -> Any:
    with torch.device("cpu"):
        return u.wrap(lambda: nn.Linear(4, 4))(x)


OWN: dict[str, Callable[..., Any]] = {
    "wrapped": lambda x: u.wrap(lambda: nn.Sequential(nn.Linear(4, 4), nn.Dropout(0.5), nn.BatchNorm1d(4)))(x),
    "wrapped, made before": lambda x: u.wrap(lambda: copy.deepcopy(RAW))(x),
    "wrapped on a device": inside_a_device,
    "in a subclass of a layer": lambda x: WithRawLayer()(x),
    "copied by init_fn": lambda x: u.Linear(4, 4, init_fn=lambda layer: layer.load_state_dict(RAW.state_dict()))(x),
    "copied by a parameter's init_fn": lambda x: (
        x * u.get_parameter("a", (4,), lambda shape, dtype: RAW.weight.detach()[0])
    ),
    "sizes": lambda x: u.Linear(RAW.weight.shape[1], RAW.weight.size(0))(x),
    "without variables": lambda x: nn.Flatten()(nn.ReLU()(linear(x))),
    "parametrized": lambda x: u.Linear(4, 4, init_fn=nn.utils.parametrizations.spectral_norm)(x),
    "with max_norm": lambda x: u.Embedding(3, 4, max_norm=0.1)(torch.tensor([1, 2])) + x,
}


@pytest.mark.parametrize("name", OWN)
def test_modules_of_torch_that_are_the_models_own(name: str) -> None:
    x = torch.tensor(X)
    net = u.transform(OWN[name], backend="torch").init(x, rng=0)
    net(x).sum().backward()
    net.eval()(x)
    if "copied by init_fn" in name:
        torch.testing.assert_close(net(x), RAW(x))


def test_arguments_are_the_callers_own() -> None:
    x = torch.tensor(X)

    def body(x: Any, layer: Any) -> Any:
        return linear(x) + layer(x)

    expected = ["linear/weight", "linear/bias"]
    assert list(u.transform(body, backend="torch").init(x, RAW, rng=0).params) == expected
    assert list(u.transform(body, layer=RAW, backend="torch").init(x, rng=0).params) == expected
    weight = nn.Parameter(torch.ones(4))
    u.transform(lambda x, weight: linear(x) * weight, backend="torch").init(x, weight, rng=0)


OVERWRITES: dict[str, Callable[..., Any]] = {
    "nn.init": lambda layer: nn.init.zeros_(layer.weight),
    "nn.init of a bias": lambda layer: nn.init.ones_(layer.bias),
    "data": lambda layer: layer.weight.data.zero_(),
    "data, copied": lambda layer: layer.weight.data.copy_(torch.ones(4, 4)),
    "data, set": lambda layer: setattr(layer.weight, "data", torch.zeros(4, 4)),
    "detached view": lambda layer: layer.weight.detach()[0].fill_(3),
    "without gradients": lambda layer: torch.no_grad()(lambda: layer.weight.mul_(2))(),
    "reset": lambda layer: layer.reset_parameters(),
    "only in init": lambda layer: u.is_initializing() and nn.init.zeros_(layer.weight),
}


@pytest.mark.parametrize("reads_values", [False, True])
@pytest.mark.parametrize("name", OVERWRITES)
def test_values_that_a_body_overwrites(name: str, reads_values: bool) -> None:
    def body(x: Any) -> Any:
        layer = u.Linear(4, 4)
        if reads_values:
            assert float(layer.weight.detach().sum()) != 7
        OVERWRITES[name](layer)
        return layer(x)

    refuses(body, "torch", r"overwrote the values of 'linear/(weight|bias)' in place.*init_fn=")


def test_a_parameter_that_a_body_overwrites() -> None:
    refuses(lambda x: x * nn.init.normal_(u.get_parameter("a", (4,))), "torch", "overwrote the values of 'a' in place")


def test_a_modules_init_fn_may_overwrite() -> None:
    net = u.transform(lambda x: Block(init_fn=lambda block: None)(x), backend="torch").init(torch.tensor(X), rng=0)

    class Zero(u.Module):
        def __init__(self) -> None:
            self.layer = u.Linear(4, 4)

        def __call__(self, x: Any) -> Any:
            return self.layer(x)

    net = u.transform(lambda x: Zero(init_fn=lambda m: nn.init.zeros_(m.layer.weight))(x), backend="torch")
    net.init(torch.tensor(X), rng=0)
    assert not net.zero.linear.weight.any()


NNX = nnx.Linear(4, 4, rngs=nnx.Rngs(0))
EQUINOX = eqx.nn.Linear(4, 4, key=jax.random.key(0))


class Scale(nnx.Module):
    def __init__(self) -> None:
        self.scale = nnx.Param(jnp.ones(4))

    def __call__(self, x: Any) -> Any:
        return x * self.scale[...]


SCALE = Scale()
JAX: dict[str, Callable[..., Any]] = {
    "nnx": lambda x: nnx.Linear(4, 4, rngs=nnx.Rngs(0))(x),
    "nnx, made before": lambda x: NNX(x),
    "nnx, of the user": lambda x: Scale()(x),
    "nnx, of the user, made before": lambda x: SCALE(x),
    "nnx dropout": lambda x: nnx.Dropout(0.5, rngs=nnx.Rngs(0))(x),
    "nnx in jit": lambda x: jax.jit(lambda x: NNX(x) * 2)(x),
    "nnx in a scan": lambda x: u.scan(lambda carry, x: (NNX(carry), x), x, x)[0],
    "nnx beside layers": lambda x: NNX(linear(x)),
    "equinox": lambda x: jax.vmap(eqx.nn.MLP(4, 4, 8, 1, key=jax.random.key(0)))(x),
    "equinox, made before": lambda x: jax.vmap(EQUINOX)(x),
}


@pytest.mark.parametrize("name", JAX)
def test_a_module_of_a_library_of_jax(name: str) -> None:
    refuses(JAX[name], "jax", r"module (flax\.nnx|equinox\.nn|.*Scale).*u\.wrap")


JAX_OWN: dict[str, Callable[..., Any]] = {
    "wrapped nnx": lambda x: u.wrap(lambda: nnx.Linear(4, 4, rngs=nnx.Rngs(0)))(x),
    "wrapped equinox": lambda x: jax.vmap(u.wrap(lambda: eqx.nn.MLP(4, 4, 8, 1, key=jax.random.key(0))))(x),
    "functions of nnx": lambda x: nnx.dot_product_attention(*[nnx.relu(linear(x))[None, :, None]] * 3),
    "functions of equinox": lambda x: eqx.filter_jit(lambda x: x * 2)(linear(x)),
}


@pytest.mark.parametrize("name", JAX_OWN)
def test_modules_of_jax_that_are_the_models_own(name: str) -> None:
    net = u.transform(JAX_OWN[name], backend="jax")
    params = net.init(X, rng=0)
    assert params
    jax.jit(net.apply)(params, X)


def test_other_threads_are_not_watched() -> None:
    """While one thread initialises, others call modules of any kind."""
    errors: list[BaseException] = []
    stop = threading.Event()

    def call() -> None:
        while not stop.is_set():
            try:
                RAW(torch.tensor(X))
                nn.Dropout(0.5)(torch.tensor(X))
            except BaseException as error:
                errors.append(error)

    threads = [threading.Thread(target=call) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(20):
        u.transform(linear, backend="torch").init(torch.tensor(X), rng=0)
    stop.set()
    for thread in threads:
        thread.join()
    assert errors == []
