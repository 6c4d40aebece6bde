"""Options and shapes that hypothesis makes up: equal to torch where it computes, refused where it refuses."""

from typing import Any

import jax
import numpy as np
import pytest
import torch
from hypothesis import strategies as st

import unified as u
from conformance_tests.parity.generated import SEEDS, compare, draw_input, pairs, run
from unified.backends.jax import functional as F

pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same'")


IMAGE_SHAPES = st.sampled_from([(2,), (1,), ()]).flatmap(
    lambda batch: st.tuples(st.integers(1, 2), st.integers(1, 7), st.integers(1, 7)).map(lambda rest: (*batch, *rest))
)


@st.composite
def convolutions(draw: Any) -> tuple[tuple[int, ...], dict[str, Any]]:
    groups = draw(st.integers(1, 2))
    channels = groups * draw(st.integers(1, 2))
    shape = (*draw(st.sampled_from([(2,), ()])), channels, draw(st.integers(1, 7)), draw(st.integers(1, 7)))
    mode = draw(st.sampled_from(["zeros", "zeros", "reflect", "replicate", "circular"]))
    padding = draw(pairs(-1, 3) | pairs(0, 2) | st.sampled_from(["same", "valid"]))
    return shape, {
        "in_channels": channels,
        "out_channels": groups * draw(st.integers(1, 2)),
        "kernel_size": draw(pairs(1, 4)),
        "stride": 1 if padding == "same" else draw(pairs(0, 3) | pairs(1, 2)),
        "padding": padding if mode == "zeros" or padding != -1 else 0,
        "dilation": draw(pairs(1, 3)),
        "groups": groups,
        "bias": draw(st.booleans()),
        "padding_mode": mode,
    }


def check_conv2d(options: tuple[tuple[int, ...], dict[str, Any]], rng: np.random.Generator) -> None:
    shape, arguments = options
    layer = torch.nn.Conv2d(**arguments)
    names = [name for name, _ in layer.named_parameters()]
    values = [draw_input(tuple(value.shape), rng) for value in layer.parameters()]

    def forward(x: jax.Array) -> jax.Array:
        return u.Conv2d(**arguments)(x)

    net = u.transform(forward, backend="jax")

    def on_torch(x: torch.Tensor, *parameters: torch.Tensor) -> torch.Tensor:
        return torch.func.functional_call(layer, dict(zip(names, parameters, strict=True)), x)

    def on_jax(x: jax.Array, *parameters: jax.Array) -> jax.Array:
        return net.apply({f"conv2d/{name}": value for name, value in zip(names, parameters, strict=True)}, x)[0]

    compare([draw_input(shape, rng), *values], on_torch, on_jax)


MAX_POOLS = st.fixed_dictionaries(
    {
        "kernel_size": pairs(1, 4),
        "stride": st.none() | pairs(1, 3),
        "padding": pairs(0, 2),
        "dilation": st.just(1) | pairs(1, 3),
        "ceil_mode": st.booleans(),
        "return_indices": st.booleans(),
    }
)


def check_max_pool2d(options: dict[str, Any], shape: tuple[int, ...], rng: np.random.Generator, ties: bool) -> None:
    def on_jax(x: jax.Array) -> Any:
        return F.max_pool2d(x, **options)

    try:
        jax.eval_shape(on_jax, jax.ShapeDtypeStruct(shape, np.float32))
    except ValueError as error:
        if "with no value" in str(error):  # there torch writes past the end of its gradient, and may crash
            return
    compare([draw_input(shape, rng, ties)], lambda x: torch.nn.functional.max_pool2d(x, **options), on_jax)


AVERAGE_POOLS = st.fixed_dictionaries(
    {
        "kernel_size": pairs(1, 4),
        "stride": st.none() | pairs(1, 3),
        "padding": pairs(-1, 2) | pairs(0, 1),
        "ceil_mode": st.booleans(),
        "count_include_pad": st.booleans(),
        "divisor_override": st.none() | st.integers(-1, 5),
    }
)


def check_avg_pool2d(options: dict[str, Any], shape: tuple[int, ...], rng: np.random.Generator) -> None:
    compare(
        [draw_input(shape, rng)],
        lambda x: torch.nn.functional.avg_pool2d(x, **options),
        lambda x: F.avg_pool2d(x, **options),
    )


COUNTS = st.none() | st.integers(1, 9)


def check_adaptive_avg_pool2d(size: Any, shape: tuple[int, ...], rng: np.random.Generator) -> None:
    compare(
        [draw_input(shape, rng)],
        lambda x: torch.nn.functional.adaptive_avg_pool2d(x, size),
        lambda x: F.adaptive_avg_pool2d(x, size),
    )


CHECKS = {
    "conv2d": (check_conv2d, convolutions(), SEEDS),
    "max_pool2d": (check_max_pool2d, MAX_POOLS, IMAGE_SHAPES, SEEDS, st.booleans()),
    "avg_pool2d": (check_avg_pool2d, AVERAGE_POOLS, IMAGE_SHAPES, SEEDS),
    "adaptive_avg_pool2d": (
        check_adaptive_avg_pool2d,
        st.integers(1, 9) | st.tuples(COUNTS, COUNTS),
        IMAGE_SHAPES,
        SEEDS,
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CHECKS)
def test_generated(name: str) -> None:
    check, *strategies = CHECKS[name]
    run(check, tuple(strategies), 25)


@pytest.mark.full
@pytest.mark.parametrize("name", CHECKS)
def test_generated_sweep(name: str) -> None:
    check, *strategies = CHECKS[name]
    run(check, tuple(strategies), 400)
