"""Models that are initialised without memory and filled later, whole or by shards: the bits of init."""

import resource
from typing import Any

import pytest
import torch
from torch import nn

import unified as u

TOKENS = torch.zeros(2, 5, dtype=torch.long)


class Scaled(u.Module):
    def __init__(self, width: int) -> None:
        self.width = width
        self.linear = u.Linear(width, width)

    def __call__(self, x: Any) -> Any:
        halves = u.get_parameter("scale", self.width, init_fn=lambda shape, dtype: torch.full(shape, 0.5, dtype=dtype))
        return self.linear(x) * halves


def doubled(layer: Any) -> None:
    layer.weight.data.mul_(2)
    nn.init.ones_(layer.bias)


def forward(tokens: Any) -> Any:
    embedding = u.Embedding(16, 8, padding_idx=3)
    x = Scaled(8)(embedding(tokens))
    x = u.layer_stack(3)(lambda x: u.Dropout(0.1)(u.Linear(8, 8)(x)))(x)
    x = u.layer_stack(2, name="changed")(lambda x: u.Linear(8, 8, init_fn=doubled)(x))(x)
    x = u.vmap(lambda x: u.Linear(8, 8, name="columns")(x), in_axes=0, variable_axes={"params": 1})(x)
    x = u.BatchNorm1d(8)(u.Linear(None, 8, init_fn=doubled)(x).reshape(-1, 8)).reshape(x.shape)
    x = u.GRU(8, 8, batch_first=True)(x)[0]
    x = u.Linear(8, 8, init_fn=u.initializers.orthogonal(), name="rotation")(x)
    x = u.MultiheadAttention(8, 2, batch_first=True)(x, x, x)[0]
    x = u.Linear(8, 8, init_fn=nn.init.xavier_normal_, name="by_torch")(x)
    x = u.weight_norm(u.Linear(8, 8, name="normed"))(x)
    x = u.spectral_norm(u.Linear(8, 8, name="bounded"))(x)
    head = u.Linear(8, 16, name="head")
    head.weight = embedding.weight
    return head(x)


@pytest.mark.parametrize("options", [{}, {"rng": "portable"}, {"stacks": "separate"}], ids=str)
def test_the_bits_of_init(options: Any) -> None:
    whole = u.transform(forward, backend="torch", **options).init(TOKENS, rng=5)
    net = u.transform(forward, backend="torch", **options)
    with torch.device("meta"):
        net.init(TOKENS)
    assert all(tensor.is_meta for path, tensor in net.params.items() if not path.startswith("rng/"))
    net.to_empty(device="cpu")
    assert net.head.weight is net.embedding.weight
    for tensor in net.params.values():
        tensor.data.fill_(7)
    assert net.reset(rng=5) is net
    assert list(net.params) == list(whole.params)
    for path, tensor in whole.params.items():
        assert torch.equal(net.params[path], tensor), path
    net.half().reset(rng=5)
    for path, tensor in whole.half().params.items():
        assert torch.equal(net.params[path], tensor), path
    assert torch.equal(net.eval()(TOKENS), whole.eval()(TOKENS))


def test_some_variables_and_a_seed_of_torch() -> None:
    net = u.transform(forward, backend="torch").init(TOKENS, rng=5)
    before = {path: tensor.clone() for path, tensor in net.params.items()}
    net.reset("scaled/*", rng=6)
    changed = [path for path, tensor in net.params.items() if not torch.equal(tensor, before[path])]
    assert changed == ["scaled/linear/weight", "scaled/linear/bias"]  # `scale` has no random values
    torch.manual_seed(0)
    drawn = u.transform(forward, backend="torch").init(TOKENS).params
    torch.manual_seed(0)
    assert net.reset().params["scaled/linear/weight"].equal(drawn["scaled/linear/weight"])


def test_what_cannot_be_reset() -> None:
    class Custom(u.Module):
        def __init__(self) -> None:
            self.linear = u.Linear(8, 8)

        def __call__(self, x: Any) -> Any:
            return self.linear(x)

    def body(x: Any) -> Any:
        zeroed = Custom(init_fn=lambda module: nn.init.zeros_(module.linear.weight))  # type: ignore[call-arg]
        return u.wrap(lambda: nn.PReLU(), name="native")(u.Linear(8, 8, name="last")(zeroed(x)))

    x = torch.ones(1, 8)
    net = u.transform(body, backend="torch")
    with pytest.raises(u.NotInitializedError, match="reset"):
        net.reset(rng=0)
    with torch.device("meta"):
        net.init(x)
    with pytest.raises(ValueError, match=r"'custom/linear/bias' is on the meta device.*to_empty"):
        net.reset("custom/linear/bias", rng=0)
    net.to_empty(device="cpu")
    with pytest.raises(ValueError, match="'custom/linear/weight' are not known here: the init_fn of a module"):
        net.reset(rng=0)
    net.reset(u.filters.not_("custom/linear/weight"), rng=0)
    assert torch.equal(
        net.params["last/weight"], u.transform(body, backend="torch").init(x, rng=0).params["last/weight"]
    )
    assert net.params["native/weight"].item() == 0.25  # by its reset_parameters

    def reading(x: Any) -> Any:
        return u.Linear(8, 8)(x) if u.Linear(8, 1)(x).sum().item() < 1e9 else x

    with pytest.raises(ValueError, match="does not run without memory"):
        u.transform(reading, backend="torch").init(x, rng=0).reset(rng=0)


def transformer(tokens: Any) -> Any:
    """7 B parameters."""
    x = u.Embedding(32000, 4096)(tokens)
    for _ in range(36):
        x = u.TransformerEncoderLayer(4096, 32, 16384, batch_first=True, norm_first=True)(x)
    return u.Linear(4096, 32000, name="head")(x)


@pytest.mark.slow
def test_a_large_model_without_memory() -> None:
    with torch.device("meta"):
        u.transform(forward, backend="torch").init(TOKENS)  # what is imported on the way is no memory of the model
    before = resource.getrusage(resource.RUSAGE_SELF)
    net = u.transform(transformer, backend="torch")
    with torch.device("meta"):
        net.init(TOKENS)
    after = resource.getrusage(resource.RUSAGE_SELF)
    assert sum(parameter.numel() for parameter in net.parameters()) > 7e9
    assert (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime) < 2
    assert after.ru_maxrss - before.ru_maxrss < 200 * 1024
