"""Networks as objects, as users annotate them: the object style of `unified.nn`."""

from typing import Any

import jax.numpy as jnp
import torch

import unified as u
import unified.functional as F
import unified.nn as nn
from unified.typing import Array


class Block(nn.Module):
    def __init__(self, width: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.linear = nn.Linear(width, width, init_fn=u.initializers.normal(std=0.02))
        self.dropout = nn.Dropout(dropout)
        self.scale = nn.Parameter([1.0])
        self.register_buffer("mask", None, persistent=False)

    def forward(self, x: Array) -> Array:
        return x + self.dropout(F.relu(self.linear(self.norm(x)))) * self.scale


class Net(nn.Module):
    def __init__(self, width: int, classes: int = 10) -> None:
        super().__init__()
        self.width = width
        self.stem = nn.Sequential(nn.Linear(None, width), nn.ReLU())
        self.blocks = nn.ModuleList([Block(width) for _ in range(2)])
        self.heads = nn.ModuleDict({"a": nn.Linear(width, classes)})
        self.extra = nn.ParameterList([nn.Parameter([0.0])])
        self.count = nn.var("counts", (), dtype="int32")
        self.apply(self.init_weights)

    def init_weights(self, module: nn.Module) -> None:
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=0.02)
            nn.init.zeros_(module.bias)

    def forward(self, x: Array) -> Array:
        self.count += 1
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        width: int = self.blocks[0].linear.out_features
        assert width == self.width
        return self.heads["a"](x)


class Quiet(nn.Linear):
    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs, bias=False)

    def forward(self, input: Any, /) -> Any:
        return super().forward(input) * 0.1


net = u.build(Net, 16, backend="torch", rng=0)
blocks: nn.ModuleList[Block] = net.blocks
y = net(torch.ones(2, 3))
output, changes = net.apply(net.params, torch.ones(2, 3), training=True)
params: u.Params = net.load_params(net.params | changes).params
net.eval().requires_grad_(False).train()
handle = net.register_forward_hook(lambda module, args, output: None)
handle.remove()
names: list[str] = [name for name, _ in net.named_parameters()]
copy: Net = nn.merge(net, params)
nn.update(net, nn.state(net, "params")).count
quiet: Quiet = u.build(Quiet, 3, 4, backend="jax", rng=0)
value: torch.Tensor = nn.Linear(3, 4)(torch.ones(2, 3))


@nn.jit
def step(net: Net, x: Array) -> Array:
    value, grads = nn.value_and_grad(lambda net: (net(x) ** 2).mean())(net)
    nn.update(net, {path: net.params[path] - 0.1 * grads[path] for path in grads})
    return value


step(u.build(Net, 4, backend="jax", rng=0), jnp.ones((2, 3)))
with nn.flags(deterministic=True):
    flag: Any = nn.flag("deterministic", False)
