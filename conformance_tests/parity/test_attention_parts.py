"""`u.RotaryEmbedding`, `u.causal_mask` and `u.KVCache`, against complex numbers, loops and whole sequences."""

import copy
import pickle

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
import unified.functional as F
from unified.core.dtypes import dtype_name

FRAMEWORKS = {"torch": torch.tensor, "jax": jnp.asarray}
frameworks = pytest.mark.parametrize("framework", FRAMEWORKS)
HEADS, KV_HEADS, FEATURES, WIDTH = 4, 2, 6, 12


def values(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def numbers(array):
    return np.asarray(array.detach() if isinstance(array, torch.Tensor) else array)


def turned(x, positions, base, interleaved):
    """The pairs of `x` as complex numbers, each turned by its angle, in float64."""
    half = x.shape[-1] // 2
    angles = np.asarray(positions, np.float64)[..., None] * base ** (-np.arange(half) / half)
    x = x.astype(np.float64)
    first, second = (x[..., 0::2], x[..., 1::2]) if interleaved else (x[..., :half], x[..., half:])
    result = (first + 1j * second) * np.exp(1j * angles)
    axis = -1 if interleaved else -2
    return np.stack([result.real, result.imag], axis).reshape(x.shape)


@frameworks
class TestRotaryEmbedding:
    @pytest.mark.parametrize("interleaved", [False, True])
    @pytest.mark.parametrize("base", [10000.0, 7.0])
    def test_turns_pairs(self, framework, interleaved, base):
        x = values(2, 3, 5, 8)
        rotate = u.RotaryEmbedding(8, base, interleaved=interleaved)
        for given, positions in ((0, range(5)), (11, range(11, 16)), (np.array([4, 1, 0, 9, 3]), [4, 1, 0, 9, 3])):
            start = FRAMEWORKS[framework](given) if isinstance(given, np.ndarray) else given
            found = numbers(rotate(FRAMEWORKS[framework](x), start))
            np.testing.assert_allclose(found, turned(x, positions, base, interleaved), atol=3e-6)

    @pytest.mark.parametrize(("wide", "tolerance"), [("float32", 3e-6), ("float64", 1e-12)])
    def test_turns_of_several_layers(self, framework, wide, tolerance):
        x, positions = values(2, 3, 4, 6).astype(wide), np.array([3, 4, 1, 0])
        rotate, array = u.RotaryEmbedding(6), FRAMEWORKS[framework]
        with jax.enable_x64(True):
            turns = rotate.turns(array(positions), dtype=wide)
            for factor in (1, -2):
                found = rotate(array(x * factor), turns)
                assert dtype_name(found.dtype) == wide
                np.testing.assert_allclose(
                    numbers(found), turned(x * factor, positions, 10000.0, False), atol=tolerance
                )
            other = "float32" if wide == "float64" else "float64"
            with pytest.raises(TypeError, match=f"angles in {other}, got {wide}"):
                rotate(array(x.astype(other)), turns)
        with pytest.raises(ValueError, match=r"2 steps have 2 positions, got \(4,\)"):
            rotate(array(x[..., :2, :]), turns)

    def test_positions_of_each_row(self, framework):
        x, positions = values(2, 3, 4, 6), np.array([[0, 1, 2, 3], [5, 6, 7, 8]])
        found = u.RotaryEmbedding(6)(FRAMEWORKS[framework](x), FRAMEWORKS[framework](positions[:, None]))
        np.testing.assert_allclose(numbers(found), turned(x, positions[:, None], 10000.0, False), atol=3e-6)

    def test_only_some_features(self, framework):
        x = values(3, 8)
        found = numbers(u.RotaryEmbedding(4)(FRAMEWORKS[framework](x), 2))
        np.testing.assert_allclose(found[:, :4], turned(x[:, :4], range(2, 5), 10000.0, False), atol=3e-6)
        assert found[:, 4:].tolist() == x[:, 4:].tolist()

    def test_other_frequencies(self, framework):
        x, frequencies = values(3, 4), np.array([0.5, 0.25])
        found = numbers(u.RotaryEmbedding(4, frequencies=frequencies)(FRAMEWORKS[framework](x)))
        pairs = (x[:, :2] + 1j * x[:, 2:]) * np.exp(1j * np.arange(3)[:, None] * frequencies)
        np.testing.assert_allclose(found, np.concatenate([pairs.real, pairs.imag], 1), atol=1e-6)

    @pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
    def test_narrow_dtypes_have_exact_positions(self, framework, dtype):
        x = values(1, 8)
        array = FRAMEWORKS[framework](x)
        narrow = array.to(getattr(torch, dtype)) if framework == "torch" else array.astype(dtype)
        found = u.RotaryEmbedding(8)(narrow, 1001)
        assert found.dtype == narrow.dtype
        wide = narrow.float() if framework == "torch" else narrow.astype("float32")
        expected = turned(numbers(wide), [1001], 10000.0, False)
        as_float = found.float() if framework == "torch" else found.astype("float32")
        np.testing.assert_allclose(numbers(as_float), expected, atol=1e-3 if dtype == "float16" else 1e-2)

    def test_float64(self, framework):
        x = values(3, 8).astype(np.float64)
        with jax.enable_x64(True):
            found = numbers(u.RotaryEmbedding(8)(FRAMEWORKS[framework](x), 1001))
        assert found.dtype == np.float64
        np.testing.assert_allclose(found, turned(x, range(1001, 1004), 10000.0, False), atol=1e-11)

    def test_no_steps(self, framework):
        assert u.RotaryEmbedding(4)(FRAMEWORKS[framework](values(2, 0, 4))).shape == (2, 0, 4)

    def test_refuses_what_does_not_fit(self, framework):
        array = FRAMEWORKS[framework]
        with pytest.raises(ValueError, match="dim must be even and positive, got 3"):
            u.RotaryEmbedding(3)
        with pytest.raises(ValueError, match="4 features have 2 frequencies, got 1"):
            u.RotaryEmbedding(4, frequencies=[1.0])
        with pytest.raises(ValueError, match=r"at least 4 features, got \(2, 3\)"):
            u.RotaryEmbedding(4)(array(values(2, 3)))
        with pytest.raises(ValueError, match=r"2 steps have 2 positions, got \(3,\)"):
            u.RotaryEmbedding(4)(array(values(2, 4)), array(np.arange(3)))
        with pytest.raises(TypeError, match="floating-point arrays, got int"):
            u.RotaryEmbedding(4)(array(np.zeros((2, 4), np.int32)))
        with pytest.raises(u.BackendError, match="got ndarray"):
            u.RotaryEmbedding(4)(values(2, 4))


@frameworks
@pytest.mark.parametrize("window", [None, 1, 3, 9])
@pytest.mark.parametrize("start", [0, 4])
def test_causal_mask(framework, window, start):
    query, key = FRAMEWORKS[framework](values(2, 3, 5)), FRAMEWORKS[framework](values(2, 7, 5))
    mask = u.causal_mask(query, key, start=start, window=window)
    reach = window or 99
    assert mask.tolist() == [[0 <= start + i - j < reach for j in range(7)] for i in range(3)]


@frameworks
def test_a_window_is_positive(framework):
    x = FRAMEWORKS[framework](values(2, 3))
    with pytest.raises(ValueError, match="window of a mask must be positive, got 0"):
        u.causal_mask(x, x, window=0)


def attention(x, cache=None, window=None, in_place=False):
    batch, time, _ = x.shape
    sizes = {"query": HEADS, "key": KV_HEADS, "value": KV_HEADS}
    query, key, value = (
        u.Linear(WIDTH, heads * FEATURES, name=name)(x).reshape(batch, time, heads, FEATURES).swapaxes(1, 2)
        for name, heads in sizes.items()
    )
    rotate = u.RotaryEmbedding(FEATURES)
    start = 0 if cache is None else cache.length
    query, key = rotate(query, start), rotate(key, start)
    if cache is None:
        mask = u.causal_mask(query, key, window=window)
    else:
        cache = cache.append(key, value, in_place=in_place)
        key, value, mask = cache.keys, cache.values, cache.mask(time, window=window)
    y = F.scaled_dot_product_attention(query, key, value, attn_mask=mask, enable_gqa=True)
    return u.Linear(HEADS * FEATURES, WIDTH)(y.swapaxes(1, 2).reshape(batch, time, -1)), cache


def by_steps(call, x, in_place=False):
    """The outputs for a prompt of three steps and the following ones, one by one."""
    cache = u.KVCache.zeros((2, KV_HEADS, 8, FEATURES), like=x)
    outputs = []
    for start, stop in ((0, 3), (3, 4), (4, 5), (5, 6)):
        output, cache = call(x[:, start:stop], cache)
        outputs.append(numbers(output))
    assert int(cache.length) == 6
    return np.concatenate(outputs, 1)


class TestKVCache:
    @pytest.mark.parametrize("window", [None, 2])
    @pytest.mark.parametrize("in_place", [False, True])
    def test_steps_equal_the_whole_sequence(self, window, in_place):
        x = values(2, 6, WIDTH)
        net = u.transform(attention, window=window, in_place=in_place, backend="torch").init(torch.tensor(x), rng=0)
        net.requires_grad_(False)
        whole = numbers(net(torch.tensor(x))[0])
        np.testing.assert_allclose(by_steps(net, torch.tensor(x)), whole, atol=1e-6)
        model = u.transform(attention, window=window, in_place=in_place, backend="jax")
        params = net.params.to("jax")

        def apply(*args):
            return model.init(jnp.asarray(x), rng=0) and model.apply(params, *args)[0]

        np.testing.assert_allclose(numbers(apply(jnp.asarray(x))[0]), whole, atol=1e-6)
        for call in (apply, jax.jit(lambda *args: model.apply(params, *args)[0])):
            np.testing.assert_allclose(by_steps(call, jnp.asarray(x)), whole, atol=1e-6)

    def test_gradients_go_through_the_cache(self):
        gradients = []
        for backend, array in FRAMEWORKS.items():
            x = array(values(2, 6, WIDTH))
            net = u.transform(attention, backend=backend)
            made = net.init(x, rng=0)
            params = made.params if backend == "torch" else made

            def loss(params, net=net, x=x):
                cache = u.KVCache.zeros((2, KV_HEADS, 8, FEATURES), like=x)
                total = 0.0
                for start, stop in ((0, 3), (3, 6)):
                    (y, cache), _ = net.apply(params, x[:, start:stop], cache)
                    total = total + (y**2).sum()
                return total

            def whole(params, net=net, x=x):
                return (net.apply(params, x)[0][0] ** 2).sum()

            found, expected = u.grad(loss)(params), u.grad(whole)(params)
            for path in expected:
                np.testing.assert_allclose(numbers(found[path]), numbers(expected[path]), atol=2e-5, err_msg=path)
            gradients.append(found.to("numpy"))
        for path in gradients[0]:
            np.testing.assert_allclose(gradients[0][path], gradients[1][path], atol=2e-5, err_msg=path)

    @frameworks
    def test_is_a_value(self, framework):
        like = FRAMEWORKS[framework](values(1))
        empty = u.KVCache.zeros((1, 4, 2), like=like, value_features=3)
        steps = FRAMEWORKS[framework](values(1, 2, 2)), FRAMEWORKS[framework](values(1, 2, 3))
        full = empty.append(*steps)
        assert (int(empty.length), int(full.length), full.max_length) == (0, 2, 4)
        assert not numbers(empty.keys).any()
        assert numbers(full.keys)[:, :2].tolist() == values(1, 2, 2).tolist()
        assert full.values.shape == (1, 4, 3)
        for copied in (copy.deepcopy(full), pickle.loads(pickle.dumps(full))):
            assert type(copied) is u.KVCache
            assert numbers(copied.values).tolist() == numbers(full.values).tolist()

    def test_in_place_writes_into_the_memory_of_the_cache(self):
        empty = u.KVCache.zeros((1, 4, 2), like=torch.zeros(1))
        full = empty.append(torch.ones(1, 2, 2), torch.ones(1, 2, 2), in_place=True)
        assert full.keys.data_ptr() == empty.keys.data_ptr()
        assert full.keys[0, :, 0].tolist() == [1, 1, 0, 0]

    @frameworks
    def test_has_the_framework_of_the_body(self, framework):
        made = []

        def body(x):
            made.append(u.KVCache.zeros((1, 4, 2), dtype="float16"))
            return u.Linear(None, 2)(x)

        x = FRAMEWORKS[framework](values(1, 3))
        u.transform(body, backend=framework).init(x, rng=0)
        assert isinstance(made[0].keys, torch.Tensor) == (framework == "torch")
        assert str(made[0].values.dtype).endswith("float16")

    @frameworks
    def test_refuses_what_does_not_fit(self, framework):
        array = FRAMEWORKS[framework]
        cache = u.KVCache.zeros((1, 4, 2), like=array(values(1)))
        cache = cache.append(array(values(1, 3, 2)), array(values(1, 3, 2)))
        two = array(values(1, 2, 2))
        with pytest.raises(ValueError, match="a cache for 4 steps holds 3, and has no room for 2 more"):
            cache.append(two, two)
        with pytest.raises(ValueError, match=r"values float32\[1, 4, 2\].*float32\[1, 2, 3\] cannot be appended"):
            cache.append(two, array(values(1, 2, 3)))
        with pytest.raises(ValueError, match="2 steps of keys and 1 of values"):
            cache.append(two, two[:, :1])
        with pytest.raises(ValueError, match=r"\(..., max_length, features\), got \(3,\)"):
            u.KVCache.zeros((3,), like=two)
        with pytest.raises(ValueError, match="floating-point numbers, got dtype int32"):
            u.KVCache.zeros((3, 2), like=two, dtype="int32")

    def test_steps_beyond_the_end_are_nan_in_compiled_jax(self):
        cache = u.KVCache.zeros((1, 4, 2), like=jnp.zeros(1))
        step = jax.jit(lambda cache: cache.append(jnp.ones((1, 3, 2)), jnp.ones((1, 3, 2))))
        cache = step(cache)
        assert not jnp.isnan(cache.keys).any()
        assert jnp.isnan(step(cache).keys).any()

    @frameworks
    def test_mapped_and_carried_by_a_loop(self, framework):
        """Lanes of a vmap, and steps of a scan, equal one call after another."""
        array = FRAMEWORKS[framework]
        x = array(values(3, 5, 2))

        def step(cache, x):
            cache = cache.append(x[None], x[None] * 2)
            return cache, cache.values.sum()

        def lane(x):
            cache = u.KVCache.zeros((6, 2), like=x)
            return u.scan(step, cache, x)

        lanes, sums = u.vmap(lane)(x)
        assert lanes.length.tolist() == [5, 5, 5]
        np.testing.assert_allclose(numbers(lanes.keys)[:, :5], numbers(x))
        np.testing.assert_allclose(numbers(sums), 2 * numbers(x).sum(-1).cumsum(1), rtol=1e-5)

    def test_compiles_in_one_graph(self):
        x = torch.tensor(values(2, 6, WIDTH))
        net = u.transform(attention, backend="torch").init(x, rng=0)
        torch._dynamo.reset()
        compiled = torch.compile(net, fullgraph=True, backend="aot_eager")
        with torch.no_grad():
            np.testing.assert_allclose(by_steps(compiled, x), numbers(net(x)[0]), atol=1e-6)


@pytest.mark.parametrize("heads", [(8, 2), (4, 1), (4, 4), (6, 3)])
@pytest.mark.parametrize("masked", [None, "causal", "bool", "heads"])
def test_grouped_heads(heads, masked):
    """Heads that share keys, on JAX against torch's, with gradients; and heads that do not fit are refused."""
    many, few = heads
    arrays = [values(2, many, 5, 4), values(2, few, 7, 4, seed=1), values(2, few, 7, 3, seed=2)]
    options = {"enable_gqa": True, "is_causal": masked == "causal"}
    mask = {"bool": values(5, 7) > -1, "heads": values(2, many, 5, 7)}.get(masked)
    tensors = [torch.tensor(array, requires_grad=True) for array in arrays]
    expected = F.scaled_dot_product_attention(
        *tensors, attn_mask=None if mask is None else torch.tensor(mask), **options
    )
    gradients = torch.autograd.grad((expected**2).sum(), tensors)

    def attend(*arrays):
        return F.scaled_dot_product_attention(*arrays, attn_mask=None if mask is None else jnp.asarray(mask), **options)

    inputs = [jnp.asarray(array) for array in arrays]
    np.testing.assert_allclose(attend(*inputs), numbers(expected), atol=1e-5)
    found = jax.grad(lambda *arrays: (attend(*arrays) ** 2).sum(), argnums=(0, 1, 2))(*inputs)
    for one, other in zip(found, gradients, strict=True):
        np.testing.assert_allclose(one, other.numpy(), atol=2e-5)


def test_heads_that_cannot_be_shared():
    for query, key, value in ((3, 2, 2), (4, 2, 3), (4, 0, 0), (0, 0, 2)):
        arrays = [jnp.zeros((2, heads, 5, 4)) for heads in (query, key, value)]
        with pytest.raises(ValueError, match=f"{query} heads of queries cannot share {key} heads of keys"):
            F.scaled_dot_product_attention(*arrays, enable_gqa=True)
    none = jnp.zeros((2, 0, 5, 4))
    assert F.scaled_dot_product_attention(none, none, none, enable_gqa=True).shape == (2, 0, 5, 4)
