"""Stacks of layers on torch: separate layers are modules for every tool, stacked ones refuse what would be wrong."""

import copy
import gc
import pickle
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations, prune, weight_norm

import unified as u
import unified.functional as F

# what torch deprecates here is used all the same
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*weight_norm.* is deprecated:FutureWarning"),
    pytest.mark.filterwarnings("ignore:.*torch.ao.quantization is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:torch.quantize_per_tensor.*are deprecated:UserWarning"),
]

X = torch.randn(3, 8, generator=torch.Generator().manual_seed(0))


def forward(x: Any) -> Any:
    return u.layer_stack(3, name="h")(lambda x: x + F.tanh(u.Linear(8, 8)(x)))(x)


class ByHand(nn.Module):
    """The same model, written by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.h = nn.ModuleList(nn.ModuleDict({"linear": nn.Linear(8, 8)}) for _ in range(3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer in self.h:
            x = x + layer["linear"](x).tanh()
        return x


@pytest.fixture
def net() -> Any:
    return u.transform(forward, backend="torch").init(X, rng=0)


@pytest.fixture
def separate() -> Any:
    return u.transform(forward, backend="torch", stacks="separate").init(X, rng=0)


@pytest.fixture
def by_hand(separate: Any) -> ByHand:
    model = ByHand()
    model.load_state_dict(separate.state_dict())
    return model


def linears(model: nn.Module) -> list[nn.Linear]:
    return [module for module in model.modules() if isinstance(module, nn.Linear)]


CHANGES = {
    "weight_norm": parametrizations.weight_norm,
    "old weight_norm": weight_norm,
    "spectral_norm": lambda layer: (torch.manual_seed(0), parametrizations.spectral_norm(layer)),
    "orthogonal": parametrizations.orthogonal,
    "pruning": lambda layer: prune.l1_unstructured(layer, "weight", 0.4),
    "structured pruning": lambda layer: prune.ln_structured(layer, "weight", 0.5, n=2, dim=0),
}


@pytest.mark.parametrize("change", CHANGES)
def test_tools_change_separate_layers_as_modules_written_by_hand(change: str, separate: Any, by_hand: ByHand) -> None:
    torch.testing.assert_close(separate(X), by_hand(X), rtol=0, atol=0)
    for model in (separate, by_hand):
        assert len(linears(model)) == 3
        for layer in linears(model):
            CHANGES[change](layer)
    for model in (separate, by_hand):
        torch.manual_seed(0)
        model(X).sum().backward()
    torch.testing.assert_close(separate.eval()(X), by_hand.eval()(X))
    gradients = [[p.grad for p in model.parameters()] for model in (separate, by_hand)]
    torch.testing.assert_close(*gradients)


@pytest.mark.parametrize("change", CHANGES)
def test_tools_that_change_stacked_layers_are_refused(change: str, net: Any) -> None:
    CHANGES[change](net.h.linear)
    with pytest.raises(u.StructureChangedError, match=r"'h/linear'.* was changed.*stacks='separate'"):
        net(X)


class Adapter(nn.Module):
    """A low-rank adapter, whose matrices could be taken for the slices of three layers."""

    def __init__(self, base: nn.Module) -> None:
        super().__init__()
        self.base = base
        self.down, self.up = nn.Parameter(torch.ones(3, 8)), nn.Parameter(torch.ones(8, 3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.base(x) + x @ self.down.T @ self.up.T


class Packed(nn.Module):
    """A layer whose weight is no tensor, as those of quantized layers."""

    def get_extra_state(self) -> Any:
        return "weight"

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x


@pytest.mark.parametrize("replace", [Adapter, lambda layer: nn.Linear(8, 8), lambda layer: Packed()])
def test_other_layers_in_a_stack_are_refused(replace: Any, net: Any) -> None:
    net.h.linear = replace(net.h.linear)
    with pytest.raises(u.StructureChangedError, match=r"'h/linear' .*no such layer.*stacked=False"):
        net(X)


class Quantized(torch.Tensor):
    """A tensor that cannot be sliced, as those of torchao's quantized weights."""

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is torch.Tensor.unbind:
            raise NotImplementedError("unbind")
        return super().__torch_function__(func, types, args, kwargs or {})


def test_tensors_that_cannot_be_sliced_are_refused(net: Any) -> None:
    net.h.linear.weight = nn.Parameter(net.h.linear.weight.detach().as_subclass(Quantized))
    with pytest.raises(
        u.StructureChangedError, match=r"'weight' of a stacked Linear is now a Quantized.*stacks='separ"
    ):
        net(X)


def test_apply_names_the_conversion_of_params_of_the_other_form(net: Any, separate: Any) -> None:
    for model, other in ((net, separate), (separate, net)):
        with pytest.raises(
            u.StructureChangedError, match=r"'h' is a stack of layers: params\.in_form_of\(net\.params\)"
        ):
            model.apply(other.params, X)
        output, _ = model.apply(other.params.in_form_of(model.params), X)
        torch.testing.assert_close(output, other(X))


def test_what_the_body_itself_puts_into_a_stack_is_accepted() -> None:
    def body(x: Any) -> Any:
        def layer(x: Any) -> Any:
            normed = u.Linear(8, 8, init_fn=parametrizations.weight_norm)(x)
            return u.wrap(Packed)(normed) * u.get_parameter("scale", (8,), u.initializers.ones)

        return u.layer_stack(3)(layer)(x)

    stacked, separate = (u.transform(body, backend="torch", stacks=form).init(X, rng=0) for form in (None, "separate"))
    torch.testing.assert_close(stacked(X), separate.load_params(stacked.params)(X))
    assert "layer_stack.linear.parametrizations.weight.original0" in stacked.state_dict()


def test_modules_without_variables_may_stand_in_a_stack(net: Any) -> None:
    net.h.linear = nn.Identity()
    expected = X
    for _ in range(3):
        expected = expected + expected.tanh()
    torch.testing.assert_close(net(X), expected)


def test_torch_fx_follows_separate_layers_alone(net: Any, separate: Any) -> None:
    with pytest.raises(u.BackendError, match=r"cannot follow the stacked layers of 'h'.*stacks='separate'"):
        torch.fx.symbolic_trace(net)
    torch.testing.assert_close(torch.fx.symbolic_trace(separate)(X), separate(X))


def test_dynamic_quantization(net: Any, separate: Any, by_hand: ByHand) -> None:
    models = [torch.ao.quantization.quantize_dynamic(model.eval(), {nn.Linear}) for model in (separate, by_hand)]
    assert type(models[0].h.get_submodule("0").linear) is torch.ao.nn.quantized.dynamic.Linear
    torch.testing.assert_close(models[0](X), models[1](X))
    with pytest.raises(RuntimeError, match="should be 2-dimensional"):  # torch's own refusal
        torch.ao.quantization.quantize_dynamic(net.eval(), {nn.Linear})


def reset(module: nn.Module) -> None:
    if hasattr(module, "reset_parameters"):
        module.reset_parameters()


@pytest.mark.parametrize("twin", [lambda net: net, copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))])
def test_stacked_layers_are_reset_slice_by_slice(twin: Any, net: Any, by_hand: ByHand) -> None:
    model = twin(net)
    for resets in (model, by_hand):
        torch.manual_seed(0)
        resets.apply(reset)
    layers = linears(by_hand)
    torch.testing.assert_close(model.h.linear.weight, torch.stack([layer.weight for layer in layers]), rtol=0, atol=0)
    torch.testing.assert_close(model.h.linear.bias, torch.stack([layer.bias for layer in layers]), rtol=0, atol=0)
    torch.testing.assert_close(model(X), by_hand(X))
    assert model.h.linear.weight.requires_grad and isinstance(model.h.linear.weight, nn.Parameter)


def test_layers_in_stacks_of_stacks_are_reset_slice_by_slice() -> None:
    def body(x: Any) -> Any:
        def layer(x: Any) -> Any:
            return u.MultiheadAttention(8, 2, name="attention")(x, x, x)[0] + u.BatchNorm1d(8, name="norm")(x)

        run = lambda x: u.layer_stack(2, name="h")(layer)(x)  # noqa: E731
        return u.vmap(run, None, axis_size=3, variable_axes={"params": -1, "state": 0}, name="members")(x)

    stack = u.transform(body, backend="torch").init(X, rng=0).members.h
    stack.norm.running_var.fill_(7)
    stack.norm.reset_parameters()
    assert (stack.norm.running_var == 1).all() and (stack.norm.weight == 1).all()
    torch.manual_seed(0)
    expected = nn.MultiheadAttention(8, 2)
    torch.manual_seed(0)
    stack.attention._reset_parameters()
    torch.manual_seed(0)
    for member in range(3):
        for layer in range(2):
            expected._reset_parameters()
            slice_ = stack.attention.in_proj_weight.select(-1, member)[layer]
            torch.testing.assert_close(slice_, expected.in_proj_weight, rtol=0, atol=0)


def test_a_model_with_a_stack_is_freed_at_once(net: Any) -> None:
    model = copy.deepcopy(net)
    layer = weakref.ref(model.h.linear)
    gc.disable()
    try:
        del model
        assert layer() is None
    finally:
        gc.enable()


@pytest.fixture
def no_recompilation() -> Iterator[None]:
    torch._dynamo.reset()
    with torch._dynamo.config.patch(error_on_recompile=True):
        yield
    torch._dynamo.reset()


def scanned(x: Any) -> Any:
    return u.scan(lambda c, x: (u.Linear(8, 8)(c) + x, c), x[0], x, variable_axes={"params": 0})[1]


def ensemble(x: Any) -> Any:
    return u.vmap(lambda x: u.Linear(8, 8)(x), None, axis_size=2, variable_axes={...: 0})(x)


SLOW = (pytest.param(body, marks=pytest.mark.slow) for body in (scanned, ensemble))


@pytest.mark.parametrize("body", [forward, *SLOW])
@pytest.mark.usefixtures("no_recompilation")
def test_models_of_one_function_share_compiled_code(body: Any) -> None:
    for seed in range(3):
        model = u.transform(body, backend="torch").init(X, rng=seed)
        compiled = torch.compile(model, backend="eager", fullgraph=True)
        torch.testing.assert_close(compiled(X), model(X))


def two_recurrent_layers(x: Any) -> Any:
    return u.vmap(lambda x: u.LSTM(3, 2)(x)[0], None, axis_size=2, variable_axes={...: 0})(x)


def test_weights_of_recurrent_layers_are_laid_out_for_no_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """`net.to` asks cuDNN, on a GPU, to lay out the weights of each recurrent layer, which a stack are not."""
    x = torch.ones(4, 1, 3)
    net = u.transform(two_recurrent_layers, backend="torch").init(x, rng=0)
    expected = net(x)

    def refuse(self: Any) -> None:
        raise AssertionError(f"{type(self).__name__} was laid out")

    monkeypatch.setattr(torch.nn.RNNBase, "flatten_parameters", refuse)
    for moved in (net.to("cpu"), net.float(), copy.deepcopy(net), pickle.loads(pickle.dumps(net)).float()):
        torch.testing.assert_close(moved(x), expected)
