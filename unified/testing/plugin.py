"""The pytest plugin: a test that takes `unified_backend` runs once for each installed backend.

```python
def test_my_model(unified_backend):                 # "torch", then "jax"
    net = u.transform(forward)                      # uses that backend
```

A test that takes `unified_compare` compares two implementations, and fails with the report if they differ:

```python
def test_my_port(unified_compare):
    unified_compare(sides.torch(module), sides.flax(flax_module, variables), x, layouts={0: "NCHW->NHWC"})
```
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from unified.core import backends

if TYPE_CHECKING:
    from unified.compare import Report

__all__ = ["unified_backend", "unified_compare"]


@pytest.fixture(params=backends.available())
def unified_backend(request: pytest.FixtureRequest) -> Iterator[str]:
    """Yield the name of an installed backend, which is the default of `transform` during the test."""
    before = backends.chosen()
    backends.set_backend(request.param)
    yield request.param
    backends.set_backend(before)


@pytest.fixture
def unified_compare(request: pytest.FixtureRequest) -> "Callable[..., Report]":
    """Return `unified.testing.compare` that fails the test if the sides differ, and returns the report otherwise.

    A JUnit file (`--junitxml`) has the largest difference of each output as properties of the test, and the first
    layer that differs with its cause; where they agree, but by more than rounding, a note has the same.
    """
    from unified.compare import compare

    properties = request.node.user_properties  # record_property warns where JUnit's schema has none, and writes them

    def checked(*sides_and_inputs: Any, **options: Any) -> "Report":
        report = compare(*sides_and_inputs, **options)
        for difference in report.differences:
            properties.append((f"largest difference: {difference.name}", f"{difference.largest:.6g}"))
        first = report.first_difference
        if first is not None:
            properties.append(("first difference", " and ".join(first.names)))
            properties.append(("likeliest cause", str(first.cause or "unknown")))
        properties.extend(("note", note) for note in report.notes)
        if not report.agrees:
            pytest.fail(str(report), pytrace=False)
        return report

    return checked
