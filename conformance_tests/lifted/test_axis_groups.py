"""Batch norms whose statistics are those of a group of lanes: `axis_index_groups`."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u

GROUPS = ((0, 3), (2, 1))
X = np.random.default_rng(0).standard_normal((4, 5, 3)).astype(np.float32)


def forward(x: Any) -> Any:
    def lane(x: Any) -> Any:
        return u.BatchNorm1d(3, axis_name="lanes", axis_index_groups=GROUPS)(x)

    # The groups have statistics of their own, so that running ones are stacked.
    return u.vmap(lane, axis_name="lanes", variable_axes={"state": 0})(x)


def expected() -> tuple[np.ndarray, np.ndarray]:
    """The outputs and the gradient of the sum of their cubes, of `torch.nn.BatchNorm1d` of each group by itself."""
    x = torch.tensor(X, requires_grad=True)
    output = torch.empty(x.shape)
    for group in GROUPS:
        norm = torch.nn.BatchNorm1d(3)
        output[list(group)] = norm(x[list(group)].reshape(-1, 3)).reshape(2, 5, 3)
    (output**3).sum().backward()
    return output.detach().numpy(), np.asarray(x.grad)


def test_statistics_are_those_of_the_group_on_torch() -> None:
    net = u.transform(forward, backend="torch").init(torch.tensor(X), rng=0).train()
    x = torch.tensor(X, requires_grad=True)
    output = net(x)
    (output**3).sum().backward()
    wanted, gradient = expected()
    np.testing.assert_allclose(output.detach(), wanted, atol=1e-5)
    np.testing.assert_allclose(x.grad, gradient, atol=1e-4)


def test_statistics_are_those_of_the_group_on_jax() -> None:
    model = u.transform(forward, backend="jax")
    params = model.init(jnp.asarray(X), rng=0)

    def loss(x: Any) -> Any:
        output, _ = model.apply(params, x, training=True)
        return (output**3).sum(), output

    (_, output), gradient = jax.jit(jax.value_and_grad(loss, has_aux=True))(jnp.asarray(X))
    wanted, wanted_gradient = expected()
    np.testing.assert_allclose(output, wanted, atol=1e-5)
    np.testing.assert_allclose(gradient, wanted_gradient, atol=1e-4)


def test_in_a_vmap_of_jax_itself_as_in_haiku() -> None:
    hk = pytest.importorskip("haiku")

    def body(x: Any) -> Any:
        return u.BatchNorm1d(3, axis_name="i", axis_index_groups=GROUPS, name="norm")(x)

    def haiku_body(x: Any) -> Any:
        norm = hk.BatchNorm(
            True, True, 0.9, eps=1e-5, cross_replica_axis="i", cross_replica_axis_index_groups=[*map(list, GROUPS)]
        )
        return norm(x, is_training=True)

    model = u.transform(body, backend="jax")
    params = model.init(jnp.asarray(X[0]), rng=0)
    output, changes = jax.vmap(lambda x: model.apply(params, x, training=True), axis_name="i")(jnp.asarray(X))
    np.testing.assert_allclose(output, expected()[0], atol=1e-5)
    assert changes["norm/running_mean"].shape == (4, 3)
    means = np.asarray(changes["norm/running_mean"])
    np.testing.assert_allclose(means[0], means[3], atol=1e-6)
    np.testing.assert_allclose(means[0], 0.1 * X[[0, 3]].mean((0, 1)), atol=1e-6)
    haiku_model = hk.transform_with_state(haiku_body)
    try:
        haiku_params, state = jax.vmap(haiku_model.init, (None, 0), axis_name="i")(jax.random.key(0), jnp.asarray(X))
    except NotImplementedError:  # JAX's vmap has no groups: Haiku's need devices
        return
    wanted, _ = jax.vmap(haiku_model.apply, (0, 0, None, 0), axis_name="i")(haiku_params, state, None, jnp.asarray(X))
    np.testing.assert_allclose(output, wanted, atol=1e-5)


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_groups_that_do_not_fit_the_axis_are_refused(backend: str) -> None:
    x = (torch.tensor if backend == "torch" else jnp.asarray)(X[:3])
    model: Any = u.transform(forward, backend=backend)
    with pytest.raises(ValueError, match="axis_index_groups have 4 elements, and the axis 'lanes' has 3"):
        params = model.init(x, rng=0)
        model.apply(params if backend == "jax" else model.params, x, training=True)
