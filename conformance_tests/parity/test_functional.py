"""Every function of `unified.functional` on JAX arrays, against `torch.nn.functional`: values and gradients."""

import functools
import inspect
import warnings
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
import unified.functional as F
from conformance_tests.parity.calls import CALLS, REFUSED
from conformance_tests.parity.calls.recipes import INF, Recipe, make
from tools.functional import files


def arrays_of(values: Any, convert: Any) -> list[Any]:
    rng = np.random.default_rng(11)
    return [convert(make(value, rng)) if isinstance(value, Recipe) else value for value in values]


def as_tensor(array: np.ndarray) -> torch.Tensor:
    tensor = torch.tensor(array)
    return tensor if tensor.is_floating_point() or tensor.dtype == torch.bool else tensor.long()


def projection(shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(12).standard_normal(shape).astype(np.float32)


@pytest.mark.filterwarnings(
    "ignore:.*dim",
    "ignore:.*size_average",
    "ignore:Using padding='same'",
    "ignore:Using a target size",
    "ignore:the target has shape",
    "ignore:Default grid_sample",
    "ignore:Since version 1.3.0",
    "ignore:reduction.*'mean' divides",
)
@pytest.mark.parametrize(("name", "args", "kwargs"), CALLS)
def test_equals_torch(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    names, values = list(kwargs), [*args, *kwargs.values()]

    def apply(functional: Any, arrays: list[Any]) -> tuple[Any, ...]:
        output = getattr(functional, name)(*arrays[: len(args)], **dict(zip(names, arrays[len(args) :], strict=True)))
        return tuple(x for x in output if x is not None) if isinstance(output, tuple) else (output,)

    tensors = arrays_of(values, as_tensor)
    floating = [i for i, x in enumerate(tensors) if torch.is_tensor(x) and x.is_floating_point()]
    floating = [i for i in floating if not values[i].name.startswith("held")]
    for position in floating:
        tensors[position].requires_grad_()
    # Functions with inplace=True refuse to write over a leaf.
    expected = apply(torch.nn.functional, [x.clone() if torch.is_tensor(x) else x for x in tensors])
    arrays = arrays_of(values, jnp.asarray)

    def loss(*floats: Any) -> Any:
        given = list(arrays)
        for position, array in zip(floating, floats, strict=True):
            given[position] = array
        outputs = apply(F, given)
        total = sum(jnp.sum(x * projection(x.shape)) for x in outputs if jnp.issubdtype(x.dtype, jnp.floating))
        return jnp.asarray(total, jnp.float32), outputs

    step = jax.value_and_grad(loss, tuple(range(len(floating))), has_aux=True) if floating else None
    (_, outputs), gradients = jax.jit(step)(*[arrays[i] for i in floating]) if step else (loss(), ())
    for found, truth in zip(outputs, expected, strict=True):
        assert found.shape == truth.shape
        np.testing.assert_allclose(found, truth.detach().numpy(), rtol=1e-5, atol=1e-5)
        assert found.dtype == jax.dtypes.canonicalize_dtype(str(truth.dtype).removeprefix("torch."))
    total = sum((x * torch.tensor(projection(tuple(x.shape)))).sum() for x in expected if x.requires_grad)
    if floating and torch.is_tensor(total):
        total.backward()
        for position, gradient in zip(floating, gradients, strict=True):
            truth = tensors[position].grad
            truth = torch.zeros_like(tensors[position]) if truth is None else truth.to_dense()
            np.testing.assert_allclose(gradient, truth.numpy(), rtol=1e-5, atol=1e-5, err_msg=f"argument {position}")


def test_every_function_has_a_call() -> None:
    random = {"gumbel_softmax"}  # in test_random_layers
    assert {parameters.values[0] for parameters in CALLS} == set(F.__all__) - random


def test_file_of_functions_is_current() -> None:
    assert all(path.read_text() == text for path, text in files().items()), "run: make generate"


def test_parameters_are_torchs() -> None:
    """Of the functions whose parameters Python can tell."""
    told = 0
    for name in F.__all__:
        try:
            truth = list(inspect.signature(getattr(torch.nn.functional, name)).parameters.values())
        except ValueError:  # written in C++
            continue
        if any(parameter.kind is parameter.VAR_POSITIONAL for parameter in truth):
            continue
        found = list(inspect.signature(getattr(F, name)).parameters.values())
        assert [(p.name, p.kind, p.default) for p in found] == [(p.name, p.kind, p.default) for p in truth], name
        told += 1
    assert told > 40


def test_dropout_in_training_draws_in_the_model() -> None:
    """A mask of the right share, another one in each call."""
    net = u.transform(functools.partial(lambda p, x: F.dropout(x, p), 0.3), backend="jax")
    x = np.ones((40, 50), np.float32)
    params = net.init(x, rng=1)
    step = jax.jit(functools.partial(net.apply, training=True))
    output, changes = step(params, x)
    assert list(changes) == ["rng/counter"]
    assert set(np.unique(output)) == {0.0, np.float32(1 / 0.7)}
    assert abs((np.asarray(output) == 0).mean() - 0.3) < 4 * np.sqrt(0.21 / x.size)
    assert (step(params | changes, x)[0] != output).any()
    with pytest.raises(u.NoActiveTransformError):
        F.dropout(jnp.asarray(x))


def test_embedding_with_max_norm() -> None:
    """torch writes over its table, and JAX arrays stay: what is returned is the same."""
    table = np.random.default_rng(0).standard_normal((5, 3)).astype(np.float32)
    index = np.array([[0, 3, 3], [4, 0, 1]])
    for norm_type in (1.0, 2.0, INF):
        truth = torch.nn.functional.embedding(torch.tensor(index), torch.tensor(table), None, 0.7, norm_type)
        found = F.embedding(jnp.asarray(index), jnp.asarray(table), None, 0.7, norm_type)
        np.testing.assert_allclose(found, truth.numpy(), rtol=1e-5, atol=1e-5)


def test_embedding_bag_scales_gradients_by_how_often_a_row_is_named() -> None:
    """Not against torch, whose CPU kernel takes the count of another row (its issue 190063)."""
    index = jnp.array([1, 1, 3])

    def total(table: jax.Array) -> jax.Array:
        return F.embedding_bag(index, table, jnp.array([0]), scale_grad_by_freq=True, mode="sum").sum()

    np.testing.assert_array_equal(jax.grad(total)(jnp.ones((4, 1)))[:, 0], [0, 1, 0, 1])


def test_what_is_not_there_is_nan() -> None:
    """torch raises for an index out of range, which a jitted function cannot: it gives NaN, and wraps nothing."""
    assert np.isnan(F.embedding(jnp.array([-1, 5]), jnp.ones((5, 2)))).all()
    assert np.isnan(F.cross_entropy(jnp.ones((2, 3)), jnp.array([-1, 3]), reduction="none")).all()
    for index in (-1, 5):
        with pytest.raises(IndexError):
            F.embedding(torch.tensor([index]), torch.ones(5, 2))
    for index in (-1, 3):
        with pytest.raises(IndexError):
            F.cross_entropy(torch.ones(1, 3), torch.tensor([index]))


REFUSALS = (ValueError, TypeError, RuntimeError, IndexError, NotImplementedError)


@pytest.mark.parametrize(("name", "args", "kwargs"), REFUSED)
def test_refuses_what_torch_refuses(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    for functional, convert in ((torch.nn.functional, as_tensor), (jax_functional(), jnp.asarray)):
        given = arrays_of([*args, *kwargs.values()], convert)
        with (
            warnings.catch_warnings(),
            pytest.raises((*REFUSALS, AssertionError) if functional is torch.nn.functional else REFUSALS),
        ):
            warnings.simplefilter("ignore")
            getattr(functional, name)(*given[: len(args)], **dict(zip(kwargs, given[len(args) :], strict=True)))


def jax_functional() -> Any:
    from unified.backends.jax import functional

    return functional
