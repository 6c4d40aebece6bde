"""Each test of this folder that asks for `backend` runs with each framework as the default."""

from collections.abc import Iterator

import pytest

import unified as u
from conformance_tests.array_functions.frameworks import BACKENDS


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> Iterator[str]:
    u.set_backend(request.param)
    yield request.param
    u.set_backend(None)
