"""Initial values in arrays: the same however many threads draw them, and in whatever company."""

import concurrent.futures
import threading

import numpy as np
import pytest

from unified.core import filling, threefry
from unified.core.distributions import Normal, TruncatedNormal, Uniform
from unified.core.filling import fill
from unified.core.initializers import Fixed, Orthogonal

KEY = threefry.fold_in(threefry.seed_key(0), threefry.STREAM_PARAMS)
LONG = 3 * threefry.CHUNK + 17


def targets():
    """Return arrays of every kind that `fill` treats in its own way, with their paths and draws."""
    long, short = np.zeros(LONG, np.float32), np.zeros((2, 3), np.float64)
    strided = np.zeros((LONG, 2), np.float32)[:, 1]
    many = [(np.zeros(30_000, np.float32), f"many_{n}/weight", Uniform(-1, 1)) for n in range(9)]
    return [
        (long, "long/weight", Normal(0, 0.02)),
        (np.zeros((7, threefry.CHUNK), np.float16), "half/weight", TruncatedNormal(1, 2, 0, 3)),
        (short, "short/weight", Uniform(0, 1)),
        (strided, "strided/weight", Normal(1, 1)),
        (np.zeros((5, 4), np.float32), "orthogonal/weight", Orthogonal()),
        (np.zeros((0, 4), np.float32), "empty/weight", Normal()),
        (np.zeros((), np.float32), "scalar", Normal()),
        (np.zeros(3, np.float32), "fixed", Fixed(2.5)),
        *many,
    ]


def alone(path):
    """Return the array at `path`, filled by itself."""
    target = next(target for target in targets() if target[1] == path)
    fill(KEY, [target], threads=1)
    return target[0]


@pytest.mark.parametrize("threads", [1, 2, 5, None])
def test_values_do_not_depend_on_threads_or_company(monkeypatch, threads):
    monkeypatch.setattr(filling, "MANY", 1)
    filled = targets()
    fill(KEY, filled, threads)
    for out, path, _ in filled:
        assert np.array_equal(out, alone(path)), path
        assert out.size == 0 or out.any()


def test_an_error_in_a_thread_is_raised_and_ends_all_threads(monkeypatch):
    monkeypatch.setattr(filling, "MANY", 1)
    read_only = np.zeros(LONG, np.float32)
    read_only.flags.writeable = False
    before = threading.active_count()
    with pytest.raises(ValueError, match="read-only"):
        fill(KEY, [*targets(), (read_only, "read_only", Uniform())], threads=3)
    assert threading.active_count() == before


def test_without_other_threads_this_one_does_all(monkeypatch):
    def refuse(self, *args):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(filling, "MANY", 1)
    monkeypatch.setattr(concurrent.futures.ThreadPoolExecutor, "submit", refuse)
    filled = targets()
    fill(KEY, filled, threads=3)
    assert all(np.array_equal(out, alone(path)) for out, path, _ in filled)


def test_an_index_error_of_a_job_is_no_end(monkeypatch):
    class Broken(Uniform):
        def __call__(self, *args):
            raise IndexError("of a job")

    monkeypatch.setattr(filling, "MANY", 1)
    with pytest.raises(IndexError, match="of a job"):
        fill(KEY, [*targets(), (np.zeros(LONG, np.float32), "broken", Broken())], threads=2)
