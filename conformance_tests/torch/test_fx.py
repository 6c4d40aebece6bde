"""torch.fx follows a model as it follows a hand-written module."""

import copy
import warnings

import pytest
import torch
from torch import fx, nn
from torch.fx.experimental.optimization import fuse

import unified as u
import unified.functional as F
import unified.numpy as unp


class Block(u.Module):
    def __init__(self, width):
        self.width = width

    def __call__(self, x):
        return x + u.Linear(self.width, 8)(F.gelu(u.Linear(8, self.width)(x)))


def blocks(tokens):
    for _ in range(2):
        tokens = Block(16)(tokens)
    return u.Linear(8, 3)(tokens)


class HandBlock(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear_1 = nn.Linear(8, 16)
        self.linear = nn.Linear(16, 8)

    def forward(self, x):
        return x + self.linear(nn.functional.gelu(self.linear_1(x)))


class HandBlocks(nn.Module):
    def __init__(self):
        super().__init__()
        self.block, self.block_1, self.linear = HandBlock(), HandBlock(), nn.Linear(8, 3)

    def forward(self, tokens):
        return self.linear(self.block_1(self.block(tokens)))


def convnet(image):
    x = F.relu(u.BatchNorm2d(4)(u.Conv2d(3, 4, 3)(image)))
    x = u.BatchNorm2d(4)(u.Conv2d(4, 4, 3)(x))
    return u.Linear(4, 2)(x.mean((2, 3)))


def variables(x):
    scale = torch.exp(u.get_parameter("scale", (4,), init_fn=u.initializers.ones))  # of a variable alone
    mean = u.get_state("mean", (4,), init_fn=u.initializers.ones)
    return u.Linear(4, 4)(x) * scale + mean


X = torch.randn(5, 8, generator=torch.Generator().manual_seed(0))
IMAGES = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))


def graph_of(net):
    """Return the nodes of a traced module, as `(op, target, names of the arguments)`."""
    nodes = fx.symbolic_trace(net).graph.nodes
    return [(node.op, str(node.target), [str(arg) for arg in node.args]) for node in nodes]


def test_the_graph_of_a_hand_written_module():
    net = u.transform(blocks, backend="torch").init(X, rng=0)
    hand = HandBlocks()
    hand.load_state_dict(net.state_dict())
    assert graph_of(net) == graph_of(hand)
    traced = fx.symbolic_trace(net)
    assert torch.equal(traced(X), hand(X)) and torch.equal(traced(tokens=X[:2]), hand(X[:2]))
    assert traced.state_dict().keys() == net.state_dict().keys()


def test_variables_are_traced_and_trained():
    net = u.transform(variables, backend="torch").init(X[:, :4], rng=0)
    traced = fx.symbolic_trace(net)
    traced(X[:, :4]).sum().backward()
    assert net.scale.grad is not None and net.scale.grad.abs().sum() > 0
    with torch.no_grad():
        net.scale.zero_(), net.mean.fill_(2)
    assert torch.equal(traced(X[:, :4]), net.linear(X[:, :4]) + 2)


def test_draws_are_no_constants():
    net = u.transform(lambda x: u.Linear(8, 8)(x) + u.random.normal((8,)), backend="torch").init(X, rng=0)
    traced = fx.symbolic_trace(net)
    for seed in range(2):
        torch.manual_seed(seed)
        expected = net(X)
        torch.manual_seed(seed)
        assert torch.equal(traced(X), expected)
    portable = u.transform(lambda x: x + u.random.normal((8,)), backend="torch", rng="portable").init(X, rng=0)
    with pytest.raises(u.BackendError, match="portable random numbers"):
        fx.symbolic_trace(portable)


def test_the_mode_is_no_input():
    def modal(x, training=False):
        return u.Linear(8, 8)(x) if training else x

    net = u.transform(modal, backend="torch").init(X, rng=0)
    with pytest.raises(TypeError, match=r"concrete_args=\{'training': None\}"):
        fx.symbolic_trace(net)
    traced = fx.symbolic_trace(net, concrete_args={"training": None})
    assert torch.equal(traced(X), net.linear(X))


def test_sizes_that_the_body_reads_are_refused_with_a_cure():
    net = u.transform(lambda x: u.Linear(x.shape[-1], 3)(x), backend="torch").init(X, rng=0)
    with pytest.raises(fx.proxy.TraceError) as caught:
        fx.symbolic_trace(net)
    assert any("pass sizes to layers as numbers or None" in note for note in caught.value.__notes__)
    sized = u.transform(lambda x: u.Linear(None, 3)(x), backend="torch").init(X, rng=0)
    assert torch.equal(fx.symbolic_trace(sized)(X), sized(X))


def test_batch_norms_are_fused_into_convolutions():
    net = u.transform(convnet, backend="torch").init(IMAGES, rng=0)
    net(IMAGES), net.eval()
    fused = fuse(net)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in fused.modules())
    torch.testing.assert_close(fused(IMAGES), net(IMAGES), rtol=1e-5, atol=1e-5)


def test_quantisation_in_graph_mode():
    from torch.ao.quantization import get_default_qconfig_mapping, quantize_fx

    net = u.transform(convnet, backend="torch").init(IMAGES, rng=0).eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch announces the move of its quantisation to torchao
        prepared = quantize_fx.prepare_fx(copy.deepcopy(net), get_default_qconfig_mapping("x86"), (IMAGES,))
        prepared(IMAGES)
        quantised = quantize_fx.convert_fx(prepared)
        output = quantised(IMAGES)
    assert "quantize_per_tensor" in quantised.code and quantised.conv2d.weight().dtype is torch.qint8
    assert not torch.equal(output, net(IMAGES))
    torch.testing.assert_close(output, net(IMAGES), rtol=0.1, atol=0.05)


def features(net, names):
    """Return a module that computes the nodes of these names, as torchvision's feature extraction does."""
    traced = fx.symbolic_trace(net)
    nodes = {node.name: node for node in traced.graph.nodes}
    output = nodes.pop("output")
    with traced.graph.inserting_before(output):
        traced.graph.output({name: nodes[name] for name in names})
    traced.graph.erase_node(output)
    traced.graph.eliminate_dead_code()
    traced.recompile()
    return traced


def test_features_by_node_name():
    net = u.transform(convnet, backend="torch").init(IMAGES, rng=0).eval()
    outputs = features(net, ["relu", "conv2d_1"])(IMAGES)
    expected = net.batch_norm2d(net.conv2d(IMAGES)).relu()
    assert torch.equal(outputs["relu"], expected) and torch.equal(outputs["conv2d_1"], net.conv2d_1(expected))


@pytest.mark.parametrize(
    "function",
    [lambda x: unp.concat([x, x], axis=1), unp.sum, unp.max],
    ids=["concat", "sum", "max"],
)
def test_what_looks_at_axes_says_that_fx_has_none(function):
    net = u.transform(lambda x: function(u.Linear(4, 3)(x)), backend="torch").init(torch.ones(2, 4), rng=0)
    with pytest.raises(Exception) as caught:  # of the class that unified.numpy or torch.fx chooses
        fx.symbolic_trace(net)
    assert any("which torch.fx does not have: use methods" in note for note in caught.value.__notes__)
