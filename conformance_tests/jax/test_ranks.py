"""Layers and functions with `jax_numpy_rank_promotion="raise"`: no array is given leading axes in silence."""

from typing import Any

import jax
import jax.numpy as jnp
import pytest

import unified as u
import unified.functional as F
from conformance_tests.parity.calls import CALLS
from conformance_tests.parity.cases import CASES
from conformance_tests.parity.cases.recipes import Case
from conformance_tests.parity.layer_runner import arguments, given_inputs, layer_inputs
from conformance_tests.parity.test_functional import arrays_of

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # those of parity/test_layers.py and parity/test_functional.py
]

LAYERS = sorted({case.layer for case in CASES if case.layer != "TripletMarginWithDistanceLoss"})


@pytest.mark.parametrize("layer", LAYERS)
def test_layers(layer: str) -> None:
    """Init, training and evaluation, and the gradient, of each case of the layer table."""
    for case in CASES:
        if case.layer == layer:
            with jax.numpy_rank_promotion("raise"):
                run(case)


def run(case: Case) -> None:
    def forward(*inputs: Any, **options: Any) -> Any:
        args, kwargs = arguments(case, jnp.asarray, u)
        return getattr(u, case.layer)(*args, **kwargs)(*inputs, **options)

    net = u.transform(forward, backend="jax")
    inputs, options = given_inputs(case, [jnp.asarray(array) for array in layer_inputs(case, 0)])
    params = jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), net.eval_shape(*inputs, **options))
    trainable, rest = params.split()
    for training in (True, False):

        def loss(trainable: u.Params, training: bool = training) -> Any:
            output, _ = net.apply(trainable | rest, *inputs, training=training, **options)
            leaves = [x for x in jax.tree.leaves(output) if jnp.issubdtype(x.dtype, jnp.floating)]
            return jnp.asarray(sum(jnp.sum(x) for x in leaves), jnp.float32)

        jax.eval_shape(jax.grad(loss), trainable)


@pytest.mark.parametrize(("name", "args", "kwargs"), CALLS)
def test_functions(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    values = arrays_of([*args, *kwargs.values()], jnp.asarray)
    if name == "one_hot":  # needs values to count the classes
        args, kwargs, values = args[:1], {"num_classes": 5}, [values[0], 5]
    named = dict(zip(kwargs, values[len(args) :], strict=True))
    with jax.numpy_rank_promotion("raise"):
        jax.eval_shape(lambda: getattr(F, name)(*values[: len(args)], **named))
