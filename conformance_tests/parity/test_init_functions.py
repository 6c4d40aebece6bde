"""A dict of functions of `(shape, dtype=)` as `init_fn=` of a layer, in every style and on both frameworks."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
import unified.explicit as bx
import unified.nn as nn
import unified.trees as ut

X: dict[str, Any] = {"torch": torch.ones(4, 3), "jax": jnp.ones((4, 3))}


def rising(shape: Any, dtype: Any) -> Any:
    values = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    return torch.as_tensor(values, dtype=dtype) if isinstance(dtype, torch.dtype) else jnp.asarray(values, dtype)


INIT = {"weight": rising, "bias": u.initializers.ones}


def initial(body: Any, backend: str, x: Any = None) -> Any:
    net = u.transform(body, backend=backend)
    result = net.init(X[backend] if x is None else x, rng=0)
    return net.params if backend == "torch" else result


def layer(x: Any) -> Any:
    return u.Linear(3, 2, init_fn=INIT)(x)


STYLES: dict[str, Any] = {
    "inline": lambda backend: initial(layer, backend).subtree("linear"),
    "lazy": lambda backend: initial(lambda x: u.Linear(None, 2, init_fn=INIT)(x), backend).subtree("linear"),
    "within": lambda backend: initial(
        lambda x: u.Sequential(u.Linear(3, 2, init_fn=INIT), u.ReLU())(x), backend
    ).subtree("sequential/0"),
    "objects": lambda backend: nn.state(u.build(nn.Linear, 3, 2, backend=backend, rng=0, init_fn=INIT)),
    "explicit": lambda backend: bx.Linear(bx.Graph("net"), 3, 2, init_fn=INIT)(
        bx.params(seed=0, backend=backend), X[backend]
    )[1].subtree("net"),
    "trees": lambda backend: ut.params(ut.fill(ut.Linear(3, 2, init_fn=INIT), backend=backend)),
}


@pytest.mark.parametrize("backend", X)
@pytest.mark.parametrize("style", STYLES)
def test_every_style(style: str, backend: str) -> None:
    params = STYLES[style](backend).to("numpy")
    np.testing.assert_array_equal(params["weight"], np.arange(6.0).reshape(2, 3))
    np.testing.assert_array_equal(params["bias"], np.ones(2))


@pytest.mark.parametrize("backend", X)
def test_layers_of_a_stack_and_values_of_other_layers(backend: str) -> None:
    def stacked(x: Any) -> Any:
        return u.layer_stack(2, name="h")(lambda x: u.Linear(3, 3, init_fn={"weight": rising})(x))(x)

    weight = initial(stacked, backend).to("numpy")["h/linear/weight"]
    np.testing.assert_array_equal(weight, np.broadcast_to(np.arange(9.0).reshape(3, 3), (2, 3, 3)))

    def transposed(x: Any) -> Any:
        first = u.Linear(3, 2, name="first")
        return u.Linear(2, 3, name="second", init_fn={"weight": lambda shape, dtype: first.weight.T})(first(x))

    def copied(x: Any) -> Any:
        first = u.Linear(3, 2, name="first")

        def copy(layer: Any) -> None:
            layer.weight = first.weight.T if isinstance(x, jax.Array) else torch.nn.Parameter(first.weight.detach().T)

        return u.Linear(2, 3, name="second", init_fn=copy)(first(x))

    def declared(x: Any) -> Any:
        first = u.Linear(3, 2, name="first")
        weight = u.get_parameter("second", (3, 2), init_fn=lambda shape, dtype: first.weight.T)
        return first(x) @ weight.T

    for body, path in ((transposed, "second/weight"), (copied, "second/weight"), (declared, "second")):
        params = initial(body, backend).to("numpy")
        np.testing.assert_array_equal(params[path], params["first/weight"].T)


@pytest.mark.parametrize("backend", X)
@pytest.mark.parametrize(
    "init", [torch.nn.init.ones_, jax.nn.initializers.ones, u.initializers.ones], ids=["torch", "jax", "unified"]
)
def test_initializers_of_frameworks_in_every_style(init: Any, backend: str) -> None:
    objects = u.build(nn.Linear, 3, 2, backend=backend, rng=0, init_fn=init)
    explicit = bx.Linear(bx.Graph("net"), 3, 2, init_fn=init)(bx.params(seed=0, backend=backend), X[backend])[1]
    tree = ut.fill(ut.Linear(3, 2, init_fn=init), backend=backend)
    inline = initial(lambda x: u.Linear(3, 2, init_fn=init)(x), backend)
    for params in (inline.subtree("linear"), nn.state(objects), explicit.subtree("net"), ut.params(tree)):
        np.testing.assert_array_equal(params.to("numpy")["weight"], np.ones((2, 3)))


@pytest.mark.parametrize("backend", X)
def test_another_shape_is_refused(backend: str) -> None:
    with pytest.raises(ValueError, match=r"'linear/weight': init_fn (returned|made) shape \(1,\).*\(2, 3\)"):
        initial(lambda x: u.Linear(3, 2, init_fn={"weight": lambda shape, dtype: rising((1,), dtype)})(x), backend)


def test_a_jitted_init_computes_them() -> None:
    net = u.transform(layer, backend="jax")
    params = jax.jit(lambda: net.init(X["jax"], rng=0))()
    np.testing.assert_array_equal(params["linear/weight"], np.arange(6.0).reshape(2, 3))


def test_reset_calls_it_again() -> None:
    def forward(x: Any) -> Any:
        return u.Sequential(u.Linear(2, 3, init_fn=INIT), u.ReLU())(layer(x))

    net = u.transform(forward, backend="torch").init(X["torch"], rng=0)
    before = net.params.to("numpy")
    with torch.no_grad():
        for tensor in net.parameters():
            tensor.zero_()
    assert net.reset(rng=0).params == before
