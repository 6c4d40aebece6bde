"""Layers that one call runs in a mode of its own: `norm(x, is_training=...)`, equal on both backends."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u

X = np.random.default_rng(0).standard_normal((6, 4)).astype(np.float32)


def forward(x: Any, mode: bool | None) -> Any:
    x = u.BatchNorm1d(None)(x, is_training=mode)
    x = u.Dropout(0.5)(x, is_training=None if mode is None else not mode)
    norm = u.BatchNorm1d(4)
    norm(x)
    x = norm(x, is_training=mode)  # the second call of a layer
    return u.Dropout(0.25)(x)


@pytest.mark.parametrize("mode", [True, False, None])
@pytest.mark.parametrize("training", [True, False])
def test_outputs_and_state_are_equal(training: bool, mode: bool | None) -> None:
    """Whatever the modes of the model and of init."""
    for mode_of_init in (True, False):
        net = u.transform(forward, backend="torch", rng="portable").init(torch.tensor(X), mode_of_init, rng=0)
        model = u.transform(forward, backend="jax")
        params = model.init(jnp.asarray(X), mode_of_init, rng=0)
        wanted, changes = model.apply(params, jnp.asarray(X), mode, training=training)
        pure, pure_changes = net.apply(net.params, torch.tensor(X), mode, training=training)
        output = net.train(training)(torch.tensor(X), mode)
        np.testing.assert_allclose(output.detach(), wanted, atol=1e-5)
        np.testing.assert_allclose(pure.detach(), wanted, atol=1e-5)
        assert set(changes) == set(pure_changes)
        after = params | changes
        for path, value in net.params.items():
            if not path.startswith("rng"):
                np.testing.assert_allclose(value.detach(), after[path], atol=1e-6, err_msg=path)


def test_a_norm_in_training_is_torchs() -> None:
    """Within a model in evaluation, and the reverse."""
    x = torch.tensor(X)
    net = u.transform(lambda x, mode: u.BatchNorm1d(4)(x, is_training=mode), backend="torch").init(x, True, rng=0)
    reference = torch.nn.BatchNorm1d(4)
    torch.testing.assert_close(net.eval()(x, True), reference.train()(x))
    torch.testing.assert_close(net.train()(x, False), reference.eval()(x))
    torch.testing.assert_close(net.batch_norm1d.running_var, reference.running_var)


def test_in_transforms() -> None:
    """What they write is stored, also in a model in evaluation."""

    def body(x: Any) -> Any:
        def step(carry: Any, _: Any) -> Any:
            return u.BatchNorm1d(4)(carry, is_training=True), None

        x, _ = u.scan(step, x, None, length=2)
        return u.remat(lambda x: u.BatchNorm1d(4)(x, is_training=True))(x)

    net = u.transform(body, backend="torch").init(torch.tensor(X), rng=0).eval()
    model = u.transform(body, backend="jax")
    params = model.init(jnp.asarray(X), rng=0)
    wanted, changes = jax.jit(model.apply)(params, jnp.asarray(X))
    np.testing.assert_allclose(net(torch.tensor(X)).detach(), wanted, atol=1e-5)
    assert changes
    for path, value in changes.items():
        np.testing.assert_allclose(net.params[path].detach(), value, atol=1e-6, err_msg=path)


class Shifted(u.BatchNorm1d):
    def forward(self, x: Any) -> Any:
        return super().forward(x) + 1


class Informed(u.BatchNorm1d):
    def forward(self, x: Any, is_training: bool) -> Any:  # an argument of its own
        return super().forward(x) + (1 if is_training else 2)


@pytest.mark.parametrize("layer", [Shifted, Informed])
def test_users_layers(layer: Any) -> None:
    def body(x: Any) -> Any:
        return layer(4, name="norm")(x, is_training=True)

    net = u.transform(body, backend="torch").init(torch.tensor(X), rng=0).eval()
    model = u.transform(body, backend="jax")
    params = model.init(jnp.asarray(X), rng=0)
    output, changes = model.apply(params, jnp.asarray(X))
    np.testing.assert_allclose(net(torch.tensor(X)).detach(), output, atol=1e-5)
    assert isinstance(net.norm, layer) and bool(changes) == (layer is Shifted)


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_other_layers_have_no_mode(backend: str) -> None:
    x = (torch.tensor if backend == "torch" else jnp.asarray)(X)
    model: Any = u.transform(lambda x: u.Linear(4, 4)(x, is_training=True), backend=backend)
    with pytest.raises(TypeError, match="is_training"):
        model.init(x, rng=0)
