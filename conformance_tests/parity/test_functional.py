"""Every function of `unified.functional` on JAX arrays, against `torch.nn.functional`: values and gradients."""

import functools
import itertools
import warnings
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
import unified.functional as F
from conformance_tests.parity.layer_cases import Recipe, ints, make, normal, steps

INF = float("inf")


def fixed(*values: Any) -> Recipe:
    """These very values, in float32."""
    array = np.array(values, np.float32)
    return Recipe("fixed", array.shape, lambda rng, shape: array)


def classes(*values: Any) -> Recipe:
    """These very values, in int32 (int64 on torch, which asks for that)."""
    array = np.array(values, np.int32)
    return Recipe("classes", array.shape, lambda rng, shape: array)


def probabilities(*shape: int) -> Recipe:
    """float32 values from 0 to 1."""
    return Recipe("probabilities", shape, lambda rng, shape: rng.random(shape).astype(np.float32))


def held(recipe: Recipe) -> Recipe:
    """The same values, by which torch does not differentiate."""
    return recipe._replace(name=f"held-{recipe.name}")


EXTREMES = fixed([-1e4, 0.0, 1e4, 3.0], [1e4, 1e4, -1e4, 1e4], [-1e4] * 4, [-INF, 1.0, 2.0, -INF])
VALUES = fixed(-1e4, -100.0, -20.0, -3.0, -1e-3, 0.0, 1e-3, 1.0, 19.9, 20.1, 100.0, 1e4)
LOGITS, IMAGES = normal(4, 3), normal(2, 3, 6, 5)
TARGETS, WEIGHT = classes(0, 2, 1, 2), held(probabilities(3))


def call(name: str, *args: Any, **kwargs: Any) -> Any:
    """One line of the table: a function and its arguments, some of them recipes."""
    text = [str(value) for value in args] + [f"{key}={value}" for key, value in kwargs.items()]
    return pytest.param(name, args, kwargs, id=f"{name}-{','.join(text)}".replace(" ", ""))


CALLS = [
    *[call(name, VALUES) for name in ("relu", "sigmoid", "silu", "softplus", "tanh", "gelu")],
    *[call(name, normal(3, 4)) for name in ("relu", "sigmoid", "silu", "softplus", "tanh", "gelu")],
    call("gelu", VALUES, approximate="tanh"),
    call("gelu", normal(3, 4), approximate="tanh"),
    call("relu", normal(3, 4), inplace=True),
    call("silu", normal(3, 4), inplace=True),
    call("softplus", VALUES, 2.0),
    call("softplus", VALUES, beta=0.5, threshold=3),
    *[
        call(name, x, dim)
        for name in ("softmax", "log_softmax")
        for x, dim in ((EXTREMES, -1), (normal(2, 3, 4), 1), (normal(2, 3, 4), -3), (fixed([-INF] * 3, [1, 2, INF]), 1))
    ],
    *[call(name, normal(2, 3, 4)) for name in ("softmax", "log_softmax")],
    call("linear", normal(2, 3, 4), normal(5, 4)),
    call("linear", normal(3, 4), normal(5, 4), normal(5)),
    call("linear", normal(3, 4), normal(4)),
    call("bilinear", normal(2, 3, 4), normal(2, 3, 5), normal(2, 4, 5)),
    call("bilinear", normal(3, 4), normal(3, 5), normal(2, 4, 5), bias=normal(2)),
    call("conv1d", normal(2, 4, 9), normal(6, 2, 3), normal(6), 2, 1, 2, 2),
    call("conv1d", normal(4, 9), normal(6, 4, 4), padding="same"),
    call("conv2d", IMAGES, normal(2, 3, 3, 2), None, (2, 1), (1, 0), (1, 2)),
    call("conv2d", normal(3, 6, 5), normal(2, 3, 3, 2), padding="valid"),
    call("conv3d", normal(1, 2, 4, 3, 5), normal(4, 1, 2, 3, 2), normal(4), padding=(1, 0, 2), groups=2),
    call("conv3d", normal(2, 4, 3, 5), normal(4, 2, 2, 3, 2), padding="same"),
    call("batch_norm", normal(4, 3), held(normal(3)), held(probabilities(3))),
    call("batch_norm", normal(4, 3, 2), held(normal(3)), WEIGHT, normal(3), normal(3), False, 0.1, 0.2),
    call("batch_norm", IMAGES, None, None, normal(3), normal(3), training=True),
    call("batch_norm", IMAGES, None, None, training=True, eps=0.1),
    call("layer_norm", normal(2, 3, 4), (4,)),
    call("layer_norm", normal(2, 3, 4), [3, 4], normal(3, 4), normal(3, 4), 0.1),
    call("layer_norm", normal(2, 3, 4), (3, 4), weight=normal(3, 4)),
    call("embedding", ints(5, 2, 7), normal(5, 3)),
    call("embedding", ints(5, 2, 7), normal(5, 3), padding_idx=-2),
    call("embedding", ints(5, 2, 7), normal(5, 3), 1, scale_grad_by_freq=True),
    call("embedding", ints(5, 2, 7), normal(5, 3), sparse=True),
    call("max_pool2d", IMAGES, 2),
    call("max_pool2d", steps(2, 3, 6, 5), (3, 2), (1, 2), (1, 0)),
    call("max_pool2d", steps(2, 3, 6, 5), 2, 1, 1, 2, True, return_indices=True),
    call("max_pool2d", fixed([[-INF] * 4] * 5), 3, 2, 1, 2, return_indices=True),
    call("max_pool2d", fixed([[-INF] * 4] * 5), 3, 1, 1, return_indices=True),
    call("avg_pool2d", IMAGES, 2),
    call("avg_pool2d", IMAGES, (3, 2), (1, 2), (1, 0), True, False),
    call("avg_pool2d", IMAGES, 3, 2, padding=1, divisor_override=-2),
    call("adaptive_avg_pool2d", IMAGES, 4),
    call("adaptive_avg_pool2d", IMAGES, (None, 2)),
    call("adaptive_avg_pool2d", held(IMAGES), 0),
    *[call("mse_loss", normal(3, 4), normal(3, 4), reduction=how) for how in ("none", "mean", "sum")],
    *[call("mse_loss", normal(3, 4), normal(3, 4), None, how) for how in (True, False)],
    *[call("mse_loss", normal(3), normal(3), reduction=r, weight=probabilities(3)) for r in ("none", "mean", "sum")],
    *[
        call("cross_entropy", logits, target, weight, ignore_index=ignored, reduction=how, label_smoothing=smoothing)
        for (logits, target), weight, ignored, how, smoothing in itertools.product(
            ((LOGITS, TARGETS), (LOGITS, probabilities(4, 3))),
            (None, WEIGHT),
            (-100, 2),
            ("none", "mean", "sum"),
            (0.0, 0.3),
        )
        if not (ignored == 2 and target is not TARGETS)
    ],
    call("cross_entropy", normal(3), ints(3)),
    call("cross_entropy", normal(3), probabilities(3), label_smoothing=0.2),
    call("cross_entropy", normal(2, 3, 4), ints(3, 2, 4), WEIGHT, label_smoothing=0.1),
    call("cross_entropy", normal(2, 3, 4), probabilities(2, 3, 4), WEIGHT),
    call("cross_entropy", LOGITS, TARGETS, WEIGHT, None, 2, None, "sum"),
    call("cross_entropy", LOGITS, TARGETS, None, False),
    call("cross_entropy", LOGITS, TARGETS, None, True, -100, False),
    call("cross_entropy", LOGITS, classes(1, 1, 1, 1), ignore_index=1),
    call("cross_entropy", LOGITS, classes(-100, 1, -100, 1)),
    call("cross_entropy", LOGITS, classes(-1, 1, -1, 1), ignore_index=-1, reduction="none"),
    call("cross_entropy", EXTREMES, classes(0, 3, 2, 1)),
    call("cross_entropy", EXTREMES, classes(2, 2, 3, 0), reduction="none"),
    call("cross_entropy", normal(0, 3), ints(3, 0), reduction="sum"),
    call("cross_entropy", normal(0, 3), ints(3, 0)),
    call("one_hot", ints(5, 2, 3), 5),
    call("one_hot", ints(5, 2, 3), num_classes=7),
    call("one_hot", ints(5, 2, 3)),
    call("dropout", normal(3, 4), 0.5, False),
    call("dropout", normal(3, 4), 0.0, inplace=True),
    *[
        call("pad", normal(*shape), widths, mode)
        for mode in ("constant", "reflect", "replicate", "circular")
        for shape, widths in (
            ((2, 4), (1, 2)),
            ((2, 3, 4), (3, 0)),
            ((2, 3, 4), (-1, -2)),
            ((2, 3, 4), (0, 2, 1, 1)),
            ((1, 2, 3, 4), (-1, -1, 0, 1)),
            ((2, 2, 3, 2), (1, 1, 2, 0, 0, 1)),
            ((1, 2, 2, 3, 2), (1, 0, -1, 0, 0, 1)),
        )
    ],
    *[call("pad", normal(2, 3, 4), (1, -2, -1, 2), mode) for mode in ("constant", "reflect", "replicate")],
    call("pad", normal(2, 3, 4), (1, 2, 0, 1, 3, 0), value=1.5),
    call("pad", normal(2, 3, 4), (-3, 0), value=-INF),
    call("pad", normal(2, 3), ()),
]


def arrays_of(values: Any, convert: Any) -> list[Any]:
    rng = np.random.default_rng(11)
    return [convert(make(value, rng)) if isinstance(value, Recipe) else value for value in values]


def as_tensor(array: np.ndarray) -> torch.Tensor:
    tensor = torch.tensor(array)
    return tensor if tensor.is_floating_point() else tensor.long()


def projection(shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(12).standard_normal(shape).astype(np.float32)


@pytest.mark.filterwarnings("ignore:.*dim", "ignore:.*size_average", "ignore:Using padding='same'")
@pytest.mark.parametrize(("name", "args", "kwargs"), CALLS)
def test_equals_torch(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    names, values = list(kwargs), [*args, *kwargs.values()]

    def apply(functional: Any, arrays: list[Any]) -> tuple[Any, ...]:
        output = getattr(functional, name)(*arrays[: len(args)], **dict(zip(names, arrays[len(args) :], strict=True)))
        return output if isinstance(output, tuple) else (output,)

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
    assert {parameters.values[0] for parameters in CALLS} == set(F.NAMES)


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


REFUSED = [
    call("gelu", normal(3), approximate="exact"),
    call("softmax", normal(3, 4), 2),
    call("linear", normal(3, 4), normal(5, 3)),
    call("bilinear", normal(3, 4), normal(1, 5), normal(2, 4, 5)),
    call("conv1d", normal(2, 4, 9), normal(6, 3, 3)),
    call("conv2d", normal(3, 6), normal(2, 3, 3, 2)),
    call("conv2d", IMAGES, normal(2, 3, 3, 3), padding="same", stride=2),
    call("conv2d", IMAGES, normal(2, 3, 3, 3), padding="full"),
    call("conv2d", IMAGES, normal(2, 3, 3, 3), padding=-1),
    call("conv2d", IMAGES, normal(2, 3, 7, 3)),
    call("conv2d", IMAGES, normal(2, 3, 3, 3), dilation=0),
    call("conv3d", normal(1, 2, 4, 3, 5), normal(4, 1, 2, 3, 2), groups=3),
    call("batch_norm", normal(1, 3), None, None, training=True),
    call("batch_norm", normal(4, 3), None, None),
    call("batch_norm", normal(4, 3), normal(3), probabilities(3), eps=-1.0),
    call("batch_norm", normal(4), normal(4), probabilities(4)),
    call("layer_norm", normal(2, 3, 4), (3,)),
    call("layer_norm", normal(2, 3, 4), (4,), normal(1)),
    call("max_pool2d", normal(6, 5), 2),
    call("max_pool2d", IMAGES, 2, padding=2),
    call("max_pool2d", IMAGES, 2, 0),
    call("max_pool2d", IMAGES, 7),
    call("avg_pool2d", IMAGES, 2, divisor_override=0),
    call("avg_pool2d", normal(2, 0, 4, 4), 2),
    call("adaptive_avg_pool2d", IMAGES, -1),
    call("adaptive_avg_pool2d", IMAGES, (1, 2, 3)),
    call("adaptive_avg_pool2d", ints(4, 1, 4, 4), 2),
    call("mse_loss", normal(3), normal(3), reduction="median"),
    call("mse_loss", normal(3), normal(3), weight=normal(1)),
    call("cross_entropy", LOGITS, classes(1)),
    call("cross_entropy", LOGITS, probabilities(4, 1)),
    call("cross_entropy", LOGITS, TARGETS, normal(1)),
    call("cross_entropy", LOGITS, TARGETS, label_smoothing=1.5),
    call("one_hot", normal(3)),
    call("dropout", normal(3), -0.1),
    call("dropout", normal(3), 1.1),
    call("pad", normal(2, 3), (1,)),
    call("pad", normal(2, 3), (1, 1), "mirror"),
    call("pad", normal(2, 3), (1, 1), "reflect", 2.0),
    call("pad", normal(2, 3), (3, 0), "reflect"),
    call("pad", normal(2, 3), (4, 0), "circular"),
    call("pad", normal(2, 3), (-2, -2)),
    call("pad", normal(3), (1, 1), "replicate"),
]


@pytest.mark.parametrize(("name", "args", "kwargs"), REFUSED)
def test_refuses_what_torch_refuses(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    for functional, convert in ((torch.nn.functional, as_tensor), (jax_functional(), jnp.asarray)):
        given = arrays_of([*args, *kwargs.values()], convert)
        with (
            warnings.catch_warnings(),
            pytest.raises((ValueError, TypeError, RuntimeError, IndexError, NotImplementedError)),
        ):
            warnings.simplefilter("ignore")
            getattr(functional, name)(*given[: len(args)], **dict(zip(kwargs, given[len(args) :], strict=True)))


def jax_functional() -> Any:
    from unified.backends.jax import functional

    return functional
