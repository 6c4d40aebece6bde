"""TorchScript, tracing, `torch.compile` and `torch.export`."""

import copy
import io
import warnings

import pytest
import torch
from torch import nn
from torch._dynamo.testing import CompileCounter

import unified as u
from conformance_tests.torch.models import Case, batch, each_model, fresh, labels

each_mode = pytest.mark.parametrize("training", [False, True], ids=["eval", "train"])


@pytest.fixture(autouse=True)
def _no_compiled_code():
    torch._dynamo.reset()
    yield
    torch._dynamo.reset()


def call(model, x):
    """Return the output, with dropout masks that are the same in every call."""
    torch.manual_seed(0)
    return model(x)


def train(model, parameters, x, steps=15):
    """Take `steps` Adam steps, and return the loss before and after them."""
    optimizer, losses = torch.optim.Adam(parameters, lr=0.02), []
    for _ in range(steps + 1):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(call(model, x), labels(len(x)))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses[0], losses[-1]


@each_model
@each_mode
def test_script_gives_the_same_numbers(case: Case, training: bool):
    eager = fresh(case).train(training)
    scripted = torch.jit.script(copy.deepcopy(eager))
    assert scripted.training is training
    for size in (2, 5):
        x = batch(case, size)
        torch.testing.assert_close(call(scripted, x), call(eager, x), rtol=1e-6, atol=1e-6)
    assert set(scripted.state_dict()) == set(eager.state_dict())
    for name, tensor in scripted.state_dict().items():
        torch.testing.assert_close(tensor, eager.state_dict()[name], rtol=1e-6, atol=1e-6)


@each_model
def test_scripted_modes_switch(case: Case):
    eager, x = fresh(case), batch(case)
    scripted = torch.jit.script(copy.deepcopy(eager))
    call(eager.train(), x), call(scripted.train(), x)
    torch.testing.assert_close(scripted.eval()(x), eager.eval()(x), rtol=1e-5, atol=1e-5)


@each_model
def test_training_the_scripted_model_trains_the_model(case: Case):
    model, x = fresh(case), batch(case)
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    scripted = torch.jit.script(model)
    first, last = train(scripted, scripted.parameters(), x)
    assert last < 0.8 * first
    assert any(not torch.equal(p, before[name]) for name, p in model.named_parameters())
    torch.testing.assert_close(model.eval()(x), scripted.eval()(x), rtol=1e-5, atol=1e-5)


@each_model
def test_saved_script(case: Case):
    model, x, file = fresh(case).eval(), batch(case), io.BytesIO()
    torch.jit.save(torch.jit.script(model), file)
    file.seek(0)
    torch.testing.assert_close(torch.jit.load(file)(x), model(x), rtol=1e-6, atol=1e-6)


def test_script_keeps_what_a_body_asks_of_shapes():
    def forward(x):
        rows, columns = x.shape
        if columns > 2 and x.ndim == 2:
            x = u.Linear(columns, 4)(x)
        return x.reshape(rows * 2, -1) * u.get_parameter("scale", (), init_fn=torch.ones)

    net = u.transform(forward, backend="torch").init(torch.ones(6, 4), rng=0)
    scripted = torch.jit.script(net)
    for size in (3, 8):
        assert torch.equal(scripted(torch.ones(size, 4)), net(torch.ones(size, 4)))


def test_script_takes_several_inputs():
    def forward(x, y, flip=False):
        z = u.Bilinear(None, None, 3)(x, y)
        return (-z if flip else z), x

    x, y = torch.randn(2, 4), torch.randn(2, 5)
    net = u.transform(forward, backend="torch").init(x, y, flip=True, rng=0)
    for one, other in zip(torch.jit.script(net)(x, y), net(x, y, flip=True), strict=True):
        assert torch.equal(one, other)


def branches(x):
    """Branch on a value, which torch.fx cannot follow."""
    y = u.Linear(4, 3)(x)
    return y if x.sum() < 100 else -y


def test_script_falls_back_to_tracing_with_a_warning():
    net = u.transform(branches, backend="torch").init(torch.zeros(2, 4), rng=0)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        scripted = torch.jit.script(net)
    messages = [str(warning.message) for warning in caught]
    assert any("torch.fx cannot follow the body of 'branches'" in text and "was traced" in text for text in messages)
    for size in (2, 5):
        assert torch.equal(scripted(torch.ones(size, 4)), net(torch.ones(size, 4)))
    assert {p.data_ptr() for p in scripted.parameters()} == {p.data_ptr() for p in net.parameters()}


def test_script_says_so_where_nothing_works():
    def forward(inputs):
        return branches(inputs["x"])

    net = u.transform(forward, backend="torch").init({"x": torch.zeros(2, 4)}, rng=0)
    with pytest.raises(RuntimeError, match=r"'forward' cannot be turned into TorchScript.*torch\.export"):
        torch.jit.script(net)


def test_script_before_init():
    with pytest.raises(u.NotInitializedError, match=r"init\(\.\.\.\) before torch\.jit\.script"):
        torch.jit.script(u.transform(branches, backend="torch"))


@each_model
def test_trace(case: Case):
    model = fresh(case).eval()
    traced = torch.jit.trace(model, batch(case, 2))
    torch.testing.assert_close(traced(batch(case, 5)), model(batch(case, 5)), rtol=1e-6, atol=1e-6)
    assert set(traced.state_dict()) == set(model.state_dict())


@each_model
@each_mode
@pytest.mark.parametrize("backend", ["eager", "aot_eager"])
def test_compile(case: Case, training: bool, backend: str):
    eager = fresh(case).train(training)
    twin = copy.deepcopy(eager)
    compiled = torch.compile(twin, fullgraph=True, backend=backend)
    for seed in range(2):
        x = batch(case, seed=seed)
        torch.testing.assert_close(call(compiled, x), call(eager, x), rtol=1e-5, atol=1e-5)
    for name, tensor in twin.state_dict().items():
        torch.testing.assert_close(tensor, eager.state_dict()[name], rtol=1e-5, atol=1e-5)


@each_model
@each_mode
def test_compile_has_no_graph_break(case: Case, training: bool):
    explained = torch._dynamo.explain(fresh(case).train(training))(batch(case))
    assert (explained.graph_count, explained.graph_break_count) == (1, 0)


@each_model
def test_compile_compiles_once(case: Case):
    model, counter = fresh(case).eval(), CompileCounter()
    compiled = torch.compile(model, fullgraph=True, backend=counter)
    for seed in range(3):
        compiled(batch(case, seed=seed))
    assert counter.frame_count == 1


@each_model
def test_compile_for_any_batch_size(case: Case):
    model, counter = fresh(case).eval(), CompileCounter()
    compiled = torch.compile(model, fullgraph=True, backend=counter, dynamic=True)
    for size in (5, 7, 9):  # no size of a feature axis, which torch would take for the same size
        torch.testing.assert_close(compiled(batch(case, size)), model(batch(case, size)), rtol=1e-6, atol=1e-6)
    assert counter.frame_count == 1


@pytest.mark.parametrize("init_fn", ["normal", "truncated_normal", "uniform"])
def test_compile_for_any_batch_size_beside_an_initializer_with_defaults(init_fn: str):
    def forward(x):  # dynamo takes a default of a function for a number that may change
        return x @ u.get_parameter("weight", (4, 4), init_fn=getattr(u.initializers, init_fn)(0.5))

    model = u.transform(forward, backend="torch").init(torch.ones(3, 4), rng=0)
    compiled = torch.compile(model, fullgraph=True, backend="eager", dynamic=True)
    for size in (3, 5):
        torch.testing.assert_close(compiled(torch.ones(size, 4)), model(torch.ones(size, 4)))


@each_model
def test_compiled_training(case: Case):
    eager, compiled, x = fresh(case), fresh(case), batch(case)
    expected = train(eager, eager.parameters(), x)
    losses = train(torch.compile(compiled, fullgraph=True, backend="aot_eager"), compiled.parameters(), x)
    assert losses[1] < 0.8 * losses[0]
    assert losses == pytest.approx(expected, rel=1e-3)


@each_model
def test_compiled_twice_after_load(case: Case):
    """A compiled model sees new values of its variables."""
    model, other, x = fresh(case).eval(), fresh(case).init(batch(case), rng=1).eval(), batch(case)
    compiled = torch.compile(model, fullgraph=True, backend="eager")
    compiled(x)
    model.load_state_dict(other.state_dict())
    assert torch.equal(compiled(x), other(x))


@each_model
def test_export(case: Case):
    model, x = fresh(case).eval(), batch(case)
    program = torch.export.export(model, (x,))
    assert set(program.state_dict) == set(model.state_dict())
    torch.testing.assert_close(program.module()(x), model(x), rtol=1e-6, atol=1e-6)


@each_model
def test_export_for_any_batch_size(case: Case):
    model = fresh(case).eval()
    program = torch.export.export(model, (batch(case, 4),), dynamic_shapes=({0: torch.export.Dim("batch", min=2)},))
    for size in (3, 7):
        x = batch(case, size)
        torch.testing.assert_close(program.module()(x), model(x), rtol=1e-6, atol=1e-6)


@each_model
def test_saved_export(case: Case):
    model, x, file = fresh(case).eval(), batch(case), io.BytesIO()
    torch.export.save(torch.export.export(model, (x,)), file)
    file.seek(0)
    torch.testing.assert_close(torch.export.load(file).module()(x), model(x), rtol=1e-6, atol=1e-6)
