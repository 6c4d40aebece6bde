"""Every layer and net of Haiku, with every option, on both backends against dm-haiku itself.

Names, shapes, initial values (bit for bit on JAX, within 1e-6 on torch), outputs, gradients by parameters and inputs,
and the state after three training steps.
"""

from typing import Any

import haiku
import jax
import numpy as np
import pytest

import unified as u
import unified.compat.haiku as hk
import unified.compat.jax as ujax
from conformance_tests.compat.against_haiku import compare, observe, transformed
from conformance_tests.compat.differential import on

RNG = np.random.default_rng(3)


def data(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape).astype(np.float32)


ROWS, IMAGE, LINE, VOLUME, SERIES = data(4, 6), data(2, 7, 6, 4), data(2, 9, 4), data(2, 5, 4, 3, 2), data(5, 3, 6)
IDS = RNG.integers(0, 7, (2, 5)).astype(np.int32)

# Each case is a body of one argument, in which `hk` is Haiku and `jnp`, `jax` are its JAX.
CASES: dict[str, tuple[Any, Any]] = {}


def add(name: str, body: Any, value: Any) -> None:
    CASES[name] = (body, value)


def options(name: str, value: Any, *bodies: Any) -> None:
    for number, body in enumerate(bodies):
        add(f"{name}-{number}", body, value)


options(
    "Linear", ROWS,
    lambda hk, jax, x: hk.Linear(5)(x),
    lambda hk, jax, x: hk.Linear(5, with_bias=False, name="named")(x),
    lambda hk, jax, x: hk.Linear(5, w_init=hk.initializers.RandomNormal(0.3, 0.1), b_init=hk.initializers.RandomUniform(-1, 1))(x),
    lambda hk, jax, x: hk.Linear(5)(x, precision=jax.lax.Precision.HIGHEST),
    lambda hk, jax, x: hk.Linear(2)(hk.Linear(3)(hk.Linear(4)(x))),
)  # fmt: skip
options(
    "initializers", ROWS,
    *[
        (lambda hk, jax, x, make=make: x @ hk.get_parameter("w", [6, 4], init=make(hk, jax)))
        for make in (
            lambda hk, jax: hk.initializers.Constant(0.5), lambda hk, jax: hk.initializers.Constant(np.arange(4.0)),
            lambda hk, jax: hk.initializers.Identity(2.0), lambda hk, jax: hk.initializers.Orthogonal(1.5),
            lambda hk, jax: hk.initializers.Orthogonal(axis=0), lambda hk, jax: hk.initializers.UniformScaling(1.3),
            lambda hk, jax: hk.initializers.TruncatedNormal(0.3, 0.1, -1.0, 1.5),
            *[
                lambda hk, jax, mode=mode, kind=kind: hk.initializers.VarianceScaling(2.0, mode, kind)
                for mode in ("fan_in", "fan_out", "fan_avg") for kind in ("normal", "truncated_normal", "uniform")
            ],
            lambda hk, jax: hk.initializers.VarianceScaling(fan_in_axes=[0]),
        )
    ],
)  # fmt: skip
options(
    "Bias", IMAGE,
    lambda hk, jax, x: hk.Bias()(x),
    lambda hk, jax, x: hk.Bias(bias_dims=[-1], b_init=hk.initializers.RandomNormal())(x, multiplier=2.0),
    lambda hk, jax, x: hk.Bias(output_size=(7, 6, 4), bias_dims=[1, 3])(x), lambda hk, jax, x: hk.Bias(bias_dims=[])(x),
)  # fmt: skip
options(
    "Sequential", ROWS,
    lambda hk, jax, x: hk.Sequential([hk.Linear(3), jax.nn.relu, hk.Linear(2)])(x),
    lambda hk, jax, x: hk.to_module(lambda x: hk.Linear(3)(x) + hk.get_parameter("a", [], init=jax.numpy.ones))(name="m")(x),
)  # fmt: skip
options(
    "functions", ROWS,
    lambda hk, jax, x: hk.dropout(hk.next_rng_key(), 0.4, hk.Linear(3)(x)),
    lambda hk, jax, x: hk.dropout(hk.next_rng_key(), 0.4, x, broadcast_dims=(0,)),
    lambda hk, jax, x: hk.one_hot(hk.multinomial(hk.next_rng_key(), hk.Linear(3)(x), 2), 3).sum() + 0 * x.sum(),
    lambda hk, jax, x: hk.BatchApply(hk.Linear(3))(x.reshape(2, 2, 6)),
    lambda hk, jax, x: hk.expand_apply(hk.Linear(3))(x[0]), lambda hk, jax, x: hk.Flatten()(x[:, :, None]),
    lambda hk, jax, x: hk.Reshape((3, -1))(x), lambda hk, jax, x: hk.Reshape((2, 3), preserve_dims=1)(x),
)  # fmt: skip
options(
    "Conv1D", LINE,
    lambda hk, jax, x: hk.Conv1D(5, 3)(x), lambda hk, jax, x: hk.Conv1D(5, 3, stride=2, padding="VALID", with_bias=False)(x),
    lambda hk, jax, x: hk.Conv1D(5, 3, rate=2, padding=hk.pad.causal)(x), lambda hk, jax, x: hk.Conv1D(5, 4, padding=[(2, 0)])(x),
    lambda hk, jax, x: hk.Conv1D(5, 3, data_format="NCW")(x.transpose(0, 2, 1)), lambda hk, jax, x: hk.Conv1D(5, 3)(x[0]),
    lambda hk, jax, x: hk.Conv1D(4, 3, feature_group_count=2)(x), lambda hk, jax, x: hk.Conv1DTranspose(5, 3, stride=2)(x),
    lambda hk, jax, x: hk.Conv1DTranspose(5, 4, stride=3, padding="VALID", data_format="NCW")(x.transpose(0, 2, 1)),
    lambda hk, jax, x: hk.DepthwiseConv1D(2, 3)(x), lambda hk, jax, x: hk.ConvND(1, 5, 3, data_format="channels_last")(x),
)  # fmt: skip
options(
    "Conv2D", IMAGE,
    lambda hk, jax, x: hk.Conv2D(5, 3)(x), lambda hk, jax, x: hk.Conv2D(5, (3, 2), stride=(2, 1), padding="VALID")(x),
    lambda hk, jax, x: hk.Conv2D(5, 3, rate=2, with_bias=False)(x), lambda hk, jax, x: hk.Conv2D(5, 3, padding=((1, 2), (0, 1)))(x),
    lambda hk, jax, x: hk.Conv2D(5, 3, padding=(hk.pad.full, hk.pad.reverse_causal))(x), lambda hk, jax, x: hk.Conv2D(5, 3, padding=hk.pad.same)(x),
    lambda hk, jax, x: hk.Conv2D(5, 3, data_format="NCHW", b_init=hk.initializers.RandomNormal())(x.transpose(0, 3, 1, 2)),
    lambda hk, jax, x: hk.Conv2D(6, 3, feature_group_count=2, w_init=hk.initializers.VarianceScaling())(x),
    lambda hk, jax, x: hk.Conv2D(5, 3, mask=np.tril(np.ones((3, 3)))[:, :, None, None] * np.ones((3, 3, 4, 5), np.float32))(x),
    lambda hk, jax, x: hk.Conv2DTranspose(5, 3, stride=2)(x), lambda hk, jax, x: hk.Conv2DTranspose(5, (2, 3), stride=(1, 2), padding="VALID", with_bias=False)(x),
    lambda hk, jax, x: hk.Conv2DTranspose(5, 3, stride=2, output_shape=(14, 11))(x), lambda hk, jax, x: hk.Conv2DTranspose(5, 3, padding=((1, 1), (2, 0)))(x),
    lambda hk, jax, x: hk.DepthwiseConv2D(2, 3, stride=2, padding="VALID")(x), lambda hk, jax, x: hk.DepthwiseConv2D(1, 3, rate=2, data_format="NCHW")(x.transpose(0, 3, 1, 2)),
    lambda hk, jax, x: hk.SeparableDepthwiseConv2D(2, 3)(x), lambda hk, jax, x: hk.SeparableDepthwiseConv2D(1, (3, 2), stride=2, with_bias=False)(x),
)  # fmt: skip
options(
    "Conv3D", VOLUME,
    lambda hk, jax, x: hk.Conv3D(3, 2)(x), lambda hk, jax, x: hk.Conv3D(3, (2, 1, 2), stride=2, padding="VALID", data_format="NCDHW")(x.transpose(0, 4, 1, 2, 3)),
    lambda hk, jax, x: hk.Conv3DTranspose(3, 2, stride=2)(x), lambda hk, jax, x: hk.DepthwiseConv3D(1, 2)(x),
)  # fmt: skip
options(
    "pool", IMAGE,
    lambda hk, jax, x: hk.max_pool(x, (2, 2, 1), (2, 2, 1), "SAME"), lambda hk, jax, x: hk.avg_pool(x, (1, 3, 2, 1), (1, 2, 1, 1), "VALID"),
    lambda hk, jax, x: hk.MaxPool((1, 3, 3, 1), (1, 1, 2, 1), "VALID")(x), lambda hk, jax, x: hk.AvgPool((3, 3, 1), (2, 2, 1), "SAME")(x),
)  # fmt: skip
options(
    "norm", IMAGE,
    lambda hk, jax, x: hk.LayerNorm(-1, True, True)(x), lambda hk, jax, x: hk.LayerNorm((1, 2), True, False, eps=1e-3)(x),
    lambda hk, jax, x: hk.LayerNorm(slice(1, None), True, True, use_fast_variance=True, scale_init=hk.initializers.RandomNormal())(x),
    lambda hk, jax, x: hk.LayerNorm((-2, -1), True, True, param_axis=(-2, -1))(x), lambda hk, jax, x: hk.LayerNorm(-1, False, False)(x, scale=2.0, offset=x[..., :1]),
    lambda hk, jax, x: hk.InstanceNorm(True, True)(x), lambda hk, jax, x: hk.InstanceNorm(True, True, data_format="channels_first")(x),
    lambda hk, jax, x: hk.GroupNorm(2)(x), lambda hk, jax, x: hk.GroupNorm(7, data_format="NCHW", create_scale=False)(x),
    lambda hk, jax, x: hk.GroupNorm(2, axis=(1, 2), create_offset=False, eps=1e-2)(x), lambda hk, jax, x: hk.RMSNorm(-1)(x),
    lambda hk, jax, x: hk.RMSNorm((1, 2), create_scale=False)(x), lambda hk, jax, x: hk.RMSNorm(slice(1, None), param_axis=(1, 3), eps=1e-2)(x),
)  # fmt: skip
options(
    "BatchNorm", IMAGE,
    lambda hk, jax, x: hk.BatchNorm(True, True, 0.9)(x, is_training=True), lambda hk, jax, x: hk.BatchNorm(True, True, 0.9)(x, True) + hk.BatchNorm(False, False, 0.5)(x, True),
    lambda hk, jax, x: hk.BatchNorm(True, False, 0.9, eps=1e-2, data_format="NCHW", scale_init=hk.initializers.RandomNormal())(x, True),
    lambda hk, jax, x: hk.BatchNorm(False, False, 0.9, axis=(0, 1))(x, True, scale=2.0, offset=0.5),
    lambda hk, jax, x: (lambda bn: bn(x, True) + bn(x, False))(hk.BatchNorm(True, True, 0.9)), lambda hk, jax, x: (lambda bn: bn(x, True) + bn(x, False, test_local_stats=True))(hk.BatchNorm(True, True, 0.9)),
)  # fmt: skip
options(
    "averages", ROWS,
    lambda hk, jax, x: hk.ExponentialMovingAverage(0.9)(x), lambda hk, jax, x: hk.ExponentialMovingAverage(0.9, zero_debias=False, warmup_length=2)(x),
    lambda hk, jax, x: (lambda ema: ema(x, update_stats=False) + ema(x))(hk.ExponentialMovingAverage(0.5)),
    lambda hk, jax, x: hk.EMAParamsTree(0.9)({"a/~/b": {"w": x, "c": x}}, True)["a/~/b"]["w"], lambda hk, jax, x: hk.EMAParamsTree(0.9, ignore_regex=".*w")({"a": {"w": x, "v": x}})["a"]["w"],
    lambda hk, jax, x: hk.SpectralNorm()(x), lambda hk, jax, x: hk.SpectralNorm(n_steps=3, eps=1e-3)(x.reshape(2, 2, 6)), lambda hk, jax, x: hk.SNParamsTree()({"a/~/b": {"w": x}})["a/~/b"]["w"],
)  # fmt: skip
options("Embed", IDS, lambda hk, jax, x: hk.Embed(7, 3)(x), lambda hk, jax, x: hk.Embed(7, 3, lookup_style="ONE_HOT", w_init=hk.initializers.RandomUniform())(x),
        lambda hk, jax, x: hk.Embed(embedding_matrix=np.arange(21, dtype=np.float32).reshape(7, 3))(x, lookup_style=hk.EmbedLookupStyle.ONE_HOT))  # fmt: skip
options(
    "attention", SERIES,
    lambda hk, jax, x: hk.MultiHeadAttention(2, 3, w_init=hk.initializers.VarianceScaling())(x, x, x),
    lambda hk, jax, x: hk.MultiHeadAttention(2, 3, value_size=4, model_size=5, with_bias=False, w_init=hk.initializers.VarianceScaling(0.5))(x, x[:, :2], x[:, :2]),
    lambda hk, jax, x: hk.MultiHeadAttention(2, 3, w_init=hk.initializers.VarianceScaling(), b_init=hk.initializers.RandomNormal())(x, x, x, mask=np.tril(np.ones((1, 1, 3, 3), bool))),
)  # fmt: skip


def unrolled(make: Any, function: str, **kwargs: Any) -> Any:
    def body(hk: Any, jax: Any, x: Any) -> Any:
        core = make(hk)
        out, state = getattr(hk, function)(
            core, x, core.initial_state(x.shape[0 if kwargs.get("time_major") is False else 1]), **kwargs
        )
        return out, state

    return body


options(
    "recurrent", SERIES,
    unrolled(lambda hk: hk.LSTM(4), "dynamic_unroll"), unrolled(lambda hk: hk.GRU(4), "static_unroll"), unrolled(lambda hk: hk.VanillaRNN(4, double_bias=False), "dynamic_unroll", reverse=True),
    unrolled(lambda hk: hk.GRU(4, b_init=hk.initializers.RandomNormal()), "dynamic_unroll", time_major=False), unrolled(lambda hk: hk.LSTM(4), "dynamic_unroll", return_all_states=True, unroll=2),
    unrolled(lambda hk: hk.DeepRNN([hk.LSTM(4), hk.Linear(3), hk.GRU(2)]), "dynamic_unroll"), unrolled(lambda hk: hk.deep_rnn_with_skip_connections([hk.LSTM(4), hk.GRU(3)]), "dynamic_unroll"),
    unrolled(lambda hk: hk.IdentityCore(), "static_unroll"), unrolled(lambda hk: hk.VanillaRNN(4), "static_unroll", time_major=False),
    lambda hk, jax, x: (lambda core: hk.dynamic_unroll(core, (x, np.array([[0, 1, 0]] * 5, bool)), core.initial_state(3))[0])(hk.ResetCore(hk.LSTM(4))),
)  # fmt: skip
options("convlstm", data(3, 2, 6, 5, 2), unrolled(lambda hk: hk.Conv2DLSTM((6, 5), 3, 3), "dynamic_unroll"))
options("convlstm1", data(3, 2, 6, 2), unrolled(lambda hk: hk.Conv1DLSTM((6,), 3, 2), "static_unroll"))
options("convlstm3", data(2, 2, 4, 3, 2, 2), unrolled(lambda hk: hk.Conv3DLSTM((4, 3, 2), 2, 2), "static_unroll"))
options(
    "MLP", ROWS,
    lambda hk, jax, x: hk.nets.MLP([5, 3])(x), lambda hk, jax, x: hk.nets.MLP([5, 3], activation=jax.numpy.tanh, activate_final=True, with_bias=False)(x),
    lambda hk, jax, x: hk.nets.MLP([5, 3], w_init=hk.initializers.RandomNormal(), b_init=hk.initializers.Constant(1.0))(x, 0.3, hk.next_rng_key()),
    lambda hk, jax, x: (lambda m: (lambda y: m.reverse()(y))(m(x)))(hk.nets.MLP([5, 3], name="m")),
)  # fmt: skip
options("VQVAE", data(2, 3, 4), lambda hk, jax, x: hk.nets.VectorQuantizer(4, 5, 0.25)(x, True), lambda hk, jax, x: hk.nets.VectorQuantizerEMA(4, 5, 0.25, 0.9)(x, True),
        lambda hk, jax, x: hk.nets.VectorQuantizerEMA(4, 5, 0.25, 0.9)(x, False))  # fmt: skip
options(
    "lifted", ROWS,
    lambda hk, jax, x: hk.layer_stack(3)(lambda x: hk.Linear(6)(x))(x), lambda hk, jax, x: hk.layer_stack(2, with_per_layer_inputs=True)(lambda x, y: (hk.Linear(6)(x) * y, x.sum()))(x, np.ones(2, np.float32)),
    lambda hk, jax, x: (lambda layer: hk.scan(lambda c, r: (layer(c + r), c.sum()), x[0], x))(hk.Linear(6)), lambda hk, jax, x: hk.vmap(hk.Linear(3), split_rng=False)(x), lambda hk, jax, x: hk.remat(hk.Linear(3))(x),
    lambda hk, jax, x: hk.cond(x[0, 0] > 9, lambda x: x, lambda x: x * 2, x) + hk.switch(1, [lambda x: x, lambda x: -x], x), lambda hk, jax, x: hk.fori_loop(0, 3, lambda i, x: x + i, x),
    lambda hk, jax, x: hk.map(hk.Linear(2), x), lambda hk, jax, x: hk.value_and_grad(lambda x: hk.Linear(1)(x).sum())(x), lambda hk, jax, x: jax.grad(lambda x: hk.Linear(1, name="l")(x).sum())(x) + hk.grad(lambda x: (x**2).sum())(x),
    lambda hk, jax, x: hk.lift(hk.transform(lambda x: hk.Linear(3)(x)).init, name="inner")(hk.next_rng_key(), x)["linear"]["w"], lambda hk, jax, x: hk.Deferred(lambda: hk.Linear(3))(x),
)  # fmt: skip

# `make test` takes the first options of each layer, `make test-full` all of them.
SLOW = (
    "convlstm-0",
    "VQVAE-0",
    "convlstm1-0",
    "convlstm3-0",
    "lifted-1",
    "recurrent-1",
    "attention-1",
    "VQVAE-1",
    "Conv3D-1",
)
OFTEN = {name for name in CASES if name.rpartition("-")[2] in ("0", "1")} - set(SLOW)
MARKED = [pytest.param(name, marks=[] if name in OFTEN else [pytest.mark.full]) for name in CASES]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", MARKED)
def test_layer(name: str) -> None:
    body, x = CASES[name]
    wanted = observe(haiku, jax, body, x)
    for backend, initial, tolerance in (("jax", 0.0, 1e-6), ("torch", 1e-6, 1e-4)):
        with on(backend):
            compare(observe(hk, ujax, body, x), wanted, initial, tolerance)


@pytest.mark.slow
def test_second_derivatives() -> None:
    """Of layers that torch has kernels for, on both backends."""

    def body(hk: Any, jax: Any, x: Any) -> Any:
        x = hk.MultiHeadAttention(2, 3, w_init=hk.initializers.VarianceScaling())(x, x, x)
        return hk.BatchNorm(True, True, 0.9)(hk.LayerNorm(-1, True, True)(hk.Linear(4)(x)), True)

    def found(haiku_like: Any, jax_like: Any) -> np.ndarray:
        net = transformed(haiku_like, jax_like, body)
        x = jax_like.numpy.asarray(SERIES[:3, :2])
        params, state = net.init(jax_like.random.PRNGKey(0), x)

        def value(scale: Any) -> Any:
            return (jax_like.numpy.tanh(net.apply(params, state, None, x * scale)[0]) ** 2).sum()

        slope = jax_like.grad(value)
        return np.asarray(jax_like.grad(lambda s: slope(s))(jax_like.numpy.float32(1.5)))

    wanted = found(haiku, jax)
    u.set_backend("torch")
    try:
        np.testing.assert_allclose(found(hk, ujax), wanted, rtol=2e-3)
    finally:
        u.set_backend(None)
