"""A recurrent model as a standard torch module: graphs, copies, checkpoints, packed sequences and portable dropout."""

import copy
import pickle
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

import unified as u
from unified.backends.torch.portable import recurrent as portable_recurrent

TOKENS = torch.randint(0, 7, (5, 3), generator=torch.Generator().manual_seed(1))  # time and batch


def tagger(tokens):
    """Apply an embedding, two LSTM layers, and a linear head for each token."""
    embedded = u.Embedding(7, 4)(tokens)
    outputs, (hidden, cell) = u.LSTM(None, 6, 2)(embedded)
    return u.Linear(6, 7)(outputs) + (hidden + cell).sum()


class HandTagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(7, 4)
        self.lstm = nn.LSTM(4, 6, 2)
        self.linear = nn.Linear(6, 7)

    def forward(self, tokens):
        outputs, (hidden, cell) = self.lstm(self.embedding(tokens))
        return self.linear(outputs) + (hidden + cell).sum()


def fresh(seed: int = 0) -> Any:
    return u.transform(tagger, backend="torch").init(TOKENS, rng=seed)


def train(model, parameters, steps=12):
    """Train the model to output each token, with a few Adam steps, and return the losses."""
    optimizer, losses = torch.optim.Adam(parameters, lr=0.05), []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(TOKENS).flatten(0, 1), TOKENS.flatten())
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@pytest.fixture
def _compiles_recurrent():
    """Enable Dynamo for recurrent layers, which it refuses by default, in a hand-written module too."""
    torch._dynamo.reset()
    with torch._dynamo.config.patch(allow_rnn=True):
        yield
    torch._dynamo.reset()


def test_state_dict_goes_both_ways() -> None:
    model, twin = fresh(), HandTagger()
    assert list(model.state_dict()) == list(twin.state_dict())
    twin.load_state_dict(model.state_dict())
    assert torch.equal(twin(TOKENS), model(TOKENS))
    other = HandTagger()
    model.load_state_dict(other.state_dict())
    assert torch.equal(other(TOKENS), model(TOKENS))


def test_trains_as_a_hand_written_module() -> None:
    model, twin = fresh(), HandTagger()
    twin.load_state_dict(model.state_dict())
    losses = train(model, model.parameters())
    assert losses == train(twin, twin.parameters()) and losses[-1] < 0.8 * losses[0]


def test_script() -> None:
    model = fresh().train()
    scripted = torch.jit.script(copy.deepcopy(model))
    torch.testing.assert_close(scripted(TOKENS), model(TOKENS))
    torch.testing.assert_close(scripted(TOKENS[:2, :2]), model(TOKENS[:2, :2]))
    losses = train(scripted, scripted.parameters())
    assert losses == pytest.approx(train(model, model.parameters()), rel=1e-5) and losses[-1] < 0.8 * losses[0]


@pytest.mark.parametrize("backend", ["eager", "aot_eager"])
def test_compile(_compiles_recurrent: None, backend: str) -> None:
    model, compiled = fresh().train(), fresh().train()
    assert torch._dynamo.explain(compiled)(TOKENS).graph_break_count == 0
    losses = train(torch.compile(compiled, fullgraph=True, backend=backend), compiled.parameters())
    assert losses == pytest.approx(train(model, model.parameters()), rel=1e-4)


@pytest.mark.filterwarnings("ignore:The tensor attributes self.lstm._flat_weights")  # torch's own list of weights
def test_export() -> None:
    model = fresh().eval()
    program = torch.export.export(model, (TOKENS,))
    assert set(program.state_dict) == set(model.state_dict())
    torch.testing.assert_close(program.module()(TOKENS), model(TOKENS))


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_copies_train_alone(duplicate: Any) -> None:
    model = fresh()
    expected = model(TOKENS)
    twin = duplicate(model)
    assert torch.equal(twin(TOKENS), expected)
    train(twin, twin.parameters(), 2)
    assert not torch.equal(twin(TOKENS), expected) and torch.equal(model(TOKENS), expected)


def test_other_parameters_for_one_call() -> None:
    model, other = fresh(), fresh(1)
    before = model(TOKENS)
    assert torch.equal(model.apply(other.params, TOKENS)[0], other(TOKENS))
    assert torch.equal(torch.func.functional_call(model, other.state_dict(), TOKENS), other(TOKENS))
    assert torch.equal(model(TOKENS), before)
    model.load_params(other.params)
    assert torch.equal(model(TOKENS), other(TOKENS))


def pack(x: torch.Tensor) -> PackedSequence:
    return pack_padded_sequence(x, torch.tensor([3, 5, 2]), enforce_sorted=False)


def sequence() -> torch.Tensor:
    return torch.randn(5, 3, 4, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("layer", ["RNN", "LSTM", "GRU"])
def test_packed_sequences(layer: str) -> None:
    """The output is that of a hand-written module, also where the packed sequence determines a size."""
    x = sequence()
    model = u.transform(lambda x: getattr(u, layer)(None, 6)(pack(x)), backend="torch").init(x, rng=0)
    twin = getattr(nn, layer)(4, 6)
    twin.load_state_dict({name.partition(".")[2]: value for name, value in model.state_dict().items()})
    (output, states), (expected, expected_states) = model(x), twin(pack(x))
    assert torch.equal(output.data, expected.data)
    torch.testing.assert_close(states, expected_states)


# Dropout so rare that it never happens: a portable layer must then compute the same as torch's.
NEVER = 1e-12
VARIANTS = [
    ("RNN", {}),
    ("RNN", {"nonlinearity": "relu", "bias": False}),
    ("GRU", {"batch_first": True, "bidirectional": True}),
    ("LSTM", {"bias": False}),
    ("LSTM", {"batch_first": True, "bidirectional": True, "proj_size": 2}),
]


def portable(layer: str, prepare: Any, p: float, **options: Any) -> Any:
    """Return a model of three portable layers in training, applied to `prepare(input)`, and `torch.nn`'s layers."""
    twin = getattr(nn, layer)(4, 6, 3, dropout=p, **options)
    module = getattr(portable_recurrent, layer)(4, 6, 3, dropout=p, **options)
    module.load_state_dict(twin.state_dict())
    module.__dict__["_path"] = layer.lower()

    def body(module, x):
        u.random.bernoulli(0.5, ())  # tells init that calls draw random numbers
        return module(prepare(x))

    model = u.transform(body, module, backend="torch", rng="portable").init(sequence(), rng=0)
    module.train()
    return model, twin.eval()


@pytest.mark.parametrize(("layer", "options"), VARIANTS, ids=str)
@pytest.mark.parametrize("prepare", [lambda x: x, lambda x: x[:, 0], pack], ids=["batch", "single", "packed"])
@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")
def test_portable_layers_are_torchs_but_for_the_masks(layer: str, options: dict[str, Any], prepare: Any) -> None:
    model, twin = portable(layer, prepare, NEVER, **options)
    output, states = model(sequence())
    expected, expected_states = twin(prepare(sequence()))
    if isinstance(expected, PackedSequence):
        output, expected = output.data, expected.data
    torch.testing.assert_close(output, expected)
    torch.testing.assert_close(states, expected_states)


def test_portable_dropout_drops_between_layers() -> None:
    model, twin = portable("GRU", lambda x: x, 0.5)
    (first, states), (second, _) = model(sequence()), model(sequence())
    assert not torch.equal(first, second)
    torch.testing.assert_close(states[0], twin(sequence())[1][0])  # nothing is dropped before the first layer
    assert (first != 0).all()  # nor after the last


def test_a_packed_sequence_is_an_input() -> None:
    packed = nn.utils.rnn.pack_padded_sequence(torch.randn(5, 3, 4), torch.tensor([5, 3, 2]))
    model = u.transform(lambda p: u.LSTM(4, 6)(p)[0].data, backend="torch").init(packed, rng=0)
    assert model(packed).shape == (10, 6)
    torch.testing.assert_close(model(packed), model.lstm(packed)[0].data)
