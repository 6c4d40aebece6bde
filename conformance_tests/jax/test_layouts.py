"""Layers with channels last on JAX: dimension numbers, and no transpose of what flows through the model."""

from typing import Any

import jax
import jax.numpy as jnp
import pytest

import unified as u

LAST = {"data_format": "channels_last"}
BODIES = {
    "Conv1d": (lambda x: u.Conv1d(4, 6, 3, 2, "SAME", **LAST)(x), (2, 9, 4)),
    "Conv2d": (lambda x: u.Conv2d(4, 6, 3, 2, "SAME", **LAST)(x), (2, 9, 8, 4)),
    "Conv3d": (lambda x: u.Conv3d(4, 6, 3, padding=1, input_dilation=2, **LAST)(x), (2, 5, 4, 3, 4)),
    "ConvTranspose2d": (lambda x: u.ConvTranspose2d(4, 6, 3, 2, "SAME", **LAST)(x), (2, 9, 8, 4)),
    "MaxPool2d": (lambda x: u.MaxPool2d(3, 2, "SAME", **LAST)(x), (2, 9, 8, 4)),
    "AvgPool2d": (lambda x: u.AvgPool2d(3, 2, "SAME", count_include_pad=False, **LAST)(x), (2, 9, 8, 4)),
    "AdaptiveAvgPool2d": (lambda x: u.AdaptiveAvgPool2d((3, 4), **LAST)(x), (2, 9, 8, 4)),
    "LPPool2d": (lambda x: u.LPPool2d(2.0, 2, **LAST)(x), (2, 9, 8, 4)),
    "BatchNorm2d": (lambda x: u.BatchNorm2d(4, **LAST)(x), (2, 9, 8, 4)),
    "GroupNorm": (lambda x: u.GroupNorm(2, 4, **LAST)(x), (2, 9, 8, 4)),
    "InstanceNorm2d": (lambda x: u.InstanceNorm2d(4, affine=True, **LAST)(x), (2, 9, 8, 4)),
    "LocalResponseNorm": (lambda x: u.LocalResponseNorm(3, **LAST)(x), (2, 9, 8, 4)),
    "PReLU": (lambda x: u.PReLU(4, **LAST)(x), (2, 9, 8, 4)),
    "Dropout2d": (lambda x: u.Dropout2d(0.5, **LAST)(x), (2, 9, 8, 4)),
    "Upsample": (lambda x: u.Upsample(scale_factor=2, mode="bilinear", **LAST)(x), (2, 9, 8, 4)),
}


QUICK = ("Conv2d", "ConvTranspose2d", "MaxPool2d", "BatchNorm2d")  # the others in `make test-slow`


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in BODIES]
)
def test_no_transpose_in_the_program(name: str) -> None:
    """Neither in the call nor in its gradient, but for weights, which are torch's."""
    body, shape = BODIES[name]
    model: Any = u.transform(body, backend="jax")
    x = jnp.ones(shape)
    params = model.init(x, rng=0)

    def loss(x: Any) -> Any:
        return (model.apply(params, x, training=True)[0] ** 2).sum()

    for program in (loss, jax.grad(loss)):
        text = jax.jit(program).lower(x).as_text()
        transposes = [line for line in text.splitlines() if "stablehlo.transpose" in line]
        assert not transposes, transposes
