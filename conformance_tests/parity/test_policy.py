"""Mixed precision: the same dtypes everywhere on both frameworks, and numbers as near as those allow."""

import copy
import pickle
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
import unified.functional as F

Policy = u.Policy
BF16 = Policy(compute="bfloat16", output="float32")
X = np.random.default_rng(0).standard_normal((6, 3, 8, 8)).astype(np.float32)


class Head(u.Module):
    def __call__(self, x: Any) -> Any:
        return u.Linear(None, 3)(x)


def forward(x: Any) -> Any:
    x = F.relu(u.BatchNorm2d(None)(u.Conv2d(None, 8, 3, padding=1)(x)))
    x = u.TransformerEncoderLayer(64, 4, 32, dropout=0.0, batch_first=True)(u.Flatten(2)(x))
    x, _ = u.LSTM(64, 16, batch_first=True)(u.LayerNorm(None)(x))
    return Head()(x)


def both(policy: Any) -> tuple[Any, u.Params, Any]:
    net = u.transform(forward, backend="jax", policy=policy)
    model = u.transform(forward, backend="torch", rng="portable", policy=policy).init(torch.tensor(X), rng=1)
    return net, net.init(X, rng=1), model


POLICIES = {
    "float16": Policy(compute="float16", output="float32"),
    "bfloat16": BF16,
    "kept in bfloat16": Policy("bfloat16", "bfloat16", "bfloat16"),
    "by path": {"head/*": Policy(compute="float32"), "conv2d": Policy("bfloat16", "bfloat16"), "*": BF16},
    "nothing": Policy(),
    "output alone": Policy(output="float16"),
    "wide": Policy(compute="float32"),
}


@pytest.mark.parametrize("name", POLICIES)
def test_dtypes_and_numbers(name: str) -> None:
    net, params, model = both(POLICIES[name])
    assert model.params._structure.infos == params._structure.infos == net.eval_shape(X)._structure.infos
    for path, value in model.params.items():
        array = params[path]
        assert value.dtype == getattr(torch, "int64" if path.endswith("tracked") else str(array.dtype))
        np.testing.assert_array_equal(np.asarray(array, np.float32), value.detach().float().numpy())
    apply = jax.jit(lambda params, x: net.apply(params, x, training=True, capture=...))
    found, of_jax = apply(params, X)
    output, of_torch = model.apply(model.params, torch.tensor(X), training=True, capture=...)
    assert str(output.dtype) == f"torch.{found.dtype}"
    assert list(of_jax) == list(of_torch)
    rounding = 2e-2 if any("16" in str(value.dtype) for value in of_jax.values()) else 1e-4
    if name == "output alone":
        rounding = 2e-3
    for path, value in of_torch.items():
        array = of_jax[path]
        assert str(value.dtype) == f"torch.{'int64' if path.endswith('tracked') else array.dtype}", path
        gap = np.abs(np.asarray(array, np.float32) - value.detach().float().numpy()).max()
        assert gap <= rounding * max(1, value.float().abs().max().item()), path
    statistics = [path for path in of_torch if "running" in path]
    assert len(statistics) == 2
    assert all(of_torch[path].dtype == torch.float32 for path in statistics)


@pytest.mark.slow
def test_gradients_have_the_dtype_of_their_parameters() -> None:
    net, params, model = both(BF16)
    trainable, rest = params.split()
    gradients = jax.grad(lambda trainable: (net.apply(trainable | rest, X)[0] ** 2).mean())(trainable)
    (model.eval()(torch.tensor(X)) ** 2).mean().backward()
    for path, gradient in gradients.items():
        truth = model.params[path].grad
        assert gradient.dtype == np.float32
        assert truth.dtype == torch.float32
        size = max(truth.abs().max().item(), 1e-3)
        assert np.abs(np.asarray(gradient) - truth.numpy()).max() <= 0.1 * size, path


def test_a_policy_changes_the_numbers() -> None:
    """So that the tests above are not about nothing: a bfloat16 product differs from a float32 one."""
    _, _, model = both(BF16)
    plain = u.transform(forward, backend="torch").init(torch.tensor(X), rng=1)
    gap = (model.eval()(torch.tensor(X)) - plain.eval()(torch.tensor(X))).abs().max()
    assert 1e-4 < gap < 5e-2


def test_norms_within_a_layer_compute_in_float32() -> None:
    """As on JAX; kernels of GPUs refuse a lower input beside a norm's float32 parameters."""
    *_, model = both(BF16)
    seen = []
    norm = model.transformer_encoder_layer.norm1
    norm.register_forward_pre_hook(lambda module, args: seen.append((args[0].dtype, module.weight.dtype)))
    norm.register_forward_hook(lambda module, args, output: seen.append(output.dtype))
    model(torch.tensor(X))
    assert seen == [(torch.float32, torch.float32), torch.bfloat16]


def test_a_layer_is_as_it_was_after_a_call_that_failed() -> None:
    _, _, model = both(BF16)
    weight = model.conv2d.weight
    with pytest.raises(RuntimeError):
        model(torch.ones(2, 5, 8, 8))
    assert model.conv2d.weight is weight
    assert isinstance(model.conv2d.weight, torch.nn.Parameter)
    assert weight.dtype == torch.float32
    model(torch.tensor(X))


def test_copies_and_optimizers() -> None:
    model = u.transform(forward, backend="torch", policy=BF16).init(torch.tensor(X), rng=1)
    twin = pickle.loads(pickle.dumps(copy.deepcopy(model)))
    torch.testing.assert_close(twin.eval()(torch.tensor(X)), model.eval()(torch.tensor(X)))
    optimizer = torch.optim.SGD(twin.parameters(), 0.1)
    twin.train()(torch.tensor(X)).square().mean().backward()
    optimizer.step()
    assert not torch.equal(twin.conv2d.weight, model.conv2d.weight)
    assert model.conv2d.weight.grad is None


def test_compiles_without_a_graph_break() -> None:
    def body(x: Any) -> Any:
        return u.LayerNorm(4)(u.TransformerEncoderLayer(4, 2, 8, batch_first=True)(u.Linear(3, 4)(x)))

    x = torch.ones(1, 5, 3)
    model = u.transform(body, backend="torch", policy=BF16).init(x, rng=0).eval()
    compiled = torch.compile(model, backend="aot_eager", fullgraph=True)
    torch.testing.assert_close(compiled(x), model(x), rtol=1e-2, atol=1e-2)


def test_exports_and_does_not_script() -> None:
    x = torch.ones(1, 3)
    model = u.transform(lambda x: u.Linear(3, 2)(x), backend="torch", policy=BF16).init(x, rng=0).eval()
    torch.testing.assert_close(torch.export.export(model, (x,)).module()(x), model(x))
    with pytest.raises(u.BackendError, match=r"torch\.export"):
        torch.jit.script(model)


def test_bad_policies() -> None:
    with pytest.raises(ValueError, match="compute must be one of"):
        Policy(compute="int8")
    with pytest.raises(TypeError, match="policy is a Policy"):
        u.transform(forward, backend="jax", policy={"*": "bfloat16"})
    assert Policy(jnp.bfloat16, torch.float16) == Policy("bfloat16", "float16")
