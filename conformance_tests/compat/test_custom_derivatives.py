"""`custom_jvp`, `custom_vjp` and `custom_gradient` on torch against JAX: rules that call the function, at any order."""

from collections.abc import Callable
from typing import Any

import jax as oracle
import numpy as np
import pytest
import torch

import unified.compat.jax as jax
import unified.compat.jax.numpy as unp
from conformance_tests.compat.differential import on

Program = Callable[[Any, Any], Any]
PROGRAMS: dict[str, Program] = {}


def program(fn: Program) -> Program:
    PROGRAMS[fn.__name__] = fn
    return fn


def orders(jax: Any, f: Any, x: Any) -> list[Any]:
    """Return the value and derivatives of `f` at a number, by each mode and pair of modes."""
    jnp = jax.numpy
    derivatives: list[Callable[[Any], Any]] = [
        f,
        jax.grad(f),
        lambda x: jax.jvp(f, (x,), (jnp.ones_like(x),))[1],
        jax.grad(jax.grad(f)),
        jax.jacfwd(jax.grad(f)),
        jax.grad(jax.jacfwd(f)),
        lambda x: jax.vmap(jax.grad(f))(jnp.stack([x, 2 * x])),
        lambda x: jax.grad(lambda v: jax.vmap(f)(v).sum())(jnp.stack([x, 2 * x])),
        jax.jit(jax.value_and_grad(f)),
    ]
    return [derivative(x) for derivative in derivatives]


@program
def jvp_that_calls_its_function(jax: Any, jnp: Any) -> Any:
    @jax.custom_jvp
    def f(x: Any) -> Any:
        return jnp.sin(x) * 2

    @f.defjvp
    def rule(primals: Any, tangents: Any) -> Any:
        return f(primals[0]), 3 * jnp.cos(primals[0]) * tangents[0]

    return orders(jax, f, jnp.asarray(0.5))


@program
def jvp_in_terms_of_its_function(jax: Any, jnp: Any) -> Any:
    @jax.custom_jvp
    def f(x: Any) -> Any:
        return jnp.exp(x)

    f.defjvps(lambda t, output, x: 2 * f(x) * t)
    return orders(jax, f, jnp.asarray(0.5))


@program
def jvps_of_several_arguments(jax: Any, jnp: Any) -> Any:
    @jax.custom_jvp
    def f(x: Any, y: Any, z: Any) -> Any:
        return {"a": x * y, "b": jnp.sum(z)}

    f.defjvps(
        lambda t, output, x, y, z: {"a": 2 * y * t, "b": 0 * output["b"]},
        None,
        lambda t, output, x, y, z: {"a": 0 * output["a"], "b": 5 * t.sum()},
    )
    args = jnp.asarray([1.0, 2.0]), jnp.asarray([3.0, 4.0]), jnp.asarray([[1.0, -1.0]])
    loss = lambda *args: f(*args)["a"].sum() + f(*args)["b"]
    return f(*args), jax.grad(loss, (0, 1, 2))(*args), jax.jvp(f, args, args)


@program
def jvp_of_booleans_and_integers(jax: Any, jnp: Any) -> Any:
    @jax.custom_jvp
    def f(x: Any, take: Any, times: Any) -> Any:
        return jnp.where(take, x * times, 0.0)

    @f.defjvp
    def rule(primals: Any, tangents: Any) -> Any:
        x, take, times = primals
        return f(x, take, times), jnp.where(take, 10.0 * tangents[0], 0.0)

    take, times = jnp.asarray([True, False]), jnp.asarray([2, 3])
    x = jnp.asarray([1.0, 2.0])
    return f(x, take, times), jax.grad(lambda x: f(x, take, times).sum())(x), f(x, True, 4)


@program
def jvp_with_static_arguments_and_keywords(jax: Any, jnp: Any) -> Any:
    def power(n: Any, x: Any) -> Any:
        return x**n

    f = jax.custom_jvp(power, nondiff_argnums=(0,))

    @f.defjvp
    def rule(n: Any, primals: Any, tangents: Any) -> Any:
        (x,), (t,) = primals, tangents
        return f(n, x), 100 * n * x ** (n - 1) * t

    x = jnp.asarray(2.0)
    return f(3, x), f(n=3, x=x), jax.grad(lambda x: f(3, x))(x), jax.grad(lambda x: f(n=2, x=x))(x)


@program
def vjp_that_calls_its_function(jax: Any, jnp: Any) -> Any:
    @jax.custom_vjp
    def f(x: Any) -> Any:
        return jnp.sin(x)

    f.defvjp(lambda x: (f(x), x), lambda x, g: (7 * g * jnp.cos(x),))
    x = jnp.asarray(0.5)
    return (
        f(x),
        jax.grad(f)(x),
        jax.grad(jax.grad(f))(x),
        jax.grad(jax.grad(jax.grad(f)))(x),
        jax.vmap(jax.grad(f))(jnp.stack([x, 2 * x])),
        jax.grad(lambda v: jax.vmap(f)(v).sum())(jnp.stack([x, 2 * x])),
        jax.jit(jax.value_and_grad(f))(x),
    )


@program
def vjp_with_computed_residuals(jax: Any, jnp: Any) -> Any:
    """The second derivative goes through what the forward rule computed."""

    @jax.custom_vjp
    def f(x: Any, y: Any) -> Any:
        return x * y

    f.defvjp(lambda x, y: (x * y, (jnp.sin(x), y * y)), lambda r, g: (g * r[1], 3 * g * r[0]))
    args = jnp.asarray(0.5), jnp.asarray(2.0)
    second = [jax.grad(jax.grad(f, i), j)(*args) for i in (0, 1) for j in (0, 1)]
    return f(*args), jax.grad(f, (0, 1))(*args), second


@program
def vjp_of_trees(jax: Any, jnp: Any) -> Any:
    @jax.custom_vjp
    def f(params: Any, x: Any, count: Any) -> Any:
        return params["w"] @ x, count + 1

    def forward(params: Any, x: Any, count: Any) -> Any:
        return f(params, x, count), (params, x)

    def backward(residuals: Any, cotangents: Any) -> Any:
        _params, x = residuals
        return {"w": 2 * jnp.outer(cotangents[0], x)}, None, None

    f.defvjp(forward, backward)
    args = {"w": jnp.arange(6.0).reshape(2, 3)}, jnp.asarray([1.0, 2.0, 3.0]), jnp.asarray(1)
    loss = lambda params, x: f(params, x, args[2])[0].sum()
    return f(*args), jax.grad(loss, (0, 1))(*args[:2])


class Held:
    """A tree of one array."""

    def __init__(self, value: Any) -> None:
        self.value = value


jax.tree_util.register_pytree_node(Held, lambda held: ((held.value,), None), lambda _, children: Held(*children))


@program
def gradients_that_are_a_prefix_of_the_arguments(jax: Any, jnp: Any) -> Any:
    @jax.custom_vjp
    def f(held: Any, pair: Any) -> Any:
        return held.value * pair[0] + pair[1]

    def backward(residuals: Any, g: Any) -> Any:
        return 2 * g * residuals[1], (g, None)

    f.defvjp(lambda held, pair: (f(held, pair), (held.value, pair[0])), backward)
    args = Held(jnp.asarray(2.0)), (jnp.asarray(3.0), jnp.asarray(4.0))
    return jax.grad(f)(*args).value, jax.grad(f, 1)(*args), jax.jit(jax.grad(f))(*args).value


@program
def rules_that_call_a_new_wrapper(jax: Any, jnp: Any) -> Any:
    """As `nnx.custom_vjp` does, which wraps its function at each call."""

    def f(x: Any) -> Any:
        wrapped = jax.custom_vjp(lambda x: jnp.sin(x))
        wrapped.fun.__wrapped__ = f
        wrapped.defvjp(lambda x: (f(x), jnp.cos(x)), lambda residual, g: (3 * residual * g,))
        return wrapped(x)

    return f(0.5), jax.grad(f)(0.5), jax.jit(f)(0.5), jax.jit(jax.grad(f))(0.5), jax.grad(jax.jit(f))(0.5)


@program
def a_rule_with_a_mistake(jax: Any, jnp: Any) -> Any:
    """Who takes no gradient is not told."""
    f = jax.custom_vjp(lambda x: x * 2)
    f.defvjp(lambda x: (f(x), None), lambda residual, g: (residual * g,))
    try:
        jax.grad(jax.jit(f))(3.0)
    except TypeError:
        return jax.jit(f)(3.0), jax.jit(jax.vmap(f))(jnp.arange(2.0)), jax.lax.map(f, jnp.arange(2.0))


@program
def vjp_of_the_identity(jax: Any, jnp: Any) -> Any:
    @jax.custom_vjp
    def identity(x: Any) -> Any:
        return x

    identity.defvjp(lambda x: (x, ()), lambda residuals, g: (-g,))
    x = jnp.asarray([1.0, -2.0])
    return identity(x), jax.grad(lambda x: (identity(x) ** 2).sum())(x)


@program
def gradient(jax: Any, jnp: Any) -> Any:
    @jax.custom_gradient
    def f(x: Any) -> Any:
        return x**2, lambda g: g * x * 10

    x = jnp.asarray(3.0)
    return f(x), jax.grad(f)(x), jax.grad(lambda x: f(x) * x)(x)


def second_orders(jax: Any, f: Any, x: Any) -> list[Any]:
    """Return second derivatives of a function of a vector, by each pair of modes whose inner one is reverse."""
    jnp = jax.numpy
    pushed = lambda v: jax.jvp(jax.grad(f), (x,), (v,))[1]
    return [
        jax.hessian(f)(x),
        jax.jacrev(jax.grad(f))(x),
        jax.grad(lambda x: jax.grad(f)(x).sum())(x),
        jax.grad(lambda x: jax.vjp(f, x)[1](1.0)[0].sum())(x),
        jax.jit(jax.vmap(pushed))(jnp.eye(len(x))),
        jax.vmap(jax.hessian(f))(jnp.stack([x, 2 * x])),
    ]


@program
def second_derivatives_of_a_vjp(jax: Any, jnp: Any) -> Any:
    """Outer transforms differentiate what the rules computed: here a step, whose derivative is zero."""
    f = jax.custom_vjp(lambda x: jnp.round(4 * x) / 4)
    f.defvjp(lambda x: (jnp.round(4 * x) / 4, x), lambda x, g: (g * x,))
    return second_orders(jax, lambda x: (f(x) ** 2 * x).sum(), jnp.asarray([1.1, 2.3, 0.7]))


@program
def second_derivatives_of_a_jvp(jax: Any, jnp: Any) -> Any:
    f = jax.custom_jvp(lambda x: jnp.round(4 * x) / 4)
    f.defjvp(lambda primals, tangents: (jnp.round(4 * primals[0]) / 4, tangents[0] * primals[0]))
    loss = lambda x: (f(x) ** 2 * x).sum()
    x = jnp.asarray([1.1, 2.3, 0.7])
    return second_orders(jax, loss, x), jax.jacfwd(jax.jacfwd(loss))(x), jax.grad(lambda x: jax.jacfwd(loss)(x)[0])(x)


@program
def second_derivatives_of_rules_that_call_functions_with_rules(jax: Any, jnp: Any) -> Any:
    step = jax.custom_jvp(lambda x: jnp.round(4 * x) / 4)
    step.defjvp(lambda primals, tangents: (jnp.round(4 * primals[0]) / 4, tangents[0]))
    f = jax.custom_vjp(lambda x, i: {"a": step(x) * x[i], "i": i})
    f.defvjp(
        lambda x, i: ({"a": step(x) * x[i], "i": i}, (x, i)),
        lambda residuals, g: (step(residuals[0]) * step(3 * g["a"]), None),
    )
    return second_orders(jax, lambda x: (f(x, 1)["a"] ** 3).sum(), jnp.asarray([1.1, 2.3, 0.7]))


@program
def static_arguments_of_jit(jax: Any, jnp: Any) -> Any:
    def f(n: Any, x: Any, *, reverse: Any = False) -> Any:
        assert type(n) is int and type(reverse) is bool
        return (x * n)[::-1] if reverse else x * n

    x = jnp.arange(3.0)
    return (
        jax.jit(f, static_argnums=0, static_argnames="reverse")(2, x, reverse=True),
        jax.jit(f, static_argnums=(-2,), static_argnames=("reverse",))(3, x),
    )


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(name: str) -> None:
    expected = oracle.tree.leaves(PROGRAMS[name](oracle, oracle.numpy))
    with on("torch"):
        actual = jax.tree_util.tree_leaves(PROGRAMS[name](jax, unp))
    assert len(actual) == len(expected)
    for ours, theirs in zip(actual, expected, strict=True):
        np.testing.assert_allclose(np.asarray(ours), np.asarray(theirs), rtol=1e-5, atol=1e-6)


def test_gradients_of_torch() -> None:
    """Tensors that require gradients, by autograd; twice."""
    with on("torch"):
        f = jax.custom_jvp(lambda x: unp.sin(x))
        f.defjvp(lambda primals, tangents: (f(*primals), 2 * unp.cos(primals[0]) * tangents[0]))
        x = torch.tensor(0.5, requires_grad=True)
        (first,) = torch.autograd.grad(f(x), x, create_graph=True)
        (second,) = torch.autograd.grad(first, x)
    torch.testing.assert_close(first, 2 * torch.cos(x))
    torch.testing.assert_close(second, -2 * torch.sin(x.detach()))


def test_compiles() -> None:
    with on("torch"):
        f = jax.custom_jvp(lambda x, take: unp.where(take, unp.sin(x), x))
        f.defjvp(lambda primals, tangents: (f(*primals), 2 * unp.cos(primals[0]) * tangents[0]))
        take = torch.tensor([True, False, True])
        gradient = jax.grad(lambda x: f(x, take).sum())
        x = torch.linspace(0, 1, 3)
        compiled = torch.compile(gradient, backend="eager", fullgraph=True)
        torch.testing.assert_close(compiled(x), gradient(x))
        torch.testing.assert_close(gradient(x)[0], torch.tensor(2.0))


def test_mistakes() -> None:
    with on("torch"):
        bare = jax.custom_vjp(lambda x: x)
        with pytest.raises(AttributeError, match="defvjp"):
            bare(unp.ones(2))
        with pytest.raises(AttributeError, match="defjvp"):
            jax.custom_jvp(lambda x: x)(unp.ones(2))
        bare.defvjp(lambda x: (x, ()), lambda residuals, g: g)
        with pytest.raises(TypeError, match="a tuple with a gradient for each of its 1 arguments"):
            jax.grad(lambda x: bare(x).sum())(unp.ones(2))
        with pytest.raises(NotImplementedError, match="symbolic_zeros"):
            bare.defvjp(lambda x: (x, ()), lambda residuals, g: (g,), symbolic_zeros=True)


@pytest.mark.parametrize("differentiate", ["jacfwd", "linearize", "jvp of vmap"])
def test_forward_mode_of_a_vjp_is_refused(differentiate: str) -> None:
    def slope(jax: Any, jnp: Any) -> Any:
        cube = jax.custom_vjp(lambda x: x**3)
        cube.defvjp(lambda x: (x**3, x), lambda x, g: (g * x,))
        x = jnp.ones(2)
        if differentiate == "jacfwd":
            return jax.jacfwd(cube)(x)
        if differentiate == "linearize":
            return jax.linearize(cube, x)[1](x)
        return jax.jvp(jax.vmap(cube), (x,), (x,))

    with pytest.raises(TypeError, match="custom_vjp"):
        slope(oracle, oracle.numpy)
    with on("torch"), pytest.raises(TypeError, match=r"reverse mode alone, by custom_vjp.*jax.custom_jvp"):
        slope(jax, unp)


@pytest.mark.parametrize("wrap", ["plain", "jit"])
def test_rules_with_symbolic_zeros_as_distrax_writes_them(wrap: str) -> None:
    def slopes(jax: Any, zeros: Any) -> Any:
        @jax.custom_jvp
        def product(x: Any, y: Any) -> Any:
            return jax.numpy.where(y == 0, 0.0, x * y)

        def rule(primals: Any, tangents: Any) -> Any:
            (x, y), (x_dot, _) = primals, tangents
            output = product(x, y)
            zero = zeros(jax.typeof(output).at_least_vspace())
            left = zero if isinstance(x_dot, zeros) else x_dot * y
            right = zero  # not differentiated by y
            return output, right if isinstance(left, zeros) else left

        product.defjvp(rule, symbolic_zeros=True)

        def f(x: Any, y: Any) -> Any:
            return (jax.jit(product) if wrap == "jit" else product)(x, y).sum()

        x, y = jax.numpy.array([1.0, np.inf, 2.0]), jax.numpy.array([3.0, 0.0, 4.0])
        return jax.grad(f)(x, y), jax.jvp(f, (x, y), (jax.numpy.ones(3), jax.numpy.ones(3)))

    from jax.custom_derivatives import SymbolicZero

    wanted = oracle.tree.leaves(slopes(oracle, SymbolicZero))
    with on("torch"):
        found = jax.tree.leaves(slopes(jax, jax.custom_derivatives.SymbolicZero))
    for ours, theirs in zip(found, wanted, strict=True):
        np.testing.assert_allclose(np.asarray(ours), np.asarray(theirs))


def test_types_of_arrays() -> None:
    for value in (1.0, np.ones((2, 3), np.float32), np.arange(3, dtype=np.int32), np.array(True)):
        wanted = oracle.typeof(oracle.numpy.asarray(value))
        with on("torch"):
            found = jax.typeof(jax.numpy.asarray(value))
        for name in ("at_least_vspace", "to_tangent_aval", "strip_weak_type"):
            ours, theirs = getattr(found, name)(), getattr(wanted, name)()
            assert (ours.shape, ours.dtype, ours.weak_type) == (theirs.shape, theirs.dtype, theirs.weak_type)
        assert (found.ndim, found.size) == (wanted.ndim, wanted.size)
