"""Every layer of the table as a part of an object: names, bits and numbers are those of the inline style."""

import warnings

import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
import unified.nn as nn
from conformance_tests.parity.cases import CASES
from conformance_tests.parity.layer_runner import (
    arguments,
    check,
    given_inputs,
    layer_inputs,
    models,
    run_jax,
    run_torch,
)
from unified.core import layers

ONE = {case.layer: case for case in reversed(CASES)}  # the first case of each layer
OBJECTS = [case for case in CASES if case.layer != "Sequential"]  # which is of any modules here


def built(case, backend):
    """The layer as the attribute by which the inline style would name it, after its first call."""

    class Holder(nn.Module):
        def __init__(self):
            super().__init__()
            args, kwargs = arguments(case, torch.tensor if backend == "torch" else jnp.asarray, nn)
            setattr(self, name, getattr(nn, case.layer)(*args, **kwargs))

        def forward(self, *inputs, **options):
            return getattr(self, name)(*inputs, **options)

    name = getattr(layers, case.layer).base_name
    net = u.build(Holder, backend=backend, rng=3, portable=True)
    if case.sizes or case.layer.startswith("Lazy"):
        arrays = layer_inputs(case, 0)
        inputs, options = given_inputs(
            case, [torch.tensor(a) if backend == "torch" else jnp.asarray(a) for a in arrays]
        )
        net.eval()(*inputs, **options)
        net.train()
    return net


def host(value):
    return value.detach().numpy() if isinstance(value, torch.Tensor) else np.asarray(value)


@pytest.mark.filterwarnings("ignore")
def test_first_values_of_each_layer():
    """NNX 11: names are those of attributes, and equal those of `torch.nn`."""
    for case in ONE.values():
        if case.layer == "Sequential":
            continue
        _, _, inline = models(case)
        for backend in ("torch", "jax"):
            params = built(case, backend).params.filter(u.filters.not_("rng"))
            wanted = inline.filter(u.filters.not_("rng"))
            assert list(params) == list(wanted), (case, backend)
            for path, value in params.items():
                assert np.array_equal(host(value), np.asarray(wanted[path])), (case, backend, path)
            assert list(params.info.values()) == list(wanted.info.values()), (case, backend)


@pytest.mark.full
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", [pytest.param(case, id=repr(case)) for case in OBJECTS])
def test_results_of_each_option(case):
    _, on_jax, inline = models(case)
    objects = built(case, "torch"), built(case, "jax")
    names = [path for path in inline if not path.startswith("rng/")]
    assert [list(net.params.filter(u.filters.not_("rng"))) for net in objects] == [names, names]
    tolerance = 1e-4 if case.layer in ("LSTM", "GRU", "RNN") or "Transformer" in case.layer else 1e-5
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = list(run_jax(on_jax, inline, case))
        for what, found in (
            ("torch", run_torch(objects[0], case)),
            ("jax", run_jax(objects[1], objects[1].params, case)),
        ):
            for got, wanted in zip(found, expected, strict=True):
                check(got, wanted, f"{case} on {what}", tolerance)
