"""A `u.Module` of the body is a module of its own class, which torch calls: beside the same net written by hand."""

import copy
import pickle
import threading

import pytest
import torch
from torch import nn
from torch.distributed.algorithms._checkpoint.checkpoint_wrapper import (
    CheckpointWrapper,
    apply_activation_checkpointing,
    checkpoint_wrapper,
)
from torch.utils.checkpoint import checkpoint

import unified as u
import unified.functional as F


class Block(u.Module):
    def __init__(self, width, activation=F.gelu):
        self.width, self.activation = width, activation

    def __call__(self, x):
        h = self.activation(u.Linear(8, self.width, name="up")(x))
        return x + u.Linear(self.width, 8, name="down")(h)


class Encoder(u.Module):
    def __init__(self, depth):
        self.blocks = [Block(16) for _ in range(depth)]
        self.norm = u.LayerNorm(8, name="norm")

    def __call__(self, x):
        for block in self.blocks:
            x = block(x)
        return self.norm(x)

    def project(self, x, scale=1.0):
        return scale * u.Linear(8, 3)(self.norm(x))


def forward(x):
    encoder = Encoder(2)
    return encoder.project(encoder(x))


class HandBlock(nn.Module):
    def __init__(self):
        super().__init__()
        self.up, self.down = nn.Linear(8, 16), nn.Linear(16, 8)

    def forward(self, x):
        return x + self.down(nn.functional.gelu(self.up(x)))


class HandEncoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.block, self.block_1, self.norm = HandBlock(), HandBlock(), nn.LayerNorm(8)
        self.project = HandProject()

    def forward(self, x):
        return self.norm(self.block_1(self.block(x)))


class HandProject(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(8, 3)

    def forward(self, x):
        return self.linear(x)


class Hand(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = HandEncoder()

    def forward(self, x):
        return self.encoder.project(self.encoder.norm(self.encoder(x)))


X = torch.randn(4, 8, generator=torch.Generator().manual_seed(0))


def pair():
    """Return the model and the module that is written by hand, with equal variables."""
    net, hand = u.transform(forward, backend="torch").init(X, rng=0), Hand()
    hand.load_state_dict(net.state_dict())
    return net.eval(), hand.eval()


class Times(nn.Module):
    """A wrapper that runs its module, any number of times."""

    def __init__(self, module, times=1):
        super().__init__()
        self.module, self.times = module, times

    def forward(self, *args, **kwargs):
        return sum(self.module(*args, **kwargs) for _ in range(self.times))


def test_class_and_name():
    net, _ = pair()
    assert [type(m).__name__ for m in net.modules()] == [
        *("forward", "Encoder", "Block", "Linear", "Linear", "Block", "Linear", "Linear", "LayerNorm"),
        *("project", "Linear"),
    ]
    other, _ = pair()
    assert type(net.encoder.block) is type(net.encoder.block_1) is type(other.encoder.block)
    assert type(net.encoder.block).__module__ == Block.__module__
    for twin in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert type(twin.encoder.block) is type(net.encoder.block) and torch.equal(twin(X), net(X))
        assert torch.equal(twin.encoder.project(X), net.encoder.project(X))
    block = copy.deepcopy(net.encoder.block)
    assert torch.equal(block(X), net.encoder.block(X))


def events_of(net, layers=("encoder.block", "encoder", "encoder.project")):
    """Return what the hooks of these modules see in a forward and a backward pass."""
    events = []
    for name in layers:
        module = net.get_submodule(name)
        module.register_forward_pre_hook(lambda m, args, name=name: events.append(("pre", name, args[0].clone())))
        module.register_forward_hook(lambda m, args, out, name=name: events.append(("forward", name, out.clone())))
        module.register_full_backward_hook(lambda m, gin, gout, name=name: events.append(("full", name, gout[0])))
        module.register_full_backward_pre_hook(lambda m, gout, name=name: events.append(("full pre", name, gout[0])))
    net(X.clone().requires_grad_()).sum().backward()
    return events


def test_hooks_see_what_those_of_a_hand_written_module_see():
    net, hand = pair()
    for one, other in zip(events_of(net), events_of(hand), strict=True):
        assert one[:2] == other[:2]
        if one[1] != "encoder.project":  # which is given the norm's output by hand
            assert torch.equal(one[2], other[2])


def test_hooks_change_what_flows():
    net, hand = pair()
    for model in (net, hand):
        model.encoder.block.register_forward_pre_hook(lambda m, args: (2 * args[0],))
        model.encoder.block_1.register_forward_hook(lambda m, args, output: output + 1)
    assert torch.equal(net(X), hand(X))


def test_named_arguments_and_hooks_that_see_them():
    def scaled(x):
        encoder = Encoder(1)
        return encoder.project(encoder(x), scale=3.0)

    net = u.transform(scaled, backend="torch").init(X, rng=0)
    seen = []
    net.encoder.project.register_forward_pre_hook(lambda m, args, kwargs: seen.append(kwargs), with_kwargs=True)
    net(X)
    assert seen == [{"scale": 3.0}]


def test_gradcam():
    maps = []
    for net in pair():
        activations = {}
        net.encoder.block_1.register_forward_hook(lambda m, args, out, a=activations: a.update(out=out))
        net(X)[:, 1].sum().backward(inputs=list(net.parameters()), retain_graph=True)
        (gradient,) = torch.autograd.grad(net(X)[:, 1].sum(), activations["out"])
        maps.append((gradient.mean(0) * activations["out"]).relu())
    assert torch.equal(*maps)


def test_a_block_alone():
    net, hand = pair()
    assert torch.equal(net.encoder.block_1(X), hand.encoder.block_1(X))
    assert torch.equal(net.encoder(X), hand.encoder(X))
    assert torch.equal(net.encoder.project(X, scale=2.0), 2 * hand.encoder.project(hand.encoder.norm(X)))
    net.encoder.block(X).sum().backward()
    assert net.encoder.block.up.weight.grad is not None
    results = [None] * 8
    threads = [
        threading.Thread(target=lambda i=i: results.__setitem__(i, net.encoder(X) if i % 2 else net(X)))
        for i in range(8)
    ]
    [thread.start() for thread in threads], [thread.join() for thread in threads]
    assert all(torch.equal(result, net.encoder(X) if i % 2 else net(X)) for i, result in enumerate(results))


class Mean(u.Module):
    """A module with state, a draw and a mode."""

    def __call__(self, x):
        mean = u.get_state("mean", (8,), init_fn=u.initializers.zeros)
        if u.is_training():
            u.set_state("mean", x.mean(0))
        return u.Dropout(0.5)(x - mean) + 0 * u.random.normal((8,))


def test_a_block_alone_has_state_and_mode():
    net = u.transform(lambda x: Mean(name="running")(x), backend="torch").init(X, rng=0)
    torch.manual_seed(0)
    output = net.running(X)
    torch.manual_seed(0)
    assert torch.equal(output, nn.functional.dropout(X, 0.5)) and torch.equal(net.running.mean, X.mean(0))
    assert torch.equal(net.eval().running(X), X - X.mean(0))


def test_what_only_the_body_knows_is_refused():
    layer = {}

    def body(x):
        shared = u.Linear(8, 8)
        layer["out"] = Block(16, activation=lambda h: 2 * h)(x)
        return Holder(shared)(x) + Holder(torch.ones(8))(x) + Masked()(x)

    net = u.transform(body, backend="torch").init(X, rng=0)
    for block, message in (
        (net.block, r"'block' \(Block\) cannot be called by itself: its argument 'activation' is <callable"),
        (net.holder, "its argument 'value' is the layer or module 'linear'"),
        (net.holder_1, "its argument 'value' is <array torch.float32"),
    ):
        with pytest.raises(u.StructureChangedError, match=message):
            block(X)
    assert torch.equal(net.masked(X), X)
    with pytest.raises(AttributeError, match="did not call in init"):
        net.masked.unused
    portable = u.transform(lambda x: Mean()(x), backend="torch", rng="portable").init(X, rng=0)
    with pytest.raises(u.StructureChangedError, match="portable random numbers"):
        portable.mean(X)
    assert portable(X).shape == X.shape
    stacked = u.transform(lambda x: u.layer_stack(2, name="h")(lambda x: Block(16)(x))(x), backend="torch")
    stacked.init(X, rng=0)
    with pytest.raises(u.StructureChangedError, match="all layers of the stack 'h'"):
        stacked.h.block(X)


class Holder(u.Module):
    def __init__(self, value):
        self.value = value

    def __call__(self, x):
        return self.value(x) if callable(self.value) else self.value * x


class Masked(u.Module):
    def __call__(self, x):
        return x

    def unused(self, x):
        return u.Linear(8, 8)(x)


@pytest.mark.parametrize("times", [1, 2])
def test_wrappers(times):
    net, hand = pair()
    for model in (net, hand):
        model.encoder.block = Times(Times(model.encoder.block), times)
        model.encoder.block_1 = Times(model.encoder.block_1, times)
    net.encoder, hand.encoder.norm = Wrapped(net.encoder), Times(hand.encoder.norm)
    assert torch.equal(net(X), hand(X))
    assert torch.equal(copy.deepcopy(net)(X), hand(X))
    assert torch.equal(net.apply(net.params, X)[0], hand(X))
    assert "encoder/module/block/module/module/up/weight" in net.params


class Wrapped(Times):
    """A wrapper with a method that is not its module's."""


def test_a_replacement_runs_in_place_of_the_block():
    net, hand = pair()
    for model in (net, hand):
        model.encoder.block_1 = nn.Identity()
    assert torch.equal(net(X), hand(X))
    mean = u.transform(lambda x: Block(16)(x).mean(-1, keepdim=True) + x, backend="torch").init(X, rng=1)
    for model in (net, hand):
        model.encoder.block = mean  # another model with a `Block`
    assert torch.equal(net(X), hand(X))
    net.encoder = nn.Identity()
    with pytest.raises(u.StructureChangedError, match="'project' of 'encoder', in whose place a Identity"):
        net(X)

    class Two(nn.Module):
        def forward(self, x):
            return 2 * x

        def project(self, x):
            return x + 1

    net.encoder = Two()
    assert torch.equal(net(X), 2 * X + 1)


def test_layers_of_a_replaced_module_raise_where_they_are_used():
    class Tied(u.Module):
        def __init__(self):
            self.linear = u.Linear(8, 8)

        def __call__(self, x):
            return self.linear(x)

    def body(x):
        tied = Tied()
        return tied.linear(tied(x))

    net = u.transform(body, backend="torch").init(X, rng=0)
    net.tied = nn.Identity()
    with pytest.raises(u.StructureChangedError, match=r"'tied/linear' any more: a Identity was put in the place"):
        net(X)


def test_checkpoint_wrappers_recompute():
    net, hand = pair()
    before = net(X)
    counts, kind = [], type(net.encoder.block)
    net.encoder.block.up.register_forward_hook(lambda *args: counts.append(1))
    apply_activation_checkpointing(
        net, checkpoint_wrapper_fn=checkpoint_wrapper, check_fn=lambda m: isinstance(m, kind)
    )
    assert sum(isinstance(m, CheckpointWrapper) for m in net.modules()) == 2
    output = net(X)
    assert torch.equal(output, before) and len(counts) == 1
    output.sum().backward(), hand(X).sum().backward()
    assert len(counts) == 2
    for one, other in zip(net.parameters(), hand.parameters(), strict=True):
        assert torch.equal(one.grad, other.grad)


def test_a_block_built_with_other_arguments_cannot_be_recomputed_alone():
    scale = [1.0]

    class Scaled(u.Module):
        def __init__(self, scale):
            self.scale = scale

        def __call__(self, x):
            return self.scale * u.Linear(8, 8)(x)

    net = u.transform(lambda x: Scaled(scale[0])(x), backend="torch").init(X, rng=0)
    net.scaled = checkpoint_wrapper(net.scaled)
    net(X).sum().backward()
    scale[0] = 2.0
    with pytest.raises(u.StructureChangedError, match="with other arguments"):
        net(X).sum().backward()


def test_checkpoint_of_a_block_alone():
    net, hand = pair()
    x, y = X.clone().requires_grad_(), X.clone().requires_grad_()
    checkpoint(net.encoder, x, use_reentrant=False).sum().backward()
    hand.encoder(y).sum().backward()
    assert torch.equal(x.grad, y.grad)


@pytest.mark.slow
def test_compile():
    net, hand = pair()
    torch._dynamo.reset()
    net.encoder.block.compile(fullgraph=True, backend="eager")
    for x in (X, X[:3], X):
        assert torch.equal(net(x), hand(x)) and torch.equal(net.encoder.block(x), hand.encoder.block(x))
    zeros = net.params.update({p: torch.zeros_like(v) for p, v in net.params.items() if p.startswith("encoder/block/")})
    hand.encoder.block = nn.Identity()
    assert torch.equal(net.apply(zeros, X)[0], hand(X))  # and not what was compiled for the model's own variables
    assert torch.equal(torch.compile(net.encoder, fullgraph=True, backend="eager")(X), net.encoder(X))


@pytest.mark.parametrize("method", [pytest.param("hooks", marks=pytest.mark.slow), "wrapper", "identity", "none"])
def test_the_whole_model_compiles_in_one_graph(method):
    net, _ = pair()
    torch._dynamo.reset()
    if method == "hooks":
        net.encoder.block.register_forward_hook(lambda m, args, output: 2 * output)
    elif method == "wrapper":
        net.encoder.block = Times(net.encoder.block)
    elif method == "identity":
        net.encoder.block = nn.Identity()
    expected = net(X)
    assert torch.equal(torch.compile(net, fullgraph=True, backend="eager")(X), expected)
    assert torch.equal(torch.export.export(net, (X,)).module()(X), expected)


@pytest.mark.filterwarnings("ignore::FutureWarning")  # of torch's exporter about itself
def test_exported_programs_know_the_blocks():
    net, _ = pair()
    program = torch.export.export(net, (X,))
    unflattened = torch.export.unflatten(program)
    assert torch.equal(unflattened(X), net(X))
    assert torch.equal(unflattened.encoder.block(X), net.encoder.block(X))
    stacks = [
        node.meta["nn_module_stack"] for node in program.graph.nodes if node.target is torch.ops.aten.gelu.default
    ]
    names = [[cls.rpartition(".")[2] for _, cls in stack.values()] for stack in stacks]
    assert names == [["forward", "Encoder", "Block"]] * 2


def test_methods_of_a_copy_belong_to_the_copy():
    net, _ = pair()
    twin = copy.deepcopy(net)
    with torch.no_grad():
        twin.encoder.norm.weight.zero_()
    expected = twin.encoder.project.linear.bias.expand(4, 3)
    assert torch.equal(twin.encoder.project(X), expected)
    shallow = copy.copy(net.encoder)
    del shallow
    assert torch.equal(net.encoder.project(X), net.encoder.project.linear(net.encoder.norm(X)))


def test_transforms_within_a_block_alone():
    class Scanned(u.Module):
        def __call__(self, x):
            def step(carry, row):
                return carry + u.Linear(8, 8)(row), carry

            return u.scan(step, torch.zeros(8), x)[0]

    net = u.transform(lambda x: Scanned()(x), backend="torch").init(X, rng=0)
    assert torch.equal(net.scanned(X), net(X))
    assert all(isinstance(p, nn.Parameter) for p in net.parameters())
