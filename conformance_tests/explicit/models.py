"""The networks that several tests of `unified.explicit` run, and arrays for both frameworks."""

from typing import Any

import jax.numpy as jnp
import numpy as np
import torch

import unified as u
import unified.explicit as bx
import unified.functional as F

__all__ = ["ARRAYS", "BACKENDS", "MLP", "Custom", "array", "bits", "body", "network", "numbers"]

BACKENDS = ("torch", "jax")
ARRAYS = {"torch": torch.tensor, "jax": jnp.asarray}


def array(backend: str, *shape: int, seed: int = 0) -> Any:
    """Normal values of a shape, on a framework."""
    return ARRAYS[backend](np.random.default_rng(seed).standard_normal(shape).astype(np.float32))


def numbers(value: Any) -> np.ndarray:
    """An array of either framework on the host."""
    return value.detach().numpy() if isinstance(value, torch.Tensor) else np.asarray(value)


def bits(params: u.Params) -> dict[str, bytes]:
    """The bytes of all variables; those of integers as 64 bits, of which JAX stores 32."""
    arrays = {path: np.asarray(value) for path, value in params.to("numpy").items()}
    return {path: (a.astype("int64") if a.dtype.kind in "iu" else a).tobytes() for path, a in arrays.items()}


class Custom(bx.Module):
    """A product with a parameter."""

    def __init__(self, graph: bx.Graph, size: int, scale: float = 1.0) -> None:
        super().__init__(graph)
        self.size, self.scale = size, scale

    def __call__(self, params: u.Params, x: Any) -> tuple[Any, u.Params]:
        w, params = self.get_param(params, "w", (x.shape[-1], self.size), u.initializers.xavier_uniform())
        return x @ w * self.scale, params


class MLP(bx.Module):
    """Layers that have sizes to infer, write state and draw; the last comes from outside."""

    def __init__(self, graph: bx.Graph, width: int, out: bx.Module, rng: bx.Rng) -> None:
        super().__init__(graph)
        self.hidden = bx.Linear(graph.child("hidden"), None, width)
        self.norm = bx.BatchNorm1d(graph.child("norm"), width)
        self.drop = bx.Dropout(graph.child("drop"), 0.5, rng=rng)
        self.out = out

    def __call__(self, params: u.Params, x: Any, is_training: bool = False) -> tuple[Any, u.Params]:
        x, params = self.hidden(params, x)
        x, params = self.norm(params, x, is_training=is_training)
        x, params = self.drop(params, F.relu(x), is_training=is_training)
        return self.out(params, x)


def network(root: str | None = "net") -> tuple[bx.Graph, bx.Rng, MLP]:
    """The graph, the stream and the module of an `MLP` with a `Custom` that stands beside it."""
    graph = bx.Graph(root)
    rng = bx.Rng(graph.child("rng"))
    readout = Custom(graph.child("readout"), 1)
    return graph, rng, MLP(graph.child("mlp"), 16, readout, rng)


class Readout(u.Module):
    """`Custom`, inline."""

    def __call__(self, x: Any) -> Any:
        return x @ u.get_parameter("w", (x.shape[-1], 1), u.initializers.xavier_uniform())


class InlineMLP(u.Module):
    """`MLP`, inline."""

    def __init__(self, out: u.Module) -> None:
        self.out = out

    def __call__(self, x: Any) -> Any:
        x = u.Linear(None, 16, name="hidden")(x)
        x = u.BatchNorm1d(16, name="norm")(x)
        return self.out(u.Dropout(0.5, name="drop")(F.relu(x)))


def body(x: Any) -> Any:
    """The network without a root name, as an inline body."""
    return InlineMLP(Readout(name="readout"), name="mlp")(x)
