"""Threads do not see each other's calls."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

import unified as u
from conformance_tests.torch.models import CASES, Case, batch, each_model, fresh

THREADS = 4


def together(*tasks):
    """Run the tasks at the same time, each in a thread of its own, and return their results."""
    start = threading.Barrier(len(tasks))

    def run(task):
        torch.set_num_threads(1)
        start.wait(timeout=10)
        return task()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))


@each_model
def test_one_model_called_by_several_threads(case: Case):
    model = fresh(case).eval()
    inputs = [batch(case, seed=seed) for seed in range(THREADS)]
    expected = [model(x) for x in inputs]

    def many(x):
        return [model(x) for _ in range(10)]

    for outputs, value in zip(together(*(lambda x=x: many(x) for x in inputs)), expected, strict=True):
        assert all(torch.equal(output, value) for output in outputs)


def test_several_models_initialised_at_once():
    jobs = [(case, seed) for case in CASES for seed in range(2)]

    def build(case, seed):
        return u.transform(case.forward, backend="torch").init(batch(case), rng=seed).state_dict()

    for (case, seed), state in zip(jobs, together(*(lambda job=job: build(*job) for job in jobs)), strict=True):
        expected = build(case, seed)
        assert list(state) == list(expected) and all(torch.equal(state[name], expected[name]) for name in state)


def test_init_and_calls_at_once():
    """Each of two bodies waits half-way until the other is half-way too."""
    half_way = threading.Barrier(2)

    def forward(x):
        x = u.Linear(4, 4)(x)
        half_way.wait(timeout=10)
        path = u.current_path()
        x = u.Linear(4, 4)(x)
        return x if path == "" else None

    nets = [u.transform(forward, backend="torch") for _ in range(2)]
    x = torch.ones(2, 4)
    together(*(lambda net=net, seed=seed: net.init(x, rng=seed) for seed, net in enumerate(nets)))
    assert all(list(net.params) == ["linear/weight", "linear/bias", "linear_1/weight", "linear_1/bias"] for net in nets)
    assert not torch.equal(nets[0].linear.weight, nets[1].linear.weight)
    for net, output in zip(nets, together(*(lambda net=net: net(x) for net in nets)), strict=True):
        assert torch.equal(output, net.linear_1(net.linear(x)))


def test_an_error_in_one_thread_leaves_the_other_alone():
    half_way = threading.Barrier(2)

    def forward(x, fails):
        y = u.Linear(4, 4)(x)
        half_way.wait(timeout=10)
        if fails:
            raise ZeroDivisionError("in one thread")
        return u.Linear(4, 3)(y)

    x = torch.ones(2, 4)
    good, bad = (u.transform(forward, backend="torch", fails=fails) for fails in (False, True))

    def fail():
        with pytest.raises(ZeroDivisionError, match="in one thread"):
            bad.init(x, rng=0)
        with pytest.raises(u.NoActiveTransformError):
            u.Linear(2, 2)

    together(lambda: good.init(x, rng=0), fail)
    assert len(good.params) == 4 and not list(bad.modules())[1:]


def test_no_scope_reaches_a_thread_that_a_body_starts():
    errors = []

    def look():
        try:
            u.current_path()
        except u.NoActiveTransformError as error:
            errors.append(error)

    def forward(x):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
        return u.Linear(4, 3)(x)

    u.transform(forward, backend="torch").init(torch.ones(2, 4), rng=0)
    assert len(errors) == 1
