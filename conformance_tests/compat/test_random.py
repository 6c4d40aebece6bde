"""`unified.compat.jax.random` on torch beside `jax.random` itself."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
from unified.compat.jax import random

SEEDS = [0, 1, 42, 2**31 + 5, 2**40 + 3]
SHAPES: list[Any] = [(), (1,), (7,), (3, 4), (5000,), (0,), (2, 0, 3)]


@pytest.fixture(autouse=True)
def on_torch() -> Any:
    u.set_backend("torch")
    yield
    u.set_backend(None)


def keys(seed: int) -> tuple[torch.Tensor, jax.Array]:
    return random.PRNGKey(seed), jax.random.PRNGKey(seed)


def same(mine: torch.Tensor, other: jax.Array) -> None:
    """Equal bit for bit, of one dtype."""
    expected, mine = np.asarray(other), getattr(mine, "tensor", mine)
    if mine.dtype is torch.bfloat16:
        mine, expected = mine.view(torch.int16), expected.view(np.int16)
    assert mine.numpy().dtype == expected.dtype
    np.testing.assert_array_equal(mine.numpy(), expected)


def near(mine: torch.Tensor, other: jax.Array, units: int) -> None:
    """Equal within some units in the last place."""
    mine = getattr(mine, "tensor", mine)
    assert mine.shape == other.shape
    assert str(mine.dtype).endswith(str(other.dtype))
    np.testing.assert_array_max_ulp(mine.to(torch.float32).numpy(), np.asarray(other, np.float32), units)


@pytest.mark.parametrize("seed", SEEDS)
def test_keys(seed: int) -> None:
    mine, other = keys(seed)
    same(mine, other)
    same(random.key_data(random.key(seed)), other)
    for num in (2, 1, 5, (2, 3)):
        same(random.split(mine, num), jax.random.split(other, num))
    for data in (0, 7, 2**32 - 1):
        same(random.fold_in(mine, data), jax.random.fold_in(other, data))
    same(random.fold_in(mine, torch.tensor(9)), jax.random.fold_in(other, 9))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("seed", SEEDS[2:])
def test_bits(seed: int, shape: Any) -> None:
    mine, other = keys(seed)
    same(random.bits(mine, shape), jax.random.bits(other, shape))
    for dtype in ("uint8", "uint16"):
        same(random.bits(mine, shape, dtype), jax.random.bits(other, shape, dtype))
    with jax.enable_x64(True):
        same(random.bits(mine, shape, "uint64"), jax.random.bits(other, shape, "uint64"))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_uniform(shape: Any, dtype: str) -> None:
    mine, other = keys(3)
    same(random.uniform(mine, shape, dtype), jax.random.uniform(other, shape, dtype))
    for bounds in ((-1.0, 1.0), (0.0, 4.0), (-0.5, 0.5)):  # of a width that is a power of two: no rounding
        same(random.uniform(mine, shape, dtype, *bounds), jax.random.uniform(other, shape, dtype, *bounds))
    if dtype == "float32":
        near(random.uniform(mine, shape, dtype, 2.0, 7.1), jax.random.uniform(other, shape, dtype, 2.0, 7.1), 1)


def test_uniform_in_float64() -> None:
    mine, other = keys(3)
    with jax.enable_x64(True):
        same(random.uniform(mine, (100,), "float64"), jax.random.uniform(other, (100,), "float64"))


@pytest.mark.parametrize("p", [0.5, 0.1, 1.0, 0.0])
def test_bernoulli(p: float) -> None:
    mine, other = keys(4)
    same(random.bernoulli(mine, p, (5000,)), jax.random.bernoulli(other, p, (5000,)))
    array = np.linspace(0, p, 10, dtype=np.float32)
    same(random.bernoulli(mine, torch.tensor(array)), jax.random.bernoulli(other, jnp.asarray(array)))
    same(random.bernoulli(mine), jax.random.bernoulli(other))


@pytest.mark.parametrize("dtype", ["int32", "uint8", "int8", "int16"])
@pytest.mark.parametrize(
    "bounds", [(0, 10), (-5, 100), (0, 256), (-200, 3), (3, 3), (7, 2), (0, 128), (-128, 128), (-(2**31), 2**31 - 1)]
)
def test_randint(bounds: tuple[int, int], dtype: str) -> None:
    mine, other = keys(5)
    same(random.randint(mine, (500,), *bounds, dtype), jax.random.randint(other, (500,), *bounds, dtype))


def test_randint_with_arrays() -> None:
    mine, other = keys(5)
    low, high = np.array([0, 5, -3]), np.array([4, 6, 100])
    same(
        random.randint(mine, (20, 3), torch.tensor(low), torch.tensor(high)),
        jax.random.randint(other, (20, 3), jnp.asarray(low), jnp.asarray(high)),
    )


@pytest.mark.parametrize("size", [1, 2, 10, 3000])
def test_permutation(size: int) -> None:
    mine, other = keys(6)
    same(random.permutation(mine, size), jax.random.permutation(other, size))
    rows = np.arange(size * 3, dtype=np.float32).reshape(size, 3)
    for axis in (0, 1):
        for independent in (False, True):
            same(
                random.permutation(mine, torch.tensor(rows), axis, independent),
                jax.random.permutation(other, jnp.asarray(rows), axis, independent),
            )


@pytest.mark.parametrize("replace", [True, False])
def test_choice(replace: bool) -> None:
    mine, other = keys(7)
    odds = np.array([0.1, 0.5, 0.2, 0.2], np.float32)
    rows = np.arange(24, dtype=np.float32).reshape(4, 3, 2)
    for p, p_jax in ((None, None), (torch.tensor(odds), jnp.asarray(odds))):
        same(random.choice(mine, 4, (2,), replace, p), jax.random.choice(other, 4, (2,), replace, p_jax))
        for axis, size in ((0, 4), (1, 3)):
            if p is not None and size != 4:
                continue
            same(
                random.choice(mine, torch.tensor(rows), (3,), replace, p, axis),
                jax.random.choice(other, jnp.asarray(rows), (3,), replace, p_jax, axis),
            )
    same(random.choice(mine, 50, (4, 5), replace), jax.random.choice(other, 50, (4, 5), replace))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_normal(shape: Any) -> None:
    mine, other = keys(8)
    near(random.normal(mine, shape), jax.random.normal(other, shape), 16)


def test_normal_is_as_close_to_the_truth_as_jax() -> None:
    """In the tails the last bits of a float32 decide much; against float64 both are near."""
    mine, other = keys(9)
    drawn = random.normal(mine, (100_000,)).to(torch.float64).numpy()
    theirs = np.asarray(jax.random.normal(other, (100_000,)), np.float64)
    assert np.abs(drawn - theirs).max() < 3e-6
    assert abs(drawn.mean()) < 0.02
    assert abs(drawn.std() - 1) < 0.02


@pytest.mark.parametrize("bounds", [(-2.0, 2.0), (0.0, 1.0), (-1.0, 3.0)])
def test_truncated_normal(bounds: tuple[float, float]) -> None:
    mine, other = keys(10)
    found = random.truncated_normal(mine, *bounds, (5000,))
    np.testing.assert_allclose(found, jax.random.truncated_normal(other, *bounds, (5000,)), rtol=2e-5, atol=1e-6)
    assert (found > bounds[0]).all()
    assert (found < bounds[1]).all()
    low = np.array([-1.0, 0.0], np.float32)
    np.testing.assert_allclose(
        random.truncated_normal(mine, torch.tensor(low), 2.0),
        jax.random.truncated_normal(other, jnp.asarray(low), 2.0),
        rtol=1e-5,
        atol=1e-6,
    )


def test_what_follows_from_logarithms() -> None:
    mine, other = keys(11)
    np.testing.assert_allclose(random.gumbel(mine, (5000,)), jax.random.gumbel(other, (5000,)), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(
        random.exponential(mine, (5000,)), jax.random.exponential(other, (5000,)), rtol=1e-5, atol=1e-7
    )
    logits = np.random.default_rng(0).standard_normal((50, 6)).astype(np.float32)
    for axis in (-1, 0):
        same(
            random.categorical(mine, torch.tensor(logits), axis),
            jax.random.categorical(other, jnp.asarray(logits), axis),
        )
    same(
        random.categorical(mine, torch.tensor(logits), shape=(4, 50)),
        jax.random.categorical(other, jnp.asarray(logits), shape=(4, 50)),
    )


def test_many_words_are_those_of_few() -> None:
    """NumPy makes the words of large arrays, tensor operations those of small ones and under torch.compile."""
    mine, _ = keys(12)

    def draw(key: torch.Tensor) -> torch.Tensor:
        return random.uniform(key, (20_000,))

    expected = draw(mine)
    mapped = torch.func.vmap(draw)(torch.stack([mine, mine]).to(torch.int64))
    assert torch.equal(mapped[0], expected)


def test_on_jax_it_is_jax() -> None:
    _, other = keys(13)
    for name in random.__all__:
        assert hasattr(jax.random, name)
    assert isinstance(random.split(other), jax.Array)
    np.testing.assert_array_equal(random.normal(other, (3,)), jax.random.normal(other, (3,)))
    u.set_backend("jax")
    np.testing.assert_array_equal(random.PRNGKey(3), jax.random.PRNGKey(3))
    assert jnp.issubdtype(random.key(3).dtype, jax.dtypes.prng_key)


def test_inside_a_model_the_key_is_of_its_framework() -> None:
    def body(x: Any) -> Any:
        return random.uniform(random.split(random.PRNGKey(0))[1], (3,)) + 0 * x

    net = u.transform(body, backend="jax")
    on_jax, _ = net.apply(net.init(jnp.ones(3), rng=0), jnp.ones(3))
    on_torch = u.transform(body, backend="torch").init(torch.ones(3), rng=0)(torch.ones(3))
    np.testing.assert_array_equal(on_jax, on_torch)


def test_keys_of_numpy() -> None:
    """A key that was saved is an array of NumPy, by position and by name, eager and in `jit`."""
    from unified.compat.jax import jit

    other = jax.random.PRNGKey(7)
    saved = np.asarray(other)
    same(random.bits(saved, (3,)), jax.random.bits(saved, (3,)))
    same(random.bits(key=saved, shape=(3,)), jax.random.bits(other, (3,)))
    same(random.split(saved), jax.random.split(other))
    same(random.fold_in(saved, 3), jax.random.fold_in(other, 3))
    same(jit(lambda key: random.uniform(key, (3,)))(saved), jax.random.uniform(other, (3,)))
    for wrong in (saved[:1], saved.astype(np.float32), np.stack([saved, saved])):
        with pytest.raises((TypeError, ValueError), match="key"):
            random.bits(wrong, (3,))


def test_errors() -> None:
    mine, _ = keys(0)
    with pytest.raises(TypeError, match="a key is an array of two words"):
        random.split(3)
    with pytest.raises(ValueError, match=r"a key has shape \(2,\), got \(2, 2\)"):
        random.split(random.split(mine))
    with pytest.raises(TypeError, match="floating-point"):
        random.uniform(mine, (2,), "int32")
    with pytest.raises(TypeError, match="unsigned"):
        random.bits(mine, (2,), "int32")
    with pytest.raises(ValueError, match="without replacement"):
        random.choice(mine, 3, (4,), replace=False)
    assert random.randint(mine, (2,), 0, 3, "int64").dtype == np.int32
    with pytest.raises(TypeError, match="a probability"):
        random.bernoulli(mine, torch.tensor(1))
