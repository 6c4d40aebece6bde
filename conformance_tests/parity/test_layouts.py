"""Layers with a `data_format`: equal on both backends, and equal to `torch.nn`'s own on a permuted input."""

from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
from conformance_tests.parity.cases.recipes import Case, case, normal
from conformance_tests.parity.layer_runner import check, layer_inputs, leaf, models, oracle, run_jax, run_torch
from unified.core import layers

LAST = {"data_format": "channels_last"}
LONG, IMAGE, VOLUME = normal(2, 6, 4), normal(2, 6, 5, 4), normal(2, 4, 5, 4, 4)

CASES = [
    case("Conv1d", LONG, 4, 6, 3, padding=1, groups=2, **LAST),
    case("Conv2d", IMAGE, None, 6, 3, 2, 1, sizes={"in_channels": 4}, padding_mode="reflect", **LAST),
    case("Conv2d", IMAGE, 4, 6, (1, 3), dilation=2, padding="same", data_format="NHWC"),
    case("Conv3d", VOLUME, 4, 2, 2, **LAST),
    case("ConvTranspose1d", LONG, 4, 6, 3, stride=2, output_padding=1, padding=1, **LAST),
    case("ConvTranspose2d", IMAGE, None, 6, 3, stride=2, groups=2, sizes={"in_channels": 4}, **LAST),
    case("ConvTranspose3d", VOLUME, 4, 2, 2, **LAST),
    case("MaxPool1d", LONG, 2, padding=1, data_format="NWC"),
    case("MaxPool2d", IMAGE, 3, 2, 1, return_indices=True, **LAST),
    case("MaxPool2d", IMAGE, 2, 1, dilation=2, ceil_mode=True, **LAST),
    case("MaxPool3d", VOLUME, 2, **LAST),
    case("AvgPool1d", LONG, 2, ceil_mode=True, **LAST),
    case("AvgPool2d", IMAGE, 3, 2, 1, count_include_pad=False, **LAST),
    case("AvgPool3d", VOLUME, 2, divisor_override=3, **LAST),
    case("AdaptiveAvgPool1d", LONG, 4, **LAST),
    case("AdaptiveAvgPool2d", IMAGE, (3, None), **LAST),
    case("AdaptiveAvgPool3d", VOLUME, 2, **LAST),
    case("AdaptiveMaxPool1d", LONG, 4, **LAST),
    case("AdaptiveMaxPool2d", IMAGE, (3, 2), return_indices=True, **LAST),
    case("AdaptiveMaxPool3d", VOLUME, 2, **LAST),
    case("LPPool1d", normal(2, 6, 4), 2.0, 2, **LAST),
    case("LPPool2d", IMAGE, float("inf"), 2, **LAST),
    case("LPPool3d", VOLUME, 1.0, 2, **LAST),
    case("BatchNorm1d", LONG, None, sizes={"num_features": 4}, **LAST),
    case("BatchNorm2d", IMAGE, 4, momentum=None, **LAST),
    case("BatchNorm3d", VOLUME, 4, bias=False, **LAST),
    case("SyncBatchNorm", IMAGE, 4, **LAST),
    case("GroupNorm", LONG, 2, None, sizes={"num_channels": 4}, **LAST),
    case("GroupNorm", IMAGE, 2, 4, **LAST),
    case("InstanceNorm1d", LONG, 4, affine=True, **LAST),
    case("InstanceNorm2d", IMAGE, None, track_running_stats=True, sizes={"num_features": 4}, **LAST),
    case("InstanceNorm3d", VOLUME, 4, affine=True, **LAST),
    case("LocalResponseNorm", IMAGE, 3, **LAST),
    case("PReLU", IMAGE, 4, **LAST),
    case("Upsample", LONG, scale_factor=2, mode="linear", **LAST),
    case("Upsample", IMAGE, size=(3, 7), mode="area", **LAST),
    case("Upsample", IMAGE, scale_factor=1.5, mode="bicubic", **LAST),
    case("UpsamplingNearest2d", IMAGE, scale_factor=2, **LAST),
    case("UpsamplingBilinear2d", IMAGE, size=7, **LAST),
    case("PixelShuffle", IMAGE, 2, **LAST),
    case("PixelUnshuffle", normal(2, 6, 4, 3), 2, **LAST),
    case("ChannelShuffle", IMAGE, 2, **LAST),
    # Dropout draws its numbers by path: the oracle is below.
    case("Dropout1d", LONG, 0.5, **LAST),
    case("Dropout2d", IMAGE, 0.5, **LAST),
    case("Dropout3d", VOLUME, 0.5, **LAST),
    case("FeatureAlphaDropout", IMAGE, 0.5, **LAST),
]


def permuted_oracle(case: Case, initial: dict[str, np.ndarray]) -> torch.nn.Module:
    """`torch.nn`'s own layer, which is called with its channels second (or before the image)."""
    plain = case._replace(kwargs={name: value for name, value in case.kwargs.items() if name != "data_format"})
    module = oracle(plain, initial)
    forward, axis = module.forward, -3 if case.layer.startswith("Pixel") else 1

    def permuted(x: torch.Tensor) -> Any:
        output = forward(x.movedim(-1, axis))
        parts = output if isinstance(output, tuple) else (output,)
        moved = tuple(part.movedim(axis, -1) for part in parts)
        return moved if isinstance(output, tuple) else moved[0]

    module.forward = permuted  # type: ignore[method-assign]
    return module


# One case of each kind runs in `make test`, and the others, which are mostly the same code, in `make test-slow`.
QUICK = ("Conv2d", "ConvTranspose2d", "MaxPool2d", "AvgPool2d", "BatchNorm2d", "GroupNorm", "Dropout2d", "PixelShuffle")
FIRST = {id(case) for case in {case.layer: case for case in reversed(CASES)}.values() if case.layer in QUICK}
each_case = pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=repr(case), marks=() if id(case) in FIRST else pytest.mark.slow) for case in CASES],
)


@each_case
def test_computes_what_torch_does_on_a_permuted_input(case: Case) -> None:
    """Outputs, gradients and state in training twice and in evaluation; variables are those of the plain layer."""
    on_torch, on_jax, params = models(case)
    assert list(on_torch.params.info.values()) == list(params.info.values())
    initial = {leaf(path): array for path, array in on_torch.params.to("numpy").items() if path[:4] != "rng/"}
    expected = list(run_torch(on_torch, case))
    if "rng/key" not in params:
        for found, truth in zip(expected, run_torch(permuted_oracle(case, initial), case, False), strict=True):
            check(found, truth, "torch", case.tolerance)
    for found, truth in zip(run_jax(on_jax, params, case), expected, strict=True):
        check(found, truth, "jax", case.tolerance)


def test_every_layer_with_a_data_format_has_a_case() -> None:
    declared = {name for name in layers.__all__ if "data_format" in getattr(layers, name).own_options}
    assert {name for name in declared if not name.startswith("Lazy")} == {case.layer for case in CASES}


BATCHES = [
    ("Conv2d", (4, 6, 3, 2), {}),
    ("Conv1d", (4, 6, 3), {}),
    ("ConvTranspose2d", (4, 6, 3, 2), {}),
    ("MaxPool2d", (2,), {"return_indices": True}),
    ("AvgPool2d", (2,), {}),
    ("AdaptiveAvgPool2d", (2,), {}),
    ("InstanceNorm2d", (4,), {}),
    ("Dropout2d", (0.5,), {}),
]


@pytest.mark.parametrize("data_format", ["channels_last", pytest.param("channels_first", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "name, args, kwargs",
    [
        pytest.param(*batch, id=batch[0], marks=() if batch[0] in ("Conv2d", "MaxPool2d") else pytest.mark.slow)
        for batch in BATCHES
    ],
)
def test_any_number_of_batch_dimensions(name: str, args: Any, kwargs: Any, data_format: str) -> None:
    """The same values as with one batch dimension."""
    dimensions = int(name[-2])
    single = (*(6, 5)[:dimensions], 4) if data_format == "channels_last" else (4, *(6, 5)[:dimensions])
    batch = np.random.default_rng(0).standard_normal((2, 3, *single)).astype(np.float32)

    def forward(x: Any) -> Any:
        return getattr(u, name)(*args, **kwargs, data_format=data_format, name="layer")(x)

    def outputs(x: np.ndarray) -> Iterator[np.ndarray]:
        for backend, convert in (("torch", torch.tensor), ("jax", jnp.asarray)):
            model: Any = u.transform(forward, backend=backend, rng="portable" if backend == "torch" else None)
            if backend == "torch":
                output = model.init(convert(x), rng=0).train()(convert(x))
            else:
                output, _ = model.apply(model.init(convert(x), rng=0), convert(x), training=True)
            for part in output if isinstance(output, tuple) else (output,):
                yield np.asarray(part.detach() if backend == "torch" else part)

    flat = list(outputs(batch.reshape(6, *single)))
    for several, one in zip(outputs(batch), flat, strict=True):
        np.testing.assert_allclose(several, one.reshape(2, 3, *one.shape[1:]), atol=1e-5)
    if name != "Dropout2d":  # which draws other numbers for another shape
        for alone, one in zip(outputs(batch[0, 0]), flat, strict=True):
            np.testing.assert_allclose(alone, one[0], atol=1e-5)
    with pytest.raises(ValueError, match=r"takes \(\.\.\., "):
        list(outputs(batch[0, 0, 0]) if dimensions == 2 else outputs(batch[0, 0, 0, :]))


def test_batch_norm_takes_any_number_of_batch_dimensions() -> None:
    """Statistics are over all dimensions but the channels."""
    x = np.random.default_rng(0).standard_normal((2, 3, 2, 4, 5)).astype(np.float32)
    reference = torch.nn.BatchNorm1d(5)
    wanted = reference(torch.tensor(x).reshape(-1, 5)).reshape(x.shape)
    for name in ("BatchNorm1d", "BatchNorm2d", "SyncBatchNorm"):

        def forward(x: Any, name: str = name) -> Any:
            return getattr(u, name)(None, data_format="channels_last", name="norm")(x)

        net = u.transform(forward, backend="torch").init(torch.tensor(x), rng=0).train()
        torch.testing.assert_close(net(torch.tensor(x)), wanted, rtol=1e-5, atol=1e-5)
        torch.testing.assert_close(net.norm.running_var, reference.running_var)
        on_jax = u.transform(forward, backend="jax")
        params = on_jax.init(jnp.asarray(x), rng=0)
        output, changes = on_jax.apply(params, jnp.asarray(x), training=True)
        np.testing.assert_allclose(output, wanted.detach(), atol=1e-5)
        np.testing.assert_allclose(changes["norm/running_var"], reference.running_var, atol=1e-5)


@pytest.mark.parametrize("dtype", ["bfloat16", "float64"])
def test_other_dtypes(dtype: str) -> None:
    """Equal to torch's own layers in that dtype."""
    x = torch.randn(2, 6, 5, 4, generator=torch.Generator().manual_seed(0)).to(getattr(torch, dtype))

    def forward(x: Any) -> Any:
        h = u.Conv2d(4, 8, 3, 2, "SAME", dtype=dtype, data_format="NHWC")(x)
        h = u.MaxPool2d(2, 1, "SAME", data_format="NHWC")(h)
        return u.GroupNorm(2, 8, dtype=dtype, data_format="NHWC")(h)

    net = u.transform(forward, backend="torch").init(x, rng=0)
    conv, norm = net.conv2d, net.group_norm
    h = torch.nn.functional.conv2d(torch.nn.functional.pad(x.movedim(-1, 1), (1, 1, 0, 1)), conv.weight, conv.bias, 2)
    h = torch.nn.functional.pad(h, (0, 1, 0, 1), value=-torch.inf)
    h = torch.nn.functional.group_norm(torch.nn.functional.max_pool2d(h, 2, 1), 2, norm.weight, norm.bias)
    tolerance = {"rtol": 0.05, "atol": 0.05} if dtype == "bfloat16" else {"rtol": 1e-10, "atol": 1e-10}
    torch.testing.assert_close(net(x), h.movedim(1, -1), **tolerance)
    with jax.enable_x64(dtype == "float64"):
        params = net.params.to("jax")
        output, _ = u.transform(forward, backend="jax").apply(params, jnp.asarray(x.float().numpy(), dtype))
        assert output.dtype == dtype
        wanted = h.movedim(1, -1).detach().double().numpy()
        np.testing.assert_allclose(np.asarray(output, np.float64), wanted, *tolerance.values())


def test_case_inputs_have_their_channels_last() -> None:
    """A case whose channels and sizes are equal could not tell the layouts apart."""
    for each in CASES:
        shape = layer_inputs(each, 0)[0].shape
        assert shape[-1] != shape[1] or each.layer.endswith("3d"), each


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: u.Conv2d(3, 4, 3, data_format="NWC"), "data_format must be 'channels_first'"),
        (lambda: u.BatchNorm2d(3, data_format="last"), "data_format must be 'channels_first'"),
        (lambda: u.Conv2d(3, 4, 3, padding="full"), "one of same, valid, SAME, VALID"),
        (lambda: u.Conv2d(3, 4, 3, padding=((1, 2),)), "a pair"),
        (lambda: u.Conv2d(3, 4, 3, padding=((1, 2), (0, -1))), "not negative"),
        (lambda: u.Conv2d(3, 4, 3, padding="same", stride=2), "'SAME' takes any"),
        (lambda: u.Conv2d(3, 4, 3, input_dilation=0), "input_dilation"),
        (lambda: u.Conv2d(3, 4, 3, input_dilation=2, padding_mode="reflect"), "padding_mode='zeros'"),
        (lambda: u.MaxPool2d(2, padding="SAME", ceil_mode=True), "ceil_mode"),
        (lambda: u.BatchNorm1d(3, axis_index_groups=[[0], [1]]), "axis_name"),
        (lambda: u.BatchNorm1d(3, axis_name="i", axis_index_groups=[[0], [2]]), "each element"),
    ],
)
@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_options_that_do_not_fit_are_refused(backend: str, make: Any, message: str) -> None:
    """With the path of the layer."""
    model: Any = u.transform(lambda x: (make(), x)[1], backend=backend)
    with pytest.raises(ValueError, match=message) as caught:
        model.init((torch if backend == "torch" else jnp).ones((2, 3, 8, 8)), rng=0)
    assert any("2d" in note or "1d" in note for note in [str(caught.value), *getattr(caught.value, "__notes__", [])])


def test_a_changed_option_is_a_changed_structure() -> None:
    formats = ["channels_last"]

    def forward(x: Any) -> Any:
        return u.Conv2d(3, 3, 1, data_format=formats[0])(x)

    x = np.ones((2, 3, 3, 3), np.float32)
    for backend, convert in (("torch", torch.tensor), ("jax", jnp.asarray)):
        formats[0] = "channels_last"
        model: Any = u.transform(forward, backend=backend)
        params = model.init(convert(x), rng=0)
        formats[0] = "channels_first"
        with pytest.raises(u.StructureChangedError, match="data_format"):
            model(convert(x)) if backend == "torch" else model.apply(params, convert(x))
