"""JAX's transforms for functions that use modules: parameters, state and keys pass through beside the values.

Source: https://dm-haiku.readthedocs.io/en/latest/api.html#jax-fundamentals
"""

import functools
from collections.abc import Callable
from typing import Any

from unified.compat import jax
from unified.compat.haiku.frame import assert_inside, current
from unified.compat.haiku.internal_state import (
    InternalState,
    check_running,
    difference,
    internal_state,
    temporary_internal_state,
    update_internal_state,
)
from unified.compat.haiku.keys import next_rng_keys
from unified.compat.haiku.random import PRNGSequence
from unified.compat.jax import tree_util

__all__ = ["eval_shape", "grad", "jit", "remat", "value_and_grad", "vmap"]


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
    check_running("value_and_grad", "jax.value_and_grad")

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
    check_running("grad", "jax.grad")
    differentiated = value_and_grad(fun, argnums, has_aux, holomorphic)

    @functools.wraps(fun)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        value, gradients = differentiated(*args, **kwargs)
        return (gradients, value[1]) if has_aux else gradients

    return wrapper


def _make_transform(name: str, transform: Callable[[], Any]) -> Any:
    """Return a transform of functions that passes parameters, state and keys through."""

    def decorate(fun: Any, *options: Any, **named: Any) -> Any:
        check_running(name, f"jax.{name}")

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


_NONE = object()


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
    check_running("eval_shape", "jax.eval_shape")

    @functools.wraps(fun)
    def run(state: InternalState, *args: Any, **kwargs: Any) -> Any:
        with temporary_internal_state(state):
            return fun(*args, **kwargs)

    return jax.eval_shape(run, internal_state(), *args, **kwargs)
