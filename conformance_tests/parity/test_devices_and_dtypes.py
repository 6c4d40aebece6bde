"""`device=` and `dtype=` of layers are heeded or refused, in every style and on both frameworks."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
import unified.explicit as bx
import unified.nn as nn
import unified.trees as ut

X: dict[str, Any] = {"torch": torch.ones(4, 3), "jax": jnp.ones((4, 3))}


def inline(backend: str, **options: Any) -> Any:
    return u.transform(lambda x: u.Linear(3, 2, **options)(x), backend=backend).init(X[backend], rng=0)


def objects(backend: str, **options: Any) -> Any:
    return u.build(nn.Linear, 3, 2, backend=backend, rng=0, **options)


def explicit(backend: str, **options: Any) -> Any:
    return bx.Linear(bx.Graph("net"), 3, 2, **options)(bx.params(seed=0, backend=backend), X[backend])


def trees(backend: str, **options: Any) -> Any:
    return ut.fill(ut.Linear(3, 2, **options), backend=backend, rng=0)


STYLES = inline, objects, explicit, trees
each_style = pytest.mark.parametrize("style", STYLES, ids=lambda style: style.__name__)
each_backend = pytest.mark.parametrize("backend", X)


@each_backend
@each_style
@pytest.mark.parametrize(
    ("options", "error", "pattern"),
    [
        ({"device": "nonsense"}, (ValueError, RuntimeError), "nonsense"),
        ({"device": 3.5}, TypeError, "device"),
        ({"dtype": "nonsense"}, TypeError, "'nonsense' is no dtype that (torch|JAX) has"),
        ({"dtype": 3}, TypeError, "3'? is no dtype that (torch|JAX) has"),
        ({"dtype": "int32"}, ValueError, "weight is trained, and takes a dtype of real or complex.*int32"),
        ({"dtype": np.bool_}, ValueError, "weight is trained.*bool"),
        ({"biass": True}, TypeError, "biass"),
    ],
    ids=str,
)
def test_what_is_refused(backend: str, style: Any, options: Any, error: Any, pattern: str) -> None:
    with pytest.raises(error, match=pattern):
        style(backend, **options)


@each_backend
@each_style
def test_what_is_accepted(backend: str, style: Any) -> None:
    for device in ("cpu", torch.device("cpu"), None):
        style(backend, device=device)
    if backend == "jax":
        style(backend, device=jax.devices()[0])


def test_trees_and_explicit_modules_are_made_where_the_layers_say() -> None:
    assert ut.fill(ut.Linear(3, 2, device="meta"), backend="torch").weight.device.type == "meta"
    layer = ut.TransformerEncoderLayer(4, 2, 8, device="meta")
    params = ut.params(ut.fill(ut.TransformerEncoder(layer, 2), backend="torch"))
    assert {value.device.type for value in params.values()} == {"meta"}
    sequential = ut.fill(ut.Sequential((ut.Linear(3, 2, device="meta"), ut.Linear(2, 1))), backend="torch")
    assert [value.device.type for value in ut.params(sequential).values()] == ["meta", "meta", "cpu", "cpu"]
    with torch.device("meta"):
        x = torch.ones(2, 5, 4)
        graph = bx.Graph("net")
        layer = bx.TransformerEncoderLayer(graph / "layer", 4, 2, 8, batch_first=True, device="meta")
        _, params = bx.TransformerEncoder(graph, layer, 2)(bx.params(seed=0, backend="torch"), x)
    assert {value.device.type for value in params.values()} == {"meta"}
