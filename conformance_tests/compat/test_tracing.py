"""Tracing on torch against JAX: values, gradients, how often a body runs, when it is traced anew, and errors."""

import copy
import functools
import pickle
import threading
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import jax as raw_jax
import numpy as np
import pytest
import torch

import unified as u
import unified.compat.jax as jax
import unified.compat.jax.numpy as jnp
from conformance_tests.compat.differential import on
from unified.compat.jax import lax
from unified.compat.jax.on_torch import tracing
from unified.compat.jax.on_torch.array import Array

X = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)
KEY = np.array([0, 5], np.uint32)


class Calls:
    """How often the bodies of a program ran."""

    count = 0

    def step(self, carry: Any, x: Any) -> Any:
        self.count += 1
        return jnp.tanh(carry + x), carry * x

    def new(self) -> Callable[[Any, Any], Any]:
        """Return `step` as a new function, which nothing has traced."""
        return lambda carry, x: self.step(carry, x)

    def total(self, x: Any) -> Any:
        """Scan over rows, to a number."""
        return lax.scan(self.new(), x[0], x)[1].sum()

    def each(self, function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """Return a scan whose body calls a function of a row."""
        return lambda x: lax.scan(lambda c, r: (c + jnp.sum(function(r)), function(r)), jnp.float32(0), x)

    def one(self, r: Any) -> Any:
        return self.step(r, r)[1]

    def choice(self, r: Any) -> Any:
        return lax.cond(r[0] > 0, self.one, lambda r: -r, r)

    def search(self, r: Any) -> Any:
        return lax.while_loop(lambda c: c.sum() < 5, lambda c: self.step(c, c)[0] + 1, r)

    def counted(self, r: Any) -> Any:
        return lax.fori_loop(0, (r[0] > 0).astype(jnp.int32) + 2, lambda i, c: self.step(c, c)[0] + i, r)


def custom_vjp(x: Any) -> Any:
    @jax.custom_vjp
    def f(x: Any) -> Any:
        return jnp.sin(x)

    f.defvjp(lambda x: (jnp.sin(x), x), lambda x, g: (g * 2 * x,))
    return f(x)


def custom_jvp(x: Any) -> Any:
    @jax.custom_jvp
    def f(x: Any) -> Any:
        return jnp.sin(x)

    f.defjvp(lambda primals, tangents: (f(primals[0]), tangents[0] * 3 * primals[0] * f(primals[0])))
    return f(x)


def draws(key: Any) -> Any:
    random = jax.random
    return [
        random.normal(key, (5,)),
        random.normal(key, (5000,)),
        random.randint(key, (3,), 0, 9),
        random.bernoulli(key, 0.3, (4,)),
        random.permutation(key, 6),
        random.categorical(key, jnp.zeros(5)),
        random.gamma(key, 2.0, (3,)),
        random.poisson(key, 3.0, (4,)),
        random.fold_in(key, 3),
        random.truncated_normal(key, -1.0, 1.0, (4,)),
    ]


def pair(x: Any) -> Any:
    return jnp.stack([x, -x])


def square(c: Calls) -> Callable[[Any], Any]:
    return lambda r: (c.step(r, r)[0] ** 2).sum()


def layer_class() -> Any:
    """Return the class of objects with a jitted method, and a key that they split in Python."""

    class Layer:
        def __init__(self, calls: Calls, key: Any) -> None:
            self.calls, self.key = calls, key

        def next_key(self) -> Any:
            self.key, key = jax.random.split(self.key)
            self.calls.count += 1
            return key

        @functools.partial(jax.jit, static_argnums=0)
        def double(self, x: Any) -> Any:
            self.calls.count += 1
            return x * 2

    return Layer


def keys_on_self(c: Calls, key: Any) -> Any:
    """The key is split while the body is traced: all steps draw the same."""
    layer = layer_class()(c, key)
    return lax.scan(lambda carry, _: (carry, jax.random.uniform(layer.next_key(), (2,))), 0, None, length=3)[1]


# Quick ones; what they return and how often bodies run must be as in JAX.
QUICK: dict[str, Callable[[Calls, Any], Any]] = {
    "scan": lambda c, x: c.total(x),
    "grad of scan": lambda c, x: jax.grad(c.total)(x),
    "vmap of scan": lambda c, x: jax.vmap(c.total)(pair(x)),
    "scan in scan": lambda c, x: lax.scan(lambda a, r: lax.scan(c.new(), a, x), x[0], x),
    "no steps": lambda c, x: lax.scan(c.new(), x[0], x[:0]),
    "map": lambda c, x: lax.map(c.one, x),
    "fori": lambda c, x: (lax.fori_loop(0, 3, lambda i, v: c.step(v, v)[0] + i, x), lax.fori_loop(2, 2, lambda i, v: c.step(v, v)[0], x)),
    "while": lambda c, x: lax.while_loop(lambda v: v.sum() < 15, lambda v: c.step(v, v)[0] + 1, x),
    "grad in scan": lambda c, x: c.each(jax.grad(square(c)))(x),
    "choices in scan": lambda c, x: c.each(lambda r: c.choice(r) + c.search(r) + c.counted(r))(x),
    "jit": lambda c, x: (lambda f: (f(x), f(x * 2), f(x[:2]), f(x)))(jax.jit(c.total)),
    "jit of grad": lambda c, x: jax.jit(jax.grad(c.total))(x),
    "grad of jit": lambda c, x: jax.grad(jax.jit(c.total))(x),
    "vmap of jit": lambda c, x: jax.vmap(jax.jit(c.total))(pair(x)),
    "jit in jit": lambda c, x: jax.jit(lambda x: (lambda f: f(x) + f(x * 2))(jax.jit(c.total)))(x),
    "closure of jit": lambda c, x: jax.jit(lambda x: jax.jit(lambda y: c.step(x, y)[0] + x)(x * 2))(x),
    "jit in scan": lambda c, x: lax.scan(lambda a, r: (jax.jit(lambda r: c.step(r, a)[0])(r), None), x[0], x),
    "custom vjp": lambda c, x: (jax.jit(custom_vjp)(x), jax.grad(lambda x: jax.jit(custom_vjp)(x).sum())(x)),
    "custom jvp": lambda c, x: jax.hessian(lambda x: jax.jit(custom_jvp)(x).sum())(x[0]),
    "numbers": lambda c, x: jax.jit(lambda x, a, b, f: (x * a + b, a, f))(x, 2, 1.5, True),
    "weak": lambda c, x: (jax.jit(lambda a: a)(2) + x.astype(jnp.bfloat16), lax.scan(lambda a, r: (a + r.sum(), a), 0, x)),
    "empty": lambda c, x: jax.jit(lambda x: ((x * 2).sum(), x.T))(x[:0]),
    "at": lambda c, x: lax.fori_loop(0, 3, lambda i, v: v.at[i].set(1.0).at[0, i].add(x[1, i]), x),
    "masks": lambda c, x: lax.fori_loop(0, 2, lambda i, v: v + x[np.ones(4, bool)] * jnp.where(v > 0, 1, 2), x),
    "pullback": lambda c, x: jax.jit(lambda r: jax.vjp(c.one, r)[1](r)[0])(x),
    "closed over": lambda c, x: (lambda n: jax.jit(lambda y: y * int(n) + n)(x))(jnp.int32(3)),
    "lower": lambda c, x: jax.jit(lambda y: y * 2).lower(x).compile()(x),
    "eval_shape": lambda c, x: jnp.zeros(jax.eval_shape(lambda x: c.one(x)[None], x).shape),
    "cleared": lambda c, x: (lambda f: (f(x), f.clear_cache(), f(x), jax.clear_caches(), f(x), f(x))[::2])(jax.jit(c.one)),
}  # fmt: skip
SLOW: dict[str, Callable[[Calls, Any], Any]] = {
    "vmap of grad of scan": lambda c, x: jax.vmap(jax.grad(c.total))(pair(x)),
    "grad of vmap of scan": lambda c, x: jax.grad(lambda y: jax.vmap(c.total)(y).sum())(pair(x)),
    "hessian of scan": lambda c, x: jax.hessian(c.total)(x),
    "jacfwd of scan": lambda c, x: jax.jacfwd(lambda x: lax.scan(c.new(), x[0], x)[0])(x),
    "linearize": lambda c, x: jax.linearize(c.total, x)[1](x),
    "value_and_grad in scan": lambda c, x: c.each(lambda r: jax.value_and_grad(square(c))(r)[1])(x),
    "vmap in scan": lambda c, x: c.each(jax.vmap(c.one))(x),
    "axis in scan": lambda c, x: c.each(jax.vmap(lambda r: c.one(r) - lax.pmean(r, "i"), axis_name="i"))(x),
    "vjp in scan": lambda c, x: c.each(lambda r: jax.vjp(c.one, r)[1](r)[0])(x),
    "jvp in scan": lambda c, x: c.each(lambda r: jax.jvp(c.one, (r,), (r,))[1])(x),
    "linearize in scan": lambda c, x: c.each(lambda r: jax.linearize(c.one, r)[1](r))(x),
    "jacrev in scan": lambda c, x: c.each(jax.jacrev(c.one))(x),
    "hessian in scan": lambda c, x: c.each(jax.hessian(lambda r: c.one(r).sum()))(x),
    "remat in scan": lambda c, x: c.each(lambda r: jax.checkpoint(lambda r: c.one(r))(r))(x),
    "grad of remat in scan": lambda c, x: jax.grad(lambda x: c.each(lambda r: jax.checkpoint(lambda r: c.one(r))(r))(x)[0])(x),
    "switch in scan": lambda c, x: c.each(
        lambda r: lax.switch((r[0] > 0).astype(jnp.int32), [c.one, lambda r: -r], r)
    )(x),
    "vmap of cond in scan": lambda c, x: jax.vmap(c.each(c.choice))(pair(x)),
    "vmap of while in scan": lambda c, x: jax.vmap(c.each(c.search))(pair(x)),
    "vmap of fori in scan": lambda c, x: jax.vmap(c.each(c.counted))(pair(x)),
    "associative scan": lambda c, x: jax.jit(lambda x: lax.associative_scan(jnp.add, x))(x),
    "custom vjp in scan": lambda c, x: jax.grad(lambda x: c.each(custom_vjp)(x)[0])(x),
    "custom jvp in scan": lambda c, x: jax.vmap(jax.grad(lambda x: c.each(custom_jvp)(x)[0]))(pair(x)),
    "grad of custom jvp in scan": lambda c, x: c.each(jax.grad(lambda r: custom_jvp(r).sum()))(x),
    "hessian of custom vjp in scan": lambda c, x: c.each(jax.jacrev(jax.jacrev(lambda r: custom_vjp(r).sum())))(x),
    "hessian of jit": lambda c, x: jax.hessian(jax.jit(c.total))(x),
    "jit of hessian": lambda c, x: jax.jit(jax.hessian(c.total))(x),
    "jit of vmap of grad": lambda c, x: jax.jit(jax.vmap(jax.grad(c.total)))(pair(x)),
    "jvp of jit": lambda c, x: jax.jvp(jax.jit(c.total), (x,), (x,)),
    "vjp of jit": lambda c, x: jax.vjp(jax.jit(c.total), x)[1](jnp.float32(2)),
    "cond in jit": lambda c, x: jax.grad(lambda x: jax.jit(lambda x: lax.cond(x.sum() > 0, c.one, lambda x: -x, x))(x).sum())(x),
    "constant cond in jit": lambda c, x: jax.jit(lambda x: lax.cond(True, c.one, lambda x: c.one(x) * 2, x))(x),
    "while in jit": lambda c, x: jax.jit(lambda x: lax.while_loop(lambda v: v.sum() < 9, lambda v: v + jnp.abs(x), x))(x),
    "pullback passed to jit": lambda c, x: (lambda pull: jax.jit(lambda r: pull(r)[0])(x))(jax.vjp(jnp.sin, x)[1]),
    "axis of jit": lambda c, x: jax.vmap(jax.jit(lambda r: r - lax.pmean(r, "i") + lax.axis_index("i")), axis_name="i")(x),
    "unsigned": lambda c, x: lax.fori_loop(0, 3, lambda i, v: v * 2 // 3 + jnp.uint32(7), jnp.abs(x * 9).astype(jnp.uint32)),
    "windows": lambda c, x: lax.map(lambda r: lax.reduce_window(x * r[0], jnp.float32(0), lax.add, (2, 2), (1, 1), "SAME"), x),
    "numpy": lambda c, x: jax.jit(
        lambda x: jnp.pad(x, 1, constant_values=2)[1:-1, 1:-1] + jnp.linspace(0, 1, 3) + jnp.argsort(x) + jnp.cumsum(x)[0]
        + jnp.median(x) + jnp.linalg.norm(x) + jnp.var(x) + jnp.quantile(x, 0.3) + jax.nn.one_hot(jnp.arange(4), 3)
        + jnp.take(x, jnp.array([0, 1, 2]), axis=1) + jnp.einsum("ij,kj->ik", x, x)[:, :3] + lax.dynamic_slice(x, (0, 0), (4, 3))
    )(x),
}  # fmt: skip


def outcome(backend: str, program: Callable[[Calls, Any], Any], x: Any) -> tuple[list[np.ndarray], int]:
    calls = Calls()
    with on(backend):
        leaves = jax.tree_util.tree_leaves(program(calls, jnp.asarray(x)))
        return [np.asarray(leaf) for leaf in leaves], calls.count


def compare(program: Callable[[Calls, Any], Any], x: Any, *, exact: bool = False) -> None:
    wanted, expected = outcome("jax", program, x)
    found, count = outcome("torch", program, x)
    assert count == expected
    assert len(found) == len(wanted)
    for ours, theirs in zip(found, wanted, strict=True):
        assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)
        if exact:
            np.testing.assert_array_equal(ours, theirs)
        else:
            ours, theirs = ours.astype(np.float64), theirs.astype(np.float64)
            np.testing.assert_allclose(ours, theirs, rtol=2e-5, atol=1e-5)


@pytest.mark.parametrize("name", [*QUICK, *[pytest.param(name, marks=pytest.mark.slow) for name in SLOW]])
def test_program(name: str) -> None:
    compare((QUICK | SLOW)[name], X)


def test_keys_on_objects() -> None:
    compare(keys_on_self, KEY, exact=True)


def test_draws() -> None:
    """In scan, jit, and vmap of jit."""

    def program(c: Calls, key: Any) -> Any:
        return (
            lax.scan(lambda key, _: (jax.random.split(key)[0], jax.random.fold_in(key, 7)), key, None, length=3),
            jax.jit(lambda key: jax.random.normal(key, (5000,)))(key),
            lax.map(jax.random.PRNGKey, jnp.arange(3)),
        )

    wanted, found = outcome("jax", program, KEY)[0], outcome("torch", program, KEY)[0]
    for ours, theirs in zip(found, wanted, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)


@pytest.mark.slow
def test_draws_of_each_kind() -> None:
    """A traced draw has the bits of an eager one, which other tests compare with JAX."""
    with on("torch"):
        key = jnp.asarray(KEY)
        for traced in (jax.jit(draws)(key), [x[1] for x in jax.vmap(jax.jit(draws))(jnp.stack([key + 1, key]))]):
            for ours, eager in zip(traced, draws(key), strict=True):
                np.testing.assert_array_equal(np.asarray(ours), np.asarray(eager))


class Point(NamedTuple):
    x: Any
    y: Any


def test_what_is_traced_anew() -> None:
    def program(c: Calls, x: Any) -> Any:
        def double(tree: Any) -> Any:
            c.count += 1
            return jax.tree_util.tree_map(lambda leaf: leaf * 2, tree)

        f = jax.jit(double)
        trees = [x, x[0], x, [x], (x,), {"a": x}, {"a": x, "b": x}, Point(x, x[0]), Point(x, x), x.astype(jnp.int32)]
        numbers = [2, 3, 2.0, jnp.int32(2), jnp.asarray(2.0), jnp.float32(3), True]
        return [f(value) for value in (*trees, *numbers)], [f(value) for value in trees]

    compare(program, X)


def test_static_arguments() -> None:
    def program(c: Calls, x: Any) -> Any:
        def power(x: Any, n: int) -> Any:
            c.count += 1
            return x * sum(range(n))

        by_number, by_name = jax.jit(power, static_argnums=1), jax.jit(power, static_argnames="n")
        return [f(*args) for f in (by_number, by_name) for args in ((x, 3), (x, 3), (x, 4))], by_name(x, n=3)

    compare(program, X)


def test_methods() -> None:
    def program(c: Calls, x: Any) -> Any:
        kind = layer_class()
        layer = kind(c, KEY)
        return layer.double(x), layer.double(x + 1), kind(c, KEY).double(x)

    compare(program, X)


def test_disable_jit() -> None:
    def program(c: Calls, x: Any) -> Any:
        f = jax.jit(c.one)
        with jax.disable_jit():
            scanned = lax.scan(c.new(), x[0], x)
            looped = lax.fori_loop(0, 3, lambda i, v: c.step(v, v)[0] if i > 0 else v, x)
            return f(x) if f(x).sum() > -1000 else x, scanned, looped

    compare(program, X)


ERRORS: dict[str, Callable[[Any], Any]] = {
    "bool": lambda x: 1 if x > 0 else 2,
    "int": int,
    "float": float,
    "complex": complex,
    "item": lambda x: x.item(),
    "tolist": lambda x: x.tolist(),
    "array": np.asarray,
    "range": range,
    "index": lambda x: [1, 2, 3][x],
    "in": lambda x: 3 in jnp.ones(3) * x,
    "mask": lambda x: jnp.arange(3.0)[jnp.arange(3) < x],
    "arange": lambda x: jnp.arange(x),
    "unique": jnp.unique,
    "repeat": lambda x: jnp.repeat(jnp.ones(4), x),
    "constant": lambda x: int(jnp.array(5)),
    "iter": list,
    "hash": hash,
}


@pytest.mark.parametrize("name", ERRORS)
def test_values_are_not_known(name: str) -> None:
    """The class of the error has the name that JAX's has, in `jit` and in the body of a loop."""
    with on("jax"), pytest.raises(Exception) as theirs:
        jax.jit(ERRORS[name])(2)
    with on("torch"):
        with pytest.raises(Exception) as ours:
            jax.jit(ERRORS[name])(2)
        assert ours.type.__name__ == theirs.type.__name__
        with pytest.raises(ours.type):
            lax.fori_loop(0, 3, lambda i, x: ERRORS[name](i) and x, 0.0)


REFUSED: dict[str, Callable[[Any], Any]] = {
    "unhashable": lambda x: jax.jit(lambda x, n: x, static_argnums=1)(x, [1]),
    "argument": lambda x: jax.jit(lambda x: x)("a"),
    "result": lambda x: jax.jit(lambda x: "a")(x),
    "structure": lambda x: lax.scan(lambda c, r: ((c, c), None), 0, x),
    "dtype": lambda x: lax.scan(lambda c, r: (c > 1, None), x[0], x),
    "pair": lambda x: lax.scan(lambda c, r: c, x[0], x),
    "condition": lambda x: lax.while_loop(lambda c: c, lambda c: c, x),
    "branches": lambda x: jax.jit(lambda x: lax.cond(x[0, 0] > 0, lambda: x, lambda: (x, x)))(x),
    "types of branches": lambda x: jax.jit(lambda x: lax.cond(x[0, 0] > 0, lambda: x, lambda: x > 0))(x),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    types = []
    for backend in ("jax", "torch"):
        with on(backend), pytest.raises(Exception) as error:
            REFUSED[name](jnp.asarray(X))
        types.append(error.type.__name__)
    assert types[0] == types[1]


@pytest.fixture
def torch_backend() -> Iterator[None]:
    with on("torch"):
        yield


@pytest.mark.usefixtures("torch_backend")
class TestOnTorch:
    def test_error_names_the_leaf(self) -> None:
        with pytest.raises(TypeError, match=r"carry\['a'\]\[1\]"):
            lax.scan(lambda c, r: ({"a": [c["a"][0], c["a"][1] > 0]}, None), {"a": [0.0, jnp.ones(2)]}, jnp.ones(3))

    def test_leaks(self) -> None:
        kept: list[Any] = []
        jax.jit(lambda x: kept.append(x) or x)(jnp.ones(3))
        for use in (lambda: kept[0] + 1, lambda: jax.jit(lambda y: y + kept[0])(1.0)):
            with pytest.raises(jax.errors.UnexpectedTracerError):
                use()

    def test_tracers_and_levels(self) -> None:
        outside, levels = tracing.trace_state(), []

        def f(x: Any) -> Any:
            levels.append(tracing.trace_state())
            assert tracing.is_tracer(x.tensor)
            assert tracing.is_tracing()
            return x

        jax.jit(f)(jnp.ones(2))
        jax.jit(lambda x: f(x) + jax.jit(f)(x[0]))(jnp.ones(2))
        assert len({*levels, outside}) == 4
        assert tracing.trace_state() == outside

    def test_threads(self) -> None:
        """A trace of one thread is none of another, and both find what is traced already."""
        results: dict[int, Any] = {}
        f = jax.jit(lambda x: lax.scan(lambda c, r: (c + jnp.sin(r), c), x[0], x))

        def work(number: int) -> None:
            with on("torch"):
                for size in (2, 3, 4):
                    results[number, size] = f(jnp.full((size, 3), number / 2))[0]

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for (number, size), found in results.items():
            np.testing.assert_allclose(np.asarray(found), number / 2 + size * np.sin(number / 2), rtol=1e-6)
        assert len(results) == 12

    def test_tensors(self) -> None:
        """Tensors give tensors, with autograd's gradients."""
        x = torch.ones(3, requires_grad=True)
        out = jax.jit(lambda x: {"y": jnp.sin(x) * 2})(x)["y"]
        assert type(out) is torch.Tensor
        out.sum().backward()
        torch.testing.assert_close(x.grad, 2 * torch.cos(torch.ones(3)))
        assert isinstance(jax.jit(jnp.sin)(Array(x)), Array)

    def test_constants_of_a_transform_are_not_kept(self) -> None:
        f: list[Any] = []

        def outer(x: Any) -> Any:
            f.append(jax.jit(lambda y: y * x))
            return f[-1](2.0)

        assert float(jax.grad(outer)(3.0)) == 2.0
        assert f[-1]._cache_size() == 0

    def test_copies(self) -> None:
        f = jax.jit(lambda x: x + 1)
        assert float(copy.deepcopy(f)(1.0)) == 2.0
        with pytest.raises((AttributeError, pickle.PicklingError)):
            pickle.dumps(f)

    def test_text(self) -> None:
        lowered = jax.jit(lambda x: {"y": jnp.sin(x)[None]}).lower(jax.ShapeDtypeStruct((2,), jnp.float32))
        assert "sin" in lowered.as_text()
        assert lowered.out_info["y"].shape == (1, 2)

    def test_state_of_haiku(self) -> None:
        """State that a traced function sets comes out as an output."""
        import unified.compat.haiku as hk

        def body(x: Any) -> Any:
            counter = hk.get_state("counter", [], init=jnp.zeros)
            hk.set_state("counter", counter + 1)
            return hk.dropout(hk.next_rng_key(), 0.5, hk.Linear(3)(x)) * counter

        net = hk.transform_with_state(body)
        params, state = jax.jit(net.init)(jax.random.PRNGKey(0), jnp.ones((2, 4)))
        apply = jax.jit(net.apply)
        for count in range(3):
            wanted, _ = net.apply(params, state, jax.random.PRNGKey(count), jnp.ones((2, 4)))
            found, state = apply(params, state, jax.random.PRNGKey(count), jnp.ones((2, 4)))
            np.testing.assert_array_equal(np.asarray(found), np.asarray(wanted))
        assert float(state["~"]["counter"]) == 3.0

    def test_torch_models(self) -> None:
        """A model of `unified.transform` is traced as any function; one that takes `Params` runs as it stands."""
        net = u.transform(lambda x: u.Linear(None, 3)(torch.tanh(x)), backend="torch")
        x = torch.randn(2, 4)
        net.init(x)
        torch.testing.assert_close(jax.jit(lambda x: net(x))(x), net(x))
        torch.testing.assert_close(jax.jit(lambda p, x: net.apply(p, x)[0])(net.params, x), net(x))

    @pytest.mark.slow
    def test_torch_compile(self) -> None:
        """A jitted function, and one that loops, is one graph."""
        torch._dynamo.reset()
        step = jax.jit(lambda p, g: jax.tree_util.tree_map(lambda p, g: p - 0.1 * g, p, g))
        p, g = {"w": torch.ones(3)}, {"w": torch.full((3,), 2.0)}
        wanted = step(p, g)
        compiled = torch.compile(step, fullgraph=True, backend="aot_eager")
        torch.testing.assert_close(compiled(p, g), wanted)

    @pytest.mark.slow
    def test_compiled_graphs(self) -> None:
        torch._dynamo.reset()
        jax.config.update("unified_jit_compile", True)
        try:
            f = jax.jit(lambda x: jnp.sin(x) * 2 + x.sum())
            np.testing.assert_allclose(np.asarray(f(jnp.ones(3))), 2 * np.sin(np.ones(3)) + 3, rtol=1e-6)
        finally:
            jax.config.update("unified_jit_compile", False)


@pytest.mark.parametrize(
    "choose",
    [
        lambda jax, f: jax.lax.cond(True, f, lambda x: f(x) + 1, 1.0),
        lambda jax, f: jax.lax.cond(False, f, f, 1.0),
        lambda jax, f: jax.lax.switch(0, [f, f, lambda x: f(x) + 1], 1.0),
        lambda jax, f: [jax.lax.cond(True, f, lambda x: x, x) for x in (1.0, 2.0, 3)],
    ],
)
def test_branches_are_traced_as_often_as_in_jax(choose: Callable[[Any, Any], Any]) -> None:
    def count(jax: Any) -> int:
        seen = []

        def branch(x: Any) -> Any:
            seen.append(x)
            return x * 2

        choose(jax, branch)
        return len(seen)

    with on("torch"):
        assert count(jax) == count(raw_jax)


@pytest.mark.parametrize("transform", ["grad", "jacrev", "value_and_grad"])
def test_a_checkpoint_of_a_gradient(transform: str) -> None:
    def slope(jax: Any, x: Any) -> Any:
        def f(x: Any) -> Any:
            return jax.numpy.sin(x) ** 3

        return jax.tree.leaves(jax.checkpoint(getattr(jax, transform)(f))(x))[-1]

    wanted = raw_jax.grad(lambda x: slope(raw_jax, x))(2.0)
    with on("torch"):
        np.testing.assert_allclose(np.asarray(jax.grad(lambda x: slope(jax, x))(2.0)), wanted, rtol=1e-5)
        x = torch.tensor(2.0, requires_grad=True)
        torch.as_tensor(slope(jax, x)).backward()
        np.testing.assert_allclose(x.grad.numpy(), wanted, rtol=1e-5)
