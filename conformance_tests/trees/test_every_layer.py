"""Every declared layer as a module: a body's variables, bit for bit, and what it computes, on both frameworks."""

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
import unified.trees as ut
from conformance_tests.parity.cases import CASES
from conformance_tests.parity.cases.recipes import Case
from conformance_tests.parity.layer_runner import arguments, given_inputs, layer_inputs
from conformance_tests.trees.models import numpy
from unified.core import layers as declared

pytestmark = pytest.mark.filterwarnings("ignore:reduction", "ignore:enable_nested_tensor")

CONVERT = {"torch": torch.tensor, "jax": jnp.asarray}
FIRST = {case.layer: case for case in reversed(CASES) if case.layer != "Sequential"}  # one for each layer


def listed(value: Any) -> list[Any]:
    if isinstance(value, (tuple, list)):
        return [array for item in value for array in listed(item)]
    return [] if value is None else [value]


def of_tree(case: Case, backend: str) -> tuple[Any, list[Any], list[Any]]:
    """The layer, and its outputs in evaluation and in training."""
    args, kwargs = arguments(case, CONVERT[backend], ut)
    inputs, options = given_inputs(case, [*map(CONVERT[backend], layer_inputs(case, 0))])
    layer = ut.fill(ut.Sequential([getattr(ut, case.layer)(*args, **kwargs)]), backend=backend, rng=3).layers[0]
    trained, new = ut.apply(layer, *inputs, training=True, rng=7, **options)
    assert ut.params(new).info == ut.params(layer).info
    return layer, listed(ut.apply(layer, *inputs, rng=7, **options)[0]), [*listed(trained), *ut.params(new).values()]


def of_body(case: Case, backend: str) -> tuple[Any, list[Any]]:
    def forward(*inputs: Any, **options: Any) -> Any:
        args, kwargs = arguments(case, CONVERT[backend], u)
        return Outer(lambda: getattr(u, case.layer)(*args, **kwargs, name=0)(*inputs, **options))()

    inputs, options = given_inputs(case, [*map(CONVERT[backend], layer_inputs(case, 0))])
    net = u.transform(forward, backend=backend)
    params = net.init(*inputs, rng=3, **options)
    params = params.params if backend == "torch" else params
    return params.filter(lambda info: info.collection != "rng"), listed(net.apply(params, *inputs, **options)[0])


class Outer(u.Module):
    def __init__(self, call: Any) -> None:
        super().__init__(name="layers")
        self.call = call

    def __call__(self) -> Any:
        return self.call()


def test_all_layers_are_there() -> None:
    assert set(declared.__all__) - {"Sequential"} == set(FIRST)
    assert all(issubclass(getattr(ut, name), ut.Layer) for name in FIRST)


LAZY = [name for name in FIRST if name.startswith("Lazy")]


@pytest.mark.full
@pytest.mark.parametrize("backend", ["torch", "jax"])
@pytest.mark.parametrize("name", sorted(set(FIRST) - set(LAZY)))
def test_every_layer(name: str, backend: str) -> None:
    """Against the layer of a body; a few that draw without being in training are compared in shape alone."""
    case = FIRST[name]
    layer, outputs, _ = of_tree(case, backend)
    params, expected = of_body(case, backend)
    ours = ut.params(layer)
    assert [f"layers/0/{path}" for path in ours] == list(params)
    for value, other in zip(ours.values(), params.values(), strict=True):
        assert numpy(value).tobytes() == numpy(other).tobytes()
    for value, other in zip(outputs, expected, strict=True):
        if name.startswith("Fractional"):  # which draws in evaluation too
            assert value.shape == other.shape
            continue
        np.testing.assert_allclose(numpy(value), numpy(other), rtol=1e-5, atol=1e-5)


@pytest.mark.full
@pytest.mark.parametrize("name", sorted(set(FIRST) - set(LAZY)))
def test_training_is_equal_on_both(name: str) -> None:
    case = FIRST[name]
    results = [of_tree(case, backend)[2] for backend in ("torch", "jax")]
    for one, two in zip(*results, strict=True):
        np.testing.assert_allclose(numpy(one), numpy(two), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", LAZY)
def test_lazy_layers(name: str) -> None:
    case = FIRST[name]
    args, kwargs = arguments(case, torch.tensor, ut)
    inputs, options = given_inputs(case, [*map(torch.tensor, layer_inputs(case, 0))])
    layer = ut.fill(getattr(ut, name)(*args, **kwargs), *inputs, rng=3, backend="torch", **options)
    assert not layer._spec.is_lazy and layer(*inputs, **options) is not None
