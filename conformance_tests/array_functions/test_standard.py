"""The functions of the standard on both frameworks, against NumPy's: values, dtypes, gradients and parameters."""

import inspect
import types
from typing import Any

import array_api_compat.numpy as oracle
import jax
import numpy as np
import pytest

import unified as u
import unified.numpy as unp
from conformance_tests.array_functions.calls import ARRAYS, CALLS, SMOOTH
from conformance_tests.array_functions.frameworks import BACKENDS, gradient, native, to_numpy
from tools.array_functions import EXTENSIONS, FAMILIES, beyond, functions

DECLARED = {
    f"{family}.{name}" if family in EXTENSIONS else name: node
    for family in (*FAMILIES, *EXTENSIONS)
    for name, node in functions(family).items()
}
# Of which `test_data_types.py` and `test_beyond.py` have the cases.
ELSEWHERE = {"can_cast", "finfo", "iinfo", "result_type", "from_dlpack"}


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> Any:
    u.set_backend(request.param)
    yield request.param
    u.set_backend(None)


def check(found: Any, expected: Any, name: str) -> None:
    if isinstance(expected, (list, tuple)):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            check(one, other, name)
        return
    found, expected = to_numpy(found), np.asarray(expected)
    assert isinstance(found, np.ndarray), name
    assert found.shape == expected.shape, name
    assert found.dtype.kind == expected.dtype.kind or {found.dtype.kind, expected.dtype.kind} == {"i", "u"}, name
    if expected.dtype.kind == "f":
        assert found.dtype == np.float32, name  # the default of both frameworks, where NumPy has float64
    tolerance = {"rtol": 2e-4, "atol": 2e-5} if name.startswith(("linalg", "fft")) else {"rtol": 2e-6, "atol": 1e-6}
    np.testing.assert_allclose(found, expected, **tolerance, err_msg=name)


def test_every_function_has_calls() -> None:
    standard = {name for name, node in DECLARED.items() if not beyond(node)}
    assert standard - set(CALLS) == ELSEWHERE
    assert set(CALLS) <= standard


@pytest.mark.parametrize("name", sorted(CALLS))
def test_values_are_those_of_numpy(name: str, backend: str) -> None:
    """On JAX in one compiled function, but for those whose shapes depend on values."""

    def run(arrays: dict[str, Any]) -> list[Any]:
        return [call(unp, types.SimpleNamespace(**arrays)) for call in CALLS[name]]

    compiled = jax.jit(run) if backend == "jax" and not name.startswith(("unique", "nonzero", "repeat")) else run
    with np.errstate(all="ignore"):
        expected = [call(oracle, ARRAYS) for call in CALLS[name]]
    check(compiled(native(vars(ARRAYS), backend)), expected, name)


@pytest.mark.parametrize("name", sorted(SMOOTH))
def test_gradients_are_finite_differences(name: str, backend: str) -> None:
    """Of NumPy's function in float64."""
    function = SMOOTH[name]
    x = ARRAYS.g.astype("float64")
    out = np.asarray(function(oracle, x))
    weights = np.random.RandomState(1).randn(*out.shape)
    expected, step = np.zeros_like(x), 1e-6
    for place in np.ndindex(*x.shape):
        moved = np.zeros_like(x)
        moved[place] = step
        difference = np.asarray(function(oracle, x + moved)) - np.asarray(function(oracle, x - moved))
        expected[place] = (difference * weights).sum() / (2 * step)

    def scalar(value: Any) -> Any:
        return unp.sum(function(unp, value) * native(weights.astype("float32"), backend))

    np.testing.assert_allclose(gradient(scalar, ARRAYS.g, backend), expected, rtol=2e-3, atol=2e-4)


def test_signatures_are_those_of_the_standard() -> None:
    """Nothing is added to the stubs' but `like=`."""
    for name, node in DECLARED.items():
        if beyond(node):
            continue
        module = unp if "." not in name else getattr(unp, name.partition(".")[0])
        signature = inspect.signature(getattr(module, name.rpartition(".")[2]))
        own = {p.name for p in signature.parameters.values()} - {"like", "idioms"}
        assert own == {a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)} - {"like"} | (
            {node.args.vararg.arg} if node.args.vararg else set()
        )
