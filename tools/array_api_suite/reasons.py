"""Why tests of the standard fail: what the frameworks do that `unified.numpy` leaves to them."""

import functools
from collections.abc import Callable

from tools.suite_outcomes import first_reason

__all__ = ["reason_for"]

METHODS = {
    r"__(i?floordiv|i?mod)__": (
        "operators are the framework's: `//` and `%` of infinities and zeros, for which unified.numpy has the functions"
    ),
}
# By the framework, then by a pattern in the name of the test.
BY_NAME: dict[str, dict[str, str]] = {
    "torch": {
        **METHODS,
        r"__array_namespace__|to_device": "tensors have no such method",
        r"test_array_object.py::test_getitem$": "tensors have no slices with a negative step",
        r"test_(sum|prod|cumulative_sum|cumulative_prod)$": (
            "the sum of unsigned integers is int64, and not uint64, with which torch computes little"
        ),
        r"test_unary\[(acos|expm1|log1p|tanh)\(": "complex infinities and NaN in torch's kernels",
    },
    "jax": {
        **METHODS,
        r"test_(setitem|setitem_masking|asarray_arrays)$": "JAX arrays cannot be written (unified.numpy.at)",
        r"test_dunder_dlpack": "jax.Array.__dlpack__ refuses versions of the protocol before 0.5",
        r"test_unary\[(acosh?|asinh|atanh|cosh|sinh|tanh|exp|expm1|log|log1p|sqrt)\(": (
            "complex infinities and NaN in XLA's kernels"
        ),
    },
}
# By the framework, then by a pattern in the text of the failure.
BY_TEXT: dict[str, dict[str, str]] = {
    "torch": {
        r"not implemented for 'UInt(16|32|64)'|Promotion for uint16": (
            "torch has few kernels for unsigned integers of 16 bits and more"
        ),
    },
    "jax": {},
}


def reason_for(backend: str) -> Callable[[str, str], str | None]:
    """Return the function that returns why a test that did not pass fails with this framework, or `None`."""
    return functools.partial(_reason, backend)


def _reason(backend: str, nodeid: str, text: str) -> str | None:
    if "Skipped: " in text:  # by the suite itself
        return None
    return first_reason(nodeid, text, BY_NAME[backend], BY_TEXT[backend])
