"""Errors in a layer's call carry a note: the layer's path, its inputs and its variables; the type stays as it is."""

import traceback
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
import unified.functional as F

GOOD, BAD = np.ones((2, 3), np.float32), np.ones((2, 5), np.float32)
BACKENDS = pytest.mark.parametrize("backend", ["torch", "jax"])
LINEAR = "(Linear), called with {}; it has weight float32[4, 3], bias float32[4]"


class Outer(u.Module):
    def __call__(self, x: Any) -> Any:
        return Inner()(x)


class Inner(u.Module):
    def __call__(self, x: Any) -> Any:
        return u.Linear(3, 4)(x)


class Own(u.Module):
    def __call__(self, x: Any, *, scale: float = 2.0) -> Any:
        return scale * (x @ u.get_parameter("w", (3, 4), u.initializers.normal()))


class Doubled(u.Linear):
    def forward(self, x: Any) -> Any:
        return 2 * super().forward(x)


def attention(x: Any) -> Any:
    return u.MultiheadAttention(3, 1)(query=x[None], key=x[None], value=x[None])[0]


ATTENTION = "float32[1, 2, 5], float32[1, 2, 5], float32[1, 2, 5]; it has in_proj_weight float32[9, 3], in_proj_bias"
NORM = "it has weight float32[3], bias float32[3], running_mean float32[3]"

# A body, and what the note says if its input has five features instead of three.
NOTES = {
    "layer": (lambda x: u.Linear(3, 4)(x), f"'linear' {LINEAR.format('float32[2, 5]')}"),
    "named": (lambda x: u.Linear(3, 4, name="head")(x), f"'head' {LINEAR.format('float32[2, 5]')}"),
    "modules": (lambda x: Outer()(x), f"'outer/inner/linear' {LINEAR.format('float32[2, 5]')}"),
    "parameter": (lambda x: Own()(x), "'own' (Own), called with float32[2, 5]; it has w float32[3, 4]"),
    "subclass": (
        lambda x: Doubled(3, 4)(x),
        f"'doubled' {LINEAR.format('float32[2, 5]').replace('Linear', 'Doubled')}",
    ),
    "norm": (lambda x: u.BatchNorm1d(3)(x), f"'batch_norm1d' (BatchNorm1d), called with float32[2, 5]; {NORM}"),
    "by name": (attention, f"'multihead_attention' (MultiheadAttention), called with {ATTENTION}"),
    "container": (
        lambda x: u.Sequential(u.Sequential(u.Tanh(), u.Linear(3, 4)))(x),
        f"'sequential/0/1' {LINEAR.format('float32[2, 5]')}",
    ),
    "within a layer": (
        lambda x: u.TransformerEncoder(u.TransformerEncoderLayer(3, 1, 8), 2, enable_nested_tensor=False)(x[None]),
        f"'transformer_encoder/layers/0/self_attn' (MultiheadAttention), called with {ATTENTION}",
    ),
    "loss": (
        lambda x: u.BCELoss()(0 * x, 0 * x[:, :3]),
        "'bce_loss' (BCELoss), called with float32[2, 5], float32[2, 3]",
    ),
    "vmap": (lambda x: u.vmap(Outer())(x), f"'outer/inner/linear' {LINEAR.format('float32[5]')}"),
    "scan": (
        lambda x: u.scan(lambda carry, x: (carry, Outer()(x)), 0.0, x)[1],
        f"'outer/inner/linear' {LINEAR.format('float32[5]')}",
    ),
    "remat": (lambda x: u.remat(Outer())(x), f"'outer/inner/linear' {LINEAR.format('float32[2, 5]')}"),
    "grad": (lambda x: u.grad(lambda x: Outer()(x).sum())(x), f"'outer/inner/linear' {LINEAR.format('float32[2, 5]')}"),
    "jit": (lambda x: u.jit(Outer())(x), f"'outer/inner/linear' {LINEAR.format('float32[2, 5]')}"),
    "cond": (
        lambda x: u.cond(x.sum() > 0, lambda x: Outer()(x), lambda x: u.Linear(3, 4, name="other")(x), x),
        f"'outer/inner/linear' {LINEAR.format('float32[2, 5]')}",
    ),
}


def arrays(backend: str, values: np.ndarray) -> Any:
    return torch.tensor(values) if backend == "torch" else jnp.asarray(values)


def errors(backend: str, body: Any, good: np.ndarray = GOOD, bad: np.ndarray = BAD) -> list[Exception]:
    """The errors of init, of a call, of apply in training, and on JAX of a jitted apply, for inputs `bad`."""
    net = u.transform(body, backend=backend)
    params = net.init(arrays(backend, good), rng=0)
    params = params if backend == "jax" else net.params
    x = arrays(backend, bad)
    calls = [
        lambda: u.transform(body, backend=backend).init(x, rng=0),
        lambda: net.apply(params, x, training=True),
        (lambda: net(x)) if backend == "torch" else lambda: jax.jit(net.apply)(params, x),
    ]
    raised = []
    for call in calls:
        with pytest.raises(Exception) as caught:  # the framework chooses the type
            call()
        raised.append(caught.value)
    return raised


def notes(error: Exception) -> list[str]:
    return [note for note in error.__notes__ if note.startswith("raised in ")]


@BACKENDS
@pytest.mark.parametrize("name", NOTES)
def test_one_note_names_the_innermost_layer(backend: str, name: str) -> None:
    body, expected = NOTES[name]
    for error in errors(backend, body):
        (note,) = notes(error)
        assert note.startswith(f"raised in {expected}"), note


def test_the_type_and_the_message_are_the_frameworks_own() -> None:
    with pytest.raises(RuntimeError) as truth:
        torch.nn.Linear(3, 4)(torch.tensor(BAD))
    for error in errors("torch", lambda x: u.Linear(3, 4)(x)):
        assert (type(error), str(error)) == (RuntimeError, str(truth.value))
    with pytest.raises(IndexError):
        torch.nn.Softmax(4)(torch.tensor(BAD))
    for backend in ("torch", "jax"):

        def body(x: Any) -> Any:
            return u.Softmax(1)(x)

        for error in errors(backend, body, bad=np.ones(2, np.float32)):
            assert isinstance(error, (IndexError, ValueError))
            assert notes(error) == ["raised in 'softmax' (Softmax), called with float32[2]"]
    with pytest.raises(TypeError) as of_jax:
        jax.lax.dot_general(jnp.asarray(BAD), jnp.ones((4, 3)), (((1,), (1,)), ((), ())))
    for error in errors("jax", lambda x: u.Linear(3, 4)(x)):
        assert (type(error), str(error)) == (TypeError, str(of_jax.value))


@BACKENDS
def test_dtypes(backend: str) -> None:
    def body(x: Any) -> Any:
        return u.Embedding(5, 2)(x)

    for error in errors(backend, body, np.ones((2, 3), np.int32), BAD):
        assert notes(error) == [
            "raised in 'embedding' (Embedding), called with float32[2, 5]; it has weight float32[5, 2]"
        ]


def test_wrapped_modules() -> None:
    for error in errors("torch", lambda x: u.wrap(lambda: torch.nn.Sequential(torch.nn.Linear(3, 4)))(x)):
        assert notes(error) == [f"raised in 'wrapped/0' {LINEAR.format('float32[2, 5]')}"]
    key = jax.random.key(0)
    for error in errors("jax", lambda x: u.wrap(lambda: eqx.nn.Linear(3, 4, key=key), name="native")(x[0])):
        assert notes(error) == [f"raised in 'native' {LINEAR.format('float32[5]')}"]


@BACKENDS
def test_a_size_that_follows_from_the_input(backend: str) -> None:
    def body(x: Any) -> Any:
        return u.LazyConv2d(4, 3)(x)

    for error in errors(backend, body, np.ones((2, 3, 5, 5), np.float32), np.ones((2, 2, 2), np.float32)):
        assert notes(error)[0].startswith("raised in 'lazy_conv2d' ("), error
        assert "called with float32[2, 2, 2]" in notes(error)[0]


@BACKENDS
def test_stacked_layers(backend: str) -> None:
    for error in errors(backend, lambda x: u.layer_stack(2)(lambda h: u.Linear(3, 3)(h))(x)):
        assert notes(error)[0].startswith("raised in 'layer_stack/linear' (Linear), called with float32[2, 5]")


@BACKENDS
def test_errors_outside_of_layers_have_no_note(backend: str) -> None:
    for error in errors(backend, lambda x: F.linear(x, u.get_parameter("w", (4, 3)))):
        assert not [note for note in getattr(error, "__notes__", ()) if note.startswith("raised in ")]


@BACKENDS
def test_the_note_is_printed(backend: str) -> None:
    for error in errors(backend, lambda x: Outer()(x)):
        assert "raised in 'outer/inner/linear' (Linear)" in "".join(traceback.format_exception(error))


@BACKENDS
def test_a_model_in_a_model(backend: str) -> None:
    """The note is that of the inner model."""
    inner = u.transform(lambda x: u.Linear(3, 4)(x), backend=backend)
    params = inner.init(arrays(backend, GOOD), rng=0)
    params = params if backend == "jax" else inner.params

    class Middle(u.Module):
        def __call__(self, x: Any) -> Any:
            return inner.apply(params, x)[0]

    for error in errors(backend, lambda x: Middle()(x)):
        assert notes(error) == [f"raised in 'linear' {LINEAR.format('float32[2, 5]')}"]


@BACKENDS
def test_errors_of_users_keep_their_type(backend: str) -> None:
    class Fussy(u.Module):
        def __call__(self, x: Any) -> Any:
            if x.shape[-1] == 5:
                raise KeyError("five")
            return x

    for error in errors(backend, lambda x: Fussy()(x)):
        assert (type(error), error.args) == (KeyError, ("five",))
        assert notes(error) == ["raised in 'fussy' (Fussy), called with float32[2, 5]"]
