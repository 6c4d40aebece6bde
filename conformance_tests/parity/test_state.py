"""State that a body reads and sets: a value that was read stays as it was, and its gradient is right."""

import jax
import jax.numpy as jnp
import numpy as np
import torch

import unified as u
from unified.testing import assert_parity

X = np.arange(4, dtype=np.float32)


def body(x):
    before = u.get_state("m", (4,), u.initializers.ones)
    y = x * before
    u.set_state("m", before + y)
    return y + u.get_state("m", (4,))


def test_reads_before_and_after_a_write_agree():
    assert_parity(body, X)


def test_gradient_through_the_value_before_the_write():
    net = u.transform(body, backend="torch").init(torch.from_numpy(X), rng=0)
    x = torch.from_numpy(X).requires_grad_()
    for expected in (1.0, 1 + X, (1 + X) ** 2):
        (gradient,) = torch.autograd.grad(net(x).sum(), x)
        np.testing.assert_allclose(gradient.numpy(), expected * np.ones(4), rtol=1e-6)
    model = u.transform(body, backend="jax")
    params = model.init(jnp.asarray(X), rng=0)
    gradient = jax.grad(lambda x: model.apply(params, x)[0].sum())(jnp.asarray(X))
    np.testing.assert_allclose(gradient, np.ones(4))


def test_a_call_that_fails_stores_nothing():
    def fails(x, fail):
        u.get_state("m", (4,))
        u.set_state("m", x)
        if fail:
            raise RuntimeError("half-way")
        return x

    net = u.transform(fails, backend="torch").init(torch.from_numpy(X), False, rng=0)
    for fail in (True, False):
        try:
            net(torch.from_numpy(X), fail)
        except RuntimeError:
            assert net.m.tolist() == [0, 0, 0, 0]
    assert net.m.tolist() == X.tolist()
