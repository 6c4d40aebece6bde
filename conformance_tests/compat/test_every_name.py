"""Every name that is offered on torch against JAX: arrays without axes, weak types, and mixtures of dtypes.

`make test` compares dtypes, weak types, shapes and what is refused, for a few mixtures of operands of each call, which
JAX traces without compiling anything. The full sweep compares the values of many more.
"""

import random
from collections.abc import Iterator

import pytest

import unified.compat.jax as jax
from conformance_tests.compat.differential import on
from conformance_tests.compat.every_name.accepted import ACCEPTED, UNCALLED
from conformance_tests.compat.every_name.calls import MODULES, calls, names
from conformance_tests.compat.every_name.operands import operands
from conformance_tests.compat.every_name.outcomes import Case, difference, on_jax, on_torch

pytestmark = pytest.mark.filterwarnings("ignore")  # of overflows, and of what is deprecated
NAMES = [f"{module}.{name}" for module in MODULES for name in names(module)]
RANKS = {
    0: ((),),
    1: ((0,), (1,), (2,)),
    2: ((0, 0), (1, 0), (0, 1), (1, 1), (2, 2)),
    3: ((0, 0, 0), (1, 0, 1), (1, 1, 1)),
}


def cases(name: str, most: int) -> Iterator[Case]:
    """Yield the same `most` mixtures of operands, or all, for each call of a name and each choice of ranks."""
    for call in calls(name):
        for ranks in call.ranks or RANKS[call.count]:
            mixtures = list(operands(*ranks))
            if len(mixtures) > most:
                mixtures = random.Random(f"{name}{call.text}{ranks}").sample(mixtures, most)
            for mixture in mixtures:
                yield Case(name, call, mixture)


def differences(name: str, most: int, values: bool) -> list[str]:
    sweep = list(cases(name, most))
    texts = []
    for case, theirs in zip(sweep, on_jax(sweep, values), strict=True):
        text = difference(case, theirs, on_torch(case))
        if text is not None and not any(accepted.holds(case) for accepted in ACCEPTED.get(name, [])):
            texts.append(f"{case}: {text}")
    return texts


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in NAMES if name not in UNCALLED])
def test_types(name: str) -> None:
    assert calls(name), f"{name} is called by no test: add a call to every_name/calls.py"
    assert not differences(name, 2, values=False)


@pytest.mark.full
@pytest.mark.parametrize("name", [name for name in NAMES if name not in UNCALLED])
def test_values(name: str) -> None:
    assert not differences(name, 24, values=True)


def test_what_is_not_called_has_a_reason() -> None:
    assert set(UNCALLED) <= set(NAMES)
    assert all(UNCALLED.values())
    assert set(ACCEPTED) <= set(NAMES)


def test_arrays_without_axes_are_transposed() -> None:
    jnp = jax.numpy
    with on("torch"):
        for transposed in (jnp.asarray(2.0).T, jnp.transpose(jnp.asarray(2.0)), jnp.asarray(2.0).transpose()):
            assert (transposed.shape, transposed.weak_type) == ((), True)


def test_weak_types_go_through_functions_of_shapes() -> None:
    jnp = jax.numpy
    with on("torch"):
        root = jnp.transpose(jnp.sqrt(64).reshape(1, 1))[0]
        assert (jnp.ones(3, jnp.bfloat16) * root).dtype == jnp.bfloat16
