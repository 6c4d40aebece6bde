"""Training, a checkpoint, and a program written in JAX, where PyTorch is installed and JAX is not."""

import tempfile
from pathlib import Path

import torch

import unified as u
from unified.cli import main

assert u.available_backends() == ("torch",)


def forward(x):
    return u.Linear(None, 2)(u.Dropout(0.1)(u.Linear(None, 8)(x).relu()))


x, y = torch.randn(32, 4), torch.randn(32, 2)
net = u.transform(forward).init(x, rng=0)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
losses = []
for _ in range(20):
    loss = ((net(x) - y) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(float(loss.detach()))
assert losses[-1] < losses[0]
with tempfile.TemporaryDirectory() as folder:
    file = Path(folder, "net.safetensors")
    u.save(file, net.params)
    other = u.transform(forward).init(x, rng=1)
    other.load_params(u.load(file))
    assert torch.equal(net.eval()(x), other.eval()(x))
    program = Path(folder, "program.py")
    program.write_text("import jax, jax.numpy as jnp\nassert float(jax.grad(lambda x: jnp.sin(x))(0.0)) == 1.0\n")
    assert main(["run", str(program)]) == 0
    assert main(["run", "--backend", "jax", str(program)]) == 2
