"""The pytest plugin: a test that takes `unified_backend` runs once for each installed backend.

```python
def test_my_model(unified_backend):                 # "torch", then "jax"
    net = u.transform(forward)                      # uses that backend
```
"""

from collections.abc import Iterator

import pytest

from unified.core import backends

__all__ = ["unified_backend"]


@pytest.fixture(params=backends.available())
def unified_backend(request: pytest.FixtureRequest) -> Iterator[str]:
    """Yield the name of an installed backend, which is the default of `transform` during the test."""
    before = backends.chosen()
    backends.set_backend(request.param)
    yield request.param
    backends.set_backend(before)
