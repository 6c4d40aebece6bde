"""The large nets of Haiku on both backends against dm-haiku: names, values, outputs, and training.

Initial values and outputs are compared in float32. Three training steps are compared in float64, since the norms of
these nets amplify what is lost in float32 beyond any tolerance that would say something.
"""

from typing import Any

import haiku
import jax
import numpy as np
import pytest

import unified.compat.haiku as hk
import unified.compat.jax as ujax
from conformance_tests.compat.against_haiku import compare, leaves, made, observe, transformed
from conformance_tests.compat.differential import on

IMAGES = np.random.default_rng(0).normal(size=(4, 64, 64, 3)).astype(np.float32)
NETS = {
    "ResNet18": lambda hk, jax, x: hk.nets.ResNet18(5, logits_config={"w_init": hk.initializers.RandomNormal(0.1)})(x, True),
    "ResNet18-v2": lambda hk, jax, x: hk.nets.ResNet18(5, resnet_v2=True, bn_config={"decay_rate": 0.5, "eps": 1e-3})(x, True),
    "MobileNetV1": lambda hk, jax, x: hk.nets.MobileNetV1((1, 2, 1), (16, 32, 32), num_classes=5)(x, True),
    "MobileNetV1-biases": lambda hk, jax, x: hk.nets.MobileNetV1((1, 2), (16, 32), num_classes=5, use_bn=False)(x, False),
    "ResNet50": lambda hk, jax, x: hk.nets.ResNet50(5, logits_config={"w_init": hk.initializers.RandomNormal(0.1)})(x, True),
    "ResNet50-v2": lambda hk, jax, x: hk.nets.ResNet50(5, resnet_v2=True, strides=(1, 1, 2, 2))(x, True),
    "ResNet34": lambda hk, jax, x: hk.nets.ResNet34(3)(x, False, test_local_stats=True),
}  # fmt: skip
MARKS = {"MobileNetV1": [], "ResNet18": [pytest.mark.slow]}
each_net = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=MARKS.get(name, [pytest.mark.full])) for name in NETS]
)


def once(haiku_like: Any, jax_like: Any, body: Any) -> dict[str, Any]:
    """Initial values, and a call's output and state."""
    net, given = transformed(haiku_like, jax_like, body), jax_like.numpy.asarray(IMAGES)
    params, state = jax_like.jit(net.init)(jax_like.random.PRNGKey(0), given)
    out, new = jax_like.jit(net.apply)(params, state, None, given)
    return {**made(params, state), "output": leaves(out), "state": leaves(new)}


@each_net
def test_call(name: str) -> None:
    wanted = once(haiku, jax, NETS[name])
    for backend, initial, tolerance in (("jax", 0.0, 1e-4), ("torch", 1e-6, 2e-3)):
        with on(backend):
            compare(once(hk, ujax, NETS[name]), wanted, initial, tolerance)


@pytest.mark.slow
@each_net
def test_training(name: str) -> None:
    images = IMAGES[:, ::2, ::2].astype(np.float64)
    with jax.enable_x64(True):
        wanted = observe(haiku, jax, NETS[name], images, jit=True)
        for backend in ("jax", "torch"):
            with on(backend):
                compare(observe(hk, ujax, NETS[name], images, jit=True), wanted, 1e-12, 1e-7)
