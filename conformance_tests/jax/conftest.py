"""The fixture `case`: a test that takes it runs on each of the three models."""

import pytest

from conformance_tests.jax.models import CASES, Case


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]
