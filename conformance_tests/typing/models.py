"""Models as a user makes and trains them: what `transform` returns follows from the name of the backend."""

from typing import assert_type

import jax
import jax.numpy as jnp
import numpy as np
import optax
import torch
from torch import nn

import unified as u
import unified.functional as F
from unified.testing import Report, compare, sides
from unified.typing import Array, BoundModel, JaxModel, TorchModel


def forward(x: Array) -> Array:
    """A body for either framework."""
    return u.Linear(None, 10)(F.relu(x))


def on_torch(x: torch.Tensor, scale: float = 1.0) -> torch.Tensor:
    """A body for PyTorch."""
    y = scale * u.Linear(None, 10)(x)
    assert_type(F.avg_pool2d(F.gelu(y), 2), torch.Tensor)
    assert_type(F.scaled_dot_product_attention(y, y, y, is_causal=True), torch.Tensor)
    assert_type(F.one_hot(y, num_classes=3), torch.Tensor)
    return F.max_pool2d(F.softmax(y, dim=-1), 2)


def on_jax(x: jax.Array) -> tuple[jax.Array, jax.Array]:
    """A body for JAX."""
    y, state = u.LSTM(3, 4)(x)
    return F.layer_norm(y, (4,)), state[0]


def train_torch(x: torch.Tensor, labels: torch.Tensor) -> float:
    """A training loop of PyTorch."""
    net = u.transform(on_torch, scale=2.0, backend="torch", rng="portable", stacks="separate")
    assert_type(net, TorchModel[torch.Tensor])
    assert_type(net.init(x, rng=0), TorchModel[torch.Tensor])
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    net.train()
    loss = torch.zeros(())
    for _ in range(3):
        assert_type(net(x), torch.Tensor)
        loss = F.cross_entropy(net(x), labels)
        assert_type(loss, torch.Tensor)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert_type(net.eval()(x), torch.Tensor)
    net.freeze("linear/*").load_params(net.params.update({"linear/bias": torch.zeros(10)}))
    torch.save(net.state_dict(), "net.pt")
    print(net.linear.weight.shape, net.apply(lambda module: None))
    output, changes = net.apply(net.params, x, training=True, capture="*/linear")
    assert_type(output, torch.Tensor)
    assert_type(changes, u.Params)
    compiled = torch.compile(net)
    assert_type(compiled(x), torch.Tensor)
    module: nn.Module = net
    print(module, net.params.info["linear/bias"].shape, u.summary(net, x).parameters)
    return loss.item()


def train_jax(x: jax.Array, labels: jax.Array) -> u.Params:
    """A training loop of JAX."""
    net = u.transform(forward, backend="jax", policy=u.Policy(compute="bfloat16"))
    assert_type(net, JaxModel[Array])
    params = net.init(x, rng=jax.random.key(0))
    assert_type(params, u.Params)
    trainable, rest = params.split()
    optimizer = optax.adam(1e-3)
    state = optimizer.init(trainable)

    @jax.jit
    def step(trainable: u.Params, state: optax.OptState) -> tuple[u.Params, optax.OptState]:
        def loss_of(trainable: u.Params) -> tuple[Array, u.Params]:
            logits, changes = net.apply(trainable | rest, x, training=True)
            return F.cross_entropy(logits, labels), changes

        gradients, _ = jax.grad(loss_of, has_aux=True)(trainable)
        updates, state = optimizer.update(gradients, state)
        return jax.tree.map(jnp.add, trainable, updates), state

    for _ in range(3):
        trainable, state = step(trainable, state)
    return trainable | rest


def of_bound_models(x: jax.Array) -> None:
    """A model with its variables returns the next one too."""
    net = u.transform(on_jax, backend="jax")
    bound = net.bind(net.init(x, rng=0))
    output, bound = bound(x, training=True)
    assert_type(output, tuple[jax.Array, jax.Array])
    assert_type(bound, BoundModel[tuple[jax.Array, jax.Array]])


def of_files(x: torch.Tensor) -> None:
    """So do those of files."""
    net = u.load_model("model.safetensors", on_torch, x, backend="torch")
    assert_type(net, TorchModel[torch.Tensor])
    assert_type(u.load("model.safetensors", "jax"), u.Params)
    u.save("copy.safetensors", net)


def of_any_backend(name: str, x: Array) -> None:
    """Of a backend that is only known when the program runs, the methods that all models have are used."""
    net: u.Model[Array] = u.transform(forward, backend=name)
    net.init(x, rng=0)
    print(net.eval_shape(x))
    u.transform(forward).init(x)


def of_state(x: Array) -> Array:
    """A body that owns variables, draws and sows."""
    scale = u.get_parameter("scale", x.shape[-1], torch.ones, metadata={"sharding": (None,)})
    count = u.get_state("count", (), dtype="int32", collection="cache")
    u.set_state("count", count + 1)
    u.sow("scaled", x * scale)
    noise = u.random.normal(x.shape) if u.is_training() else 0.0
    y = u.scan(lambda carry, step: (carry + step, carry), x[0] + noise, x)[1]
    y = u.layer_stack(4, remat=True)(lambda z: z + u.Linear(None, 8)(z))(y)
    return u.cond(y.sum() > 0, lambda z: z, lambda z: -z, y)


def of_transforms(x: torch.Tensor, y: jax.Array) -> None:
    """Transforms of parts of a body return what the parts do."""

    def part(x: torch.Tensor) -> torch.Tensor:
        return F.gelu(u.Linear(4, 4)(x))

    assert_type(u.cond(x.sum() > 0, part, part, x), torch.Tensor)
    assert_type(u.switch(1, [part, part], x), torch.Tensor)
    assert_type(u.remat(part)(x), torch.Tensor)
    assert_type(u.jit(part)(x), torch.Tensor)
    assert_type(u.vmap(part, in_axes=1)(x), torch.Tensor)
    assert_type(u.layer_stack(3)(part)(x), torch.Tensor)
    assert_type(u.value_and_grad(part)(x)[0], torch.Tensor)
    assert_type(u.map(part, x), torch.Tensor)
    assert_type(u.fori_loop(0, 3, lambda i, z: part(z), x), torch.Tensor)

    def step(total: jax.Array, x: jax.Array) -> tuple[jax.Array, None]:
        return total + x, None

    assert_type(u.scan(step, jnp.zeros(4), y), tuple[jax.Array, None])
    outputs, state = u.unroll(u.DeepRNN([u.LSTMCell(4, 4), u.ResidualCell(u.GRUCell(4, 4))]), y, reverse=True)
    print(outputs.shape, state)


def comparisons(module: nn.Module, x: np.ndarray) -> None:
    """Layouts by the number of an input, by its name, or by both, also in a variable."""
    side, layouts = sides.torch(module), {0: "NCHW->NHWC"}
    assert_type(compare(side, side, x, layouts=layouts), Report)
    compare(side, side, kwargs={"image": x}, layouts={"image": "NCHW->NHWC"})
    compare(side, side, x, layouts={0: "NCHW->NHWC", "output": "NCHW->NHWC"})
