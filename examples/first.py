"""One model and one training step, run on PyTorch and on JAX from one seed: the losses are the same.

`python examples/first.py` takes about five seconds. Needs: unified-nn[all]
"""

import jax.numpy as jnp
import numpy as np
import torch

import unified as u
import unified.functional as F

X = np.random.default_rng(0).uniform(-3, 3, (64, 1)).astype(np.float32)
Y = np.sin(X)


def forward(x: u.Array) -> u.Array:
    return u.Linear(32, 1)(F.gelu(u.Linear(1, 32)(x)))


def train(backend: str, x: u.Array, y: u.Array) -> list[float]:
    net = u.transform(forward, backend=backend)
    model = net.init(x, rng=0)  # a torch.nn.Module on PyTorch, Params on JAX
    params = model.params if backend == "torch" else model

    @u.jit
    def step(params: u.Params) -> tuple[u.Params, u.Array]:
        loss, gradients = u.value_and_grad(lambda p: F.mse_loss(net.apply(p, x)[0], y))(params)
        return params | {path: params[path] - 0.1 * gradients[path] for path in gradients}, loss

    losses = []
    for _ in range(101):
        params, loss = step(params)
        losses.append(loss.item())
    return losses


on_torch, on_jax = train("torch", torch.tensor(X), torch.tensor(Y)), train("jax", jnp.array(X), jnp.array(Y))
for number in range(0, 101, 20):
    print(f"step {number:3}   loss on PyTorch {on_torch[number]:.6f}   on JAX {on_jax[number]:.6f}")
