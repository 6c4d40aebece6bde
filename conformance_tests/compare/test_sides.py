"""Each library's side against the library: values, runs in both modes, gradients, uses and layers."""

import equinox as eqx
import flax.linen as fnn
import haiku as hk
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from flax import nnx
from torch import nn

import unified as u
from unified.compare.side import Inputs
from unified.testing import SideError, sides

X = np.random.default_rng(0).standard_normal((4, 6)).astype("float32")


class TorchNet(nn.Module):
    """The layers are made in another order than they run."""

    def __init__(self):
        super().__init__()
        self.out, self.norm, self.inner = nn.Linear(5, 3), nn.BatchNorm1d(5), nn.Linear(6, 5)

    def forward(self, x):
        return self.out(self.norm(self.inner(x)))


class LinenNet(fnn.Module):
    @fnn.compact
    def __call__(self, x, train):
        x = fnn.BatchNorm(use_running_average=not train)(fnn.Dense(5)(x))
        return fnn.Dense(3)(x)


class NnxNet(nnx.Module):
    def __init__(self, rngs):
        self.out, self.norm = nnx.Linear(5, 3, rngs=rngs), nnx.BatchNorm(5, rngs=rngs)
        self.inner, self.dropout = nnx.Linear(6, 5, rngs=rngs), nnx.Dropout(0.0, rngs=rngs)

    def __call__(self, x):
        return self.out(self.dropout(self.norm(self.inner(x))))


def haiku_net(x, is_training):
    return hk.Linear(3)(hk.BatchNorm(True, True, 0.9)(hk.Linear(5)(x), is_training))


def body(x):
    return u.Linear(5, 3)(u.BatchNorm1d(5)(u.Linear(None, 5)(x)))


def scanned(params, x):
    @jax.jit
    def inner(x):
        return jax.lax.scan(lambda c, w: (jnp.tanh(c @ w), None), x, params["a_stack"])[0]

    return jax.lax.cond(
        True, lambda x: x @ params["z_first"], lambda x: x @ params["b_last"], inner(x) * params["scale"]
    )


def torch_side():
    return sides.torch(TorchNet())


def linen_side():
    module = LinenNet()
    return sides.flax(module, module.init(jax.random.key(0), X, False))


def haiku_side():
    model = hk.transform_with_state(haiku_net)
    return sides.haiku(model, *model.init(jax.random.key(0), X, True))


def equinox_side():
    module = eqx.nn.MLP(6, 3, 5, 2, key=jax.random.key(0))
    return sides.equinox(module, call=lambda module, x: jax.vmap(module)(x))


def function_side():
    shapes = {"a_stack": (2, 6, 6), "b_last": (6, 3), "scale": (), "z_first": (6, 3)}
    return sides.function(scanned, {name: jnp.full(shape, 0.5) for name, shape in shapes.items()})


def unified_torch_side():
    return sides.unified(u.transform(body, backend="torch").init(torch.tensor(X), rng=0))


def unified_jax_side():
    model = u.transform(body, backend="jax")
    return sides.unified(model, model.init(jnp.asarray(X), rng=0))


SIDES = {
    "torch": torch_side,
    "linen": linen_side,
    "nnx": lambda: sides.nnx(NnxNet(nnx.Rngs(0))),
    "haiku": haiku_side,
    "equinox": equinox_side,
    "function": function_side,
    "unified_torch": unified_torch_side,
    "unified_jax": unified_jax_side,
}
INPUTS = Inputs((X,))


COMPILED_LONG = ("linen", "nnx", "haiku", "equinox")


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow) if n in COMPILED_LONG else n for n in SIDES])
def test_gradients_are_those_of_differences(name):
    """In the direction of random changes of all parameters: the oracle is the outputs themselves."""
    side, rng = SIDES[name](), np.random.default_rng(1)
    run = side.run(INPUTS)
    cotangents = {key: rng.standard_normal(array.shape).astype("float32") for key, array in run.outputs.items()}
    gradients = side.gradients(INPUTS, cotangents)
    values = {path: value for path, value in side.values().items() if value.kind == "parameter"}
    assert set(gradients.parameters) == set(values)
    steps = {path: rng.standard_normal(value.array.shape).astype("float32") for path, value in values.items()}
    total = sum(float((gradients.parameters[path] * step).sum()) for path, step in steps.items())

    def at(size):
        moved = side.replaced({path: value.array + size * steps[path] for path, value in values.items()})
        outputs = moved.run(INPUTS).outputs
        return sum(float((cotangents[key].astype(float) * outputs[key]).sum()) for key in outputs)

    assert (at(1e-2) - at(-1e-2)) / 2e-2 == pytest.approx(total, rel=2e-2, abs=2e-2)
    assert list(gradients.inputs) == ["0"]
    assert gradients.inputs["0"].shape == X.shape


@pytest.mark.parametrize("name", [name for name in SIDES if name not in ("equinox", "function")])
def test_state_changes_in_training_alone(name):
    side = SIDES[name]()
    state = {path: value.array for path, value in side.values().items() if value.kind == "state"}
    assert state
    evaluated, trained = side.run(INPUTS), side.run(INPUTS, training=True)
    assert all(np.array_equal(evaluated.state[path], array) for path, array in state.items())
    assert any(not np.array_equal(trained.state[path], array) for path, array in state.items())
    assert all(np.array_equal(value.array, state.get(path, value.array)) for path, value in side.values().items())


@pytest.mark.parametrize("name", SIDES)
def test_uses_are_in_the_order_of_the_calls(name):
    uses = [path.replace(".", "/") for path in SIDES[name]().first_uses(INPUTS)]
    layers = {
        "linen": ("Dense_0", "BatchNorm_0", "Dense_1"),
        "haiku": ("linear_1", "batch_norm", "linear/"),
        "equinox": ("layers/0", "layers/1", "layers/2"),
        "function": ("a_stack", "scale", "z_first"),
        "unified_torch": ("linear_1", "batch_norm1d", "linear/"),
        "unified_jax": ("linear_1", "batch_norm1d", "linear/"),
    }.get(name, ("inner", "norm", "out"))
    places = [next(n for n, path in enumerate(uses) if layer in path) for layer in layers]
    assert places == sorted(places)


@pytest.mark.parametrize("name", SIDES)
def test_intermediate_values_end_with_the_output(name):
    side = SIDES[name]()
    found = side.intermediates(INPUTS)
    assert len(found) >= 3
    output = side.run(INPUTS).outputs["output"]
    assert any(each.value.shape == output.shape and np.allclose(each.value, output, atol=1e-6) for each in found)


def test_runs_are_those_of_the_libraries():
    module = TorchNet().eval()
    assert np.array_equal(sides.torch(module).run(INPUTS).outputs["output"], module(torch.tensor(X)).detach().numpy())
    linen = LinenNet()
    variables = linen.init(jax.random.key(0), X, False)
    expected, updates = linen.apply(variables, X, True, mutable=["batch_stats"])
    run = sides.flax(linen, variables).run(INPUTS, training=True)
    assert np.allclose(run.outputs["output"], expected, atol=1e-6)
    mean = updates["batch_stats"]["BatchNorm_0"]["mean"]
    assert np.allclose(run.state["batch_stats/BatchNorm_0/mean"], mean, atol=1e-6)


def test_tied_weights_stand_once():
    module = nn.Sequential(nn.Linear(6, 6), nn.Linear(6, 6))
    module[1].weight = module[0].weight
    side = sides.torch(module)
    assert list(side.values()) == ["0.weight", "0.bias", "1.bias"]
    assert side.tied() == {"1.weight": "0.weight"}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: sides.torch(3), "an nn.Module or a function that returns one, got int"),
        (lambda: sides.torch(nn.Linear(2, 2, device="meta")), "on the meta device"),
        (lambda: sides.flax(NnxNet(nnx.Rngs(0)), {}), "sides.flax takes a flax.linen.Module, got NnxNet; for nnx"),
        (lambda: sides.flax(LinenNet(), None), "the dict that its init returned, got NoneType"),
        (lambda: sides.nnx(LinenNet()), "sides.nnx takes a flax.nnx.Module, got LinenNet"),
        (lambda: sides.haiku(haiku_net, {}), "takes what hk.transform returned, got function"),
        (lambda: sides.haiku(hk.transform_with_state(haiku_net), {}), "has state too"),
        (lambda: sides.equinox(3), "takes an equinox.Module, got int"),
        (lambda: sides.unified(body), "takes what unified.transform returned, got function"),
        (lambda: sides.unified(u.transform(body, backend="jax")), "needs its params"),
    ],
)
def test_what_is_no_side(make, message):
    with pytest.raises(SideError, match=message):
        make()


def test_values_that_do_not_fit_a_side():
    with pytest.raises(SideError, match=r"has no value 'inner\.w'; it has"):
        torch_side().replaced({"inner.w": X})
    with pytest.raises(SideError, match=r"'inner\.weight' of the torch side has shape \(5, 6\), got \(6, 5\)"):
        torch_side().replaced({"inner.weight": np.ones((6, 5))})
    with pytest.raises(ValueError, match="training='mode' is no argument of the model, which has"):
        sides.flax(LinenNet(), {}, training="mode")
