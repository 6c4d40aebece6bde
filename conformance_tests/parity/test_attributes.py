"""Attributes of modules and layers: layers in them have one path, and state in them is refused, on both frameworks."""

import copy
import io
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
import torch
from torch import nn

import unified as u
import unified.functional as F
from unified.testing import assert_parity

X = np.random.default_rng(0).standard_normal((3, 4), dtype=np.float32)


def array(backend: str) -> Any:
    return torch.tensor(X) if backend == "torch" else jnp.asarray(X)


class Adapted(u.Linear):
    def __init__(self, size: int, rank: int) -> None:
        super().__init__(size, size)
        self.down = u.Linear(size, rank, bias=False)
        self.up = u.Linear(rank, size, bias=False)

    def forward(self, x: Any) -> Any:
        return super().forward(x) + self.up(self.down(x)) + u.Linear(4, 4, name="late")(x)


class Early(u.Linear):
    """Builds layers before and after the constructor of its base, alone, in a container and in a list."""

    def __init__(self, size: int) -> None:
        self.before = u.Sequential(u.Linear(size, size), u.ReLU(), u.Linear(size, size))
        super().__init__(size, size)
        self.layers = [u.Linear(size, size) for _ in range(2)]

    def forward(self, x: Any) -> Any:
        x = super().forward(self.before(x))
        for layer in self.layers:
            x = u.Linear(4, 4)(layer(x))
        return x


class Swapped(u.Linear):
    """Its attributes have the names of each other's layers."""

    def __init__(self) -> None:
        super().__init__(4, 4)
        self.linear_1 = u.Linear(4, 4)
        self.linear = u.Linear(4, 4)

    def forward(self, x: Any) -> Any:
        return self.linear(F.tanh(self.linear_1(super().forward(x))))


class Encoder(u.TransformerEncoderLayer):
    def __init__(self) -> None:
        super().__init__(4, 2, 8, dropout=0.0, batch_first=True)
        self.adapter = u.Linear(4, 4)
        self.last = u.LayerNorm(4)

    def forward(self, x: Any) -> Any:
        return self.last(self.adapter(super().forward(x)))


class Block(u.Module):
    def __call__(self, x: Any) -> Any:
        return F.tanh(u.Linear(4, 4)(x))


class WithModule(u.Linear):
    def __init__(self) -> None:
        super().__init__(4, 4)
        self.block = Block()

    def forward(self, x: Any) -> Any:
        return super().forward(self.block(x))


class Sharing(u.Linear):
    """Keeps a layer that was made elsewhere."""

    def __init__(self, layer: Any) -> None:
        super().__init__(4, 4)
        self.shared = layer

    def forward(self, x: Any) -> Any:
        return super().forward(self.shared(x))


def adapted(x: Any) -> Any:
    return u.Linear(4, 4)(Adapted(4, 2)(x)) + Adapted(4, 3)(x)


def sharing(x: Any) -> Any:
    layer = u.Linear(4, 4)
    return Sharing(layer)(layer(x))


class Outer(u.Module):
    def __init__(self) -> None:
        self.inner = Adapted(4, 2)

    def __call__(self, x: Any) -> Any:
        return self.inner(self.inner(x))


def names(prefix: str, *layers: str) -> list[str]:
    return [f"{prefix}{layer}/{leaf}" for layer in layers for leaf in ("weight", "bias")]


LORA = [
    "adapted/weight",
    "adapted/bias",
    "adapted/linear/weight",
    "adapted/linear_1/weight",
    *names("adapted/", "late"),
]
EARLY = [*names("", "early"), *names("early/sequential/", "0", "2")]
BODIES = {
    "adapted": (
        adapted,
        [*LORA, *names("", "linear"), *(path.replace("adapted", "adapted_1", 1) for path in LORA)],
    ),
    "early": (
        lambda x: Early(4)(x),
        [*EARLY, *names("early/", "linear", "linear_1", "linear_2", "linear_3")],
    ),
    "swapped": (lambda x: Swapped()(x), names("", "swapped", "swapped/linear", "swapped/linear_1")),
    "encoder": (lambda x: Encoder()(x[None])[0], None),
    "module": (lambda x: WithModule()(x), names("", "with_module", "with_module/block/linear")),
    "sharing": (sharing, names("", "linear", "sharing")),
    "in a module": (lambda x: Outer()(x), [f"outer/{path}" for path in LORA]),
}


@pytest.mark.parametrize("name", BODIES)
def test_layers_of_a_subclass_are_named_under_it_once(name: str) -> None:
    body, paths = BODIES[name]
    x = torch.tensor(X)
    model = u.transform(body, backend="torch", rng="portable").init(x, rng=0)
    params = u.transform(body, backend="jax").init(X, rng=0)
    assert list(model.params) == list(params)
    assert [key.replace(".", "/") for key in model.state_dict()] == list(model.params)
    assert paths is None or list(params) == paths
    assert list(model.params.graph.walk()) == list(params.graph.walk())
    assert_parity(body, X, rng=2)


@pytest.mark.parametrize("name", BODIES)
def test_torch_takes_such_a_layer_as_any(name: str) -> None:
    body, _ = BODIES[name]
    x = torch.tensor(X)
    model = u.transform(body, backend="torch").init(x, rng=0).eval()
    expected = model(x)
    torch.testing.assert_close(copy.deepcopy(model)(x), expected)
    torch.testing.assert_close(model.apply(model.params, x)[0], expected)
    torch.testing.assert_close(torch.func.functional_call(model, dict(model.named_parameters()), (x,)), expected)
    torch._dynamo.reset()
    torch.testing.assert_close(torch.compile(model, fullgraph=True, backend="eager")(x), expected)
    torch.testing.assert_close(torch.export.export(model, (x,)).module()(x), expected)
    file = io.BytesIO()
    torch.save(model.state_dict(), file)
    file.seek(0)
    other = u.transform(body, backend="torch").init(x, rng=1).eval()
    other.load_state_dict(torch.load(file))
    torch.testing.assert_close(other(x), expected)


def test_a_layer_of_a_subclass_can_be_swapped() -> None:
    x = torch.tensor(X)
    model = u.transform(lambda x: Adapted(4, 2)(x), backend="torch").init(x, rng=0)
    before = model(x)
    model.adapted.linear = nn.Linear(4, 2, bias=False)
    assert model.adapted.down is model.adapted.linear
    assert not torch.equal(model(x), before)


class Counter(u.Module):
    def __init__(self) -> None:
        self.count = 0

    def __call__(self, x: Any) -> Any:
        self.count = self.count + 1
        return u.Linear(4, 4)(x)


class ClassCounter(u.Module):
    count = 0

    def __call__(self, x: Any) -> Any:
        self.count += 1
        return x


@dataclass
class DataCounter(u.Module):
    count: int = 0

    def __call__(self, x: Any) -> Any:
        self._step()
        return x

    def _step(self) -> None:
        self.count += 1


class SlotCounter(u.Module):
    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, x: Any) -> Any:
        self.count += 1
        return x


class Flag(u.Module):
    def __init__(self) -> None:
        self.seen = False

    def __call__(self, x: Any) -> Any:
        if u.is_training():
            self.seen = True
        return x


class Mean(u.Module):
    def __init__(self, like: Any) -> None:
        self.mean = like * 0

    def __call__(self, x: Any) -> Any:
        self.mean = 0.9 * self.mean + 0.1 * x.mean(0)
        return x - self.mean


class Cache(u.Module):
    def __init__(self) -> None:
        self.cache = None

    def __call__(self, x: Any) -> Any:
        self.cache = x
        return x


class CarriedPair(u.Module):
    def __init__(self, x: Any) -> None:
        self.state = (x, x)

    def __call__(self, x: Any) -> Any:
        self.state = (self.state[1], x)
        return x


class History(u.Module):
    def __init__(self) -> None:
        self.history: list[Any] = []

    def __call__(self, x: Any) -> Any:
        self.history.append(x)
        return x


class Table(u.Module):
    def __init__(self) -> None:
        self.table: dict[str, Any] = {"n": 0}

    def update(self, x: Any) -> Any:
        self.table["n"] += 1
        return x

    def __call__(self, x: Any) -> Any:
        return self.update(x)


class NumpyCounter(u.Module):
    def __init__(self) -> None:
        self.count = np.zeros(2)

    def __call__(self, x: Any) -> Any:
        self.count[0] += 1
        return x


class InALoop(u.Module):
    def __init__(self) -> None:
        self.count = 0

    def __call__(self, x: Any, _: Any = None) -> Any:
        self.count += 1
        return x, x


class LayerCounter(u.Linear):
    def __init__(self) -> None:
        super().__init__(4, 4)
        self.count = 0

    def forward(self, x: Any) -> Any:
        self.count += 1
        return super().forward(x)


STATE = {
    "counter": (lambda x: Counter()(x), "count"),
    "class attribute": (lambda x: ClassCounter()(x), "count"),
    "dataclass": (lambda x: DataCounter()(x), "count"),
    "slot": (lambda x: SlotCounter()(x), "count"),
    "flag": (lambda x: Flag()(x), "seen"),
    "mean": (lambda x: Mean(x[0])(x), "mean"),
    "cache": (lambda x: Cache()(x), "cache"),
    "pair": (lambda x: CarriedPair(x * 0)(x), "state"),
    "list": (lambda x: History()(x), "history"),
    "dict": (lambda x: Table()(x), "table"),
    "NumPy": (lambda x: NumpyCounter()(x), "count"),
    "loop": (lambda x: u.scan(InALoop(), x[0], x)[0], "count"),
    "layer": (lambda x: LayerCounter()(x), "count"),
}


@pytest.mark.parametrize("name", STATE)
def test_state_in_an_attribute(unified_backend: str, name: str) -> None:
    body, field = STATE[name]
    with pytest.raises(ValueError, match=rf"changed the field '{field}' .*u\.set_state\('{field}', value\)"):
        u.transform(body).init(array(unified_backend), rng=0)


def test_a_tensor_that_is_changed_in_place() -> None:
    class Total(u.Module):
        def __init__(self) -> None:
            self.total = torch.zeros(4)

        def __call__(self, x: torch.Tensor) -> torch.Tensor:
            self.total.add_(x.sum(0))
            return x

    with pytest.raises(ValueError, match="changed the field 'total'"):
        u.transform(lambda x: Total()(x), backend="torch").init(torch.tensor(X), rng=0)


class Harmless(u.Module):
    """What a module may keep: what its constructor computes, what follows from the input, and parts of one call."""

    kinds: tuple[str, ...] = ("a", "b")

    def __init__(self, width: int) -> None:
        self.width = width
        self.doubled = width * 2
        self.size: int | None = None
        self.depth = 0
        self.layer: Any = None
        self.layers: list[Any] = []
        self.positions = np.arange(4.0)
        self.sizes: dict[str, int] = {}
        self.activation: Any = F.relu
        self.first = u.Linear(4, 4)

    def __call__(self, x: Any) -> Any:
        if self.size is None:
            self.size = x.shape[-1]
        self.depth += 1
        self.hidden = self.first(x)
        self.hidden = self.activation(self.hidden) * self.doubled
        self.layer = u.Linear(self.size, self.width)
        self.layers.append(u.Linear(4, 4))
        self.sizes["x"] = x.shape[0]
        self.activation = F.tanh
        self.width = self.width
        self.depth -= 1
        return self.layer(self.hidden) + self.layers[0](x)


def test_attributes_that_are_no_state() -> None:
    assert_parity(lambda x: Harmless(4)(x), X)


def test_state_in_variables() -> None:
    """The cure that the error names."""

    class Cured(u.Module):
        def __call__(self, x: Any) -> Any:
            count = u.get_state("count", ())
            u.set_state("count", count + 1)
            return x + count

    x = torch.tensor(X)
    model = u.transform(lambda x: Cured()(x), backend="torch").init(x, rng=0)
    for step in range(3):
        torch.testing.assert_close(model(x), x + step)
    assert_parity(lambda x: Cured()(x), X)
