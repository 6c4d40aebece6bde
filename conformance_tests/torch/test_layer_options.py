"""Layers with options that `torch.nn` lacks: classes that derive from torch's, and what torch does to layers."""

import copy
import io
import threading
import warnings
from typing import Any

import pytest
import torch
from torch.profiler import ProfilerActivity, profile

import unified as u

LAST = {"data_format": "NHWC"}


def body(x: Any) -> Any:
    x = u.Conv2d(None, 8, 3, 2, "SAME", input_dilation=2, **LAST)(x)
    x = u.BatchNorm2d(None, weight=False, **LAST)(x)
    x = u.Dropout2d(0.5, **LAST)(u.PReLU(8, **LAST)(x))
    x = u.AvgPool2d(3, 1, "SAME", count_include_pad=False, **LAST)(x)
    x = u.MaxPool2d(2, 2, ((0, 1), (1, 0)), **LAST)(x)
    x = u.ConvTranspose2d(None, 4, 3, 2, "SAME", **LAST)(x)
    return u.AdaptiveAvgPool2d(1, **LAST)(u.Upsample(scale_factor=2, **LAST)(x))


def initialised() -> tuple[Any, torch.Tensor]:
    x = torch.randn(2, 9, 8, 4, generator=torch.Generator().manual_seed(0))
    return u.transform(body, backend="torch").init(x, rng=0).eval(), x


def test_layers_are_those_of_torch() -> None:
    """Classes, attributes and names; a layer without options is exactly torch's."""
    net, x = initialised()
    assert isinstance(net.conv2d, torch.nn.Conv2d) and isinstance(net.conv2d, u.Conv2d)
    assert not isinstance(net.conv2d, u.ConvTranspose2d)
    assert isinstance(net.batch_norm2d, torch.nn.modules.batchnorm._BatchNorm)
    assert repr(net.max_pool2d).startswith("MaxPool2d(kernel_size=2") and "data_format='NHWC'" in repr(net.conv2d)
    names = ["conv2d.weight", "conv2d.bias", "batch_norm2d.bias", "batch_norm2d.running_mean"]
    assert list(net.state_dict())[:4] == names
    assert net.conv2d(x).shape == (2, 9, 8, 8)  # alone
    plain = u.transform(lambda x: u.Conv2d(4, 2, 3, padding=1, data_format=None)(x), backend="torch").init(
        x.movedim(-1, 1), rng=0
    )
    assert type(plain.conv2d) is torch.nn.Conv2d


def test_copies_pickles_hooks_and_functional_calls() -> None:
    net, x = initialised()
    y, calls = net(x), []
    torch.testing.assert_close(copy.deepcopy(net)(x), y)
    file = io.BytesIO()
    torch.save(net, file)
    file.seek(0)
    torch.testing.assert_close(torch.load(file, weights_only=False)(x), y)
    other = u.transform(body, backend="torch").init(x, rng=1).eval()
    other.load_state_dict(net.state_dict())
    torch.testing.assert_close(other(x), y)
    net.conv2d.register_forward_hook(lambda module, inputs, output: calls.append(output.shape))
    tensors = {**dict(net.named_parameters()), **dict(net.named_buffers())}
    torch.testing.assert_close(torch.func.functional_call(net, tensors, (x,)), y)
    torch.testing.assert_close(net.apply(net.params, x)[0], y)
    assert len(calls) == 2 and calls[0] == (2, 9, 8, 8)
    torch.testing.assert_close(torch.func.vmap(lambda x: net(x[None])[0])(x), y)
    torch.nn.utils.parametrizations.weight_norm(net.conv2d)
    torch.testing.assert_close(net(x), y)


@pytest.mark.filterwarnings("ignore:.*torch.jit")
def test_compiled_exported_and_scripted() -> None:
    """In one graph; a script says which layers keep their mode."""
    net, x = initialised()
    y = net(x)
    torch.testing.assert_close(torch.compile(net, fullgraph=True, backend="aot_eager")(x), y)
    batch = torch.export.Dim("batch")
    program = torch.export.export(net, (x,), dynamic_shapes=({0: batch},)).module()
    torch.testing.assert_close(program(x[:1].repeat(3, 1, 1, 1)), y[:1].repeat(3, 1, 1, 1))
    with pytest.warns(UserWarning, match="batch_norm2d, dropout2d stay in evaluation"):
        script = torch.jit.script(net)
    torch.testing.assert_close(script(x), y)
    torch.testing.assert_close(script(x[:1]), y[:1])


def test_in_lifted_transforms_and_stacks() -> None:
    """Values and statistics are those of the layers one by one."""

    def stacked(x: Any) -> Any:
        x = u.layer_stack(2)(lambda x: u.Conv2d(4, 4, 3, 1, "SAME", **LAST)(x))(x)
        x = u.remat(lambda x: u.BatchNorm2d(4, **LAST)(x))(x)
        return u.vmap(lambda x: u.Conv2d(4, 4, 3, 1, ((1, 1), (0, 2)), **LAST)(x))(x)

    x = torch.randn(2, 6, 5, 4, generator=torch.Generator().manual_seed(0))
    net = u.transform(stacked, backend="torch").init(x, rng=0).train()
    h = x.movedim(-1, 1)
    stack, conv = net.layer_stack.conv2d, net.conv2d
    for index in range(2):
        h = torch.nn.functional.conv2d(h, stack.weight[index], stack.bias[index], padding=1)
    reference = torch.nn.BatchNorm2d(4)
    h = torch.nn.functional.pad(reference(h), (0, 2, 1, 1))
    wanted = torch.nn.functional.conv2d(h, conv.weight, conv.bias).movedim(1, -1)
    torch.testing.assert_close(net(x), wanted, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(net.batch_norm2d.running_var, reference.running_var)


class Doubled(u.Conv2d):
    """A user's layer, which passes options on."""

    def __init__(self, width: int) -> None:
        super().__init__(4, width, 3, 2, "SAME", data_format="NHWC")
        self.width = width

    def forward(self, x: Any) -> Any:
        return super().forward(x) * 2


def test_users_layers_pass_options_on() -> None:
    x = torch.randn(2, 9, 8, 4, generator=torch.Generator().manual_seed(0))
    net = u.transform(lambda x: Doubled(5)(x), backend="torch").init(x, rng=0)
    plain = u.transform(
        lambda x: 2 * u.Conv2d(4, 5, 3, 2, "SAME", data_format="NHWC", name="doubled")(x), backend="torch"
    )
    torch.testing.assert_close(net(x), plain.init(x, rng=0)(x))
    assert isinstance(net.doubled, Doubled) and net.doubled.width == 5
    torch.testing.assert_close(copy.deepcopy(net)(x), net(x))


FLOWS = {
    "Conv1d": (lambda: u.Conv1d(8, 8, 3, data_format="NWC"), 1),
    "Conv2d": (lambda: u.Conv2d(8, 8, 3, 2, 1, **LAST), 2),
    "Conv3d": (lambda: u.Conv3d(8, 8, 3, data_format="NDHWC"), 3),
    "ConvTranspose1d": (lambda: u.ConvTranspose1d(8, 8, 3, data_format="NWC"), 1),
    "ConvTranspose2d": (lambda: u.ConvTranspose2d(8, 8, 3, **LAST), 2),
    "MaxPool1d": (lambda: u.MaxPool1d(2, data_format="NWC"), 1),
    "MaxPool2d": (lambda: u.MaxPool2d(2, **LAST), 2),
    "AvgPool2d": (lambda: u.AvgPool2d(2, **LAST), 2),
    "AdaptiveAvgPool2d": (lambda: u.AdaptiveAvgPool2d(3, **LAST), 2),
    "BatchNorm1d": (lambda: u.BatchNorm1d(8, data_format="channels_last"), 1),
    "BatchNorm2d": (lambda: u.BatchNorm2d(8, **LAST), 2),
    "GroupNorm": (lambda: u.GroupNorm(2, 8, data_format="channels_last"), 1),
    "Upsample": (lambda: u.Upsample(scale_factor=2, mode="bilinear", **LAST), 2),
    "PReLU": (lambda: u.PReLU(8, **LAST), 2),
    "PixelShuffle": (lambda: u.PixelShuffle(2, **LAST), 2),
}


@pytest.mark.parametrize("name", FLOWS)
def test_what_flows_through_is_not_copied(name: str) -> None:
    """The profiler sees no copy of the input, and the output is contiguous with its channels last.

    The kernel of a convolution reorders the weight in each call, unless `net.to(memory_format=...)` has done so.
    """
    make, dimensions = FLOWS[name]
    x = torch.randn(2, *(9, 8, 7)[:dimensions], 8)
    net: Any = u.transform(lambda x: make()(x), backend="torch").init(x, rng=0).train()
    net(x)
    with profile(activities=[ProfilerActivity.CPU], record_shapes=True) as profiler:
        output = net(x)
    copies = [event for event in profiler.key_averages(group_by_input_shape=True) if event.key == "aten::clone"]
    assert all(event.input_shapes[0][0] == 8 and event.input_shapes[0][1] == 8 for event in copies), copies
    assert output.is_contiguous()
    if name == "Conv2d":
        net.to(memory_format=torch.channels_last)
        with profile(activities=[ProfilerActivity.CPU]) as profiler:
            net(x)
        assert not [event for event in profiler.key_averages() if event.key == "aten::clone"]


def moded(x: Any, mode: bool | None = True) -> Any:
    x = u.BatchNorm1d(None)(x, is_training=mode)
    return u.Linear(4, 4)(x) + u.BatchNorm1d(4)(x)


def test_a_layer_that_got_a_mode_is_still_torchs() -> None:
    x = torch.randn(6, 4, generator=torch.Generator().manual_seed(0))
    net = u.transform(moded, backend="torch").init(x, rng=0).eval()
    assert isinstance(net.batch_norm1d, torch.nn.BatchNorm1d) and type(net.batch_norm1d_1) is torch.nn.BatchNorm1d
    for other in (copy.deepcopy(net), net):
        before = other.batch_norm1d.running_mean.clone()
        other(x, False)
        torch.testing.assert_close(other.batch_norm1d.running_mean, before)
        other(x)
        assert not torch.equal(other.batch_norm1d.running_mean, before)
        assert not other.batch_norm1d.training
    compiled = torch.compile(net, fullgraph=True, backend="aot_eager")
    before = net.batch_norm1d.running_mean.clone()
    torch.testing.assert_close(compiled(x, False), net(x, False))
    compiled(x)
    assert not torch.equal(net.batch_norm1d.running_mean, before)
    with pytest.raises(TypeError, match="'batch_norm1d': is_training must be True, False or None, got 1"):
        net(x, 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.testing.assert_close(torch.jit.script(copy.deepcopy(net))(x), copy.deepcopy(net)(x))


def test_threads_do_not_see_each_others_modes() -> None:
    """A call in training beside many in evaluation."""
    x = torch.randn(6, 4, generator=torch.Generator().manual_seed(0))
    net = u.transform(lambda x, mode: u.Dropout(0.5)(x, is_training=mode), backend="torch").init(x, False, rng=0).eval()
    wrong: list[bool] = []

    def call(mode: bool) -> None:
        for _ in range(200):
            if torch.equal(net(x, mode), x) is mode:
                wrong.append(mode)

    threads = [threading.Thread(target=call, args=(mode,)) for mode in (True, False, False, True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
