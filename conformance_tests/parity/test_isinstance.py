"""`isinstance(layer, unified.Linear)` holds on both frameworks, also of a `torch.nn.Linear` that is nothing else."""

import copy
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u


class LoRALinear(u.Linear):
    def forward(self, x: Any) -> Any:
        return super().forward(x)


def layers(x: Any) -> list[Any]:
    """A layer of each kind, called where its size is taken from the input."""
    lazy = u.Linear(None, 4)
    made = [lazy, u.LazyLinear(4), LoRALinear(4, 4), u.ReLU6(), u.Dropout(0.5), u.MultiheadAttention(4, 2)]
    for layer in made[:5]:
        x = layer(x)
    made[5](x[None], x[None], x[None])
    return [*made, u.Sequential(u.Linear(4, 4), u.Tanh()), u.BatchNorm1d(4), u.RMSNorm(4)]


KINDS = [u.Linear, u.LazyLinear, LoRALinear, u.ReLU6, u.Dropout, u.MultiheadAttention, u.Sequential]
KINDS += [u.BatchNorm1d, u.RMSNorm, u.Layer, u.Conv1d, u.Hardtanh, u.Module]

# Of each of the layers, which of the kinds it is. A lazy layer is the plain one: only its size comes from the input.
EXPECTED = [
    "Linear LazyLinear Layer",
    "Linear LazyLinear Layer",
    "Linear LazyLinear LoRALinear Layer",
    "ReLU6 Layer",
    "Dropout Layer",
    "MultiheadAttention Layer",
    "Sequential Layer",
    "BatchNorm1d Layer",
    "RMSNorm Layer",
]


def kinds_of(layer: object) -> str:
    return " ".join(kind.__name__ for kind in KINDS if isinstance(layer, kind))


@pytest.mark.parametrize("rng", [None, "portable"])
def test_in_a_torch_body(rng: str | None) -> None:
    seen: list[list[str]] = []
    net = u.transform(lambda x: seen.append([*map(kinds_of, layers(x))]) or x, backend="torch", rng=rng)
    net.init(torch.ones(2, 3), rng=0)(torch.ones(2, 3))
    assert seen == [EXPECTED, EXPECTED]


def test_in_a_jax_body() -> None:
    seen: list[list[str]] = []
    net = u.transform(lambda x: seen.append([*map(kinds_of, layers(x))]) or x, backend="jax")
    net.apply(net.init(jnp.ones((2, 3)), rng=0), jnp.ones((2, 3)))
    assert seen == [EXPECTED, EXPECTED]


def small(x: Any) -> Any:
    return u.ReLU()(LoRALinear(3, 4)(u.Linear(None, 3)(x)))


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))])
def test_of_a_model(copied: Callable[[Any], Any]) -> None:
    net = copied(u.transform(small, backend="torch").init(torch.ones(2, 3), rng=0))
    linear, lora, relu = net.children()
    assert [kinds_of(layer) for layer in (linear, lora)] == EXPECTED[:1] + EXPECTED[2:3]
    assert isinstance(relu, u.ReLU)
    assert type(linear) is torch.nn.Linear
    assert not isinstance(net, u.Layer)


def test_in_another_process(tmp_path: Path) -> None:
    """Where no body has run, and torch alone has been imported."""
    torch.save(torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU()), tmp_path / "net.pt")
    code = (
        f"import torch, unified as u; net = torch.load({str(tmp_path / 'net.pt')!r}, weights_only=False); "
        "print(isinstance(net[0], u.Linear), isinstance(net[0], u.Layer), isinstance(net[1], u.Linear))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True", "False"]


NO_LAYERS = [3, "text", None, np.ones(2), torch.ones(2), jnp.ones(2), torch.nn.ModuleList(), u.Linear]


@pytest.mark.parametrize("value", NO_LAYERS, ids=lambda value: type(value).__name__)
def test_nothing_else_is_a_layer(value: object) -> None:
    assert not isinstance(value, u.Layer)
    assert not isinstance(value, u.Linear)
