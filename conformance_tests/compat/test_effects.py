"""What traced functions do besides returning values, against JAX: `debug.print`, `debug.callback` and `io_callback`."""

from collections.abc import Callable
from typing import Any

import jax as raw_jax
import pytest

import unified.compat.jax as jax
from conformance_tests.compat.differential import on

Program = Callable[[Any, Callable[..., Any]], Callable[[Any], Any]]


def loop(jax: Any, note: Any) -> Callable[[Any], Any]:
    def step(x: Any) -> Any:
        note("a")
        jax.lax.cond(x > 1, lambda x: note("b", x), lambda x: note(), x)
        return x + 1

    return lambda x: jax.lax.while_loop(lambda x: x < 3, step, x)


def diagnosis(jax: Any, note: Any) -> Callable[[Any], Any]:
    def inner(x: Any) -> Any:
        note("slope", x)
        jax.lax.cond(x > 0, lambda _: note("up"), lambda x: note("down", x), x)

    return lambda x: jax.lax.cond(x < 2, inner, lambda x: None, x)


def ruled(jax: Any, note: Any) -> Callable[[Any], Any]:
    @jax.custom_jvp
    def f(x: Any) -> Any:
        note("f", x)
        return x * 2

    f.defjvp(lambda primals, tangents: (primals[0] * 2, tangents[0] * 2))
    return lambda x: (f(x), x)[1]


# By name; what `note` is given is kept in order. All results are dropped or do not depend on the notes.
PROGRAMS: dict[str, Program] = {
    "a branch": lambda jax, note: lambda x: jax.lax.cond(x > 0, lambda x: note("yes", x), lambda x: note("no", x), x),
    "a branch without arguments": lambda jax, note: lambda x: jax.lax.cond(x > 0, lambda: note("y"), lambda: note("n")),
    "switch": lambda jax, note: lambda x: jax.lax.switch(1, [lambda: note(0), lambda: note(1)]),
    "while_loop": loop,
    "scan": lambda jax, note: (
        lambda x: jax.lax.scan(lambda c, y: (c, note("step", y)), None, jax.numpy.arange(3.0) + x)
    ),
    "fori_loop": lambda jax, note: lambda x: jax.lax.fori_loop(0, 2, lambda i, c: (note("i", i), c)[1], x),
    "branches in branches": diagnosis,
    "jit in jit": lambda jax, note: lambda x: jax.jit(lambda x: note("inner", x))(x),
    "a custom_jvp": ruled,
    "grad": lambda jax, note: jax.grad(lambda x: (note("forward", x), x * x)[1]),
    "value_and_grad of a branch": lambda jax, note: (
        lambda x: jax.value_and_grad(
            lambda x: jax.lax.cond(x > 0, lambda x: (note("in", x), x * x)[1], lambda x: x, x)
        )(x)
    ),
    "vmap": lambda jax, note: lambda x: jax.vmap(lambda y: note("lane", y, x))(jax.numpy.arange(3.0) + x),
    "vmap of jit": lambda jax, note: lambda x: jax.vmap(jax.jit(lambda y: note("lane", y)))(jax.numpy.arange(3.0) + x),
    "vmap of a grad": lambda jax, note: (
        lambda x: jax.vmap(jax.grad(lambda y: (note("lane", y), y * y)[1]))(jax.numpy.arange(3.0) + x)
    ),
}


def notes(jax: Any, program: str, wrap: str, how: str, x: float) -> list[Any]:
    kept: list[Any] = []

    def keep(*values: Any) -> None:
        kept.append(tuple([value if isinstance(value, str) else float(value) for value in values]))

    def note(*values: Any) -> None:
        texts = [value for value in values if isinstance(value, str)]
        arrays = [jax.numpy.asarray(value) for value in values if not isinstance(value, str)]
        if how == "callback":
            jax.debug.callback(lambda *arrays: keep(*texts, *arrays), *arrays, ordered=False)
        else:
            jax.experimental.io_callback(lambda *arrays: keep(*texts, *arrays), None, *arrays, ordered=False)

    f = PROGRAMS[program](jax, note)
    (jax.jit(f) if wrap == "jit" else f)(jax.numpy.float32(x))
    if jax is raw_jax:
        jax.effects_barrier()
    return kept


@pytest.mark.parametrize("wrap", ["plain", "jit"])
@pytest.mark.parametrize("program", PROGRAMS)
def test_callbacks_are_called_as_in_jax(program: str, wrap: str) -> None:
    count = 0
    for x in (1.0, -1.0):
        wanted = notes(raw_jax, program, wrap, "callback", x)
        with on("torch"):
            found = notes(jax, program, wrap, "callback", x)
        assert sorted(found) == sorted(wanted)  # JAX orders those that are not `ordered` as it likes
        count += len(wanted)
    assert count


@pytest.mark.parametrize("program", ["a branch", "switch", "while_loop", "scan", "branches in branches", "jit in jit"])
def test_io_callbacks_are_called_as_in_jax(program: str) -> None:
    for x in (1.0, -1.0):
        wanted = notes(raw_jax, program, "jit", "io", x)
        with on("torch"):
            found = notes(jax, program, "jit", "io", x)
        assert sorted(found) == sorted(wanted)


def test_prints_of_branches(capsys: pytest.CaptureFixture[str]) -> None:
    def f(x: Any) -> Any:
        return jax.lax.cond(x > 0, lambda: jax.debug.print("no values"), lambda: None)

    with on("torch"):
        jax.jit(f)(jax.numpy.float32(1))
        f(jax.numpy.float32(1))
        jax.vmap(lambda x: jax.debug.print("lane {}", x))(jax.numpy.arange(2))
    assert capsys.readouterr().out == "no values\nno values\nlane 0\nlane 1\n"
