"""Variables that a body declares: trees of them, frozen ones, and first values by any framework's initializers."""

import copy
import functools
import pickle
from collections import namedtuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
from unified.core import threefry

Pair = namedtuple("Pair", "left right")
X = np.ones((2, 4), np.float32)


def started(body, seed=3, **options):
    """The first values of a body on both frameworks, whose bits are equal, and both models."""
    net = u.transform(body, backend="torch", **options).init(torch.tensor(X), rng=seed)
    model = u.transform(body, backend="jax", **options)
    params = model.init(jnp.asarray(X), rng=seed)
    found = net.params
    assert list(found) == list(params)
    for path in params:
        value = np.asarray(params[path])
        assert value.tobytes() == np.asarray(found[path].detach()).tobytes(), path
        assert params.info[path].trainable == found.info[path].trainable, path
    return params, net, model


JAX_INITIALIZERS = {
    "lecun_normal": jax.nn.initializers.lecun_normal(),
    "glorot_uniform": jax.nn.initializers.glorot_uniform(),
    "orthogonal": jax.nn.initializers.orthogonal(),
    "ones": jax.nn.initializers.ones,
    "written by hand": lambda key, shape, dtype: jax.random.normal(key, shape, dtype) * 2,
}
TORCH_INITIALIZERS = {
    "xavier_normal_": torch.nn.init.xavier_normal_,
    "a partial": functools.partial(torch.nn.init.trunc_normal_, std=0.02),
    "orthogonal_": torch.nn.init.orthogonal_,
    "zeros_": torch.nn.init.zeros_,
    "written by hand": lambda tensor: torch.nn.init.normal_(tensor, 1.0).mul_(2),
}


class TestInitializersOfFrameworks:
    @pytest.mark.parametrize("name", JAX_INITIALIZERS)
    def test_of_jax(self, name):
        """The values are those of JAX under the key that follows from the path, on both frameworks."""
        initializer = JAX_INITIALIZERS[name]

        def body(x):
            return x @ u.get_parameter("weight", (4, 3), initializer)

        params, *_ = started(body)
        words = threefry.fold_paths(threefry.fold_in((0, 3), threefry.STREAM_PARAMS), ["weight"])[0]
        key = jax.random.wrap_key_data(np.array(words, np.uint32))
        np.testing.assert_array_equal(params["weight"], initializer(key, (4, 3), jnp.float32))

    @pytest.mark.parametrize("name", TORCH_INITIALIZERS)
    def test_of_torch(self, name):
        """The values follow from the seed and the path alone, and torch's own generator stays as it was."""
        initializer = TORCH_INITIALIZERS[name]

        def body(x, first="a"):
            return x @ (u.get_parameter(first, (4, 3), initializer) + u.get_parameter("b", (4, 3), initializer))

        torch.manual_seed(0)
        state = torch.get_rng_state()
        params, *_ = started(body)
        assert torch.equal(torch.get_rng_state(), state)
        again, *_ = started(body, first="z")
        np.testing.assert_array_equal(params["b"], again["b"])
        if name != "zeros_":
            assert not np.array_equal(params["a"], params["b"])
            other, *_ = started(body, seed=4)
            assert not np.array_equal(params["b"], other["b"])
        if name == "orthogonal_":
            np.testing.assert_allclose(params["a"].T @ params["a"], np.eye(3), atol=1e-6)

    def test_of_layers(self):
        def body(x):
            x = u.Linear(4, 3, init_fn=jax.nn.initializers.normal(1e-2))(x)
            return u.Linear(3, 2, init_fn={"weight": torch.nn.init.eye_, "bias": jax.nn.initializers.ones})(x)

        params, *_ = started(body)
        assert 0 < np.abs(params["linear/weight"]).max() < 0.1
        assert params["linear_1/weight"].tolist() == [[1, 0, 0], [0, 1, 0]]
        assert params["linear_1/bias"].tolist() == [1, 1]

    def test_of_each_layer_of_a_stack(self):
        def body(x):
            return u.layer_stack(3)(lambda x: u.Linear(4, 4, init_fn={"weight": torch.nn.init.normal_})(x))(x)

        params, *_ = started(body)
        weights = next(value for path, value in params.items() if path.endswith("weight"))
        assert len({weight.tobytes() for weight in np.asarray(weights)}) == 3

    @pytest.mark.parametrize("dtype", ["float64", "bfloat16"])
    def test_in_other_dtypes(self, dtype):
        def body(x):
            return x.sum() + u.get_parameter("weight", (4, 3), torch.nn.init.normal_, dtype=dtype).sum()

        with jax.enable_x64(True):
            params = u.transform(body, backend="jax").init(X, rng=0)
        net = u.transform(body, backend="torch").init(torch.tensor(X), rng=0)
        assert str(params["weight"].dtype) == dtype
        np.testing.assert_array_equal(
            np.asarray(params["weight"]).astype("float64"), net.params["weight"].detach().double().numpy()
        )

    def test_a_key_without_a_value(self):
        def body(x):
            return x @ u.get_parameter("weight", (4, 3), JAX_INITIALIZERS["lecun_normal"])

        model = u.transform(body, backend="jax")
        traced = jax.jit(lambda key: model.init(X, rng=key))(jax.random.key(3))
        np.testing.assert_allclose(traced["weight"], model.init(X, rng=3)["weight"], rtol=1e-6)

        def of_torch(x):
            return x @ u.get_parameter("weight", (4, 3), torch.nn.init.ones_)

        with pytest.raises(u.BackendError, match=r"ones_.* runs on torch, and init has a key without values"):
            jax.jit(lambda key: u.transform(of_torch, backend="jax").init(X, rng=key))(jax.random.key(3))

    def test_factories_of_our_own(self):
        """`normal` is `normal()`, and `zeros()` is `zeros`."""

        def body(x, normal, zeros):
            return x @ u.get_parameter("weight", (4, 3), normal) + u.get_parameter("bias", (3,), zeros)

        init = u.initializers
        one, *_ = started(body, normal=init.normal, zeros=init.zeros)
        two, *_ = started(body, normal=init.normal(), zeros=init.zeros())
        for path in one:
            np.testing.assert_array_equal(one[path], two[path])
        assert init.ones() is init.ones and init.eye() is init.eye
        with pytest.raises(TypeError, match=r"initializers.constant needs its argument: constant\(...\)"):
            started(body, normal=init.constant, zeros=init.zeros)

    def test_arrays_and_numbers(self):
        def body(x):
            scale = u.get_parameter("scale", 4, 2.5)
            return x * scale + u.get_parameter("offset", init_fn=np.arange(4.0))

        params, *_ = started(body)
        assert params["scale"].tolist() == [2.5] * 4
        assert params["offset"].tolist() == [0, 1, 2, 3]

    def test_refuses_what_is_no_initializer(self):
        for backend in ("torch", "jax"):
            with pytest.raises(TypeError, match=r"init_fn is an initializer.*got 'normal'"):
                u.transform(lambda x: u.get_parameter("w", (2,), "normal"), backend=backend).init(X, rng=0)
            with pytest.raises(ValueError, match=r"made values of shape \(3,\), where \(2,\) was asked for"):
                u.transform(
                    lambda x: u.get_parameter("w", (2,), lambda key, shape, dtype: jnp.ones(3)), backend=backend
                ).init(X, rng=0)


def frozen_body(x):
    return x @ u.get_parameter("weight", (4, 3), u.initializers.ones, trainable=False) + u.get_parameter("b", 3)


class TestFrozen:
    def test_is_not_trained(self):
        params, net, _ = started(frozen_body)
        assert list(params.split()[0]) == ["b"]
        assert params.info["weight"].collection == "params"
        assert [p.requires_grad for p in net.parameters()] == [False, True]
        net(torch.tensor(X)).sum().backward()
        assert net.weight.grad is None
        copied = pickle.loads(pickle.dumps(copy.deepcopy(net)))
        assert [p.requires_grad for p in copied.parameters()] == [False, True]


def tree_body(x):
    mix = u.get_parameter(
        "mix", {"left": (4, 4), "right": [(4,), 3]}, u.initializers.normal(), metadata={"kind": "mix"}
    )
    state = u.get_state("moments", Pair((4,), ()), {"left": 0.5, "right": 2.0}, collection="moments")
    u.set_state("moments", Pair(state.left + x.sum(0), state.right * 2))
    return (x @ mix["left"] + mix["right"][0]).sum() + mix["right"][1].sum() + state.left.sum()


class TestTrees:
    def test_each_leaf_is_a_variable(self):
        params, net, model = started(tree_body)
        assert list(params) == ["mix/left", "mix/right/0", "mix/right/1", "moments/left", "moments/right"]
        assert params.info["mix/right/1"].metadata == {"kind": "mix"}
        assert params.info["moments/left"].collection == "moments"
        assert "mix.right.0" in net.state_dict()
        output, changes = model.apply(params, X)
        np.testing.assert_allclose(net(torch.tensor(X)).item(), output, rtol=1e-5)
        assert changes["moments/left"].tolist() == [2.5] * 4
        assert net.moments.left.tolist() == [2.5] * 4
        assert float(net.moments.right) == float(changes["moments/right"]) == 4

    def test_compiles_and_is_copied(self):
        params, net, model = started(tree_body)
        jitted = jax.jit(model.apply)(params, X)
        np.testing.assert_allclose(jitted[0], model.apply(params, X)[0], rtol=1e-5)
        twin = pickle.loads(pickle.dumps(net))
        torch._dynamo.reset()
        compiled = torch.compile(copy.deepcopy(net), fullgraph=True, backend="aot_eager")
        with torch.no_grad():
            for _ in range(2):
                expected = net(torch.tensor(X))
                np.testing.assert_allclose(twin(torch.tensor(X)), expected, rtol=1e-5)
                np.testing.assert_allclose(compiled(torch.tensor(X)), expected, rtol=1e-5)

    def test_in_a_scan(self):
        def body(x):
            def step(carry, row):
                return carry + (row * u.get_parameter("w", {"a": (4,)}, 1.0)["a"]).sum(), None

            return u.scan(step, x.sum() * 0, x)[0]

        params, net, model = started(body)
        assert [path for path in params if path.endswith("w/a")]
        np.testing.assert_allclose(net(torch.tensor(X)).item(), model.apply(params, X)[0])

    def test_are_read_without_a_shape(self):
        def body(x):
            weight, nested = u.get_parameter("weight", (4, 3)), u.get_state("nested", {"a": (2,), "b": [(3,), (1,)]})
            assert u.get_parameter("weight").shape == weight.shape
            found = u.get_state("nested")
            assert list(found) == ["a", "b"] and [leaf.shape for leaf in found["b"]] == [(3,), (1,)]
            u.set_state("nested", {"a": nested["a"] + 1, "b": found["b"]})
            return x @ u.get_parameter("weight")

        params, net, model = started(body)
        assert net(torch.tensor(X)).shape == model.apply(params, X)[0].shape == (2, 3)
        assert net.nested.a.tolist() == [1, 1]

    @pytest.mark.parametrize("backend", ["torch", "jax"])
    def test_refusals(self, backend):
        def init(body):
            u.transform(body, backend=backend).init(torch.tensor(X) if backend == "torch" else X, rng=0)

        with pytest.raises(ValueError, match="there is no variable 'missing' yet: pass a shape"):
            init(lambda x: u.get_parameter("missing"))
        with pytest.raises(ValueError, match=r"keys \['a', 'b'\], and its init_fn is one with the keys \['a'\]"):
            init(lambda x: u.get_parameter("w", {"a": 1, "b": 2}, {"a": 1.0}))
        with pytest.raises(ValueError, match="'no name' cannot be a name"):
            init(lambda x: u.get_parameter("w", {"no name": 1}))
        with pytest.raises(u.StructureChangedError, match=r"'w' was registered by init .*'params', and .*'state'"):
            init(lambda x: u.get_parameter("w", 3) + u.get_state("w"))
        with pytest.raises(ValueError, match="'w/a' is a parameter, and only state can be set"):
            init(lambda x: u.set_state("w", u.get_parameter("w", {"a": 3})))
        with pytest.raises(TypeError, match="'s': state is an array or a tree of arrays, got 'text'"):
            init(lambda x: u.set_state("s", "text"))

    def test_a_call_asks_for_what_init_made(self):
        def body(x, shape=(4,)):
            return (x * u.get_parameter("w", {"a": shape}, 1.0)["a"]).sum()

        params, net, model = started(body)
        with pytest.raises(u.StructureChangedError, match="'w/a' was registered by init"):
            net(torch.tensor(X), shape=(2,))
        with pytest.raises(u.StructureChangedError, match="'w/a' was registered by init"):
            model.apply(params, X, shape=(2,))
