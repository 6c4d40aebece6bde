"""`torch.compile(fullgraph=True)` over trees: one graph for all steps, and nothing imported or constructed in it."""

import pytest
import torch
from torch._dynamo.testing import CompileCounter

import unified.functional as F
import unified.trees as ut
from conformance_tests.trees.models import Autoencoder, Linear, Net, array, filled


@pytest.fixture(autouse=True)
def fresh():
    torch._dynamo.reset()
    yield
    torch._dynamo.reset()


def test_one_graph_for_all_training_steps():
    """The first call of the model is compiled: its layers have not been constructed before."""
    model, x, key = filled("torch", Net(5)), array("torch", (6, 2)), torch.tensor([0, 3])
    counter = CompileCounter()
    step = torch.compile(
        lambda model, x, key: ut.apply(model, x, training=True, rng=key), fullgraph=True, backend=counter
    )
    current = model
    for _ in range(4):
        y, current = step(current, x, key)
    assert counter.frame_count == 1 and int(current.norm.num_batches_tracked) == 4
    expected = model
    for _ in range(4):
        z, expected = ut.apply(expected, x, training=True, rng=key)
    torch.testing.assert_close(y, z)
    torch.testing.assert_close(current.norm.running_mean, expected.norm.running_mean)


def test_a_call_other_values_and_wrappers():
    counter, x = CompileCounter(), array("torch", (6, 2))
    call = torch.compile(lambda model, x: model(x), fullgraph=True, backend=counter)
    for rng in range(3):
        model = filled("torch", rng=rng)
        torch.testing.assert_close(call(model, x), model(x))
    assert counter.frame_count == 1
    model = filled("torch", Autoencoder.init())
    for made in (ut.Jit(ut.VMap(model)), model.encode, ut.Checkpoint(model), ut.Sequential((model, F.relu))):
        torch.testing.assert_close(call(made, x), made(x))


def test_a_new_module_within_the_graph():
    class Step(ut.Module):
        linear: Linear

        def __call__(self, x):
            new = self.replace(linear=Linear(self.linear.weight * 2, None))
            return new.linear(x), new

    model, x = filled("torch", Step(Linear.init(2, 3))), array("torch", (6, 2))
    y, new = torch.compile(lambda m, x: m(x), fullgraph=True, backend="eager")(model, x)
    torch.testing.assert_close(y, 2 * x @ model.linear.weight.T)
    assert type(new) is Step and new.linear.bias is None


def test_gradients_and_an_optimizer():
    model = filled("torch")
    params = ut.params(model).unfreeze()
    model, x = ut.load_params(model, params), array("torch", (6, 2))
    loss = torch.compile(
        lambda m, x: (ut.apply(m, x, training=True, rng=1)[0] ** 2).mean(), fullgraph=True, backend="eager"
    )
    loss(model, x).backward()
    compiled = {path: value.grad.clone() for path, value in params.split()[0].items()}
    for value in params.split()[0].values():
        value.grad = None
    (ut.apply(model, x, training=True, rng=1)[0] ** 2).mean().backward()
    for path, value in params.split()[0].items():
        torch.testing.assert_close(compiled[path], value.grad)


@pytest.mark.slow
def test_inductor():
    model, x, key = filled("torch"), array("torch", (6, 2)), torch.tensor([0, 3])
    step = torch.compile(lambda m, x, key: ut.apply(m, x, training=True, rng=key), fullgraph=True)
    for ours, theirs in zip(step(model, x, key), ut.apply(model, x, training=True, rng=key), strict=True):
        if isinstance(ours, torch.Tensor):
            torch.testing.assert_close(ours, theirs)
        else:
            torch.testing.assert_close(dict(ut.params(ours)), dict(ut.params(theirs)))


def test_the_functions_compile_outside_of_a_body():
    x = array("torch", (6, 2))
    F.relu(x)
    torch.testing.assert_close(torch.compile(lambda x: F.relu(x) + 1, fullgraph=True, backend="eager")(x), x.relu() + 1)
