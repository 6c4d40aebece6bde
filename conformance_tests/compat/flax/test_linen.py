"""linen on torch against linen on JAX: names, initial values, outputs, gradients, and three steps by optax."""

from collections.abc import Callable
from typing import Any, NamedTuple

import flax.linen
import flax.training.train_state
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import torch

from conformance_tests.compat.flax.models import close, linen, numpy_tree, on_torch, torch_jax
from unified.compat import load

torch_optax = load("optax", "torch")
torch_train_state = load("flax.training.train_state", "torch")
RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.normal(size=(2, 6, 6, 3)).astype(np.float32)
ROWS = RANDOM.normal(size=(4, 5)).astype(np.float32)
SEQUENCES = RANDOM.normal(size=(2, 4, 6)).astype(np.float32)
TOKENS = np.array([[0, 2, 1], [3, 3, 0]])


class Side(NamedTuple):
    """Flax and what it stands on, of one framework."""

    jax: Any
    jnp: Any
    nn: Any
    optax: Any
    train_state: Any


THEIRS = Side(jax, jnp, flax.linen, optax, flax.training.train_state)
OURS = Side(torch_jax, on_torch, linen, torch_optax, torch_train_state)


def setup(nn: Any) -> Any:
    class Setup(nn.Module):
        def setup(self) -> None:
            self.layers = [nn.Dense(4), nn.Dense(2)]
            self.scale = self.param("scale", nn.initializers.normal(), (2,))

        def __call__(self, x: Any) -> Any:
            for layer in self.layers:
                x = nn.tanh(layer(x))
            return x * self.scale

    return Setup()


def scanned(nn: Any) -> Any:
    class Cell(nn.Module):
        @nn.compact
        def __call__(self, carry: Any, x: Any) -> Any:
            carry = nn.tanh(nn.Dense(6)(x) + carry)
            return carry, carry

    class Scanned(nn.Module):
        @nn.compact
        def __call__(self, x: Any) -> Any:
            scan = nn.scan(Cell, variable_broadcast="params", split_rngs={"params": False}, in_axes=1, out_axes=1)
            return scan()(x[:, 0] * 0, x)

    return Scanned()


def layers(nn: Any) -> Any:
    class Block(nn.Module):
        @nn.compact
        def __call__(self, x: Any, _: Any) -> Any:
            return nn.tanh(nn.Dense(x.shape[-1])(x)), None

    class Layers(nn.Module):
        @nn.compact
        def __call__(self, x: Any) -> Any:
            stack = nn.scan(nn.remat(Block), variable_axes={"params": 0}, split_rngs={"params": True}, length=3)
            return stack()(x, None)[0]

    return Layers()


def mapped(nn: Any) -> Any:
    dense = nn.vmap(nn.Dense, variable_axes={"params": 0}, split_rngs={"params": True}, in_axes=None, axis_size=3)
    return dense(4)


def lifted(name: str) -> Callable[[Any], Any]:
    def make(nn: Any) -> Any:
        class Lifted(nn.Module):
            @nn.compact
            def __call__(self, x: Any) -> Any:
                return getattr(nn, name)(nn.Dense)(3)(nn.tanh(x))

        return Lifted()

    return make


def conditional(nn: Any) -> Any:
    class Conditional(nn.Module):
        @nn.compact
        def __call__(self, x: Any) -> Any:
            one, other = nn.Dense(2, name="one"), nn.Dense(2, name="other")
            if self.is_initializing():
                one(x), other(x)
            return nn.cond(x.sum() > 0, lambda m, x: one(x), lambda m, x: other(x), self, x)

    return Conditional()


def transformer(nn: Any) -> Any:
    class Transformer(nn.Module):
        @nn.compact
        def __call__(self, tokens: Any) -> Any:
            embed = nn.Embed(5, 8)
            x = embed(tokens)
            x = x + nn.MultiHeadDotProductAttention(2)(nn.LayerNorm()(x), mask=nn.make_causal_mask(tokens))
            x = x + nn.Dense(8)(nn.gelu(nn.Dense(16)(nn.RMSNorm()(x))))
            return embed.attend(x)

    return Transformer()


def rnn(cell: str, **options: Any) -> Callable[[Any], Any]:
    return lambda nn: nn.RNN(getattr(nn, cell)(3, **options))


def bidirectional(nn: Any) -> Any:
    return nn.Bidirectional(nn.RNN(nn.GRUCell(3)), nn.RNN(nn.GRUCell(3)))


def layer(name: str, *args: Any, **options: Any) -> Callable[[Any], Any]:
    return lambda nn: getattr(nn, name)(*args, **options)


def sequential(nn: Any) -> Any:
    return nn.Sequential([nn.Dense(4), nn.relu, nn.Dense(2)])


# These run in `make test`; recurrent cells take longer, and test_to_torch.py has one.
CASES: dict[str, tuple[Callable[[Any], Any], np.ndarray, dict[str, Any]]] = {
    "Dense": (layer("Dense", 3), ROWS, {}),
    "Conv": (layer("Conv", 4, (3, 3), strides=2, padding="SAME"), IMAGES, {}),
    "BatchNorm": (layer("BatchNorm", momentum=0.9), IMAGES, {"use_running_average": False}),
    "transformer": (transformer, TOKENS, {}),
    "scan": (scanned, SEQUENCES, {}),
    "vmap": (mapped, ROWS, {}),
    "setup": (setup, ROWS, {}),
}
SLOW: dict[str, tuple[Callable[[Any], Any], np.ndarray, dict[str, Any]]] = {
    "DenseGeneral": (layer("DenseGeneral", (2, 3), axis=(-2, -1)), SEQUENCES, {}),
    "Einsum": (layer("Einsum", (6, 2, 3), "abc,cde->abde"), SEQUENCES, {}),
    "Conv groups": (layer("Conv", 6, (3,), feature_group_count=3, kernel_dilation=2, padding="CAUSAL"), SEQUENCES, {}),
    "Conv circular": (layer("Conv", 4, (3, 3), padding="CIRCULAR", use_bias=False), IMAGES, {}),
    "ConvTranspose": (layer("ConvTranspose", 4, (3, 3), strides=(2, 2)), IMAGES, {}),
    "ConvLocal": (layer("ConvLocal", 2, (2, 2)), IMAGES, {}),
    "LayerNorm": (layer("LayerNorm"), ROWS, {}),
    "RMSNorm": (layer("RMSNorm"), ROWS, {}),
    "GroupNorm": (layer("GroupNorm", num_groups=3), SEQUENCES, {}),
    "InstanceNorm": (layer("InstanceNorm"), IMAGES, {}),
    "BatchNorm evaluated": (layer("BatchNorm"), IMAGES, {"use_running_average": True}),
    "WeightNorm": (lambda nn: nn.WeightNorm(nn.Dense(3)), ROWS, {}),
    "SpectralNorm": (lambda nn: nn.SpectralNorm(nn.Dense(3)), ROWS, {"update_stats": True}),
    "attention": (layer("MultiHeadDotProductAttention", 2, qkv_features=8), SEQUENCES, {}),
    "LSTMCell": (rnn("LSTMCell"), SEQUENCES, {}),
    "GRUCell": (rnn("GRUCell"), SEQUENCES, {}),
    "MGUCell": (rnn("MGUCell"), SEQUENCES, {}),
    "SimpleCell": (rnn("SimpleCell"), SEQUENCES, {}),
    "OptimizedLSTMCell": (rnn("OptimizedLSTMCell"), SEQUENCES, {}),
    "Bidirectional": (bidirectional, SEQUENCES, {}),
    "PReLU": (layer("PReLU"), ROWS, {}),
    "Sequential": (sequential, ROWS, {}),
    "layers by scan and remat": (layers, ROWS, {}),
    "remat": (lifted("remat"), ROWS, {}),
    "jit": (lifted("jit"), ROWS, {}),
    "cond": (conditional, ROWS, {}),
}


def trained(side: Side, make: Callable[[Any], Any], x: np.ndarray, options: dict[str, Any], start: Any = None) -> Any:
    """Return the initial variables, and the output, gradients and variables of three steps, as NumPy arrays."""
    model, array = make(side.nn), side.jnp.asarray(x)
    # Not Adam, which divides by the size of gradients: where they vanish, it would compare rounding errors.
    optimizer = side.optax.sgd(0.1, momentum=0.9)
    init = side.jax.jit(lambda key, x: model.init(key, x, **options))
    first = init(side.jax.random.key(1), array)
    variables = first if start is None else side.jax.tree_util.tree_map(side.jnp.asarray, start)
    params, rest = variables.get("params", {}), {name: each for name, each in variables.items() if name != "params"}

    def loss(params: Any, rest: Any, x: Any) -> Any:
        output, rest = model.apply({"params": params, **rest}, x, mutable=list(rest), **options)
        leaves = side.jax.tree_util.tree_leaves(output)
        return sum((side.jnp.sin(leaf) + leaf**2).mean() for leaf in leaves), (output, rest)

    @side.jax.jit
    def step(params: Any, rest: Any, state: Any, x: Any) -> Any:
        (_, (output, rest)), gradients = side.jax.value_and_grad(loss, has_aux=True)(params, rest, x)
        updates, state = optimizer.update(gradients, state, params)
        return side.optax.apply_updates(params, updates), rest, state, output, gradients

    state, results = optimizer.init(params), []
    for _ in range(3):
        params, rest, state, output, gradients = step(params, rest, state, array)
        results.append({"output": output, "gradients": gradients})
    return numpy_tree(first), side.jax.tree_util.tree_map(np.asarray, [results, params, rest])


def compare(name: str) -> None:
    make, x, options = {**CASES, **SLOW}[name]
    wanted_first, (wanted, *wanted_last) = trained(THEIRS, make, x, options)
    found_first, (found, *found_last) = trained(OURS, make, x, options, wanted_first)
    close(found_first, wanted_first, 1e-6)
    close(found, wanted, 1e-5)
    close(found_last, wanted_last, 1e-5)


@pytest.mark.parametrize("name", CASES)
def test_layers_and_transforms(name: str) -> None:
    compare(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW)
def test_more_layers_and_transforms(name: str) -> None:
    compare(name)


def test_dropout_and_sow() -> None:
    def model(nn: Any) -> Any:
        class Sows(nn.Module):
            @nn.compact
            def __call__(self, x: Any) -> Any:
                x = nn.Dropout(0.5, deterministic=False)(x)
                self.sow("intermediates", "dropped", x)
                noise = nn.Dropout(0.5, rng_collection="noise", deterministic=False)(x)
                return noise, self.perturb("noise", noise)

        return Sows()

    def run(side: Side) -> Any:
        rngs = {"dropout": side.jax.random.key(2), "noise": side.jax.random.key(3)}
        apply = side.jax.jit(lambda x: model(side.nn).apply({}, x, rngs=rngs, mutable=["intermediates"]))
        return side.jax.tree_util.tree_map(np.asarray, apply(side.jnp.asarray(ROWS)))

    found, wanted = run(OURS), run(THEIRS)
    assert (wanted[0][0] == 0).any()
    close(found, wanted)


def test_train_state() -> None:
    def run(side: Side) -> Any:
        model = setup(side.nn)
        # One set of values, as initial values differ in the last bit.
        params = jax.tree.map(np.asarray, setup(flax.linen).init(jax.random.key(0), ROWS)["params"])
        params = side.jax.tree_util.tree_map(side.jnp.asarray, params)
        state = side.train_state.TrainState.create(
            apply_fn=model.apply, params=params, tx=side.optax.sgd(0.1, momentum=0.9)
        )

        @side.jax.jit
        def step(state: Any, x: Any) -> Any:
            gradients = side.jax.grad(lambda params: (state.apply_fn({"params": params}, x) ** 2).mean())(state.params)
            return state.apply_gradients(grads=gradients)

        for _ in range(3):
            state = step(state, side.jnp.asarray(ROWS))
        return int(state.step), side.jax.tree_util.tree_map(np.asarray, [state.params, state.opt_state])

    (count, found), (wanted_count, wanted) = run(OURS), run(THEIRS)
    assert count == wanted_count == 3
    close(found, wanted)


def test_summaries_and_errors() -> None:
    text = setup(linen).tabulate(torch_jax.random.key(0), torch.tensor(ROWS), console_kwargs={"width": 200})
    assert "layers_0" in text
    assert "Total Parameters: 36" in text
    with pytest.raises(load("flax.errors", "torch").ScopeParamShapeError, match=r"\(5, 3\)"):
        linen.Dense(3).apply({"params": {"kernel": np.ones((4, 3), "f4")}}, torch.tensor(ROWS))
