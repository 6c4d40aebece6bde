"""`unified.compat.blaze` beside blaze itself: its public names, and no others, with its signatures and results."""

import copy
import functools
import inspect
import io
import pickle
from collections.abc import Callable
from types import ModuleType
from typing import Any

import blaze
import numpy as np
import pytest
import torch
from torch import nn
from torch.utils import _pytree as pytree

import unified as u
import unified.compat.blaze as bl
from conformance_tests.parity.cases import CASES
from conformance_tests.parity.cases.recipes import Case, Given, make
from conformance_tests.parity.layer_runner import given_inputs, layer_inputs

LAYERS = [name for name in blaze.__all__ if hasattr(nn, name) and name != "Module"]
LAYER_CASES = [case for case in CASES if case.layer in LAYERS and not case.sizes]
FUNCTIONS = ["get_parameter", "get_state", "set_state", "transform", "wrap"]

pytestmark = [
    pytest.mark.filterwarnings("ignore:enable_nested_tensor"),
    pytest.mark.filterwarnings("ignore:.*dim"),
    pytest.mark.filterwarnings("ignore:Using padding='same'"),
    pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN"),
]


@pytest.fixture(autouse=True)
def _another_backend_is_set():
    """The module runs on torch whatever is chosen."""
    u.set_backend("jax")
    yield
    u.set_backend(None)


def test_names() -> None:
    assert set(bl.__all__) == set(blaze.__all__)
    assert dir(bl) == sorted(blaze.__all__)
    assert all(hasattr(bl, name) for name in blaze.__all__)
    assert {*LAYERS, *FUNCTIONS, "Module", "BlazeModule"} == set(blaze.__all__)


@pytest.mark.parametrize("name", [*FUNCTIONS, "Module.__init__"])
def test_signatures(name: str) -> None:
    ours, theirs = (
        [
            (parameter.name, parameter.kind, parameter.default)
            for parameter in inspect.signature(functools.reduce(getattr, name.split("."), library)).parameters.values()
        ]
        for library in (bl, blaze)
    )
    assert ours == theirs


def test_the_name_in_unified() -> None:
    """`import unified as bl` has the name too, which is not part of its API."""
    model = bl.transform(lambda x: x)
    assert isinstance(model, u.BlazeModule) and isinstance(model, u.Model)
    assert isinstance(u.transform(lambda x: x, backend="torch"), u.BlazeModule)
    assert "BlazeModule" not in u.__all__ and "BlazeModule" not in dir(u)
    with pytest.raises(AttributeError, match="'unified' has no attribute 'Blaze'"):
        _ = u.Blaze


def both(build: Callable[[Any], Callable[..., Any]], *inputs: Any, **options: Any) -> tuple[Any, Any]:
    """Our model of `build(bl)` with the values of blaze's `build(blaze)`, and that one."""
    ours, theirs = bl.transform(build(bl)), blaze.transform(build(blaze))
    ours.init(*inputs, **options)
    theirs.init(*inputs, **options)
    assert isinstance(ours, bl.BlazeModule) and isinstance(ours, nn.Module)
    ours.load_state_dict(without_prototypes(theirs.state_dict()))
    assert_same_state(ours, theirs)
    return ours, theirs


def without_prototypes(names: dict[str, Any]) -> dict[str, Any]:
    """Leave out the layers that blaze keeps beside the copies that a container makes of them."""
    return {name: value for name, value in names.items() if not name.startswith("prototype")}


def spelled(names: dict[str, Any]) -> dict[str, Any]:
    """Blaze's names as ours: `scale` is a variable, and not a module that holds it."""
    return {name.removesuffix(".param").removesuffix(".buf"): value for name, value in names.items()}


def assert_same_state(ours: nn.Module, theirs: nn.Module) -> None:
    state, expected = ours.state_dict(), spelled(without_prototypes(theirs.state_dict()))
    assert state.keys() == expected.keys()
    for name, value in expected.items():
        torch.testing.assert_close(state[name], value, rtol=1e-6, atol=1e-6, msg=name)


def gradients(model: nn.Module, outputs: Any) -> dict[str, torch.Tensor | None]:
    model.zero_grad()
    leaves = [leaf for leaf in pytree.tree_leaves(outputs) if isinstance(leaf, torch.Tensor) and leaf.requires_grad]
    if leaves:
        sum((leaf**2).sum() for leaf in leaves).backward()
    # Blaze joins paths by two underscores, and names a variable that a container shares with a prototype after that.
    parameters = nn.Module.named_parameters(model, remove_duplicate=False)
    return spelled(without_prototypes({name.replace("__", "."): parameter.grad for name, parameter in parameters}))


def assert_same_calls(ours: nn.Module, theirs: nn.Module, *inputs: Any, **options: Any) -> None:
    """Outputs, gradients and state in two calls in training and one in evaluation."""
    for training in (True, True, False):
        results = []
        for model in (ours, theirs):
            torch.manual_seed(1)
            outputs = model.train(training)(*inputs, **options)
            results.append((outputs, gradients(model, outputs)))
        torch.testing.assert_close(*results, rtol=1e-6, atol=1e-6, equal_nan=True)
        assert_same_state(ours, theirs)


def arguments(case: Case | Given, library: ModuleType) -> tuple[list[Any], dict[str, Any]]:
    """The constructor's arguments; layers among them are made by `library`."""

    def argument(value: Any) -> Any:
        if isinstance(value, Given):
            args, kwargs = arguments(value, library)
            return getattr(library, value.layer)(*args, **kwargs, name="prototype")
        array = make(value, np.random.default_rng(5))
        return array if array is value else torch.tensor(array)

    return [*map(argument, case.args)], {name: argument(value) for name, value in case.kwargs.items()}


@pytest.mark.parametrize("case", LAYER_CASES, ids=repr)
def test_layers(case: Case) -> None:
    """Every option of every layer: names, outputs, gradients and state."""

    def build(library: ModuleType) -> Callable[..., Any]:
        def forward(*inputs: Any, **options: Any) -> Any:
            args, kwargs = arguments(case, library)
            return getattr(library, case.layer)(*args, **kwargs)(*inputs, **options)

        return forward

    inputs, options = given_inputs(case, [torch.tensor(array) for array in layer_inputs(case, 0)])
    assert_same_calls(*both(build, *inputs, **options), *inputs, **options)


def test_every_layer_has_a_case() -> None:
    assert {case.layer for case in LAYER_CASES} == set(LAYERS)


class Helpers:
    """Bodies of `library.Module` whose scopes are not obvious."""

    def __init__(self, library: Any) -> None:
        class Layer(library.Module):
            def __call__(self, x: torch.Tensor) -> torch.Tensor:
                return library.Linear(4, 4)(x)

        class HTTPBlock2d(library.Module):
            def __call__(self, x: torch.Tensor) -> torch.Tensor:
                x = library.Linear(4, 4)(x) * library.get_parameter("scale", (4,), torch.ones)
                return self.helped(x)

            def helped(self, x: torch.Tensor) -> torch.Tensor:
                return library.Linear(4, 4)(x)

        class Built(library.Module):
            def __init__(self) -> None:
                super().__init__()
                self.linear = library.Linear(4, 4)

            def __call__(self, x: torch.Tensor) -> torch.Tensor:
                return library.Linear(4, 4)(self.linear(x))

        class Chain(library.Module):
            def __init__(self, *modules: Any, name: str | None = None) -> None:
                super().__init__(name=name)
                self.modules = modules

            def __call__(self, x: torch.Tensor) -> torch.Tensor:
                for module in self.modules:
                    x = module(x)
                return x

        class Extended(Layer):
            def __call__(self, x: torch.Tensor) -> torch.Tensor:
                return library.Linear(4, 4)(super().__call__(super().__call__(x)))

        self.library = library
        self.Layer, self.Block, self.Built, self.Chain, self.Extended = Layer, HTTPBlock2d, Built, Chain, Extended

    def twice(self, x: torch.Tensor) -> torch.Tensor:
        layer = self.Layer()
        return layer(layer(x))

    def two(self, x: torch.Tensor) -> torch.Tensor:
        first, last = self.Layer(), self.Layer()
        return first(last(x))

    def named(self, x: torch.Tensor) -> torch.Tensor:
        return self.Layer(name="top")(self.Layer("top")(x))

    def method(self, x: torch.Tensor) -> torch.Tensor:
        block = self.Block()
        return block.helped(block(x))

    def init(self, x: torch.Tensor) -> torch.Tensor:
        return self.Built()(self.Built()(x))

    def chain(self, x: torch.Tensor) -> torch.Tensor:
        inner = self.Chain(self.Layer(), self.Block(), name="inner")
        layer = self.Layer()
        return layer(self.Chain(layer, inner, layer)(x))

    def parent(self, x: torch.Tensor) -> torch.Tensor:
        return self.Extended()(x)

    def variables(self, x: torch.Tensor) -> torch.Tensor:
        mean = self.library.get_state("mean", (4,), torch.zeros)
        self.library.set_state("mean", 0.9 * mean + 0.1 * x.mean(0))
        self.library.set_state("count", torch.tensor(x.shape[0]))
        return (x - mean) @ self.library.get_parameter("kernel", (4, 3)) + self.library.get_state("offset", (3,))

    def wrapped(self, x: torch.Tensor) -> torch.Tensor:
        x = self.library.wrap(lambda: nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3)))(x)
        return self.library.wrap(lambda: nn.Linear(3, 2), name="last")(x)


BODIES = [name for name, value in vars(Helpers).items() if not name.startswith("_")]


@pytest.mark.parametrize("body", BODIES)
def test_scopes(body: str) -> None:
    x = torch.arange(8.0).reshape(2, 4) / 8
    assert_same_calls(*both(lambda library: getattr(Helpers(library), body), x), x)


def test_init_counts_as_a_call_in_training() -> None:
    def build(library: Any) -> Callable[..., Any]:
        def forward(x: torch.Tensor) -> torch.Tensor:
            count = library.get_state("count", (), torch.zeros)
            library.set_state("count", count + 1)
            return library.BatchNorm1d(4)(x)

        return forward

    x = torch.arange(8.0).reshape(2, 4)
    ours, theirs = bl.transform(build(bl)).init(x), blaze.transform(build(blaze)).init(x)
    assert ours.count == 1 and ours.batch_norm1d.num_batches_tracked == 1
    assert_same_state(ours, theirs)
    assert not bl.transform(build(bl)).eval().init(x).training
    assert [p.grad for p in ours.parameters()] == [None, None]


def test_arguments_are_the_functions() -> None:
    """Also those that `unified.transform` has for itself."""

    def forward(start: int, x: torch.Tensor, backend: str, rng: int, policy: None = None) -> tuple[Any, ...]:
        return start, x, backend, rng, policy

    for library in (blaze, bl):
        model = library.transform(forward, 1, backend="mine", rng=2)
        assert model.init(2)(2) == (1, 2, "mine", 2, None)
    with pytest.raises(TypeError, match="transform takes a function, got 3"):
        bl.transform(3)


def test_raw_variables_are_float32() -> None:
    def build(library: Any) -> Callable[..., Any]:
        return lambda: (library.get_parameter("scale", (2,)), library.get_state("offset", (2,)))

    torch.set_default_dtype(torch.float64)
    try:
        for library in (blaze, bl):
            assert [tensor.dtype for tensor in library.transform(build(library)).init()()] == [torch.float32] * 2
    finally:
        torch.set_default_dtype(torch.float32)


def test_checkpoints_of_blaze_load_below_another_module() -> None:
    x = torch.ones(2, 4)
    theirs = blaze.transform(Helpers(blaze).method).init(x)
    holder = nn.ModuleDict({"model": bl.transform(Helpers(bl).method).init(x)})
    holder.load_state_dict({f"model.{name}": value for name, value in theirs.state_dict().items()})
    assert torch.equal(holder["model"](x), theirs(x))
    with pytest.raises(RuntimeError, match=r'Unexpected key\(s\) in state_dict: "other.param"'):
        holder["model"].load_state_dict({**theirs.state_dict(), "other.param": x})


@pytest.mark.parametrize("library", [blaze, bl], ids=["blaze", "bl"])
def test_errors(library: Any) -> None:
    """Ours are subclasses of what blaze raises."""
    with pytest.raises(RuntimeError):
        library.Linear(2, 3)
    with pytest.raises(RuntimeError):
        library.Module()
    with pytest.raises(RuntimeError):
        library.get_parameter("scale", (3,))
    with pytest.raises(RuntimeError):
        library.transform(lambda x: x)(1)
    with pytest.raises(NotImplementedError, match="Module"):
        library.transform(lambda x: library.Module()(x)).init(1)
    with pytest.raises(TypeError, match=r"nn\.Module, got int"):
        library.transform(lambda x: library.wrap(lambda: 3)).init(1)


class Scaled(bl.Linear):
    """A subclass of a layer."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return 2 * super().forward(x)


class Residual(bl.Module):
    def __init__(self, size: int, init_fn: Any = None) -> None:
        super().__init__(init_fn=init_fn)
        self.size = size

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        return x + bl.PReLU()(Scaled(x.shape[-1], self.size)(x))


def residual(x: torch.Tensor) -> torch.Tensor:
    return Residual(4)(Residual(4)(x))


def test_what_torch_does_with_modules() -> None:
    x = torch.linspace(-1, 1, 8).reshape(2, 4)
    model = bl.transform(residual).init(x)
    assert isinstance(model.residual_1.scaled, Scaled) and isinstance(model.residual.p_re_lu, nn.PReLU)
    file = io.BytesIO()
    torch.save(model, file)
    file.seek(0)
    for twin in (
        copy.deepcopy(model),
        pickle.loads(pickle.dumps(model)),
        torch.load(file, weights_only=False),
        torch.jit.trace(model, x),
        torch.jit.script(model),
        torch.compile(model, fullgraph=True, backend="eager"),
        torch.export.export(model, (x,)).module(),
    ):
        assert torch.equal(twin(x), model(x))


def test_init_fn_of_modules() -> None:
    modules: list[Any] = []
    model = bl.transform(lambda x: Residual(4, init_fn=modules.append)(x)).init(torch.ones(2, 4))
    model(torch.ones(2, 4))
    assert [type(module) for module in modules] == [Residual] and modules[0].size == 4
    assert repr(model).splitlines()[1] == "  (residual): Residual("
