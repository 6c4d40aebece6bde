"""The large nets of Haiku on both backends against dm-haiku: names, values, outputs and state of a step."""

from typing import Any

import haiku
import jax
import numpy as np
import pytest

import unified.compat.haiku as hk
import unified.compat.jax as ujax
from conformance_tests.compat.test_haiku_layers import compare, on

IMAGES = np.random.default_rng(0).normal(size=(4, 64, 64, 3)).astype(np.float32)
NETS = {
    "ResNet18": lambda hk, x: hk.nets.ResNet18(5, logits_config={"w_init": hk.initializers.RandomNormal(0.1)})(x, True),
    "ResNet18-v2": lambda hk, x: hk.nets.ResNet18(5, resnet_v2=True, bn_config={"decay_rate": 0.5, "eps": 1e-3})(x, True),
    "MobileNetV1": lambda hk, x: hk.nets.MobileNetV1((1, 2, 1), (16, 32, 32), num_classes=5)(x, True),
    "MobileNetV1-biases": lambda hk, x: hk.nets.MobileNetV1((1, 2), (16, 32), num_classes=5, use_bn=False)(x, False),
    "ResNet50": lambda hk, x: hk.nets.ResNet50(5, logits_config={"w_init": hk.initializers.RandomNormal(0.1)})(x, True),
    "ResNet50-v2": lambda hk, x: hk.nets.ResNet50(5, resnet_v2=True, strides=(1, 1, 2, 2))(x, True),
    "ResNet34": lambda hk, x: hk.nets.ResNet34(3)(x, False, test_local_stats=True),
}  # fmt: skip
FULL = ("ResNet18-v2", "MobileNetV1-biases", "ResNet50", "ResNet50-v2", "ResNet34")


def once(haiku_like: Any, jax_like: Any, body: Any, x: np.ndarray) -> dict[str, Any]:
    net = haiku_like.transform_with_state(lambda x: body(haiku_like, x))
    given = jax_like.numpy.asarray(x)
    params, state = jax_like.jit(net.init)(jax_like.random.PRNGKey(0), given)
    out, new = jax_like.jit(net.apply)(params, state, None, given)
    leaves = jax_like.tree_util.tree_leaves
    initial = [np.asarray(leaf) for leaf in leaves(params)]
    return {
        "names": [(m, k) for tree in (params, state) for m in sorted(tree) for k in sorted(tree[m])],
        "shapes": [leaf.shape for leaf in initial],
        "dtypes": [leaf.dtype for leaf in initial],
        "initial": initial,
        "output": [np.asarray(out)],
        "initial state": [np.asarray(leaf) for leaf in leaves(state)],
        "state": [np.asarray(leaf) for leaf in leaves(new)],
    }


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.full] if name in FULL else []) for name in NETS]
)
def test_net(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import conformance_tests.compat.test_haiku_layers as layers

    monkeypatch.setattr(layers, "observe", once)
    body = NETS[name]
    wanted = once(haiku, jax, body, IMAGES)
    compare(on("jax", body, IMAGES), wanted, 1e-7, 1e-4)
    compare(on("torch", body, IMAGES), wanted, 1e-6, 2e-3)
    assert hk is not haiku and ujax is not jax
