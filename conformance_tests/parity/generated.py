"""Comparing torch and JAX on options and shapes that hypothesis makes up."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

__all__ = ["SEEDS", "compare", "draw_input", "pairs", "run"]

REFUSALS = (ValueError, TypeError, IndexError, RuntimeError, NotImplementedError)
SEEDS = st.integers(0, 99).map(np.random.default_rng)


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
        values = truth.detach().numpy()
        # A small value may be what is left of a sum of large ones.
        largest = max(1.0, float(np.abs(values[np.isfinite(values)]).max(initial=0)))
        np.testing.assert_allclose(array, values, rtol=1e-5, atol=1e-5 * largest)


def pairs(least: int, most: int) -> st.SearchStrategy[Any]:
    """One number, or one for each of two dimensions."""
    number = st.integers(least, most)
    return number | st.tuples(number, number)


def run(check: Callable[..., None], strategies: tuple[Any, ...], examples: int) -> None:
    """Calls `check` with what the strategies make up."""

    # Examples are small as they are, and every step of shrinking one would be compiled.
    @settings(max_examples=examples, derandomize=True, deadline=None, phases=[Phase.generate])
    @given(st.tuples(*strategies))
    def on_examples(arguments: tuple[Any, ...]) -> None:
        check(*arguments)

    on_examples()
