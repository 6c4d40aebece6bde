"""What a body asks for besides layers: variables, state, initialisers, random numbers, and its mode."""

# Bodies are lambdas: a layer means something only while its body runs.

import numpy as np
import pytest

import unified as u
from conformance_tests.core.numpy_backend import transform
from unified.core.scope import current

X = np.ones((2, 4), np.float32)


@pytest.fixture(params=[True, False], ids=["live", "made anew"])
def live(request):
    """Whether the backend keeps its layers, as torch does, or makes them in each call, as JAX does."""
    return request.param


def test_mode(live):
    seen = []

    def forward(x):
        seen.append((u.is_initializing(), u.is_training(), u.backend()))
        return x

    model = transform(forward, live)
    params = model.init(X)
    model.apply(params, X)
    model.apply(params, X, training=True)
    assert seen == [(True, True, "numpy"), (False, False, "numpy"), (False, True, "numpy")]


def test_state(live):
    def forward(x):
        count = u.get_state("count", (), dtype="int32")
        u.set_state("count", count + 1)
        u.set_state("last", x)
        return u.get_state("count", (), dtype="int32")

    model = transform(forward, live)
    params = model.init(X)
    assert params["count"] == 0
    assert np.array_equal(params["last"], X)
    assert [info.collection for info in params.info.values()] == ["state", "state"]
    assert not any(info.trainable for info in params.info.values())
    output, changes = model.apply(params, 2 * X)
    assert output == 1
    assert sorted(changes) == ["count", "last"]
    assert np.array_equal((params | changes)["last"], 2 * X)
    assert params["count"] == 0


def test_collections(live):
    def forward(x):
        u.get_state("cache", (3,), collection="cache")
        u.get_parameter("scale", 3)
        return x

    info = transform(forward, live).init(X).info
    assert {path: found.collection for path, found in info.items()} == {"scale": "params", "cache": "cache"}
    with pytest.raises(ValueError, match="identifier"):
        transform(lambda x: u.get_state("a", 3, collection="a/b"), live).init(X)


def test_a_parameter_cannot_be_set(live):
    def forward(x):
        u.get_parameter("scale", (4,))
        u.set_state("scale", x[0])

    with pytest.raises(ValueError, match=r"'scale' is a parameter.*get_state"):
        transform(forward, live).init(X)
    assert current.scope is None


def test_init_fn_of_a_variable(live):
    def forward(x):
        u.get_parameter("a", (2,))
        u.get_parameter("b", (2,), u.initializers.ones)
        u.get_parameter("c", (2,), lambda shape, dtype: np.full(shape, 3, dtype))
        u.get_parameter("d", 2, u.initializers.normal(), dtype="float64")
        return x

    params = transform(forward, live).init(X)
    assert [params[name].tolist() for name in "abc"] == [[0, 0], [1, 1], [3, 3]]
    assert params["d"].dtype == np.float64 and params["d"].std() > 0


def test_init_fn_of_a_layer(live):
    def forward(x):
        x = u.Linear(4, 4, init_fn=u.initializers.eye)(x)
        return u.Linear(4, 4, init_fn={"weight": u.initializers.ones, "bias": u.initializers.constant(2.0)})(x)

    params = transform(forward, live).init(X)
    assert np.array_equal(params["linear/weight"], np.eye(4))
    assert params["linear/bias"].std() > 0
    assert (params["linear_1/weight"] == 1).all() and (params["linear_1/bias"] == 2).all()


@pytest.mark.parametrize("knows", [True, False])
def test_init_fn_of_a_module_runs_in_init_alone(live, knows):
    seen = []

    class Knows(u.Module):
        def __init__(self, width, name=None, init_fn=None):
            super().__init__(name, init_fn)
            self.width = width

    class Ignores(u.Module):
        def __init__(self, width):
            self.width = width

    def forward(x):
        (Knows if knows else Ignores)(4, init_fn=lambda module: seen.append(type(module).__name__))
        return x

    model = transform(forward, live)
    params = model.init(X)
    model.apply(params, X)
    assert seen == ["Knows" if knows else "Ignores"]


def test_random_numbers_differ_at_each_draw_and_place(live):
    class Noise(u.Module):
        def __call__(self):
            return u.random.normal((8,))

    def forward():
        noise = Noise()
        return [u.random.normal((8,)), u.random.normal((8,)), noise(), noise(), Noise()(), u.random.uniform(8)]

    model = transform(forward, live)
    params = model.init()
    draws, _ = model.apply(params)
    assert all((a is b) or not np.array_equal(a, b) for a in draws for b in draws)
    assert all(np.array_equal(a, b) for a, b in zip(draws, model.apply(params)[0], strict=True))


def test_random_families(live):
    def forward():
        return (
            u.random.uniform((1000,), minval=2.0, maxval=3.0),
            u.random.bernoulli(0.25, (1000,)),
            u.random.randint((1000,), -2, 3),
            u.random.normal((10, 10), dtype="float64"),
            u.next_rng_key(),
        )

    model = transform(forward, live)
    uniform, coins, integers, normal, key = model.apply(model.init())[0]
    assert uniform.min() >= 2 and uniform.max() < 3 and uniform.dtype == np.float32
    assert coins.dtype == bool and 150 < coins.sum() < 350
    assert sorted(set(integers.tolist())) == [-2, -1, 0, 1, 2] and integers.dtype == np.int32
    assert normal.dtype == np.float64 and normal.shape == (10, 10)
    assert len(key) == 2
