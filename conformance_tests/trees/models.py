"""Networks as trees that several tests, and files, name."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import unified as u
import unified.functional as F
import unified.trees as ut
from unified.core import backends
from unified.trees.module import Module
from unified.typing import Array

__all__ = ["Autoencoder", "Linear", "Net", "array", "filled", "forward", "numpy"]

BACKENDS = ("torch", "jax")


class Linear(ut.Module):
    """A layer written by hand, as in FlareJax."""

    weight: Array
    bias: Array | None = None
    name: str = "linear"

    @classmethod
    def init(cls, inputs: int, outputs: int, **options: Any) -> "Linear":
        return cls(ut.var((outputs, inputs), u.initializers.normal(std=0.5)), ut.var((outputs,)), **options)

    def __call__(self, x: Array) -> Array:
        y = x @ self.weight.T
        return y if self.bias is None else y + self.bias


class Net(ut.Module):
    """A constructor of its own, layers with state and draws, containers, a function."""

    first: Linear
    norm: ut.BatchNorm1d
    parts: list[Any]
    activation: Callable[[Any], Any] = F.relu

    def __init__(self, width: int) -> None:
        self.first = Linear.init(2, width)
        self.norm = ut.BatchNorm1d(width)
        self.parts = [ut.Linear(width, width), (ut.Dropout(0.5), F.tanh), {"last": ut.Linear(width, 1)}]

    def __call__(self, x: Array) -> Array:
        x = self.parts[0](self.norm(self.first(x)))
        for part in self.parts[1]:
            x = part(x)
        return self.parts[2]["last"](self.activation(x))


class Autoencoder(ut.Module):
    encoder: Module
    decoder: Module
    width: int = ut.field(static=True, default=3)

    @classmethod
    def init(cls, width: int = 3) -> "Autoencoder":
        return cls(ut.Linear(2, width), ut.Linear(width, 2), width)

    def encode(self, x: Array) -> Array:
        return F.tanh(self.encoder(x))

    def decode(self, z: Array) -> Array:
        return self.decoder(z)

    def __call__(self, x: Array) -> Array:
        return self.decode(self.encode(x))


def forward(x: Array) -> Array:
    """`Net(4)` as a body, with the same paths."""
    x = First(name="first")(x)
    x = u.BatchNorm1d(4, name="norm")(x)
    with u.scope("parts"):
        x = F.tanh(PartOne()(u.Linear(4, 4, name=0)(x)))
        return PartTwo()(F.relu(x))


class First(u.Module):
    def __init__(self, name: str) -> None:
        super().__init__(name=name)

    def __call__(self, x: Array) -> Array:
        return x @ u.get_parameter("weight", (4, 2), u.initializers.normal(std=0.5)).T + u.get_parameter("bias", (4,))


class PartOne(u.Module):
    def __init__(self) -> None:
        super().__init__(name=1)

    def __call__(self, x: Array) -> Array:
        return u.Dropout(0.5, name=0)(x)


class PartTwo(u.Module):
    def __init__(self) -> None:
        super().__init__(name=2)

    def __call__(self, x: Array) -> Array:
        return u.Linear(4, 1, name="last")(x)


def filled(backend: str, model: Any = None, rng: int = 0) -> Any:
    return ut.fill(Net(4) if model is None else model, rng=rng, backend=backend)


def array(backend: str, shape: Sequence[int] | np.ndarray, seed: int = 1) -> Any:
    """Normal values, the same on both frameworks, or an array of NumPy as one of the framework."""
    host = shape if isinstance(shape, np.ndarray) else np.random.default_rng(seed).standard_normal(shape, "float32")
    return backends.load(backend).from_numpy(host, None)


def numpy(value: Any) -> Any:
    owner = backends.of_array(value)
    return value if owner is None else owner.to_numpy(value)


def named(value: Any) -> str:
    """The name of a test of a value: what it looks like, without an address, which differs between processes."""
    return re.sub(r" at 0x[0-9a-f]+", "", str(value))
