"""Models in several threads at once."""

import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import unified as u
from conformance_tests.jax.models import CASES, MLP, Case, model

THREADS = 4


@pytest.fixture(autouse=True)
def quick_switches() -> Iterator[None]:
    """Switch threads often, so that a race shows."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(interval)


def run_in_threads(function: Callable[[int], Any]) -> list[Any]:
    """Return the results of `function(0)`, `function(1)`, ..., which start together in a thread each."""
    barrier = threading.Barrier(THREADS)

    def work(number: int) -> Any:
        barrier.wait()
        return function(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(work, range(THREADS)))


def test_one_model_initialised_by_many_threads(case: Case) -> None:
    results = run_in_threads(lambda number: case.net.init(case.x, rng=0))
    for params in results:
        assert jax.tree.structure(params) == jax.tree.structure(case.params)
        for path, value in params.items():
            np.testing.assert_array_equal(value, case.params[path])


def test_a_new_structure_made_by_many_threads_is_one() -> None:
    for width in range(10, 20):
        net = model(lambda x, width=width: u.Linear(None, width)(x))
        structures = run_in_threads(lambda _, net=net: jax.tree.structure(net.eval_shape(MLP.x)))
        assert len(set(structures)) == 1


def test_different_models_side_by_side() -> None:
    cases = [list(CASES.values())[number % len(CASES)] for number in range(THREADS)]
    expected = [case.net.apply(case.params, case.x)[0] for case in cases]

    def work(number: int) -> jax.Array:
        case = cases[number]
        return case.net.apply(case.net.init(case.x, rng=0), case.x)[0]

    for output, expected_output in zip(run_in_threads(work), expected, strict=True):
        np.testing.assert_array_equal(output, expected_output)


def test_a_body_is_not_active_in_another_thread() -> None:
    inside, leave = threading.Event(), threading.Event()

    def body(x: jax.Array) -> jax.Array:
        inside.set()
        assert leave.wait(10)
        return u.Linear(5, 3)(x)

    net = model(body)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(net.init, MLP.x, rng=0)
        assert inside.wait(10)
        try:
            with pytest.raises(u.NoActiveTransformError):
                u.Linear(5, 3)
            assert list(MLP.net.eval_shape(MLP.x)) == list(MLP.paths)
        finally:
            leave.set()
        assert list(running.result()) == ["linear/weight", "linear/bias"]


def test_one_jitted_function_called_by_many_threads() -> None:
    train = jax.jit(lambda params, x: MLP.net.apply(params, x, training=True)[0])
    outputs = run_in_threads(lambda number: train(MLP.params, jnp.asarray(MLP.x) + number))
    for number, output in enumerate(outputs):
        np.testing.assert_array_equal(output, train(MLP.params, jnp.asarray(MLP.x) + number))
