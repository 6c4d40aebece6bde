"""Pooling in any number of dimensions with options that hypothesis makes up: equal to torch, or refused where it is.

And fractional pooling, which draws where its windows lie in every call.
"""

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


def draw_input(shape: tuple[int, ...], seed: int, ties: bool) -> np.ndarray:
    """Normal values, or whole numbers and a few -inf, so that many are equal."""
    rng = np.random.default_rng(seed)
    if not ties:
        return rng.standard_normal(shape).astype(np.float32)
    return rng.choice(np.array([-np.inf, -1, 0, 1, 2], np.float32), shape, p=[0.4, 0.15, 0.15, 0.15, 0.15])


def compare(input: np.ndarray, on_torch: Callable[..., Any], on_jax: Callable[..., Any]) -> None:
    """Outputs and the gradient are equal, or both raise."""
    tensor = torch.tensor(input, requires_grad=True)
    try:
        output = on_torch(tensor)
    except REFUSALS:
        with pytest.raises(REFUSALS):
            on_jax(jnp.asarray(input))
        return
    expected = output if isinstance(output, tuple) else (output,)
    factors = np.random.default_rng(1).standard_normal(expected[0].shape).astype(np.float32)
    expected[0].backward(torch.tensor(factors))

    def outputs(input: jax.Array) -> Any:
        output = on_jax(input)
        return output if isinstance(output, tuple) else (output, None)

    def values_and_gradient(input: jax.Array) -> Any:
        value, gradient, index = jax.vjp(outputs, input, has_aux=True)
        return value, index, gradient(factors)[0]

    found = [array for array in jax.jit(values_and_gradient)(input) if array is not None]
    for array, truth in zip(found, [*expected, tensor.grad], strict=True):
        assert array.shape == truth.shape
        np.testing.assert_allclose(array, truth.detach().numpy(), rtol=1e-5, atol=1e-5)


def sizes(dimensions: int, least: int, most: int) -> st.SearchStrategy[Any]:
    """One number, or one for each dimension."""
    number = st.integers(least, most)
    return number | st.tuples(*[number] * dimensions)


def shapes(dimensions: int) -> st.SearchStrategy[tuple[int, ...]]:
    """Shapes of inputs with a batch or without."""
    spatial = st.tuples(*[st.integers(1, 7) | st.integers(4, 7)] * dimensions)
    return st.tuples(st.sampled_from([(2,), (1,), ()]), st.integers(1, 2), spatial).map(
        lambda parts: (*parts[0], parts[1], *parts[2])
    )


@st.composite
def windows(draw: Any, dimensions: int, **others: Any) -> dict[str, Any]:
    """Sizes of windows, most of which fit, and other options."""
    kernel = draw(sizes(dimensions, 1, 3) | sizes(dimensions, 1, 4))
    half = (kernel if isinstance(kernel, int) else min(kernel)) // 2
    return {
        "kernel_size": kernel,
        "stride": draw(st.none() | sizes(dimensions, 1, 3)),
        "padding": draw(st.just(0) | sizes(dimensions, 0, half) | sizes(dimensions, 0, half) | sizes(1, -1, 2)),
        "ceil_mode": draw(st.booleans()),
        **{name: draw(strategy) for name, strategy in others.items()},
    }


def max_options(dimensions: int) -> st.SearchStrategy[dict[str, Any]]:
    dilation = st.just(1) | st.just(1) | sizes(dimensions, 1, 2)
    return windows(dimensions, dilation=dilation, return_indices=st.booleans())


def check_max(dimensions: int, options: dict[str, Any], shape: tuple[int, ...], seed: int, ties: bool) -> None:
    name = f"max_pool{dimensions}d"

    def on_jax(x: jax.Array) -> Any:
        return getattr(F, name)(x, **options)

    try:
        jax.eval_shape(on_jax, jax.ShapeDtypeStruct(shape, np.float32))
    except ValueError as error:
        if "with no value" in str(error):  # there torch writes past the end of its gradient, and may crash
            return
    compare(draw_input(shape, seed, ties), lambda x: getattr(torch.nn.functional, name)(x, **options), on_jax)


def avg_options(dimensions: int) -> st.SearchStrategy[dict[str, Any]]:
    override = {"divisor_override": st.none() | st.integers(-1, 5)} if dimensions > 1 else {}
    return windows(dimensions, count_include_pad=st.booleans(), **override)


def check_avg(dimensions: int, options: dict[str, Any], shape: tuple[int, ...], seed: int) -> None:
    name = f"avg_pool{dimensions}d"
    compare(
        draw_input(shape, seed, False),
        lambda x: getattr(torch.nn.functional, name)(x, **options),
        lambda x: getattr(F, name)(x, **options),
    )


def adaptive_size(dimensions: int) -> st.SearchStrategy[Any]:
    count = st.integers(1, 8) if dimensions == 1 else st.none() | st.integers(1, 8)
    return st.integers(1, 8) | st.tuples(*[count] * dimensions)


def check_adaptive_avg(dimensions: int, size: Any, shape: tuple[int, ...], seed: int) -> None:
    name = f"adaptive_avg_pool{dimensions}d"
    compare(
        draw_input(shape, seed, False),
        lambda x: getattr(torch.nn.functional, name)(x, size),
        lambda x: getattr(F, name)(x, size),
    )


def check_adaptive_max(dimensions: int, size: Any, shape: tuple[int, ...], seed: int, ties: bool) -> None:
    name = f"adaptive_max_pool{dimensions}d"
    compare(
        draw_input(shape, seed, ties),
        lambda x: getattr(torch.nn.functional, name)(x, size, True),
        lambda x: getattr(F, name)(x, size, True),
    )


@st.composite
def fractional_options(draw: Any, dimensions: int) -> tuple[tuple[int, ...], dict[str, Any]]:
    shape = draw(shapes(dimensions))
    batch = shape[0] if len(shape) == dimensions + 2 else 1
    kernel = draw(sizes(dimensions, 1, 3))
    most = max(1, min(shape[-dimensions:]) - (kernel if isinstance(kernel, int) else max(kernel)))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    return shape, {
        "kernel_size": kernel,
        "output_size": draw(sizes(dimensions, 1, most) | sizes(dimensions, 1, most) | sizes(dimensions, 1, 4)),
        "return_indices": True,
        "_random_samples": rng.random((batch, shape[-dimensions - 1], dimensions)).astype(np.float32),
    }


def check_fractional(dimensions: int, call: tuple[tuple[int, ...], dict[str, Any]], seed: int, ties: bool) -> None:
    name = f"fractional_max_pool{dimensions}d"
    shape, options = call
    samples = options.pop("_random_samples")
    compare(
        draw_input(shape, seed, ties),
        lambda x: getattr(torch.nn.functional, name)(x, **options, _random_samples=torch.tensor(samples)),
        lambda x: getattr(F, name)(x, **options, _random_samples=jnp.asarray(samples)),
    )


SEEDS, TIES = st.integers(0, 99), st.booleans()
CHECKS: dict[str, tuple[Any, ...]] = {
    **{f"max_pool{d}d": (check_max, d, max_options(d), shapes(d), SEEDS, TIES) for d in (1, 2, 3)},
    **{f"avg_pool{d}d": (check_avg, d, avg_options(d), shapes(d), SEEDS) for d in (1, 3)},
    **{f"adaptive_avg_pool{d}d": (check_adaptive_avg, d, adaptive_size(d), shapes(d), SEEDS) for d in (1, 3)},
    **{f"adaptive_max_pool{d}d": (check_adaptive_max, d, adaptive_size(d), shapes(d), SEEDS, TIES) for d in (1, 2, 3)},
    **{f"fractional_max_pool{d}d": (check_fractional, d, fractional_options(d), SEEDS, TIES) for d in (2, 3)},
}


def run(name: str, examples: int) -> None:
    check, dimensions, *strategies = CHECKS[name]

    # Examples are small as they are, and every step of shrinking one would be compiled.
    @settings(max_examples=examples, derandomize=True, deadline=None, phases=[Phase.generate])
    @given(st.tuples(*strategies))
    def on_examples(arguments: tuple[Any, ...]) -> None:
        check(dimensions, *arguments)

    on_examples()


@pytest.mark.slow
@pytest.mark.parametrize("name", CHECKS)
def test_generated(name: str) -> None:
    run(name, 40)


@pytest.mark.full
@pytest.mark.parametrize("name", CHECKS)
def test_generated_sweep(name: str) -> None:
    run(name, 400)


def pool_by_layer(x: jax.Array) -> Any:
    return u.FractionalMaxPool2d(2, output_size=4, return_indices=True)(x)


def pool_by_function(x: jax.Array) -> Any:
    return u.functional.fractional_max_pool2d(x, 2, output_ratio=(0.4, 0.5), return_indices=True)


@pytest.mark.parametrize("forward", [pool_by_layer, pool_by_function])
def test_windows_are_placed_anew_in_evaluation(forward: Callable[[jax.Array], Any]) -> None:
    x = np.random.default_rng(0).standard_normal((2, 20, 12, 9)).astype(np.float32)
    net = u.transform(forward, backend="jax")
    params = net.init(x, rng=0)
    (_, first), changes = net.apply(params, x, training=False)
    assert list(changes) == ["rng/counter"]
    (_, again), _ = net.apply(params, x, training=False)
    (_, second), _ = net.apply(params | changes, x, training=False)
    np.testing.assert_array_equal(first, again)
    assert (np.asarray(first) != second).any()
