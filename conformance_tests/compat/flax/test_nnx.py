"""nnx on torch against nnx on JAX: modules and their states, transforms, keys, optimizers and metrics."""

from collections.abc import Callable
from typing import Any, NamedTuple

import flax.nnx
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import torch

from conformance_tests.compat.flax.models import close, nnx, on_torch, torch_jax
from unified.compat import load

RANDOM = np.random.default_rng(0)
ROWS = RANDOM.normal(size=(4, 3)).astype(np.float32)
IMAGES = RANDOM.normal(size=(2, 6, 6, 3)).astype(np.float32)
SEQUENCES = RANDOM.normal(size=(2, 4, 6)).astype(np.float32)
TOKENS = np.array([[0, 2, 1], [3, 3, 0]])


class Side(NamedTuple):
    """nnx and what it stands on, of one framework."""

    jax: Any
    jnp: Any
    nnx: Any
    optax: Any


THEIRS = Side(jax, jnp, flax.nnx, optax)
OURS = Side(torch_jax, on_torch, nnx, load("optax", "torch"))


def flat(side: Side, state: Any) -> dict[str, Any]:
    """Return the values of a state by their paths; keys as their words."""
    result = {}
    for path, variable in side.nnx.to_flat_state(state):
        value = variable.get_value() if hasattr(variable, "get_value") else variable
        is_key = "key<" in str(getattr(value, "dtype", ""))
        result["/".join(map(str, path))] = np.asarray(side.jax.random.key_data(value) if is_key else value)
    return result


def block(side: Side, rngs: Any) -> Any:
    class Block(side.nnx.Module):
        def __init__(self) -> None:
            self.layers = side.nnx.List([side.nnx.Linear(3, 3, rngs=rngs) for _ in range(2)])
            self.norm = side.nnx.BatchNorm(3, rngs=rngs)
            self.dropout = side.nnx.Dropout(0.5, rngs=rngs)
            self.count = side.nnx.Variable(side.jnp.zeros(()))

        def __call__(self, x: Any) -> Any:
            self.count.set_value(self.count.get_value() + 1)
            for layer in self.layers:
                x = side.nnx.relu(self.norm(layer(x)))
            return self.dropout(x)

    return Block()


def layer(name: str, *args: Any, **options: Any) -> Callable[[Side], Any]:
    return lambda side: getattr(side.nnx, name)(*args, **options, rngs=side.nnx.Rngs(0))


def recurrent(name: str) -> Callable[[Side], Any]:
    return lambda side: side.nnx.RNN(getattr(side.nnx, name)(6, 5, rngs=side.nnx.Rngs(0)), rngs=side.nnx.Rngs(1))


LAYERS: dict[str, tuple[Callable[[Side], Any], np.ndarray]] = {
    "Linear": (layer("Linear", 3, 4), ROWS),
    "Conv": (layer("Conv", 3, 4, (3, 3), strides=2), IMAGES),
    "BatchNorm": (layer("BatchNorm", 3), IMAGES),
    "attention": (layer("MultiHeadAttention", 2, 6, decode=False), SEQUENCES),
    "block": (lambda side: block(side, side.nnx.Rngs(0)), ROWS),
}
SLOW: dict[str, tuple[Callable[[Side], Any], np.ndarray]] = {
    "ConvTranspose": (layer("ConvTranspose", 3, 4, (3, 3)), IMAGES),
    "LinearGeneral": (layer("LinearGeneral", 6, (2, 3)), SEQUENCES),
    "Einsum": (layer("Einsum", "bta,ac->btc", (6, 3)), SEQUENCES),
    "LayerNorm": (layer("LayerNorm", 3), ROWS),
    "RMSNorm": (layer("RMSNorm", 3), ROWS),
    "GroupNorm": (layer("GroupNorm", 6, num_groups=3), SEQUENCES),
    "Embed": (layer("Embed", 5, 4), TOKENS),
    "LoRA": (layer("LoRA", 3, 2, 4), ROWS),
    "LSTMCell": (recurrent("LSTMCell"), SEQUENCES),
    "GRUCell": (recurrent("GRUCell"), SEQUENCES),
}


def trained(side: Side, make: Callable[[Side], Any], x: np.ndarray) -> tuple[Any, Any]:
    """Return the initial state, and the losses and the state of three steps by `nnx.jit`, `grad` and `Optimizer`."""
    model, inputs = make(side), side.jnp.asarray(x)
    first = flat(side, side.nnx.state(model))
    optimizer = side.nnx.Optimizer(model, side.optax.sgd(0.1, momentum=0.9), wrt=side.nnx.Param)

    def loss(model: Any, x: Any) -> Any:
        output = model(x)
        return (side.jnp.sin(output) + output**2).mean(), output

    @side.nnx.jit
    def step(model: Any, optimizer: Any, x: Any) -> Any:
        (value, output), gradients = side.nnx.value_and_grad(loss, has_aux=True)(model, x)
        optimizer.update(model, gradients)
        return value, output, side.nnx.to_pure_dict(gradients)

    results = []
    for _ in range(3):
        value, output, gradients = step(model, optimizer, inputs)
        results.append([np.asarray(value), np.asarray(output), side.jax.tree_util.tree_map(np.asarray, gradients)])
    return first, [results, flat(side, side.nnx.state(model)), flat(side, side.nnx.state(optimizer))]


def compare(name: str) -> None:
    make, x = {**LAYERS, **SLOW}[name]
    (first, found), (wanted_first, wanted) = trained(OURS, make, x), trained(THEIRS, make, x)
    close(first, wanted_first, 1e-6)
    close(found, wanted, 1e-5)


@pytest.mark.parametrize("name", LAYERS)
def test_layers(name: str) -> None:
    compare(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW)
def test_more_layers(name: str) -> None:
    compare(name)


def both(run: Callable[[Side], Any], tolerance: float = 1e-5) -> None:
    """Compare what a function returns for each framework."""
    close(run(OURS), run(THEIRS), tolerance)


def arrays(side: Side, tree: Any) -> Any:
    return side.jax.tree_util.tree_map(np.asarray, tree)


def test_split_merge_state_and_update() -> None:
    def run(side: Side) -> Any:
        model = block(side, side.nnx.Rngs(0))
        definition, params, rest = side.nnx.split(model, side.nnx.Param, ...)
        other = side.nnx.merge(definition, side.jax.tree_util.tree_map(lambda value: value * 2, params), rest)
        other.eval()
        output = other(side.jnp.asarray(ROWS))
        side.nnx.update(model, side.nnx.state(other, side.nnx.Param))
        return [
            flat(side, params), flat(side, rest), flat(side, side.nnx.state(model)), arrays(side, output),
        ]  # fmt: skip

    both(run)


def test_vmap_and_scan_over_modules() -> None:
    def run(side: Side) -> Any:
        @side.nnx.split_rngs(splits=3)
        @side.nnx.vmap(in_axes=0, out_axes=0)
        def make(rngs: Any) -> Any:
            return side.nnx.Linear(3, 3, rngs=rngs)

        @side.nnx.scan(in_axes=(0, side.nnx.Carry), out_axes=side.nnx.Carry)
        def through(model: Any, x: Any) -> Any:
            return side.jnp.tanh(model(x))

        layers = make(side.nnx.Rngs(0))
        mapped = side.nnx.vmap(lambda model, x: model(x), in_axes=(0, None), out_axes=0)
        x = side.jnp.asarray(ROWS)
        return [flat(side, side.nnx.state(layers)), arrays(side, [through(layers, x), mapped(layers, x)])]

    both(run)


def test_remat_and_rngs() -> None:
    def run(side: Side) -> Any:
        rngs = side.nnx.Rngs(0, dropout=1)
        model = side.nnx.Linear(3, 4, rngs=rngs)
        call = side.nnx.remat(lambda model, x: side.jnp.sin(model(x)).sum())
        gradients = side.nnx.grad(call)(model, side.jnp.asarray(ROWS))
        drawn = [rngs.params(), rngs.dropout(), rngs.other(), rngs.dropout()]
        words = [np.asarray(side.jax.random.key_data(key)) for key in drawn]
        return [words, flat(side, gradients), np.asarray(side.jax.random.normal(rngs(), (3,)))]

    both(run)


def test_metrics() -> None:
    def run(side: Side) -> Any:
        metrics = side.nnx.MultiMetric(
            accuracy=side.nnx.metrics.Accuracy(), loss=side.nnx.metrics.Average("loss"),
            spread=side.nnx.metrics.Welford("loss"),
        )  # fmt: skip
        results = []
        for scale in (1.0, 2.0):
            metrics.update(
                logits=side.jnp.asarray(ROWS) * scale, labels=side.jnp.asarray([0, 1, 2, 0]),
                loss=side.jnp.asarray(ROWS[:, 0]) * scale,
            )  # fmt: skip
            values = metrics.compute()
            spread = values.pop("spread")
            results.append([arrays(side, values), float(spread.mean), float(spread.standard_deviation)])
        metrics.reset()
        return results

    both(run)


@pytest.mark.parametrize("convert", [torch.tensor, on_torch.asarray])
def test_functions_change_the_module_that_is_passed(convert: Any) -> None:
    class Counter(nnx.Module):
        def __init__(self) -> None:
            self.count = nnx.Variable(convert(0.0))

        def __call__(self, x: Any) -> Any:
            self.count.set_value(self.count.get_value() + 1)
            return x * x

    model, x = Counter(), torch.ones(3)
    calls = [
        nnx.remat(lambda model, x: model(x)), nnx.jit(lambda model, x: model(x)),
        nnx.grad(lambda model, x: model(x).sum(), argnums=1), nnx.value_and_grad(lambda model, x: model(x).sum()),
        nnx.cached_partial(nnx.jit(lambda model, x: model(x)), model),
    ]  # fmt: skip
    for number, call in enumerate(calls, 1):
        call(x) if number == len(calls) else call(model, x)
        assert float(model.count.get_value()) == number
    nnx.update(model, {"count": convert(9.0)})
    assert float(model.count.get_value()) == 9
