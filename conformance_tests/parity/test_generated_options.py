"""Options and shapes that hypothesis makes up: equal to torch where it computes, refused where it refuses."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import unified as u
from unified.backends.jax import functional as F

REFUSALS = (ValueError, TypeError, IndexError, RuntimeError, NotImplementedError)

pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same'")


def draw_input(shape: tuple[int, ...], rng: np.random.Generator, ties: bool = False) -> np.ndarray:
    return (rng.integers(-2, 3, shape) if ties else rng.standard_normal(shape)).astype(np.float32)


def compare(inputs: list[np.ndarray], on_torch: Callable[..., Any], on_jax: Callable[..., Any]) -> None:
    """Outputs and gradients are equal, or both raise."""
    tensors = [torch.tensor(array, requires_grad=True) for array in inputs]
    try:
        output = on_torch(*tensors)
    except REFUSALS:
        with pytest.raises(REFUSALS):
            on_jax(*map(jnp.asarray, inputs))
        return
    expected = output if isinstance(output, tuple) else (output,)
    factors = np.random.default_rng(1).standard_normal(expected[0].shape).astype(np.float32)
    gradients = torch.autograd.grad((expected[0] * torch.tensor(factors)).sum(), tensors)

    def loss(arrays: list[jax.Array]) -> Any:
        output = on_jax(*arrays)
        outputs = output if isinstance(output, tuple) else (output,)
        return jnp.sum(outputs[0] * factors), outputs

    (_, found), found_gradients = jax.jit(jax.value_and_grad(loss, has_aux=True))(inputs)
    for array, truth in zip([*found, *found_gradients], [*expected, *gradients], strict=True):
        assert array.shape == truth.shape
        np.testing.assert_allclose(array, truth.detach().numpy(), rtol=1e-5, atol=1e-5)


def pairs(least: int, most: int) -> st.SearchStrategy[Any]:
    """One number, or one for each of two dimensions."""
    number = st.integers(least, most)
    return number | st.tuples(number, number)


IMAGE_SHAPES = st.sampled_from([(2,), (1,), ()]).flatmap(
    lambda batch: st.tuples(st.integers(1, 2), st.integers(1, 7), st.integers(1, 7)).map(lambda rest: (*batch, *rest))
)
SEEDS = st.integers(0, 99).map(np.random.default_rng)


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


def run(name: str, examples: int) -> None:
    check, *strategies = CHECKS[name]

    # Examples are small as they are, and every step of shrinking one would be compiled.
    @settings(max_examples=examples, derandomize=True, deadline=None, phases=[Phase.generate])
    @given(st.tuples(*strategies))
    def on_examples(arguments: tuple[Any, ...]) -> None:
        check(*arguments)

    on_examples()


@pytest.mark.parametrize("name", CHECKS)
def test_generated(name: str) -> None:
    run(name, 25)


@pytest.mark.full
@pytest.mark.parametrize("name", CHECKS)
def test_generated_sweep(name: str) -> None:
    run(name, 400)
