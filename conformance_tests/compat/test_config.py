"""`jax.config` on torch: options that change results do what they do on JAX, or are refused."""

import os
import subprocess
import sys
import threading
from typing import Any

import jax as oracle
import numpy as np
import pytest
import torch

import unified as u
import unified.compat.jax as jax
from conformance_tests.compat.differential import on
from unified.compat.jax.config_options import DEFAULTS, OWN

random = jax.random
DRAWS: dict[str, Any] = {
    "split": lambda r, k: r.split(k),
    "split 3": lambda r, k: r.split(k, 3),
    "split (2, 3)": lambda r, k: r.split(k, (2, 3)),
    "split 0": lambda r, k: r.split(k, 0),
    "fold_in": lambda r, k: r.fold_in(k, 7),
    **{
        f"bits {dtype} {shape}": lambda r, k, dtype=dtype, shape=shape: r.bits(k, shape, dtype)
        for dtype in ("uint8", "uint16", "uint32")
        for shape in ((), (1,), (7,), (2, 4), (0,), (5001,))
    },
    "uniform": lambda r, k: r.uniform(k, (5,)),
    "uniform bfloat16": lambda r, k: r.uniform(k, (5,), "bfloat16"),
    "randint": lambda r, k: r.randint(k, (5,), 0, 100),
    "randint int8": lambda r, k: r.randint(k, (5,), 0, 100, "int8"),
    "bernoulli": lambda r, k: r.bernoulli(k, 0.5, (5,)),
    "permutation": lambda r, k: r.permutation(k, 9),
    "choice": lambda r, k: r.choice(k, 9, (3,), replace=False),
    "normal": lambda r, k: r.normal(k, (5,)),
    "gamma": lambda r, k: r.gamma(k, 2.0, (3,)),
    "dirichlet": lambda r, k: r.dirichlet(k, np.ones(3, np.float32)),
    "poisson": lambda r, k: r.poisson(k, 3.0, (3,)),
    "categorical": lambda r, k: r.categorical(k, np.zeros(4, np.float32), shape=(5,)),
    "truncated_normal": lambda r, k: r.truncated_normal(k, -1.0, 1.0, (3,)),
}


def values(m: Any, draw: Any, key: Any) -> Any:
    drawn = draw(m.random, key)
    return np.asarray(m.random.key_data(drawn) if str(drawn.dtype) == "key<fry>" else drawn)


SLOW = ("gamma", "dirichlet", "poisson", "categorical", "randint int8", "truncated_normal")


@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.slow] * (name in SLOW)) for name in DRAWS])
def test_older_bits(name: str) -> None:
    with oracle.threefry_partitionable(False), on("torch"):
        for seed in (0, 42):
            for make in ("key", "PRNGKey"):
                ours = values(jax, DRAWS[name], getattr(jax.random, make)(seed))
                theirs = values(oracle, DRAWS[name], getattr(oracle.random, make)(seed))
                assert ours.dtype == theirs.dtype
                if name in ("normal", "gamma", "dirichlet", "truncated_normal"):
                    np.testing.assert_allclose(ours, theirs, rtol=1e-5)
                else:
                    np.testing.assert_array_equal(ours, theirs)


def test_older_bits_of_64() -> None:
    with oracle.threefry_partitionable(False), oracle.enable_x64(True), on("torch"):
        for shape in ((), (3,), (0,)):
            ours = np.asarray(jax.random.bits(jax.random.key(3), shape, "uint64"))
            np.testing.assert_array_equal(ours, oracle.random.bits(oracle.random.key(3), shape, "uint64"))


def test_older_bits_in_vmap() -> None:
    def draw(m: Any) -> Any:
        keys = m.random.split(m.random.key(3), 3)
        return np.asarray(m.vmap(lambda k: m.random.uniform(m.random.split(k)[1], (3,)))(keys))

    with jax.threefry_partitionable(False), on("torch"):
        np.testing.assert_array_equal(draw(jax), draw(oracle))


def test_every_option_of_jax_is_known() -> None:
    theirs = {name: getattr(value, "value", value) for name, value in oracle.config.values.items()}
    assert set(DEFAULTS) - set(OWN) == set(theirs)
    changed = {"jax_explicit_x64_dtypes": 1}  # an enumeration of numbers
    changed |= {
        name: theirs[name] for name in theirs if name.upper() in os.environ
    }  # as CI sets where programs are kept
    assert {name: changed.get(name, value) for name, value in DEFAULTS.items() if name not in OWN} == theirs


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("jax_default_prng_impl", "rbg"), ("jax_high_dynamic_range_gumbel", True), ("jax_no_tracing", True),
        ("jax_debug_key_reuse", True), ("jax_num_cpu_devices", 8), ("jax_default_matmul_precision", "BF16_BF16_F32"),
        ("jax_error_checking_behavior_nan", "raise"), ("jax_check_static_indices", True),
    ],
)  # fmt: skip
def test_refused(name: str, value: Any) -> None:
    before = getattr(oracle.config, name)
    with on("torch"), pytest.raises(u.BackendError, match=r"torch"):
        jax.config.update(name, value)
    assert getattr(oracle.config, name) == before


def test_unknown_options() -> None:
    with on("torch"):
        with pytest.raises(AttributeError, match="jax_no_such_option"):
            jax.config.update("jax_no_such_option", 1)
        with pytest.raises(ValueError, match="standard, strict"):
            jax.config.update("jax_numpy_dtype_promotion", "loose")


def test_x64_in_a_block_of_this_thread() -> None:
    found: list[Any] = []
    with on("torch"):
        with jax.enable_x64(True):
            assert jax.numpy.arange(3).dtype == np.int64
            assert jax.config.jax_enable_x64
            thread = threading.Thread(target=lambda: found.append(jax.numpy.arange(3).dtype))
            thread.start()
            thread.join()
        assert jax.numpy.arange(3).dtype == np.int32
    assert found == [np.int32]


def test_typed_keys_by_default_and_raw_ones_refused() -> None:
    with on("torch"):
        raw = jax.random.PRNGKey(3)
        with jax.enable_custom_prng(True):
            assert str(jax.random.PRNGKey(3).dtype) == "key<fry>"
        with jax.legacy_prng_key("error"):
            with pytest.raises(ValueError, match=r"jax\.random\.key"):
                jax.random.uniform(raw)
            jax.random.uniform(jax.random.key(3))
        with jax.legacy_prng_key("warn"), pytest.warns(FutureWarning, match=r"jax\.random\.key"):
            jax.random.uniform(raw)


PROMOTED: dict[str, Any] = {
    "int + float": lambda jnp, i, f, b: i + f,
    "float + float": lambda jnp, i, f, b: f + f,
    "float + 1": lambda jnp, i, f, b: f + 1,
    "float + 1.5": lambda jnp, i, f, b: f * 1.5,
    "int + 1": lambda jnp, i, f, b: 1 + i,
    "int + 1.5": lambda jnp, i, f, b: i + 1.5,
    "bool + 1": lambda jnp, i, f, b: b + 1,
    "float + True": lambda jnp, i, f, b: f + True,
    "bool + float": lambda jnp, i, f, b: b * f,
    "bool + bool": lambda jnp, i, f, b: jnp.logical_or(b, b),
    "half + float": lambda jnp, i, f, b: f.astype(jnp.bfloat16) + f,
    "where": lambda jnp, i, f, b: jnp.where(b, f, i),
    "where 0": lambda jnp, i, f, b: jnp.where(b, f, 0),
    "concatenate": lambda jnp, i, f, b: jnp.concatenate([i, f]),
    "dot": lambda jnp, i, f, b: jnp.dot(i, f),
    "weak + float": lambda jnp, i, f, b: jnp.asarray(1) + f,
    "weak + int": lambda jnp, i, f, b: jnp.asarray(1.5) + i,
    "take": lambda jnp, i, f, b: jnp.take(f, i),
    "power": lambda jnp, i, f, b: f**2,
    "less": lambda jnp, i, f, b: i < f,
    "mean": lambda jnp, i, f, b: jnp.mean(f),
}
RANKS: dict[str, Any] = {
    "scalar": lambda jnp, x, y: x + 1.0,
    "array without axes": lambda jnp, x, y: x * jnp.float32(2),
    "vector + matrix": lambda jnp, x, y: x + y,
    "matrix + matrix": lambda jnp, x, y: y + y.T,
    "where": lambda jnp, x, y: jnp.where(y > 0, x, y),
    "maximum": lambda jnp, x, y: jnp.maximum(y, x),
    "clip": lambda jnp, x, y: jnp.clip(y, -1.0, 1.0),
    "matmul": lambda jnp, x, y: y @ x,
    "expand": lambda jnp, x, y: x[None] - y,
    "arctan2": lambda jnp, x, y: jnp.arctan2(x, y),
}


def _refuses(call: Any) -> bool:
    try:
        call()
    except Exception:
        return True
    return False


@pytest.mark.parametrize("name", PROMOTED)
def test_strict_promotion(name: str) -> None:
    def call(m: Any) -> Any:
        jnp = m.numpy
        return PROMOTED[name](jnp, jnp.arange(2), jnp.ones(2), jnp.asarray([True, False]))

    with jax.numpy_dtype_promotion("strict"), on("torch"):
        assert _refuses(lambda: call(jax)) == _refuses(lambda: call(oracle))
    with on("torch"):
        assert not _refuses(lambda: call(jax))


@pytest.mark.parametrize("name", RANKS)
def test_rank_promotion(name: str) -> None:
    def call(m: Any) -> Any:
        return RANKS[name](m.numpy, m.numpy.ones(2), m.numpy.ones((2, 2)))

    with jax.numpy_rank_promotion("raise"), on("torch"):
        assert _refuses(lambda: call(jax)) == _refuses(lambda: call(oracle))


def test_values_that_are_not_finite() -> None:
    with on("torch"):
        x = jax.numpy.asarray([1.0, 0.0])
        with jax.debug_nans(True):
            assert (x / 2).shape == (2,)
            for compute in (lambda: x / x, lambda: jax.numpy.log(-x), lambda: jax.vmap(lambda y: y / y)(x)):
                with pytest.raises(FloatingPointError, match="not a number"):
                    compute()
            assert bool(jax.numpy.isinf(1 / x).any())
        with jax.debug_infs(True), pytest.raises(FloatingPointError, match="infinite"):
            1 / x
        assert bool(jax.numpy.isnan(x / x).any())


def test_precision_of_products() -> None:
    before = torch.get_float32_matmul_precision()
    try:
        with on("torch"):
            jax.config.update("jax_default_matmul_precision", "tensorfloat32")
            assert torch.get_float32_matmul_precision() == "high"
            with jax.default_matmul_precision("bfloat16"):
                assert torch.get_float32_matmul_precision() == "medium"
            assert torch.get_float32_matmul_precision() == "high"
    finally:
        with on("torch"):
            jax.config.update("jax_default_matmul_precision", None)
        torch.set_float32_matmul_precision(before)


WITHOUT_JAX = """
import sys
class Hidden:
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] == "jax":
            raise ImportError(name)
sys.meta_path.insert(0, Hidden)
import unified as u, unified.compat.jax as jax
u.set_backend("torch")
assert jax.config.jax_enable_x64 and jax.numpy.arange(2).dtype == "int64"
jax.config.update("jax_enable_x64", False)
assert jax.numpy.arange(2).dtype == "int32"
with jax.enable_x64(True):
    assert jax.numpy.arange(2).dtype == "int64"
with jax.threefry_partitionable(False):
    old = jax.random.bits(jax.random.key(0), (2,)).tolist()
assert old != jax.random.bits(jax.random.key(0), (2,)).tolist()
assert jax.config.jax_numpy_rank_promotion == "allow"
assert "jax" not in sys.modules
"""


@pytest.mark.slow
def test_without_jax() -> None:
    """Settings are kept here where JAX is not loaded, and start as the environment has them."""
    subprocess.run([sys.executable, "-c", WITHOUT_JAX], check=True, env={"JAX_ENABLE_X64": "1", "PYTHONPATH": "."})
