"""`params | others` merges what two models declare, and refuses what cannot be one model."""

from typing import Any

import jax
import numpy as np
import pytest
import torch

import unified as u
import unified.functional as F
from conformance_tests.parity.models import X, array, host, initialised
from unified.core.errors import BackendError, StructureChangedError

each_backend = pytest.mark.parametrize("backend", ["torch", "jax"])


class Encoder(u.Module):
    def __call__(self, x: Any) -> Any:
        return F.relu(u.BatchNorm1d(3)(u.Linear(4, 3)(x)))


class Decoder(u.Module):
    def __init__(self, width: int) -> None:
        self.width = width

    def __call__(self, z: Any) -> Any:
        return u.Linear(3, self.width)(z)


def full(x: Any) -> Any:
    return Decoder(4)(Encoder()(x))


def encode(x: Any) -> Any:
    return Encoder()(x)


def decode(z: Any) -> Any:
    return Decoder(4)(z)


def run(backend: str, net: Any, params: u.Params, values: Any = X) -> np.ndarray:
    return host(net.apply(params, array(backend, values))[0])


@each_backend
def test_two_models_in_one_params(backend: str) -> None:
    z = np.ones((2, 3), np.float32)
    (encoder, first), (decoder, second) = (
        initialised(backend, encode),
        initialised(backend, decode, rng=1, values=z),
    )
    for both in (first | second, second | first, first.merge(second)):
        assert set(both) == set(first) | set(second)
        np.testing.assert_array_equal(run(backend, encoder, both), run(backend, encoder, first))
        np.testing.assert_array_equal(run(backend, decoder, both, z), run(backend, decoder, second, z))
        assert {"encoder/linear", "decoder/linear"} <= {path for path, _ in both.graph.walk()}
    if backend == "jax":
        both = first | second
        assert jax.tree.structure(both) == jax.tree.structure(first | second)
        np.testing.assert_allclose(jax.jit(encoder.apply)(both, X)[0], run(backend, encoder, first), rtol=1e-6)


@each_backend
def test_a_part_that_was_trained_apart(backend: str) -> None:
    net, params = initialised(backend, full)
    _, pretrained = initialised(backend, encode, rng=7)
    for merged in (params | pretrained, pretrained | params.filter("decoder/*")):
        assert set(merged) == set(params)
        np.testing.assert_array_equal(host(merged["encoder/linear/weight"]), host(pretrained["encoder/linear/weight"]))
        np.testing.assert_array_equal(host(merged["decoder/linear/weight"]), host(params["decoder/linear/weight"]))
        assert np.isfinite(run(backend, net, merged)).all()
    assert (params | pretrained).info["encoder/batch_norm1d/running_mean"].collection == "state"


@each_backend
def test_bare_arrays_bring_no_structure(backend: str) -> None:
    net, fresh = initialised(backend, full)
    _, trained = initialised(backend, full, rng=3)
    weights = dict(trained)
    for merged in (fresh | weights, weights | fresh.filter("nothing/*"), fresh | u.Params(weights)):
        np.testing.assert_array_equal(run(backend, net, merged), run(backend, net, trained))
    assert (fresh | weights).graph == fresh.graph


@each_backend
def test_models_that_differ_at_a_path_are_refused(backend: str) -> None:
    def of(fn: Any) -> u.Params:
        return initialised(backend, fn)[1]

    cases = (
        (lambda x: u.Linear(4, 3)(x), lambda x: u.Linear(4, 2)(x), "'linear/(weight|bias)'.*shape"),
        (lambda x: u.Dropout(0.1)(x), lambda x: u.Dropout(0.5)(x), "'dropout'.*0.1.*0.5"),
        (lambda x: u.ReLU(name="act")(x), lambda x: u.Tanh(name="act")(x), "'act'.*ReLU.*Tanh"),
        (lambda x: Decoder(2)(x[:, :3]), lambda x: Decoder(5)(x[:, :3]), "'decoder.*"),
        (
            lambda x: u.get_parameter("head", (4,)) * x,
            lambda x: u.Linear(4, 1, name="head")(x),
            "'head'.*a variable or a method.*Linear",
        ),
        (
            lambda x: u.get_state("count", (), dtype="float32") + x,
            lambda x: u.get_state("count", (), dtype="float32", collection="other") + x,
            "'count'.*state.*other",
        ),
    )  # fmt: skip
    for one, other, pattern in cases:
        with pytest.raises(StructureChangedError, match=f"(?s){pattern}"):
            of(one) | of(other)
        with pytest.raises(StructureChangedError):
            of(other) | of(one)


@each_backend
def test_branches_of_two_models_are_refused_and_those_of_one_are_kept(backend: str) -> None:
    def choose(x: Any) -> Any:
        x = u.Linear(4, 4)(x)
        return u.cond(x.sum() > 0, lambda x: u.Linear(4, 4)(x), lambda x: u.Linear(4, 4)(-x), x)

    def other(x: Any) -> Any:
        return u.cond(x.sum() > 0, lambda x: u.Conv1d(4, 4, 1)(x.T).T, lambda x: u.ReLU()(x), x)

    net, params = initialised(backend, choose)
    encoder, more = initialised(backend, encode)
    for merged in (params | more, more | params):
        for values in (X, -X):
            np.testing.assert_array_equal(run(backend, net, merged, values), run(backend, net, params, values))
        np.testing.assert_array_equal(run(backend, encoder, merged), run(backend, encoder, more))
    with pytest.raises(StructureChangedError, match="both choose between branches"):
        params | initialised(backend, other)[1]


@each_backend
def test_locked_and_unlocked(backend: str) -> None:
    _, params = initialised(backend, full)
    _, more = initialised(backend, lambda x: u.Linear(4, 2, name="other")(x))
    with pytest.raises(ValueError, match="the first locked and the second unlocked"):
        params | more.unlocked()
    with pytest.raises(ValueError, match="the first unlocked and the second locked"):
        params.unlocked() | more
    assert not (params.unlocked() | more.unlocked()).is_locked
    assert not (params.unlocked() | dict(more)).is_locked  # bare arrays are neither


@each_backend
def test_arrays_become_those_of_the_left(backend: str) -> None:
    other = {"torch": "jax", "jax": "torch"}[backend]
    net, params = initialised(backend, full)
    _, foreign = initialised(other, full, rng=4)
    path = "decoder/linear/weight"
    kind = torch.Tensor if backend == "torch" else jax.Array
    expected = run(backend, net, foreign.to(backend))
    for merged in (
        params | foreign,
        params | dict(foreign),
        params | foreign.to("numpy"),
        params.merge(foreign),
        params.update(dict(foreign)),
        params.update(dict(foreign.to("numpy"))),
        params.from_state_dict(foreign.state_dict()),
        u.Params({"first": params[path], **foreign}),
        foreign.to("numpy") | params | foreign,
    ):
        assert all(isinstance(value, kind) for value in merged.values())
        if "first" not in merged:
            np.testing.assert_array_equal(run(backend, net, merged), expected)
    if backend == "torch":
        np.testing.assert_array_equal(host(net.eval().load_params(foreign)(array(backend))), expected)


def test_traced_arrays_cannot_become_tensors() -> None:
    model, tensors = initialised("torch", full)
    _, arrays = initialised("jax", full)
    path = "decoder/linear/weight"
    for use in (
        lambda value: tensors | {path: value},
        lambda value: tensors.update({path: value}),
        lambda value: tensors.from_state_dict({**tensors.state_dict(), path.replace("/", "."): value}),
        lambda value: u.Params({"first": tensors[path], path: value}),
        lambda value: model.load_params({**arrays, path: value}),
    ):
        with pytest.raises(BackendError, match=f"'{path}'.*cannot become one of torch"):
            jax.jit(lambda value, use=use: use(value) and None)(arrays[path])


def test_from_state_dict_of_traced_arrays() -> None:
    _, params = initialised("jax", full)

    @jax.jit
    def double(state_dict: Any) -> Any:
        return params.from_state_dict({name: (2 * value).astype(value.dtype) for name, value in state_dict.items()})

    doubled = double(params.state_dict())
    np.testing.assert_array_equal(doubled["decoder/linear/bias"], 2 * params["decoder/linear/bias"])


def test_gradients_flow_through_from_state_dict_on_torch() -> None:
    net, params = initialised("torch", full)
    state_dict = {name: value.detach().clone() for name, value in params.state_dict().items()}
    weight = state_dict["decoder.linear.weight"].requires_grad_()
    net.apply(params.from_state_dict(state_dict), array("torch"))[0].sum().backward()
    assert weight.grad is not None and weight.grad.abs().sum() > 0
