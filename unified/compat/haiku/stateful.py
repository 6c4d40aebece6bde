"""JAX's transforms for functions that use modules: parameters, state and keys go in and come out beside the values.

Source: https://dm-haiku.readthedocs.io/en/latest/api.html#jax-fundamentals
"""

import contextlib
import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from unified.compat import jax
from unified.compat.haiku import frame as frames
from unified.compat.haiku.frame import assert_inside, current, local
from unified.compat.haiku.random import PRNGSequence
from unified.compat.haiku.variables import next_rng_keys
from unified.compat.jax import lax, tree_util
from unified.compat.jax import numpy as jnp

__all__ = [
    "cond",
    "eval_shape",
    "fori_loop",
    "grad",
    "jit",
    "map",
    "remat",
    "scan",
    "switch",
    "value_and_grad",
    "vmap",
    "while_loop",
]


class InternalState(NamedTuple):
    """What a part of a function reads and writes."""

    params: Any
    state: Any
    rng: Any


class StateChangedError(AssertionError):
    """State was changed where it must not be."""


def internal_state(*, params: bool = True) -> InternalState:
    """What there is now."""
    frame = current()
    keys = None if frame.rng is None else frame.rng.internal_state
    state = {name: dict(bundle) for name, bundle in frame.state.items()}
    return InternalState(frames.nested(frame.params) if params else None, state, keys)


def _update(target: Any, source: Any) -> None:
    for key, value in source.items():
        if isinstance(value, Mapping):
            _update(target.setdefault(key, {}), value)
        elif value is not None:  # which `difference` puts where nothing changed
            target[key] = value


def update_internal_state(new: InternalState) -> None:
    """Has the frame go on with what came out."""
    frame = current()
    if not frame.frozen and new.params is not None:
        _update(frame.params, new.params)
    _update(frame.state, new.state)
    if new.rng is not None:
        frame.rng.replace_internal_state(new.rng)  # type: ignore[union-attr]


class _Bundles(dict[str, Any]):
    """A dict of dicts, which makes the inner ones."""

    def __missing__(self, name: str) -> dict[str, Any]:
        found = self[name] = {}
        return found


@contextlib.contextmanager
def temporary_internal_state(given: InternalState, *, share_python_state: bool = False) -> Iterator[None]:
    """Runs over other values; `share_python_state` has names that are given within count outside too."""
    frame = current()
    params = frame.params if given.params is None else given.params
    keys = None if given.rng is None else PRNGSequence(given.rng)
    inner = frame.evolved(
        _Bundles(frames.nested(params)), _Bundles(frames.nested(given.state)), keys, shared=share_python_state
    )
    with frames.pushed(inner), inner.tracing():
        yield


def difference(before: InternalState, after: InternalState) -> InternalState:
    """`after`, with `None` for each value that is the same object as before."""

    def changed(old: Any, new: Any, is_new: Callable[[Any, Any], bool]) -> Any:
        return {
            name: {
                key: value if key not in old.get(name, {}) or is_new(old[name][key], value) else None
                for key, value in bundle.items()
            }
            for name, bundle in new.items()
        }

    params = changed(before.params, after.params, lambda a, b: a is not b)
    state = changed(before.state, after.state, lambda a, b: a.initial is not b.initial or a.current is not b.current)
    same = before.rng is not None and before.rng[0] is after.rng[0] and _same(before.rng[1], after.rng[1])
    return InternalState(params, state, None if same else after.rng)


def _same(a: Any, b: Any) -> bool:
    return len(a) == len(b) and all(x is y for x, y in zip(a, b, strict=True))


def _fill_keys() -> None:
    """Has as many keys ready as there always are, so that structures are equal at each step and in each branch."""
    keys = current().rng
    if keys is not None:
        keys.reserve_up_to_full()


def _inside(name: str, instead: str) -> None:
    if not local.frames:
        raise ValueError(
            f"hk.{name} carries the parameters, state and keys of a running transform, and none is running: call "
            f"{instead}"
        )


def value_and_grad(fun: Any, argnums: Any = 0, has_aux: bool = False, holomorphic: bool = False) -> Any:
    """`jax.value_and_grad` of a function that uses state."""
    _inside("grad", "jax.grad")

    @functools.wraps(fun)
    def run(*args: Any, **kwargs: Any) -> Any:
        given = kwargs.pop("hk_state")
        with temporary_internal_state(given):
            out = fun(*args, **kwargs)
            out, aux = out if has_aux else (out, None)
            return out, (aux, difference(given, internal_state()))

    differentiated = jax.value_and_grad(run, argnums=argnums, has_aux=True, holomorphic=holomorphic)

    @functools.wraps(fun)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        (value, (aux, state)), gradients = differentiated(*args, **kwargs, hk_state=internal_state())
        update_internal_state(state)
        return ((value, aux) if has_aux else value), gradients

    return wrapper


def grad(fun: Any, argnums: Any = 0, has_aux: bool = False, holomorphic: bool = False) -> Any:
    """`jax.grad` of a function that uses state."""
    both = value_and_grad(fun, argnums, has_aux, holomorphic)

    @functools.wraps(fun)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        value, gradients = both(*args, **kwargs)
        return (gradients, value[1]) if has_aux else gradients

    return wrapper


def _threaded(name: str, transform: Callable[[], Any]) -> Any:
    """A transform of functions, which takes parameters, state and keys through."""

    def decorate(fun: Any, *options: Any, **named: Any) -> Any:
        _inside(name, f"jax.{name}")

        @functools.wraps(fun)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            # A function of its own for each call: what it closes over differs, and JAX keeps what it traced.
            @functools.wraps(fun)
            def run(*args: Any, **kwargs: Any) -> Any:
                given = kwargs.pop("hk_state")
                with temporary_internal_state(given, share_python_state=True):
                    out = fun(*args, **kwargs)
                    return out, difference(given, internal_state())

            out, state = transform()(run, *options, **named)(*args, **kwargs, hk_state=internal_state())
            update_internal_state(state)
            return out

        return wrapper

    decorate.__name__ = decorate.__qualname__ = name
    decorate.__doc__ = f"`jax.{name}` of a function that uses parameters, state and keys."
    return decorate


jit = _threaded("jit", lambda: jax.jit)
remat = _threaded("remat", lambda: jax.remat)

HINT = (
    "Haiku's state has another structure after one branch than after the other. Run all branches in init, where "
    "variables are made:\n\n    if hk.running_init():\n        true_fun(x); out = false_fun(x)\n    else:\n        "
    "out = hk.cond(pred, true_fun, false_fun, x)\n"
)


@contextlib.contextmanager
def _hinting() -> Iterator[None]:
    try:
        yield
    except TypeError as error:
        if not current().frozen and "structure" in str(error):
            raise TypeError(f"{error}\n{HINT}") from error
        raise


def _branch(fun: Any) -> Any:
    @functools.wraps(fun)
    def run(operand: Any) -> Any:
        given, operands = operand
        with temporary_internal_state(given):
            out = fun(*operands)
            _fill_keys()
            return out, internal_state()

    return run


def cond(*args: Any, **kwargs: Any) -> Any:
    """`jax.lax.cond` of functions that use state: `cond(pred, true_fun, false_fun, *operands)`."""
    _inside("cond", "jax.lax.cond")
    if len(args) == 5 and callable(args[2]) and callable(args[4]):  # the order of older JAX
        pred, true_operand, true_fun, false_operand, false_fun = args
        functions = (lambda pair: true_fun(pair[0])), (lambda pair: false_fun(pair[1]))
        return _cond(pred, *functions, ((true_operand, false_operand),))
    return _new_cond(*args, **kwargs)


_NONE = object()


def _new_cond(
    pred: Any, true_fun: Any, false_fun: Any, *operands: Any, operand: Any = _NONE, linear: Any = None
) -> Any:
    if operand is not _NONE:
        if operands:
            raise ValueError(
                f"hk.cond cannot take operand= beside {len(operands)} operands by position: pass all of them "
                "positionally"
            )
        operands = (operand,)
    return _cond(pred, true_fun, false_fun, operands)


def _cond(pred: Any, true_fun: Any, false_fun: Any, operands: tuple[Any, ...]) -> Any:
    _fill_keys()
    first = _branch(true_fun)
    second = first if true_fun is false_fun else _branch(false_fun)
    with _hinting():
        out, state = lax.cond(pred, first, second, (internal_state(), operands))
    update_internal_state(state)
    return out


def switch(index: Any, branches: Any, *operands: Any) -> Any:
    """`jax.lax.switch` of functions that use state."""
    _inside("switch", "jax.lax.switch")
    _fill_keys()
    wrapped = {id(branch): _branch(branch) for branch in branches}
    with _hinting():
        out, state = lax.switch(index, tuple(wrapped[id(branch)] for branch in branches), (internal_state(), operands))
    update_internal_state(state)
    return out


@contextlib.contextmanager
def _no_new_parameters() -> Iterator[None]:
    def names() -> set[tuple[str, str]]:
        return {(m, k) for m, bundle in current().params.items() if isinstance(bundle, Mapping) for k in bundle}

    before = names()
    yield
    new = names() - before
    if new:
        raise AssertionError(
            f"New parameters were created: {', '.join(f'{m}/{k}' for m, k in sorted(new))}, after the first step of a "
            "loop, which has to make all of them; call the same modules in each step"
        )


def scan(f: Any, init: Any, xs: Any, length: int | None = None, reverse: bool = False, unroll: Any = 1) -> Any:
    """`jax.lax.scan` of a function that uses state. In init the first step makes the variables, without the loop."""
    _inside("scan", "jax.lax.scan")
    if length is None:
        length = tree_util.tree_leaves(xs)[0].shape[0]
    initializing = not current().frozen
    first: Any = None
    if initializing:
        if not length:
            x = tree_util.tree_map(lambda leaf: jnp.zeros(leaf.shape[1:], leaf.dtype), xs)
            _, y = f(init, x)
            return init, tree_util.tree_map(lambda leaf: jnp.zeros((0, *leaf.shape), leaf.dtype), y)
        place, rest = (-1, slice(None, -1)) if reverse else (0, slice(1, None))
        x = tree_util.tree_map(lambda leaf: leaf[place], xs)
        xs = tree_util.tree_map(lambda leaf: leaf[rest], xs)
        init, first = f(init, x)
        first = tree_util.tree_map(lambda leaf: jnp.expand_dims(leaf, 0), first)
        length -= 1
        if not length:
            return init, first

    @functools.wraps(f)
    def step(carry: Any, x: Any) -> Any:
        carry, state = carry
        with temporary_internal_state(state):
            with _no_new_parameters():
                carry, out = f(carry, x)
            _fill_keys()
            return (carry, internal_state(params=False)), out

    _fill_keys()
    (carry, state), ys = lax.scan(step, (init, internal_state(params=False)), xs, length, reverse, unroll=unroll)
    update_internal_state(state)
    if initializing:
        order = (lambda a, b: jnp.concatenate([b, a])) if reverse else (lambda a, b: jnp.concatenate([a, b]))
        ys = tree_util.tree_map(order, first, ys)
    return carry, ys


def map(f: Any, xs: Any) -> Any:
    """`jax.lax.map` of a function that uses state."""
    return scan(lambda _, x: ((), f(x)), (), xs)[1]


def fori_loop(lower: Any, upper: Any, body_fun: Any, init_val: Any) -> Any:
    """`jax.lax.fori_loop` of a function that uses state."""
    _inside("fori_loop", "jax.lax.fori_loop")

    @functools.wraps(body_fun)
    def step(i: Any, value: Any) -> Any:
        state, value = value
        with temporary_internal_state(state):
            value = body_fun(i, value)
            _fill_keys()
            return internal_state(), value

    if not current().frozen:
        init_val = body_fun(lower, init_val)
        lower = lower + 1
        with contextlib.suppress(Exception):  # bounds that are traced have no value
            if int(upper - lower) == 0:
                return init_val
    _fill_keys()
    state, value = lax.fori_loop(lower, upper, step, (internal_state(), init_val))
    update_internal_state(state)
    return value


def _all_ids() -> Any:
    frame = current()
    keys = () if frame.rng is None else (frame.rng.internal_state[0], *frame.rng.internal_state[1])
    return (
        {id(v) for bundle in frame.params.values() for v in bundle.values()},
        {id(v) for bundle in frame.state.values() for v in bundle.values()},
        [id(key) for key in keys],
    )


@contextlib.contextmanager
def assert_state_unchanged() -> Iterator[None]:
    """Raises `StateChangedError` if the block changes parameters, state or keys."""
    before = _all_ids()
    yield
    if _all_ids() != before:
        raise StateChangedError(
            "parameters, state or keys changed where they may only be read; hk.get_parameter changes them if it makes "
            "one, hk.set_state and hk.next_rng_key always"
        )


def while_loop(cond_fun: Any, body_fun: Any, init_val: Any) -> Any:
    """`jax.lax.while_loop` of a function that uses state; not in init."""
    assert_inside("while_loop")
    if not current().frozen:
        raise ValueError(
            "hk.while_loop does not support initialization: variables are made by running the body, which the loop may "
            "not do even once. Call the body itself in init:\n\n    x = body_fun(x) if hk.running_init() else "
            "hk.while_loop(cond_fun, body_fun, x)\n"
        )

    @functools.wraps(cond_fun)
    def test(value: Any) -> Any:
        try:
            with assert_state_unchanged():
                return cond_fun(value[0])
        except StateChangedError as error:
            raise ValueError(
                "the condition of a loop cannot store anything: hk.while_loop does not support calls of hk.set_state, "
                "hk.next_rng_key and their like in `cond_fun`; move them into body_fun"
            ) from error

    @functools.wraps(body_fun)
    def step(value: Any) -> Any:
        value, state = value
        with temporary_internal_state(state):
            value = body_fun(value)
            _fill_keys()
            return value, internal_state()

    _fill_keys()
    value, state = lax.while_loop(test, step, (init_val, internal_state()))
    update_internal_state(state)
    return value


def _mapped_size(args: Any, in_axes: Any) -> int:
    def size(axis: Any, arrays: Any) -> Any:
        if axis is None:
            return None
        shapes = [leaf.shape for leaf in tree_util.tree_leaves(arrays)]
        sizes = {shape[axis] for shape in shapes}
        if len(sizes) != 1:
            raise ValueError(
                f"hk.vmap maps axis {axis} of arrays whose shapes {shapes} differ there: give all of them one size, or "
                "None in in_axes to those that are not mapped"
            )
        return sizes.pop()

    found = tree_util.tree_map(size, in_axes, args, is_leaf=lambda leaf: leaf is None)
    return tree_util.tree_leaves(found)[0]


class _Vmap:
    """`hk.vmap`; `hk.vmap.require_split_rng = False` lets `split_rng` be left out."""

    require_split_rng = True
    __name__ = __qualname__ = "vmap"

    def __call__(
        self, fun: Any, in_axes: Any = 0, out_axes: Any = 0, axis_name: Any = None, axis_size: int | None = None, *,
        split_rng: Any = _NONE, spmd_axis_name: Any = None,
    ) -> Any:  # fmt: skip
        """`jax.vmap` of a function that uses state, over which parameters and state are not mapped.

        Args:
            fun: the function.
            in_axes: as `jax.vmap` takes it.
            out_axes: as `jax.vmap` takes it.
            axis_name: as `jax.vmap` takes it.
            axis_size: as `jax.vmap` takes it.
            split_rng: whether each lane has keys of its own; in init, where parameters are made, `False`.
            spmd_axis_name: as `jax.vmap` takes it.
        """
        if split_rng is _NONE:
            if self.require_split_rng:
                raise TypeError(
                    "hk.vmap does not know whether lanes share keys: pass split_rng=True for keys of its own to each, "
                    "or split_rng=False. Where calls cannot be edited, `hk.vmap.require_split_rng = False` lets them "
                    "leave it out"
                )
            split_rng = False
        if not tree_util.tree_leaves(in_axes):
            raise ValueError(
                f"{fun.__name__} must have at least one non-None value in in_axes, by which hk.vmap counts the lanes; "
                f"got in_axes={in_axes}"
            )
        in_axes = tuple(in_axes) if isinstance(in_axes, list) else in_axes
        state_axes = InternalState(None, None, 0 if split_rng else None)

        @functools.wraps(fun)
        def run(args: Any, given: InternalState) -> Any:
            if split_rng:
                given = given._replace(rng=PRNGSequence(given.rng).internal_state)
            with temporary_internal_state(given):
                out = fun(*args)
                return out, difference(given, internal_state())

        @functools.wraps(fun)
        def mapped(*args: Any) -> Any:
            assert_inside("vmap")
            over_lanes = jax.vmap(
                run, in_axes=(in_axes, state_axes), out_axes=(out_axes, state_axes), axis_name=axis_name,
                axis_size=axis_size, spmd_axis_name=spmd_axis_name,
            )  # fmt: skip
            state = internal_state()
            saved = None
            if split_rng:
                keys = next_rng_keys(_mapped_size(args, in_axes))
                saved = internal_state().rng
                state = state._replace(rng=keys)
            try:
                out, new = over_lanes(args, state)
            except ValueError as error:
                if split_rng and not current().frozen and "out_axes" in str(error):
                    raise ValueError(
                        "all lanes of hk.vmap share their parameters, which come out different if each lane draws them "
                        "from a key of its own. Do not set split_rng to True during initialization: pass "
                        "split_rng=not hk.running_init()"
                    ) from error
                raise
            update_internal_state(new._replace(rng=saved) if split_rng else new)
            return out

        return mapped


vmap = _Vmap()


def eval_shape(fun: Any, *args: Any, **kwargs: Any) -> Any:
    """`jax.eval_shape` of a function that uses state, whose changes are dropped."""
    _inside("eval_shape", "jax.eval_shape")

    @functools.wraps(fun)
    def run(state: InternalState, *args: Any, **kwargs: Any) -> Any:
        with temporary_internal_state(state):
            return fun(*args, **kwargs)

    return jax.eval_shape(run, internal_state(), *args, **kwargs)
