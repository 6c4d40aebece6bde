"""Arrays without values: every layer and loss with every axis of its inputs empty, against `torch.nn` itself."""

import re
from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
from conformance_tests.parity.cases import CASES
from conformance_tests.parity.cases.recipes import Case, Recipe
from conformance_tests.parity.layer_runner import (
    check,
    layer_inputs,
    leaf,
    models,
    oracle,
    recipes,
    run_jax,
    run_torch,
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # those of test_layers.py, and of losses of no values
]

# torch divides by zero in a kernel without a check, and the process ends.
ENDS_THE_PROCESS = ("EmbeddingBag",)
# torch returns memory that it did not write; the sum of no losses is 0, and their mean NaN.
UNWRITTEN = ("MultiMarginLoss", "MultiLabelMarginLoss")
# torch accepts any number of channels, or any targets, if there are no values. That is refused here.
MISFITS = re.compile(r"(Lazy)?BatchNorm|LinearCrossEntropyLoss")


def empty_cases(case: Case) -> Iterator[Case]:
    """The case with one axis of one input empty, and those of other inputs that have the same size."""
    shapes = [recipe.shape for recipe in recipes((case.inputs, case.named))]
    seen: set[tuple[tuple[int, ...], ...]] = set()
    for shape in shapes:
        for axis, size in enumerate(shape):
            for emptied in (
                [tuple(0 if s is shape and a == axis else n for a, n in enumerate(s)) for s in shapes],
                [tuple(0 if a == axis and n == size else n for a, n in enumerate(s)) for s in shapes],
                [tuple(0 if n == size else n for n in s) for s in shapes],
            ):
                if tuple(emptied) not in seen and emptied != shapes:
                    seen.add(tuple(emptied))
                    yield resized(case, emptied)


def resized(case: Case, shapes: list[tuple[int, ...]]) -> Case:
    """The case with inputs of other shapes: zeros, if they have values."""
    remaining = iter(shapes)

    def fill(value: Any) -> Any:
        if isinstance(value, Recipe):
            shape = next(remaining)
            dtype = value.draw(np.random.default_rng(0), value.shape).dtype
            same = shape == value.shape
            return value if same else value._replace(shape=shape, draw=lambda rng, shape: np.zeros(shape, dtype))
        if isinstance(value, dict):
            return {name: fill(item) for name, item in value.items()}
        return type(value)(map(fill, value)) if type(value) in (tuple, list) else value

    return case._replace(inputs=fill(case.inputs), named=fill(case.named))


def first_of_each() -> set[int]:
    """The positions of one case for each layer and rank of its inputs."""
    found: dict[Any, int] = {}
    for position, case in enumerate(CASES):
        found.setdefault((case.layer, *(len(r.shape) for r in recipes((case.inputs, case.named)))), position)
    return set(found.values())


FIRST = first_of_each()
FAMILIES = [
    pytest.param(case, marks=[] if position in FIRST else [pytest.mark.full], id=repr(case))
    for position, case in enumerate(CASES)
    if case.layer not in ENDS_THE_PROCESS + UNWRITTEN and not case.layer.startswith("Transformer")
]


@pytest.mark.parametrize("case", FAMILIES)
def test_as_in_torch(case: Case) -> None:
    """Outputs, gradients and state are torch's wherever torch computes."""
    on_torch, on_jax, params = models(case)
    initial = {leaf(path): array for path, array in on_torch.params.to("numpy").items() if path[:4] != "rng/"}
    for empty in empty_cases(case):
        what = f"{[recipe.shape for recipe in recipes((empty.inputs, empty.named))]}"
        truth = on_torch if "rng/key" in params else oracle(case, initial)
        try:
            expected = list(run_torch(truth, empty, "rng/key" in params))
        except (RuntimeError, ValueError, IndexError, AssertionError):
            continue
        try:
            found = list(run_jax(on_jax, params, empty))
        except (u.StructureChangedError, ValueError, TypeError):
            assert MISFITS.match(case.layer), what
            continue
        for result, correct in zip(found, expected, strict=True):
            if "rng/key" in params:  # values are compared in test_random_layers.py
                assert [o.shape for o in result.outputs] == [o.shape for o in correct.outputs], what
                continue
            gradients = correct.gradients
            if case.layer == "GroupNorm" and 0 in empty.inputs[0].shape[2:]:  # torch: NaN, for a sum of no values
                gradients = {name: np.nan_to_num(gradient) for name, gradient in gradients.items()}
            check(result, correct._replace(gradients=gradients), what, case.tolerance)


@pytest.mark.parametrize("layer", UNWRITTEN)
@pytest.mark.parametrize(("reduction", "value"), [("sum", 0.0), ("mean", np.nan)])
def test_losses_of_no_rows(layer: str, reduction: str, value: float) -> None:
    targets = jnp.zeros((0,) if layer == "MultiMarginLoss" else (0, 3), jnp.int32)
    net = u.transform(lambda x: getattr(u, layer)(reduction=reduction)(x, targets), backend="jax")
    np.testing.assert_array_equal(net.apply({}, jnp.zeros((0, 3)))[0], value)


def test_training_goes_on_after_an_empty_batch() -> None:
    """The statistics of BatchNorm stay finite, as on torch, and the next batch counts as the second."""

    def body(x: Any) -> Any:
        return u.BatchNorm1d(3, momentum=None)(u.Linear(2, 3)(x))

    x = np.random.default_rng(0).standard_normal((5, 2)).astype(np.float32)
    net = u.transform(body, backend="jax")
    params = net.init(x, rng=0)
    model = u.transform(body, backend="torch").init(torch.tensor(x), rng=0).train()
    for batch in (x[:0], x, x[:0]):
        params = params | net.apply(params, jnp.asarray(batch), training=True)[1]
        model(torch.tensor(batch))
    for path, value in model.params.to("numpy").items():
        np.testing.assert_allclose(params[path], value, rtol=1e-5, atol=1e-6, err_msg=path)


# torch takes a number for a vector of one value.
OF_NUMBERS = "(Soft|LogSoft|Tanh|Sig|Hard|GELU|ReLU|SiLU|PReLU|Threshold|PairwiseD|Triplet.*Loss$|MSE|L1)"
NUMBERS = [
    case
    for case in CASES
    if re.match(
        "(Soft|LogSoft|Tanh|Sig|Hard|GELU|ReLU|SiLU|PReLU|Threshold|PairwiseD|Triplet.*Loss$|MSE|L1)", case.layer
    )
    and all(isinstance(value, Recipe) for value in case.inputs)
    and not case.kwargs.get("inplace")
    and "city_block" not in repr(case)
]


@pytest.mark.parametrize("case", NUMBERS, ids=map(repr, NUMBERS))
def test_numbers(case: Case) -> None:
    """Of layers that compute with arrays of no dimension."""
    number = resized(case, [() for _ in case.inputs])
    on_torch, on_jax, params = models(case)
    initial = {leaf(path): array for path, array in on_torch.params.to("numpy").items()}
    inputs = [np.float32(0.7) + array for array in layer_inputs(number, 0)]
    try:
        expected = oracle(case, initial)(*map(torch.tensor, inputs))
    except (RuntimeError, IndexError, ValueError):
        with pytest.raises((ValueError, TypeError, IndexError)):
            on_jax.apply(params, *map(jnp.asarray, inputs))
        return
    for found in (on_torch(*map(torch.tensor, inputs)), on_jax.apply(params, *map(jnp.asarray, inputs))[0]):
        assert tuple(found.shape) == tuple(expected.shape)
        np.testing.assert_allclose(np.asarray(_detached(found)), expected.detach().numpy(), rtol=1e-5, atol=1e-6)


def _detached(value: Any) -> Any:
    return value.detach() if torch.is_tensor(value) else value


def test_dropout_of_a_number() -> None:
    """`FeatureAlphaDropout` checks the shape only when it drops, as torch does."""
    net = u.transform(lambda x: u.FeatureAlphaDropout()(x), backend="jax")
    params = net.init(jnp.ones((2, 3)), rng=0)
    assert net.apply(params, jnp.float32(2))[0] == 2 == torch.nn.FeatureAlphaDropout().eval()(torch.tensor(2.0))
    with pytest.raises(ValueError, match="at least 2 dimensions"):
        net.apply(params, jnp.float32(2), training=True)
    assert jax.eval_shape(lambda x: net.apply(params, x)[0], jnp.zeros((0, 3))).shape == (0, 3)
