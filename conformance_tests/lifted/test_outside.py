"""The transforms outside of a body: over arrays, trees, `Params` and bound models, with the same numbers on both."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
import unified.functional as F
from unified.core import backends

ARRAYS: dict[str, Callable[..., Any]] = {"torch": torch.tensor, "jax": jnp.asarray}
RNG = np.random.default_rng(0)
X, Y = RNG.standard_normal((8, 4)).astype(np.float32), RNG.standard_normal((8, 3)).astype(np.float32)

both = pytest.mark.parametrize("backend", ["torch", "jax"])


def forward(x: Any) -> Any:
    return u.Linear(6, 3)(u.Dropout(0.2)(F.relu(u.BatchNorm1d(6)(u.Linear(4, 6)(x)))))


def host(value: Any) -> np.ndarray:
    owner = backends.of_array(value)
    return np.asarray(value) if owner is None else owner.to_numpy(value)


def model(backend: str) -> tuple[Any, u.Params]:
    net = u.transform(forward, backend=backend, rng="portable")
    initial = net.init(ARRAYS[backend](X), rng=0)
    return net, initial.params if backend == "torch" else initial


def train(backend: str, steps: int) -> tuple[list[float], u.Params]:
    """Train by one step function, which has no word of a framework."""
    net, params = model(backend)

    def loss_fn(params: u.Params, x: Any, y: Any) -> tuple[Any, u.Params]:
        output, changes = net.apply(params, x, training=True)
        return ((output - y) ** 2).mean(), changes

    @u.jit
    def step(params: u.Params, x: Any, y: Any) -> tuple[u.Params, Any]:
        (loss, changes), gradients = u.value_and_grad(loss_fn, has_aux=True)(params, x, y)
        weights, rest = params.split()
        weights = weights.update({path: weights[path] - 0.1 * gradients[path] for path in gradients})
        return weights | rest | changes, loss

    losses = []
    for _ in range(steps):
        params, loss = step(params, ARRAYS[backend](X), ARRAYS[backend](Y))
        losses.append(float(loss))
    return losses, params


def test_one_step_trains_on_both() -> None:
    (on_torch, params), (on_jax, of_jax) = train("torch", 5), train("jax", 5)
    np.testing.assert_allclose(on_torch, on_jax, rtol=1e-5)
    assert on_torch[-1] < on_torch[0]
    assert list(params) == list(of_jax)
    assert int(params["rng/counter"]) == int(of_jax["rng/counter"]) == 5
    for path, value in params.items():
        np.testing.assert_allclose(host(value), host(of_jax[path]), rtol=1e-4, atol=1e-5, err_msg=path)
        assert not value.requires_grad


@both
def test_gradients_of_params_are_those_of_what_is_trained(backend: str) -> None:
    net, params = model(backend)
    x = ARRAYS[backend](X)

    def loss(params: u.Params) -> Any:
        return (net.apply(params, x)[0] ** 2).sum()

    gradients = u.grad(loss)(params)
    assert isinstance(gradients, u.Params)
    assert list(gradients) == list(params.split()[0])
    frozen = u.grad(loss)(params.freeze("linear/*"))
    assert list(frozen) == [path for path in gradients if not path.startswith("linear/")]
    weights, rest = model("jax")[1].split()
    truth = jax.grad(lambda weights: (model("jax")[0].apply(weights | rest, X)[0] ** 2).sum())(weights)
    for path, gradient in gradients.items():
        np.testing.assert_allclose(host(gradient), truth[path], rtol=1e-4, atol=1e-5, err_msg=path)


@both
def test_gradients_of_trees(backend: str) -> None:
    net, params = model(backend)
    x, scale = ARRAYS[backend](X), ARRAYS[backend](np.float32(2))

    def loss(tree: Any, scale: Any) -> tuple[Any, str]:
        return (net.apply(tree["a"][0], x)[0] * scale).sum() + (net.apply(tree["b"], x)[0] ** 2).sum(), "kept"

    (value, aux), (of_tree, of_scale) = u.value_and_grad(loss, argnums=(0, 1), has_aux=True)(
        {"a": (params,), "b": params}, scale
    )
    assert aux == "kept"
    assert value.shape == of_scale.shape == ()
    assert isinstance(of_tree["a"], tuple)
    assert list(of_tree["a"][0]) == list(of_tree["b"]) == list(params.split()[0])


@both
def test_gradients_of_gradients(backend: str) -> None:
    two = ARRAYS[backend](np.float32(2))
    assert float(u.grad(u.grad(lambda s: s**3))(two)) == 12
    assert float(u.grad(lambda s: u.grad(u.jit(lambda t: t**3 * s))(s))(two)) == 36  # of 3 s^3
    lanes = u.vmap(u.grad(lambda row: (row**2).sum()))(ARRAYS[backend](X))
    np.testing.assert_allclose(host(lanes), 2 * X, rtol=1e-6)
    checkpointed = u.grad(u.remat(lambda x: (x**3).sum()))(ARRAYS[backend](X))
    np.testing.assert_allclose(host(checkpointed), 3 * X**2, rtol=1e-5)


@both
def test_what_a_value_does_not_depend_on_has_zeros(backend: str) -> None:
    x = ARRAYS[backend](X)
    of_used, of_unused = u.grad(lambda a, b: (a * 2).sum(), argnums=(0, 1))(x, x)
    assert host(of_used).min() == 2
    assert not host(of_unused).any()
    assert not host(u.grad(lambda a: ARRAYS[backend](np.float32(1)))(x)).any()


@both
def test_loops_and_branches(backend: str) -> None:
    x = ARRAYS[backend](X)
    total, rows = u.scan(lambda carry, row: (carry + row.sum(), carry), ARRAYS[backend](np.float32(0)), x)
    np.testing.assert_allclose(host(total), X.sum(), rtol=1e-5)
    np.testing.assert_allclose(host(rows)[1:], np.cumsum(X.sum(1))[:-1], rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(host(u.map(lambda row: row * 2, x)), 2 * X)
    np.testing.assert_array_equal(host(u.fori_loop(0, 3, lambda i, x: x * 2, x)), 8 * X)
    assert float(u.while_loop(lambda s: s < 100, lambda s: s * 2, ARRAYS[backend](np.float32(1)))) == 128
    np.testing.assert_array_equal(host(u.cond(x.sum() > 1e9, lambda x: x, lambda x: -x, x)), -X)
    np.testing.assert_array_equal(host(u.switch(1, [lambda x: x, lambda x: x + 1], x)), X + 1)
    assert tuple(u.eval_shape(lambda x: x @ x.T, x).shape) == (8, 8)


@both
def test_a_model_in_a_loop(backend: str) -> None:
    net, params = model(backend)

    def step(state: Any, x: Any) -> tuple[Any, Any]:
        output, changes = net.apply(params | state, x, training=True)
        return state.update(dict(changes)), output

    state = params.split()[1]
    state, outputs = u.scan(step, state, ARRAYS[backend](np.stack([X, X + 1])))
    assert tuple(outputs.shape) == (2, 8, 3)
    assert int(state["batch_norm1d/num_batches_tracked"]) == 2


def test_jit_compiles_once_for_a_kind_of_arguments() -> None:
    traces = []

    @u.jit
    def scale(tree: Any, factor: float, mode: str = "plain", flag: bool = False) -> Any:
        traces.append(mode)
        return {name: value * factor + (1 if flag else 0) for name, value in tree.items()}

    for factor in (1.0, 2.0, 3.0):
        scale({"a": jnp.asarray(X)}, factor)
    assert traces == ["plain"]
    np.testing.assert_allclose(scale({"a": jnp.asarray(X)}, 3.0, mode="other", flag=True)["a"], 3 * X + 1, rtol=1e-6)
    scale({"a": jnp.asarray(X)}, 4.0, mode="other", flag=True)
    assert traces == ["plain", "other"]
    scale({"a": torch.tensor(X)}, 4.0)
    assert traces == ["plain", "other", "plain"]

    power = u.jit(lambda x, n: x**n, static_argnums=1)
    np.testing.assert_allclose(power(jnp.asarray(X), 2), X**2, rtol=1e-6)
    np.testing.assert_allclose(power(torch.tensor(X), 2), X**2, rtol=1e-6)


def test_a_step_under_torch_compile() -> None:
    net = u.transform(forward, backend="torch").init(torch.tensor(X), rng=0)

    def loss_fn(weights: Any, x: Any) -> Any:
        return (torch.func.functional_call(net, weights, (x,)) ** 2).mean()

    def step(weights: Any, x: Any) -> Any:
        loss, gradients = u.value_and_grad(loss_fn)(weights, x)
        return {name: weights[name] - 0.1 * gradients[name] for name in weights}, loss

    net.eval()
    plain = {name: value.detach() for name, value in net.named_parameters()}
    new, loss = step(plain, torch.tensor(X))
    compiled, same = torch.compile(step, backend="aot_eager", fullgraph=True)(plain, torch.tensor(X))
    torch.testing.assert_close(loss, same)
    torch.testing.assert_close(new, compiled)
    torch.testing.assert_close(u.jit(step)(plain, torch.tensor(X))[0], new)


def test_autograd_around_a_gradient_records_it() -> None:
    """A penalty on a gradient, whose own gradient torch users ask for by `backward`."""
    x = torch.tensor(X, requires_grad=True)
    inner = x * 1  # follows from another tensor: autograd records
    penalty = (u.grad(lambda v: (v**3).sum())(inner) ** 2).sum()
    penalty.backward()
    torch.testing.assert_close(x.grad, 36 * torch.tensor(X) ** 3)
    value, gradient = u.value_and_grad(lambda v: (v**2).sum())(torch.nn.Parameter(torch.tensor(X)))
    assert not value.requires_grad
    assert not gradient.requires_grad


@both
def test_errors_say_what_to_do(backend: str) -> None:
    x = ARRAYS[backend](X)
    with pytest.raises(u.NoActiveTransformError, match=r"Linear was used in a function that runs outside a model"):
        u.scan(lambda carry, row: (carry, u.Linear(4, 3)(row)), None, x)
    with pytest.raises(u.NoActiveTransformError, match="layer_stack was used outside"):
        u.layer_stack(2)(lambda x: x)(x)
    with pytest.raises(TypeError, match=r"float|inexact"):
        u.grad(lambda x: x.sum())(ARRAYS[backend](np.arange(3)))
    with pytest.raises(TypeError, match="scalar"):
        u.grad(lambda x: x)(x)
    with pytest.raises(TypeError, match=r"returns \(scalar, auxiliary\)"):
        u.grad(lambda x: x.sum(), has_aux=True)(x)
    with pytest.raises(ValueError, match="argnums is 3"):
        u.grad(lambda x: x.sum(), argnums=3)(x)
    # Nothing stays behind: a body runs as before.
    model(backend)
    assert u.grad(lambda v: (v**2).sum())(x).shape == x.shape


def test_a_bound_model() -> None:
    net, params = model("jax")
    bound = net.bind(params)
    value, gradients = u.value_and_grad(lambda bound, x: (bound(x)[0] ** 2).sum())(bound, X)
    assert list(gradients) == list(params.split()[0])
    assert value.shape == ()


def test_an_auxiliary_may_be_anything() -> None:
    for array in ARRAYS.values():
        (_, aux), _ = u.value_and_grad(lambda x: (x.sum(), {"host": X, "name": "a", "sum": x.sum()}), has_aux=True)(
            array(X)
        )
        assert aux["host"] is X
        assert aux["name"] == "a"
        assert not getattr(aux["sum"], "requires_grad", False)


def test_a_module_of_torch_is_recorded_whatever_is_imported() -> None:
    """Once `unified.nn` is imported, its transforms take modules; what autograd sees does not depend on that."""
    module, x = torch.nn.Linear(4, 3), torch.tensor(X)
    of_backend = backends.load("torch").function_transforms.jit(lambda module, x: module(x).sum(), {})
    for value in (of_backend(module, x), u.jit(lambda module, x: module(x).sum())(module, x)):
        (gradient,) = torch.autograd.grad(value, module.bias)
        assert gradient.tolist() == [8.0] * 3


def test_positions_that_are_none() -> None:
    for argnums in (3, -3):
        with pytest.raises(ValueError, match=f"argnums is {argnums}"):
            u.grad(lambda x: x.sum(), argnums=argnums)(torch.tensor(X))


WITHOUT_OBJECTS = """
import sys, jax.numpy as jnp, torch, unified as u
assert u.grad(lambda x: (x * x).sum())(jnp.ones(2)).tolist() == [2, 2]  # the other framework alone is loaded
module, x = torch.nn.Linear(4, 3), torch.ones(2, 4)
assert u.grad(lambda x: (x * x).sum())(x).tolist() == (2 * x).tolist()
assert "unified.nn" not in sys.modules
gradients = u.grad(lambda module, x: (module(x) ** 2).sum())(module, x)
(module(x) ** 2).sum().backward()
assert torch.equal(gradients["weight"], module.weight.grad) and torch.equal(gradients["bias"], module.bias.grad)
"""


@pytest.mark.slow
def test_a_module_of_torch_has_gradients_before_the_import_of_objects() -> None:
    subprocess.run([sys.executable, "-c", WITHOUT_OBJECTS], check=True, timeout=120)


@both
def test_none_is_no_leaf(backend: str) -> None:
    x = ARRAYS[backend](X)

    def loss(tree: Any) -> Any:
        return (tree["w"] ** 2).sum() + (0 if tree["b"] is None else tree["b"].sum())

    for function in (u.grad(loss), u.jit(u.grad(loss)), u.vmap(u.grad(loss), in_axes=({"w": 0, "b": None},))):
        for _ in range(3):
            gradients = function({"w": x, "b": None})
            assert gradients["b"] is None
            np.testing.assert_allclose(host(gradients["w"]), 2 * X, rtol=1e-6)
    np.testing.assert_array_equal(host(u.vmap(lambda x, y: x if y is None else y)(x, None)), X)


@both
def test_outputs_without_a_mapped_axis_are_the_same_in_all_lanes(backend: str) -> None:
    x, y = ARRAYS[backend](X), ARRAYS[backend](Y)
    mapped, shared = u.vmap(lambda x, y: (x, y * 2), in_axes=(0, None), out_axes=(0, None))(x, y)
    np.testing.assert_array_equal(host(mapped), X)
    np.testing.assert_array_equal(host(shared), 2 * Y)
    nested = u.vmap(lambda row: u.vmap(lambda _: row, out_axes=None)(y))(x)
    np.testing.assert_array_equal(host(nested), X)
    with pytest.raises(ValueError, match="None"):
        u.vmap(lambda x: x, out_axes=None)(x)
    with pytest.raises(ValueError, match="None"):
        u.vmap(lambda x: (x, x.sum()), out_axes=(0, None))(x)


@both
def test_dicts_in_any_order(backend: str) -> None:
    """JAX sorts the keys of dicts: what was split from a dict is put back by key."""
    w, b = ARRAYS[backend](X), ARRAYS[backend](2 * X)

    def loss(tree: Any, shift: Any) -> Any:
        return (tree["w"] * 2 + tree["b"][0]["z"] ** 2 * 3 + tree["b"][0]["a"] * shift["y"]).sum()

    tree, shift = {"w": w, "b": [{"z": b, "a": w}]}, {"y": w, "x": b}
    for function in (u.value_and_grad(loss, argnums=(0, 1)), u.jit(u.value_and_grad(loss, argnums=(0, 1)))):
        for _ in range(3):
            value, (of_tree, of_shift) = function(tree, shift)
            np.testing.assert_allclose(float(value), (2 * X + 12 * X**2 + X**2).sum(), rtol=1e-5)
            np.testing.assert_allclose(host(of_tree["w"]), np.full_like(X, 2))
            np.testing.assert_allclose(host(of_tree["b"][0]["z"]), 12 * X, rtol=1e-6)
            np.testing.assert_allclose(host(of_tree["b"][0]["a"]), X)
            np.testing.assert_allclose(host(of_shift["y"]), X)
            assert not host(of_shift["x"]).any()
