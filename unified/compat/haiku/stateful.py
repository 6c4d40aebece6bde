"""JAX's transforms for functions that use modules: parameters, state and keys pass through beside the values.

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
    """The parameters, state and keys that part of a function reads and writes."""

    params: Any
    state: Any
    rng: Any


class StateChangedError(AssertionError):
    """Raised where parameters, state or keys changed and must not."""


def internal_state(*, params: bool = True) -> InternalState:
    """Return copies of the parameters, state and keys as they are now."""
    frame = current()
    keys = None if frame.rng is None else frame.rng.internal_state
    state = {name: dict(bundle) for name, bundle in frame.state.items()}
    return InternalState(frames.copy_bundles(frame.params) if params else None, state, keys)


def _update(target: Any, source: Any) -> None:
    for key, value in source.items():
        if isinstance(value, Mapping):
            _update(target.setdefault(key, {}), value)
        elif value is not None:  # by which `difference` marks an unchanged value
            target[key] = value


def update_internal_state(new: InternalState) -> None:
    """Write the outputs of a transform back into the frame."""
    frame = current()
    if not frame.frozen and new.params is not None:
        _update(frame.params, new.params)
    _update(frame.state, new.state)
    if new.rng is not None:
        frame.rng.replace_internal_state(new.rng)  # type: ignore[union-attr]


class _Bundles(dict[str, Any]):
    """A dict of dicts that creates an inner dict when it is first read."""

    def __missing__(self, name: str) -> dict[str, Any]:
        bundle = self[name] = {}
        return bundle


@contextlib.contextmanager
def temporary_internal_state(state: InternalState, *, share_python_state: bool = False) -> Iterator[None]:
    """Use other values for a block; with `share_python_state`, names used within count outside too."""
    frame = current()
    params = frame.params if state.params is None else state.params
    keys = None if state.rng is None else PRNGSequence(state.rng)
    inner = frame.derive(
        _Bundles(frames.copy_bundles(params)),
        _Bundles(frames.copy_bundles(state.state)),
        keys,
        shared=share_python_state,
    )
    with frames.push(inner), inner.tracing():
        yield


def difference(before: InternalState, after: InternalState) -> InternalState:
    """Return `after`, with `None` in place of each value that is the same object as before."""

    def keep_changes(old: Any, new: Any, is_new: Callable[[Any, Any], bool]) -> Any:
        return {
            name: {
                key: value if key not in old.get(name, {}) or is_new(old[name][key], value) else None
                for key, value in bundle.items()
            }
            for name, bundle in new.items()
        }

    params = keep_changes(before.params, after.params, lambda a, b: a is not b)
    state = keep_changes(
        before.state, after.state, lambda a, b: a.initial is not b.initial or a.current is not b.current
    )
    same_keys = before.rng is not None and _are_identical(
        (before.rng[0], *before.rng[1]), (after.rng[0], *after.rng[1])
    )
    return InternalState(params, state, None if same_keys else after.rng)


def _are_identical(a: Any, b: Any) -> bool:
    return len(a) == len(b) and all(x is y for x, y in zip(a, b, strict=True))


def _fill_keys() -> None:
    """Reserve keys up to the usual number, so that all steps and branches have equal structures."""
    keys = current().rng
    if keys is not None:
        keys.reserve_up_to_full()


def _check_running(name: str, instead: str) -> None:
    if not local.frames:
        raise ValueError(
            f"hk.{name} carries the parameters, state and keys of a running transform, and none is running: call "
            f"{instead}"
        )


def value_and_grad(fun: Any, argnums: Any = 0, has_aux: bool = False, holomorphic: bool = False) -> Any:
    """Return a function for the value and the gradient of one that uses parameters, state and keys.

    Args:
        fun: a function that may call modules and change state.
        argnums: the arguments to differentiate with respect to, an integer or several; parameters are none.
        has_aux: whether `fun` returns `(value, extra)`.
        holomorphic: whether it is complex and holomorphic; torch takes `False` only.

    Returns:
        A function with the arguments of `fun`: `(value, gradient)`, or `((value, extra), gradient)` with `has_aux`.

    >>> import torch, unified.compat.haiku as hk
    >>> def forward(x):
    ...     return hk.value_and_grad(lambda x: (hk.Bias()(x) ** 2).sum())(x)
    >>> net = hk.transform(forward, backend="torch")
    >>> value, gradient = net.apply(net.init(0, torch.ones(1, 2)), None, torch.ones(1, 2))
    >>> value.item(), gradient.tolist()
    (2.0, [[2.0, 2.0]])
    """
    _check_running("grad", "jax.grad")

    @functools.wraps(fun)
    def run(*args: Any, **kwargs: Any) -> Any:
        before = kwargs.pop("hk_state")
        with temporary_internal_state(before):
            out = fun(*args, **kwargs)
            out, aux = out if has_aux else (out, None)
            return out, (aux, difference(before, internal_state()))

    differentiated = jax.value_and_grad(run, argnums=argnums, has_aux=True, holomorphic=holomorphic)

    @functools.wraps(fun)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        (value, (aux, state)), gradients = differentiated(*args, **kwargs, hk_state=internal_state())
        update_internal_state(state)
        return ((value, aux) if has_aux else value), gradients

    return wrapper


def grad(fun: Any, argnums: Any = 0, has_aux: bool = False, holomorphic: bool = False) -> Any:
    """Return a function for the gradient of one that uses parameters, state and keys.

    Args:
        fun: a function that may call modules and change state.
        argnums: the arguments to differentiate with respect to, an integer or several; parameters are none.
        has_aux: whether `fun` returns `(value, extra)`.
        holomorphic: whether it is complex and holomorphic; torch takes `False` only.

    Returns:
        A function with the arguments of `fun`: the gradient, or `(gradient, extra)` with `has_aux`.

    >>> import torch, unified.compat.haiku as hk
    >>> def forward(x):
    ...     return hk.grad(lambda x: (hk.Bias()(x) ** 2).sum())(x)
    >>> net = hk.transform(forward, backend="torch")
    >>> net.apply(net.init(0, torch.ones(1, 2)), None, torch.ones(1, 2)).tolist()
    [[2.0, 2.0]]
    """
    differentiated = value_and_grad(fun, argnums, has_aux, holomorphic)

    @functools.wraps(fun)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        value, gradients = differentiated(*args, **kwargs)
        return (gradients, value[1]) if has_aux else gradients

    return wrapper


def _make_transform(name: str, transform: Callable[[], Any]) -> Any:
    """Return a transform of functions that passes parameters, state and keys through."""

    def decorate(fun: Any, *options: Any, **named: Any) -> Any:
        _check_running(name, f"jax.{name}")

        @functools.wraps(fun)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            # JAX caches traces by function, and the closure differs between calls: each call needs a new function.
            @functools.wraps(fun)
            def run(*args: Any, **kwargs: Any) -> Any:
                before = kwargs.pop("hk_state")
                with temporary_internal_state(before, share_python_state=True):
                    out = fun(*args, **kwargs)
                    return out, difference(before, internal_state())

            out, state = transform()(run, *options, **named)(*args, **kwargs, hk_state=internal_state())
            update_internal_state(state)
            return out

        return wrapper

    decorate.__name__ = decorate.__qualname__ = name
    decorate.__doc__ = f"""Return `jax.{name}` of a function that uses parameters, state and keys.

    Args:
        fun: the function, which may call modules.
        *options, **named: the other arguments of `jax.{name}`.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(lambda x: hk.{name}(lambda x: hk.Linear(3)(x))(x), backend="torch")
    >>> list(net.apply(net.init(0, torch.ones(1, 2)), None, torch.ones(1, 2)).shape)
    [1, 3]
    """
    return decorate


jit = _make_transform("jit", lambda: jax.jit)
remat = _make_transform("remat", lambda: jax.remat)

HINT = (
    "Haiku's state has another structure after one branch than after the other. Run all branches in init, where "
    "variables are made:\n\n    if hk.running_init():\n        true_fun(x); out = false_fun(x)\n    else:\n        "
    "out = hk.cond(pred, true_fun, false_fun, x)\n"
)


@contextlib.contextmanager
def _add_hint() -> Iterator[None]:
    try:
        yield
    except TypeError as error:
        if not current().frozen and "structure" in str(error):
            raise TypeError(f"{error}\n{HINT}") from error
        raise


def _wrap_branch(fun: Any) -> Any:
    @functools.wraps(fun)
    def run(operand: Any) -> Any:
        state, operands = operand
        with temporary_internal_state(state):
            out = fun(*operands)
            _fill_keys()
            return out, internal_state()

    return run


def cond(*args: Any, **kwargs: Any) -> Any:
    """Run one of two functions that use state, as `jax.lax.cond` does: `cond(pred, true_fun, false_fun, *operands)`.

    In `init` both run, so that both have their variables; the state that stays is that of the one that was chosen.

    Args:
        *args: the condition, two functions, and their operands.
        **kwargs: the same by name: `pred=`, `true_fun=`, `false_fun=`, `operand=`.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(lambda x: hk.cond(x.sum() > 0, lambda x: x + 1, lambda x: x - 1, x), backend="torch")
    >>> net.apply(net.init(0, torch.ones(2)), None, torch.ones(2))
    tensor([2., 2.])
    """
    _check_running("cond", "jax.lax.cond")
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
    first = _wrap_branch(true_fun)
    second = first if true_fun is false_fun else _wrap_branch(false_fun)
    with _add_hint():
        out, state = lax.cond(pred, first, second, (internal_state(), operands))
    update_internal_state(state)
    return out


def switch(index: Any, branches: Any, *operands: Any) -> Any:
    """Run one of several functions that use state, as `jax.lax.switch` does.

    Args:
        index: the number of the function; it is clipped to those that there are.
        branches: functions of the operands, whose results have one structure.
        *operands: their arguments.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(lambda x: hk.switch(1, [lambda x: x, lambda x: x + 1], x), backend="torch")
    >>> net.apply(net.init(0, torch.ones(2)), None, torch.ones(2))
    tensor([2., 2.])
    """
    _check_running("switch", "jax.lax.switch")
    _fill_keys()
    by_id = {id(branch): _wrap_branch(branch) for branch in branches}
    with _add_hint():
        out, state = lax.switch(index, tuple(by_id[id(branch)] for branch in branches), (internal_state(), operands))
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
    """Run a function that uses state over the first axis of arrays, as `jax.lax.scan` does.

    In init the first step runs alone and makes the variables.

    Args:
        f: `carry, y = f(carry, x)`.
        init: the first carry.
        xs: a tree of arrays `[steps, ...]`, or `None` with a `length`.
        length: the number of steps, where there are no `xs`.
        reverse: whether to begin with the last step.
        unroll: the number of steps in one iteration of the loop.

    Returns:
        The last carry, and the results stacked along a new first axis.

    >>> import torch, unified.compat.haiku as hk
    >>> def forward(x):
    ...     bias = hk.Bias()
    ...     step = lambda carry, row: (bias(carry + row), carry)
    ...     return hk.scan(step, torch.zeros(1, 2), x)
    >>> net = hk.transform(forward, backend="torch")
    >>> x = torch.ones(3, 1, 2)
    >>> carry, ys = net.apply(net.init(0, x), None, x)
    >>> carry.tolist(), list(ys.shape)
    ([[3.0, 3.0]], [3, 1, 2])
    """
    _check_running("scan", "jax.lax.scan")
    if length is None:
        length = tree_util.tree_leaves(xs)[0].shape[0]
    initializing = not current().frozen
    first: Any = None
    if initializing:
        if not length:
            x = tree_util.tree_map(lambda leaf: jnp.zeros(leaf.shape[1:], leaf.dtype), xs)
            _, y = f(init, x)
            return init, tree_util.tree_map(lambda leaf: jnp.zeros((0, *leaf.shape), leaf.dtype), y)
        index, rest = (-1, slice(None, -1)) if reverse else (0, slice(1, None))
        x = tree_util.tree_map(lambda leaf: leaf[index], xs)
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
    """Run a function that uses state on each element along the first axis, as `jax.lax.map` does.

    Args:
        f: a function of one element.
        xs: a tree of arrays `[steps, ...]`.

    Returns:
        The results, stacked along a new first axis.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(lambda x: hk.map(lambda one: one + 1, x), backend="torch")
    >>> net.apply(net.init(0, torch.ones(2)), None, torch.ones(2))
    tensor([2., 2.])
    """
    return scan(lambda _, x: ((), f(x)), (), xs)[1]


def fori_loop(lower: Any, upper: Any, body_fun: Any, init_val: Any) -> Any:
    """Run a function that uses state for each integer from `lower` to below `upper`, as `jax.lax.fori_loop` does.

    Args:
        lower: the first integer.
        upper: the integer after the last one.
        body_fun: `value = body_fun(i, value)`.
        init_val: the first value.

    Returns:
        The last value.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(lambda x: hk.fori_loop(0, 3, lambda i, value: value + i, x), backend="torch")
    >>> net.apply(net.init(0, torch.ones(2)), None, torch.ones(2))
    tensor([4., 4.])
    """
    _check_running("fori_loop", "jax.lax.fori_loop")

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
        with contextlib.suppress(Exception):  # traced bounds have no value
            if int(upper - lower) == 0:
                return init_val
    _fill_keys()
    state, value = lax.fori_loop(lower, upper, step, (internal_state(), init_val))
    update_internal_state(state)
    return value


def _value_ids() -> Any:
    frame = current()
    keys = () if frame.rng is None else (frame.rng.internal_state[0], *frame.rng.internal_state[1])
    return (
        {id(v) for bundle in frame.params.values() for v in bundle.values()},
        {id(v) for bundle in frame.state.values() for v in bundle.values()},
        [id(key) for key in keys],
    )


@contextlib.contextmanager
def assert_state_unchanged() -> Iterator[None]:
    """Raise `StateChangedError` if the block changes parameters, state or keys."""
    before = _value_ids()
    yield
    if _value_ids() != before:
        raise StateChangedError(
            "parameters, state or keys changed where they may only be read; hk.get_parameter changes them if it makes "
            "one, hk.set_state and hk.next_rng_key always"
        )


def while_loop(cond_fun: Any, body_fun: Any, init_val: Any) -> Any:
    """Run a function that uses state while a condition holds, as `jax.lax.while_loop` does.

    Args:
        cond_fun: a function of the value that returns a truth, and changes no state.
        body_fun: `value = body_fun(value)`.
        init_val: the first value.

    Returns:
        The first value for which the condition fails.

    Raises `ValueError` in init, where nobody can say that a step runs: make the variables before, where
    `hk.running_init()`.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(
    ...     lambda x: x if hk.running_init() else hk.while_loop(lambda v: v[0] < 5, lambda v: 2 * v, x), backend="torch"
    ... )
    >>> net.apply(net.init(0, torch.ones(2)), None, torch.ones(2))
    tensor([8., 8.])
    """
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


def _axis_size(args: Any, in_axes: Any) -> int:
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

    mapped_sizes = tree_util.tree_map(size, in_axes, args, is_leaf=lambda leaf: leaf is None)
    return tree_util.tree_leaves(mapped_sizes)[0]


class _Vmap:
    """`jax.vmap` of a function that uses state; `hk.vmap.require_split_rng = False` makes `split_rng` optional.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(lambda x: hk.vmap(hk.Linear(3), split_rng=False)(x), backend="torch")
    >>> list(net.apply(net.init(0, torch.ones(5, 2)), None, torch.ones(5, 2)).shape)
    [5, 3]
    """

    require_split_rng = True
    __name__ = __qualname__ = "vmap"

    def __call__(
        self, fun: Any, in_axes: Any = 0, out_axes: Any = 0, axis_name: Any = None, axis_size: int | None = None, *,
        split_rng: Any = _NONE, spmd_axis_name: Any = None,
    ) -> Any:  # fmt: skip
        """Return `jax.vmap` of a function that uses state; its parameters and state are not mapped.

        Args:
            fun: the function.
            in_axes: as `jax.vmap` takes it.
            out_axes: as `jax.vmap` takes it.
            axis_name: as `jax.vmap` takes it.
            axis_size: as `jax.vmap` takes it.
            split_rng: whether each element along the mapped axis has separate keys; `False` in init, where parameters
                are created.
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
        def run(args: Any, before: InternalState) -> Any:
            if split_rng:
                before = before._replace(rng=PRNGSequence(before.rng).internal_state)
            with temporary_internal_state(before):
                out = fun(*args)
                return out, difference(before, internal_state())

        @functools.wraps(fun)
        def mapped(*args: Any) -> Any:
            assert_inside("vmap")
            mapped_run = jax.vmap(
                run, in_axes=(in_axes, state_axes), out_axes=(out_axes, state_axes), axis_name=axis_name,
                axis_size=axis_size, spmd_axis_name=spmd_axis_name,
            )  # fmt: skip
            state = internal_state()
            outer_keys = None
            if split_rng:
                keys = next_rng_keys(_axis_size(args, in_axes))
                outer_keys = internal_state().rng
                state = state._replace(rng=keys)
            try:
                out, new = mapped_run(args, state)
            except ValueError as error:
                if split_rng and not current().frozen and "out_axes" in str(error):
                    raise ValueError(
                        "all lanes of hk.vmap share their parameters, which come out different if each lane draws them "
                        "from a key of its own. Do not set split_rng to True during initialization: pass "
                        "split_rng=not hk.running_init()"
                    ) from error
                raise
            update_internal_state(new._replace(rng=outer_keys) if split_rng else new)
            return out

        return mapped


vmap = _Vmap()


def eval_shape(fun: Any, *args: Any, **kwargs: Any) -> Any:
    """Return the shapes and dtypes of the results of a function that uses state, whose changes are discarded.

    Args:
        fun: the function.
        *args, **kwargs: its arguments, or their shapes and dtypes.

    Returns:
        The tree of results with a `jax.ShapeDtypeStruct` for each array.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(lambda x: hk.eval_shape(lambda x: x + 1, x), backend="torch")
    >>> net.apply({}, None, torch.ones(2)).shape
    (2,)
    """
    _check_running("eval_shape", "jax.eval_shape")

    @functools.wraps(fun)
    def run(state: InternalState, *args: Any, **kwargs: Any) -> Any:
        with temporary_internal_state(state):
            return fun(*args, **kwargs)

    return jax.eval_shape(run, internal_state(), *args, **kwargs)
