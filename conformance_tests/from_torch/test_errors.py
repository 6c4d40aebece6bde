"""What `u.from_torch` refuses, and what the errors name."""

import numpy as np
import pytest
import torch
from torch import nn

import unified as u
from conformance_tests.from_torch.models import MLP


def _module(forward):
    return type("Net", (nn.Module,), {"forward": forward})()


def test_an_operator_without_a_function_is_named_with_its_line():
    def forward(self, x):
        return torch.linalg.svdvals(x) + x.nonzero().sum()

    with pytest.raises(
        NotImplementedError, match=r"_linalg_svd\.default.*test_errors\.py:\d+, in forward: return torch"
    ):
        u.from_torch(_module(forward), torch.ones(3, 3))


def test_a_value_that_decides_is_named_with_its_line():
    def forward(self, x):
        if x.sum() > 0:
            return x
        return -x

    with pytest.raises(
        NotImplementedError, match=r"reads the value.*test_errors\.py:\d+, in forward: if x\.sum\(\) > 0"
    ):
        u.from_torch(_module(forward), torch.ones(3))


def test_a_tensor_in_an_attribute_is_refused():
    def forward(self, x):
        self.cache = x * 2
        return x

    with pytest.raises(NotImplementedError, match=r"self\.cache.*register_buffer"):
        u.from_torch(_module(forward), torch.ones(3))


def test_arguments_and_modules_of_other_kinds():
    with pytest.raises(TypeError, match=r"nn\.Module.*got function"):
        u.from_torch(lambda x: x, np.ones(3))
    with pytest.raises(TypeError, match=r"an argument is a set"):
        u.from_torch(MLP(), {1, 2})
    net = u.from_torch(MLP(), torch.ones(2, 5))
    with pytest.raises(u.BackendError, match="jax model was called with a Tensor"):
        net.apply(net.init(), torch.ones(2, 5))
    with pytest.raises(NotImplementedError, match="capture="):
        net.apply(net.init(), np.ones((2, 5), np.float32), capture=...)
    with pytest.raises(TypeError, match="forward alone"):
        net.method(lambda x: x)

    def forward(self, x, rng):
        return x

    with pytest.raises(TypeError, match=r"argument 'rng'"):
        u.from_torch(_module(forward), torch.ones(2), 0)


def test_params_of_another_module_are_refused_by_path():
    net, x = u.from_torch(MLP(16), torch.ones(2, 5)), np.ones((2, 5), np.float32)
    with pytest.raises(u.StructureChangedError, match=r"'first/weight' has shape \(8, 5\).*\(16, 5\)"):
        net.apply(u.from_torch(MLP(8), torch.ones(2, 5)).init(), x)
    with pytest.raises(u.StructureChangedError, match=r"'second/bias'.*closest"):
        net.apply(net.init().filter("*/weight", "first/*"), x)


def test_what_torch_exports_and_jax_cannot_compute_is_named_with_its_line():
    def forward(self, x, mask, values):
        x = x.clone()
        x[mask] = values
        return x

    mask = torch.tensor([True, False, True])
    net = u.from_torch(_module(forward), torch.ones(3, 2), mask, torch.zeros(2))
    assert net.apply({}, np.ones((3, 2)), mask.numpy(), np.zeros(2))[0].tolist() == [[0, 0], [1, 1], [0, 0]]
    with pytest.raises(NotImplementedError, match="assignment at a mask") as caught:
        u.from_torch(_module(forward), torch.ones(3, 2), mask, torch.zeros(2, 2))
    notes = "".join(caught.value.__notes__)
    assert "index_put.default" in notes and "x[mask] = values" in notes
