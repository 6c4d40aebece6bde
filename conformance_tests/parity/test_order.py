"""Children stand in the order of their first calls, as the data flows, on both frameworks; names do not change."""

import jax.numpy as jnp
import numpy as np
import torch
from torch import nn

import unified as u
import unified.functional as F


class Residual(u.Module):
    def __call__(self, x):
        return x + u.Linear(16, 8)(F.gelu(u.Linear(8, 16)(x)))


class Pair(u.Module):
    def __init__(self):
        self.last, self.first = u.Linear(8, 8, name="last"), u.Linear(8, 8, name="first")

    def __call__(self, x):
        return self.last(self.first(x))

    def decode(self, x):
        return u.Linear(8, 8)(x)

    def encode(self, x):
        return u.Linear(8, 8)(x)


def convnet(x):
    x = u.ReLU()(u.BatchNorm2d(8)(u.Conv2d(3, 8, 3)(x)))
    return u.Linear(8, 2)(u.Flatten()(u.AdaptiveAvgPool2d(1)(x)))


def modules(x):
    pair = Pair()
    unused = u.Linear(8, 3, name="unused")
    x = pair.decode(u.LayerNorm(8)(pair.encode(x)))
    x = Residual()(u.Tanh()(u.Linear(8, 8)(pair(x))))
    return u.Sequential(u.Linear(None, 4), u.Tanh())(x) if unused is not None else x


def scanned(x):
    def step(carry, row):
        return u.Tanh()(u.Linear(8, 8)(u.LayerNorm(8)(carry + row))), None

    return u.LayerNorm(8)(u.scan(step, u.Linear(8, 8)(x[0]), x)[0])


def tied(x):
    head, table = u.Linear(8, 11), u.Embedding(11, 8)
    head.weight = table.weight
    return head(table(x))


IMAGES = np.ones((2, 3, 8, 8), np.float32)
X = np.linspace(-1, 1, 32, dtype=np.float32).reshape(4, 8)


def both(fn, x):
    return u.transform(fn, backend="torch").init(torch.from_numpy(x), rng=0), u.transform(fn, backend="jax").init(
        jnp.asarray(x), rng=0
    )


def names(module):
    return [name for name, _ in module.named_children()]


def test_a_sequential_of_the_children_computes_the_same():
    net, _ = both(convnet, IMAGES)
    kinds = [type(child).__name__ for child in net.children()]
    assert kinds == ["Conv2d", "BatchNorm2d", "ReLU", "AdaptiveAvgPool2d", "Flatten", "Linear"]
    images = torch.from_numpy(IMAGES)
    assert torch.equal(nn.Sequential(*net.eval().children())(images), net(images))
    assert repr(net).index("Conv2d") < repr(net).index("BatchNorm2d") < repr(net).index("ReLU")


def test_children_of_modules():
    net, params = both(modules, X)
    assert names(net) == ["pair", "layer_norm", "linear", "tanh", "residual", "sequential", "unused"]
    assert names(net.pair) == ["encode", "decode", "first", "last"]
    assert names(net.residual) == ["linear_1", "linear"]  # the names are those in which the layers were built
    assert names(net.sequential) == ["0", "1"]
    assert list(net.state_dict()) == [path.replace("/", ".") for path in params]


def test_the_order_is_the_same_on_jax_and_values_do_not_depend_on_it():
    for fn, x in ((convnet, IMAGES), (modules, X), (scanned, X)):
        net, params = both(fn, x)
        assert list(net.params) == list(params)
        for path, value in params.items():
            assert np.array_equal(np.asarray(value), net.params[path].detach().numpy())
    flat = u.transform(flat_convnet, backend="torch").init(torch.from_numpy(IMAGES), rng=0)
    net, _ = both(convnet, IMAGES)
    assert list(flat.state_dict()) == list(net.state_dict())
    assert all(torch.equal(tensor, flat.state_dict()[name]) for name, tensor in net.state_dict().items())


def flat_convnet(x):
    x = u.Conv2d(3, 8, 3)(x)
    x = u.BatchNorm2d(8)(x)
    x = u.AdaptiveAvgPool2d(1)(u.ReLU()(x))
    return u.Linear(8, 2)(u.Flatten()(x))


def test_layers_are_called_as_ever_after_init():
    net, _ = both(modules, X)
    assert not any("_compiled_call_impl" in module.__dict__ for module in net.modules())
    assert torch.equal(net(torch.from_numpy(X)), net(torch.from_numpy(X)))


def test_tied_variables_keep_their_paths():
    net, params = both(tied, np.arange(5))
    assert list(net.params) == list(params) == ["linear/weight", "linear/bias"]
