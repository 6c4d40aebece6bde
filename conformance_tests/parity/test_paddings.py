"""Paddings of XLA's, gaps between inputs, and pooling of any number of dimensions: against JAX's and Haiku's own."""

import itertools
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
import torch
from jax import lax

import unified as u

RANDOM = np.random.default_rng(0)
IMAGE = RANDOM.standard_normal((2, 9, 8, 4)).astype(np.float32)
PADDINGS = ["SAME", "VALID", ((2, 0), (1, 2))]
ARRAYS: list[Callable[[Any], Any]] = [torch.tensor, jnp.asarray]


def run(body: Callable[[Any], Any], x: np.ndarray) -> tuple[list[np.ndarray], u.Params]:
    """The outputs of the body on both frameworks, from equal variables, which are equal bit for bit."""
    net = u.transform(body, backend="torch").init(torch.tensor(x), rng=0)
    model = u.transform(body, backend="jax")
    params = model.init(jnp.asarray(x), rng=0)
    for path, value in net.params.to("numpy").items():
        np.testing.assert_array_equal(value, params[path])
    return [net(torch.tensor(x)).detach().numpy(), np.asarray(model.apply(params, jnp.asarray(x))[0])], params


@pytest.mark.parametrize("padding", PADDINGS, ids=str)
@pytest.mark.parametrize("stride, dilation, gap", [((3, 2), 1, 1), (1, 2, 1), (2, 2, (1, 3))])
def test_convolutions_are_those_of_lax(padding: Any, stride: Any, dilation: Any, gap: Any) -> None:
    def body(x: Any) -> Any:
        more = {"dilation": dilation, "input_dilation": gap, "data_format": "NHWC", "name": "conv"}
        return u.Conv2d(None, 6, (3, 2), stride, padding, groups=2, **more)(x)

    outputs, params = run(body, IMAGE)
    strides, dilations, gaps = (pair if isinstance(pair, tuple) else (pair, pair) for pair in (stride, dilation, gap))
    spread = np.zeros((2, 8 * gaps[0] + 1, 7 * gaps[1] + 1, 4), np.float32)
    spread[:, :: gaps[0], :: gaps[1]] = IMAGE  # lax takes no name of a padding with gaps
    wanted = lax.conv_general_dilated(
        spread, params["conv/weight"], strides, padding, None, dilations, ("NHWC", "OIHW", "NHWC"), 2
    )
    for output in outputs:
        np.testing.assert_allclose(output, wanted + params["conv/bias"], atol=1e-5)


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
@pytest.mark.parametrize("kernel, stride", [(3, 2), (2, 3), (4, 2)])
def test_transposed_convolutions_are_those_of_lax(padding: str, kernel: int, stride: int) -> None:
    def body(x: Any) -> Any:
        return u.ConvTranspose2d(None, 6, kernel, stride, padding, data_format="NHWC", name="conv")(x)

    outputs, params = run(body, IMAGE)
    weight = jnp.flip(params["conv/weight"], (2, 3))  # torch's kernel is that of the gradient
    numbers = ("NHWC", "IOHW", "NHWC")
    wanted = lax.conv_transpose(IMAGE, weight, (stride, stride), padding, dimension_numbers=numbers)
    for output in outputs:
        np.testing.assert_allclose(output, wanted + params["conv/bias"], atol=1e-5)


@pytest.mark.parametrize("cut", [((1, 0), (0, 2)), ((0, 1), (2, 2)), ((3, 0), (0, 0))], ids=str)
def test_pairs_are_cut_off_transposed_convolutions(cut: Any) -> None:
    """As numbers are: `((1, 1), (1, 1))` is `1`."""

    def body(x: Any, padding: Any = cut, size: Any = None) -> Any:
        layer = u.ConvTranspose2d(None, 6, 4, 2, padding, data_format="channels_last", name="conv")
        return layer(x) if size is None else layer(x, output_size=size)

    outputs, _ = run(body, IMAGE)
    whole, _ = run(lambda x: body(x, 0), IMAGE)
    (top, bottom), (left, right) = cut
    for output, full in zip(outputs, whole, strict=True):
        np.testing.assert_allclose(
            output, full[:, top : full.shape[1] - bottom, left : full.shape[2] - right], atol=1e-6
        )
    height, width = outputs[0].shape[1:3]
    for output in run(lambda x: body(x, size=(height + 1, width)), IMAGE)[0]:
        assert output.shape[1:3] == (height + 1, width)


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
@pytest.mark.parametrize("window, stride", [(3, 2), (2, 3)])
def test_pooling_layers_are_those_of_haiku(padding: str, window: int, stride: int) -> None:
    hk = pytest.importorskip("haiku")
    full, steps = (1, window, window, 1), (1, stride, stride, 1)
    largest, _ = run(lambda x: u.MaxPool2d(window, stride, padding, data_format="NHWC")(x), IMAGE)
    mean, _ = run(lambda x: u.AvgPool2d(window, stride, padding, count_include_pad=False, data_format="NHWC")(x), IMAGE)
    counted, _ = run(lambda x: u.AvgPool2d(window, stride, padding, data_format="NHWC")(x), IMAGE)
    total = lax.reduce_window(IMAGE, 0.0, lax.add, full, steps, padding)
    for backend in range(2):
        np.testing.assert_allclose(largest[backend], hk.max_pool(IMAGE, full, steps, padding))
        np.testing.assert_allclose(mean[backend], hk.avg_pool(IMAGE, full, steps, padding), atol=1e-6)
        np.testing.assert_allclose(counted[backend], total / window**2, atol=1e-6)


@pytest.mark.parametrize("padding", ["SAME", ((2, 1), (0, 2))], ids=str)
def test_indices_are_those_without_the_padding(padding: Any) -> None:
    outputs, _ = run(
        lambda x: u.MaxPool2d(3, 2, padding, return_indices=True, data_format="channels_first")(x)[1], IMAGE
    )
    values, _ = run(lambda x: u.MaxPool2d(3, 2, padding, data_format="channels_first")(x), IMAGE)
    for index, largest in zip(outputs, values, strict=True):
        flat = np.take_along_axis(IMAGE.reshape(2, 9, 32), index.reshape(2, 9, -1), -1)
        np.testing.assert_array_equal(flat.reshape(largest.shape), largest)


WINDOWS = [
    (3, 2, "SAME"),
    ((2, 3), None, "VALID"),
    ((2, 3), 1, ((1, 0), (0, 2))),
    ((2, 1, 3, 2), (1, 2, 1, 2), "SAME"),
    ((2, 2, 2, 2, 2), 1, "VALID"),
]


@pytest.mark.parametrize("window, strides, padding", WINDOWS, ids=str)
def test_pooling_of_any_number_of_dimensions_is_that_of_lax(window: Any, strides: Any, padding: Any) -> None:
    x = RANDOM.standard_normal((2, 3, 4, 3, 4, 5, 3)).astype(np.float32)
    sizes = (window,) if isinstance(window, int) else window
    steps = sizes if strides is None else (strides,) * len(sizes) if isinstance(strides, int) else strides
    rest = (1,) * (6 - len(sizes))
    pairs = padding if isinstance(padding, str) else ((0, 0),) * len(rest) + padding + ((0, 0),)

    def reduced(array: Any, initial: float, operation: Any) -> Any:
        return lax.reduce_window(array, initial, operation, (*rest, *sizes, 1), (*rest, *steps, 1), pairs)

    mean = reduced(x, 0.0, lax.add) / reduced(np.ones_like(x), 0.0, lax.add)
    axis = -1 - len(sizes)
    for array in ARRAYS:
        np.testing.assert_array_equal(u.max_pool(array(x), window, strides, padding), reduced(x, -np.inf, lax.max))
        np.testing.assert_array_equal(u.min_pool(array(x), window, strides, padding), reduced(x, np.inf, lax.min))
        np.testing.assert_allclose(u.avg_pool(array(x), window, strides, padding), mean, atol=1e-6)
        first = u.avg_pool(array(np.moveaxis(x, -1, axis)), window, strides, padding, data_format="channels_first")
        np.testing.assert_allclose(np.moveaxis(np.asarray(first), axis, -1), mean, atol=1e-6)


@pytest.mark.parametrize("array", ARRAYS)
def test_pooling_functions_take_integers_and_refuse_what_does_not_fit(array: Any) -> None:
    x = array(np.array([[-(2**31)], [5], [2**31 - 1]], np.int32))
    assert np.asarray(u.min_pool(x, 2, 1)).ravel().tolist() == [-(2**31), 5]
    assert np.asarray(u.max_pool(x, 2, 1, "SAME")).ravel().tolist() == [5, 2**31 - 1, 2**31 - 1]
    image = array(IMAGE)
    for arguments, message in [
        (((2, 2, 2, 2),), "MaxPool"),
        (((2, 2), (1, 1, 1)), "strides must be one number or 2"),
        (((2, 2), 1, "FULL"), "SAME, VALID"),
        (((2, 2), 1, ((0, 2), (0, 0))), "less than the window"),
    ]:
        with pytest.raises(ValueError, match=message):
            u.max_pool(image, *arguments)


def test_functions_within_bodies_and_transforms() -> None:
    def body(x: Any) -> Any:
        x = u.vmap(lambda x: u.max_pool(x, (2, 2), 1, "SAME"))(x)
        return u.jit(lambda x: u.avg_pool(x, (3, 2), 2, "SAME"))(x)

    outputs, _ = run(body, IMAGE)
    x = torch.tensor(IMAGE)
    wanted = u.avg_pool(u.max_pool(x, (2, 2), 1, "SAME"), (3, 2), 2, "SAME").numpy()
    for output in outputs:
        np.testing.assert_allclose(output, wanted, atol=1e-6)


def test_norms_with_a_bias_and_no_weight_or_the_reverse() -> None:
    """As Haiku's, with `create_scale` and `create_offset`."""
    hk = pytest.importorskip("haiku")
    shift = np.array([1.0, -1.0, 2.0, 0.5], np.float32)
    for weight, bias in itertools.product([True, False], repeat=2):

        def body(x: Any, weight: bool = weight, bias: bool = bias) -> Any:
            make = {"weight": u.initializers.constant(shift), "bias": u.initializers.constant(shift)}
            init_fn = {name: make[name] for name, has in (("weight", weight), ("bias", bias)) if has}
            return u.LayerNorm(4, weight=weight, bias=bias, init_fn=init_fn, name="norm")(x)

        outputs, params = run(body, IMAGE)
        assert list(params) == [f"norm/{name}" for name, has in (("weight", weight), ("bias", bias)) if has]
        options: dict[str, Any] = {"create_scale": weight, "create_offset": bias, "param_axis": -1}
        initial = {"scale_init": weight, "offset_init": bias}
        options |= {name: lambda *_: jnp.asarray(shift) for name, has in initial.items() if has}
        haiku = hk.transform(lambda x, options=options: hk.LayerNorm(-1, **options)(x))
        wanted = haiku.apply(haiku.init(None, IMAGE), None, IMAGE)
        for output in outputs:
            np.testing.assert_allclose(output, wanted, atol=1e-5)
