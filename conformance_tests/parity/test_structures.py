"""What init recorded is compared by value: equal models have equal trees, and errors say how others differ."""

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
from conformance_tests.parity import models
from conformance_tests.parity.models import X, array
from unified.core.errors import StructureChangedError

each_backend = pytest.mark.parametrize("backend", ["torch", "jax"])


def initialised(backend: str, fn: Any, rng: int = 0) -> tuple[Any, u.Params, Any]:
    return *models.initialised(backend, fn, rng), array(backend)


class Config:
    """A plain object without `__eq__`."""

    def __init__(self) -> None:
        self.width = 3


@dataclasses.dataclass
class Equal:
    width: int


class Block(u.Module):
    def __init__(self, config: Any) -> None:
        self.config = config

    def __call__(self, x: Any) -> Any:
        return u.Linear(4, self.config.width)(x)


@each_backend
def test_params_are_equal_if_values_and_structure_are(backend: str) -> None:
    _, params, _ = initialised(backend, lambda x: u.Linear(4, 3)(x))
    _, again, _ = initialised(backend, lambda x: u.Linear(4, 3)(x))
    _, other, _ = initialised(backend, lambda x: u.Linear(4, 3)(x), rng=1)
    assert params == again and hash(params) == hash(again) and params != other
    assert params != params.freeze() and params != params.annotate(..., part=1)
    assert params != params.astype("float16") and params != dict(params) and params != params.filter("*/bias")
    assert params.to("numpy") == params == params.to("jax") == params.to("torch")
    _, activated, _ = initialised(backend, lambda x: u.ReLU()(u.Linear(4, 3)(x)))
    assert activated == params  # of another body, with the same variables


@each_backend
@pytest.mark.parametrize("make", [Config, lambda: Equal(3), lambda: Config])
def test_equal_arguments_give_equal_trees(backend: str, make: Any) -> None:
    class_with_width = make()
    if isinstance(class_with_width, type):
        make = lambda: type("Made", (), {"width": 3})  # noqa: E731
    (net, one, x), (_, two, _) = (initialised(backend, lambda x: Block(make())(x)) for _ in range(2))
    assert one == two and one._structure is two._structure
    if backend == "jax":
        calls = 0

        @jax.jit
        def step(params: Any, x: Any) -> Any:
            nonlocal calls
            calls += 1
            return net.apply(params, x)[0]

        np.testing.assert_array_equal(step(one, x), step(two, x))
        assert calls == 1
    else:
        torch.testing.assert_close(net(x), net.apply(two, x)[0])


@each_backend
def test_metadata_may_hold_arrays(backend: str) -> None:
    def fn(x: Any) -> Any:
        return u.Linear(4, 3, metadata={"lr": np.ones(2), "names": ("a", np.zeros(1))})(x)

    (_, one, _), (_, two, _) = (initialised(backend, fn) for _ in range(2))
    assert one == two and one._structure is two._structure
    assert one != one.annotate("*/weight", lr=np.zeros(2)) != one.annotate("*/weight", lr=np.ones(3))
    np.testing.assert_array_equal(one.info["linear/weight"].metadata["lr"], np.ones(2))
    if backend == "jax":
        assert jax.tree.structure(one) == jax.tree.structure(two)
        assert jax.jit(lambda params: params)(one) == two


@each_backend
def test_infos_show_the_arrays_that_are_there(backend: str) -> None:
    _, params, _ = initialised(backend, lambda x: u.BatchNorm1d(3)(u.Linear(4, 3)(x)))
    twice = u.Params._make(
        params._structure,
        tuple(torch.stack([v, v]) if backend == "torch" else jnp.stack([v, v]) for v in params.values()),
    )
    assert twice.info["linear/weight"].shape == (2, 3, 4) and twice.info["linear/weight"].size == 24
    assert "linear/weight                     float32[2, 3, 4]" in repr(twice)
    assert twice.graph["linear"].variables[0].shape == (2, 3, 4)
    half = params.astype("float16")
    assert half.info["linear/weight"].dtype == "float16" and "float16[3, 4]" in repr(half)
    assert params.info["batch_norm1d/num_batches_tracked"].dtype == "int64"  # which JAX stores in 32 bits
    if backend == "jax":
        stacked = jax.vmap(lambda seed: u.transform(lambda x: u.Linear(4, 3)(x), backend="jax").init(X, rng=seed))(
            jax.random.split(jax.random.key(0), 5)
        )
        assert stacked.info["linear/weight"].shape == (5, 3, 4)


def test_errors_of_trees_say_what_differs() -> None:
    _, one, _ = initialised("jax", lambda x: u.Dropout(0.1)(u.Linear(4, 3)(x)))
    _, two, _ = initialised("jax", lambda x: u.Dropout(0.2)(u.Linear(4, 3)(x)))
    with pytest.raises(ValueError, match=r"Dropout\(0\.1\)") as caught:
        jax.tree.map(lambda a, b: a, one, two)
    assert "Dropout(0.2)" in str(caught.value) and "object at 0x" not in str(caught.value)
    assert "linear/weight: float32[3, 4]" in repr(one._structure)


@each_backend
def test_params_that_lack_a_variable(backend: str) -> None:
    net, params, x = initialised(backend, lambda x: u.Linear(4, 3)(x))
    for part in (params.filter("*/weight"), dict(params.filter("*/weight"))):
        with pytest.raises(StructureChangedError, match="asks for the variable 'linear/bias', which the params do not"):
            net.apply(part, x)


def test_a_layer_that_was_removed() -> None:
    net, _, x = initialised("torch", lambda x: u.Linear(3, 2)(Block(Equal(3))(x)))
    del net.linear
    with pytest.raises(StructureChangedError, match="no layer 'linear' any more: it was removed after init"):
        net(x)
    net.linear = torch.nn.Identity()
    del net.block.linear
    with pytest.raises(StructureChangedError, match="no layer 'block/linear' any more"):
        net(x)
    net.block.linear = torch.nn.Identity()
    torch.testing.assert_close(net(x), x)
    del net.block
    with pytest.raises(StructureChangedError, match="no module 'block' any more"):
        net(x)


def test_load_params_keeps_frozen_what_is_frozen() -> None:
    net, _, _ = initialised("torch", lambda x: Block(Equal(3))(u.Linear(4, 4)(x)))
    net.freeze("linear/*").annotate("block/*", part="head")
    _, on_jax, _ = initialised("jax", lambda x: Block(Equal(3))(u.Linear(4, 4)(x)), rng=1)
    for source in (on_jax, on_jax.freeze("*/bias"), dict(on_jax), on_jax.to("numpy")):
        net.load_params(source)
        assert not net.linear.weight.requires_grad and net.block.linear.weight.requires_grad
        assert net.params.info["block/linear/weight"].metadata == {"part": "head"}
    assert not net.block.linear.bias.requires_grad  # frozen in one of them
