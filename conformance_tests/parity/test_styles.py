"""One network in four styles: equal `Params` bit for bit, outputs, gradients and training steps, on both frameworks."""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
import unified.explicit as bx
import unified.functional as F
import unified.nn as nn
import unified.trees as ut
from unified.core import backends
from unified.testing import assert_parity

ARRAYS: dict[str, Callable[..., Any]] = {"torch": torch.tensor, "jax": jnp.asarray}
RNG = np.random.default_rng(0)
ROWS, IMAGES = RNG.standard_normal((6, 4)).astype(np.float32), RNG.standard_normal((4, 3, 8, 8)).astype(np.float32)

# An MLP.


def inline_mlp(x: Any) -> Any:
    x = F.gelu(u.Linear(4, 16, name="hidden")(x))
    return u.Linear(16, 2, name="out")(u.LayerNorm(16, name="norm")(x))


class ObjectMLP(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.hidden = nn.Linear(4, 16)
        self.norm = nn.LayerNorm(16)
        self.out = nn.Linear(16, 2)

    def forward(self, x: Any) -> Any:
        return self.out(self.norm(F.gelu(self.hidden(x))))


class ExplicitMLP(bx.Module):
    def __init__(self, graph: Any) -> None:
        super().__init__(graph)
        self.hidden = bx.Linear(graph / "hidden", 4, 16)
        self.norm = bx.LayerNorm(graph / "norm", 16)
        self.out = bx.Linear(graph / "out", 16, 2)

    def __call__(self, params: u.Params, x: Any, is_training: bool = False) -> Any:
        x, params = self.hidden(params, x)
        x, params = self.norm(params, F.gelu(x))
        return self.out(params, x)


class TreeMLP(ut.Module):
    hidden: ut.Linear
    norm: ut.LayerNorm
    out: ut.Linear

    @classmethod
    def init(cls) -> "TreeMLP":
        return cls(ut.Linear(4, 16), ut.LayerNorm(16), ut.Linear(16, 2))

    def __call__(self, x: Any) -> Any:
        return self.out(self.norm(F.gelu(self.hidden(x))))


# A convnet with state.


def inline_convnet(x: Any) -> Any:
    x = u.Conv2d(3, 6, 3, padding=1, name="stem")(x)
    for i in range(2):
        with u.scope("blocks", i):
            x = F.relu(x + u.BatchNorm2d(6, name="bn")(u.Conv2d(6, 6, 3, padding=1, name="conv")(x)))
    return u.Linear(6, 2, name="head")(x.mean((2, 3)))


class ObjectBlock(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, padding=1)
        self.bn = nn.BatchNorm2d(width)

    def forward(self, x: Any) -> Any:
        return F.relu(x + self.bn(self.conv(x)))


class ObjectConvnet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 6, 3, padding=1)
        self.blocks = nn.ModuleList([ObjectBlock(6) for _ in range(2)])
        self.head = nn.Linear(6, 2)

    def forward(self, x: Any) -> Any:
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        return self.head(x.mean((2, 3)))


class ExplicitBlock(bx.Module):
    def __init__(self, graph: Any, width: int) -> None:
        super().__init__(graph)
        self.conv = bx.Conv2d(graph / "conv", width, width, 3, padding=1)
        self.bn = bx.BatchNorm2d(graph / "bn", width)

    def __call__(self, params: u.Params, x: Any, is_training: bool = False) -> Any:
        y, params = self.conv(params, x)
        y, params = self.bn(params, y, is_training=is_training)
        return F.relu(x + y), params


class ExplicitConvnet(bx.Module):
    def __init__(self, graph: Any) -> None:
        super().__init__(graph)
        self.stem = bx.Conv2d(graph / "stem", 3, 6, 3, padding=1)
        blocks = graph / "blocks"
        self.blocks = [ExplicitBlock(blocks / i, 6) for i in range(2)]
        self.head = bx.Linear(graph / "head", 6, 2)

    def __call__(self, params: u.Params, x: Any, is_training: bool = False) -> Any:
        x, params = self.stem(params, x)
        for block in self.blocks:
            x, params = block(params, x, is_training=is_training)
        return self.head(params, x.mean((2, 3)))


class TreeBlock(ut.Module):
    conv: ut.Conv2d
    bn: ut.BatchNorm2d

    @classmethod
    def init(cls, width: int) -> "TreeBlock":
        return cls(ut.Conv2d(width, width, 3, padding=1), ut.BatchNorm2d(width))

    def __call__(self, x: Any) -> Any:
        return F.relu(x + self.bn(self.conv(x)))


class TreeConvnet(ut.Module):
    stem: ut.Conv2d
    blocks: list[TreeBlock]
    head: ut.Linear

    @classmethod
    def init(cls) -> "TreeConvnet":
        return cls(ut.Conv2d(3, 6, 3, padding=1), [TreeBlock.init(6) for _ in range(2)], ut.Linear(6, 2))

    def __call__(self, x: Any) -> Any:
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        return self.head(x.mean((2, 3)))


# What each style offers, as one interface: the first params, and a pure call over params.


class Written(NamedTuple):
    params: u.Params
    call: Callable[..., tuple[Any, u.Params]]  # (params, x, training) -> (output, params)


def inline(body: Any, backend: str, x: Any) -> Written:
    net = u.transform(body, backend=backend)
    initial = net.init(x, rng=0)
    params = initial.params if backend == "torch" else initial

    def call(params: u.Params, x: Any, training: bool) -> tuple[Any, u.Params]:
        output, changes = net.apply(params, x, training=training)
        return output, params | changes

    return Written(params, call)


def objects(cls: Any, backend: str, x: Any) -> Written:
    net = u.build(cls, backend=backend, rng=0)

    def call(params: u.Params, x: Any, training: bool) -> tuple[Any, u.Params]:
        output, changes = net.apply(params, x, training=training)
        return output, params | changes

    return Written(net.params, call)


def explicit(cls: Any, backend: str, x: Any) -> Written:
    model = cls(bx.Graph())
    _, params = model(bx.params(seed=0, backend=backend), x)
    return Written(params.locked(), lambda params, x, training: model(params, x, is_training=training))


def trees(cls: Any, backend: str, x: Any) -> Written:
    model = ut.fill(cls.init(), rng=0, backend=backend)

    def call(params: u.Params, x: Any, training: bool) -> tuple[Any, u.Params]:
        output, new = ut.apply(ut.load_params(model, params), x, training=training)
        return output, ut.params(new)

    return Written(ut.params(model), call)


STYLES: dict[str, Callable[[Any, str, Any], Written]] = {
    "inline": inline,
    "objects": objects,
    "explicit": explicit,
    "trees": trees,
}
NETWORKS: dict[str, tuple[dict[str, Any], np.ndarray]] = {
    "mlp": (
        {"inline": inline_mlp, "objects": ObjectMLP, "explicit": ExplicitMLP, "trees": TreeMLP},
        ROWS,
    ),
    "convnet": (
        {
            "inline": inline_convnet,
            "objects": ObjectConvnet,
            "explicit": ExplicitConvnet,
            "trees": TreeConvnet,
        },
        IMAGES,
    ),
}


def host(value: Any) -> np.ndarray:
    owner = backends.of_array(value)
    assert owner is not None
    return owner.to_numpy(value)


def written(network: str, style: str, backend: str) -> Written:
    sources, x = NETWORKS[network]
    return STYLES[style](sources[style], backend, ARRAYS[backend](x))


def trained(found: Written, x: Any, steps: int) -> tuple[list[float], u.Params, u.Params]:
    """The losses of some steps, the first gradients, and the params after them."""

    def loss_fn(params: u.Params) -> tuple[Any, u.Params]:
        output, params = found.call(params, x, True)
        return (output**2).mean(), params

    @u.jit
    def step(params: u.Params) -> tuple[u.Params, Any, u.Params]:
        (loss, after), gradients = u.value_and_grad(loss_fn, has_aux=True)(params)
        weights, _ = params.split()
        rest = after.split()[1]
        return weights.update({path: weights[path] - 0.1 * gradients[path] for path in weights}) | rest, loss, gradients

    losses, first, params = [], None, found.params
    for _ in range(steps):
        params, loss, gradients = step(params)
        first = gradients if first is None else first
        losses.append(float(loss))
    assert first is not None
    return losses, first, params


def assert_close(one: u.Params, other: u.Params) -> None:
    assert set(one) == set(other)
    for path, value in one.items():
        np.testing.assert_allclose(host(value), host(other[path]), rtol=1e-4, atol=1e-6, err_msg=path)


@pytest.mark.parametrize("network", NETWORKS)
def test_params_are_equal_bit_for_bit(network: str) -> None:
    truth = written(network, "inline", "jax").params
    for style in STYLES:
        for backend in ARRAYS:
            params = written(network, style, backend).params
            assert list(params) == list(truth), (style, backend)
            for path, value in params.items():
                ours, its = host(value), host(truth[path])
                assert ours.dtype == its.dtype or {ours.dtype.kind, its.dtype.kind} <= set("iu"), path
                assert np.array_equal(ours, its), (style, backend, path)
            infos = {path: (i.shape, i.collection, i.trainable) for path, i in params.info.items()}
            assert infos == {path: (i.shape, i.collection, i.trainable) for path, i in truth.info.items()}


@pytest.mark.parametrize("network", NETWORKS)
def test_outputs_gradients_and_steps_are_equal(network: str) -> None:
    x = NETWORKS[network][1]
    truth = written(network, "inline", "torch")
    losses, gradients, after = trained(truth, torch.tensor(x), 2)
    output = host(truth.call(truth.params, torch.tensor(x), False)[0])
    for style in STYLES:
        for backend, array in ARRAYS.items():
            found = written(network, style, backend)
            np.testing.assert_allclose(
                host(found.call(found.params, array(x), False)[0]), output, rtol=1e-5, atol=1e-5, err_msg=style
            )
            its_losses, its_gradients, its_params = trained(found, array(x), 2)
            np.testing.assert_allclose(its_losses, losses, rtol=1e-5)
            assert_close(its_gradients, gradients)
            assert_close(its_params, after)


@pytest.mark.parametrize("network", NETWORKS)
def test_a_checkpoint_of_one_style_loads_in_another(network: str, tmp_path: Any) -> None:
    x = NETWORKS[network][1]
    _, _, after = trained(written(network, "objects", "torch"), torch.tensor(x), 1)
    u.save(tmp_path / "a.safetensors", after)
    loaded = u.load(tmp_path / "a.safetensors")
    outputs = []
    for style in STYLES:
        for backend, array in ARRAYS.items():
            found = written(network, style, backend)
            params = found.params.update(dict(loaded.to(backend)))
            outputs.append(host(found.call(params, array(x), False)[0]))
    for output in outputs[1:]:
        np.testing.assert_allclose(output, outputs[0], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("network", NETWORKS)
def test_selecting_and_freezing_take_params_of_any_style(network: str) -> None:
    for style in STYLES:
        for backend in ARRAYS:
            params = written(network, style, backend).params
            head = {path for path in params if path.startswith(("head", "out"))}
            frozen = params.freeze(*head)
            assert not head & set(frozen.split()[0])
            assert set(params.partition("head/*" if network == "convnet" else "out/*", ...)[0]) == head
            assert params.subtree("stem" if network == "convnet" else "hidden").prefixed("a/b")
            u.display(params)


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("style", STYLES)
def test_assert_parity_takes_every_style(network: str, style: str) -> None:
    sources, x = NETWORKS[network]
    source = sources[style]
    if style == "explicit":
        source = source(bx.Graph())
    elif style == "trees":
        source = source.init()
    assert_parity(source, x)


class Sized(nn.Module):
    def __init__(self, width: int, depth: int = 1) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(width, width) for _ in range(depth)])

    def forward(self, x: Any) -> Any:
        for layer in self.layers:
            x = F.tanh(layer(x))
        return x


def test_assert_parity_takes_a_class_with_its_arguments() -> None:
    assert_parity(functools.partial(Sized, 4, depth=2), ROWS)


def test_transforms_of_unified_take_objects() -> None:
    """`u.grad(wrt=)`, `u.value_and_grad`, `u.jit` and `u.vmap` over objects, which keep what the call writes."""
    found = []
    for backend, array in ARRAYS.items():
        net = u.build(ObjectConvnet, backend=backend, rng=0)
        x = array(IMAGES)

        @u.jit
        def step(net: Any, x: Any) -> Any:
            loss, gradients = u.value_and_grad(lambda net: (net(x) ** 2).mean())(net)
            weights = net.params.pick(gradients)
            nn.update(net, {path: weights[path] - 0.1 * gradients[path] for path in gradients})
            return loss

        losses = [float(step(net, x)) for _ in range(2)]
        assert int(net.blocks[0].bn.num_batches_tracked) == 2
        head = u.grad(lambda net, x: (net(x) ** 2).mean(), wrt="head/*")(net.eval(), x)
        assert list(head) == ["head/weight", "head/bias"]
        rows = u.vmap(lambda net, x: net(x[None])[0], in_axes=(None, 0))(net, x)
        found.append((losses, host(head["head/weight"]), host(rows)))
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


class Cell(nn.Module):
    """A recurrent cell that counts its steps."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4 + 3, 3)
        self.steps = nn.var("counts", (), dtype="int32")

    def forward(self, hidden: Any, x: Any) -> Any:
        self.steps += 1
        xp = u.array_namespace(x)
        return F.tanh(self.linear(xp.concat([hidden, x], axis=-1)))


def test_scan_carries_objects() -> None:
    found = []
    for backend, array in ARRAYS.items():
        cell = u.build(Cell, backend=backend, rng=0)

        def step(carry: Any, x: Any) -> Any:
            cell, (hidden,) = carry["cell"], carry["state"]
            hidden = cell(hidden, x)
            return {"cell": cell, "state": (hidden,)}, hidden

        start = {"cell": cell, "state": (array(np.zeros(3, np.float32)),)}
        carry, ys = u.scan(step, start, array(ROWS))
        assert carry["cell"] is cell
        assert int(cell.steps) == len(ROWS)
        found.append(host(ys))
        np.testing.assert_array_equal(host(ys)[-1], host(carry["state"][0]))
        with pytest.raises(TypeError, match="an object that it did not have"):
            u.scan(lambda cell, x: (u.build(Cell, backend=backend, rng=1), x), cell, array(ROWS))  # noqa: B023
    np.testing.assert_allclose(*found, rtol=1e-5, atol=1e-6)
