"""Mistakes of users that once passed in silence, or raised an error that named nothing of theirs."""

import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
import unified.explicit as bx
import unified.nn as nn
import unified.trees as ut

X = {"torch": torch.ones(2, 4), "jax": jnp.ones((2, 4))}


def started(body, backend, **options):
    """A model of the body and its first params."""
    net = u.transform(body, backend=backend, **options)
    params = net.init(X[backend], rng=0)
    return net, net.params if backend == "torch" else params


@pytest.fixture(params=["torch", "jax"])
def backend(request):
    return request.param


NONSENSE = {"string": "xavier", "number": 3, "class": u.initializers.Initializer, "array": np.ones((4, 4))}


@pytest.mark.parametrize("init_fn", [*NONSENSE.values(), {"weight": "xavier"}], ids=[*NONSENSE, "dict"])
@pytest.mark.parametrize("size", [4, None])
def test_init_fn_of_a_layer_that_starts_nothing(init_fn, size, backend):
    with pytest.raises(TypeError, match=r"'linear': init_fn.* unified.initializers"):
        started(lambda x: u.Linear(size, 4, init_fn=init_fn)(x), backend)
    with pytest.raises(TypeError, match="init_fn"):
        u.build(nn.Linear, 4, 4, init_fn=init_fn, backend=backend, rng=0)
    with pytest.raises(TypeError, match="init_fn"):
        bx.Linear(bx.Graph("net"), 4, 4, init_fn=init_fn)
    with pytest.raises(TypeError, match="init_fn"):
        ut.Linear(4, 4, init_fn=init_fn)


def test_objects_refuse_a_function_of_the_layer(backend):
    with pytest.raises(TypeError, match="init_fn"):
        u.build(nn.Linear, 4, 4, init_fn=lambda layer: None, backend=backend, rng=0)


@pytest.mark.parametrize("size", [4, None])
def test_init_fn_that_sets_another_attribute(size, backend):
    def misspelt(layer):
        layer.wieght = 2 * layer.weight

    with pytest.raises(AttributeError, match=r"'linear': init_fn set 'wieght'.*'weight'"):
        started(lambda x: u.Linear(size, 4, init_fn=misspelt)(x), backend)


def test_a_class_of_initializers_by_its_function(backend):
    _, by_name = started(lambda x: u.Linear(4, 4, init_fn=u.initializers.normal)(x), backend)
    _, called = started(lambda x: u.Linear(4, 4, init_fn=u.initializers.normal())(x), backend)
    assert by_name == called


def test_a_function_for_one_variable_of_a_layer_says_where_it_runs():
    halves = {"weight": lambda shape, dtype: jnp.full(shape, 0.5, dtype)}
    assert (started(lambda x: u.Linear(4, 4, init_fn=halves)(x), "jax")[1]["linear/weight"] == 0.5).all()
    with pytest.raises(TypeError, match="on jax alone"):
        started(lambda x: u.Linear(4, 4, init_fn=halves)(x), "torch")
