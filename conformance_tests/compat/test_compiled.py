"""Ports under `torch.compile`: no graph break, one compilation, and dm-haiku's numbers."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import haiku
import jax
import numpy as np
import pytest
import torch

import unified as u
import unified.compat.haiku as hk
import unified.compat.jax as ujax


def quick(names: Any, *chosen: str) -> list[Any]:
    """Return the names as parameters, all marked `slow` but those that are chosen."""
    return [pytest.param(name, marks=() if name in chosen else pytest.mark.slow) for name in names]


@pytest.fixture(autouse=True)
def on_torch() -> Iterator[None]:
    torch._dynamo.reset()
    u.set_backend("torch")
    yield
    u.set_backend(None)


jnp = ujax.numpy
# A body, and its input without the batch.
BODIES: dict[str, tuple[Callable[[Any], Any], tuple[int, ...]]] = {
    "mlp": (lambda x: hk.nets.MLP([8, 3])(x), (6,)),
    "norms": (lambda x: hk.RMSNorm(-1)(hk.LayerNorm(-1, True, True)(hk.Linear(6)(x))), (6,)),
    "group norm": (lambda x: hk.GroupNorm(2)(x), (5, 6)),
    "attention": (
        lambda x: hk.MultiHeadAttention(2, 3, w_init=hk.initializers.VarianceScaling())(
            x, x, x, mask=jnp.tril(jnp.ones((1, 1, x.shape[1], x.shape[1])))
        ),
        (5, 6),
    ),
    "indexing": (
        lambda x: ujax.nn.relu(x.at[0].set(0.0)[:, ::-1].astype(jnp.float32) * 2)[jnp.array([0, 1])] + x.at[:, 0].get()[0],
        (6,),
    ),
    "convolution": (lambda x: hk.Conv2D(4, 3, 2)(x), (9, 8, 3)),
    "max pool": (lambda x: hk.max_pool(x, (2, 3, 1), (1, 2, 1), "SAME"), (5, 6, 1)),
    "mean pool": (lambda x: hk.avg_pool(x, (2, 3, 1), (1, 2, 1), "SAME"), (5, 6, 1)),
    "lstm": (lambda x: hk.dynamic_unroll(hk.LSTM(4), x, hk.LSTM(4).initial_state(x.shape[0]), time_major=False)[0], (3, 6)),
    "embedding": (lambda x: hk.Embed(7, 3)((x > 0).astype(jnp.int32)), (6,)),
    "flatten": (lambda x: hk.Linear(3)(hk.Flatten()(x)) / jnp.sqrt(x.shape[0]) + jnp.arange(x.shape[0])[:, None], (4, 6)),
    "shapes": (
        lambda x: jnp.pad(jnp.concatenate([x, jnp.split(x, 2, axis=1)[0], jnp.broadcast_to(x[:1], x.shape)], 1), 1),
        (4,),
    ),
    "choices": (lambda x: hk.cond(x.sum() > 0, lambda x: x, lambda x: x * 2, jnp.where(x > 0, x, 0.0)), (6,)),
    "mapped": (lambda x: hk.vmap(hk.Linear(3), split_rng=False)(x), (5, 6)),
}  # fmt: skip


@pytest.mark.parametrize("name", quick(BODIES, "mlp"))
def test_compiles_without_a_graph_break(name: str) -> None:
    """Once for one batch, and once more for batches of any size."""
    body, size = BODIES[name]
    net = hk.without_apply_rng(hk.transform(body))
    module = hk.to_torch(net, net.init(0, torch.randn(2, *size)))
    compiled = torch.compile(module, fullgraph=True, backend="aot_eager")
    for batch in (2, 4):
        x = torch.randn(batch, *size)
        torch.testing.assert_close(compiled(x), module(x))
    with torch._dynamo.config.patch(error_on_recompile=True):
        for batch in (2, 4, 5, 7):
            x = torch.randn(batch, *size)
            torch.testing.assert_close(compiled(x), module(x))


@pytest.mark.slow
def test_keys_go_on() -> None:
    """A compiled module draws what the module itself would."""
    net = hk.transform(lambda x: hk.dropout(hk.next_rng_key(), 0.5, hk.Linear(16)(x)))
    x = torch.randn(4, 6)
    module = hk.to_torch(net, net.init(0, x), rng=3)
    twin = copy.deepcopy(module)
    compiled = torch.compile(module, fullgraph=True, backend="aot_eager")
    first = compiled(x)
    torch.testing.assert_close(first, twin(x))
    with torch._dynamo.config.patch(error_on_recompile=True):
        second = compiled(x)
    torch.testing.assert_close(second, twin(x))
    assert not torch.equal(first, second)


CONVOLUTIONS: dict[str, tuple[tuple[int, ...], Callable[[Any], Any]]] = {
    "1d": ((2, 7, 3), lambda hk: hk.Conv1D(4, 3)),
    "1d, first": ((2, 3, 7), lambda hk: hk.Conv1D(4, 3, 2, data_format="NCW")),
    "1d, alone": ((7, 3), lambda hk: hk.Conv1D(4, 3, padding=hk.pad.causal)),
    "2d": ((2, 7, 6, 3), lambda hk: hk.Conv2D(4, 3)),
    "2d, strides": ((2, 7, 6, 3), lambda hk: hk.Conv2D(4, (3, 2), (2, 1))),
    "2d, rate": ((2, 7, 6, 3), lambda hk: hk.Conv2D(4, 2, rate=2, padding="VALID")),
    "2d, one": ((2, 5, 5, 3), lambda hk: hk.Conv2D(4, 1, 2, with_bias=False)),
    "2d, groups": ((2, 7, 6, 4), lambda hk: hk.Conv2D(6, 3, feature_group_count=2)),
    "2d, first": ((2, 3, 7, 6), lambda hk: hk.Conv2D(4, 3, 2, data_format="NCHW")),
    "2d, empty": ((2, 2, 6, 3), lambda hk: hk.Conv2D(4, 3, padding="VALID")),
    "2d, transposed": ((2, 5, 4, 3), lambda hk: hk.Conv2DTranspose(4, 3, 2)),
    "2d, depthwise": ((2, 7, 6, 4), lambda hk: hk.DepthwiseConv2D(2, 3, 2)),
    "3d": ((2, 5, 4, 3, 2), lambda hk: hk.Conv3D(3, 2, 2)),
}


def gradient(x: torch.Tensor) -> np.ndarray:
    """Zeros where autograd gives none, as for what nothing depends on."""
    return np.zeros(x.shape, np.float32) if x.grad is None else x.grad.numpy()


@pytest.mark.parametrize("name", quick(CONVOLUTIONS, "1d"))
def test_convolutions(name: str) -> None:
    """Outputs and gradients are dm-haiku's."""
    shape, make = CONVOLUTIONS[name]
    x = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    theirs = haiku.without_apply_rng(haiku.transform(lambda x: make(haiku)(x)))
    params = theirs.init(jax.random.PRNGKey(0), x)
    out = theirs.apply(params, x)
    wanted = jax.grad(lambda p, x: (theirs.apply(p, x) ** 2).sum(), argnums=(0, 1))(params, x)

    module = hk.to_torch(hk.without_apply_rng(hk.transform(lambda x: make(hk)(x))), params)
    given = torch.from_numpy(x).requires_grad_()
    found = torch.compile(module, fullgraph=True, backend="aot_eager")(given)
    np.testing.assert_allclose(found.detach().numpy(), out, rtol=1e-5, atol=1e-5)
    (found**2).sum().backward()
    np.testing.assert_allclose(gradient(given), wanted[1], rtol=1e-4, atol=1e-5)
    flat = hk.to_params(wanted[0]).to("numpy").state_dict()
    for path, parameter in module.named_parameters():
        np.testing.assert_allclose(gradient(parameter), flat[path], rtol=1e-4, atol=1e-5, err_msg=path)


@pytest.mark.slow
@pytest.mark.parametrize("axes", [(0, None), (1, None), (None, 0), (0, 2)])
def test_mapped_convolution(axes: tuple[Any, Any]) -> None:
    """A convolution in `jax.vmap`, compiled."""
    rng = np.random.default_rng(0)
    x, kernel = (rng.normal(size=size).astype(np.float32) for size in ((2, 5, 4, 3), (3, 2, 3, 4)))
    numbers = ("NHWC", "HWIO", "NHWC")
    x, kernel = (
        value if axis is None else np.stack([value, value + 1, value * 2], axis)
        for value, axis in zip((x, kernel), axes, strict=True)
    )

    def mapped(jax: Any) -> Callable[..., Any]:
        return jax.vmap(
            lambda x, kernel: jax.lax.conv_general_dilated(x, kernel, (2, 1), "SAME", dimension_numbers=numbers), axes
        )

    found = torch.compile(mapped(ujax), fullgraph=True, backend="aot_eager")(
        torch.from_numpy(x), torch.from_numpy(kernel)
    )
    np.testing.assert_allclose(found.numpy(), mapped(jax)(x, kernel), rtol=1e-5, atol=1e-5)


def small_net(hk: Any, jax: Any) -> Callable[[Any], Any]:
    def body(x: Any) -> Any:
        for width, stride in ((16, 1), (24, 2)):
            x = jax.nn.relu(hk.BatchNorm(True, True, 0.9)(hk.Conv2D(width, 3, stride)(x), True))
        x = hk.max_pool(x, (3, 3, 1), (2, 2, 1), "SAME")
        return hk.nets.MLP([8, 3])(x.mean((1, 2)))

    return body


@pytest.mark.slow
def test_trains_by_inductor() -> None:
    """Three steps on different batches: parameters, moving averages and losses are dm-haiku's."""
    batches = np.random.default_rng(0).normal(size=(3, 4, 9, 8, 3)).astype(np.float32)
    batches *= np.arange(1, 4, dtype=np.float32).reshape(3, 1, 1, 1, 1)
    theirs = haiku.transform_with_state(small_net(haiku, jax))
    params, state = theirs.init(jax.random.PRNGKey(0), batches[0])
    port = hk.without_apply_rng(hk.transform_with_state(small_net(hk, ujax)))
    module = hk.to_torch(port, params, state)
    compiled = torch.compile(module, fullgraph=True)
    optimizer = torch.optim.SGD(module.parameters(), 0.05)

    @jax.jit
    def loss(params: Any, state: Any, x: Any) -> Any:
        out, state = theirs.apply(params, state, None, x)
        return (out**2).mean(), state

    for x in batches:
        (value, state), gradients = jax.value_and_grad(loss, has_aux=True)(params, state, x)
        params = jax.tree_util.tree_map(lambda p, g: p - 0.05 * g, params, gradients)
        optimizer.zero_grad()
        own = (compiled(torch.from_numpy(x)) ** 2).mean()
        own.backward()
        optimizer.step()
        np.testing.assert_allclose(own.item(), value, rtol=1e-4)
    wanted = hk.to_params(params, state).to("numpy").state_dict()
    for name, found in module.state_dict().items():
        np.testing.assert_allclose(found.numpy(), wanted[name], rtol=1e-4, atol=1e-5, err_msg=name)


def test_exported_graphs_have_torch_operators_alone() -> None:
    net = hk.without_apply_rng(hk.transform(lambda x: hk.Conv2D(4, 3)(x)))
    x = torch.randn(2, 5, 5, 3)
    module = hk.to_torch(net, net.init(0, x))
    exported = torch.export.export(module, (x,))
    assert {node.target.namespace for node in exported.graph.nodes if node.op == "call_function"} == {"aten"}
    torch.testing.assert_close(exported.module()(x), module(x))
