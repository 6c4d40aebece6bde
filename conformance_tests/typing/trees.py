"""Networks as trees, as a user writes them: constructors made of fields, layers, transforms, files."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar, assert_type

import jax
import jax.numpy as jnp
import torch

import unified as u
import unified.functional as F
import unified.trees as ut
from unified.typing import Array

T = TypeVar("T")


class Linear(ut.Module):
    """Fields make the constructor."""

    weight: Array
    bias: Array | None = None
    slope: float = ut.field(static=True, default=0.1)

    @classmethod
    def init(cls, inputs: int, outputs: int) -> "Linear":
        return cls(ut.var((outputs, inputs), u.initializers.normal(std=0.1)), bias=ut.var((outputs,)))

    def __call__(self, x: Array) -> Array:
        return F.leaky_relu(x @ self.weight.T + self.bias, self.slope)


class Net(ut.Module, Generic[T]):
    """A constructor of its own, as in Equinox, containers and a type of its own."""

    first: Linear
    rest: list[ut.Linear]
    activation: Callable[[Any], Any]
    tag: T

    def __init__(self, width: int, tag: T) -> None:
        self.first = Linear.init(2, width)
        self.rest = [ut.Linear(width, width, bias=False, init_fn=u.initializers.zeros)]
        self.activation = F.tanh
        self.tag = tag

    def __call__(self, x: Array) -> Array:
        x = self.first(x)
        for layer in self.rest:
            x = self.activation(layer(x))
        return x


class Wider(Linear, kw_only=True):
    """Fields are inherited."""

    width: int


def use() -> None:
    """What calls return follows from the arguments."""
    net = ut.fill(Net(4, "a"), rng=0, backend="torch")
    assert_type(net, Net[str])
    assert_type(net.tag, str)
    assert_type(net.replace(tag="b"), Net[str])
    assert_type(ut.tree_at(lambda m: m.first.weight, net, torch.ones(4, 2)), Net[str])
    assert_type(ut.load_params(net, ut.params(net).to("jax")), Net[str])
    assert_type(ut.partition(net, "first/*"), tuple[Net[str], Net[str]])
    assert_type(ut.combine(*ut.partition(net)), Net[str])
    assert_type(ut.params(net), u.Params)
    assert_type(ut.Linear(2, 3)(torch.ones(1, 2)), torch.Tensor)
    assert_type(ut.Linear(2, 3)(jnp.ones((1, 2))), jax.Array)
    assert_type(ut.Linear(2, 3).in_features, int)
    assert_type(net.rest[0].out_features, int)
    Wider(jnp.ones((2, 2)), None, 0.2, width=3)
    y, new = ut.apply(net, torch.ones(1, 2), training=True, rng=0)
    gradient = ut.Grad(lambda net, x: net(x).sum(), wrt="first/*")(net, torch.ones(1, 2))
    fast = ut.Jit(ut.VMap(net, in_axes=0))
    modules: list[ut.Module] = [net, fast, ut.ReLU(), ut.Sequential((net, F.relu, ut.Dropout(0.1)))]
    ut.save("model.safetensors", fast)
    print(y, new, gradient, modules, ut.load("model.safetensors", trust=["package", Net]))
