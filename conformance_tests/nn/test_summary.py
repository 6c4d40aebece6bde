"""`unified.summary` of objects: the table of the same network as a body, and the counts of torch's own counter."""

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

import unified as u
import unified.functional as F
import unified.nn as nn
import unified.trees as ut

X = np.ones((2, 3, 8, 8), np.float32)


class Part(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(8, width)

    def forward(self, x):
        return F.relu(self.linear(x))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv2d = nn.Conv2d(3, 8, 3)
        self.part = Part(16)
        self.batch_norm1d = nn.BatchNorm1d(16)
        self.transformer_encoder_layer = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True)
        self.lstm = nn.LSTM(16, 4)

    def forward(self, x):
        x = self.batch_norm1d(self.part(self.conv2d(x).mean((2, 3))))
        return self.lstm(self.transformer_encoder_layer(x[None]))[0]


class InlinePart(u.Module):
    def __call__(self, x):
        return F.relu(u.Linear(8, 16)(x))


def body(x):
    x = u.BatchNorm1d(16)(InlinePart(name="part")(u.Conv2d(3, 8, 3)(x).mean((2, 3))))
    return u.LSTM(16, 4)(u.TransformerEncoderLayer(16, 2, 32, batch_first=True)(x[None]))[0]


def array(backend, x=X):
    return torch.tensor(x) if backend == "torch" else x


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_an_object_has_the_rows_of_the_same_body(backend):
    net = u.build(Net, backend=backend, rng=0)
    before = dict(net.params.to("numpy"))
    ours = u.summary(net, array(backend))
    inline = u.summary(u.transform(body, backend=backend), array(backend))
    names = {"InlinePart": "Part", "": "Net"}
    expected = [(r.path, names.get(r.kind, r.kind), r.outputs, r.parameters, r.bytes, r.flops) for r in inline.rows]
    found = [(r.path, r.kind, r.outputs, r.parameters, r.bytes, r.flops) for r in ours.rows]
    assert [row for row in found if row[0]] == [row for row in expected if row[0]]
    assert (ours.parameters, ours.bytes, ours.flops) == (inline.parameters, inline.bytes, inline.flops)
    assert "(the module)" in str(ours)
    assert net.training
    for path, value in net.params.to("numpy").items():  # nothing ran on the values
        np.testing.assert_array_equal(before[path], value)
    assert u.summary(net, array(backend)).rows == ours.rows


def test_a_module_of_torch_has_the_operations_that_torch_counts():
    module = torch.nn.Sequential(torch.nn.Linear(8, 16), torch.nn.Tanh(), torch.nn.Linear(16, 4, bias=False))
    summary = u.summary(module, torch.ones(5, 8))
    with FlopCounterMode(display=False) as counter:
        module(torch.ones(5, 8))
    assert summary.flops == counter.get_total_flops()
    assert [row.path for row in summary.rows] == ["0", "1", "2", ""]


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_a_layer_alone_and_a_subclass(backend):
    class Own(nn.Linear):
        def forward(self, x):
            return super().forward(x) * 2

    x = array(backend, np.ones((5, 3), np.float32))
    assert u.summary(u.build(nn.Linear, 3, 2, backend=backend, rng=0), x).flops == 60
    (row,) = u.summary(u.build(Own, 3, 2, backend=backend, rng=0), x).rows
    assert (row.kind, row.parameters, row.flops) == ("Own", 8, None)


def test_what_has_no_calls_is_refused():
    for value in (ut.fill(ut.Linear(2, 3), backend="jax"), lambda x: x):
        with pytest.raises(TypeError, match=r"summary takes .*unified\.trees\.params.*unified\.explicit\.display"):
            u.summary(value, X)
