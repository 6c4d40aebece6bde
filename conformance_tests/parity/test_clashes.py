"""Two things never share a path, and a body that cannot keep that rule is told so, on both frameworks."""

import jax.numpy as jnp
import pytest
import torch

import unified as u


class Encode(u.Module):
    def __call__(self, x):
        return u.Linear(4, 4)(x)


class ModuleAndMethod(u.Module):
    def __init__(self):
        self.enc = Encode()

    def encode(self, x):
        return u.Linear(4, 4)(self.enc(x))

    def __call__(self, x):
        return self.encode(x)


class LayerAndMethod(u.Module):
    def enc(self, x):
        return u.Linear(4, 4)(x)

    def __call__(self, x):
        return self.enc(u.Linear(4, 4, name="enc")(x))


class WrappedAndMethod(u.Module):
    def enc(self, x):
        return u.Linear(4, 4)(x)

    def __call__(self, x):
        u.get_parameter("enc", (4,))
        return self.enc(x)


@pytest.mark.parametrize("module", [ModuleAndMethod, LayerAndMethod, WrappedAndMethod])
def test_a_method_and_what_has_its_name(module, unified_backend):
    x = torch.ones(2, 4) if unified_backend == "torch" else jnp.ones((2, 4))
    with pytest.raises(ValueError, match=r"is already the path of a .* and cannot also be that of the method"):
        u.transform(lambda x: module()(x)).init(x, rng=0)


def test_a_mixins_method_has_a_scope_of_its_own(unified_backend):
    class Encoder:
        def encode(self, x):
            return u.Linear(4, 4)(x)

    class Net(Encoder, u.Module):
        def __call__(self, x):
            return self.encode(x)

    x = torch.ones(2, 4) if unified_backend == "torch" else jnp.ones((2, 4))
    made = u.transform(lambda x: Net()(x)).init(x, rng=0)
    params = made.params if unified_backend == "torch" else made
    assert list(params) == ["net/encode/linear/weight", "net/encode/linear/bias"]
