"""Code for `blaze-torch` runs with `import unified as bl`: the examples of its README, and its public names."""

import copy
import io
import pickle

import blaze
import pytest
import torch
import torch.nn.functional as F
from torch import nn

import unified as bl


@pytest.fixture(autouse=True)
def _on_torch():
    bl.set_backend("torch")
    yield
    bl.set_backend(None)


# Layers of a later version, and the class of a model, which is only used in annotations.
LATER = {name for name in blaze.__all__ if not hasattr(bl, name)}


def test_public_names():
    assert LATER.isdisjoint({"transform", "Module", "get_parameter", "get_state", "set_state", "wrap"})
    assert {name for name in LATER if not hasattr(nn, name)} <= {"BlazeModule"}


def test_convolutional_network():
    def forward(x):
        x = F.relu(bl.BatchNorm2d(32)(bl.Conv2d(3, 32, 3, padding=1)(x)))
        x = F.relu(bl.BatchNorm2d(64)(bl.Conv2d(32, 64, 3, padding=1)(x)))
        x = bl.AdaptiveAvgPool2d(1)(x).flatten(1)
        return bl.Linear(x.shape[-1], 10)(x)

    model = bl.transform(forward)
    model.init(torch.randn(1, 3, 8, 8))
    assert model(torch.randn(4, 3, 8, 8)).shape == (4, 10)
    assert isinstance(model.conv2d_1, nn.Conv2d) and isinstance(model.batch_norm2d, nn.BatchNorm2d)


def quickstart(x, hidden_dim):
    x = bl.Linear(x.shape[-1], hidden_dim)(x)
    x = bl.ReLU()(x)
    return bl.Linear(hidden_dim, 1)(x)


def test_quickstart():
    model = bl.transform(quickstart, hidden_dim=128)
    model.init(torch.randn(4, 10))
    assert model(torch.randn(4, 10)).shape == (4, 1)
    assert isinstance(model.relu, nn.ReLU)


def test_names_are_those_of_blaze():
    model, theirs = bl.transform(quickstart, hidden_dim=8), blaze.transform(blaze_quickstart, hidden_dim=8)
    model.init(torch.randn(4, 10)), theirs.init(torch.randn(4, 10))
    assert list(model.state_dict()) == list(theirs.state_dict())
    model.load_state_dict(theirs.state_dict())
    x = torch.randn(3, 10)
    assert torch.equal(model(x), theirs(x))


def blaze_quickstart(x, hidden_dim):
    x = blaze.Linear(x.shape[-1], hidden_dim)(x)
    x = blaze.ReLU()(x)
    return blaze.Linear(hidden_dim, 1)(x)


def test_training():
    model = bl.transform(quickstart, hidden_dim=8).init(torch.randn(4, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    x, losses = torch.randn(16, 10), []
    for _ in range(30):
        optimizer.zero_grad()
        loss = F.mse_loss(model(x), x.sum(1, keepdim=True))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.8 * losses[0]


def test_user_defined_modules():
    class MLP(bl.Module):
        def __call__(self, x):
            x = bl.Linear(x.shape[-1], 16)(x)
            x = bl.GELU()(x)
            return bl.Linear(16, 10)(x)

    def forward(x):
        x = MLP()(x)
        return MLP()(x)

    model = bl.transform(forward).init(torch.randn(2, 10))
    paths = {name for name, module in model.named_modules() if isinstance(module, (nn.Linear, nn.GELU))}
    assert paths == {f"{mlp}.{name}" for mlp in ("mlp", "mlp_1") for name in ("linear", "gelu", "linear_1")}


def test_raw_parameters():
    def forward(x):
        scale = bl.get_parameter("scale", (x.shape[-1],), init_fn=torch.ones)
        bias = bl.get_parameter("bias", (x.shape[-1],), init_fn=torch.zeros)
        return x * scale + bias

    model = bl.transform(forward).init(torch.randn(2, 4))
    x = torch.randn(3, 4)
    assert torch.equal(model(x), x) and {name for name, _ in model.named_parameters()} == {"scale", "bias"}


def test_state():
    def forward(x):
        running_mean = bl.get_state("running_mean", (x.shape[-1],), init_fn=torch.zeros)
        bl.set_state("running_mean", running_mean * 0.9 + x.mean(0) * 0.1)
        return x - running_mean

    model = bl.transform(forward).init(torch.ones(2, 4))
    assert not model.running_mean.any() and not list(model.parameters())
    model(torch.ones(2, 4))
    model(torch.ones(2, 4))
    torch.testing.assert_close(model.running_mean, torch.full((4,), 0.19))


def test_wrapped_modules():
    modules = []

    def encoder():
        modules.append(nn.Sequential(nn.Linear(4, 6), nn.ReLU()))
        return modules[-1]

    def forward(x):
        x = bl.wrap(encoder)(x)
        x = bl.wrap(lambda: nn.Linear(6, 5), name="encoder")(x)
        return bl.Linear(x.shape[-1], 10)(x)

    model = bl.transform(forward).init(torch.randn(2, 4))
    assert model(torch.randn(3, 4)).shape == (3, 10) and len(modules) == 1
    assert {"encoder.weight", "encoder.bias", "linear.weight"} < set(model.state_dict())


def test_custom_names():
    def forward(x):
        x = bl.Linear(10, 64, name="encoder")(x)
        return bl.Linear(64, 10, name="decoder")(x)

    model = bl.transform(forward).init(torch.randn(2, 10))
    assert list(model.state_dict()) == ["encoder.weight", "encoder.bias", "decoder.weight", "decoder.bias"]


def test_custom_initialisation_of_layers():
    def forward(x):
        x = bl.Conv2d(1, 4, 3, padding=1, init_fn=lambda m: nn.init.constant_(m.weight, 2.0))(x)
        x = bl.BatchNorm2d(4, init_fn=lambda m: nn.init.zeros_(m.weight))(x)
        return bl.Linear(8, 3, init_fn=lambda m: nn.init.eye_(m.weight))(x)

    model = bl.transform(forward).init(torch.randn(1, 1, 8, 8))
    assert model.conv2d.weight.eq(2).all() and not model.batch_norm2d.weight.any()
    assert torch.equal(model.linear.weight, torch.eye(3, 8))


def test_custom_initialisation_of_modules():
    blocks = []

    class Block(bl.Module):
        def __init__(self, dim, init_fn=None):
            super().__init__(init_fn=init_fn)
            self.dim = dim

        def __call__(self, x):
            return bl.Linear(x.shape[-1], self.dim)(x)

    def forward(x):
        return Block(dim=6, init_fn=blocks.append)(x)

    model = bl.transform(forward).init(torch.randn(2, 4))
    assert model(torch.randn(3, 4)).shape == (3, 6)
    assert len(blocks) == 1 and list(model.state_dict()) == ["block.linear.weight", "block.linear.bias"]


def test_compilation():
    model, x = bl.transform(quickstart, hidden_dim=8).init(torch.randn(2, 10)), torch.randn(2, 10)
    for compiled in (torch.jit.trace(model, x), torch.jit.script(model), torch.compile(model, backend="eager")):
        assert torch.equal(compiled(x), model(x))


class MyLinear(bl.Linear):
    """A subclass that scales its output, and counts how often it is constructed."""

    constructed = 0

    def __init__(self, inputs, outputs, gain=2.0):
        super().__init__(inputs, outputs)
        MyLinear.constructed += 1
        self.gain = gain
        self.shift = nn.Parameter(torch.ones(outputs))

    def forward(self, x):
        return self.gain * super().forward(x) + self.shift


def subclassed(x):
    return MyLinear(8, 3)(torch.tanh(MyLinear(4, 8, gain=3.0)(x)))


class TestSubclassOfALayer:
    x = torch.arange(8.0).reshape(2, 4)

    def model(self):
        return bl.transform(subclassed).init(self.x, rng=0)

    def test_is_a_torch_layer(self):
        model = self.model()
        assert isinstance(model.my_linear, nn.Linear) and isinstance(model.my_linear, MyLinear)
        assert list(model.state_dict())[3:6] == ["my_linear.weight", "my_linear.bias", "my_linear.shift"]

    def test_init_runs_once(self):
        before = MyLinear.constructed
        model = self.model()
        model(self.x), model(self.x)
        assert MyLinear.constructed == before + 2

    def test_computes_with_super(self):
        model = self.model()
        first, last = model.my_linear_1, model.my_linear
        h = torch.tanh(3 * F.linear(self.x, first.weight, first.bias) + 1)
        expected = 2 * F.linear(h, last.weight, last.bias) + 1
        torch.testing.assert_close(model(self.x), expected, rtol=1e-6, atol=1e-6)

    def test_starts_with_the_values_of_the_layer(self):
        def plain(x):
            return bl.Linear(4, 3, name="my_linear")(x)

        def subclass(x):
            return MyLinear(4, 3)(x)

        models = [bl.transform(forward).init(self.x, rng=0) for forward in (plain, subclass)]
        assert torch.equal(models[0].my_linear.weight, models[1].my_linear.weight)

    def test_copies(self):
        model, file = self.model(), io.BytesIO()
        torch.save(model, file)
        file.seek(0)
        for twin in (
            copy.deepcopy(model),
            pickle.loads(pickle.dumps(model)),
            torch.load(file, weights_only=False),
        ):
            assert torch.equal(twin(self.x), model(self.x))
            assert type(twin.my_linear) is type(model.my_linear) and twin.my_linear_1.gain == 3.0
            assert twin.my_linear.weight is not model.my_linear.weight

    def test_graphs(self):
        model = self.model()
        for graph in (
            torch.jit.script(model),
            torch.jit.trace(model, self.x),
            torch.compile(model, fullgraph=True, backend="eager"),
            torch.export.export(model, (self.x,)).module(),
        ):
            assert torch.equal(graph(self.x), model(self.x))

    def test_variables_of_its_own_by_get_parameter(self):
        class Scaled(bl.Linear):
            def forward(self, x):
                return super().forward(x * bl.get_parameter("scale", (4,), init_fn=torch.ones))

        def forward(x):
            return Scaled(4, 3)(x)

        model = bl.transform(forward).init(self.x, rng=0)
        assert list(model.state_dict()) == ["scaled.weight", "scaled.bias", "scaled.scale"]
        assert torch.equal(model(self.x), F.linear(self.x, model.scaled.weight, model.scaled.bias))

    def test_subclass_of_a_subclass(self):
        class Again(MyLinear):
            def forward(self, x):
                return -super().forward(x)

        def forward(x):
            return Again(4, 3, gain=1.0)(x)

        model = bl.transform(forward).init(self.x, rng=0)
        expected = -(F.linear(self.x, model.again.weight, model.again.bias) + 1)
        torch.testing.assert_close(model(self.x), expected, rtol=1e-6, atol=1e-6)
