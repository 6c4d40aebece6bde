"""Scopes: the table of names, random nestings, and no traces of errors, threads or nested calls."""

# Bodies are lambdas, because layers exist only while a body runs.

import threading

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

import unified as u
from conformance_tests.core import nestings
from conformance_tests.core.names_table import CASES
from conformance_tests.core.numpy_backend import transform
from unified.core.scope import current

X = np.ones((2, 4), np.float32)


@pytest.fixture(params=[True, False], ids=["live", "created anew"])
def live(request):
    """Whether the backend keeps its layers, as torch does, or creates them in each call, as JAX does."""
    return request.param


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.body.__name__)
def test_names(case, live):
    model = transform(case.body, live)
    x = np.ones(case.shape, np.float32)
    params = model.init(x)
    assert list(params) == case.paths
    output, changes = model.apply(params, x)
    assert set(model.frame.used) == set(case.paths)
    assert not changes
    again, _ = model.apply(params, x)
    assert np.array_equal(output, again)
    assert model.init(x)._structure == params._structure


def test_the_table_covers_every_body_once():
    names = [case.body.__name__ for case in CASES]
    assert len(set(names)) == len(names) >= 50
    assert all(len(set(case.paths)) == len(case.paths) for case in CASES)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(nestings.nestings())
def test_any_nesting_has_the_names_that_the_rules_give(steps):
    body, x = nestings.body(steps), np.ones(nestings.SHAPE, np.float32)
    expected = nestings.paths(steps)
    assert len(set(expected)) == len(expected)
    outputs = []
    for live in (True, False):
        model = transform(body, live)
        params = model.init(x)
        assert list(params) == expected
        outputs.append(model.apply(params, x)[0])
        assert set(model.frame.used) <= set(expected)
        if any(isinstance(step, nestings.Linear) for step in steps):
            assert model.frame.used
    assert np.array_equal(*outputs)
    assert current.scope is None


def test_a_layer_computes_with_its_own_variables(live):
    def forward(x):
        x = u.ReLU()(u.Linear(4, 3)(x))
        return u.Linear(3, 2, bias=False)(x)

    model = transform(forward, live)
    params = model.init(X)
    hidden = np.maximum(X @ params["linear/weight"].T + params["linear/bias"], 0)
    assert np.allclose(model.apply(params, X)[0], hidden @ params["linear_1/weight"].T)


def test_values_do_not_depend_on_what_else_there_is(live):
    def one(x):
        return u.Linear(4, 4)(x)

    def many(x):
        x = u.Linear(4, 4)(x)
        return u.Linear(4, 4)(u.LayerNorm(4)(x))

    alone, among = transform(one, live).init(X, rng=7), transform(many, live).init(X, rng=7)
    assert all(np.array_equal(alone[path], among[path]) for path in alone)
    assert not np.array_equal(alone["linear/weight"], transform(one, live).init(X, rng=8)["linear/weight"])


def everything_that_needs_a_scope():
    class Net(u.Module):
        pass

    yield "Linear", lambda: u.Linear(3, 4)
    yield "ReLU", lambda: u.ReLU()
    yield "Net", lambda: Net()
    yield "get_parameter", lambda: u.get_parameter("w", (3,))
    yield "get_state", lambda: u.get_state("w", (3,))
    yield "set_state", lambda: u.set_state("w", X)
    yield "wrap", lambda: u.wrap(lambda: None)
    yield "next_rng_key", lambda: u.next_rng_key()
    yield "random.normal", lambda: u.random.normal((3,))
    yield "random.permutation", lambda: u.random.permutation(3)
    yield "is_training", lambda: u.is_training()
    yield "is_initializing", lambda: u.is_initializing()
    yield "current_path", lambda: u.current_path()
    yield "backend", lambda: u.backend()


@pytest.mark.parametrize(("what", "use"), list(everything_that_needs_a_scope()), ids=lambda value: str(value)[:20])
def test_outside_a_transform(what, use):
    with pytest.raises(u.NoActiveTransformError, match=rf"^{what} was used outside a model.*unified\.transform"):
        use()


def test_a_module_used_after_its_call(live):
    kept = []

    class Net(u.Module):
        def __call__(self, x):
            return u.Linear(4, 4)(x)

    def forward(x):
        kept.append(Net())
        return kept[-1](x)

    transform(forward, live).init(X)
    with pytest.raises(u.NoActiveTransformError, match="Net"):
        kept[0](X)


class BoomError(Exception):
    """The error that the bodies below raise."""


class Raises(u.Module):
    def __init__(self, where):
        self.where = where
        self._check("init")

    def _check(self, where):
        u.Linear(4, 4)
        if self.where[0] and self.where[1] == where:
            raise BoomError

    def __call__(self, x):
        self._check("call")
        return self.method(x)

    def method(self, x):
        self._private()
        self._check("method")
        return u.Linear(4, 4)(x)

    def _private(self):
        if self.where == [True, "private"]:
            raise BoomError


class Outer(u.Module):
    def __call__(self, where, x):
        return Raises(where)(u.Linear(4, 4)(x))


@pytest.mark.parametrize("depth", ["init", "call", "method", "private"])
def test_an_exception_leaves_nothing_behind(live, depth):
    where = [True, depth]

    def forward(x):
        return Outer()(where, x)

    model = transform(forward, live)
    with pytest.raises(BoomError):
        model.init(X)
    assert current.scope is None
    assert model.layers is None
    where[0] = False
    params = model.init(X)
    fresh = transform(forward, live).init(X)
    assert params._structure is fresh._structure
    expected, _ = model.apply(params, X)
    where[0] = True
    with pytest.raises(BoomError):
        model.apply(params, X)
    assert current.scope is None
    where[0] = False
    assert np.array_equal(model.apply(params, X)[0], expected)


def test_an_exception_caught_in_the_body_leaves_the_scope_as_it_was(live):
    paths = []

    class Fails(u.Module):
        def __call__(self):
            u.Linear(4, 4)
            raise BoomError

    def forward(x):
        with pytest.raises(BoomError):
            Fails()()
        paths.append(u.current_path())
        return u.Linear(4, 4)(x)

    model = transform(forward, live)
    params = model.init(X)
    model.apply(params, X)
    assert paths == ["", ""]
    assert list(params)[-2:] == ["linear/weight", "linear/bias"]


def test_current_path():
    seen = []

    class Inner(u.Module):
        def __init__(self):
            seen.append(u.current_path())

        def __call__(self, x):
            seen.append(u.current_path())
            self._private()
            return self.encode(x)

        def encode(self, x):
            seen.append(u.current_path())
            self._private()
            return x

        def _private(self):
            seen.append(u.current_path())

    class Holder(u.Module):
        def __call__(self, x):
            return Inner()(Inner(name="other")(x))

    transform(lambda x: Holder()(x)).init(X)
    built = ["holder/inner", "holder/other"]
    called = [f"holder/{name}{method}" for name in ("other", "inner") for method in ("", "", "/encode", "/encode")]
    assert seen == built + called


def test_threads_do_not_see_each_other(live):
    workers = 4
    barrier = threading.Barrier(workers, timeout=30)

    class Deep(u.Module):
        def __call__(self, x):
            barrier.wait()
            x = u.Linear(4, 4)(x)
            barrier.wait()
            return u.Linear(4, 4)(x)

    def forward(x):
        x = Deep()(x)
        barrier.wait()
        return Deep()(x)

    results = [None] * workers

    def work(index):
        model = transform(forward, live)
        params = model.init(X, rng=index)
        results[index] = (list(params), model.apply(params, X)[0], current.scope)

    threads = [threading.Thread(target=work, args=(index,)) for index in range(workers)]
    for thread in threads:
        thread.start()
    assert current.scope is None
    for thread in threads:
        thread.join(timeout=60)
    names = ["deep/linear", "deep/linear_1", "deep_1/linear", "deep_1/linear_1"]
    paths = [f"{name}/{leaf}" for name in names for leaf in ("weight", "bias")]
    for index, (actual_paths, output, scope) in enumerate(results):
        assert (actual_paths, scope) == (paths, None)
        barrier = threading.Barrier(1)
        alone = transform(forward, live)
        assert np.array_equal(output, alone.apply(alone.init(X, rng=index), X)[0])


def test_a_thread_started_in_a_body_is_outside(live):
    errors = []

    def other():
        try:
            u.Linear(4, 4)
        except u.NoActiveTransformError as error:
            errors.append(error)

    def forward(x):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(timeout=30)
        return x

    transform(forward, live).init(X)
    assert len(errors) == 1


def test_nested_transforms(live):
    inner = transform(lambda x: u.Linear(4, 4)(x), live)
    inner_params = inner.init(X, rng=1)

    class Net(u.Module):
        def __call__(self, x):
            x = u.Linear(4, 4)(x)
            x, _ = inner.apply(inner_params, x)
            assert u.current_path() == "net"
            x = u.Linear(4, 4)(x)
            assert list(inner.init(x, rng=2)) == ["linear/weight", "linear/bias"]
            return u.Linear(4, 4)(x)

    model = transform(lambda x: Net()(x), live)
    params = model.init(X)
    names = ["net/linear", "net/linear_1", "net/linear_2"]
    assert list(params) == [f"{name}/{leaf}" for name in names for leaf in ("weight", "bias")]
    output, _ = model.apply(params, X)
    expected = X @ params["net/linear/weight"].T + params["net/linear/bias"]
    expected = expected @ inner_params["linear/weight"].T + inner_params["linear/bias"]
    for name in names[1:]:
        expected = expected @ params[f"{name}/weight"].T + params[f"{name}/bias"]
    assert np.allclose(output, expected)


def test_a_module_of_an_outer_model_in_an_inner_one_is_looked_up_by_its_path(live):
    """A module keeps its path, and an inner model that did not create it raises an error."""

    class Net(u.Module):
        def __call__(self, x):
            return u.Linear(4, 4)(x)

    def outer(x):
        net = Net()
        inner = transform(lambda x: net(x), live)
        return inner.apply({"linear/weight": X}, x)

    with pytest.raises(u.StructureChangedError, match="'net'"):
        transform(outer, live).init(X)
    assert current.scope is None


def test_a_module_without_a_call():
    class Empty(u.Module):
        pass

    with pytest.raises(NotImplementedError, match="Empty must implement __call__"):
        transform(lambda x: Empty()(x)).init(X)


def test_wrong_arguments_of_a_layer(live):
    with pytest.raises(TypeError, match=r"Linear\(.*in_features.*\)"):
        transform(lambda x: u.Linear(4)(x), live).init(X)
    with pytest.raises(TypeError, match="out_feature"):
        transform(lambda x: u.Linear(4, out_feature=3)(x), live).init(X)
    assert current.scope is None


def test_transform_takes_a_function():
    with pytest.raises(TypeError, match="takes a function"):
        u.transform(3)
    with pytest.raises(ValueError, match="portable"):
        u.transform(lambda x: x, rng="fast")
    with pytest.raises(u.BackendError, match="'numpy'"):
        u.transform(lambda x: x, backend="numpy")
