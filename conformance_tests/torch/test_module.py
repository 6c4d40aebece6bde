"""A model is a standard `nn.Module`: what works on a hand-written one works on it."""

import copy

import pytest
import torch
from torch import nn

import unified as u
from conformance_tests.torch.models import Case, batch, each_model, fresh, labels, nested
from unified.backends.torch.container import Container


def train(model, x, optimizer, steps=20):
    """Take `steps` steps, and return the loss before and after them."""
    losses = []
    for _ in range(steps + 1):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), labels(len(x)))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses[0], losses[-1]


@each_model
def test_leaves_are_torch_layers(case: Case):
    model = fresh(case)
    assert isinstance(model, nn.Module)
    layers = [module for module in model.modules() if not isinstance(module, Container)]
    assert layers and all(type(layer) is getattr(nn, type(layer).__name__) for layer in layers)


@each_model
def test_names_shapes_and_dtypes_of_the_hand_written_twin(case: Case):
    model, twin = fresh(case).state_dict(), case.twin().state_dict()
    assert {name: (t.shape, t.dtype) for name, t in model.items()} == {
        name: (t.shape, t.dtype) for name, t in twin.items()
    }


@each_model
def test_state_dict_round_trip(case: Case):
    one, other = fresh(case), u.transform(case.forward, backend="torch").init(batch(case), rng=1)
    assert not torch.equal(one.eval()(batch(case)), other.eval()(batch(case)))
    other.load_state_dict(one.state_dict(), strict=True)
    assert torch.equal(one(batch(case)), other(batch(case)))


@each_model
@pytest.mark.parametrize("training", [False, True])
def test_plain_torch_checkpoint_loads(case: Case, training: bool):
    twin, model, x = case.twin(), fresh(case), batch(case)
    with torch.no_grad():
        for tensor in twin.parameters():
            tensor.uniform_(-0.5, 0.5)
    model.load_state_dict(twin.state_dict(), strict=True)
    outputs = []
    for module in (twin.train(training), model.train(training)):
        torch.manual_seed(0)  # the masks of dropout
        outputs.append((module(x), module(x)))
    assert torch.equal(outputs[0][0], outputs[1][0]) and torch.equal(outputs[0][1], outputs[1][1])
    assert all(torch.equal(twin.state_dict()[name], tensor) for name, tensor in model.state_dict().items())


@each_model
def test_gradients_equal_those_of_the_twin(case: Case):
    twin, model, x = case.twin().eval(), fresh(case).eval(), batch(case)
    twin.load_state_dict(model.state_dict())
    for module in (twin, model):
        nn.functional.cross_entropy(module(x), labels()).backward()
    expected = dict(twin.named_parameters())
    assert all(torch.equal(parameter.grad, expected[name].grad) for name, parameter in model.named_parameters())


@each_model
def test_named_members(case: Case):
    model, twin = fresh(case), case.twin()
    for members in ("named_parameters", "named_buffers"):
        assert {name for name, _ in getattr(model, members)()} == {name for name, _ in getattr(twin, members)()}
    for name, module in model.named_modules():
        assert model.get_submodule(name) is module
    for name, parameter in model.named_parameters():
        assert model.get_parameter(name) is parameter
    for name, tensor in model.named_buffers():
        assert model.get_buffer(name) is tensor


def test_attributes_reach_layers():
    model = fresh(Case(nested, nn.Module, (4,)))
    assert model.encoder.block_1.linear is model.get_submodule("encoder.block_1.linear")
    assert model.encoder.block.scale is dict(model.named_parameters())["encoder.block.scale"]


def test_repr_shows_names_and_layers():
    text = repr(fresh(Case(nested, nn.Module, (4,))))
    assert text.startswith("nested(\n  (encoder): Encoder(\n    (block): Block(\n")
    assert "(linear): Linear(in_features=4, out_features=8, bias=True)" in text


def test_repr_before_init():
    assert repr(u.transform(nested, backend="torch")) == "nested(not initialised)"


@each_model
def test_train_and_eval_reach_every_module(case: Case):
    model = fresh(case)
    assert all(module.training for module in model.modules())
    assert model.eval() is model
    assert not any(module.training for module in model.modules())
    assert model.train() is model
    assert all(module.training for module in model.modules())


def test_dropout_and_batch_norm_follow_the_mode():
    net = u.transform(lambda x: u.Dropout(0.5)(u.BatchNorm1d(None)(x)), backend="torch")
    x = torch.randn(64, 4) + 3
    net.init(x, rng=0)
    assert (net(x) == 0).any() and net.batch_norm1d.running_mean.abs().sum() > 0
    before = net.batch_norm1d.running_mean.clone()
    assert not (net.eval()(x) == 0).any()
    assert torch.equal(net.batch_norm1d.running_mean, before)


@each_model
@pytest.mark.parametrize(("optimizer", "rate"), [(torch.optim.SGD, 0.3), (torch.optim.Adam, 0.05)])
def test_optimizers_reduce_the_loss(case: Case, optimizer, rate):
    model = fresh(case)
    first, last = train(model, batch(case), optimizer(model.parameters(), lr=rate))
    assert last < 0.8 * first


@each_model
def test_hooks(case: Case):
    model, x = fresh(case), batch(case)
    layer = [module for module in model.modules() if isinstance(module, nn.Linear)][-1]
    events = []
    handles = [
        model.register_forward_pre_hook(lambda module, args: events.append("model pre")),
        layer.register_forward_pre_hook(lambda module, args: events.append("layer pre")),
        layer.register_forward_hook(lambda module, args, output: events.append("layer")),
        model.register_forward_hook(lambda module, args, output: events.append("model")),
        layer.register_full_backward_hook(lambda module, inputs, outputs: events.append("backward")),
    ]
    model(x).sum().backward()
    assert events == ["model pre", "layer pre", "layer", "model", "backward"]
    for handle in handles:
        handle.remove()
    model(x)
    assert len(events) == 5


@each_model
def test_a_hook_changes_what_flows(case: Case):
    model, x = fresh(case).eval(), batch(case)
    plain = model(x)
    last = [module for module in model.modules() if isinstance(module, nn.Linear)][-1]
    last.register_forward_hook(lambda module, args, output: 2 * output)
    assert torch.equal(model(x), 2 * plain)


@each_model
def test_requires_grad(case: Case):
    model = fresh(case).requires_grad_(False)
    assert not model(batch(case)).requires_grad
    assert not any(info.trainable for info in model.params.info.values())
    last = [module for module in model.modules() if isinstance(module, nn.Linear)][-1].requires_grad_(True)
    model(batch(case)).sum().backward()
    assert {name for name, p in model.named_parameters() if p.grad is not None} == {
        name for name, p in model.named_parameters() if p is last.weight or p is last.bias
    }


@each_model
def test_double_and_float_keep_the_numbers(case: Case):
    model, x = fresh(case).eval(), batch(case)
    single = model(x)
    double = copy.deepcopy(model).double()(x.double())
    assert double.dtype is torch.float64
    torch.testing.assert_close(single, double.float(), rtol=1e-5, atol=1e-5)


@each_model
def test_bfloat16(case: Case):
    model, x = fresh(case).eval(), batch(case)
    twin = case.twin().eval()
    twin.load_state_dict(model.state_dict())
    output = model.to(torch.bfloat16)(x.bfloat16())
    assert output.dtype is torch.bfloat16
    assert torch.equal(output, twin.to(torch.bfloat16)(x.bfloat16()))


@each_model
def test_module_apply_with_a_function(case: Case):
    model, modules = fresh(case), []
    assert model.apply(modules.append) is model
    assert set(modules) == set(model.modules()) and modules[-1] is model


@each_model
def test_as_a_submodule(case: Case):
    class Whole(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = fresh(case)
            self.head = nn.Linear(3, 2)

        def forward(self, x):
            return self.head(self.body(x))

    whole, x = Whole(), batch(case)
    assert {f"body.{name}" for name in whole.body.state_dict()} < set(whole.state_dict())
    whole.eval()
    assert not any(module.training for module in whole.modules())
    assert torch.equal(whole(x), whole.head(whole.body(x)))
    sequence = nn.Sequential(whole.body, whole.head)
    assert torch.equal(sequence(x), whole(x))
    sequence(x).sum().backward()
    assert all(p.grad is not None for p in whole.parameters())


@each_model
def test_a_model_in_the_body_of_another(case: Case):
    inner, x = fresh(case).eval(), batch(case)

    def outer(x):
        return u.Linear(None, 2)(u.wrap(lambda: inner, name="inner")(x))

    net = u.transform(outer, backend="torch").init(x, rng=0).eval()
    assert {f"inner.{name}" for name in inner.state_dict()} < set(net.state_dict())
    assert torch.equal(net(x), net.linear(inner(x)))
    net(x).sum().backward()
    assert all(p.grad is not None for p in net.parameters())


def shadowing(x):
    """Use layers, modules and variables with the names of attributes of `nn.Module`."""
    x = x * u.get_parameter("type", (4,), init_fn=torch.ones) + u.get_state("float", (4,))
    for name in ("train", "parameters", "state_dict", "modules", "apply", "init"):
        x = u.Linear(4, 4, name=name)(x)
    return Half(name="half")(x)


class Half(u.Module):
    def __call__(self, x):
        return u.Linear(4, 2, name="to")(x) * u.get_parameter("training", (2,), init_fn=torch.ones)


class TestNamesOfModuleAttributes:
    x = torch.arange(8.0).reshape(2, 4)

    def model(self):
        return u.transform(shadowing, backend="torch").init(self.x, rng=0)

    def test_state_dict(self):
        model = self.model()
        assert {"type", "float", "train.weight", "half.to.bias", "half.training"} < set(model.state_dict())
        twin = u.transform(shadowing, backend="torch").init(self.x, rng=1)
        twin.load_state_dict(model.state_dict())
        assert torch.equal(twin(self.x), model(self.x))

    def test_methods_still_work(self):
        model = self.model()
        assert model.train(False) is model and not model.training and not model.half.training
        assert model.train().training and len(list(model.parameters())) == 16
        assert model.double()(self.x.double()).dtype is torch.float64

    def test_members_by_name(self):
        model = self.model()
        assert isinstance(model.train, nn.Linear) and model.train.weight is model.get_submodule("train").weight
        assert model.get_parameter("type") is model._parameters["type"]
        assert model.get_buffer("float") is model._buffers["float"]

    def test_copies(self):
        model = self.model()
        twin = copy.deepcopy(model)
        assert torch.equal(twin(self.x), model(self.x))
        assert twin.train.weight is twin._modules["train"].weight is not model.train.weight
        twin.train(False)
        assert model.training and not twin.training

    def test_pure_calls(self):
        model, double = self.model(), lambda tensors: {name: 2 * value for name, value in tensors.items()}
        expected = u.transform(shadowing, backend="torch").init(self.x, rng=1)
        expected.load_state_dict(double(model.state_dict()))
        assert torch.equal(model.apply(model.params.update(double(model.params)), self.x)[0], expected(self.x))
        output = torch.func.functional_call(model, double(model.state_dict()), self.x)
        assert torch.equal(output, expected(self.x))

    @pytest.mark.parametrize("name", ["training", "forward", "params"])
    def test_attributes_that_calls_read(self, name):
        def forward(x):
            return u.Linear(4, 4, name=name)(x)

        net = u.transform(forward, backend="torch").init(self.x, rng=0)
        assert net.train(False) is net and net.training is False
        assert list(net.params) == [f"{name}/weight", f"{name}/bias"]
        zeros = {path: torch.zeros_like(value) for path, value in net.params.items()}
        assert not net.apply(zeros, self.x)[0].any() and net(self.x).any()
        assert torch.equal(torch.jit.script(net)(self.x), copy.deepcopy(net)(self.x))

    def test_graphs(self):
        model = self.model()
        for graph in (torch.jit.script(model), torch.compile(model, fullgraph=True, backend="eager")):
            assert torch.equal(graph(self.x), model(self.x))
        assert set(torch.export.export(model, (self.x,)).state_dict) == set(model.state_dict())

    def test_swap(self):
        model = self.model()
        model.set_submodule("train", nn.Identity())
        assert isinstance(model.get_submodule("train"), nn.Identity) and "train.weight" not in model.state_dict()
        assert model(self.x).shape == (2, 2)
