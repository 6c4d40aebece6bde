"""A model of Flax as any `nn.Module`: copies, files, dtypes, hooks, torch.func, threads, torch.compile and torch.export."""

import copy
import functools
import io
import pickle
import threading
from typing import Any

import numpy as np
import pytest
import torch
from torch._dynamo.testing import CompileCounter
from torch.nn.utils import prune

from conformance_tests.compat.flax.models import linen, nnx, on_torch, torch_jax
from unified.compat.flax import flax_to_torch


class Net(linen.Module):
    """Of a module's own level, so that it can be pickled."""

    width: int = 4

    @linen.compact
    def __call__(self, x: Any, train: bool) -> Any:
        x = linen.BatchNorm(use_running_average=not train)(linen.Dense(self.width)(x))
        return linen.Dense(2)(linen.Dropout(0.5)(x, deterministic=not train))


X = torch.tensor(np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32))
VARIABLES = Net().init(torch_jax.random.key(0), X, False)


def make(**options: Any) -> Any:
    return flax_to_torch(Net(), VARIABLES, **options)


def test_copies() -> None:
    net = make(rngs=0)
    first = net(X)
    for other in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert torch.equal(other.BatchNorm_0.mean, net.BatchNorm_0.mean)
        before, mean = net.BatchNorm_0.mean.clone(), other.BatchNorm_0.mean.clone()
        second = other(X)
        assert not torch.equal(second, first)  # the copy has the next key
        assert not torch.equal(other.BatchNorm_0.mean, mean)
        assert torch.equal(net.BatchNorm_0.mean, before)
        second.sum().backward()
        assert net.Dense_0.kernel.grad is None
    assert pickle.loads(pickle.dumps(on_torch.float32)) is on_torch.float32  # many modules hold a dtype
    drawing = make(rngs=torch.Generator().manual_seed(0))
    assert torch.equal(copy.deepcopy(drawing)(X), drawing(X))
    file = io.BytesIO()
    torch.save(net.state_dict(), file)
    file.seek(0)
    other = make(rngs=5)
    other.load_state_dict(torch.load(file))
    assert torch.equal(other(X), net(X))
    other.load_state_dict(net.state_dict(), assign=True)
    assert torch.equal(other.eval()(X), net.eval()(X))


def test_an_optimizer_sees_the_same_parameters_after_a_call() -> None:
    net = make()
    before = list(net.parameters())
    net(X).sum().backward()
    assert all(one is other for one, other in zip(before, net.parameters(), strict=True))
    assert all(parameter.grad is not None for parameter in before)


def test_frozen_parameters() -> None:
    net = make().eval()
    net.Dense_0.requires_grad_(False)
    net(X).sum().backward()
    assert net.Dense_0.kernel.grad is None
    assert net.Dense_1.kernel.grad is not None


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_dtypes(dtype: torch.dtype) -> None:
    net = make(rngs=0)
    wanted = copy.deepcopy(net).eval()(X)
    net.to(dtype)
    net(X.to(dtype)).sum().backward()
    assert net.Dense_0.kernel.grad.dtype is dtype
    assert net.BatchNorm_0.mean.dtype is dtype
    assert net.rng_params.dtype is torch.int64
    wide = make().eval().to(dtype)(X.to(dtype))
    assert wide.dtype is dtype
    torch.testing.assert_close(wide.float(), wanted, rtol=0.05, atol=0.05)


def test_double_computes_in_double() -> None:
    net = make().double().eval()
    x = X.double().requires_grad_()
    assert torch.autograd.gradcheck(net, (x,))


def test_a_trace_without_gradients_serves_calls_with_them() -> None:
    wanted = make().eval()
    wanted(X).sum().backward()
    for mode in (torch.no_grad, torch.inference_mode):
        net = make().eval()
        with mode():
            net(X)
        net(X).sum().backward()
        assert torch.equal(net.Dense_0.kernel.grad, wanted.Dense_0.kernel.grad)


def test_torch_func() -> None:
    net = make().eval()
    params, buffers = dict(net.named_parameters()), dict(net.named_buffers())

    def loss(params: Any, x: torch.Tensor) -> torch.Tensor:
        return torch.func.functional_call(net, (params, buffers), (x[None],)).sum()

    gradients = torch.func.vmap(torch.func.grad(loss), (None, 0))(params, X)
    for number in range(4):
        net.zero_grad()
        net(X[number : number + 1]).sum().backward()
        for path, parameter in net.named_parameters():
            torch.testing.assert_close(gradients[path][number], parameter.grad)
    other = {path: torch.zeros_like(value) for path, value in params.items()}
    assert torch.equal(torch.func.functional_call(net, other, (X,)), torch.zeros(4, 2))


def test_buffers_of_a_functional_call_are_those_that_change() -> None:
    net = make()
    mean = net.BatchNorm_0.mean.clone()
    buffers = {path: value.clone() for path, value in net.named_buffers()}
    torch.func.functional_call(net, buffers, (X,))
    assert torch.equal(net.BatchNorm_0.mean, mean)
    assert not torch.equal(buffers["BatchNorm_0.mean"], mean)


def test_hooks_and_parametrizations() -> None:
    net, calls = make().eval(), []
    net.register_forward_hook(lambda module, args, output: calls.append(output.shape))
    net.Dense_0.kernel.register_hook(lambda gradient: gradient * 0)
    net(X).sum().backward()
    assert calls == [(4, 2)]
    assert not net.Dense_0.kernel.grad.any()

    class Double(torch.nn.Module):
        def forward(self, value: torch.Tensor) -> torch.Tensor:
            return value * 2

    before = net(X)
    torch.nn.utils.parametrize.register_parametrization(net.Dense_1, "kernel", Double())
    torch.testing.assert_close(net(X) - net.Dense_1.bias, 2 * (before - net.Dense_1.bias))


@pytest.mark.filterwarnings("ignore:`torch.nn.utils.weight_norm` is deprecated")
@pytest.mark.parametrize(
    ("change", "kernel"),
    [
        (
            torch.nn.utils.weight_norm,
            lambda dense: dense.kernel_g * dense.kernel_v / dense.kernel_v.norm(dim=1)[:, None],
        ),
        (functools.partial(prune.l1_unstructured, amount=3), lambda dense: dense.kernel_orig * dense.kernel_mask),
    ],
    ids=["weight norm", "pruning"],
)
@pytest.mark.parametrize("nested", [False, True])
def test_tensors_that_hooks_compute_follow_the_parameters(change: Any, kernel: Any, nested: bool) -> None:
    model = linen.Sequential([linen.Dense(2)]) if nested else linen.Dense(2)
    net = flax_to_torch(model, model.init(torch_jax.random.key(0), X))
    dense = net.layers_0 if nested else net
    change(dense, "kernel")
    for parameter in net.parameters():
        torch.nn.init.normal_(parameter)
    wanted = X @ kernel(dense) + dense.bias
    torch.testing.assert_close(net(X), wanted)
    parameters = list(net.parameters())
    gradients = torch.autograd.grad(wanted.sum(), parameters)
    torch.testing.assert_close(torch.autograd.grad(net(X).sum(), parameters), gradients)


@pytest.mark.filterwarnings("ignore:`torch.nn.utils.spectral_norm` is deprecated")
@pytest.mark.parametrize("nested", [False, True])
def test_a_hook_that_iterates_runs_once_in_a_call(nested: bool) -> None:
    model = linen.Sequential([linen.Dense(2)]) if nested else linen.Dense(2)
    net = flax_to_torch(model, model.init(torch_jax.random.key(0), X))
    dense = torch.nn.utils.spectral_norm(net.layers_0 if nested else net, "kernel", dim=1)
    by_hand = torch.nn.utils.spectral_norm(torch.nn.Linear(3, 2))
    state = {name.replace("kernel", "weight"): value.clone() for name, value in dense.state_dict().items()}
    by_hand.load_state_dict({**state, "weight_orig": state["weight_orig"].T})
    for _ in range(2):
        torch.testing.assert_close(net(X), by_hand(X))


def test_two_threads() -> None:
    net = make().eval()
    inputs = [torch.randn(size, 3) for size in range(1, 9)]
    wanted, found = [make().eval()(x) for x in inputs], {}

    def call(numbers: Any) -> None:
        for number in numbers:
            found[number] = net(inputs[number])

    threads = [threading.Thread(target=call, args=(order,)) for order in (range(8), range(7, -1, -1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(torch.equal(found[number], wanted[number]) for number in range(8))
    with pytest.raises(TypeError, match="DistributedDataParallel"):
        net._replicate_for_data_parallel()


def test_names_of_attributes_of_modules() -> None:
    class Names(linen.Module):
        @linen.compact
        def __call__(self, x: Any) -> Any:
            for name in ("type", "train", "forward", "training", "_modules", "weight"):
                x = linen.Dense(3, name=name)(x)
            return x

    net = flax_to_torch(Names(), Names().init(torch_jax.random.key(0), X))
    assert list(net.state_dict())[:4] == ["type.kernel", "type.bias", "train.kernel", "train.bias"]
    other = copy.deepcopy(net.train().eval().to(torch.float32))
    other.load_state_dict(net.state_dict())
    assert torch.equal(other(X), net(X))
    assert torch.equal(net.get_parameter("type.kernel"), dict(net.named_parameters())["type.kernel"])
    assert not net.training


def test_compiled() -> None:
    torch._dynamo.reset()
    counter = CompileCounter()
    net, eager = make(), make()
    compiled = torch.compile(net, backend=counter, fullgraph=True)
    for mode in (True, False):
        net.train(mode), eager.train(mode)
        for x in (X, X * 2, X[:2], X[:3]):
            torch.manual_seed(0)
            found = compiled(x)
            torch.manual_seed(0)
            wanted = eager(x)
            torch.testing.assert_close(found, wanted)
        torch.testing.assert_close(net.BatchNorm_0.mean, eager.BatchNorm_0.mean)
    # Each batch size has a trace, hence a graph of its own.
    assert counter.frame_count == 6


@pytest.mark.slow
def test_compiled_gradients_keys_and_nnx() -> None:
    torch._dynamo.reset()
    net, eager = make(rngs=0), make(rngs=0)
    compiled = torch.compile(net, fullgraph=True, backend="aot_eager")
    for _ in range(2):
        compiled(X).sum().backward()
        eager(X).sum().backward()
        for one, other in zip(net.parameters(), eager.parameters(), strict=True):
            torch.testing.assert_close(one.grad, other.grad)
    torch.testing.assert_close(dict(net.named_buffers()), dict(eager.named_buffers()))
    found = compiled(X, rngs={"dropout": torch_jax.random.key(3)})
    torch.testing.assert_close(found, eager(X, rngs={"dropout": torch_jax.random.key(3)}))

    model = nnx.Sequential(
        nnx.Linear(3, 4, rngs=nnx.Rngs(0)), nnx.Dropout(0.5, rngs=nnx.Rngs(1)), nnx.BatchNorm(4, rngs=nnx.Rngs(0))
    )
    net, eager = flax_to_torch(model), flax_to_torch(model)
    compiled = torch.compile(net, fullgraph=True, backend="aot_eager")
    for _ in range(2):
        torch.testing.assert_close(compiled(X), eager(X))
    torch.testing.assert_close(dict(net.named_buffers()), dict(eager.named_buffers()))


def test_exported() -> None:
    net = make().eval()
    program = torch.export.export(net, (X,))
    torch.testing.assert_close(program.module()(X), net(X))
    assert set(program.state_dict) == set(net.state_dict())
    net.Dense_0.kernel.grad = None
    net(X).sum().backward()  # the trace that export made is a real one
    assert net.Dense_0.kernel.grad is not None


def test_repr() -> None:
    text = repr(make())
    assert text.startswith("Net(")
    assert "(Dense_0): Dense_0()" in text
