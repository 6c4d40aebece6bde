"""A transformer in everything that torch does with a module: scripts, graphs, exports, copies, checkpoints."""

import copy
import pickle
from typing import Any

import pytest
import torch
from torch import nn

import unified as u
import unified.functional as F

TOKENS = torch.tensor([[1, 2, 3, 4, 0], [4, 3, 2, 1, 0]])
TARGETS = torch.tensor([1, 2])


def encoder(tokens: Any) -> Any:
    """Apply an embedding, two blocks, and a head on the mean."""
    x = u.Embedding(6, 8)(tokens) + u.get_parameter("position", (5, 8), init_fn=u.initializers.normal(std=0.02))
    for _ in range(2):
        x = u.TransformerEncoderLayer(8, 2, 16, dropout=0.1, batch_first=True)(x)
    return u.Linear(8, 3)(x.mean(1))


def stack(tokens: Any) -> Any:
    """Apply `torch.nn`'s own stack, which gets a layer as its argument."""
    x = u.Embedding(6, 8)(tokens)
    layer = u.TransformerEncoderLayer(8, 2, 16, dropout=0.1, batch_first=True)
    return u.Linear(8, 3)(u.TransformerEncoder(layer, 2, u.LayerNorm(8), enable_nested_tensor=False)(x).mean(1))


def attention(tokens: Any) -> Any:
    """Apply attention with a mask, without its weights as output."""
    x = u.Embedding(6, 8)(tokens)
    mask = torch.ones(5, 5, dtype=torch.bool, device=x.device).triu(1)
    x = x + u.MultiheadAttention(8, 2, batch_first=True)(x, x, x, attn_mask=mask, need_weights=False)[0]
    return u.Linear(8, 3)(F.gelu(x).mean(1))


each_body = pytest.mark.parametrize("body", [encoder, stack, attention], ids=lambda body: body.__name__)


@pytest.fixture(autouse=True)
def _no_compiled_code():
    torch._dynamo.reset()
    yield
    torch._dynamo.reset()


def fresh(body: Any) -> Any:
    return u.transform(body, backend="torch").init(TOKENS, rng=0).eval()


def train(model: Any) -> tuple[float, float]:
    """Take a few Adam steps in training mode, and return the loss before and after them."""
    torch.manual_seed(0)
    optimizer, losses = torch.optim.Adam(model.parameters(), lr=0.02), []
    for _ in range(40):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(TOKENS), TARGETS)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses[0], losses[-1]


# torch.nn.TransformerEncoder itself is scripted with this warning.
@pytest.mark.filterwarnings("ignore:'norm' was found in ScriptModule constants")
@each_body
def test_scripted_then_trained(body: Any) -> None:
    model = fresh(body)
    scripted = torch.jit.script(model)
    torch.testing.assert_close(scripted(TOKENS), model(TOKENS), rtol=1e-5, atol=1e-5)
    assert set(scripted.state_dict()) == set(model.state_dict())
    first, last = train(scripted.train())
    assert last < 0.8 * first
    torch.testing.assert_close(model.eval()(TOKENS), scripted.eval()(TOKENS), rtol=1e-5, atol=1e-5)


@each_body
@pytest.mark.parametrize("training", [False, True], ids=["eval", "train"])
def test_compiles_without_a_break(body: Any, training: bool) -> None:
    model = fresh(body).train(training)
    compiled = torch.compile(model, fullgraph=True, backend="eager")
    torch.manual_seed(1)
    expected = model(TOKENS)
    torch.manual_seed(1)
    torch.testing.assert_close(compiled(TOKENS), expected, rtol=1e-5, atol=1e-5)


@each_body
def test_exports(body: Any) -> None:
    model = fresh(body)
    exported = torch.export.export(model, (TOKENS,))
    torch.testing.assert_close(exported.module()(TOKENS), model(TOKENS), rtol=1e-5, atol=1e-5)


@each_body
def test_copies_and_state(body: Any) -> None:
    model = fresh(body)
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        torch.testing.assert_close(twin(TOKENS), model(TOKENS), rtol=0, atol=0)
    other = u.transform(body, backend="torch").init(TOKENS, rng=1).eval()
    other.load_state_dict(model.state_dict())
    torch.testing.assert_close(other(TOKENS), model(TOKENS), rtol=0, atol=0)


def test_a_torch_checkpoint_loads() -> None:
    plain = nn.TransformerEncoder(
        nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 2, nn.LayerNorm(8), enable_nested_tensor=False
    ).eval()
    model = fresh(stack)
    model.transformer_encoder.load_state_dict(plain.state_dict())
    x = torch.randn(2, 5, 8, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(model.transformer_encoder(x), plain(x), rtol=0, atol=0)


def test_training_moves_every_parameter() -> None:
    model = fresh(encoder).train()
    before = {name: value.detach().clone() for name, value in model.named_parameters()}
    first, last = train(model)
    assert last < 0.8 * first
    unmoved = [name for name, value in model.named_parameters() if torch.equal(value, before[name])]
    assert unmoved == []
