"""Every case of the layer table: equal on both backends, and equal to `torch.nn` itself."""

import inspect

import jax
import numpy as np
import pytest
import torch

import unified as u
from conformance_tests.parity.cases import CASES
from conformance_tests.parity.cases.recipes import Case
from conformance_tests.parity.layer_runner import (
    check,
    given_inputs,
    layer_inputs,
    leaf,
    models,
    oracle,
    run_jax,
    run_torch,
    torch_signature,
)
from unified.core import layers

# Of what takes seconds to compile, `make test` runs the first case, and `make test-slow` the others.
LARGE = ("Transformer", "TransformerDecoder", "TransformerDecoderLayer", "TransformerEncoder")
FIRST = {id(case) for case in {case.layer: case for case in reversed(CASES)}.values()}
each_case = pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            case, id=repr(case), marks=pytest.mark.slow if case.layer in LARGE and id(case) not in FIRST else ()
        )
        for case in CASES
    ],
)

# torch warns of a softmax without dim=, of padding='same' with an even kernel, of old arguments, of the mean of
# a divergence, and of a path it cannot take; all work.
pytestmark = [
    pytest.mark.filterwarnings("ignore:enable_nested_tensor"),
    pytest.mark.filterwarnings("ignore:keyword argument `m.._value` is deprecated"),
    pytest.mark.filterwarnings("ignore:.*dim"),
    pytest.mark.filterwarnings("ignore:Using padding='same'"),
    pytest.mark.filterwarnings("ignore:size_average and reduce"),
    pytest.mark.filterwarnings("ignore:reduction.*'mean' divides"),
    pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN"),
]


def bits(value: np.ndarray) -> np.ndarray:
    return value.view(f"uint{value.dtype.itemsize * 8}") if value.dtype.kind == "f" else value


@each_case
def test_variables_are_equal(case: Case) -> None:
    """Names, order, shapes, dtypes, collections, trainability and every initial bit."""
    on_torch, on_jax, params = models(case)
    infos = [info for path, info in on_torch.params.info.items()]
    assert infos == list(params.info.values())
    shapes, options = given_inputs(case, [jax.ShapeDtypeStruct(a.shape, a.dtype) for a in layer_inputs(case, 0)])
    assert infos == list(on_jax.eval_shape(*shapes, **options).info.values())
    for path, array in on_torch.params.to("numpy").items():
        dtype = jax.dtypes.canonicalize_dtype(array.dtype)
        assert params[path].dtype == dtype, path
        np.testing.assert_array_equal(bits(np.asarray(params[path])), bits(array.astype(dtype)), err_msg=path)


@each_case
def test_computes_what_torch_does(case: Case) -> None:
    """Outputs, gradients and updated variables in training, again in training, and in evaluation."""
    on_torch, on_jax, params = models(case)
    initial = {leaf(path): array for path, array in on_torch.params.to("numpy").items() if path[:4] != "rng/"}
    expected = list(run_torch(on_torch, case))
    if "rng/key" not in params:
        for call, (found, truth) in enumerate(
            zip(expected, run_torch(oracle(case, initial), case, False), strict=True)
        ):
            check(found, truth, f"torch, call {call}", case.tolerance)
    for call, (found, truth) in enumerate(zip(run_jax(on_jax, params, case), expected, strict=True)):
        check(found, truth, f"jax, call {call}", case.tolerance)


def test_every_layer_and_option_has_a_case() -> None:
    """Every constructor argument of `torch.nn`'s class is given, with something else than its default."""
    missing = []
    for name in layers.__all__:
        given: set[str] = set()
        signature = torch_signature(name)
        used = [case for case in CASES if case.layer == name]
        for case in used:
            for argument, value in signature.bind(*case.args, **case.kwargs).arguments.items():
                default = signature.parameters[argument].default
                if default is inspect.Parameter.empty or value is not default:
                    given.add(argument)
        wanted = {p.name for p in signature.parameters.values() if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)}
        if "ConvTranspose" in name:
            wanted.discard("padding_mode")  # which has no other value
        missing += [f"{name}({option}=)" for option in sorted(wanted - given - {"device", "dtype"})]
        missing += [] if used else [name]
        declared = list(getattr(layers, name).own_signature.parameters)
        theirs = getattr(torch.nn, name, None)
        none = theirs is not None and theirs.__init__ is torch.nn.Module.__init__  # which refuses what it is given
        # Options that torch.nn lacks have tests of their own: test_layouts.py, lifted/test_synced.py.
        assert declared == [*([] if none else signature.parameters), *getattr(layers, name).own_options], name
    assert not missing


def test_every_size_that_may_be_none_has_a_case() -> None:
    sizes = {(name, size) for name in layers.__all__ for size in getattr(layers, name).optional_sizes}
    assert sizes == {(case.layer, size) for case in CASES for size in case.sizes}


@pytest.mark.parametrize("shape", [(4,), (3, 4), (2, 3, 4), (2, 3, 4, 2)], ids=str)
def test_softmax_warns_without_a_dimension(shape: tuple[int, ...]) -> None:
    """As torch does."""

    def forward(x: jax.Array) -> jax.Array:
        return u.Softmax()(x)

    with pytest.warns(UserWarning, match="dim="):
        u.transform(forward, backend="jax").apply({}, jax.numpy.ones(shape))
    with pytest.warns(UserWarning, match="dim="):
        torch.nn.Softmax()(torch.ones(shape))
