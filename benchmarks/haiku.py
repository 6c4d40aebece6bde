"""Haiku code with `unified.compat.haiku`: on torch against the same net by hand, on JAX against dm-haiku itself.

The hand-written nets use `torch.nn` and compute the same function: Haiku pads as TensorFlow does, which is asymmetric
where a stride is 2. A time on torch is that of the outputs' sum with its gradients; on JAX, that of tracing and that of
a compiled step.
"""

from collections.abc import Callable
from typing import Any

import haiku
import jax
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import unified as u
import unified.compat.haiku as hk
import unified.compat.jax as ujax
from benchmarks.jax_hlo import counted, operations
from benchmarks.measure import interleave
from benchmarks.row import Row, compare

TORCH_BAR, JAX_BAR = 1.10, 1.0
BATCH, SIZE, CLASSES = 4, 224, 10
LENGTH, WIDTH, HEADS = 128, 256, 8


def _same(x: torch.Tensor, kernel: int, stride: int, fill: float = 0.0) -> torch.Tensor:
    """Return the input with "SAME" padding, which may differ on both sides."""
    pads = []
    for size in (x.shape[3], x.shape[2]):
        total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
        pads += [total // 2, total - total // 2]
    return F.pad(x, pads, value=fill)


class Conv(nn.Module):
    """A convolution with "SAME" padding, followed by a batch norm."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int) -> None:
        super().__init__()
        self.kernel, self.stride = kernel, stride
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2 if stride == 1 else 0, bias=False)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x if self.stride == 1 or self.kernel == 1 else _same(x, self.kernel, self.stride)
        return self.norm(self.conv(x))


class Residual(nn.Module):
    """Two convolutions around a shortcut."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.first, self.second = Conv(inputs, outputs, 3, stride), Conv(outputs, outputs, 3, 1)
        self.shortcut = Conv(inputs, outputs, 1, stride) if inputs != outputs else nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(self.second(F.relu(self.first(x))) + self.shortcut(x))


class ResNet18(nn.Module):
    """ResNet-18, hand-written."""

    def __init__(self) -> None:
        super().__init__()
        self.first, blocks, inputs = Conv(3, 64, 7, 2), [], 64
        for number, width in enumerate((64, 128, 256, 512)):
            blocks += [Residual(inputs, width, 2 if number else 1), Residual(width, width, 1)]
            inputs = width
        self.blocks, self.logits = nn.Sequential(*blocks), nn.Linear(512, CLASSES)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.first(images.permute(0, 3, 1, 2)))
        x = F.max_pool2d(_same(x, 3, 2, -torch.inf), 3, 2)
        return self.logits(self.blocks(x).mean((2, 3)))


class Transformer(nn.Module):
    """A transformer block, hand-written."""

    def __init__(self) -> None:
        super().__init__()
        self.norm, self.norm_1 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.query, self.key, self.value, self.out = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.up, self.down = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = self.norm(x)
        heads = (f(h).unflatten(-1, (HEADS, -1)).transpose(1, 2) for f in (self.query, self.key, self.value))
        h = F.scaled_dot_product_attention(*heads).transpose(1, 2).flatten(-2)
        x = x + self.out(h)
        return x + self.down(F.gelu(self.up(self.norm_1(x)), approximate="tanh"))


def resnet(hk: Any) -> Callable[..., Any]:
    """Return ResNet-18 of Haiku as a body."""
    return lambda x: hk.nets.ResNet18(CLASSES)(x, True)


def block(hk: Any, jax: Any) -> Callable[..., Any]:
    """Return a transformer block of Haiku as a body."""
    init = hk.initializers.VarianceScaling(1.0)

    def body(x: Any) -> Any:
        h = hk.LayerNorm(-1, True, True)(x)
        x = x + hk.MultiHeadAttention(HEADS, WIDTH // HEADS, w_init=init)(h, h, h)
        h = hk.LayerNorm(-1, True, True)(x)
        return x + hk.nets.MLP([4 * WIDTH, WIDTH], activation=jax.nn.gelu)(h)

    return body


def _step(module: Any, x: torch.Tensor) -> Callable[[], None]:
    def run() -> None:
        module(x).sum().backward()

    return run


def on_torch(rounds: int) -> list[Row]:
    """Measure ported nets against hand-written ones, with one thread."""
    torch.set_num_threads(1)
    rows = []
    images, series = torch.randn(BATCH, SIZE, SIZE, 3), torch.randn(8, LENGTH, WIDTH)
    cases = {
        "resnet18": (resnet(hk), images, ResNet18().to(memory_format=torch.channels_last)),
        "transformer block": (block(hk, ujax), series, Transformer()),
    }
    for name, (body, x, by_hand) in cases.items():
        net = hk.without_apply_rng(hk.transform_with_state(body, backend="torch"))
        port = hk.to_torch(net, *net.init(0, x))
        for mode, wrap in (("eager", lambda m: m), ("compiled", torch.compile)):
            torch._dynamo.reset()
            contestants = {"unified": _step(wrap(port), x), "raw": _step(wrap(by_hand), x)}
            samples = interleave(contestants, rounds)
            rows.append(compare(f"haiku on torch: {name}, {mode}, forward and backward", samples, bar=TORCH_BAR))
    return rows


def on_jax(rounds: int) -> list[Row]:
    """Measure the same Haiku code with dm-haiku and with ours: tracing, and a compiled step."""
    u.set_backend("jax")
    rows = []
    images = np.zeros((2, 32, 32, 3), np.float32)
    series = np.zeros((4, 64, WIDTH), np.float32)
    for name, x, bodies in (
        ("resnet18", images, (resnet(hk), resnet(haiku))),
        ("transformer block", series, (block(hk, ujax), block(haiku, jax))),
    ):
        traces, steps, counts = {}, {}, {}
        for key, library, body in zip(("unified", "raw"), (hk, haiku), bodies, strict=True):
            net = library.transform_with_state(body)
            params, state = net.init(jax.random.PRNGKey(0), x)

            def step(params: Any, state: Any, net: Any = net, x: Any = x) -> Any:
                return jax.grad(lambda p: net.apply(p, state, None, x)[0].sum())(params)

            traces[key] = lambda step=step, params=params, state=state: jax.make_jaxpr(lambda p: step(p, state))(params)
            counts[key] = operations(step, params, state)
            compiled = jax.jit(step).lower(params, state).compile()
            steps[key] = lambda run=compiled, params=params, state=state: jax.block_until_ready(run(params, state))
        rows.append(compare(f"haiku on jax: {name}, trace", interleave(traces, rounds), bar=JAX_BAR))
        rows.append(compare(f"haiku on jax: {name}, step", interleave(steps, rounds), bar=JAX_BAR))
        rows.append(counted(f"haiku on jax: {name}, HLO of the step", counts["unified"], counts["raw"]))
    u.set_backend(None)
    return rows


def run(rounds: int = 15) -> list[Row]:
    """Return all rows."""
    return [*on_torch(rounds), *on_jax(rounds)]
