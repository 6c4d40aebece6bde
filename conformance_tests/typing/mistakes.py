"""Mistakes that type checkers find: each line that ends with `# error`, and no other."""

import torch

import unified as u
import unified.explicit as bx
import unified.functional as F
import unified.nn as nn
import unified.numpy as unp
import unified.trees as ut

x = torch.ones(2, 10)

u.Linear(10, 64, biass=False)  # error
u.Linear("10", 64)  # error
u.Linear(10)  # error
u.Linear(10, None)  # error
u.Linear(10, 64, name=3.5)  # error
u.Linear(10, 64, init_fn="zeros")  # error
u.Linear(10, 64)(x, x)  # error
u.Linear(10, 64)("text")  # error
u.Linear(10, 64).in_feature  # error
u.Linear(10, 64)(x).no_such_method()  # error
u.Conv2d(3, 8, (3, 3, 3))  # error
u.Conv1d(3, 8, kernel=3)  # error
u.BatchNorm1d(3, momentum="0.1")  # error
u.Dropout(p="0.1")  # error
u.ReLU(0.1)  # error
u.Tanh(1)  # error
u.MSELoss("mean", "mean", 3)  # error
u.MSELoss()(x)  # error
u.LSTM(3, 4, layers=2)  # error
u.LSTM(3, 4)(x)[0].no_such_method()  # error
u.Sequential(u.Linear(1, 2), 3)  # error
u.TransformerEncoder(u.Linear(1, 2), 3)  # error
u.MaxPool2d(2)(x).no_such_method()  # error
u.LazyLinear(3, 4, True, None, None, 5)  # error
u.Lineal(3, 4)  # error

F.relu(x, inplace="yes")  # error
F.relu("x")  # error
F.softmax(x, dims=-1)  # error
F.cross_entropy(x)  # error
F.cross_entropy(x, "target")  # error
F.relux(x)  # error
F.gelu(x).no_such_method()  # error


class Block(u.Module):
    """A module with an argument."""

    def __init__(self, width: int) -> None:
        self.width = width

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        return u.Linear(None, self.width)(x)


Block("4")  # error
Block(4, 5)  # error
Block(4).widht  # error


class LoRALinear(u.Linear):
    """A layer with an argument of its own."""

    def __init__(self, in_features: int, rank: int) -> None:
        super().__init__(in_features, in_features, ranks=rank)  # error
        self.rank = rank

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x).no_such_method()  # error


LoRALinear(3, ranks=4)  # error
LoRALinear(3, 4).ranks  # error


def body(x: torch.Tensor) -> torch.Tensor:
    """A body for PyTorch."""
    return u.Linear(None, 3)(x)


net = u.transform(body, backend="torch")
net.init(x, rng=0).no_such_method  # fine: a layer may have any name
net(x).no_such_method()  # error
net.load_params(3)  # error
u.transform(3, backend="torch")  # error
u.transform(body, backend="torch", rng="portabel")  # error
u.transform(body, backend="torch", policy="bfloat16")  # error
u.transform(body, backend="torch", stacks="apart")  # error
model = u.transform(body, backend="jax")
model.parameters()  # error
model.init(x, rng=0).no_such_method()  # error
model.apply(model.init(x, rng=0), x, training="yes")  # error
model.apply(model.init(x, rng=0), x)[0].no_such_method()  # error
u.load("file", 3)  # error
u.get_parameter("scale", "3")  # error
u.is_training().no_such_attribute  # error
u.random.normal(shape="3")  # error
u.initializers.normal(std="0.1")  # error
u.Params(3)  # error
u.Params({}).freeze(3.0)  # error
u.cond(True, 3, body, x)  # error
u.remat(body)("text")  # error
u.layer_stack(2)(body)(x, depth=3)  # error
u.jit(body)(x).no_such_method()  # error

graph = bx.Graph("net")
bx.Linear(3, 4)  # error
bx.Linear(graph / "a", 3, 4, biass=True)  # error
bx.Linear(graph / "b", 3, 4)(x)  # error
bx.Linear(graph / "c", 3, 4)(bx.params(), x, training=True)  # error
bx.Linear(graph / "d", 3, 4, rng=3)  # error
bx.Linear(graph / "e", 3, 4)(bx.params(), x).shape  # error


class Tree(ut.Module):
    weight: torch.Tensor
    width: int = 3


Tree()  # error
Tree(torch.ones(2), "3")  # error
Tree(torch.ones(2), depth=3)  # error
ut.Linear(2, 3, name="head")  # error
ut.Linear("2", 3)  # error
ut.Linear(2, 3)("text")  # error
ut.Linear(2, 3).in_feature  # error
ut.Lineal(2, 3)  # error
ut.Sequential(ut.Linear(2, 3))  # error
ut.Jit(3)  # error
ut.fill(Tree(torch.ones(2)), seed=0).widht  # error
ut.load("model.safetensors", trust=[3])  # error
u.weight_norm(u.Linear(10, 64)).in_feature  # error
nn.Linear(10, 64, biass=False)  # error
nn.Linear(10, 64, name="l")  # error
nn.Linear(10, 64)("text")  # error
nn.Linear(10, 64).in_feature  # error
nn.Conv2d(3, 8, (3, 3, 3))  # error
nn.Lineal(3, 4)  # error
nn.ModuleList([nn.Linear(1, 2)])[0].in_feature  # error
u.build(nn.Linear, 3, 4).in_feature  # error
u.build(nn.Linear, 3, 4, backend=3)  # error
nn.init.normal_(nn.Parameter([0.0]), standard=2.0)  # error
unp.unsqueeze(x, 0)  # error
unp.max(x, dim=1)  # error
unp.std(x, unbiased=True)  # error
unp.exp("text")  # error
unp.exp(x).shap  # error
unp.softmax(x, -1)  # error
unp.pad(x, 1, mode="mirror")  # error
unp.top_k(x, 2).indexes  # error
unp.at(x, 0).sub(1.0)  # error
unp.linalg.norm(x)  # error
