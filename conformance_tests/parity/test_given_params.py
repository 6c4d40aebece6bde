"""Params that users give to a model: what fits no model is refused alike on both frameworks, and by what name."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
import unified.nn as nn


def forward(x: Any) -> Any:
    x = u.BatchNorm1d(3)(u.Linear(2, 3)(x))
    if u.is_training():
        x = x + u.Linear(3, 3, name="auxiliary")(x)
    return u.Linear(3, 1, name="head")(x)


class Network(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear, self.head = nn.Linear(2, 3), nn.Linear(3, 1)

    def forward(self, x: Any) -> Any:
        return self.head(self.linear(x))


def array(backend: str, value: Any) -> Any:
    host = np.asarray(value, np.float32)
    return torch.from_numpy(host) if backend == "torch" else jnp.asarray(host)


@pytest.fixture(params=["torch", "jax"])
def model(request: pytest.FixtureRequest) -> tuple[str, Any, Any, Any]:
    backend = request.param
    x, net = array(backend, np.ones((4, 2))), u.transform(forward, backend=backend)
    initial = net.init(x, rng=0)
    return backend, net, net.params if backend == "torch" else initial, x


@pytest.fixture(params=["torch", "jax"])
def network(request: pytest.FixtureRequest) -> tuple[str, Any, Any, Any]:
    net = u.build(Network, backend=request.param, rng=0)
    return request.param, net, nn.state(net), array(request.param, np.ones((4, 2)))


Given = tuple[str, Any, Any, Any]


def test_a_dict_with_a_path_that_the_model_lacks(model: Given) -> None:
    backend, net, params, x = model
    given = {**params, "haed/bias": array(backend, [1.0])}
    for training in (False, True):
        with pytest.raises(KeyError, match=r"no variable 'haed/bias' in this model; .*'head/bias'.*Params\("):
            net.apply(given, x, training=training)
    net.apply(u.Params(given), x)  # which may be of several models
    net.apply({**params, "rng/key": np.zeros(2, np.uint32)}, x)


def test_a_dict_with_variables_of_branches_and_methods(model: Given) -> None:
    backend, net, params, x = model
    expected = net.apply(params, x)[0]
    np.testing.assert_array_equal(
        *(
            np.asarray(value.detach() if backend == "torch" else value)
            for value in (net.apply(dict(params), x)[0], expected)
        )
    )
    part, _ = net.method(lambda x: u.Linear(2, 3)(x)).apply(dict(params), x)
    assert tuple(part.shape) == (4, 3)


def test_a_dict_of_an_object(network: Given) -> None:
    backend, net, params, x = network
    net.apply(dict(params), x)
    with pytest.raises(KeyError, match=r"no variable 'haed/bias' in this .*'head/bias'"):
        net.apply({**params, "haed/bias": array(backend, [1.0])}, x)
    with pytest.raises(KeyError, match=r"unexpected .*'haed/bias'.*closest.*'head/bias'"):
        net.load_params({**params, "haed/bias": array(backend, [1.0])})


def test_jitted_calls_refuse_such_a_dict() -> None:
    net, x = u.transform(forward, backend="jax"), jnp.ones((4, 2))
    params = dict(net.init(x, rng=0))
    assert jax.jit(net.apply)(params, x)[0].shape == (4, 1)
    with pytest.raises(KeyError, match="haed/bias"):
        jax.jit(net.apply)({**params, "haed/bias": jnp.ones(1)}, x)


MALFORMED: list[tuple[Callable[[Any], Any], str]] = [
    (lambda params: params.nested(), "whole paths.*'linear' is a dict.*from_nested"),
    (lambda params: {path: value.tolist() for path, value in params.items()}, "'linear/weight' is a list"),
    (lambda params: {**params, "head/bias": None}, "'head/bias' is a NoneType"),
    (lambda params: {**params, "head/bias": 1.0}, "'head/bias' is a float"),
    (lambda params: dict(enumerate(params.values())), "map paths.*the key 0"),
]


@pytest.mark.parametrize("case", range(len(MALFORMED)))
def test_what_is_no_mapping_from_paths_to_arrays(case: int, model: Given) -> None:
    make, pattern = MALFORMED[case]
    backend, net, params, x = model
    given = make(params)
    for use in (lambda: net.apply(given, x), lambda: net.bind(given), lambda: u.Params(given)):
        with pytest.raises(TypeError, match=pattern):
            use()
    with pytest.raises(TypeError, match=pattern):
        net.bind(params).replace(given)
    if backend == "torch":
        with pytest.raises(TypeError, match=pattern):
            net.load_params(given)
    if case == 4:
        for change in (params.update, params.merge, params.replaced, params.from_state_dict):
            with pytest.raises(TypeError, match=pattern):
                change(given)


@pytest.mark.parametrize("given", [None, "head", [1]], ids=str)
def test_what_is_no_mapping(given: Any, model: Given) -> None:
    _, net, params, x = model
    uses = net.bind, net.bind(params).replace, params.update, params.merge, params.replaced, params.from_state_dict
    for use in (lambda given: net.apply(given, x), *uses):
        with pytest.raises(TypeError, match=f"got {type(given).__name__}"):
            use(given)


def test_names_with_dots(model: Given) -> None:
    backend, net, params, x = model
    with pytest.raises(u.StructureChangedError, match=r"'linear/weight'.*names with dots.*from_state_dict"):
        net.apply(params.state_dict(), x)
    if backend == "torch":
        with pytest.raises(KeyError, match=r"names with dots.*from_state_dict"):
            net.load_params(params.state_dict())


def test_bound_models_take_arrays_of_any_framework_and_hold_params(model: Given) -> None:
    backend, net, params, x = model
    foreign = {path: array("jax" if backend == "torch" else "torch", value.tolist()) for path, value in params.items()}
    bound = net.bind(params)
    assert set(net.bind(foreign)(x)[1].params) == set(params)
    replaced = bound.replace(dict(params))
    assert isinstance(replaced.params, u.Params) and replaced(x)[1].params == params
    with pytest.raises(KeyError, match=r"haed/bias.*'head/bias'"):
        bound.replace({**params, "haed/bias": array(backend, [1.0])})
