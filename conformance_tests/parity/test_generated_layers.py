"""Transposed convolution, windows, normalisation, resizing and attention with options that hypothesis makes up."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from hypothesis import strategies as st

import unified as u
from conformance_tests.parity.generated import SEEDS, compare, draw_input, pairs, run
from unified.backends.jax import functional as F

BATCHES = st.sampled_from([(2,), ()])
SMALL = st.integers(1, 6)


@st.composite
def transposed(draw: Any) -> tuple[list[tuple[int, ...]], dict[str, Any]]:
    dimensions = draw(st.integers(1, 2))
    groups = draw(st.integers(1, 2))
    into, out = groups * draw(st.integers(1, 2)), draw(st.integers(1, 2))
    kernel = draw(st.tuples(*[st.integers(1, 4)] * dimensions))
    each = st.integers(0, 3) if dimensions == 1 else pairs(0, 3)
    positive = st.integers(1, 3) if dimensions == 1 else pairs(1, 3)  # torch takes a dilation of 0, at times
    options = {"stride": draw(each), "padding": draw(each), "output_padding": draw(each), "dilation": draw(positive)}
    if draw(st.booleans()):
        options.update(stride=2, dilation=1, output_padding=draw(st.integers(0, 1)))
    spatial = draw(st.tuples(*[SMALL] * dimensions))
    shapes = [(*draw(BATCHES), into, *spatial), (into, out, *kernel), (out * groups,)]
    return shapes, {**options, "groups": groups}


def check_conv_transpose(made: Any, rng: np.random.Generator) -> None:
    shapes, options = made
    name = f"conv_transpose{len(shapes[1]) - 2}d"
    try:
        output = jax.eval_shape(lambda *x: getattr(F, name)(*x, **options), *[jnp.zeros(shape) for shape in shapes])
    except ValueError:
        output = None
    if output is not None and 0 in output.shape:  # which kernel torch takes decides whether it refuses that
        return
    compare(
        [draw_input(shape, rng) for shape in shapes],
        lambda *x: getattr(torch.nn.functional, name)(*x, **options),
        lambda *x: getattr(F, name)(*x, **options),
    )


WINDOWS = st.fixed_dictionaries(
    {"kernel_size": pairs(1, 3), "dilation": pairs(0, 2), "padding": pairs(0, 2), "stride": pairs(0, 3)}
)
IMAGES = st.tuples(BATCHES, st.integers(1, 2), SMALL, SMALL).map(lambda made: (*made[0], *made[1:]))


def check_unfold(options: dict[str, Any], shape: tuple[int, ...], rng: np.random.Generator) -> None:
    compare(
        [draw_input(shape, rng)],
        lambda x: torch.nn.functional.unfold(x, **options),
        lambda x: F.unfold(x, **options),
    )


def check_fold(options: dict[str, Any], shape: tuple[int, ...], off: int, rng: np.random.Generator) -> None:
    """Of windows as `unfold` gives them for an image of that shape; with `off`, of one too many."""
    size = shape[-2:]
    try:
        windows = torch.nn.functional.unfold(torch.ones(shape), **options).shape
    except RuntimeError:
        windows = torch.Size([4, 3])
    windows = (*windows[:-1], windows[-1] + off)
    compare(
        [draw_input(windows, rng)],
        lambda x: torch.nn.functional.fold(x, size, **options),
        lambda x: F.fold(x, size, **options),
    )


EPS = st.sampled_from([1e-2, 0.1])  # a smaller one magnifies the rounding of values that are all equal
CHANNELS_FIRST = st.lists(st.integers(1, 4), min_size=1, max_size=4).map(lambda rest: (*rest[:1], 4, *rest[1:]))


def check_group_norm(
    groups: int, shape: tuple[int, ...], weight: bool, bias: bool, eps: float, rng: np.random.Generator
) -> None:
    bias = bias and weight  # torch's gradient fails for a bias alone
    given = [draw_input(shape, rng), *[draw_input(shape[1:2], rng) for is_given in (weight, bias) if is_given]]

    def call(functional: Any) -> Any:
        def apply(x: Any, *rest: Any) -> Any:
            values = iter(rest)
            return functional.group_norm(
                x, groups, next(values) if weight else None, next(values) if bias else None, eps
            )

        return apply

    compare(given, call(torch.nn.functional), call(F))


def check_instance_norm(shape: tuple[int, ...], eps: float, rng: np.random.Generator) -> None:
    compare(
        [draw_input(shape, rng), draw_input(shape[1:2], rng), draw_input(shape[1:2], rng)],
        lambda x, w, b: torch.nn.functional.instance_norm(x, weight=w, bias=b, eps=eps),
        lambda x, w, b: F.instance_norm(x, weight=w, bias=b, eps=eps),
    )


def check_batch_norm(
    shape: tuple[int, ...], training: bool, momentum: float, eps: float, rng: np.random.Generator
) -> None:
    channels = shape[1:2]
    mean, variance = draw_input(channels, rng), draw_input(channels, rng) ** 2
    compare(
        [draw_input(shape, rng), draw_input(channels, rng), draw_input(channels, rng)],
        lambda x, w, b: torch.nn.functional.batch_norm(
            x, torch.tensor(mean), torch.tensor(variance), w, b, training, momentum, eps
        ),
        lambda x, w, b: F.batch_norm(x, jnp.array(mean), jnp.array(variance), w, b, training, momentum, eps),
    )


def check_last_norm(name: str, shape: tuple[int, ...], count: int, eps: float, rng: np.random.Generator) -> None:
    """`layer_norm` and `rms_norm`, over the last dimensions."""
    last = shape[len(shape) - min(count, len(shape)) :]
    compare(
        [draw_input(shape, rng), draw_input(last, rng)],
        lambda x, w: getattr(torch.nn.functional, name)(x, last, w, eps=eps),
        lambda x, w: getattr(F, name)(x, last, w, eps=eps),
    )


FACTORS = st.floats(0.3, 3.0).map(lambda factor: round(factor, 2))


@st.composite
def resizings(draw: Any) -> tuple[tuple[int, ...], dict[str, Any]]:
    modes = ["nearest", "nearest-exact", "area", "linear", "bilinear", "bicubic", "trilinear"]
    mode = draw(st.sampled_from(modes))
    dimensions = {"linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3}.get(mode) or draw(st.integers(1, 3))
    by_size = draw(st.booleans())
    each: Any = st.integers(1, 9) if by_size else FACTORS
    options = {"size" if by_size else "scale_factor": draw(each | st.tuples(*[each] * dimensions)), "mode": mode}
    if mode in modes[3:]:
        options["align_corners"] = draw(st.sampled_from([None, False, True]))
    if not by_size:
        options["recompute_scale_factor"] = draw(st.sampled_from([None, False, True]))
    least = 1 if by_size else 4  # of which no factor leaves nothing
    return (2, 2, *draw(st.tuples(*[st.integers(least, 7)] * dimensions))), options


def check_interpolate(made: Any, rng: np.random.Generator) -> None:
    shape, options = made
    compare(
        [draw_input(shape, rng)],
        lambda x: torch.nn.functional.interpolate(x, **options),
        lambda x: F.interpolate(x, **options),
    )


@st.composite
def dot_products(draw: Any) -> dict[str, Any]:
    is_grouped, is_causal = draw(st.booleans()), draw(st.booleans())
    heads, groups = draw(st.integers(1, 2)), draw(st.integers(1, 2)) if is_grouped else 1
    target, source, size = draw(SMALL), draw(SMALL), draw(st.integers(1, 4))
    mask = None if is_causal else draw(st.sampled_from([None, "bool", "float", "row"]))
    return {
        "query": (2, heads * groups, target, size),
        "key": (2, heads, source, size),
        "value": (2, heads, source, draw(st.integers(1, 4))),
        "mask": mask,
        "is_causal": is_causal,
        "scale": draw(st.sampled_from([None, 0.3])),
        "enable_gqa": is_grouped,
    }


def check_dot_product(made: dict[str, Any], rng: np.random.Generator) -> None:
    made = dict(made)
    shapes, kind = [made.pop(name) for name in ("query", "key", "value")], made.pop("mask")
    target, source = shapes[0][2], shapes[1][2]
    mask: Any = None
    if kind == "float":
        mask = draw_input((target, source), rng)
    elif kind is not None:
        mask = rng.random((target if kind == "bool" else 1, source)) < 0.7
        mask[:, 0] = True  # a row of which nothing may be seen is a case of the table
    compare(
        [draw_input(shape, rng) for shape in shapes],
        lambda q, k, v: torch.nn.functional.scaled_dot_product_attention(
            q, k, v, None if mask is None else torch.tensor(mask), **made
        ),
        lambda q, k, v: F.scaled_dot_product_attention(q, k, v, None if mask is None else jnp.array(mask), **made),
    )


@st.composite
def attentions(draw: Any) -> dict[str, Any]:
    heads = draw(st.integers(1, 2))
    size = heads * draw(st.integers(1, 3))
    others = st.none() | st.integers(1, 4)
    return {
        "embed_dim": size,
        "num_heads": heads,
        "bias": draw(st.booleans()),
        "add_bias_kv": draw(st.booleans()),
        "add_zero_attn": draw(st.booleans()),
        "kdim": draw(others),
        "vdim": draw(others),
        "batch_first": draw(st.booleans()),
    }


def check_attention(
    options: dict[str, Any], lengths: tuple[int, int], batched: bool, masks: Any, weights: Any, rng: Any
) -> None:
    """The layer, on query, key and value of their own sizes."""
    layer = torch.nn.MultiheadAttention(**options)
    names = [name for name, _ in layer.named_parameters()]
    values = [draw_input(tuple(value.shape), rng) for value in layer.parameters()]
    target, source = lengths
    size = options["embed_dim"]

    def shape(length: int, features: int) -> tuple[int, ...]:
        if not batched:
            return (length, features)
        return (2, length, features) if options["batch_first"] else (length, 2, features)

    inputs = [
        draw_input(shape(target, size), rng),
        draw_input(shape(source, options["kdim"] or size), rng),
        draw_input(shape(source, options["vdim"] or size), rng),
    ]
    call: dict[str, Any] = {"need_weights": weights[0], "average_attn_weights": weights[1]}
    if masks[0]:
        call["attn_mask"] = draw_input((target, source), rng)
    if masks[1]:
        padding = rng.random((2, source) if batched else (source,)) < 0.3
        padding[..., 0] = False
        call["key_padding_mask"] = padding if not masks[0] else padding * np.float32(-2.0)

    def forward(*x: jax.Array, **call: Any) -> Any:
        return u.MultiheadAttention(**options)(*x, **call)

    net = u.transform(forward, backend="jax")

    def given(convert: Any) -> dict[str, Any]:
        return {name: convert(value) if isinstance(value, np.ndarray) else value for name, value in call.items()}

    def on_torch(*arrays: torch.Tensor) -> Any:
        parameters = dict(zip(names, arrays[3:], strict=True))
        output, seen = torch.func.functional_call(layer, parameters, arrays[:3], given(torch.tensor))
        return output if seen is None else (output, seen)

    def on_jax(*arrays: jax.Array) -> Any:
        paths = [f"multihead_attention/{name.replace('.', '/')}" for name in names]
        output, seen = net.apply(dict(zip(paths, arrays[3:], strict=True)), *arrays[:3], **given(jnp.array))[0]
        return output if seen is None else (output, seen)

    compare([*inputs, *values], on_torch, on_jax)


FLAGS = st.tuples(st.booleans(), st.booleans())
CHECKS: dict[str, tuple[Any, ...]] = {
    "conv_transpose": (check_conv_transpose, transposed(), SEEDS),
    "unfold": (check_unfold, WINDOWS, IMAGES, SEEDS),
    "fold": (check_fold, WINDOWS, IMAGES, st.sampled_from([0, 0, 0, 1]), SEEDS),
    "group_norm": (check_group_norm, st.integers(1, 4), CHANNELS_FIRST, st.booleans(), st.booleans(), EPS, SEEDS),
    "instance_norm": (check_instance_norm, CHANNELS_FIRST, EPS, SEEDS),
    "batch_norm": (check_batch_norm, CHANNELS_FIRST, st.booleans(), st.sampled_from([0.1, 0.9]), EPS, SEEDS),
    "last_norm": (
        check_last_norm,
        st.sampled_from(["layer_norm", "rms_norm"]),
        CHANNELS_FIRST,
        st.integers(1, 3),
        EPS,
        SEEDS,
    ),
    "interpolate": (check_interpolate, resizings(), SEEDS),
    "dot_product": (check_dot_product, dot_products(), SEEDS),
    "attention": (check_attention, attentions(), st.tuples(SMALL, SMALL), st.booleans(), FLAGS, FLAGS, SEEDS),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CHECKS)
def test_generated(name: str) -> None:
    check, *strategies = CHECKS[name]
    run(check, tuple(strategies), 20)


@pytest.mark.full
@pytest.mark.parametrize("name", CHECKS)
def test_generated_sweep(name: str) -> None:
    check, *strategies = CHECKS[name]
    run(check, tuple(strategies), 300)
