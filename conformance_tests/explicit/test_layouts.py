"""Layouts and options of layers: rows 45 to 49, 51 and 54 to 58 of what blox has, and the other styles."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from jax import lax

import unified as u
import unified.explicit as bx
import unified.nn as nn
import unified.trees as ut
from conformance_tests.explicit.models import BACKENDS, numbers

X = np.random.default_rng(0).standard_normal((2, 3, 9, 8, 4)).astype(np.float32)
each_backend = pytest.mark.parametrize("backend", BACKENDS)


def array(backend: str, x: np.ndarray = X) -> Any:
    return torch.tensor(x) if backend == "torch" else jnp.asarray(x)


def called(layer: Any, backend: str, x: np.ndarray = X, **kwargs: Any) -> tuple[np.ndarray, u.Params]:
    output, params = layer(bx.params(seed=0, backend=backend), array(backend, x), **kwargs)
    return numbers(output), params


@each_backend
@pytest.mark.parametrize("padding", ["SAME", "VALID", ((1, 0), (2, 1))], ids=str)
def test_convolutions(backend: str, padding: Any) -> None:
    """Rows 45 to 49: channels last, any number of batch dimensions, paddings by name and in pairs, gaps, groups."""
    graph = bx.Graph("net")
    conv = bx.Conv2d(graph / "c", None, 6, (3, 2), 2, padding, dilation=(1, 2), groups=2, data_format="NHWC")
    output, params = called(conv, backend)
    weight, bias = numbers(params["net/c/weight"]), numbers(params["net/c/bias"])
    images = X.reshape(6, 9, 8, 4)
    layout = ("NHWC", "OIHW", "NHWC")
    wanted = lax.conv_general_dilated(images, weight, (2, 2), padding, None, (1, 2), layout, 2) + bias
    np.testing.assert_allclose(output, wanted.reshape(2, 3, *wanted.shape[1:]), atol=1e-5)
    single, _ = conv(params, array(backend, X[0, 0]))
    np.testing.assert_allclose(numbers(single), wanted[0], atol=1e-5)
    spread = bx.Conv1d(graph / "s", 4, 6, 3, padding=((2, 2),), input_dilation=2, data_format="NWC")
    output, params = called(spread, backend)
    rows, weight = X.reshape(-1, 8, 4), numbers(params["net/s/weight"])
    wanted = lax.conv_general_dilated(rows, weight, (1,), ((2, 2),), (2,), None, ("NWC", "OIW", "NWC"))
    np.testing.assert_allclose(output.reshape(wanted.shape), wanted + numbers(params["net/s/bias"]), atol=1e-5)
    if backend == "jax":
        locked = params.locked()
        jitted, _ = jax.jit(lambda params, x: spread(params, x))(locked, array(backend))
        np.testing.assert_allclose(jitted, output, atol=1e-5)


@each_backend
@pytest.mark.parametrize("padding", ["SAME", "VALID"])
def test_transposed_convolutions(backend: str, padding: str) -> None:
    """Row 51."""
    conv = bx.ConvTranspose2d(bx.Graph("net") / "c", None, 6, 3, 2, padding, data_format="NHWC")
    output, params = called(conv, backend)
    weight = np.flip(numbers(params["net/c/weight"]), (2, 3))
    images, layout = X.reshape(6, 9, 8, 4), ("NHWC", "IOHW", "NHWC")
    wanted = lax.conv_transpose(images, weight, (2, 2), padding, dimension_numbers=layout)
    np.testing.assert_allclose(output.reshape(wanted.shape), wanted + numbers(params["net/c/bias"]), atol=1e-5)


@each_backend
def test_norms(backend: str) -> None:
    """Rows 54, 55: over all but the channels; a scale without a bias and the reverse; groups of a mapped axis."""
    graph = bx.Graph("net")
    norm = bx.BatchNorm2d(graph / "b", None, data_format="channels_last")
    output, params = called(norm, backend, is_training=True)
    mean, variance = X.mean((0, 1, 2, 3)), X.var((0, 1, 2, 3))
    np.testing.assert_allclose(output, (X - mean) / np.sqrt(variance + 1e-5), atol=1e-5)
    np.testing.assert_allclose(numbers(params["net/b/running_mean"]), 0.1 * mean, atol=1e-6)
    for weight, bias, names in ((True, False, ["weight"]), (False, True, ["bias"])):
        layer = bx.LayerNorm(graph / f"l{bias}", None, weight=weight, bias=bias)
        output, params = called(layer, backend)
        assert [path.rpartition("/")[2] for path in params] == names
        np.testing.assert_allclose(
            output, (X - X.mean(-1, keepdims=True)) / np.sqrt(X.var(-1, keepdims=True) + 1e-5), atol=1e-5
        )


def test_groups_of_a_mapped_axis() -> None:
    """Row 54, for batch and layer norms."""
    groups, lanes = [[0, 2], [1, 3]], np.random.default_rng(1).standard_normal((4, 5, 3)).astype(np.float32)
    graph = bx.Graph("net")
    batch = bx.BatchNorm1d(graph / "b", 3, axis_name="i", axis_index_groups=groups)
    layer = bx.LayerNorm(graph / "l", 3, axis_name="i", axis_index_groups=groups)
    for norm, axes in ((batch, (0, 1)), (layer, (0, 2))):
        _, params = norm(bx.params(seed=0, backend="jax"), jnp.asarray(lanes[0]))
        locked = params.locked()
        found = jax.vmap(lambda x, norm=norm, p=locked: norm(p, x, is_training=True)[0], axis_name="i")(lanes)
        for group in groups:
            part = lanes[group]
            wanted = (part - part.mean(axes, keepdims=True)) / np.sqrt(part.var(axes, keepdims=True) + 1e-5)
            np.testing.assert_allclose(found[jnp.asarray(group)], wanted, atol=1e-4)


@each_backend
def test_pooling(backend: str) -> None:
    """Rows 56 to 58: functions over any number of dimensions, `"SAME"` without its zeros."""
    window, steps = (1, 1, 3, 2, 1), (1, 1, 2, 2, 1)
    total = lax.reduce_window(X, 0.0, lax.add, window, steps, "SAME")
    count = lax.reduce_window(np.ones_like(X), 0.0, lax.add, window, steps, "SAME")
    x = array(backend)
    np.testing.assert_allclose(numbers(u.avg_pool(x, (3, 2), 2, "SAME")), total / count, atol=1e-6)
    for pool, initial, operation in ((u.max_pool, -np.inf, lax.max), (u.min_pool, np.inf, lax.min)):
        wanted = lax.reduce_window(X, initial, operation, window, steps, "SAME")
        np.testing.assert_array_equal(numbers(pool(x, (3, 2), 2, "SAME")), wanted)


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv2d = nn.Conv2d(4, 6, 3, 2, "SAME", data_format="NHWC")
        self.norm = nn.BatchNorm2d(6, weight=False, data_format="NHWC")

    def forward(self, x: Any) -> Any:
        return self.norm(self.conv2d(x))


@each_backend
def test_the_other_styles(backend: str) -> None:
    """Objects and trees take the same options."""
    net: Any = u.build(Net, backend=backend, rng=0)
    output, weight = numbers(net(array(backend))), numbers(net.conv2d.weight)
    bias = numbers(net.conv2d.bias)
    images, layout = X.reshape(6, 9, 8, 4), ("NHWC", "OIHW", "NHWC")
    wanted = lax.conv_general_dilated(images, weight, (2, 2), "SAME", dimension_numbers=layout) + bias
    norm = (wanted - wanted.mean((0, 1, 2))) / np.sqrt(wanted.var((0, 1, 2)) + 1e-5)
    np.testing.assert_allclose(output.reshape(norm.shape), norm, atol=1e-4)
    tree: Any = ut.fill(ut.Conv2d(4, 6, 3, 2, "SAME", data_format="NHWC"), rng=0, backend=backend)
    wanted = lax.conv_general_dilated(images, numbers(tree.weight), (2, 2), "SAME", dimension_numbers=layout)
    found = numbers(tree(array(backend)))
    np.testing.assert_allclose(found.reshape(wanted.shape), wanted + numbers(tree.bias), atol=1e-5)
    embedding: Any = ut.fill(ut.Embedding(5, 3), rng=0, backend=backend)
    rows = embedding(array(backend, np.array([1, 3])))
    table = numbers(embedding.weight)
    np.testing.assert_allclose(numbers(embedding.attend(rows)), table[[1, 3]] @ table.T, atol=1e-5)


def test_a_class_of_ones_own_with_options_is_refused_on_torch() -> None:
    """Its base is torch's class, which does not have them."""

    class Own(nn.Conv2d):
        pass

    class Parent(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = Own(4, 6, 3, data_format="NHWC")

    with pytest.raises(TypeError, match=r"Own derives from nn\.Conv2d, and torch's class takes none of the options"):
        u.build(Parent, backend="torch", rng=0)
