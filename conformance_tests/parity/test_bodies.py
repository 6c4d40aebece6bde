"""Which functions can be the body of a model, what they receive of a call, and what is refused before init."""

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
from unified.testing import assert_parity

X = np.random.default_rng(0).standard_normal((8, 4), dtype=np.float32)


def array(backend: str) -> Any:
    return torch.tensor(X) if backend == "torch" else jnp.asarray(X)


def recording(seen: list[tuple[bool, bool]], default: bool = False) -> Any:
    """Return a body that notes what it receives as `training`, and the mode."""

    def body(x: Any, training: bool = default) -> Any:
        seen.append((training, u.is_training()))
        return u.Dropout(0.5)(u.BatchNorm1d(4)(x))

    return body


@pytest.mark.parametrize("default", [False, True])
def test_a_body_receives_the_mode_of_each_call(unified_backend: str, default: bool) -> None:
    seen: list[tuple[bool, bool]] = []
    x = array(unified_backend)
    net = u.transform(recording(seen, default))
    made = net.init(x, rng=0)
    params = made.params if unified_backend == "torch" else made
    net.eval_shape(x)
    net.calls(x)
    assert all(training == mode for training, mode in seen)
    assert seen[0] == (True, True)
    net.init(x, rng=0, training=False)
    assert seen[-1] == (False, False)
    for call, mode in [
        (lambda: net.apply(params, x, training=True), True),
        (lambda: net.apply(params, x), False),
        (lambda: net.apply(params, x, True), True),
        (lambda: net.apply(params, x, False), False),
        (lambda: net.apply(params.unlocked(rng=0), x, training=True), True),
    ]:
        call()
        assert seen[-1] == (mode, mode)
    with pytest.raises(TypeError, match="training twice"):
        net.apply(params, x, False, training=True)


def test_a_call_on_torch_sets_its_mode_and_leaves_the_models() -> None:
    seen: list[tuple[bool, bool]] = []
    x = torch.tensor(X)
    net = u.transform(recording(seen), backend="torch").init(x, rng=0).eval()
    statistics = net.batch_norm1d.running_mean.clone()
    hand = torch.nn.BatchNorm1d(4)
    for call in (lambda: net(x, training=True), lambda: net(x, True), lambda: net.train()(x)):
        call()
        assert seen[-1] == (True, True)
        hand(x)
    torch.testing.assert_close(net.batch_norm1d.running_mean, hand.running_mean)  # the model's own, updated
    assert not torch.equal(net.batch_norm1d.running_mean, statistics)
    for call in (lambda: net(x, training=False), lambda: net(x, False)):
        call()
        assert seen[-1] == (False, False)
        assert net.training and net.dropout.training  # the model itself stays in its mode
    net.eval()
    torch.testing.assert_close(net(x), torch.nn.functional.batch_norm(x, hand.running_mean, hand.running_var))


def test_the_mode_under_the_frameworks_compilers() -> None:
    seen: list[tuple[bool, bool]] = []
    net = u.transform(recording(seen), backend="jax")
    params = net.init(X, rng=0)
    jax.jit(net.apply, static_argnames="training")(params, X, training=True)
    assert seen[-1] == (True, True)
    net.bind(params)(X, training=True)
    assert seen[-1] == (True, True)
    u.jit(net.bind(params))(X, training=True)
    assert seen[-1] == (True, True)
    for arguments in ((params, X, True), (params, X)):
        options = {} if len(arguments) == 3 else {"training": True}
        with pytest.raises(TypeError, match="training must be a Python bool"):
            jax.jit(net.apply)(*arguments, **options)
    model = u.transform(recording(seen), backend="torch").init(torch.tensor(X), rng=0).eval()
    compiled = torch.compile(model, fullgraph=True, backend="eager")
    torch.testing.assert_close(compiled(torch.tensor(X)), model(torch.tensor(X)))
    assert torch.export.export(model, (torch.tensor(X),)).module()(torch.tensor(X)).shape == (8, 4)
    assert torch.jit.script(model)(torch.tensor(X)).shape == (8, 4)


def test_both_frameworks_compute_the_same_with_the_mode() -> None:
    def body(x: Any, training: bool) -> Any:
        return u.Linear(4, 3)(x) * (2.0 if training else 1.0)

    assert_parity(body, X)


def test_a_method_receives_the_mode(unified_backend: str) -> None:
    seen: list[tuple[bool, bool]] = []
    x = array(unified_backend)
    net = u.transform(lambda x: u.Dropout(0.5)(u.BatchNorm1d(4)(x)))
    made = net.init(x, rng=0)
    net.method(recording(seen)).apply(made.params if unified_backend == "torch" else made, x, training=True)
    assert seen == [(True, True)]


@pytest.mark.parametrize("how", ["transform", "partial", "position"])
def test_the_mode_cannot_be_fixed(unified_backend: str, how: str) -> None:
    body = recording([])
    with pytest.raises(TypeError, match="cannot be fixed by transform"):
        if how == "transform":
            u.transform(body, training=True)
        else:
            u.transform(
                functools.partial(body, training=True) if how == "partial" else functools.partial(body, X, True)
            )


def test_arguments_that_init_and_apply_take_themselves(unified_backend: str) -> None:
    for name in ("params", "capture", "rng"):
        for signature in (f"x, {name}=None", f"x, *, {name}", f"{name}, x"):
            body = eval(f"lambda {signature}: x")
            with pytest.raises(TypeError, match=f"has an argument '{name}'.*rename it"):
                u.transform(body)
            with pytest.raises(TypeError, match="rename it"):
                u.transform(lambda x: x).method(body)
        fixed = functools.partial(eval(f"lambda x, {name}: x * {name}"), **{name: 2.0})
        x = array(unified_backend)
        made = u.transform(fixed).init(x, rng=0)
        params = made.params if unified_backend == "torch" else made
        np.testing.assert_allclose(
            u.transform(fixed).apply(params, x)[0] if unified_backend == "jax" else made(x), X * 2
        )
    with pytest.raises(TypeError, match="positional only"):
        u.transform(eval("lambda x, training, /: x"))


def test_keyword_arguments_without_a_name(unified_backend: str) -> None:
    def body(x: Any, **kwargs: Any) -> Any:
        return u.Linear(4, 4)(x) * kwargs.get("scale", 1.0)

    x = array(unified_backend)
    net = u.transform(body)
    made = net.init(x, rng=0, scale=2.0)
    params = made.params if unified_backend == "torch" else made
    net.apply(params, x, scale=2.0, training=True)
    with pytest.raises(TypeError, match=r"got 'training' in its \*\*kwargs"):
        net.init(x, rng=0, training=True)
    with pytest.raises(TypeError, match=r"got 'rng' in its \*\*kwargs"):
        net.apply(params, x, rng=1)
    if unified_backend == "torch":
        with pytest.raises(TypeError, match=r"got 'training' in its \*\*kwargs"):
            made(x, training=True)


class Block(u.Module):
    def __call__(self, x: Any) -> Any:
        return u.Linear(4, 4)(x)


class Later:
    async def __call__(self, x: Any) -> Any:
        return u.Linear(4, 4)(x)


async def awaited(x: Any) -> Any:
    return u.Linear(4, 4)(x)


async def awaited_items(x: Any) -> Any:
    yield u.Linear(4, 4)(x)


def items(x: Any) -> Any:
    yield u.Linear(4, 4)(x)


@pytest.mark.parametrize(
    "body",
    [awaited, awaited_items, items, Later(), functools.partial(items), Block, functools.partial(Block), u.Linear],
    ids=["async", "async generator", "generator", "object", "partial", "module", "partial module", "layer"],
)
def test_what_is_no_body(unified_backend: str, body: Any) -> None:
    with pytest.raises(TypeError, match=r"async|generator|is a class"):
        u.transform(body)
    with pytest.raises(TypeError, match=r"async|generator|is a class"):
        u.transform(lambda x: x).method(body)


OUTPUTS = {
    "module": lambda x: Block(),
    "layer": lambda x: u.Linear(4, 4),
    "a layer that waits for its size": lambda x: u.Linear(None, 4),
    "class": lambda x: Block,
    "class of a layer": lambda x: u.Linear,
    "generator": lambda x: (u.Linear(4, 4)(y) for y in [x]),
    "map": lambda x: map(u.Linear(4, 4), [x]),
    "call of a generator function": items,
    "in a tree": lambda x: {"a": (x, [u.Linear(4, 4)])},
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_what_is_no_output(unified_backend: str, name: str) -> None:
    output = OUTPUTS[name]
    with pytest.raises(TypeError, match=r"returned the (module|class)|returned a (generator|map)"):
        u.transform(lambda x: output(x)).init(array(unified_backend), rng=0)


def test_a_coroutine_is_no_output(unified_backend: str) -> None:
    coroutines = []

    def body(x: Any) -> Any:
        coroutines.append(awaited(x))
        return coroutines[-1]

    with pytest.raises(TypeError, match="returned a coroutine"):
        u.transform(body).init(array(unified_backend), rng=0)
    for coroutine in coroutines:
        coroutine.close()


FORGOTTEN = {
    "to": lambda net: net.to(torch.bfloat16),
    "half": lambda net: net.half(),
    "double": lambda net: net.double(),
    "cpu": lambda net: net.cpu(),
    "share_memory": lambda net: net.share_memory(),
    "requires_grad_": lambda net: net.requires_grad_(False),
    "apply": lambda net: net.apply(lambda module: None),
    "freeze": lambda net: net.freeze("*"),
    "unfreeze": lambda net: net.unfreeze("*"),
    "annotate": lambda net: net.annotate("*", note=1),
    "load_state_dict": lambda net: net.load_state_dict({"linear.weight": torch.ones(4, 4)}),
    "load_state_dict, not strict": lambda net: net.load_state_dict({"linear.weight": torch.ones(4, 4)}, strict=False),
    "to, in another module": lambda net: torch.nn.Sequential(net).to(torch.float64),
    "load_state_dict, in another module": lambda net: torch.nn.Sequential(net).load_state_dict(
        {"0.linear.weight": torch.ones(4, 4)}, strict=False
    ),
}


@pytest.mark.parametrize("name", FORGOTTEN)
def test_what_a_torch_model_would_forget_before_init(name: str) -> None:
    net = u.transform(lambda x: u.Linear(4, 4)(x), backend="torch")
    with pytest.raises(u.NotInitializedError, match=r"would be forgotten: call init\(\.\.\.\) first"):
        FORGOTTEN[name](net)
    net.eval().init(torch.tensor(X), rng=0)
    assert not net.training  # the mode is kept
    FORGOTTEN[name](net) if name in ("to", "half", "double", "requires_grad_") else None
