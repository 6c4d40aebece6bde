"""The functions of the standard on both frameworks, against NumPy's: values, dtypes and gradients."""

import functools
import types
from typing import Any

import array_api_compat.numpy as oracle
import jax
import numpy as np
import pytest

import unified.numpy as unp
from conformance_tests.array_functions.calls import ARRAYS, CALLS, SMOOTH
from conformance_tests.array_functions.frameworks import gradient, native, to_numpy
from tools.array_functions import EXTENSIONS, FAMILIES, beyond, functions

DECLARED = {
    f"{family}.{name}" if family in EXTENSIONS else name: node
    for family in (*FAMILIES, *EXTENSIONS)
    for name, node in functions(family).items()
}
# Of which `test_data_types.py` and `test_beyond.py` have the cases.
ELSEWHERE = {"can_cast", "finfo", "iinfo", "result_type", "from_dlpack"}


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


# Functions whose shapes depend on values, which JAX does not compile.
UNCOMPILED = ("unique", "nonzero", "repeat")


def results(arrays: dict[str, Any], names: list[str]) -> dict[str, list[Any]]:
    return {name: [call(unp, types.SimpleNamespace(**arrays)) for call in CALLS[name]] for name in names}


@functools.cache
def compiled_results() -> dict[str, list[Any]]:
    """What JAX computes in one program: a program for each function takes it twice as long to compile."""
    names = [name for name in sorted(CALLS) if not name.startswith(UNCOMPILED)]
    arrays = native(vars(ARRAYS), "jax")
    program = jax.jit(lambda arrays: results(arrays, names)).lower(arrays)
    found: dict[str, list[Any]] = program.compile(compiler_options={"xla_backend_optimization_level": 0})(arrays)
    return found


@pytest.mark.parametrize("name", sorted(CALLS))
def test_values_are_those_of_numpy(name: str, backend: str) -> None:
    if backend == "jax" and not name.startswith(UNCOMPILED):
        found = compiled_results()[name]
    else:
        found = results(native(vars(ARRAYS), backend), [name])[name]
    with np.errstate(all="ignore"):
        expected = [call(oracle, ARRAYS) for call in CALLS[name]]
    check(found, expected, name)


@pytest.mark.slow
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
