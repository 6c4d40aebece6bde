"""Layers on JAX against careful `jnp` and `lax`: the operations of the compiled code, and the time of a step.

Ours is a body of a single layer, in training where that differs. The hand-written layers take the same parameters and
return the same values. A time is that of the outputs' sum with its gradients with respect to the trainable parameters
and the input. The bar of the operations is met if no operation occurs more often in ours.
"""

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

import unified as u
from benchmarks import fresh
from benchmarks.jax_hlo import counted, operations
from benchmarks.measure import Samples, interleave
from benchmarks.row import Row, compare

BAR = 1.05
ROUNDS = 120
PROCESSES = 6

FEATURES, HEADS, WIDE = 128, 4, 512
EPS, MOMENTUM = 1e-5, 0.1

Params = Any


def _product(x: jax.Array, weight: jax.Array, bias: jax.Array) -> jax.Array:
    """Return `x @ weight.T + bias`."""
    return lax.dot_general(x, weight, (((x.ndim - 1,), (1,)), ((), ()))) + bias


def linear(p: Params, x: jax.Array) -> Any:
    return _product(x, p["linear/weight"], p["linear/bias"]), {}


def conv2d(p: Params, x: jax.Array) -> Any:
    output = lax.conv_general_dilated(
        x, p["conv2d/weight"], (1, 1), [(1, 1), (1, 1)], dimension_numbers=("NCHW", "OIHW", "NCHW")
    )
    return output + p["conv2d/bias"][:, None, None], {}


def batch_norm2d(p: Params, x: jax.Array) -> Any:
    p = {path.partition("/")[2]: value for path, value in p.items()}
    mean = x.mean((0, 2, 3))
    centred = x - mean[:, None, None]
    variance = (centred * centred).mean((0, 2, 3))
    scale = lax.rsqrt(variance + EPS) * p["weight"]
    count = x.size // x.shape[1]
    changes = {
        "num_batches_tracked": p["num_batches_tracked"] + 1,
        "running_mean": p["running_mean"] * (1 - MOMENTUM) + mean * MOMENTUM,
        "running_var": p["running_var"] * (1 - MOMENTUM) + variance * (count / (count - 1)) * MOMENTUM,
    }
    return centred * scale[:, None, None] + p["bias"][:, None, None], changes


def _layer_norm(x: jax.Array, weight: jax.Array, bias: jax.Array) -> jax.Array:
    centred = x - x.mean(-1, keepdims=True)
    variance = (centred * centred).mean(-1, keepdims=True)
    return centred * lax.rsqrt(variance + EPS) * weight + bias


def layer_norm(p: Params, x: jax.Array) -> Any:
    return _layer_norm(x, p["layer_norm/weight"], p["layer_norm/bias"]), {}


def _attention(p: Params, at: str, x: jax.Array) -> jax.Array:
    """Return self-attention over `x`, `(N, L, E)`, with the variables at path `at`."""
    projected = _product(x, p[f"{at}/in_proj_weight"], p[f"{at}/in_proj_bias"])
    query, key, value = (
        part.reshape(*x.shape[:2], HEADS, FEATURES // HEADS) for part in jnp.split(projected, 3, axis=-1)
    )
    scores = jnp.einsum("nlhd,nshd->nhls", query * (1 / math.sqrt(FEATURES // HEADS)), key)
    mixed = jnp.einsum("nhls,nshd->nlhd", jax.nn.softmax(scores), value)
    return _product(mixed.reshape(x.shape), p[f"{at}/out_proj/weight"], p[f"{at}/out_proj/bias"])


def attention(p: Params, x: jax.Array) -> Any:
    return _attention(p, "multihead_attention", x), {}


def encoder_layer(p: Params, x: jax.Array) -> Any:
    p = {path.partition("/")[2]: value for path, value in p.items()}
    x = _layer_norm(x + _attention(p, "self_attn", x), p["norm1/weight"], p["norm1/bias"])
    hidden = jax.nn.relu(_product(x, p["linear1/weight"], p["linear1/bias"]))
    x = x + _product(hidden, p["linear2/weight"], p["linear2/bias"])
    return _layer_norm(x, p["norm2/weight"], p["norm2/bias"]), {}


class Bodies:
    """Our bodies, one for each layer."""

    @staticmethod
    def linear(x: Any) -> Any:
        return u.Linear(FEATURES, WIDE)(x)

    @staticmethod
    def conv2d(x: Any) -> Any:
        return u.Conv2d(16, 32, 3, padding=1)(x)

    @staticmethod
    def batch_norm2d(x: Any) -> Any:
        return u.BatchNorm2d(16)(x)

    @staticmethod
    def layer_norm(x: Any) -> Any:
        return u.LayerNorm(FEATURES)(x)

    @staticmethod
    def attention(x: Any) -> Any:
        return u.MultiheadAttention(FEATURES, HEADS, batch_first=True)(x, x, x, need_weights=False)[0]

    @staticmethod
    def encoder_layer(x: Any) -> Any:
        return u.TransformerEncoderLayer(FEATURES, HEADS, WIDE, batch_first=True)(x)


# For each layer: our body, the hand-written function, the shape of the input, and whether to call it in training.
LAYERS: dict[str, tuple[Callable[..., Any], Callable[..., Any], tuple[int, ...], bool]] = {
    "Linear": (Bodies.linear, linear, (256, FEATURES), True),
    "Conv2d": (Bodies.conv2d, conv2d, (4, 16, 32, 32), True),
    "BatchNorm2d": (Bodies.batch_norm2d, batch_norm2d, (8, 16, 32, 32), True),
    "LayerNorm": (Bodies.layer_norm, layer_norm, (16, 64, FEATURES), True),
    "MultiheadAttention": (Bodies.attention, attention, (8, 64, FEATURES), True),
    "TransformerEncoderLayer": (Bodies.encoder_layer, encoder_layer, (8, 64, FEATURES), False),
}


def contestants(layer: str) -> tuple[dict[str, Callable[..., Any]], tuple[Any, ...]]:
    """Return our function and the raw one, and their arguments: trainable parameters, other variables, an input."""
    body, raw, shape, training = LAYERS[layer]
    x = jax.random.normal(jax.random.key(0), shape)
    model = u.transform(body, backend="jax")
    trainable, rest = model.init(x, rng=0).split()

    def ours(trainable: Any, rest: Any, x: jax.Array) -> Any:
        return model.apply(trainable | rest, x, training=training)

    def by_hand(trainable: Any, rest: Any, x: jax.Array) -> Any:
        return raw({**trainable, **rest}, x)

    return {"unified": ours, "raw": by_hand}, (trainable, rest, x)


def gradient(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that computes the sum of the output, the changes, and the gradients by parameters and input."""

    def total(trainable: Any, rest: Any, x: jax.Array) -> Any:
        output, changes = function(trainable, rest, x)
        return output.sum(), (output, dict(changes))

    return jax.value_and_grad(total, (0, 2), has_aux=True)


def measure(rounds: int, number: int, layer: str) -> Samples:
    """Return the samples of both contestants in a fresh process, the `number`-th."""
    functions, arguments = contestants(layer)
    calls = {}
    for name in list(functions)[:: 1 if number % 2 else -1]:
        compiled = jax.jit(gradient(functions[name])).lower(*arguments).compile()
        calls[name] = lambda compiled=compiled: jax.block_until_ready(compiled(*arguments))
    return interleave(calls, rounds)


def _operations(layer: str) -> list[Row]:
    functions, arguments = contestants(layer)
    rows = []
    for title, wrap in (("forward", lambda function: function), ("gradient", gradient)):
        ours, raw = (operations(wrap(functions[name]), *arguments) for name in ("unified", "raw"))
        rows.append(counted(f"{layer} HLO, {title}", ours, raw))
    return rows


def run(rounds: int = ROUNDS) -> list[Row]:
    """Return the rows of this benchmark."""
    rows = []
    for layer in LAYERS:
        rows += _operations(layer)
        samples = fresh.pooled(f"{__name__}:measure", rounds, PROCESSES, layer)
        rows.append(compare(f"{layer}, gradient ÷ hand-written", samples, bar=BAR))
    return rows
